"""Compound clips: a draft within the draft, drawn on a canvas of its own and shown as a video with transparency."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction

from cutfarm.media.backwards import BackwardsVideo
from cutfarm.media.picture import Picture
from cutfarm.media.resample import Cut, PartScaler
from cutfarm.media.source import PictureSource, SourcePicture
from cutfarm.media.video import VideoSource
from cutfarm.render.drawing import Drawing, clips_of, shown_ids
from cutfarm.render.placement import place_picture, sampling_size
from cutfarm.render.sources import ComposedSource, Setting, Sources, naming, shown_files
from cutfarm.stages import stage
from cutfarm.timeline.curves import SCALE_CURVES
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, LayerStack
from cutfarm.timeline.model import Canvas, ClipSegment, Compound, Curve, Transform
from cutfarm.timeline.nesting import inner_clock
from cutfarm.timeline.report import Report

_LARGEST_PX = 8192  # the longer side of what a canvas is enlarged to, as for the output
_MOST_SAMPLES = 1 << 23  # of its picture, a little more than 4K has, unless what it lies on has more
_SIZES = 2  # that one is drawn at in turn: for its place and, blurred, for the background
_ROUNDED = 0.01  # an odd canvas has an even output, which is hardly larger


@dataclass(slots=True)
class _Instant:
    """What is seen of the inner timeline at one of its frames; asked for many times over, and worked out once."""

    number: int
    seen: tuple[Layer, ...]
    is_opaque: bool
    time_us: Fraction  #: that was asked for last
    key: Hashable = None


class CompoundSource(ComposedSource):
    """The inner timeline of a compound clip; gaps in it are transparent.

    Its frames lie on a grid (`inner_clock`), and the one nearest to the time asked for is shown, so that any cutting
    of a job into chunks gives the same pictures. It is drawn at the size that it has in the output; where its scale
    moves, at the largest one and shrunk from there, so that nothing in it pulses. Inner clips are opened when the inner
    playhead reaches them and closed when it has left: as many decoders are open as inner clips are shown at once, and
    two more.
    """

    is_opaque = False  #: as a whole; `is_opaque_at` knows better

    def __init__(
        self,
        segment: ClipSegment,
        setting: Setting,
        open_content: Callable[[ClipSegment, Setting], PictureSource],
    ) -> None:
        assert isinstance(segment.material, Compound)
        inner = segment.material.timeline
        self._segment = segment
        self._canvas = inner.canvas
        self.width_px, self.height_px = _own_px(setting, inner.canvas)
        self._moves = any(curve.property in SCALE_CURVES for curve in segment.curves)
        self._drawn_px = _even(self._largest_px(setting))
        self._clock = inner_clock(segment, inner, setting.fps)
        self._stack = LayerStack(inner, self._clock.fps)
        is_backwards = segment.is_reversed != setting.is_backwards
        within = replace(
            setting, canvas=inner.canvas, output_px=self._drawn_px, fps=self._clock.fps, is_backwards=is_backwards
        )
        self._sources = Sources(
            setting.assets,
            setting.threads,
            shown_files(inner),
            lambda shown: open_content(shown, within),
            _open_backwards if is_backwards else VideoSource,
            setting.room,
        )
        self._drawings: dict[tuple[int, int], Drawing] = {}
        self._instant: _Instant | None = None
        self._scaler = PartScaler()
        self._report = Report()  # of drawings that are given up

    @property
    def report(self) -> Report:
        """What was found while drawing, with the inner segments' ids."""
        drawn = (drawing.report for drawing in self._drawings.values())
        return sum(drawn, self._report + self._sources.report)

    def close(self) -> None:
        """Close all inner files."""
        self._instant = None
        self._report = self.report
        self._drawings.clear()
        self._sources.close()

    def is_opaque_at(self, time_us: Fraction) -> bool:
        """Whether an opaque inner clip fills the inner canvas."""
        with naming(self._segment):
            return self._at(time_us).is_opaque

    def own_picture_at(self, time_us: Fraction) -> Picture | None:
        """The inner canvas in its own size, if it is drawn at that anyway or an inner clip's picture goes through."""
        own_px = (self.width_px, self.height_px)
        with naming(self._segment):
            instant = self._at(time_us)
            if not instant.is_opaque or self._moves or own_px != _even(own_px):
                return None
            drawing = self._drawing(own_px)
            picture = drawing.alone(instant.seen)
            if picture is None and own_px == self._drawn_px:
                picture = drawing.picture(instant.seen)
            return picture

    def part_at(self, time_us: Fraction, cut: Cut) -> Picture | None:
        """A part of the picture in its own size, scaled, if it can be had in that."""
        whole = self.own_picture_at(time_us)
        with stage("convert"):
            return None if whole is None else Picture(self._scaler.scale(whole.frame, cut))

    def clips_at(self, time_us: Fraction) -> tuple[Sequence[ClipLayer], Sources]:
        """The inner clips that are seen, and their sources."""
        with naming(self._segment):
            return clips_of(self._at(time_us).seen), self._sources

    def key_at(self, time_us: Fraction) -> Hashable:
        """What is shown of each inner layer: a draft that stands still is drawn once."""
        with naming(self._segment):
            instant = self._at(time_us)
            if instant.key is None:
                instant.key = tuple(self._layer_key(layer) for layer in instant.seen)
            return instant.key

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> None:
        """Nothing of its own: the inner clips have faults."""

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> SourcePicture:
        """The inner canvas at `time_us`: premultiplied, or opaque where an opaque inner clip fills it."""
        with naming(self._segment):
            seen = self._at(time_us).seen
            size_px = self._drawn_px if self._moves else _even((width_px, height_px))
            picture = self._drawing(size_px).cut_out(seen)
            if size_px == (width_px, height_px):
                return picture
            from cutfarm.media.planes import tensors_of  # brings tensors, which a plain cut does without
            from cutfarm.render.shrink import shrunk

            return shrunk(tensors_of(picture), width_px, height_px)

    def _at(self, time_us: Fraction) -> _Instant:
        instant = self._instant
        if instant is not None and instant.time_us == time_us:
            return instant
        number = self._clock.frame_at(time_us)
        if instant is None or instant.number != number:
            instant = self._instant = self._seen_at(number, time_us)
        instant.time_us = time_us
        return instant

    def _seen_at(self, number: int, time_us: Fraction) -> _Instant:
        layers = self._stack.at(number)
        shown = shown_ids(layers)
        self._sources.keep(shown)
        for drawing in self._drawings.values():
            drawing.keep(shown)
        drawing = self._drawing(self._drawn_px)
        seen = drawing.seen(layers)
        return _Instant(number, seen, bool(seen) and drawing.hides(seen[0]), time_us)

    def _drawing(self, size_px: tuple[int, int]) -> Drawing:
        """What draws at a size; of those that have not been asked for any longer few are kept."""
        drawing = self._drawings.pop(size_px, None) or Drawing(self._canvas, size_px, self._sources)
        self._drawings[size_px] = drawing
        while len(self._drawings) > _SIZES:
            self._report += self._drawings.pop(next(iter(self._drawings))).report
        return drawing

    def _layer_key(self, layer: Layer) -> Hashable:
        if isinstance(layer, DissolveLayer):
            return (self._layer_key(layer.outgoing), self._layer_key(layer.incoming), layer.progress)
        if layer.transform.alpha <= 0.0:
            return None
        looks = [getattr(layer, field.name) for field in fields(layer) if field.name not in {"segment", "source_us"}]
        if not isinstance(layer, ClipLayer):
            return (layer.segment.id, *looks)
        return (layer.segment.id, self._sources.of(layer.segment).key_at(layer.source_us), *looks)

    def _largest_px(self, setting: Setting) -> tuple[int, int]:
        """The largest size that the canvas is asked for at; never above its own."""
        transform = self._segment.transform
        if self._moves:
            largest = max(_reach(curve) for curve in self._segment.curves if curve.property in SCALE_CURVES)
            transform = Transform(
                scale_x=max(largest, abs(transform.scale_x)), scale_y=max(largest, abs(transform.scale_y))
            )
        own_px = (self.width_px, self.height_px)
        return sampling_size(place_picture(own_px, transform, setting.canvas, setting.output_px), self._segment)


def _open_backwards(path: str, threads: int) -> PictureSource:
    """A film in a compound clip that is played backwards: its times go back, though it is not reversed itself."""
    return BackwardsVideo(path, threads, asks_for_ends=False)


def _reach(curve: Curve) -> float:
    """What no value of the curve goes beyond: a Bézier lies among its control points."""
    return max(
        abs(key.value + (handle.dy if handle else 0.0))
        for key in curve.keys
        for handle in (None, key.before, key.after)
    )


def _own_px(setting: Setting, inner: Canvas) -> tuple[int, int]:
    """The size of a compound clip's own picture: its canvas's, or that some whole times if the output is enlarged too.

    An odd canvas is doubled, since no even size is its own. One with far more pixels than what it lies on is reduced.
    """
    canvas, inner_px = setting.canvas, (inner.width_px, inner.height_px)
    most = max(_MOST_SAMPLES, setting.output_px[0] * setting.output_px[1]) / (inner.width_px * inner.height_px)
    if most < 1.0:
        width, height = (max(round(side * math.sqrt(most)), 1) for side in inner_px)
        return width, height
    ratio = max(setting.output_px[0] / canvas.width_px, setting.output_px[1] / canvas.height_px)
    wanted = math.ceil(ratio - _ROUNDED) * (2 if inner_px[0] % 2 or inner_px[1] % 2 else 1)
    enlarged = max(min(wanted, _LARGEST_PX // max(inner_px), int(math.sqrt(most))), 1)
    return inner.width_px * enlarged, inner.height_px * enlarged


def _even(size_px: tuple[int, int]) -> tuple[int, int]:
    return size_px[0] + size_px[0] % 2, size_px[1] + size_px[1] % 2
