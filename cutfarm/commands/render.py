"""`cutfarm render`: a draft to a video on this machine, in this process."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.commands.loading import LoadOptions, check_files, loaded
from cutfarm.commands.profile import Profile
from cutfarm.commands.reporting import say_report, write_report
from cutfarm.commands.terminal import frames_progress, say, warn
from cutfarm.errors import RequestError
from cutfarm.media.codecs import container_suffix
from cutfarm.render.devices import chosen_device
from cutfarm.render.job import Job, plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.shares import Shares, shares, shares_of
from cutfarm.timeline.nesting import heard_part

if TYPE_CHECKING:
    from cutfarm.render.cache import RenderCache


@dataclass(frozen=True, slots=True)
class Machine:
    """How much of this machine a render may use."""

    device: str = "auto"  #: `auto`, `cpu` or `cuda`
    chunks: int | None = None
    workers: int | None = None
    cache: Path | None = None  #: a folder of finished chunks
    profile: Path | None = None  #: where to write what the render's CPU time went into


def run(
    draft: str, out: Path, load: LoadOptions, options: RenderOptions, machine: Machine, report: Path | None
) -> None:
    """Render `draft` into `out`. Raises what is wrong with the draft, the options or a material."""
    options = _fitting(options, out)
    if not out.parent.is_dir():
        raise RequestError(f"the folder {out.parent} is not there")
    device = "cpu" if options.audio_only else chosen_device(machine.device)
    cache = None if machine.cache is None else _opened(machine.cache, device)
    with loaded(draft, load) as (timeline, assets):
        job = plan_job(timeline, assets, options)
        check_files(heard_part(timeline) if options.audio_only else timeline, assets, cache.files if cache else None)
        if cache is not None:
            job = replace(job, assets=cache.assets(assets))
        share = _shares(machine, job)
        os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # for torch, if a layer needs it
        profile = Profile()
        with frames_progress(len(job.frames)) as on_frames:
            found = render_job(
                job,
                options,
                out,
                chunks=machine.chunks,
                workers=share.workers,
                threads=share.threads,
                device=device,
                cache=cache,
                on_frames=profile.watched(on_frames),
            )
    if machine.profile is not None:
        profile.write(machine.profile, len(job.frames))
    if report is not None:
        write_report(found, report)
    say_report(found, "--report FILE")
    if cache is not None and cache.fault:
        warn(f"The cache is not complete: {cache.fault}")
    say(f"{out}: {_made(job)}")


def _fitting(options: RenderOptions, out: Path) -> RenderOptions:
    """`options` for a file that ends as `out` does. Raises RequestError where none can be."""
    suffix = out.suffix.lower()
    if options.audio_only:
        return replace(options, audio_suffix=suffix)
    wanted = container_suffix(options.codec)
    if suffix != wanted:
        raise RequestError(f"a file of codec {options.codec} must end in {wanted}, not {out.suffix or 'nothing'}")
    return options


def _made(job: Job) -> str:
    if job.has_picture or job.sound_format is None:
        return f"{job.output.width_px} × {job.output.height_px}, {len(job.frames)} frames"
    sound, seconds = job.sound_format, float(len(job.frames) / job.output.fps)
    return f"{seconds:.3f} s of sound, {sound.codec} at {sound.rate_hz} Hz"


def _opened(folder: Path, device: str) -> RenderCache:
    from cutfarm.render.cache import RenderCache

    return RenderCache(folder, device=device)


def _shares(machine: Machine, job: Job) -> Shares:
    """What was asked for, else what suits this machine."""
    from cluster.resources import memory_bytes, usable_cores  # the container's limits are looked for in one place

    for name, value in (("chunks", machine.chunks), ("workers", machine.workers)):
        if value is not None and not 1 <= value <= 1024:
            raise RequestError(f"{name} {value} is not between 1 and 1024")
    cores = usable_cores()
    fitting = shares(
        job.output,
        len(job.frames),
        cores=cores,
        memory_bytes=memory_bytes(),
        is_layered=job.stack.is_layered,
        is_stacked=job.stack.is_stacked,
    )
    return shares_of(min(machine.workers or fitting.workers, machine.chunks or len(job.frames)), cores)
