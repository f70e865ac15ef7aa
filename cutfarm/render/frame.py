"""A frame: all layers of one instant. A pure function of (timeline, frame number, output, device)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self

from cutfarm.media.picture import Picture
from cutfarm.media.source import PictureSource
from cutfarm.media.video import VideoSource
from cutfarm.render.contents import open_content
from cutfarm.render.drawing import Drawing, clips_of, shown_ids
from cutfarm.render.faults import FilmFaults
from cutfarm.render.sources import Setting, Sources, shown_files
from cutfarm.render.spec import Assets, Output
from cutfarm.timeline.layers import Layer, LayerStack
from cutfarm.timeline.model import ClipSegment, Timeline
from cutfarm.timeline.report import Report

if TYPE_CHECKING:
    from cutfarm.media.device import Download
    from cutfarm.media.planes import Planes


class Compositor:
    """Makes the frames of a timeline, best asked in ascending order.

    Holds open files and decoders: close it.
    """

    def __init__(
        self, timeline: Timeline, assets: Assets, output: Output, *, device: str = "cpu", threads: int = 1
    ) -> None:
        self._canvas = timeline.canvas
        self._output_px = (output.width_px, output.height_px)
        self._device = device
        self._stack = LayerStack(timeline, output.fps)
        self._setting = Setting(assets, timeline.canvas, self._output_px, output.fps, threads)
        shows = shown_files(timeline)
        self._sources = Sources(assets, threads, shows, self._open_content, self._open_video, self._setting.room)
        self._drawing = Drawing(self._canvas, self._output_px, self._sources)
        self._faults = FilmFaults(output.fps)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        self._drawing.keep(())
        self._sources.close()

    @property
    def report(self) -> Report:
        """What was found while drawing, such as films that are damaged and fonts that had to be replaced."""
        return self._faults.report + self._drawing.report + self._sources.report

    def frame(self, number: int) -> Picture | Planes:
        """The picture of output frame `number`; planes where it was composited on a GPU. Only to be read.

        It may share memory with a decoder or with the next frame. Raises AssetMissing, AssetUnreadable, and DraftError
        where more films are shown at once than can be decoded.
        """
        layers = self._stack.at(number)
        self._forget(layers)
        seen = self._drawing.seen(layers)
        picture = self._drawing.picture(seen)
        self._faults.look(number, clips_of(seen), self._sources)
        return picture

    def pictures(self, numbers: Sequence[int]) -> Iterator[Picture | Download]:
        """The pictures of `numbers`, each drawn when it is asked for, as the encoder takes them."""
        for number in numbers:
            picture = self.frame(number)
            assert isinstance(picture, Picture)
            yield picture

    def _open_video(self, path: str, threads: int) -> PictureSource:
        return VideoSource(path, threads)

    def _open_content(self, segment: ClipSegment) -> PictureSource:
        return open_content(segment, self._setting)

    def _forget(self, layers: tuple[Layer, ...]) -> None:
        shown = shown_ids(layers)
        self._sources.keep(shown)
        self._drawing.keep(shown)


def open_compositor(
    timeline: Timeline, assets: Assets, output: Output, *, device: str = "cpu", threads: int = 1
) -> Compositor:
    """The compositor for a device: `cpu`, or `cuda` with or without a number."""
    if device == "cpu":
        return Compositor(timeline, assets, output, threads=threads)
    from cutfarm.render.gpu import GpuCompositor  # brings tensors and the GPU's codecs

    return GpuCompositor(timeline, assets, output, device=device, threads=threads)
