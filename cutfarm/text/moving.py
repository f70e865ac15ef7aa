"""A caption while its animations play: its pieces, each where its families put it, as one picture an instant."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, get_args

import numpy as np
import skia

from cutfarm.text.caption import CaptionPicture
from cutfarm.text.ink.brushwork import union
from cutfarm.text.ink.painting import Ink
from cutfarm.text.ink.raster import MAX_PICTURE_PX, MAX_SIDE_PX
from cutfarm.text.layout.block import bounded
from cutfarm.text.layout.placed import CaptionLayout
from cutfarm.text.layout.units import UnitKind
from cutfarm.text.levels import FINEST_FIRST, Level, level_of
from cutfarm.text.motion import layers, placing
from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.moment import Box, Draw, Moment, Part
from cutfarm.text.playing import SUNG, Elapsed, Playing, playing
from cutfarm.text.sprites import Coat, Sprites
from cutfarm.timeline.model import Animation
from cutfarm.timeline.text import TextBlock

MAX_UNITS = 1000  #: of a caption that are drawn apart
MAX_PIECES = 2000  #: of them in all their coats
MAX_LAYERED = 300  #: of those where each is drawn through a layer of its own, which takes a hundred times as long
MAX_SPRITES_PX = 12_000_000  #: of all units' parts: 48 MB, and half as much for what is cut out of them for fading
MAX_LAYERED_PX = 4_000_000  #: of those that are drawn through layers
MAX_WHOLE_PX = 4_000_000  #: of a caption that moves as a whole: three parts and two cut out take 80 MB
_PARTS: tuple[Part, ...] = get_args(Part)
_LAYERED_NAMES = "bloom blur cube edge ghost glitch grade grid light luma_wipe mirror mosaic rgb_split shatter tv warp"
_LAYERED = frozenset(FAMILIES[name] for name in _LAYERED_NAMES.split())
_On = tuple[Playing, Elapsed]  # an animation, and where it is
_Piece = tuple[int, Draw]  # the number of a glyph in it, and what draws it


class MovingCaption:
    """Draws a caption at the instants of its segment; made once for a text, its looks and a scale.

    `scale` is that of the drawing, `canvas` what of the picture can be seen at all, in pixels of the drawing around the
    block's centre; nothing outside of it is drawn. A caption of too many units, or whose units would take more
    than `MAX_SPRITES_PX`, moves in bigger ones: words, lines, or as a whole.
    """

    def __init__(
        self,
        block: TextBlock,
        layout: CaptionLayout,
        ink: Ink,
        animations: Iterable[Animation],
        *,
        scale: float,
        length_us: int,
        canvas: Box,
        seed: int,
    ) -> None:
        self._block = block
        self._layout = layout
        self._canvas = canvas
        self._scale = scale
        self._sampling = _sampling(ink, scale)
        self._factor = scale * self._sampling
        self._sprites = Sprites(layout, ink, self._factor)
        self._levels: dict[UnitKind, Level] = {}
        self._inks: dict[UnitKind, tuple[Box, ...]] = {}
        self._ranks: dict[tuple[int, int], tuple[int, ...]] = {}
        self._still: dict[tuple[Coat, UnitKind], list[_Piece]] = {}
        self._finest: UnitKind = "all"
        self._problems = ink.problems
        self._playing = tuple(
            replace(one, unit=self._affordable(one)) for one in playing(block, animations, length_us, seed)
        )

    def key_at(self, at_us: Fraction) -> Hashable | None:
        """Equal where the picture is; None where it is that of the caption at rest."""
        return Fraction(at_us) if self._on(at_us) and self._layout.lines else None

    @property
    def sampling(self) -> float:
        """Pixels of the drawing to one asked for; below 1 where the limits made it smaller."""
        return self._sampling

    @property
    def alpha(self) -> float:
        """The block's own opacity, 0…1, which no recording holds."""
        return bounded(self._block.alpha, 0.0, 1.0)

    def recording_at(self, at_us: Fraction, seen: Any) -> Any | None:
        """A skia.Picture of an instant after the segment's start, pixels around the block's centre; None without any.

        Back, under of all units, over of all units. Of what lies outside the skia.Rect `seen` nothing need be in it;
        its bounds are those of its ink.
        """
        recorder = skia.PictureRecorder()
        self._draw(recorder.beginRecording(seen, skia.RTreeFactory()()), at_us)
        picture = recorder.finishRecordingAsPicture()
        return None if picture.cullRect().isEmpty() or not picture.approximateOpCount() else picture

    def picture_at(self, at_us: Fraction) -> CaptionPicture:
        """The caption at an instant after its segment's start, no larger than what can be seen of it."""
        canvas = self._canvas
        seen = skia.Rect.MakeLTRB(canvas.left, canvas.top, canvas.right, canvas.bottom)
        picture = self.recording_at(at_us, seen)
        bounds = skia.Rect.MakeEmpty() if picture is None else picture.cullRect()
        if not bounds.intersect(seen) or bounds.isEmpty():
            return self._pictured(np.zeros((1, 1, 4), np.uint8), (0.0, 0.0), 1.0)
        size_px = (bounds.width(), bounds.height())
        shrunk = min(1.0, MAX_SIDE_PX / max(size_px), math.sqrt(MAX_PICTURE_PX / (size_px[0] * size_px[1])))
        left, top = (math.floor(edge * shrunk) for edge in (bounds.left(), bounds.top()))
        right, bottom = (math.ceil(edge * shrunk) for edge in (bounds.right(), bounds.bottom()))
        rgba = np.zeros((max(bottom - top, 1), max(right - left, 1), 4), np.uint8)
        surface = skia.Surface(rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        to = surface.getCanvas()
        to.translate(-left, -top)
        to.scale(shrunk, shrunk)
        to.drawPicture(picture)
        if self.alpha < 1.0:
            to.drawColor(skia.Color4f(0, 0, 0, self.alpha), skia.BlendMode.kDstIn)
        surface.flushAndSubmit()
        return self._pictured(rgba, (float(-left), float(-top)), shrunk)

    def _pictured(self, rgba: Any, origin: tuple[float, float], shrunk: float) -> CaptionPicture:
        return CaptionPicture(
            rgba,
            origin,
            self._sampling * shrunk,
            self._layout.width_px * self._scale,
            self._layout.height_px * self._scale,
            self._layout.font_substitutions,
            self._layout.missing,
            self._problems,
        )

    def _on(self, at_us: Fraction) -> list[_On]:
        return [(one, one.elapsed(at_us)) for one in self._playing if one.is_on(at_us)]

    def _draw(self, canvas: Any, at_us: Fraction) -> None:
        on = self._on(at_us)
        finest: UnitKind = min((one.unit for one, _ in on), key=FINEST_FIRST.index, default="all")
        if {"word", "spoken"} <= {one.unit for one, _ in on}:
            finest = "char"  # neither is made of the other
        if finest != self._finest:
            self._finest = finest
            self._still.clear()
            self._sprites.forget()
        for coat in self._coats(finest):
            pieces = self._back(on) if coat[0] == "back" else self._pieces(coat, on, finest)
            for _, draw in pieces:
                draw(canvas, layers.PLAIN)

    def _back(self, on: list[_On]) -> list[_Piece]:
        """Boxes of block and lines: they move with a caption that moves as a whole, else they fade with its letters."""
        draw = self._sprites.drawing(("back", None), None, is_cut=all(one.unit == "all" for one, _ in on))
        if draw is None:
            return []
        for one, now in on:
            if one.unit == "all":
                draw = self._moved(one, now, 0, ("back", None), draw)
            elif one.kind != "loop" and not one.words and one.family != SUNG:
                share = min(max(now.share, 0.0), 1.0)
                draw = layers.faded(draw, share if one.kind == "in" else 1.0 - share)
        return [(0, draw)]

    def _coats(self, kind: UnitKind) -> tuple[Coat, ...]:
        """What is laid down of all units of a kind before the next of any; one unit alone need not be taken apart."""
        return self._sprites.coats if len(self._level(kind).units) > 1 else tuple((part, None) for part in _PARTS)

    def _pieces(self, coat: Coat, on: list[_On], finest: UnitKind) -> list[_Piece]:
        """What is drawn of a coat: the finest units, put together as soon as no further animation takes them apart."""
        pieces = self._at_rest(coat, finest)
        for place, (one, now) in enumerate(on):
            level = self._level(one.unit)
            if not any(_is_finer(later.unit, one.unit) for later, _ in on[place + 1 :]):
                pieces = _merged(pieces, level)
            pieces = [(glyph, self._moved(one, now, level.of_glyph[glyph], coat, draw)) for glyph, draw in pieces]
        return pieces

    def _moved(self, one: Playing, now: Elapsed, index: int, coat: Coat, draw: Draw) -> Draw:
        """A piece as the animation has it that is in its unit of an index."""
        moment = self._moment(one, now, index, coat)
        if moment is None:
            return draw
        for family, params in one.ops:
            draw = family(moment, params, draw)
        return draw

    def _moment(self, one: Playing, now: Elapsed, index: int, coat: Coat) -> Moment | None:
        level = self._level(one.unit)
        unit, count = level.units[index], len(level.units)
        rank = self._rank(one, count)[index]
        count = 1 if one.words else count
        clock = one.clock(now, rank, count, unit.word)
        if clock is None:
            return None
        return Moment(
            kind=one.kind,
            p=clock.p,
            time_s=clock.time_s,
            duration_s=clock.duration_s,
            index=index,
            count=count,
            rank=rank,
            box=level.boxes[index],
            line=level.lines[index],
            block=level.block,
            canvas=self._canvas,
            em_px=unit.em_px * self._factor,
            seed=one.seed,
            part=coat[0],
            flow=unit.flow,
            colour=self._block.styles[unit.style].colour,
            ink=self._ink(one.unit)[index],
            boxes=level.boxes,
            piece=partial(self._piece, coat, one.unit),
        )

    def _piece(self, coat: Coat, kind: UnitKind, index: int) -> Draw:
        level = self._level(kind)
        for glyph, draw in self._at_rest(coat, kind):
            if level.of_glyph[glyph] == index:
                return draw
        return layers.nothing

    def _at_rest(self, coat: Coat, kind: UnitKind) -> list[_Piece]:
        """The units of a kind that have ink in a coat, each in its place."""
        key = (coat, kind)
        if key not in self._still:
            units = self._level(kind).units
            drawings = [(unit.glyphs[0], self._sprites.drawing(coat, _only(unit.glyphs, units))) for unit in units]
            self._still[key] = [(glyph, draw) for glyph, draw in drawings if draw is not None]
        return self._still[key]

    def _level(self, kind: UnitKind) -> Level:
        if kind not in self._levels:
            self._levels[kind] = level_of(self._layout, self._block, kind, self._factor)
        return self._levels[kind]

    def _ink(self, kind: UnitKind) -> tuple[Box, ...]:
        """Around all that each unit of a kind leaves, and its box."""
        if kind not in self._inks:
            level, coats = self._level(kind), self._coats(kind)
            if len(level.units) > 1:
                coats = coats[1:]  # what lies behind lines is no unit's own
            self._inks[kind] = tuple(
                self._around(box, coats, _only(unit.glyphs, level.units))
                for unit, box in zip(level.units, level.boxes, strict=True)
            )
        return self._inks[kind]

    def _around(self, box: Box, coats: tuple[Coat, ...], only: tuple[int, ...] | None) -> Box:
        for coat in coats:
            if (bounds := self._sprites.bounds(coat, only)) is not None:
                box = layers.around(box, bounds)
        return box

    def _rank(self, one: Playing, count: int) -> tuple[int, ...]:
        key = (id(one), count)
        if key not in self._ranks:
            self._ranks[key] = one.order(count)
        return self._ranks[key]

    def _affordable(self, one: Playing) -> UnitKind:
        """The finest units from the animation's own on that may be drawn apart."""
        is_layered = any(family in _LAYERED for family, _ in one.ops)
        most, most_px = (MAX_LAYERED, MAX_LAYERED_PX) if is_layered else (MAX_PIECES, MAX_SPRITES_PX)
        for coarser in FINEST_FIRST[FINEST_FIRST.index(one.unit) :]:
            if coarser == "spoken" and one.unit != "spoken":
                continue
            count, coats = len(self._level(coarser).units), len(self._coats(coarser)) - 1
            is_few = count <= MAX_UNITS and count * coats <= most
            if count <= 1 or (is_few and self._sprites_px(coarser) <= most_px):
                return coarser
        return "all"

    def _sprites_px(self, kind: UnitKind) -> int:
        units = self._level(kind).units
        coats = self._coats(kind)[1:]
        boxes = [self._sprites.bounds(coat, _only(unit.glyphs, units)) for unit in units for coat in coats]
        return sum(box.width() * box.height() for box in boxes if box is not None)


def _only(glyphs: tuple[int, ...], units: tuple[Any, ...]) -> tuple[int, ...] | None:
    return None if len(units) == 1 else glyphs


def _is_finer(kind: UnitKind, other: UnitKind) -> bool:
    return FINEST_FIRST.index(kind) < FINEST_FIRST.index(other) or {kind, other} == {"word", "spoken"}


def _merged(pieces: list[_Piece], level: Level) -> list[_Piece]:
    """Pieces of one unit together, in the order of their units."""
    groups: dict[int, list[_Piece]] = {}
    for piece in pieces:
        groups.setdefault(level.of_glyph[piece[0]], []).append(piece)
    return [(group[0][0], placing.together(draw for _, draw in group)) for group in groups.values()]


def _sampling(ink: Ink, scale: float) -> float:
    """What the sprites are drawn smaller by, so that one of the whole caption keeps within the limits of a picture."""
    box = union(bounds for part in _PARTS if (bounds := ink.bounds(part)) is not None)
    if box is None:
        return 1.0
    width_px, height_px = (max(float(side) * scale, 1.0) for side in (box.width(), box.height()))
    room_px = MAX_SIDE_PX - 8
    return min(1.0, room_px / max(width_px, height_px), math.sqrt(0.99 * MAX_WHOLE_PX / (width_px * height_px)))
