"""Sounds that drafts ask for and that cannot be: a rule or silence, said once, and all else as it would be without."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.every_sound_media import speech
from benchmarks.fuzz_reader import Tally
from benchmarks.fuzzing import Rule, judged
from cutfarm.errors import DraftError
from cutfarm.timeline.report import Report
from tests.acceptance.changed_sounds import (
    ECHO,
    HALF_US,
    HALL,
    Change,
    Heard,
    at_speed,
    draft_of,
    playing,
    refer,
    same,
    setting,
    together,
    with_effect,
    with_keys,
    with_material,
    with_speed,
)
from tests.acceptance.drafts import Draft, Raw
from tests.acceptance.sounds import RATE, SECOND, Samples, add_sound, mixed, read, write_wav
from tests.acceptance.test_bad_sounds import no_sound
from tests.media.sounds import bursts, encode

NAN, INFINITY = math.nan, math.inf
BAD_NUMBERS: list[Any] = [NAN, INFINITY, -INFINITY, None, "loud", [], True]
SPAN = {"start": 450_000, "duration": HALF_US}
BOUNDS = Rule(longest_s=5.0, most_bytes=400_000_000)

FILES = ("no sound", "picture", "text", "1 Hz", "1 MHz")


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of speech, so quiet that ten times as much of it needs no limiter."""
    return write_wav(tmp_path_factory.mktemp("sound") / "voice.wav", np.stack([0.08 * speech(2.0, RATE)] * 2))


def at_rate(folder: Path, rate_hz: int) -> Path:
    path = write_wav(folder / "rate.wav", np.full((1, 4_000), 0.2))
    data = bytearray(path.read_bytes())
    data[24:32] = struct.pack("<II", rate_hz, rate_hz * 2)
    path.write_bytes(bytes(data))
    return path


def picture(folder: Path) -> Path:
    Image.new("RGB", (64, 36), (200, 30, 30)).save(folder / "picture.png")
    return folder / "picture.png"


ENDS = ("exact", "sound")  #: what is said of a file that ends before its range does


def words(folder: Path) -> Path:
    (folder / "words.wav").write_text("no sound\n" * 500)
    return folder / "words.wav"


class TestFiles:
    """What cannot be played is silent and said once."""

    @pytest.mark.parametrize(
        "made", [no_sound, picture, words, lambda at: at_rate(at, 1), lambda at: at_rate(at, 1_000_000)], ids=FILES
    )
    @pytest.mark.parametrize("speed", [1.0, 1.5])
    def test_that_have_no_sound(self, made: Callable[[Path], Path], speed: float, voice: Path, tmp_path: Path) -> None:
        path = made(tmp_path)
        heard = Heard(voice, together(playing(path), at_speed(speed)))
        assert heard.is_silent
        assert heard.words == [("unsupported", "sound")]
        assert heard.messages[0].startswith(f"{path.name} in segment {heard.id}: ")

    def test_whose_name_has_no_end(self, voice: Path, tmp_path: Path) -> None:
        path = words(tmp_path)
        heard = Heard(voice, lambda draft, clip: clip.update(material_id=add_sound(draft, path, name="长" * 100_000)))
        assert heard.words == [("unsupported", "sound")]
        assert len(heard.messages[0]) < 500

    def test_a_produced_file_that_is_damaged(self, voice: Path, tmp_path: Path) -> None:
        path = words(tmp_path)
        heard = Heard(voice, with_material("vocal_separations", choice=1, production_path=str(path)))
        assert heard.words == [("unsupported", "sound")]
        assert heard.messages[0].startswith(f"voice.wav in segment {heard.id}: it is silent: words.wav ")
        assert heard.is_silent

    def test_a_produced_file_that_is_not_there(self, voice: Path, tmp_path: Path) -> None:
        gone = str(tmp_path / "gone.wav")
        heard = Heard(voice, with_material("vocal_separations", choice=1, production_path=gone))
        assert heard.words == [("unsupported", "vocal separation")]
        np.testing.assert_array_equal(heard.samples, Heard(voice, setting()).samples)


class TestNumbers:
    """What is no number is the default, what is out of range is held."""

    @pytest.mark.parametrize("volume", BAD_NUMBERS, ids=str)
    def test_volumes_that_are_none(self, volume: Any, voice: Path) -> None:
        same(voice, setting(volume=volume), setting(volume=1.0), [])

    @pytest.mark.parametrize(("volume", "held"), [(-1, 0), (-1e300, 0), (11, 10), (1e308, 10), (10**400, 1)])
    def test_volumes_out_of_range(self, volume: Any, held: float, voice: Path) -> None:
        same(voice, setting(volume=volume), setting(volume=held), [])

    @pytest.mark.parametrize("value", BAD_NUMBERS, ids=str)
    def test_keys_without_a_number_are_none(self, value: Any, voice: Path) -> None:
        bad = with_keys((300_000, value), (400_000, 0.2), (700_000, 0.9), (750_000, value))
        same(voice, bad, with_keys((400_000, 0.2), (700_000, 0.9)), [])

    @pytest.mark.parametrize(("value", "held"), [(-3.0, 0.0), (1e308, 1e6)])
    def test_keys_out_of_range(self, value: float, held: float, voice: Path) -> None:
        same(voice, with_keys((300_000, value)), with_keys((300_000, held)), [])

    @pytest.mark.parametrize("time", [NAN, INFINITY, 10**30])
    def test_key_times_that_cannot_be(self, time: float, voice: Path) -> None:
        draft, id_ = draft_of(voice, with_keys((time, 1.0)))
        with pytest.raises(DraftError, match=f"^Segment {id_} has a time "):
            read(draft.raw)

    @pytest.mark.parametrize("length", [*BAD_NUMBERS, -1, -1e300], ids=str)
    def test_fades_that_are_none(self, length: Any, voice: Path) -> None:
        bad = with_material("audio_fades", fade_in_duration=length, fade_out_duration=length, fade_type=0)
        same(voice, bad, setting(), [])

    @pytest.mark.parametrize("length", [HALF_US + 1, 10**12, 1e300])
    def test_fades_longer_than_the_segment(self, length: float, voice: Path) -> None:
        bad = with_material("audio_fades", fade_in_duration=length, fade_out_duration=length, fade_type=0)
        good = with_material("audio_fades", fade_in_duration=HALF_US, fade_out_duration=HALF_US, fade_type=0)
        same(voice, bad, good, [("close", "fade")])

    @pytest.mark.parametrize("speed", [*BAD_NUMBERS, 0, -0.0, -2, -INFINITY], ids=str)
    def test_speeds_that_are_none(self, speed: Any, voice: Path) -> None:
        same(voice, with_speed(speed=speed), setting(), [])

    @pytest.mark.parametrize("value", BAD_NUMBERS, ids=str)
    def test_treatments_without_a_number(self, value: Any, voice: Path) -> None:
        same(voice, with_material("audio_pitch_shifts", semitones=value, cents=value), setting(), [])
        same(voice, with_material("audio_pannings", panning_value=value), setting(), [])
        default = with_material("loudnesses", enable=True)
        same(voice, with_material("loudnesses", enable=True, target_loudness=value), default, [("close", "loudness")])

    def test_treatments_out_of_range(self, voice: Path) -> None:
        wide = with_material("audio_pannings", panning_value=-1e300)
        same(voice, wide, with_material("audio_pannings", panning_value=-1.0), [("close", "pan")])
        high = with_material("audio_pitch_shifts", semitones=1e300)
        same(voice, high, with_material("audio_pitch_shifts", semitones=24.0), [("close", "pitch shift")])
        low = with_material("loudnesses", enable=True, target_loudness=-1e300)
        quiet = with_material("loudnesses", enable=True, target_loudness=-70.0)
        same(voice, low, quiet, [("close", "loudness")])


class TestEffects:
    QUANTITY, STRENGTH = "change_voice_param_quantity", "change_voice_param_strength"

    @pytest.mark.parametrize("value", BAD_NUMBERS, ids=str)
    def test_sliders_without_a_number(self, value: Any, voice: Path) -> None:
        same(voice, with_effect(ECHO, (self.QUANTITY, value)), with_effect(), [("close", "sound effect")])

    @pytest.mark.parametrize(("value", "held"), [(-1e300, 0.0), (1e308, 1.0), (7, 1.0)])
    def test_sliders_out_of_range(self, value: float, held: float, voice: Path) -> None:
        same(
            voice,
            with_effect(ECHO, (self.QUANTITY, value)),
            with_effect(ECHO, (self.QUANTITY, held)),
            [("close", "sound effect")],
        )

    def test_of_no_strength(self, voice: Path) -> None:
        same(voice, with_effect(ECHO, (self.STRENGTH, -5)), setting(), [])

    def test_three_hundred(self, voice: Path) -> None:
        """Eight are played; each of the others would say the same."""

        many = together(*[with_effect(ECHO if number < 8 else HALL) for number in range(300)])
        eight = together(*[with_effect()] * 8)
        same(voice, many, eight, [("close", "sound effect"), ("unsupported", "sound effect")])

    def test_tails_of_seconds(self, voice: Path) -> None:
        """They stop where the next clip begins."""
        heard = Heard(voice, with_effect(HALL))
        assert heard.words == [("close", "sound effect")]
        assert not heard.is_silent

    def test_a_tail_in_a_gap_of_two_seconds(self, voice: Path) -> None:
        def draft(*, is_ringing: bool) -> Raw:
            made = Draft()
            track = made.track("audio")
            made.clip(track, add_sound(made, voice), 0, HALF_US)
            if is_ringing:
                with_effect(HALL)(made, track[0])
            made.clip(track, add_sound(made, voice), HALF_US + 2 * SECOND, HALF_US)
            return made.raw

        ringing, plain = (mixed(draft(is_ringing=is_ringing))[0] for is_ringing in (True, False))
        start, end = (us * RATE // SECOND for us in (HALF_US, HALF_US + 2 * SECOND))
        np.testing.assert_array_equal(ringing[:, end:], plain[:, end:])
        assert ringing[:, end - 100 : end].any()
        assert not plain[:, start:end].any()


class TestRanges:
    def test_a_segment_without_length(self, voice: Path) -> None:
        heard = Heard(voice, setting(target_timerange={"start": HALF_US, "duration": 0}))
        assert heard.is_silent
        assert heard.words == []

    def test_segments_on_top_of_each_other(self, voice: Path) -> None:
        """All are heard."""

        def change(draft: Draft, segment: Raw) -> None:
            track = draft.raw["tracks"][-1]["segments"]
            for _ in range(2):
                draft.clip(track, segment["material_id"], HALF_US, HALF_US, source_us=300_000)
            for copy in track[-2:]:
                copy["id"] = segment["id"]

        heard, once = Heard(voice, change), Heard(voice, setting())
        extra = once.samples - once.others
        np.testing.assert_allclose(heard.samples, once.others + 3 * extra, atol=1e-5)

    @pytest.mark.parametrize("speed", [1.0, 1.3])
    @pytest.mark.parametrize("is_reversed", [False, True])
    def test_a_range_that_goes_on_past_the_end(self, speed: float, is_reversed: bool, voice: Path) -> None:
        """The file has two seconds; what of the clip lies behind them is silent."""
        heard = Heard(voice, at_speed(speed, 1_700_000, is_reversed=is_reversed))
        own = np.abs(heard.samples - heard.others)[:, ::-1] if is_reversed else np.abs(heard.samples - heard.others)
        end = round(300_000 / speed) * RATE // SECOND
        assert own[:, : end // 2].max() > 0.01
        assert own[:, end + RATE // 20 :].max() < 1e-4
        assert sorted(heard.words) == ([ENDS] if speed == 1 else [("close", "speed"), ENDS])

    @pytest.mark.parametrize("speed", [1.0, 1.3])
    @pytest.mark.parametrize("is_reversed", [False, True])
    @pytest.mark.parametrize("start_us", [2 * SECOND + 200_000, 3_600 * SECOND, 10**11])
    def test_a_range_that_starts_past_the_end(
        self, start_us: int, speed: float, is_reversed: bool, voice: Path
    ) -> None:
        heard = Heard(voice, at_speed(speed, start_us, is_reversed=is_reversed))
        assert heard.is_silent
        assert sorted(heard.words) == ([ENDS] if speed == 1 else [("close", "speed"), ENDS])

    def test_a_loudness_of_hours_of_which_half_a_second_is_played(self, voice: Path) -> None:
        """What a range asks for and its speed does not reach bears on nothing."""

        def change(duration_us: int) -> Change:
            def made(draft: Draft, segment: Raw) -> None:
                refer(draft, segment, "loudnesses", enable=True, target_loudness=-20.0)
                segment["source_timerange"] = {"start": 0, "duration": duration_us}

            return made

        same(voice, change(400 * SECOND), change(HALF_US), [("close", "speed")])
        same(voice, change(10**11), change(HALF_US), [])


def held_to(bounds: Rule, raw: Raw, count: int, rate_hz: int = RATE) -> tuple[Samples, Report]:
    """The first samples of a draft, mixed within bounds."""
    found: list[tuple[Samples, Report]] = []

    def act() -> str:
        found.append(mixed(raw, 0, count, rate_hz))
        return "sound"

    tally = Tally()
    judged(0, raw, bounds, act, tally)
    assert tally.failures == []
    [(samples, report)] = found
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1
    return samples, report


class TestSpeeds:
    @pytest.mark.parametrize("is_reversed", [False, True])
    @pytest.mark.parametrize("is_tone_modify", [False, True])
    @pytest.mark.parametrize("speed", [0.01, 1000.0])
    def test_at_the_ends_of_what_may_be(
        self, speed: float, is_tone_modify: bool, is_reversed: bool, voice: Path
    ) -> None:
        change = together(at_speed(speed, is_reversed=is_reversed), setting(is_tone_modify=is_tone_modify))
        draft, _ = draft_of(voice, change)
        samples, report = held_to(BOUNDS, draft.raw, 3 * HALF_US * RATE // SECOND)
        assert samples.any()
        words = [] if is_tone_modify else [("close", "speed")]
        words += [ENDS] if speed > 1 else []
        assert sorted((entry.fidelity.word, entry.what) for entry in report) == words
        assert sorted(Heard(voice, change).words) == words

    @pytest.mark.parametrize("level", [1e-13, 1e-15, 1e-17, 1e-20, 1e-25, 1e-38])
    def test_of_a_sound_that_is_next_to_nothing_for_a_while(self, level: float, voice: Path, tmp_path: Path) -> None:
        """As filters leave it that have rung out; what comes after it is heard."""
        at_s = np.arange(RATE) / RATE
        faint = np.where(np.abs(at_s - 0.5) < 0.2, level, 0.1) * np.sin(2 * np.pi * 220 * at_s)
        path = encode(tmp_path / "faint.wav", "pcm_f32le", np.stack([faint] * 2).astype(np.float32), RATE)
        for change in (at_speed(1.6, 0), with_material("audio_pitch_shifts", semitones=4.0)):
            heard = Heard(voice, together(playing(path), setting(source_timerange=SPAN), change))
            own = np.abs(heard.samples - heard.others).max(0)
            assert own[-RATE // 20 :].max() > 0.05

    @pytest.mark.parametrize("is_tone_modify", [False, True])
    def test_a_curve_of_a_thousand_points(self, is_tone_modify: bool, voice: Path) -> None:
        points = [{"x": place / 999, "y": 0.2 + 3 * (place % 7)} for place in range(1000)]

        curve = with_speed(mode=1, curve_speed={"speed_points": points})
        change = together(curve, setting(is_tone_modify=is_tone_modify))
        draft, _ = draft_of(voice, change)
        held_to(BOUNDS, draft.raw, 3 * HALF_US * RATE // SECOND)
        heard = Heard(voice, change)
        assert not heard.is_silent
        assert heard.words == ([] if is_tone_modify else [("close", "speed")])


class TestManySegments:
    @staticmethod
    def nested(voice: Path, depth: int) -> Raw:
        draft = Draft()
        kept = [draft]  # ids come of where they lie in memory
        draft.clip(draft.track("audio"), add_sound(draft, voice), 0, HALF_US, source_us=300_000)
        for _ in range(depth):
            outer = Draft()
            stub, combination = outer.compound(draft, has_audio=True)
            outer.clip(outer.track(), stub, 0, HALF_US, refs=[combination])
            draft = outer
            kept.append(draft)
        return draft.raw

    def test_compound_clips_eight_deep(self, voice: Path) -> None:
        samples, report = mixed(self.nested(voice, 8))
        np.testing.assert_array_equal(samples, mixed(self.nested(voice, 0))[0])
        assert samples.any()
        assert not report

    def test_compound_clips_nine_deep(self, voice: Path) -> None:
        with pytest.raises(DraftError, match="nested deeper than 8 levels"):
            read(self.nested(voice, 9))

    @pytest.mark.slow  # 5 s of CPU time
    def test_two_thousand_on_twenty_tracks(self, tmp_path: Path) -> None:
        draft = Draft()
        sound = add_sound(draft, encode(tmp_path / "voice.m4a", "aac", bursts(2 * RATE, RATE), RATE))
        for number in range(20):
            track = draft.track("audio")
            for place in range(100):
                draft.clip(track, sound, place * 60_000, 55_000, source_us=13_000 * number, volume=0.02)
        samples, report = held_to(Rule(20.0, 400_000_000), draft.raw, 6 * RATE)
        assert not report
        assert samples.any()
