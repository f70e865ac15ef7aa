"""The Triton kernels in Triton's interpreter; `test_jobs.py` runs this file with TRITON_INTERPRET=1."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kernels.fused import launch
from kernels.jobs import Blend, Job, Mix, Over, Warp
from kernels.yuva import Yuva
from tests.kernels.cases import MAKERS, TURNED, Maker, codes, drawn, soft


class TestInterpreted:
    @pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
    def test_the_reference(self, make: Maker) -> None:
        apart = drawn(make, torch.device("cpu"), lambda jobs: launch([jobs]))
        # Sums are taken in another order: where the exact value is half way between two codes, either may come out.
        assert apart.max() <= 1
        assert (apart > 0).float().mean() < 0.005

    def test_only_the_view_is_touched(self) -> None:
        canvas = torch.zeros((12, 150), dtype=torch.uint8)
        white = torch.full((5, 129), 255, dtype=torch.uint8)
        launch([[Mix(canvas[3:8, 10:139], white, white, 0.0)]])
        assert canvas.int().sum() == 255 * 5 * 129
        assert canvas[3:8, 10:139].eq(255).all()

    def test_blends_come_in_their_turn(self) -> None:
        """Between what is launched before them and after them."""
        y, u, v = (torch.zeros(shape, dtype=torch.uint8) for shape in ((4, 6), (2, 3), (2, 3)))
        light, grey, neutral = (torch.full_like(plane, code) for plane, code in ((y, 180), (y, 126), (u, 128)))
        steps: list[list[Job]] = [
            [Mix(plane, full, full, 0.0) for plane, full in ((y, light), (u, neutral), (v, neutral))],
            [Blend(Yuva(y, u, v), Yuva(grey, neutral, neutral), "multiply", 1.0)],
            [Mix(y, y, light, 0.5)],
        ]
        launch(steps)
        multiplied = round(16 + 219 * (180 - 16) / 219 * (126 - 16) / 219)
        assert y.eq(round((multiplied + 180) / 2)).all()
        assert u.eq(128).all()

    def test_other_layouts_are_refused(self, rng: np.random.Generator) -> None:
        target, (top, alpha) = codes(rng, 4, 6), soft(rng, 4, 6)
        with pytest.raises(ValueError, match="float32"):
            launch([[Over(target, top.double(), alpha)]])
        with pytest.raises(ValueError, match="without gaps"):
            launch([[Over(codes(rng, 6, 4), top.T, alpha.T)]])
        with pytest.raises(ValueError, match="with opacity"):
            launch([[Warp(target, target.clone(), TURNED, TURNED, (4.0, 6.0), False, 1.0, alpha)]])
