"""What a timeline shows and plays, once it is known which of its optional files are there."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cutfarm.timeline.audible import is_audible
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    ImageBackground,
    PictureMaterial,
    PictureSegment,
    Segment,
    SoundSegment,
    TextSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.nesting import inner_of, with_inner
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.reader import require_content
from cutfarm.timeline.report import Report
from cutfarm.timeline.sounds import with_found
from cutfarm.timeline.text_files import without_textures

Heard = TypeVar("Heard", SoundSegment, ClipSegment)


def only_found(timeline: Timeline, files: Container[str]) -> Timeline:
    """The timeline without the stickers, background pictures and textures whose path is not among `files`.

    What is left out is reported. Captions keep the names of fonts that are not there: others are found by them.
    A reversed clip whose reversed copy is among them plays that one forwards, by the range as it stands. Where the
    application made files of a sound, the first that is among them is heard. Compound clips are looked through too.
    Raises DraftEmpty where nothing is left to be exported.
    """
    found = _Found(files)
    left = found.timeline(timeline, is_heard=True)
    if left is timeline:
        return timeline
    require_content(left.tracks)
    lost = found.notes.report()
    return replace(left, report=_without_guesses(timeline.report, lost) + lost)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is there; each part of a timeline comes back as it is where nothing is missed."""

    files: Container[str]
    notes: Notes = field(default_factory=Notes)

    def timeline(self, timeline: Timeline, *, is_heard: bool) -> Timeline:
        tracks = tuple(
            track if track.is_hidden else self._track(track, is_heard=is_heard and not track.is_muted)
            for track in timeline.tracks
        )
        is_whole = all(old is new for old, new in zip(timeline.tracks, tracks, strict=True))
        return timeline if is_whole else replace(timeline, tracks=tracks)

    def _track(self, track: Track, *, is_heard: bool) -> Track:
        segments = [self._segment(segment, is_heard=is_heard) for segment in track.segments]
        if all(old is new for old, new in zip(track.segments, segments, strict=True)):
            return track
        return replace(track, segments=tuple(segment for segment in segments if segment is not None))

    def _segment(self, segment: Segment, *, is_heard: bool) -> Segment | None:
        notes = SegmentNotes(self.notes, segment.id)
        match segment:
            case Segment(is_visible=False):
                return segment
            case TextSegment():
                return _caption(segment, self.files, notes)
            case SoundSegment():
                return self._sound(segment, self.files, notes) if is_heard else segment
            case ClipSegment():
                return self._clip(segment, notes, is_heard=is_heard)
        return segment

    def _clip(self, segment: ClipSegment, notes: SegmentNotes, *, is_heard: bool) -> Segment | None:
        sounds = self.files
        if isinstance(segment, PictureSegment):
            material = segment.material
            if material.kind == "sticker" and material.path not in self.files:
                _note_sticker(material, notes)
                return None
            if segment.is_reversed and material.reverse_path in self.files:
                message = "The reversed copy of the clip's file is played; its range is counted in that copy."
                notes.close("reverse", message)
                copy = replace(material, path=material.reverse_path, reverse_path="")
                segment, sounds = replace(segment, material=copy, is_reversed=False), ()
        if isinstance(segment.background, ImageBackground) and segment.background.path not in self.files:
            message = "The clip's background picture is nowhere to be found and is drawn black."
            notes.unsupported("background", message)
            segment = replace(segment, background=None)
        if is_heard:
            segment = self._sound(segment, sounds, notes)
        inner = inner_of(segment)
        if inner is None:
            return segment
        is_heard = is_heard and isinstance(segment.material, Compound) and segment.material.has_audio
        left = self.timeline(inner, is_heard=is_heard)
        return segment if left is inner else with_inner(segment, left)

    def _sound(self, segment: Heard, files: Container[str], notes: SegmentNotes) -> Heard:
        if not segment.treatment.produced or not is_audible(segment):
            return segment
        return replace(segment, treatment=with_found(segment.treatment, files, notes))


def _note_sticker(material: PictureMaterial, notes: SegmentNotes) -> None:
    name = f" “{material.name}”" if material.name else ""
    message = f"The picture of the sticker{name} is nowhere to be found, so it is left out."
    notes.unsupported("sticker", message, material.resource_id)


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
