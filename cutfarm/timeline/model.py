"""The nouns of a draft, immutable and typed.

Geometry follows the draft: scales are factors of the picture contained in the canvas, shifts count half canvases
(x right, y up), rotation is in degrees clockwise on screen about the layer's centre, before the shift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from cutfarm.timeline.report import Report
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.time import TimeRange

PictureKind = Literal["video", "photo", "gif"]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The draft's own picture area; sizes may be odd."""

    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Transform:
    """Where and how a layer lies on the canvas."""

    alpha: float = 1.0  #: opacity, 0…1
    scale_x: float = 1.0  #: factor of the contained size
    scale_y: float = 1.0  #: factor of the contained size
    rotation_deg: float = 0.0  #: clockwise on screen
    shift_x: float = 0.0  #: centre offset, half canvas widths, right
    shift_y: float = 0.0  #: centre offset, half canvas heights, up
    flip_x: bool = False  #: mirrored left to right, before the rotation
    flip_y: bool = False  #: mirrored top to bottom, before the rotation


@dataclass(frozen=True, slots=True)
class Keyframe:
    """One key of a curve."""

    at_us: int  #: microseconds after the segment's start on the timeline; may lie outside the segment
    value: float  #: in the unit of the property


@dataclass(frozen=True, slots=True)
class Curve:
    """The keys of one property, sorted by time; ends are held, between two keys the value is linear."""

    property: str  #: the format's name, such as `KFTypePositionX`
    keys: tuple[Keyframe, ...]  #: at least one


@dataclass(frozen=True, slots=True)
class Fade:
    """Linear gain ramps at a segment's edges, in timeline time."""

    in_us: int = 0
    out_us: int = 0


@dataclass(frozen=True, slots=True)
class Transition:
    """How a clip hands over to the next one of its track; stored on the outgoing clip."""

    name: str
    resource_id: str
    effect_id: str
    duration_us: int
    is_overlap: bool  #: both clips run through the whole window


@dataclass(frozen=True, slots=True)
class PictureMaterial:
    """A video file, a photo or an animated image."""

    id: str
    kind: PictureKind
    name: str
    path: str  #: as the draft says it: absolute, placeholder, Windows or URL; never opened as it stands
    width_px: int  #: display size by the draft, 0 where it says nothing
    height_px: int
    duration_us: int  #: 0 where the draft says nothing
    has_audio: bool


@dataclass(frozen=True, slots=True)
class SoundMaterial:
    """A file of an audio track."""

    id: str
    kind: str  #: `music`, `extract_music`, `sound`, `text_to_audio`, `record`, …
    name: str
    path: str  #: as the draft says it
    duration_us: int


@dataclass(frozen=True, slots=True)
class UnknownMaterial:
    """What the reader does not understand, kept whole."""

    bucket: str  #: the list under `materials` that holds it
    id: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What all segments share."""

    id: str
    target: TimeRange  #: placement on the timeline
    render_index: int = 0
    is_visible: bool = True
    curves: tuple[Curve, ...] = ()
    unknown: tuple[UnknownMaterial, ...] = ()  #: materials that it refers to and nobody here understands


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSegment(Segment):
    """A segment that plays a span of a file."""

    source: TimeRange  #: span of the file, microseconds of media time
    rate: Fraction  #: source microseconds per timeline microsecond, > 0
    volume: float = 1.0  #: linear gain, 0…10
    fade: Fade = Fade()
    keep_pitch: bool = True  #: False: the pitch follows the speed

    def source_time_us(self, offset_us: Fraction) -> Fraction:
        """Media time shown `offset_us` after the segment's start, exact microseconds; not clamped to the source."""
        return self.source.start_us + offset_us * self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSegment(MediaSegment):
    """A clip of a video track."""

    material: PictureMaterial
    transform: Transform = Transform()
    uniform_scale: bool = True  #: a lone ScaleX curve drives both axes
    transition: Transition | None = None  #: into the next clip of the track


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSegment(MediaSegment):
    """A clip of an audio track."""

    material: SoundMaterial


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSegment(Segment):
    """A caption."""

    text: TextBlock
    transform: Transform = Transform()
    uniform_scale: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSegment(Segment):
    """A segment of a kind that is not rendered yet; its own material is the first of `unknown`."""


@dataclass(frozen=True, slots=True)
class Track:
    """Segments of one kind, sorted by start."""

    id: str
    kind: str  #: `video`, `audio`, `text`, or a kind that is not rendered yet
    index: int  #: place in the draft's list, bottom first
    layer_index: int  #: `track_render_index` of its segments, 0 where unset
    is_muted: bool
    is_hidden: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole draft."""

    canvas: Canvas
    fps: Fraction
    duration_us: int  #: largest end over all segments
    tracks: tuple[Track, ...]
    layers_by_track: bool  #: layer order by track (True) or by `render_index`
    report: Report = field(default_factory=Report)
