"""What a GPU does for timeline B: `python -m benchmarks.gpu [--seconds 20] [--device cuda]`.

Prints the machine, then frames a second of each stage alone and of the whole, and how far the pictures are from the
CPU's. It makes its own media and needs torch, PyAV, numpy and Pillow; captions are drawn where Skia and HarfBuzz are.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from importlib import import_module
from pathlib import Path

import av
import av.error
import torch

from benchmarks.gpu_scene import CLIP_FRAMES, make_small_media, timeline_b
from benchmarks.media import Media
from benchmarks.timelines import FPS
from cutfarm.errors import AssetUnreadable
from cutfarm.media.container import open_media
from cutfarm.media.device import Download, open_device
from cutfarm.media.encode import VideoWriter
from cutfarm.media.nvdec import CONTEXTS, TensorVideo, nvdec
from cutfarm.media.nvenc import NvencFrames, has_nvenc
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, planes_of
from cutfarm.media.source import PictureSource
from cutfarm.render.frame import Compositor
from cutfarm.render.gpu import GpuCompositor
from cutfarm.render.job import Job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import Assets, Output
from cutfarm.timeline.model import Timeline
from kernels.jobs import has_triton

SIZE_PX = (1080, 1920)
HELD_FRAMES = 60  # of each video, in the GPU's memory, for compositing alone
LEVELS = 1


class _HeldVideo(TensorVideo):
    """A video whose first frames are decoded beforehand and shown again and again."""

    def __init__(self, path: str, device: torch.device, threads: int, count: int) -> None:
        super().__init__(path, device, threads)
        self._frames = [super(_HeldVideo, self).planes_at(_time_us(number)) for number in range(count)]

    def key_at(self, time_us: Fraction) -> int:
        return int(time_us * FPS / 1_000_000 + Fraction(1, 2))

    def planes_at(self, time_us: Fraction) -> Planes:
        return self._frames[self.key_at(time_us) % len(self._frames)]

    def fault_at(self, *_: object) -> None:
        return None


class _HeldCompositor(GpuCompositor):
    """Compositing alone: no frame is decoded."""

    held = HELD_FRAMES

    def _open_video(self, path: str, threads: int) -> PictureSource:
        return _HeldVideo(path, open_device(self._device), threads, self.held)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--device", default="cuda", help="cpu runs the references, to try this program out")
    parser.add_argument("--cpu-too", action="store_true", help="also the whole timeline on the CPU")
    arguments = parser.parse_args()
    if arguments.device != "cpu" and not torch.cuda.is_available():
        sys.exit("torch finds no GPU here")
    device = open_device(arguments.device)
    _say_machine(device)
    media = make_small_media(arguments.seconds)
    if device.type == "cuda":
        _say_nvdec(media, device)
    fault = _skia_fault()
    timeline, assets = timeline_b(media, arguments.seconds, has_text=not fault)
    print(f"timeline B, {arguments.seconds:g} s{f', WITHOUT captions: {fault}' if fault else ''}\n")
    output = Output(*SIZE_PX, Fraction(FPS))
    _pictures(timeline, assets, output, arguments.device)
    _decode(media, device)
    _composite(timeline, assets, output, arguments.device)
    _launches(timeline, assets, output, arguments.device)
    drawn = _some_frames(timeline, assets, output, arguments.device)
    _download(drawn)
    _encode(drawn, output)
    _whole(timeline, assets, output, arguments.device, arguments.cpu_too)
    return 0


def _say_machine(device: torch.device) -> None:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "no GPU: the references on a CPU"
    print(f"{datetime.now(UTC):%Y-%m-%d}  {name}, driver {_driver()}, {os.cpu_count()} CPU cores")
    triton = "Triton" if has_triton() and device.type == "cuda" else "no Triton"
    print(f"torch {torch.__version__}, CUDA {torch.version.cuda}, {triton}, PyAV {av.__version__}")
    print(f"NVENC: h264 {has_nvenc('h264')}, h265 {has_nvenc('h265')}")


def _say_nvdec(media: Media, device: torch.device) -> None:
    """Whether frames come from NVDEC; why not, in FFmpeg's words."""
    for context in CONTEXTS:
        try:
            with open_media(str(media.scenes[0]), accelerator=nvdec(device, context)) as file:
                frame = next(file.decode(video=0))
            print(f"NVDEC with {context}: {frame.format.name} frames, {frame.sw_format}")
        except (AssetUnreadable, av.error.FFmpegError) as error:
            print(f"NVDEC with {context}: {error}")


def _skia_fault() -> str:
    """Why captions cannot be drawn here; nothing where they can."""
    for name in ("bidi", "skia", "uharfbuzz"):
        try:
            import_module(name)
        except ImportError as error:
            return str(error)
    return ""


def _driver() -> str:
    path = Path("/proc/driver/nvidia/version")
    words = path.read_text().split() if path.exists() else []
    return next((word for word in words if word[:1].isdigit() and "." in word), "unknown")


def _pictures(timeline: Timeline, assets: Assets, output: Output, device: str) -> None:
    """How far pictures are from those that are drawn one by one on a CPU."""
    numbers = [n for n in (0, 45, 152, 302, 308, 400) if n < timeline.duration_us * FPS // 1_000_000]
    apart = []
    with (
        Compositor(timeline, assets, output, threads=4) as one,
        GpuCompositor(timeline, assets, output, device=device) as other,
    ):
        for number, drawn in zip(numbers, other.frames(numbers), strict=True):
            shown = one.frame(number)
            wanted = planes_of(shown) if isinstance(shown, Picture) else shown
            apart += [(a.int() - b.cpu().int()).abs().flatten() for a, b in zip(wanted, drawn, strict=True)]
    levels = torch.cat(apart)
    shares = "  ".join(f">{level}: {(levels > level).float().mean():.2e}" for level in (0, 1, 2))
    verdict = "ok" if levels.max() <= LEVELS else "ABOVE the bar of one level"
    print(f"pictures against the CPU's: at most {levels.max()} levels apart ({verdict}); share of samples {shares}\n")


def _decode(media: Media, device: torch.device) -> None:
    print("decode, 1080p H.264, frames to tensors")
    for streams in (1, 2, 4, 8):
        paths = [str(media.scenes[number % 2]) for number in range(streams)]
        label = f"  {streams} stream{'s' * (streams > 1)}"
        _rate(label, streams * CLIP_FRAMES, partial(_read_all, paths, device))
    print()


def _read_all(paths: list[str], device: torch.device) -> None:
    def read(path: str) -> None:
        open_device(str(device))
        video = TensorVideo(path, device)
        for number in range(CLIP_FRAMES):
            video.planes_at(_time_us(number))
        video.close()

    with ThreadPoolExecutor(len(paths)) as pool:
        list(pool.map(read, paths))


def _composite(timeline: Timeline, assets: Assets, output: Output, device: str) -> None:
    """All that is neither decoding nor encoding, the timeline's own arithmetic too; the decoded frames are at hand."""
    print("composite alone, timeline B, 1080x1920")
    is_gpu = device != "cpu"
    for size in (1, 8, 32) if is_gpu else (1, 4):
        count = 1024 if is_gpu else 4
        with _HeldCompositor(timeline, assets, output, device=device) as compositor:
            frames = [number % 290 for number in range(count)]  # one run: clip, inset, sticker, captions
            runs = [frames[first : first + size] for first in range(0, count, size)]
            for run in runs[: 64 // size + 1]:
                compositor.frames(run)
            _rate(f"  {size} at a time", count, partial(_draw_all, compositor, runs))


def _draw_all(compositor: GpuCompositor, runs: list[list[int]]) -> None:
    for run in runs:
        compositor.frames(run)


def _launches(timeline: Timeline, assets: Assets, output: Output, device: str) -> None:
    """The GPU's own time, without Python's."""
    if device == "cpu":
        return
    with _HeldCompositor(timeline, assets, output, device=device) as compositor:
        compositor.frames(range(8))
        kinds = [torch.profiler.ProfilerActivity.CUDA]
        try:
            with torch.profiler.profile(activities=kinds) as profile:
                for first in range(0, 256, 8):
                    compositor.frames(range(first, first + 8))
                torch.cuda.synchronize()
        except RuntimeError as error:
            print(f"  the GPU's own time is not known: {error}")
            return
    rows = [row for row in profile.key_averages() if row.device_time_total > 0]
    total_us = sum(row.device_time_total for row in rows)
    print(
        f"  the GPU itself, 8 at a time: {total_us / 256:.1f} µs a frame, {256e6 / max(total_us, 1e-9):,.0f} frames/s"
    )
    for row in sorted(rows, key=lambda row: -row.device_time_total)[:7]:
        print(f"    {row.key[:60]:60} {row.count:5} × {row.device_time_total / row.count:8.1f} µs")
    print()


def _some_frames(timeline: Timeline, assets: Assets, output: Output, device: str) -> list[Planes]:
    with GpuCompositor(timeline, assets, output, device=device) as compositor:
        count = 120 if device != "cpu" else 4
        return [planes for first in range(0, count, 4) for planes in compositor.frames(range(first, first + 4))]


def _download(drawn: list[Planes]) -> None:
    size_mib = sum(plane.numel() for plane in drawn[0]) / 2**20
    rate = _rate("download to pinned memory", len(drawn), lambda: [down.picture() for down in map(Download, drawn)])
    print(f"  {rate * size_mib / 1024:.1f} GiB/s\n")


def _encode(drawn: list[Planes], output: Output) -> None:
    pictures = [Download(planes).picture() for planes in drawn]
    print("encode, H.264, 1080x1920")

    def write(given: Iterator[Picture], *, on_nvenc: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            width, height = SIZE_PX
            path = Path(folder) / "out.mp4"
            with VideoWriter(path, width_px=width, height_px=height, fps=output.fps, crf=23, on_nvenc=on_nvenc) as out:
                for picture in given:
                    out.write(picture)

    _rate("  x264 veryfast, one thread", len(pictures), lambda: write(iter(pictures), on_nvenc=False))
    if drawn[0].y.is_cuda and has_nvenc("h264"):
        device = drawn[0].y.device
        encoder, done = NvencFrames(device), torch.cuda.current_stream(device).record_event()
        interleaved = [Planes(p.y, *torch.stack((p.u, p.v), -1).unbind(-1)) for p in drawn]
        _rate("  NVENC", len(drawn), lambda: write((encoder.picture(p, done) for p in interleaved), on_nvenc=True))
    print()


def _whole(timeline: Timeline, assets: Assets, output: Output, device: str, cpu_too: bool) -> None:
    frames = round(timeline.duration_us * FPS / 1e6)
    print("decode, composite, encode to a file (x264 veryfast unless NVENC is there)")
    cores = os.cpu_count() or 1
    for name, workers in ((device, max(cores // 4, 1)), (device, cores), *([("cpu", cores)] if cpu_too else [])):
        with tempfile.TemporaryDirectory() as folder:
            job = Job(timeline, assets, output, range(frames), RenderOptions().sound())

            def render(job: Job = job, name: str = name, workers: int = workers, folder: str = folder) -> None:
                render_job(job, RenderOptions(), Path(folder) / "out.mp4", workers=workers, device=name)

            _rate(f"  --device {name}, {workers} chunks at a time", frames, render)


def _rate(label: str, frames: int, work: Callable[[], object]) -> float:
    """Frames a second of `work`, printed."""
    _settle()
    began_s = time.perf_counter()
    work()
    _settle()
    spent_s = time.perf_counter() - began_s
    print(f"{label:44} {frames / spent_s:10,.1f} frames/s   {spent_s / frames * 1e3:8.3f} ms a frame", flush=True)
    return frames / spent_s


def _settle() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _time_us(frame: int) -> Fraction:
    return Fraction(frame * 1_000_000, FPS)


if __name__ == "__main__":
    sys.exit(main())
