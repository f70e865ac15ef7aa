"""Chunks of every container joined with sound of every codec: picture and sound begin together and end together."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest

from cutfarm.media.codecs import SOUND_CONTAINERS, Codec, SoundFormat, container_suffix, sound_container, sound_format
from cutfarm.media.join import VideoPart, join
from tests.media.test_audio import read
from tests.media.test_join import encode, ffprobe, frames_of
from tests.media.test_sound_writer import PADDED, assert_is, decoded_by_ffmpeg, music, named, needs_ffmpeg, write

FRAMES = 60
RATES = (Fraction(30), Fraction(30_000, 1_001), Fraction(2_997, 125))
VIDEOS: tuple[Codec, ...] = ("h264", "ffv1")
JOINED = [
    (video, sound_format(suffix, codec, rate_hz))
    for video in VIDEOS
    for suffix in [sound_container(video)]
    for codec, rate_hz in product(SOUND_CONTAINERS[suffix], (44_100, 48_000))
    if (codec, rate_hz) != ("opus", 44_100)
]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Codec], list[VideoPart]]:
    """Three chunks of a codec; their own frame rate does not count."""
    folder = tmp_path_factory.mktemp("parts")
    cuts = [range(17), range(17, 40), range(40, FRAMES)]

    def at(video: Codec) -> list[VideoPart]:
        paths = [folder / f"{video}{number}{container_suffix(video)}" for number in range(len(cuts))]
        return [
            VideoPart(path, len(cut)) if path.exists() else encode(path, cut, codec=video)
            for path, cut in zip(paths, cuts, strict=True)
        ]

    return at


@pytest.mark.parametrize(
    ("video", "sound"), JOINED, ids=lambda value: value if isinstance(value, str) else named(value)
)
@pytest.mark.parametrize("fps", RATES, ids=str)
def test_joined(
    video: Codec, sound: SoundFormat, fps: Fraction, parts: Callable[[Codec], list[VideoPart]], tmp_path: Path
) -> None:
    count = round(FRAMES / fps * sound.rate_hz)
    wanted = music(count, sound.rate_hz)
    alone = write(tmp_path / f"sound{sound.suffix}", wanted, sound)
    out = tmp_path / f"out{container_suffix(video)}"
    join(parts(video), alone, out, fps)

    got = read(out, count + 5_000, sound.rate_hz)
    assert_is(got[:, :count], wanted, sound)
    assert np.flatnonzero(np.abs(got).max(0))[-1] + 1 - count <= PADDED.get((sound.suffix, sound.codec), 0)
    tick_s = Fraction(1, 1_000) if video == "ffv1" else 0  # Matroska's clock
    assert all(abs(time_s - number / fps) <= tick_s for number, time_s in frames_of(out))
    with av.open(str(out)) as file:
        assert [stream.start_time or 0 for stream in file.streams] == [0, 0]
        if video == "h264":
            length = file.streams.audio[0].duration * file.streams.audio[0].time_base
            assert length == pytest.approx(count / sound.rate_hz, abs=1e-9)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("video", "sound"),
    [(video, sound) for video, sound in JOINED if sound.rate_hz == 48_000],
    ids=lambda value: value if isinstance(value, str) else named(value),
)
def test_ffmpeg_finds_them_together(
    video: Codec, sound: SoundFormat, parts: Callable[[Codec], list[VideoPart]], tmp_path: Path
) -> None:
    fps = Fraction(30_000, 1_001)
    count = round(FRAMES / fps * sound.rate_hz)
    wanted = music(count, sound.rate_hz)
    out = tmp_path / f"out{container_suffix(video)}"
    join(parts(video), write(tmp_path / f"sound{sound.suffix}", wanted, sound), out, fps)
    said = ffprobe(out)
    assert float(said["video"]["start_time"]) == 0
    if sound.suffix == ".m4a" or not sound.bit_rate:
        assert_is(decoded_by_ffmpeg(out)[:, :count], wanted, sound)
        assert float(said["audio"]["start_time"]) == 0
    if video == "h264":
        assert float(said["audio"]["duration"]) == pytest.approx(count / sound.rate_hz, abs=1e-6)
        assert float(said["video"]["duration"]) == pytest.approx(FRAMES / fps, abs=1e-6)
        assert int(said["audio"]["bit_rate"]) == pytest.approx(sound.bit_rate or 2_304_000, rel=0.5)
