"""How a clip is mixed with what lies below it: blend modes and keyed colours."""

from __future__ import annotations

from cutfarm.catalogue.blends import blend_mode, is_normal
from cutfarm.timeline import fields
from cutfarm.timeline.colours import rgba_of
from cutfarm.timeline.masks import MASK_BUCKETS
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Blend, ChromaKey, Curve
from cutfarm.timeline.stage import SegmentSource

_READ_BUCKETS = frozenset({*MASK_BUCKETS, "canvases", "chromas", "drafts", "material_colors"})
_UNSURE_MODES = {"soft_light"}  #: modes that go by more than one formula


def is_look(material: Material) -> bool:
    """Whether a clip's own reading takes care of `material`, so that nobody else has to report it."""
    return material.bucket in _READ_BUCKETS or _is_blend(material)


def read_blend(source: SegmentSource) -> Blend | None:
    """The first blend mode of a clip, its strength held to 0…1; None lays the clip over. Unknown modes are noted."""
    for material in source.further:
        raw = material.raw
        name = fields.text(raw, "name")
        if not _is_blend(material) or is_normal(name) or not fields.flag(raw, "visible", default=True):
            continue
        resource_id, effect_id = fields.text(raw, "resource_id"), fields.text(raw, "effect_id")
        mode = blend_mode(resource_id=resource_id, effect_id=effect_id, name=name)
        if mode is None:
            message = f"The blend mode{f' “{name}”' if name else ''} is not known; the clip is laid over."
            source.lose(material, "blend mode", message, resource_id or effect_id)
            continue
        if mode in _UNSURE_MODES:
            message = f"The blend mode “{name or mode}” is drawn by the W3C's formula."
            source.notes.close("blend mode", message, resource_id or effect_id)
        return Blend(mode, fields.number(raw, "value", 1.0, low=0, high=1))
    return None


def read_chroma_key(source: SegmentSource, curves: tuple[Curve, ...]) -> ChromaKey | None:
    """The colour that is keyed out of a clip; None for an intensity of 0 that no key raises.

    All values are held to 0…1. A colour that cannot be read keys nothing out, and is noted.
    """
    is_keyed = any(curve.property == "KFTypeChromaIntensity" for curve in curves)
    for material in source.all_of("chromas"):
        raw = material.raw
        intensity = fields.number(raw, "intensity_value", low=0, high=1)
        if intensity == 0 and not is_keyed:
            continue
        colour = rgba_of(raw.get("color"))
        if colour is None:
            source.lose(material, "chroma key", "The chroma key names no colour, so nothing is keyed out.")
            continue
        source.notes.close("chroma key", f"The colour {fields.text(raw, 'color')} is keyed out by a formula of ours.")
        red, green, blue, _ = colour
        return ChromaKey(
            red,
            green,
            blue,
            intensity,
            shadow=fields.number(raw, "shadow_value", low=0, high=1),
            edge=fields.number(raw, "edge_smooth_value", low=0, high=1),
            spill=fields.number(raw, "spill_value", low=0, high=1),
        )
    return None


def _is_blend(material: Material) -> bool:
    return material.bucket == "effects" and fields.text(material.raw, "type") == "mix_mode"
