"""Cues that become part of a draft are read again as they were."""

from __future__ import annotations

import json

import pytest

from cutfarm.timeline.cue_writing import with_text_tracks
from cutfarm.timeline.cues import Cue, with_cues
from cutfarm.timeline.model import Transform
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.text import TextBlock, TextStyle

SECOND = 1_000_000


def cues() -> list[Cue]:
    styled = (
        TextStyle(0, 2, 5.0, colour=(1.0, 0.5, 0.0), bold=True),
        TextStyle(2, 5, 8.0, italic=True, underline=True, font_path="Some Font.ttf"),
    )
    words = TextBlock("", "你😀b c", styled, alignment=0, wrap_width=0.4)
    plain = TextBlock("", "plain", (TextStyle(0, 5, 5.0),), wrap_width=0.82)
    return [
        Cue(0, SECOND, words, Transform(shift_x=0.25, shift_y=-0.8)),
        Cue(SECOND, 9 * SECOND, plain, Transform(shift_y=-0.8)),
    ]


@pytest.mark.parametrize("layer", [0, 3])
def test_they_are_read_as_they_were(make, layer):
    draft = make.one_clip(make.clip(render_index=9, track_render_index=layer)) | {"render_index_track_mode_on": True}
    timeline = read_timeline(draft)
    burnt = with_cues(timeline, cues(), "a.srt")
    read = read_timeline(json.loads(json.dumps(with_text_tracks(draft, burnt.tracks[len(timeline.tracks) :]))))
    assert read.tracks == burnt.tracks
    assert read.duration_us == burnt.duration_us
    assert read.report == burnt.report


def test_the_draft_itself_is_not_changed(make):
    draft = make.one_caption(make.text("own"))
    before = json.dumps(draft)
    timeline = read_timeline(draft)
    burnt = with_cues(timeline, cues(), "a.srt")
    written = with_text_tracks(draft, burnt.tracks[1:])
    assert json.dumps(draft) == before
    assert [material["id"] for material in written["materials"]["texts"]] == ["words", "subtitle-1-1", "subtitle-1-2"]
    assert read_timeline(written).tracks[0] == timeline.tracks[0]
