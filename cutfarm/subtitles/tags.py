"""The tags inside of SubRip and WebVTT cues: `<b>`, `<i>`, `<u>`, `<font color=…>`, `<c.yellow>`."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from PIL import ImageColor

from cutfarm.subtitles.looks import Losses, Runs, font_path
from cutfarm.subtitles.plain import JOINER
from cutfarm.timeline.text import Colour, TextStyle

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z]\w*+)(?P<rest>[^<>]*+)>")
_VTT_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z]*+)(?P<rest>[^<>]*+)>")
_ATTRIBUTE = re.compile(r"""\b(\w++)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_SRT_TAGS = frozenset({"b", "i", "u", "s", "font"})
_MAX_DEPTH = 64
_MAX_ATTRIBUTES = 1_000  # characters
#: The classes of colour that WebVTT defines.
_VTT_COLOURS = frozenset({"white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black"})

Open = list[tuple[str, TextStyle]]


def srt_runs(text: str, base: TextStyle, losses: Losses) -> Runs:
    """The runs of a SubRip cue; tags that the format does not know are text."""
    runs: Runs = []
    stack: Open = []
    at = 0
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        if name not in _SRT_TAGS:
            continue
        runs.append((_plain(text[at : match.start()]), stack[-1][1] if stack else base))
        at = match.end()
        if match["close"]:
            _close(stack, name)
        elif len(stack) < _MAX_DEPTH:
            stack.append((name, _opened(name, match["rest"], stack[-1][1] if stack else base, losses)))
    return [*runs, (_plain(text[at:]), stack[-1][1] if stack else base)]


def vtt_runs(text: str, base: TextStyle, losses: Losses) -> Runs:
    """The runs of a WebVTT cue; what angle brackets hold is a tag, and characters may be named as `&amp;`."""
    runs: Runs = []
    stack: Open = []
    at = 0
    for match in _VTT_TAG.finditer(text):
        runs.append((html.unescape(text[at : match.start()]), stack[-1][1] if stack else base))
        at = match.end()
        name = match["name"].lower()
        if match["close"]:
            _close(stack, name)
        elif not name:
            losses.lose("the times of single words are not followed")
        elif len(stack) < _MAX_DEPTH:
            stack.append((name, _vtt_opened(name, match["rest"], stack[-1][1] if stack else base, losses)))
    return [*runs, (html.unescape(text[at:]), stack[-1][1] if stack else base)]


def colour_of(value: str) -> Colour | None:
    """A colour by its name or as `#RRGGBB`, R, G, B in 0…1; None for anything else."""
    value = value.strip()
    for text in (value, f"#{value}"):
        try:
            red, green, blue = ImageColor.getrgb(text)[:3]
        except ValueError:
            continue
        return red / 255, green / 255, blue / 255
    return None


def _plain(text: str) -> str:
    """Text without what parted it from being a tag."""
    return text.replace(f"<{JOINER}", "<").replace(f"{{{JOINER}", "{")


def _close(stack: Open, name: str) -> None:
    if any(open_ == name for open_, _ in stack):
        while stack.pop()[0] != name:
            pass


def _opened(name: str, rest: str, style: TextStyle, losses: Losses) -> TextStyle:
    match name:
        case "b":
            return replace(style, bold=True)
        case "i":
            return replace(style, italic=True)
        case "u":
            return replace(style, underline=True)
        case "font":
            return _font(rest, style, losses)
        case _:
            losses.lose("text is not struck through")
            return style


def _font(rest: str, style: TextStyle, losses: Losses) -> TextStyle:
    values = {
        match[1].lower(): match[2] or match[3] or match[4] or ""
        for match in _ATTRIBUTE.finditer(rest[:_MAX_ATTRIBUTES])
    }
    if (colour := colour_of(values.get("color", ""))) is not None:
        style = replace(style, colour=colour, fill=None)
    if face := values.get("face", ""):
        style = replace(style, font_path=font_path(face), font_id="")
    if "size" in values:
        losses.lose("the sizes of single words are not followed")
    return style


def _vtt_opened(name: str, rest: str, style: TextStyle, losses: Losses) -> TextStyle:
    classes = rest.split()[0].strip(".").split(".") if rest.strip(".").strip() else []
    for each in classes:
        if each in _VTT_COLOURS and (colour := colour_of(each)) is not None:
            style = replace(style, colour=colour, fill=None)
        elif name == "c" and not each.startswith("bg_"):
            losses.lose("classes of its own style sheet are not followed")
    if name in {"ruby", "rt"}:
        losses.lose("ruby text stands in its line")
    return _opened(name, rest, style, losses) if name in {"b", "i", "u"} else style
