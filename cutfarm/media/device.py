"""The GPU as a place where pictures are: whether there is one, its streams of work, and the way back to host memory.

The stages wait for each other by events alone; nobody stops the whole device. Written after PyAV's and torch's sources,
and not run on a GPU yet (docs/adr/0011-gpu.md).
"""

from __future__ import annotations

from typing import Literal

import av
import torch

from cutfarm.errors import RenderError
from cutfarm.media.colour import tag_frame
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, picture_of

_streams: dict[tuple[str, torch.device], torch.cuda.Stream] = {}


def open_device(name: str) -> torch.device:
    """The device `name`, `cpu` or `cuda` with or without a number, ready for work in the calling thread.

    Raises RenderError where there is no such GPU.
    """
    device = torch.device(name)
    if device.type == "cpu":
        return device
    if not torch.cuda.is_available():
        raise RenderError(f"device {name} was asked for, but torch finds no GPU here")
    index = torch.cuda.current_device() if device.index is None else device.index
    if index >= torch.cuda.device_count():
        raise RenderError(f"device {name} was asked for, but there are {torch.cuda.device_count()} GPUs here")
    torch.cuda.set_device(index)
    found = torch.device(device.type, index)
    torch.zeros(1, device=found)  # makes the device's context current in this thread, for FFmpeg to find
    return found


def stage_stream(stage: Literal["decode", "composite", "download"], device: torch.device) -> torch.cuda.Stream:
    """The one stream on which a stage's work is queued."""
    key = (stage, device)
    if key not in _streams:
        _streams.setdefault(key, torch.cuda.Stream(device))  # type: ignore[no-untyped-call]
    return _streams[key]


class Download:
    """A picture on its way to host memory; the copy is under way once this is made, and nobody waits for it.

    Pinned memory comes from torch's pool, which hands it out again when the encoder has let go of the picture, so as
    many buffers are in use as pictures wait for the encoder.
    """

    def __init__(self, planes: Planes) -> None:
        self._planes = planes
        self._done: torch.cuda.Event | None = None
        if planes.y.is_cuda:
            self._start()

    def picture(self) -> Picture:
        """The picture, waited for."""
        if self._done is None:
            return picture_of(self._planes)
        self._done.synchronize()
        return _wrapped(self._planes)

    def _start(self) -> None:
        device = self._planes.y.device
        stream = stage_stream("download", device)
        stream.wait_stream(torch.cuda.current_stream(device))
        held = [torch.empty(plane.shape, dtype=torch.uint8, pin_memory=True) for plane in self._planes]
        with torch.cuda.stream(stream):
            for target, plane in zip(held, self._planes, strict=True):
                target.copy_(plane, non_blocking=True)
                plane.record_stream(stream)
            self._done = stream.record_event()
        self._planes = Planes(*held)


def _wrapped(planes: Planes) -> Picture:
    """A picture whose samples are those of `planes`, in host memory; it keeps them alive."""
    frame = av.VideoFrame.from_dlpack(tuple(plane.numpy() for plane in planes), "yuv420p")
    tag_frame(frame)
    return Picture(frame)
