"""Which frames show nothing but one clip, as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from cutfarm.render.placement import Box, place_picture
from cutfarm.render.spec import Output
from cutfarm.timeline.curves import SOUND_CURVES
from cutfarm.timeline.layers import ClipLayer, Layer, LayerStack, TextLayer
from cutfarm.timeline.model import Canvas, Crop, PictureSegment
from cutfarm.timeline.time import frame_of, time_of

_ROUNDED = Fraction(1, 1000)  # a speed so near to 1 comes from lengths in whole microseconds


@dataclass(frozen=True, slots=True)
class UntouchedClip:
    """Frames that show nothing but a clip, untouched."""

    frames: range
    segment: PictureSegment
    source_us: Fraction  #: media time of the first frame

    def source_time_us(self, frame: int, fps: Fraction) -> Fraction:
        """Media time that output frame `frame` shows."""
        return self.source_us + time_of(frame - self.frames.start, fps) * self.segment.rate

    def frame_near(self, source_us: Fraction, fps: Fraction) -> int:
        """The output frame whose media time is nearest."""
        late_us = (source_us - self.source_us) / self.segment.rate
        return self.frames.start + frame_of(late_us, fps)


def untouched_clips(stack: LayerStack, canvas: Canvas, output: Output, frames: range) -> Iterator[UntouchedClip]:
    """Runs of frames that show nothing but one clip as it is, each as long as it can be."""
    begun: UntouchedClip | None = None
    for run in _still_runs(stack, frames):
        layer = _shown_alone(stack.at(run.start))
        segment = None if layer is None else layer.segment
        if (
            layer is None
            or not isinstance(segment, PictureSegment)
            or not _is_untouched(layer, segment, canvas, output)
        ):
            continue
        if begun is not None and begun.segment is segment and begun.frames.stop == run.start:
            begun = UntouchedClip(range(begun.frames.start, run.stop), begun.segment, begun.source_us)
            continue
        if begun is not None:
            yield begun
        begun = UntouchedClip(run, segment, layer.source_us)
    if begun is not None:
        yield begun


def _still_runs(stack: LayerStack, frames: range) -> Iterator[range]:
    """Runs of frames whose layers neither change nor move."""
    edges = sorted({frames.start, frames.stop, *(edge for edge in stack.changes() if edge in frames)})
    for first, last in pairwise(edges):
        if any(_moves(layer) for layer in stack.at(first)):
            yield from (range(frame, frame + 1) for frame in range(first, last))
        else:
            yield range(first, last)


def _moves(layer: Layer) -> bool:
    if not isinstance(layer, ClipLayer | TextLayer):
        return False
    return any(curve.property not in SOUND_CURVES for curve in layer.segment.curves)


def _shown_alone(layers: tuple[Layer, ...]) -> ClipLayer | None:
    """The topmost layer that shows, if it is a clip: what fills the canvas hides all below it."""
    for layer in reversed(layers):
        if isinstance(layer, ClipLayer | TextLayer) and layer.transform.alpha <= 0.0:
            continue
        return layer if isinstance(layer, ClipLayer) else None
    return None


def _is_untouched(layer: ClipLayer, segment: PictureSegment, canvas: Canvas, output: Output) -> bool:
    """Whether the clip, if it has the output's size, is shown as it is."""
    size_px = (output.width_px, output.height_px)
    if segment.material.kind != "video" or segment.material.crop != Crop() or abs(segment.rate - 1) > _ROUNDED:
        return False
    if layer.transform.alpha < 1.0 or not _is_plain(segment):
        return False
    return place_picture(size_px, layer.transform, canvas, size_px).whole_box() == Box(0, 0, *size_px)


def _is_plain(segment: PictureSegment) -> bool:
    """Whether nothing is set but what is looked at here or only heard; a property added later counts as a touch."""
    return segment == PictureSegment(
        id=segment.id,
        target=segment.target,
        render_index=segment.render_index,
        is_visible=segment.is_visible,
        curves=segment.curves,
        unknown=segment.unknown,
        source=segment.source,
        rate=segment.rate,
        volume=segment.volume,
        fade=segment.fade,
        treatment=segment.treatment,
        keep_pitch=segment.keep_pitch,
        material=segment.material,
        transform=segment.transform,
        uniform_scale=segment.uniform_scale,
        transition=segment.transition,
        background=segment.background,
        animations=segment.animations,
    )
