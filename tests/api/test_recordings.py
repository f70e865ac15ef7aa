"""A client written for capcut-mate's recorded replies works: same codes' meaning, every recorded field, same types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.api.conftest import BASE, Api, DraftServer, zipped

FOREIGN = "http://127.0.0.1:38180"  #: the recorded service
REFUSED_HERE = {
    # Accepted there, and failed in the job; the contract page wants these answered at submission.
    "gen_video only query string (accepted)": 2001,
    "gen_video draft_id anything (accepted)": 2001,
    "gen_video unknown draft id (accepted)": 1002,
    # The contract page decides otherwise: any text is an apiKey, and a draft_url of a wrong type is a bad draft_url.
    "gen_video apiKey not a UUID": 0,
    "gen_video draft_url null": 2001,
    "gen_video draft_url number": 2001,
    "gen_video_status no draft_url": 2001,
    "gen_video_status null": 2001,
    "gen_video_status en": 2001,
}


def recordings(shared: Path) -> Iterator[dict[str, Any]]:
    for recording in json.loads((shared / "contract" / "recordings.json").read_text()):
        url = recording.get("request", {}).get("url", "")
        if "/gen_video" in url and "[" not in recording["label"]:
            yield recording


def ask(api: Api, request: dict[str, Any]) -> dict[str, Any]:
    headers = dict(header.split(": ", 1) for header in request["headers"])
    route = request["url"].rpartition("/")[2]
    if request["method"] == "GET":
        reply = api.call("GET", f"{BASE}/{route}", headers=headers)
    elif request["body"] is None:
        reply = api.call("POST", f"{BASE}/{route}", headers=headers)
    else:
        reply = api.post(route, request["body"], headers=headers)
    body: dict[str, Any] = reply.json()
    return body


def here(value: Any, drafts: DraftServer) -> Any:
    """The recorded value with the recorded service's address replaced by that of the test's."""
    return json.loads(json.dumps(value).replace(FOREIGN, drafts.base))


def test_the_recorded_requests_are_answered_alike(shared: Path, api: Api, drafts: DraftServer) -> None:
    drafts.add("202611220603068589a104", "video")
    seen = 0
    for recording in recordings(shared):
        if "host" in recording["label"] or "later" in recording["label"] or "after" in recording["label"]:
            continue  # replies about a job that had failed by then, which the next test asks for
        reply = ask(api, here(recording["request"], drafts))
        recorded = recording["response"]["body"]
        code = REFUSED_HERE.get(recording["label"], recorded["code"])
        assert reply["code"] == code, recording["label"]
        assert set(recorded) <= set(reply) or code, recording["label"]
        assert {"code", "message"} <= set(reply)
        assert ("detail" in reply) == (code != 0)
        seen += 1
    assert seen >= 20


def test_a_recorded_status_has_only_fields_and_types_that_ours_has(shared: Path, api: Api) -> None:
    url = f"{FOREIGN}/openapi/capcut-mate/v1/get_draft?draft_id=202611220603068589a104"
    job = api.running(url, "202611220603068589a104")
    api.jobs.fail(job.id, "RenderError", "no")
    ours = api.status(draft_url=url)
    found = 0
    for recording in json.loads((shared / "contract" / "recordings.json").read_text()):
        recorded = recording.get("response", {}).get("body")
        if not isinstance(recorded, dict) or recorded.get("status") not in ("failed", "completed", "processing"):
            continue
        found += 1
        for name, value in recorded.items():
            assert value is None or type(ours[name]) is type(value), name
    assert found >= 10


def test_a_recorded_draft_goes_up_and_comes_down_as_recorded(shared: Path, api: Api) -> None:
    for name in ("03_video_two_transition", "20_captions_full", "80_mixed"):
        content = (shared / "contract" / "drafts" / f"{name}.json").read_bytes()
        reply = api.call("PUT", f"/v1/drafts/{name}", content=zipped({"draft_content.json": content}))
        assert reply.status_code == 200, reply.text
        (url,) = api.call("GET", reply.json()["draft_url"]).json()["files"]
        assert api.call("GET", url).content == content


def test_a_recorded_draft_without_content_is_refused(shared: Path, api: Api) -> None:
    content = (shared / "contract" / "drafts" / "01_empty_1080x1920.json").read_bytes()
    reply = api.call("PUT", "/v1/drafts/empty", content=zipped({"draft_content.json": content}))
    assert (reply.status_code, reply.json()["code"]) == (400, 2043)
