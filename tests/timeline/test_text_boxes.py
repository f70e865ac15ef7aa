from __future__ import annotations

import pytest

from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.text import TextBackground

RED = {"background_color": "#ff0000", "background_style": 1}


@pytest.mark.parametrize(
    ("fields", "box"),
    [
        ({}, TextBackground("block", (1, 0, 0), 1.0, 0.0, 0.07, 0.07)),
        ({"background_style": 2}, TextBackground("line", (1, 0, 0), 1.0, 0.0, 0.07, 0.07)),
        (
            {
                "background_alpha": 0.5,
                "background_round_radius": 0.4,
                "background_width": 1.0,
                "background_height": 0.25,
                "background_horizontal_offset": 0.2,
                "background_vertical_offset": 0.1,
            },
            TextBackground("block", (1, 0, 0), 0.5, 0.4, 0.5, 0.125, 0.2, -0.1),
        ),
        ({"background_color": "#ff000080"}, TextBackground("block", (1, 0, 0), 128 / 255, 0.0, 0.07, 0.07)),
    ],
)
def test_of_a_block(make, read_block, fields, box):
    block, [entry] = read_block(make.text("a", fixed_width=-1.0, **RED | fields))
    assert block.backgrounds == (box,)
    assert (entry.fidelity, "background" in entry.message) == (Fidelity.CLOSE, True)


def test_the_old_default_of_one_is_todays(make, read_block):
    sizes = {"background_width": 1.0, "background_height": 1.0}
    [old] = read_block(make.text("a", **RED, **sizes))[0].backgrounds
    assert (old.pad_x, old.pad_y) == pytest.approx((0.07, 0.07))
    [new] = read_block(make.text("a", fixed_width=-1.0, **RED, **sizes))[0].backgrounds
    assert (new.pad_x, new.pad_y) == (0.5, 0.5)


def test_of_characters(make, read_block):
    fields = {"single_char_bg_enable": True, "single_char_bg_color": "#00ff00", "single_char_bg_width": 0.2}
    block, _ = read_block(make.text("a", check_flag=23, **fields, **RED))
    assert [box.behind for box in block.backgrounds] == ["block", "glyph"]
    assert block.backgrounds[1] == TextBackground("glyph", (0, 1, 0), 1.0, 0.3, 0.1, 0.0)


@pytest.mark.parametrize("fields", [{"background_color": ""}, {"background_color": "red"}, {"background_color": 3}])
def test_without_a_colour_there_is_none(make, read_block, fields):
    block, entries = read_block(make.text("a", check_flag=23, **RED | fields))
    assert (block.backgrounds, entries) == ((), [])


@pytest.mark.parametrize("value", [-1, 1e9, float("nan"), "x", None])
def test_sizes_that_cannot_be(make, read_block, value):
    fields = {"background_width": value, "background_round_radius": value, "background_vertical_offset": value}
    [box] = read_block(make.text("a", fixed_width=-1.0, **RED, **fields))[0].backgrounds
    assert 0 <= box.pad_x <= 5
    assert 0 <= box.round_radius <= 1
    assert -10 <= box.shift_y <= 10
