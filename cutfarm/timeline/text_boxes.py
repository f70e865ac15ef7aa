"""The boxes behind a caption: behind all of it or each line, and behind each of its characters."""

from __future__ import annotations

from cutfarm.timeline import fields
from cutfarm.timeline.colours import rgba_of
from cutfarm.timeline.fields import Node
from cutfarm.timeline.text import Behind, TextBackground
from cutfarm.timeline.text_paints import Held

PAD_PER_VALUE = 0.5  #: of the line's height, on each side; a proposal
DEFAULT_PAD, OLD_DEFAULT_PAD = 0.14, 1.0
_MAX_PAD, _MAX_SHIFT = 10.0, 10.0
_PER_LINE = 2  #: the `background_style` of a box behind each line


def read_backgrounds(material: Node, held: Held, *, is_switched_on: bool) -> tuple[TextBackground, ...]:
    """The boxes of a text material, the lowest first; `is_switched_on` tells of the one behind block or lines."""
    block = _block(material, held) if is_switched_on else None
    glyph = _glyphs(material, held) if fields.flag(material, "single_char_bg_enable") else None
    return tuple(box for box in (block, glyph) if box is not None)


def pad_of(value: float) -> float:
    """Room on each side, parts of the line's height, for a width or a height of a background."""
    return value * PAD_PER_VALUE


def _block(material: Node, held: Held) -> TextBackground | None:
    behind: Behind = "line" if fields.integer(material, "background_style") == _PER_LINE else "block"
    scale = DEFAULT_PAD / OLD_DEFAULT_PAD if _is_old(material) else 1.0
    return _box(material, "background", behind, held, default_pad=DEFAULT_PAD, scale=scale, radius=0.0)


def _glyphs(material: Node, held: Held) -> TextBackground | None:
    return _box(material, "single_char_bg", "glyph", held, default_pad=0.0, scale=1.0, radius=0.3)


def _is_old(material: Node) -> bool:
    """Whether the sizes of the box are of the generation that has 1 where newer applications have 0.14."""
    return "fixed_width" not in material and all(
        fields.number(material, f"background_{side}") == OLD_DEFAULT_PAD for side in ("width", "height")
    )


def _box(
    material: Node, prefix: str, behind: Behind, held: Held, *, default_pad: float, scale: float, radius: float
) -> TextBackground | None:
    rgba = rgba_of(material.get(f"{prefix}_color"))
    if rgba is None:
        return None

    def number(key: str, default: float, low: float, high: float, what: str) -> float:
        return held.number(material, f"{prefix}_{key}", default, low, high, what)

    return TextBackground(
        behind,
        rgba[:3],
        rgba[3] * held.alpha(material, f"{prefix}_alpha"),
        number("round_radius", radius, 0.0, 1.0, "roundness of the caption's background"),
        pad_of(number("width", default_pad, 0.0, _MAX_PAD, "width of the caption's background") * scale),
        pad_of(number("height", default_pad, 0.0, _MAX_PAD, "height of the caption's background") * scale),
        number("horizontal_offset", 0.0, -_MAX_SHIFT, _MAX_SHIFT, "offset of the caption's background"),
        -number("vertical_offset", 0.0, -_MAX_SHIFT, _MAX_SHIFT, "offset of the caption's background"),
    )
