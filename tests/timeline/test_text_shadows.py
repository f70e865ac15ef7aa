from __future__ import annotations

import pytest

from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.text import Glow, Shadow
from cutfarm.timeline.text_shadows import BLUR_EM

BLOOM = {"id": "bloom", "type": "bloom", "resource_id": "77"}


@pytest.mark.parametrize("softness", ["diffuse", "feather"])
def test_both_generations(make, read_block, softness):
    raw = {"alpha": 0.8, "angle": -30, "distance": 8, softness: 0.05, "content": {"solid": {"color": [0.5, 0, 1]}}}
    [style] = read_block(make.text({"text": "a", "styles": [{"shadows": [raw, raw]}]}))[0].styles
    assert style.shadows == (Shadow((0.5, 0, 1), 0.8, -30, pytest.approx(0.24), pytest.approx(2.45 * 0.05 / 2)),) * 2


def test_flat_fields_blur_as_the_content_beside_them(make, read_block):
    """Applications write a smoothing of 1 beside 1/18, and of 0.45 beside 0.025."""
    flat = {"has_shadow": True, "shadow_color": "#3e0b0b", "shadow_alpha": 0.67, "shadow_angle": -45.0}
    material = make.text("a", **flat, shadow_distance=8.0, shadow_smoothing=0.45)
    [shadow] = read_block(material)[0].styles[0].shadows
    assert (shadow.alpha, shadow.angle_deg, shadow.distance_em) == (0.67, -45, pytest.approx(0.24))
    assert shadow.blur_em == pytest.approx(BLUR_EM * 0.025)
    assert shadow.colour == pytest.approx((62 / 255, 11 / 255, 11 / 255))


@pytest.mark.parametrize("raw", [{"distance": 1e9}, {"distance": -5}, {"diffuse": 50}, {"alpha": 7}])
def test_amounts_beyond_the_sliders_are_held_and_said(make, read_block, raw):
    block, [entry] = read_block(make.text({"text": "a", "styles": [{"shadows": [raw]}]}))
    [shadow] = block.styles[0].shadows
    assert 0 <= shadow.distance_em <= 3
    assert 0 <= shadow.blur_em <= BLUR_EM
    assert 0 <= shadow.alpha <= 1
    assert entry.fidelity == Fidelity.CLOSE


def test_a_thousand_shadows(make, read_block):
    block, [entry] = read_block(make.text({"text": "a", "styles": [{"shadows": [{}] * 1000}]}))
    assert len(block.styles[0].shadows) == 8
    assert "1000" in entry.message


def test_thickness_is_not_drawn(make, read_block):
    raw = {"thickness_projection_enable": True}
    _, [entry] = read_block(make.text({"text": "a", "styles": [{"shadows": [raw]}]}))
    assert (entry.fidelity, "thickness" in entry.message) == (Fidelity.UNSUPPORTED, True)


def test_of_an_effect(make, read_block):
    effect = BLOOM | {"bloom_params": {"color": "#d70000", "range": 0.4, "strength": 0.55, "dir_x": 0.5}}
    block, [entry] = read_block(make.text("a", check_flag=71), effect)
    assert block.styles[0].glow == Glow((215 / 255, 0, 0), 0.55, pytest.approx(0.1))
    assert (entry.what, entry.resource_id, entry.fidelity) == ("glow", "77", Fidelity.CLOSE)


def test_without_a_colour_it_is_that_of_the_letters(make, read_block):
    effect = BLOOM | {"bloom_params": {"color": "", "range": 0.4, "strength": 0.3}}
    assert read_block(make.text("a", check_flag=71), effect)[0].styles[0].glow.colour is None


def test_a_switch_alone_asks_for_one(make, read_block):
    block, [entry] = read_block(make.text("a", check_flag=71))
    assert block.styles[0].glow is not None
    assert entry.what == "glow"


@pytest.mark.parametrize("params", [{"strength": 0}, {"range": 0}, {"strength": -3}])
def test_one_of_no_strength_or_reach_is_none(make, read_block, params):
    block, _ = read_block(make.text("a", check_flag=71), BLOOM | {"bloom_params": params})
    assert block.styles[0].glow is None


def test_in_a_draft(make, only):
    segment = make.clip(material_id="words", source_start=None, extra_material_refs=["bloom"])
    timeline = read_timeline(make.one_caption(make.text("a", check_flag=71), segment, effects=[BLOOM]))
    assert only(timeline).text.styles[0].glow is not None
    assert [entry.what for entry in timeline.report] == ["glow"]
