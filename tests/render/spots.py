"""Pictures of soft spots on grey, and where the spots are found again: both in continuous pixels, to a fraction of one.

Where they belong is worked out here once more from the format's §4, with matrices solved by numpy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.planes import Planes
from cutfarm.timeline.model import Crop, Transform
from tests.media.film import displayed_by

Array = NDArray[np.float64]
Size = tuple[float, float]

BASE_LUMA, SPOT_LUMA, SPOT_RED = 60.0, 120.0, 70.0  # code values: of the ground, and what a spot adds at its middle
SHOWN_AT = ((0.2, 0.25), (0.74, 0.2), (0.3, 0.78), (0.8, 0.7))  # in parts of what is shown: no two alike when mirrored


@dataclass(frozen=True, slots=True)
class Spots:
    """Gaussian spots in a displayed picture of `size_px`."""

    size_px: tuple[int, int]
    at: Array  #: (N, 2), x and y
    sigma_px: float

    def strength(self, x: Array, y: Array) -> Array:
        """0 … 1 at points of the picture."""
        squares = ((x[..., None] - self.at[:, 0]) ** 2 + (y[..., None] - self.at[:, 1]) ** 2) / self.sigma_px**2
        found: Array = np.exp(-squares / 2).max(axis=-1)
        return found


def corners_of(crop: Crop) -> Array:
    """Clockwise from the upper left, in parts of the picture."""
    return np.array((crop.upper_left, crop.upper_right, crop.lower_right, crop.lower_left), np.float64)


def shown_size(picture: Size, crop: Crop) -> Size:
    """|UL − UR| and |UL − LL| in the picture's pixels."""
    corners = corners_of(crop) * picture
    return float(np.linalg.norm(corners[1] - corners[0])), float(np.linalg.norm(corners[3] - corners[0]))


def shown_to_picture(picture: Size, crop: Crop) -> Array:
    """The 3 × 3 map from the shown rectangle to the picture that takes corner to corner: eight equations."""
    width, height = shown_size(picture, crop)
    rows, values = [], []
    ends = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    for (x, y), (u, v) in zip(ends, corners_of(crop) * picture, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows, np.float64), values), 1.0).reshape(3, 3)


def shown_to_output(shown: Size, fit: float, move: Transform, canvas: Size, output: Size) -> Array:
    """Mirrored, scaled, turned clockwise about its centre, shifted by half canvases with y up, then to the output."""
    angle = np.radians(move.rotation_deg)
    centred = np.array(((1, 0, -shown[0] / 2), (0, 1, -shown[1] / 2), (0, 0, 1)), np.float64)
    mirror_x, mirror_y = (-1 if move.flip_x else 1), (-1 if move.flip_y else 1)
    scaled = np.diag((fit * move.scale_x * mirror_x, fit * move.scale_y * mirror_y, 1.0))
    turned = np.array(((np.cos(angle), -np.sin(angle), 0), (np.sin(angle), np.cos(angle), 0), (0, 0, 1)))
    shifted = np.eye(3)
    shifted[:2, 2] = canvas[0] / 2 * (1 + move.shift_x), canvas[1] / 2 * (1 - move.shift_y)
    return np.diag((output[0] / canvas[0], output[1] / canvas[1], 1.0)) @ shifted @ turned @ scaled @ centred


def contained(shown: Size, canvas: Size) -> float:
    """The factor at which a picture just fits into the canvas."""
    return min(canvas[0] / shown[0], canvas[1] / shown[1])


def mapped(matrix: Array, points: Array) -> Array:
    """Points (N, 2) through a 3 × 3 map."""
    homogeneous = np.column_stack((points, np.ones(len(points)))) @ matrix.T
    found: Array = homogeneous[:, :2] / homogeneous[:, 2:]
    return found


def spots_of(picture: tuple[int, int], crop: Crop, px_per_source_px: float) -> Spots:
    """Four spots inside of the crop, about three output pixels wide."""
    shown = shown_size(picture, crop)
    at = mapped(shown_to_picture(picture, crop), np.array(SHOWN_AT) * shown)
    sigma = min(max(3.0 / px_per_source_px, 1.5), 0.05 * min(shown))
    return Spots(picture, at, sigma)


def write_photo(path: Path, spots: Spots) -> Path:
    """As an RGB file: grey, and orange spots."""
    width, height = spots.size_px
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    strength = spots.strength(x, y)
    grey = (BASE_LUMA - 16) / 219 * 255
    rgb = np.stack([grey + 170 * strength, grey + 85 * strength, np.full_like(strength, grey)], axis=-1)
    Image.fromarray(np.rint(rgb).astype(np.uint8)).save(path)
    return path


def write_spot_film(
    path: Path, spots: Spots, *, is_turned: bool = False, pixel_aspect: Fraction = Fraction(1), frames: int = 3
) -> Path:
    """As a film in BT.709 that stands still: turned by its container as phones do, or of pixels that are not square."""
    width, height = spots.size_px
    coded = (height, width) if is_turned else (round(width / pixel_aspect), height)

    def displayed(x: Array, y: Array) -> tuple[Array, Array]:
        return (coded[1] - y, x) if is_turned else (x * width / coded[0], y)

    planes = [_sampled(spots, coded, displayed, BASE_LUMA, SPOT_LUMA, is_chroma=False)]
    planes.append(np.full((-(-coded[1] // 2), -(-coded[0] // 2)), 128, np.uint8))
    planes.append(_sampled(spots, coded, displayed, 128.0, SPOT_RED, is_chroma=True))
    write_film_of(path, *planes, pixel_aspect=pixel_aspect, frames=frames)
    return displayed_by(path, (0, 1, -1, 0)) if is_turned else path


def write_film_of(
    path: Path,
    luma: NDArray[np.uint8],
    blue: NDArray[np.uint8] | None = None,
    red: NDArray[np.uint8] | None = None,
    *,
    pixel_aspect: Fraction = Fraction(1),
    frames: int = 3,
) -> Path:
    """A film in BT.709 that shows one picture, nearly lossless; grey without its chroma planes."""
    height, width = luma.shape
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    planes = (luma, grey if blue is None else blue, grey if red is None else red)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "1", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.sample_aspect_ratio = pixel_aspect
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        for _ in range(frames):
            frame = av.VideoFrame(width, height, "yuv420p")
            frame.colorspace, frame.color_range = 1, 1
            for held, plane in zip(frame.planes, planes, strict=True):
                rows = np.zeros((plane.shape[0], held.line_size), np.uint8)
                rows[:, : plane.shape[1]] = plane
                held.update(rows.tobytes())
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def found_in(picture: Planes, at: Array, radius_px: float, from_output: Array) -> tuple[Array, Array]:
    """Where the spot at the picture's point `at` is in luma and in chroma: centres of what is brighter and redder.

    Looked at is what `from_output`, a 3 × 3 map, brings within `radius_px` of `at`.
    """
    luma = _centre(picture.y.numpy(), at, radius_px, from_output, BASE_LUMA, (1.0, 0.5, 1.0, 0.5))
    chroma = _centre(picture.v.numpy(), at, radius_px, from_output, 128.0, (2.0, 0.5, 2.0, 1.0))
    return luma, chroma


def _sampled(
    spots: Spots,
    coded: tuple[int, int],
    displayed: Callable[[Array, Array], tuple[Array, Array]],
    base: float,
    more: float,
    *,
    is_chroma: bool,
) -> NDArray[np.uint8]:
    """A coded plane; chroma sites lie on the centres of even columns, between two rows."""
    half = 2 if is_chroma else 1
    columns = np.arange(-(-coded[0] // half)) * half + 0.5
    rows = np.arange(-(-coded[1] // half)) * half + half / 2
    x, y = np.meshgrid(columns, rows)
    return np.rint(base + more * spots.strength(*displayed(x, y))).astype(np.uint8)


def _centre(
    plane: NDArray[np.uint8],
    at: Array,
    radius_px: float,
    from_output: Array,
    base: float,
    sites: tuple[float, float, float, float],
) -> Array:
    """The centre of mass of what lies above `base`; `sites`: step and first place along x, then along y."""
    x = np.arange(plane.shape[1]) * sites[0] + sites[1]
    y = np.arange(plane.shape[0]) * sites[2] + sites[3]
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    is_near = np.linalg.norm(mapped(from_output, points) - at, axis=1) < radius_px
    weight = np.clip(plane.reshape(-1) - base - 2.0, 0.0, None) * is_near
    found: Array = weight @ points / weight.sum() if weight.any() else np.full(2, np.inf)
    return found
