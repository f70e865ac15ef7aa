"""How a machine is shared."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from cutfarm.render.shares import Shares, shares, shares_of, worker_bytes
from cutfarm.render.spec import Output

GIB = 1 << 30
HD, UHD = Output(1920, 1080, Fraction(30)), Output(3840, 2160, Fraction(30))
MINUTE = 1800


@pytest.mark.parametrize(
    ("output", "cores", "memory_gib", "cut", "layered"),
    [
        (HD, 2, 24, Shares(2, 1), Shares(1, 2)),
        (UHD, 2, 24, Shares(2, 1), Shares(1, 2)),
        (HD, 1, 24, Shares(1, 1), Shares(1, 1)),
        (HD, 16, 64, Shares(16, 1), Shares(8, 2)),
        (UHD, 16, 64, Shares(16, 1), Shares(8, 2)),
        (UHD, 16, 6, Shares(3, 6), Shares(3, 6)),
        (UHD, 16, 2, Shares(1, 16), Shares(1, 16)),  # it is tried whatever there is
        (replace(HD, preset="medium"), 2, 24, Shares(2, 1), Shares(1, 2)),
        (replace(UHD, preset="medium"), 2, 24, Shares(1, 2), Shares(1, 2)),
        (replace(HD, codec="h265", preset="medium"), 4, 24, Shares(4, 1), Shares(2, 2)),
    ],
)
def test_cores_and_memory(output: Output, cores: int, memory_gib: int, cut: Shares, layered: Shares) -> None:
    for is_stacked, wanted in ((False, cut), (True, layered)):
        looks = {"is_layered": is_stacked, "is_stacked": is_stacked}
        assert shares(output, MINUTE, cores=cores, memory_bytes=memory_gib * GIB, **looks) == wanted


def test_captions_over_one_clip_are_shared_as_a_cut_is_in_the_memory_of_layers() -> None:
    looks = {"is_layered": True, "is_stacked": False}
    assert shares(HD, MINUTE, cores=2, memory_bytes=24 * GIB, **looks) == Shares(2, 1)
    assert shares(HD, MINUTE, cores=2, memory_bytes=GIB, **looks) == Shares(1, 2)


@pytest.mark.parametrize(("frames", "workers"), [(1, 1), (119, 1), (120, 2), (360, 6), (1800, 8)])
def test_a_worker_is_worth_two_seconds(frames: int, workers: int) -> None:
    assert shares(HD, frames, cores=8, memory_bytes=64 * GIB, is_layered=False, is_stacked=False).workers == workers


def test_no_core_is_left_out() -> None:
    for cores in range(1, 20):
        for workers in range(1, 20):
            share = shares_of(workers, cores)
            assert share.workers * share.threads >= cores
            assert share.workers * (share.threads - 1) < cores or share.threads == 1


def test_what_is_measured_fits_the_estimate() -> None:
    """Two workers took 465 MiB at 1080p and 1.56 GiB at 2160p, the process 75 MiB of it, without torch."""
    assert worker_bytes(HD) == pytest.approx((465 - 75) / 2 * 2**20, rel=0.1)
    assert worker_bytes(UHD) == pytest.approx((1562 - 75) / 2 * 2**20, rel=0.1)
