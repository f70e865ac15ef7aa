"""The job table on a real SQLite file: submissions, leases, ends, several processes."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from cluster.jobs import ChunkPlan, JobStatus, JobTable, Outcome, oldest_claimable, utc_now
from cluster.schema import jobs
from cutfarm.errors import ServiceBusy, error_of_kind
from tests.cluster.conftest import START, Clock, started, stored, submit

URL = "http://drafts.example/get_draft?draft_id=d1"
OTHER_URL = "http://mirror.example/get_draft?draft_id=d1"


# Submission


def test_a_new_job_is_pending_and_holds_what_was_submitted(table: JobTable) -> None:
    request = {"output": {"height": 720}, "webhook_url": "https://me.example/héllo 中文"}
    submission = table.submit(URL, "d1", request, queue_limit=1)
    job = submission.job
    assert submission.created
    assert stored(table, job) == job
    assert (job.status, job.progress, job.draft_url, job.draft_id, job.request) == (
        JobStatus.PENDING,
        0.0,
        URL,
        "d1",
        request,
    )
    assert (job.created_at, job.started_at, job.completed_at) == (START + timedelta(microseconds=1), None, None)
    assert (job.result_key, job.error_kind, job.lease_owner, job.cancel_requested) == ("", "", "", False)


def test_an_active_draft_is_not_submitted_twice(table: JobTable) -> None:
    first = table.submit(URL, "d1", {}, queue_limit=1)
    assert table.submit(URL, "d1", {}, queue_limit=1).job.id == first.job.id  # although the queue is full
    table.claim("one", 30)
    again = table.submit(URL, "d1", {"strict": True}, queue_limit=1)
    assert (again.created, again.job.id, again.job.request) == (False, first.job.id, {})
    assert table.active_count() == 1


def test_an_ended_draft_is_submitted_anew_and_the_older_job_stays(table: JobTable) -> None:
    old = started(table)
    assert table.complete(old.id, "outputs/old.mp4", [])
    new = table.submit(URL, "d1", {}, queue_limit=1)
    assert new.created
    assert new.job.id != old.id
    assert stored(table, old).result_key == "outputs/old.mp4"
    newest = table.newest(URL)
    assert newest is not None
    assert newest.id == new.job.id


def test_the_database_itself_refuses_a_second_active_job_of_a_draft(table: JobTable, url: str) -> None:
    job = submit(table)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        columns = ", ".join(f'"{column.name}"' for column in jobs.columns if column.name != "id")
        with pytest.raises(sqlite3.IntegrityError, match="draft_url_sha256"):
            connection.execute(f"INSERT INTO jobs (id, {columns}) SELECT 'twin', {columns} FROM jobs")
    connection.close()
    assert table.active_count() == 1
    assert stored(table, job).status == JobStatus.PENDING


def test_a_full_queue_refuses_and_empties_again(table: JobTable) -> None:
    for number in range(3):
        table.submit(f"http://x/?draft_id={number}", str(number), {}, queue_limit=3)
    with pytest.raises(ServiceBusy, match="3 jobs"):
        table.submit("http://x/?draft_id=3", "3", {}, queue_limit=3)
    job = table.claim("one", 30)
    assert job is not None
    with pytest.raises(ServiceBusy):
        table.submit("http://x/?draft_id=3", "3", {}, queue_limit=3)
    table.fail(job.id, "RenderError", "no")
    assert table.submit("http://x/?draft_id=3", "3", {}, queue_limit=3).created


def test_service_busy_may_be_tried_again() -> None:
    error = error_of_kind("ServiceBusy", "full")
    assert isinstance(error, ServiceBusy)
    assert error.retryable


def test_newest_looks_for_the_url_first_and_for_the_draft_id_then(table: JobTable) -> None:
    mine = table.submit(URL, "d1", {}, queue_limit=9).job
    other = table.submit(OTHER_URL, "d1", {}, queue_limit=9).job
    assert table.newest(URL, "d1") == mine
    assert table.newest("https://third.example/?draft_id=d1", "d1") == other
    assert table.newest("https://third.example/?draft_id=d2", "d2") is None
    assert table.newest("https://third.example/?draft_id=d1") is None


def test_a_url_longer_than_an_index_entry_is_kept_whole(table: JobTable) -> None:
    url = URL + "&signature=" + "x" * 20_000
    job = table.submit(url, "d1", {}, queue_limit=9).job
    assert table.newest(url) == job
    assert not table.submit(url, "d1", {}, queue_limit=9).created


def test_many_threads_that_submit_one_draft_get_one_job(table: JobTable) -> None:
    with ThreadPoolExecutor(8) as pool:
        submissions = list(pool.map(lambda _: table.submit(URL, "d1", {}, queue_limit=9), range(32)))
    assert len({submission.job.id for submission in submissions}) == 1
    assert sum(submission.created for submission in submissions) == 1


# Claims and leases


def test_claims_go_oldest_first_and_end_with_none(table: JobTable) -> None:
    submitted = [submit(table, number).id for number in range(4)]
    claimed = [job.id for job in iter(lambda: table.claim("one", 30), None)]
    assert claimed == submitted
    assert table.claim("two", 30) is None


def test_a_claim_starts_the_job_and_sets_the_lease(table: JobTable, clock: Clock) -> None:
    job = started(table)
    assert job.status == JobStatus.PROCESSING
    assert job.lease_owner == "one"
    assert job.started_at == clock.time
    assert job.lease_until == clock.time + timedelta(seconds=30)


def test_a_job_does_not_start_before_it_was_made(table: JobTable, clock: Clock) -> None:
    """Whoever claims reads the clock before the row is there to be seen."""
    made = submit(table, 1)
    clock.advance(-0.003)
    job = table.claim("one", 30)
    assert job is not None
    assert job.started_at == made.created_at


def test_an_expired_lease_is_claimed_by_another_owner_and_keeps_the_start(table: JobTable, clock: Clock) -> None:
    first = started(table)
    clock.advance(29)
    assert table.claim("two", 30) is None
    clock.advance(2)
    second = table.claim("two", 30)
    assert second is not None
    assert (second.id, second.lease_owner, second.started_at) == (first.id, "two", first.started_at)
    assert not table.renew(first.id, "one", 30)
    assert table.renew(first.id, "two", 30)


def test_a_renewed_lease_is_not_claimed(table: JobTable, clock: Clock) -> None:
    job = started(table)
    for _ in range(5):
        clock.advance(20)
        assert table.renew(job.id, "one", 30)
        assert table.claim("two", 30) is None


def test_an_abandoned_job_comes_before_younger_pending_ones(table: JobTable, clock: Clock) -> None:
    old = started(table)
    submit(table, 2)
    clock.advance(31)
    claimed = table.claim("two", 30)
    assert claimed is not None
    assert claimed.id == old.id


CLAIMER = """
import sys
from cluster.jobs import JobTable
table = JobTable(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
while (job := table.claim(sys.argv[2], 600)) is not None:
    print(job.id)
    table.progress(job.id, "render", 50)
    assert table.complete(job.id, f"outputs/{job.id}", [], owner=sys.argv[2])
"""


def test_four_processes_claim_200_jobs_exactly_once_each(table: JobTable, url: str) -> None:
    submitted = [submit(table, number).id for number in range(200)]
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, url, f"owner-{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for claimer in claimers:
        assert claimer.stdout is not None
        assert claimer.stdout.readline() == "ready\n"
    for claimer in claimers:
        assert claimer.stdin is not None
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    claimed = [claimer.communicate(timeout=60)[0].split() for claimer in claimers]
    assert [claimer.returncode for claimer in claimers] == [0, 0, 0, 0]
    assert Counter(job_id for ids in claimed for job_id in ids) == Counter(submitted)
    assert sum(bool(ids) for ids in claimed) > 1, "one process did all the work, so nothing was raced"
    assert table.active_count() == 0
    completed = {job.id for job in table.expired(utc_now()) if job.status == JobStatus.COMPLETED}
    assert completed == set(submitted)


OPENER = """
import sys
from cluster.jobs import JobTable
sys.stdin.readline()
JobTable(sys.argv[1]).submit("http://x/?draft_id=" + sys.argv[2], sys.argv[2], {}, queue_limit=99)
"""


def test_processes_that_open_a_new_database_at_once_all_succeed(url: str) -> None:
    openers = [
        subprocess.Popen([sys.executable, "-c", OPENER, url, str(number)], stdin=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    for opener in openers:
        opener.communicate(timeout=60)
    assert [opener.returncode for opener in openers] == [0] * 4
    table = JobTable(url)
    assert table.active_count() == 4
    table.close()


def test_one_claim_serves_both_dialects() -> None:
    statement = oldest_claimable(START, "one", START)
    on_postgres = str(statement.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    on_sqlite = str(statement.compile(dialect=sqlite.dialect()))
    assert "FOR UPDATE SKIP LOCKED" in on_postgres
    assert "FOR UPDATE" not in on_sqlite
    for text in (on_postgres, on_sqlite):
        assert re.match(r"UPDATE jobs SET .* RETURNING ", text, re.DOTALL)


# Progress and ends


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.floats(-50, 150), min_size=1, max_size=12))
def test_progress_never_falls_and_stays_below_100(tmp_path_factory: pytest.TempPathFactory, steps: list[float]) -> None:
    table = JobTable(f"sqlite:///{tmp_path_factory.mktemp('jobs')}/jobs.sqlite3")
    job = started(table)
    seen = [0.0]
    for step in steps:
        assert table.progress(job.id, "render", step)
        seen.append(stored(table, job).progress)
        assert seen[-1] == min(max(seen[-2], step), 99.0)
    table.complete(job.id, "outputs/x", [])
    assert stored(table, job).progress == 100.0
    table.close()


def test_progress_says_the_stage_even_when_the_percentage_is_lower(table: JobTable) -> None:
    job = started(table)
    entries = [{"fidelity": "close", "what": "mask", "message": "…"}]
    table.progress(job.id, "render", 40)
    table.progress(job.id, "stitch", 10, report=entries)
    now = stored(table, job)
    assert (now.stage, now.progress, now.report) == ("stitch", 40.0, entries)


def test_completion_holds_the_result_and_the_report(table: JobTable, clock: Clock) -> None:
    job = started(table)
    entries = [{"fidelity": "unsupported", "what": "sticker", "message": "贴纸"}]
    assert table.complete(job.id, "outputs/a.mp4", entries)
    done = stored(table, job)
    assert (done.status, done.result_key, done.report, done.completed_at) == (
        JobStatus.COMPLETED,
        "outputs/a.mp4",
        entries,
        clock.time,
    )
    assert (done.lease_owner, done.lease_until) == ("", None)
    assert table.active_count() == 0


def test_an_ended_job_does_not_change_again(table: JobTable) -> None:
    job = started(table)
    assert table.fail(job.id, "EncodeError", "segment s1: no encoder")
    failed = stored(table, job)
    assert (failed.status, failed.error_kind, failed.error_detail) == (
        JobStatus.FAILED,
        "EncodeError",
        "segment s1: no encoder",
    )
    assert not table.complete(job.id, "outputs/a.mp4", [])
    assert not table.progress(job.id, "render", 90)
    assert not table.renew(job.id, "one", 30)
    table.request_cancel(job.id)
    assert stored(table, job) == failed


def test_an_owner_who_lost_the_job_cannot_write_it(table: JobTable, clock: Clock) -> None:
    job = started(table)
    clock.advance(31)
    assert table.claim("two", 30) is not None
    assert not table.progress(job.id, "render", 50, owner="one")
    assert not table.fail(job.id, "ClusterError", "gone", owner="one")
    assert not table.complete(job.id, "outputs/a.mp4", [], owner="one")
    assert table.complete(job.id, "outputs/b.mp4", [], owner="two")
    assert stored(table, job).result_key == "outputs/b.mp4"


def test_texts_that_no_database_takes_are_kept_as_far_as_possible(table: JobTable) -> None:
    job = started(table)
    bad = "片段\ud800\0.mp4"
    table.plan_chunks(job.id, [ChunkPlan(0, 0, 30, "a")])
    table.finish_attempt(job.id, 0, table.start_attempt(job.id, 0, "w"), Outcome.FAILED, "AssetUnreadable", bad)
    assert table.chunks(job.id)[0].error_detail == "片段?.mp4"
    assert table.fail(job.id, "AssetUnreadable", bad, report=[{"message": bad}])
    failed = stored(table, job)
    assert failed.error_detail == "片段?.mp4"
    failed.report[0]["message"].encode()


def test_a_pending_job_is_cancelled_at_once(table: JobTable, clock: Clock) -> None:
    job = submit(table)
    cancelled = table.request_cancel(job.id)
    assert cancelled == stored(table, job)
    assert (cancelled.status, cancelled.error_kind, cancelled.completed_at) == (
        JobStatus.CANCELLED,
        "Cancelled",
        clock.time,
    )
    assert table.claim("one", 30) is None
    assert table.submit(URL, "d1", {}, queue_limit=1).created


def test_a_running_job_is_asked_to_stop_and_ends_as_cancelled(table: JobTable) -> None:
    job = started(table)
    asked = table.request_cancel(job.id)
    assert asked is not None
    assert (asked.status, asked.cancel_requested, asked.completed_at) == (JobStatus.PROCESSING, True, None)
    assert table.fail(job.id, "Cancelled", "stopped on request")
    assert stored(table, job).status == JobStatus.CANCELLED


def test_cancelling_an_unknown_job_finds_none(table: JobTable) -> None:
    assert table.request_cancel("nobody") is None
    assert table.get("nobody") is None


# Retention


def test_expired_lists_ended_jobs_and_delete_forgets_them(table: JobTable, clock: Clock) -> None:
    old = started(table)
    table.plan_chunks(old.id, [ChunkPlan(0, 0, 30, "a")])
    table.start_attempt(old.id, 0, "w")
    table.complete(old.id, "outputs/a.mp4", [])
    clock.advance(3600)
    limit = clock.time
    young = started(table)
    table.fail(young.id, "RenderError", "no")
    pending = submit(table, 9)
    assert [job.id for job in table.expired(limit)] == [old.id]
    assert table.delete(old.id)
    assert (table.get(old.id), table.chunks(old.id), table.attempts(old.id)) == (None, (), ())
    assert not table.delete(pending.id)
    assert not table.delete(old.id)
