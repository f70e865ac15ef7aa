"""From what stands in the object store and the job table to the work of a job: done anew after every restart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from actors.downloader import ASSETS_NOTE, DRAFT_NOTE
from actors.kept import kept_report
from cluster.fonts import FarmFonts
from cluster.request import JobRequest
from cluster.rows import Chunk
from cluster.rows import Job as JobRow
from cluster.schema import ChunkState
from cutfarm.errors import StorageError
from cutfarm.media.codecs import container_suffix
from cutfarm.render.identity import has_words
from cutfarm.render.job import Job, plan_job
from cutfarm.render.spec import Asset, ChunkSpec
from cutfarm.storage.keys import asset_key, job_key, segment_key
from cutfarm.storage.store import Store
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.plan import chunk_count
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Entry, Fidelity
from cutfarm.timeline.source import parse_draft


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of a job."""

    job: Job
    chunks: dict[int, tuple[ChunkSpec, str]]  #: spec and key by index, in the order of the video
    whole: frozenset[int]  #: chunks whose files an earlier run of the job finished
    report: tuple[dict[str, Any], ...]  #: what is known of the draft and of the finished chunks


def plan(row: JobRow, earlier: Iterable[Chunk], store: Store, *, workers: int, threads: int) -> Plan | None:
    """The plan of a job, cut as an `earlier` run cut it; None where its draft or a material is not in the store.

    Raises DraftError, RequestError and StorageError.
    """
    note = _note(row.id, store)
    if note is None:
        return None
    request = JobRequest.from_json(row.request)
    draft = parse_draft(store.get_bytes(job_key(row.id, DRAFT_NOTE)))
    assets = {path: Asset("", sha256) for path, sha256 in note["assets"].items()}
    timeline = only_found(read_timeline(draft), assets)
    job = plan_job(timeline, assets, request.options)
    rows = sorted(earlier, key=lambda chunk: chunk.index)
    suffix = container_suffix(job.output.codec).lstrip(".")
    specs = _with_fonts(_specs(job, rows, workers, threads), store)
    chunks = {index: (spec, segment_key(spec.key(), suffix)) for index, spec in enumerate(specs)}
    finished = _finished(rows, chunks, store)
    report = [*note["report"], *job.timeline.report.as_dicts(), *_webhook(request)]
    for entries in finished.values():
        report += entries
    return Plan(job, chunks, frozenset(finished), tuple(report))


def _note(job_id: str, store: Store) -> dict[str, Any] | None:
    key = job_key(job_id, ASSETS_NOTE)
    if not store.exists(key):
        return None
    try:
        note: dict[str, Any] = json.loads(store.get_bytes(key))
        is_whole = all(store.exists(asset_key(sha256)) for sha256 in set(note["assets"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(f"The note {key} is broken.") from error
    return note if is_whole else None


def _specs(job: Job, earlier: list[Chunk], workers: int, threads: int) -> tuple[ChunkSpec, ...]:
    runs = [range(chunk.first_frame, chunk.end_frame) for chunk in earlier]
    if runs and job.has_picture and job.is_covered_by(runs):
        return job.chunks_at(runs, threads)
    return job.chunks(chunk_count(len(job.frames), job.output.fps, workers), threads)


def _with_fonts(specs: tuple[ChunkSpec, ...], store: Store) -> list[ChunkSpec]:
    """Chunks with words are drawn with the fonts that the farm has now, wherever and whenever that is."""
    worded = [has_words(spec.timeline) for spec in specs]
    fonts = FarmFonts(store).keys() if any(worded) else ()
    return [replace(spec, fonts=fonts) if has else spec for spec, has in zip(specs, worded, strict=True)]


def _finished(
    earlier: list[Chunk], chunks: dict[int, tuple[ChunkSpec, str]], store: Store
) -> dict[int, tuple[dict[str, Any], ...]]:
    """The reports of those chunks that are done, unchanged, and still in the store."""
    finished = {}
    for chunk in earlier:
        is_same = chunk.index in chunks and chunks[chunk.index][1] == chunk.key
        if chunk.state == ChunkState.DONE and is_same and (report := kept_report(store, chunk.key)) is not None:
            finished[chunk.index] = report
    return finished


def _webhook(request: JobRequest) -> list[dict[str, Any]]:
    if not request.webhook_url:
        return []
    words = "webhook_url is not called yet; ask gen_video_status instead."
    return [Entry(Fidelity.EXACT, "webhook", words).as_dict()]
