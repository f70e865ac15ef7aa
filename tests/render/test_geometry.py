"""Where pictures land: spots and edges found in rendered frames, against the format's formulas in double precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cutfarm.media.planes import Planes
from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import Crop, PictureKind, PictureSegment, Transform
from tests.media.tensors import copied
from tests.render.scene import AS_IT_IS, assets, clip, output, timeline
from tests.render.spots import (
    Array,
    Spots,
    contained,
    found_in,
    mapped,
    shown_size,
    shown_to_output,
    shown_to_picture,
    spots_of,
    write_film_of,
    write_photo,
    write_spot_film,
)

ALL = Crop()


def rectangle(left: float, top: float, right: float, bottom: float) -> Crop:
    return Crop((left, top), (right, top), (left, bottom), (right, bottom))


def turned_crop(picture: tuple[int, int], size: tuple[float, float], angle_deg: float) -> Crop:
    """A rectangle of `size` pixels about the picture's centre, turned clockwise."""
    angle = np.radians(angle_deg)
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    ends = np.array(((-1, -1), (1, -1), (-1, 1), (1, 1))) * np.array(size) / 2
    points = (ends @ turn.T + np.array(picture) / 2) / picture
    return Crop(*(tuple(map(float, point)) for point in points))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Case:
    move: Transform = AS_IT_IS
    crop: Crop = ALL
    picture: tuple[int, int] = (320, 180)
    canvas: tuple[int, int] = (640, 360)
    output: tuple[int, int] = (640, 360)
    kind: PictureKind = "video"

    def fit(self) -> float:
        shown = shown_size(self.picture, self.crop)
        if self.kind == "sticker":
            return 0.5 * min(self.canvas) / max(shown)
        return contained(shown, self.canvas)

    def to_output(self) -> Array:
        shown = shown_size(self.picture, self.crop)
        return shown_to_output(shown, self.fit(), self.move, self.canvas, self.output)

    def scale(self) -> float:
        """Output pixels to a picture's pixel in the middle, on average."""
        shown = np.array(shown_size(self.picture, self.crop))
        near = mapped(shown_to_picture(self.picture, self.crop), shown / 2 + np.array(((0, 0), (1, 0), (0, 1))))
        return float(np.sqrt(abs(np.linalg.det(self.to_output())) / abs(np.linalg.det(near[1:] - near[0]))))


WARPED = Crop((0.1, 0.05), (0.8, 0.2), (0.15, 0.9), (0.95, 0.85))
CASES = {
    "as it is": Case(),
    "smaller": Case(Transform(scale_x=0.5, scale_y=0.5)),
    "larger than the canvas": Case(Transform(scale_x=1.7, scale_y=1.7, shift_x=0.2, shift_y=-0.1)),
    "between pixels": Case(Transform(scale_x=0.437, scale_y=0.437, shift_x=0.313, shift_y=-0.171)),
    "a little turned": Case(Transform(scale_x=0.7, scale_y=0.7, rotation_deg=3.7)),
    "turned": Case(Transform(scale_x=0.6, scale_y=0.6, rotation_deg=33.3, shift_x=0.1, shift_y=0.07)),
    "turned more than once": Case(Transform(scale_x=0.6, scale_y=0.6, rotation_deg=-412.5)),
    "a quarter": Case(Transform(scale_x=0.5, scale_y=0.5, rotation_deg=90, shift_x=-0.31)),
    "upside down": Case(Transform(scale_x=0.9, scale_y=0.9, rotation_deg=180)),
    "mirrored": Case(Transform(scale_x=0.8, scale_y=0.8, flip_x=True, shift_x=0.11)),
    "mirrored and turned": Case(Transform(scale_x=0.6, scale_y=0.6, flip_y=True, rotation_deg=21)),
    "both mirrors": Case(Transform(scale_x=0.6, scale_y=0.6, flip_x=True, flip_y=True, rotation_deg=-15)),
    "stretched": Case(Transform(scale_x=0.9, scale_y=0.4, rotation_deg=20)),
    "stretched upright": Case(Transform(scale_x=0.35, scale_y=0.95, shift_x=-0.4)),
    "landscape in portrait": Case(canvas=(360, 640), output=(360, 640)),
    "portrait in landscape": Case(picture=(180, 320)),
    "odd canvas 1437": Case(Transform(scale_x=0.8, scale_y=0.8), canvas=(1437, 1920), output=(480, 640)),
    "odd canvas 1013": Case(Transform(rotation_deg=8), canvas=(1920, 1013), output=(640, 338)),
    "small output": Case(Transform(shift_x=0.05), canvas=(1920, 1080), output=(320, 180)),
    "large output": Case(Transform(scale_x=0.5, scale_y=0.5), canvas=(320, 180), output=(960, 540)),
    "odd picture": Case(picture=(321, 181)),
    "cropped": Case(crop=rectangle(0.25, 0.125, 0.75, 0.625)),
    "cropped to another shape": Case(crop=rectangle(0.1, 0.289, 0.85, 0.711), canvas=(360, 640), output=(360, 640)),
    "cropped and smaller": Case(Transform(scale_x=0.6, scale_y=0.6, shift_x=0.13), rectangle(0.11, 0.07, 0.93, 0.61)),
    "cropped, mirrored": Case(Transform(scale_x=0.6, scale_y=0.6, flip_x=True), rectangle(0.11, 0.07, 0.93, 0.61)),
    "cropped and turned": Case(Transform(scale_x=0.7, scale_y=0.7, rotation_deg=29), rectangle(0.2, 0.1, 0.7, 0.95)),
    "turned crop": Case(crop=turned_crop((320, 180), (180, 100), 17)),
    "turned crop, turned back": Case(
        Transform(scale_x=0.8, scale_y=0.8, rotation_deg=-17), turned_crop((320, 180), (180, 100), 17)
    ),
    "turned crop, stretched": Case(
        Transform(scale_x=0.5, scale_y=0.9, flip_y=True), turned_crop((320, 180), (150, 110), -40)
    ),
    "perspective": Case(crop=WARPED),
    "perspective, turned": Case(Transform(scale_x=0.6, scale_y=0.6, rotation_deg=25, shift_y=0.2), WARPED),
    "perspective, mirrored": Case(Transform(scale_x=0.9, scale_y=0.9, flip_x=True), WARPED),
    "perspective in portrait": Case(Transform(), WARPED, (180, 320), (1437, 1920), (480, 640)),
}

FILMS = [name for name, case in CASES.items() if not any(side % 2 for side in case.picture)]  # halved chroma is even
FILLING = {
    "as it is",
    "larger than the canvas",
    "small output",
    "odd picture",
    "cropped",
    "turned crop",
}


def segment_of(case: Case, path: Path) -> PictureSegment:
    made = clip(path, 0, 0.1, kind=case.kind, transform=case.move)
    return replace(made, material=replace(made.material, crop=case.crop))


def rendered(case: Case, path: Path) -> Planes:
    whole = timeline([segment_of(case, path)], canvas_px=case.canvas)
    with Compositor(whole, assets(whole), output(*case.output)) as compositor:
        return copied(compositor.frame(0))


def check_spots(case: Case, write: Callable[[Spots], Path], chroma_px: float = 0.25) -> int:
    """Every spot that is seen whole lies in its place, luma within a quarter of a pixel; says how many there are."""
    spots = spots_of(case.picture, case.crop, case.scale())
    picture = rendered(case, write(spots))
    matrix = case.to_output() @ np.linalg.inv(shown_to_picture(case.picture, case.crop))
    seen = 0
    for at, near in zip(spots.at, mapped(matrix, spots.at), strict=True):
        around = mapped(matrix, at + 4 * spots.sigma_px * np.array(((1, 0), (-1, 0), (0, 1), (0, -1))))
        radius = float(np.linalg.norm(around - near, axis=1).max())
        if (near - radius < 2).any() or (near + radius > np.array(case.output) - 2).any():
            continue
        luma, chroma = found_in(picture, at, 4 * spots.sigma_px, np.linalg.inv(matrix))
        assert np.linalg.norm(luma - near) < 0.25
        assert np.linalg.norm(chroma - near) < chroma_px
        seen += 1
    return seen


class TestSpots:
    @pytest.mark.parametrize("name", CASES)
    def test_of_a_photo(self, name: str, tmp_path: Path) -> None:
        assert check_spots(CASES[name], lambda spots: write_photo(tmp_path / "p.png", spots)) >= 1

    @pytest.mark.parametrize("name", FILMS)
    def test_of_a_film(self, name: str, tmp_path: Path) -> None:
        assert check_spots(CASES[name], lambda spots: write_spot_film(tmp_path / "f.mp4", spots)) >= 1

    @pytest.mark.parametrize("name", FILMS)
    def test_of_a_film_that_its_container_turns(self, name: str, tmp_path: Path) -> None:
        """Chroma samples turn with their plane, which leaves them half a pixel of the film beside their sites."""

        def write(spots: Spots) -> Path:
            return write_spot_film(tmp_path / "f.mp4", spots, is_turned=True)

        assert check_spots(CASES[name], write, chroma_px=math.inf) >= 1

    @pytest.mark.parametrize("name", ["as it is", "smaller", "turned", "cropped", "turned crop", "perspective"])
    def test_of_pixels_that_are_not_square(self, name: str, tmp_path: Path) -> None:
        def write(spots: Spots) -> Path:
            return write_spot_film(tmp_path / "f.mp4", spots, pixel_aspect=Fraction(4, 3))

        assert check_spots(CASES[name], write, chroma_px=0.4) >= 2

    @given(
        move=st.builds(
            Transform,
            scale_x=st.floats(0.4, 2.5),
            scale_y=st.floats(0.4, 2.5),
            rotation_deg=st.floats(-400, 400),
            shift_x=st.floats(-0.4, 0.4),
            shift_y=st.floats(-0.4, 0.4),
            flip_x=st.booleans(),
            flip_y=st.booleans(),
        ),
        crop=st.just(ALL)
        | st.builds(rectangle, st.floats(0, 0.3), st.floats(0, 0.3), st.floats(0.6, 1), st.floats(0.6, 1))
        | st.builds(
            turned_crop, st.just((160, 90)), st.tuples(st.floats(50, 80), st.floats(40, 60)), st.floats(-30, 30)
        ),
        canvas=st.tuples(st.integers(160, 400), st.integers(160, 400)),
        shrink=st.fractions(1, 2),
    )
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_of_anything(
        self, move: Transform, crop: Crop, canvas: tuple[int, int], shrink: Fraction, tmp_path: Path
    ) -> None:
        sides = (max(2 * round(side * shrink / 2), 2) for side in canvas)
        case = Case(move, crop, (160, 90), canvas, tuple(sides))  # type: ignore[arg-type]
        # Halved chroma of the picture is enlarged with it: a tenth of its pixel may be seen.
        chroma_px = max(0.5, 0.1 * case.scale())
        check_spots(case, lambda spots: write_photo(tmp_path / "p.png", spots), chroma_px)


class TestCorners:
    """A white rectangle's edges, each fitted with a straight line through the points that are half covered."""

    @pytest.mark.parametrize("name", CASES)
    @pytest.mark.parametrize("kind", ["photo", "film"])
    def test_they_are_the_formulas(self, name: str, kind: str, tmp_path: Path) -> None:
        case = CASES[name]
        if kind == "film" and name not in FILMS:
            pytest.skip("a codec with halved chroma has even sides")
        path = white(tmp_path / f"w.{'png' if kind == 'photo' else 'mp4'}", case.picture)
        luma = rendered(case, path).y.numpy().astype(float)
        shown = shown_size(case.picture, case.crop)
        ends = mapped(case.to_output(), np.array(((0, 0), (1, 0), (1, 1), (0, 1))) * shown)
        lines = [edge_in(luma, start, end) for start, end in zip(ends, np.roll(ends, -1, axis=0), strict=True)]
        for number, (line, before) in enumerate(zip(lines, lines[-1:] + lines[:-1], strict=True)):
            if line is None:
                continue
            normal, offset = line
            assert abs(normal @ ends[number] - offset) < 0.25
            assert abs(normal @ ends[(number + 1) % 4] - offset) < 0.25
            if before is not None:
                corner = np.linalg.solve(np.stack((normal, before[0])), (offset, before[1]))
                assert np.linalg.norm(corner - ends[number]) < 0.35
        assert any(line is not None for line in lines) or name in FILLING


def white(path: Path, size_px: tuple[int, int]) -> Path:
    if path.suffix == ".png":
        Image.new("RGB", size_px, (255, 255, 255)).save(path)
        return path
    return write_film_of(path, np.full(size_px[::-1], 235, np.uint8))


def edge_in(luma: Array, start: Array, end: Array) -> tuple[Array, float] | None:
    """The line (normal, offset) through half covered points near the segment from `start` to `end`.

    Along normals of the segment, coverage is integrated: an edge stands where as much is white as lies on its side.
    None where too little of it is inside the frame.
    """
    along = (end - start) / np.linalg.norm(end - start)
    outwards = np.array((along[1], -along[0]))
    reach = 4.0
    steps = np.linspace(0.08, 0.92, 40)
    offsets = np.arange(-reach, reach + 1e-9, 0.125)
    found = []
    for base in start + (end - start) * steps[:, None]:
        points = base + offsets[:, None] * outwards
        if (points < 1).any() or (points > np.array(luma.shape[::-1]) - 1).any():
            continue
        level = np.clip((bilinear(luma, points) - 16) / 219, 0, 1)
        sign = 1.0 if level[0] > level[-1] else -1.0
        white_px = (level.sum() - 0.5 * (level[0] + level[-1])) * 0.125
        found.append(base + sign * (white_px - reach) * outwards)
    if len(found) < 6:
        return None
    middle = np.mean(found, axis=0)
    _, _, axes = np.linalg.svd(np.array(found) - middle)
    return axes[1], float(axes[1] @ middle)


def bilinear(plane: Array, points: Array) -> Array:
    """Samples between pixels' centres."""
    x, y = points[:, 0] - 0.5, points[:, 1] - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, down = x - left, y - top
    upper = plane[top, left] * (1 - right) + plane[top, left + 1] * right
    lower = plane[top + 1, left] * (1 - right) + plane[top + 1, left + 1] * right
    mixed: Array = upper * (1 - down) + lower * down
    return mixed
