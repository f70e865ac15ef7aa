"""Lines of a caption and the place of every glyph, in pixels of the draft's canvas."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from cutfarm.errors import DraftError
from cutfarm.text.breaks import LineSpan, wrap
from cutfarm.text.characters import CleanText, clean, is_east_asian
from cutfarm.text.direction import visual_order
from cutfarm.text.fonts import FontLibrary
from cutfarm.text.itemise import Item, StyleFont, itemise
from cutfarm.text.placed import CaptionLayout, Line, PlacedGlyph, Run
from cutfarm.text.shaping import Glyph, shape, takes_letter_spacing
from cutfarm.timeline.text import TextBlock, TextStyle

__all__ = ["CaptionLayout", "Line", "PlacedGlyph", "Run", "bounded", "lay_out"]

LINE_PX_PER_SIZE, REFERENCE_CANVAS_PX = 6.21, 1080
ALPHABETIC_LINE_EM = 1.2  #: the usual line box of fonts without Han, for one that is not there to be measured
MAX_CHARACTERS = 20_000  #: what 200 MB hold
_SIZES = (0.1, 1000.0)
_LETTER_SPACINGS_EM = (-1.0, 10.0)
_LINE_SPACINGS = (-0.9, 10.0)
_WRAP_WIDTHS = (0.01, 10.0)


@dataclass(frozen=True, slots=True)
class _StyleBox:
    font: StyleFont
    em_px: float
    ascent_px: float
    descent_px: float


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    sources: tuple[int, ...]  #: of each character and of the line feed after the last
    styles: tuple[int, ...]  #: index into the block's styles, likewise


def lay_out(
    block: TextBlock, *, canvas_width_px: float, fonts: FontLibrary, files: Mapping[str, Path] = MappingProxyType({})
) -> CaptionLayout:
    """Lay a caption out at scale 1: a line is 6.21 × size × canvas width / 1080 px high.

    The size of the letters in it follows from the font's OS/2 line box: of Han fonts mostly 1 em, of others about 1.2.
    Sizes, spacings and widths beyond what can be meant are brought into their bounds.
    `files` are the local files of fonts by the path that the draft says.
    Raises `DraftError` for a text of more than `MAX_CHARACTERS`.
    """
    if len(block.text) > MAX_CHARACTERS:
        raise DraftError(
            f"Caption {block.material_id} has {len(block.text)} characters; at most {MAX_CHARACTERS} can be drawn."
        )
    setter = _Typesetter(block, canvas_width_px, fonts, files)
    lines = [line for paragraph in _paragraphs(block) for line in setter.lines(paragraph)]
    width_px = max((line.width_px for line in lines), default=0.0)
    spacing = bounded(block.line_spacing, *_LINE_SPACINGS)
    share = {0: 0.0, 2: 1.0}.get(block.alignment, 0.5)
    placed: list[Line] = []
    top_px = 0.0
    for line in lines:
        top_px += spacing * line.height_px if placed else 0.0
        placed.append(_moved(line, share * (width_px - line.width_px), top_px))
        top_px += line.height_px
    return CaptionLayout(tuple(placed), width_px, top_px, tuple(setter.substitutions), tuple(setter.missing))


def bounded(value: float, low: float, high: float) -> float:
    """The value brought into [low, high]; what is not a number becomes `low`."""
    return min(max(value, low), high) if value == value else low


class _Typesetter:
    """Sets one block's paragraphs and remembers what could not be had."""

    def __init__(self, block: TextBlock, canvas_width_px: float, fonts: FontLibrary, files: Mapping[str, Path]) -> None:
        self._block = block
        self._canvas_width_px = canvas_width_px
        self._fonts = fonts
        self._files = files
        self._boxes: dict[int, _StyleBox] = {}
        self._letter_spacing_em = bounded(block.letter_spacing_em, *_LETTER_SPACINGS_EM)
        self.substitutions: dict[tuple[str, str], None] = {}
        self.missing: dict[str, None] = {}

    def lines(self, paragraph: _Paragraph) -> Iterator[Line]:
        """The paragraph's lines, each with its own top left corner as origin."""
        for style in dict.fromkeys(paragraph.styles):
            if style not in self._boxes:
                self._boxes[style] = self._measure(self._block.styles[style])
        style_fonts = {style: box.font for style, box in self._boxes.items()}
        itemised = itemise(paragraph.text, paragraph.styles, style_fonts, self._fonts)
        self.missing.update(dict.fromkeys(itemised.missing))
        shaped = {item: self._shape(paragraph, item) for item in itemised.items}
        advances_px = [0.0] * len(paragraph.text)
        for item, glyphs in shaped.items():
            for glyph in glyphs:
                advances_px[glyph.cluster] += glyph.advance_em * self._boxes[item.style].em_px
        for span in wrap(paragraph.text, advances_px, self._limit_px):
            yield self._line(paragraph, span, itemised.items, shaped)

    @property
    def _limit_px(self) -> float | None:
        if self._block.wrap_width is None:
            return None
        return bounded(self._block.wrap_width, *_WRAP_WIDTHS) * self._canvas_width_px

    def _measure(self, style: TextStyle) -> _StyleBox:
        match = self._fonts.find(style.font_id, style.font_path, self._files)
        ascent_em, descent_em = match.face.vertical_em
        if match.substitution is not None:
            self.substitutions[match.substitution] = None
            if not match.same_metrics and not is_east_asian(match.substitution[0] + self._block.text):
                leading_em = max(0.0, ALPHABETIC_LINE_EM - ascent_em - descent_em)
                ascent_em, descent_em = ascent_em + leading_em / 2, descent_em + leading_em / 2
        line_px = LINE_PX_PER_SIZE * bounded(style.size, *_SIZES) * self._canvas_width_px / REFERENCE_CANVAS_PX
        em_px = line_px / (ascent_em + descent_em)
        font = StyleFont(match.face, match.weight, style.bold)
        return _StyleBox(font, em_px, ascent_em * em_px, descent_em * em_px)

    def _shape(self, paragraph: _Paragraph, item: Item) -> tuple[Glyph, ...]:
        return shape(paragraph.text, item, letter_spacing_em=self._letter_spacing_em)

    def _line(
        self, paragraph: _Paragraph, span: LineSpan, items: Sequence[Item], shaped: dict[Item, tuple[Glyph, ...]]
    ) -> Line:
        boxes = [self._boxes[style] for style in paragraph.styles[span.start : max(span.end, span.start + 1)]]
        ascent_px = max(box.ascent_px for box in boxes)
        height_px = ascent_px + max(box.descent_px for box in boxes)
        cut = _cut(items, span)
        runs: list[Run] = []
        pen_px = last_gap_px = 0.0
        for index in visual_order([item.level for item in cut]):
            item = cut[index]
            glyphs = shaped[item] if item in shaped else self._shape(paragraph, item)
            run = self._run(paragraph, item, glyphs, pen_px, ascent_px, height_px)
            runs.append(run)
            pen_px += run.width_px
            last_gap_px = self._letter_spacing_em * run.em_px if takes_letter_spacing(item.script) else 0.0
        # The spacing after the last glyph would push centred text to the left.
        return Line(0.0, ascent_px, height_px, 0.0, max(0.0, pen_px - last_gap_px), tuple(runs))

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
            source = paragraph.sources[glyph.cluster]
            x_px, y_px = pen_px + glyph.x_em * em_px, baseline_px - glyph.y_em * em_px
            advance_px = glyph.advance_em * em_px
            box = (min(pen_px, pen_px + advance_px), 0.0, max(pen_px, pen_px + advance_px), height_px)
            placed.append(
                PlacedGlyph(glyph.glyph_id, source, x_px, y_px, 0.0, (pen_px, baseline_px), 0.0, advance_px, box)
            )
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
    cleaned: CleanText = clean(block.text)
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


def _moved(line: Line, right_px: float, down_px: float) -> Line:
    runs = tuple(
        replace(
            run,
            x_px=run.x_px + right_px,
            glyphs=tuple(_moved_glyph(glyph, right_px, down_px) for glyph in run.glyphs),
        )
        for run in line.runs
    )
    return replace(
        line,
        top_px=line.top_px + down_px,
        baseline_px=line.baseline_px + down_px,
        x_px=line.x_px + right_px,
        runs=runs,
    )


def _moved_glyph(glyph: PlacedGlyph, right_px: float, down_px: float) -> PlacedGlyph:
    left, top, right, bottom = glyph.box_px
    return replace(
        glyph,
        x_px=glyph.x_px + right_px,
        y_px=glyph.y_px + down_px,
        pen_px=(glyph.pen_px[0] + right_px, glyph.pen_px[1] + down_px),
        box_px=(left + right_px, top + down_px, right + right_px, bottom + down_px),
    )
