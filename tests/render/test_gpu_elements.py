"""Every kind of layer drawn in batches against the same drawn one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutfarm.render.gpu import GpuCompositor
from tests.media.tensors import digest
from tests.render.gpu_scenes import SCENES, hdr
from tests.render.scene import assets, clip, output, timeline
from tests.render.test_gpu import (
    CANVAS,
    LEVELS,
    MOVES,
    Files,
    cuda,
    differences,
    digests,
    disc,
    files,
    film,
    over_film,
)

__all__ = ["cuda", "disc", "files", "film"]  # fixtures


class TestPictures:
    @pytest.mark.parametrize("name", SCENES)
    def test_they_are_those_of_the_cpu(self, name: str, files: Files) -> None:
        apart = differences(timeline(*SCENES[name](files), canvas_px=CANVAS), "cpu")
        assert apart.max() <= LEVELS
        assert (apart > 1).float().mean() < 0.002

    @pytest.mark.gpu
    @pytest.mark.parametrize("name", SCENES)
    def test_a_gpu_sees_what_a_cpu_sees(self, name: str, files: Files, cuda: str) -> None:
        apart = differences(timeline(*SCENES[name](files), canvas_px=CANVAS), cuda)
        assert apart.max() <= LEVELS
        assert (apart > 1).float().mean() < 0.002


@pytest.mark.parametrize("name", ["between pixels", "turned"])
def test_light_is_converted_before_it_is_scaled(name: str, files: Files) -> None:
    """On the CPU afterwards: along edges the two orders are some levels apart, and nowhere else."""
    lit = clip(hdr(files.folder), 0, 1, transform=MOVES[name])
    apart = differences(timeline(*over_film(files.film, lit), canvas_px=CANVAS), "cpu")
    assert apart.max() <= 12
    assert (apart > LEVELS).float().mean() < 0.001


@pytest.mark.parametrize(
    "name",
    [
        "mask that wanders",
        "keyed, masked, blended and faded",
        "dissolve of blended ones",
        "dissolve of compound clips",
        "compound clip that grows",
        "reversed film, masked",
        "prores.mov turned",
        "film on its blur, blend",
    ],
)
def test_batches_of_any_size_are_the_same(name: str, files: Files) -> None:
    whole = timeline(*SCENES[name](files), canvas_px=CANVAS)
    one, three, eight = (
        digests(whole, [list(range(first, min(first + size, 24))) for first in range(0, 24, size)], "cpu")
        for size in (1, 3, 8)
    )
    assert one == three == eight


def test_interleaved_chroma_is_the_same(files: Files) -> None:
    """As NVENC takes it."""
    whole = timeline(*SCENES["keyed, masked, blended and faded"](files), canvas_px=CANVAS)
    chosen = output(*CANVAS)
    with (
        GpuCompositor(whole, assets(whole), chosen, device="cpu") as apart,
        GpuCompositor(whole, assets(whole), replace(chosen, on_nvenc=True), device="cpu") as interleaved,
    ):
        one, other = apart.frame(20), interleaved.frame(20)
    assert other.u.stride() == (CANVAS[0], 2)
    assert digest(one) == digest(other)
