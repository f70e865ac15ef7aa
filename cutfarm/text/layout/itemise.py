"""Cutting a paragraph into pieces that one font draws in one direction, script and style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cutfarm.text.fonts.face import FontFace, WeightedFont
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.columns import stands
from cutfarm.text.unicode.characters import (
    COMMON_SCRIPT,
    ZERO_WIDTH_JOINER,
    clusters,
    is_ignorable,
    is_mark,
    is_space,
    script_of,
    wants_emoji,
)
from cutfarm.text.unicode.direction import embedding_levels


@dataclass(frozen=True, slots=True)
class StyleFont:
    """The font that a style asks for."""

    face: FontFace
    weight: int  #: 1…1000
    bold: bool  #: the style's own bold, on top of the weight


@dataclass(frozen=True, slots=True)
class Item:
    """The characters [start, end) of a paragraph, alike in everything that shaping depends on."""

    start: int
    end: int
    style: int  #: key of its style
    font: WeightedFont
    script: str  #: ISO 15924
    level: int  #: bidirectional level; odd runs right to left
    upright: bool = False  #: stands in a column, as Han does; else it lies in its line


@dataclass(frozen=True, slots=True)
class Itemised:
    """A paragraph's items in reading order; characters that no font has are in none."""

    items: tuple[Item, ...]
    missing: tuple[str, ...]  #: each such character once


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    style: int
    face: FontFace | None


def itemise(
    paragraph: str,
    styles: Sequence[int],
    style_fonts: Mapping[int, StyleFont],
    fonts: FontLibrary,
    *,
    context: str = "",
    vertical: bool = False,
) -> Itemised:
    """Cut a paragraph without line feeds; `styles` gives each character's key in `style_fonts`.

    `context` is the text that fonts for Han are chosen by, the paragraph if it is empty. In `vertical` writing what
    stands upright is apart from what lies on its side.
    """
    around = context or paragraph
    spans: list[_Span] = []
    for start, end in clusters(paragraph):
        wanted = style_fonts[styles[start]].face
        parts = _drawable_parts(paragraph[start:end], wanted, fonts, around)
        spans += [
            _Span(start + first, start + last, styles[start], _choose(part, wanted, fonts, around))
            for first, last in parts
            if (part := paragraph[start + first : start + last])
        ]
    levels = embedding_levels(paragraph)
    scripts = _scripts(paragraph)
    items: list[Item] = []
    for span in _share_spaces(paragraph, spans):
        if span.face is None:
            continue
        asked = style_fonts[span.style]
        font = fonts.weighted(span.face, asked.weight, bold=asked.bold)
        upright = vertical and stands(paragraph[span.start : span.end], font)
        item = Item(span.start, span.end, span.style, font, scripts[span.start], levels[span.start], upright)
        if items and replace(items[-1], start=item.start, end=item.end) == item and items[-1].end == item.start:
            items[-1] = replace(items[-1], end=item.end)
        else:
            items.append(item)
    return Itemised(tuple(items), _missing(paragraph, spans))


def _drawable_parts(cluster: str, wanted: FontFace, fonts: FontLibrary, context: str) -> list[tuple[int, int]]:
    """The cluster whole where some font has all of it, else its joined pictures one by one."""
    if len(cluster) == 1 or _choose_whole(cluster, wanted, fonts, context) is not None:
        return [(0, len(cluster))]
    parts: list[tuple[int, int]] = []
    for index, char in enumerate(cluster):
        joins = is_mark(char) or is_ignorable(char) or char == ZERO_WIDTH_JOINER
        if parts and joins:
            parts[-1] = (parts[-1][0], index + 1)
        else:
            parts.append((index, index + 1))
    return parts


def _choose(part: str, wanted: FontFace, fonts: FontLibrary, context: str) -> FontFace | None:
    """A face for the part, or at least for its base, so that an unknown mark costs no letter."""
    return _choose_whole(part, wanted, fonts, context) or _choose_whole(part[0], wanted, fonts, context)


def _choose_whole(part: str, wanted: FontFace, fonts: FontLibrary, context: str) -> FontFace | None:
    emoji = wants_emoji(part)
    covered = wanted.covers(part)
    if covered and (not emoji or wanted.is_colour):
        return wanted
    found = fonts.fallback(part, emoji=emoji, context=context)
    if emoji and covered and not (found and found.is_colour):
        return wanted
    return found


def _share_spaces(paragraph: str, spans: list[_Span]) -> list[_Span]:
    """Let a space between two words of one font be that font's, unless it is a font of pictures."""
    shared = list(spans)
    before: _Span | None = None
    for index, span in enumerate(spans):
        if is_space(paragraph[span.start]):
            continue
        first = index
        while first > 0 and is_space(paragraph[spans[first - 1].start]):
            first -= 1
        if before is not None and span.face is not None and span.face is before.face and not span.face.is_colour:
            for space in range(first, index):
                if span.face.covers(paragraph[spans[space].start]):
                    shared[space] = replace(spans[space], face=span.face)
        before = span
    return shared


def _scripts(paragraph: str) -> list[str]:
    """Each character's script; one without a script of its own takes that before it, at the start that after it."""
    own = [script_of(char) for char in paragraph]
    current = next((script for script in own if script != COMMON_SCRIPT), COMMON_SCRIPT)
    resolved = []
    for script in own:
        current = current if script == COMMON_SCRIPT else script
        resolved.append(current)
    return resolved


def _missing(paragraph: str, spans: list[_Span]) -> tuple[str, ...]:
    missing: dict[str, None] = {}
    for span in spans:
        part = paragraph[span.start : span.end]
        if span.face is not None and span.face.covers(part):
            continue
        for char in part:
            if not is_ignorable(char) and not (span.face and span.face.covers(char)):
                missing[char] = None
    return tuple(missing)
