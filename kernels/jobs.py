"""Drawing on planes in batches: a job is one operation on a plane, a step is any number of jobs that may run at once.

On a GPU a step is one launch, however many planes and frames it touches (`kernels.fused`), but for blends, which are
torch's everywhere. Elsewhere, and without Triton, jobs are done one by one by the functions below, which are also the
reference that the GPU is tested against.
Planes are 8-bit code values (H, W) with any strides, so that the interleaved chroma of NV12 is two planes. A target is
overwritten; no job of a step may read or write what another one of it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TypeAlias

import torch
from torch import Tensor

from kernels.blend import crossfade_into, over
from kernels.blend_modes import Mode, blend_over
from kernels.colour import subsample
from kernels.geometry import Affine, Perspective, coverage, warp
from kernels.resample import Axis, resample
from kernels.yuva import Yuva


@dataclass(frozen=True, slots=True, eq=False)
class Over:
    """Lay a premultiplied plane over `target`, as `kernels.blend.over` does."""

    target: Tensor  #: (H, W) uint8
    top: Tensor  #: (H, W) float32, rows without gaps
    alpha: Tensor  #: (H, W) float32 in [0, 1], rows without gaps


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """Fill `target` with `first` at progress 0, with `second` at 1, rounded; one plane twice is copied."""

    target: Tensor  #: (H, W) uint8
    first: Tensor  #: (H, W) uint8
    second: Tensor  #: (H, W) uint8
    progress: float  #: in [0, 1]


@dataclass(frozen=True, slots=True)
class Extent:
    """The upright rectangle that a picture covers, in luma pixels counted from the target's corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Lay an opaque plane, scaled by `kernels.resample`, over `target`, its outermost pixels by their coverage."""

    target: Tensor  #: (H, W) uint8
    source: Tensor  #: (h, w) uint8
    down: Axis
    across: Axis
    is_chroma: bool  #: the target's sites are those of 4:2:0 chroma
    extent: Extent | None = None  #: None covers everything
    alpha: float = 1.0  #: in [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """Lay a plane, sampled through a map, over `target`, cut to the rectangle shown of it as `coverage` has it."""

    target: Tensor  #: (H, W) uint8
    source: Tensor  #: (h, w) uint8, or float32 premultiplied where there is an `opacity`
    to_source: Affine | Perspective  #: from this plane's pixels
    luma_to_shown: Affine  #: from luma pixels to the rectangle shown
    shown_size: tuple[float, float]  #: of that rectangle: height, width
    is_chroma: bool
    alpha: float = 1.0  #: in [0, 1]
    opacity: Tensor | None = None  #: (h, w) float32 in [0, 1], strided as `source` is


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Blend a picture over another one, all its planes, as `kernels.blend_modes.blend_over` does."""

    bottom: Yuva  #: opaque, overwritten
    top: Yuva
    mode: Mode
    strength: float  #: in [0, 1]

    @property
    def target(self) -> Tensor:
        """One of the planes that are overwritten."""
        return self.bottom.y


PlaneJob: TypeAlias = Over | Mix | Scale | Warp
Job: TypeAlias = PlaneJob | Blend
Step: TypeAlias = Sequence[Job]


def draw(steps: Sequence[Step]) -> None:
    """Do `steps` in order, all planes on one device; the jobs of a step are of one class."""
    busy = [step for step in steps if step]
    if not busy:
        return
    if busy[0][0].target.is_cuda and has_triton():
        from kernels.fused import launch  # Triton is loaded on a GPU alone

        launch(busy)
        return
    for step in busy:
        for job in step:
            draw_one(job)


@cache
def has_triton() -> bool:
    """Whether the compiler of the fused kernels is installed; its absence costs speed alone."""
    return find_spec("triton") is not None


def draw_one(job: Job) -> None:
    """The reference: one job by torch's own operations."""
    match job:
        case Over():
            over(job.target, job.top, job.alpha)
        case Mix():
            crossfade_into(job.target, job.first, job.second, job.progress)
        case Scale():
            _scale(job)
        case Warp():
            _warp(job)
        case Blend():
            blend_over(job.mode, job.bottom, job.top, job.strength)


def _scale(job: Scale) -> None:
    height, width = job.target.shape
    # Rounded before it is laid, as a picture is that swscale has made.
    scaled = resample(job.source, height, width, job.down, job.across).round_().clamp_(0.0, 255.0)
    if job.extent is None and job.alpha >= 1.0:
        job.target.copy_(scaled)
        return
    shape = _at_sites(job.target, job.is_chroma, lambda rows, columns: _covered(job, rows, columns))
    over(job.target, scaled * shape, shape)


def _warp(job: Warp) -> None:
    height, width = job.target.shape
    planes = job.source[None] if job.opacity is None else torch.stack((job.source, job.opacity))
    samples = warp(planes.float(), job.to_source, height, width)
    like, (tall, wide) = samples, job.shown_size
    shape = _at_sites(
        job.target,
        job.is_chroma,
        lambda rows, columns: coverage(job.luma_to_shown, tall, wide, rows, columns, like) * job.alpha,
    )
    alpha = shape if job.opacity is None else shape * samples[1]
    over(job.target, samples[0] * shape, alpha)


def _at_sites(target: Tensor, is_chroma: bool, luma: Callable[[int, int], Tensor]) -> Tensor:
    """What `luma` gives for a number of rows and columns, at the target's sites."""
    height, width = target.shape
    return subsample(luma(2 * height, 2 * width)) if is_chroma else luma(height, width)


def _covered(job: Scale, rows: int, columns: int) -> Tensor:
    """Coverage (rows, columns) float32 of luma pixels by the extent, times alpha."""
    whole = Extent(0.0, 0.0, float(columns), float(rows))
    extent = job.extent or whole
    down = _overlap(extent.top, extent.bottom, rows, job.target)
    across = _overlap(extent.left, extent.right, columns, job.target)
    return down[:, None] * across * job.alpha


def _overlap(low: float, high: float, count: int, like: Tensor) -> Tensor:
    first = torch.arange(count, dtype=torch.float64, device=like.device)
    length = (first + 1.0).clamp_max(high) - first.clamp_min(low)
    return length.clamp(0.0, 1.0).float()
