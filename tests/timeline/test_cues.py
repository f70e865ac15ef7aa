"""Cues as captions above everything else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.cues import Cue, with_cues
from cutfarm.timeline.curves import transform_at
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import Curve, Keyframe, TextSegment, Transform
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.text import TextBlock, TextStyle

SECOND = 1_000_000


def cue(text: str, start_s: float, end_s: float, **more) -> Cue:
    block = TextBlock("", text, (TextStyle(0, len(text), 5.0),))
    return Cue(round(start_s * SECOND), round(end_s * SECOND), block, Transform(), **more)


@pytest.fixture
def timeline(make):
    """A clip of two seconds."""
    return read_timeline(make.one_clip())


def shown(timeline, frame):
    stack = LayerStack(timeline, Fraction(30))
    return [layer.text.text if isinstance(layer.segment, TextSegment) else "clip" for layer in stack.at(frame)]


def test_they_lie_on_top_and_make_nothing_longer(timeline):
    burnt = with_cues(timeline, [cue("a", 0.5, 1), cue("b", 1.5, 9)], "a.srt")
    assert burnt.duration_us == timeline.duration_us
    assert [shown(burnt, frame) for frame in (14, 15, 29, 30, 59)] == [
        ["clip"], ["clip", "a"], ["clip", "a"], ["clip"], ["clip", "b"],
    ]  # fmt: skip
    assert not burnt.report.entries


@pytest.mark.parametrize("by_track", [True, False])
def test_files_lie_on_each_other_whatever_orders_the_draft(make, by_track):
    draft = make.one_clip(make.clip(render_index=14_000, track_render_index=7 if by_track else 0))
    timeline = read_timeline(draft | {"render_index_track_mode_on": by_track})
    for name in ("lower", "upper"):
        timeline = with_cues(timeline, [cue(name, 0, 2)], name)
    assert shown(timeline, 0) == ["clip", "lower", "upper"]


def test_layers_of_a_file_keep_their_order(timeline):
    burnt = with_cues(timeline, [cue("high", 0, 2, layer=5), cue("low", 0, 2, layer=-1)], "a.ass")
    assert shown(burnt, 0) == ["clip", "low", "high"]


def test_what_lies_outside_is_counted(timeline):
    burnt = with_cues(timeline, [cue("a", -3, -1), cue("b", -1, 1), cue("c", 2, 3)], "a.srt")
    assert shown(burnt, 0) == ["clip", "b"]
    [entry] = burnt.report.entries
    assert entry.fact == "2 cues of a.srt are outside the draft's time, so not shown."
    assert entry.fidelity.word == "unsupported"


def test_curves_count_from_where_the_cue_began(timeline):
    rise = Curve("KFTypePositionX", (Keyframe(0, 0.0), Keyframe(2 * SECOND, 1.0)))
    burnt = with_cues(timeline, [cue("a", -1, 1, curves=(rise,))], "a.ass")
    [segment] = burnt.tracks[-1].segments
    assert transform_at(segment, 0).shift_x == pytest.approx(0.5)


def test_more_than_can_lie_on_each_other_is_an_error(timeline):
    with pytest.raises(DraftError, match="more than 1000 layers"):
        with_cues(timeline, [cue("a", 0, 2) for _ in range(1001)], "a.srt")
