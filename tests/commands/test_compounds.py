"""Drafts with compound clips through the command: looked at, drawn, rendered, and kept in a cache."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from tests.commands.drafts import SECOND, Draft, Ran, draft_of, segment, write
from tests.media.film import number_in


def holding(inner: Draft, name: str = "Both of us", **more: Any) -> Draft:
    """A draft that shows `inner` as a compound clip and nothing else."""
    stub = {"id": "stub", "type": "video", "path": "", "material_name": "the stub"}
    shown = segment("stub", 0, 2, extra_material_refs=[name], **more)
    held = {"id": name, "type": "combination", "name": name, "draft": inner}
    return draft_of("film.mp4") | {
        "tracks": [{"type": "video", "segments": [shown]}],
        "materials": {"videos": [stub], "drafts": [held]},
    }


def twice(inner: Draft, **more: Any) -> Draft:
    return holding(holding(inner, **more), "All of us")


@pytest.fixture
def nested(folder: Path) -> Path:
    write(folder, twice(draft_of("film.mp4")))
    return folder


def numbers(path: Path) -> list[int]:
    with av.open(str(path)) as file:
        return [number_in(planes_of(Picture(frame)).y.numpy()) for frame in file.decode(video=0)]


def test_inspect_shows_what_is_in_them(nested: Path, cutfarm: Callable[..., Ran]) -> None:
    code, said, _ = cutfarm("inspect", nested)
    assert code == 0
    lines = [line.split() for line in said.splitlines() if " video" in line]
    assert [line[0] for line in lines] == ["0", "0", "0"]
    assert [" ".join(line[5:]) for line in lines] == ["All of us (1 video)", "Both of us (1 video)", "film.mp4"]
    plain = json.loads(cutfarm("inspect", nested, "--json")[1])
    [outer] = plain["tracks"][0]["segments"]
    [middle] = outer["draft"]["tracks"][0]["segments"]
    [innermost] = middle["draft"]["tracks"][0]["segments"]
    assert (outer["shows"], innermost["shows"]) == ("All of us (1 video)", "film.mp4")
    assert list(plain["files"]) == ["film.mp4"]


def test_frame_and_render_show_the_film(nested: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    assert cutfarm("frame", nested, "--at", "1", "-o", out / "a.png")[0] == 0
    assert number_in(np.asarray(Image.open(out / "a.png").convert("L"))) == 30
    assert cutfarm("render", nested, "-o", out / "a.mp4", "--chunks", "3")[0] == 0
    assert numbers(out / "a.mp4") == list(range(60))


def test_a_cache_knows_the_inside(nested: Path, out: Path, tmp_path: Path, cutfarm: Callable[..., Ran]) -> None:
    """Other ids are the same pictures; another inner start is not."""
    cache = tmp_path / "cache"

    def rendered(name: str) -> int:
        assert cutfarm("render", nested, "-o", out / name, "--cache", cache)[0] == 0
        return sum(path.is_file() for path in cache.rglob("*"))

    first = rendered("one.mp4")
    draft = json.dumps(twice(draft_of("film.mp4")))
    write(nested, json.loads(draft.replace("segment-", "anew-").replace('"All of us"', '"All of you"')))
    assert rendered("two.mp4") == first
    late = {
        "source_timerange": {"start": SECOND // 2, "duration": SECOND},
        "target_timerange": {"start": 0, "duration": SECOND},
    }
    write(nested, twice(draft_of("film.mp4"), **late))
    assert rendered("three.mp4") > first
    assert numbers(out / "three.mp4")[:3] == [15, 16, 17]


def test_a_missing_file_within_is_named(nested: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    (nested / "film.mp4").unlink()
    code, _, said = cutfarm("render", nested, "-o", out / "a.mp4")
    assert code == 2
    assert "film.mp4" in said
    assert "segment segment-film" in said
