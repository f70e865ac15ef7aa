"""Other matrices and ranges become BT.709 limited range by the equations, sample by sample, in double precision."""

from __future__ import annotations

import av
import numpy as np
import pytest

from cutfarm.media.resample import Cut, Part, PartScaler
from tests.media.spot import BT709, WEIGHTS, Floats, codes, filled, samples_of

SIZE_PX = (128, 96)
LEVELS = 1.25
CASES = [(matrix, is_full) for matrix in WEIGHTS for is_full in (False, True) if (matrix, is_full) != (1, False)]
YUV = ["yuv420p", "nv12", "yuv420p10le", "yuv422p", "yuv422p10le", "yuv444p", "yuv444p12le"]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def boxes(rng: np.random.Generator) -> Floats:
    """R'G'B' (h, w, 3) of coloured boxes with hard edges, whose chroma subsamples to itself."""
    rgb = np.full((SIZE_PX[1], SIZE_PX[0], 3), 0.5)
    for _ in range(40):
        left, top = (2 * rng.integers(0, side // 2) for side in SIZE_PX)
        right, bottom = left + 2 * rng.integers(1, 16), top + 2 * rng.integers(1, 16)
        rgb[top:bottom, left:right] = rng.uniform(0.1, 0.9, 3)
    return rgb


def given(rgb: Floats, pixel_format: str, matrix: int, *, is_full: bool) -> tuple[av.VideoFrame, list[Floats]]:
    """A frame of a picture, and what its samples stand for as 8-bit codes."""
    form = av.VideoFormat(pixel_format)
    step_x, step_y, bits = 3 - form.chroma_width(2), 3 - form.chroma_height(2), form.components[0].bits
    luma, *chroma = codes(rgb, WEIGHTS[matrix], is_full=is_full)
    unit = 2 ** (bits - 8)
    planes = [np.round(plane * unit) for plane in (luma, *(plane[::step_y, ::step_x] for plane in chroma))]
    frame = filled("yuv420p" if pixel_format == "nv12" else pixel_format, SIZE_PX, planes)
    frame = frame if pixel_format != "nv12" else frame.reformat(format="nv12")
    frame.colorspace, frame.color_range = matrix, 2 if is_full else 1
    return frame, [plane / unit for plane in planes]


def converted(planes: list[Floats], matrix: int, *, is_full: bool) -> list[Floats]:
    """BT.709 limited codes of planes of code values that have the same sites."""
    red, blue = WEIGHTS[matrix]
    low, luma_range, chroma_range = (0.0, 255.0, 255.0) if is_full else (16.0, 219.0, 224.0)
    luma, cb, cr = (planes[0] - low) / luma_range, *((plane - 128.0) / chroma_range for plane in planes[1:])
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return [plane.clip(0, 255) for plane in codes(np.stack([r, g, b], -1), BT709)]


def doubled(plane: Floats, axis: int, first: float) -> Floats:
    """Chroma at the sites of luma along an axis, by Keys' bicubic; luma's first sample lies at `first`."""
    plane = np.moveaxis(plane, axis, 0)
    made = np.zeros((2 * len(plane), *plane.shape[1:]))
    for number in range(len(made)):
        place = number / 2 + first
        taps = np.floor(place) + np.arange(-1, 3)
        far = np.abs(place - taps)
        near = (1.4 * far - 2.4) * far * far + 1.0
        weights = np.where(far < 1, near, -0.6 * (((far - 5.0) * far + 8.0) * far - 4.0))
        made[number] = np.tensordot(weights, plane[taps.clip(0, len(plane) - 1).astype(int)], 1)
    return np.moveaxis(made, 0, axis)


def at_luma(plane: Floats) -> Floats:
    """A plane of left-sited chroma at luma's sites, as far as it is subsampled."""
    if plane.shape[1] < SIZE_PX[0]:
        plane = doubled(plane, 1, 0.0)
    return doubled(plane, 0, -0.25) if plane.shape[0] < SIZE_PX[1] else plane


def off(got: Floats, wanted: Floats) -> float:
    return float(np.abs(got - wanted)[4:-4, 4:-4].max())


@pytest.mark.parametrize(("matrix", "is_full"), CASES)
@pytest.mark.parametrize("pixel_format", YUV)
def test_luma_takes_its_share_of_the_chroma_beside_it(
    pixel_format: str, matrix: int, is_full: bool, rng: np.random.Generator
) -> None:
    frame, planes = given(boxes(rng), pixel_format, matrix, is_full=is_full)
    wanted = converted([planes[0], *map(at_luma, planes[1:])], matrix, is_full=is_full)
    assert off(samples_of(PartScaler().whole(frame, SIZE_PX))[0], wanted[0]) <= LEVELS


@pytest.mark.parametrize(("matrix", "is_full"), CASES)
@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "yuv420p10le"])
def test_chroma_is_converted_at_its_own_sites(
    pixel_format: str, matrix: int, is_full: bool, rng: np.random.Generator
) -> None:
    frame, planes = given(boxes(rng), pixel_format, matrix, is_full=is_full)
    wanted = converted([planes[0][::2, ::2], *planes[1:]], matrix, is_full=is_full)
    got = samples_of(PartScaler().whole(frame, SIZE_PX))
    assert max(off(got[1], wanted[1]), off(got[2], wanted[2])) <= 1.0


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv422p10le"])
@pytest.mark.parametrize("size_px", [SIZE_PX, (192, 144), (96, 48), (127, 95)], ids=str)
@pytest.mark.parametrize(("matrix", "is_full"), CASES)
def test_plain_colours_in_any_size(
    matrix: int, is_full: bool, size_px: tuple[int, int], pixel_format: str, rng: np.random.Generator
) -> None:
    for rgb in (*rng.uniform(0.0, 1.0, (6, 3)), np.zeros(3), np.ones(3), np.full(3, 0.5)):
        frame, planes = given(np.tile(rgb, (SIZE_PX[1], SIZE_PX[0], 1)), pixel_format, matrix, is_full=is_full)
        wanted = converted([plane[:1, :1] for plane in planes], matrix, is_full=is_full)
        got = samples_of(PartScaler().whole(frame, size_px))
        assert max(np.abs(plane - exact).max() for plane, exact in zip(got, wanted, strict=True)) <= LEVELS
        if len(set(rgb)) == 1:
            assert {128.0} == {*np.unique(got[1]), *np.unique(got[2])}


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("size_px", [SIZE_PX, (64, 48), (256, 192)], ids=str)
@pytest.mark.parametrize("is_full", [False, True])
def test_greys_stay_grey(is_full: bool, size_px: tuple[int, int], quarter_turns: int) -> None:
    ramp = np.repeat(np.linspace(0.0, 1.0, SIZE_PX[0])[None, :, None], 3, 2).repeat(SIZE_PX[1], 0)
    frame, _ = given(ramp, "yuv420p", 5, is_full=is_full)
    turned_px = size_px[::-1] if quarter_turns % 2 else size_px
    _, *chroma = samples_of(PartScaler().whole(frame, turned_px, quarter_turns))
    assert all({128.0} == {*np.unique(plane)} for plane in chroma)


@pytest.mark.parametrize("matrix", [1, 5])
def test_what_comes_out_says_what_it_is(matrix: int, rng: np.random.Generator) -> None:
    """So that a compound clip's picture, drawn again, is not converted twice."""
    frame, _ = given(boxes(rng), "yuv420p", matrix, is_full=True)
    scaler = PartScaler()
    made = scaler.whole(frame, SIZE_PX)
    assert (made.format.name, int(made.colorspace), int(made.color_range)) == ("yuv420p", 1, 1)
    again = scaler.scale(made, Cut(Part(0, 0, *SIZE_PX), SIZE_PX))
    assert all((one == other).all() for one, other in zip(samples_of(made), samples_of(again), strict=True))


def test_frames_in_any_order_do_not_mix(rng: np.random.Generator) -> None:
    """Two branches of a graph meet by their frames' times, which go backwards and stand still."""
    scaler = PartScaler()
    frames = [given(boxes(rng), "yuv420p", 5, is_full=False)[0] for _ in range(5)]
    alone = [samples_of(PartScaler().whole(frame, SIZE_PX)) for frame in frames]
    for number, pts in [(0, 900), (1, 900), (2, 30), (3, 1_000_000), (4, -5), (1, 30), (0, None), (2, None), (3, 7)]:
        frames[number].pts = pts
        got = samples_of(scaler.whole(frames[number], SIZE_PX))
        assert all((one == other).all() for one, other in zip(got, alone[number], strict=True))
