"""Paragraphs of a caption set into lines or columns, each with its own top left corner as origin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from cutfarm.text.fonts.library import FontLibrary, FontMatch
from cutfarm.text.layout import columns
from cutfarm.text.layout.itemise import Item, StyleFont, itemise
from cutfarm.text.layout.placed import Line, PlacedGlyph, Run, bounded
from cutfarm.text.layout.shaping import Glyph, shape, takes_letter_spacing
from cutfarm.text.unicode.breaks import LineSpan, wrap
from cutfarm.text.unicode.characters import clean, is_east_asian
from cutfarm.text.unicode.direction import visual_order
from cutfarm.timeline.text import TextBlock, TextStyle

LINE_PX_PER_SIZE, REFERENCE_CANVAS_PX = 6.21, 1080
ALPHABETIC_LINE_EM = 1.2  #: the usual line box of fonts without Han, for one that is not there to be measured
_SIZES = (0.1, 1000.0)
_LETTER_SPACINGS_EM = (-1.0, 10.0)
_TURNED_BACK_DEG = -90.0


@dataclass(frozen=True, slots=True)
class _StyleBox:
    font: StyleFont
    em_px: float
    ascent_px: float
    descent_px: float

    @property
    def line_px(self) -> float:
        return self.ascent_px + self.descent_px


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    sources: tuple[int, ...]  #: of each character and of the line feed after the last
    styles: tuple[int, ...]  #: index into the block's styles, likewise


class Typesetter:
    """Sets one block and remembers what could not be had."""

    def __init__(
        self,
        block: TextBlock,
        *,
        canvas_width_px: float,
        limit_px: float | None,
        fonts: FontLibrary,
        files: Mapping[str, Path],
    ) -> None:
        self._block = block
        self._canvas_width_px = canvas_width_px
        self._limit_px = limit_px
        self._fonts = fonts
        self._files = files
        self._boxes: dict[int, _StyleBox] = {}
        self._matches: dict[tuple[str, str], FontMatch] = {}
        self._letter_spacing_em = bounded(block.letter_spacing_em, *_LETTER_SPACINGS_EM)
        self.substitutions: dict[tuple[str, str], None] = {}
        self.missing: dict[str, None] = {}

    def lines(self) -> Iterator[Line]:
        """The block's lines, or columns where its writing is vertical; none where there is nothing to draw."""
        for paragraph in _paragraphs(self._block):
            for line in self._set(paragraph):
                yield columns.turned(line) if self._block.is_vertical else line

    def _set(self, paragraph: _Paragraph) -> Iterator[Line]:
        for style in dict.fromkeys(paragraph.styles):
            if style not in self._boxes:
                self._boxes[style] = self._measure(self._block.styles[style])
        style_fonts = {style: self._boxes[style].font for style in dict.fromkeys(paragraph.styles)}
        itemised = itemise(
            paragraph.text,
            paragraph.styles,
            style_fonts,
            self._fonts,
            context=self._block.text,
            vertical=self._block.is_vertical,
        )
        self.missing.update(dict.fromkeys(itemised.missing))
        shaped = {item: self._shape(paragraph, item) for item in itemised.items}
        for span in self._spans(paragraph, shaped):
            yield self._line(paragraph, span, itemised.items, shaped)

    def _spans(self, paragraph: _Paragraph, shaped: Mapping[Item, Sequence[Glyph]]) -> list[LineSpan]:
        advances_px = [0.0] * len(paragraph.text)
        gaps_px = [0.0] * len(paragraph.text)
        for item, glyphs in shaped.items():
            gap_px = self._gap_px(item)
            for glyph in glyphs:
                advances_px[glyph.cluster] += glyph.advance_em * self._boxes[item.style].em_px
                gaps_px[glyph.cluster] = gap_px
        return wrap(paragraph.text, advances_px, self._limit_px, last_gaps_px=gaps_px)

    def _measure(self, style: TextStyle) -> _StyleBox:
        match = self._match(style.font_id, style.font_path)
        ascent_em, descent_em = match.vertical_em
        if match.substitution is not None:
            self.substitutions[match.substitution] = None
            if not match.same_metrics and not is_east_asian(match.substitution[0] + self._block.text):
                leading_em = max(0.0, ALPHABETIC_LINE_EM - ascent_em - descent_em)
                ascent_em, descent_em = ascent_em + leading_em / 2, descent_em + leading_em / 2
        line_px = LINE_PX_PER_SIZE * bounded(style.size, *_SIZES) * self._canvas_width_px / REFERENCE_CANVAS_PX
        em_px = line_px / (ascent_em + descent_em)
        font = StyleFont(match.face, match.weight, style.bold)
        return _StyleBox(font, em_px, ascent_em * em_px, descent_em * em_px)

    def _match(self, font_id: str, font_path: str) -> FontMatch:
        key = (font_id, font_path)
        if key not in self._matches:
            self._matches[key] = self._fonts.find(font_id, font_path, self._files)
        return self._matches[key]

    def _shape(self, paragraph: _Paragraph, item: Item) -> tuple[Glyph, ...]:
        return shape(paragraph.text, item, letter_spacing_em=self._letter_spacing_em)

    def _gap_px(self, item: Item) -> float:
        spaced = takes_letter_spacing(item.script)
        return self._letter_spacing_em * self._boxes[item.style].em_px if spaced else 0.0

    def _line(
        self, paragraph: _Paragraph, span: LineSpan, items: Sequence[Item], shaped: Mapping[Item, tuple[Glyph, ...]]
    ) -> Line:
        styles = dict.fromkeys(paragraph.styles[span.start : max(span.end, span.start + 1)])
        height_px, baselines_px = self._baselines([self._boxes[style] for style in styles])
        cut = _cut(items, span)
        runs: list[Run] = []
        pen_px = last_gap_px = 0.0
        for index in visual_order([item.level for item in cut]):
            item = cut[index]
            glyphs = shaped[item] if item in shaped else self._shape(paragraph, item)
            baseline_px = baselines_px[self._boxes[item.style]]
            runs.append(self._run(paragraph, item, glyphs, pen_px, baseline_px, height_px))
            pen_px += runs[-1].width_px
            last_gap_px = self._gap_px(item)
        tallest = max(baselines_px, key=lambda box: box.line_px)
        # The spacing after the last glyph would push centred text to the left.
        width_px = max(0.0, pen_px - last_gap_px)
        return Line(0.0, baselines_px[tallest], height_px, 0.0, width_px, tuple(runs))

    def _baselines(self, boxes: Sequence[_StyleBox]) -> tuple[float, dict[_StyleBox, float]]:
        """The height of a line and where in it each style's baseline lies: shared in lines, centred in columns."""
        if self._block.is_vertical:
            height_px = max(box.line_px for box in boxes)
            return height_px, {box: (height_px - box.line_px) / 2 + box.ascent_px for box in boxes}
        ascent_px = max(box.ascent_px for box in boxes)
        return ascent_px + max(box.descent_px for box in boxes), dict.fromkeys(boxes, ascent_px)

    def _run(
        self,
        paragraph: _Paragraph,
        item: Item,
        glyphs: Sequence[Glyph],
        left_px: float,
        baseline_px: float,
        height_px: float,
    ) -> Run:
        em_px = self._boxes[item.style].em_px
        placed = []
        pen_px = left_px
        for glyph in glyphs:
            source, advance_px = paragraph.sources[glyph.cluster], glyph.advance_em * em_px
            x_px, y_px, turn_deg = pen_px + glyph.x_em * em_px, baseline_px - glyph.y_em * em_px, 0.0
            if item.upright:
                # Its line is still to be turned by 90°, so that up is to the left here.
                x_px, y_px = pen_px - glyph.y_em * em_px, height_px / 2 - glyph.x_em * em_px
                turn_deg = _TURNED_BACK_DEG
            start_px, end_px = sorted((pen_px, pen_px + advance_px))
            box_px = (start_px, 0.0, end_px, height_px)
            pen = (pen_px, baseline_px)
            placed.append(PlacedGlyph(glyph.glyph_id, source, x_px, y_px, turn_deg, pen, 0.0, advance_px, box_px))
            pen_px += advance_px
        return Run(item.style, item.font, em_px, left_px, pen_px - left_px, tuple(placed))


def _cut(items: Sequence[Item], span: LineSpan) -> list[Item]:
    """What of the items lies in the line, without the spaces that hang beyond it."""
    cut = []
    for item in islice(items, bisect_right(items, span.start, key=lambda item: item.end), None):
        if item.start >= span.ink_end:
            break
        cut.append(replace(item, start=max(item.start, span.start), end=min(item.end, span.ink_end)))
    return cut


def _paragraphs(block: TextBlock) -> Iterator[_Paragraph]:
    """The block's text between line feeds; nothing at all where it has no character that can be drawn."""
    cleaned = clean(block.text)
    if not cleaned.text or not block.styles:
        return
    starts = [style.start for style in block.styles]
    styles = [max(0, bisect_right(starts, source) - 1) for source in cleaned.sources]
    start = 0
    for text in cleaned.text.split("\n"):
        end = start + len(text)
        tail = min(end, len(styles) - 1)
        yield _Paragraph(
            text,
            (*cleaned.sources[start:end], cleaned.sources[tail]),
            (*styles[start:end], styles[tail]),
        )
        start = end + 1
