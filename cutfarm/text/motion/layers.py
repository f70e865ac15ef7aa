"""What families do to pixels: tints composed, drawings masked, lit and sampled, at most one layer of the ink each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import skia

from cutfarm.text.motion.moment import Box, Draw, Tint

PLAIN = Tint()
_FAR_PX = 32768.0
_ROOM_PX = 2.0


def nothing(_canvas: Any, _tint: Tint) -> None:
    """The drawing that leaves no ink."""


def faded(draw: Draw, alpha: float) -> Draw:
    """The drawing at an opacity."""
    if alpha <= 0.0:
        return nothing
    return draw if alpha >= 1.0 else lambda canvas, tint: draw(canvas, tint.faded(alpha))


def toned(draw: Draw, colours: Any) -> Draw:
    """The drawing through a skia.ColorFilter."""

    def drawn(canvas: Any, tint: Tint) -> None:
        outer = tint.colours
        composed = colours if outer is None else skia.ColorFilters.Compose(outer, colours)
        draw(canvas, replace(tint, colours=composed))

    return drawn


def filtered(draw: Draw, image: Any, *, is_linear: bool = True) -> Draw:
    """The drawing through a skia.ImageFilter that does not ask where it is.

    One that is not linear, such as layers over each other, is made of the opaque drawing and fades as a whole.
    """

    def drawn(canvas: Any, tint: Tint) -> None:
        inner, alpha = image, tint.alpha
        if alpha < 1.0 and not is_linear:
            inner, alpha = skia.ImageFilters.ColorFilter(_fading(alpha), inner), 1.0
        if tint.colours is not None:
            inner = skia.ImageFilters.ColorFilter(tint.colours, inner)
        draw(canvas, Tint(alpha, None, inner if tint.image is None else skia.ImageFilters.Compose(tint.image, inner)))

    return drawn


def _fading(alpha: float) -> Any:
    return skia.ColorFilters.Matrix([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, alpha, 0])


def moved(draw: Draw, x_px: float, y_px: float) -> Draw:
    """The drawing elsewhere."""

    def drawn(canvas: Any, tint: Tint) -> None:
        canvas.save()
        canvas.translate(x_px, y_px)
        draw(canvas, tint)
        canvas.restore()

    return drawn


def paint_of(tint: Tint, **fields: Any) -> Any:
    """A skia.Paint that lays a layer, an image or a shader down by a tint: colours first, then the filter.

    `fields` are properties of the paint. All are given to its constructor: the setters copy shaders by writing them
    out and reading them again.
    """
    if tint.image is not None:
        coloured = tint.colours and skia.ImageFilters.ColorFilter(tint.colours, None)
        fields["ImageFilter"] = skia.ImageFilters.Compose(tint.image, coloured) if coloured else tint.image
    elif tint.colours is not None:
        fields["ColorFilter"] = tint.colours
    paint = skia.Paint(**fields)
    paint.setAlphaf(tint.alpha)
    return paint


def recorded(draw: Draw) -> Any | None:
    """The drawing, untinted, as a skia.Picture whose bounds are those of its ink; None without any."""
    recorder = skia.PictureRecorder()
    everywhere = skia.Rect.MakeLTRB(-_FAR_PX, -_FAR_PX, _FAR_PX, _FAR_PX)
    draw(recorder.beginRecording(everywhere, skia.RTreeFactory()()), PLAIN)
    picture = recorder.finishRecordingAsPicture()
    return None if picture.cullRect().isEmpty() or not picture.approximateOpCount() else picture


def around(box: Box, ink: Any) -> Box:
    """The box that holds `box` and a skia.Rect: what is written beyond its advances is not left behind."""
    return Box(
        min(box.left, ink.left()), min(box.top, ink.top()), max(box.right, ink.right()), max(box.bottom, ink.bottom())
    )


def layered(picture: Any, overlays: Sequence[tuple[Any, Any]], canvas: Any, tint: Tint) -> None:
    """Draw a recording with (skia.Shader, skia.BlendMode) laid over its ink, in one layer of its size."""
    bounds = picture.cullRect().makeOutset(_ROOM_PX, _ROOM_PX)
    canvas.saveLayer(bounds, paint_of(tint))
    canvas.drawPicture(picture)
    for shader, mode in overlays:
        canvas.drawRect(bounds.makeOutset(_ROOM_PX, _ROOM_PX), skia.Paint(Shader=shader, BlendMode=mode))
    canvas.restore()


def masked(canvas: Any, tint: Tint, picture: Any, mask: Any) -> None:
    """Draw a recording multiplied by the alpha of a skia.Shader."""
    layered(picture, [(mask, skia.BlendMode.kDstIn)], canvas, tint)


def lit(draw: Draw, light: Any) -> Draw:
    """The drawing with a skia.Shader's light on its ink: rgb + L·(α − rgb), α as it was."""

    def drawn(canvas: Any, tint: Tint) -> None:
        picture = recorded(draw)
        if picture is not None:
            layered(picture, [(light, skia.BlendMode.kSrcATop)], canvas, tint)

    return drawn


def sampled(
    draw: Draw, source: str, reach_px: tuple[float, float], uniforms: Mapping[str, Sequence[float]], **children: Any
) -> Draw:
    """The drawing through SkSL that evaluates it as the shader `src`, in pixels of the picture.

    `reach_px` is how far from the ink the program may show any, to the sides and up or down.
    """

    def drawn(canvas: Any, tint: Tint) -> None:
        picture = recorded(draw)
        if picture is None:
            return
        ink = skia.Rect.Make(picture.cullRect().roundOut()).makeOutset(_ROOM_PX, _ROOM_PX)
        paint = paint_of(tint, Shader=shader(source, uniforms, src=tile(picture, ink), **children))
        canvas.drawRect(ink.makeOutset(*reach_px), paint)

    return drawn


def tile(picture: Any, ink: Any) -> Any:
    """A recording as a skia.Shader where it was drawn, clear outside `ink`."""
    clear = skia.TileMode.kDecal
    place = skia.Matrix.Translate(ink.left(), ink.top())
    return picture.makeShader(clear, clear, skia.FilterMode.kLinear, place, ink)


def shader(source: str, uniforms: Mapping[str, Sequence[float]], **children: Any) -> Any:
    """A skia.Shader of an SkSL program, which is compiled once per process."""
    builder = skia.RuntimeShaderBuilder(_program(source))
    for name, values in uniforms.items():
        numbers = [float(value) for value in values]
        builder.setUniform(name, numbers if len(numbers) > 1 else numbers[0])
    for name, child in children.items():
        builder.setChild(name, child)
    return builder.makeShader()


@cache
def colour_program(source: str) -> Any:
    """A skia.RuntimeEffect for colour filters, compiled once per process."""
    return skia.RuntimeEffect.MakeForColorFilter(source)


@cache
def _program(source: str) -> Any:
    return skia.RuntimeEffect.MakeForShader(source)
