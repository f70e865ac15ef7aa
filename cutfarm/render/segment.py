"""One chunk of a job: frames in, an encoded file out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.errors import Cancelled
from cutfarm.media.encode import VideoWriter
from cutfarm.media.picture import Picture
from cutfarm.media.remux import copy_packets
from cutfarm.render.frame import Compositor, open_compositor
from cutfarm.render.spec import ChunkSpec
from cutfarm.stages import waiting
from cutfarm.timeline.report import Report

if TYPE_CHECKING:
    from cutfarm.media.device import Download

_AHEAD = 4  # pictures composited while the encoder is busy with an earlier one


@dataclass(frozen=True, slots=True)
class ChunkFile:
    """A finished chunk."""

    path: Path
    frame_count: int
    size_bytes: int
    report: Report  #: what was found while drawing


def render_chunk(
    spec: ChunkSpec,
    path: Path,
    *,
    device: str = "cpu",
    on_frame: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ChunkFile:
    """Render the frames of `spec` into the file `path`; a file that is not finished does not stay.

    `on_frame` is told how many frames are done; `should_stop` is asked before each one. Two threads overlap
    compositing and encoding.
    Raises AssetError for a material's fault, EncodeError, Cancelled.
    """
    output = spec.output
    if spec.copied is not None:
        copy_packets(
            spec.assets[spec.copied.path].path,
            path,
            first_ticks=spec.copied.first_ticks,
            frame_count=spec.frame_count,
            reorder_frames=spec.copied.reorder_frames,
            fps=output.fps,
            on_frame=on_frame,
            should_stop=should_stop,
        )
        return ChunkFile(path, spec.frame_count, path.stat().st_size, Report())
    with (
        open_compositor(spec.timeline, spec.assets, output, device=device, threads=spec.threads) as compositor,
        VideoWriter(
            path,
            width_px=output.width_px,
            height_px=output.height_px,
            fps=output.fps,
            codec=output.codec,
            preset=output.preset,
            crf=output.crf,
            threads=spec.threads,
            on_nvenc=output.on_nvenc,
        ) as writer,
        _Ahead(compositor, spec, should_stop or (lambda: False)) as pictures,
    ):
        for picture in pictures:
            writer.write(picture)
            if on_frame is not None:
                on_frame(writer.frame_count)
        report = compositor.report
    return ChunkFile(path, spec.frame_count, path.stat().st_size, report)


class _Ahead:
    """The chunk's pictures in order, made in a thread of their own a few frames ahead of the encoder."""

    def __init__(self, compositor: Compositor, spec: ChunkSpec, should_stop: Callable[[], bool]) -> None:
        self._compositor = compositor
        self._frames = range(spec.first_frame, spec.end_frame)
        self._should_stop = should_stop
        self._made: queue.Queue[Picture | Download | BaseException | None] = queue.Queue(maxsize=_AHEAD)
        self._is_abandoned = threading.Event()
        self._thread = threading.Thread(target=self._compose, name=f"compose {self._frames}", daemon=True)

    def __enter__(self) -> Iterator[Picture]:
        self._thread.start()
        return self._pictures()

    def __exit__(self, *_: object) -> None:
        self._is_abandoned.set()
        self._thread.join()

    def _pictures(self) -> Iterator[Picture]:
        while (item := self._next()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item if isinstance(item, Picture) else item.picture()

    def _next(self) -> Picture | Download | BaseException | None:
        with waiting():
            return self._made.get()

    def _compose(self) -> None:
        try:
            pictures = iter(self._compositor.pictures(self._frames))
            for _ in self._frames:
                if self._is_abandoned.is_set():
                    return
                if self._should_stop():
                    raise Cancelled("the render was stopped")
                self._hand_over(next(pictures))
        except BaseException as error:  # the encoder's thread raises it
            self._hand_over(error)
        else:
            self._hand_over(None)

    def _hand_over(self, item: Picture | Download | BaseException | None) -> None:
        with waiting():
            while not self._is_abandoned.is_set():
                try:
                    self._made.put(item, timeout=0.2)
                except queue.Full:
                    continue
                return
