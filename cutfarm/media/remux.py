"""Copying the packets of whole GOPs out of a file, undecoded."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from cutfarm.errors import AssetUnreadable, Cancelled
from cutfarm.media.colour import tag_stream
from cutfarm.media.container import open_media, whole_or_gone
from cutfarm.media.gops import UNDECODED, only_video

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_MOST_REORDERED = 17  # frames


def copy_packets(
    source: str,
    path: Path,
    *,
    first_ticks: int,
    frame_count: int,
    reorder_frames: int,
    fps: Fraction,
    on_frame: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> None:
    """Copy `frame_count` packets, from the IDR picture shown at `first_ticks` on, into the mp4 file `path`.

    They are what `GopReader` has verified: `reorder_frames` is the largest of their GOPs. Frame n gets the time n/fps.
    A file that is not finished does not stay. Raises AssetMissing, AssetUnreadable where the source does not hold
    those frames, EncodeError, Cancelled.
    """
    name = Path(source).name
    with (
        whole_or_gone(path, f"{name} could not be copied"),
        open_media(source, UNDECODED) as container,
        av.open(str(path), "w", format="mp4") as out,
    ):
        stream = only_video(container)
        video = _stream_like(out, stream, fps)
        for place, (rank, packet) in enumerate(_frames(container, stream, first_ticks, frame_count, fps, name)):
            if should_stop is not None and should_stop():
                raise Cancelled("the render was stopped")
            if rank < place - reorder_frames:
                raise _differs(name)
            packet.stream = video
            packet.time_base = 1 / fps
            packet.pts, packet.dts, packet.duration = rank, place - reorder_frames, 1
            out.mux(packet)
            if on_frame is not None:
                on_frame(place + 1)


def _frames(
    container: InputContainer, stream: VideoStream, first_ticks: int, frame_count: int, fps: Fraction, name: str
) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """The packets in decoding order, each with its place in display order. Raises AssetUnreadable."""
    frame_ticks = 1 / (fps * Fraction(stream.time_base or Fraction(1, 1_000_000)))
    per_frame, scale = frame_ticks.numerator, frame_ticks.denominator
    seen: set[int] = set()
    # Indices count decoding times, which run ahead of the time that is looked for.
    container.seek(first_ticks - round(_MOST_REORDERED * frame_ticks), stream=stream, backward=True)
    for packet in container.demux(stream):
        if packet.pts is None or not packet.size:
            continue
        if not seen and packet.pts != first_ticks:
            continue
        rank = (2 * (packet.pts - first_ticks) * scale + per_frame) // (2 * per_frame)
        if rank in seen or not 0 <= rank < frame_count:
            raise _differs(name)
        seen.add(rank)
        yield rank, packet
        if len(seen) == frame_count:
            return
    raise _differs(name)


def _differs(name: str) -> AssetUnreadable:
    return AssetUnreadable(f"{name} is not the file any more that was verified for copying")


def _stream_like(out: av.container.OutputContainer, stream: VideoStream, fps: Fraction) -> VideoStream:
    """A stream for the packets of `stream`, with the colour tags by which untagged files are read."""
    video = out.add_stream_from_template(stream)
    video.time_base = 1 / fps
    tag_stream(video.codec_context)
    return video
