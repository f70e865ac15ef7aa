"""Edges of upright clips, judged by the exact area of overlapping rectangles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.media.planes import Planes
from cutfarm.render.edges import edges_of, softened
from cutfarm.render.placement import Box, Placement
from kernels.colour import subsample

BOX = Box(10, 20, 34, 40)


def overlaps(low: float, high: float, first: int, last: int) -> np.ndarray:
    near = np.arange(first, last, dtype=np.float64)
    return np.clip(np.minimum(near + 1, high) - np.maximum(near, low), 0.0, 1.0)


@given(st.floats(5, 22), st.floats(0.1, 30), st.floats(15, 30), st.floats(0.1, 30))
def test_coverage_is_the_overlap(left: float, width: float, top: float, height: float) -> None:
    edges = edges_of(Placement(width, height, (1.0, 0.0, left, 0.0, 1.0, top)), BOX)
    rows = overlaps(top, top + height, BOX.top_px, BOX.bottom_px)
    columns = overlaps(left, left + width, BOX.left_px, BOX.right_px)
    if edges is None:
        assert rows.min() > 1 - 1e-6
        assert columns.min() > 1 - 1e-6
        return
    np.testing.assert_allclose(edges.rows.numpy(), rows, atol=1e-6)
    np.testing.assert_allclose(edges.columns.numpy(), columns, atol=1e-6)
    if not edges.inner.is_empty:
        assert rows[edges.inner.top_px - BOX.top_px : edges.inner.bottom_px - BOX.top_px].min() > 1 - 1e-6
        assert columns[edges.inner.left_px - BOX.left_px : edges.inner.right_px - BOX.left_px].min() > 1 - 1e-6


@given(st.floats(5, 22), st.floats(0.1, 30), st.floats(15, 30), st.floats(0.1, 30))
def test_strips_and_inner_tile_the_box(left: float, width: float, top: float, height: float) -> None:
    edges = edges_of(Placement(width, height, (1.0, 0.0, left, 0.0, 1.0, top)), BOX)
    if edges is None:
        return
    times = np.zeros((BOX.bottom_px, BOX.right_px), dtype=int)
    for part in (*edges.strips(BOX), *([] if edges.inner.is_empty else [edges.inner])):
        times[part.top_px : part.bottom_px, part.left_px : part.right_px] += 1
        assert part.left_px % 2 == part.right_px % 2 == part.top_px % 2 == part.bottom_px % 2 == 0
    assert (times[BOX.top_px :, BOX.left_px :] == 1).all()


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_softened_is_premultiplied(alpha: float) -> None:
    half = torch.full((2, 3), 90, dtype=torch.uint8)
    soft = softened(Planes(torch.full((4, 6), 200, dtype=torch.uint8), half, half), torch.full((4, 6), alpha))
    assert torch.allclose(soft.y, torch.full((4, 6), 200 * alpha))
    assert torch.allclose(soft.u, torch.full((2, 3), 90 * alpha))
    assert torch.allclose(soft.chroma_alpha, torch.full((2, 3), alpha))


@given(st.floats(5, 22), st.floats(0.1, 30), st.floats(15, 30), st.floats(0.1, 30))
def test_chroma_is_covered_as_its_three_columns_are(left: float, width: float, top: float, height: float) -> None:
    """Strip by strip, and the inner part too, what the whole box's coverage is at the chroma sites."""
    edges = edges_of(Placement(width, height, (1.0, 0.0, left, 0.0, 1.0, top)), BOX)
    if edges is None:
        return
    wanted = subsample(edges.rows[:, None] * edges.columns)
    for strip in edges.strips(BOX):
        part = strip.within(BOX)
        rows, columns = slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px)
        shape, half = edges.shapes(rows, columns)
        assert torch.equal(shape, edges.rows[rows, None] * edges.columns[columns])
        torch.testing.assert_close(half, wanted[_half(rows), _half(columns)], rtol=0, atol=1e-6)
    if not edges.inner.is_empty:
        part = edges.inner.within(BOX)
        rows, columns = slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px)
        assert wanted[_half(rows), _half(columns)].min() > 1 - 1e-6


def _half(part: slice) -> slice:
    return slice(part.start // 2, part.stop // 2)
