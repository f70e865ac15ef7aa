"""Whole frames: where clips lie, what shows through, what is mixed, and what is drawn only once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes
from cutfarm.render import painter as painter_module
from cutfarm.render.frame import Compositor, open_compositor
from cutfarm.timeline.model import Curve, Keyframe, Timeline, Transform
from tests.media.film import at_rate, number_in, write_film
from tests.media.tensors import copied, digest, tensors
from tests.render.scene import (
    BLUE,
    GREEN,
    RED,
    SECOND,
    WHITE,
    Rgb,
    assets,
    caption,
    clip,
    codes,
    output,
    quarters,
    solid,
    timeline,
)
from tests.render.test_placement import corners_by_the_format

CANVAS = (640, 360)


def frames(whole: Timeline, *numbers: int, size_px: tuple[int, int] = CANVAS) -> list[Planes]:
    with Compositor(whole, assets(whole), output(*size_px, fps=whole.fps)) as compositor:
        return [copied(compositor.frame(number)) for number in numbers]


def colour_at(picture: Planes, x: float, y: float) -> NDArray[np.float64]:
    return np.array(
        [plane[int(y) // half, int(x) // half] for plane, half in zip(picture, (1, 2, 2), strict=True)], float
    )


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds at 30 frames a second, as large as the canvas."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(90), size_px=CANVAS, options={"g": "30"})


@pytest.fixture
def white(tmp_path: Path) -> Path:
    return solid(tmp_path / "white.png", WHITE, (320, 180))


MOVES = {
    "as it is, smaller": Transform(scale_x=0.5, scale_y=0.5),
    "shifted": Transform(scale_x=0.4, scale_y=0.4, shift_x=0.31, shift_y=-0.17),
    "a little turned": Transform(scale_x=0.5, scale_y=0.5, rotation_deg=7),
    "turned": Transform(scale_x=0.6, scale_y=0.6, rotation_deg=33, shift_x=0.1, shift_y=0.1),
    "turned back": Transform(scale_x=0.6, scale_y=0.6, rotation_deg=-52.5),
    "a quarter": Transform(scale_x=0.5, scale_y=0.5, rotation_deg=90, shift_x=-0.3),
    "stretched": Transform(scale_x=0.9, scale_y=0.3, rotation_deg=20),
    "mirrored": Transform(scale_x=0.5, scale_y=0.5, rotation_deg=15, flip_x=True),
    "upside down": Transform(scale_x=0.5, scale_y=0.5, rotation_deg=15, flip_y=True),
    "enlarged": Transform(scale_x=1.7, scale_y=1.7, rotation_deg=44, shift_x=0.6, shift_y=0.5),
}


def crossings(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (x, y) where the picture passes the middle between black and white, along rows and columns."""
    level = luma - (16 + 235) / 2
    found = []
    for array, is_transposed in ((level, False), (level.T, True)):
        row, column = np.nonzero(np.sign(array[:, 1:]) != np.sign(array[:, :-1]))
        left, right = array[row, column], array[row, column + 1]
        along = column + 0.5 + left / (left - right)
        pair = (along, row + 0.5)
        found.append(np.stack(pair[::-1] if is_transposed else pair, -1))
    return np.concatenate(found)


class TestWhereClipsLie:
    @pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
    @pytest.mark.parametrize("size_px", [(640, 360), (320, 180), (960, 540)], ids=str)
    def test_edges_found_in_the_frame_are_the_formats(
        self, move: Transform, size_px: tuple[int, int], white: Path
    ) -> None:
        """Every point on an edge of the white clip lies within a quarter of a pixel of the edge by the formula."""
        [shown] = frames(timeline([clip(white, kind="photo", transform=move)]), 0, size_px=size_px)
        ends = np.array(corners_by_the_format((320, 180), move, CANVAS, size_px))
        points = crossings(shown.y.numpy().astype(float))
        to_corner = np.linalg.norm(points[:, None] - ends, axis=-1).min(axis=1)
        points = points[to_corner > 2.5]
        distances = []
        for start, end in zip(ends, np.roll(ends, -1, axis=0), strict=True):
            along = (end - start) / np.linalg.norm(end - start)
            off = points - start
            distances.append(np.abs(off[:, 0] * along[1] - off[:, 1] * along[0]))
        nearest = np.min(distances, axis=0)
        assert len(points) > 100
        assert nearest.max() < 0.25
        # Every edge that crosses the canvas was found, not only some.
        on = np.argmin(distances, axis=0)
        inside = [self.crosses(start, end, size_px) for start, end in zip(ends, np.roll(ends, -1, axis=0), strict=True)]
        assert {n for n in range(4) if inside[n]} == set(on.tolist())

    @staticmethod
    def crosses(start: NDArray[np.float64], end: NDArray[np.float64], size_px: tuple[int, int]) -> bool:
        points = start + (end - start) * np.linspace(0.05, 0.95, 50)[:, None]
        return bool(((points > 1) & (points < np.array(size_px) - 1)).all(axis=1).any())

    @pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
    def test_content_is_turned_and_mirrored_as_the_corners_are(self, move: Transform, tmp_path: Path) -> None:
        [shown] = frames(timeline([clip(quarters(tmp_path / "q.png", (320, 180)), kind="photo", transform=move)]), 0)
        ends = np.array(corners_by_the_format((320, 180), move, CANVAS, CANVAS))
        centre = ends.mean(axis=0)
        seen = 0
        for end, colour in zip(ends, (RED, GREEN, WHITE, BLUE), strict=True):
            x, y = (end + centre) / 2
            if 2 < x < CANVAS[0] - 2 and 2 < y < CANVAS[1] - 2:
                assert colour_at(shown, x, y) == pytest.approx(codes(colour), abs=3)
                seen += 1
        assert seen >= 1

    @pytest.mark.parametrize("size_px", [(360, 640), (100, 400), (640, 360), (500, 500)])
    def test_a_clip_of_another_shape_is_boxed_in_black(self, size_px: tuple[int, int], tmp_path: Path) -> None:
        [shown] = frames(timeline([clip(solid(tmp_path / "a.png", RED, size_px), kind="photo")]), 0)
        width = min(CANVAS[0], size_px[0] * CANVAS[1] / size_px[1])
        columns = np.nonzero(np.abs(shown.y[180].numpy().astype(float) - codes(RED)[0]) < 4)[0]
        assert len(columns) == pytest.approx(width, abs=1)
        assert columns.mean() == pytest.approx(319.5, abs=0.5)
        if columns[0] > 4:
            assert colour_at(shown, 2, 180) == pytest.approx((16, 128, 128))

    def test_an_odd_canvas_is_shown_whole(self, tmp_path: Path) -> None:
        whole = timeline([clip(solid(tmp_path / "a.png", RED, (101, 75)), kind="photo")], canvas_px=(101, 75))
        [shown] = frames(whole, 0, size_px=(100, 76))
        for x, y in ((0, 0), (99, 0), (0, 75), (99, 75), (50, 37)):
            assert colour_at(shown, x, y) == pytest.approx(codes(RED), abs=2)

    @pytest.mark.parametrize("scale", [0.0, 1e-6, 0.0005, 0.002, 500.0, 1000.0])
    def test_extreme_scales(self, scale: float, film: Path, white: Path) -> None:
        move = Transform(scale_x=scale, scale_y=scale, rotation_deg=3)
        [shown] = frames(timeline([clip(film, transform=move)], [clip(white, kind="photo", transform=move)]), 0)
        assert shown.y.float().mean() < 17 if scale < 1 else shown.y.float().mean() > 230


class TestLayers:
    def test_nothing_is_black(self, white: Path) -> None:
        [shown] = frames(timeline([clip(white, 1.0, 1.0, kind="photo")]), 0)
        assert [plane.unique().tolist() for plane in shown] == [[16], [128], [128]]

    def test_a_film_that_fills_the_canvas_passes_untouched(self, tmp_path: Path) -> None:
        path = write_film(tmp_path / "hd.mp4", at_rate(5), size_px=(1280, 720))  # untagged and high: BT.709 already
        [shown] = frames(timeline([clip(path)], canvas_px=(1280, 720)), 3, size_px=(1280, 720))
        with av.open(str(path)) as file:
            decoded = [Picture(frame).digest() for frame in file.decode(video=0)]
        assert digest(shown) == decoded[3]

    @pytest.mark.parametrize("alpha", [0.2, 0.5, 0.9])
    def test_alpha(self, alpha: float, tmp_path: Path) -> None:
        below, above = (solid(tmp_path / f"{n}.png", colour) for n, colour in enumerate((BLUE, RED)))
        [shown] = frames(
            timeline([clip(below, kind="photo")], [clip(above, kind="photo", transform=Transform(alpha=alpha))]), 0
        )
        wanted = (1 - alpha) * codes(BLUE) + alpha * codes(RED)
        assert colour_at(shown, 320, 180) == pytest.approx(wanted, abs=1.6)

    def test_transparency_shows_what_lies_below(self, tmp_path: Path) -> None:
        rgba = np.zeros((180, 320, 4), np.uint8)
        rgba[:, 160:] = (*RED, 128)
        Image.fromarray(rgba).save(tmp_path / "a.png")
        below = solid(tmp_path / "b.png", BLUE)
        [shown] = frames(timeline([clip(below, kind="photo")], [clip(tmp_path / "a.png", kind="photo")]), 0)
        assert colour_at(shown, 100, 180) == pytest.approx(codes(BLUE), abs=1)
        wanted = (1 - 128 / 255) * codes(BLUE) + 128 / 255 * codes(RED)
        assert colour_at(shown, 500, 180) == pytest.approx(wanted, abs=1.6)

    def test_a_picture_in_a_picture(self, film: Path) -> None:
        """Two films at their own times; the inset covers its place and nothing else."""
        move = Transform(scale_x=0.5, scale_y=0.5, shift_x=0.5, shift_y=-0.5)
        inset = clip(film, source_s=1.5, transform=move, id="inset")
        shown, alone = frames(timeline([clip(film)], [inset]), 20)[0], frames(timeline([clip(film)]), 20)[0]
        assert number_in(shown.y.numpy()) == 20
        assert number_in(shown.y.numpy()[180:, 320:].copy()) == 20 + 45
        outside = np.ones((360, 640), bool)
        outside[180:, 320:] = False
        assert np.array_equal(shown.y.numpy()[outside], alone.y.numpy()[outside])

    def test_a_caption_lies_where_it_is_put(self, film: Path) -> None:
        words = caption("HHHH", transform=Transform(shift_x=-0.5, shift_y=-0.5), size=20.0)
        plain, shown = frames(timeline([clip(film)]), 3)[0], frames(timeline([clip(film)], [words]), 3)[0]
        rows, columns = np.nonzero(np.abs(plain.y.numpy().astype(int) - shown.y.numpy()) > 40)
        assert len(rows) > 200
        assert (columns.min() + columns.max()) / 2 == pytest.approx(160, abs=3)
        assert (rows.min() + rows.max()) / 2 == pytest.approx(270, abs=8)

    def test_keyframes_move_a_clip(self, white: Path) -> None:
        curve = Curve("KFTypePositionX", (Keyframe(0, -1.0), Keyframe(SECOND, 1.0)))
        moved = clip(white, kind="photo", transform=Transform(scale_x=0.2, scale_y=0.2), curves=(curve,))
        for number, shown in zip((0, 6, 15, 24), frames(timeline([moved]), 0, 6, 15, 24), strict=True):
            columns = np.nonzero(shown.y[180].numpy() > 125)[0]
            centre = 640 * number / 30
            left, right = max(centre - 64, 0), min(centre + 64, 640)
            assert (columns.min(), columns.max() + 1) == pytest.approx((left, right), abs=1)

    def test_keyframed_opacity(self, white: Path) -> None:
        curve = Curve("KFTypeAlpha", (Keyframe(0, 0.0), Keyframe(SECOND, 1.0)))
        for number, shown in zip(
            (0, 9, 15, 29), frames(timeline([clip(white, kind="photo", curves=(curve,))]), 0, 9, 15, 29), strict=True
        ):
            assert colour_at(shown, 320, 180)[0] == pytest.approx(16 + 219 * number / 30, abs=1)


class TestDissolves:
    def test_two_photos(self, tmp_path: Path) -> None:
        first, second = (solid(tmp_path / f"{n}.png", colour) for n, colour in enumerate((RED, BLUE)))
        whole = timeline([clip(first, 0, 1, kind="photo", dissolve_s=1), clip(second, 1, 1, kind="photo")])
        for number, shown in zip(range(10, 50, 3), frames(whole, *range(10, 50, 3)), strict=True):
            share = min(max((number - 15) / 30, 0), 1)
            wanted = (1 - share) * codes(RED) + share * codes(BLUE)
            assert colour_at(shown, 320, 180) == pytest.approx(wanted, abs=1.6), number

    def test_two_films_play_through_the_window(self, film: Path) -> None:
        """The mix is of the very frames that each clip shows at that time, also past its cut."""
        first = clip(film, 0, 1, source_s=0.5, dissolve_s=0.4)
        second = clip(film, 1, 1, source_s=1.0)
        whole = timeline([first, second])
        with Compositor(whole, assets(whole), output()) as compositor:
            mixes = {number: copied(compositor.frame(number)) for number in range(24, 36)}
        alone = timeline([clip(film, 0, 3)])
        first_shown = dict(zip(mixes, frames(alone, *(number + 15 for number in mixes)), strict=True))
        second_shown = dict(zip(mixes, frames(alone, *mixes), strict=True))
        for number, shown in mixes.items():
            share = (number - 24) / 12
            wanted = (1 - share) * first_shown[number].y.double() + share * second_shown[number].y.double()
            assert (shown.y.double() - wanted).abs().max() <= 1

    def test_clips_of_different_shapes(self, tmp_path: Path) -> None:
        wide, tall = solid(tmp_path / "w.png", WHITE, (640, 360)), solid(tmp_path / "t.png", WHITE, (200, 360))
        whole = timeline([clip(wide, 0, 1, kind="photo", dissolve_s=1), clip(tall, 1, 1, kind="photo")])
        [shown] = frames(whole, 30)
        assert colour_at(shown, 20, 180)[0] == pytest.approx(16 + 219 / 2, abs=1)
        assert colour_at(shown, 320, 180)[0] == pytest.approx(235, abs=1)

    def test_a_dissolve_over_a_film(self, film: Path, tmp_path: Path) -> None:
        first, second = (solid(tmp_path / f"{n}.png", (*colour, 128)) for n, colour in enumerate((RED, BLUE)))
        over = [clip(first, 0, 1, kind="photo", dissolve_s=1), clip(second, 1, 1, kind="photo")]
        below, shown = frames(timeline([clip(film, 0, 2)]), 30)[0], frames(timeline([clip(film, 0, 2)], over), 30)[0]
        half = 128 / 255
        wanted = (1 - half) * colour_at(below, 320, 300) + half * (codes(RED) + codes(BLUE)) / 2
        assert colour_at(shown, 320, 300) == pytest.approx(wanted, abs=1.6)


class TestImages:
    def test_a_photo_and_a_caption_are_laid_once(
        self, tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn: list[str] = []
        for name in ("place", "lettered"):
            real = getattr(painter_module, name)

            def counted(*given: object, name: str = name, real: Callable[..., object] = real) -> object:
                drawn.append(name)
                return real(*given)

            monkeypatch.setattr(painter_module, name, counted)
        photo = clip(
            solid(tmp_path / "a.png", (*RED, 128)), kind="photo", transform=Transform(scale_x=0.5, scale_y=0.5)
        )
        frames(timeline([clip(film)], [photo], [caption("words")]), *range(30))
        assert drawn == ["place", "lettered"]

    def test_a_photo_that_fills_the_canvas_is_one_picture(self, tmp_path: Path) -> None:
        whole = timeline([clip(solid(tmp_path / "a.png", RED), kind="photo")])
        with Compositor(whole, assets(whole), output()) as compositor:
            assert compositor.frame(0) is compositor.frame(20)

    def test_an_animation_goes_by_its_own_clock(self, tmp_path: Path) -> None:
        greys = [Image.new("RGB", (64, 36), (50 * n,) * 3) for n in range(4)]
        greys[0].save(tmp_path / "a.gif", save_all=True, append_images=greys[1:], duration=[100, 200, 100, 100], loop=0)
        whole = timeline([clip(tmp_path / "a.gif", 0, 2, kind="gif")])
        numbers = [0, 2, 3, 8, 9, 11, 12, 14, 15, 18, 45]
        levels = [(p.y[180, 320].item() - 16) / 219 * 255 / 50 for p in frames(whole, *numbers)]
        wanted = [
            0 if ms < 100 else 1 if ms < 300 else 2 if ms < 400 else 3 for ms in (n * 1000 / 30 % 500 for n in numbers)
        ]
        assert np.round(levels).tolist() == wanted

    def test_speed_moves_an_animation_too(self, tmp_path: Path) -> None:
        greys = [Image.new("RGB", (64, 36), (50 * n,) * 3) for n in range(4)]
        greys[0].save(tmp_path / "a.gif", save_all=True, append_images=greys[1:], duration=200, loop=0)
        whole = timeline([clip(tmp_path / "a.gif", 0, 1, kind="gif", rate=2, source_s=0.2)])
        levels = [round((p.y[180, 320].item() - 16) / 219 * 255 / 50) for p in frames(whole, 0, 3, 6, 9, 12)]
        assert levels == [1, 2, 3, 0, 1]


class TestPurity:
    def test_any_order_gives_the_same_frames(self, film: Path, tmp_path: Path) -> None:
        """A film, its own inset at another speed, a dissolve, moving photo and words."""
        curve = Curve("KFTypeScaleX", (Keyframe(0, 0.2), Keyframe(2 * SECOND, 1.1)))
        photo = clip(quarters(tmp_path / "q.png"), 0.2, 1.5, kind="photo", curves=(curve,))
        inset = clip(
            film, 0.1, 1.8, rate=Fraction(3, 2), transform=Transform(scale_x=0.4, scale_y=0.4, rotation_deg=10), id="i"
        )
        whole = timeline(
            [clip(film, 0, 1, source_s=0.2, dissolve_s=0.5), clip(film, 1, 1, source_s=0.1)],
            [photo],
            [replace(inset, transform=replace(inset.transform, alpha=0.7))],
            [caption("words", 0.5, 1.0)],
        )
        small, numbers = (320, 180), list(range(0, 60, 3))
        in_order = {n: digest(p) for n, p in zip(numbers, frames(whole, *numbers, size_px=small), strict=True)}
        random.Random(2).shuffle(numbers)
        shuffled = {n: digest(p) for n, p in zip(numbers, frames(whole, *numbers, size_px=small), strict=True)}
        assert shuffled == in_order
        [lone] = frames(whole, 30, size_px=small)
        assert digest(lone) == in_order[30]

    @pytest.mark.gpu
    def test_a_gpu_sees_what_a_cpu_sees(self, film: Path, tmp_path: Path) -> None:
        if not torch.cuda.is_available():
            pytest.skip("torch finds no GPU here")
        photo = clip(quarters(tmp_path / "q.png"), kind="photo", transform=MOVES["turned"])
        whole = timeline([clip(film, 0, 1, dissolve_s=0.5), clip(film, 1, 1, source_s=1)], [photo], [caption("words")])
        for number in (5, 27, 40):
            pictures = []
            for device in ("cpu", "cuda"):
                with open_compositor(whole, assets(whole), output(), device=device) as compositor:
                    pictures.append([plane.cpu().int() for plane in tensors(compositor.frame(number))])
            for here, there in zip(*pictures, strict=True):
                assert (here - there).abs().max() <= 2


class TestFaults:
    def test_a_file_that_was_not_supplied(self, film: Path) -> None:
        whole = timeline([clip(film, id="s1")])
        with (
            Compositor(whole, {}, output()) as compositor,
            pytest.raises(AssetMissing, match=r"'film\.mp4' of segment s1"),
        ):
            compositor.frame(0)

    def test_a_file_that_is_no_media(self, tmp_path: Path) -> None:
        (tmp_path / "film.mp4").write_text("no film")
        whole = timeline([clip(tmp_path / "film.mp4", id="s1")])
        with (
            Compositor(whole, assets(whole), output()) as compositor,
            pytest.raises(AssetUnreadable, match=r"segment s1: film\.mp4 is not"),
        ):
            compositor.frame(0)

    def test_a_file_that_nobody_sees_need_not_be_there(self, film: Path, tmp_path: Path) -> None:
        gone = tmp_path / "gone.mp4"
        whole = timeline(
            [clip(film)],
            [clip(gone, is_visible=False)],
            [clip(gone, 5, 1)],
            [clip(gone, id="clear", transform=Transform(alpha=0.0))],
        )
        assert number_in(frames(whole, 4)[0].y.numpy()) == 4


def test_codes_are_those_of_the_colours() -> None:
    """The reference of the tests above, by the table of BT.709 bars."""
    wanted: dict[Rgb, tuple[int, int, int]] = {
        RED: (63, 102, 240),
        GREEN: (173, 42, 26),
        BLUE: (32, 240, 118),
        WHITE: (235, 128, 128),
    }
    for colour, expected in wanted.items():
        assert np.round(codes(colour)).tolist() == list(expected)
