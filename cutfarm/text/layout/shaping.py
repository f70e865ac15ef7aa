"""From characters to positioned glyphs, by HarfBuzz."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, groupby

from cutfarm.text.layout import columns
from cutfarm.text.layout.itemise import Item

# The application draws without kerning.
_FEATURES = {"kern": False}
_LIGATURES_OFF = {"liga": False, "clig": False, "dlig": False}
_CONTEXT = 8  # characters on each side; HarfBuzz looks at five
_LANGUAGES = {"Hang": "ko"}  # Korean spaces and punctuation are wider than a font's default ones
_JOINED_SCRIPTS = frozenset(("Adlm", "Arab", "Mand", "Mong", "Nkoo", "Phag", "Rohg", "Syrc"))


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a shaped item; lengths are parts of an em, y up.

    The pen runs to the right on the baseline; for upright items down the middle of the column.
    """

    glyph_id: int
    cluster: int  #: first character that it stands for, index into the paragraph
    advance_em: float
    x_em: float  #: offset of its origin from the pen
    y_em: float


def is_joined(script: str) -> bool:
    """Whether letters of the script hang together within a word."""
    return script in _JOINED_SCRIPTS


def takes_letter_spacing(script: str) -> bool:
    """Whether letters of the script may be moved apart; joined ones may not."""
    return not is_joined(script)


def shape(paragraph: str, item: Item, *, letter_spacing_em: float = 0.0) -> tuple[Glyph, ...]:
    """The item's glyphs from left to right, or from top to bottom, with the letter spacing added after each cluster.

    The paragraph around the item is its context, so that Arabic joins across a change of style. Glyphs that the font
    does not have are left out: nothing draws an empty box. Joined scripts take no letter spacing.
    """
    import uharfbuzz as hb

    spaced = letter_spacing_em != 0.0 and takes_letter_spacing(item.script)
    before = max(0, item.start - _CONTEXT)
    buffer = hb.Buffer()
    codepoints = [ord(char) for char in paragraph[before : item.end + _CONTEXT]]
    buffer.add_codepoints(codepoints, item.start - before, item.end - item.start)
    buffer.direction = "ttb" if item.upright else "rtl" if item.level % 2 else "ltr"
    buffer.script = item.script
    if item.script in _LANGUAGES:
        buffer.language = _LANGUAGES[item.script]
    buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES | hb.BufferFlags.DO_NOT_INSERT_DOTTED_CIRCLE
    features = _FEATURES | (_LIGATURES_OFF if spaced else {}) | (columns.FEATURES if item.upright else {})
    hb.shape(item.font.hb_font, buffer, features)
    upem = item.font.face.upem
    shaped = [
        Glyph(
            info.codepoint,
            before + info.cluster,
            (-at.y_advance if item.upright else at.x_advance) / upem,
            at.x_offset / upem,
            at.y_offset / upem,
        )
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        if info.codepoint != 0
    ]
    if item.upright and item.level % 2:
        clusters = [list(glyphs) for _, glyphs in groupby(shaped, key=lambda glyph: glyph.cluster)]
        shaped = list(chain.from_iterable(reversed(clusters)))
    return tuple(_space_out(shaped, letter_spacing_em) if spaced else shaped)


def _space_out(shaped: list[Glyph], letter_spacing_em: float) -> list[Glyph]:
    spaced = []
    for index, glyph in enumerate(shaped):
        last = index + 1 == len(shaped) or shaped[index + 1].cluster != glyph.cluster
        extra = letter_spacing_em if last else 0.0
        spaced.append(Glyph(glyph.glyph_id, glyph.cluster, glyph.advance_em + extra, glyph.x_em, glyph.y_em))
    return spaced
