"""Where a layer lies in the output: plain double-precision arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cutfarm.render.crop import Window, composed, window_of
from cutfarm.timeline.curves import SCALE_CURVES
from cutfarm.timeline.model import Canvas, ClipSegment, Crop, PictureMaterial, Shape, Transform

if TYPE_CHECKING:
    from cutfarm.media.source import PictureSource
    from cutfarm.timeline.layers import ClipLayer
    from kernels.geometry import Affine, Perspective

_ALL = Crop()
_STICKER_SIDE = 0.5  # of the canvas's shorter side
_SHAPE_CANVAS_PX = 720.0  # the width of the canvas whose pixels a shape counts
_SHAPE_MOST_PX = 2048  # to a side: a shape larger than that is enlarged
_FARTHEST = 1e12  # output pixels; what reaches beyond is nowhere
_HARDLY = 1e-6  # source pixels, for the rounding of floats
_HARDLY_SCALED = 1e-6  # no picture is so large that it shows
_WHOLE_PX = 1.0 / 64.0  # nearer to a whole pixel than this is on it


@dataclass(frozen=True, slots=True)
class Box:
    """Whole output pixels [left, right) × [top, bottom), even on all sides so that chroma samples are whole too."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    @property
    def width_px(self) -> int:
        """Columns; 0 or less where nothing shows."""
        return self.right_px - self.left_px

    @property
    def height_px(self) -> int:
        """Rows; 0 or less where nothing shows."""
        return self.bottom_px - self.top_px

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is inside."""
        return self.width_px <= 0 or self.height_px <= 0

    def is_inside(self, other: Box) -> bool:
        """Whether no pixel lies outside `other`."""
        return self.intersection(other) == self

    def intersection(self, other: Box) -> Box:
        """What lies in both; may be empty."""
        left_px, top_px = max(self.left_px, other.left_px), max(self.top_px, other.top_px)
        return Box(left_px, top_px, min(self.right_px, other.right_px), min(self.bottom_px, other.bottom_px))

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        left_px, top_px = min(self.left_px, other.left_px), min(self.top_px, other.top_px)
        return Box(left_px, top_px, max(self.right_px, other.right_px), max(self.bottom_px, other.bottom_px))

    def within(self, other: Box) -> Box:
        """The same pixels counted from the corner of `other`."""
        left, top = other.left_px, other.top_px
        return Box(self.left_px - left, self.top_px - top, self.right_px - left, self.bottom_px - top)


@dataclass(frozen=True, slots=True)
class Placement:
    """A rectangle of width_px × height_px, which is what a clip shows, laid into the output by an affine map.

    Its point (x, y) lands on (a·x + b·y + c, d·x + e·y + f), in continuous output pixels.
    """

    width_px: float
    height_px: float
    to_output: Affine
    window: Window | None = None  #: what of its picture is shown; None shows all, counted in the picture's samples

    @property
    def scaled_size_px(self) -> tuple[float, float]:
        """Lengths of the rectangle's sides in the output, before rotation."""
        a, b, _, d, e, _ = self.to_output
        return math.hypot(a, d) * self.width_px, math.hypot(b, e) * self.height_px

    @property
    def picture_px(self) -> tuple[float, float]:
        """Width and height of the whole picture, in its samples."""
        return (self.width_px, self.height_px) if self.window is None else self.window.picture_px

    @property
    def filtered_size_px(self) -> tuple[float, float]:
        """The size at which the whole picture's samples lie an output pixel apart, along its width and height.

        Where that differs from place to place, as in perspective, the largest size, but at no corner twice the need.
        """
        if self.window is None:
            return self.scaled_size_px
        steps = [self.window.steps_at(x, y, self._inverse) for x in (0.0, self.width_px) for y in (0.0, self.height_px)]
        width, height = (
            length * min(1.0 / min(along), 2.0 / max(along))
            for length, along in zip(self.window.picture_px, zip(*steps, strict=True), strict=True)
        )
        return width, height

    def resampled(self, width_px: int, height_px: int) -> Placement:
        """The same place for the whole picture at another resolution."""
        if self.window is not None:
            return replace(self, window=self.window.resampled(width_px, height_px))
        a, b, c, d, e, f = self.to_output
        x, y = self.width_px / width_px, self.height_px / height_px
        return Placement(width_px, height_px, (a * x, b * y, c, d * x, e * y, f))

    def part(self, box: Box) -> Placement:
        """The place of a part of a picture that is shown whole."""
        a, b, c, d, e, f = self.to_output
        left, top = box.left_px, box.top_px
        moved = (a, b, a * left + b * top + c, d, e, d * left + e * top + f)
        return Placement(box.width_px, box.height_px, moved)

    def bounds(self, output_width_px: int, output_height_px: int) -> Box:
        """The output pixels that the rectangle can touch.

        A side of an upright one on whole even pixels is the box's own: there nothing of what is beside shows through.
        """
        a, b, c, d, e, f = self.to_output
        is_upright = not (b or d) or not (a or e)
        corners = [(x, y) for x in (0.0, self.width_px) for y in (0.0, self.height_px)]
        xs = [a * x + b * y + c for x, y in corners]
        ys = [d * x + e * y + f for x, y in corners]
        left, right = _even_span(min(xs), max(xs), output_width_px, is_upright)
        top, bottom = _even_span(min(ys), max(ys), output_height_px, is_upright)
        return Box(left, top, right, bottom)

    def whole_box(self) -> Box | None:
        """The box that the rectangle fills if it lies upright, unmirrored and on whole even pixels; else None.

        None too where it is so thin that it would fill no pixel.
        """
        a, b, c, d, e, f = self.to_output
        if b or d or a <= 0 or e <= 0:
            return None
        edges = (c, f, c + a * self.width_px, f + e * self.height_px)
        whole = [round(edge) for edge in edges]
        if any(abs(edge - near) > _WHOLE_PX or near % 2 for edge, near in zip(edges, whole, strict=True)):
            return None
        box = Box(*whole)
        return None if box.is_empty else box

    def to_source(self, box: Box) -> Affine:
        """The map from coordinates inside `box` to the rectangle's; the placement must not be degenerate."""
        inverse = self._inverse
        x, y = box.left_px - self.to_output[2], box.top_px - self.to_output[5]
        return (
            inverse[0],
            inverse[1],
            inverse[0] * x + inverse[1] * y,
            inverse[2],
            inverse[3],
            inverse[2] * x + inverse[3] * y,
        )

    def source_span(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of what lies under `box`, counted in the rectangle; not for a degenerate one."""
        a, b, c, d, e, f = self.to_source(box)
        corners = [(x, y) for x in (0.0, float(box.width_px)) for y in (0.0, float(box.height_px))]
        xs, ys = [a * x + b * y + c for x, y in corners], [d * x + e * y + f for x, y in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def to_picture(self, box: Box) -> Affine | Perspective:
        """The map from coordinates inside `box` to the whole picture's samples; not for a degenerate placement."""
        shown = self.to_source(box)
        return shown if self.window is None else composed(self.window.to_picture, shown)

    def upright_axes(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """(scale, shift) from the whole picture's x and y to the output's; None where it is turned or mirrored."""
        a, b, c, d, e, f = self.to_output
        if b or d or a <= 0 or e <= 0:
            return None
        if self.window is None:
            return (a, c), (e, f)
        if not self.window.is_upright:
            return None
        across, _, left, _, down, top = self.window.to_picture[:6]
        x_scale, y_scale = a / across, e / down
        return (x_scale, c - x_scale * left), (y_scale, f - y_scale * top)

    def covers(self, box: Box) -> bool:
        """Whether every pixel of `box` lies wholly inside the rectangle; its corners tell, since that is convex."""
        if self.is_degenerate:
            return False
        a, b, c, d, e, f = self.to_source(box)
        for x in (0.0, float(box.width_px)):
            for y in (0.0, float(box.height_px)):
                column, row = a * x + b * y + c, d * x + e * y + f
                if not (-_HARDLY <= column <= self.width_px + _HARDLY and -_HARDLY <= row <= self.height_px + _HARDLY):
                    return False
        return True

    @property
    def is_degenerate(self) -> bool:
        """Whether the rectangle is squeezed to nothing."""
        a, b, _, d, e, _ = self.to_output
        return not abs(a * e - b * d) > 1e-12

    @property
    def _inverse(self) -> tuple[float, float, float, float]:
        """The linear part of the map from the output to the rectangle, row by row."""
        a, b, _, d, e, _ = self.to_output
        determinant = a * e - b * d
        return e / determinant, -b / determinant, -d / determinant, a / determinant


def chroma_map(luma: Affine | Perspective) -> Affine | Perspective:
    """The map between chroma samples that belongs to the map between luma samples.

    Chroma column j is centred on the left edge's neighbour, luma x = 2j + ½, row i between two rows, luma y = 2i + 1
    (ITU-T H.264 annex E, chroma sample location type 0).
    """
    # In continuous coordinates x_luma = 2·x_chroma − ½ and y_luma = 2·y_chroma on both sides.
    a, b, c, d, e, f = luma[:6]
    if len(luma) == 6:
        return (a, b, (-0.5 * a + c + 0.5) / 2.0, d, e, (-0.5 * d + f) / 2.0)
    g, h, i = luma[6:]
    depth = (2.0 * g, 2.0 * h, i - 0.5 * g)
    x, y = (a, b, (c - 0.5 * a) / 2.0), (d, e, (f - 0.5 * d) / 2.0)
    return (x[0] + 0.25 * depth[0], x[1] + 0.25 * depth[1], x[2] + 0.25 * depth[2], *y, *depth)


def sampling_size(placement: Placement, segment: ClipSegment) -> tuple[int, int]:
    """The size to which the whole picture of `segment` is filtered before it is sampled; never above its own.

    A scale that stands still is met within two pixels, in even numbers so that chroma is met too. One that moves takes
    halves, so that filtering does not pulse. A shape, which has no samples of its own, is drawn up to 2048 px wide.
    """
    own, wanted = placement.picture_px, placement.filtered_size_px
    length = _drawn_length if isinstance(segment.material, Shape) else _filtered_length
    is_scaling = any(curve.property in SCALE_CURVES for curve in segment.curves)
    return length(own[0], wanted[0], is_scaling), length(own[1], wanted[1], is_scaling)


def _filtered_length(own: float, wanted: float, is_scaling: bool) -> int:
    if wanted >= own:
        return int(own)
    if is_scaling:
        wanted = own * 0.5 ** max(int(math.log2(own / max(wanted, 1.0))), 0)
    return min(max(2 * math.ceil(wanted / 2.0 - _HARDLY), 2), int(own))


def _drawn_length(own: float, wanted: float, is_scaling: bool) -> int:
    if wanted < own:
        return _filtered_length(own, wanted, is_scaling)
    doubled = own * 2.0 ** math.ceil(math.log2(wanted / own)) if is_scaling else 2.0 * math.ceil(wanted / 2.0)
    return max(int(min(doubled, _SHAPE_MOST_PX)), int(own))


def place_picture(
    source_px: tuple[float, float], transform: Transform, canvas: Canvas, output_px: tuple[int, int]
) -> Placement:
    """A clip of `source_px` (width, height) contained in the canvas, then transformed (format §4, order and signs)."""
    fit = min(canvas.width_px / source_px[0], canvas.height_px / source_px[1])
    return _place(source_px, fit, (source_px[0] / 2.0, source_px[1] / 2.0), transform, canvas, output_px)


def place_clip(clip: ClipLayer, source: PictureSource, canvas: Canvas, output_px: tuple[int, int]) -> Placement:
    """Where a clip lies that shows `source`, cropped as its material says, at its natural size where it has one.

    At scale 1 a sticker is contained in a square of half of the canvas's shorter side, which is a proposal; a pixel of
    a shape is as large as those of a canvas 720 wide; all else is contained in the canvas.
    """
    shown_px: tuple[float, float] = (source.width_px, source.height_px)
    material, window = clip.segment.material, None
    if isinstance(material, PictureMaterial):
        if material.crop != _ALL:
            window = window_of(material.crop, shown_px)
            shown_px = shown_px if window is None else (window.width_px, window.height_px)
        if material.kind != "sticker":
            fit = min(canvas.width_px / shown_px[0], canvas.height_px / shown_px[1])
        else:
            fit = _STICKER_SIDE * min(canvas.width_px, canvas.height_px) / max(shown_px)
    elif isinstance(material, Shape):
        fit = canvas.width_px / _SHAPE_CANVAS_PX
    else:
        fit = min(canvas.width_px / shown_px[0], canvas.height_px / shown_px[1])
    return _place(shown_px, fit, (shown_px[0] / 2.0, shown_px[1] / 2.0), clip.transform, canvas, output_px, window)


def place_drawn(
    source_px: tuple[float, float],
    origin_px: tuple[float, float],
    scale: tuple[float, float],
    transform: Transform,
    canvas: Canvas,
    output_px: tuple[int, int],
) -> Placement:
    """A picture drawn for its place, whose point `origin_px` lies on the transform's centre.

    `scale`: output pixels to a source pixel along the picture's x and y; the transform's own scale is not used.
    """
    per_canvas = output_px[0] / canvas.width_px, output_px[1] / canvas.height_px
    bare = Transform(
        scale_x=scale[0] / per_canvas[0],
        scale_y=scale[1] / per_canvas[1],
        rotation_deg=transform.rotation_deg,
        shift_x=transform.shift_x,
        shift_y=transform.shift_y,
        flip_x=transform.flip_x,
        flip_y=transform.flip_y,
    )
    return _place(source_px, 1.0, origin_px, bare, canvas, output_px)


def settled(placement: Placement) -> Placement:
    """`placement` moved onto whole pixels where it lies upright, unmirrored and sample for sample, else as it is."""
    a, b, c, d, e, f = placement.to_output
    if b or d or max(abs(a - 1.0), abs(e - 1.0)) > _HARDLY_SCALED:
        return placement
    left, top = (math.floor(edge + 0.5 + _HARDLY) for edge in (c, f))  # ties go one way whatever part is laid
    return replace(placement, to_output=(1.0, 0.0, float(left), 0.0, 1.0, float(top)))


def _place(
    source_px: tuple[float, float],
    fit: float,
    origin_px: tuple[float, float],
    transform: Transform,
    canvas: Canvas,
    output_px: tuple[int, int],
    window: Window | None = None,
) -> Placement:
    """A scale, rotation or shift that is no number, or leads beyond all bounds, squeezes the clip to nothing."""
    x_scale = fit * transform.scale_x * (-1.0 if transform.flip_x else 1.0)
    y_scale = fit * transform.scale_y * (-1.0 if transform.flip_y else 1.0)
    angle = math.radians(transform.rotation_deg % 360.0)
    upright = transform.rotation_deg % 90.0 == 0.0
    cosine = float(round(math.cos(angle))) if upright else math.cos(angle)
    sine = float(round(math.sin(angle))) if upright else math.sin(angle)
    across, down = output_px[0] / canvas.width_px, output_px[1] / canvas.height_px
    centre_x = canvas.width_px / 2.0 * (1.0 + transform.shift_x)
    centre_y = canvas.height_px / 2.0 * (1.0 - transform.shift_y)
    # With y pointing down this turns clockwise on screen.
    a, b = cosine * x_scale * across, -sine * y_scale * across
    d, e = sine * x_scale * down, cosine * y_scale * down
    c = centre_x * across - a * origin_px[0] - b * origin_px[1]
    f = centre_y * down - d * origin_px[0] - e * origin_px[1]
    if not abs(a) + abs(b) + abs(c) + abs(d) + abs(e) + abs(f) < _FARTHEST:
        a = b = c = d = e = f = 0.0
    return Placement(source_px[0], source_px[1], (a, b, c, d, e, f), window)


def _even_span(low: float, high: float, limit: int, is_upright: bool) -> tuple[int, int]:
    first, last = 2 * round(low / 2.0), 2 * round(high / 2.0)
    if not is_upright or abs(first - low) > _WHOLE_PX:
        first = 2 * ((math.floor(low) - 1) // 2)
    if not is_upright or abs(last - high) > _WHOLE_PX:
        last = 2 * ((math.ceil(high) + 2) // 2)
    return max(first, 0), min(last, limit)
