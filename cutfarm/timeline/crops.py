"""Which part of a picture a clip shows."""

from __future__ import annotations

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Crop, Point
from cutfarm.timeline.notes import SegmentNotes

_LEAST = 1e-6  #: what a corner of a crop spans at least, in parts of the picture's area
_LOW, _HIGH = -1.0, 2.0  #: how far a corner may lie outside of the picture


def read_crop(raw: Node, notes: SegmentNotes) -> Crop:
    """The `crop` of a picture material; corners that are missing or no numbers are the picture's own.

    Corners are held to [-1, 2]. They must run clockwise from the upper left around a convex quad: one that crosses
    itself, is mirrored, dented or has no area shows the whole picture, and `notes` says so.
    """
    crop = corners_of(raw)
    if is_whole(crop):
        return Crop()
    if not _is_convex(crop):
        notes.unsupported("crop", "The clip's crop crosses itself or has no area; the whole picture is shown.")
        return Crop()
    return crop


def corners_of(raw: Node) -> Crop:
    """A `crop` as it is written, held to [-1, 2]."""
    whole = Crop()
    return Crop(
        _corner(raw, "upper_left", whole.upper_left),
        _corner(raw, "upper_right", whole.upper_right),
        _corner(raw, "lower_left", whole.lower_left),
        _corner(raw, "lower_right", whole.lower_right),
    )


def is_whole(crop: Crop) -> bool:
    """Whether a crop keeps everything, but for the rounding of floats."""
    return all(
        abs(mine - its) < 1e-4
        for corner, own in zip(_corners(crop), _corners(Crop()), strict=True)
        for mine, its in zip(corner, own, strict=True)
    )


def _corner(raw: Node, name: str, default: Point) -> Point:
    x, y = (
        fields.number(raw, f"{name}_{axis}", own, low=_LOW, high=_HIGH) for axis, own in zip("xy", default, strict=True)
    )
    return x, y


def _corners(crop: Crop) -> tuple[Point, Point, Point, Point]:
    """Clockwise from the upper left."""
    return crop.upper_left, crop.upper_right, crop.lower_right, crop.lower_left


def _is_convex(crop: Crop) -> bool:
    corners = _corners(crop)
    turns = (_turn(corners[at - 2], corners[at - 1], corners[at]) for at in range(4))
    return all(turn >= _LEAST for turn in turns)


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive where the way from `a` over `b` to `c` turns clockwise on screen."""
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
