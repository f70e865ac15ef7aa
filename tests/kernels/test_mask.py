"""Masks against plain definitions: points inside or not, counted 8 × 8 to a pixel; soft edges by measured rules."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.geometry import Affine
from kernels.mask import Shape, Stencil, composed, opacity, touched

Array = NDArray[np.float64]

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
MAPS: dict[str, Affine] = {
    "as it is": IDENTITY,
    "enlarged": (0.4, 0.0, 20.3, 0.0, 0.4, 17.2),
    "reduced": (1.7, 0.0, -30.0, 0.0, 1.7, -41.6),
    "mirrored": (-1.0, 0.0, 97.3, 0.0, 1.0, 3.1),
    "turned": (0.8, 0.6, -11.0, -0.6, 0.8, 38.0),
    "stretched": (0.5, 0.0, 12.0, 0.0, 1.4, -20.5),
    "sheared": (1.0, 0.3, -9.9, -0.2, 0.9, 17.7),
}
SHAPES: tuple[Shape, ...] = get_args(Shape)
CLOSED: tuple[Shape, ...] = ("circle", "rectangle", "heart", "star")
LIKE = torch.zeros(0, dtype=torch.float64)
SIZE = (90, 100)  #: rows and columns of the output


def stencil(shape: Shape, **changes: object) -> Stencil:
    """A shape of odd measures on a picture 100 × 90."""
    return replace(Stencil(shape, 47.3, 44.1, 52.0, 41.0, 45.0), **changes)  # type: ignore[arg-type]


def star_outline() -> Array:
    """Ten corners, every second one on a circle of 0.382; x right, y up."""
    angles = np.radians(90.0 - 36.0 * np.arange(10))
    radii = np.where(np.arange(10) % 2, 0.382, 1.0)
    return np.stack((radii * np.cos(angles), radii * np.sin(angles)), -1)


def heart_outline(count: int = 101) -> Array:
    """A square on its corner with a half disc on each of its upper sides; x right, y up."""
    turn = np.radians(np.linspace(-45.0, 135.0, count))
    right = np.stack((0.25 + math.sqrt(0.125) * np.cos(turn), 0.75 + math.sqrt(0.125) * np.sin(turn)), -1)
    return np.concatenate(([[0.0, 0.0]], right, right[-2::-1] * (-1.0, 1.0)))


def outline(shape: Shape, width: float, height: float) -> Array:
    """The shape's polygon about the centre of its box, which is `width` × `height`; x right, y down."""
    points = heart_outline() if shape == "heart" else star_outline()
    low, high = points.min(0), points.max(0)
    return (points - (low + high) / 2.0) / (high - low) * (width, -height)


def is_in_polygon(points: Array, corners: Array) -> NDArray[np.bool_]:
    """Even-odd rule: whether a ray to the right crosses an odd number of sides."""
    inside = np.zeros(points.shape[:-1], bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, 0), strict=True):
        if y0 != y1:
            crosses = (points[..., 1] < y0) != (points[..., 1] < y1)
            inside ^= crosses & (points[..., 0] < x0 + (points[..., 1] - y0) / (y1 - y0) * (x1 - x0))
    return inside


HEART_SIZE = np.ptp(heart_outline(4001), axis=0)


def is_inside(points: Array, form: Stencil) -> NDArray[np.bool_]:
    """Whether points of the shape's own frame, its centre at 0, belong to it."""
    x, y = points[..., 0], points[..., 1]
    grown = form.expansion * min(form.width, form.height)
    width, height = form.width + grown, form.height + grown
    match form.shape:
        case "line":
            return y < form.expansion * form.half_height
        case "mirror":
            return np.abs(y) < form.height * (1.0 + form.expansion) / 2.0
        case "circle":
            return (2.0 * x / width) ** 2 + (2.0 * y / height) ** 2 < 1.0
        case "rectangle":
            half, radius = np.array((width, height)) / 2.0, form.round_corner * min(width, height) / 2.0
            beyond = np.abs(points) - (half - radius)
            in_cross = (beyond < (radius, 0.0)).all(-1) | (beyond < (0.0, radius)).all(-1)
            return in_cross | ((np.hypot(beyond[..., 0], beyond[..., 1]) < radius) & (beyond >= 0.0).all(-1))
        case "heart":
            left, upper = np.abs(x) / width * HEART_SIZE[0], 0.5 * HEART_SIZE[1] - y / height * HEART_SIZE[1]
            return (left + np.abs(upper - 0.5) < 0.5) | ((left - 0.25) ** 2 + (upper - 0.75) ** 2 < 0.125)
        case "star":
            return is_in_polygon(points, outline(form.shape, width, height))


def own_points(form: Stencil, to_picture: Affine, size: tuple[int, int], each: int) -> Array:
    """`each` × `each` points of every output pixel in the shape's own frame, one by chance in each part of it."""
    chance = np.random.default_rng(3).uniform(size=(2, size[0] * each, size[1] * each)) if each > 1 else 0.5
    row, column = (np.mgrid[0 : size[0] * each, 0 : size[1] * each] + chance) / each
    a, b, c, d, e, f = to_picture
    x, y = a * column + b * row + c - form.center_x, d * column + e * row + f - form.center_y
    turned = (x + 1j * y) * np.exp(-1j * math.radians(form.rotation_deg))
    return np.stack((turned.real, turned.imag), -1)


def averaged(samples: Array, each: int) -> Array:
    height, width = samples.shape
    return samples.reshape(height // each, each, width // each, each).mean((1, 3))


def counted(form: Stencil, to_picture: Affine, size: tuple[int, int] = SIZE, each: int = 8) -> Array:
    kept = averaged(is_inside(own_points(form, to_picture, size, each), form).astype(float), each)
    return 1.0 - kept if form.is_inverted else kept


def smoothstep(low: float, high: float, value: Array) -> Array:
    part = np.clip((value - low) / (high - low), 0.0, 1.0)
    return part * part * (3.0 - 2.0 * part)


def got(form: Stencil, to_picture: Affine, size: tuple[int, int] = SIZE) -> Array:
    return opacity(form, to_picture, *size, LIKE).numpy()


SHARP = {
    **{shape: stencil(shape) for shape in SHAPES},
    **{f"turned {shape}": stencil(shape, rotation_deg=27.0) for shape in SHAPES},
    **{f"grown {shape}": stencil(shape, expansion=0.4) for shape in SHAPES},
    **{f"shrunk {shape}": stencil(shape, expansion=-0.3, rotation_deg=-100.0) for shape in SHAPES},
    **{f"inverted {shape}": stencil(shape, is_inverted=True, rotation_deg=200.0) for shape in SHAPES},
    "round rectangle": stencil("rectangle", round_corner=0.5, rotation_deg=12.0),
    "roundest rectangle": stencil("rectangle", round_corner=1.0),
    "high heart": stencil("heart", width=30.0, height=60.0),
    "wide star": stencil("star", width=80.0, height=30.0, rotation_deg=45.0),
    "beyond the picture": stencil("circle", width=150.0, height=110.0, center_x=80.0),
}


class TestSharp:
    def test_smoke(self) -> None:
        assert opacity(stencil("circle"), IDENTITY, *SIZE, LIKE)[44, 47] == 1.0

    @pytest.mark.parametrize("size", [(1, 1), (1, 7), (64, 3)])
    @pytest.mark.parametrize("shape", SHAPES)
    def test_shape(self, shape: Shape, size: tuple[int, int], dtype: torch.dtype) -> None:
        for to_picture in MAPS.values():
            kept = opacity(stencil(shape), to_picture, *size, torch.zeros(0, dtype=dtype))
            assert (kept.shape, kept.dtype) == (size, dtype)

    @pytest.mark.parametrize("to_picture", MAPS.values(), ids=MAPS)
    @pytest.mark.parametrize("form", SHARP.values(), ids=SHARP)
    def test_golden(self, form: Stencil, to_picture: Affine) -> None:
        """Sixty-four points thrown by chance are themselves a few hundredths off."""
        apart = got(form, to_picture) - counted(form, to_picture)
        assert np.abs(apart).max() < 0.13
        assert np.abs(apart).mean() < 8e-4
        assert abs(apart.sum()) < 1.5

    @pytest.mark.parametrize("shape", ["line", "mirror", "rectangle"])
    def test_upright_edges_are_exact(self, shape: Shape) -> None:
        form = stencil(shape)
        kept = got(form, IDENTITY)
        top, bottom = (form.center_y + side * form.height / 2.0 for side in (-1.0, 1.0))
        top, bottom = (-1.0, form.center_y) if shape == "line" else (top, bottom)
        rows = np.clip(np.minimum(bottom, np.arange(90) + 1.0) - np.maximum(top, np.arange(90)), 0.0, 1.0)
        np.testing.assert_allclose(kept[:, 47], rows, rtol=0, atol=1e-12)

    @pytest.mark.parametrize(("shape", "aspect"), [("heart", 1.1148), ("star", 1.05)], ids=["heart", "star"])
    def test_the_applications_boxes_hardly_stretch_the_outlines(self, shape: Shape, aspect: float) -> None:
        """The default boxes are those of a plain heart and of a regular star, within 2 %."""
        points = heart_outline() if shape == "heart" else star_outline()
        width, height = np.ptp(points, axis=0)
        assert width / height == pytest.approx(aspect, rel=0.02)

    def test_a_heart_stands_on_its_tip_and_a_star_points_up(self) -> None:
        heart, star = (
            got(stencil(shape, width=80.0, height=80.0, center_x=50.0, center_y=45.0), IDENTITY)
            for shape in ("heart", "star")
        )
        middle = slice(48, 52)
        assert heart[5:9, middle].max() == 0.0  # between its bows
        assert heart[82:84, middle].max() > 0.2
        assert heart[82:84].sum() < 0.2 * heart[6:8].sum()
        assert star[6:9, 49:51].min() > 0.0
        assert star[82:85, middle].max() == 0.0  # between its feet
        for kept in (heart, star):
            np.testing.assert_allclose(kept, kept[:, ::-1], rtol=0, atol=1e-9)

    @pytest.mark.parametrize("shape", SHAPES)
    def test_rotation_is_clockwise(self, shape: Shape) -> None:
        """What was above is right after a quarter."""
        upright = got(stencil(shape, center_x=45.0, center_y=45.0), IDENTITY, (90, 90))
        turned = got(stencil(shape, center_x=45.0, center_y=45.0, rotation_deg=90.0), IDENTITY, (90, 90))
        np.testing.assert_allclose(turned, np.rot90(upright, -1), rtol=0, atol=1e-9)

    def test_float32_is_close(self) -> None:
        for form in SHARP.values():
            rough = opacity(form, MAPS["sheared"], *SIZE, LIKE.float())
            np.testing.assert_allclose(rough.numpy(), got(form, MAPS["sheared"]), rtol=0, atol=1e-6)

    def test_far_from_the_corner_of_a_large_picture_nothing_is_lost(self) -> None:
        near = opacity(stencil("star"), IDENTITY, *SIZE, LIKE.float())
        far = stencil("star", center_x=47.3 + 2e5, center_y=44.1 + 1e5)
        moved = opacity(far, (1.0, 0.0, 2e5, 0.0, 1.0, 1e5), *SIZE, LIKE.float())
        torch.testing.assert_close(moved, near, rtol=0, atol=1e-6)


class TestSmall:
    @pytest.mark.parametrize("shape", CLOSED)
    @pytest.mark.parametrize("length", [0.3, 1.0, 2.5, 6.0])
    def test_what_is_small_weighs_as_much_as_it_covers(self, shape: Shape, length: float) -> None:
        form = stencil(shape, width=length * 1.2, height=length, center_x=10.3, center_y=10.6, rotation_deg=11.0)
        area = counted(form, IDENTITY, (20, 20), each=40).sum()
        assert got(form, IDENTITY, (20, 20)).sum() == pytest.approx(area, rel=0.03, abs=0.03)

    @pytest.mark.parametrize("shape", CLOSED)
    def test_so_does_what_a_tiny_layer_makes_small(self, shape: Shape) -> None:
        to_picture = (41.0, 5.0, -100.0, -4.0, 33.0, -80.0)
        area = counted(stencil(shape), to_picture, (12, 12), each=40).sum()
        assert got(stencil(shape), to_picture, (12, 12)).sum() == pytest.approx(area, rel=0.05)

    @pytest.mark.parametrize("shape", ["circle", "rectangle", "heart", "star", "mirror"])
    @pytest.mark.parametrize(
        "changes", [{"height": 0.0}, {"height": -3.0}, {"expansion": -1.0, "width": 41.0}], ids=str
    )
    def test_without_area_nothing_is_kept(self, shape: Shape, changes: dict[str, float]) -> None:
        assert not got(stencil(shape, feather=0.5, **changes), IDENTITY).any()
        assert (got(stencil(shape, feather=0.5, is_inverted=True, **changes), IDENTITY) == 1.0).all()
        assert touched(stencil(shape, **changes), IDENTITY, *SIZE) is None

    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("name", ["width", "center_x", "rotation_deg", "feather", "expansion"])
    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_what_is_no_number_keeps_nothing(self, shape: Shape, name: str, value: float) -> None:
        assert not got(stencil(shape, **{name: value}), IDENTITY).any()

    @pytest.mark.parametrize("shape", CLOSED)
    @pytest.mark.parametrize("value", [1e-300, 1e-7, 1e6, 1e12])
    def test_any_size_gives_numbers(self, shape: Shape, value: float) -> None:
        kept = got(stencil(shape, width=value, height=value, feather=0.3), IDENTITY)
        assert ((kept >= 0.0) & (kept <= 1.0)).all()

    def test_work_is_bounded_by_the_shape(self) -> None:
        window = touched(stencil("star", width=10.0, height=10.0), IDENTITY, 1000, 1000)
        assert window is not None
        assert len(window.rows) < 15
        assert len(window.columns) < 15
        assert touched(stencil("star", center_x=-100.0), IDENTITY, 1000, 1000) is None


class TestSoft:
    """By the format's §7: lines and mirrors in half picture heights, ellipses in radii, others as ellipses."""

    @pytest.mark.parametrize("feather", [0.1, 0.3, 0.7, 1.0])
    @pytest.mark.parametrize("to_picture", MAPS.values(), ids=MAPS)
    def test_golden_lines_and_mirrors(self, feather: float, to_picture: Affine) -> None:
        line, mirror = (stencil(shape, rotation_deg=33.0, feather=feather) for shape in ("line", "mirror"))
        y = own_points(line, to_picture, SIZE, 8)[..., 1]
        for form, distance in ((line, y), (mirror, np.abs(y) - 41.0 / 2.0)):
            wanted = 1.0 - averaged(smoothstep(-(feather**2), feather**2, distance / 45.0), 8)
            np.testing.assert_allclose(got(form, to_picture), wanted, rtol=0, atol=0.06 if feather < 0.2 else 0.01)

    @pytest.mark.parametrize("feather", [0.06, 0.1, 0.3, 0.7, 1.0])
    @pytest.mark.parametrize("to_picture", MAPS.values(), ids=MAPS)
    def test_golden_ellipses(self, feather: float, to_picture: Affine) -> None:
        form = stencil("circle", rotation_deg=-20.0, feather=feather)
        own = own_points(form, to_picture, SIZE, 8)
        radius = np.hypot(own[..., 0] / 26.0, own[..., 1] / 20.5)
        half = 4.86 * feather**1.866
        wanted = 1.0 - averaged(smoothstep(1.025 - half, 1.025 + half, radius), 8)
        np.testing.assert_allclose(got(form, to_picture), wanted, rtol=0, atol=0.08 if feather < 0.2 else 0.01)

    @pytest.mark.parametrize("feather", [0.1, 0.2, 0.5])
    @pytest.mark.parametrize("size", [(50.0, 40.0), (30.0, 60.0)], ids=str)
    @pytest.mark.parametrize("shape", ["rectangle", "heart", "star"])
    def test_golden_others(self, shape: Shape, size: tuple[float, float], feather: float) -> None:
        """By the distance to the nearest side of a polygon; a star and a heart in their own aspect, then stretched."""
        form = stencil(shape, width=size[0], height=size[1], feather=feather, rotation_deg=15.0)
        own = own_points(form, MAPS["turned"], (60, 60), 2)
        corners = np.array([(0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5), (0.5, -0.5)]) * size
        if shape != "rectangle":
            natural = np.ptp(heart_outline() if shape == "heart" else star_outline(), axis=0)
            natural *= math.sqrt(size[0] * size[1] / natural.prod())
            own, corners = own / size * natural, outline(shape, *natural)
        nearest = np.full(own.shape[:-1], np.inf)
        for start, end in zip(corners, np.roll(corners, -1, 0), strict=True):
            along = np.clip((own - start) @ (end - start) / ((end - start) ** 2).sum(), 0.0, 1.0)[..., None]
            nearest = np.minimum(nearest, np.linalg.norm(own - start - along * (end - start), axis=-1))
        distance = np.where(is_in_polygon(own, corners), -nearest, nearest)
        half = 4.86 * feather**1.866 * min(size) / 2.0
        wanted = 1.0 - averaged(smoothstep(-half, half, distance), 2)
        np.testing.assert_allclose(got(form, MAPS["turned"], (60, 60)), wanted, rtol=0, atol=0.2)
        assert np.abs(got(form, MAPS["turned"], (60, 60)) - wanted).mean() < 4e-3

    @pytest.mark.parametrize("shape", SHAPES)
    def test_a_soft_edge_grows_out_of_the_sharp_one(self, shape: Shape) -> None:
        """No feather is the limit of a small one, and more of it changes little at a time."""
        steps = [0.0, 1e-6, *np.geomspace(1e-3, 1.0, 60)]
        kept = [got(stencil(shape, feather=float(feather)), MAPS["enlarged"]) for feather in steps]
        changes = [np.abs(one - other).max() for one, other in pairwise(kept)]
        assert changes[0] < 1e-6
        assert max(changes) < 0.2

    def test_a_sharp_ellipse_has_radius_one(self) -> None:
        area = math.pi * 26.0 * 20.5
        assert got(stencil("circle"), IDENTITY).sum() == pytest.approx(area, rel=1e-4)


forms = st.builds(
    Stencil,
    st.sampled_from(SHAPES),
    center_x=st.floats(-20.0, 120.0),
    center_y=st.floats(-20.0, 110.0),
    width=st.floats(0.5, 150.0),
    height=st.floats(0.5, 150.0),
    half_height=st.just(45.0),
    rotation_deg=st.floats(-400.0, 400.0),
    feather=st.floats(0.0, 1.0),
    round_corner=st.floats(0.0, 1.0),
    expansion=st.floats(-0.9, 1.0),
)
maps = st.sampled_from(sorted(MAPS.values()))
SMALL = (24, 30)


class TestProperties:
    @given(form=forms, to_picture=maps)
    @settings(max_examples=150, deadline=None)
    def test_a_mask_and_its_inverse_make_a_whole(self, form: Stencil, to_picture: Affine) -> None:
        kept, left = got(form, to_picture, SMALL), got(replace(form, is_inverted=True), to_picture, SMALL)
        assert ((kept >= 0.0) & (kept <= 1.0)).all()
        np.testing.assert_allclose(kept + left, 1.0, rtol=0, atol=1e-12)

    @given(form=forms, to_picture=maps, x=st.floats(-50.0, 50.0), y=st.floats(-50.0, 50.0))
    @settings(max_examples=100, deadline=None)
    def test_it_moves_with_the_picture(self, form: Stencil, to_picture: Affine, x: float, y: float) -> None:
        moved = replace(form, center_x=form.center_x + x, center_y=form.center_y + y)
        after = composed((1.0, 0.0, x, 0.0, 1.0, y), to_picture)
        np.testing.assert_allclose(got(moved, after, SMALL), got(form, to_picture, SMALL), rtol=0, atol=1e-6)

    @given(form=forms, to_picture=maps, factor=st.floats(0.1, 10.0))
    @settings(max_examples=100, deadline=None)
    def test_a_finer_picture_changes_nothing(self, form: Stencil, to_picture: Affine, factor: float) -> None:
        lengths = ("center_x", "center_y", "width", "height", "half_height")
        finer = replace(form, **{name: getattr(form, name) * factor for name in lengths})
        after = composed((factor, 0.0, 0.0, 0.0, factor, 0.0), to_picture)
        np.testing.assert_allclose(got(finer, after, SMALL), got(form, to_picture, SMALL), rtol=0, atol=1e-6)

    @given(form=forms, to_picture=maps, angle_deg=st.floats(-360.0, 360.0))
    @settings(max_examples=100, deadline=None)
    def test_turning_the_mask_is_turning_the_picture_back(
        self, form: Stencil, to_picture: Affine, angle_deg: float
    ) -> None:
        """About the mask's centre."""
        angle = math.radians(-angle_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
        x, y = form.center_x, form.center_y
        back = (cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y)
        turned = replace(form, rotation_deg=form.rotation_deg + angle_deg)
        wanted = got(form, composed(back, to_picture), SMALL)
        np.testing.assert_allclose(got(turned, to_picture, SMALL), wanted, rtol=0, atol=1e-6)

    @given(form=forms, to_picture=maps, row=st.integers(0, 10), column=st.integers(0, 10))
    @example(Stencil("star", 0.0, 0.0, 13.0, 21.0, 45.0, feather=0.5), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 0, 0)
    @settings(max_examples=100, deadline=None)
    def test_a_part_of_the_grid_is_that_part_of_the_whole(
        self, form: Stencil, to_picture: Affine, row: int, column: int
    ) -> None:
        """So a frame does not depend on how it is cut up."""
        part = got(form, composed(to_picture, (1.0, 0.0, column, 0.0, 1.0, row)), (12, 16))
        whole = got(form, to_picture, SMALL)[row : row + 12, column : column + 16]
        np.testing.assert_allclose(part, whole, rtol=0, atol=1e-6)


@pytest.mark.gpu
@pytest.mark.parametrize("form", SHARP.values(), ids=SHARP)
def test_cpu_is_cuda(cuda: torch.device, form: Stencil) -> None:
    for soft in (form, replace(form, feather=0.3)):
        for to_picture in MAPS.values():
            here, there = (opacity(soft, to_picture, *SIZE, LIKE.float().to(each)).cpu() for each in ("cpu", cuda))
            torch.testing.assert_close(there, here, rtol=0, atol=1e-6)


@pytest.mark.gpu
@pytest.mark.parametrize("form", SHARP.values(), ids=SHARP)
def test_cuda_is_the_reference(cuda: torch.device, form: Stencil) -> None:
    for to_picture in MAPS.values():
        kept = opacity(form, to_picture, *SIZE, torch.zeros(0, device=cuda)).cpu().double().numpy()
        apart = kept - counted(form, to_picture)
        assert np.abs(apart).max() < 0.13
        assert np.abs(apart).mean() < 8e-4
