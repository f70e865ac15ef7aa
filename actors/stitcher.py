"""The actor that mixes a job's sound and joins its chunks."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from actors.assets import AssetCache
from actors.messages import Answer, SoundTask, StitchTask, WorkerSettings, answering
from cutfarm.media.codecs import container_suffix
from cutfarm.storage.keys import sound_key
from cutfarm.storage.store import open_store


class Stitcher:
    """Turns a job's chunks and sound into the file that the user gets."""

    def __init__(self, settings: WorkerSettings) -> None:
        import torch  # on the worker only: whoever makes workers need not hold torch itself

        torch.set_num_threads(1)
        self._store = open_store(settings.store)
        self._assets = AssetCache(settings.scratch / "assets", self._store)
        self._scratch = settings.scratch

    @answering
    def mix(self, task: SoundTask) -> Answer:
        """Mix the whole sound into the object store, unless it is there already."""
        from cutfarm.render.soundtrack import key_of_sound, write_sound

        suffix = "mka" if task.spec.is_lossless else "m4a"
        key = sound_key(key_of_sound(task.spec), suffix)
        if self._store.exists(key):
            return Answer(values={"key": key, "reused": True})
        spec = replace(task.spec, assets=self._assets.local(task.spec.assets))
        with tempfile.TemporaryDirectory(prefix="sound-", dir=self._scratch) as folder:
            path = Path(folder) / f"sound.{suffix}"
            sound = write_sound(spec, path)
            self._store.put_file(key, path)
        return Answer(
            report=tuple(sound.report.as_dicts()),
            values={"key": key, "samples": sound.samples, "reused": False},
        )

    @answering
    def stitch(self, task: StitchTask) -> Answer:
        """Join chunks and sound into the result."""
        from cutfarm.media.join import VideoPart
        from cutfarm.render.stitch import stitch

        with tempfile.TemporaryDirectory(prefix="stitch-", dir=self._scratch) as name:
            folder = Path(name)
            suffix = container_suffix(task.codec)
            parts = []
            for number, (key, frame_count) in enumerate(task.chunks):
                file = folder / f"chunk{number:05d}{suffix}"
                self._store.get_file(key, file)
                parts.append(VideoPart(file, frame_count))
            sound = folder / Path(task.sound_key).name
            self._store.get_file(task.sound_key, sound)
            result = folder / f"result{suffix}"
            stitch(parts, sound, result, fps=task.fps)
            self._store.put_file(task.result_key, result)
            return Answer(values={"key": task.result_key, "bytes": result.stat().st_size})
