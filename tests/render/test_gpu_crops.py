"""Cropped clips drawn in batches against the same drawn one by one."""

from __future__ import annotations

import pytest

from cutfarm.timeline.model import Crop, Transform
from tests.render.scene import clip, cropped, quarters, timeline
from tests.render.test_gpu import (
    CANVAS,
    LEVELS,
    MOVES,
    Files,
    Scene,
    Tracks,
    cuda,
    differences,
    disc,
    files,
    film,
    over_film,
)

__all__ = ["cuda", "disc", "files", "film"]  # fixtures

RECTANGLE = Crop((0.11, 0.07), (0.83, 0.07), (0.11, 0.74), (0.83, 0.74))
TURNED = Crop((0.3, 0.1), (0.8, 0.35), (0.15, 0.6), (0.65, 0.85))
LEANING = Crop((0.1, 0.05), (0.8, 0.2), (0.15, 0.9), (0.95, 0.85))
BEYOND = Crop((-0.4, 0.1), (0.6, 0.1), (-0.4, 1.3), (0.6, 1.3))
OUTSIDE = Crop((1.1, 0.1), (1.6, 0.1), (1.1, 0.9), (1.6, 0.9))
OUTSIDE_TWICE = Crop((-0.6, -0.7), (-0.1, -0.7), (-0.6, -0.2), (-0.1, -0.2))
FILMS: dict[str, tuple[Transform, Crop]] = {
    "filling": (MOVES["as it is"], RECTANGLE),
    "between pixels": (MOVES["between pixels"], RECTANGLE),
    "turned": (MOVES["turned"], RECTANGLE),
    "leaning and mirrored": (MOVES["mirrored"], LEANING),
    "leaning and turned": (MOVES["turned"], LEANING),
    "a turned one, partly outside": (MOVES["partly outside"], TURNED),
    "wholly outside of its picture": (MOVES["half as large"], OUTSIDE),
    "outside, between pixels": (MOVES["between pixels"], OUTSIDE_TWICE),
    "beyond its picture": (MOVES["half as large"], BEYOND),
}


def scene_of(move: Transform, crop: Crop) -> Scene:
    def scene(files: Files) -> Tracks:
        above = clip(files.film, 0, 2, source_s=0.5, transform=move, id="above")
        return over_film(files.film, cropped(above, crop))

    return scene


SCENES: dict[str, Scene] = {
    **{name: scene_of(*given) for name, given in FILMS.items()},
    "a sticker, leaning": lambda files: over_film(
        files.film, cropped(clip(files.disc, 0, 2, kind="sticker", transform=MOVES["half as large"]), LEANING)
    ),
    "a photo": lambda files: over_film(
        files.film, cropped(clip(quarters(files.folder / "c.png"), 0, 2, kind="photo"), RECTANGLE)
    ),
}


class TestPictures:
    @pytest.mark.parametrize("name", SCENES)
    def test_they_are_those_of_the_cpu(self, name: str, files: Files) -> None:
        apart = differences(timeline(*SCENES[name](files), canvas_px=CANVAS), "cpu")
        assert apart.max() <= LEVELS
        assert (apart > 1).float().mean() < 0.001

    @pytest.mark.gpu
    @pytest.mark.parametrize("name", SCENES)
    def test_a_gpu_sees_what_a_cpu_sees(self, name: str, files: Files, cuda: str) -> None:
        apart = differences(timeline(*SCENES[name](files), canvas_px=CANVAS), cuda)
        assert apart.max() <= LEVELS
        assert (apart > 1).float().mean() < 0.001
