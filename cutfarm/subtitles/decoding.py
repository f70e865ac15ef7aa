"""The bytes of a subtitle file as text, whatever encoding they are in.

A byte order mark decides; else zero bytes mean UTF-16, and valid UTF-8 is UTF-8. What is left comes from one of the
encodings that East Asian programs wrote before: of those that fit, the one in which most letters are kana or among the
commonest Chinese characters, if these are a tenth of what is not ASCII; and Windows-1252 where no such text comes out.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EAST_ASIAN = {"gb18030": "GB18030", "big5": "Big5", "cp932": "Shift_JIS"}
_SAMPLE = 1 << 16  # characters: the commonest ones show up in far fewer
_LEAST_COMMON = 0.1
_ZEROS = 0.2  # of every second byte: Latin letters in UTF-16 have a zero byte each

#: The commonest characters of Chinese text in both scripts, and kana.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然"
    "家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把"
    "這個們來為國說時會對於著過發後裡經麼學現當沒動還進樣開從實軍無與長點話問題見關電樂車歡謝請聽讓愛"
    "吗吧呢啊很什谢请爱听让话点嗎什，。！？、：“”…"
) | {chr(code) for code in range(0x3041, 0x30FF)}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text and how it was come by."""

    text: str  #: with line feeds alone
    encoding: str  #: its name for people
    is_guess: bool


def decode(data: bytes) -> Decoded:
    """The text of `data`; bytes that no encoding explains become U+FFFD."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data.decode(encoding, "replace"), "UTF-8" if mark == codecs.BOM_UTF8 else "UTF-16")
    wide = _wide(data)
    if wide is not None:
        return _decoded(data.decode(wide, "replace"), "UTF-16", is_guess=True)
    try:
        return _decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _guessed(data)


def _guessed(data: bytes) -> Decoded:
    fitting = [(_commonness(text), -rank, text, name) for rank, (text, name) in enumerate(_readings(data))]
    common, _, text, name = max(fitting, default=(0.0, 0, "", ""))
    if common >= _LEAST_COMMON:
        return _decoded(text, name, is_guess=True)
    return _decoded(data.decode("cp1252", "replace"), "Windows-1252", is_guess=True)


def _readings(data: bytes) -> list[tuple[str, str]]:
    readings = []
    for encoding, name in _EAST_ASIAN.items():
        try:
            readings.append((data.decode(encoding), name))
        except UnicodeDecodeError:
            continue
    return readings


def _commonness(text: str) -> float:
    letters = [char for char in text[:_SAMPLE] if char > "\x7f"]
    return sum(char in _COMMON for char in letters) / len(letters) if letters else 0.0


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: Latin text, or the times alone, leave every second byte zero."""
    sample = data[: _SAMPLE - _SAMPLE % 2]
    half = len(sample) // 2
    if half == 0:
        return None
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if max(even, odd) < _ZEROS or min(even, odd) > max(even, odd) / 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decoded(text: str, encoding: str, *, is_guess: bool = False) -> Decoded:
    return Decoded(text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), encoding, is_guess)
