"""Video as tensors on a device: decoded by NVDEC on a GPU, and by the CPU where NVDEC cannot.

The rule of the nearest frame is `VideoSource`'s. NVDEC's frames come by DLPack; FFmpeg works on the legacy default
stream and does not wait, so the two streams wait for each other here. Not run on a GPU yet (docs/adr/0011-gpu.md).
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from av.codec.hwaccel import HWAccel
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from cutfarm.errors import AssetUnreadable, RenderError
from cutfarm.media.colour import Light, source_colour
from cutfarm.media.container import open_media
from cutfarm.media.device import stage_stream
from cutfarm.media.faults import Fault
from cutfarm.media.hdr import rendering
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, empty, planes_of
from cutfarm.media.sites import LEFT, before_turns
from cutfarm.media.video import VideoSource
from cutfarm.stages import stage
from kernels.colour import to_bt709
from kernels.jobs import Job, Scale, draw
from kernels.resample import Axis, chroma_start, resample
from kernels.tone import ToneCurves, to_sdr

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from numpy.typing import ArrayLike

# The context that torch made current is shared if FFmpeg lets us; else the device's primary one, which is the same.
CONTEXTS: tuple[dict[str, object], ...] = ({"primary_ctx": "0", "current_ctx": "1"}, {"primary_ctx": "1"})
# Luma weights of red and blue by swscale's number of the matrix (ITU-R BT.709, FCC, BT.601, SMPTE 240M, BT.2020).
_WEIGHTS = {1: (0.2126, 0.0722), 4: (0.3, 0.11), 5: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}


class TensorVideo:
    """A video file read mostly forwards, its frames as `Planes` on a device: else as `VideoSource`, frame for frame.

    Raises AssetUnreadable where the file has no picture that can be decoded.
    """

    def __init__(self, path: str, device: torch.device, threads: int = 1) -> None:
        self._path, self._device, self._threads = path, device, threads
        self._is_on_gpu = device.type == "cuda"
        self._held: tuple[av.VideoFrame, Planes] | None = None
        self._reader = self._opened()
        self.width_px, self.height_px = self._reader.width_px, self._reader.height_px

    def close(self) -> None:
        """Let go of the file and of the decoder's frames."""
        self._held = None
        self._reader.close()

    @property
    def is_opaque(self) -> bool:
        """As `VideoSource.is_opaque`."""
        return self._reader.is_opaque

    @property
    def is_plain(self) -> bool:
        """As `VideoSource.is_plain`."""
        return self._reader.is_plain

    def key_at(self, time_us: Fraction) -> Hashable:
        """The shown frame's own time."""
        return self._reader.key_at(time_us)

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> Fault | None:
        """As `VideoSource.fault_at`."""
        return self._reader.fault_at(time_us, first_us, end_us)

    def planes_at(self, time_us: Fraction) -> Planes:
        """The nearest frame in its own size, upright, BT.709 limited range; chroma may be views of interleaved samples.

        Usable on the calling thread's current stream; only to be read.
        """
        try:
            frame = self._reader.frame_at(time_us)
            if self._held is None or self._held[0] is not frame:
                with stage("convert"):
                    self._held = (frame, _turned(self._planes(frame), self._reader.quarter_turns))
        except RenderError:
            if not self._is_on_gpu:
                raise
            self._leave_gpu()
            return self.planes_at(time_us)
        return self._held[1]

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> Planes:
        """The nearest frame, filtered to the given size."""
        planes = self.planes_at(time_us)
        if (planes.width_px, planes.height_px) == (width_px, height_px):
            return planes
        scaled = empty(width_px, height_px, self._device)
        draw([scaling(scaled, planes)])
        return scaled

    def _opened(self) -> VideoSource:
        if self._is_on_gpu:
            try:
                return VideoSource(self._path, self._threads, open_file=lambda path: open_on_gpu(path, self._device))
            except (AssetUnreadable, RenderError):  # the CPU's decoders may know better
                self._is_on_gpu = False
        return VideoSource(self._path, self._threads)

    def _leave_gpu(self) -> None:
        """Decode the file anew on the CPU: NVDEC's frames cannot be used as they are."""
        self._is_on_gpu, self._held = False, None
        self._reader.close()
        self._reader = self._opened()

    def _planes(self, frame: av.VideoFrame) -> Planes:
        """`frame` on the device, unturned. Raises RenderError where NVDEC's frame cannot be taken over."""
        if frame.format.name == "cuda":
            if not self._reader.fits(frame):
                raise RenderError("frames of another size than the first are fitted in host memory")
            return _from_nvdec(frame, self._device)
        return planes_of(Picture(self._reader.in_canvas_colour(frame))).to(self._device)


def open_on_gpu(path: str, device: torch.device) -> InputContainer:
    """Open `path` for NVDEC, for the CPU's decoders where no hardware context can be had.

    A stream that NVDEC does not know is decoded by the CPU even so: each frame says where it is.
    """
    for options in CONTEXTS:
        try:
            return open_media(path, accelerator=nvdec(device, options))
        except AssetUnreadable:  # also what a missing driver becomes
            continue
    return open_media(path)


def nvdec(device: torch.device, context: dict[str, object]) -> HWAccel:
    """What PyAV opens a file with so that its frames stay on `device`; `context` is one of CONTEXTS."""
    return HWAccel("cuda", str(device.index), True, context, is_hw_owned=True)


def scaling(target: Planes, source: Planes, alpha: float = 1.0) -> list[Job]:
    """The jobs that lay the whole of `source` over `target`, scaled to its size; both may have odd sides."""
    jobs: list[Job] = []
    for number, (wanted, held) in enumerate(zip(target, source, strict=True)):
        down, across = (Axis(0.0, held.shape[axis] / wanted.shape[axis]) for axis in (0, 1))
        if number:
            across = Axis(chroma_start(across.step), across.step)
        jobs.append(Scale(wanted, held, down, across, is_chroma=number > 0, alpha=alpha))
    return jobs


def _from_nvdec(frame: av.VideoFrame, device: torch.device) -> Planes:
    if frame.width % 2 or frame.height % 2:
        raise RenderError("DLPack's planes lack the last chroma samples of odd sizes")
    legacy, decode = torch.cuda.default_stream(device), stage_stream("decode", device)
    decode.wait_stream(legacy)  # FFmpeg fills the frame there
    with torch.cuda.stream(decode):
        try:
            # A capsule: PyAV takes no stream, which torch would pass.
            y, uv = (from_dlpack(plane.__dlpack__()).clone() for plane in frame.planes)
        except NotImplementedError as error:
            raise RenderError(f"NVDEC's frames are neither NV12 nor P010 ({error})") from error
        planes = in_canvas_colour(frame, y, uv)
    legacy.wait_stream(decode)  # FFmpeg fills the surface again once the frame is dropped
    current = torch.cuda.current_stream(device)
    current.wait_stream(decode)
    for plane in planes:
        plane.record_stream(current)
    return planes


def in_canvas_colour(frame: av.VideoFrame, y: Tensor, uv: Tensor) -> Planes:
    """Planes of NV12 samples, uint8, or of P010 samples, uint16 with the value in the high bits."""
    colour = source_colour(frame)
    u, v = uv.unbind(-1)
    if colour.is_canvas and y.dtype == torch.uint8:
        return Planes(y, u, v)
    if y.dtype != torch.uint8:
        y, u, v = (plane.to(torch.int32).float() / 256.0 for plane in (y, u, v))
    red, blue = _WEIGHTS[colour.matrix]
    if colour.light is not None:
        curves = _curves(colour.light, y.device)
        return Planes(*to_sdr(y, u, v, curves, red=red, blue=blue, is_full=colour.is_full))
    return Planes(*to_bt709(y, u, v, red=red, blue=blue, is_full=colour.is_full))


@cache
def _curves(light: Light, device: torch.device) -> ToneCurves:
    steps = rendering(light)

    def on_device(values: ArrayLike) -> Tensor:
        return torch.tensor(np.asarray(values), dtype=torch.float32, device=device)

    gain = None if steps.gain is None else on_device(steps.gain)
    second = None if steps.second is None else on_device(steps.second)
    matrix, last = on_device(steps.matrix), on_device(steps.last)
    return ToneCurves(on_device(steps.first), gain, second, on_device(steps.luminance), matrix, last)


def _turned(planes: Planes, quarter_turns: int) -> Planes:
    """`planes` turned counter-clockwise, their chroma moved to where it lies in an upright picture."""
    if not quarter_turns:
        return planes
    sites = before_turns(quarter_turns, planes.width_px, planes.height_px)
    # A chroma sample is 512 of a site's units wide.
    across, down = Axis((sites.across - LEFT.across) / 512, 1.0), Axis((sites.down - LEFT.down) / 512, 1.0)
    moved = (resample(plane, plane.shape[0], plane.shape[1], down, across) for plane in (planes.u, planes.v))
    u, v = (plane.round_().clamp_(0.0, 255.0).to(torch.uint8) for plane in moved)
    return Planes(*(torch.rot90(plane, quarter_turns) for plane in (planes.y, u, v)))
