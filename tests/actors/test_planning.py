"""From what stands in the store to the work of a job: drafts within the draft."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actors.planning import Plan, plan
from cluster.fonts import FarmFonts
from cluster.request import JobRequest
from cluster.rows import Job
from cluster.schema import JobStatus
from cutfarm.storage.folder import FolderStore
from cutfarm.storage.keys import asset_key, job_key

SECOND = 1_000_000


def span(start_s: float, length_s: float) -> dict[str, int]:
    return {"start": round(start_s * SECOND), "duration": round(length_s * SECOND)}


def draft_of(*segments: dict[str, Any], **materials: Any) -> dict[str, Any]:
    return {
        "canvas_config": {"width": 640, "height": 360},
        "fps": 30,
        "tracks": [{"id": "t", "type": "video", "segments": list(segments)}],
        "materials": materials,
    }


def nested(inner_length_s: float = 20) -> dict[str, Any]:
    """A compound clip of 20 s that shows two films in a row, the second one for `inner_length_s`."""
    films = [{"id": f"m{n}", "type": "video", "path": f"/app/{n}.mp4", "duration": 100 * SECOND} for n in range(2)]
    times = (span(0, 10), span(10, inner_length_s))
    clips = [
        {"id": f"s{n}", "material_id": f"m{n}", "target_timerange": time, "source_timerange": span(0, 20)}
        for n, time in enumerate(times)
    ]
    shown = {"id": "c", "material_id": "stub", "extra_material_refs": ["d"]}
    return draft_of(
        {**shown, "target_timerange": span(0, 20), "source_timerange": span(0, 20)},
        videos=[{"id": "stub", "type": "video", "path": ""}],
        drafts=[{"id": "d", "type": "combination", "draft": draft_of(*clips, videos=films)}],
    )


def planned(store: FolderStore, draft: dict[str, Any]) -> Plan:
    digests = {f"/app/{n}.mp4": str(n) * 64 for n in range(2)}
    for digest in digests.values():
        store.put_bytes(asset_key(digest), b"film")
    store.put_bytes(job_key("j", "draft.json"), json.dumps(draft).encode())
    store.put_bytes(job_key("j", "assets.json"), json.dumps({"assets": digests, "report": []}).encode())
    now = datetime.now(UTC)
    facts = ("http://x/y", "d", JobRequest().as_json(), JobStatus.PROCESSING, "", 0.0, "", [], "", "")
    found = plan(Job("j", *facts, now, now, None, "", None, False), (), store, workers=2, threads=1)
    assert found is not None
    return found


def test_a_chunk_is_given_the_files_that_it_shows_of_a_compound_clip(tmp_path: Path) -> None:
    found = planned(FolderStore(tmp_path), nested())
    first, second = (spec for spec, _ in found.chunks.values())
    assert (first.end_frame, second.end_frame) == (300, 600)
    assert {path: asset.sha256 for path, asset in first.assets.items()} == {"/app/0.mp4": "0" * 64}
    assert {path: asset.sha256 for path, asset in second.assets.items()} == {"/app/1.mp4": "1" * 64}
    assert set(found.job.sound.assets) == {"/app/0.mp4", "/app/1.mp4"}


def test_an_edit_within_a_compound_clip_touches_the_chunks_that_show_it(tmp_path: Path) -> None:
    before, after = (planned(FolderStore(tmp_path), draft) for draft in (nested(), nested(10)))
    keys = [[key for _, key in found.chunks.values()] for found in (before, after)]
    assert keys[0][0] == keys[1][0]
    assert keys[0][1] != keys[1][1]


def worded() -> dict[str, Any]:
    """Sixteen seconds of a film and then four with words over it."""
    draft = draft_of(
        {"id": "s", "material_id": "m", "target_timerange": span(0, 20), "source_timerange": span(0, 20)},
        videos=[{"id": "m", "type": "video", "path": "/app/0.mp4", "duration": 100 * SECOND}],
        texts=[{"id": "w", "type": "text", "content": '{"text": "words", "styles": []}'}],
    )
    words = {"id": "c", "material_id": "w", "target_timerange": span(16, 4)}
    draft["tracks"].append({"id": "u", "type": "text", "segments": [words]})
    return draft


def test_chunks_with_words_are_drawn_with_the_fonts_that_the_farm_has_then(tmp_path: Path) -> None:
    store, font = FolderStore(tmp_path / "store"), tmp_path / "a.ttf"
    font.write_bytes(b"font")
    before = planned(store, worded())
    stored = FarmFonts(store).put(font)
    after = planned(store, worded())
    assert [spec.fonts for spec, _ in before.chunks.values()] == [(), ()]
    assert [spec.fonts for spec, _ in after.chunks.values()] == [(), (stored.key,)]
    keys = [[key for _, key in found.chunks.values()] for found in (before, after)]
    assert keys[0][0] == keys[1][0]
    assert keys[0][1] != keys[1][1]
