"""The pool over renderers that are plain names and calls that wait for the test."""

from __future__ import annotations

from typing import Any

import pytest

from actors.admission import PoolLimits
from actors.calls import Handler
from actors.messages import Answer, ChunkTask
from actors.pool import GRACE_S, MOST_FALSE_STARTS, STALL_S, RendererPool
from tests.actors.conftest import DEATH, Clock


class Wire:
    """Stands for both the calls and the making of actors."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, str, Handler]] = []
        self.arguments: list[tuple[Any, ...]] = []
        self.ended: list[str] = []
        self.made = 0

    def send(self, actor: str, method: str, *arguments: Any, on_answer: Handler, label: str = "") -> None:
        self.waiting.append((actor, method, on_answer))
        self.arguments.append((method, *arguments, label))

    def renderer(self) -> tuple[str, Any]:
        self.made += 1
        return f"r{self.made}", f"r{self.made}"

    def end(self, actor: str) -> None:
        self.ended.append(actor)

    def answer(self, actor: str, method: str, answer: Answer) -> None:
        call = next(call for call in self.waiting if call[:2] == (actor, method))
        self.waiting.remove(call)
        call[2](answer)

    def calls(self, method: str) -> list[str]:
        return [actor for actor, name, _ in self.waiting if name == method]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def pool(wire: Wire, clock: Clock) -> RendererPool:  # noqa: ARG001 - turns the pool's time
    return RendererPool(wire, wire, PoolLimits(0, 3, 120))  # type: ignore[arg-type]


def task(run: str = "run", index: int = 0) -> ChunkTask:
    return ChunkTask("job", run, index, None, "segments/x.mp4")  # type: ignore[arg-type]


def up(pool: RendererPool, wire: Wire, count: int) -> None:
    pool.resize(count)
    for name in wire.calls("hello"):
        wire.answer(name, "hello", Answer(values={"pid": 100 + int(name[1:])}))


def test_only_a_renderer_that_has_come_up_is_given_a_chunk(pool: RendererPool, wire: Wire) -> None:
    pool.resize(2)
    assert (pool.free, dict(pool.pids)) == ((), {"r1": 0, "r2": 0})
    wire.answer("r2", "hello", Answer(values={"pid": 7}))
    assert pool.free == ("r2",)
    pool.give("r2", task(), pytest.fail)
    assert pool.free == ()
    assert wire.calls("render") == ["r2"]
    assert ("render", task(), "render job chunk 0") in wire.arguments


def test_a_renderer_that_died_is_replaced_and_its_caller_told(pool: RendererPool, wire: Wire) -> None:
    answers: list[Answer] = []
    up(pool, wire, 1)
    pool.give("r1", task(), answers.append)
    wire.answer("r1", "render", DEATH)
    assert answers == [DEATH]
    assert (pool.pids, wire.ended) == ({}, ["r1"])
    up(pool, wire, 1)
    assert pool.free == ("r2",)


def test_an_idle_renderer_that_died_is_noticed_before_a_chunk_meets_it(pool: RendererPool, wire: Wire) -> None:
    up(pool, wire, 2)
    pool.watch()
    wire.answer("r1", "progress", DEATH)
    assert pool.free == ("r2",)


def test_a_renderer_that_hangs_is_ended(pool: RendererPool, wire: Wire, clock: Clock) -> None:
    up(pool, wire, 2)
    pool.give("r1", task(index=1), lambda _: None)
    pool.give("r2", task(index=2), lambda _: None)
    for frames in range(1, 5):
        clock.advance(STALL_S / 2)
        pool.watch()
        wire.answer("r2", "progress", Answer(values={"frames": frames}))
        if "r1" in wire.calls("progress") and frames == 1:
            wire.answer("r1", "progress", Answer(values={"frames": 0}))
    assert wire.ended == ["r1"]
    assert pool.frames_done("run") == 4


def test_a_renderer_whose_progress_does_not_come_is_asked_once(pool: RendererPool, wire: Wire, clock: Clock) -> None:
    up(pool, wire, 1)
    pool.give("r1", task(), lambda _: None)
    for _ in range(5):
        clock.advance(1)
        pool.watch()
    assert wire.calls("progress") == ["r1"]


def test_a_stopped_renderer_is_told_and_ended_when_it_does_not_heed(
    pool: RendererPool, wire: Wire, clock: Clock
) -> None:
    up(pool, wire, 3)
    for number, run in enumerate(("run", "run", "other"), start=1):
        pool.give(f"r{number}", task(run), lambda _: None)
    pool.stop("run")
    pool.stop("run")
    assert wire.calls("stop") == ["r1", "r2"]
    wire.answer("r1", "render", Answer("Cancelled", "stopped"))
    clock.advance(GRACE_S + 1)
    pool.watch()
    assert wire.ended == ["r2"]
    assert pool.free == ("r1",)


def test_frames_of_a_chunk_that_ended_count_no_more(pool: RendererPool, wire: Wire) -> None:
    up(pool, wire, 1)
    pool.give("r1", task(), lambda _: None)
    pool.watch()
    wire.answer("r1", "progress", Answer(values={"frames": 9}))
    assert (pool.frames_done("run"), pool.frames_done("other")) == (9, 0)
    pool.watch()
    wire.answer("r1", "render", Answer())
    pool.give("r1", task(index=1), lambda _: None)
    wire.answer("r1", "progress", Answer(values={"frames": 30}))  # asked while the first chunk was in work
    assert pool.frames_done("run") == 0


def test_renderers_that_do_not_come_up_are_tried_ever_later_and_give_the_reason(
    pool: RendererPool, wire: Wire, clock: Clock
) -> None:
    for number in range(MOST_FALSE_STARTS):
        assert pool.trouble == ""
        pool.resize(1)
        assert wire.made == number + 1
        wire.answer(f"r{wire.made}", "hello", Answer("WorkerDied", "no module named torch", is_retryable=True))
        pool.resize(1)
        assert wire.made == number + 1  # not at once
        clock.advance(8)
    assert "no module named torch" in pool.trouble
    up(pool, wire, 1)
    assert pool.trouble == ""


def test_idle_renderers_go_after_a_while_and_their_hellos_are_forgotten(
    pool: RendererPool, wire: Wire, clock: Clock
) -> None:
    up(pool, wire, 2)
    clock.advance(121)
    pool.resize(0)
    pool.resize(0)
    assert sorted(wire.ended) == ["r1", "r2"]
    pool.resize(1)
    clock.advance(121)
    pool.resize(0)  # it never found room
    assert wire.ended[-1] == "r3"
    wire.answer("r3", "hello", DEATH)
    pool.resize(1)
    assert wire.made == 4


def test_closing_ends_all(pool: RendererPool, wire: Wire) -> None:
    up(pool, wire, 3)
    pool.close()
    assert sorted(wire.ended) == ["r1", "r2", "r3"]
