"""Captions as SubRip and WebVTT: words and times, and of their looks what these formats hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from cutfarm.timeline.model import Canvas
from cutfarm.timeline.subtitles import ShownCaption
from cutfarm.timeline.text import TextBlock

JOINER = "\u2060"  #: nothing that is seen
_TAG_LIKE = re.compile(r"<(?=[a-zA-Z/])|\{(?=\\)")
_EMPTY_LINE = "\u00a0"  # a line that is quite empty would end the cue
_PLAYER_LINE_PERCENT = 5.33  # of the picture's height: what players make of WebVTT's default size
_BOTTOM_FROM_PERCENT = 66.7  # captions whose middle lies lower stand where players put subtitles anyway
_MIDDLE_PERCENT = 2.5  # captions whose middle is nearer to the picture's are centred


def write_srt(captions: Sequence[ShownCaption]) -> str:
    """A SubRip file; a caption that is bold, italic or underlined as a whole is marked as that, and nothing else."""
    return "".join(
        f"{number}\n{clock(caption.start_ms, ',')} --> {clock(caption.end_ms, ',')}\n"
        f"{_tagged(_parted(words(caption.segment.text)), caption.segment.text)}\n\n"
        for number, caption in enumerate(captions, 1)
    )


def write_vtt(captions: Sequence[ShownCaption], canvas: Canvas) -> str:
    """A WebVTT file; captions that do not stand at the bottom and in the middle say where they stand."""
    return "WEBVTT\n\n" + "".join(
        f"{clock(caption.start_ms, '.')} --> {clock(caption.end_ms, '.')}{_settings(caption, canvas)}\n"
        f"{_tagged(_escaped(words(caption.segment.text)), caption.segment.text)}\n\n"
        for caption in captions
    )


def clock(time_ms: int, point: str) -> str:
    """`HH:MM:SS`, the decimal point and three decimals; hours may have more digits."""
    seconds, part = divmod(time_ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}{point}{part:03d}"


def words(block: TextBlock) -> str:
    """The text with all its line breaks, without empty lines around it and without halves of characters."""
    text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in block.text)
    lines = text.strip().split("\n")
    return "\n".join(line.rstrip() or _EMPTY_LINE for line in lines)


def _tagged(text: str, block: TextBlock) -> str:
    for tag, is_on in (("u", "underline"), ("i", "italic"), ("b", "bold")):
        if block.styles and all(getattr(style, is_on) for style in block.styles):
            text = f"<{tag}>{text}</{tag}>"
    return text


def _parted(text: str) -> str:
    """Text in which players find no tags; the format has no way to name its special characters."""
    return _TAG_LIKE.sub(lambda match: match[0] + JOINER, text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _settings(caption: ShownCaption, canvas: Canvas) -> str:
    """Where a cue stands, for players: `line` is its upper edge, `position` the edge or middle that `align` names."""
    lines = words(caption.segment.text).split("\n")
    settings = ""
    middle = 100 * caption.place.y_px / canvas.height_px
    if middle < _BOTTOM_FROM_PERCENT:
        settings += f" line:{_percent(middle - len(lines) * _PLAYER_LINE_PERCENT / 2)}"
    across = 100 * caption.place.x_px / canvas.width_px
    alignment = caption.segment.text.alignment
    if len(lines) > 1 and alignment in (0, 2):
        half = max(map(_ems, lines)) * 5 * canvas.height_px / canvas.width_px / 2
        edge, name = (across - half, "start") if alignment == 0 else (across + half, "end")
        return f"{settings} position:{_percent(edge)} align:{name}"
    return settings if abs(across - 50) < _MIDDLE_PERCENT else f"{settings} position:{_percent(across)}"


def _ems(line: str) -> float:
    """About how wide a line is: Han and kana have an em, other letters half of one."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.5 for char in line)


def _percent(value: float) -> str:
    return f"{round(min(max(value, 0.0), 100.0))}%"
