"""`cutfarm render --passthrough`: what is copied is said, and nothing that draws is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.commands.drafts import Ran
from tests.media.sources import digests, source


def test_a_whole_film_is_copied(folder: Path, out: Path) -> None:
    film = source(folder / "film.mp4")
    command = ["render", str(folder), "-o", str(out / "a.mp4"), "--passthrough", "--report", str(out / "a.json")]
    code = f"import sys\nfrom cutfarm.cli import app\napp({command!r}, standalone_mode=False)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert not {"torch", "skia", "uharfbuzz"} & set(done.stdout.split())
    assert "are copied from film.mp4, not encoded again" in done.stderr
    (entry,) = json.loads((out / "a.json").read_text())
    assert (entry["fidelity"], entry["what"]) == ("exact", "passthrough")
    assert digests(out / "a.mp4") == digests(film)


def test_what_cannot_be_copied_is_said(folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    code, _, said = cutfarm("render", folder, "-o", out / "a.mp4", "--passthrough")
    assert code == 0
    assert "Nothing is copied from film.mp4: its colours are not 8-bit BT.709 of limited range." in said


def test_a_cache_beside_it_keeps_what_was_encoded(folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    source(folder / "film.mp4", "bframes=0", gop=25)
    draft = json.loads((folder / "draft_content.json").read_text())
    clip = draft["tracks"][0]["segments"][0]
    clip["source_timerange"]["start"] = 333_333
    clip["target_timerange"]["duration"] = clip["source_timerange"]["duration"] = 1_500_000
    (folder / "draft_content.json").write_text(json.dumps(draft))
    for name in ("a.mp4", "b.mp4"):
        code, _, _ = cutfarm("render", folder, "-o", out / name, "--passthrough", "--cache", out / "cache")
        assert code == 0
    assert digests(out / "a.mp4") == digests(out / "b.mp4")
    assert [digest for _, digest in digests(out / "a.mp4")][15:] == [
        digest for _, digest in digests(folder / "film.mp4")
    ][25:55]
