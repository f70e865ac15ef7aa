"""Jobs by torch's own operations, and the same jobs by Triton: interpreted on a CPU, compiled on a GPU."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from kernels.blend import crossfade_into, over
from kernels.blend_modes import blend_over
from kernels.colour import subsample
from kernels.geometry import coverage, warp
from kernels.jobs import Blend, Extent, Job, Mix, Over, Scale, Warp, draw, draw_one
from kernels.resample import Axis, resample
from kernels.yuva import Yuva
from tests.kernels.cases import MAKERS, TURNED, Maker, blends, codes, drawn, mixes, overs, scales, targets


class TestReference:
    """Each job is what the kernels that it is made of say."""

    def test_over(self, rng: np.random.Generator) -> None:
        [job, *_] = overs(rng)
        assert isinstance(job, Over)
        wanted = job.target.clone()
        over(wanted, job.top, job.alpha)
        draw([[job]])
        assert job.target.equal(wanted)

    def test_mix(self, rng: np.random.Generator) -> None:
        job = mixes(rng)[1]
        assert isinstance(job, Mix)
        wanted = torch.empty_like(job.target)
        crossfade_into(wanted, job.first, job.second, 0.3)
        draw([[job]])
        assert job.target.equal(wanted)

    def test_scale_of_a_whole_picture(self, rng: np.random.Generator) -> None:
        job = scales(rng)[0]
        assert isinstance(job, Scale)
        wanted = resample(job.source, 13, 21, job.down, job.across).round().clamp(0, 255)
        draw([[job]])
        assert job.target.float().equal(wanted)

    def test_scale_covers_as_coverage_says(self, rng: np.random.Generator) -> None:
        """The extent of an upright picture and the coverage of the same placement are one thing."""
        target, source = codes(rng, 10, 12), codes(rng, 8, 8)
        extent = Extent(1.25, 2.5, 9.25, 8.5)
        to_source = (1.0, 0.0, -1.25, 0.0, 8 / 6, -2.5 * 8 / 6)
        shape = coverage(to_source, 8.0, 8.0, 10, 12, torch.zeros(0))
        axes = Axis(-2.5 * 8 / 6, 8 / 6), Axis(-1.25, 1.0)
        wanted = target.clone()
        scaled = resample(source, 10, 12, *axes).round().clamp(0, 255)
        over(wanted, scaled * shape, shape)
        job = Scale(target, source, *axes, False, extent)
        draw([[job]])
        assert (target.int() - wanted.int()).abs().max() <= 1

    @pytest.mark.parametrize("is_chroma", [False, True])
    def test_warp(self, is_chroma: bool, rng: np.random.Generator) -> None:
        target, source = codes(rng, 12, 18), codes(rng, 9, 14)
        like = torch.zeros(0)
        shape = coverage(TURNED, 9.0, 14.0, 24 if is_chroma else 12, 36 if is_chroma else 18, like) * 0.5
        shape = subsample(shape) if is_chroma else shape
        wanted = target.clone()
        over(wanted, warp(source[None].float(), TURNED, 12, 18)[0] * shape, shape)
        draw([[Warp(target, source, TURNED, TURNED, (9.0, 14.0), is_chroma, 0.5)]])
        assert target.equal(wanted)

    def test_blend(self, rng: np.random.Generator) -> None:
        job = blends(rng)[1]
        assert isinstance(job, Blend)
        wanted = Yuva(*(plane.clone() for plane in job.bottom[:3]))
        blend_over("color_burn", wanted, job.top)
        draw([[job]])
        assert all(plane.equal(other) for plane, other in zip(targets(job), wanted[:3], strict=True))

    def test_steps_come_one_after_the_other(self) -> None:
        target = torch.zeros((2, 2), dtype=torch.uint8)
        grey, white = (torch.full((2, 2), level, dtype=torch.uint8) for level in (100, 255))
        draw([[Mix(target, grey, grey, 0.0)], [], [Mix(target, target, white, 0.5)]])
        assert target.eq(178).all()

    def test_nothing_is_nothing(self) -> None:
        draw([])
        draw([[], []])


def test_the_interpreter_agrees() -> None:
    """In a process of its own: Triton must know of its interpreter before it is loaded."""
    pytest.importorskip("triton", reason="Triton is not installed")
    path = Path(__file__).with_name("interpreted.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    child = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "TRITON_INTERPRET": "1"}
    )
    assert child.returncode == 0, child.stdout[-4000:]


def test_kernels_become_machine_code() -> None:
    """Compiled for the GPUs that are met, which needs none of them: from Turing on."""
    triton = pytest.importorskip("triton", reason="Triton is not installed")
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    fused = importlib.import_module("kernels.fused")
    sizes = {"row_words": fused.ROW, "tile_rows": 8, "tile_columns": 128}
    kernels = [(fused.over_kernel, {}), (fused.mix_kernel, {}), (fused.scale_kernel, {})]
    kinds = product((False, True), repeat=2)
    kernels += [(fused.warp_kernel, {"is_soft": is_soft, "is_flat": is_flat}) for is_soft, is_flat in kinds]
    for kernel, more in kernels:
        constants = sizes | more
        signature = {"table": "*i64"} | dict.fromkeys(constants, "constexpr")
        source = ASTSource(kernel, signature, constants, {(0,): [["tt.divisibility", 16]]})
        compiled = triton.compile(source, target=GPUTarget("cuda", 90, 32), options={"enable_fp_fusion": False})
        assert len(compiled.asm["cubin"]) > 1000
        assert "fma.rn.f32" not in compiled.asm["ptx"]


def test_a_cpu_loads_no_triton() -> None:
    words = "import sys, torch; from kernels.jobs import Mix, draw; a = torch.zeros((2, 2), dtype=torch.uint8)"
    words += "; draw([[Mix(a, a, a, 0.0)]]); sys.exit('triton' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0


@pytest.mark.gpu
class TestCompiled:
    @pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
    def test_the_reference(self, make: Maker, cuda: torch.device) -> None:
        apart = drawn(make, cuda, lambda jobs: draw([jobs]))
        assert apart.max() <= 1
        assert (apart > 0).float().mean() < 0.005

    @pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
    def test_torch_alone_agrees(self, make: Maker, cuda: torch.device) -> None:
        apart = drawn(make, cuda, lambda jobs: [draw_one(job) for job in jobs])  # type: ignore[arg-type, return-value]
        assert apart.max() <= 1
        assert (apart > 0).float().mean() < 0.005

    def test_a_large_step(self, cuda: torch.device) -> None:
        """Many jobs of many tiles, fresh planes each time: every sample is written, and by its own job."""
        jobs: list[Job] = []
        for number in range(24):
            height, width = 100 + 37 * number, 300 + 11 * number
            target = torch.full((height, width), 255, dtype=torch.uint8, device=cuda)
            source = torch.full((height, width), number, dtype=torch.uint8, device=cuda)
            jobs.append(Mix(target, source, source, 0.0))
        draw([jobs])
        assert all(job.target.eq(number).all() for number, job in enumerate(jobs))
