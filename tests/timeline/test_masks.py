"""Masks as drafts write them."""

from __future__ import annotations

import pytest

from cutfarm.timeline.model import Mask, MaskText
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity

CONFIG = {
    "width": 0.3,
    "height": 0.4,
    "centerX": 0.1,
    "centerY": -0.2,
    "rotation": 30.0,
    "feather": 0.0,
    "roundCorner": 0.0,
    "expansion": 0.0,
    "invert": True,
    "aspectRatio": 1.0,
}


@pytest.fixture
def read(make, only):
    """The clip with the masks, each with an id of its own, and the report's entries."""

    def read(*raws, bucket="masks", **segment):
        items = [{"id": f"m{number}", "type": "mask", **raw} for number, raw in enumerate(raws)]
        clip = make.clip(extra_material_refs=[item["id"] for item in items], **segment)
        timeline = read_timeline(make.one_clip(clip, **{bucket: items}))
        return only(timeline), list(timeline.report)

    return read


@pytest.mark.parametrize("bucket", ["masks", "common_mask"])
def test_both_lists(read, bucket):
    clip, entries = read({"resource_type": "circle", "config": CONFIG}, bucket=bucket)
    assert clip.mask == Mask("circle", 0.3, 0.4, 0.1, -0.2, 30.0, is_inverted=True)
    assert (entries, clip.unknown) == ([], ())


def test_a_mask_without_a_config_is_half_the_picture(read):
    clip, _ = read({"resource_type": "line"})
    assert clip.mask == Mask("line", width=0.5, height=0.5)


@pytest.mark.parametrize(
    ("key", "written", "field", "read_as"),
    [
        ("width", 0, "width", 0),
        ("width", -4, "width", 0),
        ("height", 1e9, "height", 1000),
        ("height", float("nan"), "height", 0.5),
        ("centerX", 1e30, "center_x", 1000),
        ("centerY", -1e30, "center_y", -1000),
        ("rotation", "x", "rotation_deg", 0),
        ("feather", 7, "feather", 1),
        ("roundCorner", -1, "round_corner", 0),
        ("expansion", -3, "expansion", -1),
    ],
)
def test_values_are_held(read, key, written, field, read_as):
    clip, _ = read({"resource_type": "rectangle", "config": CONFIG | {key: written}})
    assert getattr(clip.mask, field) == read_as


def test_the_switch_of_the_segment(read):
    assert read({"resource_type": "circle"}, enable_video_mask=False)[0].mask is None
    assert read({"resource_type": "custom"}, enable_video_mask=False)[1] == []


@pytest.mark.parametrize("kind", ["custom", "contour", "future"])
def test_unknown_kinds_are_reported(read, kind):
    clip, [entry] = read({"resource_type": kind, "name": "Pen", "resource_id": "7"})
    assert clip.mask is None
    assert (entry.fidelity, entry.what, entry.resource_id) == (Fidelity.UNSUPPORTED, "mask", "7")
    assert "“Pen”" in entry.message
    assert [material.id for material in clip.unknown] == ["m0"]


def test_a_mask_of_the_adjustment_cuts_nothing(read):
    clip, [entry] = read({"resource_type": "circle", "category": "adjust"})
    assert clip.mask is None
    assert (entry.fidelity, entry.what) == (Fidelity.UNSUPPORTED, "mask")


def test_one_that_stands_in_both_lists_is_one(make, only):
    mask = {"id": "m", "resource_type": "circle"}
    draft = make.one_clip(make.clip(extra_material_refs=["m"]), masks=[mask], common_mask=[mask])
    timeline = read_timeline(draft)
    assert only(timeline).mask.shape == "circle"
    assert not timeline.report


def test_the_first_that_cuts_counts(read):
    clip, entries = read(
        {"resource_type": "circle", "category": "adjust"},
        {"resource_type": "line", "category": "video"},
        {"resource_type": "circle", "name": "Circle"},
    )
    assert clip.mask.shape == "line"
    assert [entry.fidelity for entry in entries] == [Fidelity.UNSUPPORTED] * 2
    assert [material.id for material in clip.unknown] == ["m0", "m2"]


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        ("circle", {"feather": 0.5}, ""),
        ("line", {"feather": 0.5, "roundCorner": 0.5}, ""),
        ("mirror", {"feather": 0.5}, ""),
        ("rectangle", {}, ""),
        ("rectangle", {"feather": 0.5}, "its soft edge."),
        ("rectangle", {"roundCorner": 0.5}, "its round corners."),
        ("circle", {"expansion": 0.5}, "its expansion."),
        ("heart", {}, "its outline."),
        ("pentagram", {"feather": 0.1}, "its outline, its soft edge."),
    ],
)
def test_what_is_guessed_is_said(read, kind, config, words):
    _, entries = read({"resource_type": kind, "config": CONFIG | config})
    assert [entry.message.rpartition(": ")[2] for entry in entries] == ([words] if words else [])
    assert all(entry.fidelity is Fidelity.CLOSE for entry in entries)


def test_words(read):
    text = {
        "content": "NOW",
        "font_path": "C:/fonts/a.ttf",
        "font_size": 60,
        "scale": 2,
        "bold_width": 0.1,
        "char_spacing": 0.2,
        "align_type": 2,
    }
    clip, [entry] = read({"resource_type": "text", "text_config": text, "config": CONFIG}, bucket="common_mask")
    assert clip.mask.text == MaskText("NOW", "C:/fonts/a.ttf", 60, 2, 0.1, 0.2, 2)
    assert entry.fidelity is Fidelity.CLOSE


def test_broken_words(read):
    clip, _ = read({"resource_type": "text", "text_config": {"content": 3, "font_size": float("inf"), "align_type": 9}})
    assert clip.mask.text == MaskText("", "", 40, 1, 0, 0, 1)


@pytest.mark.parametrize("place", ["video", "sticker", "compound", "colour"])
def test_every_kind_of_clip_can_have_one(make, only, place):
    refs = {"video": [], "sticker": [], "compound": ["d"], "colour": ["c"]}[place]
    kind = "sticker" if place == "sticker" else "video"
    own = "s" if place == "sticker" else "film"
    clip = make.clip(material_id=own, extra_material_refs=[*refs, "m"])
    materials = {
        "videos": [make.video()],
        "stickers": [{"id": "s", "resource_id": "1"}],
        "drafts": [{"id": "d", "draft": make.one_clip()}],
        "material_colors": [{"id": "c", "is_color_clip": True, "solid_color": "#00ff00"}],
        "masks": [{"id": "m", "resource_type": "circle"}],
    }
    timeline = read_timeline(make.draft([{"type": kind, "segments": [clip]}], materials))
    assert only(timeline).mask.shape == "circle"
