"""Blended layers on a canvas: only where they show, and in dissolves over what is below."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from cutfarm.media.planes import Planes, SoftPicture, picture_of, planes_of
from cutfarm.render.canvas import Canvas
from cutfarm.render.edges import edges_of, softened
from cutfarm.render.frame import Compositor
from cutfarm.render.patch import Patch, place
from cutfarm.render.placement import Box, Placement
from cutfarm.timeline.model import Blend, Curve, Keyframe, PictureSegment, Timeline, Transform
from tests.kernels import w3c
from tests.media.film import at_rate, write_film
from tests.media.tensors import copied, digest
from tests.render.scene import SECOND, Rgb, assets, clip, output, solid, timeline
from tests.render.test_patch import CPU, SIZE, WHOLE, flat, noise

HARD = Blend("hard_light", 0.8)
LEVEL = 1 / 255


def shown(canvas: Canvas) -> Planes:
    return planes_of(canvas.picture())


def rgb_at(picture: Planes, row: int, column: int) -> w3c.Array:
    y, u, v = (
        np.array(float(plane[row // half, column // half])) for plane, half in zip(picture, (1, 2, 2), strict=True)
    )
    return w3c.rgb(y, u, v)


def of(*rgb: int) -> w3c.Array:
    """A colour as 8-bit 4:2:0 holds it."""
    return w3c.rgb(*(np.round(code) for code in w3c.yuv(np.array(rgb) / 255)))


class TestLay:
    @pytest.mark.parametrize("degrees", [0.0, 33.0])
    def test_outside_of_a_layer_no_bit_changes(self, degrees: float) -> None:
        turn = np.radians(degrees)
        a, b = np.cos(turn), -np.sin(turn)
        placement = Placement(20, 12, (a, b, 20.25, -b, a, 15.5))
        patch = place(flat(90, 60, 200, 20, 12), placement, 1.0, SIZE, CPU)
        assert patch is not None
        assert isinstance(patch.picture, SoftPicture)
        canvas, before = Canvas(*SIZE), noise()
        canvas.lay(Patch(WHOLE, noise()))
        canvas.lay(patch, HARD)
        changed = [one != other for one, other in zip(shown(canvas), before, strict=True)]
        shapes = patch.picture.alpha, patch.picture.chroma_alpha, patch.picture.chroma_alpha
        for plane, shape, half in zip(changed, shapes, (1, 2, 2), strict=True):
            allowed = torch.zeros_like(plane)
            box = patch.box
            allowed[box.top_px // half : box.bottom_px // half, box.left_px // half : box.right_px // half] = shape > 0
            assert plane.any()
            assert not plane[~allowed].any()

    def test_opaque_patches_are_blended_where_they_are(self) -> None:
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, flat(*_codes(200, 90, 60))))
        canvas.lay(Patch(Box(8, 8, 40, 32), flat(*_codes(100, 220, 140), 32, 24)), HARD)
        wanted, _ = w3c.composite("hard_light", of(200, 90, 60), np.array(1.0), of(100, 220, 140), np.array(0.8))
        assert np.abs(rgb_at(shown(canvas), 20, 20) - wanted).max() <= 2 * LEVEL
        assert rgb_at(shown(canvas), 20, 44) == pytest.approx(of(200, 90, 60))

    def test_partly_covered_edges_count_in_part(self) -> None:
        box = Box(8, 8, 40, 32)
        edges = edges_of(Placement(30.0, 22.5, (1.0, 0.0, 9.25, 0.0, 1.0, 8.75)), box)
        assert edges is not None
        top = noise(32, 24, seed=4)
        canvases = Canvas(*SIZE), Canvas(*SIZE)
        for canvas in canvases:
            canvas.lay(Patch(WHOLE, noise()))
        canvases[0].lay(Patch(box, top, edges), HARD)
        canvases[1].lay(Patch(box, softened(top, *edges.shapes(slice(None), slice(None)))), HARD)
        assert digest(canvases[0].picture()) == digest(canvases[1].picture())

    @pytest.mark.parametrize(
        ("patch", "strength"),
        [
            (Patch(WHOLE, noise(seed=3)), 0.0),
            (Patch(WHOLE, noise(seed=3)), -1.0),
            (Patch(WHOLE, softened(noise(seed=3), torch.zeros(48, 64))), 1.0),
        ],
    )
    def test_what_does_not_show_changes_nothing(self, patch: Patch, strength: float) -> None:
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, noise()))
        canvas.lay(patch, Blend("multiply", strength))
        assert digest(canvas.picture()) == digest(noise())

    def test_strengths_above_one_are_one(self) -> None:
        canvases = Canvas(*SIZE), Canvas(*SIZE)
        for canvas, strength in zip(canvases, (1.0, 7.0), strict=True):
            canvas.lay(Patch(WHOLE, noise()))
            canvas.lay(Patch(WHOLE, noise(seed=3)), Blend("screen", strength))
        assert digest(canvases[0].picture()) == digest(canvases[1].picture())

    def test_over_nothing_it_meets_black(self) -> None:
        for mode, level in (("screen", 200), ("multiply", 16)):
            canvas = Canvas(*SIZE)
            canvas.lay(Patch(WHOLE, flat(200)), Blend(mode))  # type: ignore[arg-type]
            assert shown(canvas).y.eq(level).all()

    def test_neither_the_layer_nor_what_is_below_is_drawn_into(self) -> None:
        layers = [picture_of(noise(seed=seed)) for seed in (1, 2)]
        before = [digest(layer) for layer in layers]
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, planes_of(layers[0]), host=layers[0]))
        canvas.lay(Patch(WHOLE, planes_of(layers[1]), host=layers[1], is_scratch=True), HARD)
        assert digest(canvas.picture()) not in before
        assert [digest(layer) for layer in layers] == before


class TestFrames:
    def test_a_clip_is_blended_with_all_below(self, tmp_path: Path) -> None:
        whole = timeline(
            [_photo(tmp_path, "a", (200, 90, 60))],
            [_photo(tmp_path, "b", (60, 120, 250), transform=Transform(alpha=0.5))],
            [_photo(tmp_path, "c", (100, 220, 140), blend=HARD, transform=Transform(alpha=0.5))],
        )
        [frame] = _frames(whole, 0)
        below = 0.5 * of(200, 90, 60) + 0.5 * of(60, 120, 250)
        wanted, _ = w3c.composite("hard_light", below, np.array(1.0), of(100, 220, 140), np.array(0.4))
        assert np.abs(rgb_at(frame, 24, 32) - wanted).max() <= 3 * LEVEL  # two layers' rounding

    @pytest.mark.parametrize("blended", ["outgoing", "incoming", "both"])
    def test_dissolves_mix_what_each_side_makes_of_the_picture(self, blended: str, tmp_path: Path) -> None:
        looks = {name: {"blend": HARD} if blended in (name, "both") else {} for name in ("outgoing", "incoming")}
        one = _photo(tmp_path, "one", (100, 220, 140), dissolve_s=1.0, **looks["outgoing"])  # type: ignore[arg-type]
        other = _photo(tmp_path, "other", (30, 60, 240), start_s=1.0, **looks["incoming"])  # type: ignore[arg-type]
        whole = timeline([_photo(tmp_path, "below", (200, 90, 60), length_s=2.0)], [one, other])
        for number in (16, 30, 44):
            progress = number / 30 - 0.5
            sides = []
            for rgb, side in ((of(100, 220, 140), "outgoing"), (of(30, 60, 240), "incoming")):
                mode, alpha = ("hard_light", 0.8) if looks[side] else ("normal", 1.0)
                sides.append(w3c.composite(mode, of(200, 90, 60), np.array(1.0), rgb, np.array(alpha))[0])
            wanted = (1 - progress) * sides[0] + progress * sides[1]
            [frame] = _frames(whole, number)
            assert np.abs(rgb_at(frame, 24, 32) - wanted).max() <= 3 * LEVEL

    def test_any_order_gives_the_same_frames(self, tmp_path: Path) -> None:
        film = write_film(tmp_path / "film.mp4", at_rate(45), size_px=SIZE, options={"g": "15"})
        curve = Curve("KFTypeScaleX", (Keyframe(0, 0.2), Keyframe(SECOND, 1.1)))
        inset = _photo(tmp_path, "inset", (100, 220, 140), blend=HARD, curves=(curve,))
        still = clip(film, 0.2, 0.8, blend=Blend("soft_light"), transform=Transform(scale_x=0.7, scale_y=0.5), id="s")
        whole = timeline([clip(film, 0, 1)], [still], [inset])
        numbers = [0, 4, 8, 15, 22, 29]
        in_order = [digest(frame) for frame in _frames(whole, *numbers)]
        assert len(set(in_order)) == len(numbers)
        assert [digest(frame) for frame in _frames(whole, *reversed(numbers))] == in_order[::-1]
        assert [digest(_frames(whole, number)[0]) for number in numbers] == in_order


def _photo(
    folder: Path, name: str, colour: Rgb, start_s: float = 0.0, length_s: float = 1.0, **more: object
) -> PictureSegment:
    path = solid(folder / f"{name}.png", colour, SIZE)
    return clip(path, start_s, length_s, kind="photo", id=name, **more)  # type: ignore[arg-type]


def _frames(whole: Timeline, *numbers: int) -> list[Planes]:
    whole = timeline(*(track.segments for track in whole.tracks), canvas_px=SIZE)
    with Compositor(whole, assets(whole), output(*SIZE, fps=Fraction(30))) as compositor:
        return [copied(compositor.frame(number)) for number in numbers]


def _codes(*rgb: int) -> tuple[int, int, int]:
    y, u, v = (round(float(code)) for code in w3c.yuv(np.array(rgb) / 255))
    return y, u, v
