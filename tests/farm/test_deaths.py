"""Processes are killed in the middle of jobs, and the jobs end well without doing anything twice that was done."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cluster.jobs import Attempt
from tests.farm.conftest import DraftServer, Farm, running, timeline

pytestmark = [pytest.mark.ray, pytest.mark.s3]

SLOW = {"codec": "h265", "quality": "high"}


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def half_done(farm: Farm, job: str) -> set[int]:
    """Wait until some of the job's four chunks are done and others are in work; the ones that are done."""

    def look() -> set[int]:
        done = farm.done_chunks(job)
        in_work = [attempt for attempt in farm.table.attempts(job) if attempt.ended_at is None]
        return done if done and in_work else set()

    found: set[int] = farm.until(look)
    return found


def just_begun(farm: Farm, job: str) -> Attempt:
    """An attempt that will take a while yet."""

    def look() -> Attempt | None:
        recently = datetime.now(UTC) - timedelta(seconds=0.5)
        young = (attempt for attempt in farm.table.attempts(job) if attempt.started_at > recently)
        return next((attempt for attempt in young if attempt.ended_at is None), None)

    found: Attempt = farm.until(look)
    return found


def test_a_renderer_that_is_killed_costs_its_chunk_alone(farm: Farm, long_draft: str) -> None:
    job = farm.submit(long_draft, height=352, **SLOW)
    half_done(farm, job)
    attempt = just_begun(farm, job)
    kill(farm.ping()["renderers"][attempt.worker])
    farm.completed(job)
    expected = {index: ["done"] for index in range(4)} | {attempt.chunk_index: ["lost", "done"]}
    assert farm.outcomes(job) == expected


def test_a_supervisor_that_is_killed_comes_back_and_does_nothing_twice(farm: Farm, long_draft: str) -> None:
    job = farm.submit(long_draft, height=350, **SLOW)
    half_done(farm, job)
    before = farm.ping()
    kill(before["pid"])
    done = farm.done_chunks(job)
    farm.completed(job)
    after = farm.ping()
    assert after["pid"] != before["pid"]
    assert not set(after["renderers"]) & set(before["renderers"])
    outcomes = farm.outcomes(job)
    assert {index: outcomes[index] for index in done} == {index: ["done"] for index in done}
    assert all(outcomes[index] in (["lost", "done"], ["done"]) for index in range(4))
    assert farm.until(lambda: not set(before["renderers"].values()) & set(farm.processes("ray::SegmentRen")))


def test_killed_helpers_are_replaced(farm: Farm, drafts: DraftServer, clip: Path) -> None:
    drafts.slow_s = 2.0
    url = drafts.add("d-helpers", {"draft_content.json": timeline(10), "assets/waves.mp4": clip.read_bytes()})
    job = farm.submit(url, height=90)
    farm.until(lambda: any(path.endswith("/waves.mp4") for path in drafts.asked))
    downloaders = {name: pid for name, pid in farm.ping()["helpers"].items() if name.startswith("Downloader") and pid}
    (downloader,) = downloaders.values()
    kill(downloader)
    for pid in farm.processes("ray::Stitcher"):  # one that an earlier job has left warm
        kill(pid)
    farm.until(lambda: farm.status(job)["stage"] == "rendering")
    kill(next(iter(farm.until(lambda: farm.processes("ray::Stitcher")))))  # while it starts or mixes
    farm.completed(job)
    assert not set(farm.ping()["helpers"]) & set(downloaders)
    assert farm.outcomes(job) == {index: ["done"] for index in range(len(farm.outcomes(job)))}


def test_an_object_store_that_is_killed_comes_back_and_old_links_work(farm: Farm, long_draft: str) -> None:
    old = farm.completed(farm.submit(long_draft, range=[0, 1], height=98))["video_url"]
    job = farm.submit(long_draft, height=346, codec="h265")
    half_done(farm, job)
    (store,) = (pid for pid, line in farm.processes("serve s3").items() if line.split()[0].endswith("/rclone"))
    kill(store)
    farm.completed(job)
    assert farm.client.get(old).status_code == 200
    assert all(outcomes[-1] == "done" for outcomes in farm.outcomes(job).values())


@pytest.mark.slow
def test_a_farm_that_is_killed_and_started_again_goes_on(tmp_path: Path, clip: Path) -> None:
    folder = tmp_path / "draft"
    (folder / "assets").mkdir(parents=True)
    shutil.copy(clip, folder / "assets" / "waves.mp4")
    (folder / "draft_content.json").write_bytes(timeline(40))
    with running(tmp_path / "farm") as farm:
        old = farm.completed(farm.submit(farm.upload(folder, "forty-seconds"), range=[0, 1]))
        job = farm.submit(old["draft_url"], **SLOW)
        done = half_done(farm, job)
        kill(farm.process.pid)
        farm.process.wait()
    with running(tmp_path / "farm") as farm:
        assert farm.status(job)["status"] == "processing"
        farm.completed(job)
        assert {index: farm.outcomes(job)[index] for index in done} == {index: ["done"] for index in done}
        assert farm.client.get(farm.status(old["job_id"])["video_url"]).status_code == 200
        assert farm.client.get(old["video_url"]).status_code == 200
