"""Every layout of channels down to stereo by the formula of ITU-R BS.775, whatever the samples are stored as."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.media.audio import SoundReader
from cutfarm.media.audio_channels import gains_of, in_channels
from tests.media.sounds import Samples, encode, read

RATE_HZ = 48_000
H = 0.5**0.5

# Left and right of each layout's channels, in FFmpeg's order of them.
FORMULAS: dict[str, tuple[list[float], list[float]]] = {
    "2.1": ([1, 0, 0], [0, 1, 0]),
    "3.0": ([1, 0, H], [0, 1, H]),
    "3.0(back)": ([1, 0, 0.5], [0, 1, 0.5]),
    "4.0": ([1, 0, H, 0.5], [0, 1, H, 0.5]),
    "quad": ([1, 0, H, 0], [0, 1, 0, H]),
    "quad(side)": ([1, 0, H, 0], [0, 1, 0, H]),
    "3.1": ([1, 0, H, 0], [0, 1, H, 0]),
    "4.1": ([1, 0, H, 0, 0.5], [0, 1, H, 0, 0.5]),
    "5.0": ([1, 0, H, H, 0], [0, 1, H, 0, H]),
    "5.0(side)": ([1, 0, H, H, 0], [0, 1, H, 0, H]),
    "5.1": ([1, 0, H, 0, H, 0], [0, 1, H, 0, 0, H]),
    "5.1(side)": ([1, 0, H, 0, H, 0], [0, 1, H, 0, 0, H]),
    "6.0": ([1, 0, H, 0.5, H, 0], [0, 1, H, 0.5, 0, H]),
    "6.0(front)": ([1, 0, 1, 0, H, 0], [0, 1, 0, 1, 0, H]),
    "hexagonal": ([1, 0, H, H, 0, 0.5], [0, 1, H, 0, H, 0.5]),
    "6.1": ([1, 0, H, 0, 0.5, H, 0], [0, 1, H, 0, 0.5, 0, H]),
    "6.1(back)": ([1, 0, H, 0, H, 0, 0.5], [0, 1, H, 0, 0, H, 0.5]),
    "7.0": ([1, 0, H, H, 0, H, 0], [0, 1, H, 0, H, 0, H]),
    "7.1": ([1, 0, H, 0, H, 0, H, 0], [0, 1, H, 0, 0, H, 0, H]),
    "7.1(wide)": ([1, 0, H, 0, H, 0, 1, 0], [0, 1, H, 0, 0, H, 0, 1]),
}


def tones(channels: int, level: float = 0.3) -> tuple[Samples, Samples]:
    """One tone a channel (C, n), of whole periods, and the tones at level 1."""
    at = np.arange(RATE_HZ // 10) / RATE_HZ
    pure = np.stack([np.sin(2 * np.pi * 200 * (number + 1) * at) for number in range(channels)]).astype(np.float32)
    return (level * pure).astype(np.float32), pure


def levels_of(heard: Samples, pure: Samples, level: float) -> NDArray[np.float64]:
    """How much of each tone is heard left and right, (2, C)."""
    share: NDArray[np.float64] = np.multiply(pure, 2 / pure.shape[1] / level, dtype=np.float64)
    found: NDArray[np.float64] = np.dot(heard.astype(np.float64), share.T)
    return found


@pytest.mark.parametrize("codec", ["pcm_f32le", "pcm_f64le", "pcm_s16le", "pcm_s24le", "pcm_u8", "flac"])
@pytest.mark.parametrize("layout", FORMULAS)
def test_a_layout_is_mixed_down_by_its_formula(tmp_path: Path, layout: str, codec: str) -> None:
    left, right = FORMULAS[layout]
    samples, pure = tones(len(left))
    path = encode(tmp_path / ("a.flac" if codec == "flac" else "a.wav"), codec, samples, RATE_HZ, layout=layout)
    heard, damage = read(path, pure.shape[1], RATE_HZ)
    within = {"pcm_u8": 1e-2, "pcm_s16le": 5e-5, "flac": 5e-5}.get(codec, 2e-6)
    np.testing.assert_allclose(levels_of(heard, pure, 0.3), [left, right], atol=within)
    assert not damage


def test_eight_planes_of_a_decoder_are_read(tmp_path: Path) -> None:
    samples, pure = tones(8)
    path = encode(tmp_path / "a.mka", "aac", np.tile(samples, 10), RATE_HZ, layout="7.1", options={"b": "1M"})
    heard = read(path, pure.shape[1] * 6, RATE_HZ)[0][:, pure.shape[1] * 4 :]
    left, right = FORMULAS["7.1"]
    np.testing.assert_allclose(levels_of(heard, np.tile(pure, 2), 0.3), [left, right], atol=0.02)


def test_nothing_makes_room_for_full_scale(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", "pcm_s16le", np.ones((6, 1_000), np.float32), RATE_HZ, layout="5.1")
    with SoundReader(str(path), RATE_HZ) as reader:
        np.testing.assert_allclose(reader.read(1_000), 1 + 2 * H, atol=2e-4)


@pytest.mark.parametrize("layout", ["11 channels", "5 channels"])
def test_of_channels_without_names_the_first_two_are_heard(layout: str) -> None:
    count = int(layout.split()[0])
    assert gains_of(layout) == ((1, 0), (0, 1), *[(0, 0)] * (count - 2))


def test_of_a_sound_field_what_comes_from_everywhere_is_heard() -> None:
    assert gains_of("ambisonic 1") == ((1, 1), (0, 0), (0, 0), (0, 0))


@pytest.mark.parametrize("layout", ["5.1.4", "7.1.4", "22.2", "hexadecagonal", "cube"])
def test_what_comes_from_above_is_heard_on_its_side(layout: str) -> None:
    gains = np.array(gains_of(layout))
    assert gains.sum(0)[0] == pytest.approx(gains.sum(0)[1])
    assert gains.max() == 1


def test_a_lone_channel_is_heard_on_both_sides_and_says_so(tmp_path: Path) -> None:
    samples, _ = tones(1)
    path = encode(tmp_path / "a.wav", "pcm_f32le", samples, RATE_HZ, layout="mono")
    with SoundReader(str(path), RATE_HZ) as reader:
        assert reader.channels == 1
        np.testing.assert_array_equal(reader.read(samples.shape[1]), np.repeat(samples, 2, 0))
    path = encode(tmp_path / "b.wav", "pcm_f32le", np.repeat(samples, 2, 0), RATE_HZ)
    with SoundReader(str(path), RATE_HZ) as reader:
        assert reader.channels == 2


def test_a_file_that_begins_in_mono_stays_so() -> None:
    samples = np.array([[1, 0.5], [0, 0.5]], np.float32)
    np.testing.assert_array_equal(in_channels(samples, "stereo", 1), [[0.5, 0.5]])
    np.testing.assert_array_equal(in_channels(samples[:1], "mono", 2), [[1, 0.5], [1, 0.5]])
