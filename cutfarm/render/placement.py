"""Where a layer lies in the output: plain double-precision arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cutfarm.timeline.model import Canvas, Segment, Transform

if TYPE_CHECKING:
    from cutfarm.media.source import PictureSource
    from cutfarm.timeline.layers import ClipLayer
    from kernels.geometry import Affine

_SCALE_CURVES = frozenset({"KFTypeScaleX", "KFTypeScaleY", "KFTypeScale"})
_HARDLY = 1e-6  # source pixels, for the rounding of floats
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
    """A source rectangle of width_px × height_px laid into the output by an affine map.

    Source (x, y) lands on (a·x + b·y + c, d·x + e·y + f), in continuous output pixels.
    """

    width_px: float
    height_px: float
    to_output: Affine

    @property
    def scaled_size_px(self) -> tuple[float, float]:
        """Lengths of the source's sides in the output, before rotation."""
        a, b, _, d, e, _ = self.to_output
        return math.hypot(a, d) * self.width_px, math.hypot(b, e) * self.height_px

    def resampled(self, width_px: int, height_px: int) -> Placement:
        """The same place for the source at another resolution."""
        a, b, c, d, e, f = self.to_output
        x, y = self.width_px / width_px, self.height_px / height_px
        return Placement(width_px, height_px, (a * x, b * y, c, d * x, e * y, f))

    def bounds(self, output_width_px: int, output_height_px: int) -> Box:
        """The output pixels that the source can touch."""
        a, b, c, d, e, f = self.to_output
        corners = [(x, y) for x in (0.0, self.width_px) for y in (0.0, self.height_px)]
        xs = [a * x + b * y + c for x, y in corners]
        ys = [d * x + e * y + f for x, y in corners]
        left, right = _even_span(min(xs), max(xs), output_width_px)
        top, bottom = _even_span(min(ys), max(ys), output_height_px)
        return Box(left, top, right, bottom)

    def whole_box(self) -> Box | None:
        """The box that the source fills exactly if it lies upright, unmirrored and on whole even pixels; else None."""
        a, b, c, d, e, f = self.to_output
        if b or d or a <= 0 or e <= 0:
            return None
        edges = (c, f, c + a * self.width_px, f + e * self.height_px)
        whole = [round(edge) for edge in edges]
        if any(abs(edge - near) > _WHOLE_PX or near % 2 for edge, near in zip(edges, whole, strict=True)):
            return None
        return Box(*whole)

    def to_source(self, box: Box) -> Affine:
        """The map from coordinates inside `box` to source coordinates; the placement must not be degenerate."""
        a, b, c, d, e, f = self.to_output
        determinant = a * e - b * d
        inverse = (e / determinant, -b / determinant, -d / determinant, a / determinant)
        x, y = box.left_px - c, box.top_px - f
        return (
            inverse[0],
            inverse[1],
            inverse[0] * x + inverse[1] * y,
            inverse[2],
            inverse[3],
            inverse[2] * x + inverse[3] * y,
        )

    def covers(self, box: Box) -> bool:
        """Whether every pixel of `box` lies wholly inside the source; enough to test the corners of a convex shape."""
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
        """Whether the source is squeezed to nothing."""
        a, b, _, d, e, _ = self.to_output
        return not abs(a * e - b * d) > 1e-12


def chroma_map(luma: Affine) -> Affine:
    """The map between chroma samples that belongs to the map between luma samples.

    Chroma column j is centred on the left edge's neighbour, luma x = 2j + ½, row i between two rows, luma y = 2i + 1
    (ITU-T H.264 annex E, chroma sample location type 0).
    """
    a, b, c, d, e, f = luma
    # In continuous coordinates x_luma = 2·x_chroma − ½ and y_luma = 2·y_chroma on both sides.
    return (a, b, (-0.5 * a + c + 0.5) / 2.0, d, e, (-0.5 * d + f) / 2.0)


def sampling_size(placement: Placement, segment: Segment) -> tuple[int, int]:
    """The size to which the source of `segment` is filtered before it is laid into place; never above its own.

    A scale that stands still is met to the pixel. One that moves takes halves, so that filtering does not pulse.
    """
    is_scaling = any(curve.property in _SCALE_CURVES for curve in segment.curves)

    def length(own: float, scaled: float) -> int:
        if scaled >= own:
            return int(own)
        if is_scaling:
            halvings = max(int(math.log2(own / max(scaled, 1.0))), 0)
            return max(round(own * 0.5**halvings), 1)
        return max(math.ceil(scaled), 1)

    width, height = placement.scaled_size_px
    return length(placement.width_px, width), length(placement.height_px, height)


def place_picture(
    source_px: tuple[float, float], transform: Transform, canvas: Canvas, output_px: tuple[int, int]
) -> Placement:
    """A clip of `source_px` (width, height) contained in the canvas, then transformed (format §4, order and signs)."""
    fit = min(canvas.width_px / source_px[0], canvas.height_px / source_px[1])
    return _place(source_px, fit, (source_px[0] / 2.0, source_px[1] / 2.0), transform, canvas, output_px)


def place_clip(clip: ClipLayer, source: PictureSource, canvas: Canvas, output_px: tuple[int, int]) -> Placement:
    """Where a clip lies that shows `source`."""
    return place_picture((source.width_px, source.height_px), clip.transform, canvas, output_px)


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


def _place(
    source_px: tuple[float, float],
    fit: float,
    origin_px: tuple[float, float],
    transform: Transform,
    canvas: Canvas,
    output_px: tuple[int, int],
) -> Placement:
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
    return Placement(source_px[0], source_px[1], (a, b, c, d, e, f))


def _even_span(low: float, high: float, limit: int) -> tuple[int, int]:
    first = max(0, math.floor(low) - 1)
    last = min(limit, math.ceil(high) + 1)
    return first - first % 2, last + last % 2
