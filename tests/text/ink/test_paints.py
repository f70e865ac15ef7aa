"""Gradients and pictures that fill letters, against formulas in float64."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cutfarm.timeline.text import Gradient, GradientStop, Stroke, Texture
from tests.text.ink.painting import BLUE, GREEN, RED, ink_of, painted, square, square_block, straight

STOPS = (
    GradientStop(0.0, (1.0, 0.2, 0.0), 1.0),
    GradientStop(0.35, (0.1, 0.9, 0.3), 0.6),
    GradientStop(1.0, (0.0, 0.3, 1.0), 0.2),
)
OPAQUE = tuple(GradientStop(stop.at, stop.colour) for stop in STOPS)
POINTS = ((115, 105), (150, 140), (185, 175), (120, 170), (215, 140), (285, 110))  # in the squares of "AB"


def expected_at(at: float, stops: tuple[GradientStop, ...]) -> list[float]:
    """R, G, B and A, premultiplied, of the place `at` between the stops."""
    places = [stop.at for stop in stops]
    alpha = float(np.interp(at, places, [stop.alpha for stop in stops]))
    colour = [float(np.interp(at, places, [stop.colour[channel] for stop in stops])) * alpha for channel in range(3)]
    return [*colour, alpha]


def straight_place(x: float, y: float, angle_deg: float, width: float, height: float) -> float:
    """How far a point of the box is from corner to corner."""
    way = math.radians(angle_deg)
    length = abs(width * math.cos(way)) + abs(height * math.sin(way))
    return min(max(0.5 + ((x - width / 2) * math.cos(way) + (y - height / 2) * math.sin(way)) / length, 0.0), 1.0)


@pytest.mark.parametrize("angle", [0.0, 90.0, 37.0, 180.0, -60.0, 735.0])
@pytest.mark.parametrize("stops", [STOPS, OPAQUE])
def test_a_straight_gradient_runs_from_corner_to_corner_of_the_block(squares, angle, stops):
    rgba = painted(ink_of(squares, square_block("AB", fill=Gradient(stops, angle))), "over")
    for x, y in POINTS:
        at = straight_place(x + 0.5 - 100, y + 0.5 - 100, angle, 200, 100)
        assert rgba[y, x] / 255.0 == pytest.approx(expected_at(at, stops), abs=2 / 255)


def test_a_radial_gradient_runs_from_the_middle_to_the_corners(squares):
    rgba = painted(ink_of(squares, square_block("AB", fill=Gradient(STOPS, is_radial=True))), "over")
    for x, y in POINTS:
        at = math.hypot(x + 0.5 - 200, y + 0.5 - 150) / math.hypot(100, 50)
        assert rgba[y, x] / 255.0 == pytest.approx(expected_at(at, STOPS), abs=2 / 255)


def test_a_gradient_lies_over_all_lines(squares):
    gradient = Gradient((GradientStop(0.0, RED), GradientStop(1.0, BLUE)), 90.0)
    rgba = straight(painted(ink_of(squares, square_block("A\nB", fill=gradient, line_spacing=0.0)), "over"))
    assert rgba[140, 150, :3] == pytest.approx([1 - 0.2025, 0, 0.2025], abs=2 / 255)
    assert rgba[240, 150, :3] == pytest.approx([1 - 0.7025, 0, 0.7025], abs=2 / 255)


def test_a_stroke_can_be_a_gradient(squares):
    gradient = Gradient((GradientStop(0.0, RED), GradientStop(1.0, BLUE)))
    rgba = painted(ink_of(squares, square_block(strokes=(Stroke(GREEN, 1.0, 0.08, gradient),))), "under")
    assert rgba[140, 106] / 255 == pytest.approx([1 - 0.065, 0, 0.065, 1], abs=2 / 255)
    assert rgba[140, 193] / 255 == pytest.approx([1 - 0.935, 0, 0.935, 1], abs=2 / 255)


def test_the_same_gradient_whichever_glyphs_are_painted(squares):
    ink = ink_of(squares, square_block("AB", fill=Gradient(STOPS, 20.0)))
    whole, parts = painted(ink, "over"), [painted(ink, "over", [number]) for number in range(2)]
    assert np.abs(whole.astype(int) - (parts[0] + parts[1])).max() <= 1


@pytest.mark.parametrize(
    "stops",
    [
        (),
        (GradientStop(0.5, RED),),
        (GradientStop(0.4, RED), GradientStop(0.6, RED)),
        (GradientStop(1.0, RED), GradientStop(0.0, RED)),
        (GradientStop(math.nan, RED), GradientStop(math.inf, RED, 9.0)),
        (GradientStop(0.0, (9.0, -1.0, math.nan)),) * 3,
        (GradientStop(0.0, RED),) * 500,
    ],
)
def test_stops_that_make_no_sense_are_brought_into_order(squares, stops):
    picture = square(squares, colour=RED, fill=Gradient(stops, math.nan))
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x].tolist() == [255, 0, 0, 255]


def test_strokes_do_not_show_through_a_gradient_that_fades(squares):
    fading = Gradient((GradientStop(0.0, GREEN, 0.0), GradientStop(1.0, GREEN, 0.0)))
    picture = square(squares, fill=fading, strokes=(Stroke(RED, 1.0, 0.1),))
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 38, 3] == 0
    assert picture.rgba[y, x - 45].tolist() == [255, 0, 0, 255]


@pytest.fixture
def chequers(tmp_path: Path) -> Path:
    """A picture of 4 × 2 squares of 50 px, each in a colour of its own."""
    return write_squares(tmp_path / "chequers.png")


def colours_of_squares() -> NDArray[np.uint8]:
    """2 × 4 colours, R, G, B, A."""
    rows, columns = np.indices((2, 4))
    return np.stack([columns * 85, rows * 255, (rows + columns) % 2 * 200, np.full((2, 4), 255)], -1).astype(np.uint8)


def write_squares(path: Path) -> Path:
    Image.fromarray(colours_of_squares().repeat(50, 0).repeat(50, 1)).save(path)
    return path


def test_a_picture_covers_the_block(squares, chequers):
    block = square_block("ABAB", fill=Texture("draft/chequers.png"))
    rgba = painted(ink_of(squares, block, {"draft/chequers.png": chequers}), "over", size=(600, 300))
    # 200 × 100 cover 400 × 100 twice as large, the upper and the lower 50 px left out.
    for column in range(4):
        assert rgba[130, 125 + 100 * column].tolist() == colours_of_squares()[0, column].tolist()
        assert rgba[170, 125 + 100 * column].tolist() == colours_of_squares()[1, column].tolist()


def test_a_stroke_can_be_a_picture(squares, chequers):
    stroke = Stroke(GREEN, 1.0, 0.08, Texture("p"))
    rgba = painted(ink_of(squares, square_block(strokes=(stroke,)), {"p": chequers}), "under")
    assert rgba[120, 106].tolist() == colours_of_squares()[0, 1].tolist()


def test_a_picture_that_is_clear_shows_what_is_behind(squares, tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 128)).save(tmp_path / "half.png")
    look = {"fill": Texture("half"), "strokes": (Stroke(GREEN, 1.0, 0.1),), "files": {"half": tmp_path / "half.png"}}
    picture = square(squares, **look)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 38] == pytest.approx([128, 0, 0, 128], abs=1)


def write_nothing(path: Path) -> None:
    """No file at all."""


def write_noise(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"noise" * 100)


def write_text(path: Path) -> None:
    path.write_text("not a picture")


def write_half(path: Path) -> None:
    Image.effect_noise((200, 200), 90).save(path, "png")
    path.write_bytes(path.read_bytes()[:2000])


def write_huge(path: Path) -> None:
    Image.new("1", (4000, 4000)).save(path, "png")


@pytest.mark.parametrize("write", [write_nothing, write_noise, write_text, write_half, write_huge])
def test_a_picture_that_cannot_be_had_leaves_the_colour_and_a_sentence(squares, tmp_path, write):
    write(tmp_path / "it.png")
    look = {
        "colour": BLUE,
        "fill": Texture("C:\\drafts\\wood.png"),
        "strokes": (Stroke(RED, 1.0, 0.1, Texture("x/y.png")),),
    }
    picture = square(squares, files={"C:\\drafts\\wood.png": tmp_path / "it.png"}, **look)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x].tolist() == [0, 0, 255, 255]
    assert picture.rgba[y, x - 45].tolist() == [255, 0, 0, 255]
    assert len(picture.problems) == 2
    assert "wood.png" in picture.problems[0]
    assert "y.png" in picture.problems[1]
    assert str(tmp_path) not in " ".join(picture.problems)


def test_a_caption_is_filled_with_a_few_pictures_at_most(squares, tmp_path):
    files = {str(number): write_squares(tmp_path / f"{number}.png") for number in range(6)}
    strokes = tuple(Stroke(RED, 1.0, 0.02 * (number + 1), Texture(str(number))) for number in range(6))
    assert len(square(squares, strokes=strokes, files=files).problems) == 2


def test_what_is_as_asked_has_no_problems(squares, chequers):
    assert square(squares, fill=Texture("p"), files={"p": chequers}).problems == ()
