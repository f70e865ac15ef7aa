"""Fonts and textures of captions as files that a draft brings along."""

from __future__ import annotations

import pytest

from cutfarm.timeline.media import FontFile, find_media, media_uses
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import PictureMaterial
from cutfarm.timeline.nesting import shown_paths
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity

FONT, WALL, RIM = "C:/Windows/Fonts/Mine.ttf", "D:/cache/wall.png", "##_draftpath_placeholder_1_##/rim.png"


def textured(path):
    return {"content": {"render_type": "texture", "texture": {"path": path}, "solid": {"color": [1, 0, 0]}}}


@pytest.fixture
def draft(make):
    style = {
        "range": [0, 2],
        "size": 10,
        "font": {"id": "7", "path": FONT},
        "fill": textured(WALL),
        "strokes": [{**textured(RIM), "width": 0.1}],
    }
    return make.one_caption(make.text({"text": "ab", "styles": [style]}))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "draft"
    (path / "fonts").mkdir(parents=True)
    return path


def test_all_of_them_are_optional(draft):
    uses = media_uses(read_timeline(draft))
    assert set(uses) == {FONT, WALL, RIM}
    assert all(use.is_optional and use.segment_id == "caption" for use in uses.values())
    assert isinstance(uses[FONT].material, FontFile)
    assert isinstance(uses[WALL].material, PictureMaterial)
    assert str(uses[FONT]) == "Material “Mine.ttf” of segment caption"


def test_they_are_found_by_name_in_the_draft_and_beside_it(draft, folder, tmp_path):
    for place in ("draft/fonts/MINE.TTF", "media/Wall.png", "draft/rim.png"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(b"file")
    found = find_media(read_timeline(draft), folder, media_dirs=[tmp_path / "media"], sandbox=True)
    assert found == {
        FONT: folder / "fonts/MINE.TTF",
        WALL: tmp_path / "media/Wall.png",
        RIM: folder / "rim.png",
    }


def test_what_is_nowhere_is_no_error(draft, folder):
    assert find_media(read_timeline(draft), folder, sandbox=True) == {}


@pytest.mark.parametrize("path", ["/etc/hostname", "file:///etc/hostname", "../../secret.ttf", "https://x.test/a.ttf"])
def test_a_sandboxed_search_reads_nothing_elsewhere(make, folder, path):
    style = {"range": [0, 1], "size": 10, "font": {"path": path}}
    draft = make.one_caption(make.text({"text": "a", "styles": [style]}))
    assert find_media(read_timeline(draft), folder, sandbox=True) == {}


def test_a_missing_texture_leaves_its_colour_and_is_reported(draft):
    timeline = read_timeline(draft)
    left = only_found(timeline, {FONT, RIM})
    [style] = left.tracks[0].segments[0].text.styles
    assert (style.fill, style.colour) == (None, (1.0, 0.0, 0.0))
    assert style.strokes[0].fill.path == RIM
    [entry] = [entry for entry in left.report if entry.what == "texture"]
    assert (entry.fidelity, entry.segment_id) == (Fidelity.UNSUPPORTED, "caption")


def test_a_missing_font_keeps_its_name_for_those_who_look_for_another(draft):
    timeline = read_timeline(draft)
    assert only_found(timeline, {WALL, RIM}) is timeline


def test_a_chunk_is_given_those_that_it_shows(draft):
    assert shown_paths(read_timeline(draft)) == {FONT, WALL, RIM}


def test_hidden_captions_ask_for_nothing(draft):
    draft["tracks"][0]["segments"][0]["visible"] = False
    assert media_uses(read_timeline(draft)) == {}


def test_the_words_of_a_mask_ask_for_their_font(make):
    config = {"width": 0.5, "height": 0.5}
    mask = {"id": "m", "type": "mask", "resource_type": "text", "config": config}
    mask["text_config"] = {"content": "NOW", "font_path": FONT}
    timeline = read_timeline(make.one_clip(make.clip(extra_material_refs=["m"]), common_mask=[mask]))
    use = media_uses(timeline)[FONT]
    assert (use.is_optional, use.segment_id, use.material) == (True, "clip", FontFile(FONT))
    assert FONT in shown_paths(timeline)
