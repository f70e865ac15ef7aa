from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.timeline.materials import Material
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.speed import read_pace
from cutfarm.timeline.time import TimeRange


def rate(segment_speed, speeds, source_us, target_us):
    notes = Notes()
    segment = {} if segment_speed is None else {"speed": segment_speed}
    materials = [] if speeds is None else [Material("speeds", "s", speeds)]
    source = None if source_us is None else TimeRange(0, source_us)
    found = read_pace(segment, materials, source, TimeRange(0, target_us), Fraction(30), SegmentNotes(notes, "s"))
    assert found[1] == ()
    return found[0], [entry.what for entry in notes.report()]


@pytest.mark.parametrize(
    ("segment_speed", "speeds", "source_us", "target_us", "expected"),
    [
        (None, None, 3_000_000, 2_000_000, Fraction(3, 2)),
        (1.0, {"speed": 1.0}, 2_000_000, 2_000_000, 1),
        (1.0, {"speed": 2.0}, 4_000_000, 2_000_000, 2),
        (1.0361442125127456, None, 1_036_144, 1_000_000, Fraction(1_036_144, 1_000_000)),
        (2.0, None, 4_000_000, 2_003_000, Fraction(4_000_000, 2_003_000)),
        (1.0, None, 40_000, 66_000, Fraction(20, 33)),
        (2.0, None, None, 2_000_000, 2),
        (2.0, None, 0, 2_000_000, 2),
        (None, None, None, 2_000_000, 1),
        (None, None, 1, 2_000_000, 1),
        (0.0, {"speed": -1}, 2_000_000, 1_000_000, 2),
        (0.5, {"speed": None}, 1_000_000, 2_000_000, Fraction(1, 2)),
        (float("nan"), {"speed": "fast"}, 2_000_000, 2_000_000, 1),
    ],
)
def test_rates_that_agree_with_their_ranges(segment_speed, speeds, source_us, target_us, expected):
    assert rate(segment_speed, speeds, source_us, target_us) == (expected, [])


def test_the_declared_speed_wins_where_the_ranges_contradict_it():
    assert rate(1.0, None, 10_000_000, 5_000_000) == (1, ["speed"])
    assert rate(1.0, None, 10_100_000, 10_000_000) == (Fraction(101, 100), [])
    assert rate(1.0, None, 10_101_000, 10_000_000) == (1, ["speed"])


def test_a_speed_curve_without_points_plays_at_its_mean_and_says_so():
    assert rate(1.0, {"mode": 1, "speed": 1.5}, 3_000_000, 2_000_000) == (Fraction(3, 2), ["speed curve"])


def test_absurd_speeds_are_held():
    assert rate(1e9, None, None, 1)[0] == 1000
    assert rate(1e-9, None, None, 1)[0] == Fraction(1, 100)


def curved(points, source_us=4_000_000, target_us=2_000_000, **speeds):
    notes = Notes()
    listed = [{"x": x, "y": y} for x, y in points]
    raw = {"mode": 1, "speed": 2.0, "curve_speed": {"name": "Hero", "speed_points": listed}, **speeds}
    source = None if source_us is None else TimeRange(0, source_us)
    ranges = (source, TimeRange(0, target_us), Fraction(30), SegmentNotes(notes, "s"))
    found_rate, found = read_pace({}, [Material("speeds", "s", raw)], *ranges)
    return found_rate, [(point.at, point.speed) for point in found], [entry.what for entry in notes.report()]


class TestCurve:
    def test_its_points_are_read_and_its_mean_is_that_of_the_ranges(self):
        points = [(0, 1.0), (0.4, 5.0), (1, 0.5)]
        assert curved(points) == (2, points, [])
        assert curved(points, 3_999_000, 2_001_000)[0] == Fraction(3_999_000, 2_001_000)

    def test_without_a_source_range_its_points_say_the_mean(self):
        assert curved([(0, 2), (0.5, 6), (1, 2)], None)[0] == 4

    @pytest.mark.parametrize(
        ("points", "kept"),
        [
            ([(0, 1), (0.5, 2), (0.5, 3), (0.4, 4), (1, 5)], [(0, 1), (0.5, 2), (1, 5)]),
            ([(0, 1), (float("nan"), 2), (0.5, float("nan")), ("x", 1), (1, 3)], [(0, 1), (1, 3)]),
            ([(-1, 9), (0, 1), (1, 2), (2, 9)], [(0, 1), (1, 2)]),
            ([(0, 0), (0.5, -3), (1, 1e9)], [(0, 0.01), (0.5, 0.01), (1, 1000)]),
            ([(0.25, 2), (0.5, 4)], [(0, 2), (0.25, 2), (0.5, 4), (1, 4)]),
        ],
    )
    def test_points_that_cannot_be_are_passed_over_or_held_and_that_is_said(self, points, kept):
        assert curved(points) == (2, kept, ["speed curve"])

    @pytest.mark.parametrize("points", [[], [(0, 1)], [(0, 1), (0, 2)], [(float("inf"), 1), (1, 1)]])
    def test_without_two_points_it_plays_evenly_and_that_is_said(self, points):
        assert curved(points) == (2, [], ["speed curve"])

    def test_no_more_points_than_are_looked_at(self):
        _, points, notes = curved([(n / 5000, 1.0 + n % 2) for n in range(5001)])
        assert len(points) <= 1001
        assert notes == ["speed curve"]


class TestDrafts:
    def draft(self, make, segment, **speeds):
        listed = [{"id": "pace", "mode": 0, "speed": 1.0, **speeds}]
        return make.one_clip(segment | {"extra_material_refs": ["pace"]}, speeds=listed)

    def test_a_curve_reaches_the_clip_and_its_keys(self, make, only):
        keys = [{"time_offset": at, "values": [at / 1e6]} for at in (1_000_000, 3_000_000, 4_000_000, 5_000_000)]
        segment = make.clip(0, 2, common_keyframes=[{"property_type": "KFTypeRotation", "keyframe_list": keys}])
        segment["source_timerange"] = {"start": 1_000_000, "duration": 4_000_000}
        points = [{"x": 0, "y": 0.5}, {"x": 0.5, "y": 4}, {"x": 1, "y": 1}]
        timeline = read_timeline(self.draft(make, segment, mode=1, curve_speed={"speed_points": points}))
        clip = only(timeline)
        assert not timeline.report
        assert [point.speed for point in clip.speed_points] == [0.5, 4, 1]
        for key in clip.curves[0].keys:
            shown_us = clip.source_time_us(Fraction(key.at_us))
            assert abs(shown_us - Fraction(key.value) * 1_000_000) < 4  # microseconds, at a speed of at most 4

    def test_a_reversed_clip_plays_from_the_end_of_its_range(self, make, only):
        timeline = read_timeline(make.one_clip(make.clip(0, 2, source_start=3, reverse=True)))
        clip = only(timeline)
        assert (clip.is_reversed, clip.source_time_us(Fraction(0))) == (True, 5_000_000)
        assert not timeline.report

    def test_a_reversed_copy_is_not_used_and_that_is_said(self, make):
        draft = make.one_clip(make.clip(reverse=True))
        draft["materials"]["videos"] = [make.video(reverse_path="C:/cache/back.mp4", has_audio=False)]
        assert [entry.fidelity.word for entry in read_timeline(draft).report] == ["close"]

    def test_a_photo_has_no_direction(self, make, only):
        draft = make.one_clip(make.clip(reverse=True))
        draft["materials"]["videos"] = [make.video(type="photo")]
        timeline = read_timeline(draft)
        assert not only(timeline).is_reversed
        assert not timeline.report

    @pytest.mark.parametrize("kind", ["video", "audio"])
    def test_keys_of_a_reversed_clip_are_timed_forwards_and_that_is_said(self, make, only, kind):
        keys = [{"time_offset": 3_000_000, "values": [0]}, {"time_offset": 4_500_000, "values": [1]}]
        listed = [{"property_type": "KFTypeVolume", "keyframe_list": keys}]
        draft = make.one_clip(make.clip(0, 2, source_start=3, reverse=True, common_keyframes=listed))
        draft["materials"] = {f"{kind}s": [make.video()]}
        draft["tracks"][0]["type"] = kind
        timeline = read_timeline(draft)
        assert [key.at_us for key in only(timeline).curves[0].keys] == [0, 1_500_000]
        assert [entry.what for entry in timeline.report] == ["keyframe"]
