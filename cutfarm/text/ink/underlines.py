"""Underlines that can be painted glyph by glyph without a seam."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import skia

from cutfarm.text.layout.placed import PlacedGlyph

_THICKNESS_EM, _OFFSET_EM = 0.05, 0.22
_BENT_OVERLAP_EM = 0.05  # closes the gaps between the chords of a bent line
_TOUCHING_PX = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A straight underline of neighbouring glyphs in one style."""

    pen_px: tuple[float, float]  #: where the baseline above it begins
    way_deg: float  #: clockwise, 0 to the right
    length_px: float
    em_px: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The stretch of a rule that underlines one glyph or several."""

    rule: Rule
    start_px: float
    end_px: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the rule is missing."""
        return self.start_px <= 0.0 and self.end_px >= self.rule.length_px


def underline(glyphs: Sequence[PlacedGlyph], em_px: float) -> list[Bar]:
    """Each glyph's bar, from its pen to the end of its advance; glyphs on one straight baseline share a rule."""
    bars: list[Bar] = []
    for group in _straight(glyphs):
        # Letters that are moved over each other must not make the rule run back.
        ends = list(accumulate(accumulate(glyph.advance_px for glyph in group), max, initial=0.0))
        rule = Rule(group[0].pen_px, group[0].way_deg, ends[-1], em_px)
        bars += [Bar(rule, start, end) for start, end in pairwise(ends)]
    return bars


def joined(bars: Iterable[tuple[int, Bar]]) -> list[tuple[int, Bar]]:
    """Bars in reading order, each with a key; those that touch on one rule in one."""
    whole: list[tuple[int, Bar]] = []
    for key, bar in bars:
        last = whole[-1][1] if whole else None
        if last is not None and last.rule is bar.rule and last.end_px == bar.start_px:
            whole[-1] = (key, replace(last, end_px=bar.end_px))
        else:
            whole.append((key, bar))
    return whole


def outline_of(rule: Rule) -> Any:
    """The rule as a skia.Path in layout pixels."""
    overlap_px = 0.0 if rule.way_deg % 90 == 0 else _BENT_OVERLAP_EM * rule.em_px
    top_px = (_OFFSET_EM - _THICKNESS_EM / 2) * rule.em_px
    left_px, right_px = -overlap_px, rule.length_px + overlap_px
    return _in_layout(rule, skia.Rect.MakeLTRB(left_px, top_px, right_px, top_px + _THICKNESS_EM * rule.em_px))


def clip_of(bar: Bar) -> Any:
    """What of its rule, strokes around it included, belongs to the bar: ends of the rule lie open."""
    beyond_px = 2.0 * bar.rule.em_px
    left_px = bar.start_px if bar.start_px > 0.0 else -beyond_px
    right_px = bar.end_px + (beyond_px if bar.end_px >= bar.rule.length_px else 0.0)
    return _in_layout(bar.rule, skia.Rect.MakeLTRB(left_px, -beyond_px, right_px, beyond_px))


def _in_layout(rule: Rule, box: Any) -> Any:
    path = skia.Path.Rect(box)
    path.transform(skia.Matrix.Translate(*rule.pen_px).preRotate(rule.way_deg))
    return path


def _straight(glyphs: Sequence[PlacedGlyph]) -> list[list[PlacedGlyph]]:
    """The glyphs in groups whose advances follow each other on one straight line."""
    groups: list[list[PlacedGlyph]] = []
    for glyph in glyphs:
        last = groups[-1][-1] if groups else None
        if last is not None and last.way_deg == glyph.way_deg and math.dist(_end(last), glyph.pen_px) < _TOUCHING_PX:
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return groups


def _end(glyph: PlacedGlyph) -> tuple[float, float]:
    way = math.radians(glyph.way_deg)
    return glyph.pen_px[0] + glyph.advance_px * math.cos(way), glyph.pen_px[1] + glyph.advance_px * math.sin(way)
