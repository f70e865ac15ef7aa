"""Parts of frames, scaled: judged by slices and by edges repeated by hand."""

from __future__ import annotations

import av
import numpy as np
import pytest

from cutfarm.media.resample import Cut, Part, PartScaler

WIDTH_PX, HEIGHT_PX = 96, 64


def frame(pixel_format: str = "yuv420p", colorspace: int = 1, color_range: int = 1) -> av.VideoFrame:
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX]
    rgb = np.stack([40 + x * 2, 60 + y * 2, 200 - x - y], axis=-1).clip(0, 255).astype(np.uint8)
    made = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel_format, dst_colorspace=colorspace)
    made.colorspace, made.color_range = colorspace, color_range
    return made


def planes(picture: av.VideoFrame) -> list[np.ndarray]:
    shapes = [(picture.height, picture.width)] + [(picture.height // 2, picture.width // 2)] * 2
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: shape[0], : shape[1]]
        for plane, shape in zip(picture.planes, shapes, strict=True)
    ]


@pytest.mark.parametrize("part", [Part(0, 0, 96, 64), Part(10, 4, 50, 40), Part(94, 62, 96, 64)])
def test_a_part_at_its_own_size_is_the_samples(part: Part) -> None:
    whole = planes(frame())
    cut = planes(PartScaler().scale(frame(), Cut(part, (part.width_px, part.height_px))))
    for mine, theirs, step in zip(cut, whole, (1, 2, 2), strict=True):
        rows = slice(part.top_px // step, part.bottom_px // step)
        np.testing.assert_array_equal(mine, theirs[rows, part.left_px // step : part.right_px // step])


@pytest.mark.parametrize("beyond", [(8, 6, 4, 10), (0, 110, 150, 2), (400, 0, 0, 66)])
def test_beyond_the_frame_its_edge_is_repeated(beyond: tuple[int, int, int, int]) -> None:
    left, right, top, bottom = beyond
    part = Part(-left, -top, WIDTH_PX + right, HEIGHT_PX + bottom)
    cut = planes(PartScaler().scale(frame(), Cut(part, (part.width_px, part.height_px))))
    for mine, theirs, step in zip(cut, planes(frame()), (1, 2, 2), strict=True):
        around = ((top // step, bottom // step), (left // step, right // step))
        np.testing.assert_array_equal(mine, np.pad(theirs, around, mode="edge"))


def test_frames_of_many_kinds_take_turns() -> None:
    scaler = PartScaler()
    kinds = [frame(), frame("yuv444p"), frame("nv12"), frame("yuv422p"), frame(color_range=2), frame(colorspace=5)]
    first = [planes(scaler.scale(kind, Cut(Part(8, 8, 40, 40), (48, 48)))) for kind in kinds]
    again = [planes(scaler.scale(kind, Cut(Part(8, 8, 40, 40), (48, 48)))) for kind in kinds]
    for one, other in zip(first, again, strict=True):
        for mine, theirs in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("width_px", [24, 48, 192, 384])
def test_chroma_stays_beside_its_luma(width_px: int) -> None:
    """The same ramp in luma and at the chroma sites, which lie on even columns, is the same ramp in other sizes."""
    ramp = av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv420p")
    ramp.colorspace, ramp.color_range = 1, 1
    for plane, step in zip(ramp.planes, (1, 2, 2), strict=True):
        line = np.zeros(plane.line_size, np.uint8)
        line[: WIDTH_PX // step] = 20 + 2 * np.arange(0, WIDTH_PX, step)
        plane.update(np.tile(line, plane.height).tobytes())
    y, u, v = planes(PartScaler().scale(ramp, Cut(Part(0, 0, WIDTH_PX, HEIGHT_PX), (width_px, HEIGHT_PX))))
    middle = slice(width_px // 8, -width_px // 8)
    for chroma in (u, v):
        apart = chroma[8, middle].astype(float) - y[8, ::2][middle]
        assert abs(apart.mean()) < 0.6
