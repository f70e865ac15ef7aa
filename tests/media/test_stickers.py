"""Animated pictures with transparency: what a sticker asks of an image file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from cutfarm.media.planes import SoftPicture
from cutfarm.media.still import ImageSource

CLEAR, RED, GREEN, BLUE = (0, 0, 0, 0), (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)


def spot(colour: tuple[int, ...]) -> Image.Image:
    """A spot in the middle of nothing."""
    image = Image.new("RGBA", (20, 20), CLEAR)
    image.paste(colour, (5, 5, 15, 15))
    return image


def alphas(source: ImageSource, time_us: int) -> tuple[float, float]:
    """Opacity in the corner and in the middle."""
    picture = source.picture_at(Fraction(time_us), 20, 20)
    if not isinstance(picture, SoftPicture):
        return 1.0, 1.0
    return float(picture.alpha[0, 0]), float(picture.alpha[10, 10])


@pytest.mark.parametrize(
    ("name", "options"), [("a.png", {}), ("a.gif", {"disposal": 2}), ("a.webp", {"lossless": True})]
)
class TestFormats:
    def test_a_spot_turns_in_its_own_time_for_ever(self, name: str, options: dict[str, object], tmp_path: Path) -> None:
        frames = [spot(colour) for colour in (RED, GREEN, BLUE)]
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=40, loop=1, **options)
        source = ImageSource(str(tmp_path / name))
        assert not source.is_opaque
        shown = [source.key_at(Fraction(40_000 * n + 1)) for n in range(7)]
        assert shown == [0, 1, 2, 0, 1, 2, 0]
        assert [alphas(source, 40_000 * n + 1) for n in range(4)] == [(0.0, 1.0)] * 4
        source.close()

    def test_one_that_stands_still_is_made_once(self, name: str, options: dict[str, object], tmp_path: Path) -> None:
        spot(RED).save(tmp_path / name, **options)
        source = ImageSource(str(tmp_path / name))
        assert source.key_at(Fraction(0)) == source.key_at(Fraction(10**9))
        assert source.picture_at(Fraction(0), 10, 10) is source.picture_at(Fraction(10**9), 10, 10)
        source.close()


def test_a_picture_for_those_that_know_no_animations_is_not_shown(tmp_path: Path) -> None:
    """PNG, third edition, §4.9: an APNG's default image may not be one of its frames."""
    cover = Image.new("RGBA", (20, 20), BLUE)
    cover.save(
        tmp_path / "a.png",
        save_all=True,
        append_images=[spot(RED), spot(GREEN)],
        default_image=True,
        duration=[100, 300],
    )
    source = ImageSource(str(tmp_path / "a.png"))
    assert source.is_animated
    assert [source.key_at(Fraction(ms * 1000)) for ms in (0, 99, 100, 399, 400, 500)] == [1, 1, 2, 2, 1, 2]
    assert alphas(source, 0) == (0.0, 1.0)
    source.close()
