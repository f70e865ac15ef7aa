"""A job as work to be done: which chunks, which sound, into which file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from cutfarm.errors import DraftBelowFidelity
from cutfarm.media.codecs import SoundFormat, container_suffix, gop_frames
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import Assets, ChunkSpec, Output, SoundSpec
from cutfarm.timeline.layers import LayerStack, only_segments
from cutfarm.timeline.model import SoundSegment, Timeline
from cutfarm.timeline.nesting import all_segments, heard_part, shown_part, shown_paths
from cutfarm.timeline.plan import plan_chunks
from cutfarm.timeline.report import Entry, Fidelity, Report

if TYPE_CHECKING:
    from cutfarm.render.passthrough import CopiedRun


@dataclass(frozen=True)
class Job:
    """A timeline with its files and what to make of it."""

    timeline: Timeline
    assets: Assets
    output: Output  #: of sound alone, only its rate counts
    frames: range  #: by the timeline's numbering
    sound_format: SoundFormat | None  #: None where there is to be no sound
    has_picture: bool = True
    copied: tuple[CopiedRun, ...] = ()  #: frames that are not rendered, in order

    @cached_property
    def stack(self) -> LayerStack:
        """The layers at the output's frame rate."""
        return LayerStack(self.timeline, self.output.fps)

    def chunks(self, count: int, threads: int = 1) -> tuple[ChunkSpec, ...]:
        """The frames in about `count` chunks of about equal cost; what is copied counts as it comes.

        None of sound alone.
        """
        if not self.has_picture:
            return ()
        gop = gop_frames(self.output.codec, self.output.fps)
        return self.chunks_at(plan_chunks(self.stack, self.frames, count, gop), threads)

    def chunks_at(self, runs: Sequence[range], threads: int = 1) -> tuple[ChunkSpec, ...]:
        """A chunk for each of `runs`, each with only the segments and files that it shows.

        What is copied is cut out of them and is a chunk for each copied run.
        """
        cut = [piece for run in runs for piece in _without(run, [copied.frames for copied in self.copied])]
        chunks = [self._chunk(frames, threads) for frames in cut]
        chunks += [self._copied_chunk(run, threads) for run in self.copied]
        return tuple(sorted(chunks, key=lambda chunk: chunk.first_frame))

    def is_covered_by(self, runs: Sequence[range]) -> bool:
        """Whether `runs` are the job's frames in order, each once."""
        edges = [self.frames.start, *(run.stop for run in runs)]
        return edges[-1] == self.frames.stop and all(run.start == edge for run, edge in zip(runs, edges, strict=False))

    @property
    def sound(self) -> SoundSpec | None:
        """The whole sound, if there is to be one: mixed once, since joined pieces of AAC leave gaps."""
        if self.sound_format is None:
            return None
        heard, frames = heard_part(self.timeline), self.frames
        return SoundSpec(heard, self.assets, self.output.fps, frames.start, len(frames), self.sound_format)

    @property
    def suffix(self) -> str:
        """The ending of the job's file."""
        if self.sound_format is not None and not self.has_picture:
            return self.sound_format.suffix
        return container_suffix(self.output.codec)

    def _copied_chunk(self, run: CopiedRun, threads: int) -> ChunkSpec:
        timeline = replace(only_segments(self.timeline, frozenset({run.segment_id})), report=Report(), origin={})
        assets = {run.copied.path: self.assets[run.copied.path]}
        return ChunkSpec(timeline, assets, self.output, run.frames.start, run.frames.stop, threads, run.copied)

    def _chunk(self, frames: range, threads: int) -> ChunkSpec:
        timeline = shown_part(self.timeline, self.stack, frames)
        shown = shown_paths(timeline)
        assets = {path: asset for path, asset in self.assets.items() if path in shown}
        return ChunkSpec(timeline, assets, self.output, frames.start, frames.stop, threads)


def plan_job(timeline: Timeline, assets: Assets, options: RenderOptions) -> Job:
    """Check `options` against the timeline. Raises RequestError and DraftBelowFidelity before any work is spent."""
    output = options.output(timeline)
    job = Job(timeline, assets, output, options.frames(timeline, output.fps), options.sound(), not options.audio_only)
    if options.audio_only:
        job = replace(job, timeline=replace(timeline, report=_of_sound_alone(job)))
    check_fidelity(job.timeline.report, options)
    return _with_passthrough(job) if options.passthrough else job


def _of_sound_alone(job: Job) -> Report:
    """The draft's report without what is on segments that are only seen; says so where nothing is heard at all."""
    from cutfarm.render.soundtrack import heard_segments, is_silent  # loads what mixes

    others = {segment.id for segment in all_segments(job.timeline) if not isinstance(segment, SoundSegment)}
    unheard = others - heard_segments(job.timeline)
    report = Report(tuple(entry for entry in job.timeline.report if entry.segment_id not in unheard))
    if job.sound is None or not is_silent(job.sound):
        return report
    return report + Report((Entry(Fidelity.CLOSE, "sound", "There is nothing to hear: the file is silent."),))


def _with_passthrough(job: Job) -> Job:
    """The job with all that can be copied, and a report that says what that is."""
    from cutfarm.render.passthrough import plan_passthrough

    found = plan_passthrough(job.timeline, job.stack, job.assets, job.output, job.frames)
    timeline = replace(job.timeline, report=job.timeline.report + found.report)
    return replace(job, timeline=timeline, copied=found.runs)


def _without(run: range, others: Sequence[range]) -> list[range]:
    """What is left of `run` without the ascending `others`."""
    pieces, start = [], run.start
    for other in others:
        if other.start < run.stop and start < other.stop:
            pieces.append(range(start, other.start))
            start = other.stop
    pieces.append(range(start, run.stop))
    return [piece for piece in pieces if piece]


def check_fidelity(report: Report, options: RenderOptions) -> None:
    """Raise DraftBelowFidelity where the report holds something less faithful than `--strict` allows."""
    if options.strict is None:
        return
    worse = report.below(options.strict).entries
    if worse:
        more = f" (and {len(worse) - 1} more)" if len(worse) > 1 else ""
        raise DraftBelowFidelity(f"not {options.strict.word}: {worse[0].message}{more}")
