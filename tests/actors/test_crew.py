"""Downloader and Stitcher: made, shared, rested, replaced."""

from __future__ import annotations

from typing import Any

import pytest

from actors.calls import Handler
from actors.crew import GRACE_S, IDLE_S, Crew
from actors.messages import Answer, GatherTask, StitchTask
from tests.actors.conftest import DEATH, Clock


class Wire:
    """Stands for both the calls and the making of actors."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, str, Handler]] = []
        self.cancelled: list[Any] = []
        self.ended: list[str] = []
        self.made = 0

    def send(self, actor: str, method: str, *_: Any, on_answer: Handler, **__: str) -> str:
        if method == "hello":
            on_answer(Answer(values={"pid": self.made}))
        else:
            self.waiting.append((actor, method, on_answer))
        return f"call {len(self.waiting)}"

    def cancel(self, reference: Any) -> None:
        self.cancelled.append(reference)

    def helper(self, role: str) -> tuple[str, str]:
        self.made += 1
        return f"{role}-{self.made}", f"{role}-{self.made}"

    def end(self, actor: str) -> None:
        self.ended.append(actor)

    def answer(self, method: str, answer: Answer) -> str:
        call = next(call for call in self.waiting if call[1] == method)
        self.waiting.remove(call)
        call[2](answer)
        return call[0]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def crew(wire: Wire, clock: Clock) -> Crew:  # noqa: ARG001 - turns the crew's time
    return Crew(wire, wire)  # type: ignore[arg-type]


def gather(run: str = "run") -> GatherTask:
    return GatherTask("job", run, "http://x", "d")


def stitch(run: str = "run") -> StitchTask:
    return StitchTask("job", run, (), "s", "o", None, "h264")  # type: ignore[arg-type]


def test_one_helper_serves_all_jobs_and_rests_after_a_while(crew: Crew, wire: Wire, clock: Clock) -> None:
    answers: list[Answer] = []
    crew.gather(gather("a"), answers.append)
    crew.gather(gather("b"), answers.append)
    assert dict(crew.pids) == {"Downloader-1": 1}
    clock.advance(IDLE_S + 1)
    crew.rest()
    wire.answer("gather", Answer())
    wire.answer("gather", Answer())
    crew.rest()
    assert (len(answers), wire.ended) == (2, [])
    clock.advance(IDLE_S + 1)
    crew.rest()
    crew.rest()
    assert wire.ended == ["Downloader-1"]
    assert dict(crew.pids) == {}


def test_a_helper_that_died_is_made_anew_and_resting_goes_on(crew: Crew, wire: Wire, clock: Clock) -> None:
    answers: list[Answer] = []
    crew.stitch(stitch(), answers.append)
    wire.answer("stitch", DEATH)
    assert (answers, dict(crew.pids)) == ([DEATH], {})
    clock.advance(IDLE_S + 1)
    crew.rest()
    crew.stitch(stitch(), answers.append)
    assert dict(crew.pids) == {"Stitcher-2": 2}


def test_work_alone_has_a_helper_of_its_own_that_goes_with_it(crew: Crew, wire: Wire) -> None:
    crew.gather(gather("a"), lambda _: None)
    crew.gather(gather("b"), lambda _: None, alone=True)
    assert set(crew.pids) == {"Downloader-1", "Downloader-2"}
    assert [call[0] for call in wire.waiting] == ["Downloader-1", "Downloader-2"]
    assert wire.answer("gather", Answer()) == "Downloader-1"
    assert wire.ended == []
    assert wire.answer("gather", Answer()) == "Downloader-2"
    assert wire.ended == ["Downloader-2"]


def test_a_stopped_gathering_is_interrupted_and_a_stitching_asked_to_stop(crew: Crew, wire: Wire, clock: Clock) -> None:
    crew.gather(gather("a"), lambda _: None)
    crew.stitch(stitch("a"), lambda _: None)
    crew.stitch(stitch("b"), lambda _: None)
    crew.stop("a")
    crew.stop("a")
    assert wire.cancelled == ["call 1"]
    assert [call[1] for call in wire.waiting] == ["gather", "stitch", "stitch", "stop"]
    clock.advance(GRACE_S + 1)
    crew.rest()
    assert sorted(wire.ended) == ["Downloader-1", "Stitcher-2"]  # neither gave up


def test_a_helper_that_cannot_be_made_is_an_answer() -> None:
    class Broken(Wire):
        def helper(self, role: str) -> tuple[str, str]:
            raise RuntimeError(f"no {role}: the cluster is gone")

    wire, answers = Broken(), []
    Crew(wire, wire).gather(gather(), answers.append)  # type: ignore[arg-type]
    assert [(answer.error_kind, answer.is_retryable) for answer in answers] == [("ClusterError", True)]
    assert "the cluster is gone" in answers[0].error_detail


def test_closing_ends_all(crew: Crew, wire: Wire) -> None:
    crew.gather(gather(), lambda _: None)
    crew.gather(gather(), lambda _: None, alone=True)
    crew.close()
    assert sorted(wire.ended) == ["Downloader-1", "Downloader-2"]
