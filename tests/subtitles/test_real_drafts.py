"""Drafts of the applications: every caption leaves at its own time, and another program reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pysubs2
import pytest

from cutfarm.subtitles.files import subtitle_text
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.subtitles import shown_captions

DRAFTS = {
    "drafts/arabic-captions": 8,
    "drafts/auto-captions-markup": 138,
    "drafts/compound-masks-stickers": 39,
    "drafts/keyframes-fades-captions": 112,
    "drafts/oldest-plain-text": 8,
    "drafts/tag-markup-text": 2,
    "drafts/vertical-text-animations": 2,
    "contract/drafts/20_captions_full": 2,
    "contract/drafts/24_captions_vertical": 1,
}


def own_times_ms(draft: dict) -> list[tuple[int, int]]:
    """Start and end of every segment of a text track, from the JSON itself."""
    times = []
    for track in draft["tracks"]:
        for segment in track["segments"] if track["type"] == "text" else ():
            span = segment["target_timerange"]
            times.append(((span["start"] + 500) // 1000, (span["start"] + span["duration"] + 500) // 1000))
    return sorted(times)


@pytest.mark.parametrize("kind", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("name", DRAFTS)
def test_every_caption_leaves_at_its_time(shared: Path, name: str, kind: str) -> None:
    draft = json.loads((shared / f"{name}.json").read_text("utf-8"))
    timeline = read_timeline(draft)
    captions = shown_captions(timeline)
    assert len(captions) == DRAFTS[name]
    text, _ = subtitle_text(captions, timeline.canvas, kind)
    events = pysubs2.SSAFile.from_string(text, kind).events
    found = sorted((event.start, event.end) for event in events)
    step_ms = 5 if kind == "ass" else 0
    assert [each for times in found for each in times] == pytest.approx(
        [each for times in own_times_ms(draft) for each in times], abs=step_ms
    )
    words = {"".join(caption.segment.text.text.split()) for caption in captions}
    assert {"".join(event.plaintext.split()) for event in events} == words or kind == "vtt"
