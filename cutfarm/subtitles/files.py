"""Subtitle files: read into cues that can be burnt in, written from the captions of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.errors import AssetMissing, AssetTooLarge, AssetUnreadable, RequestError
from cutfarm.storage.atomic import atomic_file
from cutfarm.subtitles.decoding import decode
from cutfarm.subtitles.formats import SubtitleFormat, format_of
from cutfarm.subtitles.looks import Losses, SubtitleLook
from cutfarm.subtitles.plain import write_srt, write_vtt
from cutfarm.subtitles.timed_reading import read_timed
from cutfarm.timeline.cues import Cue
from cutfarm.timeline.model import Canvas
from cutfarm.timeline.report import Report
from cutfarm.timeline.subtitles import ShownCaption

if TYPE_CHECKING:
    from cutfarm.subtitles.measure import Measure

MAX_BYTES = 32 << 20
MAX_CUES = 100_000


def read_cues(path: Path, canvas: Canvas, look: SubtitleLook) -> tuple[list[Cue], Report]:
    """The cues of a .srt, .vtt, .ass or .ssa file, in its order, and what of it is not drawn.

    `look` is for SubRip and WebVTT alone. Raises RequestError for another ending, AssetMissing, AssetTooLarge for more
    than 32 MiB or 100,000 cues, and AssetUnreadable where there is no cue in it.
    """
    kind = format_of(path)
    losses = Losses(path.name)
    decoded = decode(_bytes(path))
    if decoded.is_guess:
        losses.close(f"its encoding is a guess, {decoded.encoding}")
    if decoded.text.count("\n") > 64 * MAX_CUES:
        raise AssetTooLarge(f"the subtitle file {path.name} has more lines than {MAX_CUES} cues need")

    @cache
    def measure() -> Measure:
        return _measure(canvas)

    if kind == "ass":
        from cutfarm.subtitles.ass_reading import read_ass  # only scripts bring fonts and sizes of their own

        cues = read_ass(decoded.text, canvas, measure(), losses)
    else:
        cues = read_timed(decoded.text, kind, look, canvas, measure, losses)
    if len(cues) > MAX_CUES:
        raise AssetTooLarge(f"the subtitle file {path.name} has {len(cues)} cues; at most {MAX_CUES} are drawn")
    if not cues:
        found = losses.report().entries
        why = f" ({found[-1].fact.removeprefix(f'{path.name}: ').rstrip('.')})" if found else ""
        raise AssetUnreadable(f"the subtitle file {path.name} holds no cue{why}")
    return cues, losses.report()


def subtitle_text(captions: Sequence[ShownCaption], canvas: Canvas, kind: SubtitleFormat) -> tuple[str, Report]:
    """The captions as a file's text, and what of their looks the format does not hold.

    Times are whole milliseconds, in `ass` whole hundredths of a second, halves up. Raises RequestError where the format
    cannot count so far.
    """
    if kind == "srt":
        return write_srt(captions), Report()
    if kind == "vtt":
        return write_vtt(captions, canvas), Report()
    from cutfarm.subtitles.ass_writing import write_ass
    from cutfarm.text.fonts.library import machine_fonts

    return write_ass(captions, canvas, machine_fonts())


def encoded(text: str, kind: SubtitleFormat, encoding: str) -> bytes:
    """The text in an encoding by its name. Raises RequestError for one that is unknown or lacks a character."""
    try:
        data = text.encode(encoding)
    except LookupError:
        raise RequestError(f"there is no encoding {encoding!r}") from None
    except UnicodeEncodeError as error:
        missing = error.object[error.start]
        raise RequestError(f"the encoding {encoding} has no {missing!r}; utf-8 has everything") from None
    if kind == "vtt" and data.decode("utf-8", "replace").removeprefix("\ufeff") != text:
        raise RequestError(f"WebVTT is always UTF-8, not {encoding}")
    return data


def write_file(path: Path, data: bytes) -> None:
    """Write `data` to `path`, which appears when it is whole. Raises RequestError where that cannot be."""
    try:
        with atomic_file(path) as file:
            file.write(data)
    except OSError as error:
        raise RequestError(f"{path} cannot be written: {error.strerror}") from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise AssetMissing(f"the subtitle file {path} is not there") from None
    except OSError as error:
        raise AssetUnreadable(f"the subtitle file {path} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise AssetTooLarge(f"the subtitle file {path.name} has more than {MAX_BYTES >> 20} MiB")
    return data


def _measure(canvas: Canvas) -> Measure:
    from cutfarm.subtitles.measure import Measure
    from cutfarm.text.fonts.library import machine_fonts

    return Measure(canvas.width_px, machine_fonts())
