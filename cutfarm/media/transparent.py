"""Films with transparency: ProRes 4444, VP8 and VP9 with an alpha layer, PNG, Animation and others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.error
import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from cutfarm.errors import RenderError
from cutfarm.media.backwards import BackwardsVideo
from cutfarm.media.container import reason
from cutfarm.media.faults import Fault
from cutfarm.media.fit import contained
from cutfarm.media.frames import has_alpha_layer
from cutfarm.media.planes import SoftPicture, soft_planes
from cutfarm.media.resample import Kind, add_rgb
from cutfarm.media.tone import white_in_rgb
from cutfarm.media.video import VideoSource
from cutfarm.stages import stage

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

_KINDS_KEPT = 2
_LAYER_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # FFmpeg's own pass over the alpha layer


class TransparentVideo:
    """A video file with transparency, read mostly forwards; which frame is shown is for `VideoSource` to say.

    Files hold straight alpha: colour is multiplied by it before anything is filtered, so that nothing of what is hidden
    bleeds into the edges. Of a film that `is_backwards` each time asked for is the end of what is shown.
    Raises AssetUnreadable where the file has no picture that can be decoded.
    """

    is_opaque = False

    def __init__(self, path: str, threads: int = 1, *, is_backwards: bool = False) -> None:
        reader = BackwardsVideo if is_backwards else VideoSource
        self._reader = reader(path, threads, open_decoder=alpha_decoder)
        self._graphs: OrderedDict[Kind, av.filter.Graph] = OrderedDict()
        self._drawn: tuple[Hashable, SoftPicture] | None = None
        self.width_px, self.height_px = self._reader.width_px, self._reader.height_px

    def close(self) -> None:
        """Let go of the file and of the decoder's frames."""
        self._drawn = None
        self._graphs.clear()
        self._reader.close()

    def key_at(self, time_us: Fraction) -> Hashable:
        """The shown frame's own time."""
        return self._reader.key_at(time_us)

    def frame_at(self, time_us: Fraction) -> av.VideoFrame:
        """The shown frame as it was decoded: of its own size, its quarter turns not made."""
        return self._reader.frame_at(time_us)

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> Fault | None:
        """As `VideoSource.fault_at`."""
        return self._reader.fault_at(time_us, first_us, end_us)

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> SoftPicture:
        """The shown frame, premultiplied and then filtered to the given size. Raises RenderError."""
        key = (self._reader.key_at(time_us), width_px, height_px)
        if self._drawn is None or self._drawn[0] != key:
            frame = self._reader.frame_at(time_us)
            with stage("convert"):
                self._drawn = (key, self._picture(frame, width_px, height_px))
        return self._drawn[1]

    def _picture(self, frame: av.VideoFrame, width_px: int, height_px: int) -> SoftPicture:
        samples = torch.rot90(
            _premultiplied(self._straight(frame), frame.format.name), self._reader.quarter_turns, (1, 2)
        )
        if self._reader.fits(frame):
            return soft_planes(resized(samples, width_px, height_px))
        inner_width_px, inner_height_px = contained((samples.shape[2], samples.shape[1]), (width_px, height_px))
        samples = resized(samples, inner_width_px, inner_height_px)
        across, down = width_px - inner_width_px, height_px - inner_height_px
        return soft_planes(pad(samples, (across // 2, across - across // 2, down // 2, down - down // 2)))

    def _straight(self, frame: av.VideoFrame) -> av.VideoFrame:
        """`frame` as gbrapf32 of its own size, BT.709 SDR."""
        kind = Kind.of(frame)
        try:
            graph = self._graphs.get(kind) or self._graphs.setdefault(kind, _graph(kind))
            while len(self._graphs) > _KINDS_KEPT:
                self._graphs.popitem(last=False)
            graph.push(frame)
            return cast("av.VideoFrame", graph.pull())
        except av.error.FFmpegError as error:
            raise RenderError(f"a frame with transparency could not be converted ({reason(error)})") from error


def alpha_decoder(stream: VideoStream) -> VideoCodecContext | None:
    """A decoder that gives the transparency of `stream`; None where the stream's own does."""
    if not has_alpha_layer(stream):
        return None
    own = stream.codec_context
    context = cast("VideoCodecContext", av.CodecContext.create(_LAYER_DECODERS[own.name], "r"))
    context.thread_count = own.thread_count
    return context


def resized(samples: Tensor, width_px: int, height_px: int) -> Tensor:
    """Premultiplied samples (C, H, W) filtered to a size: by a triangle as wide as what becomes one sample."""
    if samples.shape[1:] == (height_px, width_px):
        return samples
    return interpolate(samples[None], (height_px, width_px), mode="bilinear", antialias=True, align_corners=False)[0]


def _graph(kind: Kind) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    sink = graph.add("buffersink")
    white, size_px = white_in_rgb(kind.pixel_format), (kind.width_px, kind.height_px)
    add_rgb(graph, kind.add_buffer(graph), kind, size_px, "gbrapf32le", white).link_to(sink)
    graph.configure()
    return graph


def _premultiplied(straight: av.VideoFrame, pixel_format: str) -> Tensor:
    """R'G'B' × alpha and alpha (4, H, W) in [0, 1] of a gbrapf32 frame that swscale made of `pixel_format`."""
    green, blue, red, alpha = (
        torch.frombuffer(plane, dtype=torch.float32).view(plane.height, -1)[:, : plane.width]
        for plane in straight.planes  # PyAV does not export floats by DLPack
    )
    whole = alpha / _white_in_alpha(pixel_format)
    share = whole.clamp_(0.0, 1.0)
    colours = torch.stack((red, green, blue)).div_(white_in_rgb(pixel_format)).clamp_(0.0, 1.0)
    return torch.cat((colours.mul_(share), share[None]))


def _white_in_alpha(pixel_format: str) -> float:
    """What swscale makes of an opaque alpha in 16 bits: it shifts planar ones up, and scales packed ones."""
    form = av.VideoFormat(pixel_format)
    bits = next((one.bits for one in form.components if one.is_alpha), 16)
    return 1.0 if bits >= 16 or (form.is_rgb and not form.is_planar) else ((1 << bits) - 1 << 16 - bits) / 65535
