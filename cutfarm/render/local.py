"""A whole job in one process: chunks side by side in threads, the sound beside them, then the joined file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from cutfarm.media.codecs import container_suffix
from cutfarm.media.join import VideoPart
from cutfarm.render.job import Job, check_fidelity
from cutfarm.render.options import RenderOptions
from cutfarm.render.segment import ChunkFile, render_chunk
from cutfarm.render.sound import SoundFile
from cutfarm.render.soundtrack import write_sound
from cutfarm.render.spec import ChunkSpec
from cutfarm.render.stitch import stitch
from cutfarm.timeline.report import Report


def render_job(
    job: Job,
    options: RenderOptions,
    path: Path,
    *,
    chunks: int = 1,
    workers: int = 1,
    threads: int = 1,
    device: str = "cpu",
    on_frames: Callable[[int], None] | None = None,
) -> Report:
    """Render `job` into `path`; returns what the draft's own report and the drawing found.

    `workers` chunks are rendered at a time, each with `threads` threads. `on_frames` is told, from several threads, how
    many more frames are done. Nothing but a finished file is left behind. Raises what the parts of the job raise.
    """
    specs = job.chunks(chunks, threads)
    stop = threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix=".cutfarm-", dir=path.parent) as folder,
        ThreadPoolExecutor(workers + 1, thread_name_prefix="chunk") as pool,
    ):
        scratch = Path(folder)

        def chunk(number: int, spec: ChunkSpec) -> ChunkFile:
            file = scratch / f"chunk{number:04d}{container_suffix(job.output.codec)}"
            progress = None if on_frames is None else lambda _: on_frames(1)
            return render_chunk(spec, file, device=device, on_frame=progress, should_stop=stop.is_set)

        sound_path = scratch / ("sound.mka" if job.sound.is_lossless else "sound.m4a")
        sound = pool.submit(write_sound, job.sound, sound_path, should_stop=stop.is_set)
        rendered = [pool.submit(chunk, number, spec) for number, spec in enumerate(specs)]
        files = _all_or_stop(rendered, sound, stop)
        report = sum((file.report for file in files), job.timeline.report) + sound.result().report
        check_fidelity(report, options)
        parts = [VideoPart(file.path, file.frame_count) for file in files]
        stitch(parts, sound_path, path, fps=job.output.fps)
    return report


def _all_or_stop(rendered: list[Future[ChunkFile]], sound: Future[SoundFile], stop: threading.Event) -> list[ChunkFile]:
    """All results, or the first exception once everything else has been told to stop."""
    everything: list[Future[Any]] = [*rendered, sound]
    try:
        done, _ = wait(everything, return_when=FIRST_EXCEPTION)
        failed = next((future for future in done if future.exception() is not None), None)
        if failed is not None:
            failed.result()
        return [future.result() for future in rendered]
    except BaseException:
        stop.set()
        for future in everything:
            future.cancel()
        raise
