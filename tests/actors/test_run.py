"""One job on its way, whatever happens to it."""

from __future__ import annotations

from typing import Any

import pytest

from actors.messages import Answer
from cluster.jobs import JobStatus
from cutfarm.errors import (
    AssetMissing,
    AssetUnreadable,
    Cancelled,
    DraftNotFound,
    EncodeError,
    FetchError,
    RenderError,
    StorageError,
)
from cutfarm.storage.keys import asset_key
from cutfarm.timeline.report import Fidelity
from tests.actors.conftest import DEATH, NOTE, SHA256, Bench, MakeBench, note_draft


def all_chunks(bench: Bench, **answers: Any) -> None:
    """Render every chunk that waits, and mix."""
    while bench.run.queued:
        bench.give("w1")
        bench.do("render", **answers)
    bench.do("mix")


# The way of a job


def test_a_job_without_sound_is_stitched_as_soon_as_its_chunks_are_done(make_bench: MakeBench) -> None:
    bench = make_bench(no_audio=True)
    bench.rendering()
    assert not [call for call in bench.hands.waiting if call.method == "mix"]
    while bench.run.queued:
        bench.give("w1")
        bench.do("render")
    assert bench.hands.waiting[0].task.sound_key == ""
    bench.do("stitch")
    assert bench.job().status == JobStatus.COMPLETED


def test_a_job_without_sound_whose_chunks_are_all_there_goes_on_after_a_restart(make_bench: MakeBench) -> None:
    bench = make_bench(no_audio=True)
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
        bench.do("render")
    bench.restart()
    bench.turn()
    bench.do("stitch")
    assert bench.job().status == JobStatus.COMPLETED


@pytest.mark.parametrize(
    ("wish", "suffix"), [({}, ".m4a"), ({"audio_codec": "mp3"}, ".mp3"), ({"audio_codec": "pcm"}, ".wav")]
)
def test_a_job_of_sound_alone_has_no_chunks(make_bench: MakeBench, wish: dict[str, Any], suffix: str) -> None:
    bench = make_bench(audio_only=True, **wish)
    bench.rendering()
    assert bench.run.queued == 0
    assert bench.hands.waiting[0].task.spec.format.suffix == suffix
    bench.do("mix", NOTE)
    stitch = bench.hands.waiting[0].task
    assert (stitch.chunks, stitch.sound_key) == ((), "sounds/x.m4a")
    assert stitch.result_key.endswith(suffix)
    bench.do("stitch")
    job = bench.job()
    assert (job.status, job.result_key) == (JobStatus.COMPLETED, stitch.result_key)
    assert NOTE in job.report


def test_a_job_goes_from_its_draft_to_its_video(bench: Bench) -> None:
    bench.turn()
    assert [(call.method, call.task.draft_id) for call in bench.hands.waiting] == [("gather", "d1")]
    assert (bench.job().stage, bench.job().progress) == ("gathering", 0.0)
    bench.do("gather")
    assert bench.run.queued == 4  # 40 s in chunks of about ten
    assert bench.job().stage == "rendering"
    bench.give("w1", "w2", "w3", "w4")
    assert (bench.run.queued, bench.run.in_flight) == (0, 4)
    for index in (2, 0, 3, 1):
        bench.do("render", NOTE, index=index)
    assert bench.job().report == [NOTE]
    bench.do("mix")
    assert bench.job().stage == "stitching"
    stitch = bench.hands.waiting[0].task
    assert [frames for _, frames in stitch.chunks] == [300, 300, 300, 300]
    assert stitch.sound_key == "sounds/x.m4a"
    bench.do("stitch")
    job = bench.job()
    assert (job.status, job.progress, job.result_key, job.report) == (
        JobStatus.COMPLETED,
        100.0,
        stitch.result_key,
        [NOTE],
    )
    assert bench.run.is_over
    assert bench.outcomes() == {index: ["done"] for index in range(4)}
    assert bench.progress == sorted(bench.progress)
    assert bench.hands.waiting == []


def test_progress_counts_the_frames_of_chunks_in_work(bench: Bench) -> None:
    bench.rendering()
    bench.give("w1", "w2")
    bench.hands.frames = 240
    bench.turn()
    assert bench.job().progress == pytest.approx(5 + 87 * 240 / 1200)
    bench.hands.frames = 0  # its worker died
    bench.turn()
    assert bench.job().progress == pytest.approx(5 + 87 * 240 / 1200)


# Faults of the farm


def test_a_chunk_that_fails_is_tried_again_after_1_2_and_4_seconds_and_then_named(bench: Bench) -> None:
    bench.rendering()
    for wait_s in (1.0, 2.0, 4.0):
        bench.give("w1")
        failed = bench.hands.waiting[-1].task.index
        others = bench.run.queued
        bench.answer("render", RenderError("no frame"), failed)
        bench.turn(wait_s - 0.01)
        assert (bench.run.queued, bench.job().status) == (others, JobStatus.PROCESSING)
        for _ in range(others):  # keep the others away
            bench.give("busy")
            bench.do("render", index=bench.hands.waiting[-1].task.index)
        bench.turn(0.01)
        assert bench.run.queued == 1
    bench.give("w1")
    bench.answer("render", RenderError("no frame"), failed)
    job = bench.job()
    assert (job.status, job.error_kind) == (JobStatus.FAILED, "RenderError")
    assert job.error_detail == "no frame (frames 0 to 299 with segments s0)"
    assert bench.outcomes()[failed] == ["failed"] * 4


def test_three_workers_that_end_with_one_chunk_fail_the_job_and_name_its_clips(bench: Bench) -> None:
    bench.rendering()
    for number in range(3):
        assert bench.job().status == JobStatus.PROCESSING
        while bench.run.queued:
            bench.give(f"w{number}")
        bench.answer("render", DEATH, index=1)
        bench.turn(10)
    job = bench.job()
    assert (job.status, job.error_kind) == (JobStatus.FAILED, "RenderError")
    assert "frames 300 to 599 with segments s0 ended 3 workers" in job.error_detail
    assert "its process ended" in job.error_detail
    assert bench.outcomes()[1] == ["lost"] * 3
    assert len(bench.hands.stopped) == 2  # pool and crew


def test_one_worker_that_dies_takes_only_its_chunk_with_it(bench: Bench) -> None:
    bench.rendering()
    bench.give("w1", "w2", "w3", "w4")
    bench.answer("render", DEATH, index=2)
    for index in (0, 1, 3):
        bench.do("render", index=index)
    bench.turn(1)
    bench.give("w5")
    bench.do("render", index=2)
    bench.do("mix")
    bench.do("stitch")
    assert bench.job().status == JobStatus.COMPLETED
    assert bench.outcomes() == {0: ["done"], 1: ["done"], 2: ["lost", "done"], 3: ["done"]}


@pytest.mark.parametrize(
    ("step", "kind"), [("gather", "RenderError"), ("mix", "SoundError"), ("stitch", "EncodeError")]
)
def test_a_step_whose_worker_dies_is_repeated_alone_and_at_last_fails_the_job(
    bench: Bench, step: str, kind: str
) -> None:
    bench.turn()
    if step != "gather":
        bench.do("gather")
    if step == "stitch":
        all_chunks(bench)
    assert not bench.hands.waiting[0].alone
    for _ in range(3):
        bench.answer(step, DEATH)
        bench.turn(8)
        assert next(call for call in bench.hands.waiting if call.method == step).alone
    bench.answer(step, DEATH)
    job = bench.job()
    assert (job.status, job.error_kind) == (JobStatus.FAILED, kind)
    assert f"ended 4 times at the step '{step}'" in job.error_detail


def test_a_download_that_failed_for_now_is_tried_again(bench: Bench) -> None:
    bench.turn()
    bench.answer("gather", FetchError("it stops sending"))
    bench.turn(1)
    bench.do("gather")
    assert bench.run.queued == 4


def test_a_store_that_is_away_for_a_minute_costs_no_job(bench: Bench) -> None:
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
    for _ in range(9):
        bench.answer("render", StorageError("no answer"), index=0)
        bench.answer("mix", StorageError("no answer"))
        bench.turn(8)
        bench.give("w1")
    assert bench.job().status == JobStatus.PROCESSING
    for index in range(4):
        bench.do("render", index=index)
    bench.do("mix")
    bench.do("stitch")
    assert bench.job().status == JobStatus.COMPLETED


def test_a_material_that_has_gone_from_the_store_is_brought_again(bench: Bench) -> None:
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
    bench.do("render", index=0)
    bench.store.delete(asset_key(SHA256))
    for _ in range(10):
        bench.give("w1")
        bench.answer("render", StorageError("no such object"), index=1)
        bench.turn(8)
    assert [call.method for call in bench.hands.waiting if call.task.run != bench.hands.stopped[0]] == ["gather"]
    bench.hands.waiting = [call for call in bench.hands.waiting if call.method == "gather"]
    bench.do("gather")
    all_chunks(bench)
    bench.do("stitch")
    assert bench.job().status == JobStatus.COMPLETED
    assert bench.outcomes()[0] == ["done"]


def test_what_an_abandoned_start_has_under_way_does_not_disturb_the_next(bench: Bench) -> None:
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
    for _ in range(9):
        bench.answer("render", StorageError("no such object"), index=1)
        bench.turn(8)
        bench.give("w1")
    bench.answer("mix", RenderError("no sound"))  # would be tried again in a second
    bench.answer("render", StorageError("no such object"), index=1)
    bench.turn(9)
    while bench.run.queued:
        bench.give("w2")
    old, new = bench.hands.stopped[0], bench.hands.waiting[-1].task.run
    late = [call for call in bench.hands.waiting if call.task.run == old]
    assert sorted(call.task.index for call in late) == [0, 2, 3]
    for call in late:
        bench.hands.waiting.remove(call)
        bench.hands.do(call)
        bench.turn(1)
    assert (bench.run.in_flight, bench.job().status) == (4, JobStatus.PROCESSING)
    assert [call.task.run for call in bench.hands.waiting] == [new] * 5
    for index in range(4):
        bench.do("render", index=index)
    bench.do("mix")
    bench.do("stitch")
    assert bench.job().status == JobStatus.COMPLETED


def test_a_late_mix_of_an_abandoned_start_is_not_taken_for_the_next_ones(bench: Bench) -> None:
    bench.rendering()
    mix = bench.hands.take("mix")
    for _ in range(10):
        while bench.run.queued:
            bench.give("w1")
        bench.answer("render", StorageError("no such object"), index=1)
        bench.turn(8)
    mix.on_answer(DEATH)
    mix.on_answer(Answer(values={"key": "sounds/old.m4a"}))
    bench.turn(1)
    bench.hands.waiting = [call for call in bench.hands.waiting if call.method == "mix"]
    while bench.run.queued:
        bench.give("w2")
    for index in range(4):
        bench.do("render", index=index)
    assert [call.method for call in bench.hands.waiting] == ["mix"]


def test_a_store_that_stays_away_fails_the_job_in_the_end(bench: Bench) -> None:
    bench.turn()
    for _ in range(3 * 10):
        assert bench.job().status == JobStatus.PROCESSING
        bench.answer("gather", StorageError("no answer from the store"))
        bench.turn(8)
    assert (bench.job().error_kind, bench.job().error_detail) == ("StorageError", "no answer from the store")


def test_a_gatherer_that_leaves_nothing_behind_does_not_go_on_for_ever(bench: Bench) -> None:
    bench.turn()
    for _ in range(40):
        if not bench.run.is_over:
            bench.answer("gather", Answer())
            bench.turn(8)
    assert bench.job().error_kind == "StorageError"


def test_renderers_that_never_come_up_fail_the_job_with_the_reason(bench: Bench) -> None:
    bench.rendering()
    bench.hands.trouble = "no SegmentRenderer comes up: no module named torch"
    bench.turn()
    assert bench.job().error_kind == "ClusterError"
    assert "no module named torch" in bench.job().error_detail


# The table is away


@pytest.mark.parametrize("method", ["gather", "render", "mix", "stitch"])
def test_an_answer_that_comes_while_the_table_is_away_is_not_lost(bench: Bench, method: str) -> None:
    def away(step: str, **options: Any) -> None:
        bench.table.is_away = step == method
        for _ in range(20):
            bench.turn(1)
        bench.do(step, NOTE, **options)
        for _ in range(20):
            bench.turn(1)
        bench.table.is_away = False
        bench.turn(10)

    bench.turn()
    away("gather")
    while bench.run.queued:
        bench.give("w1")
    for index in range(4):
        away("render", index=index)
    away("mix")
    away("stitch")
    assert bench.job().status == JobStatus.COMPLETED
    assert bench.outcomes() == {index: ["done"] for index in range(4)}


def test_no_chunk_is_sent_whose_attempt_could_not_be_logged(bench: Bench) -> None:
    bench.rendering()
    bench.table.is_away = True
    bench.give("w1")
    assert [call.method for call in bench.hands.waiting] == ["mix"]
    assert (bench.run.queued, bench.run.in_flight) == (3, 0)  # that one waits a second
    bench.table.is_away = False
    bench.turn(1)
    assert bench.run.queued == 4


def test_an_end_that_could_not_be_written_is_written_later(bench: Bench) -> None:
    bench.turn()
    bench.table.is_away = True
    bench.answer("gather", DraftNotFound("no draft"))
    for _ in range(60):
        bench.turn(1)
    assert (bench.job().status, bench.run.is_over) == (JobStatus.PROCESSING, False)
    bench.table.is_away = False
    bench.turn(8)
    assert (bench.job().status, bench.job().error_kind, bench.run.is_over) == (JobStatus.FAILED, "DraftNotFound", True)


def test_an_end_that_meets_a_fault_nobody_foresaw_is_written_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.turn()
    with monkeypatch.context() as broken:
        broken.setattr(bench.table.real, "fail", lambda *_, **__: 1 / 0)
        bench.answer("gather", DraftNotFound("no draft"))
    bench.turn(1)
    assert (bench.job().status, bench.job().error_kind) == (JobStatus.FAILED, "DraftNotFound")


# Faults of the user


@pytest.mark.parametrize("step", ["gather", "render", "mix"])
def test_a_fault_of_the_user_is_never_retried(bench: Bench, step: str) -> None:
    bench.turn()
    if step != "gather":
        bench.do("gather")
        bench.give("w1")
    bench.answer(step, AssetUnreadable("Material “clip.mp4” of segment s0 is no video"))
    job = bench.job()
    assert (job.status, job.error_kind, job.error_detail) == (
        JobStatus.FAILED,
        "AssetUnreadable",
        "Material “clip.mp4” of segment s0 is no video",
    )
    assert len(bench.hands.stopped) == 2


def test_a_draft_that_cannot_be_read_fails_the_job(bench: Bench) -> None:
    bench.turn()
    call = bench.hands.take("gather")
    note_draft(bench.store, bench.run.job_id)
    bench.store.put_bytes(f"jobs/{bench.run.job_id}/draft.json", b"[]")
    call.on_answer(Answer())
    bench.turn()
    assert bench.job().error_kind == "DraftUnreadable"


# Cancellation, time, leases


@pytest.mark.parametrize("stage", ["gather", "render", "mix", "stitch"])
def test_a_cancelled_job_stops_at_any_stage_and_late_answers_change_nothing(bench: Bench, stage: str) -> None:
    bench.turn()
    if stage != "gather":
        bench.do("gather")
        while bench.run.queued:
            bench.give("w1")
    if stage in ("mix", "stitch"):
        for index in range(4):
            bench.do("render", index=index)
    if stage == "stitch":
        bench.do("mix")
    run = bench.hands.waiting[0].task.run
    bench.table.real.request_cancel(bench.run.job_id)
    bench.turn()
    before = bench.job()
    assert (before.status, before.error_kind) == (JobStatus.CANCELLED, "Cancelled")
    assert bench.hands.stopped == [run, run]
    assert bench.run.is_over
    for call in list(bench.hands.waiting):
        bench.hands.take(call.method)
        bench.hands.do(call) if call.method == "stitch" else call.on_answer(Answer("Cancelled", "stopped"))
    bench.turn()
    assert bench.job() == before
    expected = {index: ["cancelled"] for index in range(4)} if stage == "render" else None
    assert expected is None or bench.outcomes() == expected


def test_the_time_limit_counts_from_when_this_farm_took_the_job_up(bench: Bench) -> None:
    bench.rendering()
    bench.turn(3590)
    bench.restart()
    bench.turn(3590)
    assert bench.job().status == JobStatus.PROCESSING
    bench.turn(20)
    assert (bench.job().status, bench.job().error_kind) == (JobStatus.FAILED, "JobTimeout")


def test_a_job_that_somebody_else_holds_is_left_without_a_word(bench: Bench) -> None:
    bench.rendering()
    bench.give("w1")
    bench.table.real.renew(bench.run.job_id, "one", 0)
    taken = bench.table.real.claim("other", 1000)
    assert taken is not None
    bench.run.watch()
    assert bench.run.is_over
    assert bench.hands.stopped
    bench.do("render")
    assert bench.job().lease_owner == "other"
    assert bench.job().status == JobStatus.PROCESSING


# Restarts


def test_a_new_run_renders_only_what_is_missing_and_fetches_nothing(bench: Bench) -> None:
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
    bench.do("render", NOTE, index=1)
    bench.do("render", index=3)
    progress = bench.job().progress
    bench.restart(workers=7)  # and the cluster has grown, which would be cut otherwise
    bench.turn()
    assert [call.method for call in bench.hands.waiting] == ["mix"]
    assert bench.run.queued == 2
    assert bench.job().progress >= progress
    while bench.run.queued:
        bench.give("w9")
    assert sorted(call.task.index for call in bench.hands.waiting if call.method == "render") == [0, 2]
    bench.do("render", index=0)
    bench.do("render", index=2)
    bench.do("mix")
    bench.do("stitch")
    job = bench.job()
    assert (job.status, job.report) == (JobStatus.COMPLETED, [NOTE])
    assert bench.outcomes() == {0: ["lost", "done"], 1: ["done"], 2: ["lost", "done"], 3: ["done"]}
    assert bench.progress == sorted(bench.progress)


def test_a_new_run_makes_again_what_has_gone_from_the_store(bench: Bench) -> None:
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
    for index in range(4):
        bench.do("render", index=index)
    for found in list(bench.store.list("segments/"))[:2]:
        bench.store.delete(found.key)  # a chunk with its report, or a report alone
    bench.restart()
    bench.turn()
    assert bench.run.queued >= 1


def test_a_draft_that_was_edited_is_cut_and_rendered_anew(bench: Bench) -> None:
    bench.rendering()
    while bench.run.queued:
        bench.give("w1")
    bench.do("render", index=0)
    note_draft(bench.store, bench.run.job_id, seconds=60)
    bench.restart()
    bench.turn()
    assert bench.run.queued == 6


def test_equal_chunks_of_two_jobs_have_one_key(make_bench: MakeBench) -> None:
    first, second = make_bench("d1"), make_bench("d2")
    for bench in (first, second):
        bench.rendering()
        while bench.run.queued:
            bench.give("w1")
    keys = [{call.task.key for call in bench.hands.waiting if call.method == "render"} for bench in (first, second)]
    assert len(keys[0]) == 4
    assert keys[0] == keys[1]
    assert first.run.keys > keys[0]


# Fidelity


def test_strict_fails_a_job_on_what_only_a_render_finds(make_bench: MakeBench) -> None:
    bench = make_bench(strict=Fidelity.CLOSE)
    bench.rendering()
    bench.give("w1")
    bench.do("render", NOTE)
    all_chunks(bench)
    job = bench.job()
    assert (job.status, job.error_kind) == (JobStatus.FAILED, "DraftBelowFidelity")
    assert job.report == [NOTE]
    assert not any(call.method == "stitch" for call in bench.hands.waiting)


def test_strict_heeds_what_a_chunk_of_an_earlier_run_found(make_bench: MakeBench) -> None:
    bench = make_bench(strict=Fidelity.CLOSE)
    bench.rendering()
    bench.give("w1")
    bench.do("render", NOTE)
    bench.restart()
    bench.turn()
    all_chunks(bench)
    assert bench.job().error_kind == "DraftBelowFidelity"


# What nobody foresaw


def test_a_broken_answer_ends_the_job_instead_of_hanging_it(bench: Bench) -> None:
    bench.rendering()
    all_chunks(bench, index=None)
    bench.answer("stitch", Answer(values={}))  # no key
    assert (bench.job().status, bench.job().error_kind) == (JobStatus.FAILED, "RenderError")
    assert "KeyError" in bench.job().error_detail


def test_a_planner_that_breaks_fails_the_job_with_its_words(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no frames a second")

    monkeypatch.setattr("actors.run.plan", broken)
    for _ in range(10):
        bench.turn(8)
    assert bench.job().error_kind == "RenderError"
    assert "no frames a second" in bench.job().error_detail


def test_a_cancelled_answer_that_nobody_asked_for_is_no_user_s_cancellation(bench: Bench) -> None:
    bench.rendering()
    bench.give("w1")
    bench.answer("render", Cancelled("the render was stopped"))
    assert bench.job().status == JobStatus.PROCESSING
    bench.turn(1)
    while bench.run.queued:
        bench.give("w1")
    for index in range(4):
        bench.do("render", index=index)
    assert bench.outcomes()[0] == ["cancelled", "done"]


@pytest.mark.parametrize("error", [AssetMissing("x"), EncodeError("x")])
def test_answers_after_the_end_only_close_the_log(bench: Bench, error: Exception) -> None:
    bench.rendering()
    bench.give("w1", "w2")
    bench.answer("render", AssetMissing("gone"), index=0)
    before = bench.job()
    bench.answer("render", error, index=1)
    assert bench.job() == before
    assert bench.outcomes() == {0: ["failed"], 1: ["failed"]}
