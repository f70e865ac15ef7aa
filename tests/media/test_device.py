"""The way to a GPU and back: what is said where there is none, and what arrives in host memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cutfarm.errors import RenderError
from cutfarm.media.codecs import CODECS, PRESETS, nvenc_options
from cutfarm.media.device import Download, open_device, stage_stream
from cutfarm.media.nvenc import has_nvenc
from cutfarm.media.planes import Planes, picture_of


def planes(device: torch.device | str = "cpu") -> Planes:
    rng = np.random.default_rng(2)
    sizes = ((64, 96), (32, 48), (32, 48))
    return Planes(*(torch.from_numpy(rng.integers(0, 256, size, dtype=np.uint8)).to(device) for size in sizes))


@pytest.fixture
def cuda() -> torch.device:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    return torch.device("cuda", 0)


class TestOpenDevice:
    def test_a_cpu_is_always_there(self) -> None:
        assert open_device("cpu") == torch.device("cpu")

    def test_no_driver(self) -> None:
        if torch.cuda.is_available():
            pytest.skip("there is a GPU here")
        with pytest.raises(RenderError, match="device cuda:0 was asked for, but torch finds no GPU here"):
            open_device("cuda:0")

    @pytest.mark.gpu
    def test_a_gpu(self, cuda: torch.device) -> None:
        assert open_device("cuda") == cuda
        with pytest.raises(RenderError, match="but there are"):
            open_device("cuda:99")


class TestDownload:
    def test_on_a_cpu_it_is_a_copy(self) -> None:
        given = planes()
        assert Download(given).picture().digest() == picture_of(given).digest()

    @pytest.mark.gpu
    def test_every_sample_arrives(self, cuda: torch.device) -> None:
        """Planes that the compositing stream is still filling when the download is asked for."""
        wanted = picture_of(planes()).digest()
        with torch.cuda.stream(stage_stream("composite", cuda)):
            waiting = []
            for _ in range(20):
                torch.cuda._sleep(2_000_000)
                waiting.append(Download(Planes(*(plane.flip(0).flip(0) for plane in planes(cuda)))))
        assert {download.picture().digest() for download in waiting} == {wanted}

    @pytest.mark.gpu
    def test_interleaved_chroma_arrives_apart(self, cuda: torch.device) -> None:
        given = planes(cuda)
        uv = torch.stack((given.u, given.v), -1)
        assert Download(Planes(given.y, *uv.unbind(-1))).picture().digest() == picture_of(planes()).digest()


class TestNvenc:
    def test_what_it_never_encodes(self) -> None:
        assert not has_nvenc("ffv1")

    def test_no_driver_no_nvenc(self) -> None:
        if torch.cuda.is_available():
            pytest.skip("there is a GPU here")
        assert not any(has_nvenc(codec) for codec in CODECS)

    def test_every_preset_has_one_of_its_own(self) -> None:
        from fractions import Fraction

        chosen = [nvenc_options("h264", Fraction(30), preset, 23) for preset in PRESETS]
        assert [options["preset"] for options in chosen] == sorted(options["preset"] for options in chosen)
        assert {(options["g"], options["cq"], options["bf"]) for options in chosen} == {("60", "23", "0")}
