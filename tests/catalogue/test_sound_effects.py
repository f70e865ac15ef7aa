"""Sound effects against the reference tables, and what their sliders change."""

from __future__ import annotations

import csv
import json

import pytest

from cutfarm.catalogue.sound_effects import ops_of, sound_effect, sound_effects

TABLES = {"scene": ("audio_scene", 299), "tone": ("audio_tone", 70), "song": ("audio_speech_to_song", 7)}
ECHO, DEEP, MIC = "7018011608408396325", "7020344898033291790", "7018012141332468260"


def rows_of(shared, kind):
    with (shared / "effects" / f"{TABLES[kind][0]}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def meant(row):
    """The row's operations, and what stands in for them."""
    params = json.loads(row["params"])
    fallback = [params.pop("fallback")] if "fallback" in params else []
    added = [(op.pop("f"), op) for op in params.pop("add", [])]
    ops = [] if row["family"] == "none" else [(row["family"], params), *added]
    return row["fidelity"], ops, [(op.pop("f"), op) for op in fallback]


def said(row):
    return row.fidelity, list(row.ops), list(row.fallback)


def sliders_of(row):
    return ";".join(f"{s.name}={s.default:g}[{s.low:g},{s.high:g}]" for s in row.sliders)


@pytest.mark.parametrize("kind", TABLES)
def test_every_row_by_its_numbers(shared, kind):
    rows = rows_of(shared, kind)
    assert len(rows) == TABLES[kind][1]
    for row in rows:
        for number in (row["resource_id"], row["effect_id"]):
            found = sound_effect(f" {number} ", "translated", kind)
            assert said(found) == meant(row), number
            assert found.resource_id == row["resource_id"]


@pytest.mark.parametrize("kind", TABLES)
def test_every_row_by_its_names(shared, kind):
    rows = rows_of(shared, kind)
    for row in rows:
        for field in ("name_zh", "name_en"):
            assert sound_effect("", f" {row[field].upper()} ", kind).kind == kind, row[field]
    assert [said(row) for row in sound_effects(kind)] == [meant(row) for row in rows]
    assert [sliders_of(row) for row in sound_effects(kind)] == [row["slider_params"] for row in rows]


@pytest.mark.parametrize("kind", TABLES)
def test_every_row_at_its_defaults_is_as_the_table_has_it(kind):
    for row in sound_effects(kind):
        given = [(slider.name, slider.default) for slider in row.sliders]
        for sliders in ((), given, [("another", 0.3)]):
            ops, strength = ops_of(row, sliders)
            assert (ops, strength) == (row.ops or row.fallback, 1.0), row.name
            assert ops


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("value", [0.0, 0.2, 1.0, -1e308, 1e308])
def test_every_slider_leaves_parameters_that_can_be(kind, value):
    for row in sound_effects(kind):
        ops, strength = ops_of(row, [(slider.name, value) for slider in row.sliders])
        assert 0 <= strength <= 1
        for family, params in ops:
            assert all(abs(params.get(name, 0)) <= 24 for name in ("semis", "formant")), row.name
            assert 0 <= params.get("feedback", 0) <= 0.9
            assert all(0 <= params.get(name, 0) <= 1 for name in ("wet", "mix", "room", "level", "depth")), family
            assert params.get("rate", 1) >= 0.05


def test_other_kinds_come_after_the_own():
    assert sound_effect(DEEP, "", "scene").kind == "tone"
    assert sound_effect("", "Folk", "").kind == "song"
    assert sound_effect("", "男生", "tone").resource_id != sound_effect("", "男生", "scene").resource_id
    assert sound_effect("", "", "tone") is None
    assert sound_effect("0", "no such effect", "scene") is None


def changed(resource_id, **sliders):
    return ops_of(sound_effect(resource_id, "", "scene"), sliders.items())


class TestSliders:
    def test_pitch_and_timbre(self):
        ops, strength = changed(DEEP, 音调=0.584, 音色=0.5)
        [(family, params)] = ops
        assert (family, strength) == ("pitch", 1.0)
        assert params == {"semis": pytest.approx(-5 - 24 * 0.25), "formant": pytest.approx(-4 - 12 * 0.5)}

    def test_a_slider_goes_by_its_meaning_in_either_language(self):
        assert changed(DEEP, change_voice_param_pitch=0.5) == changed(DEEP, 音调=0.5)
        assert changed(DEEP, 音调=0.5) != changed(DEEP)

    def test_an_effect_without_a_shift_gets_one(self):
        [row] = [row for row in sound_effects("scene") if [slider.name for slider in row.sliders] == ["Pitch"]]
        assert ops_of(row, [("Pitch", 0.75)])[0] == (*row.ops, ("pitch", {"semis": 6.0}))

    def test_below_its_default_strength_lets_the_dry_sound_through(self):
        assert changed(ECHO, change_voice_param_strength=0.381)[1] == pytest.approx(0.5)
        assert changed(ECHO, change_voice_param_strength=0)[1] == 0

    def test_above_its_default_strength_mixes_more_echo(self):
        [(_, params)], strength = changed(ECHO, change_voice_param_strength=1)
        assert strength == 1
        assert params == {"time": 0.25, "feedback": 0.45, "mix": pytest.approx(0.4 / 0.762)}

    def test_a_strength_that_is_none_by_default_is_the_whole_effect(self):
        row = sound_effect("", "3D Surround Sound", "scene")
        assert [slider.default for slider in row.sliders] == [0]
        assert ops_of(row, [("strength", 1.0)]) == (row.ops, 1.0)

    def test_more_echoes(self):
        feedback = [changed(ECHO, change_voice_param_quantity=value)[0][0][1]["feedback"] for value in (0, 0.4, 0.8, 1)]
        assert feedback == [0, pytest.approx(0.225), 0.45, pytest.approx(0.9)]

    def test_a_larger_room(self):
        rooms = [changed(MIC, 空间大小=value)[0][0][1]["room"] for value in (0, 0.052, 0.526, 1)]
        assert rooms == [0, 0.35, pytest.approx(0.675), 1]

    def test_noise(self):
        row = sound_effect("", "Vinyl", "scene")
        levels = [dict(ops_of(row, [("噪点", value)])[0])["noise"]["level"] for value in (0, 0.743, 1)]
        assert levels == [0, 0.03, pytest.approx(0.03 / 0.743)]

    def test_of_two_strengths_the_second_is_that_of_the_noise(self):
        row = sound_effect("", "Commuting", "scene")
        ops, strength = ops_of(row, [("strength", 0.5), ("strength", 0.25)])
        assert (strength, dict(ops)["noise"]["level"]) == (0.5, pytest.approx(0.025))

    def test_trembling(self):
        row = sound_effect("", "Tremble", "scene")
        [(_, params)], _ = ops_of(row, [("频率", 1), ("幅度", 1)])
        assert params == {"rate": pytest.approx(6 / 0.714), "depth": 1.0}
        assert ops_of(row, [("频率", 0)])[0][0][1]["rate"] == 0.05

    def test_deeper_water_is_duller(self):
        row = sound_effect("", "Underwater", "scene")
        assert [ops_of(row, [("深度", value)])[0][0][1]["hz"] for value in (0, 0.5, 1)] == [1000, 500, 250]

    def test_where_the_sound_goes_round(self):
        row = sound_effect("", "环绕音", "scene")
        assert ops_of(row, [("change_voice_param_center_position", 1.0)])[0][0][1]["center"] == 1
        assert "center" not in row.ops[0][1]

    def test_what_stands_in_has_its_strength_too(self):
        row = sound_effect("", "Bahh", "scene")
        assert (row.fidelity, row.ops) == ("unsupported", ())
        assert ops_of(row, [("strength", 0.5)]) == (row.fallback, 0.5)
