"""Captions that stand and captions that move: how often they are drawn, and what of them is kept."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cutfarm.render.captions import Captions, Tally
from cutfarm.render.frame import Compositor
from cutfarm.render.gpu import GpuCompositor
from cutfarm.timeline.layers import TextLayer
from cutfarm.timeline.model import Animation, Canvas, Curve, Keyframe, TextSegment, Timeline, Transform
from cutfarm.timeline.text import Shadow, Stroke
from tests.media.tensors import digest, tensors
from tests.render.scene import SECOND, assets, caption, clip, compound, output, solid, timeline

SIZE = (320, 180)
CANVAS = Canvas(*SIZE)
POP_IN = Animation("in", "弹入", "6887482184844710413", 0, SECOND // 2)
TYPED = Animation("in", "打字机 I", "6724920249654710791", 0, SECOND // 2)
SPIN_OUT = Animation("out", "旋出", "6763873732143354376", SECOND // 2, SECOND // 2)
SWINGING = Animation("loop", "摇摆", "6724920869363126795", 0, SECOND // 2)


def looks(text: str = "Hello 你好", length_s: float = 1.0, **more: object) -> TextSegment:
    """A caption with a stroke and a shadow."""
    plain = caption(text, length_s=length_s, size=15.0, **more)
    style = replace(
        plain.text.styles[0], strokes=(Stroke((0, 0, 0), 1.0, 0.06),), shadows=(Shadow((0, 0, 0), 0.8, -45.0, 0.1),)
    )
    return replace(plain, text=replace(plain.text, styles=(style,)))


def keyed(name: str, *values: float, length_s: float = 10.0) -> Curve:
    step_us = round(length_s * SECOND / (len(values) - 1))
    return Curve(name, tuple(Keyframe(number * step_us, value) for number, value in enumerate(values)))


def drawn(whole: Timeline, numbers: Sequence[int]) -> Tally:
    """How often captions were drawn for these frames."""
    with Compositor(whole, assets(whole), output(*SIZE)) as compositor:
        for number in numbers:
            compositor.frame(number)
        return compositor._drawing.painter.captions.tally


def digests(whole: Timeline, numbers: Sequence[int], made: type[Compositor] = Compositor) -> list[str]:
    with made(whole, assets(whole), output(*SIZE)) as compositor:
        return [digest(compositor.frame(number)) for number in numbers]


class TestStanding:
    @pytest.mark.parametrize(
        "curves",
        [
            (),
            (keyed("KFTypePositionX", -0.5, 0.5), keyed("KFTypePositionY", 0.2, -0.3)),
            (keyed("KFTypeRotation", 0.0, 90.0),),
            (keyed("KFTypeAlpha", 0.0, 1.0, 0.2),),
        ],
        ids=["still", "position", "rotation", "opacity"],
    )
    def test_ten_seconds_cost_one_drawing(self, curves: tuple[Curve, ...]) -> None:
        whole = timeline([looks(length_s=10.0, curves=curves)], canvas_px=SIZE)
        assert drawn(whole, range(300)) == Tally(drawings=1, instants=0)

    def test_a_scale_that_goes_to_and_fro_costs_a_handful(self) -> None:
        zoom = keyed("KFTypeScaleX", 0.2, 2.0, 0.2, 2.0, 1.0)
        whole = timeline([looks(length_s=10.0, curves=(zoom,))], canvas_px=SIZE)
        assert drawn(whole, range(300)).drawings <= 16

    def test_a_scale_that_grows_is_drawn_at_each_halving(self) -> None:
        whole = timeline([looks(length_s=10.0, curves=(keyed("KFTypeScaleX", 0.3, 2.0),))], canvas_px=SIZE)
        assert drawn(whole, range(300)) == Tally(drawings=3, instants=0)

    def test_a_caption_in_a_compound_clip(self, tmp_path: Path) -> None:
        photo = solid(tmp_path / "red.png", (200, 0, 0), SIZE)
        inner = timeline([clip(photo, kind="photo")], [looks(animations=(POP_IN,))], canvas_px=SIZE)
        whole = timeline([compound(inner)], canvas_px=SIZE)
        plain = timeline([clip(photo, kind="photo")], [looks(animations=(POP_IN,))], canvas_px=SIZE)
        numbers = (3, 8, 12, 20)
        assert digests(whole, numbers) == digests(plain, numbers)

    @pytest.mark.parametrize("shift", [0.0, 0.003, 0.0051, -0.7])
    def test_it_is_as_sharp_wherever_it_stands(self, shift: float) -> None:
        """Its own pixels are the frame's: moved by less than a pixel, none is a mix of two."""
        still = looks("H|H", transform=Transform(shift_x=shift, shift_y=shift / 3))
        [ink] = lumas(timeline([still], canvas_px=SIZE), [0])
        [there] = lumas(timeline([looks("H|H")], canvas_px=SIZE), [0])
        rows, columns = np.nonzero(ink > 30)
        home_rows, home_columns = np.nonzero(there > 30)
        box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        home = there[home_rows.min() : home_rows.max() + 1, home_columns.min() : home_columns.max() + 1]
        np.testing.assert_array_equal(box, home)
        assert columns.min() - home_columns.min() == pytest.approx(shift * SIZE[0] / 2, abs=0.51)
        assert rows.min() - home_rows.min() == pytest.approx(-shift / 3 * SIZE[1] / 2, abs=0.51)


def lumas(whole: Timeline, numbers: Sequence[int]) -> list[NDArray[np.int16]]:
    with Compositor(whole, assets(whole), output(*SIZE)) as compositor:
        return [tensors(compositor.frame(number)).y.numpy().astype(np.int16) for number in numbers]


class TestMoving:
    def test_each_moving_frame_is_drawn_once_and_the_rest_once_in_all(self) -> None:
        words = looks(length_s=3.0, animations=(POP_IN, replace(SPIN_OUT, start_us=5 * SECOND // 2)))
        tally = drawn(timeline([words], canvas_px=SIZE), range(90))
        assert tally.drawings == 1
        assert tally.instants == 15 + 14  # out of the first frame of its way out nothing has moved yet

    def test_it_comes_to_rest_where_it_stands(self) -> None:
        words = looks(animations=(POP_IN,), transform=Transform(shift_x=0.123, shift_y=-0.31))
        moving, still = (
            lumas(timeline([one], canvas_px=SIZE), [14, 15]) for one in (words, replace(words, animations=()))
        )
        np.testing.assert_array_equal(moving[1], still[1])
        assert np.abs(moving[0] - still[0]).max() > 0

    @pytest.mark.parametrize("rotation", [0.0, 30.0, 180.0])
    @pytest.mark.parametrize("size_px", [SIZE, (214, 120)])
    def test_a_motion_without_amount_is_the_caption_at_rest(self, rotation: float, size_px: tuple[int, int]) -> None:
        """Both ways lead to one picture once all letters are typed, but for shadows that fall on each other."""
        words = looks(length_s=2.0, transform=Transform(rotation_deg=rotation, shift_x=0.1, alpha=0.8))
        typed = replace(words, animations=(replace(TYPED, duration_us=SECOND),))
        pictures = []
        for one in (words, typed):
            whole = timeline([one], canvas_px=SIZE)
            with Compositor(whole, assets(whole), output(*size_px)) as compositor:
                pictures.append(tensors(compositor.frame(29)).y.numpy().astype(float))
        assert np.abs(pictures[0] - pictures[1]).max() <= (6 if rotation % 180 == 0 and size_px == SIZE else 40)
        assert np.abs(pictures[0] - pictures[1]).mean() < 0.1

    def test_it_is_carried_by_its_keys(self) -> None:
        ways = (keyed("KFTypePositionX", -0.4, 0.4, length_s=1.0), keyed("KFTypeScaleX", 0.5, 1.0, length_s=1.0))
        words = looks(animations=(SWINGING,), curves=ways)
        pictures = lumas(timeline([words], canvas_px=SIZE), [2, 15, 28])
        middles = [np.nonzero(picture > 100)[1].mean() for picture in pictures]
        assert middles == pytest.approx([160 - 64 + 128 * at / 30 for at in (2, 15, 28)], abs=4)

    def test_what_is_off_the_canvas_is_not_drawn(self) -> None:
        captions = Captions(CANVAS, SIZE, {})
        words = looks(animations=(SWINGING,), transform=Transform(shift_x=4.0))
        layer = TextLayer(words, words.transform, words.text, Fraction(100_000))
        assert captions.motion_key(layer) is not None
        assert captions.instant(layer) is None
        half = replace(layer, transform=Transform(shift_x=0.9))
        instant = captions.instant(half)
        assert instant is not None
        assert instant.left_px + instant.rgba.shape[1] == SIZE[0]
        assert not any(number % 2 for number in (instant.left_px, instant.top_px, *instant.rgba.shape))

    @pytest.mark.parametrize("transform", [Transform(scale_x=0.0, scale_y=0.0), Transform(alpha=0.0)])
    def test_what_cannot_be_seen_is_not_drawn(self, transform: Transform) -> None:
        words = looks(animations=(SWINGING,), transform=transform)
        layer = TextLayer(words, transform, words.text, Fraction(100_000))
        assert Captions(CANVAS, SIZE, {}).instant(layer) is None

    def test_fonts_of_what_never_rests_are_reported(self) -> None:
        words = looks(animations=(SWINGING,))
        style = replace(words.text.styles[0], font_path="C:/fonts/Nowhere Sans.ttf")
        whole = timeline([replace(words, text=replace(words.text, styles=(style,)))], canvas_px=SIZE)
        with Compositor(whole, assets(whole), output(*SIZE)) as compositor:
            compositor.frame(5)
            assert compositor._drawing.painter.captions.tally == Tally(0, 1)
            assert [entry.what for entry in compositor.report] == ["font"]

    def test_the_order_of_asking_does_not_matter(self) -> None:
        words = looks(animations=(POP_IN, SPIN_OUT))
        whole = timeline(
            [words], [looks("other", animations=(TYPED,), transform=Transform(shift_y=0.5))], canvas_px=SIZE
        )
        numbers = list(range(30))
        forwards = digests(whole, numbers)
        assert len(set(forwards)) > 25
        assert digests(whole, numbers[::-1])[::-1] == forwards
        shuffled = [numbers[(7 * place) % 30] for place in range(30)]
        assert dict(zip(shuffled, digests(whole, shuffled), strict=True)) == dict(enumerate(forwards))

    def test_it_does_not_depend_on_the_segments_name(self) -> None:
        """Chunks that show the same have the same key, whatever a tool calls their segments."""
        scattered = Animation("in", "随机飞入", "6872642542765085191", 0, SECOND // 2)
        one, other = (
            digests(timeline([looks(animations=(scattered,), id=name)], canvas_px=SIZE), [4]) for name in ("a", "b")
        )
        assert one == other


class TestKeeping:
    def test_drawings_are_dropped_with_their_segments(self) -> None:
        captions = Captions(CANVAS, SIZE, {})
        words = looks(animations=(POP_IN,))
        layer = TextLayer(words, words.transform, words.text, Fraction(100_000))
        captions.picture(layer)
        captions.instant(layer)
        captions.keep({words.id})
        assert captions._taken_apart(layer) is captions._taken_apart(layer)
        captions.keep(())
        assert not captions._drawn
        assert not captions._moving

    def test_a_hundred_captions_take_no_more_than_a_few(self) -> None:
        track = [looks(f"Caption {number}", animations=(POP_IN,), id=str(number)) for number in range(100)]
        track = [replace(one, target=replace(one.target, start_us=number * SECOND)) for number, one in enumerate(track)]
        whole = timeline(track, canvas_px=SIZE)
        with Compositor(whole, assets(whole), output(*SIZE)) as compositor:
            peaks = list(self.peaks(compositor))
        assert peaks[1] < 1.2 * peaks[0] + 2**20

    @staticmethod
    def peaks(compositor: Compositor) -> Iterator[int]:
        """Python's and numpy's memory at most, over the first ten captions and over the next ninety."""
        for seconds in (range(10), range(10, 100)):
            tracemalloc.start()
            for second in seconds:
                compositor.frame(30 * second + 5)
                compositor.frame(30 * second + 20)
            yield tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()


class TestInBatches:
    """As a GPU draws them, by the references of its kernels."""

    @pytest.mark.parametrize(
        "curves", [(), (keyed("KFTypeRotation", 0.0, 40.0, length_s=1.0),)], ids=["still", "keyed"]
    )
    def test_pictures_are_those_of_the_cpu(self, tmp_path: Path, curves: tuple[Curve, ...]) -> None:
        photo = clip(solid(tmp_path / "red.png", (200, 0, 0), SIZE), kind="photo")
        words = looks(animations=(POP_IN, SPIN_OUT), curves=curves, transform=Transform(shift_x=0.31, shift_y=0.123))
        whole = timeline([photo], [words], canvas_px=SIZE)
        numbers = (0, 4, 9, 15, 20, 26)
        with (
            Compositor(whole, assets(whole), output(*SIZE)) as one,
            GpuCompositor(whole, assets(whole), output(*SIZE), device="cpu") as other,
        ):
            for number, made in zip(numbers, other.frames(numbers), strict=True):
                for wanted, plane in zip(tensors(one.frame(number)), made, strict=True):
                    assert (wanted.int() - plane.int()).abs().max() <= 2, number

    def test_a_still_caption_is_uploaded_once_and_a_moving_one_each_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from cutfarm.render import lettering

        uploads: list[torch.device] = []
        real = lettering.soft_picture
        monkeypatch.setattr(
            lettering, "soft_picture", lambda rgba, device: (uploads.append(device), real(rgba, device))[1]
        )
        words = looks(animations=(POP_IN,))
        whole = timeline([words], canvas_px=SIZE)
        with GpuCompositor(whole, assets(whole), output(*SIZE), device="cpu") as compositor:
            list(compositor.frames(range(30)))
        assert len(uploads) == 14 + 1  # of its first frame nothing is seen yet
