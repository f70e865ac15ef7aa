"""Small timelines and the files that they show, made in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.codecs import Codec
from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from cutfarm.render.spec import Asset, Output
from cutfarm.timeline.model import (
    Canvas,
    ClipSegment,
    Compound,
    Crop,
    Fill,
    PictureKind,
    PictureMaterial,
    PictureSegment,
    Segment,
    Shape,
    TextSegment,
    Timeline,
    Track,
    Transform,
    Transition,
)
from cutfarm.timeline.nesting import shown_paths
from cutfarm.timeline.text import TextBlock, TextStyle
from cutfarm.timeline.time import TimeRange
from tests.media.film import number_in

SECOND = 1_000_000
FPS = Fraction(30)

AS_IT_IS = Transform()

Rgb = tuple[int, int, int]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def clip(
    path: Path | str,
    start_s: float = 0.0,
    length_s: float = 1.0,
    *,
    kind: PictureKind = "video",
    source_s: float = 0.0,
    rate: Fraction | int = 1,
    transform: Transform = AS_IT_IS,
    dissolve_s: float = 0.0,
    **more: object,
) -> PictureSegment:
    """A clip of the file `path`, which is its own material."""
    name = str(path)
    length_us = round(length_s * SECOND)
    return PictureSegment(
        id=str(more.pop("id", f"{Path(name).name}@{start_s:g}")),
        target=TimeRange(round(start_s * SECOND), length_us),
        source=TimeRange(round(source_s * SECOND), round(length_us * rate)),
        rate=Fraction(rate),
        material=PictureMaterial(name, kind, Path(name).name, name, 0, 0, 0, False),
        transform=transform,
        transition=Transition("叠化", "6724845717472416269", "322577", round(dissolve_s * SECOND), True)
        if dissolve_s
        else None,
        **more,  # type: ignore[arg-type]
    )


def cropped(segment: PictureSegment, crop: Crop) -> PictureSegment:
    """The clip, showing a part of its picture."""
    return replace(segment, material=replace(segment.material, crop=crop))


def caption(
    text: str, start_s: float = 0.0, length_s: float = 1.0, *, size: float = 15.0, **more: object
) -> TextSegment:
    """A white caption in the middle."""
    return TextSegment(
        id=str(more.pop("id", text)),
        target=TimeRange(round(start_s * SECOND), round(length_s * SECOND)),
        text=TextBlock(text, text, (TextStyle(0, len(text), size),)),
        **more,  # type: ignore[arg-type]
    )


def compound(
    inner: Timeline,
    start_s: float = 0.0,
    length_s: float | None = None,
    *,
    source_s: float = 0.0,
    rate: Fraction | int = 1,
    has_audio: bool = True,
    **more: object,
) -> ClipSegment:
    """A compound clip of `inner`; as long as this, if nothing is said."""
    length_us = round(inner.duration_us / rate) if length_s is None else round(length_s * SECOND)
    name = str(more.pop("id", f"compound@{start_s:g}"))
    return ClipSegment(
        id=name,
        target=TimeRange(round(start_s * SECOND), length_us),
        source=TimeRange(round(source_s * SECOND), round(length_us * rate)),
        rate=Fraction(rate),
        material=Compound(f"material of {name}", f"{name}'s draft", inner, has_audio),
        **more,  # type: ignore[arg-type]
    )


def generated(content: Fill | Shape, start_s: float = 0.0, length_s: float = 1.0, **more: object) -> ClipSegment:
    """A clip that shows no file."""
    length_us = round(length_s * SECOND)
    return ClipSegment(
        id=str(more.pop("id", content.id)),
        target=TimeRange(round(start_s * SECOND), length_us),
        source=TimeRange(0, length_us),
        rate=Fraction(1),
        material=content,
        **more,  # type: ignore[arg-type]
    )


def timeline(
    *tracks: Sequence[Segment], canvas_px: tuple[int, int] = (640, 360), fps: Fraction = FPS, **more: object
) -> Timeline:
    """Tracks bottom first, each a list of segments."""
    made = tuple(
        Track(
            id=f"t{index}",
            kind="text" if segments and isinstance(segments[0], TextSegment) else "video",
            index=index,
            layer_index=0,
            is_muted=False,
            is_hidden=False,
            segments=tuple(segments),
        )
        for index, segments in enumerate(tracks)
    )
    end_us = max((segment.target.end_us for segments in tracks for segment in segments), default=0)
    return Timeline(Canvas(*canvas_px), fps, end_us, made, False, **more)  # type: ignore[arg-type]


def assets(whole: Timeline) -> Mapping[str, Asset]:
    """Every material is the file that its path names."""
    return {path: Asset(path, f"digest of {Path(path).name}") for path in shown_paths(whole)}


def output(
    width_px: int = 640, height_px: int = 360, codec: Codec = "ffv1", fps: Fraction = FPS, preset: str = "ultrafast"
) -> Output:
    return Output(width_px, height_px, fps, codec, preset, 20)


def solid(path: Path, colour: tuple[int, ...], size_px: tuple[int, int] = (64, 36)) -> Path:
    """A photo of one colour, with transparency where `colour` has four numbers."""
    Image.new("RGB" if len(colour) == 3 else "RGBA", size_px, colour).save(path)
    return path


def quarters(path: Path, size_px: tuple[int, int] = (64, 36)) -> Path:
    """A photo: red and green above, blue and white below."""
    width, height = size_px
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2], rgb[: height // 2, width // 2 :] = RED, GREEN
    rgb[height // 2 :, : width // 2], rgb[height // 2 :, width // 2 :] = BLUE, WHITE
    Image.fromarray(rgb).save(path)
    return path


def numbers_in(path: Path) -> list[int]:
    """The numbers of all frames of a film of `tests.media.film`, as a player shows them."""
    with av.open(str(path)) as file:
        return [number_in(planes_of(Picture(frame)).y.numpy()) for frame in file.decode(video=0)]


def codes(rgb: Rgb) -> NDArray[np.float64]:
    """BT.709 limited code values of 8-bit RGB."""
    red, green, blue = (value / 255 for value in rgb)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return np.array((16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748))
