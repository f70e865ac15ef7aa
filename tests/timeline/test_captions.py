from __future__ import annotations

import json

import pytest

from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity

BLOOM = {"id": "bloom", "type": "bloom", "resource_id": "77"}


def test_defaults(make, read_block):
    block, entries = read_block(make.text("a"))
    assert (block.alignment, block.letter_spacing_em, block.line_spacing, block.alpha) == (1, 0, 0.02, 1)
    assert block.wrap_width is None
    assert entries == []


def test_fields(make, read_block):
    more = {"alignment": 2, "letter_spacing": 0.1, "line_spacing": 0.4, "global_alpha": 0.9}
    block, _ = read_block(make.text("a", **more))
    assert (block.alignment, block.letter_spacing_em, block.line_spacing, block.alpha) == (2, 0.1, 0.4, 0.9)


@pytest.mark.parametrize(
    ("fields", "width"),
    [
        ({"type": "subtitle"}, 0.82),
        ({"type": "subtitle", "line_max_width": 0.5}, 0.5),
        ({"type": "subtitle", "line_max_width": 0}, 0.82),
        ({"type": "text", "line_max_width": 0.5}, None),
        ({"type": "text", "line_max_width": 0.5, "force_apply_line_max_width": True}, 0.5),
        ({"type": "text", "fixed_width": 180.0}, 0.25),
        ({"type": "subtitle", "fixed_width": 648.0}, 0.9),
        ({"type": "text", "fixed_width": -1.0}, None),
    ],
)
def test_wrapping(make, read_block, fields, width):
    assert read_block(make.text("a", **fields))[0].wrap_width == width


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ({"type": "subtitle"}, 0.82),
        ({"type": "text"}, None),
        ({"type": "text", "fixed_width": 180.0}, None),
        ({"type": "text", "fixed_height": 360.0}, 0.5 * 1080 / 1920),
    ],
)
def test_columns_are_as_long_as_their_box_or_the_canvas_is_high(make, read_block, fields, length):
    block, entries = read_block(make.text("a", typesetting=1, **fields))
    assert block.is_vertical
    assert block.wrap_width == pytest.approx(length)
    assert entries == []


def test_a_box_is_as_wide_as_lines_broken_by_hand_for_it_need(shared_drafts):
    """Measured with the font of that draft, its longest lines take 1600 and 1530 pixels of its canvas of 1920."""
    timeline = read_timeline(shared_drafts["arabic-captions"])
    captions = [segment.text for track in timeline.tracks if track.kind == "text" for segment in track.segments]
    boxes = {caption.wrap_width for caption in captions if caption.text[:2] in ("1.", "2.", "3.")}
    assert [round(width * 1920) for width in boxes] == [1714]


@pytest.mark.parametrize(
    ("fields", "alignment", "notes"),
    [
        ({"alignment": 0}, 0, 0),
        ({"alignment": 2}, 2, 0),
        ({"alignment": 3}, 1, 1),
        ({"alignment": -1}, 1, 1),
        ({"typesetting": 1, "alignment": 0}, 0, 0),
        ({"typesetting": 1, "alignment": 3}, 0, 0),
        ({"typesetting": 1, "alignment": 4}, 2, 0),
        ({"typesetting": 1, "alignment": 9}, 1, 1),
    ],
)
def test_alignments(make, read_block, fields, alignment, notes):
    block, entries = read_block(make.text("a", **fields))
    assert (block.alignment, len(entries)) == (alignment, notes)


@pytest.mark.parametrize(
    ("curve", "degrees"),
    [
        ({"enable": True, "angle": 90}, 90.0),
        ({"angle": -45.5}, -45.5),
        ({"enable": True, "angle": 9000}, 360.0),
        ({"enable": False, "angle": 90}, 0.0),
        ({"enable": True}, 0.0),
        (None, 0.0),
        ([1], 0.0),
    ],
)
def test_curves(make, read_block, curve, degrees):
    assert read_block(make.text("a", text_curve=curve))[0].curve_deg == degrees


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"combo_info": {"text_templates": [{"id": 1}]}}, ["template"]),
        ({"caption_template_info": {"resource_id": "5"}}, ["caption template"]),
        ({"lyrics_template": {"resource_id": "5"}}, ["lyrics template"]),
        ({"background_fill": "x.png"}, ["picture of its background"]),
        ({"enable_path_typesetting": True}, ["path"]),
        ({"caption_template_info": {"resource_id": ""}, "words": {"text": ["a"]}, "ktv_color": "#0022FFFF"}, []),
    ],
)
def test_what_is_lost_is_said(make, read_block, fields, words):
    _, entries = read_block(make.text("a", **fields))
    assert len(entries) == len(words)
    assert all(word in entry.message for word, entry in zip(words, entries, strict=True))
    assert all(entry.fidelity == Fidelity.UNSUPPORTED for entry in entries)


class TestSwitches:
    """Bits of `check_flag`: 7 base, 8 stroke, 16 background, 32 shadow, 64 glow."""

    CONTENT = json.dumps(
        {
            "text": "a",
            "styles": [
                {
                    "range": [0, 1],
                    "strokes": [{"width": 0.1, "content": {"solid": {"color": [0, 0, 0]}}}],
                    "shadows": [{"distance": 5, "diffuse": 0.1, "content": {"solid": {"color": [0, 0, 0]}}}],
                }
            ],
        }
    )

    @pytest.mark.parametrize(
        ("check_flag", "drawn"),
        [(7, ""), (15, "stroke"), (23, "box"), (39, "shadow"), (71, "glow"), (47, "stroke shadow"), (None, "all")],
    )
    def test_a_feature_needs_its_switch_where_there_are_switches(self, make, read_block, check_flag, drawn):
        flags = {} if check_flag is None else {"check_flag": check_flag}
        box = {"background_color": "#ff0000", "background_style": 1}
        block, _ = read_block(make.text(self.CONTENT, **box, **flags), BLOOM)
        [style] = block.styles
        found = {"stroke": style.strokes, "box": block.backgrounds, "shadow": style.shadows, "glow": style.glow}
        wanted = found.keys() if drawn == "all" else set(drawn.split())
        assert {name for name, value in found.items() if value} == wanted

    @pytest.mark.parametrize(("fields", "boxes"), [({"background_style": 0}, 0), ({"check_flag": 23}, 1)])
    def test_a_box_without_switches_needs_a_style(self, make, read_block, fields, boxes):
        assert len(read_block(make.text("a", background_color="#ff0000", **fields))[0].backgrounds) == boxes

    def test_the_content_decides_whether_there_is_a_shadow(self, make, read_block):
        """The flat field mirrors it, and may disagree."""
        assert read_block(make.text(self.CONTENT, has_shadow=False, check_flag=39))[0].styles[0].shadows
        bare = {"text": "a", "styles": [{"range": [0, 1]}]}
        assert not read_block(make.text(bare, has_shadow=True, check_flag=39))[0].styles[0].shadows


@pytest.mark.parametrize(
    ("style", "word"),
    [
        ({"size": 0}, "size"),
        ({"size": -4}, "size"),
        ({"size": 10_000}, "size"),
        ({"fill": {"content": {"solid": {"color": [255, 128, 0]}}}}, "255"),
        ({"fill": {"content": {"solid": {"color": [1.5, 0.1, 0]}}}}, "colour"),
        ({"fill": {"alpha": 50}}, "opacity"),
        ({"strokes": [{"width": 33.3}]}, "stroke"),
        ({"strokes": [{"width": 0.1}] * 20}, "strokes"),
    ],
)
def test_what_is_held_to_what_can_be_drawn_is_said(make, read_block, style, word):
    block, [entry] = read_block(make.text({"text": "a", "styles": [style]}))
    [read_style] = block.styles
    assert word in entry.message
    assert (entry.fidelity, entry.what) == (Fidelity.CLOSE, "caption")
    assert 0.01 <= read_style.size <= 1000
    assert all(0 <= part <= 1 for part in (*read_style.colour, read_style.alpha))
    assert all(stroke.width_em <= 1 for stroke in read_style.strokes)


def test_half_a_character_is_said(make, read_block):
    block, [entry] = read_block(make.text('{"text": "a\\ud83d", "styles": []}'))
    assert block.text == "a\ufffd"
    assert "Half a character" in entry.message
    assert read_block(make.text('{"text": "a\\ufffd", "styles": []}'))[1] == []


def test_keyed_opacity_takes_the_place_of_the_materials(make, only):
    curve = {"property_type": "KFTypeGlobalAlpha", "keyframe_list": [{"time_offset": 0, "values": [0.5]}]}
    segment = make.clip(material_id="words", source_start=None, common_keyframes=[curve])
    caption = only(read_timeline(make.one_caption(make.text("a", global_alpha=0.3), segment)))
    assert caption.text.alpha == 1.0
    assert caption.curves[0].keys[0].value == 0.5
