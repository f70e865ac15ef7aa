"""The jobs of `kernels.jobs` as Triton kernels: a step is one launch over (tiles of a plane, jobs).

Every job is a row of a table on the GPU, `ROW` words of 64 bits: addresses, strides and sizes from word 0 on, doubles
by their bits from word 16 on. All rows of a call go up in one copy. Positions are worked out in double precision,
samples in single, and nothing is contracted to fused multiply-adds, so that results equal the reference up to the
order of its sums. A CPU proves them in Triton's interpreter (TRITON_INTERPRET=1).
"""

# mypy: disable-error-code="import-untyped, import-not-found, no-untyped-def, untyped-decorator, no-untyped-call, misc"

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels.geometry import LEAST_DEPTH, ramp
from kernels.jobs import Blend, Extent, Mix, Over, PlaneJob, Scale, Step, Warp, draw_one

ROW = 64  # words of a table's row; rows stay aligned to 512 bytes
_TILE_ROWS, _TILE_COLUMNS = 8, 128
_DEPTH = tl.constexpr(LEAST_DEPTH)
_WHOLE = Extent(-1e9, -1e9, 1e9, 1e9)


def launch(steps: Sequence[Step]) -> None:
    """Do `steps` in order on the current stream, blends by torch. The planes may be let go as soon as this returns."""
    fused: list[list[PlaneJob]] = []
    for step in steps:
        blends = [job for job in step if isinstance(job, Blend)]
        if not blends:
            fused.append([job for job in step if not isinstance(job, Blend)])
            continue
        _launch(fused)
        fused = []
        for blend in blends:
            draw_one(blend)
    _launch(fused)


def _launch(steps: Sequence[Sequence[PlaneJob]]) -> None:
    """One launch a step, and one table for all."""
    runs = [run for step in steps for run in _runs(step)]
    if not runs:
        return
    words = b"".join(_row(job) for run in runs for job in run)
    device = runs[0][0].target.device
    table = torch.frombuffer(bytearray(words), dtype=torch.int64).to(device, non_blocking=True)
    first = 0
    for run in runs:
        rows = table[first * ROW : (first + len(run)) * ROW]
        height = max(job.target.shape[0] for job in run)
        width = max(job.target.shape[1] for job in run)
        grid = (triton.cdiv(height, _TILE_ROWS) * triton.cdiv(width, _TILE_COLUMNS), len(run))
        kernel, options = _kernel(run[0])
        kernel[grid](rows, row_words=ROW, tile_rows=_TILE_ROWS, tile_columns=_TILE_COLUMNS, **options)
        first += len(run)


def _runs(step: Sequence[PlaneJob]) -> list[list[PlaneJob]]:
    """Jobs that one launch can do."""
    runs: dict[tuple[bool, bool], list[PlaneJob]] = {}
    for job in step:
        kind = (job.opacity is not None, len(job.to_source) == 9) if isinstance(job, Warp) else (False, False)
        runs.setdefault(kind, []).append(job)
    return list(runs.values())


def _kernel(job: PlaneJob) -> tuple[Any, dict[str, Any]]:
    exact: dict[str, Any] = {"enable_fp_fusion": False}
    match job:
        case Over():
            return over_kernel, exact
        case Mix():
            return mix_kernel, exact
        case Scale():
            return scale_kernel, exact
        case Warp():
            return warp_kernel, exact | {"is_soft": job.opacity is not None, "is_flat": len(job.to_source) == 6}


def _row(job: PlaneJob) -> bytes:
    target = (*_place(job.target), job.target.shape[1], job.target.shape[0])
    match job:
        case Over():
            _check_rows(job.top, job.alpha)
            above = (job.top.data_ptr(), job.top.stride(0), job.alpha.data_ptr(), job.alpha.stride(0))
            return _packed((*target, *above), ())
        case Mix():
            return _packed((*target, *_place(job.first), *_place(job.second)), (job.progress,))
        case Scale():
            extent = job.extent or _WHOLE
            sides = (extent.left, extent.top, extent.right, extent.bottom)
            reaches = (job.across.reach, job.down.reach)
            whole = (*target, *_source(job.source), *reaches, int(job.is_chroma))
            return _packed(whole, (*job.across, *job.down, *sides, job.alpha))
        case Warp():
            _check_kind(job)
            opacity = 0 if job.opacity is None else job.opacity.data_ptr()
            ints = (*target, *_source(job.source), opacity, int(job.is_chroma))
            (tall, wide), rows = job.shown_size, (job.luma_to_shown[:3], job.luma_to_shown[3:])
            shape = (*ramp(rows[0], wide), *ramp(rows[1], tall), job.alpha)
            return _packed(ints, (*shape, *job.to_source))


def _place(plane: Tensor) -> tuple[int, int, int]:
    return plane.data_ptr(), plane.stride(0), plane.stride(1)


def _source(plane: Tensor) -> tuple[int, int, int, int, int]:
    return (*_place(plane), plane.shape[1], plane.shape[0])


def _check_rows(*planes: Tensor) -> None:
    if any(plane.stride(1) != 1 or plane.dtype != torch.float32 for plane in planes):
        raise ValueError("premultiplied planes are float32 with rows without gaps")


def _check_kind(job: Warp) -> None:
    wanted = torch.uint8 if job.opacity is None else torch.float32
    if job.source.dtype != wanted:
        raise ValueError(f"a plane to be warped {'without' if job.opacity is None else 'with'} opacity is {wanted}")
    if job.opacity is not None and (job.opacity.dtype, job.opacity.stride()) != (wanted, job.source.stride()):
        raise ValueError("a plane and its opacity have one dtype and one layout")


def _packed(whole: Sequence[int], doubles: Sequence[float]) -> bytes:
    gap, rest = 16 - len(whole), ROW - 16 - len(doubles)
    return struct.pack(f"<{len(whole)}q{8 * gap}x{len(doubles)}d{8 * rest}x", *whole, *doubles)


@triton.jit
def _double(row, place):
    return tl.load(row + 16 + place).to(tl.float64, bitcast=True)


@triton.jit
def _nearest(value):
    """To the nearest whole number, halves to even; for less than 2²² in size."""
    return (value + 12582912.0) - 12582912.0


@triton.jit
def _store_code(where, value, inside):
    code = _nearest(tl.minimum(tl.maximum(value, 0.0), 255.0))
    tl.store(where, code.to(tl.uint8), mask=inside)


@triton.jit
def _target(row, tile_rows: tl.constexpr, tile_columns: tl.constexpr):
    """Where this program writes: pointers, rows (R, 1), columns (1, C), and which of them are there."""
    width = tl.load(row + 3)
    height = tl.load(row + 4)
    across = tl.cdiv(width, tile_columns)
    tile = tl.program_id(0)
    y = (tile // across) * tile_rows + tl.arange(0, tile_rows)[:, None]
    x = (tile % across) * tile_columns + tl.arange(0, tile_columns)[None, :]
    where = tl.load(row).to(tl.pointer_type(tl.uint8)) + y * tl.load(row + 1) + x * tl.load(row + 2)
    return where, y, x, (y < height) & (x < width)


@triton.jit
def over_kernel(table, row_words: tl.constexpr, tile_rows: tl.constexpr, tile_columns: tl.constexpr):
    """`Over`: a premultiplied plane laid over code values."""
    row = table + tl.program_id(1) * row_words
    where, y, x, inside = _target(row, tile_rows, tile_columns)
    top = tl.load(row + 5).to(tl.pointer_type(tl.float32)) + y * tl.load(row + 6) + x
    alpha = tl.load(row + 7).to(tl.pointer_type(tl.float32)) + y * tl.load(row + 8) + x
    below = tl.load(where, mask=inside, other=0).to(tl.float32)
    shown = 1.0 - tl.load(alpha, mask=inside, other=0.0)
    _store_code(where, below * shown + tl.load(top, mask=inside, other=0.0), inside)


@triton.jit
def mix_kernel(table, row_words: tl.constexpr, tile_rows: tl.constexpr, tile_columns: tl.constexpr):
    """`Mix`: two planes of code values mixed."""
    row = table + tl.program_id(1) * row_words
    where, y, x, inside = _target(row, tile_rows, tile_columns)
    first_at = tl.load(row + 5).to(tl.pointer_type(tl.uint8)) + y * tl.load(row + 6) + x * tl.load(row + 7)
    second_at = tl.load(row + 8).to(tl.pointer_type(tl.uint8)) + y * tl.load(row + 9) + x * tl.load(row + 10)
    first = tl.load(first_at, mask=inside, other=0).to(tl.float32)
    second = tl.load(second_at, mask=inside, other=0).to(tl.float32)
    progress = _double(row, 0).to(tl.float32)
    # As torch's lerp has it: exact at both ends.
    from_first = first + progress * (second - first)
    from_second = second - (second - first) * (1.0 - progress)
    _store_code(where, tl.where(progress < 0.5, from_first, from_second), inside)


@triton.jit
def _cubic(distance):
    """Keys' kernel with a = −0.6, as in `kernels.resample`."""
    near = (1.4 * distance - 2.4) * distance * distance + 1.0
    far = ((-0.6 * distance + 3.0) * distance - 4.8) * distance + 2.4
    return tl.where(distance < 1.0, near, tl.where(distance < 2.0, far, 0.0))


@triton.jit
def _overlap(low, high, place):
    """How much of pixel `place` lies within [low, high]."""
    first = place.to(tl.float64)
    length = tl.minimum(first + 1.0, high) - tl.maximum(first, low)
    return tl.minimum(tl.maximum(length, 0.0), 1.0).to(tl.float32)


@triton.jit
def _extent_shape(row, y, x, is_chroma):
    """Coverage at the target's sites; chroma weighs two rows 1 1 and three columns 1 2 1."""
    left, top, right, bottom = _double(row, 4), _double(row, 5), _double(row, 6), _double(row, 7)
    step = 1 + is_chroma
    upper = _overlap(top, bottom, y * step)
    lower = _overlap(top, bottom, y * step + is_chroma)
    before = _overlap(left, right, tl.maximum(x * step - is_chroma, 0))
    here = _overlap(left, right, x * step)
    after = _overlap(left, right, x * step + is_chroma)
    return (upper + lower) * 0.5 * ((before + after) * 0.25 + here * 0.5) * _double(row, 8).to(tl.float32)


@triton.jit
def scale_kernel(table, row_words: tl.constexpr, tile_rows: tl.constexpr, tile_columns: tl.constexpr):
    """`Scale`: bicubic samples of an upright plane, laid by their coverage."""
    row = table + tl.program_id(1) * row_words
    where, y, x, inside = _target(row, tile_rows, tile_columns)
    source = tl.load(row + 5).to(tl.pointer_type(tl.uint8))
    row_stride, column_stride = tl.load(row + 6), tl.load(row + 7)
    last_x, last_y = tl.load(row + 8) - 1, tl.load(row + 9) - 1
    reach_x, reach_y = tl.load(row + 10).to(tl.int32), tl.load(row + 11).to(tl.int32)
    step_x, step_y = _double(row, 1), _double(row, 3)
    centre_x = (x.to(tl.float64) + 0.5) * step_x + (_double(row, 0) - 0.5)
    centre_y = (y.to(tl.float64) + 0.5) * step_y + (_double(row, 2) - 0.5)
    floor_x, floor_y = tl.floor(centre_x), tl.floor(centre_y)
    past_x, past_y = (centre_x - floor_x).to(tl.float32), (centre_y - floor_y).to(tl.float32)
    whole_x, whole_y = floor_x.to(tl.int64), floor_y.to(tl.int64)
    narrow_x = (1.0 / tl.maximum(step_x, 1.0)).to(tl.float32)
    narrow_y = (1.0 / tl.maximum(step_y, 1.0)).to(tl.float32)
    total = tl.zeros([tile_rows, tile_columns], tl.float32)
    weight_y = tl.zeros([tile_rows, 1], tl.float32)
    tap_y = 1 - reach_y
    while tap_y <= reach_y:  # the interpreter takes no loaded number for a range
        share_y = _cubic(tl.abs(tap_y - past_y) * narrow_y)
        line = source + tl.minimum(tl.maximum(whole_y + tap_y, 0), last_y) * row_stride
        along = tl.zeros([tile_rows, tile_columns], tl.float32)
        weight_x = tl.zeros([1, tile_columns], tl.float32)
        tap_x = 1 - reach_x
        while tap_x <= reach_x:
            share_x = _cubic(tl.abs(tap_x - past_x) * narrow_x)
            sample = tl.load(line + tl.minimum(tl.maximum(whole_x + tap_x, 0), last_x) * column_stride, mask=inside)
            along += sample.to(tl.float32) * share_x
            weight_x += share_x
            tap_x += 1
        total += tl.minimum(along / weight_x, 32767.0 / 128.0) * share_y
        weight_y += share_y
        tap_y += 1
    scaled = _nearest(tl.minimum(tl.maximum(total / weight_y, 0.0), 255.0))
    shape = _extent_shape(row, y, x, tl.load(row + 12))
    below = tl.load(where, mask=inside & (shape < 1.0), other=0).to(tl.float32)
    _store_code(where, below * (1.0 - shape) + scaled * shape, inside)


@triton.jit
def _inside_one(row, place, y, x):
    """Coverage of luma pixels (y, x) along one axis of the source, as `kernels.geometry.Ramp` has it."""
    across, down, shift = _double(row, place), _double(row, place + 1), _double(row, place + 2)
    half_length, spread = _double(row, place + 3), _double(row, place + 4)
    depth = half_length + 0.5 - tl.abs(across * (x.to(tl.float64) + 0.5) + (down * (y.to(tl.float64) + 0.5) + shift))
    most = tl.minimum(2.0 * half_length, 1.0)
    near = tl.minimum(tl.maximum(depth - spread, 0.0), most)
    far = tl.minimum(tl.maximum(depth + spread, 0.0), most)
    return ((near + far) * 0.5).to(tl.float32)


@triton.jit
def _covered(row, y, x):
    return _inside_one(row, 0, y, x) * _inside_one(row, 5, y, x)


@triton.jit
def _turned_shape(row, y, x, is_chroma):
    """As `_extent_shape`, for a turned source."""
    step = 1 + is_chroma
    shape = tl.zeros_like(y * x).to(tl.float32)
    for lower in range(2):
        line = y * step + lower * is_chroma
        sides = _covered(row, line, tl.maximum(x * step - is_chroma, 0)) + _covered(row, line, x * step + is_chroma)
        shape += sides * 0.125 + _covered(row, line, x * step) * 0.25
    return shape * _double(row, 10).to(tl.float32)


@triton.jit
def _bilinear(plane, offsets, weights, inside):
    upper_left, upper_right, lower_left, lower_right = offsets
    right, down = weights
    upper = tl.load(plane + upper_left, mask=inside, other=0).to(tl.float32) * (1.0 - right)
    upper += tl.load(plane + upper_right, mask=inside, other=0).to(tl.float32) * right
    lower = tl.load(plane + lower_left, mask=inside, other=0).to(tl.float32) * (1.0 - right)
    lower += tl.load(plane + lower_right, mask=inside, other=0).to(tl.float32) * right
    return upper * (1.0 - down) + lower * down


@triton.jit
def warp_kernel(
    table,
    row_words: tl.constexpr,
    tile_rows: tl.constexpr,
    tile_columns: tl.constexpr,
    is_soft: tl.constexpr,
    is_flat: tl.constexpr,
):
    """`Warp`: bilinear samples of a turned plane, laid by coverage and opacity."""
    row = table + tl.program_id(1) * row_words
    where, y, x, inside = _target(row, tile_rows, tile_columns)
    row_stride, column_stride = tl.load(row + 6), tl.load(row + 7)
    last_x, last_y = tl.load(row + 8) - 1, tl.load(row + 9) - 1
    column, line = x.to(tl.float64) + 0.5, y.to(tl.float64) + 0.5
    place_x = _double(row, 11) * column + (_double(row, 12) * line + _double(row, 13))
    place_y = _double(row, 14) * column + (_double(row, 15) * line + _double(row, 16))
    if not is_flat:
        depth = tl.maximum(_double(row, 17) * column + (_double(row, 18) * line + _double(row, 19)), _DEPTH)
        place_x, place_y = place_x / depth, place_y / depth
    place_x = tl.minimum(tl.maximum(place_x - 0.5, 0.0), last_x.to(tl.float64))
    place_y = tl.minimum(tl.maximum(place_y - 0.5, 0.0), last_y.to(tl.float64))
    left, top = tl.floor(place_x), tl.floor(place_y)
    weights = (place_x - left).to(tl.float32), (place_y - top).to(tl.float32)
    left_at, top_at = left.to(tl.int64), top.to(tl.int64)
    right_at, bottom_at = tl.minimum(left_at + 1, last_x), tl.minimum(top_at + 1, last_y)
    upper, lower = top_at * row_stride, bottom_at * row_stride
    near, far = left_at * column_stride, right_at * column_stride
    offsets = upper + near, upper + far, lower + near, lower + far
    shape = _turned_shape(row, y, x, tl.load(row + 11))
    shown = inside & (shape > 0.0)
    if is_soft:
        sample = _bilinear(tl.load(row + 5).to(tl.pointer_type(tl.float32)), offsets, weights, shown)
        opacity = _bilinear(tl.load(row + 10).to(tl.pointer_type(tl.float32)), offsets, weights, shown)
        alpha = shape * opacity
    else:
        sample = _bilinear(tl.load(row + 5).to(tl.pointer_type(tl.uint8)), offsets, weights, shown)
        alpha = shape
    below = tl.load(where, mask=shown, other=0).to(tl.float32)
    _store_code(where, below * (1.0 - alpha) + sample * shape, shown)
