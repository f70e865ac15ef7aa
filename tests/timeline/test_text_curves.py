"""Keyed looks of captions: from the draft's keys to a block at an instant."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.curves import text_at
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.text import Glow, Gradient, GradientStop, Shadow, Stroke, TextBackground, TextBlock, TextStyle
from cutfarm.timeline.text_curves import LOOK_VALUES, can_be_keyed, look_at
from cutfarm.timeline.text_shadows import GLOW_EM
from cutfarm.timeline.writer import write_draft

SECOND = 1_000_000
FADE = Gradient((GradientStop(0, (1, 0, 0)), GradientStop(1, (0, 0, 1))))
PLAIN = TextBlock("m", "ab", (TextStyle(0, 2, 10),))
RICH = TextBlock(
    "m",
    "ab",
    (
        TextStyle(
            0,
            2,
            10,
            fill=FADE,
            strokes=(Stroke((0, 0, 0), 1, 0.1), Stroke((1, 1, 1), 1, 0.2)),
            shadows=(Shadow((0, 0, 0), 1, -45, 0.15), Shadow((1, 1, 1), 1, 0, 0.1)),
            glow=Glow(None, 0.5, 0.1),
        ),
    ),
    backgrounds=(TextBackground("block", (0, 0, 0)), TextBackground("glyph", (1, 1, 1))),
)


def keys(name, *pairs, **more):
    listed = [{"time_offset": at, "values": list(values), **more} for at, values in pairs]
    return {"property_type": name, "keyframe_list": listed}


def caption(make, material, *curves):
    segment = make.clip(id="caption", material_id="words", source_start=None, common_keyframes=list(curves))
    return make.one_caption(material, segment)


def test_a_colour_of_several_values(make, only):
    curve = keys("KFTypeTextColor", (0, (1, 0, 0, 1)), (SECOND, (0, 0, 1, 0.5)))
    timeline = read_timeline(caption(make, make.text("a"), curve))
    segment = only(timeline)
    assert not timeline.report
    assert [len(curve.values) for curve in segment.look_curves] == [4]
    [style] = text_at(segment, SECOND / 2).styles
    assert style.colour == (128 / 255, 0, 128 / 255)
    assert style.alpha == pytest.approx(0.75, abs=1 / 255)
    assert text_at(segment, 9 * SECOND).styles[0].colour == (0, 0, 1)


def test_nothing_keyed_is_the_very_same_block(make, only):
    segment = only(read_timeline(caption(make, make.text("a"))))
    assert text_at(segment, 5) is segment.text


def test_keys_that_agree_with_the_still_look_are_the_very_same_block(make, only):
    segment = only(read_timeline(caption(make, make.text("a"), keys("KFTypeTextAlpha", (0, (1,)), (SECOND, (0,))))))
    assert text_at(segment, 0) is segment.text
    assert text_at(segment, Fraction(SECOND, 4)).styles[0].alpha == 0.75


def test_eased_single_values_are_eased_and_eased_colours_are_not(make, only):
    ease = {"curveType": "FreeCurveInOut", "right_control": {"x": 0, "y": 0.9}, "left_control": {"x": 0, "y": 0}}
    alpha = keys("KFTypeTextAlpha", (0, (0,)), (SECOND, (1,)), **ease)
    timeline = read_timeline(caption(make, make.text("a"), alpha))
    assert not timeline.report
    assert text_at(only(timeline), SECOND / 4).styles[0].alpha > 0.4
    colour = keys("KFTypeTextColor", (0, (0, 0, 0)), (SECOND, (1, 1, 1)), **ease)
    timeline = read_timeline(caption(make, make.text("a"), colour))
    assert [entry.fidelity.word for entry in timeline.report] == ["close"]
    assert text_at(only(timeline), SECOND / 2).styles[0].colour == (128 / 255,) * 3


def test_the_last_of_two_lists_counts_and_keys_without_values_are_left_out(make, only):
    curves = [keys("KFTypeTextAlpha", (0, (0.1,))), keys("KFTypeTextAlpha", (0, ()), (5, ("x", 0.5)))]
    segment = only(read_timeline(caption(make, make.text("a"), *curves)))
    assert text_at(segment, 0).styles[0].alpha == 0.5


@pytest.mark.parametrize(
    "name", ["KFTypeBorderWidth", "KFTypeShadowAlpha", "KFTypeBackgroundAlpha", "KFTypeBloomRange", "KFTypeBorderMode"]
)
def test_what_the_caption_has_not_cannot_be_keyed_and_is_said(make, only, name):
    timeline = read_timeline(caption(make, make.text("a"), keys(name, (0, (0.5,)))))
    [entry] = timeline.report
    assert name in entry.message
    assert only(timeline).look_curves == ()


def test_looks_of_clips_are_not_keyed(make):
    segment = make.clip(common_keyframes=[keys("KFTypeTextAlpha", (0, (0.5,)))])
    [entry] = read_timeline(make.one_clip(segment)).report
    assert "KFTypeTextAlpha" in entry.message


def test_every_property_can_be_keyed_where_there_is_all():
    assert all(can_be_keyed(name, RICH) for name in LOOK_VALUES)
    assert {name for name in LOOK_VALUES if can_be_keyed(name, PLAIN)} == {
        "KFTypeTextColor",
        "KFTypeTextAlpha",
        "KFTypeTextCurveAngle",
    }


@pytest.mark.parametrize(
    ("name", "values", "read"),
    [
        ("KFTypeTextColor", [1, 0.5, 0], lambda b: (b.styles[0].colour, b.styles[0].fill) == ((1, 128 / 255, 0), None)),
        ("KFTypeTextAlpha", [0.25], lambda b: b.styles[0].alpha == 0.25),
        ("KFTypeTextGradientAngle", [30], lambda b: b.styles[0].fill.angle_deg == 30),
        (
            "KFTypeTextGradientColor",
            [0, 1, 0, 1, 1, 0],
            lambda b: [stop.colour for stop in b.styles[0].fill.stops] == [(0, 1, 0), (1, 1, 0)],
        ),
        (
            "KFTypeTextGradientColor",
            [0, 1, 0, 0.2, 1, 1, 0, 0.4],
            lambda b: [stop.alpha for stop in b.styles[0].fill.stops] == [0.2, 0.4],
        ),
        ("KFTypeTextGradientColor", [0, 1, 0], lambda b: b.styles[0].fill == FADE),
        ("KFTypeTextGradientAlpha", [0, 0.5], lambda b: [s.alpha for s in b.styles[0].fill.stops] == [0, 0.5]),
        ("KFTypeTextGradientPercent", [20, 80], lambda b: [s.at for s in b.styles[0].fill.stops] == [0.2, 0.8]),
        ("KFTypeTextGradientPercent", [0.8, 0.2], lambda b: [s.at for s in b.styles[0].fill.stops] == [0.2, 0.8]),
        ("KFTypeTextCurveAngle", [120], lambda b: b.curve_deg == 120),
        ("KFTypeBorderColor", [1, 0, 0], lambda b: [s.colour for s in b.styles[0].strokes] == [(1, 0, 0), (1, 1, 1)]),
        ("KFTypeBorderWidth", [0.05], lambda b: [s.width_em for s in b.styles[0].strokes] == [0.05, 0.2]),
        ("KFTypeBorderAlpha", [0.5], lambda b: b.styles[0].strokes[0].alpha == 0.5),
        ("KFTypeBackgroundColor", [1, 0, 0, 0.2], lambda b: b.backgrounds[0].alpha == 51 / 255),
        ("KFTypeBackgroundAlpha", [0.5], lambda b: [box.alpha for box in b.backgrounds] == [0.5, 1]),
        ("KFTypeBackgroundWidth", [0.4], lambda b: b.backgrounds[0].pad_x == 0.2),
        ("KFTypeBackgroundHeight", [0.4], lambda b: b.backgrounds[0].pad_y == 0.2),
        ("KFTypeBackgroundOffsetX", [0.3], lambda b: b.backgrounds[0].shift_x == 0.3),
        ("KFTypeBackgroundOffsetY", [0.3], lambda b: b.backgrounds[0].shift_y == -0.3),
        ("KFTypeBackgroundRoundRadius", [0.3], lambda b: b.backgrounds[0].round_radius == 0.3),
        ("KFTypeShadowColor", [1, 0, 0], lambda b: b.styles[0].shadows[0].colour == (1, 0, 0)),
        ("KFTypeShadowAlpha", [0.5], lambda b: [s.alpha for s in b.styles[0].shadows] == [0.5, 1]),
        ("KFTypeShadowAngle", [10], lambda b: b.styles[0].shadows[0].angle_deg == 10),
        ("KFTypeShadowDistance", [10], lambda b: b.styles[0].shadows[0].distance_em == pytest.approx(0.3)),
        ("KFTypeShadowSmoothing", [0.45], lambda b: b.styles[0].shadows[0].blur_em == pytest.approx(0.025 * 1.225)),
        ("KFTypeBloomColor", [1, 0, 0], lambda b: b.styles[0].glow.colour == (1, 0, 0)),
        ("KFTypeBloomStrength", [0.9], lambda b: b.styles[0].glow.alpha == 0.9),
        ("KFTypeBloomRange", [0.8], lambda b: b.styles[0].glow.radius_em == 0.8 * GLOW_EM),
    ],
)
def test_each_property_changes_what_it_names(name, values, read):
    assert read(look_at(RICH, {name: values}))


def test_the_point_of_a_shadow_is_its_angle_and_distance():
    """Applications write (1.018, −1.018) beside a distance of 8 at −45°."""
    [shadow, _] = look_at(RICH, {"KFTypeShadowPoint": [1.0182337649086284, -1.0182337649086284]}).styles[0].shadows
    assert shadow.angle_deg == pytest.approx(-45)
    assert shadow.distance_em == pytest.approx(8 * 0.03)


def test_a_keyed_distance_wins_over_the_point():
    [shadow, _] = look_at(RICH, {"KFTypeShadowPoint": [1, 0], "KFTypeShadowDistance": [2]}).styles[0].shadows
    assert (shadow.angle_deg, shadow.distance_em) == (0, pytest.approx(0.06))


def test_layers_have_the_look_of_their_frame_and_the_draft_is_written_back(make):
    draft = caption(make, make.text("a"), keys("KFTypeTextColor", (0, (1, 1, 1)), (2 * SECOND, (0, 0, 0))))
    timeline = read_timeline(draft)
    stack = LayerStack(timeline, Fraction(2))
    assert [layer.text.styles[0].colour[0] for frame in range(4) for layer in stack.at(frame)] == pytest.approx(
        [1, 0.75, 0.5, 0.25], abs=1 / 255
    )
    assert write_draft(timeline) == draft


@given(st.dictionaries(st.sampled_from(sorted(LOOK_VALUES)), st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8)))
def test_whatever_is_keyed_can_be_drawn(values):
    block = look_at(RICH, values)
    [style] = block.styles
    parts = [style.alpha, *style.colour, *(stroke.alpha for stroke in style.strokes)]
    parts += [value for box in block.backgrounds for value in (box.alpha, box.round_radius, *box.colour)]
    assert all(0 <= part <= 1 for part in parts)
    assert all(math.isfinite(shadow.distance_em) and 0 <= shadow.distance_em <= 3 for shadow in style.shadows)
    assert all(0 <= stroke.width_em <= 1 for stroke in style.strokes)
    assert -360 <= block.curve_deg <= 360
    if isinstance(style.fill, Gradient):
        places = [stop.at for stop in style.fill.stops]
        assert places == sorted(places)
