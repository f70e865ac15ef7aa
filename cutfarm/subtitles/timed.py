"""Cues between lines of times, as SubRip and WebVTT write them, before anything in them is understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cutfarm.subtitles.looks import Losses

_TIME = (
    r"(?P<{0}_sign>-?)\s*(?:(?P<{0}_h>\d{{1,9}}):)?(?P<{0}_m>\d{{1,2}}):(?P<{0}_s>\d{{1,2}})"
    r"(?:[.,:](?P<{0}_part>\d{{1,9}}))?"
)
_TIMES = re.compile(rf"\s*{_TIME.format('start')}\s*-->\s*{_TIME.format('end')}(?P<rest>(?:\s.*)?)", re.ASCII)
_LIKE_TIMES = re.compile(r"\s*-?\d+:\S*\s*-->|[^-]*-->\s*-?\d+:", re.ASCII)  # an arrow alone may stand in a text
_MAX_LINE = 1_000  # characters: times and settings have less
_COUNTER = re.compile(r"\s*\d+\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class TimedText:
    """One cue as it is written."""

    start_us: int
    end_us: int  #: after the start
    text: str  #: with its tags
    settings: str = ""  #: what follows its times


def read_srt(text: str, losses: Losses) -> list[TimedText]:
    """The cues of a SubRip file: each goes on until the next line of times, but for the counter above that."""
    lines = text.split("\n")
    stamps = [number for number, line in enumerate(lines) if _LIKE_TIMES.match(line)]
    cues: list[TimedText] = []
    for here, after in pairwise([*stamps, len(lines)]):
        body = lines[here + 1 : after]
        if after < len(lines) and body and _COUNTER.fullmatch(body[-1]) and not "".join(body[-2:-1]).strip():
            body.pop()
        _add(cues, lines[here], here + 1, "\n".join(body).strip("\n"), losses)
    return cues


def read_vtt(text: str, losses: Losses) -> list[TimedText]:
    """The cues of a WebVTT file: blocks between empty lines, those without times left out."""
    cues: list[TimedText] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        block_at = number
        while number < len(lines) and lines[number]:
            number += 1
        _add_block(cues, lines[block_at:number], block_at, losses)
        number += 1
    return cues


def _add_block(cues: list[TimedText], block: Sequence[str], at: int, losses: Losses) -> None:
    # An identifier may stand above the times; a block in which they come later is a comment or the file's head.
    stamp = next((place for place, line in enumerate(block[:2]) if _LIKE_TIMES.match(line)), None)
    if stamp is not None:
        _add(cues, block[stamp], at + stamp + 1, "\n".join(block[stamp + 1 :]), losses)
    elif block and block[0].split(maxsplit=1)[:1] == ["STYLE"]:
        losses.lose("its style sheet is not followed")


def _add(cues: list[TimedText], line: str, number: int, text: str, losses: Losses) -> None:
    match = _TIMES.fullmatch(line[:_MAX_LINE])
    if match is None:
        losses.lose("cues whose times cannot be read are left out", f"line {number}")
        return
    start_us, end_us = _time_us(match, "start"), _time_us(match, "end")
    if start_us >= end_us:
        losses.lose("cues that end before they begin are left out", f"line {number}")
        return
    cues.append(TimedText(start_us, end_us, text, match["rest"].strip()))


def _time_us(match: re.Match[str], end: str) -> int:
    """Microseconds; the digits after the seconds are decimals, so that `0,5` is half a second."""
    hours, minutes, seconds = (int(match[f"{end}_{unit}"] or 0) for unit in "hms")
    part = f"{match[f'{end}_part'] or 0:0<9}"[:6]
    time_us = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + int(part)
    return -time_us if match[f"{end}_sign"] else time_us
