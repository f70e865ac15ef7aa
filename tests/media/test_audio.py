"""Sound files made here or by the system's ffmpeg, read back to the sample; files written here, read by others."""

from __future__ import annotations

import shutil
import subprocess
import wave
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.audio import SoundReader

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no system ffmpeg to judge by")
Samples = NDArray[np.float32]


def write_wav(path: Path, samples: Samples, rate_hz: int) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples.T * 32767).round().astype("<i2").tobytes())
    return str(path)


def clicks(places: Sequence[int], count: int, channels: int = 2) -> Samples:
    samples = np.zeros((channels, count), np.float32)
    samples[:, list(places)] = 0.9
    return samples


def sine(frequency_hz: float, rate_hz: int, seconds: float, level: float = 0.5) -> Samples:
    at = np.arange(round(rate_hz * seconds)) / rate_hz
    return np.stack([level * np.sin(2 * np.pi * frequency_hz * at)] * 2).astype(np.float32)


def noise(count: int, level: float = 0.2) -> Samples:
    return (np.random.default_rng(3).uniform(-level, level, (2, count))).astype(np.float32)


def pieces(samples: Samples, count: int) -> list[Samples]:
    return np.split(samples, range(count, samples.shape[1], count), axis=1)


def peaks_of(samples: Samples, level: float = 0.3) -> list[int]:
    loud = np.abs(samples).max(0)
    return [n for n in range(1, len(loud) - 1) if loud[n] > level and loud[n] >= loud[n - 1] and loud[n] > loud[n + 1]]


def read(path: str | Path, count: int, rate_hz: int = 44_100, **how: object) -> Samples:
    with SoundReader(str(path), rate_hz, **how) as reader:  # type: ignore[arg-type]
        return reader.read(count)


def write_packets(path: Path, codec: str, samples: Samples, starts: dict[int, int], rate_hz: int = 44_100) -> str:
    """Encode with stamps of the test's own: from sample a of `samples` on, the stamp is `starts[a]` and counts on."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="stereo")
        size, stamp = 1024, 0
        for first in range(0, samples.shape[1], size):
            stamp = starts.get(first, stamp)
            part = (samples[:, first : first + size].T * 32767).round().astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format="s16", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), stamp
            for packet in stream.encode(frame):
                out.mux(packet)
            stamp += frame.samples
        out.mux(stream.encode(None))
    return str(path)


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


class TestPlaces:
    @pytest.mark.parametrize("start_us", [0, 1_500_000, 4_700_000, Fraction(9_999_999, 2)])
    @pytest.mark.parametrize("rate_hz", [44_100, 48_000, 22_050, 8_000])
    def test_a_click_is_where_the_file_has_it(self, tmp_path: Path, rate_hz: int, start_us: Fraction) -> None:
        path = write_wav(tmp_path / "a.wav", clicks(range(rate_hz, rate_hz * 8, rate_hz), rate_hz * 8), rate_hz)
        got = read(path, 44_100 * 2, start_us=start_us)
        first = round(start_us * 44_100 / 1_000_000)
        assert [first + place for place in peaks_of(got)] == [
            second * 44_100 for second in range(8) if 0 < second * 44_100 - first < 44_100 * 2
        ]

    def test_samples_at_the_own_rate_pass_bit_for_bit(self, tmp_path: Path) -> None:
        samples = noise(100_000)
        path = write_wav(tmp_path / "a.wav", samples, 44_100)
        wanted = (samples * 32767).round() / 32768
        np.testing.assert_array_equal(read(path, 100_000), wanted)
        np.testing.assert_array_equal(
            read(path, 500, start_us=Fraction(77_777 * 10**6, 44_100)), wanted[:, 77_777:78_277]
        )

    def test_reading_in_pieces_is_reading_at_once(self, tmp_path: Path) -> None:
        path = write_wav(tmp_path / "a.wav", noise(96_000), 48_000)
        with SoundReader(path) as reader:
            pieces = np.concatenate([reader.read(count) for count in (1, 4_000, 33_333, 7)], 1)
        assert np.array_equal(pieces, read(path, pieces.shape[1]))

    def test_beyond_both_ends_is_silence(self, tmp_path: Path) -> None:
        path = write_wav(tmp_path / "a.wav", noise(44_100), 44_100)
        before = read(path, 44_100, start_us=-500_000)
        assert not before[:, :22_050].any()
        assert before[:, 22_050:].any(0).mean() > 0.9
        after = read(path, 441_000, start_us=500_000)
        assert after[:, :22_050].any(0).mean() > 0.9
        assert not after[:, 22_050:].any()
        assert not read(path, 1_000, start_us=3_600_000_000).any()

    @pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(11, 10), Fraction(137_391, 100_000), Fraction(4)])
    def test_a_speed_that_the_pitch_follows_holds_its_places(self, tmp_path: Path, speed: Fraction) -> None:
        places = range(44_100, 44_100 * 20, 44_100)
        path = write_wav(tmp_path / "a.wav", clicks(places, 44_100 * 20), 44_100)
        start_us = 1_250_000
        got = read(path, int(44_100 * 18 / speed), start_us=start_us, speed=speed)
        wanted = [(place - start_us * 0.0441) / speed for place in places]
        wanted = [place for place in wanted if 0 < place < got.shape[1] - 1]
        found = [
            place
            for place in peaks_of(got, 0.15)
            if np.abs(got[0, max(place - 9, 0) : place + 10]).argmax() in (9, place)
        ]
        assert len(found) == len(wanted)
        assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= 1


class TestResampling:
    @pytest.mark.parametrize("frequency_hz", [22_600, 23_000, 23_500])
    def test_what_the_lower_rate_cannot_hold_is_gone(self, tmp_path: Path, frequency_hz: int) -> None:
        path = write_float_wav(tmp_path / "a.wav", sine(frequency_hz, 48_000, 3))
        got = read(path, 88_200, start_us=500_000)[0].astype(np.float64)
        assert 20 * np.log10(np.sqrt(np.square(got).mean()) / (0.5 / 2**0.5)) < -100

    @pytest.mark.parametrize("frequency_hz", [50, 1_000, 15_000, 20_000])
    def test_what_it_can_hold_is_untouched(self, tmp_path: Path, frequency_hz: int) -> None:
        path = write_float_wav(tmp_path / "a.wav", sine(frequency_hz, 48_000, 3))
        got = read(path, 88_200, start_us=500_000)[0].astype(np.float64)
        at = np.arange(22_050, 22_050 + 88_200) / 44_100
        level = 20 * np.log10(np.dot(got, np.sin(2 * np.pi * frequency_hz * at)) / (0.5 * 44_100))
        assert abs(level) < 0.05
        rest = got - 0.5 * 10 ** (level / 20) * np.sin(2 * np.pi * frequency_hz * at)
        assert 20 * np.log10(rest.std() / (0.5 / 2**0.5)) < -100


def write_float_wav(path: Path, samples: Samples) -> str:
    """48 kHz in 32-bit floats, so that rounding does not hide what a resampler leaves."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_f32le", rate=48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T).reshape(1, -1), format="flt", layout="stereo"
        )
        frame.sample_rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return str(path)


class TestChannels:
    def test_mono_is_heard_on_both_sides_at_its_level(self, tmp_path: Path) -> None:
        path = write_wav(tmp_path / "a.wav", noise(44_100)[:1], 44_100)
        got = read(path, 44_100)
        assert np.array_equal(got[0], got[1])
        np.testing.assert_allclose(got[0], noise(44_100)[0], atol=1e-4)

    def test_a_centre_goes_to_both_sides_3_db_down(self, tmp_path: Path) -> None:
        samples = np.zeros((6, 44_100), np.float32)
        samples[2] = sine(440, 44_100, 1)[0]
        path = tmp_path / "a.wav"
        with av.open(str(path), "w") as out:
            stream = out.add_stream("pcm_s16le", rate=44_100, layout="5.1")
            packed = np.ascontiguousarray((samples.T * 32767).astype(np.int16)).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout="5.1")
            frame.sample_rate = 44_100
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        got = read(path, 44_100)
        np.testing.assert_allclose(got, np.stack([samples[2]] * 2) / 2**0.5, atol=1e-4)

    def test_of_channels_without_names_the_first_two_are_heard(self, tmp_path: Path) -> None:
        samples = np.concatenate([noise(44_100)] * 6)[:11] * np.linspace(0.1, 1, 11, dtype=np.float32)[:, None]
        got = read(write_wav(tmp_path / "a.wav", samples, 44_100), 44_100)
        np.testing.assert_allclose(got, samples[:2], atol=1e-4)


def write_film(path: Path, samples: Samples, late: int, *, noisy: bool = False) -> str:
    """Three seconds of H.264 with B-frames, and sound that begins `late` samples after them."""
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=30, options={"bf": "2", "preset": "ultrafast", "crf": "10"})
        picture.width, picture.height = 320, 180
        sound = out.add_stream("aac", rate=44_100, layout="stereo")
        for n in range(90):
            image = rng.integers(0, 256, (180, 320, 3), np.uint8) if noisy else np.full((180, 320, 3), n, np.uint8)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = 44_100, Fraction(1, 44_100), late
        out.mux(sound.encode(frame))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))
    return str(path)


def bytes_read() -> int:
    """By this process, since it started."""
    return int(Path("/proc/self/io").read_text().split()[1])


class TestContainers:
    @needs_ffmpeg
    @pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.flac", "a.ogg", "a.webm", "a.mov"])
    def test_what_the_encoder_puts_in_front_is_left_out(self, tmp_path: Path, name: str) -> None:
        source = write_wav(tmp_path / "a.wav", clicks(range(22_050, 44_100 * 6, 44_100), 44_100 * 6), 44_100)
        ffmpeg("-i", source, "-b:a", "256k", tmp_path / name)
        got = read(tmp_path / name, 44_100 * 6)
        for place in range(22_050, 44_100 * 6, 44_100):
            around = np.abs(got[0, place - 2_000 : place + 2_000])
            assert abs(int(around.argmax()) - 2_000) <= 1

    @needs_ffmpeg
    @pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.mkv", "a.ts", "a.aac", "b.flac", "b.mkv", "b.webm"])
    def test_a_start_in_the_middle_is_the_same_sound(self, tmp_path: Path, name: str) -> None:
        tone = (sine(440, 44_100, 15) + sine(3_000, 44_100, 15, 0.2)) * np.linspace(0.1, 1, 44_100 * 15)
        source = write_wav(tmp_path / "a.wav", tone.astype(np.float32), 44_100)
        codec = {"a.mkv": ["-c:a", "aac"], "b.mkv": ["-c:a", "flac"]}.get(name, [])
        ffmpeg("-i", source, *codec, "-b:a", "192k", tmp_path / name)
        whole = read(tmp_path / name, 44_100 * 15)
        for first in (44_100 * 5, 500_001, 44_100 * 14):
            start_us = Fraction(first * 1_000_000, 44_100)
            got = read(tmp_path / name, 20_000, start_us=start_us)
            np.testing.assert_allclose(got, whole[:, first : first + 20_000], atol=4e-5)  # mp2 is decoded to 16 bits

    def test_a_late_start_is_silence(self, tmp_path: Path) -> None:
        samples = clicks([1_000, 60_000], 88_200)
        path = write_packets(tmp_path / "a.mp4", "flac", samples, {0: 33_516})
        assert peaks_of(read(path, 150_000)) == [34_516, 93_516]

    def test_a_gap_is_silence_and_shifts_nothing(self, tmp_path: Path) -> None:
        cut = 1024 * 45  # a whole number of the encoder's blocks
        samples = clicks([1_000, cut + 500, cut + 50_000], cut + 60_000)
        path = write_packets(tmp_path / "a.mp4", "flac", samples, {0: 0, cut: cut + 44_100})
        got = read(path, 200_000)
        assert peaks_of(got) == [1_000, cut + 44_600, cut + 94_100]

    def test_damage_is_silence_and_shifts_nothing(self, tmp_path: Path) -> None:
        places = list(range(5_000, 441_000, 22_050))
        path = Path(write_packets(tmp_path / "a.mp4", "flac", clicks(places, 441_000) + noise(441_000, 0.05), {}))
        content = bytearray(path.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 9_000] = bytes(9_000)
        path.write_bytes(content)
        with SoundReader(str(path)) as reader:
            got = reader.read(441_000)
            assert reader.damage
        found = peaks_of(got, 0.5)
        assert set(found) < set(places)
        assert len(found) >= len(places) - 2
        assert (places[0], places[-1]) == (found[0], found[-1])

    @pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
    @pytest.mark.parametrize("late", [0, 13_230])
    def test_the_sound_of_a_video_counts_from_the_file_s_start(self, tmp_path: Path, name: str, late: int) -> None:
        path = write_film(tmp_path / name, clicks([30_000, 66_150], 132_300), late)
        assert peaks_of(read(path, 132_300)) == pytest.approx([late + 30_000, late + 66_150], abs=45)  # stamps in ms

    def test_pictures_are_passed_over_unread(self, tmp_path: Path) -> None:
        path = write_film(tmp_path / "a.mp4", noise(132_300), 0, noisy=True)
        before = bytes_read()
        read(path, 132_300)
        assert bytes_read() - before < Path(path).stat().st_size / 3

    def test_a_file_without_sound_is_silent_and_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "a.mp4"
        with av.open(str(path), "w") as out:
            picture = out.add_stream("libx264", rate=30)
            picture.width = picture.height = 64
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
            out.mux(picture.encode(None))
        with SoundReader(str(path)) as reader:
            assert not reader.has_sound
            assert not reader.read(1_000).any()

    def test_what_is_not_media_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.mp3").write_text("no sound at all")
        with pytest.raises(AssetUnreadable, match=r"a\.mp3"):
            SoundReader(str(tmp_path / "a.mp3"))
        with pytest.raises(AssetMissing, match=r"b\.mp3"):
            SoundReader(str(tmp_path / "b.mp3"))
