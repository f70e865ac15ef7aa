"""One frame as a picture: which one, and in which colours."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from cutfarm.media.picture import black
from cutfarm.render.still import render_frame, to_image
from tests.media.film import at_rate, number_in, write_film
from tests.render.scene import BLUE, GREEN, RED, WHITE, assets, clip, output, quarters, timeline


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(60))


@pytest.mark.parametrize(
    ("at_s", "number"),
    [(0.0, 0), (0.033, 0), (1 / 30, 1), (0.9999, 29), (1.0, 30), (1.9, 57), (1.97, 59), (2.0, 59), (100.0, 59)],
)
def test_the_frame_that_is_shown_at_a_time(at_s: float, number: int, film: Path) -> None:
    whole = timeline([clip(film, 0, 2)], canvas_px=(160, 96))
    image = render_frame(whole, assets(whole), output(160, 96), at_s)
    assert number_in(np.asarray(image)[..., 1]) == number


def test_another_rate_has_other_frames(film: Path) -> None:
    whole = timeline([clip(film, 0, 2)], canvas_px=(160, 96))
    image = render_frame(whole, assets(whole), output(160, 96, fps=Fraction(10)), 1.08)
    assert number_in(np.asarray(image)[..., 1]) == 30


def test_colours_are_those_of_the_photo(tmp_path: Path) -> None:
    whole = timeline([clip(quarters(tmp_path / "q.png", (64, 36)), kind="photo")], canvas_px=(64, 36))
    image = render_frame(whole, assets(whole), output(64, 36), 0.0)
    assert (image.mode, image.size) == ("RGB", (64, 36))
    for at, colour in (((16, 9), RED), ((48, 9), GREEN), ((16, 27), BLUE), ((48, 27), WHITE)):
        assert image.getpixel(at) == pytest.approx(colour, abs=3)


def test_black_is_black() -> None:
    assert np.asarray(to_image(black(8, 6))).max() == 0
