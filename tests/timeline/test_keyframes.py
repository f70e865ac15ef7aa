"""Key times in the file and on the timeline."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.keyframes import Clock, read_curves
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.reader import read_timeline


def keyed(property_, *keys, **more):
    listed = [{"time_offset": at, "values": [value], "curveType": "Line"} for at, value in keys]
    return {"property_type": property_, "keyframe_list": listed, **more}


def keys_of(timeline_segment):
    return [(key.at_us, key.value) for key in timeline_segment.curves[0].keys]


def read(raw, clock=None):
    notes = Notes()
    clock = clock or Clock(0, Fraction(1), 4_000_000)
    curves = read_curves({"common_keyframes": raw}, clock, SegmentNotes(notes, "s"))
    return curves, list(notes.report())


class TestClock:
    def test_clips_count_media_time(self, make, only):
        segment = make.clip(
            7, 2, source_start=3, common_keyframes=[keyed("KFTypeAlpha", (3_000_000, 0), (4_000_000, 1))]
        )
        timeline = read_timeline(make.one_clip(segment))
        assert keys_of(only(timeline)) == [(0, 0.0), (1_000_000, 1.0)]
        assert not timeline.report

    def test_speed_divides_media_time(self, make, only):
        segment = make.clip(0, 2, common_keyframes=[keyed("KFTypeAlpha", (1_000_000, 0), (5_000_000, 1))])
        segment["source_timerange"] = {"start": 1_000_000, "duration": 4_000_000}
        assert keys_of(only(read_timeline(make.one_clip(segment | {"speed": 2.0})))) == [(0, 0.0), (2_000_000, 1.0)]

    def test_photos_count_from_their_written_source_start(self, make, only):
        segment = make.clip(0, 2, source_start=3, common_keyframes=[keyed("KFTypeAlpha", (3_500_000, 0.5))])
        draft = make.one_clip(segment)
        draft["materials"]["videos"] = [make.video(type="photo")]
        assert keys_of(only(read_timeline(draft))) == [(500_000, 0.5)]

    def test_captions_count_from_their_own_start(self, make, only):
        segment = make.clip(5, 2, source_start=None, material_id="words")
        segment["common_keyframes"] = [keyed("KFTypeAlpha", (500_000, 0.5))]
        assert keys_of(only(read_timeline(make.one_caption(make.text("a"), segment)))) == [(500_000, 0.5)]

    def test_libraries_count_from_the_segments_start(self, make, only):
        segment = make.clip(0, 2, source_start=3, common_keyframes=[keyed("KFTypeAlpha", (0, 0), (2_000_000, 1))])
        timeline = read_timeline(make.one_clip(segment))
        assert keys_of(only(timeline)) == [(0, 0.0), (2_000_000, 1.0)]
        assert [entry.what for entry in timeline.report] == ["keyframe"]

    def test_a_key_on_the_in_point_counts_media_time(self):
        [curve], entries = read([keyed("KFTypeAlpha", (5_000_000, 1))], Clock(5_000_000, Fraction(1), 4_000_000))
        assert (curve.keys[0].at_us, entries) == (0, [])

    def test_keys_near_an_end_lie_on_it(self):
        [curve], _ = read([keyed("KFTypeAlpha", (999, 0), (3_999_001, 1), (-1000, 2), (3_999_000, 3))])
        assert [key.at_us for key in curve.keys] == [-1000, 0, 3_999_000, 4_000_000]

    def test_thirds_of_microseconds_are_rounded(self):
        [curve], _ = read([keyed("KFTypeAlpha", (1_000_000, 0))], Clock(0, Fraction(3), 4_000_000))
        assert curve.keys[0].at_us == 333_333


class TestProperties:
    @pytest.mark.parametrize("name", ["PositionX", "PositionY", "Scale", "ScaleX", "ScaleY", "Rotation", "Alpha"])
    def test_known_ones(self, name):
        [curve], entries = read([keyed(f"KFType{name}", (0, 1))])
        assert curve.property == f"KFType{name}"
        assert entries == []

    def test_an_alias(self):
        [curve], _ = read([keyed("KFTypeRotationZ", (0, 1))])
        assert curve.property == "KFTypeRotation"

    @pytest.mark.parametrize("name", ["KFTypeBrightness", "KFTypeMaskRotation", "effects_adjust_blur", ""])
    def test_unknown_ones_are_reported(self, name):
        curves, [entry] = read([keyed(name, (0, 1))])
        assert curves == ()
        assert name in entry.message

    def test_keys_of_a_material_are_not_the_segments(self):
        curves, [entry] = read([keyed("KFTypeRotation", (0, 1), material_id="mask")])
        assert curves == ()
        assert entry.what == "keyframe"

    def test_the_last_volume_means_nothing(self):
        assert read([keyed("KFTypeLastVolume", (0, 1))]) == ((), [])

    def test_properties_without_keys_are_nothing(self):
        assert read([{"property_type": "KFTypeAlpha"}, keyed("KFTypeNonsense")]) == ((), [])

    def test_the_oldest_keyframes_are_reported(self):
        notes = Notes()
        read_curves({"keyframe_refs": ["k"]}, Clock(0, Fraction(1), 1), SegmentNotes(notes, "s"))
        assert len(notes.report()) == 1


class TestKeys:
    def test_sorted_and_the_last_at_a_time_wins(self):
        [curve], _ = read([keyed("KFTypeAlpha", (2_000_000, 1), (1_000_000, 0), (2_000_000, 0.5))])
        assert [(key.at_us, key.value) for key in curve.keys] == [(1_000_000, 0), (2_000_000, 0.5)]

    def test_values_that_are_no_numbers_are_left_out(self):
        raw = {
            "property_type": "KFTypeAlpha",
            "keyframe_list": [{"time_offset": 0, "values": v} for v in ([], ["x"], 3)],
        }
        assert read([raw]) == ((), [])

    @pytest.mark.parametrize("curve_type", ["FreeCurveInOut", "EaseIn", 1])
    def test_easing_is_reported(self, curve_type):
        raw = keyed("KFTypeAlpha", (0, 0), (1_000_000, 1))
        raw["keyframe_list"][0]["curveType"] = curve_type
        [curve], [entry] = read([raw])
        assert len(curve.keys) == 2
        assert entry.fidelity.word == "close"

    @pytest.mark.parametrize("curve_type", ["Line", "", 0, None])
    def test_straight_ones_are_not(self, curve_type):
        raw = keyed("KFTypeAlpha", (0, 0), (1_000_000, 1))
        raw["keyframe_list"][1]["curveType"] = curve_type
        assert read([raw])[1] == []

    @pytest.mark.parametrize("at", [float("nan"), float("inf"), 10**15, -(10**15)])
    def test_times_that_cannot_be(self, at):
        with pytest.raises(DraftError, match="Segment s "):
            read([keyed("KFTypeAlpha", (at, 0))])
