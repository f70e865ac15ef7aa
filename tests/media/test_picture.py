"""Planes: what they share, what they hash to, and what transparency makes of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.media.picture import Picture, black
from cutfarm.media.planes import Planes, picture_of, planes_of, soft_picture, soft_planes
from tests.media.film import grey_frame, numbered
from tests.media.tensors import digest


def noise(width_px: int, height_px: int, seed: int = 1) -> Planes:
    chance = torch.Generator().manual_seed(seed)
    half = (-(-height_px // 2), -(-width_px // 2))
    sizes = ((height_px, width_px), half, half)
    return Planes(*(torch.randint(0, 256, size, dtype=torch.uint8, generator=chance) for size in sizes))


class TestPlanes:
    @pytest.mark.parametrize("size_px", [(64, 48), (66, 50), (161, 97), (2, 2), (1, 1)])
    def test_a_frames_samples_are_its_planes(self, size_px: tuple[int, int]) -> None:
        luma = numbered(5, *size_px)
        planes = planes_of(Picture(grey_frame(luma)))
        assert (planes.width_px, planes.height_px) == size_px
        assert np.array_equal(planes.y.numpy(), luma)
        assert planes.u.shape == planes.v.shape == (-(-size_px[1] // 2), -(-size_px[0] // 2))
        assert planes.u.eq(128).all()

    def test_no_byte_is_copied(self) -> None:
        frame = grey_frame(numbered(0, 64, 48))
        planes_of(Picture(frame)).y[0, 0] = 77
        assert planes_of(Picture(frame)).y[0, 0] == 77

    def test_planes_keep_their_frame_alive(self) -> None:
        luma = numbered(3, 640, 480)
        planes = [planes_of(Picture(grey_frame(luma))) for _ in range(20)]
        assert all(np.array_equal(each.y.numpy(), luma) for each in planes)

    @pytest.mark.parametrize("size_px", [(64, 48), (66, 50), (16, 2)])
    def test_there_and_back_is_bit_exact(self, size_px: tuple[int, int]) -> None:
        picture = noise(*size_px)
        frame = picture_of(picture).frame
        assert (frame.format.name, frame.colorspace, frame.color_range) == ("yuv420p", 1, 1)
        assert all(torch.equal(a, b) for a, b in zip(planes_of(Picture(frame)), picture, strict=True))

    def test_a_frame_holds_a_copy(self) -> None:
        picture = noise(64, 48)
        held = picture_of(picture)
        picture.y.zero_()
        assert planes_of(held).y.any()

    def test_black(self) -> None:
        picture = black(6, 4)
        assert [(tuple(plane.shape), plane.unique().tolist()) for plane in planes_of(picture)] == [
            ((4, 6), [16]),
            ((2, 3), [128]),
            ((2, 3), [128]),
        ]


class TestDigest:
    def test_equal_samples_have_equal_digests_whatever_their_strides(self) -> None:
        picture = noise(64, 48)
        wide = torch.zeros((48, 80), dtype=torch.uint8)
        wide[:, :64] = picture.y
        assert digest(Planes(wide[:, :64], picture.u, picture.v)) == digest(picture)

    @pytest.mark.parametrize("plane", ["y", "u", "v"])
    def test_one_level_in_one_sample_is_another_digest(self, plane: str) -> None:
        one, other = noise(64, 48), noise(64, 48)
        getattr(other, plane)[7, 9] ^= 1
        assert digest(one) != digest(other)


class TestSoftPicture:
    @given(
        colour=st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)),
        alpha=st.integers(0, 255),
    )
    @settings(max_examples=100, deadline=None)
    def test_a_colour_is_its_code_values_times_its_alpha(self, colour: tuple[int, int, int], alpha: int) -> None:
        share = alpha / 255
        red, green, blue = (value / 255 for value in colour)
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        wanted = (16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748)
        rgba = np.zeros((4, 6, 4), np.uint8)
        rgba[:] = [*(round(value * share) for value in colour), alpha]
        soft = soft_picture(rgba)
        # Premultiplied samples are rounded to 8 bits, so a level of each channel may be missing.
        for plane, value in zip((soft.y, soft.u, soft.v), wanted, strict=True):
            assert plane.numpy() == pytest.approx(value * share, abs=0.75)
        assert soft.alpha.numpy() == pytest.approx(share)
        assert soft.chroma_alpha.numpy() == pytest.approx(share)

    def test_chroma_lies_at_the_sites_of_420(self) -> None:
        rgba = np.zeros((2, 4, 4), np.uint8)
        rgba[:, 2:] = 255
        soft = soft_picture(rgba)
        # The second site is column 2, whose left neighbour is clear.
        assert soft.chroma_alpha.tolist() == [[0.0, 0.75]]
        assert soft.u.numpy() == pytest.approx(np.array([[0.0, 96.0]]), abs=1e-4)

    @pytest.mark.parametrize("size_px", [(33, 15), (32, 15), (33, 16), (1, 1)])
    def test_odd_sizes_end_as_they_are_at_their_edges(self, size_px: tuple[int, int]) -> None:
        width, height = size_px
        soft = soft_picture(np.full((height, width, 4), 255, np.uint8))
        assert (soft.width_px, soft.height_px) == (width + width % 2, height + height % 2)
        assert soft.alpha.eq(1.0).all()
        assert soft.y.numpy() == pytest.approx(235.0)

    @pytest.mark.parametrize("size_px", [(3, 127), (4, 128), (5, 129), (60, 700)])
    def test_bands_of_rows_are_the_whole(self, size_px: tuple[int, int]) -> None:
        """What is made of a large picture is what is made of it at once; it keeps nothing else alive."""
        width, height = size_px
        rgba = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
        soft = soft_picture(rgba)
        whole = soft_planes(torch.from_numpy(rgba).permute(2, 0, 1).to(torch.float32) / 255.0)
        for name in ("y", "u", "v", "alpha", "chroma_alpha"):
            plane = getattr(soft, name)
            torch.testing.assert_close(plane, getattr(whole, name), rtol=0, atol=1e-4)
            assert plane.untyped_storage().nbytes() == plane.numel() * 4
