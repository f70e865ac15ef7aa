from __future__ import annotations

import pytest

from cutfarm.timeline.captions import read_caption
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity


def read(material):
    notes = Notes()
    block = read_caption(material, 1000, SegmentNotes(notes, "s"))
    return block, list(notes.report())


def test_defaults(make):
    block, entries = read(make.text("a"))
    assert (block.alignment, block.letter_spacing_em, block.line_spacing, block.alpha) == (1, 0, 0.02, 1)
    assert block.wrap_width is None
    assert entries == []


def test_fields(make):
    more = {"alignment": 2, "letter_spacing": 0.1, "line_spacing": 0.4, "global_alpha": 0.9}
    block, _ = read(make.text("a", **more))
    assert (block.alignment, block.letter_spacing_em, block.line_spacing, block.alpha) == (2, 0.1, 0.4, 0.9)


@pytest.mark.parametrize(
    ("fields", "width"),
    [
        ({"type": "subtitle"}, 0.82),
        ({"type": "subtitle", "line_max_width": 0.5}, 0.5),
        ({"type": "subtitle", "line_max_width": 0}, 0.82),
        ({"type": "text", "line_max_width": 0.5}, None),
        ({"type": "text", "line_max_width": 0.5, "force_apply_line_max_width": True}, 0.5),
        ({"type": "text", "fixed_width": 250.0}, 0.25),
        ({"type": "subtitle", "fixed_width": 642.0}, 0.642),
        ({"type": "text", "fixed_width": -1.0}, None),
    ],
)
def test_wrapping(make, fields, width):
    assert read(make.text("a", **fields))[0].wrap_width == width


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"typesetting": 1, "alignment": 4}, ["vertical"]),
        ({"alignment": 3}, ["centred"]),
        ({"text_curve": {"enable": True, "angle": 90}}, ["curved"]),
        ({"text_curve": {"enable": False, "angle": 90}}, []),
        ({"has_shadow": True}, ["shadow"]),
        ({"has_shadow": True, "check_flag": 7}, []),
        ({"has_shadow": True, "check_flag": 39}, ["shadow"]),
        ({"background_color": "#ff0000", "background_style": 1}, ["background"]),
        ({"background_color": "#ff0000", "background_style": 1, "check_flag": 15}, []),
        ({"background_color": "#ff0000", "background_style": 0, "check_flag": 23}, ["background"]),
        ({"background_color": "", "background_style": 1, "check_flag": 23}, []),
        ({"check_flag": 71}, ["glow"]),
        ({"single_char_bg_enable": True}, ["boxes"]),
        ({"combo_info": {"text_templates": [{"id": 1}]}}, ["template"]),
        ({"caption_template_info": {"resource_id": "5"}}, ["caption template"]),
        ({"caption_template_info": {"resource_id": ""}, "words": {"text": ["a"]}, "ktv_color": "#0022FFFF"}, []),
    ],
)
def test_what_is_lost_is_said(make, fields, words):
    _, entries = read(make.text("a", **fields))
    assert len(entries) == len(words)
    assert all(word in entry.message for word, entry in zip(words, entries, strict=True))


@pytest.mark.parametrize(
    ("style", "word"),
    [
        ({"shadows": [{"alpha": 1}]}, "shadow"),
        ({"effectStyle": {"id": "99", "path": ""}}, "word art"),
        ({"fill": {"content": {"texture": {"path": "x.png"}}}}, "textured"),
        ({"fill": {"content": {"gradient": {"color": [[1, 0, 0]]}}}}, "gradient"),
    ],
)
def test_what_a_style_loses_is_said(make, style, word):
    _, [entry] = read(make.text({"text": "a", "styles": [style]}))
    assert word in entry.message
    assert entry.fidelity == Fidelity.UNSUPPORTED


def test_word_art_is_said_once(make):
    content = {"text": "a", "styles": [{"effectStyle": {"id": "99"}}]}
    art = {"id": "art", "type": "text_effect", "name": "Gold", "resource_id": "99"}
    segment = make.clip(material_id="words", source_start=None, extra_material_refs=["art"])
    [entry] = read_timeline(make.one_caption(make.text(content), segment, effects=[art])).report
    assert (entry.what, entry.resource_id) == ("word art", "99")
    assert "Gold" in entry.message


def test_keyed_opacity_takes_the_place_of_the_materials(make, only):
    curve = {"property_type": "KFTypeGlobalAlpha", "keyframe_list": [{"time_offset": 0, "values": [0.5]}]}
    segment = make.clip(material_id="words", source_start=None, common_keyframes=[curve])
    caption = only(read_timeline(make.one_caption(make.text("a", global_alpha=0.3), segment)))
    assert caption.text.alpha == 1.0
    assert caption.curves[0].keys[0].value == 0.5
