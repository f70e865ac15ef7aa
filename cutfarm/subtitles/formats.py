"""The formats of subtitle files, by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from cutfarm.errors import RequestError

SubtitleFormat = Literal["srt", "vtt", "ass"]  #: SubRip, WebVTT, Advanced SubStation Alpha

_FORMATS: dict[str, SubtitleFormat] = {name: name for name in get_args(SubtitleFormat)}


def parse_format(text: str) -> SubtitleFormat:
    """A format by its name, `ssa` standing for `ass`. Raises RequestError."""
    name = text.lower().removeprefix(".")
    found = _FORMATS.get("ass" if name == "ssa" else name)
    if found is None:
        raise RequestError(f"subtitle format {text!r} is not one of {', '.join(_FORMATS)}")
    return found


def format_of(path: Path) -> SubtitleFormat:
    """The format that a file's ending names. Raises RequestError."""
    try:
        return parse_format(path.suffix)
    except RequestError:
        raise RequestError(f"subtitles end in .srt, .vtt or .ass, which {path.name} does not") from None
