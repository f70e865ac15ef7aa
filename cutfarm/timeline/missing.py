"""What a timeline shows, once it is known which of its optional files are there."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from cutfarm.timeline.model import (
    ClipSegment,
    ImageBackground,
    PictureSegment,
    Segment,
    TextSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.nesting import inner_of, with_inner
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.reader import require_content
from cutfarm.timeline.report import Report
from cutfarm.timeline.text_files import without_textures


def only_found(timeline: Timeline, files: Container[str]) -> Timeline:
    """The timeline without the stickers, background pictures and textures whose path is not among `files`.

    What is left out is reported. Captions keep the names of fonts that are not there: others are found by them.
    A reversed clip whose reversed copy is among them plays that one forwards, by the range as it stands. Compound clips
    are looked through too. Raises DraftEmpty where nothing is left to be exported.
    """
    notes = Notes()
    left = _left(timeline, files, notes)
    if left is timeline:
        return timeline
    require_content(left.tracks)
    lost = notes.report()
    return replace(left, report=_without_guesses(timeline.report, lost) + lost)


def _left(timeline: Timeline, files: Container[str], notes: Notes) -> Timeline:
    tracks = tuple(track if track.is_hidden else _track(track, files, notes) for track in timeline.tracks)
    is_whole = all(old is new for old, new in zip(timeline.tracks, tracks, strict=True))
    return timeline if is_whole else replace(timeline, tracks=tracks)


def _track(track: Track, files: Container[str], notes: Notes) -> Track:
    segments = [_segment(segment, files, notes) for segment in track.segments]
    if all(old is new for old, new in zip(track.segments, segments, strict=True)):
        return track
    return replace(track, segments=tuple(segment for segment in segments if segment is not None))


def _segment(segment: Segment, files: Container[str], notes: Notes) -> Segment | None:
    noted = SegmentNotes(notes, segment.id)
    if segment.is_visible and isinstance(segment, TextSegment):
        return _caption(segment, files, noted)
    if not segment.is_visible or not isinstance(segment, ClipSegment):
        return segment
    if isinstance(segment, PictureSegment):
        material = segment.material
        if material.kind == "sticker" and material.path not in files:
            name = f" “{material.name}”" if material.name else ""
            message = f"The picture of the sticker{name} is nowhere to be found, so it is left out."
            noted.unsupported("sticker", message, material.resource_id)
            return None
        if segment.is_reversed and material.reverse_path in files:
            noted.close("reverse", "The reversed copy of the clip's file is played; its range is counted in that copy.")
            copy = replace(material, path=material.reverse_path, reverse_path="")
            segment = replace(segment, material=copy, is_reversed=False)
    if isinstance(segment.background, ImageBackground) and segment.background.path not in files:
        noted.unsupported("background", "The clip's background picture is nowhere to be found and is drawn black.")
        segment = replace(segment, background=None)
    inner = inner_of(segment)
    if inner is None:
        return segment
    left = _left(inner, files, notes)
    return segment if left is inner else with_inner(segment, left)


def _caption(segment: TextSegment, files: Container[str], noted: SegmentNotes) -> TextSegment:
    text = without_textures(segment.text, files)
    if text is segment.text:
        return segment
    noted.unsupported("texture", "The picture of the caption's texture is nowhere to be found; its colour is drawn.")
    return replace(segment, text=text)


def _without_guesses(report: Report, lost: Report) -> Report:
    """The report without what it says of the look of stickers that are not drawn, and of clips now played forwards."""
    gone = {(entry.what, entry.segment_id) for entry in lost if entry.what in {"sticker", "reverse"}}
    return Report(tuple(entry for entry in report if (entry.what, entry.segment_id) not in gone))
