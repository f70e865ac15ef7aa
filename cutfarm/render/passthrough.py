"""Which frames of a job need no encoding: the packets of their one untouched source are copied as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

from cutfarm.errors import AssetError
from cutfarm.media.gop import Gop
from cutfarm.media.gops import GopReader
from cutfarm.media.video import TIE_US
from cutfarm.render.spec import Assets, CopiedSpan, Output
from cutfarm.render.untouched import UntouchedClip, untouched_clips
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import PictureSegment, Segment, Timeline
from cutfarm.timeline.nesting import all_segments, shown_part
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.time import US_PER_SECOND, time_of

_SHORTEST_S = Fraction(1, 2)  # a copied run that is worth the two seams
_MOST_OPEN = 8  # files
_LATE = Fraction(5, 4)  # of the usual time between frames
_UNMET = "its frames do not fall on the output's"
_TOUCHED = "it is nowhere shown alone, whole, at the output's size and at its own speed"
_HELD = "it is shown in a compound clip"


@dataclass(frozen=True, slots=True)
class CopiedRun:
    """Output frames that are copied."""

    frames: range  #: by the timeline's numbering
    segment_id: str
    copied: CopiedSpan


@dataclass(frozen=True, slots=True)
class Passthrough:
    """What of a job is copied."""

    runs: tuple[CopiedRun, ...]  #: in order
    report: Report  #: an entry for each run, then one for each source of which something could not be copied


def plan_passthrough(
    timeline: Timeline, stack: LayerStack, assets: Assets, output: Output, frames: range
) -> Passthrough:
    """Find the runs of `frames` that can be copied from the files of `assets`; only their packets are read."""
    if output.codec != "h264":
        words = f"Nothing is copied: passthrough copies h264, and the output is {output.codec}."
        return Passthrough((), Report((Entry(Fidelity.EXACT, "passthrough", words),)))
    search = _Search(assets, output)
    try:
        runs = [run for clip in untouched_clips(stack, timeline.canvas, output, frames) for run in search.runs(clip)]
    finally:
        search.close()
    shown = shown_part(timeline, stack, frames)
    films = _films(all_segments(shown))
    copied = {run.copied.path for run in runs}
    reasons = {segment.material.path: _HELD for segment in films}
    reasons |= {film.material.path: _TOUCHED for film in _films(chain(*(track.segments for track in shown.tracks)))}
    reasons |= dict.fromkeys([*copied, *search.met], "") | search.faults
    entries = [_entry(run, _name_of(run.copied.path, films), output.fps) for run in runs]
    for path in dict.fromkeys(segment.material.path for segment in films):
        if reasons[path]:
            part = "Not everything" if path in copied else "Nothing"
            words = f"{part} is copied from {_name_of(path, films)}: {reasons[path]}."
            entries.append(Entry(Fidelity.EXACT, "passthrough", words))
    return Passthrough(tuple(runs), Report(tuple(entries)))


def _films(segments: Iterable[Segment]) -> list[PictureSegment]:
    return [segment for segment in segments if isinstance(segment, PictureSegment) and segment.material.kind == "video"]


class _Search:
    """Looks for GOPs in the sources of clips; holds a few of them open."""

    def __init__(self, assets: Assets, output: Output) -> None:
        self._assets = assets
        self._output = output
        self._readers: dict[str, GopReader] = {}
        self.faults: dict[str, str] = {}  #: the first one of each source
        self.met: set[str] = set()  #: sources of which a clip is shown untouched

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def runs(self, clip: UntouchedClip) -> list[CopiedRun]:
        """The runs of `clip` that can be copied, in order."""
        path = clip.segment.material.path
        self.met.add(path)
        try:
            reader = self._reader(path)
        except AssetError as error:
            self.faults.setdefault(path, str(error))
            return []
        if reader.fault:
            self.faults.setdefault(path, reader.fault)
            return []
        matching = _Matching(clip, reader, self._output.fps)
        runs = matching.runs()
        if matching.fault:
            self.faults.setdefault(path, matching.fault)
        shortest = _SHORTEST_S * self._output.fps
        return [run for run in runs if len(run.frames) >= shortest]

    def _reader(self, path: str) -> GopReader:
        reader = self._readers.pop(path, None)
        if reader is None:
            asset, output = self._assets.get(path), self._output
            reader = GopReader(
                "" if asset is None else asset.path,
                width_px=output.width_px,
                height_px=output.height_px,
                fps=output.fps,
            )
            if len(self._readers) >= _MOST_OPEN:
                self._readers.pop(next(iter(self._readers))).close()
        self._readers[path] = reader
        return reader


@dataclass(slots=True)
class _Matching:
    """Lays a clip's GOPs on output frames by the rule of the nearest frame (`VideoSource`)."""

    clip: UntouchedClip
    reader: GopReader
    fps: Fraction
    fault: str = ""
    _usual_us: Fraction = Fraction(0)
    _times_us: list[Fraction] = field(default_factory=list)
    _begun: list[tuple[range, Gop, int]] = field(default_factory=list)  #: runs: frames, first GOP, reordering

    def runs(self) -> list[CopiedRun]:
        """The runs that can be copied, in order."""
        clip = self.clip
        gops = self.reader.gops(clip.source_us, clip.source_time_us(clip.frames.stop, self.fps))
        self._usual_us = self.reader.usual_us
        self._times_us = [self.reader.media_us(time) for gop in gops for time in gop.times]
        place, is_whole = 0, False
        for gop in gops:
            count = self._matched(gop, place)
            frames = range(self._frame_near(place), self._frame_near(place) + count)
            if count and is_whole and self._continues(frames, place):
                before, first, depth = self._begun.pop()
                self._begun.append((range(before.start, frames.stop), first, max(depth, gop.reorder_frames)))
            elif count:
                self._begun.append((frames, gop, gop.reorder_frames))
            is_whole = count == len(gop.times)
            place += len(gop.times)
        path = clip.segment.material.path
        return [
            CopiedRun(frames, clip.segment.id, CopiedSpan(path, first.times[0], depth))
            for frames, first, depth in self._begun
        ]

    def _matched(self, gop: Gop, place: int) -> int:
        """How many frames of `gop`, whose first is number `place`, can be copied: the whole GOP or a prefix."""
        frames, first = self.clip.frames, self._frame_near(place)
        room = frames.stop - first
        if first < frames.start or room <= 0:
            return 0
        fault = gop.fault or self._fault_of_start(gop, place)
        good = 0
        while not fault and good < min(len(gop.times), room):
            if not self._shows(first + good, place + good):
                fault = _UNMET
            good += 1
        if fault:
            self.fault = self.fault or fault
            return 0
        return max((count for count in gop.prefixes if count <= room), default=0)

    def _fault_of_start(self, gop: Gop, place: int) -> str:
        times = self._times_us[max(place - 1, 0) : place + len(gop.times) + 1]
        return "" if all(one < other for one, other in pairwise(times)) else "its times go back"

    def _shows(self, frame: int, place: int) -> bool:
        """Whether output frame `frame` shows the source's frame number `place`, and no other."""
        media_us, own_us = self.clip.source_time_us(frame, self.fps) + TIE_US, self._times_us[place]
        if place:
            before_us = self._times_us[place - 1]
            is_late_enough = before_us + own_us <= 2 * media_us
            if own_us - before_us > _LATE * self._usual_us:  # the frame before is held for longer than half-way
                is_late_enough = 4 * (own_us - media_us) <= self._usual_us
        else:
            is_late_enough = self.reader.begins_at(own_us) or own_us <= media_us
        is_last = place + 1 == len(self._times_us)
        return is_late_enough and (is_last or 2 * media_us < own_us + self._times_us[place + 1])

    def _continues(self, frames: range, place: int) -> bool:
        """Whether the next GOP goes on where the last run ends, on the same grid as the run's first frame."""
        before, first, _ = self._begun[-1]
        drift_us = self._times_us[place] - self.reader.media_us(first.times[0]) - time_of(len(before), self.fps)
        return before.stop == frames.start and abs(drift_us) * 4 * self.fps < US_PER_SECOND

    def _frame_near(self, place: int) -> int:
        return self.clip.frame_near(self._times_us[place], self.fps)


def _name_of(path: str, films: list[PictureSegment]) -> str:
    """What the report calls a source."""
    material = next(segment.material for segment in films if segment.material.path == path)
    return material.name or Path(path).name


def _entry(run: CopiedRun, name: str, fps: Fraction) -> Entry:
    start_s, end_s = (float(time_of(frame, fps)) / US_PER_SECOND for frame in (run.frames.start, run.frames.stop))
    words = (
        f"Frames {run.frames.start} to {run.frames.stop - 1} ({start_s:.3f} s to {end_s:.3f} s) "
        f"are copied from {name}, not encoded again."
    )
    return Entry(Fidelity.EXACT, "passthrough", words, run.segment_id)
