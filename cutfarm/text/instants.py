"""Moving captions in the pixels of a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.block import lay_out
from cutfarm.text.motion.moment import Box
from cutfarm.text.moving import MovingCaption
from cutfarm.timeline.model import Animation
from cutfarm.timeline.text import TextBlock

Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """What is seen of a caption in a frame."""

    left_px: int  #: the frame's column of the first pixel, even
    top_px: int  #: its row, even
    rgba: NDArray[np.uint8]  #: (H, W, 4), R G B A, premultiplied, both sides even


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """A caption that can move, and what is said of it as of one at rest."""

    moving: MovingCaption
    font_substitutions: tuple[tuple[str, str], ...]  #: (name wanted, name used), each once
    missing: tuple[str, ...]  #: characters that no font has, each once
    problems: tuple[str, ...]  #: what of its looks could not be drawn as asked: one sentence each


def take_apart(
    block: TextBlock,
    animations: Iterable[Animation],
    *,
    canvas_px: tuple[int, int],
    scale: float,
    fonts: FontLibrary,
    files: Mapping[str, Path],
    length_us: int,
    seen: tuple[float, float, float, float],
    seed: int,
) -> Apart:
    """A caption of a segment `length_us` long, ready to move; `cutfarm.text.caption.draw_caption` draws it at rest.

    `seen` is what can be seen at all: left, top, right, bottom, in pixels of the drawing around the block's centre.
    """
    width_px, height_px = canvas_px
    layout = lay_out(block, canvas_width_px=width_px, canvas_height_px=height_px, fonts=fonts, files=files)
    ink = Ink(layout, block, files)
    canvas = Box(*seen)
    moving = MovingCaption(block, layout, ink, animations, scale=scale, length_us=length_us, canvas=canvas, seed=seed)
    return Apart(moving, layout.font_substitutions, layout.missing, ink.problems)


def instant_of(
    moving: MovingCaption, at_us: Fraction, to_frame: Affine, alpha: float, frame_px: tuple[int, int]
) -> Instant | None:
    """The caption at `at_us` after its segment's start, at an opacity; None where nothing of it shows.

    `to_frame` (a, b, c, d, e, f) leads from the drawing's pixels around the block's centre to a·x + b·y + c and
    d·x + e·y + f in the frame, whose width and height are even. Pieces are laid down once, by both their own motion and
    this map.
    """
    matrix, back = skia.Matrix.MakeAll(*to_frame, 0.0, 0.0, 1.0), skia.Matrix()
    if not alpha > 0.0 or not matrix.invert(back):
        return None
    frame = skia.Rect.MakeWH(*frame_px)
    recording = moving.recording_at(at_us, back.mapRect(frame))
    ink = None if recording is None else matrix.mapRect(recording.cullRect())
    if ink is None or not ink.intersect(frame):
        return None
    left, top, right, bottom = _even(ink.roundOut())
    rgba = np.zeros((bottom - top, right - left, 4), np.uint8)
    surface = skia.Surface(rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    canvas = surface.getCanvas()
    canvas.translate(-left, -top)
    canvas.concat(matrix)
    canvas.drawPicture(recording)
    alpha *= moving.alpha
    if alpha < 1.0:
        canvas.drawColor(skia.Color4f(0.0, 0.0, 0.0, alpha), skia.BlendMode.kDstIn)
    surface.flushAndSubmit()
    return Instant(left, top, rgba)


def _even(box: Any) -> tuple[int, int, int, int]:
    """A skia.IRect inside the frame, grown to even numbers."""
    left, top, right, bottom = box.left(), box.top(), box.right(), box.bottom()
    return left - left % 2, top - top % 2, right + right % 2, bottom + bottom % 2
