"""The sound of compound clips: where an inner click lands, and how loud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.render.sound.mix import Mix
from cutfarm.render.sound.voices import voices
from cutfarm.render.sound.written import has_sound, sound_key
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import (
    Canvas,
    ClipSegment,
    Compound,
    Curve,
    Fade,
    Keyframe,
    Segment,
    SoundSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.time import TimeRange
from tests.render.sound.test_mix import RATE, SECOND, clicks, heard_as, mixed, noise, picture, sound, write_wav

Files = dict[str, Asset]


def draft(*tracks: Sequence[Segment], muted: Sequence[int] = ()) -> Timeline:
    made = tuple(
        Track(str(index), "audio", index, 0, index in muted, False, tuple(segments))
        for index, segments in enumerate(tracks)
    )
    end_us = max(segment.target.end_us for segments in tracks for segment in segments)
    return Timeline(Canvas(64, 64), Fraction(30), end_us, made, True)


def compound(
    inner: Timeline, start_us: int, duration_us: int, source_us: int = 0, *, has_audio: bool = True, **more: object
) -> ClipSegment:
    rate = Fraction(more.pop("rate", 1))  # type: ignore[arg-type]
    return ClipSegment(
        id=f"compound@{start_us}",
        target=TimeRange(start_us, duration_us),
        source=TimeRange(source_us, int(duration_us * rate)),
        rate=rate,
        material=Compound("c", "inner", inner, has_audio),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def click(tmp_path: Path) -> Files:
    """One click at 1 s of ten."""
    return {"click": write_wav(tmp_path / "click.wav", clicks(RATE, count=RATE * 10))}


@pytest.fixture
def level(tmp_path: Path) -> Files:
    """Ten seconds that stand at 0.25, so that a mix shows its gain."""
    return {"level": write_wav(tmp_path / "level.wav", np.full((2, RATE * 10), 0.25, np.float32))}


def click_in(mix: NDArray[np.float32]) -> list[int]:
    return [int(place) for place in np.flatnonzero(np.abs(mix[0]) > 0.3)]


class TestWhereItIsHeard:
    @pytest.mark.parametrize("outer_us", [0, 1_033_333, 2_500_011])
    @pytest.mark.parametrize("source_us", [0, 300_000, 700_007])
    @pytest.mark.parametrize("inner_us", [0, 400_000])
    def test_an_inner_click_lands_by_the_formula(
        self, outer_us: int, source_us: int, inner_us: int, click: Files
    ) -> None:
        inner = draft([sound("click", inner_us, 3 * SECOND, 100_000)])
        whole = draft([compound(inner, outer_us, 2 * SECOND, source_us)])
        [place] = click_in(mixed(whole, click, RATE * 5))
        wanted_us = outer_us + (inner_us + (SECOND - 100_000)) - source_us
        assert abs(place - wanted_us * RATE / SECOND) <= 0.5 + 1e-6

    def test_levels_add_up(self, click: Files) -> None:
        """Eight of them, each 10 ms late and cut by 3 ms."""
        held = draft([sound("click", 0, 3 * SECOND)])
        for _ in range(8):
            held = draft([compound(held, 10_000, 2 * SECOND, 3_000)])
        [place] = click_in(mixed(held, click, RATE * 3))
        assert abs(place - (SECOND + 8 * 7_000) * RATE / SECOND) <= 0.5 + 1e-6

    @pytest.mark.parametrize(("inner_rate", "outer_rate"), [(1, 2), (2, 1), (Fraction(3, 2), Fraction(3, 2))])
    def test_rates_multiply(self, inner_rate: Fraction, outer_rate: Fraction, click: Files) -> None:
        """The click at 1 s lies 200 ms after the inner range's start."""
        inner = draft([sound("click", 500_000, SECOND, 800_000, rate=inner_rate, keep_pitch=False)])
        whole = draft([compound(inner, SECOND, SECOND, 400_000, rate=outer_rate, keep_pitch=False)])
        [voice] = voices(whole, RATE)
        assert voice.clock.pace == inner_rate * outer_rate
        got = np.abs(mixed(whole, click, RATE * 3)[0])
        wanted_s = 1.0 + (0.5 + 0.2 / float(inner_rate) - 0.4) / float(outer_rate)
        assert got.max() > 0.1
        assert abs(int(got.argmax()) / RATE - wanted_s) < 0.002

    def test_a_compound_clip_is_its_sounds_laid_side_by_side(self, tmp_path: Path) -> None:
        """Cut in two anywhere, it sounds as if it were not: the same samples as the flat timeline."""
        files = {"noise": write_wav(tmp_path / "n.wav", noise(RATE * 6))}
        flat = draft([sound("noise", 500_000, 4 * SECOND, 123_457)])
        inner = draft([sound("noise", 0, 4 * SECOND, 123_457)])
        cut_us = 1_234_567
        nested = draft(
            [
                compound(inner, 500_000, cut_us),
                compound(inner, 500_000 + cut_us, 4 * SECOND - cut_us, cut_us),
            ]
        )
        assert np.array_equal(mixed(nested, files, RATE * 5), mixed(flat, files, RATE * 5))

    def test_what_lies_outside_of_the_shown_range_is_silent(self, level: Files) -> None:
        inner = draft([sound("level", 0, 5 * SECOND)])
        got = mixed(draft([compound(inner, SECOND, SECOND, 2 * SECOND)]), level, RATE * 4)[0]
        assert np.flatnonzero(got)[[0, -1]].tolist() == [RATE, 2 * RATE - 1]


class TestHowLoud:
    def test_volumes_multiply(self, level: Files) -> None:
        inner = draft([sound("level", 0, 2 * SECOND, volume=0.5)])
        middle = draft([compound(inner, 0, 2 * SECOND, volume=1.5)])
        got = mixed(draft([compound(middle, 0, 2 * SECOND, volume=0.8)]), level, RATE)[0]
        assert np.allclose(got[100:-100], heard_as(np.float32([0.25]))[0] * 0.5 * 1.5 * 0.8, rtol=1e-5)

    def test_fades_and_volume_curves_of_all_levels_multiply(self, level: Files) -> None:
        """Each runs in the time of the timeline that its segment lies on: at double speed in half the time."""
        inner_keys = Curve("KFTypeVolume", (Keyframe(0, 0.2), Keyframe(4 * SECOND, 1.0)))
        outer_keys = Curve("KFTypeVolume", (Keyframe(0, 1.0), Keyframe(2 * SECOND, 0.5)))
        inner = draft([sound("level", 0, 4 * SECOND, curves=(inner_keys,), fade=Fade(SECOND, 0))])
        outer = compound(
            inner, SECOND, 2 * SECOND, rate=2, keep_pitch=False, curves=(outer_keys,), fade=Fade(0, SECOND)
        )
        got = mixed(draft([outer]), level, RATE * 4)[0]
        at_s = np.arange(RATE + 2_000, 3 * RATE - 2_000) / RATE - 1.0
        inner_gain = (0.2 + 0.8 * (2 * at_s) / 4) * np.minimum(2 * at_s, 1.0)
        outer_gain = (1.0 - 0.5 * at_s / 2) * np.minimum(2.0 - at_s, 1.0)
        assert np.allclose(got[RATE + 2_000 : 3 * RATE - 2_000], 0.25 * inner_gain * outer_gain, rtol=2e-3, atol=1e-4)


class TestWhatIsNotHeard:
    def test_muted_tracks_hidden_clips_and_stubs_without_sound(self) -> None:
        inner = draft([sound("a", 0, SECOND)], [picture("b", 0, SECOND)], muted=[0])
        outer = compound(inner, 0, SECOND)
        assert [voice.segment.material.path for voice in voices(draft([outer]), RATE)] == ["b"]
        for silent in (
            draft([compound(inner, 0, SECOND, has_audio=False)]),
            draft([replace(outer, is_visible=False)]),
            draft([replace(outer, volume=0.0)]),
            draft([outer], muted=[0]),
            draft([compound(draft([sound("a", 0, SECOND)], muted=[0]), 0, SECOND)]),
            draft([compound(inner, 0, SECOND, 2 * SECOND)]),
        ):
            assert not has_sound(silent)

    def test_pitches_that_part_are_said(self, click: Files) -> None:
        inner = draft([sound("click", 0, SECOND, rate=2, keep_pitch=True)])
        mix = Mix(draft([compound(inner, 0, SECOND, rate=2, keep_pitch=False)]), click, RATE, 0, RATE)
        list(mix)
        [entry] = mix.report.entries
        assert entry.segment_id == "click@0"
        assert "pitch" in entry.fact


def test_everything_that_is_heard_of_a_compound_clip_counts_in_the_key() -> None:
    inner = draft([sound("a", 0, 2 * SECOND)])
    clip = compound(inner, 0, SECOND)
    others: list[ClipSegment] = [
        clip,
        replace(clip, volume=0.5),
        replace(clip, fade=Fade(100_000, 0)),
        replace(clip, source=TimeRange(500_000, SECOND)),
        compound(inner, 0, SECOND, rate=2),
        compound(draft([sound("b", 0, 2 * SECOND)]), 0, SECOND),
        compound(draft([sound("a", 0, 2 * SECOND, volume=0.5)]), 0, SECOND),
    ]
    files = {"a": Asset("a", "1"), "b": Asset("b", "2")}
    keys = [sound_key(draft([other]), files, total_samples=RATE) for other in others]
    assert len(set(keys)) == len(keys)
    renamed = replace(inner, tracks=(replace(inner.tracks[0], segments=(replace(_only(inner), id="anew"),)),))
    again = draft([replace(compound(renamed, 0, SECOND), id="anew")])
    assert sound_key(again, files, total_samples=RATE) == keys[0]


def _only(whole: Timeline) -> SoundSegment:
    [segment] = whole.tracks[0].segments
    assert isinstance(segment, SoundSegment)
    return segment
