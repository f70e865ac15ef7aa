"""Drafts within the draft."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.limits import MAX_LAYERS
from cutfarm.timeline.model import Canvas, Compound, OtherSegment
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.time import TimeRange


@pytest.fixture
def around(make):
    """A draft whose clips show `inner` one after the other."""

    def build(inner, *, id_="d", clips=1, has_audio=True, **segment):
        refs = [id_, *segment.pop("extra_material_refs", [])]
        segments = [make.clip(2 * n, id=f"{id_}-{n}", extra_material_refs=refs, **segment) for n in range(clips)]
        stub = make.video(path="", material_name="together", has_audio=has_audio)
        draft = make.draft([{"type": "video", "segments": segments}], {"videos": [stub]})
        draft["materials"]["drafts"] = [{"id": id_, "type": "combination", "draft": inner}]
        return draft

    return build


def test_a_compound_clip_is_a_clip(make, only, around):
    inner = make.one_clip(make.clip(id="inside", volume=0.5)) | {"fps": 25.0}
    inner["canvas_config"] = {"width": 640, "height": 480}
    clip = {"scale": {"x": 0.5, "y": 0.5}}
    mask = {"id": "m", "resource_type": "circle"}
    outer = around(inner, clip=clip, extra_material_refs=["m"], reverse=True)
    outer["materials"]["masks"] = [mask]
    segment = only(read_timeline(outer))
    assert isinstance(segment.material, Compound)
    assert (segment.name, segment.source, segment.rate) == ("together", TimeRange(0, 2_000_000), 1)
    assert (segment.transform.scale_x, segment.mask.shape) == (0.5, "circle")
    timeline = segment.material.timeline
    assert (timeline.canvas, timeline.fps, timeline.duration_us) == (Canvas(640, 480), 25, 2_000_000)
    assert (only(timeline).id, only(timeline).volume) == ("inside", 0.5)


def test_speed_and_source_range(make, only, around):
    outer = around(make.one_clip(make.clip(duration=9)), source_timerange={"start": 1_000_000, "duration": 4_000_000})
    segment = only(read_timeline(outer))
    assert (segment.rate, segment.source) == (Fraction(2), TimeRange(1_000_000, 4_000_000))


@pytest.mark.parametrize("has_audio", [True, False])
def test_its_stub_says_whether_it_is_heard(make, only, around, has_audio):
    assert only(read_timeline(around(make.one_clip(), has_audio=has_audio))).material.has_audio is has_audio


@pytest.mark.parametrize("canvas", [{}, {"width": 0, "height": 0}, None])
def test_a_draft_without_a_canvas_takes_the_outer_one(make, only, around, canvas):
    inner = make.one_clip() | {"canvas_config": canvas}
    assert only(read_timeline(around(inner))).material.timeline.canvas == Canvas(1920, 1080)


def test_what_is_not_exact_within_is_in_the_report(make, around):
    blurred = {"id": "c", "type": "canvas_blur", "blur": 1}
    inner = make.one_clip(make.clip(id="inside", extra_material_refs=["c"]), canvases=[blurred])
    inner["tracks"].append({"type": "text", "attribute": 2, "segments": [make.clip(material_id="gone")]})
    timeline = read_timeline(around(inner, clips=2))
    said = [(entry.what, entry.segment_id) for entry in timeline.report]
    assert said == [("background", "inside"), ("track", "d-0"), ("track", "d-1")]
    assert not timeline.tracks[0].segments[0].material.timeline.report


def test_what_nobody_sees_needs_no_report(make, around):
    inner = make.one_clip(make.clip(extra_material_refs=["c"]), canvases=[{"id": "c", "type": "canvas_blur"}])
    assert not read_timeline(around(inner, visible=False)).report


@pytest.mark.parametrize("inner", [{}, None, {"canvas_config": {"width": 9, "height": 9}, "tracks": []}, "text"])
def test_empty_ones_are_left_out_and_reported(make, around, inner):
    outer = around(inner)
    outer["tracks"].append({"type": "video", "segments": [make.clip(id="other")]})
    timeline = read_timeline(outer)
    segment = timeline.tracks[0].segments[0]
    assert isinstance(segment, OtherSegment)
    assert segment.unknown[0].bucket == "drafts"
    assert [(entry.what, entry.segment_id) for entry in timeline.report] == [("compound clip", "d-0")]


def test_faults_within_name_the_outer_segment(make, around):
    inner = make.one_clip(make.clip(id="inside"))
    inner["tracks"][0]["segments"][0]["target_timerange"]["start"] = -1
    with pytest.raises(DraftError, match=r"compound clip of segment d-0: Segment inside has a negative time"):
        read_timeline(around(inner))


def nested(make, around, levels):
    draft = make.one_clip()
    for level in range(levels):
        draft = around(draft, id_=f"level{level}")
    return draft


def test_eight_levels_are_enough(make, only, around):
    segment = only(read_timeline(nested(make, around, 8)))
    for _ in range(8):
        segment = only(segment.material.timeline)
    assert segment.material.path == "film.mp4"
    with pytest.raises(DraftError, match=r"segment level8-0.*Segment level0-0 lies.*deeper than 8"):
        read_timeline(nested(make, around, 9))


def test_one_that_holds_itself(make, around):
    with pytest.raises(DraftError, match="segment d-0: Segment d-0 shows a compound clip that holds itself"):
        read_timeline(around(around(make.one_clip())))
    endless = around(make.one_clip())
    endless["materials"]["drafts"][0]["draft"] = endless
    with pytest.raises(DraftError, match="holds itself"):
        read_timeline(endless)


def test_many_clips_of_a_few_drafts_are_refused_at_once(make, around):
    draft = make.one_clip()
    for level in range(7):
        draft = around(draft, id_=f"level{level}", clips=30)
    began = time.perf_counter()
    with pytest.raises(DraftError, match="segment level"):
        read_timeline(draft)
    assert time.perf_counter() - began < 2


class TestLayers:
    def pile(self, make, count, **track):
        draft = make.one_clip()
        draft["tracks"] = [{"type": "video", "segments": [make.clip(id=f"layer{n}")], **track} for n in range(count)]
        return draft

    def test_a_thousand_are_enough(self, make):
        assert len(read_timeline(self.pile(make, MAX_LAYERS)).tracks) == MAX_LAYERS
        with pytest.raises(DraftError, match="segment layer1000 more than 1000 layers"):
            read_timeline(self.pile(make, 10_000))

    def test_hidden_ones_and_sounds_are_none(self, make):
        draft = self.pile(make, MAX_LAYERS + 1, attribute=2)
        draft["tracks"][0]["attribute"] = 0
        assert len(read_timeline(draft).tracks) == MAX_LAYERS + 1

    def test_one_after_the_other_they_may_be_more(self, make):
        draft = make.one_clip()
        draft["tracks"][0]["segments"] = [make.clip(2 * n, id=str(n)) for n in range(2 * MAX_LAYERS)]
        assert len(read_timeline(draft).tracks[0].segments) == 2 * MAX_LAYERS

    def test_those_of_compound_clips_count(self, make, around):
        inner = self.pile(make, 600)
        assert read_timeline(around(inner, clips=2))
        two = around(inner)
        two["tracks"].append({"type": "video", "segments": [make.clip(id="second", extra_material_refs=["d"])]})
        with pytest.raises(DraftError, match="segment second more than 1000 layers"):
            read_timeline(two)
