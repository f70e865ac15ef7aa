"""Typing, waves, singing along and paths."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import skia

from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.moment import Tint
from tests.text.motion.stage import BOX, MOMENT, Stage, play

MIDDLE = (130.0, 80.0)
NEAR = {"abs": 1e-3, "rel": 1e-5}


def typed(params, kind, share):
    """Which of the four units are there when a share of the time is over, and how opaque."""
    there = {}
    for index in range(4):
        rank = index if kind == "in" else 3 - index
        seen = play(
            FAMILIES["typewriter"],
            params,
            kind=kind,
            time_s=share,
            p=share,
            index=index,
            rank=rank,
            box=MOMENT.boxes[index],
        )
        there.update({index: seen[-1].tint.alpha} if seen else {})
    return there


@pytest.mark.parametrize("share", [0.0, 0.2, 0.25, 0.49, 0.5, 0.74, 0.76, 0.999])
def test_a_letter_is_there_from_its_turn_on(share):
    assert typed({}, "in", share) == {index: 1.0 for index in range(4) if share >= index / 4}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.26, 0.49, 0.51, 0.74, 0.76, 1.0])
def test_what_was_typed_is_deleted_from_its_end(share):
    assert typed({}, "out", share) == {index: 1.0 for index in range(4) if share < (4 - index) / 4}


def test_what_is_not_typed_yet_may_be_faint():
    assert typed({"ghost_alpha": 0.3}, "in", 0.3) == pytest.approx({0: 1, 1: 1, 2: 0.3, 3: 0.3})


def test_the_cursor_stands_after_the_last_letter():
    surface = skia.Surface(320, 240)
    for index, shown in ((0, False), (1, True), (2, False)):
        surface.getCanvas().clear(0)
        moment = {"index": index, "rank": index, "box": MOMENT.boxes[index], "time_s": 0.3, "colour": (1.0, 0.0, 0.0)}
        draw = FAMILIES["typewriter"](replace(MOMENT, **moment), {"cursor": 1}, Stage().draw)
        draw(surface.getCanvas(), Tint())
        pixels = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
        assert bool(pixels[80, int(MOMENT.boxes[index].right) + 2].tolist() == [255, 0, 0, 255]) == shown


def test_what_is_there_of_a_line_is_in_its_middle():
    for share, width in ((0.1, 60), (0.3, 120), (0.6, 180), (0.9, 240)):
        (seen,) = play(FAMILIES["typewriter"], {"recenter": 1}, time_s=share, index=0, rank=0, box=MOMENT.boxes[0])
        assert seen.at(40, 80)[0] == pytest.approx(160 - width / 2)


def test_scrambled_letters_become_right_at_the_end():
    others = []

    def piece(index):
        return lambda canvas, _tint: others.append((index, canvas.getTotalMatrix().getTranslateX()))

    fields = {"index": 3, "rank": 3, "box": MOMENT.boxes[3], "piece": piece}
    for step in range(6):
        time_s = 0.6 + step / 30
        seen = play(FAMILIES["typewriter"], {"scramble": 1}, time_s=time_s, **fields)
        assert not seen
    assert len({index for index, _ in others}) > 1
    for index, shift in others:
        assert shift == pytest.approx(60 * (3 - index))
    assert len(play(FAMILIES["typewriter"], {"scramble": 1}, time_s=1.0, **fields)) == 1


@pytest.mark.parametrize("time_s", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("index", [0, 1, 5])
def test_waves(time_s, index):
    swell = math.sin(2 * math.pi * (time_s - index / 8))
    fields = {"kind": "loop", "time_s": time_s, "index": index}
    (seen,) = play(FAMILIES["wave"], {"prop": "y", "amp": 0.25}, **fields)
    assert seen.at(*MIDDLE) == pytest.approx((130, 80 + 0.25 * 80 * swell), **NEAR)
    (seen,) = play(FAMILIES["wave"], {"prop": "hop", "amp": 0.4}, **fields)
    assert seen.at(*MIDDLE) == pytest.approx((130, 80 - 0.4 * 80 * max(swell, 0)), **NEAR)
    (seen,) = play(FAMILIES["wave"], {"prop": "rot", "amp": 15}, **fields)
    angle = math.radians(15 * swell)
    assert seen.at(140, 80) == pytest.approx((130 + 10 * math.cos(angle), 80 + 10 * math.sin(angle)), **NEAR)
    (seen,) = play(FAMILIES["wave"], {"prop": "scale_y", "amp": 0.5}, **fields)
    assert seen.at(140, 90) == pytest.approx((140, 80 + 10 * (1 + 0.5 * swell)), **NEAR)
    (seen,) = play(FAMILIES["wave"], {"prop": "scale", "amp": 0.5}, **fields)
    assert seen.at(140, 80) == pytest.approx((130 + 10 * (1 + 0.5 * swell), 80), **NEAR)
    (seen,) = play(FAMILIES["wave"], {"prop": "skew", "amp": 15}, **fields)
    assert seen.at(130, 40) == pytest.approx((130 + 80 * math.tan(math.radians(15 * swell)), 40), **NEAR)


def test_a_magnifier_passes_over_the_letters():
    sizes = []
    for index in range(4):
        (seen,) = play(FAMILIES["wave"], {"prop": "scale", "amp": 0.6, "width": 0.2}, kind="loop", p=0.5, index=index)
        sizes.append(seen.at(140, 80)[0] - 130)
    assert sizes == pytest.approx([10 * (1 + 0.6 * math.exp(-(((i / 3) - 0.5) ** 2) / 0.04)) for i in range(4)], **NEAR)


@pytest.mark.parametrize(
    ("kind", "flow", "coloured"),
    [
        ("in", "ltr", "right"),
        ("out", "ltr", "left"),
        ("loop", "ltr", "left"),
        ("loop", "rtl", "right"),
        ("loop", "ttb", "top"),
    ],
)
def test_the_second_colour_ends_where_the_song_is(kind, flow, coloured):
    first, second = play(FAMILIES["karaoke"], {"color": "#ff0000"}, kind=kind, flow=flow, p=0.25)
    (tinted,) = [one for one in (first, second) if one.tint.colours is not None]
    edges = {
        "left": tinted.clip.right() - BOX.left,
        "right": BOX.right - tinted.clip.left(),
        "top": tinted.clip.bottom() - BOX.top,
    }
    share = {("in", "right"): 0.75}.get((kind, coloured), 0.25)
    assert edges[coloured] == pytest.approx(share * (BOX.height if coloured == "top" else BOX.width), abs=1.5)


def test_strokes_and_shadows_are_not_sung():
    (seen,) = play(FAMILIES["karaoke"], {}, part="under")
    assert seen.tint.colours is None


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("p", [0.0, 0.3])
def test_letters_around_a_circle(index, p):
    box = MOMENT.boxes[index]
    (seen,) = play(FAMILIES["text_path"], {"shape": "circle", "spin": 360}, kind="loop", p=p, index=index, box=box)
    radius = max(240 * 1.05 / (2 * math.pi), 60) + 80  # of the upper one of two lines of 80
    angle = (box.center[0] - 160) / radius + 2 * math.pi * p
    wanted = (160 + radius * math.sin(angle), 120 - radius * math.cos(angle))
    assert seen.at(box.center[0], 80) == pytest.approx(wanted, **NEAR)
    x, y = seen.at(box.center[0] + 10, 80)
    assert math.atan2(y - wanted[1], x - wanted[0]) % (2 * math.pi) == pytest.approx(angle % (2 * math.pi), abs=1e-3)


@pytest.mark.parametrize("index", range(4))
def test_letters_along_an_arc(index):
    box = MOMENT.boxes[index]
    (seen,) = play(FAMILIES["text_path"], {"shape": "arc", "bend": 0.3}, kind="loop", p=0.3, index=index, box=box)
    radius = 240 / (0.3 * math.pi)
    angle = (box.center[0] - 160) / radius
    rise = radius * (1 - math.cos(0.15 * math.pi)) / 2
    wanted = (160 + radius * math.sin(angle), 120 + radius * (1 - math.cos(angle)) - rise)
    assert seen.at(box.center[0], 120) == pytest.approx(wanted, **NEAR)


def test_a_ring_in_space_reads_from_left_to_right():
    seen = [
        play(FAMILIES["text_path"], {"shape": "circle3d"}, kind="loop", p=0.0, index=index, box=MOMENT.boxes[index])
        for index in (1, 2)
    ]
    (left,), (right,) = seen
    assert left.at(130, 80)[0] < 160 < right.at(190, 80)[0]


def test_rows_fill_the_canvas():
    seen = play(FAMILIES["text_path"], {"shape": "tile_rows"}, kind="loop", p=0.0, box=MOMENT.block)
    tops = {round(one.at(40, 40)[1]) for one in seen}
    assert min(tops) <= -300
    assert max(tops) + 160 >= 600
