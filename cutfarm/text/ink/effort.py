"""How much work a caption may be: what anybody would write is drawn whole, what is beyond that without some looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cutfarm.text.ink.brushwork import MOST_STROKES, union
from cutfarm.text.ink.outlines import Piece
from cutfarm.text.layout.block import bounded
from cutfarm.timeline.text import TextBlock, TextStyle

#: Points of outlines that are drawn, each as often as it has coats: 20,000 different Han characters in two of them.
MOST_POINTS = 10_000_000
#: What it is to colour as many pixels as a caption's picture has, in points.
_WHOLE_PICTURE = 100_000
_EACH = 50  # of a glyph as such


@dataclass(frozen=True, slots=True)
class Affordable:
    """What of a caption is drawn."""

    block: TextBlock  #: with fewer strokes, shadows and glows where it has too many for its length
    glyphs: int  #: how many of its first glyphs
    problems: tuple[str, ...]  #: what is left out: one sentence each


def affordable(block: TextBlock, pieces: Sequence[Piece]) -> Affordable:
    """As much of a caption as `MOST_POINTS` allow: first all fills, then stroke after stroke, shadows, glows.

    Letters that lie on each other count by the room that they take in all.
    """
    efforts = _efforts(pieces)
    glyphs, problems = len(pieces), []
    if sum(efforts) > MOST_POINTS:
        glyphs = _fitting(efforts)
        problems.append(f"Of the text's {len(pieces)} glyphs the first {glyphs} are drawn: their outlines are endless.")
    by_style: Counter[int] = Counter()
    for piece, effort in zip(pieces[:glyphs], efforts[:glyphs], strict=True):
        by_style[piece.style] += effort
    styles = list(block.styles)
    coats = _coats(by_style, styles)
    cut = [index for index in by_style if _coats_of(styles[index]) > coats]
    for index in cut:
        styles[index] = _with_coats(styles[index], coats)
    if cut:
        kept = f"{coats - 1} of each letter are drawn" if coats > 1 else "none is drawn"
        problems.append(f"The text is too long for all its strokes, shadows and glows; {kept}.")
    return Affordable(replace(block, styles=tuple(styles)) if cut else block, glyphs, tuple(problems))


def _efforts(pieces: Sequence[Piece]) -> list[int]:
    """What one coat of each glyph is, in points."""
    boxes = [piece.box for piece in pieces]
    whole = union(boxes)
    area = whole.width() * whole.height() if whole is not None else 0.0
    share = _WHOLE_PICTURE / area if area > 0 else 0.0
    return [
        _EACH + piece.points + round(bounded(box.width() * box.height() * share, 0.0, _WHOLE_PICTURE))
        for piece, box in zip(pieces, boxes, strict=True)
    ]


def _fitting(efforts: Sequence[int]) -> int:
    left = MOST_POINTS
    for number, effort in enumerate(efforts):
        left -= effort
        if left < 0:
            return number
    return len(efforts)


def _coats_of(style: TextStyle) -> int:
    return 1 + min(len(style.strokes), MOST_STROKES) + len(style.shadows) + (style.glow is not None)


def _coats(efforts: Counter[int], styles: Sequence[TextStyle]) -> int:
    """The most coats of a letter that are affordable if no letter has more."""
    most = max((_coats_of(styles[index]) for index in efforts), default=1)
    while most > 1:
        if sum(effort * min(_coats_of(styles[index]), most) for index, effort in efforts.items()) <= MOST_POINTS:
            break
        most -= 1
    return most


def _with_coats(style: TextStyle, coats: int) -> TextStyle:
    strokes = style.strokes[: coats - 1]
    shadows = style.shadows[: coats - 1 - len(strokes)]
    room = coats - 1 - len(strokes) - len(shadows)
    return replace(style, strokes=strokes, shadows=shadows, glow=style.glow if room else None)
