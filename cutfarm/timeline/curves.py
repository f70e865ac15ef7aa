"""A segment's properties at an instant. Times are microseconds after the segment's start on the timeline."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction

from cutfarm.timeline.model import Curve, MediaSegment, PictureSegment, Segment, TextSegment, Transform

MAX_SCALE = 1000.0
MAX_SHIFT = 1000.0
MAX_GAIN = 10.0


def value_at(curve: Curve, at_us: Fraction | float) -> float:
    """The curve at an instant: straight between two keys, held before the first and after the last."""
    keys = curve.keys
    after = bisect_right(keys, at_us, key=lambda key: key.at_us)
    if after == 0:
        return keys[0].value
    left = keys[after - 1]
    if after == len(keys):
        return left.value
    right = keys[after]
    share = float(at_us - left.at_us) / (right.at_us - left.at_us)
    return left.value + (right.value - left.value) * share


def curve_of(segment: Segment, *properties: str) -> Curve | None:
    """The first of the named properties that is keyed."""
    found = {curve.property: curve for curve in segment.curves}
    return next((found[name] for name in properties if name in found), None)


def transform_at(segment: PictureSegment | TextSegment, at_us: Fraction | float) -> Transform:
    """Where the segment lies at an instant: a keyed property takes the place of the static one."""
    still = segment.transform
    if not segment.curves:
        return still

    def keyed(default: float, *properties: str) -> float:
        curve = curve_of(segment, *properties)
        return default if curve is None else value_at(curve, at_us)

    scale_x, scale_y = _scale_at(segment, at_us)
    return replace(
        still,
        alpha=_held(keyed(still.alpha, "KFTypeAlpha", "KFTypeGlobalAlpha"), 0.0, 1.0),
        scale_x=_held(scale_x, 0.0, MAX_SCALE),
        scale_y=_held(scale_y, 0.0, MAX_SCALE),
        rotation_deg=keyed(still.rotation_deg, "KFTypeRotation"),
        shift_x=_held(keyed(still.shift_x, "KFTypePositionX"), -MAX_SHIFT, MAX_SHIFT),
        shift_y=_held(keyed(still.shift_y, "KFTypePositionY"), -MAX_SHIFT, MAX_SHIFT),
    )


def volume_at(segment: MediaSegment, at_us: Fraction | float) -> float:
    """Linear gain at an instant, 0…10, without fades."""
    curve = curve_of(segment, "KFTypeVolume")
    return segment.volume if curve is None else _held(value_at(curve, at_us), 0.0, MAX_GAIN)


def _scale_at(segment: PictureSegment | TextSegment, at_us: Fraction | float) -> tuple[float, float]:
    still = segment.transform
    both = curve_of(segment, "KFTypeScale")
    along_x, along_y = curve_of(segment, "KFTypeScaleX"), curve_of(segment, "KFTypeScaleY")
    if along_x is None and along_y is None:
        return (still.scale_x, still.scale_y) if both is None else (value_at(both, at_us),) * 2
    if segment.uniform_scale and along_x is not None and along_y is None:
        return (value_at(along_x, at_us),) * 2
    return (
        still.scale_x if along_x is None else value_at(along_x, at_us),
        still.scale_y if along_y is None else value_at(along_y, at_us),
    )


def _held(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
