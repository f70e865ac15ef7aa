"""Layers on a transparent canvas, against premultiplied compositing in float64."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from cutfarm.catalogue.blends import BlendMode
from cutfarm.errors import RenderError
from cutfarm.media.planes import SoftPicture, planes_of
from cutfarm.media.source import PictureSource
from cutfarm.render.canvas import Canvas
from cutfarm.render.edges import edges_of
from cutfarm.render.painter import Painter
from cutfarm.render.patch import Patch
from cutfarm.render.placement import Box, Placement
from cutfarm.render.soft_canvas import SoftCanvas
from cutfarm.render.sources import Sources, shown_files
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import Blend, ClipSegment, Timeline, Transform
from tests.kernels import w3c
from tests.render.scene import assets, clip, solid, timeline
from tests.render.test_patch import SIZE, WHOLE, flat, noise

Straight = tuple[tuple[float, float, float], float]  # RGB and opacity


def coat(colour: Straight, box: Box = WHOLE) -> Patch:
    """A patch of one colour."""
    (y, u, v), alpha = w3c.yuv(np.array(colour[0])), colour[1]
    half = (box.height_px // 2, box.width_px // 2)
    sizes = ((box.height_px, box.width_px), half, half, (box.height_px, box.width_px), half)
    values = (y * alpha, u * alpha, v * alpha, alpha, alpha)
    tensors = (torch.full(size, value, dtype=torch.float32) for size, value in zip(sizes, values, strict=True))
    return Patch(box, SoftPicture(*tensors))


def laid(layers: list[tuple[Straight, str]]) -> tuple[w3c.Array, float]:
    """Premultiplied RGB and opacity of layers over nothing."""
    colour, opacity = np.zeros(3), 0.0
    for (above, alpha), mode in layers:
        below = colour / opacity if opacity else np.zeros(3)
        colour, united = w3c.composite(mode, below, np.array(opacity), np.array(above), np.array(alpha))
        opacity = float(united)
    return colour, opacity


def assert_shows(picture: SoftPicture, wanted: tuple[w3c.Array, float], at: tuple[int, int] = (24, 32)) -> None:
    row, column = at
    colour, alpha = wanted
    codes = w3c.yuv(colour)
    got = picture.y[row, column], picture.u[row // 2, column // 2], picture.v[row // 2, column // 2]
    for value, code, zero in zip(got, codes, (16, 128, 128), strict=True):
        assert float(value) == pytest.approx(code - zero * (1 - alpha), abs=1e-3)
    assert float(picture.alpha[row, column]) == pytest.approx(alpha, abs=1e-6)
    assert float(picture.chroma_alpha[row // 2, column // 2]) == pytest.approx(alpha, abs=1e-6)


RED, TEAL, STRAW = ((0.9, 0.1, 0.2), 0.5), ((0.1, 0.6, 0.7), 0.8), ((0.8, 0.75, 0.4), 0.25)


class TestSoftCanvas:
    def test_it_is_clear_at_first(self) -> None:
        assert_shows(SoftCanvas(*SIZE).picture(), laid([]))

    def test_layers_lie_over_each_other(self) -> None:
        canvas = SoftCanvas(*SIZE)
        for colour in (RED, TEAL, STRAW):
            canvas.lay(coat(colour))
        assert_shows(canvas.picture(), laid([(colour, "normal") for colour in (RED, TEAL, STRAW)]))

    @pytest.mark.parametrize("mode", ["multiply", "screen", "color_dodge", "soft_light", "darken"])
    def test_blends_count_with_what_is_below_alone(self, mode: BlendMode) -> None:
        canvas = SoftCanvas(*SIZE)
        canvas.lay(coat(RED, Box(0, 0, 40, 48)))
        canvas.lay(coat(TEAL), Blend(mode, 0.75))
        weaker = (TEAL[0], TEAL[1] * 0.75)
        assert_shows(canvas.picture(), laid([(RED, "normal"), (weaker, mode)]), (24, 16))
        assert_shows(canvas.picture(), laid([(weaker, "normal")]), (24, 56))

    def test_an_opaque_picture_keeps_its_samples(self) -> None:
        canvas, box = SoftCanvas(*SIZE), Box(8, 4, 28, 16)
        canvas.lay(Patch(box, noise(20, 12)))
        held = canvas.picture()
        assert torch.equal(held.y[4:16, 8:28], noise(20, 12).y.float())
        assert torch.equal(held.u[2:8, 4:14], noise(20, 12).u.float())
        assert held.alpha.sum() == 240
        assert held.chroma_alpha.sum() == 60

    def test_edges_are_as_opaque_as_they_cover(self) -> None:
        box = Box(10, 10, 30, 22)
        edges = edges_of(Placement(18.5, 10.0, (1.0, 0.0, 11.5, 0.0, 1.0, 10.75)), box)
        canvas = SoftCanvas(*SIZE)
        canvas.lay(Patch(box, flat(200, 100, 90, 20, 12), edges))
        held = canvas.picture()
        assert held.alpha[15, 10:14].tolist() == [0.0, 0.5, 1.0, 1.0]
        assert held.alpha[9:12, 20].tolist() == [0.0, 0.25, 1.0]
        torch.testing.assert_close(held.y, 200 * held.alpha)
        torch.testing.assert_close(held.u, 100 * held.chroma_alpha)

    @pytest.mark.parametrize("progress", [0.0, 0.3, 1.0])
    def test_mixing(self, progress: float) -> None:
        canvas = SoftCanvas(*SIZE)
        canvas.lay(coat(RED))
        copies = canvas.copy(), canvas.copy()
        copies[1].lay(coat(TEAL))
        canvas.mix(*copies, progress)
        (one, alpha), (other, united) = laid([(RED, "normal")]), laid([(RED, "normal"), (TEAL, "normal")])
        mixed = (1 - progress) * one + progress * other, (1 - progress) * alpha + progress * united
        assert_shows(canvas.picture(), mixed)

    def test_laid_as_one_layer_it_is_as_its_layers_were(self) -> None:
        direct, nested = Canvas(*SIZE), SoftCanvas(*SIZE)
        direct.lay(Patch(WHOLE, noise()))
        for patch in (coat(RED, Box(0, 0, 32, 48)), coat(TEAL, Box(16, 8, 60, 40))):
            direct.lay(patch)
            nested.lay(patch)
        whole = Canvas(*SIZE)
        whole.lay(Patch(WHOLE, noise()))
        whole.lay(Patch(WHOLE, nested.picture()))
        for one, other in zip(planes_of(whole.picture()), planes_of(direct.picture()), strict=True):
            assert (one.int() - other.int()).abs().max() <= 1  # each layer rounds where it is laid alone


class TestSoftFrame:
    def test_what_layers_leave_free_is_transparent(self, tmp_path: Path) -> None:
        photo = clip(
            solid(tmp_path / "a.png", (230, 26, 51), SIZE), kind="photo", transform=Transform(scale_x=0.5, scale_y=0.5)
        )
        held = soft_frame(timeline([photo], canvas_px=SIZE))
        assert held.alpha[12:36, 16:48].eq(1.0).all()
        assert held.alpha.sum() == 24 * 32

    def test_no_layers(self) -> None:
        assert soft_frame(timeline([], canvas_px=SIZE)).alpha.count_nonzero() == 0

    def test_dissolves_with_blends_and_without(self, tmp_path: Path) -> None:
        below, one, other = (
            clip(solid(tmp_path / f"{name}.png", colour, SIZE), start, length, kind="photo", **more)  # type: ignore[arg-type]
            for name, colour, start, length, more in (
                ("below", (200, 100, 50, 128), 0, 2, {}),
                ("one", (40, 200, 90), 0, 1, {"dissolve_s": 1.0, "blend": Blend("multiply")}),
                ("other", (90, 90, 240), 1, 1, {}),
            )
        )
        held = soft_frame(timeline([below], [one, other], canvas_px=SIZE), 33)
        progress = 33 / 30 - 0.5
        base = (tuple(value / 255 for value in (200, 100, 50)), 128 / 255)
        left = laid([(base, "normal"), (((40 / 255, 200 / 255, 90 / 255), 1.0), "multiply")])  # type: ignore[list-item]
        right = laid([(((90 / 255, 90 / 255, 240 / 255), 1.0), "normal")])
        colour = (1 - progress) * left[0] + progress * right[0]
        for value, code in zip((held.y[24, 32], held.u[12, 16], held.v[12, 16]), w3c.yuv(colour), strict=True):
            assert float(value) == pytest.approx(code, abs=1.5)
        assert held.alpha.numpy() == pytest.approx(1.0, abs=1e-5)


def soft_frame(whole: Timeline, number: int = 0) -> SoftPicture:
    def refused(segment: ClipSegment) -> PictureSource:
        raise RenderError(segment.id)

    sources = Sources(assets(whole), 1, shown_files(whole), refused)
    try:
        return Painter(whole.canvas, SIZE, sources).soft_frame(LayerStack(whole, Fraction(30)).at(number))
    finally:
        sources.close()
