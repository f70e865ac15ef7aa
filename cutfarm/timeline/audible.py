"""Which segments are heard, apart from the tracks and compound clips that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from cutfarm.timeline.curves import VOLUME_CURVE
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    Content,
    Curve,
    PictureMaterial,
    Segment,
    SoundMaterial,
    SoundSegment,
)


def is_audible(segment: Segment) -> TypeGuard[SoundSegment | ClipSegment]:
    """Whether the segment is visible, shows or plays what has a sound, and is turned up at any time."""
    return (
        segment.is_visible
        and isinstance(segment, SoundSegment | ClipSegment)
        and has_sound(segment.material)
        and is_turned_up(segment.volume, segment.curves)
    )


def has_sound(material: Content | SoundMaterial) -> bool:
    """Whether what a segment shows or plays has a sound: stills, generated pictures and silent films have none."""
    match material:
        case SoundMaterial() | Compound(has_audio=True):
            return True
        case PictureMaterial(kind="video", has_audio=True):
            return True
        case _:
            return False


def is_turned_up(volume: float, curves: Iterable[Curve]) -> bool:
    """Whether a gain, which keys replace, is ever above 0."""
    keyed = next((curve for curve in curves if curve.property == VOLUME_CURVE), None)
    return volume > 0 if keyed is None else any(key.value > 0 for key in keyed.keys)
