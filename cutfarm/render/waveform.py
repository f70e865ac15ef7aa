"""A picture of a timeline's sound for people: the mix over time, and below it each track as it goes into the mix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutfarm.errors import RequestError
from cutfarm.render import waveform_drawing as paint
from cutfarm.render.sound.voices import sample_of
from cutfarm.render.spec import Assets
from cutfarm.render.waveform_lanes import COLUMNS, LEFT_PX, RIGHT_PX, Box, Lane, Scale, clock, decibels, lanes_of, ticks
from cutfarm.render.waveform_levels import Envelope, Listened, Progress, Span, listen
from cutfarm.render.waveform_words import Words
from cutfarm.text.fonts.library import machine_fonts
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Report
from cutfarm.timeline.time import US_PER_SECOND

MAX_HEIGHT_PX = 8_000
RATE_HZ = 44_100

MIX_TOP_PX, CHANNEL_PX = 100, 116  #: where the mix begins, and the height of each of its channels
LANES_TOP_PX = MIX_TOP_PX + 2 * CHANNEL_PX + 26
LANE_PX = 102
_FOOT_PX = 76
_MOST_LANES = (MAX_HEIGHT_PX - LANES_TOP_PX - _FOOT_PX) // LANE_PX
_LEAST_TICK_PX = 96.0
_FULL_SCALE = 0.9999
_LEVELS_DBFS = (0, -6, -12, -24)
_LEGEND = (
    "In the lanes the left channel goes up and the right one down, after gain, before the limiter; inside is the RMS.",
    "The pale line is the gain: dashes are 0 dB, the top is +20 dB, below 0 dB it is linear. Dots are keyframes.",
)
_NOTHING = ("No track of this draft has a sound.",)


@dataclass(frozen=True, slots=True)
class WaveformPicture:
    """A picture of a timeline's sound."""

    rgba: NDArray[np.uint8]  #: (height, 1920, 4), R G B A, opaque; at most 8,000 px high
    lanes: int  #: tracks that are drawn
    left_out: int  #: tracks with sound for which there was no room
    report: Report  #: what could not be heard as the draft means it


def draw_waveform(
    timeline: Timeline,
    assets: Assets,
    *,
    title: str = "",
    range_s: tuple[float, float] | None = None,
    on_progress: Progress | None = None,
) -> WaveformPicture:
    """Hear a timeline, or the part of it from `range_s`, and draw what was heard.

    Memory does not grow with the length. Raises AssetMissing, and RequestError where the range begins after the end.
    """
    start_us, end_us = _span_us(timeline, range_s)
    first, end = sample_of(start_us, RATE_HZ), sample_of(end_us, RATE_HZ)
    span = Span(first, max(end - first, 1), RATE_HZ)
    scale = Scale(float(start_us), max(float(end_us - start_us), US_PER_SECOND / RATE_HZ))
    lanes = lanes_of(timeline, scale)
    heard = [lane.place for lane in lanes if not lane.why_not]
    listened = listen(timeline, assets, span, heard, COLUMNS, on_progress)
    shown = lanes[:_MOST_LANES]
    rgba = _drawn(title, shown, len(lanes) - len(shown), listened, scale)
    return WaveformPicture(rgba, len(shown), len(lanes) - len(shown), listened.report)


def _span_us(timeline: Timeline, range_s: tuple[float, float] | None) -> tuple[Fraction, Fraction]:
    length_us = Fraction(timeline.duration_us)
    if range_s is None:
        return Fraction(0), length_us
    start_us, end_us = (Fraction(second) * US_PER_SECOND for second in range_s)
    if start_us >= length_us:
        length_s = timeline.duration_us / US_PER_SECOND
        raise RequestError(f"the range begins at {range_s[0]:g} s, the draft ends at {length_s:g} s")
    return start_us, min(end_us, length_us)


def _drawn(title: str, lanes: Sequence[Lane], left_out: int, listened: Listened, scale: Scale) -> NDArray[np.uint8]:
    height_px = LANES_TOP_PX + len(lanes) * LANE_PX + _FOOT_PX
    canvas, pixels = paint.surface(height_px)
    words = Words(machine_fonts())
    at = ticks(scale, _LEAST_TICK_PX)
    _head(canvas, words, title, listened, scale)
    _axis(canvas, words, at)
    paint.rectangle(canvas, LEFT_PX, MIX_TOP_PX, RIGHT_PX, MIX_TOP_PX + 2 * CHANNEL_PX, paint.PANEL)
    paint.grid(canvas, at, MIX_TOP_PX, height_px - _FOOT_PX)
    _mix(canvas, words, listened)
    for number, lane in enumerate(lanes):
        _lane(canvas, words, lane, listened.tracks.get(lane.place), LANES_TOP_PX + number * LANE_PX)
    _foot(canvas, words, _LEGEND if lanes else _NOTHING, left_out, height_px)
    return pixels


def _head(canvas: Any, words: Words, title: str, listened: Listened, scale: Scale) -> None:
    words.write(canvas, title or "sound", 24, 32, 19, paint.INK, bold=True)
    end_s = (scale.start_us + scale.length_us) / US_PER_SECOND
    facts = [f"{clock(scale.start_us / US_PER_SECOND, 0.001)} – {clock(end_s, 0.001)}", _level(listened.mix)]
    x_px = 24.0
    x_px += words.write(canvas, "   ·   ".join(facts), x_px, 58, 13, paint.DIM)
    limiting = listened.limiting
    if limiting.samples:
        length_s = limiting.samples / RATE_HZ
        length = f"{length_s:.2f} s" if length_s < 60 else clock(length_s)
        limited = f"limited for {length} in all, by up to {decibels(1 / limiting.gain)[1:]}"
        words.write(canvas, limited, x_px + 30, 58, 13, paint.LIMITED)


def _axis(canvas: Any, words: Words, at: Sequence[tuple[float, str]]) -> None:
    paint.rectangle(canvas, LEFT_PX, MIX_TOP_PX - 1, RIGHT_PX, MIX_TOP_PX, paint.AXIS)
    for x_px, text in at:
        paint.rectangle(canvas, round(x_px), MIX_TOP_PX - 7, round(x_px) + 1, MIX_TOP_PX, paint.AXIS)
        width = words.word(text, paint.SMALL_EM_PX).width_px
        left = min(max(x_px - width / 2, LEFT_PX), RIGHT_PX - width)
        words.write(canvas, text, left, MIX_TOP_PX - 16, paint.SMALL_EM_PX, paint.DIM)


def _mix(canvas: Any, words: Words, listened: Listened) -> None:
    words.write(canvas, "mix", 24, MIX_TOP_PX + CHANNEL_PX, 15, paint.INK, bold=True)
    for channel, name in enumerate(("left", "right")):
        top = MIX_TOP_PX + channel * CHANNEL_PX
        middle, reach = top + CHANNEL_PX / 2, CHANNEL_PX / 2 - 5
        words.write(canvas, name, 24, middle, 12, paint.DIM)
        _scale(canvas, words, middle, reach)
        paint.curve(canvas, listened.mix, channel, middle, reach, paint.MIX)
        clipped = listened.mix.peak[channel] >= _FULL_SCALE
        mark = top + 1 if channel == 0 else top + CHANNEL_PX - 5
        for columns, colour in ((listened.limiting.columns, paint.LIMITED), (clipped, paint.CLIPPED)):
            paint.marks(canvas, columns, mark, mark + 4, colour)
    line = MIX_TOP_PX + CHANNEL_PX
    paint.rectangle(canvas, LEFT_PX, line - 1, RIGHT_PX, line + 1, paint.BACK)


def _scale(canvas: Any, words: Words, middle: float, reach: float) -> None:
    """Lines at levels in dBFS on both sides of silence, with their numbers."""
    for level_db in _LEVELS_DBFS:
        height_px = float(paint.height_of_level(np.array(10 ** (level_db / 20)))) * reach
        for y_px in (middle - height_px, middle + height_px):
            paint.rectangle(canvas, LEFT_PX, round(y_px), RIGHT_PX, round(y_px) + 1, paint.GRID)
        _number(canvas, words, f"{level_db}".replace("-", "−"), middle - height_px)
    paint.rectangle(canvas, LEFT_PX, middle - 0.5, RIGHT_PX, middle + 0.5, paint.AXIS)
    _number(canvas, words, "−∞", middle)


def _number(canvas: Any, words: Words, text: str, middle: float) -> None:
    words.write(canvas, text, LEFT_PX - 8 - words.word(text, 10).width_px, middle, 10, paint.FAINT)


def _lane(canvas: Any, words: Words, lane: Lane, envelope: Envelope | None, top: float) -> None:
    middle = top + paint.BOX_PX / 2
    is_heard = not lane.why_not
    words.write(canvas, lane.name, 24, middle - 9, 14, paint.INK if is_heard else paint.FAINT, bold=True)
    below = lane.why_not if envelope is None else _level(envelope)
    words.write(canvas, below, 24, middle + 11, paint.SMALL_EM_PX, paint.DIM if is_heard else paint.FAINT)
    paint.boxes(canvas, words, [_as_heard(box, envelope) for box in lane.boxes], envelope, top)


def _as_heard(box: Box, envelope: Envelope | None) -> Box:
    """The box, marked as silent where nothing was heard in it, whatever the draft says."""
    if envelope is None or not box.is_heard:
        return box
    columns = envelope.low.shape[1]
    first, end = ((x_px - LEFT_PX) / COLUMNS * columns for x_px in (box.left_px, box.right_px))
    within = envelope.peak[:, max(math.ceil(first), 0) : max(int(end), 0)]  # a neighbour may share its outer columns
    if not within.size or within.any():
        return box
    return replace(box, is_heard=False, badges=("silence", *box.badges))


def _level(envelope: Envelope) -> str:
    peak = float(envelope.peak.max())
    return f"peak {decibels(peak)}FS" if peak > 0 else "silence"


def _foot(canvas: Any, words: Words, lines: Sequence[str], left_out: int, height_px: int) -> None:
    middle = height_px - _FOOT_PX + 22.0
    for line in lines:
        words.write(canvas, line, LEFT_PX, middle, paint.SMALL_EM_PX, paint.FAINT)
        middle += 17
    if left_out:
        tracks = "1 more track with sound is" if left_out == 1 else f"{left_out} more tracks with sound are"
        words.write(canvas, f"{tracks} in the mix and not drawn here.", LEFT_PX, middle + 3, 13, paint.INK)
