"""The floor of a timeline: `python -m benchmarks.floor a|b|c [START END]`, in frames.

What no program can do without: decoding every source frame that the timeline shows and encoding every frame of the
result, in a plain PyAV loop with one thread each and the benchmark's x264 settings. Sound and muxing are left out.
The pictures to encode come from ffmpeg, raw, through a pipe; only decoding and encoding are timed. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from time import thread_time

import av

from benchmarks.media import OUT, make_media
from benchmarks.peers.ffmpeg import raw_command
from benchmarks.timelines import FILMS, FPS, Film

_X264 = {"preset": "veryfast", "crf": "23", "g": "60"}


@dataclass(frozen=True, slots=True)
class Floor:
    """CPU seconds of one thread."""

    frames: int
    decode_s: float
    encode_s: float

    @property
    def cpu_s(self) -> float:
        """Both."""
        return self.decode_s + self.encode_s


def measured_floor(name: str, window: range) -> Floor:
    """The floor of a timeline's window, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.floor", name, str(window.start), str(window.stop)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Floor(**json.loads(done.stdout.splitlines()[-1]))


def decode_s(path: Path, first: int, count: int) -> float:
    """CPU seconds for `count` frames from frame `first` on, the way from the keyframe before them included."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        began = thread_time()
        if first:
            container.seek(round(first / FPS * 1_000_000))
        last_s = (first + count - 1.5) / FPS
        for frame in container.decode(stream):
            if frame.time > last_s:
                break
        return thread_time() - began


def encode_s(film: Film, window: range, folder: Path) -> float:
    """CPU seconds for encoding the window's frames, which ffmpeg composes meanwhile."""
    size = film.width_px * film.height_px
    planes = (size, size // 4, size // 4)
    took_s = 0.0
    with (
        subprocess.Popen(raw_command(film, window, folder / "floor.mp4"), stdout=subprocess.PIPE) as source,
        av.open(str(folder / "floor.mp4"), "w") as container,
    ):
        stream = container.add_stream("libx264", rate=FPS, options=_X264)
        stream.width, stream.height, stream.pix_fmt = film.width_px, film.height_px, "yuv420p"
        stream.codec_context.thread_count = 1
        assert source.stdout is not None
        for number in range(len(window)):
            frame = av.VideoFrame(film.width_px, film.height_px, "yuv420p")
            for plane, length in zip(frame.planes, planes, strict=True):
                plane.update(_padded(source.stdout.read(length), plane))
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            began = thread_time()
            packets = stream.encode(frame)
            took_s += thread_time() - began
            container.mux(packets)
        began = thread_time()
        packets = stream.encode(None)
        took_s += thread_time() - began
        container.mux(packets)
    return took_s


def _padded(samples: bytes, plane: av.video.plane.VideoPlane) -> bytes:
    """The rows as wide as they lie in the frame's memory."""
    if plane.line_size == plane.width:
        return samples
    rows = (samples[start : start + plane.width] for start in range(0, len(samples), plane.width))
    return b"".join(row.ljust(plane.line_size, b"\0") for row in rows)


def main() -> int:
    """Measure one window."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("timeline", choices=sorted(FILMS))
    parser.add_argument("start", type=int, nargs="?")
    parser.add_argument("end", type=int, nargs="?")
    arguments = parser.parse_args()
    film = FILMS[arguments.timeline](make_media())
    window = film.frames if arguments.end is None else range(arguments.start, arguments.end)
    folder = OUT / film.name
    folder.mkdir(parents=True, exist_ok=True)
    decoding = sum(decode_s(*source) for source in film.sources(window))
    print(json.dumps(asdict(Floor(len(window), decoding, encode_s(film, window, folder)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
