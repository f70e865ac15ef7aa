from __future__ import annotations

import colorsys

import pytest

from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.styles import Look
from cutfarm.timeline.text import Glow, Gradient, GradientStop, Shadow, Stroke, Texture
from cutfarm.timeline.word_art import in_word_art, luminance

ART = {"id": "art", "type": "text_effect", "name": "Gold", "resource_id": "99"}
CONTENT = {"text": "ab", "styles": [{"range": [0, 1], "effectStyle": {"id": "99"}}, {"range": [1, 2]}]}


def test_it_is_said_once_and_evocative(make):
    segment = make.clip(material_id="words", source_start=None, extra_material_refs=["art"])
    timeline = read_timeline(make.one_caption(make.text(CONTENT), segment, effects=[ART]))
    [entry] = timeline.report
    assert (entry.what, entry.resource_id, entry.fidelity) == ("word art", "99", Fidelity.EVOCATIVE)
    assert "Gold" in entry.message


def test_it_lies_over_its_range_alone(make, read_block):
    block, _ = read_block(make.text(CONTENT), ART)
    assert [(style.start, style.end, bool(style.fill)) for style in block.styles] == [(0, 1, True), (1, 2, False)]


def test_of_old_captions_it_lies_over_everything(make, read_block):
    for content in ("ab", "<size=5>[ab]</size>"):
        block, [entry] = read_block(make.text(content), ART)
        assert block.styles[0].fill is not None
        assert entry.resource_id == "99"


def test_what_the_styles_do_not_name_is_not_drawn(make, read_block):
    block, [entry] = read_block(make.text({"text": "a", "styles": [{}]}), ART)
    assert block.styles[0].fill is None
    assert (entry.fidelity, entry.resource_id) == (Fidelity.CLOSE, "99")


@pytest.mark.parametrize("change", [{"visible": False}, {"resource_id": ""}])
def test_what_is_hidden_or_names_nothing_is_silent(make, read_block, change):
    assert read_block(make.text("a"), ART | change)[1] == []


def look(**more):
    plain = {"size": 10, "colour": (1, 1, 1), "alpha": 1, "font_id": "", "font_path": "", "art_id": "7"}
    return Look(**plain | more)


def hue(colour):
    return colorsys.rgb_to_hsv(*colour)[0]


def contrast(one, two):
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_a_number_always_has_the_same_look_and_numbers_differ():
    looks = [in_word_art(look(art_id=str(number)), "") for number in range(60)]
    assert looks == [in_word_art(look(art_id=str(number)), "") for number in range(60)]
    assert len({(art.fill, art.strokes) for art in looks}) == 60
    assert {(bool(art.shadows), bool(art.glow), len(art.strokes)) for art in looks} == {
        (False, False, 2),
        (True, False, 1),
        (False, True, 1),
    }


@pytest.mark.parametrize("name", ["", "金色", "black", "白色黄边", "粉色发光"])
@pytest.mark.parametrize("colour", [(1, 1, 1), (0, 0, 0), (0, 0, 1), (1, 0.87, 0), (0.5, 0.5, 0.5)])
@pytest.mark.parametrize("strokes", [(), (Stroke((0, 0, 0), 1, 0.05),), (Stroke((1, 1, 1), 1, 0.05),)])
def test_letters_differ_from_the_stroke_around_them(name, colour, strokes):
    for number in range(20):
        art = in_word_art(look(art_id=str(number), colour=colour, strokes=strokes), name)
        assert all(contrast(stop.colour, art.strokes[0].colour) >= 2.5 for stop in art.fill.stops)


def test_the_hue_of_the_style_is_kept():
    art = in_word_art(look(colour=(0.9, 0.2, 0.3)), "")
    assert hue(art.fill.stops[-1].colour) == pytest.approx(hue((0.9, 0.2, 0.3)), abs=0.02)
    assert hue(art.strokes[0].colour) == pytest.approx(hue((0.9, 0.2, 0.3)), abs=0.02)


@pytest.mark.parametrize(
    ("name", "letters", "edge"),
    [("潮酷白色黄边立体花字", (1, 1, 1), (1, 0.86, 0.1)), ("Pink neon", (1, 0.45, 0.7), (1, 0.45, 0.7))],
)
def test_a_name_tells_colours_and_kind(name, letters, edge):
    art = in_word_art(look(), name)
    assert hue(art.colour) == pytest.approx(hue(letters), abs=0.02)
    assert hue(art.strokes[0].colour) == pytest.approx(hue(edge), abs=0.02)
    assert bool(art.glow) == ("neon" in name)
    assert bool(art.shadows) == ("立体" in name)


def test_words_that_only_hold_a_colour_tell_none():
    assert in_word_art(look(), "coloured") == in_word_art(look(), "")


def test_what_the_style_carries_stays():
    carried = {
        "strokes": (Stroke((0, 0, 0), 1, 0.2),),
        "shadows": (Shadow((0, 0, 1), 1, 0, 0.1),),
        "glow": Glow(None, 1, 0.1),
        "fill": Gradient((GradientStop(0, (1, 0, 0)), GradientStop(1, (0, 1, 0)))),
    }
    art = in_word_art(look(**carried), "")
    assert {name: getattr(art, name) for name in carried} == carried


def test_a_style_that_keeps_its_colour_has_it():
    art = in_word_art(look(colour=(0.2, 0.4, 0.6), own_colour=True), "")
    assert (art.colour, art.fill) == ((0.2, 0.4, 0.6), None)
    assert art.strokes


@pytest.mark.parametrize(("path", "stays"), [("C:/cache/99/a.png", False), ("C:/mine/a.png", True)])
def test_a_texture_out_of_the_package_cannot_be_had(path, stays):
    art = in_word_art(look(fill=Texture(path), art_path="C:/cache/99"), "")
    assert isinstance(art.fill, Texture) == stays


def test_word_art_of_real_drafts(shared_drafts):
    timeline = read_timeline(shared_drafts["vertical-text-animations"])
    captions = [segment.text for track in timeline.tracks if track.kind == "text" for segment in track.segments]
    fills = [caption.styles[0].fill for caption in captions]
    assert all(isinstance(fill, Gradient) for fill in fills)
    assert fills[0] != fills[1]
