"""What is wrong with the films that a chunk shows, as entries of its report."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cutfarm.media.faults import Fault
from cutfarm.render.sources import ComposedSource, Sources
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.model import ClipSegment
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.time import round_half_up, time_of

_WORDS = {
    Fault.DAMAGED: (Fidelity.UNSUPPORTED, "its frames are damaged and a good one beside them is held"),
    Fault.CUT_OFF: (Fidelity.UNSUPPORTED, "its file is cut off and the last good frame is held"),
    Fault.ENDED: (Fidelity.UNSUPPORTED, "its file has ended and the last frame is held"),
    Fault.NOT_BEGUN: (Fidelity.CLOSE, "its file has no picture yet and the first frame is held"),
    Fault.MISSING: (Fidelity.CLOSE, "its file lacks frames and the last one is held"),
    Fault.CONCEALED: (Fidelity.CLOSE, "its frames are damaged and shown as the decoder mends them"),
    Fault.RESIZED: (Fidelity.CLOSE, "its picture changes size and is fitted into that of the first frame"),
    Fault.INTERLACED: (Fidelity.CLOSE, "its interlaced frames are made progressive"),
    Fault.TONE_MAPPED: (Fidelity.CLOSE, "its HDR is tone-mapped to SDR (ITU-R BT.2390)"),
}


class FilmFaults:
    """Collects what was wrong with the frames shown, for each segment and fault the frames of the output."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._segments: dict[str, ClipSegment] = {}
        self._runs: dict[tuple[str, Fault], list[range]] = {}

    def look(self, number: int, clips: Iterable[ClipLayer], sources: Sources) -> None:
        """`clips` are what output frame `number` was made of just now; of compound clips what is in them counts."""
        for clip in clips:
            if clip.transform.alpha <= 0.0:
                continue
            source, span = sources.of(clip.segment), clip.segment.source
            if isinstance(source, ComposedSource):
                self.look(number, *source.clips_at(clip.source_us))
                continue
            fault = source.fault_at(clip.source_us, span.start_us, span.end_us)
            if fault is not None:
                self._add(number, clip.segment, fault)

    def _add(self, number: int, segment: ClipSegment, fault: Fault) -> None:
        self._segments[segment.id] = segment
        runs = self._runs.setdefault((segment.id, fault), [])
        if runs and number in runs[-1]:
            return  # a compound clip that is shown twice
        if runs and runs[-1].stop == number:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))

    @property
    def report(self) -> Report:
        """One entry for each segment and fault, with the times of the timeline at which it is seen."""
        found = (self._entry(self._segments[id_], fault, runs) for (id_, fault), runs in self._runs.items())
        return Report() + Report(tuple(found))

    def _entry(self, segment: ClipSegment, fault: Fault, runs: Iterable[range]) -> Entry:
        fidelity, words = _WORDS[fault]
        spans_us = tuple((self._time_us(run.start), self._time_us(run.stop)) for run in runs)
        return Entry(
            fidelity, "video", f"{segment.name} in segment {segment.id}: {words}", segment.id, spans_us=spans_us
        )

    def _time_us(self, frame: int) -> int:
        return round_half_up(time_of(frame, self._fps))
