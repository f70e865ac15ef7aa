"""What outlines are painted with: a colour, a gradient or a picture over the box of the whole text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import skia

from cutfarm.errors import AssetError, AssetMissing, AssetTooLarge
from cutfarm.text.ink.textures import load_texture
from cutfarm.text.layout.block import bounded
from cutfarm.timeline.text import Colour, Fill, Gradient, GradientStop, Texture

MOST_TEXTURES = 4  #: of one caption, so that it stays in its memory
_MOST_STOPS = 64


@dataclass(frozen=True, slots=True)
class Substance:
    """What a pen or a brush is dipped into."""

    colour: Colour  #: R, G, B, 0…1; where there is no shader
    shader: Any = None  #: skia.Shader in layout pixels
    is_opaque: bool = True  #: whether it hides all that lies under it


class Substances:
    """The fills of one caption, each made once."""

    def __init__(self, width_px: float, height_px: float, files: Mapping[str, Path]) -> None:
        self._box = skia.Rect.MakeWH(width_px, height_px)
        self._files = files
        self._made: dict[Fill, Substance | None] = {}
        self._textures = 0
        self._problems: dict[str, None] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be had: one sentence each."""
        return tuple(self._problems)

    def of(self, colour: Colour, fill: Fill | None) -> Substance:
        """What `fill` stands for; the colour where there is none or its picture cannot be had."""
        if fill is None:
            return Substance(colour)
        if fill not in self._made:
            self._made[fill] = self._gradient(fill) if isinstance(fill, Gradient) else self._texture(fill)
        return self._made[fill] or Substance(colour)

    def _gradient(self, gradient: Gradient) -> Substance | None:
        stops = _usable_stops(gradient.stops)
        if not stops or self._box.isEmpty():
            return None
        colours = [colour4f(stop.colour, stop.alpha).toColor() for stop in stops]
        places = [stop.at for stop in stops]
        x, y = self._box.centerX(), self._box.centerY()
        if gradient.is_radial:
            radius_px = math.hypot(self._box.width(), self._box.height()) / 2
            shader = skia.GradientShader.MakeRadial(skia.Point(x, y), radius_px, colours, places)
        else:
            way = math.radians(gradient.angle_deg if math.isfinite(gradient.angle_deg) else 0.0)
            # From corner to corner, as CSS does: the first and the last colour are met at the box's edge.
            half_px = (abs(self._box.width() * math.cos(way)) + abs(self._box.height() * math.sin(way))) / 2
            right, down = half_px * math.cos(way), half_px * math.sin(way)
            ends = [skia.Point(x - right, y - down), skia.Point(x + right, y + down)]
            shader = skia.GradientShader.MakeLinear(ends, colours, places)
        return Substance(stops[0].colour, shader, all(stop.alpha >= 1.0 for stop in stops))

    def _texture(self, texture: Texture) -> Substance | None:
        name = PureWindowsPath(texture.path).name or texture.resource_id or "without a name"
        try:
            image = self._load(texture)
        except AssetError as error:
            self._problems[f"The picture “{name}” cannot fill the text, its colour does: {error}."] = None
            return None
        self._textures += 1
        factor = max(self._box.width() / image.width(), self._box.height() / image.height())
        matrix = skia.Matrix.Translate(self._box.centerX(), self._box.centerY())
        matrix.preScale(factor, factor).preTranslate(-image.width() / 2, -image.height() / 2)
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        shader = image.withDefaultMipmaps().makeShader(skia.TileMode.kClamp, skia.TileMode.kClamp, sampling, matrix)
        return Substance((0.0, 0.0, 0.0), shader, image.isOpaque())

    def _load(self, texture: Texture) -> Any:
        if texture.path not in self._files:
            raise AssetMissing("it is not among the draft's files")
        if self._textures == MOST_TEXTURES:
            raise AssetTooLarge(f"a caption is filled with {MOST_TEXTURES} pictures at most")
        return load_texture(self._files[texture.path])


def pen(substance: Substance, width_px: float) -> Any:
    """A skia.Paint that draws a line of this width around a path, its corners round."""
    return skia.Paint(
        AntiAlias=True,
        Color4f=colour4f(substance.colour),
        Shader=substance.shader,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width_px,
        StrokeJoin=skia.Paint.kRound_Join,
        StrokeCap=skia.Paint.kRound_Cap,
    )


def brush(substance: Substance, grow_px: float, blend: Any = skia.BlendMode.kSrcOver) -> Any:
    """A skia.Paint that fills a path thickened by `grow_px` on each side."""
    paint = pen(substance, 2 * grow_px)
    paint.setStyle(skia.Paint.kStrokeAndFill_Style if grow_px > 0 else skia.Paint.kFill_Style)
    paint.setBlendMode(blend)
    return paint


def colour4f(colour: Colour, alpha: float = 1.0) -> Any:
    """A skia.Color4f with every channel brought into 0…1."""
    return skia.Color4f(*(bounded(channel, 0.0, 1.0) for channel in (*colour, alpha)))


@contextmanager
def sheet(canvas: Any, alpha: float, bounds: Any = None) -> Iterator[None]:
    """Paint what is drawn inside, within `bounds`, as one sheet of `alpha`, so that overlaps do not show."""
    if alpha >= 1.0:
        yield
        return
    canvas.saveLayer(bounds, skia.Paint(Alphaf=bounded(alpha, 0.0, 1.0)))
    try:
        yield
    finally:
        canvas.restore()


def _usable_stops(stops: tuple[GradientStop, ...]) -> list[GradientStop]:
    """The stops within 0…1, ascending, the first at 0 and the last at 1."""
    usable: list[GradientStop] = []
    for stop in stops[:_MOST_STOPS]:
        at = max(bounded(stop.at, 0.0, 1.0), usable[-1].at if usable else 0.0)
        usable.append(GradientStop(at, stop.colour, bounded(stop.alpha, 0.0, 1.0)))
    if usable and usable[0].at > 0.0:
        usable.insert(0, GradientStop(0.0, usable[0].colour, usable[0].alpha))
    if usable and usable[-1].at < 1.0:
        usable.append(GradientStop(1.0, usable[-1].colour, usable[-1].alpha))
    return usable
