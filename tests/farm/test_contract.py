"""A draft goes in over HTTP and a video comes out: everything real, from the recorded get_draft reply to the file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import numpy as np
import pytest

from tests.farm.conftest import BASE, DraftServer, Farm, timeline

pytestmark = [pytest.mark.ray, pytest.mark.s3]

RECORDED_ID = "202611220603068589a104"  # of the paths in the recorded draft


@pytest.fixture(scope="module")
def recorded(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a draft as capcut-mate wrote and listed it, its paths untouched; only the media are stand-ins."""
    contract, out = shared / "contract", tmp_path_factory.mktemp("recorded")
    source = contract / "drafts" / "80_mixed.json"
    tool = shared / "tools" / "stand_in_media.py"
    subprocess.run([sys.executable, str(tool), str(source), str(out)], check=True, capture_output=True)
    recordings = json.loads((contract / "recordings.json").read_text())
    listed = next(entry for entry in recordings if entry.get("label") == "get_draft empty draft")
    files = {}
    for url in listed["response"]["body"]["files"]:
        name = Path(urlsplit(url).path).name
        companion = contract / "drafts" / f"companion_{name if name.endswith('.json') else name + '.json'}"
        files[name] = companion.read_bytes() if companion.is_file() else source.read_bytes()
    stands = json.loads((out / "draft_content.json").read_text())
    for kind in ("videos", "audios"):
        written = json.loads(source.read_text())["materials"][kind]
        for material, stand_in in zip(written, stands["materials"][kind], strict=True):
            place = material["path"].removeprefix(f"/app/output/draft/{RECORDED_ID}/")
            files[place] = (out / "assets" / Path(stand_in["path"]).name).read_bytes()
    return files


def saved(farm: Farm, status: dict[str, Any], path: Path) -> Path:
    reply = farm.client.get(status["video_url"])
    assert reply.status_code == 200
    path.write_bytes(reply.content)
    return path


def test_a_recorded_draft_becomes_a_video_that_plays(
    farm: Farm, drafts: DraftServer, recorded: dict[str, bytes], tmp_path: Path
) -> None:
    assert {"draft_content.json", "draft_info.json", "template.tmp"} < set(recorded)
    draft_url = drafts.add(RECORDED_ID, recorded)
    reply = farm.post("gen_video", draft_url=draft_url, output={"height": 180})
    assert reply.json()["message"].startswith("Video generation task submitted")
    assert reply.json()["draft_url"] == draft_url
    status = farm.completed(reply.json()["job_id"])
    assert (status["error_message"], status["error_code"], status["draft_url"]) == ("", None, draft_url)
    assert status["created_at"] <= status["started_at"] <= status["completed_at"]
    assert farm.post("gen_video_status", draft_url=draft_url).json()["job_id"] == status["job_id"]
    video = saved(farm, status, tmp_path / "video.mp4")
    with av.open(str(video)) as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    with av.open(str(video)) as container:
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        assert container.streams.video[0].average_rate == 30
        assert abs(float(Fraction(container.duration or 0, av.time_base)) - 5.0) < 0.05
    assert len(pictures) == 150
    assert pictures[0].shape == (180, 320)
    assert all(picture.std() > 10 for picture in pictures)  # something is shown, and not the same thing
    assert float(np.abs(pictures[10].astype(int) - pictures[140]).mean()) > 1
    assert float(np.sqrt((samples**2).mean())) > 0.01
    if shutil.which("ffprobe"):
        streams = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(video)]
        assert subprocess.run(streams, check=True, capture_output=True, text=True).stdout.split() == ["h264", "aac"]


def test_a_link_that_was_changed_is_refused(farm: Farm, long_draft: str) -> None:
    url = farm.completed(farm.submit(long_draft, range=[0, 1]))["video_url"]
    assert "X-Amz-Signature=" in url
    assert farm.client.get(url).status_code == 200
    assert farm.client.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert farm.client.get(url.partition("?")[0]).status_code in (400, 403)
    assert farm.client.get(url.replace("X-Amz-Expires=", "X-Amz-Expires=9")).status_code == 403


def test_a_draft_under_way_is_not_begun_twice_and_an_ended_one_is_begun_anew(farm: Farm, long_draft: str) -> None:
    first = farm.submit(long_draft, range=[0, 3], quality=30)
    count = farm.client.get(f"{BASE}/gen_video_active_count").json()["count"]
    assert farm.submit(long_draft) == first
    assert farm.client.get(f"{BASE}/gen_video_active_count").json()["count"] == count >= 1
    status = farm.completed(first)
    second = farm.submit(long_draft, range=[0, 3], quality=30)
    assert second != first
    farm.completed(second)
    assert farm.client.get(farm.status(first)["video_url"]).status_code == 200
    assert status["job_id"] == first
    worked_s = [
        (attempt.ended_at - attempt.started_at).total_seconds()  # type: ignore[operator]
        for job in (first, second)
        for attempt in farm.table.attempts(job)
    ]
    assert worked_s[-1] < worked_s[0]  # its chunk was there already


@pytest.mark.parametrize("fault", ["missing", "broken"])
def test_a_material_that_fails_is_named(farm: Farm, drafts: DraftServer, clip: Path, fault: str) -> None:
    place = "assets/waves.mp4"
    url = drafts.add("d-fault", {"draft_content.json": timeline(2), place: b"no video" * 99})
    if fault == "missing":
        drafts.missing.add(place)
    status = farm.wait(farm.submit(url))
    assert (status["status"], status["error_code"], status["error_status"]) == ("failed", 2005, 400)
    assert "Material inaccessible" in status["error_message"]
    assert "waves.mp4” of segment s0" in status["error_message"]
    assert status["video_url"] == ""
    drafts.missing.clear()
    drafts.add("d-fault", {"draft_content.json": timeline(2), place: clip.read_bytes()})
    farm.completed(farm.submit(url))  # mended and submitted again


@pytest.mark.parametrize("path", ["/etc/passwd", "file:///etc/passwd", "../../../../etc/passwd"])
def test_a_file_of_the_farm_s_own_is_refused(farm: Farm, drafts: DraftServer, path: str) -> None:
    url = drafts.add(f"d-{len(path)}", {"draft_content.json": timeline(2, path)})
    reply = farm.post("gen_video", draft_url=url)
    answer = reply.json()
    if reply.status_code == 200:  # what the submission does not see, the job does
        answer = farm.wait(answer["job_id"])
        assert (answer["status"], answer["error_code"]) == ("failed", 2005)
    else:
        assert (reply.status_code, answer["code"]) == (400, 2005)
    assert "root:" not in json.dumps(answer)


def test_a_draft_that_is_not_there_is_not_accepted(farm: Farm, drafts: DraftServer) -> None:
    reply = farm.post("gen_video", draft_url=f"{drafts.base}{BASE}/get_draft?draft_id=20990101000000deadbeef")
    assert (reply.status_code, reply.json()["code"]) == (404, 1002)


def test_an_uploaded_draft_is_rendered_as_asked(farm: Farm, long_draft: str, tmp_path: Path) -> None:
    job = farm.submit(long_draft, range=[4, 7], height=120, fps="29.97", codec="h265")
    video = saved(farm, farm.completed(job), tmp_path / "video.mp4")
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (214, 120, "hevc")
        assert sum(1 for _ in container.decode(stream)) == 90


def test_a_video_without_sound_and_the_sound_without_a_video(farm: Farm, long_draft: str, tmp_path: Path) -> None:
    pictures = farm.completed(farm.submit(long_draft, range=[1, 3], height=100, no_audio=True))
    with av.open(str(saved(farm, pictures, tmp_path / "video.mp4"))) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert sum(1 for _ in container.decode(video=0)) == 60
    assert farm.client.get(pictures["video_url"]).headers["content-type"] == "video/mp4"

    wishes = {"m4a": ("audio/mp4", {}), "flac": ("audio/flac", {"audio_codec": "flac"})}
    for suffix, (type_, wish) in wishes.items():
        job = farm.submit(long_draft, range=[1, 3], audio_only=True, **wish)
        status = farm.completed(job)
        assert urlsplit(status["video_url"]).path.endswith(f".{suffix}")
        assert farm.client.get(status["video_url"]).headers["content-type"] == type_
        with av.open(str(saved(farm, status, tmp_path / f"sound.{suffix}"))) as container:
            assert [stream.type for stream in container.streams] == ["audio"]
            assert container.streams.audio[0].duration == 2 * 44_100
            samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
        assert np.abs(samples.astype(np.float64)).max() > 0
        assert farm.table.chunks(job) == ()


def test_a_cancelled_job_ends_at_once_and_leaves_the_farm_free(farm: Farm, long_draft: str) -> None:
    job = farm.submit(long_draft, codec="h265", quality="high", height=358)
    farm.until(lambda: farm.status(job)["stage"] == "rendering" and any(farm.table.attempts(job)))
    reply = farm.client.post(f"/v1/jobs/{job}/cancel", headers={"Accept-Language": "en"})
    assert reply.status_code == 200
    status = farm.wait(job)
    assert (status["status"], status["error_code"], status["error_status"]) == ("failed", 2052, 409)
    farm.until(lambda: job not in farm.ping()["jobs"])
    farm.until(lambda: all(attempt.ended_at for attempt in farm.table.attempts(job)), seconds=20)
    assert set(farm.outcomes(job)[0]) <= {"done", "cancelled"}
    farm.completed(farm.submit(long_draft, range=[0, 1], height=100))
