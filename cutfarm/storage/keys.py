"""How objects are called, and the digests that some of them are called by."""

from __future__ import annotations

import hashlib
from datetime import date
from mimetypes import guess_type
from pathlib import Path, PurePosixPath

ASSETS, SEGMENTS, SOUNDS, OUTPUTS, DRAFTS, JOBS = "assets/", "segments/", "sounds/", "outputs/", "drafts/", "jobs/"
FONTS = "fonts/"

#: Of what a farm delivers, whatever the machine's own tables say.
_CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mkv": "video/x-matroska",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mka": "audio/x-matroska",
}


def asset_key(sha256: str) -> str:
    """A material's bytes, by their SHA-256."""
    return f"{ASSETS}{sha256}"


def segment_key(content_key: str, extension: str) -> str:
    """An encoded chunk, by `ChunkSpec.key()`."""
    return f"{SEGMENTS}{content_key}.{extension}"


def sound_key(content_key: str, extension: str) -> str:
    """The whole mixed sound of a job, by the hash of all that it depends on."""
    return f"{SOUNDS}{content_key}.{extension}"


def output_key(day: date, job_id: str, extension: str = "mp4") -> str:
    """A finished file, under the day it was made, so that a day's results are found and expire together."""
    return f"{OUTPUTS}{day.isoformat()}/{job_id}.{extension}"


def draft_key(draft_id: str, path: str) -> str:
    """A file of a draft that the farm hosts; `path` is relative to the draft's folder."""
    return f"{DRAFTS}{draft_id}/{path}"


def font_key(sha256: str, name: str) -> str:
    """A font file that the farm's captions may be drawn with, by its SHA-256 and its name."""
    return f"{FONTS}{sha256}/{name}"


def job_key(job_id: str, name: str) -> str:
    """What belongs to one job alone: its report, a still, a log."""
    return f"{JOBS}{job_id}/{name}"


def content_type(key: str) -> str:
    """The media type of an object, by its ending."""
    known = _CONTENT_TYPES.get(PurePosixPath(key).suffix.lower())
    return known or guess_type(key)[0] or "application/octet-stream"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
