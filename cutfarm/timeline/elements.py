"""What a segment asks for and nobody here draws: effects, masks, animations and the like; its sound is in `sounds`.

Materials with neutral values stand in every draft that an application wrote; they ask for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material


@dataclass(frozen=True, slots=True)
class Lost:
    """One thing that is asked for in vain."""

    what: str
    message: str
    resource_id: str = ""


#: Lists that ask for nothing by themselves, or that the reader understands.
_UNDERSTOOD = frozenset(
    {
        "audio_balances",
        "audio_effects",
        "audio_fades",
        "audio_pannings",
        "audio_pitch_shifts",
        "audios",
        "beats",
        "loudnesses",
        "material_colors",
        "placeholder_infos",
        "realtime_denoises",
        "sound_channel_mappings",
        "speeds",
        "texts",
        "transitions",
        "video_trackings",
        "videos",
        "vocal_beautifys",
        "vocal_separations",
    }
)
#: The segment's switches, by the list or the effect type that they bypass; absent ones are on.
_SWITCHES = {
    "color_curves": "enable_color_curves",
    "common_mask": "enable_video_mask",
    "filter": "enable_lut",
    "hsl": "enable_hsl",
    "hsl_curves": "enable_hsl_curves",
    "log_color_wheels": "enable_color_wheels",
    "lut": "enable_lut",
    "masks": "enable_video_mask",
    "primary_color_wheels": "enable_color_wheels",
}
_ADJUSTMENTS = frozenset(
    {
        "black",
        "brightness",
        "clear",
        "contrast",
        "fade",
        "highlight",
        "hue",
        "light_sensation",
        "natural_saturation",
        "particle",
        "saturation",
        "shadow",
        "sharpen",
        "temperature",
        "tone",
        "vignetting",
        "white",
    }
)
_WORDS = {
    "canvases": "background",
    "chromas": "chroma key",
    "color_curves": "colour curves",
    "common_mask": "mask",
    "hsl": "colour adjustment",
    "hsl_curves": "colour curves",
    "log_color_wheels": "colour wheels",
    "masks": "mask",
    "primary_color_wheels": "colour wheels",
    "smart_crops": "smart crop",
    "video_effects": "effect",
    "video_radius": "rounded corners",
    "video_shadows": "clip shadow",
    "video_strokes": "clip outline",
}
_EFFECT_WORDS = {
    "filter": "filter",
    "lut": "LUT",
    "mix_mode": "blend mode",
    "text_effect": "word art",
    "text_shape": "text bubble",
}
#: Keys that say which item it is, and never that it does something.
_METADATA = frozenset(
    {
        "ambient_sound_level",
        "angle",
        "category_id",
        "category_name",
        "color",
        "constant_material_id",
        "effect_id",
        "file_id",
        "formula_id",
        "hsl_color_type",
        "id",
        "intensity",
        "name",
        "path",
        "platform",
        "production_path",
        "request_id",
        "resource_id",
        "source_platform",
        "team_id",
        "time_range",
        "type",
        "version",
    }
)


def lost_elements(segment: Node, materials: Iterable[Material]) -> Iterator[tuple[Lost, Material]]:
    """What `segment` asks for in vain through the materials that it refers to."""
    for material in materials:
        for lost in _READERS.get(material.bucket, _any)(segment, material):
            yield lost, material


def is_neutral(value: object) -> bool:
    """Whether a material's values change nothing: only zeros, empty texts and lists, apart from its metadata."""
    if isinstance(value, Mapping):
        if value.get("enable") is False:
            return True
        return all(is_neutral(item) for key, item in value.items() if key not in _METADATA)
    if isinstance(value, list):
        return all(is_neutral(item) for item in value)
    return not value or value == "none"


def _named(kind: str, raw: Node, consequence: str) -> Lost:
    name = fields.text(raw, "name").strip()
    resource_id = fields.text(raw, "resource_id") or fields.text(raw, "effect_id")
    return Lost(kind, f"The {kind}{f' “{name}”' if name else ''} {consequence}", resource_id)


def _is_on(segment: Node, kind: str) -> bool:
    return kind not in _SWITCHES or fields.flag(segment, _SWITCHES[kind], default=True)


def _any(segment: Node, material: Material) -> Iterator[Lost]:
    bucket = material.bucket
    if bucket in _UNDERSTOOD or is_neutral(material.raw) or not _is_on(segment, bucket):
        return
    yield _named(_WORDS.get(bucket, bucket.replace("_", " ")), material.raw, "is not applied.")


def _always(segment: Node, material: Material) -> Iterator[Lost]:
    if _is_on(segment, material.bucket):
        yield _named(_WORDS[material.bucket], material.raw, "is not applied.")


def _effects(segment: Node, material: Material) -> Iterator[Lost]:
    raw = material.raw
    kind = fields.text(raw, "type")
    if not fields.flag(raw, "visible", default=True):
        return
    if kind in _ADJUSTMENTS:
        if fields.number(raw, "value") != 0 and fields.flag(segment, "enable_adjust", default=True):
            yield Lost("adjustment", f"The adjustment of {kind.replace('_', ' ')} is not applied.")
        return
    names_nothing = not any(fields.text(raw, key) for key in ("effect_id", "resource_id", "path"))
    is_off = kind in ("filter", "lut") and fields.number(raw, "value", 1.0) == 0
    if (kind in ("text_effect", "text_shape") and names_nothing) or is_off or not _is_on(segment, kind):
        return
    yield _named(_EFFECT_WORDS.get(kind, kind.replace("_", " ") or "effect"), raw, "is not applied.")


def _tone_curves(segment: Node, material: Material) -> Iterator[Lost]:
    if not _is_diagonal(material.raw):
        yield from _any(segment, material)


def _is_diagonal(value: object) -> bool:
    """Whether all points of a curve lie on the line that changes nothing."""
    if isinstance(value, Mapping):
        if "x" in value or "y" in value:
            return abs(fields.number(value, "x") - fields.number(value, "y")) < 1e-6
        return all(_is_diagonal(item) for item in value.values())
    return not isinstance(value, list) or all(_is_diagonal(item) for item in value)


def _animations(_segment: Node, material: Material) -> Iterator[Lost]:
    for raw in fields.nodes(material.raw, "animations"):
        kind = fields.text(raw, "type")
        yield _named(f"{kind} animation" if kind else "animation", raw, "is not played.")


_READERS: dict[str, Callable[[Node, Material], Iterator[Lost]]] = {
    "color_curves": _tone_curves,
    "common_mask": _always,
    "effects": _effects,
    "masks": _always,
    "material_animations": _animations,
    "video_effects": _always,
}
