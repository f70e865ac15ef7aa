"""Jobs of all kinds on small planes, with odd ends, and how far one way of doing them is from the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kernels.geometry import Affine, Perspective
from kernels.jobs import Blend, Extent, Job, Mix, Over, Scale, Warp, draw_one
from kernels.resample import Axis
from kernels.yuva import Yuva

TURNED: Affine = (0.8, 0.6, -2.0, -0.6, 0.8, 3.0)
LEANING: Perspective = (0.8, 0.3, -1.0, -0.2, 0.7, 1.0, 0.01, -0.02, 1.1)
BEHIND: Perspective = (0.5, 0.2, 1.0, -0.1, 0.6, 0.5, -0.08, 0.01, 0.9)  # its horizon runs through the picture
MIRRORED: Affine = (-0.5, 0.0, 21.0, 0.0, 0.5, -1.5)
ODD = (11, 133)  # neither a whole number of tiles nor of warps

Maker = Callable[[np.random.Generator], list[Job]]


def codes(rng: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8))


def soft(rng: np.random.Generator, *shape: int) -> tuple[Tensor, Tensor]:
    """Premultiplied code values and their opacity."""
    alpha = torch.from_numpy(rng.uniform(0.0, 1.0, shape)).float()
    return alpha * torch.from_numpy(rng.uniform(0.0, 255.0, shape)).float(), alpha


def overs(rng: np.random.Generator) -> list[Job]:
    return [Over(codes(rng, *shape), *soft(rng, *shape)) for shape in (ODD, (1, 1), (16, 128))]


def interleaved_overs(rng: np.random.Generator) -> list[Job]:
    uv = codes(rng, 5, 70, 2)
    return [Over(uv[..., half], *soft(rng, 5, 70)) for half in (0, 1)]


def mixes(rng: np.random.Generator) -> list[Job]:
    return [
        Mix(codes(rng, *ODD), codes(rng, *ODD), codes(rng, *ODD, 2)[..., 1], progress)
        for progress in (0.0, 0.3, 0.5, 0.7, 1.0)
    ]


def scales(rng: np.random.Generator) -> list[Job]:
    enlarged, reduced = Axis(-1.25, 0.6), Axis(0.0, 1.9)
    return [
        Scale(codes(rng, 13, 21), codes(rng, 9, 12), enlarged, enlarged, False),
        Scale(codes(rng, 13, 21), codes(rng, 9, 12, 2)[..., 1], enlarged, enlarged, True, alpha=0.6),
        Scale(codes(rng, 10, 18), codes(rng, 9, 12), enlarged, enlarged, True, Extent(1.3, 0.0, 30.6, 19.5)),
        Scale(codes(rng, 10, 9), codes(rng, 19, 18), reduced, reduced, False, Extent(0.5, 1.0, 8.2, 9.75), 0.8),
    ]


def warps(rng: np.random.Generator) -> list[Job]:
    shape, size = (12, 18), (9, 14)
    hard = [
        Warp(codes(rng, *shape), codes(rng, *size), TURNED, TURNED, (9.0, 14.0), False),
        Warp(codes(rng, *shape), codes(rng, *size, 2)[..., 0], TURNED, TURNED, (18.0, 28.0), True, 0.7),
        Warp(codes(rng, *shape), codes(rng, *size), MIRRORED, MIRRORED, (9.0, 14.0), False, 0.9),
        Warp(codes(rng, *shape), codes(rng, *size), LEANING, TURNED, (8.5, 11.5), False, 0.9),
        Warp(codes(rng, *shape), codes(rng, *size, 2)[..., 1], BEHIND, MIRRORED, (16.5, 27.5), True),
    ]
    top, alpha = soft(rng, *size)
    return [
        *hard,
        Warp(codes(rng, *shape), top, TURNED, TURNED, (9.0, 14.0), False, 0.9, alpha),
        Warp(codes(rng, *shape), top, MIRRORED, MIRRORED, (18.0, 28.0), True, 1.0, alpha),
        Warp(codes(rng, *shape), top, LEANING, TURNED, (9.0, 14.0), False, 0.9, alpha),
    ]


def opaque(rng: np.random.Generator, height: int, width: int) -> Yuva:
    """Planes that are views of larger ones, chroma interleaved as in NV12."""
    uv = codes(rng, height // 2 + 1, width // 2 + 2, 2)
    u, v = uv[1:, 2:].unbind(-1)
    return Yuva(codes(rng, height + 3, width + 5)[3:, 5:], u, v)


def blends(rng: np.random.Generator) -> list[Job]:
    shape, half = (10, 134), (5, 67)
    (y, alpha), (u, chroma_alpha) = soft(rng, *shape), soft(rng, *half)
    v = chroma_alpha * torch.from_numpy(rng.uniform(0.0, 255.0, half)).float()
    return [
        Blend(opaque(rng, *shape), opaque(rng, *shape), "soft_light", 0.7),
        Blend(opaque(rng, *shape), Yuva(y, u, v, alpha, chroma_alpha), "color_burn", 1.0),
    ]


MAKERS: dict[str, Maker] = {
    "over": overs,
    "over interleaved chroma": interleaved_overs,
    "mix": mixes,
    "scale": scales,
    "warp": warps,
    "blend": blends,
}


def on(job: Job, device: torch.device) -> Job:
    """The job with planes of its own on `device`."""

    def copied(held: Tensor) -> Tensor:
        return torch.empty_strided(held.shape, held.stride(), dtype=held.dtype, device=device).copy_(held)

    moved: dict[str, Any] = {}
    for name in job.__dataclass_fields__:
        held = getattr(job, name)
        if isinstance(held, Tensor):
            moved[name] = copied(held)
        elif isinstance(held, Yuva):
            moved[name] = Yuva(*(copied(plane) for plane in held if plane is not None))
    return replace(job, **moved)


def targets(job: Job) -> Sequence[Tensor]:
    """All planes that it overwrites."""
    return job.bottom[:3] if isinstance(job, Blend) else (job.target,)


def differences(jobs: list[Job], wanted: list[Job]) -> Tensor:
    planes = zip(chain.from_iterable(map(targets, jobs)), chain.from_iterable(map(targets, wanted)), strict=True)
    return torch.cat([(plane.cpu().int() - other.int()).abs().flatten() for plane, other in planes])


def drawn(make: Maker, device: torch.device, draw_step: Callable[[list[Job]], None]) -> Tensor:
    """Levels between what `draw_step` makes on `device` and the reference."""
    jobs = make(np.random.default_rng(7))
    wanted = [on(job, torch.device("cpu")) for job in jobs]
    untouched = [job.target.clone() for job in wanted]
    for job in wanted:
        draw_one(job)
    assert any(not job.target.equal(before) for job, before in zip(wanted, untouched, strict=True))
    moved = [on(job, device) for job in jobs]
    draw_step(moved)
    return differences(moved, wanted)
