"""A caption's `content`: plain text, tag markup or JSON, by the age of the application that wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby

from cutfarm.timeline import fields, markup, ranges
from cutfarm.timeline.fields import Node
from cutfarm.timeline.styles import Look, Switches, flat_look, json_look, markup_look
from cutfarm.timeline.text import TextStyle

_LINE_BREAKS = {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\v": "\n", "\f": "\n", "\x85": "\n"}
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class StyledText:
    """A caption's text and the looks of its characters, before they become styles."""

    text: str
    owners: tuple[int, ...]  #: for each character the index of its look
    looks: tuple[Look, ...]
    is_json: bool = False  #: whether the styles are the content's own, so that they alone count
    said: tuple[str, ...] = ()  #: what could not be read as it is

    @property
    def worn(self) -> tuple[Look, ...]:
        """The looks that some character has, in the order in which they appear."""
        return tuple(self.looks[index] for index in dict.fromkeys(self.owners))

    def styles(self) -> tuple[TextStyle, ...]:
        """Styles that cover each character exactly once, in order."""
        styles = []
        start = 0
        for look, stretch in groupby(self.owners, key=lambda owner: self.looks[owner]):
            end = start + len(list(stretch))
            styles.append(look.at(start, end))
            start = end
        return tuple(styles)


def read_content(material: Node) -> StyledText:
    """The text without what has no glyph, and the looks of its characters."""
    content = fields.text(material, "content")
    switches = Switches.of(material)
    flat = flat_look(material, switches)
    parsed = _json_content(content)
    said: tuple[str, ...] = ()
    if parsed is not None:
        text = fields.text(parsed, "text")
        styles = fields.nodes(parsed, "styles")
        owners = ranges.owners(text, [_range(style) for style in styles])
        looks = [json_look(style, flat, switches) for style in styles] or [flat]
        said = _broken(parsed.get("text"), text)
    elif markup.is_markup(content):
        runs = markup.runs(content)
        text = "".join(run.text for run in runs)
        owners = [index for index, run in enumerate(runs) for _ in run.text]
        looks = [markup_look(run, flat, switches) for run in runs] or [flat]
    else:
        text, owners, looks = content, [0] * len(content), [flat]
    text, owners = _cleaned(text, owners)
    return StyledText(
        text, tuple(owners), tuple(looks), parsed is not None, said or _broken(material.get("content"), content)
    )


def _broken(written: object, read: str) -> tuple[str, ...]:
    """What there is to say where half a character had to be replaced."""
    if isinstance(written, str) and read.count(_REPLACEMENT) > written.count(_REPLACEMENT):
        return ("Half a character in the caption's text is drawn as the sign for one that is missing.",)
    return ()


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
