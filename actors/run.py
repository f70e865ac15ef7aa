"""One job on its way: gather, plan, render and mix, stitch. All that lasts stands in the job table and the store."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from actors.admission import backoff_s
from actors.calls import Calls
from actors.crew import Crew
from actors.messages import WORKER_DIED, Answer, ChunkTask, GatherTask, SoundTask, StitchTask
from actors.pool import RendererPool
from cluster.jobs import JobTable
from cluster.request import JobRequest
from cluster.rows import ChunkPlan
from cluster.rows import Job as JobRow
from cluster.schema import ChunkState, Outcome
from cutfarm.errors import Cancelled, CutfarmError, EncodeError, JobTimeout, RenderError, SoundError
from cutfarm.media.codecs import container_suffix
from cutfarm.render.job import Job, check_fidelity, plan_job
from cutfarm.render.spec import Asset, ChunkSpec
from cutfarm.storage.keys import job_key, output_key, segment_key
from cutfarm.storage.store import Store
from cutfarm.timeline.plan import chunk_count
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.source import parse_draft

MOST_FAILURES = 4  #: of one step of a job, after which the job fails
MOST_DEATHS = 3  #: workers that one chunk may take with it
_OUTCOMES = {"": Outcome.DONE, WORKER_DIED: Outcome.LOST, Cancelled.__name__: Outcome.CANCELLED}
_GATHERED, _RENDERED = 5.0, 92.0  # per cent of the progress bar at which these steps are done


@dataclass(frozen=True, slots=True)
class Farm:
    """What a job needs of its farm."""

    owner: str  #: who holds the leases
    table: JobTable
    store: Store
    calls: Calls
    pool: RendererPool
    crew: Crew
    workers: int  #: renderers that the farm can have
    job_time_limit_s: float


@dataclass(slots=True)
class _Chunk:
    spec: ChunkSpec
    key: str
    failures: int = 0
    died_on: set[str] = field(default_factory=set)
    due: float = 0.0  # not before, by the monotonic clock


class JobRun:
    """Drives one job from wherever its rows stand; made anew after a crash, it goes on with what is missing."""

    def __init__(self, row: JobRow, farm: Farm) -> None:
        self.job_id = row.id
        self.is_over = False
        self._row = row
        self._farm = farm
        self._job: Job | None = None
        self._chunks: dict[int, _Chunk] = {}
        self._queue: deque[int] = deque()
        self._in_flight: set[int] = set()
        self._frames_done = 0
        self._sound_key = ""
        self._stage = ""
        self._report: dict[str, dict[str, Any]] = {}
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._failures: dict[str, int] = {}
        self._say("gathering", 0.0)
        self._gather()

    @property
    def queued(self) -> int:
        """Chunks that may be given to a worker now."""
        now = time.monotonic()
        return sum(1 for index in self._queue if self._chunks[index].due <= now)

    @property
    def in_flight(self) -> int:
        """Chunks that a worker has."""
        return len(self._in_flight)

    def step(self) -> None:
        """Do what is due: repeated attempts, the time limit, a cancellation, the progress."""
        now = time.monotonic()
        due = [action for at, action in self._later if at <= now]
        self._later = [(at, action) for at, action in self._later if at > now]
        for action in due:
            if not self.is_over:
                action()

    def watch(self) -> None:
        """Keep the lease, heed cancellation and time limit, and say how far the job is."""
        row = self._farm.table.get(self.job_id)
        if row is None or row.lease_owner != self._farm.owner:
            self._leave()
            return
        started_at = row.started_at or row.created_at
        if row.cancel_requested:
            self._fail(Cancelled("the job was cancelled"))
        elif (datetime.now(UTC) - started_at).total_seconds() > self._farm.job_time_limit_s:
            self._fail(JobTimeout(f"the job was not done within {self._farm.job_time_limit_s:g} s"))
        elif self._job is not None and self._stage == "rendering":
            frames = self._frames_done + self._farm.pool.frames_done(self.job_id)
            share = min(frames / len(self._job.frames), 1.0)
            self._say("rendering", _GATHERED + (_RENDERED - _GATHERED) * share)

    def give_chunk(self) -> None:
        """Send the next waiting chunk to the pool."""
        now = time.monotonic()
        index = next(index for index in self._queue if self._chunks[index].due <= now)
        self._queue.remove(index)
        self._in_flight.add(index)
        chunk = self._chunks[index]
        task = ChunkTask(self.job_id, index, chunk.spec, chunk.key)
        attempt = 0

        def answered(worker: str, answer: Answer) -> None:
            self._chunk_answered(index, attempt, worker, answer)

        worker = self._farm.pool.give(task, answered)
        attempt = self._farm.table.start_attempt(self.job_id, index, worker)

    # Gather and plan

    def _gather(self) -> None:
        task = GatherTask(self.job_id, self._row.draft_url, self._row.draft_id)
        self._farm.crew.gather(task, self._handler("gather", self._gather, self._plan, RenderError))

    def _plan(self, answer: Answer) -> None:
        store, options = self._farm.store, JobRequest.from_json(self._row.request).options
        draft = parse_draft(store.get_bytes(job_key(self.job_id, "draft.json")))
        digests: dict[str, str] = json.loads(store.get_bytes(job_key(self.job_id, "assets.json")))
        timeline = read_timeline(draft)
        self._note(answer.report)
        self._note(tuple(timeline.report.as_dicts()))
        if JobRequest.from_json(self._row.request).webhook_url:
            words = "webhook_url is not called yet; ask gen_video_status instead."
            self._note((Entry(Fidelity.UNSUPPORTED, "webhook", words).as_dict(),))
        assets = {path: Asset("", sha256) for path, sha256 in digests.items()}
        job = plan_job(timeline, assets, options)
        specs = self._specs(job)
        suffix = container_suffix(job.output.codec).lstrip(".")
        self._chunks = {i: _Chunk(spec, segment_key(spec.key(), suffix)) for i, spec in enumerate(specs)}
        rows = [
            ChunkPlan(index, chunk.spec.first_frame, chunk.spec.end_frame, chunk.key)
            for index, chunk in self._chunks.items()
        ]
        for row in self._farm.table.plan_chunks(self.job_id, rows):
            if row.state == ChunkState.DONE and store.exists(row.key):
                self._frames_done += row.end_frame - row.first_frame
            else:
                self._queue.append(row.index)
        self._job = job
        self._say("rendering", _GATHERED)
        self._mix()
        self._stitch_when_ready()

    def _specs(self, job: Job) -> tuple[ChunkSpec, ...]:
        """The chunks as an earlier run of the job planned them, else anew."""
        threads = self._farm.pool.threads
        earlier = [range(row.first_frame, row.end_frame) for row in self._farm.table.chunks(self.job_id)]
        if earlier and job.is_covered_by(earlier):
            return job.chunks_at(earlier, threads)
        return job.chunks(chunk_count(len(job.frames), job.output.fps, self._farm.workers), threads)

    # Render

    def _chunk_answered(self, index: int, attempt: int, worker: str, answer: Answer) -> None:
        self._in_flight.discard(index)
        died = answer.error_kind == WORKER_DIED
        kind, detail = answer.error_kind, answer.error_detail
        self._farm.table.finish_attempt(self.job_id, index, attempt, _OUTCOMES.get(kind, Outcome.FAILED), kind, detail)
        if self.is_over:
            return
        if answer.is_ok:
            self._note(answer.report)
            self._frames_done += self._chunks[index].spec.frame_count
            self._guarded(self._stitch_when_ready)
            return
        chunk = self._chunks[index]
        chunk.failures += 1
        if died:
            chunk.died_on.add(worker)
        if len(chunk.died_on) >= MOST_DEATHS:
            frames = f"{chunk.spec.first_frame} to {chunk.spec.end_frame - 1}"
            self._fail(RenderError(f"frames {frames} ended {MOST_DEATHS} workers: {_clips(chunk.spec)}"))
        elif not answer.is_retryable or chunk.failures >= MOST_FAILURES:
            self._fail_with(answer.error_kind, answer.error_detail)
        else:
            chunk.due = time.monotonic() + backoff_s(chunk.failures)
            self._queue.append(index)

    # Sound and result

    def _mix(self) -> None:
        assert self._job is not None
        task = SoundTask(self.job_id, self._job.sound)
        self._farm.crew.mix(task, self._handler("mix", self._mix, self._mixed, SoundError))

    def _mixed(self, answer: Answer) -> None:
        self._note(answer.report)
        self._sound_key = str(answer.values["key"])
        self._stitch_when_ready()

    def _stitch_when_ready(self) -> None:
        if self._job is None or not self._sound_key or self._queue or self._in_flight:
            return
        options = JobRequest.from_json(self._row.request).options
        check_fidelity(Report.from_dicts(self._report.values()), options)
        self._say("stitching", _RENDERED)
        self._stitch()

    def _stitch(self) -> None:
        assert self._job is not None
        output = self._job.output
        task = StitchTask(
            self.job_id,
            tuple((chunk.key, chunk.spec.frame_count) for _, chunk in sorted(self._chunks.items())),
            self._sound_key,
            output_key(datetime.now(UTC).date(), self.job_id, container_suffix(output.codec).lstrip(".")),
            output.fps,
            output.codec,
        )
        self._farm.crew.stitch(task, self._handler("stitch", self._stitch, self._complete, EncodeError))

    def _complete(self, answer: Answer) -> None:
        self._farm.table.complete(
            self.job_id, str(answer.values["key"]), list(self._report.values()), owner=self._farm.owner
        )
        self.is_over = True

    # What all steps share

    def _handler(
        self, step: str, again: Callable[[], None], done: Callable[[Answer], None], kind: type[CutfarmError]
    ) -> Callable[[Answer], None]:
        """What to do with the answer of a step: go on, try again later, or fail the job with the fault `kind`."""

        def handle(answer: Answer) -> None:
            if self.is_over:
                return
            if answer.is_ok:
                self._guarded(partial(done, answer))
                return
            self._failures[step] = failures = self._failures.get(step, 0) + 1
            if answer.is_retryable and failures < MOST_FAILURES:
                self._later.append((time.monotonic() + backoff_s(failures), again))
            elif answer.error_kind == WORKER_DIED:
                self._fail(kind(f"the worker's process ended {failures} times at the step {step!r}"))
            else:
                self._fail_with(answer.error_kind, answer.error_detail)

        return handle

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CutfarmError as error:
            self._fail(error)

    def _note(self, report: tuple[dict[str, Any], ...]) -> None:
        for entry in report:
            self._report.setdefault(json.dumps(entry, sort_keys=True), entry)

    def _say(self, stage: str, percent: float) -> None:
        self._stage = stage
        self._farm.table.progress(self.job_id, stage, percent, owner=self._farm.owner)

    def _fail(self, error: CutfarmError) -> None:
        self._fail_with(error.kind, str(error))

    def _fail_with(self, kind: str, detail: str) -> None:
        self._farm.table.fail(self.job_id, kind, detail, report=list(self._report.values()), owner=self._farm.owner)
        self._leave()

    def _leave(self) -> None:
        self.is_over = True
        self._queue.clear()
        self._farm.pool.stop_job(self.job_id)


def _clips(spec: ChunkSpec) -> str:
    ids = [segment.id for track in spec.timeline.tracks for segment in track.segments]
    shown = ", ".join(ids[:3])
    return f"segments {shown}" + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
