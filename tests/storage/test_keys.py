"""Names that objects are found by."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from cutfarm.storage import keys
from cutfarm.storage.store import check_key


def test_every_kind_of_key_is_a_valid_key() -> None:
    made = [
        keys.asset_key("0" * 64),
        keys.segment_key("1" * 64, "mp4"),
        keys.sound_key("2" * 64, "m4a"),
        keys.output_key(date(2026, 1, 2), "job-1"),
        keys.draft_key("d1", "素材/a.mp4"),
        keys.job_key("job-1", "report.json"),
    ]
    assert [check_key(key) for key in made] == [
        "assets/" + "0" * 64,
        "segments/" + "1" * 64 + ".mp4",
        "sounds/" + "2" * 64 + ".m4a",
        "outputs/2026-01-02/job-1.mp4",
        "drafts/d1/素材/a.mp4",
        "jobs/job-1/report.json",
    ]


@pytest.mark.parametrize(
    ("suffix", "type_"),
    [
        ("mp4", "video/mp4"),
        ("MP4", "video/mp4"),
        ("mkv", "video/x-matroska"),
        ("m4a", "audio/mp4"),
        ("mp3", "audio/mpeg"),
        ("wav", "audio/wav"),
        ("flac", "audio/flac"),
        ("ogg", "audio/ogg"),
        ("png", "image/png"),
        ("unheard-of", "application/octet-stream"),
    ],
)
def test_media_types(suffix: str, type_: str) -> None:
    assert keys.content_type(f"outputs/2026-01-02/job-1.{suffix}") == type_


def test_digest_of_a_file_larger_than_one_read(tmp_path: Path) -> None:
    data = bytes(range(251)) * 9999
    (tmp_path / "a").write_bytes(data)
    assert keys.sha256_of(tmp_path / "a") == hashlib.sha256(data).hexdigest()
