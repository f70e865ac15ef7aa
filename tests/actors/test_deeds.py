"""Deeds are repeated until they are done."""

from __future__ import annotations

import threading

import pytest

from actors.deeds import Deeds
from cutfarm.errors import RenderError, StorageError
from tests.actors.conftest import Clock


class Doing:
    """Fails so many times, then does it."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.left = failures
        self.error = error
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        if self.left:
            self.left -= 1
            raise self.error


def turn(deeds: Deeds) -> None:
    deeds.step(lambda: False)


def test_what_the_table_refuses_is_done_after_1_2_4_seconds(clock: Clock) -> None:
    doing = Doing(3, StorageError("away"))
    deeds = Deeds("job", on_fault=pytest.fail)
    deeds.add(doing)
    turn(deeds)
    for wait_s, times in ((1, 2), (2, 3), (4, 4), (100, 4)):
        clock.advance(wait_s - 0.1)
        turn(deeds)
        assert doing.times == (times if wait_s == 100 else times - 1)
        clock.advance(0.1)
        turn(deeds)
        assert doing.times == times


def test_another_fault_is_told_once_and_the_other_deeds_are_done(clock: Clock) -> None:
    faults: list[Exception] = []
    deeds, doing = Deeds("job", faults.append), Doing(0, ValueError())
    error = RenderError("no")
    deeds.add(Doing(1, error))
    deeds.add(doing)
    for _ in range(3):
        clock.advance(10)
        turn(deeds)
    assert faults == [error]
    assert doing.times == 1


def test_the_last_deed_is_repeated_whatever_stops_it(clock: Clock) -> None:
    last = Doing(2, ValueError("odd"))
    deeds = Deeds("job", on_fault=pytest.fail)
    deeds.last(last)
    deeds.last(lambda: pytest.fail("there is one last deed"))
    for _ in range(9):
        clock.advance(3)
        deeds.step(lambda: last.times == 3)
    assert (last.times, last.left) == (3, 0)


def test_nothing_is_done_before_its_time_or_after_the_end(clock: Clock) -> None:
    late, never = Doing(0, ValueError()), Doing(0, ValueError())
    deeds = Deeds("job", on_fault=pytest.fail)
    deeds.add(late, after_s=5)
    turn(deeds)
    assert late.times == 0
    clock.advance(5)
    turn(deeds)
    assert late.times == 1
    deeds.add(never)
    deeds.step(lambda: True)
    assert never.times == 0


def test_deeds_come_from_many_threads(clock: Clock) -> None:
    done: list[int] = []
    deeds = Deeds("job", on_fault=pytest.fail)
    threads = [
        threading.Thread(target=lambda: [deeds.add(lambda: done.append(1)) for _ in range(200)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        turn(deeds)
    turn(deeds)
    assert len(done) == 1600
    assert clock.now == 1000.0
