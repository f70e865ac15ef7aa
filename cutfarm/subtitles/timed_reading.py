"""SubRip and WebVTT as cues: the applications' look of imported subtitles, with what the cue itself asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from cutfarm.subtitles.formats import SubtitleFormat
from cutfarm.subtitles.looks import DEFAULT_SHIFT_Y, DEFAULT_WRAP_WIDTH, Losses, Runs, SubtitleLook, joined
from cutfarm.subtitles.measure import Measure
from cutfarm.subtitles.placing import Hanging, Hold, hung
from cutfarm.subtitles.tags import srt_runs, vtt_runs
from cutfarm.subtitles.timed import TimedText, read_srt, read_vtt
from cutfarm.timeline.cues import Cue
from cutfarm.timeline.model import Canvas, Transform
from cutfarm.timeline.text import TextBlock, TextStyle

_OVERRIDES = re.compile(r"\{\\[^{}]*\}")  # of SubStation Alpha, which people write into SubRip
_NUMPAD = re.compile(r"\\an([1-9])")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%(?:,[a-z-]+)?")
_LINE_NUMBER = re.compile(r"(-?\d{1,3})(?:,[a-z]+)?")
_EDGE = 0.05  # of the picture, that cues at its edges keep free
_BOTTOM = 1 - (1 + DEFAULT_SHIFT_Y) / 2  # middle of a cue in its usual place, in parts of the height
_USUAL = Transform(shift_y=DEFAULT_SHIFT_Y)
_ALIGNMENTS = {"start": 0.0, "left": 0.0, "center": 0.5, "middle": 0.5, "end": 1.0, "right": 1.0}


def read_timed(
    text: str, kind: SubtitleFormat, look: SubtitleLook, canvas: Canvas, measure: Callable[[], Measure], losses: Losses
) -> list[Cue]:
    """The cues of a file; empty ones are left out. `measure` is asked for where a cue hangs on one of its edges."""
    read, runs = (read_vtt, vtt_runs) if kind == "vtt" else (read_srt, srt_runs)
    cues = []
    for timed in read(text, losses):
        cue = _cue(timed, runs, look.style, canvas, measure, losses)
        if cue is not None:
            cues.append(cue)
    usual = sorted((cue.start_us, cue.end_us) for cue in cues if cue.transform == _USUAL)
    if any(before[1] > after[0] for before, after in pairwise(usual)):
        losses.close("cues that are shown at the same time lie on each other")
    return cues


def _cue(
    timed: TimedText,
    runs: Callable[[str, TextStyle, Losses], Runs],
    style: TextStyle,
    canvas: Canvas,
    measure: Callable[[], Measure],
    losses: Losses,
) -> Cue | None:
    overrides = "".join(_OVERRIDES.findall(timed.text))
    text, styles = joined(runs(_OVERRIDES.sub("", timed.text).replace(r"\N", "\n"), style, losses))
    if not text.strip() or losses.lose_long(text):
        return None
    block = TextBlock("", text, styles, wrap_width=DEFAULT_WRAP_WIDTH)
    transform = _USUAL
    if (key := _NUMPAD.search(overrides)) is not None:
        hold = Hold.of_numpad(int(key[1]))
        block = replace(block, alignment=hold.alignment)
        transform = _at_edges(block, hold, canvas, measure)
    elif timed.settings:
        block, transform = _set(block, timed.settings, canvas, measure, losses)
    if _NUMPAD.sub("", overrides).replace("{}", ""):
        losses.lose("tags of SubStation Alpha are not followed")
    return Cue(timed.start_us, timed.end_us, block, transform)


def _at_edges(block: TextBlock, hold: Hold, canvas: Canvas, measure: Callable[[], Measure]) -> Transform:
    """At an edge or in a corner, or in the middle; at the bottom and at the top as far away as cues usually are."""
    down = {0.0: 1 - _BOTTOM, 1.0: _BOTTOM}.get(hold.down, 0.5)
    across = {0.0: _EDGE, 1.0: 1 - _EDGE}.get(hold.across, 0.5)
    hanging = Hanging(across * canvas.width_px, down * canvas.height_px, Hold(hold.across, 0.5))
    if hold.across == 0.5:
        return Transform(shift_y=1 - 2 * down)
    return hung(block, hanging, canvas, measure())


def _set(
    block: TextBlock, settings: str, canvas: Canvas, measure: Callable[[], Measure], losses: Losses
) -> tuple[TextBlock, Transform]:
    """A cue with WebVTT's settings; SubRip's coordinates and what else is unknown is reported."""
    values = dict(pair.split(":", 1) for pair in settings.split() if ":" in pair)
    if set(values) - {"line", "position", "align", "size"}:
        losses.lose("some settings of cues, such as regions or vertical lines, are not followed")
    across = _ALIGNMENTS.get(values.get("align", ""), 0.5)
    block = replace(block, alignment=Hold(across, 0.5).alignment)
    if (size := _PERCENT.fullmatch(values.get("size", ""))) is not None and float(size[1]) > 0:
        block = replace(block, wrap_width=min(float(size[1]) / 100, 1.0))
    x = across
    if (position := _PERCENT.fullmatch(values.get("position", ""))) is not None:
        x = min(float(position[1]) / 100, 1.0)
    hold_down, y = 0.5, _BOTTOM
    if (line := _PERCENT.fullmatch(values.get("line", ""))) is not None:
        hold_down, y = 0.0, min(float(line[1]) / 100, 1.0)
    elif (number := _LINE_NUMBER.fullmatch(values.get("line", ""))) is not None:
        hold_down, y = _at_line(int(number[1]), block, canvas, measure)
    if (across, hold_down) == (0.5, 0.5):
        return block, Transform(shift_x=2 * x - 1, shift_y=1 - 2 * y)
    hanging = Hanging(x * canvas.width_px, y * canvas.height_px, Hold(across, hold_down))
    return block, hung(block, hanging, canvas, measure())


def _at_line(number: int, block: TextBlock, canvas: Canvas, measure: Callable[[], Measure]) -> tuple[float, float]:
    """The edge that is held and where, in parts of the height: lines count from the top, or from the bottom with −1."""
    style = block.styles[0]
    line = measure().font(style, block.text).line_px * style.size / canvas.height_px
    if number >= 0:
        return 0.0, min(number * line, 1.0)
    return 1.0, max(1 + (number + 1) * line, 0.0)
