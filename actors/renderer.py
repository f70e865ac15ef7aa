"""The actor that renders chunks."""

from __future__ import annotations

import time
from dataclasses import replace

import ray

from actors.kept import keep, kept_report
from actors.messages import Answer, ChunkTask, WorkerSettings, answering
from actors.worker import Worker, use_fonts, use_threads
from cutfarm.errors import Cancelled
from cutfarm.media.codecs import container_suffix
from cutfarm.render.devices import chosen_device


class SegmentRenderer:
    """Renders chunks one after the other, decoders and fonts kept warm; told apart by its name on the dashboard."""

    def __init__(self, settings: WorkerSettings) -> None:
        use_threads(settings.threads)
        self._worker = Worker(settings)
        self._device = chosen_device()
        self._frames = 0

    @answering
    def render(self, task: ChunkTask) -> Answer:
        """Render a chunk into the object store, unless its key is there already."""
        from cutfarm.render.segment import render_chunk

        worker, self._frames = self._worker, 0
        if (report := kept_report(worker.store, task.key)) is not None:
            worker.metrics.chunk_ended("reused")
            return Answer(report=report, values={"reused": True})
        if worker.is_stopped(task.run):
            raise Cancelled("the render was stopped")
        spec = replace(task.spec, assets=worker.assets.local(task.spec.assets))
        use_fonts(worker.fonts.folder(spec.fonts))
        began = time.perf_counter()
        with worker.scratch.folder("chunk") as folder:
            chunk = render_chunk(
                spec,
                folder / f"chunk{container_suffix(spec.output.codec)}",
                device=self._device,
                on_frame=self._note,
                should_stop=lambda: worker.is_stopped(task.run),
            )
            report = keep(worker.store, task.key, chunk.path, chunk.report.as_dicts())
        seconds, height_px = time.perf_counter() - began, spec.output.height_px
        worker.metrics.chunk_rendered(seconds, chunk.frame_count, backend=self._device, height_px=height_px)
        return Answer(report=report, values={"bytes": chunk.size_bytes, "reused": False})

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def hello(self) -> Answer:
        """Say that the actor is there, and in which process."""
        return self._worker.hello()

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def progress(self) -> Answer:
        """How many frames of the chunk in work are done."""
        return Answer(values={"frames": self._frames})

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def stop(self, run: str) -> Answer:
        """Give up the chunk of that run at its next frame, and do not begin another."""
        self._worker.give_up(run)
        return Answer()

    def _note(self, frames: int) -> None:
        self._frames = frames
