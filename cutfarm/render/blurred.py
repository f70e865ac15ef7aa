"""A picture that covers the output, blurred: shrunk, blurred while it is small, and enlarged."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, SoftPicture, empty, picture_of, tensors_of
from cutfarm.media.resample import Cut, Part, PartScaler
from cutfarm.media.source import PictureSource
from cutfarm.render.patch import place
from cutfarm.render.placement import Placement
from kernels.blur import Taps, blurred, gaussian_taps
from kernels.colour import CHROMA_ZERO, LUMA_BLACK
from kernels.resample import Axis

_SMALL_SIGMA = 1.25  # samples: a gaussian so wide leaves hardly anything that a coarser grid could not hold
_FAR_SIGMA = 2.0  # samples, where it is wide anyway: chroma, which has half of them, is blurred right too
_MOST_SHRUNK = 8.0  # swscale rounds its taps, so that a step beyond is no longer exact

Triple = tuple[Tensor, Tensor, Tensor]


class _Side(NamedTuple):
    """How the small picture's columns, or its rows, are taken from what the source gives."""

    samples: int  # of the small picture
    length: int  # of the source's
    axis: Axis
    sigma: float  # in samples of the source


class Blur:
    """Blurs pictures for one output by a gaussian; beyond the output's edges its outermost pixels repeat."""

    def __init__(self, output_px: tuple[int, int], device: torch.device) -> None:
        self._output_px = output_px
        self._device = device
        self._scaler = PartScaler()

    @torch.inference_mode()
    def picture(
        self, source: PictureSource, time_us: Fraction, placement: Placement, sigma_px: tuple[float, float]
    ) -> Picture | Planes:
        """What `source` shows at `time_us`, laid by `placement`, which covers the output; on black where transparent.

        `sigma_px` are standard deviations in output pixels, across and down. A picture in host memory, planes on a
        GPU. Only to be read.
        """
        planes, across, down = self._taken(source, time_us, placement, sigma_px)
        return self._enlarged(Planes(*(rounded(blurred(*each)) for each in _with_taps(planes, across, down))))

    def _taken(
        self, source: PictureSource, time_us: Fraction, placement: Placement, sigma_px: tuple[float, float]
    ) -> tuple[Triple, _Side, _Side]:
        """The source's picture, as fine as the blur needs it, and how the small picture lies in it."""
        steps = _coarser(sigma_px[0], _MOST_SHRUNK), _coarser(sigma_px[1], _MOST_SHRUNK)
        wanted = placement.filtered_size_px
        size_px = _even(wanted[0] / steps[0]), _even(wanted[1] / steps[1])
        axes = placement.resampled(*size_px).upright_axes()
        if axes is None or size_px[0] > placement.picture_px[0] or size_px[1] > placement.picture_px[1]:
            size_px = _even(self._output_px[0] / steps[0]), _even(self._output_px[1] / steps[1])
            axes = (self._output_px[0] / size_px[0], 0.0), (self._output_px[1] / size_px[1], 0.0)
            planes = self._laid(source, time_us, placement, size_px)
        else:
            planes = on_black(tensors_of(source.picture_at(time_us, *size_px)), self._device)
        across, down = (
            _side(whole, length, sigma, axis)
            for whole, length, sigma, axis in zip(self._output_px, size_px, sigma_px, axes, strict=True)
        )
        return planes, across, down

    def _laid(
        self, source: PictureSource, time_us: Fraction, placement: Placement, small_px: tuple[int, int]
    ) -> Triple:
        """The output at a small size, before it is blurred, of a source that lies turned or is smaller than that."""
        x, y = (small / whole for small, whole in zip(small_px, self._output_px, strict=True))
        a, b, c, d, e, f = placement.to_output
        small = replace(placement, to_output=(a * x, b * x, c * x, d * y, e * y, f * y))
        wanted, own = small.filtered_size_px, small.picture_px
        size_px = min(_even(wanted[0]), int(own[0])), min(_even(wanted[1]), int(own[1]))
        tensors = tensors_of(source.picture_at(time_us, *size_px))
        patch = place(tensors, small.resampled(*size_px), 1.0, small_px, self._device)
        assert patch is not None  # it covers the output
        return on_black(patch.picture, self._device)

    def _enlarged(self, small: Planes) -> Picture | Planes:
        if self._device.type != "cpu":
            from cutfarm.media.nvdec import scaling  # what only a GPU needs
            from kernels.jobs import draw

            planes = empty(*self._output_px, self._device)
            draw([scaling(planes, small)])
            return planes
        host = picture_of(small)
        if (host.width_px, host.height_px) == self._output_px:
            return host
        whole = Part(0, 0, host.width_px, host.height_px)
        return Picture(self._scaler.scale(host.frame, Cut(whole, self._output_px)))


def _coarser(sigma_px: float, limit: float) -> float:
    """Output pixels to a sample of a grid that can hold what a gaussian leaves."""
    return min(max(sigma_px / _SMALL_SIGMA, 1.0), limit)


def _side(whole_px: int, length: int, sigma_px: float, axis: tuple[float, float]) -> _Side:
    """`axis`: scale and shift from the source's samples to the output."""
    scale, shift = axis
    small = _even(whole_px / _coarser(sigma_px, max(sigma_px / _FAR_SIGMA, _MOST_SHRUNK)))
    return _Side(small, length, Axis(-shift / scale, whole_px / small / scale), sigma_px / scale)


def _even(length: float) -> int:
    return max(2 * math.ceil(length / 2.0 - 1e-6), 2)


def on_black(picture: Planes | SoftPicture, device: torch.device) -> Triple:
    """The picture's planes on `device`, uint8 or float32, black where it is transparent."""
    if isinstance(picture, Planes):
        y, u, v = picture.to(device)
        return y, u, v
    clear, half_clear = (1.0 - plane.to(device) for plane in (picture.alpha, picture.chroma_alpha))
    y, u, v = (plane.to(device) for plane in (picture.y, picture.u, picture.v))
    return y + LUMA_BLACK * clear, u + CHROMA_ZERO * half_clear, v + CHROMA_ZERO * half_clear


def _with_taps(planes: Triple, across: _Side, down: _Side) -> list[tuple[Tensor, Taps, Taps]]:
    device = planes[0].device
    luma = _taps(down, device), _taps(across, device)
    start, step = across.axis
    # Chroma sites lie on the centres of even columns, between two rows (ITU-T H.264 annex E, type 0).
    half_across = _halved(across, Axis((start + 0.5 - 0.5 * step) / 2.0, step))
    half_down = _halved(down, Axis(down.axis.start / 2.0, down.axis.step))
    chroma = _taps(half_down, device), _taps(half_across, device)
    return [(planes[0], *luma), (planes[1], *chroma), (planes[2], *chroma)]


def _halved(side: _Side, axis: Axis) -> _Side:
    return _Side(side.samples // 2, (side.length + 1) // 2, axis, side.sigma / 2.0)


@lru_cache(maxsize=64)
def _taps(side: _Side, device: torch.device) -> Taps:
    start, step = side.axis
    first = min(max(math.floor(start), 0), side.length - 1)
    last = min(max(math.ceil(start + side.samples * step), first + 1), side.length)
    return gaussian_taps(side.samples, range(first, last), side.axis, side.sigma, torch.empty(0, device=device))


def rounded(plane: Tensor) -> Tensor:
    """Float code values as uint8."""
    return plane.round_().clamp_(0.0, 255.0).to(torch.uint8)
