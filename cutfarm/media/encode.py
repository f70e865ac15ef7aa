"""Encoding pictures into a chunk's file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

import av
import av.error
from av.video.frame import PictureType

from cutfarm.errors import EncodeError
from cutfarm.media.codecs import ENCODERS, NVENC_ENCODERS, Codec, encoder_options, nvenc_options
from cutfarm.media.colour import tag_stream
from cutfarm.media.container import reason
from cutfarm.media.picture import Picture
from cutfarm.stages import stage

if TYPE_CHECKING:
    from av.video.stream import VideoStream

_REORDERED = range(17)  # frames by which H.264 and HEVC may decode earlier than they show
_X265_DELAY = 2


class VideoWriter:
    """Writes pictures, one after the other at a constant rate, into `path`; an unfinished file is removed.

    The first picture has time 0. With `on_nvenc` pictures are those of `cutfarm.media.nvenc`. Raises EncodeError.
    """

    def __init__(
        self,
        path: Path,
        *,
        width_px: int,
        height_px: int,
        fps: Fraction,
        codec: Codec = "h264",
        preset: str = "veryfast",
        crf: int = 20,
        threads: int = 1,
        on_nvenc: bool = False,
    ) -> None:
        name = NVENC_ENCODERS[codec] if on_nvenc else ENCODERS[codec]
        options = (nvenc_options if on_nvenc else encoder_options)(codec, fps, preset, crf)
        self._path = path
        self._fps = fps
        self._count = 0
        try:
            self._container = av.open(str(path), "w", format="matroska" if codec == "ffv1" else "mp4")
            stream = cast("VideoStream", self._container.add_stream(name, rate=fps, options=options))
            stream.width, stream.height, stream.pix_fmt = width_px, height_px, "cuda" if on_nvenc else "yuv420p"
            context = stream.codec_context
            context.time_base = 1 / fps
            if codec == "h265":
                context.codec_tag = "hvc1"  # the one tag of HEVC that Apple's players take
            tag_stream(context)
            context.thread_count = threads
            context.sample_aspect_ratio = Fraction(1)
        except (av.error.FFmpegError, ValueError) as error:
            raise EncodeError(f"the encoder {name} did not open ({reason(error)})") from error
        self._stream = stream

    @property
    def frame_count(self) -> int:
        """Pictures written so far."""
        return self._count

    def write(self, picture: Picture) -> None:
        """Encode `picture`; its frame is stamped with its place in the file."""
        frame = picture.frame
        frame.pts, frame.time_base = self._count, 1 / self._fps
        frame.pict_type = PictureType.NONE  # a decoder's own types are no orders to the encoder
        self._count += 1
        self._mux(frame)

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        is_whole = False
        try:
            if kind is None:
                self._mux(None)
            self._container.close()
            is_whole = kind is None
        except av.error.FFmpegError as error:
            if kind is None:
                raise EncodeError(f"the video could not be finished ({reason(error)})") from error
        finally:
            if not is_whole:
                self._path.unlink(missing_ok=True)

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            with stage("encode"):
                for packet in self._stream.encode(frame):
                    if packet.pts is not None and packet.dts is not None and packet.pts - packet.dts not in _REORDERED:
                        packet.dts = packet.pts - _X265_DELAY  # x265 leaves it unset in chunks shorter than its delay
                    self._container.mux(packet)
        except av.error.FFmpegError as error:
            raise EncodeError(f"frame {self._count} could not be encoded ({reason(error)})") from error
