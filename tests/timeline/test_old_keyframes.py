"""Keyframes of the oldest drafts: whole objects at instants, with bits that say what is keyed."""

from __future__ import annotations

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.reader import read_timeline


def old(id_, time_us, **more):
    still = {"position": {"x": 0.0, "y": 0.0}, "scale": {"x": 1.0, "y": 1.0}, "rotation": 0.0, "alpha": 1.0}
    return {"id": id_, "time_offset": time_us, "flags": 0, "volume": 1.0, "last_volume": 1.0, **still, **more}


def read(make, *objects, bucket="videos", segment=None, **materials):
    segment = segment or make.clip(0, 2)
    segment["keyframe_refs"] = [raw["id"] for raw in objects]
    return read_timeline(make.one_clip(segment, **materials) | {"keyframes": {bucket: list(objects), "texts": []}})


def keys_of(segment):
    return {curve.property: [(key.at_us, key.value) for key in curve.keys] for curve in segment.curves}


def test_opacity_by_its_bit(make, only):
    timeline = read(make, old("a", 0, flags=8, alpha=0.0), old("b", 500_000, flags=8))
    assert keys_of(only(timeline)) == {"KFTypeAlpha": [(0, 0.0), (500_000, 1.0)]}
    assert not timeline.report


def test_one_key_is_a_constant(make, only):
    assert keys_of(only(read(make, old("a", 700_000, flags=8, alpha=0.25)))) == {"KFTypeAlpha": [(700_000, 0.25)]}


def test_place_size_and_angle_by_their_bits(make, only):
    wide = {"x": 1.5, "y": 1.5}
    timeline = read(make, old("a", 0, flags=7), old("b", 1_000_000, flags=7, scale=wide, position={"x": 0.5, "y": 0.0}))
    assert keys_of(only(timeline)) == {
        "KFTypePositionX": [(0, 0.0), (1_000_000, 0.5)],
        "KFTypePositionY": [(0, 0.0), (1_000_000, 0.0)],
        "KFTypeScaleX": [(0, 1.0), (1_000_000, 1.5)],
        "KFTypeScaleY": [(0, 1.0), (1_000_000, 1.5)],
        "KFTypeRotation": [(0, 0.0), (1_000_000, 0.0)],
    }
    assert not timeline.report


def test_media_time_and_order(make, only):
    segment = make.clip(0, 2, source_start=3)
    timeline = read(make, old("b", 4_000_000, flags=8), old("a", 3_000_000, flags=8, alpha=0.0), segment=segment)
    assert keys_of(only(timeline)) == {"KFTypeAlpha": [(0, 0.0), (1_000_000, 1.0)]}


def test_what_differs_is_animated_and_said_to_be_a_guess(make, only):
    timeline = read(make, old("a", 0, flags=64, rotation=10.0), old("b", 1_000_000, flags=64, rotation=30.0))
    assert keys_of(only(timeline)) == {"KFTypeRotation": [(0, 10.0), (1_000_000, 30.0)]}
    [entry] = timeline.report
    assert (entry.fidelity.word, "rotation" in entry.message) == ("close", True)


def test_what_differs_and_is_not_drawn_is_reported(make, only):
    timeline = read(make, old("a", 0, brightness_value=0.1), old("b", 1_000_000, brightness_value=0.2))
    assert only(timeline).curves == ()
    [entry] = timeline.report
    assert (entry.fidelity.word, "brightness_value" in entry.message) == ("unsupported", True)


def test_what_stays_is_not_animated(make, only):
    timeline = read(make, old("a", 0, brightness_value=0.1), old("b", 1_000_000, brightness_value=0.1, last_volume=0.3))
    assert (only(timeline).curves, len(timeline.report)) == ((), 0)


def test_newer_keys_of_a_property_come_first(make, only):
    newer = {"property_type": "KFTypeAlpha", "keyframe_list": [{"time_offset": 0, "values": [0.75]}]}
    segment = make.clip(0, 2, common_keyframes=[newer])
    timeline = read(make, old("a", 0, flags=8, alpha=0.0), segment=segment)
    assert keys_of(only(timeline)) == {"KFTypeAlpha": [(0, 0.75)]}


def test_volume_of_sounds(make, only):
    segment = make.clip(0, 2, source_start=3, id="sound", material_id="music")
    objects = [old("a", 3_000_000, flags=1, volume=0.0), old("b", 3_500_000, flags=1, volume=2.0)]
    segment["keyframe_refs"] = ["a", "b"]
    music = {"id": "music", "type": "music", "path": "music.mp3", "duration": 9_000_000}
    draft = make.draft([{"type": "audio", "segments": [segment]}], {"audios": [music]})
    timeline = read_timeline(draft | {"keyframes": {"audios": objects}})
    assert keys_of(only(timeline)) == {"KFTypeVolume": [(0, 0.0), (500_000, 2.0)]}
    assert not timeline.report


def test_captions_count_from_their_own_start(make, only):
    segment = make.clip(5, 2, source_start=None, material_id="words", keyframe_refs=["a", "b"])
    objects = [old("a", 0, position={"x": 0.0, "y": -0.5}), old("b", 1_000_000, position={"x": 0.0, "y": 0.5})]
    timeline = read_timeline(make.one_caption(make.text("a"), segment) | {"keyframes": {"texts": objects}})
    assert keys_of(only(timeline)) == {"KFTypePositionY": [(0, -0.5), (1_000_000, 0.5)]}


def test_masks(make, only):
    segment = make.clip(0, 2, extra_material_refs=["mask"])
    mask = {"id": "mask", "type": "mask", "resource_type": "circle", "config": {"width": 0.5, "height": 0.5}}
    objects = [
        old("a", 0, mask_config={"centerX": 0.0, "width": 0.5}),
        old("b", 1_000_000, mask_config={"centerX": 1.0}),
    ]
    timeline = read(make, *objects, segment=segment, masks=[mask])
    clip = only(timeline)
    assert clip.curves == ()
    assert keys_of(clip.mask) == {"KFTypeCommonMaskPositionX": [(0, 0.0), (1_000_000, 1.0)]}


def test_objects_that_are_nowhere_are_reported(make, only):
    segment = make.clip(0, 2, keyframe_refs=["gone", 7, None])
    timeline = read_timeline(make.one_clip(segment))
    assert only(timeline).curves == ()
    assert [entry.what for entry in timeline.report] == ["keyframe"]


@pytest.mark.parametrize("keyframes", [None, [], {"videos": None}, {"videos": [None, {"id": "a"}]}, {"videos": {}}])
def test_lists_that_are_none(keyframes, make, only):
    timeline = read_timeline(make.one_clip(make.clip(0, 2, keyframe_refs=["a"])) | {"keyframes": keyframes})
    assert only(timeline).curves == ()


def test_times_that_cannot_be(make):
    with pytest.raises(DraftError, match="Segment clip "):
        read(make, old("a", float("nan"), flags=8))
