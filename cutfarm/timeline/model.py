"""The nouns of a draft, immutable and typed.

Geometry follows the draft: scales are factors of the picture contained in the canvas, shifts count half canvases
(x right, y up), rotation is in degrees clockwise on screen about the layer's centre, before the shift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from cutfarm.catalogue.blends import BlendMode
from cutfarm.catalogue.masks import MaskShape
from cutfarm.timeline.pace import pace_of
from cutfarm.timeline.report import Report
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.time import TimeRange
from cutfarm.timeline.treatment import UNTREATED, SoundTreatment

PictureKind = Literal["video", "photo", "gif", "sticker"]
AnimationKind = Literal["in", "out", "group", "loop", "caption"]

Point = tuple[float, float]
Rgba = tuple[float, float, float, float]  #: gamma-encoded, not premultiplied, all in [0, 1]


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
class Handle:
    """A control point of a cubic Bézier, from its key."""

    dx_us: float  #: microseconds of the timeline; negative before the key
    dy: float  #: in the unit of the property


@dataclass(frozen=True, slots=True)
class Keyframe:
    """One key of a curve; a cubic Bézier leads to the next, with a control point on the key where it has no handle."""

    at_us: int  #: microseconds after the segment's start on the timeline; may lie outside the segment
    value: float  #: in the unit of the property
    before: Handle | None = None  #: towards the key before
    after: Handle | None = None  #: towards the next key


@dataclass(frozen=True, slots=True)
class Curve:
    """The keys of one property, sorted by time; ends are held."""

    property: str  #: the format's name, such as `KFTypePositionX`
    keys: tuple[Keyframe, ...]  #: at least one


@dataclass(frozen=True, slots=True)
class LookCurve:
    """The keys of one property of a caption's looks, whose keys may have several values."""

    property: str  #: the format's name, such as `KFTypeTextColor`
    values: tuple[Curve, ...]  #: one for each value of its keys, at least one


@dataclass(frozen=True, slots=True)
class Crop:
    """The corners of what is shown of a picture, in parts of its width and height, y down."""

    upper_left: Point = (0.0, 0.0)
    upper_right: Point = (1.0, 0.0)
    lower_left: Point = (0.0, 1.0)
    lower_right: Point = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class MaskText:
    """The words of a text mask."""

    content: str
    font_path: str
    font_size: float
    scale: float
    bold_width: float
    letter_spacing: float
    alignment: int  #: 0 left, 1 centre, 2 right


@dataclass(frozen=True, slots=True)
class Mask:
    """What of a clip stays, in the frame of its cropped picture, before it is mirrored and laid into place.

    A line keeps what lies above it; a mirror keeps the band around its middle; the others keep their inside.
    """

    shape: MaskShape
    width: float = 1.0  #: part of the picture's width
    height: float = 1.0  #: part of the picture's height
    center_x: float = 0.0  #: half picture widths from its centre, right
    center_y: float = 0.0  #: half picture heights from its centre, up
    rotation_deg: float = 0.0  #: clockwise
    feather: float = 0.0  #: 0…1
    round_corner: float = 0.0  #: 0…1, of a rectangle: 1 is half its short side
    expansion: float = 0.0  #: -1…1, shrinks or grows the shape
    is_inverted: bool = False
    text: MaskText | None = None  #: of a text mask
    curves: tuple[Curve, ...] = ()  #: keyed properties, which take the place of those above


@dataclass(frozen=True, slots=True)
class Blend:
    """A blend mode other than laying over."""

    mode: BlendMode
    strength: float = 1.0  #: 0…1, multiplies the layer's opacity


@dataclass(frozen=True, slots=True)
class ChromaKey:
    """A colour that is made transparent."""

    red: float  #: 0…1, gamma-encoded
    green: float
    blue: float
    intensity: float  #: 0…1, how far from the colour is still keyed out
    shadow: float = 0.0  #: 0…1, how soft the step is, so that shadows stay
    edge: float = 0.0  #: 0…1, how much the outline is smoothed
    spill: float = 0.0  #: 0…1, how much of the colour's reflection is taken away


@dataclass(frozen=True, slots=True)
class ColourBackground:
    """The canvas in one colour behind a clip."""

    red: float  #: 0…1, gamma-encoded
    green: float
    blue: float


@dataclass(frozen=True, slots=True)
class BlurBackground:
    """The clip's own picture, covering the canvas, blurred."""

    amount: float  #: 0…1; the application's four levels are 0.0625, 0.375, 0.75 and 1


@dataclass(frozen=True, slots=True)
class ImageBackground:
    """A picture that covers the canvas."""

    path: str  #: as the draft says it


Background = ColourBackground | BlurBackground | ImageBackground


@dataclass(frozen=True, slots=True)
class Animation:
    """A catalogued motion and the part of the segment that it plays in."""

    kind: AnimationKind
    name: str
    resource_id: str
    start_us: int  #: after the segment's start on the timeline
    duration_us: int  #: of a loop: the length of one turn


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
    crop: Crop = Crop()
    resource_id: str = ""  #: of a sticker: its number in the catalogue
    reverse_path: str = ""  #: of a copy that runs backwards, made for clips that are reversed; "" where there is none


@dataclass(frozen=True, slots=True)
class Fill:
    """A generated picture: one colour, or a gradient along a line."""

    id: str
    width_px: int  #: 0 where the draft says nothing: as the canvas
    height_px: int
    colours: tuple[Rgba, ...]  #: at least one
    places: tuple[float, ...] = ()  #: of the colours along the gradient, 0…1 ascending; one for each
    angle_deg: float = 0.0  #: of the gradient's direction, clockwise from rightwards


@dataclass(frozen=True, slots=True)
class Shape:
    """A polygon; lengths count the pixels of a canvas 720 px wide."""

    id: str
    points: tuple[Point, ...]  #: around its centre, x right, y up; at least three
    fill: Rgba | None
    border: Rgba | None
    border_width: float = 0.0
    roundness: float = 0.0  #: radius of its corners


@dataclass(frozen=True, slots=True)
class Compound:
    """A draft within the draft, played as a video of its canvas's size with transparency."""

    id: str
    name: str
    timeline: Timeline
    has_audio: bool = True


Content = PictureMaterial | Fill | Shape | Compound  #: what a clip shows


@dataclass(frozen=True, slots=True)
class SpeedPoint:
    """A point of a speed curve."""

    at: float  #: part of the source range, 0…1
    speed: float  #: > 0


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
    treatment: SoundTreatment = UNTREATED
    keep_pitch: bool = True  #: False: the pitch follows the speed
    speed_points: tuple[SpeedPoint, ...] = ()  #: of a speed curve, from 0 to 1 rising; `rate` is then its mean
    is_reversed: bool = False  #: the source range is played from its end to its start

    def source_time_us(self, offset_us: Fraction) -> Fraction:
        """Media time shown `offset_us` after its start, not clamped; of a reversed clip, the end of what is shown."""
        played_us = offset_us * self.rate
        if self.speed_points:
            way = pace_of(self.speed_points).way_at(offset_us / self.target.duration_us)
            played_us = self.source.duration_us * Fraction(way)
        return self.source.end_us - played_us if self.is_reversed else self.source.start_us + played_us


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSegment(MediaSegment):
    """A clip of a video track, or a sticker or shape, which count from their own start.

    What is shown is cropped, keyed, masked, mirrored, scaled, turned, shifted and blended, in this order.
    """

    material: Content
    transform: Transform = Transform()
    uniform_scale: bool = True  #: a lone ScaleX curve drives both axes
    transition: Transition | None = None  #: into the next clip of the track
    mask: Mask | None = None
    blend: Blend | None = None  #: None lays over
    chroma_key: ChromaKey | None = None
    background: Background | None = None  #: behind a clip of the main track; None is black
    animations: tuple[Animation, ...] = ()

    @property
    def name(self) -> str:
        """What its material is called."""
        material = self.material
        return (material.name if isinstance(material, PictureMaterial | Compound) else "") or material.id


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSegment(ClipSegment):
    """A clip that shows a file."""

    material: PictureMaterial


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
    animations: tuple[Animation, ...] = ()
    look_curves: tuple[LookCurve, ...] = ()  #: keyed properties, which take the place of those of `text`


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
    origin: Mapping[str, Any] = field(default_factory=dict, compare=False)  #: the draft as it was read, kept whole
