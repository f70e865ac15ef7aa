"""A timeline's sound against clicks, formulas and a mix summed by numpy."""

from __future__ import annotations

import wave
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.errors import AssetMissing
from cutfarm.media.codecs import SoundFormat
from cutfarm.render.sound.mix import Mix
from cutfarm.render.sound.sums import BLOCK
from cutfarm.render.sound.voices import sample_of
from cutfarm.render.sound.written import has_sound, samples_of_frames, sound_key
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import (
    Canvas,
    Curve,
    Fade,
    Keyframe,
    PictureMaterial,
    PictureSegment,
    SoundMaterial,
    SoundSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.time import TimeRange

RATE = 44_100
SECOND = 1_000_000
Samples = NDArray[np.float32]


def write_wav(path: Path, samples: Samples, rate_hz: int = RATE) -> Asset:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples.T * 32767).round().astype("<i2").tobytes())
    return Asset(str(path), f"digest of {path.name}")


def heard_as(samples: Samples) -> Samples:
    """What 16 bits make of it."""
    return ((samples * 32767).round() / 32768).astype(np.float32)


def clicks(*places: int, count: int) -> Samples:
    samples = np.zeros((2, count), np.float32)
    samples[:, list(places)] = 0.9
    return samples


def noise(count: int, level: float = 0.2, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).uniform(-level, level, (2, count)).astype(np.float32)


def sound(path: str, start_us: int, duration_us: int, source_us: int = 0, **more: object) -> SoundSegment:
    rate = Fraction(more.pop("rate", 1))  # type: ignore[arg-type]
    return SoundSegment(
        id=f"{path}@{start_us}",
        target=TimeRange(start_us, duration_us),
        source=TimeRange(source_us, int(duration_us * rate)),
        rate=rate,
        material=SoundMaterial(path, "music", path, path, 0),
        **more,  # type: ignore[arg-type]
    )


def picture(path: str, start_us: int, duration_us: int, kind: str = "video", **more: object) -> PictureSegment:
    has_audio = bool(more.pop("has_audio", True))
    return PictureSegment(
        id=f"{path}@{start_us}",
        target=TimeRange(start_us, duration_us),
        source=TimeRange(0, duration_us),
        rate=Fraction(1),
        material=PictureMaterial(path, kind, path, path, 64, 64, 0, has_audio),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def timeline(*segments: SoundSegment | PictureSegment, **more: object) -> Timeline:
    """Every segment on a track of its own."""
    tracks = tuple(
        Track(
            str(index),
            "audio" if isinstance(segment, SoundSegment) else "video",
            index,
            0,
            bool(more.get("is_muted", False)),
            False,
            (segment,),
        )
        for index, segment in enumerate(segments)
    )
    return Timeline(Canvas(64, 64), Fraction(30), max(s.target.end_us for s in segments), tracks, True)


def mixed(draft: Timeline, assets: dict[str, Asset], total: int, first: int = 0) -> Samples:
    return np.concatenate(list(Mix(draft, assets, RATE, first, total)), 1)


def gain_db(got: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    return float(np.abs(20 * np.log10(got / wanted)).max())


@pytest.fixture
def click(tmp_path: Path) -> dict[str, Asset]:
    return {"click": write_wav(tmp_path / "click.wav", clicks(*range(0, RATE * 10, RATE // 2), count=RATE * 10))}


@pytest.fixture
def level(tmp_path: Path) -> dict[str, Asset]:
    """Ten seconds that stand at 0.25, so that a mix shows its gain."""
    return {"level": write_wav(tmp_path / "level.wav", np.full((2, RATE * 10), 0.25, np.float32))}


def bytes_read() -> int:
    """By this process, since it started."""
    return int(Path("/proc/self/io").read_text().split()[1])


class TestPlaces:
    @pytest.mark.parametrize("start_us", [0, 1, 333_333, 1_033_333, 2_500_011])
    @pytest.mark.parametrize("source_us", [0, 111, 700_000, 3_100_007])
    def test_a_click_lands_within_half_a_sample(self, click: dict[str, Asset], start_us: int, source_us: int) -> None:
        got = mixed(timeline(sound("click", start_us, 3 * SECOND, source_us)), click, RATE * 6)[0]
        wanted = [(k * 500_000 - source_us + start_us) * RATE / SECOND for k in range(20)]
        wanted = [
            place for place in wanted if start_us * RATE <= place * SECOND < (start_us + 3 * SECOND) * RATE - RATE
        ]
        found = np.flatnonzero(got > 0.5).tolist()
        assert len(found) == len(wanted)
        assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= 0.5

    @pytest.mark.parametrize("rate", [Fraction(3, 2), Fraction(7, 10), Fraction(1_234_567, 1_000_000)])
    def test_a_click_at_another_speed_lands_within_2_ms(self, click: dict[str, Asset], rate: Fraction) -> None:
        draft = timeline(sound("click", 1_033_333, 4 * SECOND, 200_000, rate=rate, keep_pitch=False))
        got = mixed(draft, click, RATE * 6)[0]
        wanted = [(k * 500_000 - 200_000) / float(rate) / 1e6 + 1.033333 for k in range(1, 20)]
        wanted = [place for place in wanted if place < 5.03]
        assert len(wanted) >= 4
        for place_s in wanted:
            middle = round(place_s * RATE)
            near = np.abs(got[middle - 2_000 : middle + 2_000])
            assert near.max() > 0.3
            assert abs((int(near.argmax()) + middle - 2_000) / RATE - place_s) < 0.002

    def test_ranges_that_differ_by_rounding_alone_are_not_stretched(self, click: dict[str, Asset]) -> None:
        drawn_out = sound("click", 0, 5 * SECOND, rate=Fraction(4_999_967, 5 * SECOND))
        assert np.array_equal(
            mixed(timeline(drawn_out), click, RATE * 5), mixed(timeline(sound("click", 0, 5 * SECOND)), click, RATE * 5)
        )

    def test_segments_that_touch_in_time_join_without_a_seam(self, tmp_path: Path) -> None:
        assets = {"noise": write_wav(tmp_path / "a.wav", noise(RATE * 6))}
        cuts = [0, 1_033_333, 2_366_667, 4_000_001, 5 * SECOND]
        parts = [sound("noise", a, b - a, a) for a, b in pairwise(cuts)]
        whole = mixed(timeline(sound("noise", 0, 5 * SECOND)), assets, RATE * 5)
        assert np.array_equal(mixed(timeline(*parts), assets, RATE * 5), whole)

    def test_the_length_is_that_of_the_frames(self) -> None:
        assert samples_of_frames(450, Fraction(30)) == 661_500
        assert samples_of_frames(1, Fraction(30_000, 1_001)) == 1_471
        assert sample_of(Fraction(1_000_000, 3), 48_000) == 16_000


class TestGain:
    def test_fades_follow_the_formula(self, level: dict[str, Asset]) -> None:
        draft = timeline(sound("level", 500_000, 6 * SECOND, volume=1.5, fade=Fade(1_300_000, 2_100_000)))
        got = mixed(draft, level, RATE * 8).astype(np.float64)[0]
        at = np.arange(RATE * 8) / RATE - 0.5
        wanted = heard_as(np.float32([0.25]))[0] * 1.5 * np.clip(np.minimum(at / 1.3, (6 - at) / 2.1), 0, 1)
        loud = wanted > 1e-4
        assert gain_db(got[loud], wanted[loud]) < 0.01
        assert np.abs(got[~loud]).max() < 2e-4

    def test_a_volume_curve_takes_the_place_of_the_volume(self, level: dict[str, Asset]) -> None:
        keys = ((-SECOND, 0.2), (SECOND, 2.0), (2 * SECOND, 0.0), (3 * SECOND, 1.0))
        curve = Curve("KFTypeVolume", tuple(Keyframe(at, value) for at, value in keys))
        draft = timeline(sound("level", 250_000, 5 * SECOND, volume=0.0, curves=(curve,)))
        got = mixed(draft, level, RATE * 6).astype(np.float64)[0]
        at = np.arange(RATE * 6) / RATE - 0.25
        wanted = heard_as(np.float32([0.25]))[0] * np.interp(at, [k / 1e6 for k, _ in keys], [v for _, v in keys])
        wanted[(at < 0) | (at >= 5)] = 0.0
        loud = wanted > 1e-4
        assert gain_db(got[loud], wanted[loud]) < 0.01
        assert np.abs(got[~loud]).max() < 2e-4

    def test_voices_are_summed_bit_for_bit(self, tmp_path: Path) -> None:
        samples = {name: noise(RATE * 3, 0.2, seed) for seed, name in enumerate("abc")}
        assets = {name: write_wav(tmp_path / name, part) for name, part in samples.items()}
        draft = timeline(sound("a", 0, 3 * SECOND), picture("b", SECOND, 2 * SECOND), sound("c", 0, SECOND, volume=0.5))
        got = mixed(draft, assets, RATE * 3)
        wanted = heard_as(samples["a"])
        wanted[:, :RATE] += heard_as(samples["c"])[:, :RATE] * np.float32(0.5)
        wanted[:, RATE:] += heard_as(samples["b"])[:, : RATE * 2]
        np.testing.assert_array_equal(got, wanted)

    def test_a_sum_that_clips_is_turned_down_there_alone(self, level: dict[str, Asset]) -> None:
        draft = timeline(sound("level", 0, 6 * SECOND), sound("level", 3 * SECOND, SECOND // 10, volume=8.0))
        got = mixed(draft, level, RATE * 6)
        assert 0.84 < np.abs(got).max() <= 10 ** (-1 / 20)
        alone = mixed(timeline(sound("level", 0, 6 * SECOND)), level, RATE * 6)
        edge = 3 * BLOCK  # of its own block, of the one beside it, and of the limiter's reach
        assert np.array_equal(got[:, : RATE * 3 - edge], alone[:, : RATE * 3 - edge])
        assert np.array_equal(got[:, RATE * 31 // 10 + edge :], alone[:, RATE * 31 // 10 + edge :])


class TestWhatIsHeard:
    def test_muted_hidden_silent_and_soundless_segments_are_not(self) -> None:
        silent = [
            timeline(sound("nowhere", 0, SECOND), is_muted=True),
            timeline(sound("nowhere", 0, SECOND, is_visible=False)),
            timeline(picture("nowhere", 0, SECOND, is_visible=False)),
            timeline(sound("nowhere", 0, SECOND, volume=0.0)),
            timeline(sound("nowhere", 0, SECOND, curves=(Curve("KFTypeVolume", (Keyframe(0, 0.0),)),))),
            timeline(picture("nowhere", 0, SECOND, has_audio=False)),
            timeline(picture("nowhere", 0, SECOND, kind="photo")),
            timeline(picture("nowhere", 0, SECOND, kind="gif")),
        ]
        for draft in silent:
            assert not has_sound(draft)
            assert not mixed(draft, {}, RATE).any()  # nothing is opened: there is no file
        assert has_sound(timeline(picture("a", 0, SECOND)))
        assert has_sound(timeline(sound("a", 0, SECOND)))

    def test_a_file_that_was_not_supplied_is_named(self) -> None:
        with pytest.raises(AssetMissing, match="nowhere"):
            mixed(timeline(sound("nowhere", 0, SECOND)), {}, RATE)

    def test_a_file_without_sound_is_silent_and_reported(self, tmp_path: Path) -> None:
        path = tmp_path / "picture.mp4"
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=30)
            stream.width = stream.height = 64
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
            out.mux(stream.encode(None))
        assets = {"a": Asset(str(path), "a")}
        for segment, fidelity in [
            (sound("a", 0, SECOND), Fidelity.UNSUPPORTED),
            (picture("a", 0, SECOND), Fidelity.EXACT),
        ]:
            mix = Mix(timeline(segment), assets, RATE, 0, RATE)
            assert not np.concatenate(list(mix), 1).any()
            assert [(entry.fidelity, entry.segment_id) for entry in mix.report] == [(fidelity, "a@0")]

    def test_damage_silences_a_part_shifts_nothing_and_is_reported(self, tmp_path: Path) -> None:
        samples = clicks(*range(5_000, RATE * 8, RATE // 2), count=RATE * 8) + noise(RATE * 8, 0.05)
        path = tmp_path / "a.mp4"
        with av.open(str(path), "w") as out:
            stream = out.add_stream("flac", rate=RATE, layout="stereo")
            packed = np.ascontiguousarray((samples.T * 32767).astype(np.int16)).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        content = bytearray(path.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 70_000] = bytes(70_000)
        path.write_bytes(content)
        mix = Mix(timeline(sound("a", 0, 8 * SECOND)), {"a": Asset(str(path), "a")}, RATE, 0, RATE * 8)
        got = np.concatenate(list(mix), 1)[0]
        places = range(5_000, RATE * 8, RATE // 2)
        kept = [place for place in places if got[place] > 0.5]
        assert len(places) - 3 <= len(kept) < len(places)
        assert (got > 0.5).sum() == len(kept)
        assert [entry.segment_id for entry in mix.report] == ["a@0"]
        assert "damaged" in mix.report.entries[0].message

    def test_a_stretch_is_reported_as_close(self, click: dict[str, Asset]) -> None:
        mix = Mix(timeline(sound("click", 0, SECOND, rate=2)), click, RATE, 0, RATE)
        list(mix)
        assert [(entry.fidelity, entry.what) for entry in mix.report] == [(Fidelity.CLOSE, "speed")]


class TestRanges:
    @pytest.mark.parametrize("cut", [1, BLOCK, 100_001, BLOCK * 7 - 1])
    def test_two_ranges_are_the_whole_bit_for_bit(self, tmp_path: Path, cut: int) -> None:
        total = RATE * 6
        assets = {
            "loud": write_wav(tmp_path / "a.wav", noise(RATE * 9, 0.9)),
            "click": write_wav(tmp_path / "b.wav", clicks(*range(0, RATE * 6, 9_999), count=RATE * 6)),
            "wide": write_wav(tmp_path / "c.wav", noise(48_000 * 7, 0.3), 48_000),
        }
        draft = timeline(
            sound("loud", 100_000, 5 * SECOND, 1_000_000, fade=Fade(SECOND, SECOND)),
            sound("click", 0, 4 * SECOND, rate=Fraction(5, 4)),
            picture("click", SECOND, 4 * SECOND, volume=3.0),
            sound("loud", 3 * SECOND, 2 * SECOND, rate=Fraction(9, 10), keep_pitch=False),
            sound("loud", 23, 6 * SECOND, 5_023),  # from an odd sample on, half a sample off
            sound("wide", 1, 6 * SECOND, 333),
        )
        whole = mixed(draft, assets, total)
        assert np.abs(whole).max() > 0.8  # limited, near -1 dBTP
        joined = np.concatenate((mixed(draft, assets, cut), mixed(draft, assets, total - cut, cut)), 1)
        assert np.array_equal(joined, whole)

    def test_a_range_far_into_a_file_reads_only_what_it_plays(self, tmp_path: Path) -> None:
        path = tmp_path / "long.wav"
        write_wav(path, noise(RATE * 60))
        draft = timeline(sound("long", 0, 60 * SECOND))
        before = bytes_read()
        got = mixed(draft, {"long": Asset(str(path), "")}, RATE, 55 * RATE)
        assert bytes_read() - before < path.stat().st_size / 5
        np.testing.assert_array_equal(got, heard_as(noise(RATE * 60))[:, 55 * RATE : 56 * RATE])

    def test_the_key_says_what_is_heard_in_the_range(self, level: dict[str, Asset]) -> None:
        draft = timeline(sound("level", 0, 2 * SECOND), picture("level", 4 * SECOND, SECOND))
        key = sound_key(draft, level, total_samples=RATE * 6)
        assert key == sound_key(draft, level, total_samples=RATE * 6)
        assert len(key) == 64
        track = draft.tracks[0]
        louder = replace(draft, tracks=(replace(track, segments=(replace(track.segments[0], volume=0.9),)),))
        moved = replace(draft, tracks=(track, replace(draft.tracks[1], segments=(picture("level", 0, SECOND),))))
        others = [
            sound_key(louder, level, total_samples=RATE * 6),
            sound_key(moved, level, total_samples=RATE * 6),
            sound_key(draft, {"level": replace(level["level"], sha256="other")}, total_samples=RATE * 6),
            sound_key(draft, level, total_samples=RATE * 6, sound=SoundFormat("flac", RATE, 0, ".mka")),
            sound_key(draft, level, total_samples=RATE * 6, sound=SoundFormat(rate_hz=48_000)),
            sound_key(draft, level, total_samples=RATE * 6 - 1),
        ]
        assert len({key, *others}) == 7
        short = {"level": level["level"], "unused": Asset("nowhere", "x")}
        assert sound_key(draft, short, total_samples=RATE * 6) == key
        reworded = replace(draft, canvas=Canvas(8, 8), fps=Fraction(25))
        assert sound_key(reworded, level, total_samples=RATE * 6) == key
        first_part = replace(draft, tracks=draft.tracks[:1])
        assert sound_key(first_part, level, total_samples=RATE) == sound_key(draft, level, total_samples=RATE)
