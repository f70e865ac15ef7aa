"""A job over a real job table and a real store; the actors are plain objects that answer when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from actors.calls import Handler
from actors.hands import Farm
from actors.kept import keep
from actors.messages import WORKER_DIED, Answer, ChunkTask, fault
from actors.run import JobRun
from cluster.jobs import Job, JobTable
from cluster.request import JobRequest
from cutfarm.errors import StorageError
from cutfarm.render.options import RenderOptions
from cutfarm.storage.folder import FolderStore
from cutfarm.storage.keys import asset_key, job_key

SHA256 = "ab" * 32
DEATH = Answer(WORKER_DIED, "its process ended", is_retryable=True)
NOTE = {"fidelity": "evocative", "what": "effect", "message": "guessed", "segment_id": "", "resource_id": ""}


class Clock:
    """Stands for the module `time`; a test turns it by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class AtOnce(Executor):
    """Does what is submitted before it returns."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        future.set_result(work(*arguments, **options))
        return future


@dataclass
class Table:
    """The real table, which may be away."""

    real: JobTable
    is_away: bool = False

    def __getattr__(self, name: str) -> Any:
        def called(*arguments: Any, **options: Any) -> Any:
            if self.is_away:
                raise StorageError("the job table is away")
            return getattr(self.real, name)(*arguments, **options)

        return called


@dataclass
class Call:
    """A call that waits for its answer."""

    method: str
    task: Any
    on_answer: Handler
    worker: str = ""
    alone: bool = False


@dataclass
class Hands:
    """Pool and crew at once: keeps the calls until the test answers them."""

    store: FolderStore
    scratch: Path
    waiting: list[Call] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    made: list[tuple[int, int]] = field(default_factory=list)  #: chunk and attempt of every render
    trouble: str = ""
    frames: int = 0

    def give(self, name: str, task: ChunkTask, on_answer: Handler) -> None:
        self.waiting.append(Call("render", task, on_answer, worker=name))

    def gather(self, task: Any, on_answer: Handler, *, alone: bool = False) -> None:
        self.waiting.append(Call("gather", task, on_answer, alone=alone))

    def mix(self, task: Any, on_answer: Handler, *, alone: bool = False) -> None:
        self.waiting.append(Call("mix", task, on_answer, alone=alone))

    def stitch(self, task: Any, on_answer: Handler, *, alone: bool = False) -> None:
        self.waiting.append(Call("stitch", task, on_answer, alone=alone))

    def stop(self, run: str) -> None:
        self.stopped.append(run)

    def frames_done(self, run: str) -> int:
        return self.frames if any(call.method == "render" and call.task.run == run for call in self.waiting) else 0

    def take(self, method: str, index: int | None = None) -> Call:
        """The oldest waiting call of that method, for that chunk if one is named."""
        call = next(
            call for call in self.waiting if call.method == method and (index is None or call.task.index == index)
        )
        self.waiting.remove(call)
        return call

    def do(self, call: Call, *report: dict[str, Any]) -> None:
        """Do what the real actor would, then answer."""
        file = self.scratch / "file"
        file.write_bytes(b"media")
        match call.method:
            case "gather":
                note_draft(self.store, call.task.job_id)
                answer = Answer()
            case "render":
                keep(self.store, call.task.key, file, report)
                answer = Answer(report=report)
            case "mix":
                keep(self.store, "sounds/x.m4a", file, report)
                answer = Answer(report=report, values={"key": "sounds/x.m4a"})
            case _:
                self.store.put_file(call.task.result_key, file)
                answer = Answer(values={"key": call.task.result_key})
        call.on_answer(answer)


def note_draft(store: FolderStore, job_id: str, seconds: int = 40) -> None:
    """What the Downloader leaves in the store for a draft of one clip under one effect that nobody knows."""
    time = {"start": 0, "duration": seconds * 1_000_000}
    clip = {"id": "m0", "type": "video", "path": "/app/clip.mp4", "material_name": "clip.mp4", "duration": 10**9}
    segment = {"id": "s0", "material_id": "m0", "target_timerange": time, "source_timerange": time}
    draft = {
        "canvas_config": {"width": 640, "height": 360},
        "fps": 30,
        "duration": time["duration"],
        "materials": {"videos": [clip]},
        "tracks": [{"id": "t0", "type": "video", "segments": [segment]}],
    }
    store.put_bytes(asset_key(SHA256), b"clip")
    store.put_bytes(job_key(job_id, "draft.json"), json.dumps(draft).encode())
    note = {"assets": {"/app/clip.mp4": SHA256}, "report": []}
    store.put_bytes(job_key(job_id, "assets.json"), json.dumps(note).encode())


@dataclass
class Bench:
    """A farm for one job."""

    table: Table
    store: FolderStore
    hands: Hands
    clock: Clock
    farm: Farm
    run: JobRun
    progress: list[float] = field(default_factory=list)

    def job(self) -> Job:
        job = self.table.real.get(self.run.job_id)
        assert job is not None
        return job

    def turn(self, seconds: float = 0.0) -> None:
        """Let the job do what is due after so many seconds."""
        self.clock.advance(seconds)
        self.table.real.renew(self.run.job_id, self.farm.owner, 1000)
        for _ in range(4):
            self.run.step()
        self.run.watch()
        self.run.step()
        self.progress.append(self.job().progress)

    def give(self, *workers: str) -> None:
        """Give waiting chunks to these workers."""
        for worker in workers:
            if self.run.queued:
                self.run.give_chunk(worker)

    def do(self, method: str, *report: dict[str, Any], index: int | None = None) -> None:
        self.hands.do(self.hands.take(method, index), *report)
        self.turn()

    def answer(self, method: str, answer: Answer | Exception, index: int | None = None) -> None:
        """Have a waiting call end so."""
        reply = fault(answer) if isinstance(answer, Exception) else answer
        self.hands.take(method, index).on_answer(reply)
        self.turn()

    def rendering(self) -> None:
        """Bring the job to where its chunks wait."""
        self.turn()
        self.do("gather")

    def restart(self, owner: str = "two", workers: int = 2) -> None:
        """The Supervisor died with its workers, and another one has claimed the job."""
        self.table.real.renew(self.run.job_id, self.farm.owner, 0)
        row = self.table.real.claim(owner, 1000)
        assert row is not None
        assert row.id == self.run.job_id
        self.hands = Hands(self.store, self.hands.scratch)
        self.farm = farm_of(self.table, self.store, self.hands, owner, workers)
        self.run = JobRun(row, self.farm)

    def outcomes(self) -> dict[int, list[str]]:
        """How the attempts at each chunk ended."""
        found: dict[int, list[str]] = {}
        for attempt in self.table.real.attempts(self.run.job_id):
            found.setdefault(attempt.chunk_index, []).append(attempt.outcome or "open")
        return found


def farm_of(table: Table, store: FolderStore, hands: Hands, owner: str = "one", workers: int = 2) -> Farm:
    return Farm(owner, table, store, AtOnce(), hands, hands, workers, 1, 3600.0)  # type: ignore[arg-type]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    for module in ("run", "deeds", "pool", "crew"):
        monkeypatch.setattr(f"actors.{module}.time", turned)
    return turned


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[JobTable]:
    opened = JobTable(f"sqlite:///{tmp_path}/jobs.sqlite")
    yield opened
    opened.close()


MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench(table: JobTable, store: FolderStore, clock: Clock, tmp_path: Path) -> MakeBench:
    """Makes a claimed job with these options."""

    def make(draft_id: str = "d1", **options: Any) -> Bench:
        request = JobRequest(RenderOptions(**options)).as_json()
        table.submit(f"http://x/?draft_id={draft_id}", draft_id, request, queue_limit=99)
        row = table.claim("one", 1000)
        assert row is not None
        away, hands = Table(table), Hands(store, tmp_path)
        farm = farm_of(away, store, hands)
        return Bench(away, store, hands, clock, farm, JobRun(row, farm))

    return make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()
