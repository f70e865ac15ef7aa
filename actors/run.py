"""One job on its way: gather, plan, render and mix, stitch. All that lasts stands in the job table and the store."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from actors.admission import backoff_s, most_failures
from actors.book import ChunkBook, ChunkEntry
from actors.calls import Handler
from actors.deeds import Deeds
from actors.hands import Farm
from actors.messages import Answer, ChunkTask, GatherTask, SoundTask, StitchTask, fault
from actors.planning import Plan, plan
from cluster.request import JobRequest
from cluster.rows import ChunkPlan
from cluster.rows import Job as JobRow
from cluster.schema import Outcome
from cutfarm.errors import (
    Cancelled,
    ClusterError,
    CutfarmError,
    EncodeError,
    JobTimeout,
    RenderError,
    SoundError,
    StorageError,
)
from cutfarm.render.job import Job, check_fidelity
from cutfarm.storage.keys import asset_key, output_key
from cutfarm.timeline.report import Report

MOST_DEATHS = 3  #: workers that one chunk may take with it
MOST_STARTS = 3  #: times that a job begins anew because what it stood on is no longer in the store

_GATHERED, _RENDERED = 5.0, 92.0  # per cent of the progress bar at which these steps are done
_LOG = logging.getLogger(__name__)

Step = Callable[[], None]


class JobRun:
    """Drives one job from wherever its rows stand; made anew after a crash, it goes on with what is missing.

    None of its methods raises. Whatever an answer leads to is a deed: done in `step`, and repeated while the job table
    does not answer, so that nothing which happened is forgotten. A fault that nobody foresaw ends the job at once.
    """

    def __init__(self, row: JobRow, farm: Farm) -> None:
        self.job_id = row.id
        self.is_over = False
        self._row = row
        self._farm = farm
        self._began_at = time.monotonic()  # the time that a farm was down does not count
        self._deeds = Deeds(f"job {row.id}", self._end_with)
        self._is_ending = False
        self._starts = 1
        self._said: tuple[str, float, Report] | None = None
        self._report = Report()
        self._note(row.report)
        self._clear()
        self._next(self._begin)

    # What the Supervisor calls

    @property
    def queued(self) -> int:
        """Chunks that may be given to a worker now."""
        return 0 if self._book is None else self._book.due(time.monotonic())

    @property
    def in_flight(self) -> int:
        """Chunks that a worker has."""
        return 0 if self._book is None else self._book.in_work

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the kept objects that the job stands on now."""
        parts = () if self._book is None else self._book.parts
        assets = () if self._job is None else self._job.assets.values()
        return frozenset({self._sound_key, *(key for key, _ in parts), *(asset_key(asset.sha256) for asset in assets)})

    def step(self) -> None:
        """Do what is due."""
        self._deeds.step(lambda: self.is_over)

    def watch(self) -> None:
        """Heed cancellation, the time limit and a lost lease, and say how far the job is; about once a second."""
        if not self.is_over and not self._is_ending:
            try:
                self._look()
            except StorageError as error:
                _LOG.warning("job %s: %s", self.job_id, error)
            except Exception as error:
                self._end_with(error)

    def give_chunk(self, worker: str) -> None:
        """Send the next waiting chunk to a free worker."""
        assert self._book is not None
        index = self._book.next(time.monotonic())
        try:
            attempt = self._farm.table.start_attempt(self.job_id, index, worker)
        except StorageError as error:
            _LOG.warning("job %s: %s", self.job_id, error)
            self._book.entries[index].due = time.monotonic() + backoff_s(1)
        except Exception as error:
            self._end_with(error)
        else:
            self._send_chunk(self._book, index, attempt, worker)

    def leave(self) -> None:
        """Give the job up without a word: somebody else has it."""
        self._halt()
        self.is_over = True

    # Gather and plan

    def _clear(self) -> None:
        """As if nothing had been begun; what is still on its way belongs to an earlier run and changes nothing."""
        self._run = uuid.uuid4().hex
        self._book: ChunkBook | None = None
        self._job: Job | None = None
        self._sound_key = ""
        self._is_stitching = False
        self._failures: dict[str, int] = {}

    def _begin(self) -> None:
        self._say("gathering", 0.0)
        self._plan(has_gathered=False)

    def _plan(self, *, has_gathered: bool) -> None:
        farm = self._farm
        rows = farm.table.chunks(self.job_id)
        work = partial(plan, self._row, rows, farm.store, workers=farm.workers, threads=farm.threads)
        again = partial(self._plan, has_gathered=has_gathered)
        on_answer = self._handler("plan", again, partial(self._planned, has_gathered), RenderError)

        def planned() -> None:
            try:
                answer = Answer(values={"plan": work()})
            except Exception as error:
                if not isinstance(error, CutfarmError):
                    _LOG.exception("planning job %s met a fault that nobody foresaw", self.job_id)
                answer = fault(error)
            on_answer(answer)

        farm.background.submit(planned)

    def _planned(self, has_gathered: bool, answer: Answer) -> None:
        found: Plan | None = answer.values["plan"]
        if found is not None:
            self._carry_out(found)
        elif has_gathered:
            gone = fault(StorageError("what was gathered is not in the object store"))
            self._failed("gather", gone, self._gather, RenderError)
        else:
            self._gather()

    def _gather(self) -> None:
        task = GatherTask(self.job_id, self._run, self._row.draft_url, self._row.draft_id)
        on_answer = self._handler("gather", self._gather, lambda _: self._plan(has_gathered=True), RenderError)
        self._farm.crew.gather(task, on_answer, alone=self._failures.get("gather", 0) > 0)

    def _carry_out(self, found: Plan) -> None:
        chunks = found.chunks.items()
        rows = [ChunkPlan(index, spec.first_frame, spec.end_frame, key) for index, (spec, key) in chunks]
        self._farm.table.plan_chunks(self.job_id, rows)
        self._note(found.report)
        self._say("rendering", _GATHERED)
        self._job, self._book = found.job, ChunkBook(found.chunks, found.whole)
        self._next(self._stitch_when_ready if found.job.sound_format is None else self._mix)

    # Render

    def _send_chunk(self, book: ChunkBook, index: int, attempt: int, worker: str) -> None:
        run, entry = self._run, book.entries[index]

        def answered(answer: Answer) -> None:
            self._add(partial(self._chunk_answered, run, (index, attempt, worker), answer))

        book.begin(index)
        self._farm.pool.give(worker, ChunkTask(self.job_id, run, index, entry.spec, entry.key), answered)

    def _chunk_answered(self, run: str, attempt: tuple[int, int, str], answer: Answer) -> None:
        index, number, worker = attempt
        kind, detail = answer.error_kind, answer.error_detail
        self._farm.table.finish_attempt(self.job_id, index, number, _outcome(answer), kind, detail)
        if run != self._run or self._book is None:
            return
        if answer.is_ok:
            self._note(answer.report)
            self._book.finish(index)
            self._next(self._stitch_when_ready)
        else:
            self._chunk_failed(self._book, index, worker, answer)

    def _chunk_failed(self, book: ChunkBook, index: int, worker: str, answer: Answer) -> None:
        entry, answer = book.entries[index], _unasked(answer)
        entry.failures += 1
        if answer.is_death:
            entry.died_on.add(worker)
        book.put_back(index, time.monotonic() + backoff_s(entry.failures))
        if len(entry.died_on) >= MOST_DEATHS:
            words = f"{_named(entry)} ended {MOST_DEATHS} workers, the last with: {answer.error_detail}"
            self._end(RenderError.__name__, words)
        elif not _may_retry(answer, entry.failures):
            where = f" ({_named(entry)})" if answer.is_retryable else ""  # the user's faults name their segment
            self._give_up(answer, answer.error_detail + where)

    # Sound and result

    def _mix(self) -> None:
        assert self._job is not None
        assert self._job.sound is not None
        task = SoundTask(self.job_id, self._run, self._job.sound)
        on_answer = self._handler("mix", self._mix, self._mixed, SoundError)
        self._farm.crew.mix(task, on_answer, alone=self._failures.get("mix", 0) > 0)

    def _mixed(self, answer: Answer) -> None:
        self._note(answer.report)
        self._sound_key = str(answer.values["key"])
        self._next(self._stitch_when_ready)

    def _stitch_when_ready(self) -> None:
        if self._job is None or self._book is None or not self._book.is_done or self._is_stitching:
            return
        if self._job.sound_format is not None and not self._sound_key:
            return
        check_fidelity(self._report, JobRequest.from_json(self._row.request).options)
        self._say("stitching", _RENDERED)
        self._is_stitching = True
        self._stitch()

    def _stitch(self) -> None:
        assert self._job is not None
        assert self._book is not None
        output = self._job.output
        key = output_key(datetime.now(UTC).date(), self.job_id, self._job.suffix.lstrip("."))
        task = StitchTask(self.job_id, self._run, self._book.parts, self._sound_key, key, output.fps, output.codec)
        on_answer = self._handler("stitch", self._stitch, self._complete, EncodeError)
        self._farm.crew.stitch(task, on_answer, alone=self._failures.get("stitch", 0) > 0)

    def _complete(self, answer: Answer) -> None:
        farm, key = self._farm, str(answer.values["key"])
        farm.table.complete(self.job_id, key, self._report.as_dicts(), owner=farm.owner)
        self.is_over = True

    # What all steps share

    def _handler(
        self, step: str, again: Step, done: Callable[[Answer], None], dead_kind: type[CutfarmError]
    ) -> Handler:
        """Takes a step's answer: go on, try again later, or end the job, with `dead_kind` if no worker survives it."""
        run = self._run

        def deed(answer: Answer) -> None:
            if run != self._run:
                return
            if answer.is_ok:
                done(answer)
            else:
                self._failed(step, answer, again, dead_kind)

        return lambda answer: self._add(partial(deed, answer))

    def _failed(self, step: str, answer: Answer, again: Step, dead_kind: type[CutfarmError]) -> None:
        self._failures[step] = failures = self._failures.get(step, 0) + 1
        answer = _unasked(answer)
        if _may_retry(answer, failures):
            self._next(again, after_s=backoff_s(failures))
        elif answer.is_death:
            words = f"the worker's process ended {failures} times at the step {step!r}: {answer.error_detail}"
            self._end(dead_kind.__name__, words)
        else:
            self._give_up(answer, answer.error_detail)

    def _give_up(self, answer: Answer, detail: str) -> None:
        """No more attempts; but where the store was the trouble, what the job stands on may have gone from it."""
        if answer.error_kind == StorageError.__name__ and self._starts < MOST_STARTS:
            self._starts += 1
            self._halt()
            self._next(self._begin)
        else:
            self._end(answer.error_kind, detail)

    def _look(self) -> None:
        farm, row = self._farm, self._farm.table.get(self.job_id)
        if row is None or row.lease_owner != farm.owner:
            self.leave()
        elif row.cancel_requested:
            self._end(Cancelled.__name__, "the job was cancelled")
        elif time.monotonic() - self._began_at > farm.job_time_limit_s:
            self._end(JobTimeout.__name__, f"the job was not done within {farm.job_time_limit_s:g} s")
        elif farm.pool.trouble and self.queued:
            self._end(ClusterError.__name__, farm.pool.trouble)
        elif self._job is not None and self._book is not None and not self._is_stitching:
            frames = self._book.frames_done + farm.pool.frames_done(self._run)
            share = min(frames / len(self._job.frames), 1.0)
            self._say("rendering", _GATHERED + (_RENDERED - _GATHERED) * share)

    def _say(self, stage: str, percent: float) -> None:
        """Write the progress, and the report if it has grown, where there is news."""
        news = (stage, round(percent, 1), self._report)
        if news != self._said:
            report = None if self._said and self._said[2] == news[2] else self._report.as_dicts()
            self._farm.table.progress(self.job_id, stage, percent, report=report, owner=self._farm.owner)
            self._said = news

    def _note(self, report: Sequence[Mapping[str, Any]]) -> None:
        self._report += Report.from_dicts(report)

    def _next(self, do: Step, after_s: float = 0.0) -> None:
        """Have `step` do it, unless this run is over by then."""
        run = self._run
        self._deeds.add(lambda: do() if run == self._run else None, after_s)

    def _add(self, do: Step) -> None:
        """Have `step` do it; what comes after the end is for the log of attempts alone."""
        if self.is_over:
            with suppress(CutfarmError):
                do()
        else:
            self._deeds.add(do)

    # The end

    def _end_with(self, error: Exception) -> None:
        if not isinstance(error, CutfarmError):
            _LOG.error("job %s met a fault that nobody foresaw", self.job_id, exc_info=error)
        answer = fault(error)
        self._end(answer.error_kind, answer.error_detail)

    def _end(self, kind: str, detail: str) -> None:
        """Stop the work now, and write the end as soon as the table takes it."""
        if not self._is_ending:
            self._is_ending = True
            self._halt()
            self._deeds.last(partial(self._write_end, kind, detail))

    def _write_end(self, kind: str, detail: str) -> None:
        farm = self._farm
        farm.table.fail(self.job_id, kind, detail, report=self._report.as_dicts(), owner=farm.owner)
        self.is_over = True

    def _halt(self) -> None:
        self._farm.pool.stop(self._run)
        self._farm.crew.stop(self._run)
        self._clear()


def _unasked(answer: Answer) -> Answer:
    """A present run has not been stopped, so that a worker says so is the farm's fault and no cancellation."""
    if answer.error_kind != Cancelled.__name__:
        return answer
    return replace(answer, error_kind=RenderError.__name__, is_retryable=True)


def _may_retry(answer: Answer, failures: int) -> bool:
    return answer.is_retryable and failures < most_failures(answer.error_kind)


def _outcome(answer: Answer) -> Outcome:
    if answer.is_ok:
        return Outcome.DONE
    if answer.is_death:
        return Outcome.LOST
    return Outcome.CANCELLED if answer.error_kind == Cancelled.__name__ else Outcome.FAILED


def _named(entry: ChunkEntry) -> str:
    """The chunk as a user can find it: its frames and the segments that they show."""
    ids = [segment.id for track in entry.spec.timeline.tracks for segment in track.segments]
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return f"frames {entry.spec.first_frame} to {entry.spec.end_frame - 1} with segments {', '.join(ids[:3])}{more}"
