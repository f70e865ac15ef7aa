"""The actor that renders chunks."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import ray

from actors.assets import AssetCache
from actors.messages import Answer, ChunkTask, WorkerSettings, answering
from cutfarm.media.codecs import container_suffix
from cutfarm.storage.store import open_store


class SegmentRenderer:
    """Renders chunks one after the other, decoders and fonts kept warm; told apart by its name on the dashboard."""

    def __init__(self, settings: WorkerSettings) -> None:
        import torch  # on the worker only: whoever makes workers need not hold torch itself

        torch.set_num_threads(settings.threads)
        self._store = open_store(settings.store)
        self._assets = AssetCache(settings.scratch / "assets", self._store)
        self._scratch = settings.scratch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._done: dict[tuple[str, int], int] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()

    @answering
    def render(self, task: ChunkTask) -> Answer:
        """Render a chunk into the object store, unless its key is there already."""
        from cutfarm.render.segment import render_chunk

        place = (task.job_id, task.index)
        if self._store.exists(task.key):
            return Answer(values={"frames": task.spec.frame_count, "reused": True})
        spec = replace(task.spec, assets=self._assets.local(task.spec.assets))
        with tempfile.TemporaryDirectory(prefix="chunk-", dir=self._scratch) as folder:
            file = Path(folder) / f"chunk{container_suffix(spec.output.codec)}"
            try:
                chunk = render_chunk(
                    spec,
                    file,
                    device=self._device,
                    on_frame=lambda frames: self._note(place, frames),
                    should_stop=lambda: task.job_id in self._stopped,
                )
                self._store.put_file(task.key, file)
            finally:
                with self._lock:
                    self._done.pop(place, None)
        return Answer(
            report=tuple(chunk.report.as_dicts()),
            values={"frames": chunk.frame_count, "bytes": chunk.size_bytes, "reused": False},
        )

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def progress(self) -> dict[tuple[str, int], int]:
        """Frames done of the chunks in work, by job and chunk."""
        with self._lock:
            return dict(self._done)

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def stop(self, job_id: str) -> None:
        """Give up the chunks of a job at their next frame, and those still to come."""
        self._stopped.add(job_id)

    def _note(self, place: tuple[str, int], frames: int) -> None:
        with self._lock:
            self._done[place] = frames
