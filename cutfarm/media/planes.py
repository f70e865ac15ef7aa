"""Pictures as tensors, for compositing: planar YUV, BT.709 limited range, 4:2:0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from cutfarm.media.picture import Picture, blank
from kernels.colour import CHROMA_ZERO, LUMA_BLACK, rgb_to_yuv, subsample
from kernels.rgba import unpacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cutfarm.media.source import SourcePicture


_HOST = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Planes:
    """An opaque picture."""

    y: Tensor  #: (H, W) uint8, 16 black … 235 white
    u: Tensor  #: (⌈H/2⌉, ⌈W/2⌉) uint8, Cb
    v: Tensor  #: (⌈H/2⌉, ⌈W/2⌉) uint8, Cr

    @property
    def width_px(self) -> int:
        """Luma columns."""
        return self.y.shape[1]

    @property
    def height_px(self) -> int:
        """Luma rows."""
        return self.y.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.y, self.u, self.v))

    def to(self, device: torch.device) -> Planes:
        """The same picture on `device`; itself where it is there already."""
        return self if self.y.device == device else Planes(*(plane.to(device) for plane in self))


@dataclass(frozen=True, slots=True)
class SoftPicture:
    """A picture with transparency, premultiplied, so that it can be resampled and mixed as it stands."""

    y: Tensor  #: (H, W) float32, luma code value × alpha
    u: Tensor  #: (⌈H/2⌉, ⌈W/2⌉) float32, Cb code value × alpha
    v: Tensor  #: (⌈H/2⌉, ⌈W/2⌉) float32, Cr code value × alpha
    alpha: Tensor  #: (H, W) float32 in [0, 1]
    chroma_alpha: Tensor  #: (⌈H/2⌉, ⌈W/2⌉) float32 in [0, 1]: `alpha` at the chroma sites

    @property
    def width_px(self) -> int:
        """Luma columns."""
        return self.y.shape[1]

    @property
    def height_px(self) -> int:
        """Luma rows."""
        return self.y.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.y, self.u, self.v, self.alpha, self.chroma_alpha))

    def to(self, device: torch.device) -> SoftPicture:
        """The same picture on `device`, its planes without gaps; itself where it is there already."""
        if self.y.device == device:
            return self
        return SoftPicture(*(plane.contiguous().to(device) for plane in self))


def tensors_of(picture: SourcePicture) -> Planes | SoftPicture:
    """A source's picture as tensors, wherever it is; no byte is copied."""
    return planes_of(picture) if isinstance(picture, Picture) else picture


def planes_of(picture: Picture) -> Planes:
    """Views of a picture's samples; they keep it alive and no byte is copied."""
    y, u, v = (from_dlpack(plane) for plane in picture.frame.planes)
    return Planes(y, u, v)


def empty(width_px: int, height_px: int, device: torch.device) -> Planes:
    """Planes of which nothing is set."""
    half = (-(-height_px // 2), -(-width_px // 2))
    sizes = ((height_px, width_px), half, half)
    return Planes(*(torch.empty(size, dtype=torch.uint8, device=device) for size in sizes))


def picture_of(planes: Planes) -> Picture:
    """A copy in host memory."""
    picture = blank(planes.width_px, planes.height_px)
    for held, plane in zip(planes_of(picture), planes, strict=True):
        held.copy_(plane)
    return picture


def soft_picture(rgba: NDArray[np.uint8], device: torch.device = _HOST) -> SoftPicture:
    """The planes of a premultiplied picture `rgba` (H, W, 4) uint8; its outermost samples repeat up to even sizes.

    On a device that is not the host's memory it is the packed picture that is uploaded.
    """
    height, width = rgba.shape[:2]
    if height % 2 or width % 2:
        rgba = np.pad(rgba, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return SoftPicture(*unpacked(torch.from_numpy(rgba).to(device)))


def soft_planes(samples: Tensor) -> SoftPicture:
    """The planes of premultiplied R'G'B' and alpha (4, H, W) float32 in [0, 1], repeated up to even sizes."""
    pad_right, pad_bottom = samples.shape[2] % 2, samples.shape[1] % 2
    samples = torch.nn.functional.pad(samples[None], (0, pad_right, 0, pad_bottom), mode="replicate")[0]
    alpha = samples[3]
    # The matrix is linear up to its offsets, which scale with alpha as the samples do.
    yuv = rgb_to_yuv(samples[:3])
    y = yuv[0] - LUMA_BLACK * (1.0 - alpha)
    chroma = subsample(yuv[1:] - CHROMA_ZERO * (1.0 - alpha))
    return SoftPicture(y, chroma[0], chroma[1], alpha, subsample(alpha))
