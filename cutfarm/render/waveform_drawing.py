"""A picture of sound, painted: curves, boxes, lines. Where things lie is worked out elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.render.waveform_lanes import COLUMNS, LEFT_PX, RIGHT_PX, UNITY, WIDTH_PX, Box, GainLine, Kind
from cutfarm.render.waveform_levels import Envelope
from cutfarm.render.waveform_words import Words
from kernels.sound import Doubles, Samples

BACK, PANEL, GRID, AXIS = 0xFF12151B, 0xFF191D25, 0xFF242A34, 0xFF3A4250
INK, DIM, FAINT = 0xFFE4E9F0, 0xFF939CAC, 0xFF626B7A
LIMITED, CLIPPED, GAIN = 0xFFFF9A4D, 0xFFFF5468, 0xFFF8E3A8
NAME_EM_PX, SMALL_EM_PX = 12.5, 11.0

TITLE_PX = 20.0  #: height of a box's line of words
BOX_PX = 92.0
_RADIUS_PX = 6.0
_PILL_PX = 15.0
_LEAST_WORDS_PX = 28.0  # of a box that bears words
_LEAST_KEY_PX = 8.0  # from one key to the next


@dataclass(frozen=True, slots=True)
class Colours:
    """Of a box and what is in it, 0xAARRGGBB."""

    ground: int
    border: int
    peak: int
    rms: int
    name: int = INK


MIX = Colours(PANEL, PANEL, 0xFF2F7F78, 0xFF72D0C2)
_KINDS: dict[Kind, Colours] = {
    "audio": Colours(0xFF17332F, 0xFF2F6F64, 0xFF3D9786, 0xFF83DCC9),
    "video": Colours(0xFF1A2A43, 0xFF365B92, 0xFF4A7CC4, 0xFF9CC3F8),
    "compound": Colours(0xFF2B2443, 0xFF5D4E93, 0xFF7F68C6, 0xFFC6B5F6),
}
_SILENT = Colours(0xFF1B1F27, 0xFF343B47, FAINT, DIM, DIM)


def surface(height_px: int) -> tuple[Any, NDArray[np.uint8]]:
    """A canvas and its pixels (height, WIDTH_PX, 4), R G B A."""
    pixels = np.zeros((height_px, WIDTH_PX, 4), np.uint8)
    canvas = skia.Surface(pixels).getCanvas()
    canvas.clear(BACK)
    return canvas, pixels


def rectangle(canvas: Any, left: float, top: float, right: float, bottom: float, colour: int) -> None:
    """A filled rectangle, in pixels."""
    canvas.drawRect(skia.Rect.MakeLTRB(left, top, right, bottom), skia.Paint(Color=colour, AntiAlias=True))


def height_of_level(level: Doubles | Samples) -> Doubles:
    """Distance from silence, 0…1 of full scale's, of magnitudes 0…1: the root, so that −24 dB are still a quarter.

    Below 0 it is the same, downwards; what is beyond full scale is held to it.
    """
    held = np.clip(level, -1.0, 1.0, dtype=np.float64)
    height: Doubles = np.copysign(np.sqrt(np.abs(held)), held)
    return height


def curve(canvas: Any, envelope: Envelope, channel: int, middle: float, reach: float, colours: Colours) -> None:
    """A channel's lowest and highest samples, and its RMS inside; full scale lies `reach` px from `middle`."""
    low, high, rms = envelope.low[channel], envelope.high[channel], envelope.rms[channel]
    low, high, rms = (height_of_level(level) * reach for level in (low, high, rms))
    bands(canvas, middle - high, middle - low, colours.peak)
    bands(canvas, middle - rms, middle + rms, colours.rms)


def halves(canvas: Any, envelope: Envelope, middle: float, reach: float, colours: Colours) -> None:
    """The left channel's level upwards and the right one's downwards, RMS inside."""
    for level, colour in ((envelope.peak, colours.peak), (envelope.rms, colours.rms)):
        left, right = height_of_level(level) * reach
        bands(canvas, middle - left, middle + right, colour)


def bands(canvas: Any, top: Doubles, bottom: Doubles, colour: int) -> None:
    """One column of the plot after the other filled from `top` to `bottom`; fewer values fill more columns each."""
    if not np.any(bottom > top):
        return
    edges = np.repeat(LEFT_PX + np.arange(len(top) + 1) * (COLUMNS / len(top)), 2)[1:-1]
    x = np.concatenate((edges, edges[::-1])).tolist()
    y = np.concatenate((np.repeat(top, 2), np.repeat(bottom, 2)[::-1])).tolist()
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in zip(x, y, strict=True)], True)
    canvas.drawPath(path, skia.Paint(Color=colour, AntiAlias=True))


def marks(canvas: Any, columns: NDArray[np.bool_], top: float, bottom: float, colour: int) -> None:
    """Columns of the plot that are set, as filled stretches no narrower than 2 px."""
    width = COLUMNS / len(columns)
    changes = np.flatnonzero(np.diff(np.concatenate(([0], columns.astype(np.int8), [0]))))
    for first, end in zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True):
        left = LEFT_PX + first * width
        rectangle(canvas, left, top, max(LEFT_PX + end * width, left + 2.0), bottom, colour)


def boxes(canvas: Any, words: Words, drawn: Sequence[Box], envelope: Envelope | None, top: float) -> None:
    """The segments of a lane whose top is `top`: boxes, what is heard within them, gain lines and words."""
    canvas.save()
    canvas.clipRect(skia.Rect.MakeLTRB(LEFT_PX, top - 1, RIGHT_PX, top + BOX_PX + 1))
    middle, reach = top + (TITLE_PX + BOX_PX) / 2, (BOX_PX - TITLE_PX) / 2 - 3
    if envelope is not None:
        halves(canvas, envelope, middle, reach, _SILENT)
    for box in drawn:
        colours = _colours(box)
        outline = _outline(box, top)
        canvas.drawRRect(outline, skia.Paint(Color=colours.ground, AntiAlias=True))
        canvas.save()
        canvas.clipRRect(outline, True)
        rectangle(canvas, box.left_px, middle - 0.5, box.right_px, middle + 0.5, colours.border)
        if envelope is not None and box.is_heard:
            halves(canvas, envelope, middle, reach, colours)
        if box.gain is not None:
            gain(canvas, box.gain, top)
        canvas.restore()
        border = skia.Paint(Color=colours.border, AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=1.0)
        canvas.drawRRect(_outline(box, top, 0.5), border)
        _title(canvas, words, box, top, colours)
    canvas.restore()


def gain(canvas: Any, line: GainLine, top: float) -> None:
    """A gain line over its box, and the keys on it."""
    bottom, reach = top + BOX_PX - 3, BOX_PX - TITLE_PX - 6
    unity = bottom - UNITY * reach
    dashes = skia.DashPathEffect.Make([2.0, 4.0], 0.0)
    faint = skia.Paint(Color=0x50F8E3A8, Style=skia.Paint.kStroke_Style, StrokeWidth=1.0, PathEffect=dashes)
    left, right = float(line.x_px[0]), float(line.x_px[-1])
    canvas.drawLine(left, round(unity) + 0.5, right, round(unity) + 0.5, faint)
    path = skia.Path()
    points = zip(line.x_px.tolist(), (bottom - line.height * reach).tolist(), strict=True)
    path.addPoly([skia.Point(*point) for point in points], False)
    for colour, width in ((0x90101318, 3.6), (GAIN, 1.6)):
        stroke = skia.Paint(Color=colour, AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=width)
        stroke.setStrokeJoin(skia.Paint.kRound_Join)
        canvas.drawPath(path, stroke)
    if len(line.keys) * _LEAST_KEY_PX > right - left:
        return  # dots upon dots would hide the line
    for x_px, height in line.keys:
        y_px = bottom - height * reach
        canvas.drawCircle(x_px, y_px, 4.2, skia.Paint(Color=0xFF101318, AntiAlias=True))
        canvas.drawCircle(x_px, y_px, 3.0, skia.Paint(Color=GAIN, AntiAlias=True))


def _colours(box: Box) -> Colours:
    return _KINDS[box.kind] if box.is_heard else _SILENT


def _outline(box: Box, top: float, inset: float = 0.0) -> Any:
    """A box as a rounded rectangle, its border's middle `inset` px inside its edges."""
    width = box.right_px - box.left_px
    inset_x = min(inset, width / 2)
    radius = min(_RADIUS_PX, width / 3)
    edges = skia.Rect.MakeLTRB(box.left_px + inset_x, top + inset, box.right_px - inset_x, top + BOX_PX - inset)
    return skia.RRect.MakeRectXY(edges, radius, radius)


def _title(canvas: Any, words: Words, box: Box, top: float, colours: Colours) -> None:
    """Its name and badges, as far as there is room: a name that is too long fades, badges that are too many go."""
    left, right = max(box.left_px, LEFT_PX) + 8, min(box.right_px, RIGHT_PX) - 7
    if right - left < _LEAST_WORDS_PX:
        return
    middle = top + TITLE_PX / 2 + 1
    name = words.word(box.name, NAME_EM_PX)
    at = right
    for badge in reversed(_fitting(words, box.badges, right - left - min(name.width_px, (right - left) * 0.4))):
        width = _pill_width(words, badge)
        at -= width
        _pill(canvas, words, badge, at, middle, colours)
        at -= 4
    _fading(canvas, words, box.name, left, at - 4, middle, colours.name)


def _fitting(words: Words, badges: Sequence[str], room: float) -> list[str]:
    """As many of the badges as fit, the first ones; three dots stand for the others."""
    shown = list(badges)
    while shown and sum(_pill_width(words, badge) + 4 for badge in shown) > room:
        shown = [*shown[:-2], "…"] if len(shown) > 1 else []
    return shown


def _pill_width(words: Words, badge: str) -> float:
    return words.word(badge, SMALL_EM_PX).width_px + 12


def _pill(canvas: Any, words: Words, badge: str, left: float, middle: float, colours: Colours) -> None:
    edges = skia.Rect.MakeXYWH(left, middle - _PILL_PX / 2, _pill_width(words, badge), _PILL_PX)
    canvas.drawRoundRect(edges, 7, 7, skia.Paint(Color=colours.border, AntiAlias=True))
    words.write(canvas, badge, left + 6, middle, SMALL_EM_PX, colours.name)


def _fading(canvas: Any, words: Words, text: str, left: float, right: float, middle: float, colour: int) -> None:
    """Words that fade out where they would reach beyond `right`."""
    if right <= left:
        return
    area = skia.Rect.MakeLTRB(left - 2, middle - TITLE_PX, right, middle + TITLE_PX)
    canvas.save()
    canvas.clipRect(area)
    is_long = words.word(text, NAME_EM_PX).width_px > right - left
    if is_long:
        canvas.saveLayer(area)
    words.write(canvas, text, left, middle, NAME_EM_PX, colour)
    if is_long:
        ends = [skia.Point(max(right - 24, left), 0), skia.Point(right, 0)]
        shader = skia.GradientShader.MakeLinear(points=ends, colors=[0xFF000000, 0x00000000])
        canvas.drawRect(area, skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kDstIn))
        canvas.restore()
    canvas.restore()


def grid(canvas: Any, ticks: Sequence[tuple[float, str]], top: float, bottom: float) -> None:
    """Thin lines down the picture at the ticks, and fainter ones half way between them."""
    paint = skia.Paint(Color=GRID)
    for x_px, _ in ticks:
        canvas.drawLine(round(x_px) + 0.5, top, round(x_px) + 0.5, bottom, paint)
    paint = skia.Paint(Color=PANEL)
    for (before, _), (after, _) in pairwise(ticks):
        middle = round((before + after) / 2) + 0.5
        canvas.drawLine(middle, top, middle, bottom, paint)
