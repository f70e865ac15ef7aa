"""The actor that mixes a job's sound and joins its chunks."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

import ray

from actors.kept import keep, kept_report
from actors.messages import Answer, SoundTask, StitchTask, WorkerSettings, answering
from actors.worker import Worker, use_threads
from cutfarm.errors import Cancelled
from cutfarm.media.codecs import container_suffix
from cutfarm.storage.keys import sound_key


class Stitcher:
    """Turns a job's chunks and sound into the file that the user gets."""

    def __init__(self, settings: WorkerSettings) -> None:
        use_threads(1)
        self._worker = Worker(settings)

    @answering
    def mix(self, task: SoundTask) -> Answer:
        """Mix the whole sound into the object store, unless it is there already."""
        from cutfarm.render.soundtrack import key_of_sound, write_sound

        worker = self._worker
        key = sound_key(key_of_sound(task.spec), task.spec.format.suffix.lstrip("."))
        if (report := kept_report(worker.store, key)) is not None:
            return Answer(report=report, values={"key": key, "reused": True})
        spec = replace(task.spec, assets=worker.assets.local(task.spec.assets))
        with worker.scratch.folder("sound") as folder:
            path = folder / f"sound{task.spec.format.suffix}"
            sound = write_sound(spec, path, should_stop=lambda: worker.is_stopped(task.run))
            report = keep(worker.store, key, path, sound.report.as_dicts())
        return Answer(report=report, values={"key": key, "samples": sound.samples, "reused": False})

    @answering
    def stitch(self, task: StitchTask) -> Answer:
        """Join chunks and sound into the result; sound alone is the result as it is."""
        from cutfarm.media.join import VideoPart
        from cutfarm.render.stitch import deliver, stitch

        worker, suffix, began = self._worker, container_suffix(task.codec), time.perf_counter()
        with worker.scratch.folder("stitch") as folder:
            parts = []
            for number, (key, frame_count) in enumerate(task.chunks):
                if worker.is_stopped(task.run):
                    raise Cancelled("the stitching was stopped")
                file = folder / f"chunk{number:05d}{suffix}"
                worker.store.get_file(key, file)
                parts.append(VideoPart(file, frame_count))
            sound = self._sound(task, folder)
            result = folder / f"result{PurePosixPath(task.result_key).suffix}"
            if parts or sound is None:
                stitch(parts, sound, result, fps=task.fps)
            else:
                deliver(sound, result)
            if worker.is_stopped(task.run):
                raise Cancelled("the stitching was stopped")
            worker.store.put_file(task.result_key, result)
            worker.metrics.stitched(time.perf_counter() - began)
            return Answer(values={"key": task.result_key, "bytes": result.stat().st_size})

    def _sound(self, task: StitchTask, folder: Path) -> Path | None:
        if not task.sound_key:
            return None
        path = folder / f"sound{PurePosixPath(task.sound_key).suffix}"
        self._worker.store.get_file(task.sound_key, path)
        return path

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def hello(self) -> Answer:
        """Say that the actor is there, and in which process."""
        return self._worker.hello()

    @ray.method(concurrency_group="control")  # type: ignore[untyped-decorator]
    def stop(self, run: str) -> Answer:
        """Give up what is done for that run."""
        self._worker.give_up(run)
        return Answer()
