"""What travels between actors: faults as values, everything picklable."""

from __future__ import annotations

import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from actors.book import ChunkBook
from actors.messages import WORKER_DIED, Answer, StitchTask, WorkerSettings, answering, fault
from actors.supervisor import SupervisorSettings
from actors.worker import Worker
from cutfarm.errors import AssetMissing, CutfarmError, StorageError
from cutfarm.render.spec import ChunkSpec
from cutfarm.storage.fetch import FetchLimits, FetchPolicy
from cutfarm.storage.store import FolderSettings, S3Settings


def settings(tmp_path: Path) -> WorkerSettings:
    return WorkerSettings(FolderSettings(tmp_path / "store"), tmp_path / "scratch", FetchPolicy(), FetchLimits(), 1)


@pytest.mark.parametrize(
    ("error", "kind", "is_retryable"),
    [
        (AssetMissing("clip.mp4 is gone"), "AssetMissing", False),
        (StorageError("away"), "StorageError", True),
        (ZeroDivisionError("division by zero"), "RenderError", True),
    ],
)
def test_exceptions_become_answers(error: Exception, kind: str, is_retryable: bool) -> None:
    @answering
    def method() -> Answer:
        raise error

    answer = method()
    assert (answer.error_kind, answer.is_retryable, answer.is_ok) == (kind, is_retryable, False)
    assert str(error) in answer.error_detail
    assert fault(error).error_detail == answer.error_detail


def test_an_answer_is_timed_and_a_death_is_known() -> None:
    assert answering(lambda: Answer(values={"key": "a"}))().seconds > 0
    assert Answer(WORKER_DIED).is_death
    assert not Answer().is_death
    assert not fault(StorageError("x")).is_death


def test_what_is_sent_is_what_arrives(tmp_path: Path) -> None:
    task = StitchTask("job", "run", (("segments/a.mp4", 30),), "sounds/a", "outputs/a", Fraction(30000, 1001), "h264")
    worker = settings(tmp_path)
    s3 = S3Settings("127.0.0.1:9", "key", "secret", "bucket")
    for value in (task, worker, s3, Answer(report=({"a": 1},))):
        assert pickle.loads(pickle.dumps(value)) == value


def test_a_supervisor_knows_settings_that_differ_in_a_secret_alone() -> None:
    def of(secret: str) -> S3Settings:
        return S3Settings("127.0.0.1:9", "key", secret, "bucket")

    assert of("a") != of("b")
    assert SupervisorSettings.__eq__ is not object.__eq__


def test_a_worker_opens_its_store_when_it_is_needed_and_again_after_a_fault(tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"")  # a file where the folder shall be
    worker = Worker(settings(tmp_path))
    with pytest.raises(CutfarmError):
        worker.store.exists("a")
    (tmp_path / "store").unlink()
    assert not worker.store.exists("a")
    assert worker.store is worker.store


def test_a_worker_knows_which_runs_were_stopped_and_does_not_remember_for_ever(tmp_path: Path) -> None:
    worker = Worker(settings(tmp_path))
    for number in range(1000):
        worker.give_up(f"run {number}")
        assert worker.is_stopped(f"run {number}")
    assert not worker.is_stopped("run 0")
    assert not worker.is_stopped("run 1000")


def test_chunks_wait_are_given_come_back_and_are_done_in_their_order() -> None:
    specs = {
        index: (ChunkSpec(None, {}, None, index * 10, index * 10 + 10), f"k{index}")  # type: ignore[arg-type]
        for index in range(3)
    }
    book = ChunkBook(specs, done={1})
    assert (book.due(0), book.next(0), book.in_work, book.frames_done, book.is_done) == (2, 0, 0, 10, False)
    book.begin(0)
    assert (book.due(0), book.next(0), book.in_work) == (1, 2, 1)
    book.put_back(0, due=5)
    assert (book.due(4), book.due(5), book.next(5)) == (1, 2, 2)
    for index in (2, 0):
        book.begin(index)
        book.finish(index)
    assert (book.is_done, book.frames_done) == (True, 30)
    assert book.parts == (("k0", 10), ("k1", 10), ("k2", 10))
