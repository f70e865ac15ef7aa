"""Captions between the typesetter and the frame: drawn once, at the largest scale that they reach."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.media.planes import Planes
from cutfarm.render.captions import Captions
from cutfarm.render.frame import Compositor
from cutfarm.timeline.layers import TextLayer
from cutfarm.timeline.model import Canvas, Curve, Keyframe, TextSegment, Transform
from tests.media.tensors import tensors
from tests.render.scene import AS_IT_IS, SECOND, assets, caption, output, timeline

CANVAS, SIZE = Canvas(1280, 720), (640, 360)
WORDS = "HHHH HHH"


GROWING = Curve("KFTypeScaleX", (Keyframe(0, 0.5), Keyframe(SECOND, 3.0)))


def frames(words: TextSegment, *numbers: int, size_px: tuple[int, int] = SIZE) -> list[NDArray[np.float64]]:
    """Luma planes, 0 black to 1 white."""
    whole = timeline([words], canvas_px=(CANVAS.width_px, CANVAS.height_px))
    with Compositor(whole, assets(whole), output(*size_px)) as compositor:
        return [luma(tensors(compositor.frame(number))) for number in numbers]


def luma(picture: Planes) -> NDArray[np.float64]:
    return (picture.y.numpy().astype(float) - 16) / 219


def extent(ink: NDArray[np.float64]) -> tuple[float, float]:
    """Width and height of what is more than half white."""
    rows, columns = np.nonzero(ink > 0.5)
    return columns.max() - columns.min() + 1, rows.max() - rows.min() + 1


def centre(ink: NDArray[np.float64]) -> tuple[float, float]:
    rows, columns = np.mgrid[0 : ink.shape[0], 0 : ink.shape[1]] + 0.5
    return (ink * columns).sum() / ink.sum(), (ink * rows).sum() / ink.sum()


def greyness(ink: NDArray[np.float64]) -> float:
    """Samples between black and white to a white one: the wider the edges, the more."""
    return float(((ink > 0.1) & (ink < 0.9)).sum() / (ink >= 0.9).sum())


def layer(words: TextSegment, transform: Transform = AS_IT_IS) -> TextLayer:
    return TextLayer(words, transform, words.text)


class TestCaptions:
    def test_a_drawing_is_kept_until_it_is_forgotten(self) -> None:
        captions = Captions(CANVAS, SIZE, {})
        words = layer(caption(WORDS))
        first = captions.picture(words)
        assert first is not None
        assert captions.picture(words) is first
        captions.keep({WORDS})
        assert captions.picture(words) is first
        captions.keep(())
        assert captions.picture(words) is not first

    @pytest.mark.parametrize("text", ["", " ", "\n"])
    def test_words_without_ink_have_no_picture(self, text: str) -> None:
        assert Captions(CANVAS, SIZE, {}).picture(layer(caption(text, id="words"))) is None

    def test_what_was_found_names_the_segment(self) -> None:
        captions = Captions(CANVAS, SIZE, {})
        captions.picture(layer(caption("\U000e0fff", id="words")))
        assert {entry.segment_id for entry in captions.report} <= {"words"}


class TestScale:
    @pytest.mark.parametrize("scale", [0.5, 2.0, 3.0])
    def test_the_clips_scale_is_the_words_size(self, scale: float) -> None:
        [plain] = frames(caption(WORDS, size=8.0), 0)
        [scaled] = frames(caption(WORDS, size=8.0, transform=Transform(scale_x=scale, scale_y=scale)), 0)
        width, height = extent(plain)
        assert extent(scaled) == pytest.approx((width * scale, height * scale), abs=2)
        assert centre(scaled) == pytest.approx((320, 180), abs=6)

    def test_another_output_size_is_the_same_picture(self) -> None:
        [small] = frames(caption(WORDS), 0)
        [large] = frames(caption(WORDS), 0, size_px=(1280, 720))
        assert extent(large) == pytest.approx(tuple(2 * side for side in extent(small)), abs=2)

    def test_a_growing_caption_is_sharp_when_it_is_large(self) -> None:
        last_scale = 0.5 + 2.5 * 29 / 30
        first, last = frames(caption("H", size=15.0, curves=(GROWING,)), 0, 29)
        [still] = frames(caption("H", size=15.0, transform=Transform(scale_x=last_scale, scale_y=last_scale)), 0)
        assert extent(last)[1] > 5 * extent(first)[1]
        assert greyness(last) < 3 * greyness(still)  # a small drawing enlarged is ten times as grey

    @pytest.mark.parametrize("number", [0, 3, 7, 12, 18])
    def test_a_growing_caption_does_not_flicker_when_it_is_small(self, number: int) -> None:
        """It looks as if it had been drawn for that very size: no stroke is missed by the samples."""
        scale = 0.5 + 2.5 * number / 30
        [shown] = frames(caption("字幕 words", size=8.0, curves=(GROWING,)), number)
        [still] = frames(caption("字幕 words", size=8.0, transform=Transform(scale_x=scale, scale_y=scale)), 0)
        assert np.abs(shown - still).sum() / still.sum() < 0.15

    def test_a_growing_caption_is_drawn_a_few_times(self, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn: list[float] = []
        real = Captions._draw
        monkeypatch.setattr(Captions, "_draw", lambda self, *given: drawn.append(given[2]) or real(self, *given))
        frames(caption("H", curves=(GROWING,)), *range(30))
        assert drawn == [0.75, 1.5, 3.0]

    def test_the_latest_two_drawings_are_kept(self) -> None:
        """An enormous one takes a fifth of a gigabyte."""
        captions = Captions(CANVAS, SIZE, {})
        words = caption("H", curves=(GROWING,))
        large, middle, small = (layer(words, Transform(scale_x=scale, scale_y=scale)) for scale in (3.0, 1.5, 0.75))
        first, second = captions.picture(large), captions.picture(middle)
        assert captions.picture(large) is first
        assert captions.picture(small) is not None
        assert captions.picture(large) is first
        assert captions.picture(middle) is not second

    def test_it_grows_without_a_jump(self) -> None:
        widths = [extent(ink)[0] for ink in frames(caption("HHHH", size=8.0, curves=(GROWING,)), *range(30))]
        steps = np.diff(widths)
        assert steps.min() >= 0
        assert steps == pytest.approx((widths[-1] - widths[0]) / 29, abs=2)

    def test_axes_that_are_scaled_apart(self) -> None:
        [plain] = frames(caption(WORDS, size=8.0), 0)
        [wide] = frames(caption(WORDS, size=8.0, transform=Transform(scale_x=2.0, scale_y=0.5)), 0)
        width, height = extent(plain)
        assert extent(wide) == pytest.approx((width * 2, height / 2), abs=2.5)


class TestPlace:
    def test_turned_about_its_centre(self) -> None:
        [plain] = frames(caption(WORDS), 0)
        [turned] = frames(caption(WORDS, transform=Transform(rotation_deg=90)), 0)
        assert extent(turned) == pytest.approx(extent(plain)[::-1], abs=2)

    def test_opacity(self) -> None:
        [plain] = frames(caption(WORDS), 0)
        [faint] = frames(caption(WORDS, transform=Transform(alpha=0.25)), 0)
        inked = plain > 0.95
        assert faint[inked] == pytest.approx(plain[inked] / 4, abs=0.01)
