"""Subtitle files over a draft: `--subtitles FILE`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from cutfarm.errors import RequestError
from cutfarm.render.spec import Asset, Assets
from cutfarm.subtitles.looks import SubtitleLook
from cutfarm.timeline.cues import with_cues
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.text import Colour

_SIZES = (0.1, 1000.0)


@dataclass(frozen=True, slots=True)
class BurnIn:
    """Files whose cues are drawn over a draft, the last one on top."""

    files: tuple[Path, ...] = ()
    look: SubtitleLook = field(default_factory=SubtitleLook)  #: of SubRip and WebVTT


def burn_in(files: list[Path] | None, size: float | None, font: str | None, colour: str | None) -> BurnIn:
    """The options as the command line has them, checked. Raises RequestError."""
    for value, option in ((size, "size"), (font, "font"), (colour, "colour")):
        if value is not None and not files:
            raise RequestError(f"--subtitle-{option} is for --subtitles FILE, which is not given")
    if size is not None and not _SIZES[0] <= size <= _SIZES[1]:
        raise RequestError(f"subtitle size {size:g} is not between {_SIZES[0]:g} and {_SIZES[1]:g}")
    paint = _paint_of(colour)
    if paint is None:
        raise RequestError(f"subtitle colour {colour!r} is neither #RRGGBB nor the name of a colour")
    return BurnIn(tuple(files or ()), SubtitleLook(size, font or "", paint))


def _paint_of(colour: str | None) -> Colour | None:
    if colour is None:
        return (1.0, 1.0, 1.0)
    from cutfarm.subtitles.tags import colour_of  # brings an imaging library, for the names of colours

    return colour_of(colour)


def burnt_in(timeline: Timeline, assets: Assets, wanted: BurnIn) -> tuple[Timeline, Assets]:
    """The timeline with the cues of all files on top, and its files with a font that the look brings along.

    What of the files is not drawn stands in the timeline's report. Raises RequestError, AssetError and DraftError.
    """
    if not wanted.files:
        return timeline, assets
    from cutfarm.subtitles.files import read_cues  # brings what draws text, which a draft alone may do without

    for path in wanted.files:
        cues, report = read_cues(path, timeline.canvas, wanted.look)
        timeline = with_cues(replace(timeline, report=timeline.report + report), cues, path.name)
    font = wanted.look.font_file
    return timeline, assets if font is None else {**assets, wanted.look.style.font_path: Asset(str(font))}
