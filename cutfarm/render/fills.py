"""Colour clips: one colour, or a gradient along a line."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from cutfarm.media.picture import Picture, blank
from cutfarm.media.planes import SoftPicture, planes_of
from cutfarm.render.generated import GeneratedSource
from cutfarm.timeline.model import Canvas, Fill
from kernels.colour import rgb_to_yuv

_Grid = NDArray[np.float64]

_MOST_SAMPLES = 1 << 23  # a little more than 4K has


def fill_source(fill: Fill, canvas: Canvas) -> GeneratedSource:
    """One colour or a gradient; of the canvas's size where the fill names none, reduced to 8 million pixels.

    Along its gradient the premultiplied colours go straight from place to place; before the first and after the last
    they stay. Places count along the line through the picture's centre on which both corners that it points at and
    away from are reached exactly (as CSS Images 3, §3.1.1, has it); where they are not one for each colour, or do not
    rise, the colours lie evenly. A step between two colours at one place is a ramp of a pixel.
    Numbers outside of their ranges are held at their nearer end. Opaque pictures are within half a code value of the
    formula, rounded to even; others are premultiplied.
    """
    made = _Fill(fill, canvas)
    return GeneratedSource(made.size_px, made.opaque if made.is_opaque else made.translucent, is_opaque=made.is_opaque)


class _Fill:
    def __init__(self, fill: Fill, canvas: Canvas) -> None:
        self.size_px = _reduced(fill.width_px or canvas.width_px, fill.height_px or canvas.height_px)
        angle = math.radians(fill.angle_deg % 360.0)
        self._direction = (math.cos(angle), math.sin(angle))
        self._places = _places(fill)
        self._codes = _premultiplied(fill)
        self.is_opaque = bool((self._codes[:, 3] >= 1.0).all())

    def opaque(self, width_px: int, height_px: int) -> Picture:
        picture = blank(width_px, height_px)
        for channel, plane in enumerate(planes_of(picture)):
            if len(self._codes) == 1:
                plane.fill_(round(self._codes[0, channel]))
            else:
                samples = plane.shape[1], plane.shape[0]
                values = self._coloured((width_px, height_px), samples, channel, is_halved=channel > 0)
                plane.copy_(torch.from_numpy(np.rint(values).astype(np.uint8)))
        return picture

    def translucent(self, width_px: int, height_px: int) -> SoftPicture:
        half = (width_px + 1) // 2, (height_px + 1) // 2
        planes = []
        for channel, is_halved in ((0, False), (1, True), (2, True), (3, False), (3, True)):
            samples = half if is_halved else (2 * half[0], 2 * half[1])
            values = self._coloured((width_px, height_px), samples, channel, is_halved=is_halved)
            planes.append(torch.from_numpy(values.astype(np.float32)))
        return SoftPicture(*planes)

    def _coloured(self, size_px: tuple[int, int], samples: tuple[int, int], channel: int, *, is_halved: bool) -> _Grid:
        """A plane of `samples` (columns, rows) of the picture drawn at `size_px`.

        Chroma sites lie on the centres of even columns, between two rows (ITU-T H.264 annex E, type 0).
        """
        columns, rows = (np.arange(count, dtype=np.float64) + 0.5 for count in samples)
        if is_halved:
            columns, rows = 2.0 * columns - 0.5, 2.0 * rows
        across, down = (own * part for own, part in zip(self.size_px, self._direction, strict=True))
        length = abs(across) + abs(down)
        along = (columns / size_px[0] - 0.5) * across + (rows[:, None] / size_px[1] - 0.5) * down
        pixel = max(own / drawn for own, drawn in zip(self.size_px, size_px, strict=True))
        places = _steps_as_ramps(self._places, pixel / length)
        values: _Grid = np.interp(along / length + 0.5, places, self._codes[:, channel])
        return values


def _reduced(width_px: int, height_px: int) -> tuple[int, int]:
    share = math.sqrt(min(_MOST_SAMPLES / (width_px * height_px), 1.0))
    return max(round(width_px * share), 1), max(round(height_px * share), 1)


def _places(fill: Fill) -> _Grid:
    places = np.clip(np.nan_to_num(np.array(fill.places, np.float64)), 0.0, 1.0)
    if len(places) != len(fill.colours) or (np.diff(places) < 0.0).any():
        return np.linspace(0.0, 1.0, len(fill.colours))
    return places


def _premultiplied(fill: Fill) -> _Grid:
    """(colours, 4): code values of Y, Cb and Cr times alpha, and alpha."""
    rgba = torch.tensor(fill.colours, dtype=torch.float64).nan_to_num().clamp(0.0, 1.0)
    yuv = rgb_to_yuv(rgba[:, :3].T[..., None])[..., 0].T
    codes: _Grid = torch.cat([yuv * rgba[:, 3:], rgba[:, 3:]], dim=1).numpy()
    return codes


def _steps_as_ramps(places: _Grid, least: float) -> _Grid:
    """`places` with neighbours at least `least` apart, about where they were."""
    apart = places.copy()
    for number in range(len(apart) - 1):
        if apart[number + 1] - apart[number] < least:
            middle = (apart[number] + apart[number + 1]) / 2.0
            apart[number], apart[number + 1] = middle - least / 2.0, middle + least / 2.0
    return np.maximum.accumulate(apart)
