"""Backgrounds, and which track is the main one."""

from __future__ import annotations

import pytest

from cutfarm.timeline.canvases import main_track_of
from cutfarm.timeline.model import BlurBackground, ColourBackground, ImageBackground
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity


@pytest.fixture
def read(make, only):
    def read(raw, **track):
        draft = make.one_clip(make.clip(extra_material_refs=["c"]), canvases=[{"id": "c", **raw}])
        draft["tracks"][0] |= track
        timeline = read_timeline(draft)
        return only(timeline).background, list(timeline.report)

    return read


@pytest.mark.parametrize(
    ("raw", "background"),
    [
        ({"type": "canvas_color", "color": "#FF000080"}, ColourBackground(128 / 255, 0, 0)),
        ({"type": "canvas_color", "color": "#0080FF"}, ColourBackground(0, 128 / 255, 1)),
        ({"type": "canvas_color", "color": ""}, None),
        ({"type": "canvas_color", "color": "#000000ff"}, None),
        ({"type": "canvas_color", "color": "#ffffff00"}, None),
        ({"type": "canvas_image", "image": "C:/a.png"}, ImageBackground("C:/a.png")),
        ({"type": "canvas_image", "image": "", "album_image": "b.png"}, ImageBackground("b.png")),
        ({"type": "none"}, None),
        ({}, None),
    ],
)
def test_what_is_exact(read, raw, background):
    assert read(raw) == (background, [])


@pytest.mark.parametrize(("level", "amount"), [(0.0625, 0.0625), (0.375, 0.375), (1.0, 1.0), (7, 1.0), (None, 0.0)])
def test_blurs_are_close(read, level, amount):
    background, [entry] = read({"type": "canvas_blur", "blur": level})
    assert background == BlurBackground(amount)
    assert (entry.fidelity, entry.what, entry.segment_id) == (Fidelity.CLOSE, "background", "clip")


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "canvas_color", "color": "crimson"},
        {"type": "canvas_image", "image": " "},
        {"type": "canvas_blend", "color": "#ffffff"},
    ],
)
def test_what_is_not_drawn_is_said(read, raw):
    background, [entry] = read(raw)
    assert background is None
    assert (entry.fidelity, entry.what) == (Fidelity.UNSUPPORTED, "background")


@pytest.mark.parametrize("raw", [{"type": "canvas_blur", "blur": 1}, {"type": "canvas_color", "color": "#ff0000"}])
def test_overlays_have_none(read, raw):
    assert read(raw, flag=2) == (None, [])


def test_black_shows_through_gaps_of_a_compound_clip(make, only):
    inner = make.one_clip(make.clip(extra_material_refs=["c"]), canvases=[{"id": "c", "type": "canvas_color"}])
    for written, background in (("", None), ("#000000", ColourBackground(0, 0, 0))):
        inner["materials"]["canvases"][0]["color"] = written
        outer = make.one_clip(make.clip(extra_material_refs=["d"]), drafts=[{"id": "d", "draft": inner}])
        assert only(only(read_timeline(outer)).material.timeline).background == background


class TestMainTrack:
    def tracks(self, make, *tracks):
        return {
            "tracks": [
                {"type": kind, "flag": flag, "segments": [make.clip(**place)] if place is not None else []}
                for kind, flag, place in tracks
            ]
        }

    @pytest.mark.parametrize(
        ("tracks", "main"),
        [
            ([("video", 0, {}), ("video", 2, {"render_index": 1})], 0),
            ([("video", 0, None), ("video", 0, {}), ("video", 0, {"render_index": 1})], 1),
            ([("video", 0, {"render_index": 3}), ("video", 0, {"render_index": 1})], 1),
            ([("video", 2, {}), ("video", 0, {"render_index": 9})], 1),
            ([("video", 0, None), ("video", 2, {})], None),
            ([("audio", 0, {}), ("text", 0, {})], None),
            ([], None),
        ],
    )
    def test_the_lowest_that_holds_anything(self, make, tracks, main):
        assert main_track_of(self.tracks(make, *tracks)) == main

    @pytest.mark.parametrize(("by_track", "main"), [(True, 1), (False, 0)])
    def test_track_numbers_count_where_layers_go_by_them(self, make, by_track, main):
        numbers = [("video", 0, {"track_render_index": n}) for n in (2, 1)]
        draft = self.tracks(make, *numbers) | {"render_index_track_mode_on": by_track}
        assert main_track_of(draft) == main

    def test_only_it_has_backgrounds(self, make):
        draft = make.one_clip(canvases=[{"id": "c", "type": "canvas_color", "color": "#ff0000"}])
        clips = [make.clip(id=str(n), render_index=n, extra_material_refs=["c"]) for n in (1, 0, 2)]
        draft["tracks"] = [{"type": "video", "segments": [clip]} for clip in clips]
        found = [track.segments[0].background for track in read_timeline(draft).tracks]
        assert found == [None, ColourBackground(1, 0, 0), None]
