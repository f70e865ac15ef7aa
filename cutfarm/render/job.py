"""A job as work to be done: which chunks, which sound, into which file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from cutfarm.errors import DraftBelowFidelity
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import Assets, ChunkSpec, Output
from cutfarm.timeline.layers import LayerStack, only_segments
from cutfarm.timeline.model import PictureSegment, Timeline
from cutfarm.timeline.plan import plan_chunks
from cutfarm.timeline.report import Report
from cutfarm.timeline.time import time_of


@dataclass(frozen=True)
class Job:
    """A timeline with its files and what to make of it."""

    timeline: Timeline
    assets: Assets
    output: Output
    frames: range  #: by the timeline's numbering

    @property
    def start_us(self) -> Fraction:
        """Timeline time of the first frame, exact microseconds."""
        return time_of(self.frames.start, self.output.fps)

    @property
    def duration_us(self) -> Fraction:
        """Length of the output, exact microseconds."""
        return time_of(len(self.frames), self.output.fps)

    @cached_property
    def stack(self) -> LayerStack:
        """The layers at the output's frame rate."""
        return LayerStack(self.timeline, self.output.fps)

    def chunks(self, count: int, threads: int = 1) -> tuple[ChunkSpec, ...]:
        """The frames in at most `count` chunks, each with only the segments and files that it shows."""
        return tuple(self._chunk(frames, threads) for frames in plan_chunks(self.stack, self.frames, count))

    def _chunk(self, frames: range, threads: int) -> ChunkSpec:
        timeline = only_segments(self.timeline, self.stack.segments(frames))
        shown = {
            segment.material.path
            for track in timeline.tracks
            for segment in track.segments
            if isinstance(segment, PictureSegment)
        }
        assets = {path: asset for path, asset in self.assets.items() if path in shown}
        return ChunkSpec(timeline, assets, self.output, frames.start, frames.stop, threads)


def plan_job(timeline: Timeline, assets: Assets, options: RenderOptions) -> Job:
    """Check `options` against the timeline. Raises RequestError and DraftBelowFidelity before any work is spent."""
    if options.strict is not None:
        check_fidelity(timeline.report, options)
    output = options.output(timeline)
    return Job(timeline, assets, output, options.frames(timeline, output.fps))


def check_fidelity(report: Report, options: RenderOptions) -> None:
    """Raise DraftBelowFidelity where the report holds something less faithful than `--strict` allows."""
    if options.strict is None:
        return
    worse = report.below(options.strict).entries
    if worse:
        more = f" (and {len(worse) - 1} more)" if len(worse) > 1 else ""
        raise DraftBelowFidelity(f"not {options.strict.word}: {worse[0].message}{more}")
