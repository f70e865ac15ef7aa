"""Compound clips in a timeline: their clock, what a chunk shows of them, and what they hold."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction

import pytest

from cutfarm.timeline.layers import ClipLayer, LayerStack
from cutfarm.timeline.model import ClipSegment, ImageBackground, SpeedPoint, Timeline
from cutfarm.timeline.nesting import all_segments, heard_part, inner_clock, inner_of, shown_part, shown_paths
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.treatment import ProducedSound, SoundTreatment
from tests.render.scene import FPS, SECOND, caption, clip, compound, timeline


@pytest.fixture
def inner() -> Timeline:
    """Ten clips of a second, words over the fourth."""
    return timeline([clip(f"{n}.mp4", n, 1, id=f"s{n}") for n in range(10)], [caption("words", 3, 1)])


def ids(whole: Timeline) -> list[str]:
    return [segment.id for segment in all_segments(whole)]


def shown(whole: Timeline, frames: range) -> Timeline:
    return shown_part(whole, LayerStack(whole, FPS), frames)


class TestClock:
    @pytest.mark.parametrize(
        ("rate", "finer"),
        [(1, 1), (2, 1), (Fraction(1, 2), 2), (Fraction(2, 5), 3), (Fraction(1, 10), 10), (Fraction(1, 90), 10)],
    )
    def test_it_ticks_as_often_as_slow_motion_needs(self, rate: Fraction, finer: int, inner: Timeline) -> None:
        clock = inner_clock(compound(inner, rate=rate), inner, FPS)
        assert (clock.fps, clock.count) == (30 * finer, 300 * finer)

    def test_a_speed_that_rounding_made_is_one(self, inner: Timeline) -> None:
        assert inner_clock(compound(inner, rate=Fraction(999_967, 1_000_000)), inner, FPS).fps == 30

    def test_the_slowest_part_of_a_curve_counts(self, inner: Timeline) -> None:
        points = (SpeedPoint(0.0, 4.0), SpeedPoint(0.5, 0.25), SpeedPoint(1.0, 1.0))
        assert inner_clock(compound(inner, speed_points=points), inner, FPS).fps == 120

    def test_levels_of_slow_motion_end_somewhere(self, inner: Timeline) -> None:
        clip_, fps = compound(inner, rate=Fraction(1, 10)), FPS
        for _ in range(8):
            fps = inner_clock(clip_, inner, fps).fps
        assert fps == 9000

    def test_the_nearest_frame_is_shown_and_the_ends_are_held(self, inner: Timeline) -> None:
        clock = inner_clock(compound(inner), inner, FPS)
        half_us = Fraction(SECOND, 60)
        assert [clock.frame_at(time) for time in (-half_us * 4, half_us - 3, half_us - 1, half_us * 2)] == [0, 0, 1, 1]
        assert [clock.frame_at(Fraction(time)) for time in (9_966_667, 9_990_000, 20 * SECOND)] == [299, 299, 299]

    def test_backwards_a_frame_is_shown_up_to_its_start(self, inner: Timeline) -> None:
        clock = inner_clock(compound(inner, is_reversed=True), inner, FPS)
        assert [clock.frame_at(Fraction(time)) for time in (10 * SECOND, 9_966_667, 33_333, 0)] == [299, 298, 0, 0]


class TestParts:
    def test_what_frames_show_of_compound_clips(self, inner: Timeline) -> None:
        whole = timeline([compound(inner, 0, 4, source_s=2, id="one"), compound(inner, 4, 2, rate=3, id="two")])
        assert ids(shown(whole, range(30, 60))) == ["one", "s3", "words"]
        assert ids(shown(whole, range(59, 61))) == ["one", "s3", "s4", "words"]
        assert ids(shown(whole, range(110, 140))) == ["one", "s5", "two", "s0", "s1"]
        assert ids(shown(whole, range(120, 121))) == ["two", "s0"]

    def test_backwards(self, inner: Timeline) -> None:
        whole = timeline([compound(inner, is_reversed=True, id="one")])
        assert ids(shown(whole, range(30))) == ["one", "s9"]
        assert ids(shown(whole, range(180, 211))) == ["one", "s2", "s3", "words"]

    def test_a_transition_shows_more_than_the_clips_own_time(self, inner: Timeline) -> None:
        outgoing = replace(clip("x", dissolve_s=1), id="transition").transition
        first = replace(compound(inner, 0, 2, id="one"), transition=outgoing)
        whole = timeline([first, compound(inner, 2, 2, source_s=5, id="two")])
        assert ids(shown(whole, range(70, 75))) == ["one", "s2", "two", "s5"]

    def test_levels(self, inner: Timeline) -> None:
        whole = timeline([compound(timeline([compound(inner, rate=2, id="low")]), source_s=1, id="top")])
        assert ids(shown(whole, range(15, 30))) == ["top", "low", "s3", "words"]

    @pytest.mark.parametrize("more", [{}, {"rate": Fraction(1, 3)}, {"is_reversed": True}, {"rate": 2}], ids=str)
    def test_they_give_the_same_inner_layers(self, more: dict[str, object], inner: Timeline) -> None:
        dissolving = timeline([replace(s, transition=None) for s in inner.tracks[0].segments])  # type: ignore[type-var]
        whole = timeline([compound(dissolving, source_s=0.5, length_s=3, **more)])

        def seen(part: Timeline, frame: int) -> list[tuple[str, Fraction]]:
            [layer] = LayerStack(part, FPS).at(frame)
            assert isinstance(layer, ClipLayer)
            content = inner_of(layer.segment)
            assert content is not None
            clock = inner_clock(layer.segment, content, FPS)
            layers = LayerStack(content, clock.fps).at(clock.frame_at(layer.source_us))
            return [(clip.segment.id, clip.source_us) for clip in layers if isinstance(clip, ClipLayer)]

        for frames in (range(7), range(29, 31), range(31, 90)):
            part = shown(whole, frames)
            assert [seen(part, frame) for frame in frames] == [seen(whole, frame) for frame in frames]

    def test_what_comes_after_does_not_count(self, inner: Timeline) -> None:
        longer = timeline([*inner.tracks[0].segments, clip("more", 10, 5)], inner.tracks[1].segments)
        parts = [shown(timeline([compound(draft, 0, 10, id="one")]), range(60, 90)) for draft in (inner, longer)]
        assert parts[0].tracks == parts[1].tracks

    def test_neither_reports_nor_origins_are_in_them(self, inner: Timeline) -> None:
        heavy = {
            "report": Report((Entry(Fidelity.CLOSE, "x", "fact"),)),
            "origin": {"draft": "x" * 100_000},
        }
        within = timeline([compound(replace(inner, **heavy))])  # type: ignore[arg-type]
        whole = replace(timeline([compound(replace(within, **heavy))]), **heavy)  # type: ignore[arg-type]
        for part in (shown(whole, range(30)), heard_part(whole)):
            assert len(pickle.dumps(part)) < 20_000
            assert not part.report.entries

    def test_words_are_not_heard(self, inner: Timeline) -> None:
        assert ids(heard_part(timeline([compound(inner, id="one")], [caption("more")]))) == [
            "one",
            *(f"s{n}" for n in range(10)),
        ]

    def test_what_is_done_to_a_sound_is_kept(self) -> None:
        treatment = SoundTreatment(pitch_semitones=3, heard=ProducedSound("vocal separation", "stem.wav"))
        whole = timeline([compound(timeline([clip("a.mp4", treatment=treatment)]))])
        assert [segment.treatment for segment in all_segments(heard_part(whole))][1:] == [treatment]


def test_files_of_all_levels_and_of_backgrounds_are_shown(inner: Timeline) -> None:
    behind = replace(compound(inner), background=ImageBackground("paper.png"))
    assert shown_paths(timeline([behind], [clip("top.mp4")])) == {
        "paper.png",
        "top.mp4",
        *(f"{n}.mp4" for n in range(10)),
    }


def test_pictures_within_count_for_the_cost(inner: Timeline) -> None:
    whole = timeline([clip("a", 0, 20)], [compound(inner)])
    layers = LayerStack(whole, FPS)
    assert [layers.depth(frame) for frame in (10, 299, 300)] == [3, 3, 1]
    assert LayerStack(timeline([compound(inner)]), FPS).is_layered
    plain = timeline([compound(timeline([clip("a")]))])
    assert not LayerStack(plain, FPS).is_layered
    assert isinstance(plain.tracks[0].segments[0], ClipSegment)
