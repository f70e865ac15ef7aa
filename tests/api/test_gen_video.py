"""POST gen_video and GET gen_video_active_count: what is accepted, what is refused, what is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest

from cluster.request import JobRequest
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.report import Fidelity
from tests.api.conftest import BASE, ENGLISH, Api, MakeApi

DRAFT_ID = "20261122060536ca60a5c9"


def test_a_submission_answers_with_the_new_job(api: Api, draft_url: str) -> None:
    reply = api.post("gen_video", {"draft_url": draft_url})
    assert reply.status_code == 200
    body = reply.json()
    job = api.jobs.newest(draft_url)
    assert job is not None
    assert body == {
        "code": 0,
        "message": "视频生成任务已提交，请使用draft_url查询进度",
        "job_id": job.id,
        "draft_url": draft_url,
    }
    assert job.draft_id == DRAFT_ID
    assert JobRequest.from_json(job.request) == JobRequest()


def test_the_message_is_english_for_who_prefers_english(api: Api, draft_url: str) -> None:
    reply = api.post("gen_video", {"draft_url": draft_url}, headers=ENGLISH)
    assert reply.json()["message"] == "Video generation task submitted, please use draft_url to check progress"


def test_the_same_url_gives_the_same_job_while_it_lives(api: Api, draft_url: str) -> None:
    first = api.post("gen_video", {"draft_url": draft_url}).json()
    assert api.post("gen_video", {"draft_url": draft_url}).json() == first
    job = api.jobs.claim("worker", 60)
    assert job is not None
    assert api.post("gen_video", {"draft_url": draft_url}).json() == first
    assert api.call("GET", f"{BASE}/gen_video_active_count").json()["count"] == 1


def test_another_url_of_the_same_draft_is_another_job(api: Api, draft_url: str) -> None:
    first = api.post("gen_video", {"draft_url": draft_url}).json()
    second = api.post("gen_video", {"draft_url": draft_url + "&x=1"}).json()
    assert first["job_id"] != second["job_id"]
    assert api.call("GET", f"{BASE}/gen_video_active_count").json()["count"] == 2


def test_an_ended_draft_gives_a_new_job(api: Api, draft_url: str) -> None:
    old = api.running(draft_url, DRAFT_ID)
    api.jobs.complete(old.id, "outputs/x.mp4", [])
    new = api.post("gen_video", {"draft_url": draft_url}).json()
    assert new["job_id"] != old.id
    assert api.status(draft_url=draft_url)["status"] == "pending"
    assert api.status(job_id=old.id)["status"] == "completed"


def test_many_submissions_at_once_make_one_job(make_api: MakeApi, draft_url: str) -> None:
    apis = [make_api() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda api: api.post("gen_video", {"draft_url": draft_url}).json()["job_id"], apis))
    assert len(set(replies)) == 1


def test_a_full_queue_says_when_to_come_back(make_api: MakeApi, draft_url: str) -> None:
    api = make_api(queue_limit=1)
    first = api.post("gen_video", {"draft_url": draft_url}).json()
    reply = api.post("gen_video", {"draft_url": draft_url + "&x=2"}, headers=ENGLISH)
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (503, 2047, "Service busy")
    assert int(reply.headers["Retry-After"]) > 0
    assert api.post("gen_video", {"draft_url": draft_url}).json()["job_id"] == first["job_id"]


@pytest.mark.parametrize(
    ("body", "zh", "en"),
    [
        ({}, "draft_url是必填项", "draft_url is required"),
        ({"draft_url": None}, "draft_url是必填项", "draft_url is required"),
        ({"draft_url": ""}, "draft_url是必填项", "draft_url is required"),
        ({"draft_url": 5}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": ["http://x/?draft_id=1"]}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "not a url"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "ftp://x/?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "file:///etc/passwd?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "https://example.com/get_draft?x=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "https://example.com/get_draft?draft_id="}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "https://example.com/get_draft?draft_id=%20"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "http:///get_draft?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "http://[::1/get_draft?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "http://x:99999/get_draft?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "http://x/\ud800?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "http://x/\x00?draft_id=1"}, "draft_url格式无效", "Invalid draft_url format"),
        ({"draft_url": "http://x/?draft_id=" + "1" * 9000}, "draft_url格式无效", "Invalid draft_url format"),
    ],
)
def test_a_bad_draft_url_is_2001(api: Api, body: dict[str, Any], zh: str, en: str) -> None:
    for headers, text in (({}, zh), (ENGLISH, en)):
        reply = api.post("gen_video", body, headers=headers)
        assert reply.status_code == 400
        assert reply.json() == {"detail": text, "code": 2001, "message": text}
    assert api.jobs.active_count() == 0


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"output": 5}, "output"),
        ({"output": {"height": "tall"}}, "output.height"),
        ({"output": {"height": 720.5}}, "output.height"),
        ({"output": {"height": 3}}, "height 3"),
        ({"output": {"height": 10**30}}, "height"),
        ({"output": {"fps": "fast"}}, "output.fps"),
        ({"output": {"fps": "1e999999999"}}, "output.fps"),
        ({"output": {"fps": "30/0"}}, "output.fps"),
        ({"output": {"fps": True}}, "output.fps"),
        ({"output": {"fps": 1000}}, "fps 1000"),
        ({"output": {"codec": "av1"}}, "output.codec"),
        ({"output": {"quality": "best"}}, "output.quality"),
        ({"output": {"quality": 99}}, "crf 99"),
        ({"output": {"range": [5]}}, "output.range"),
        ({"output": {"range": [5, 2]}}, "range 5:2"),
        ({"output": {"range": [1, float("inf")]}}, "range 1:inf"),
        ({"output": {"range": "a:b"}}, "output.range"),
        ({"output": {"passthrough": True}}, "a farm encodes every frame"),
        ({"output": {"no_audio": "perhaps"}}, "output.no_audio"),
        ({"output": {"no_audio": True, "audio_only": True}}, "leave nothing to write"),
        ({"output": {"audio_codec": "vorbis"}}, "output.audio_codec"),
        ({"output": {"audio_codec": "pcm"}}, "mp4 holds"),
        ({"output": {"audio_bitrate": 64}}, "aac takes 128 to 320 kb/s"),
        ({"output": {"audio_bitrate": "loud"}}, "output.audio_bitrate"),
        ({"output": {"audio_codec": "opus", "audio_rate": 44100}}, "opus is written at 48000 Hz"),
        ({"output": {"audio_rate": 96000}}, "aac is written at 44100 or 48000 Hz"),
        ({"strict": "very"}, "strict"),
        ({"strict": 7}, "strict"),
        ({"webhook_url": "ftp://me/"}, "webhook_url"),
        ({"webhook_url": 5}, "webhook_url"),
        ({"apiKey": 5}, "apiKey"),
    ],
)
def test_any_other_wrong_field_is_1001_and_named(api: Api, fields: dict[str, Any], named: str, draft_url: str) -> None:
    for headers, text in (({}, "参数校验失败"), (ENGLISH, "Parameter validation failed")):
        reply = api.post("gen_video", {"draft_url": draft_url, **fields}, headers=headers)
        assert reply.status_code == 400
        body = reply.json()
        assert (body["detail"], body["code"]) == (text, 1001)
        assert body["message"].startswith(f"{text}(")
        assert named in body["message"]
    assert api.jobs.active_count() == 0


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({}, RenderOptions()),
        ({"output": None, "strict": None, "webhook_url": None, "apiKey": None}, RenderOptions()),
        ({"output": {"height": 720}}, RenderOptions(height_px=720)),
        ({"output": {"height": "720", "unknown": 1}, "resolution": "4K", "fps": 60}, RenderOptions(height_px=720)),
        ({"output": {"fps": 25}}, RenderOptions(fps=Fraction(25))),
        ({"output": {"fps": 29.97}}, RenderOptions(fps=Fraction(30000, 1001))),
        ({"output": {"fps": "30000/1001"}}, RenderOptions(fps=Fraction(30000, 1001))),
        ({"output": {"codec": "h265", "quality": "low"}}, RenderOptions(codec="h265", crf=28)),
        ({"output": {"quality": "high"}}, RenderOptions(preset="medium", crf=17)),
        ({"output": {"quality": 30}}, RenderOptions(crf=30)),
        ({"output": {"quality": "30"}}, RenderOptions(crf=30)),
        ({"output": {"range": [0.5, 2]}}, RenderOptions(range_s=(0.5, 2.0))),
        ({"output": {"range": "0.5:2.5"}}, RenderOptions(range_s=(0.5, 2.5))),
        ({"output": {"passthrough": False}}, RenderOptions()),
        ({"output": {"no_audio": True}}, RenderOptions(no_audio=True)),
        ({"output": {"audio_only": True, "no_audio": None}}, RenderOptions(audio_only=True)),
        ({"output": {"audio_only": True, "audio_codec": "pcm"}}, RenderOptions(audio_only=True, audio_codec="pcm")),
        (
            {"output": {"audio_codec": "mp3", "audio_bitrate": 320, "audio_rate": 48000}},
            RenderOptions(audio_codec="mp3", audio_kbps=320, audio_rate_hz=48_000),
        ),
        ({"strict": True}, RenderOptions(strict=Fidelity.EXACT)),
        ({"strict": "close"}, RenderOptions(strict=Fidelity.CLOSE)),
        ({"strict": False}, RenderOptions()),
    ],
)
def test_options_reach_the_job(api: Api, fields: dict[str, Any], options: RenderOptions, draft_url: str) -> None:
    assert api.post("gen_video", {"draft_url": draft_url, **fields}).status_code == 200
    job = api.jobs.newest(draft_url)
    assert job is not None
    assert JobRequest.from_json(job.request).options == options


def test_the_webhook_reaches_the_job_and_the_key_does_not(make_api: MakeApi, draft_url: str) -> None:
    api = make_api(api_keys="one,two")
    fields = {"draft_url": draft_url, "apiKey": "two", "webhook_url": "https://me.example/done?x=1"}
    assert api.post("gen_video", fields).status_code == 200
    job = api.jobs.newest(draft_url)
    assert job is not None
    assert JobRequest.from_json(job.request).webhook_url == "https://me.example/done?x=1"
    assert "two" not in str(job)


def test_a_key_is_needed_where_keys_are_on(make_api: MakeApi, draft_url: str) -> None:
    api = make_api(api_keys="one,two")
    for fields in ({}, {"apiKey": ""}, {"apiKey": "three"}, {"apiKey": "on"}, {"draft_url": "zzz"}):
        reply = api.post("gen_video", {"draft_url": draft_url, **fields}, headers=ENGLISH)
        assert reply.status_code == 401
        assert reply.json() == {"detail": "Invalid apiKey", "code": 2036, "message": "Invalid apiKey"}
    assert api.post("gen_video", {"draft_url": draft_url}).json()["message"] == "无效的apiKey"
    assert api.post("gen_video", {"draft_url": draft_url}, headers={"Authorization": "Bearer one"}).status_code == 200
    assert api.post("gen_video", {"draft_url": draft_url}, headers={"X-API-Key": "two"}).status_code == 200


def test_any_key_does_where_keys_are_off(api: Api, draft_url: str) -> None:
    assert api.post("gen_video", {"draft_url": draft_url, "apiKey": "whatever"}).status_code == 200
