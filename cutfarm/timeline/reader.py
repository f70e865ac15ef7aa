"""From a draft's JSON to a `Timeline`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from cutfarm.errors import DraftEmpty, DraftError, DraftUnreadable
from cutfarm.timeline import fields
from cutfarm.timeline.canvases import main_track_of
from cutfarm.timeline.elements import is_neutral
from cutfarm.timeline.fields import Node
from cutfarm.timeline.limits import require_limits
from cutfarm.timeline.materials import Materials
from cutfarm.timeline.model import (
    Canvas,
    ClipSegment,
    OtherSegment,
    Segment,
    SoundSegment,
    TextSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.naming import Namer, fallback_name
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.old_keyframes import DraftKeys
from cutfarm.timeline.segments import BUCKETS, read_segment
from cutfarm.timeline.stage import Nest, SegmentSource, Stage
from cutfarm.timeline.time import US_PER_SECOND, frame_rate
from cutfarm.timeline.transitions import kept_transitions

MAX_CANVAS_PX = 16_384
MAX_FPS = 240
DEFAULT_FPS = 30
MUTED_BIT, HIDDEN_BIT = 1, 2  #: of a track's `attribute`


def read_timeline(draft: Mapping[str, Any]) -> Timeline:
    """The draft as typed data; whatever is not rendered exactly stands in its report.

    Raises DraftEmpty where there is nothing to export, DraftUnreadable for bottomless nesting, and DraftError for a
    canvas, a rate or a time that cannot be.
    """
    try:
        return _read(draft, Nest(_read))
    except RecursionError as error:
        raise DraftUnreadable("The draft is nested too deeply.") from error


def _read(draft: Node, nest: Nest) -> Timeline:
    raw_tracks = fields.nodes(draft, "tracks")
    fps = _fps(draft)
    canvas = _canvas(draft, nest.canvas)
    notes = Notes()
    main_track = main_track_of(draft)
    stage = Stage(Materials(draft), canvas, fps, nest, main_track, DraftKeys.read(draft))
    is_main_muted = fields.flag(fields.node(draft, "config"), "video_mute")
    reader = _TrackReader(stage, notes, is_main_muted=is_main_muted)
    tracks = [reader.read(raw, index) for index, raw in enumerate(raw_tracks)]
    require_content(tracks)
    require_limits(tracks)
    if main_track is not None and is_main_muted:
        tracks[main_track] = _muted_main(tracks[main_track], notes)
    if not is_neutral(fields.node(draft, "config").get("export_range")):
        SegmentNotes(notes, "").unsupported("export range", "The whole draft is rendered, not only its export range.")
    return Timeline(
        canvas=canvas,
        fps=fps,
        duration_us=max(segment.target.end_us for track in tracks for segment in track.segments),
        tracks=tuple(tracks),
        layers_by_track=_layers_by_track(draft, tracks),
        report=notes.report(),
        origin=draft,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """What a segment has of its track."""

    kind: str
    is_silenced: bool  #: neither seen nor heard
    is_on_main: bool
    is_muted: bool


@dataclass(frozen=True, slots=True)
class _TrackReader:
    """Reads tracks one after the other, so that every segment of the draft gets an id of its own."""

    stage: Stage
    notes: Notes
    is_main_muted: bool
    namer: Namer = field(default_factory=Namer)

    def read(self, raw: Node, index: int) -> Track:
        kind = fields.text(raw, "type")
        attribute = fields.integer(raw, "attribute")
        is_muted, is_hidden = bool(attribute & MUTED_BIT), bool(attribute & HIDDEN_BIT)
        raw_segments = fields.nodes(raw, "segments")
        if is_hidden and raw_segments:
            SegmentNotes(self.notes, "").close("track", f"Track {index + 1} ({kind}) is marked as hidden and left out.")
        is_on_main = index == self.stage.main_track
        place = _Place(
            kind,
            is_silenced=is_hidden or (is_muted and kind == "audio"),
            is_on_main=is_on_main,
            is_muted=is_muted or (is_on_main and self.is_main_muted),
        )
        read = [
            self._segment(item, fallback_name(kind, index, number), place) for number, item in enumerate(raw_segments)
        ]
        segments = sorted((s for s in read if s is not None), key=lambda segment: segment.target.start_us)
        half_frame_us = US_PER_SECOND / self.stage.fps / 2
        return Track(
            id=fields.text(raw, "id") or f"track-{index}",
            kind=kind,
            index=index,
            layer_index=max((fields.integer(item, "track_render_index") for item in raw_segments), default=0),
            is_muted=is_muted,
            is_hidden=is_hidden,
            segments=tuple(kept_transitions(segments, half_frame_us, None if is_hidden else self.notes)),
        )

    def _segment(self, raw: Node, fallback_id: str, place: _Place) -> Segment | None:
        id_ = self.namer.name(raw, fallback_id)
        target = fields.time_range(raw, "target_timerange", f"Segment {id_}")
        notes = SegmentNotes(self.notes, id_, place.is_silenced or not fields.flag(raw, "visible", default=True))
        if target is None:
            notes.unsupported(place.kind, "It has no place on the timeline and is left out.")
            return None
        if target.duration_us == 0:
            return None
        materials = self.stage.materials
        primary = materials.primary(raw, BUCKETS.get(place.kind, ""))
        further = tuple(materials.referenced(raw))
        source = SegmentSource(raw, id_, target, primary, further, notes, place.is_on_main, place.is_muted)
        return read_segment(place.kind, source, self.stage)


def _fps(draft: Node) -> Fraction:
    """Frames per second."""
    value = fields.number(draft, "fps", DEFAULT_FPS) or DEFAULT_FPS
    if not 1 <= value <= MAX_FPS:
        raise DraftError(f"The draft asks for {value:g} frames per second; 1 to {MAX_FPS} can be rendered.")
    return frame_rate(value)


def _canvas(draft: Node, around: Canvas | None) -> Canvas:
    """The draft's own canvas; a draft within a draft that names none has the canvas `around` it."""
    raw = fields.node(draft, "canvas_config")
    canvas = Canvas(fields.integer(raw, "width"), fields.integer(raw, "height"))
    if around is not None and (canvas.width_px <= 0 or canvas.height_px <= 0):
        return around
    if not (0 < canvas.width_px <= MAX_CANVAS_PX and 0 < canvas.height_px <= MAX_CANVAS_PX):
        raise DraftError(
            f"The draft's canvas is {canvas.width_px}×{canvas.height_px} px; "
            f"1 to {MAX_CANVAS_PX} px a side can be rendered."
        )
    return canvas


def require_content(tracks: Iterable[Track]) -> None:
    """Raise DraftEmpty where none of the tracks holds anything that is rendered."""
    segments = [segment for track in tracks for segment in track.segments]
    if any(isinstance(segment, ClipSegment | SoundSegment | TextSegment) for segment in segments):
        return
    others = sum(isinstance(segment, OtherSegment) for segment in segments)
    left_out = f"; segments of other kinds, here {others}, are not rendered alone" if others else ""
    raise DraftEmpty(f"The draft holds no video, photo, sound or caption of any length{left_out}.")


def _muted_main(track: Track, notes: Notes) -> Track:
    """The main track with the editor's switch that mutes it."""
    if not track.is_muted:
        SegmentNotes(notes, "").close("track", f"The draft mutes its main track, which is track {track.index + 1}.")
    return replace(track, is_muted=True)


def _layers_by_track(draft: Node, tracks: Iterable[Track]) -> bool:
    """Files with the flag and no track numbers come from libraries; there `render_index` holds the order."""
    return fields.flag(draft, "render_index_track_mode_on") and any(track.layer_index for track in tracks)
