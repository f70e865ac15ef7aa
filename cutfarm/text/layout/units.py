"""The pieces that a caption moves in: clusters, words, lines or all of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from cutfarm.text.layout.placed import Bounds, CaptionLayout, Line, PlacedGlyph
from cutfarm.text.layout.shaping import is_joined
from cutfarm.text.motion.moment import Box, Flow
from cutfarm.text.unicode.breaks import line_starts
from cutfarm.text.unicode.characters import clusters, is_mark, is_space, script_of
from cutfarm.timeline.text import TextBlock

UnitKind = Literal["char", "word", "spoken", "line", "all"]
"""`word` is what lies between two places where a line may break; `spoken` a word that the block has a clock for."""

_Member = tuple[int, PlacedGlyph, float, int]  # a glyph's number, itself, its em and its style


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a caption; boxes are in layout pixels."""

    glyphs: tuple[int, ...]  #: numbers, positions in `layout.glyphs()`
    start: int  #: its first character, index into the block's text
    box: Box  #: around the advances of its glyphs × the thickness of their line, spaces at its end left out
    line: Box  #: of its line; of a unit `all` the whole block
    em_px: float  #: of its first letter
    style: int  #: of its first letter, index into the block's styles
    flow: Flow  #: the way its letters follow each other
    word: int = -1  #: of a spoken word: index into the block's words


@dataclass(frozen=True, slots=True)
class _Cluster:
    number_of: tuple[int, ...]
    source: int
    boxes: tuple[Bounds, ...]
    em_px: float
    style: int
    line: int
    flow: Flow
    is_blank: bool


def units_of(layout: CaptionLayout, block: TextBlock, kind: UnitKind) -> tuple[Unit, ...]:
    """The units of a caption in reading order, lines top first, also where letters run to the left or down.

    Every glyph is in one unit. A `char` is a cluster as it was shaped, so that marks, joined emoji and ligatures stay
    whole; in scripts whose letters are joined, such as Arabic, it is a word, as letters apart would show their joins. A
    `word` ends where a line might: after spaces and hyphens, and between Han, kana and hangul, whose punctuation stays
    with its letter. Spaces go with the unit before them. Each unit lies in one line, but for `all`.
    """
    found = list(_clusters(layout, block))
    if not found:
        return ()
    whole = Box(0.0, 0.0, layout.width_px, layout.height_px)
    if kind == "all":
        return (_unit(found, whole, box=whole),)
    lines = [_box([line.box_px]) for line in layout.lines]
    key = _keys(found, block, kind)
    return tuple(
        _unit(list(group), lines[line], word=_word_at(block, start) if kind == "spoken" else -1)
        for (line, start), group in groupby(found, key=key)
    )


def _clusters(layout: CaptionLayout, block: TextBlock) -> Iterator[_Cluster]:
    """Every cluster of every line, in reading order."""
    starts = [start for start, _ in clusters(block.text)]
    number = 0
    for index, line in enumerate(layout.lines):
        by_start: dict[int, list[_Member]] = {}
        for run in line.runs:
            for glyph in run.glyphs:
                start = starts[max(bisect_right(starts, glyph.source) - 1, 0)] if starts else glyph.source
                by_start.setdefault(start, []).append((number, glyph, run.em_px, run.style))
                number += 1
        flows = _flows(line, by_start, block.is_vertical)
        for start in sorted(by_start):
            members = by_start[start]
            yield _Cluster(
                tuple(member[0] for member in members),
                start,
                tuple(member[1].box_px for member in members),
                members[0][2],
                members[0][3],
                index,
                flows[start],
                is_space(block.text[start]),
            )


def _flows(line: Line, by_start: dict[int, list[_Member]], is_vertical: bool) -> dict[int, Flow]:
    """Down in a column; to the left where letters of a run follow each other that way."""
    flows: dict[int, Flow] = {}
    for run in line.runs:
        sources = [glyph.source for glyph in run.glyphs]
        flow: Flow = "ttb" if is_vertical else "rtl" if sources and sources[0] > sources[-1] else "ltr"
        flows.update(dict.fromkeys(sources, flow))
    return {start: flows[members[0][1].source] for start, members in by_start.items()}


def _keys(found: list[_Cluster], block: TextBlock, kind: UnitKind) -> Callable[[_Cluster], tuple[int, int]]:
    """What neighbours share that are one unit: their line, and where the unit starts."""
    begins = _beginnings(block, kind)
    starts: dict[tuple[int, int], int] = {}
    start, before = 0, -1
    for cluster in found:
        if cluster.line != before or (not cluster.is_blank and begins(start, cluster.source)):
            start = cluster.source
        starts[cluster.line, cluster.source] = start
        before = cluster.line
    return lambda cluster: (cluster.line, starts[cluster.line, cluster.source])


def _beginnings(block: TextBlock, kind: UnitKind) -> Callable[[int, int], bool]:
    """Whether the character at `source` begins a unit of its own after the one that begins at `start`."""
    match kind:
        case "char":
            return lambda _start, source: not _is_joined(block.text, source)
        case "word":
            may_start = line_starts("".join(" " if char.isspace() else char for char in block.text))
            return lambda start, source: any(may_start[start + 1 : source + 1])
        case "spoken":
            return lambda start, source: _word_at(block, start) != _word_at(block, source)
    return lambda _start, _source: False


def _is_joined(text: str, source: int) -> bool:
    """Whether the character at `source` hangs together with the one before it."""
    if source <= 0 or not is_joined(script_of(text[source])):
        return False
    before = source - 1
    while before > 0 and is_mark(text[before]):
        before -= 1
    return is_joined(script_of(text[before]))


def _word_at(block: TextBlock, source: int) -> int:
    """The block's word that a character belongs to: the last one that has begun, at least the first."""
    return max(bisect_right(block.words, source, key=lambda word: word.start) - 1, 0)


def _unit(members: list[_Cluster], line: Box, *, box: Box | None = None, word: int = -1) -> Unit:
    visible = members[:]
    while len(visible) > 1 and visible[-1].is_blank:
        visible.pop()
    first = members[0]
    return Unit(
        tuple(number for member in members for number in member.number_of),
        first.source,
        box or _box([bounds for member in visible for bounds in member.boxes]),
        line,
        first.em_px,
        first.style,
        first.flow,
        word,
    )


def _box(bounds: list[Bounds]) -> Box:
    lefts, tops, rights, bottoms = zip(*bounds, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))
