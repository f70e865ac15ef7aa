"""Stickers: pictures of the catalogue, which a draft names and does not hold, and emoji."""

from __future__ import annotations

import re

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Canvas, PictureMaterial
from cutfarm.timeline.text import TextBlock, TextStyle

_EMOJI_SIDE = 0.5  #: of the canvas's shorter side, as wide as other stickers at scale 1
_EMOJI_WIDTH_EM = 1.2  #: of a glyph, in the fonts that have emoji
_LINE_PX, _LINE_CANVAS_PX = 6.21, 1080.0  #: height of a caption's line for a size of 1 on a canvas of that width
_CODE = re.compile(r"(?:u\+|\\u|0x)?\{?([0-9a-f]{2,6})\}?", re.IGNORECASE | re.ASCII)
_SEPARATORS = re.compile(r"[-_,;\s]+")
_MOST_CHARACTERS = 16


def sticker_material(raw: Node) -> PictureMaterial:
    """An item of `materials.stickers`, whose picture is found by its number in the catalogue.

    A sticker without a path of its own has one in the draft's folder, named like its number.
    """
    id_ = fields.text(raw, "id")
    resource_id = sticker_id(raw)
    return PictureMaterial(
        id=id_,
        kind="sticker",
        name=fields.text(raw, "name").strip(),
        path=fields.text(raw, "path").strip() or f"stickers/{resource_id or id_}",
        width_px=0,
        height_px=0,
        duration_us=0,
        has_audio=False,
        resource_id=resource_id,
    )


def sticker_id(raw: Node) -> str:
    """A sticker's number in the catalogue."""
    return fields.text(raw, "resource_id") or fields.text(raw, "sticker_id")


def emoji_of(raw: Node) -> str:
    """The characters of an emoji sticker, empty for all others: `unicode` holds them, or their numbers in hex."""
    written = fields.text(raw, "unicode").strip()
    if not written:
        return ""
    codes = [_CODE.fullmatch(part) for part in _SEPARATORS.split(written)]
    numbers = [int(code[1], 16) for code in codes if code is not None]
    if len(numbers) == len(codes) <= _MOST_CHARACTERS and all(_is_character(number) for number in numbers):
        return "".join(chr(number) for number in numbers)
    return "" if written.isascii() else written[:_MOST_CHARACTERS]


def emoji_block(raw: Node, emoji: str, canvas: Canvas) -> TextBlock:
    """The caption that stands for an emoji sticker: as wide as a sticker is at scale 1, which is a proposal."""
    alpha = fields.number(raw, "global_alpha", 1.0, low=0, high=1)
    em_px = _EMOJI_SIDE * min(canvas.width_px, canvas.height_px) / _EMOJI_WIDTH_EM
    style = TextStyle(0, len(emoji), em_px / _LINE_PX * _LINE_CANVAS_PX / canvas.width_px)
    return TextBlock(fields.text(raw, "id"), emoji, (style,), alpha=alpha)


def _is_character(number: int) -> bool:
    return 0x20 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
