"""Shapes and sizes out of all proportion: drawn, or not seen, in bounded memory, and never an exception."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from cutfarm.media.planes import Planes
from cutfarm.render.compound import CompoundSource
from cutfarm.render.contents import open_content
from cutfarm.render.fills import fill_source
from cutfarm.render.frame import Compositor
from cutfarm.render.sources import Setting
from cutfarm.timeline.model import (
    BlurBackground,
    Canvas,
    Crop,
    Fill,
    ImageBackground,
    Segment,
    Transform,
)
from tests.media.film import at_rate, write_film
from tests.media.tensors import tensors
from tests.render.scene import RED, assets, clip, codes, compound, cropped, generated, output, solid, timeline

HAIR = Crop((0.0, 0.5), (1.0, 0.5), (0.0, 0.500001), (1.0, 0.500001))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("extremes") / "film.mp4", at_rate(10), size_px=(160, 96))


def frame(segment: Segment, canvas_px: tuple[int, int], output_px: tuple[int, int] | None = None) -> Planes:
    whole = timeline([segment], canvas_px=canvas_px)
    with Compositor(whole, assets(whole), output(*(output_px or canvas_px))) as compositor:
        return tensors(compositor.frame(0))


def lit(planes: Planes) -> torch.Tensor:
    return planes.y > 20


def test_a_photo_too_thin_for_a_pixel(tmp_path: Path) -> None:
    """Five by 4001 pixels, contained in 4 × 4: a 200th of a pixel wide."""
    photo = clip(solid(tmp_path / "tall.png", RED, (5, 4001)), kind="photo")
    assert not lit(frame(photo, (4, 4))).any()


@pytest.mark.parametrize(("squeezed", "columns"), [(1 / 20, 8.0), (1 / 44, 160 / 44), (1 / 64, 2.5)])
def test_a_film_squeezed_one_way_and_enlarged_the_other(film: Path, squeezed: float, columns: float) -> None:
    """A few columns wide, the outermost covered in part, and 20 times as high as the canvas."""
    planes = frame(clip(film, transform=Transform(scale_x=squeezed, scale_y=20.0)), (160, 96))
    row = planes.y[48].double() - 16
    assert (row / row.max()).sum().item() == pytest.approx(columns, abs=0.02)


def test_a_hair_cut_out_of_a_photo_covers_nothing(tmp_path: Path) -> None:
    """What a background would be enlarged to leads beyond all bounds: the canvas is black."""
    line = solid(tmp_path / "line.png", RED, (3000, 1))
    canvas_px = (2, 16384)
    placed = Transform(scale_x=0.1, scale_y=2.0, rotation_deg=45.0, shift_x=1.0, shift_y=1000.0)
    photo = clip(line, kind="photo", transform=placed, background=BlurBackground(0.375))
    assert not lit(frame(cropped(photo, HAIR), canvas_px, (96, 54))).any()
    behind = replace(photo, background=ImageBackground(str(line)))
    assert (frame(behind, canvas_px, (96, 54)).v.double() - codes(RED)[2]).abs().max() <= 2


@pytest.mark.parametrize("canvas_px", [(1, 1), (2, 2), (1, 16384), (16384, 1)])
@pytest.mark.parametrize("inner_px", [(160, 96), (16384, 16384), (1, 1), (3, 16384)])
@pytest.mark.parametrize("output_px", [(2, 96), (96, 54), (8192, 8192)])
def test_compound_clips_have_a_bounded_size(
    canvas_px: tuple[int, int], inner_px: tuple[int, int], output_px: tuple[int, int]
) -> None:
    inner = timeline([generated(Fill("red", *inner_px, ((1.0, 0.0, 0.0, 1.0),)))], canvas_px=inner_px)
    setting = Setting({}, Canvas(*canvas_px), output_px, Fraction(30), 1)
    source = CompoundSource(compound(inner, transform=Transform(scale_x=1000.0, scale_y=1000.0)), setting, open_content)
    most = max(1 << 23, output_px[0] * output_px[1])
    assert source.width_px * source.height_px <= most * 1.001
    assert source.width_px / source.height_px == pytest.approx(inner_px[0] / inner_px[1], rel=0.001)
    source.close()


def test_a_compound_clip_on_a_canvas_of_a_pixel(tmp_path: Path) -> None:
    inner = timeline([clip(solid(tmp_path / "red.png", RED), kind="photo")], canvas_px=(1600, 900))
    zoomed = compound(inner, transform=Transform(scale_x=1000.0, scale_y=1000.0))
    planes = frame(zoomed, (1, 1), (96, 54))
    for plane, code in zip(planes, codes(RED), strict=True):
        assert (plane.double() - code).abs().max() <= 1


@pytest.mark.parametrize("size_px", [(16384, 16384), (16384, 1000), (16384, 1), (100, 50)])
def test_colour_clips_have_a_bounded_size(size_px: tuple[int, int]) -> None:
    fill = Fill("gradient", *size_px, ((1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 0.5)), (0.0, 1.0), 30.0)
    source = fill_source(fill, Canvas(16384, 16384))
    assert source.width_px * source.height_px <= (1 << 23) * 1.001
    assert source.width_px / source.height_px == pytest.approx(size_px[0] / size_px[1], rel=0.001)


def test_an_enormous_colour_clip_fills_its_canvas() -> None:
    fill = Fill("red", 16384, 16384, ((1.0, 0.0, 0.0, 1.0),))
    planes = frame(generated(fill, transform=Transform(scale_x=1000.0, scale_y=1000.0)), (16384, 16384), (64, 64))
    assert (planes.y.double() - codes(RED)[0]).abs().max() <= 1
