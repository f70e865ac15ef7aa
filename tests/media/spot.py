"""A soft coloured spot as frames of any pixel format, its chroma where ITU-T H.264 annex E puts type 0; and found."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BT709, BT601 = (0.2126, 0.0722), (0.299, 0.114)
WEIGHTS = {1: BT709, 5: BT601, 7: (0.212, 0.087), 9: (0.2627, 0.0593), 4: (0.3, 0.11)}  # by AVColorSpace
_GROUND, _SPOT = np.array([0.3, 0.1, 0.5]), np.array([0.5, 0.2, -0.3])
_RADIUS_PX = 5.0


def spot_frame(
    pixel_format: str, size_px: tuple[int, int], at_px: tuple[float, float], matrix: int = 1, *, is_full: bool = False
) -> av.VideoFrame:
    """A frame with the spot's middle at `at_px`, in which the first pixel's centre is (½, ½)."""
    form = av.VideoFormat(pixel_format)
    if form.is_rgb:
        rgb = np.round(255 * _rgb(size_px, at_px, (1, 1))).astype(np.uint8)
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(format=pixel_format)
    bits = form.components[0].bits
    halved = (3 - form.chroma_width(2), 3 - form.chroma_height(2))
    planes = []
    for number in range(3):
        rgb = _rgb(size_px, at_px, halved if number else (1, 1))
        planes.append(codes(rgb, WEIGHTS[matrix], is_full=is_full)[number] * 2 ** (bits - 8))
    name = "yuv420p" if pixel_format == "nv12" else "yuv420p10le" if pixel_format == "p010le" else pixel_format
    frame = filled(name, size_px, planes)
    frame = frame if name == pixel_format else frame.reformat(format=pixel_format)
    frame.colorspace, frame.color_range = matrix, 2 if is_full else 1
    return frame


def filled(pixel_format: str, size_px: tuple[int, int], planes: list[Floats]) -> av.VideoFrame:
    """A planar frame of these samples, rounded."""
    frame = av.VideoFrame(*size_px, pixel_format)
    for plane, exact in zip(frame.planes, planes, strict=True):
        samples = np.round(exact).astype("<u2" if av.VideoFormat(pixel_format).components[0].bits > 8 else "u1")
        rows = np.ascontiguousarray(samples).view(np.uint8).reshape(samples.shape[0], -1)
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        padded[:, : rows.shape[1]] = rows
        plane.update(padded.tobytes())
    return frame


def codes(rgb: Floats, weights: tuple[float, float], *, is_full: bool = False) -> tuple[Floats, Floats, Floats]:
    """8-bit code values of R'G'B' (…, 3) in [0, 1], unrounded: BT.709-6 §3 and BT.601-7 §2.5, full range as in JFIF."""
    red, blue = weights
    luma = rgb @ np.array([red, 1.0 - red - blue, blue])
    cb, cr = (rgb[..., 2] - luma) / (2 - 2 * blue), (rgb[..., 0] - luma) / (2 - 2 * red)
    low, luma_range, chroma_range = (0.0, 255.0, 255.0) if is_full else (16.0, 219.0, 224.0)
    return low + luma_range * luma, 128.0 + chroma_range * cb, 128.0 + chroma_range * cr


def samples_of(picture: av.VideoFrame) -> list[Floats]:
    """The planes of a yuv420p frame."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width].astype(np.float64)
        for plane in picture.planes
    ]


def middles(planes: list[Floats]) -> list[tuple[float, float]]:
    """Where the spot is in each plane of 4:2:0, in luma pixels."""
    found = []
    for number, plane in enumerate(planes):
        ground = np.median(plane)
        weight = np.abs(plane - ground)
        weight = np.maximum(weight - 0.2 * weight.max(), 0.0)
        y, x = np.mgrid[0 : plane.shape[0], 0 : plane.shape[1]].astype(np.float64)
        column, row = (float((weight * axis).sum() / weight.sum()) for axis in (x, y))
        found.append((2 * column + 0.5, 2 * row + 1.0) if number else (column + 0.5, row + 0.5))
    return found


def _rgb(size_px: tuple[int, int], at_px: tuple[float, float], halved: tuple[int, int]) -> Floats:
    """R'G'B' (h, w, 3) at the sites of a plane of which a sample stands for so many columns and rows."""
    width, height = (-(-size // step) for size, step in zip(size_px, halved, strict=True))
    x = np.arange(width) * halved[0] + 0.5 - at_px[0]
    y = np.arange(height) * halved[1] + halved[1] / 2 - at_px[1]
    near = np.exp(-(x[None, :] ** 2 + y[:, None] ** 2) / (2 * _RADIUS_PX**2))
    return _GROUND + _SPOT * near[..., None]
