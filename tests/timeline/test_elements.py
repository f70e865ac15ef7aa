"""What asks for something, and what asks for nothing."""

from __future__ import annotations

import pytest

from cutfarm.timeline.elements import is_neutral
from cutfarm.timeline.reader import read_timeline

WHOLE = {
    f"{row}_{column}_{axis}": float((row == "lower") if axis == "y" else (column == "right"))
    for row in ("upper", "lower")
    for column in ("left", "right")
    for axis in "xy"
}


def entries_for(make, bucket, raw, **segment):
    segment = make.clip(extra_material_refs=["m"], **segment)
    return list(read_timeline(make.one_clip(segment, **{bucket: [{"id": "m", **raw}]})).report)


def curves(*points):
    return {"luma": [{"anchor": {"x": x, "y": y}, "left_control": {"x": 0, "y": 0}} for x, y in points]}


@pytest.mark.parametrize(
    ("bucket", "raw"),
    [
        ("material_animations", {"animations": []}),
        ("canvases", {"type": "canvas_color", "color": ""}),
        ("canvases", {"type": "canvas_color", "color": "#000000FF"}),
        ("canvases", {"type": "none"}),
        ("beats", {"gear": 404, "mode": 404}),
        ("placeholder_infos", {"meta_type": "none", "error_text": "x"}),
        ("material_colors", {"is_color_clip": False, "gradient_angle": 90.0}),
        ("video_trackings", {"config": {"center_x": 0.5}, "enable_video_tracking": True}),
        ("speeds", {"mode": 0, "speed": 1.0, "curve_speed": None}),
        ("color_curves", curves((0, 0), (0.5, 0.5), (1, 1))),
        ("primary_color_wheels", {"lift": {"red": 0.0, "luma": 0}, "intensity": 1.0}),
        ("hsl", {"hue": 0, "saturation": 0, "lightness": 0, "hsl_color_type": 3}),
        ("effects", {"type": "brightness", "value": 0.0}),
        ("effects", {"type": "filter", "value": 0.0, "resource_id": "1"}),
        ("effects", {"type": "filter", "value": 1.0, "visible": False}),
        ("effects", {"type": "text_effect", "value": 1.0, "effect_id": "", "resource_id": "", "path": ""}),
        ("chromas", {"color": "#00ff00", "intensity_value": 0.0, "version": "v2"}),
        ("future_things", {"name": "x", "level": 0, "parts": [], "inner": {"on": False, "word": "none"}}),
    ],
)
def test_neutral_materials_are_silent(make, bucket, raw):
    assert entries_for(make, bucket, raw) == []


@pytest.mark.parametrize(
    ("bucket", "raw", "what"),
    [
        ("material_animations", {"animations": [{"type": "in", "name": "Fade", "resource_id": "9"}]}, "in animation"),
        ("canvases", {"type": "canvas_color", "color": "reddish"}, "background"),
        ("canvases", {"type": "canvas_image", "image": ""}, "background"),
        ("canvases", {"type": "canvas_blend"}, "background"),
        ("masks", {"name": "Blob", "resource_id": "9"}, "mask"),
        ("common_mask", {"name": "Blob", "resource_id": "9"}, "mask"),
        ("color_curves", curves((0, 0), (0.5, 0.7), (1, 1)), "colour curves"),
        ("primary_color_wheels", {"lift": {"red": 0.2}}, "colour wheels"),
        ("hsl", {"hue": 12, "hsl_color_type": 3}, "colour adjustment"),
        ("effects", {"type": "brightness", "value": 0.3}, "adjustment"),
        ("effects", {"type": "filter", "value": 0.5, "name": "Old", "resource_id": "9"}, "filter"),
        ("effects", {"type": "mix_mode", "name": "dream"}, "blend mode"),
        ("effects", {"type": "face_thing", "name": "x"}, "face thing"),
        ("effects", {"type": "text_shape", "resource_id": "9"}, "text bubble"),
        ("video_effects", {"type": "video_effect", "name": "1998", "resource_id": "9"}, "effect"),
        ("chromas", {"color": "", "intensity_value": 0.6}, "chroma key"),
        ("future_things", {"name": "x", "level": 2}, "future things"),
    ],
)
def test_what_is_asked_for_in_vain_is_said(make, bucket, raw, what):
    [entry] = entries_for(make, bucket, raw)
    assert (entry.what, entry.segment_id) == (what, "clip")
    assert entry.resource_id == (raw.get("resource_id") or ("9" if "9" in str(raw) and what == "in animation" else ""))
    assert entry.message.endswith(".")


@pytest.mark.parametrize(
    ("bucket", "raw", "switch"),
    [
        ("masks", {"name": "Heart"}, "enable_video_mask"),
        ("effects", {"type": "brightness", "value": 0.3}, "enable_adjust"),
        ("effects", {"type": "filter", "value": 0.3}, "enable_lut"),
        ("color_curves", curves((0, 0.2), (1, 1)), "enable_color_curves"),
        ("hsl", {"hue": 12}, "enable_hsl"),
    ],
)
def test_switches_of_the_segment(make, bucket, raw, switch):
    assert entries_for(make, bucket, raw, **{switch: False}) == []
    assert len(entries_for(make, bucket, raw, **{switch: True})) == 1


@pytest.mark.parametrize(
    ("segment", "what"),
    [
        ({"cartoon": True}, "cartoon"),
        ({"is_loop": True}, "loop"),
    ],
)
def test_fields_of_the_segment(make, segment, what):
    assert [entry.what for entry in read_timeline(make.one_clip(make.clip(**segment))).report] == [what]


@pytest.mark.parametrize(
    ("material", "whats"),
    [
        ({"crop": WHOLE}, []),
        ({"crop": WHOLE | {"upper_left_y": 0.289, "upper_right_y": 0.289}}, []),
        ({"crop": WHOLE | {"upper_left_x": 1.0, "upper_right_x": 0.0}}, ["crop"]),
        ({"matting": {"flag": 1}}, ["cut-out"]),
        ({"matting": {"flag": 0, "feather": 3}}, []),
        ({"stable": {"stable_level": 2}}, ["stabilisation"]),
        ({"stable": {"stable_level": 0, "time_range": {"start": 0, "duration": 9}}}, []),
        ({"video_algorithm": {"noise_reduction": {"level": 1}}}, ["video processing"]),
        ({"video_algorithm": {"algorithms": [], "time_range": {"duration": 9}, "path": "x"}}, []),
        ({"corner_pin": {"upper": 0.2}}, ["corner pin"]),
        ({"beauty_face_auto_preset": {"preset_id": "", "name": ""}}, []),
        ({"gameplay": {"algorithm": "anime"}}, ["generated effect"]),
        ({"video_mask_stroke": {"color": "", "size": 0.0}}, []),
    ],
)
def test_fields_of_the_picture(make, material, whats):
    draft = make.one_clip()
    draft["materials"]["videos"] = [make.video(**material)]
    assert [entry.what for entry in read_timeline(draft).report] == whats


@pytest.mark.parametrize("bucket", ["masks", "chromas"])
def test_captions_have_neither_masks_nor_keys(make, bucket):
    raw = {"id": "m", "name": "Circle", "color": "#00ff00", "intensity_value": 0.5}
    caption = make.clip(source_start=None, material_id="words", extra_material_refs=["m"])
    timeline = read_timeline(make.one_caption(make.text("hello"), caption, **{bucket: [raw]}))
    assert len(timeline.report) == 1
    assert [material.id for material in timeline.tracks[0].segments[0].unknown] == ["m"]


def test_neutral_values():
    assert is_neutral({"id": "x", "a": [0, 0.0, "", None, False, {"b": []}]})
    assert not is_neutral({"a": [0, {"b": 0.001}]})
