"""A draft with an element of every kind, drawn in batches: as it is drawn one by one, whatever the batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from benchmarks.every_element import write_folder
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.render.frame import Compositor
from cutfarm.render.gpu import GpuCompositor
from cutfarm.render.job import Job, plan_job
from cutfarm.render.options import RenderOptions
from tests.media.tensors import digest, tensors

HEIGHT_PX = 180
#: All masks, blend modes, backgrounds, both halves of the dissolve, and what else is seen in ten seconds.
NUMBERS = (4, 37, 65, 70, 83, 100, 127, 152, 178, 203, 226, 259, 290)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    folder = write_folder(tmp_path_factory.mktemp("every"))
    with loaded(str(folder), LoadOptions(sandbox=True)) as (timeline, assets):
        yield plan_job(timeline, assets, RenderOptions(codec="ffv1", height_px=HEIGHT_PX))


def on_gpu(job: Job, device: str) -> GpuCompositor:
    return GpuCompositor(job.timeline, job.assets, job.output, device=device)


def assert_same_pictures(job: Job, device: str) -> None:
    """Within two levels; where a key, a burn or a dodge makes much of a level, some samples are not."""
    with Compositor(job.timeline, job.assets, job.output) as one, on_gpu(job, device) as other:
        for number, drawn in zip(NUMBERS, other.frames(NUMBERS), strict=True):
            planes = zip(tensors(one.frame(number)), drawn, strict=True)
            apart = torch.cat([(wanted.int() - plane.cpu().int()).abs().flatten() for wanted, plane in planes])
            assert apart.max() <= 12, number
            assert (apart > 2).sum() <= 25, number
            assert (apart > 1).float().mean() < 0.005, number
        assert set(one.report) == set(other.report)


def assert_same_batches(job: Job, device: str) -> None:
    runs = {}
    numbers = range(56, 80)  # within the dissolve, with all tracks
    for size in (1, 3, 8):
        with on_gpu(job, device) as compositor:
            runs[size] = [
                digest(picture)
                for first in range(numbers.start, numbers.stop, size)
                for picture in compositor.frames(range(first, min(first + size, numbers.stop)))
            ]
    assert runs[1] == runs[3] == runs[8]
    assert len(set(runs[1])) == len(numbers)


def test_its_pictures_are_those_of_the_cpu(job: Job) -> None:
    assert_same_pictures(job, "cpu")


def test_batches_of_any_size_are_the_same(job: Job) -> None:
    assert_same_batches(job, "cpu")


def test_frames_asked_for_in_any_order_are_the_same(job: Job) -> None:
    with on_gpu(job, "cpu") as compositor:
        at_once = [digest(picture) for picture in compositor.frames(NUMBERS)]
    with on_gpu(job, "cpu") as compositor:
        backwards = [digest(compositor.frame(number)) for number in reversed(NUMBERS)]
    assert backwards[::-1] == at_once


@pytest.mark.gpu
def test_also_on_a_gpu(job: Job) -> None:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    assert_same_pictures(job, "cuda")
    assert_same_batches(job, "cuda")
