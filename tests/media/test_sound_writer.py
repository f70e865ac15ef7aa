"""Every kind of sound file that is written: read back to the sample, and judged by others."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest

from cutfarm.errors import EncodeError
from cutfarm.media.codecs import SOUND_CONTAINERS, SoundFormat, sound_format
from cutfarm.media.sound_writer import SoundWriter
from tests.media.test_audio import Samples, noise, pieces, read

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no system ffmpeg to judge by")

#: All that can be written: container, codec, rate.
FORMATS = [
    sound_format(suffix, codec, rate_hz)
    for suffix, codecs in SOUND_CONTAINERS.items()
    for codec, rate_hz in product(codecs, (44_100, 48_000))
    if (codec, rate_hz) != ("opus", 44_100)
]
#: Their length is not in the file, or not for every reader: up to a frame of the codec more comes out of these.
PADDED = {(".m4a", "aac"): 1024, (".m4a", "opus"): 960, (".m4a", "mp3"): 1152, (".mka", "aac"): 1024}
ENCODED_AS = {"pcm": "pcm_s24le"}


def named(sound: SoundFormat) -> str:
    return f"{sound.codec}{sound.suffix}@{sound.rate_hz}"


def write(path: Path, samples: Samples, sound: SoundFormat, size: int = 10_000) -> Path:
    with SoundWriter(str(path), sound) as writer:
        for part in pieces(samples, size):
            writer.write(part)
    return path


def music(count: int, rate_hz: int) -> Samples:
    """Chords below 6 kHz with strokes, another in each channel: what a lossy codec keeps well."""
    at, chance = np.arange(count) / rate_hz, np.random.default_rng(5)
    sounds = []
    for shift in (0.0, 0.7):
        tones = sum(
            np.sin(2 * np.pi * f * at + 3 * shift) / n for n, f in enumerate((220, 555, 1_510, 3_900, 5_600), 2)
        )
        strokes = np.exp(-((at * 4 + shift) % 1) * 6)
        sounds.append(0.2 * tones * strokes + 0.001 * chance.standard_normal(count))
    return np.stack(sounds).astype(np.float32)


def lag_of(got: Samples, wanted: Samples) -> int:
    """By how many samples `got` is late, where both are most alike."""
    size = 1 << (got.shape[1] + wanted.shape[1]).bit_length()
    alike = np.fft.irfft(np.fft.rfft(got[0], size) * np.conj(np.fft.rfft(wanted[0], size)))
    best = int(alike.argmax())
    return best if best < size // 2 else best - size


def snr_db(got: Samples, wanted: Samples) -> float:
    away = got.astype(np.float64) - wanted
    return float(10 * np.log10((wanted.astype(np.float64) ** 2).sum() / (away**2).sum()))


def in_24_bits(samples: Samples) -> Samples:
    full = 2**23
    return (np.clip(np.round(samples.astype(np.float64) * full), -full, full - 1) / full).astype(np.float32)


def decoded_by_ffmpeg(path: Path) -> Samples:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2).T


def ffprobed(path: Path) -> dict[str, str]:
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe to judge by")
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    [stream] = said["streams"]
    return {**said["format"], **stream}


def assert_is(got: Samples, wanted: Samples, sound: SoundFormat) -> None:
    """Bit for bit, or aligned to the sample and near."""
    assert lag_of(got, wanted) == 0
    if not sound.bit_rate:
        np.testing.assert_array_equal(got, in_24_bits(wanted))
    else:
        assert snr_db(got, wanted) > {"aac": 18, "mp3": 25, "opus": 18}[sound.codec]


@pytest.mark.parametrize("sound", FORMATS, ids=named)
class TestEveryFormat:
    def test_what_we_read_is_what_was_written(self, sound: SoundFormat, tmp_path: Path) -> None:
        count = sound.rate_hz * 2 + 1_234
        wanted = music(count, sound.rate_hz)
        path = write(tmp_path / f"a{sound.suffix}", wanted, sound)
        got = read(path, count + 5_000, sound.rate_hz)
        assert_is(got[:, :count], wanted, sound)
        more = np.flatnonzero(np.abs(got).max(0))[-1] + 1 - count
        assert more <= PADDED.get((sound.suffix, sound.codec), 0)

    @needs_ffmpeg
    def test_ffmpeg_reads_the_same(self, sound: SoundFormat, tmp_path: Path) -> None:
        count = sound.rate_hz * 2 + 777
        wanted = music(count, sound.rate_hz)
        path = write(tmp_path / f"a{sound.suffix}", wanted, sound)
        got = decoded_by_ffmpeg(path)
        if sound.suffix == ".mka" and sound.codec in ("aac", "mp3"):
            # Older releases hand out what stands before time 0; the stamps say how much that is, to a millisecond.
            early = round(-float(ffprobed(path)["start_time"]) * sound.rate_hz)
            assert abs(lag_of(got, wanted) - early) <= sound.rate_hz // 1000
            return
        assert_is(got[:, :count], wanted, sound)
        assert 0 <= got.shape[1] - count < PADDED.get((sound.suffix, sound.codec), 1)

    def test_the_file_says_what_it_is(self, sound: SoundFormat, tmp_path: Path) -> None:
        count = sound.rate_hz * 4 + 321
        path = write(tmp_path / f"a{sound.suffix}", noise(count, 0.5), sound)
        with av.open(str(path)) as file:
            stream = file.streams.audio[0]
            assert (stream.codec_context.name.removesuffix("float"), stream.rate, stream.channels) == (
                ENCODED_AS.get(sound.codec, sound.codec),
                sound.rate_hz,
                2,
            )
            if sound.suffix in (".m4a", ".wav", ".flac"):
                assert stream.time_base is not None
                assert (stream.start_time or 0, stream.duration * stream.time_base * sound.rate_hz) == (0, count)
        if sound.bit_rate:
            assert path.stat().st_size * 8 * sound.rate_hz / count == pytest.approx(sound.bit_rate, rel=0.1)

    def test_ffprobe_says_so_too(self, sound: SoundFormat, tmp_path: Path) -> None:
        count = sound.rate_hz * 3 + 99
        said = ffprobed(write(tmp_path / f"a{sound.suffix}", noise(count), sound))
        assert (said["codec_name"], said["sample_rate"], said["channels"]) == (
            ENCODED_AS.get(sound.codec, sound.codec),
            str(sound.rate_hz),
            2,
        )
        # Some count what the encoder puts in front, which no player plays: at most 30 ms here.
        exact = sound.suffix in (".m4a", ".wav", ".flac")
        assert float(said["duration"]) == pytest.approx(count / sound.rate_hz, abs=1e-6 if exact else 0.05)
        if exact:
            assert float(said.get("start_time", 0)) == 0


class TestWriter:
    @pytest.mark.parametrize("sound", [f for f in FORMATS if f.rate_hz == 48_000], ids=named)
    @pytest.mark.parametrize("count", [800, 1_024, 4_607])
    def test_short_sounds_last_to_the_sample_too(self, sound: SoundFormat, count: int, tmp_path: Path) -> None:
        path = write(tmp_path / f"a{sound.suffix}", noise(count), sound)
        if sound.suffix in (".m4a", ".wav", ".flac"):
            with av.open(str(path)) as file:
                stream = file.streams.audio[0]
                assert stream.duration * stream.time_base * sound.rate_hz == count
        got = read(path, count + 5_000, 48_000)
        kept = np.flatnonzero(np.abs(got).max(0))
        assert (kept[-1] + 1 if len(kept) else 0) <= count + PADDED.get((sound.suffix, sound.codec), 0)

    @pytest.mark.parametrize("sound", [f for f in FORMATS if f.bit_rate], ids=named)
    def test_the_cut_of_the_writes_does_not_matter(self, sound: SoundFormat, tmp_path: Path) -> None:
        wave = music(30_000, sound.rate_hz)
        paths = [write(tmp_path / f"{size}{sound.suffix}", wave, sound, size) for size in (777, 30_000)]
        np.testing.assert_array_equal(*(read(path, 30_000, sound.rate_hz) for path in paths))

    def test_what_is_beyond_full_scale_is_clipped(self, tmp_path: Path) -> None:
        loud = noise(10_001, 1.5)
        for suffix in (".flac", ".wav", ".mka"):
            path = write(tmp_path / f"a{suffix}", loud, sound_format(suffix))
            np.testing.assert_array_equal(read(path, 10_001), in_24_bits(loud))

    @pytest.mark.parametrize("kbps", [128, 320])
    @pytest.mark.parametrize("codec", ["aac", "mp3"])
    def test_bit_rates(self, codec: str, kbps: int, tmp_path: Path) -> None:
        sound = sound_format(".m4a", codec, kbps=kbps)  # type: ignore[arg-type]
        path = write(tmp_path / "a.m4a", noise(44_100 * 4, 0.5), sound)
        assert path.stat().st_size * 8 / 4 == pytest.approx(kbps * 1000, rel=0.1)

    @pytest.mark.parametrize("kbps", [64, 256])
    def test_bit_rates_of_opus(self, kbps: int, tmp_path: Path) -> None:
        path = write(tmp_path / "a.ogg", noise(48_000 * 4, 0.5), sound_format(".ogg", kbps=kbps))
        assert path.stat().st_size * 8 / 4 == pytest.approx(kbps * 1000, rel=0.1)

    def test_a_failure_leaves_no_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.m4a"

        def fail() -> None:
            with SoundWriter(str(path), SoundFormat()) as writer:
                writer.write(np.zeros((2, 5_000), np.float32))
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert not path.exists()

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        writer = SoundWriter(str(tmp_path / "nowhere" / "a.m4a"), SoundFormat())
        with pytest.raises(EncodeError, match=r"a\.m4a"):
            writer.write(np.zeros((2, 5_000), np.float32))
