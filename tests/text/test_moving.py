"""Captions while they move: when, what stays untouched, and every animation of the tables."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from cutfarm.catalogue.text_motions import text_motion, text_motions
from cutfarm.text import moving as moving_module
from cutfarm.text.caption import draw_caption
from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.block import lay_out
from cutfarm.text.motion.moment import Box
from cutfarm.text.moving import MovingCaption
from cutfarm.text.playing import is_drawn
from cutfarm.timeline.model import Animation
from cutfarm.timeline.text import Shadow, Stroke, TextBackground, Word
from tests.text.conftest import block_of

SECOND = 1_000_000
LENGTH = 3 * SECOND
CANVAS = Box(-240.0, -180.0, 240.0, 180.0)
SLIDE_UP, FADE_IN, TYPE, ZOOM_OUT, WAVE = "向上滑动", "Fade In", "Type 1", "放大", "波浪"


@pytest.fixture(scope="module")
def laid(fonts):
    """The layout and the ink of a block, made once."""

    @cache
    def laid(block):
        layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
        return layout, Ink(layout, block)

    return laid


@pytest.fixture
def make(laid):
    """A caption that moves by animations, each a kind and a name, of a second each."""

    def make(*played, block=None, scale=0.3, canvas=CANVAS, seed=7, length_us=LENGTH):
        block = block or block_of("Hi 春天\nab", strokes=(Stroke((0.0, 0.0, 0.0), 1.0, 0.06),))
        layout, ink = laid(block)
        starts = {"out": length_us - SECOND}
        animations = [
            Animation(kind, name, "", starts.get(kind, 0), length_us if kind == "caption" else SECOND)
            for kind, name in played
        ]
        return MovingCaption(block, layout, ink, animations, scale=scale, length_us=length_us, canvas=canvas, seed=seed)

    return make


def seen(picture, size=(480, 360)):
    """A picture as it lies around the middle of a canvas."""
    width, height = size
    canvas = np.zeros((height, width, 4), int)
    left, top = (round(side / 2 - at) for side, at in zip(size, picture.origin, strict=True))
    rows, columns = picture.rgba.shape[:2]
    x, y = max(left, 0), max(top, 0)
    part = picture.rgba[y - top : max(height - top, 0), x - left : max(width - left, 0)]
    canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
    assert rows <= height + 2
    assert columns <= width + 2
    return canvas


def still(block, fonts, scale=0.3):
    return draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, scale=scale, fonts=fonts)


def at(seconds):
    return Fraction(seconds) * SECOND


def test_when_it_is_at_rest(make):
    caption = make(("in", SLIDE_UP), ("out", "Fade Out"))
    moves = [caption.key_at(at(Fraction(half, 2))) is not None for half in range(6)]
    assert moves == [True, True, False, False, False, True]
    assert make(("out", "Fade Out")).key_at(at(2)) is None
    assert make().key_at(at(0)) is None
    assert make(("loop", WAVE)).key_at(at(Fraction(29, 10))) is not None


def test_what_is_not_known_or_not_supported_stands_still(make):
    (unsupported,) = {motion.name for motion in text_motions("loop") if motion.fidelity == "unsupported"}
    assert make(("in", "no such thing"), ("loop", unsupported)).key_at(at(0)) is None


def test_nothing_to_draw_is_one_clear_pixel(make):
    for text in ("", " ", "\n"):
        caption = make(("in", SLIDE_UP), block=block_of(text))
        assert caption.picture_at(at(Fraction(1, 2))).rgba.tolist() == [[[0, 0, 0, 0]]]


def test_keys_tell_instants_apart(make):
    caption = make(("in", SLIDE_UP))
    keys = [caption.key_at(Fraction(frame * SECOND, 30)) for frame in range(30)]
    assert len(set(keys)) == 30
    assert hash(keys[3]) == hash(caption.key_at(Fraction(3 * SECOND, 30)))


def test_a_slide_as_a_whole_is_the_raster_elsewhere(make, fonts):
    block = block_of("Hi 春天\nab", colour=(1.0, 0.2, 0.1))
    caption = make(("in", SLIDE_UP), block=block)
    picture = caption.picture_at(at(Fraction(1, 2)))
    whole = still(block, fonts)
    shift = picture.block_height_px * (1 - 0.5) ** 3
    moved = seen(picture)[..., 3]
    rest = seen(whole)[..., 3]
    rows, columns = np.nonzero(rest)
    centre = (np.average(rows, weights=rest[rest > 0]), np.average(columns, weights=rest[rest > 0]))
    rows, columns = np.nonzero(moved)
    weights = moved[moved > 0]
    assert np.average(rows, weights=weights) == pytest.approx(centre[0] + shift, abs=0.1)
    assert np.average(columns, weights=weights) == pytest.approx(centre[1], abs=0.1)
    assert moved.max() == pytest.approx(255 * 0.5, abs=2)


@pytest.mark.parametrize("kind", ["in", "out"])
def test_close_to_rest_it_is_nearly_the_raster(make, fonts, kind):
    background = TextBackground("block", (0.2, 0.5, 0.3), 0.8, 0.4, 0.1, 0.05)
    shadow = Shadow((0.0, 0.0, 0.0), 0.7, -45.0, 0.08, 0.03)
    block = block_of("Hi you", backgrounds=(background,), shadows=(shadow,), alpha=0.8)
    name = {"in": SLIDE_UP, "out": "Slide Up"}[kind]
    caption = make((kind, name), block=block)
    instant = Fraction(SECOND) - Fraction(1, 1000) if kind == "in" else Fraction(2 * SECOND) + Fraction(1, 1000)
    assert caption.key_at(instant) is not None
    assert np.abs(seen(caption.picture_at(instant)) - seen(still(block, fonts))).max() <= 10


def test_a_box_shows_up_whole_under_letters_that_come_one_by_one(make):
    block = block_of("ABCD", backgrounds=(TextBackground("block", (1.0, 1.0, 1.0)),), colour=(1.0, 0.0, 0.0))
    half = seen(make(("in", TYPE), block=block).picture_at(at(Fraction(1, 2))))
    right = half[174:186, 250:259]
    assert np.abs(right - 127.5).max() <= 2
    sung = seen(make(("in", "卡拉OK"), block=block).picture_at(at(Fraction(1, 2))))
    assert sung[174:186, 250:259, 3].min() == 255


def test_letters_come_one_after_the_other(make):
    caption = make(("in", TYPE), block=block_of("ABCDE"))
    widths = []
    for fifth in range(5):
        columns = np.nonzero(seen(caption.picture_at(at(Fraction(fifth, 5))))[..., 3].any(axis=0))[0]
        widths.append(columns.max() - columns.min() + 1)
    assert all(later - sooner > 8 for sooner, later in itertools.pairwise(widths))


def test_animations_nest(make, fonts):
    block = block_of("AB")
    both = make(("loop", WAVE), ("in", "打字机 I"), ("out", "向上滑动"), block=block)
    alone = make(("loop", WAVE), block=block)
    instant = at(Fraction(3, 2))
    assert np.array_equal(both.picture_at(instant).rgba, alone.picture_at(instant).rgba)
    leaving = seen(both.picture_at(at(Fraction(5, 2))))[..., 3]
    waving = seen(alone.picture_at(at(Fraction(5, 2))))[..., 3]
    rise = still(block, fonts).block_height_px * 0.5**3
    middles = [np.average(np.nonzero(alpha)[0], weights=alpha[alpha > 0]) for alpha in (leaving, waving)]
    assert middles[0] == pytest.approx(middles[1] - rise, abs=0.3)
    assert leaving.max() < waving.max()


@pytest.mark.parametrize("names", list(itertools.permutations(["向上滑动", "向下飞入", "向上露出"], 1)))
@pytest.mark.parametrize("loop", ["波浪", "放大缩小", "翻页I", "颤抖"])
def test_units_of_all_sizes_go_together(make, names, loop):
    caption = make(("loop", loop), ("in", names[0]), ("out", "打字机 I"))
    assert sum(bool(caption.picture_at(at(Fraction(tenth, 10))).rgba.any()) for tenth in range(30)) > 25


WORDS = (Word(0, 3, SECOND, 2 * SECOND), Word(4, 7, 2 * SECOND, 5 * SECOND // 2))


def test_words_move_by_their_clocks(make, fonts):
    block = block_of("one two", words=WORDS, colour=(1.0, 1.0, 1.0))
    caption = make(("caption", "跳动"), block=block)
    rest = seen(still(block, fonts))
    half = rest.shape[1] // 2
    still_at = [caption.key_at(at(Fraction(half, 2))) is None for half in range(6)]
    assert still_at == [True, True, False, False, False, True]
    first = np.abs(seen(caption.picture_at(at(Fraction(5, 4)))) - rest) > 60
    assert first[:, : half - 5].any()
    assert not first[:, half + 5 :].any()
    second = np.abs(seen(caption.picture_at(at(Fraction(9, 4)))) - rest) > 60
    assert second[:, half + 5 :].any()
    assert not second[:, : half - 5].any()


def test_words_are_sung_and_stay_so(make):
    block = block_of("one two", words=WORDS, colour=(1.0, 1.0, 1.0))
    caption = make(("caption", "卡拉OK"), block=block)
    if text_motion("", "卡拉OK", "caption").kind == "in":
        blue = [seen(caption.picture_at(at(Fraction(tenth, 10))))[..., 2].sum() for tenth in (5, 12, 16, 22, 29)]
        assert blue == sorted(blue)
        assert blue[0] < blue[-1]


def test_a_word_animation_without_clocks_runs_on(make):
    caption = make(("caption", "跳动"))
    assert caption.key_at(at(Fraction(29, 10))) is not None
    assert caption.picture_at(at(Fraction(29, 10))).rgba.any()


def test_the_same_instant_is_the_same_picture(make):
    for name in ("随机弹跳", "随机飞入", "乱码故障", "溶解"):
        pictures = [make(("in", name)).picture_at(at(Fraction(3, 10))) for _ in range(2)]
        assert np.array_equal(pictures[0].rgba, pictures[1].rgba)
    other = make(("in", "随机飞入"), seed=8).picture_at(at(Fraction(3, 10)))
    assert not np.array_equal(seen(other), seen(make(("in", "随机飞入")).picture_at(at(Fraction(3, 10)))))


def test_only_what_of_the_canvas_can_be_seen_is_drawn(make):
    caption = make(("in", "冲屏位移"), scale=3.0, canvas=Box(-50.0, -40.0, 60.0, 30.0))
    picture = caption.picture_at(at(Fraction(1, 10)))
    assert picture.rgba.shape[1] <= 112
    assert picture.rgba.shape[0] <= 72
    away = make(("in", SLIDE_UP), canvas=Box(5000.0, 5000.0, 5100.0, 5100.0))
    assert away.picture_at(at(Fraction(1, 2))).rgba.shape == (1, 1, 4)


def test_a_long_caption_moves_in_bigger_pieces(make, monkeypatch):
    drawn = []
    paint = Ink.paint
    monkeypatch.setattr(Ink, "paint", lambda ink, *rest: (drawn.append(rest[1]), paint(ink, *rest))[1])
    caption = make(("in", TYPE), block=block_of("word " * 1000, size=3, wrap_width=0.9))
    assert caption.picture_at(at(Fraction(1, 2))).rgba.any()
    assert len(drawn) < 2 * moving_module.MAX_UNITS


def test_sprites_take_bounded_room(make, monkeypatch):
    monkeypatch.setattr(moving_module, "MAX_SPRITES_PX", 500)
    drawn = set()
    paint = Ink.paint
    monkeypatch.setattr(Ink, "paint", lambda ink, *rest: (drawn.add(rest[2]), paint(ink, *rest))[1])
    caption = make(("in", TYPE), block=block_of("Hello you there"))
    caption.picture_at(at(Fraction(9, 10)))
    assert drawn == {None}


def test_a_huge_caption_is_drawn_smaller(make, laid):
    block = block_of("AB\nCD", size=300)
    canvas = Box(-960.0, -540.0, 960.0, 540.0)
    caption = make(("in", SLIDE_UP), block=block, scale=4.0, canvas=canvas)
    picture = caption.picture_at(at(Fraction(1, 2)))
    ink = laid(block)[1].bounds("over")
    assert ink.width() * ink.height() * (4.0 * caption.sampling) ** 2 <= moving_module.MAX_WHOLE_PX
    assert picture.sampling == caption.sampling < 1
    assert picture.rgba.shape[0] <= 1080
    assert picture.rgba.shape[1] <= 1920


def test_animations_in_turn_keep_the_sprites_of_one_kind_of_unit(make, monkeypatch):
    drawn = []
    paint = Ink.paint
    monkeypatch.setattr(Ink, "paint", lambda ink, *rest: (drawn.append(rest[1:3]), paint(ink, *rest))[1])
    caption = make(("in", TYPE), ("out", "向上滑动"), block=block_of("ABC"))
    for tenth in (1, 5, 9, 21, 25, 29):
        caption.picture_at(at(Fraction(tenth, 10)))
    assert drawn == [("over", (0,)), ("over", (1,)), ("over", (2,)), ("over", None)]


@pytest.mark.parametrize("kind", ["in", "out", "loop"])
def test_every_animation_of_the_tables_is_drawn(make, fonts, kind, monkeypatch):
    block = block_of("Ab春\nc", strokes=(Stroke((0.0, 0.0, 0.0), 1.0, 0.06),))
    rest = seen(still(block, fonts, 0.15), (160, 120))
    tried = 0
    for motion in dict.fromkeys(map(_known, text_motions(kind))):
        if motion[1] == "unsupported":
            continue
        monkeypatch.setattr("cutfarm.text.playing.text_motion", lambda *_, found=motion[2]: found)
        assert is_drawn(motion[2]), motion
        caption = make((kind, "any"), block=block, scale=0.15, canvas=Box(-80.0, -60.0, 80.0, 60.0))
        start = LENGTH - SECOND if kind == "out" else 0
        pictures = {}
        for p in ("0", "0.1", "0.5", "0.9"):
            instant = Fraction(start) + Fraction(p) * SECOND
            if caption.key_at(instant) is not None:
                pictures[p] = seen(caption.picture_at(instant), (160, 120))
        assert any(not np.array_equal(picture, rest) for picture in pictures.values()), motion
        if kind != "loop":
            assert caption.key_at(Fraction(SECOND)) is None
        tried += 1
    assert tried > 60


@pytest.mark.parametrize("kind", ["in", "out"])
def test_every_animation_comes_from_nothing_or_goes_there_and_has_the_caption_at_rest(make, fonts, kind, monkeypatch):
    shadow = Shadow((0.0, 0.0, 0.0), 0.7, -45.0, 0.08, 0.03)
    block = block_of("Ab春天\ncdef", strokes=(Stroke((0.8, 0.1, 0.2), 1.0, 0.06),), shadows=(shadow,))
    rest = seen(still(block, fonts, 0.15), (160, 120))
    for motion in dict.fromkeys(map(_known, text_motions(kind))):
        (family, params), *_ = motion[2].ops
        if motion[1] == "unsupported":
            continue
        monkeypatch.setattr("cutfarm.text.playing.text_motion", lambda *_, found=motion[2]: found)
        caption = make((kind, "any"), block=block, scale=0.15, canvas=Box(-80.0, -60.0, 80.0, 60.0))
        begun, ended = Fraction(100), Fraction(SECOND - 100)
        near, far = (ended, begun) if kind == "in" else (LENGTH - ended, LENGTH - begun)
        leap = np.abs(seen(caption.picture_at(near), (160, 120)) - rest).mean() / rest.mean()
        assert leap < (0.06 if params.get("cursor") or params.get("ease") == "steps" else 0.02), motion
        is_typed = family == "typewriter"  # its first letter is there at once
        left = seen(caption.picture_at(far), (160, 120))[..., 3].sum() / rest[..., 3].sum()
        stays = family in ("karaoke", "glitch") or "ghost_alpha" in params
        assert stays or left < (0.25 if is_typed else 0.02), motion


def _known(motion):
    return _Motion((str(motion.ops), motion.fidelity, motion))


class _Motion(tuple):
    """A row that is the same as another one where their families and parameters are."""

    __slots__ = ()

    def __eq__(self, other):
        return self[0] == other[0]

    def __hash__(self):
        return hash(self[0])


def test_keyed_alpha_of_the_block_is_laid_over_all(make):
    block = block_of("Hi", colour=(1.0, 1.0, 1.0))
    instant = at(Fraction(999, 1000))
    full = seen(make(("in", SLIDE_UP), block=block).picture_at(instant))
    half = seen(make(("in", SLIDE_UP), block=replace(block, alpha=0.5)).picture_at(instant))
    assert np.abs(half - full / 2).max() <= 1
