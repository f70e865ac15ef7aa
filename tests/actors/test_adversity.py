"""Whatever goes wrong in whatever order, a job ends, says so once, and its video has every chunk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from actors.messages import Answer, fault
from actors.run import JobRun
from cluster.jobs import JobStatus, JobTable
from cluster.request import JobRequest
from cutfarm.errors import AssetUnreadable, Cancelled, CutfarmError, EncodeError, StorageError
from cutfarm.storage.folder import FolderStore
from tests.actors.conftest import DEATH, Bench, Call, Clock, Hands, Table, farm_of

ANSWERS: dict[str, Answer] = {
    "dies": DEATH,
    "fails": fault(EncodeError("no")),
    "finds the store away": fault(StorageError("away")),
    "breaks": fault(ZeroDivisionError()),
    "was stopped": fault(Cancelled("stopped")),
    "refuses": fault(AssetUnreadable("Material “clip.mp4” is no video")),
}
EVENTS = st.one_of(
    st.tuples(st.just("answer"), st.integers(0, 5), st.sampled_from(["does it", "does it", "does it", *ANSWERS])),
    st.tuples(st.just("give"), st.integers(1, 3), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 3, 9]), st.just("")),
    st.tuples(st.just("table"), st.booleans(), st.just("")),
    st.tuples(st.just("restart"), st.integers(1, 8), st.just("")),
    st.tuples(st.just("late answer"), st.integers(0, 5), st.just("")),
)


class Farmyard:
    """A bench whose Supervisors come and go, the dead ones' calls among the living."""

    def __init__(self, folder: Path, table: JobTable, clock: Clock) -> None:
        store, away = FolderStore(folder / "store"), Table(table)
        table.submit("http://x/?draft_id=d", "d", JobRequest().as_json(), queue_limit=9)
        row = table.claim("owner 0", 1000)
        assert row is not None
        hands = Hands(store, folder)
        farm = farm_of(away, store, hands, "owner 0")
        self.bench = Bench(away, store, hands, clock, farm, JobRun(row, farm))
        self.orphans: list[Call] = []
        self.restarts = 0

    def happen(self, kind: str, number: int, word: str) -> None:
        bench = self.bench
        match kind:
            case "answer" if bench.hands.waiting:
                self._answer(bench.hands.waiting.pop(number % len(bench.hands.waiting)), word)
            case "give":
                bench.give(*(f"worker {self.restarts}.{place}" for place in range(number)))
            case "wait":
                bench.turn(number)
            case "table":
                bench.table.is_away = bool(number)
            case "late answer" if self.orphans:
                self._answer(self.orphans.pop(number % len(self.orphans)), "does it")
            case "restart" if not bench.run.is_over and bench.job().is_active:
                self.orphans += bench.hands.waiting
                self.restarts += 1
                bench.restart(f"owner {self.restarts}", workers=number)
        bench.turn()

    def _answer(self, call: Call, word: str) -> None:
        if word == "does it":
            self.bench.hands.do(call)
        else:
            call.on_answer(ANSWERS[word])

    def end_well(self) -> None:
        """From here on everything works."""
        for _ in range(200):
            if self.bench.run.is_over:
                return
            self.happen("table", 0, "")
            self.happen("give", 3, "")
            while self.bench.hands.waiting:
                self.happen("answer", 0, "does it")
            self.happen("wait", 3, "")


@given(events=st.lists(EVENTS, max_size=40))
@example(events=[("wait", 0, ""), ("table", True, ""), ("answer", 0, "does it"), ("restart", 3, "")])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_job_always_ends_and_a_completed_one_is_whole(events: list[tuple[str, int, str]]) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        for module in ("run", "deeds"):
            patch.setattr(f"actors.{module}.time", clock)
        table = JobTable(f"sqlite:///{name}/jobs.sqlite")
        yard = Farmyard(Path(name), table, clock)
        for event in events:
            yard.happen(*event)
        yard.end_well()
        bench, job = yard.bench, yard.bench.job()
        assert bench.run.is_over
        assert bench.progress == sorted(bench.progress)
        if job.status == JobStatus.COMPLETED:
            assert job.progress == 100
            assert bench.store.exists(job.result_key)
            assert all(chunk.state == "done" for chunk in table.chunks(job.id))
            assert all(outcomes.count("done") == 1 for outcomes in bench.outcomes().values())
        else:
            assert job.status == JobStatus.FAILED
            assert job.error_kind in {kind.__name__ for kind in _kinds(CutfarmError)} - {"Cancelled", "JobTimeout"}
            assert job.error_detail
        table.close()


def _kinds(base: type[CutfarmError]) -> list[type[CutfarmError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in _kinds(child))]
