"""Rendering on a GPU: frames are drawn several at a time and go to NVENC, or to host memory while the next are drawn.

Not run on a GPU yet (docs/adr/0011-gpu.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from cutfarm.media.device import Download, open_device, stage_stream
from cutfarm.media.nvdec import TensorVideo
from cutfarm.media.nvenc import NvencFrames, has_nvenc
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes
from cutfarm.media.source import PictureSource
from cutfarm.render.batch import BatchPainter
from cutfarm.render.drawing import clips_of, shown_ids
from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Assets, Output
from cutfarm.timeline.layers import Layer
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Report

FRAMES_AT_A_TIME = 8


class GpuCompositor(Compositor):
    """Makes the frames of a timeline on `device`, always in one thread. On a CPU it is the GPU's reference.

    Raises RenderError at the first frame where there is no such device.
    """

    def __init__(self, timeline: Timeline, assets: Assets, output: Output, *, device: str, threads: int = 1) -> None:
        super().__init__(timeline, assets, output, device=device, threads=threads)
        self._output = output
        self._batch: BatchPainter | None = None

    def close(self) -> None:
        """Close all files."""
        if self._batch is not None:
            self._batch.keep(())
        super().close()

    @property
    def report(self) -> Report:
        """What was found while drawing."""
        return super().report + (Report() if self._batch is None else self._batch.report)

    def frame(self, number: int) -> Planes:
        """The picture of output frame `number`, ready on the current stream."""
        return self.frames((number,))[0]

    def frames(self, numbers: Sequence[int]) -> list[Planes]:
        """The pictures of several frames, best ascending neighbours, ready on the current stream. Only to be read."""
        if self._batch is None:
            device = open_device(self._device)
            self._batch = BatchPainter(
                self._canvas, self._output_px, self._sources, device, has_nv12=self._output.on_nvenc
            )
        stacks = {number: self._stack.at(number) for number in numbers}
        self._forget(tuple(layer for layers in stacks.values() for layer in layers))
        return self._batch.frames(len(stacks), self._looked_at(stacks))

    def pictures(self, numbers: Sequence[int]) -> Iterator[Picture | Download]:
        """What the encoder gets, in order; drawn on the compositing stream, which the calling thread keeps."""
        device = open_device(self._device)
        if device.type == "cuda":
            torch.cuda.set_stream(stage_stream("composite", device))
        encoder = NvencFrames(device) if self._output.on_nvenc else None
        for first in range(0, len(numbers), FRAMES_AT_A_TIME):
            drawn = self.frames(numbers[first : first + FRAMES_AT_A_TIME])
            if encoder is None:
                yield from [Download(planes) for planes in drawn]
                continue
            done = torch.cuda.current_stream(device).record_event()
            for planes in drawn:
                yield encoder.picture(planes, done)

    def _looked_at(self, stacks: dict[int, tuple[Layer, ...]]) -> Iterator[tuple[Layer, ...]]:
        """What is seen of each frame; when the next is asked for, the sources still stand at the last one's times."""
        for number, layers in stacks.items():
            seen = self._drawing.seen(layers)
            yield seen
            self._faults.look(number, clips_of(seen), self._sources)

    def _open_video(self, path: str, threads: int) -> PictureSource:
        return TensorVideo(path, open_device(self._device), threads)

    def _forget(self, layers: tuple[Layer, ...]) -> None:
        super()._forget(layers)
        if self._batch is not None:
            self._batch.keep(shown_ids(layers))


def encoded_where_it_is_drawn(output: Output) -> Output:
    """`output`, by NVENC where this machine's GPU has it: to be decided once for a job, whose parts must match."""
    return replace(output, on_nvenc=has_nvenc(output.codec))
