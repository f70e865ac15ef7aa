"""`cutfarm render --cache`, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.drafts import Draft, Ran, draft_of, segment, write
from tests.render.scene import numbers_in

_TOLD = """
import sys
from cutfarm import cli
from cutfarm.media import container
real, opened = container.open_media, []
container.open_media = lambda path, *more: opened.append(path) or real(path, *more)
sys.argv[0] = "cutfarm"
try:
    cli.main()
finally:
    print("loaded", *sys.modules)
    print("opened", *opened)
"""


def with_words(words: str) -> Draft:
    content = json.dumps({"text": words, "styles": []})
    draft = draft_of("film.mp4")
    draft["tracks"].append({"type": "text", "segments": [segment("words", 0.5, 1)]})
    draft["materials"]["texts"] = [{"id": "words", "type": "text", "content": content}]
    return draft


@pytest.fixture
def words(folder: Path) -> Path:
    """A draft of two seconds with a caption; its film was not written just now."""
    write(folder, with_words("words"))
    os.utime(folder / "film.mp4", (1_500_000_000, 1_500_000_000))
    return folder


def told(*options: str | Path) -> dict[str, set[str]]:
    """What a fresh process loads and opens while it renders."""
    command = [sys.executable, "-c", _TOLD, "render", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()}


def test_what_is_found_needs_neither_tensors_nor_media(words: Path, out: Path, tmp_path: Path) -> None:
    options = (words, "-o", out / "film.mp4", "--cache", tmp_path / "cache")
    first = told(*options)
    assert "torch" in first["loaded"]  # a caption is laid over the film
    assert str(words / "film.mp4") in first["opened"]
    again = told(*options)
    heavy = {"torch", "torchaudio", "skia", "uharfbuzz", "PIL", "cutfarm.render.segment", "cutfarm.media.video"}
    assert not again["loaded"] & heavy
    assert str(words / "film.mp4") not in again["opened"]
    assert numbers_in(out / "film.mp4") == list(range(60))


def test_an_edited_caption_is_seen(words: Path, out: Path, tmp_path: Path, cutfarm: Callable[..., Ran]) -> None:
    options = ("render", words, "-o", out / "film.mp4", "--cache", tmp_path / "cache")
    said = cutfarm(*options)
    assert said[0] == 0
    before = (out / "film.mp4").read_bytes()
    assert cutfarm(*options) == said  # the report of fonts too
    assert (out / "film.mp4").read_bytes() == before
    write(words, with_words("other words"))
    assert cutfarm(*options)[0] == 0
    assert (out / "film.mp4").read_bytes() != before
    assert len(list((tmp_path / "cache" / "segments").iterdir())) == 2


def test_a_film_of_the_same_name_is_seen(words: Path, out: Path, tmp_path: Path, cutfarm: Callable[..., Ran]) -> None:
    options = ("render", words, "-o", out / "film.mp4", "--cache", tmp_path / "cache", "--range", "0:0.2")
    assert cutfarm(*options)[0] == 0
    (words / "film.mp4").write_bytes(b"no film any more")
    code, _, said = cutfarm(*options)
    assert code == 2
    assert "film.mp4" in said


def test_a_cache_that_cannot_be(words: Path, out: Path, tmp_path: Path, cutfarm: Callable[..., Ran]) -> None:
    (tmp_path / "file").write_text("")
    code, _, said = cutfarm("render", words, "-o", out / "film.mp4", "--cache", tmp_path / "file")
    assert (code, list(out.iterdir())) == (2, [])
    assert said.startswith(f"cutfarm: the cache folder {tmp_path / 'file'} cannot be used")


def test_a_cache_that_is_full_is_told_of(words: Path, out: Path, tmp_path: Path, cutfarm: Callable[..., Ran]) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "content").write_text("in the way")
    code, _, said = cutfarm("render", words, "-o", out / "film.mp4", "--cache", tmp_path / "cache")
    assert code == 0
    assert "The cache is not complete: Cannot write" in said
    assert numbers_in(out / "film.mp4") == list(range(60))
