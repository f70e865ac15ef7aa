"""Key times in the file and on the timeline."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.keyframes import MASK_PROPERTIES, Clock, mask_curves, read_curves
from cutfarm.timeline.model import Handle, SpeedPoint
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

    def test_libraries_whose_keys_span_the_segment_and_not_the_range_that_is_played(self):
        clock = Clock(1_000_000, Fraction(1), 4_000_000)
        [curve], entries = read([keyed("KFTypeAlpha", (0, 0), (2_000_000, 1), (4_000_000, 0))], clock)
        assert [key.at_us for key in curve.keys] == [0, 2_000_000, 4_000_000]
        assert [entry.fidelity.word for entry in entries] == ["close"]

    def test_so_in_slow_motion(self):
        [curve], entries = read([keyed("KFTypeAlpha", (0, 0), (4_000_000, 1))], Clock(0, Fraction(1, 2), 4_000_000))
        assert [key.at_us for key in curve.keys] == [0, 4_000_000]
        assert len(entries) == 1

    @pytest.mark.parametrize("times", [(0, 3_900_000), (500_000, 4_000_000), (0, 4_000_000, 9_000_000), (0, 5_000_000)])
    def test_keys_of_a_clip_that_was_trimmed_later_count_media_time(self, times):
        clock = Clock(1_000_000, Fraction(1), 4_000_000)
        [curve], entries = read([keyed("KFTypeAlpha", *((at, 0) for at in times))], clock)
        assert [key.at_us for key in curve.keys] == [at - 1_000_000 for at in times]
        assert entries == []

    def test_at_double_speed_keys_inside_the_range_count_media_time(self):
        clock = Clock(0, Fraction(2), 2_000_000)
        [curve], entries = read([keyed("KFTypeAlpha", (0, 0), (2_000_000, 1))], clock)
        assert ([key.at_us for key in curve.keys], entries) == ([0, 1_000_000], [])

    def test_through_a_speed_curve(self):
        # Half of the source at 1, half at 3, with a steep step between: three quarters of the time for the first half.
        points = tuple(SpeedPoint(*point) for point in ((0.0, 1.0), (0.5, 1.0), (0.500001, 3.0), (1.0, 3.0)))
        clock = Clock(1_000_000, Fraction(3, 2), 4_000_000, points)
        raw = keyed("KFTypeAlpha", (1_000_000, 0), (2_500_000, 0), (4_000_000, 1), (7_000_000, 2), (10_000_000, 3))
        [curve], _ = read([raw], clock)
        at = [key.at_us for key in curve.keys]
        assert at[0] == 0
        assert abs(at[1] - 1_500_000) < 10
        assert abs(at[2] - 3_000_000) < 10
        assert at[3:] == [4_000_000, 6_000_000]

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

    @pytest.mark.parametrize("name", ["KFTypeBrightness", "effects_adjust_blur", ""])
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

    def test_old_keyframes_that_are_not_in_the_draft_are_reported(self):
        notes = Notes()
        read_curves({"keyframe_refs": ["k"]}, Clock(0, Fraction(1), 1), SegmentNotes(notes, "s"))
        assert len(notes.report()) == 1

    @pytest.mark.parametrize("name", ["Intensity", "Shadow", "Spill", "EdgeSmooth"])
    def test_those_of_a_chroma_key(self, name):
        [curve], entries = read([keyed(f"KFTypeChroma{name}", (0, 0.5))])
        assert (curve.property, entries) == (f"KFTypeChroma{name}", [])


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

    def test_an_easing_that_is_only_named_is_reported(self):
        raw = keyed("KFTypeAlpha", (0, 0), (1_000_000, 1))
        raw["keyframe_list"][0]["curveType"] = "EaseIn"
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


class TestHandles:
    def raw(self, *kinds):
        """Keys at 1 and 3 s with handles on all sides."""
        handles = {"left_control": {"x": -400_000, "y": -0.25}, "right_control": {"x": 320_000, "y": 0.5}}
        keys = [
            {"time_offset": (1 + 2 * n) * 1_000_000, "values": [n], "curveType": kind} for n, kind in enumerate(kinds)
        ]
        return {"property_type": "KFTypeAlpha", "keyframe_list": [{**key, **handles} for key in keys]}

    @pytest.mark.parametrize("kind", ["FreeCurveIn", "FreeCurveOut", "FreeCurveInOut", 1, 7])
    def test_of_free_curves(self, kind):
        [curve], entries = read([self.raw(kind, kind)])
        assert [(key.before, key.after) for key in curve.keys] == [(Handle(-400_000, -0.25), Handle(320_000, 0.5))] * 2
        assert entries == []

    @pytest.mark.parametrize("kind", ["Line", "", 0, None])
    def test_a_straight_side_has_none(self, kind):
        [curve], _ = read([self.raw(kind, "FreeCurveIn")])
        assert (curve.keys[0].before, curve.keys[0].after) == (None, None)
        assert curve.keys[1].before is not None

    def test_their_time_is_scaled_by_the_speed_like_the_keys(self):
        [curve], _ = read([self.raw("FreeCurveIn", "FreeCurveIn")], Clock(0, Fraction(2), 4_000_000))
        assert [key.at_us for key in curve.keys] == [500_000, 1_500_000]
        assert curve.keys[0].after == Handle(160_000, 0.5)

    def test_handles_on_their_keys_are_none(self):
        raw = self.raw("FreeCurveIn", "FreeCurveIn")
        raw["keyframe_list"][0] |= {"left_control": {"x": 0, "y": 0}, "right_control": None}
        [curve], _ = read([raw])
        assert (curve.keys[0].before, curve.keys[0].after) == (None, None)

    def test_handles_that_are_no_numbers_are_none(self):
        raw = self.raw("FreeCurveIn", "FreeCurveIn")
        raw["keyframe_list"][0]["right_control"] = {"x": float("nan"), "y": "up"}
        [curve], _ = read([raw])
        assert curve.keys[0].after is None

    def test_a_hand_drawn_curve_is_reported(self, make):
        raw = self.raw("FreeCurveIn", "FreeCurveIn")
        raw["keyframe_list"][1]["graphID"] = "drawn"
        draft = make.one_clip(make.clip(0, 4, common_keyframes=[raw]))
        graph = {"id": "drawn", "graph_points": []}
        assert not read_timeline(draft | {"keyframe_graph_list": [graph]}).report
        graph["graph_points"] = [{"x": 0.5, "y": 0.9, "type": 0}]
        [entry] = read_timeline(draft | {"keyframe_graph_list": [graph]}).report
        assert entry.fidelity.word == "close"


class TestMasks:
    IDS = frozenset({"mask"})

    def read(self, raw):
        notes = Notes()
        curves = mask_curves(
            {"common_keyframes": raw}, self.IDS, Clock(0, Fraction(1), 4_000_000), SegmentNotes(notes, "s")
        )
        return curves, list(notes.report())

    @pytest.mark.parametrize(("name", "meant"), MASK_PROPERTIES.items())
    def test_both_generations_of_names(self, name, meant):
        [curve], entries = self.read([keyed(name, (0, 0.5), (1_000_000, 1), material_id="mask")])
        assert curve.property == meant
        assert [entry.fidelity.word for entry in entries] == (["close"] if meant.endswith("Scale") else [])

    def test_all_names_drive_something(self):
        from cutfarm.timeline.curves import _MASK_FIELDS

        assert set(MASK_PROPERTIES.values()) == set(_MASK_FIELDS)

    def test_keys_of_another_mask_are_not_its(self):
        curves, [entry] = self.read([keyed("KFTypeMaskFeather", (0, 1), material_id="other")])
        assert curves == ()
        assert entry.fact == "The keyframes of KFTypeMaskFeather are those of a mask that the clip does not show."

    def test_keys_that_name_nothing_are_its(self):
        [curve], _ = self.read([keyed("KFTypeMaskPostionX", (0, 1))])
        assert curve.property == "KFTypeCommonMaskPositionX"

    def test_they_are_not_the_segments(self):
        assert read([keyed("KFTypeMaskFeather", (0, 1), material_id="mask")]) == ((), [])

    def test_they_reach_the_mask_of_a_draft(self, make, only):
        keys = [keyed("KFTypeCommonMaskFeather", (3_000_000, 0), (5_000_000, 1), material_id="constant")]
        segment = make.clip(0, 2, source_start=3, extra_material_refs=["mask"], common_keyframes=keys)
        mask = {
            "id": "mask",
            "constant_material_id": "constant",
            "type": "mask",
            "resource_type": "circle",
            "config": {},
        }
        clip = only(read_timeline(make.one_clip(segment, common_mask=[mask])))
        assert clip.curves == ()
        [curve] = clip.mask.curves
        assert [(key.at_us, key.value) for key in curve.keys] == [(0, 0), (2_000_000, 1)]
