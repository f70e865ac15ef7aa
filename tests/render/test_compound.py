"""Compound clips: drafts within the draft, against the same clips laid flat, numbers in films and a mix by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cutfarm.media.planes import Planes
from cutfarm.media.video import VideoSource
from cutfarm.render import painter as painter_module
from cutfarm.render.drawing import Drawing
from cutfarm.render.frame import Compositor
from cutfarm.render.gpu import GpuCompositor
from cutfarm.render.job import plan_job
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.model import Blend, BlurBackground, Curve, Keyframe, Mask, Segment, Timeline, Transform
from tests.media.film import at_rate, number_in, write_film
from tests.media.tensors import copied, digest, tensors
from tests.render.scene import (
    BLUE,
    GREEN,
    RED,
    SECOND,
    Rgb,
    assets,
    caption,
    clip,
    codes,
    compound,
    output,
    solid,
    timeline,
)
from tests.render.test_gpu import write_colours

CANVAS = (320, 180)
HALF = Transform(scale_x=0.5, scale_y=0.5)


def canvas(*tracks: Sequence[Segment], size_px: tuple[int, int] = CANVAS) -> Timeline:
    return timeline(*tracks, canvas_px=size_px)


def frames(whole: Timeline, *numbers: int, size_px: tuple[int, int] = CANVAS) -> list[Planes]:
    with Compositor(whole, assets(whole), output(*size_px, fps=whole.fps)) as compositor:
        return [copied(compositor.frame(number)) for number in numbers]


def digests(whole: Timeline, *numbers: int, size_px: tuple[int, int] = CANVAS) -> list[str]:
    return [digest(picture) for picture in frames(whole, *numbers, size_px=size_px)]


def shown(whole: Timeline, *numbers: int) -> list[int]:
    """The numbers of the film's frames that are seen."""
    return [number_in(picture.y.numpy()) for picture in frames(whole, *numbers)]


def at(picture: Planes, x: float, y: float) -> NDArray[np.float64]:
    return np.array(
        [plane[int(y) // half, int(x) // half] for plane, half in zip(picture, (1, 2, 2), strict=True)], float
    )


def mixed(below: Rgb, above: Rgb, alpha: float) -> NDArray[np.float64]:
    return codes(above) * alpha + codes(below) * (1 - alpha)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds at 30 frames a second, as large as the canvas."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(90), size_px=CANVAS, options={"g": "30"})


@pytest.fixture
def red(tmp_path: Path) -> Path:
    return solid(tmp_path / "red.png", RED, CANVAS)


@pytest.fixture
def blue(tmp_path: Path) -> Path:
    return solid(tmp_path / "blue.png", BLUE, CANVAS)


class TestPictures:
    def test_one_clip_that_fills_it_goes_through_as_it_is(self, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        flat = canvas([clip(film, 0, 2)])
        monkeypatch.setattr(painter_module.Painter, "frame", None)
        monkeypatch.setattr(painter_module.Painter, "soft_frame", None)
        assert digests(canvas([compound(flat)]), 0, 7, 59) == digests(flat, 0, 7, 59)

    @pytest.mark.parametrize(
        "move",
        [Transform(scale_x=1.03, scale_y=1.03, shift_y=0.03), HALF, Transform(scale_x=0.7, scale_y=0.7, alpha=0.6)],
        ids=["enlarged", "half", "pale"],
    )
    def test_a_clip_that_fills_it_lies_where_the_clip_alone_would(self, move: Transform, tmp_path: Path) -> None:
        """The same bits where the film has the canvas's colours: scaled once, by the same filter."""
        film = write_colours(tmp_path / "film.mp4", CANVAS, frames=8)
        alone = canvas([clip(film, 0, 2, transform=move)])
        assert digests(canvas([compound(canvas([clip(film, 0, 2)]), transform=move)]), 0, 7) == digests(alone, 0, 7)

    @pytest.mark.parametrize("size_px", [CANVAS, (160, 90), (640, 360)], ids=str)
    def test_layers_above_one_that_fills_it_are_those_of_the_flat_timeline(
        self, size_px: tuple[int, int], film: Path, red: Path
    ) -> None:
        flat = canvas([clip(film, 0, 2)], [clip(red, 0, 2, kind="photo", transform=HALF)], [caption("words", 0, 2)])
        assert digests(canvas([compound(flat)]), 0, 8, 59, size_px=size_px) == digests(flat, 0, 8, 59, size_px=size_px)

    def test_eight_levels(self, film: Path, red: Path) -> None:
        flat = canvas([clip(film, 0, 2)], [clip(red, 0.5, 1, kind="photo", transform=HALF)])
        held = flat
        for number in range(8):
            held = canvas([compound(held, id=f"level {number}")])
        assert digests(held, 0, 14, 15, 44, 45, 59) == digests(flat, 0, 14, 15, 44, 45, 59)

    def test_gaps_are_transparent(self, red: Path, blue: Path) -> None:
        inner = canvas([clip(red, 0, 1, kind="photo", transform=HALF)], [clip(red, 1, 1, kind="photo", transform=HALF)])
        [picture] = frames(canvas([clip(blue, 0, 1, kind="photo")], [compound(inner)]), 5)
        assert np.abs(at(picture, 160, 90) - codes(RED)).max() <= 1
        for x, y in ((10, 10), (310, 170), (70, 90), (160, 40)):
            assert np.abs(at(picture, x, y) - codes(BLUE)).max() <= 1

    def test_a_gap_in_time_is_transparent_too(self, red: Path, blue: Path) -> None:
        inner = canvas([clip(red, 0, 0.5, kind="photo"), clip(red, 1, 0.5, kind="photo")])
        numbers = (0, 14, 15, 29, 30, 44)
        pictures = frames(canvas([clip(blue, 0, 2, kind="photo")], [compound(inner)]), *numbers)
        for number, picture in zip(numbers, pictures, strict=True):
            wanted = BLUE if 15 <= number < 30 else RED
            assert np.abs(at(picture, 160, 90) - codes(wanted)).max() <= 1

    @pytest.mark.parametrize("outer_alpha", [1.0, 0.6])
    def test_transparency_within_and_around_multiplies(self, outer_alpha: float, tmp_path: Path, blue: Path) -> None:
        """Green at a half over red at 0.7 on nothing, the whole at `outer_alpha` on blue, mixed by hand."""
        one = solid(tmp_path / "one.png", (*RED, 179), CANVAS)
        two = solid(tmp_path / "two.png", (*GREEN, 255), CANVAS)
        inner = canvas(
            [clip(one, 0, 1, kind="photo")],
            [clip(two, 0, 1, kind="photo", transform=Transform(alpha=0.5, scale_x=0.5, scale_y=0.5))],
        )
        whole = canvas([clip(blue, 0, 1, kind="photo")], [compound(inner, transform=Transform(alpha=outer_alpha))])
        [picture] = frames(whole, 3)
        alone = mixed(BLUE, RED, 179 / 255 * outer_alpha)
        assert np.abs(at(picture, 20, 20) - alone).max() <= 1.5
        alpha = 1 - (1 - 179 / 255) * 0.5
        premultiplied = codes(GREEN) * 0.5 + codes(RED) * (179 / 255) * 0.5
        both = premultiplied * outer_alpha + codes(BLUE) * (1 - alpha * outer_alpha)
        assert np.abs(at(picture, 160, 90) - both).max() <= 1.5

    def test_transforms_apply_to_the_whole(self, red: Path, blue: Path) -> None:
        """A red square in the upper right quarter, mirrored, half as large and shifted right."""
        upper_right = Transform(scale_x=0.5, scale_y=0.5, shift_x=0.5, shift_y=0.5)
        inner = canvas([clip(red, 0, 1, kind="photo", transform=upper_right)])
        move = Transform(scale_x=0.5, scale_y=0.5, shift_x=0.5, flip_x=True)
        [picture] = frames(canvas([clip(blue, 0, 1, kind="photo")], [compound(inner, transform=move)]), 0)
        # The whole lies at x 160…320, y 45…135; mirrored, its red quarter is at x 160…240, y 45…90.
        for x, y, colour in ((165, 50, RED), (235, 85, RED), (245, 50, BLUE), (165, 95, BLUE), (155, 50, BLUE)):
            assert np.abs(at(picture, x, y) - codes(colour)).max() <= 1

    def test_a_mask_cuts_the_whole(self, red: Path, blue: Path) -> None:
        """Only the middle of a canvas whose left half is red and whose right half is a gap."""
        left = Transform(scale_x=0.5, scale_y=1.0, shift_x=-0.5)
        inner = canvas([clip(red, 0, 1, kind="photo", transform=left)])
        mask = Mask("rectangle", width=0.5, height=0.5)
        [picture] = frames(canvas([clip(blue, 0, 1, kind="photo")], [compound(inner, mask=mask)]), 0)
        # The mask keeps x 80…240, y 45…135; the red half ends at x 160.
        for x, y, colour in ((84, 90, RED), (156, 50, RED), (76, 90, BLUE), (120, 40, BLUE), (170, 90, BLUE)):
            assert np.abs(at(picture, x, y) - codes(colour)).max() <= 1

    def test_a_mode_blends_the_whole(self, tmp_path: Path, blue: Path) -> None:
        """Two layers of an inner canvas lie over each other first; multiplied with blue, yellow is black."""
        yellow = solid(tmp_path / "yellow.png", (255, 255, 0), CANVAS)
        inner = canvas(
            [clip(blue, 0, 1, kind="photo", transform=HALF)], [clip(yellow, 0, 1, kind="photo", transform=HALF)]
        )
        whole = canvas([clip(blue, 0, 1, kind="photo")], [compound(inner, blend=Blend("multiply"))])
        [picture] = frames(whole, 0)
        assert np.abs(at(picture, 160, 90) - codes((0, 0, 0))).max() <= 2
        assert np.abs(at(picture, 20, 20) - codes(BLUE)).max() <= 2

    def test_it_is_its_own_blurred_background(self, tmp_path: Path) -> None:
        green = solid(tmp_path / "green.png", GREEN, (90, 90))
        inner = canvas([clip(green, 0, 1, kind="photo")], [caption("H", 0, 1)], size_px=(90, 90))
        [picture] = frames(canvas([compound(inner, background=BlurBackground(0.375))]), 0)
        for x in (5, 60, 100, 260, 315):
            assert np.abs(at(picture, x, 5) - codes(GREEN)).max() <= 2

    def test_another_canvas_is_contained(self, tmp_path: Path, blue: Path) -> None:
        """A square of 101 pixels, which no even number of samples holds, fills the height and is centred."""
        green = solid(tmp_path / "green.png", GREEN, (101, 101))
        inner = canvas([clip(green, 0, 1, kind="photo")], size_px=(101, 101))
        [picture] = frames(canvas([clip(blue, 0, 1, kind="photo")], [compound(inner)]), 0)
        for x, colour in ((66, BLUE), (74, GREEN), (160, GREEN), (246, GREEN), (254, BLUE)):
            assert np.abs(at(picture, x, 90) - codes(colour)).max() <= 1
        assert np.abs(at(picture, 160, 2) - codes(GREEN)).max() <= 1

    def test_words_are_as_large_as_their_own_canvas_says(self) -> None:
        """On half the canvas the same size gives half as many pixels, which are shown twice as large."""
        flat = canvas([caption("HHH", 0, 1)])
        inner = canvas([caption("HHH", 0, 1)], size_px=(160, 90))
        one, other = (picture.y.numpy() > 100 for picture in (*frames(flat, 0), *frames(canvas([compound(inner)]), 0)))
        for axis in (0, 1):
            ends = [np.flatnonzero(ink.any(axis=axis))[[0, -1]] for ink in (one, other)]
            assert np.abs(ends[0] - ends[1]).max() <= 2

    def test_a_larger_output_draws_words_sharp(self) -> None:
        flat = canvas([caption("HHH", 0, 1)])
        assert digests(canvas([compound(flat)]), 0, size_px=(960, 540)) != digests(flat, 1, size_px=(640, 360))
        sharp, nested = (frames(whole, 0, size_px=(960, 540))[0] for whole in (flat, canvas([compound(flat)])))
        assert (sharp.y.int() - nested.y.int()).abs().max() <= 2


class TestSizes:
    def sizes(self, whole: Timeline, *numbers: int, size_px: tuple[int, int] = CANVAS) -> set[tuple[int, int]]:
        """The sizes at which any canvas but the output's is drawn."""
        found = []
        real = Drawing.__init__
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Drawing, "__init__", lambda self, *given: found.append(given[1]) or real(self, *given))
            frames(whole, *numbers, size_px=size_px)
        return set(found[1:])

    @pytest.mark.parametrize(
        ("scale", "output_px", "drawn_px"),
        [
            (1.0, CANVAS, CANVAS),
            (0.5, CANVAS, (160, 90)),
            (0.3, CANVAS, (96, 54)),
            (3.0, CANVAS, CANVAS),
            (1.0, (160, 90), (160, 90)),
            (1.0, (960, 540), (960, 540)),
            (2.0, (960, 540), (960, 540)),
        ],
    )
    def test_it_is_drawn_as_large_as_it_is_seen(
        self, scale: float, output_px: tuple[int, int], drawn_px: tuple[int, int], red: Path
    ) -> None:
        inner = canvas([clip(red, 0, 1, kind="photo", transform=HALF)])
        whole = canvas([compound(inner, transform=Transform(scale_x=scale, scale_y=scale))])
        assert self.sizes(whole, 0, 1, size_px=output_px) == {drawn_px}

    def test_a_scale_that_moves_has_one_size(self, red: Path, blue: Path) -> None:
        """From small to the whole canvas it is drawn large, and what is shrunk is the same picture."""
        inner = canvas([clip(red, 0, 2, kind="photo", transform=HALF)])
        grows = Curve("KFTypeScaleX", (Keyframe(0, 0.1), Keyframe(2 * SECOND, 1.0)))
        whole = canvas([clip(blue, 0, 2, kind="photo")], [compound(inner, curves=(grows,))])
        assert self.sizes(whole, 0, 20, 59) == {CANVAS}
        for number, picture in zip((10, 25, 40), frames(whole, 10, 25, 40), strict=True):
            side = 160 * (0.1 + 0.9 * number / 60)  # half of the red square's width
            for x, colour in ((160 - side / 2 + 3, RED), (160 - side / 2 - 3, BLUE)):
                assert np.abs(at(picture, x, 90) - codes(colour)).max() <= 2


class TestTime:
    @pytest.mark.parametrize(
        ("more", "wanted"),
        [
            ({}, [0, 1, 2, 3]),
            ({"source_s": 0.5}, [15, 16, 17, 18]),
            ({"rate": 2}, [0, 2, 4, 6]),
            ({"rate": Fraction(3, 2), "source_s": 1}, [30, 32, 33, 35]),
            ({"rate": 2, "length_s": 1, "is_reversed": True}, [59, 57, 55, 53]),
            ({"length_s": 2, "is_reversed": True}, [59, 58, 57, 56]),
        ],
        ids=str,
    )
    def test_the_frames_of_a_film(self, more: dict[str, object], wanted: list[int], film: Path) -> None:
        inner = canvas([clip(film, 0, 3)])
        assert shown(canvas([compound(inner, **{"length_s": 1, **more})]), 0, 1, 2, 3) == wanted

    def test_backwards_every_film_is_decoded_once(self, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A film of three GOPs, reversed in a reversed clip too: forwards again."""
        restarts = []
        real = VideoSource._restart
        monkeypatch.setattr(VideoSource, "_restart", lambda self, time: restarts.append(time) or real(self, time))
        back = canvas([compound(canvas([clip(film, 0, 3)]), is_reversed=True)])
        assert shown(back, *range(90)) == list(range(89, -1, -1))
        assert len(restarts) <= 4
        forth = canvas([compound(canvas([clip(film, 0, 3, is_reversed=True)]), is_reversed=True)])
        assert shown(forth, *range(90)) == list(range(90))
        twice = canvas([compound(back, is_reversed=True)])
        assert shown(twice, *range(90)) == list(range(90))

    def test_the_last_frame_is_held(self, film: Path) -> None:
        inner = canvas([clip(film, 0, 1)])
        assert shown(canvas([compound(inner, length_s=2)]), 28, 29, 30, 59) == [28, 29, 29, 29]

    @pytest.mark.parametrize("rate", [Fraction(1, 2), Fraction(1, 3), Fraction(2, 5)])
    def test_slow_motion_is_as_smooth_as_what_is_in_it(self, rate: Fraction, tmp_path: Path) -> None:
        """A film of 90 frames a second: every output frame shows another one, none further off than half of one."""
        fast = write_film(tmp_path / "fast.mp4", [n / 90 for n in range(90)], size_px=CANVAS)
        seen = shown(canvas([compound(canvas([clip(fast, 0, 1)]), rate=rate)]), *range(25))
        assert len(set(seen)) == 25
        for number, frame in enumerate(seen):
            assert abs(frame - float(number * rate * 3)) <= 0.75

    def test_levels_of_speed_multiply(self, film: Path) -> None:
        inner = canvas([compound(canvas([clip(film, 0, 3)]), source_s=0.5, rate=2)])
        assert shown(canvas([compound(inner, rate=Fraction(3, 2))]), 0, 1, 2, 10) == [15, 19, 21, 45]


class TestChunks:
    def whole(self, film: Path, red: Path) -> Timeline:
        wanders = Curve("KFTypePositionX", (Keyframe(0, -0.5), Keyframe(2 * SECOND, 0.5)))
        inner = canvas(
            [clip(film, 0, 1, dissolve_s=0.4), clip(film, 1, 1, source_s=0.7)],
            [clip(red, 0.3, 1.4, kind="photo", transform=HALF, curves=(wanders,))],
            [caption("words", 0.5, 1)],
        )
        small = Transform(scale_x=0.7, scale_y=0.7, rotation_deg=12)
        grows = Curve("KFTypeScaleX", (Keyframe(0, 0.2), Keyframe(SECOND, 0.8)))
        gappy = canvas([clip(red, 0.2, 0.3, kind="photo", transform=HALF), clip(film, 0.9, 0.5)])
        return canvas(
            [clip(film, 0, 2)],
            [compound(inner, 0, 1, rate=Fraction(3, 4), id="slow"), compound(inner, 1, 1, source_s=0.9, id="late")],
            [compound(canvas([compound(gappy, id="within")]), 0.1, 1.5, transform=small, curves=(grows,), id="deep")],
        )

    def drawn(self, whole: Timeline, count: int) -> list[str]:
        job = plan_job(whole, assets(whole), RenderOptions(codec="ffv1"))
        found = []
        for spec in job.chunks(count):
            with Compositor(spec.timeline, spec.assets, spec.output) as compositor:
                found += [digest(copied(compositor.frame(n))) for n in range(spec.first_frame, spec.end_frame)]
        return found

    def test_any_number_of_them_gives_the_same_frames(self, film: Path, red: Path) -> None:
        whole = self.whole(film, red)
        at_once = self.drawn(whole, 1)
        assert len(set(at_once)) > 50
        assert self.drawn(whole, 3) == at_once
        assert self.drawn(whole, 7) == at_once

    def test_frames_asked_for_in_any_order_are_the_same(self, film: Path, red: Path) -> None:
        whole = self.whole(film, red)
        numbers = list(range(0, 60, 4))
        shuffled = numbers[::3] + numbers[1::3] + numbers[2::3]
        assert dict(zip(shuffled, digests(whole, *shuffled), strict=True)) == dict(
            zip(numbers, digests(whole, *numbers), strict=True)
        )


def moving_gaps(film: Path, disc: Path) -> Timeline:
    """Transparent, and another picture in each frame."""
    wanders = Curve("KFTypePositionX", (Keyframe(0, -0.6), Keyframe(2 * SECOND, 0.6)))
    return canvas(
        [clip(film, 0, 2, transform=Transform(scale_x=0.6, scale_y=0.6, shift_y=0.3))],
        [clip(disc, 0, 2, kind="photo", transform=HALF, curves=(wanders,))],
    )


class TestOnAGpu:
    @pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
    @pytest.mark.parametrize(
        "move",
        [Transform(), HALF, Transform(scale_x=0.6, scale_y=0.6, rotation_deg=20, alpha=0.8)],
        ids=["as it is", "half", "turned"],
    )
    @pytest.mark.parametrize("is_opaque", [True, False], ids=["opaque", "soft"])
    def test_its_pictures_are_those_of_the_cpu(
        self, is_opaque: bool, move: Transform, device: str, film: Path, tmp_path: Path
    ) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            pytest.skip("torch finds no GPU here")
        disc = solid(tmp_path / "disc.png", (200, 120, 40, 180), (90, 90))
        inner = canvas([clip(film, 0, 2)]) if is_opaque else moving_gaps(film, disc)
        whole = canvas([clip(film, 0, 2, source_s=0.4)], [compound(inner, transform=move)])
        numbers = (0, 1, 2, 7, 8, 30)
        with (
            Compositor(whole, assets(whole), output(*CANVAS)) as one,
            GpuCompositor(whole, assets(whole), output(*CANVAS), device=device) as other,
        ):
            for number, drawn in zip(numbers, other.frames(numbers), strict=True):
                for wanted, plane in zip(tensors(one.frame(number)), drawn, strict=True):
                    assert (wanted.int() - plane.cpu().int()).abs().max() <= 2
