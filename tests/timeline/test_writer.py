"""A draft that is written back is the draft that was read, but for what was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.model import Canvas, PictureSegment, Segment, Timeline, Transform
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.time import TimeRange
from cutfarm.timeline.writer import write_draft

Change = Callable[[PictureSegment], Segment]

DRAFT = {
    "canvas_config": {"width": 320, "height": 240, "ratio": "4:3"},
    "fps": 30.0,
    "duration": 3_000_000,
    "a_field_of_the_future": {"kept": [1, None, "x"]},
    "materials": {
        "videos": [{"id": "m", "type": "video", "path": "a.mp4", "width": 320, "height": 240, "own": 7}],
        "crystals": [{"id": "c", "glow": 0.25}],
    },
    "tracks": [
        {
            "type": "video",
            "attribute": 4,
            "segments": [
                {
                    "id": "s",
                    "material_id": "m",
                    "extra_material_refs": ["c"],
                    "target_timerange": {"start": 1_000_000 * number, "duration": 1_000_000},
                    "source_timerange": {"start": 0, "duration": 1_000_000, "note": "kept"},
                    "clip": {"alpha": 1.0, "rotation": 0.0, "warp": {"kept": True}},
                    "mood": "blue",
                }
                for number in range(3)
            ],
        }
    ],
}


def read() -> Timeline:
    return read_timeline(deepcopy(DRAFT))


def with_segment(timeline: Timeline, place: int, change: Change) -> Timeline:
    track = timeline.tracks[0]
    segment = track.segments[place]
    assert isinstance(segment, PictureSegment)
    segments = (*track.segments[:place], change(segment), *track.segments[place + 1 :])
    return replace(timeline, tracks=(replace(track, segments=segments),))


def test_what_was_not_changed_is_what_was_read() -> None:
    assert write_draft(read()) == DRAFT


def test_real_drafts_come_back_whole(shared: Path) -> None:
    paths = [*sorted((shared / "drafts").glob("*.json")), *sorted((shared / "contract" / "drafts").glob("[0-9]*.json"))]
    written = 0
    for path in paths:
        draft = json.loads(path.read_text(encoding="utf-8"))
        try:
            timeline = read_timeline(draft)
        except DraftError:
            continue
        assert write_draft(timeline) == json.loads(path.read_text(encoding="utf-8")), path.name
        written += 1
    assert written >= 40


@pytest.mark.parametrize(
    ("change", "keys", "expected"),
    [
        (lambda s: replace(s, volume=0.5), ("volume",), 0.5),
        (lambda s: replace(s, is_visible=False), ("visible",), False),
        (lambda s: replace(s, render_index=3), ("render_index",), 3),
        (lambda s: replace(s, target=TimeRange(5, 7)), ("target_timerange",), {"start": 5, "duration": 7}),
        (
            lambda s: replace(s, source=TimeRange(1, 2)),
            ("source_timerange",),
            {"start": 1, "duration": 2, "note": "kept"},
        ),
        (lambda s: replace(s, transform=Transform(shift_x=0.5)), ("clip", "transform"), {"x": 0.5, "y": 0.0}),
        (lambda s: replace(s, transform=Transform(flip_y=True)), ("clip", "flip", "vertical"), True),
        (lambda s: replace(s, transform=Transform(scale_y=2.0)), ("clip", "warp"), {"kept": True}),
    ],
)
def test_a_changed_field_is_written_into_its_segment_alone(
    change: Change, keys: tuple[str, ...], expected: Any
) -> None:
    draft = write_draft(with_segment(read(), 1, change))
    found = draft["tracks"][0]["segments"][1]
    for key in keys:
        found = found[key]
    assert found == expected
    draft["tracks"][0]["segments"][1] = DRAFT["tracks"][0]["segments"][1]  # type: ignore[index]
    assert draft == DRAFT


def test_what_is_read_again_is_the_changed_timeline() -> None:
    changed = with_segment(read(), 2, lambda s: replace(s, transform=Transform(0.5, 2.0, 3.0, 45.0, -1.0, 1.0, True)))
    changed = replace(changed, canvas=Canvas(640, 360), fps=Fraction(25), duration_us=changed.duration_us)
    assert read_timeline(write_draft(changed)) == changed


def test_a_segment_that_is_gone_is_taken_out_though_its_namesakes_stay() -> None:
    timeline = read()
    track = timeline.tracks[0]
    draft = write_draft(replace(timeline, tracks=(replace(track, segments=(track.segments[0], track.segments[2])),)))
    starts = [raw["target_timerange"]["start"] for raw in draft["tracks"][0]["segments"]]
    assert starts == [0, 2_000_000]


def test_a_tracks_switches_keep_its_other_bits() -> None:
    timeline = read()
    track = replace(timeline.tracks[0], is_muted=True, is_hidden=True)
    assert write_draft(replace(timeline, tracks=(track,)))["tracks"][0]["attribute"] == 7


def test_another_file_is_written_into_the_material() -> None:
    timeline = with_segment(read(), 0, lambda s: replace(s, material=replace(s.material, path="b.mp4")))
    assert write_draft(timeline)["materials"]["videos"][0]["path"] == "b.mp4"


def test_what_cannot_be_written_is_refused_with_the_segment() -> None:
    timeline = with_segment(read(), 1, lambda s: replace(s, rate=Fraction(2)))
    with pytest.raises(DraftError, match=r"^Segment s~2: its rate was changed, which cannot be written back\.$"):
        write_draft(timeline)
    with pytest.raises(DraftError, match="was not read from a draft"):
        write_draft(replace(read(), origin={}))
