"""Envelopes against numpy in float64, and what the limiter promises."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import sound

REACH = sound.LIMITER_REACH


def db(ratio: float) -> float:
    return 20 * np.log10(ratio)


@given(
    points=st.lists(st.integers(-1000, 1000), min_size=1, max_size=6, unique=True),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=50, deadline=None)
def test_a_line_through_points_is_numpys(points: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    points.sort()
    values = rng.uniform(0, 10, len(points))
    at = rng.uniform(-1500, 1500, 200)
    got = sound.piecewise_linear(*(torch.tensor(x, dtype=torch.float64) for x in (at, points, values)))
    np.testing.assert_allclose(got.numpy(), np.interp(at, points, values), atol=1e-12)


def test_two_points_at_one_instant_are_a_step() -> None:
    points, values = torch.tensor([0.0, 1.0, 1.0, 2.0]).double(), torch.tensor([0.0, 0.0, 5.0, 5.0]).double()
    got = sound.piecewise_linear(torch.tensor([0.999, 1.0, 1.5]).double(), points, values)
    assert got.tolist() == [0.0, 5.0, 5.0]


def test_fades_are_straight_lines_from_the_edges() -> None:
    at = np.linspace(0, 10, 4001, endpoint=False)
    got = sound.fade_gain(torch.from_numpy(at), 10.0, 2.0, 3.0).numpy()
    wanted = np.minimum(np.minimum(at / 2.0, (10.0 - at) / 3.0), 1.0)
    loud = wanted > 1e-6
    assert np.abs(db(got[loud] / wanted[loud])).max() < 1e-9
    assert sound.fade_gain(torch.from_numpy(at), 10.0, 0.0, 0.0).eq(1.0).all()


def test_fades_that_meet_are_multiplied() -> None:
    at = torch.tensor([5.0]).double()
    assert sound.fade_gain(at, 10.0, 10.0, 10.0).item() == 0.25


@pytest.mark.parametrize("gain", [0.5, torch.linspace(0, 1, 100).double()], ids=["number", "envelope"])
def test_adding_touches_its_place_only(gain: float | torch.Tensor) -> None:
    total, part = torch.ones(2, 300), torch.randn(2, 100)
    sound.add_at(total, part, 50, gain)
    assert total[:, :50].eq(1).all()
    assert total[:, 150:].eq(1).all()
    torch.testing.assert_close(total[:, 50:150], 1 + (part * gain).float())


def test_what_does_not_clip_passes_bit_for_bit() -> None:
    samples = torch.rand(2, sound.HOP * 200) * 2 - 1
    samples[0, 5000] = 1.0
    assert torch.equal(sound.limited(samples), samples[:, REACH:-REACH])


@pytest.mark.parametrize("level", [0.5, 3.0])
def test_nothing_leaves_above_the_ceiling(level: float) -> None:
    samples = torch.randn(2, sound.HOP * 400, generator=torch.Generator().manual_seed(7)) * level
    limited = sound.limited(samples)
    assert limited.shape[1] == samples.shape[1] - 2 * REACH
    assert limited.abs().max() <= 1.0
    # It turns down, it does not cut off: hardly a sample sits on the ceiling.
    assert (limited.abs() == 1.0).sum() < limited.numel() / 200


def test_a_peak_turns_down_its_neighbourhood_alone_and_both_channels_alike() -> None:
    samples = torch.full((2, sound.HOP * 300), 0.1)
    peak = 9999
    samples[0, peak] = 2.0
    limited, untouched = sound.limited(samples), samples[:, REACH:-REACH]
    changed = (limited != untouched).any(0).nonzero().squeeze()
    assert abs(changed - (peak - REACH)).max() <= REACH
    assert limited[0, peak - REACH] == pytest.approx(1.0, abs=1e-6)
    gain = limited / untouched
    torch.testing.assert_close(gain[0], gain[1])
    assert gain[1].diff().abs().max() < 1e-3


def test_pieces_on_the_hop_grid_agree_with_the_whole() -> None:
    samples = torch.randn(2, sound.HOP * 600) * 0.6
    whole = sound.limited(samples)
    cut = sound.HOP * 250
    left = sound.limited(samples[:, : cut + REACH])
    right = sound.limited(samples[:, cut - REACH :])
    torch.testing.assert_close(torch.cat((left, right), 1), whole)
