"""A whole job in one process: chunks side by side in threads, the sound beside them, then the joined file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.media.codecs import container_suffix, gop_frames
from cutfarm.media.join import VideoPart
from cutfarm.render.job import Job, check_fidelity
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import ChunkSpec, SoundSpec
from cutfarm.render.stitch import deliver, stitch
from cutfarm.stages import stage
from cutfarm.timeline.plan import plan_grid, plan_shrinking
from cutfarm.timeline.report import Report

if TYPE_CHECKING:
    from cutfarm.render.cache import RenderCache


def render_job(
    job: Job,
    options: RenderOptions,
    path: Path,
    *,
    chunks: int | None = None,
    workers: int = 1,
    threads: int = 1,
    device: str = "cpu",
    cache: RenderCache | None = None,
    on_frames: Callable[[int], None] | None = None,
) -> Report:
    """Render `job` into `path`; returns what the draft's own report and the drawing found.

    `workers` chunks are rendered at a time, each with `threads` threads. `chunks` says how many there are; None leaves
    it to what lets all workers finish together or, with a `cache`, to what lets most of them be found there again.
    A job of sound alone has none: it is mixed in this thread.
    `on_frames` is told, from several threads, how many more frames are done. Nothing but a finished file is left
    behind. Raises what the parts of the job raise.
    """
    on_frames = on_frames or (lambda _: None)
    if not job.has_picture:
        return _sound_alone(job, options, path, cache, on_frames)
    if device != "cpu":
        from cutfarm.render.gpu import encoded_where_it_is_drawn

        job = replace(job, output=encoded_where_it_is_drawn(job.output))
    specs = _specs(job, chunks, workers, threads, is_cached=cache is not None)
    stop = threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix=".cutfarm-", dir=path.parent) as folder,
        ThreadPoolExecutor(1, thread_name_prefix="sound") as beside,
        ThreadPoolExecutor(workers, thread_name_prefix="chunk") as pool,
    ):
        maker = _Maker(Path(folder), device, cache, on_frames, stop.is_set)
        # The sound is first, so that no core waits for it in the end.
        mixed = [] if job.sound is None else [beside.submit(maker.sound, job.sound)]
        rendered = [pool.submit(maker.chunk, number, spec) for number, spec in enumerate(specs)]
        made = _all_or_stop([*rendered, *mixed], stop)
        report = sum((part.report for part in made), job.timeline.report)
        check_fidelity(report, options)
        parts = [VideoPart(part.path, spec.frame_count) for part, spec in zip(made, specs, strict=False)]
        with stage("join"):
            stitch(parts, made[-1].path if mixed else None, path, fps=job.output.fps)
    return report


def _sound_alone(
    job: Job, options: RenderOptions, path: Path, cache: RenderCache | None, on_frames: Callable[[int], None]
) -> Report:
    assert job.sound is not None
    told = 0

    def heard(done: int, of: int) -> None:
        nonlocal told
        frames = done * len(job.frames) // of
        on_frames(frames - told)
        told = frames

    with tempfile.TemporaryDirectory(prefix=".cutfarm-", dir=path.parent) as folder:
        made = _Maker(Path(folder), "cpu", cache, on_frames, lambda: False).sound(job.sound, heard)
        report = job.timeline.report + made.report
        check_fidelity(report, options)
        deliver(made.path, path)
    return report


def _specs(job: Job, count: int | None, workers: int, threads: int, *, is_cached: bool) -> tuple[ChunkSpec, ...]:
    if count is not None:
        return job.chunks(count, threads)
    gop = gop_frames(job.output.codec, job.output.fps)
    plan = plan_grid(job.stack, job.frames, gop) if is_cached else plan_shrinking(job.stack, job.frames, workers, gop)
    return job.chunks_at(plan, threads)


@dataclass(frozen=True, slots=True)
class _Made:
    """A file of the job, and what was found while it was made."""

    path: Path
    report: Report


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the files of a job, or finds them in the cache; for many threads."""

    scratch: Path
    device: str
    cache: RenderCache | None
    on_frames: Callable[[int], None]
    should_stop: Callable[[], bool]

    def chunk(self, number: int, spec: ChunkSpec) -> _Made:
        path = self.scratch / f"chunk{number:05d}{container_suffix(spec.output.codec)}"
        cache = self.cache if spec.copied is None else None  # what is copied is had as cheaply from its source
        if cache is not None and (report := cache.find_chunk(spec, path)) is not None:
            self.on_frames(spec.frame_count)
            return _Made(path, report)
        from cutfarm.render.segment import render_chunk  # what draws is not loaded where nothing is drawn

        made = render_chunk(
            spec, path, device=self.device, on_frame=lambda _: self.on_frames(1), should_stop=self.should_stop
        )
        if cache is not None:
            cache.keep_chunk(spec, path, made.report)
        return _Made(path, made.report)

    def sound(self, spec: SoundSpec, on_progress: Callable[[int, int], None] | None = None) -> _Made:
        path = self.scratch / f"sound{spec.format.suffix}"
        if self.cache is not None and (report := self.cache.find_sound(spec, path)) is not None:
            return _Made(path, report)
        from cutfarm.render.soundtrack import write_sound

        made = write_sound(spec, path, on_progress=on_progress, should_stop=self.should_stop)
        if self.cache is not None:
            self.cache.keep_sound(spec, path, made.report)
        return _Made(path, made.report)


def _all_or_stop(files: Sequence[Future[_Made]], stop: threading.Event) -> list[_Made]:
    """All results, or the first exception once everything else has been told to stop."""
    try:
        done, _ = wait(files, return_when=FIRST_EXCEPTION)
        failed = next((future for future in done if future.exception() is not None), None)
        if failed is not None:
            failed.result()
        return [future.result() for future in files]
    except BaseException:
        stop.set()
        for future in files:
            future.cancel()
        raise
