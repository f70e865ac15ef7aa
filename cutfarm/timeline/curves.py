"""A segment's properties at an instant. Times are microseconds after the segment's start on the timeline."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from cutfarm.timeline.bezier import eased
from cutfarm.timeline.model import (
    ChromaKey,
    ClipSegment,
    Curve,
    Handle,
    Keyframe,
    Mask,
    MediaSegment,
    Segment,
    TextSegment,
    Transform,
)
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.text_curves import look_at

VOLUME_CURVE, PANNING_CURVE = "KFTypeVolume", "KFTypeAudioPanning"
#: Properties whose curves are heard and not seen.
SOUND_CURVES = frozenset({VOLUME_CURVE, PANNING_CURVE})
#: Properties whose curves change a layer's size.
SCALE_CURVES = frozenset({"KFTypeScaleX", "KFTypeScaleY", "KFTypeScale"})

MAX_SCALE = 1000.0
MAX_SHIFT = 1000.0
MAX_GAIN = 10.0

_LINES = 64
_NO_HANDLE = Handle(0.0, 0.0)

#: What a mask's curves drive, by the format's names.
_MASK_FIELDS = {
    "KFTypeCommonMaskPositionX": "center_x",
    "KFTypeCommonMaskPositionY": "center_y",
    "KFTypeCommonMaskSizeWidth": "width",
    "KFTypeCommonMaskSizeHeight": "height",
    "KFTypeCommonMaskRotation": "rotation_deg",
    "KFTypeCommonMaskFeather": "feather",
    "KFTypeCommonMaskExpansion": "expansion",
    "KFTypeCommonMaskRoundCorner": "round_corner",
    "KFTypeCommonMaskScale": "scale",
}
_MASK_SCALE = "scale"  #: a factor of width and height together
_MASK_LIMITS = {
    "center_x": (-MAX_SHIFT, MAX_SHIFT),
    "center_y": (-MAX_SHIFT, MAX_SHIFT),
    "width": (0.0, MAX_SCALE),
    "height": (0.0, MAX_SCALE),
    "rotation_deg": (-1e6, 1e6),
    "feather": (0.0, 1.0),
    "expansion": (-1.0, 1.0),
    "round_corner": (0.0, 1.0),
}
_CHROMA_FIELDS = {
    "KFTypeChromaIntensity": "intensity",
    "KFTypeChromaShadow": "shadow",
    "KFTypeChromaEdgeSmooth": "edge",
    "KFTypeChromaSpill": "spill",
}


def value_at(curve: Curve, at_us: Fraction | float) -> float:
    """The curve at an instant: straight or eased between two keys, held before the first and after the last.

    A handle that reaches past the other key is held to it in time; eased values may lie beyond both keys'.
    """
    keys = curve.keys
    after = bisect_right(keys, at_us, key=lambda key: key.at_us)
    if after == 0:
        return keys[0].value
    left = keys[after - 1]
    if after == len(keys):
        return left.value
    right = keys[after]
    share = float(at_us - left.at_us) / (right.at_us - left.at_us)
    if left.after is None and right.before is None:
        return left.value + (right.value - left.value) * share
    return left.value + _eased(share, left, right)


def _eased(share: float, left: Keyframe, right: Keyframe) -> float:
    """How far the value has come from the left key's."""
    span_us, rise = right.at_us - left.at_us, right.value - left.value
    after, before = left.after or _NO_HANDLE, right.before or _NO_HANDLE
    first = (after.dx_us / span_us, after.dy)
    second = (1.0 + before.dx_us / span_us, rise + before.dy)
    return eased(share, first, second, rise)


def as_lines(curve: Curve) -> list[tuple[float, float]]:
    """(microseconds, value) of points on the curve, ascending, that straight lines join well: 64 to an eased span."""
    points: list[tuple[float, float]] = []
    for left, right in pairwise(curve.keys):
        points.append((left.at_us, left.value))
        if left.after is not None or right.before is not None:
            shares = [part / _LINES for part in range(1, _LINES)]
            span_us = right.at_us - left.at_us
            points += [(left.at_us + share * span_us, left.value + _eased(share, left, right)) for share in shares]
    return [*points, (curve.keys[-1].at_us, curve.keys[-1].value)]


def curve_of(segment: Segment, *properties: str) -> Curve | None:
    """The first of the named properties that is keyed."""
    found = {curve.property: curve for curve in segment.curves}
    return next((found[name] for name in properties if name in found), None)


def transform_at(segment: ClipSegment | TextSegment, at_us: Fraction | float) -> Transform:
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


def mask_at(segment: ClipSegment, at_us: Fraction | float) -> Mask | None:
    """The segment's mask at an instant: its keyed properties take the place of the static ones."""
    mask = segment.mask
    if mask is None or not mask.curves:
        return mask
    values = {_MASK_FIELDS[curve.property]: value_at(curve, at_us) for curve in mask.curves}
    scale = values.pop(_MASK_SCALE, None)
    if scale is not None:
        values |= {side: values.get(side, getattr(mask, side)) * scale for side in ("width", "height")}
    changes: dict[str, Any] = {name: _held(value, *_MASK_LIMITS[name]) for name, value in values.items()}
    return replace(mask, curves=(), **changes)


def chroma_key_at(segment: ClipSegment, at_us: Fraction | float) -> ChromaKey | None:
    """The segment's chroma key at an instant."""
    key = segment.chroma_key
    if key is None or not segment.curves:
        return key
    curves = {_CHROMA_FIELDS[curve.property]: curve for curve in segment.curves if curve.property in _CHROMA_FIELDS}
    return replace(key, **{name: _held(value_at(curve, at_us), 0.0, 1.0) for name, curve in curves.items()})


def text_at(segment: TextSegment, at_us: Fraction | float) -> TextBlock:
    """The segment's text at an instant: the very same block where no look is keyed, or all keys agree with it."""
    if not segment.look_curves:
        return segment.text
    values = {curve.property: [value_at(part, at_us) for part in curve.values] for curve in segment.look_curves}
    return look_at(segment.text, values)


def volume_at(segment: MediaSegment, at_us: Fraction | float) -> float:
    """Linear gain at an instant, 0…10, without fades."""
    curve = curve_of(segment, VOLUME_CURVE)
    return segment.volume if curve is None else _held(value_at(curve, at_us), 0.0, MAX_GAIN)


def _scale_at(segment: ClipSegment | TextSegment, at_us: Fraction | float) -> tuple[float, float]:
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
