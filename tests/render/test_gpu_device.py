"""Whatever is drawn for a GPU is made on it: found without one, on a device that takes no other's tensors."""

from __future__ import annotations

import pytest
import torch

from cutfarm.render import gpu
from cutfarm.render.edges import Edges
from cutfarm.render.frame import Compositor
from cutfarm.render.gpu import GpuCompositor
from tests.media.tensors import tensors
from tests.render import test_gpu
from tests.render.far import FAR, FarDevice, brought_back
from tests.render.gpu_scenes import SCENES
from tests.render.scene import assets, output, timeline
from tests.render.test_gpu import CANVAS, LEVELS, MOVES, Files, Scene, disc, files, film

__all__ = ["disc", "files", "film"]  # fixtures

NUMBERS = (7, 24)
_OTHER_MOVES = tuple(set(MOVES) - {"as it is", "between pixels", "turned"})
CHOSEN = {name: scene for name, scene in (test_gpu.SCENES | SCENES).items() if not name.endswith(_OTHER_MOVES)}


def apart_on_far(scene: Scene, files: Files) -> int:
    """Levels between what is drawn there and in host memory."""
    whole = timeline(*scene(files), canvas_px=CANVAS)
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        wanted = [plane.clone() for number in NUMBERS for plane in tensors(compositor.frame(number))]
    with FarDevice(), GpuCompositor(whole, assets(whole), output(*CANVAS), device="cuda") as compositor:
        got = [plane for picture in compositor.frames(NUMBERS) for plane in picture]
    planes = zip(wanted, map(brought_back, got), strict=True)
    return max(int((one.int() - other.int()).abs().max()) for one, other in planes)


@pytest.fixture(autouse=True)
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "open_device", lambda _: FAR)


@pytest.mark.parametrize("name", CHOSEN)
def test_nothing_is_made_elsewhere(name: str, files: Files) -> None:
    assert apart_on_far(CHOSEN[name], files) <= LEVELS


def test_what_is_made_elsewhere_is_found(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Edges, "to", lambda edges, _: edges)
    with pytest.raises(AssertionError, match="two devices"):
        apart_on_far(SCENES["mask on a film half as large"], files)


def test_tensors_of_two_devices() -> None:
    with FarDevice():
        there = torch.arange(6, device=FAR).view(2, 3)
        there[:, 1:].copy_(torch.ones((2, 2), dtype=torch.int64))
        assert there.device == FAR
        assert brought_back(there * 2).tolist() == [[0, 2, 2], [6, 2, 2]]
        with pytest.raises(AssertionError, match="mul"):
            there.mul(torch.ones((2, 3)))
        assert there.to("cpu").tolist() == [[0, 1, 1], [3, 1, 1]]
