"""A caption's `content`: plain text, tag markup or JSON, by the age of the application that wrote it."""

from __future__ import annotations

import json
from itertools import groupby

from cutfarm.timeline import fields, markup, ranges
from cutfarm.timeline.fields import Node
from cutfarm.timeline.styles import STROKE_BIT, Look, allows, flat_look, json_look, markup_look
from cutfarm.timeline.text import TextStyle

_LINE_BREAKS = {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\v": "\n", "\f": "\n", "\x85": "\n"}


def read_content(material: Node) -> tuple[str, tuple[TextStyle, ...], tuple[Look, ...]]:
    """The text, styles that cover each character exactly once in order, and the looks that they come from."""
    content = fields.text(material, "content")
    flat = flat_look(material)
    with_strokes = allows(material, STROKE_BIT)
    if (parsed := _json_content(content)) is not None:
        text = fields.text(parsed, "text")
        styles = fields.nodes(parsed, "styles")
        owners = ranges.owners(text, [_range(style) for style in styles])
        looks = [json_look(style, flat, with_strokes=with_strokes) for style in styles] or [flat]
    elif markup.is_markup(content):
        runs = markup.runs(content)
        text = "".join(run.text for run in runs)
        owners = [index for index, run in enumerate(runs) for _ in run.text]
        looks = [markup_look(run, flat, with_strokes=with_strokes) for run in runs] or [flat]
    else:
        text, owners, looks = content, [0] * len(content), [flat]
    text, owners = _cleaned(text, owners)
    return text, _styles(owners, looks), tuple(looks[index] for index in dict.fromkeys(owners))


def _json_content(content: str) -> Node | None:
    if not content.lstrip().startswith("{"):
        return None
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) and "text" in parsed else None


def _range(style: Node) -> ranges.Range | None:
    ends = [fields.finite(end) for end in fields.values(style, "range")]
    match ends:
        case [float(start), float(end)]:
            return round(start), round(end)
        case _:
            return None


def _cleaned(text: str, owners: list[int]) -> tuple[str, list[int]]:
    """The text with one kind of line break and without control characters, which have no glyph."""
    kept = [
        (_LINE_BREAKS.get(character, character), owner)
        for at, (character, owner) in enumerate(zip(text, owners, strict=True))
        if not (character == "\r" and text[at + 1 : at + 2] == "\n") and not _is_control(character)
    ]
    return "".join(character for character, _ in kept), [owner for _, owner in kept]


def _is_control(character: str) -> bool:
    return (
        character not in "\n\t" and character not in _LINE_BREAKS and (character < " " or "\x7f" <= character < "\xa0")
    )


def _styles(owners: list[int], looks: list[Look]) -> tuple[TextStyle, ...]:
    styles = []
    start = 0
    for look, stretch in groupby(owners, key=lambda owner: looks[owner]):
        end = start + len(list(stretch))
        styles.append(_placed(look, start, end))
        start = end
    return tuple(styles)


def _placed(look: Look, start: int, end: int) -> TextStyle:
    return TextStyle(
        start=start,
        end=end,
        size=look.size,
        colour=look.colour,
        alpha=look.alpha,
        font_id=look.font_id,
        font_path=look.font_path,
        bold=look.bold,
        italic=look.italic,
        underline=look.underline,
        strokes=look.strokes,
    )
