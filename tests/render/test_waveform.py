"""The picture of a timeline's sound against its own times, samples and formulas."""

from __future__ import annotations

import math
import wave
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.errors import AssetMissing, RequestError
from cutfarm.render.spec import Asset, Assets
from cutfarm.render.waveform import (
    CHANNEL_PX,
    LANE_PX,
    LANES_TOP_PX,
    MAX_HEIGHT_PX,
    MIX_TOP_PX,
    WaveformPicture,
    draw_waveform,
)
from cutfarm.render.waveform_drawing import BOX_PX, GAIN, LIMITED, TITLE_PX
from cutfarm.render.waveform_lanes import COLUMNS, LEFT_PX, RIGHT_PX, Scale, clock, gain_line, lanes_of, ticks
from cutfarm.render.waveform_levels import Envelope, Span, listen
from cutfarm.render.waveform_words import Words
from cutfarm.text.fonts.library import machine_fonts
from cutfarm.timeline.model import (
    Canvas,
    ClipSegment,
    Compound,
    Curve,
    Fade,
    Handle,
    Keyframe,
    PictureMaterial,
    PictureSegment,
    Segment,
    SoundMaterial,
    SoundSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.time import TimeRange
from cutfarm.timeline.treatment import SoundTreatment

RATE = 44_100
SECOND = 1_000_000
Pixels = NDArray[np.uint8]


def written(path: Path, samples: NDArray[np.float64]) -> Asset:
    """A file of `samples` (2, n) at 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples.T * 32767).round().astype("<i2").tobytes())
    return Asset(str(path), path.name)


@pytest.fixture
def files(tmp_path: Path) -> Assets:
    """Twelve seconds each: a click at 5 s on the left of 0.64, a tone of 0.8, noise on the right.

    Hush is next to silence.
    """
    count = 12 * RATE
    silence = np.zeros((2, count))
    click = silence.copy()
    click[0, 5 * RATE] = 0.64
    tone = 0.8 * np.sin(2 * np.pi * 441 * np.arange(count) / RATE) * np.ones((2, 1))
    noise = np.random.default_rng(5).uniform(-0.5, 0.5, (2, count)) * [[0], [1]]
    made = {"silence": silence, "hush": silence + 1 / 32767, "click": click, "tone": tone, "noise": noise}
    return {name: written(tmp_path / f"{name}.wav", samples) for name, samples in made.items()}


def sound(path: str, start_s: float, length_s: float, *, name: str = "", **more: object) -> SoundSegment:
    target = TimeRange(round(start_s * SECOND), round(length_s * SECOND))
    source = TimeRange(0, target.duration_us)
    material = SoundMaterial(path, "music", name or path, path, 0)
    parts = {"id": f"{path}@{start_s}", "target": target, "source": source, "rate": Fraction(1), "material": material}
    return SoundSegment(**(parts | more))  # type: ignore[arg-type]


def film(path: str, *, has_audio: bool = True, **more: object) -> PictureSegment:
    whole = TimeRange(0, 10 * SECOND)
    material = PictureMaterial(path, "video", path, path, 0, 0, 0, has_audio=has_audio)
    return PictureSegment(id=path, target=whole, source=whole, rate=Fraction(1), material=material, **more)  # type: ignore[arg-type]


def track(*segments: Segment, kind: str = "audio", muted: bool = False, hidden: bool = False) -> Track:
    return Track("track", kind, 0, 0, muted, hidden, segments)


def timeline(*tracks: Track, length_s: float = 10.0) -> Timeline:
    return Timeline(Canvas(100, 100), Fraction(30), round(length_s * SECOND), tracks, layers_by_track=False)


def volume(*keys: Keyframe) -> tuple[Curve, ...]:
    return (Curve("KFTypeVolume", keys),)


def x_px(time_s: float, length_s: float = 10.0) -> float:
    return LEFT_PX + time_s / length_s * COLUMNS


def lane_pixels(picture: WaveformPicture, number: int = 0) -> Pixels:
    top = LANES_TOP_PX + number * LANE_PX
    return picture.rgba[top : top + round(BOX_PX), :, :3]


def changed_columns(one: Pixels, other: Pixels) -> list[int]:
    columns: list[int] = np.flatnonzero((one != other).any(axis=(0, 2))).tolist()
    return columns


class TestEnvelope:
    @pytest.mark.parametrize("total", [1, 7, 100, 1744, 1745, 50_000])
    def test_it_holds_the_extremes_of_each_column_however_it_is_cut(self, total: int) -> None:
        rng = np.random.default_rng(total)
        samples = rng.standard_normal((2, total)).astype(np.float32)
        envelope = Envelope(total, 1744)
        cuts = sorted({0, total, *rng.integers(0, total + 1, 9).tolist()})
        for start, end in pairwise(cuts):
            envelope.add(samples[:, start:end], start)
        parts = np.split(samples, envelope.edges[1:-1], axis=1)
        assert len(parts) == min(total, 1744)
        np.testing.assert_array_equal(envelope.high, np.stack([part.max(1).clip(0) for part in parts], 1))
        np.testing.assert_array_equal(envelope.low, np.stack([part.min(1).clip(None, 0) for part in parts], 1))
        means = np.stack([(part.astype(np.float64) ** 2).mean(1) for part in parts], 1)
        np.testing.assert_allclose(envelope.rms, np.sqrt(means), rtol=1e-12)


class TestListening:
    def test_tracks_are_heard_before_the_limiter_and_the_mix_after_it(self, files: Assets) -> None:
        loud = timeline(track(sound("tone", 0, 4)), track(sound("tone", 2, 4, volume=1.0)))
        heard = listen(loud, files, Span(0, 10 * RATE, RATE), [0, 1], 1000)
        assert heard.tracks[0].peak.max() == pytest.approx(0.8, abs=1e-3)
        assert 0.8 <= heard.mix.peak.max() <= 10 ** (-1 / 20)
        assert 0.5 < heard.limiting.gain <= 10 ** (-1 / 20) / 1.6
        limited = np.flatnonzero(heard.limiting.columns) / 100
        assert 1.5 < limited.min() < 2.0
        assert 4.0 < limited.max() < 5.0
        assert heard.limiting.columns[200:400].all()
        assert heard.limiting.samples == pytest.approx(RATE * len(limited) / 100, rel=0.02)

    def test_a_mix_that_clips_nowhere_is_not_limited(self, files: Assets) -> None:
        quiet = timeline(track(sound("tone", 0, 4)), track(sound("noise", 5, 4)))
        heard = listen(quiet, files, Span(0, 10 * RATE, RATE), [0, 1], 1000)
        assert (heard.limiting.samples, heard.limiting.gain) == (0, 1.0)
        assert not heard.limiting.columns.any()
        np.testing.assert_array_equal(heard.mix.high, np.maximum(heard.tracks[0].high, heard.tracks[1].high))

    def test_a_range_hears_that_part(self, files: Assets) -> None:
        whole = timeline(track(sound("noise", 0, 10)))
        all_of_it = listen(whole, files, Span(0, 10 * RATE, RATE), [0], 1000)
        part = listen(whole, files, Span(3 * RATE, 2 * RATE, RATE), [0], 200)
        np.testing.assert_array_equal(part.mix.high, all_of_it.mix.high[:, 300:500])
        np.testing.assert_array_equal(part.tracks[0].low, all_of_it.tracks[0].low[:, 300:500])

    def test_progress_ends_at_the_end(self, files: Assets) -> None:
        said: list[tuple[int, int]] = []
        one = timeline(track(sound("tone", 0, 4)))
        listen(one, files, Span(100, 3 * RATE, RATE), [0], 10, lambda done, total: said.append((done, total)))
        assert said[-1] == (3 * RATE, 3 * RATE)
        assert said == sorted(said)


class TestPlaces:
    @pytest.mark.parametrize(("start_s", "length_s"), [(0, 10), (1.2345, 3.21), (4.0, 0.05), (7.77, 2.23)])
    def test_a_box_begins_and_ends_where_its_segment_does(self, files: Assets, start_s: float, length_s: float) -> None:
        with_it = draw_waveform(timeline(track(sound("silence", start_s, length_s))), files)
        without = draw_waveform(timeline(track(replace(sound("silence", start_s, 0)))), files)
        columns = changed_columns(lane_pixels(with_it), lane_pixels(without))
        assert abs(columns[0] - x_px(start_s)) <= 1
        assert abs(columns[-1] + 1 - x_px(start_s + length_s)) <= 1

    def test_a_click_stands_at_its_column_as_high_as_it_is_heard(self, files: Assets) -> None:
        clicking = timeline(track(sound("click", 1.5, 8, volume=0.5)))
        picture = draw_waveform(clicking, files)
        silent = draw_waveform(timeline(track(sound("silence", 1.5, 8, volume=0.5))), files)
        column, middle, reach = math.floor(x_px(6.5)), CHANNEL_PX / 2, CHANNEL_PX / 2 - 5
        left, right = (slice(MIX_TOP_PX + at, MIX_TOP_PX + at + CHANNEL_PX) for at in (0, CHANNEL_PX))
        one, other = picture.rgba[left], silent.rgba[left]
        assert changed_columns(one, other) == [column]
        marked = np.flatnonzero((one != other).any(axis=2)[:, column])
        rms = 0.32 / math.sqrt(10 * RATE / COLUMNS)
        assert abs(marked[0] - (middle - math.sqrt(0.32) * reach)) <= 1
        assert abs(marked[-1] + 1 - (middle + math.sqrt(rms) * reach)) <= 1
        assert not changed_columns(picture.rgba[right], silent.rgba[right])

    def test_in_a_lane_left_is_up_and_right_is_down(self, files: Assets) -> None:
        picture = draw_waveform(timeline(track(sound("noise", 0, 10))), files)
        silent = draw_waveform(timeline(track(sound("hush", 0, 10))), files)
        middle, reach = (TITLE_PX + BOX_PX) / 2, (BOX_PX - TITLE_PX) / 2 - 3
        away = (lane_pixels(picture) != lane_pixels(silent)).any(axis=2)[round(TITLE_PX) :]
        rows = np.flatnonzero(away[:, 300:1000].any(axis=1)) + round(TITLE_PX)
        assert abs(rows[-1] - (middle + math.sqrt(0.5) * reach)) <= 1
        assert rows[0] >= middle - 1

    def test_a_range_is_stretched_over_the_plot(self, files: Assets) -> None:
        clicking = timeline(track(sound("click", 0, 10)))
        picture = draw_waveform(clicking, files, range_s=(4.9, 5.3))
        silent = draw_waveform(timeline(track(sound("silence", 0, 10))), files, range_s=(4.9, 5.3))
        rows = slice(MIX_TOP_PX, MIX_TOP_PX + CHANNEL_PX)
        columns = changed_columns(picture.rgba[rows], silent.rgba[rows])
        assert columns == [math.floor(x_px(0.1, 0.4))]

    def test_limited_stretches_are_marked_above_the_mix(self, files: Assets) -> None:
        loud = timeline(track(sound("tone", 0, 10)), track(sound("tone", 4, 2)))
        row = draw_waveform(loud, files).rgba[MIX_TOP_PX + 2, LEFT_PX:RIGHT_PX, :3]
        colour = [LIMITED >> 16 & 255, LIMITED >> 8 & 255, LIMITED & 255]
        marked = np.flatnonzero((row == colour).all(axis=1)) / COLUMNS * 10
        assert 3.5 < marked.min() <= 4.0
        assert 6.0 <= marked.max() < 6.8

    def test_times_of_the_axis(self) -> None:
        assert ticks(Scale(0, 10 * SECOND), 96)[:3] == [(LEFT_PX, "0:00"), (x_px(1), "0:01"), (x_px(2), "0:02")]
        hour = ticks(Scale(0, 3600 * SECOND), 96)
        assert [words for _, words in hour][::6] == ["0:00", "30:00", "1:00:00"]
        near = ticks(Scale(7.0 * SECOND, 0.02 * SECOND), 96)
        assert [words for _, words in near][:2] == ["0:07.000", "0:07.002"]
        assert min(b[0] - a[0] for a, b in pairwise(hour)) >= 96
        assert clock(59.9999, 0.001) == "1:00.000"


class TestGain:
    def fade_and_keys(self, at_s: float) -> float:
        """Volume keys (1 s, 0.5) and (3 s, 1) in a segment of 8 s, with fades of 2 s."""
        keyed = float(np.interp(at_s, [1, 3], [0.5, 1.0]))
        return keyed * min(at_s / 2, 1) * min((8 - at_s) / 2, 1)

    def segment(self) -> SoundSegment:
        keys = volume(Keyframe(SECOND, 0.5), Keyframe(3 * SECOND, 1.0))
        return sound("silence", 1, 8, fade=Fade(2 * SECOND, 2 * SECOND), curves=keys)

    def test_the_line_follows_volume_and_fades(self) -> None:
        line = gain_line(self.segment(), Scale(0, 10 * SECOND))
        wanted = [0.75 * self.fade_and_keys((x - x_px(1)) / COLUMNS * 10) for x in line.x_px.tolist()]
        np.testing.assert_allclose(line.height, wanted, atol=1e-6)
        assert len(line.x_px) > 0.8 * COLUMNS
        assert [round(x, 3) for x, _ in line.keys] == [round(x_px(2), 3), round(x_px(4), 3)]
        assert [height for _, height in line.keys] == pytest.approx([0.75 * 0.5 * 0.5, 0.75])

    def test_the_line_is_drawn_as_high_as_it_is(self, files: Assets) -> None:
        red = lane_pixels(draw_waveform(timeline(track(self.segment())), files))[round(TITLE_PX) :, :, 0]
        assert red.max() == GAIN >> 16 & 255  # nothing else here is half as red
        for at_s in (0.5, 1.5, 2.5, 4.0, 5.0, 6.5, 7.5):
            weights = np.clip(red[:, int(x_px(1 + at_s))].astype(float) - 110, 0, None)  # no dash
            row = float(weights @ np.arange(len(weights))) / weights.sum() + 0.5
            height_px = BOX_PX - TITLE_PX - 6
            assert row == pytest.approx(BOX_PX - TITLE_PX - 3 - 0.75 * self.fade_and_keys(at_s) * height_px, abs=1.0)

    def test_a_boost_rises_in_decibels(self) -> None:
        line = gain_line(sound("silence", 0, 10, volume=math.sqrt(10)), Scale(0, 10 * SECOND))
        assert line.height.tolist() == pytest.approx([0.875, 0.875])

    def test_an_eased_curve_and_a_step(self) -> None:
        keys = volume(
            Keyframe(0, 0.0, None, Handle(SECOND, 0.0)),
            Keyframe(2 * SECOND, 1.0, Handle(-SECOND, 0.0)),
            Keyframe(4 * SECOND, 1.0),
            Keyframe(4 * SECOND, 0.2),
        )
        line = gain_line(sound("silence", 0, 10, curves=keys), Scale(0, 10 * SECOND))
        at = np.interp([x_px(1), x_px(3.99), x_px(4.01)], line.x_px, line.height)
        assert at.tolist() == pytest.approx([0.375, 0.75, 0.15], abs=2e-3)
        assert len(line.keys) == 4


class TestLanes:
    def words(self, *tracks: Track) -> list[tuple[str, tuple[str, ...], bool]]:
        lanes = lanes_of(timeline(*tracks), Scale(0, 10 * SECOND))
        return [(lane.why_not, box.badges, box.is_heard) for lane in lanes for box in lane.boxes]

    def test_what_has_no_sound_has_no_lane(self) -> None:
        text = track(kind="text")
        photo = track(film("p", has_audio=False), kind="video")
        assert not self.words(text, photo)

    def test_why_a_segment_is_not_heard(self) -> None:
        other = film("heard")
        assert self.words(track(film("silent", has_audio=False), other, kind="video"))[0] == ("", ("no sound",), False)
        assert self.words(track(film("off", volume=0.0), kind="video")) == [("", ("volume 0",), False)]
        assert self.words(track(film("out", is_visible=False), kind="video")) == [("", ("hidden",), False)]
        assert self.words(track(film("heard"), muted=True)) == [("muted", (), False)]
        assert self.words(track(film("heard"), hidden=True)) == [("hidden", (), False)]

    def test_what_is_done_to_a_sound(self) -> None:
        treatment = SoundTreatment("mono", pitch_semitones=-3.0, target_lufs=-14.0, pan=-0.5)
        segment = sound(
            "s", 0, 5, treatment=treatment, rate=Fraction(5, 4), keep_pitch=False, is_reversed=True, volume=0.5
        )
        badges = ("×1.25", "pitch follows", "reversed", "channels: mono", "pitch −3", "−14 LUFS", "pan L50", "−6.0 dB")
        assert self.words(track(segment)) == [("", badges, True)]

    def test_a_compound_clip_is_one_box_with_its_own_sum(self, files: Assets) -> None:
        inner = timeline(track(sound("tone", 0, 5)), track(sound("noise", 5, 5)))
        whole = TimeRange(0, 10 * SECOND)
        material = Compound("c", "both", inner)
        clip = ClipSegment(id="c", target=whole, source=whole, rate=Fraction(1), material=material)
        nested = timeline(track(clip, kind="video"))
        lanes = lanes_of(nested, Scale(0, 10 * SECOND))
        assert [(box.kind, box.name, box.is_heard) for lane in lanes for box in lane.boxes] == [
            ("compound", "both", True)
        ]
        heard = listen(nested, files, Span(0, 10 * RATE, RATE), [0], 10)
        assert heard.tracks[0].peak[0] == pytest.approx([0.8] * 5 + [0.0] * 5, abs=0.002)
        assert heard.tracks[0].peak[1] == pytest.approx([0.8] * 5 + [0.5] * 5, abs=0.002)

    def test_muted_tracks_are_greyed_and_their_files_not_asked_for(self) -> None:
        picture = draw_waveform(timeline(track(sound("nowhere", 0, 10), muted=True)), {})
        grey = lane_pixels(picture)[30, LEFT_PX + 50 : RIGHT_PX - 50].astype(int)
        assert np.ptp(grey, axis=1).max() < 16
        assert picture.lanes == 1

    def test_a_file_that_is_silent_is_said_to_be(self, files: Assets) -> None:
        silent = draw_waveform(timeline(track(sound("silence", 2, 6))), files)
        pixel = lane_pixels(silent)[40, int(x_px(5)) + 7].astype(int)
        assert np.ptp(pixel) < 16  # grey, not green
        tone = draw_waveform(timeline(track(sound("tone", 2, 6))), files)
        assert np.ptp(lane_pixels(tone)[40, int(x_px(5)) + 7].astype(int)) > 16

    def test_no_more_lanes_than_there_is_room_for(self) -> None:
        many = timeline(*[track(sound("s", 0, 10), muted=True)] * 90)
        picture = draw_waveform(many, {})
        assert picture.rgba.shape[0] <= MAX_HEIGHT_PX < picture.rgba.shape[0] + LANE_PX
        assert picture.lanes + picture.left_out == 90
        assert picture.rgba[-16:-4, LEFT_PX : LEFT_PX + 200].max() > 180  # the sentence that says so

    def test_names_in_all_scripts_are_letters(self) -> None:
        words = Words(machine_fonts())
        drawn = [words.word(name, 12.5).image.toarray() for name in ("轨", "城", "ら", "한", "م", "Ж")]
        pictures = {picture.tobytes() for picture in drawn}
        assert len(pictures) == len(drawn)
        assert all(picture[..., 3].max() > 128 for picture in drawn)


class TestBadInput:
    def test_a_range_behind_the_end(self, files: Assets) -> None:
        with pytest.raises(RequestError, match=r"^the range begins at 11 s, the draft ends at 10 s$"):
            draw_waveform(timeline(track(sound("tone", 0, 10))), files, range_s=(11.0, 12.0))

    def test_a_range_beyond_the_end_stops_there(self, files: Assets) -> None:
        tone = timeline(track(sound("tone", 0, 10)))
        np.testing.assert_array_equal(
            draw_waveform(tone, files, range_s=(0.0, 1e9)).rgba, draw_waveform(tone, files).rgba
        )

    def test_a_file_that_was_not_supplied(self) -> None:
        with pytest.raises(AssetMissing, match="s in segment s@0"):
            draw_waveform(timeline(track(sound("s", 0, 10))), {})

    def test_a_range_of_less_than_a_sample(self, files: Assets) -> None:
        picture = draw_waveform(timeline(track(sound("tone", 0, 10))), files, range_s=(1.0, 1.000001))
        assert picture.rgba.shape[1] == 1920

    @pytest.mark.parametrize(
        "name", ["", "\n\t", pytest.param("a\nb" * 200, id="long"), "\u202e\u0000x", pytest.param("😀" * 99, id="many")]
    )
    def test_any_name(self, files: Assets, name: str) -> None:
        segments = sound("tone", 0, 0.2, name=name), sound("tone", 1, 9, name=name)
        assert draw_waveform(timeline(track(*segments)), files, title=name).lanes == 1

    def test_a_file_that_cannot_be_read_is_silent_and_reported(self, tmp_path: Path) -> None:
        (tmp_path / "bad").write_bytes(b"nothing to be heard" * 99)
        picture = draw_waveform(timeline(track(sound("bad", 0, 10))), {"bad": Asset(str(tmp_path / "bad"))})
        assert [entry.segment_id for entry in picture.report] == ["bad@0"]

    def test_a_volume_that_is_keyed_outside_the_segment(self) -> None:
        keys = volume(Keyframe(-SECOND, 0.2), Keyframe(60 * SECOND, 1e9))
        line = gain_line(sound("tone", 0, 10, curves=keys), Scale(0, 10 * SECOND))
        assert not line.keys
        assert line.height.max() == pytest.approx(1.0)
