"""A scene for every kind of layer, for the painters to be held against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

import av
import numpy as np
from PIL import Image

from cutfarm.timeline.model import (
    Background,
    Blend,
    BlendMode,
    BlurBackground,
    ChromaKey,
    ClipSegment,
    ColourBackground,
    Curve,
    Fill,
    ImageBackground,
    Mask,
    MaskShape,
    MaskText,
    PictureSegment,
    Segment,
    Shape,
    Transform,
)
from cutfarm.timeline.time import TimeRange
from tests.media import test_transparent as films
from tests.media.film import at_rate, write_film
from tests.media.test_hdr import fill, tagged, write
from tests.render.scene import SECOND, caption, clip, compound, timeline
from tests.render.test_gpu import (
    CANVAS,
    MOVES,
    Files,
    Scene,
    Tracks,
    curve,
    over_film,
    smooth,
)

KEY = ChromaKey(0.16, 0.55, 0.4, intensity=0.3, shadow=0.4, edge=0.5, spill=0.4)
SOFT = Mask("circle", width=0.7, height=0.8, center_x=0.1, rotation_deg=15.0, feather=0.2)
WORDS = MaskText("Mm", "", 12.0, 1.0, 0.0, 0.0, 1)
OBLIQUE = Transform(scale_x=0.7, scale_y=0.5, rotation_deg=25.0, shift_x=0.15, shift_y=-0.1)


def photo(folder: Path, size_px: tuple[int, int] = (200, 112)) -> Path:
    """Soft colours."""
    rng = np.random.default_rng(8)
    path = folder / "photo.png"
    Image.fromarray(np.stack([smooth(rng, size_px[1], size_px[0]) for _ in range(3)], -1)).save(path)
    return path


def above(files: Files, move: Transform = OBLIQUE, **looks: object) -> PictureSegment:
    """A photo, whose samples both painters are given alike."""
    return clip(photo(files.folder), 0, 2, kind="photo", transform=move, id="above", **looks)


def film_above(files: Files, move: Transform = OBLIQUE, **looks: object) -> PictureSegment:
    return clip(files.film, 0, 2, source_s=0.5, transform=move, id="above", **looks)


def drawn(material: Fill | Shape, move: Transform = OBLIQUE, **looks: object) -> ClipSegment:
    """A clip that shows no file."""
    span = TimeRange(0, 2 * SECOND)
    return ClipSegment(
        id="drawn", target=span, source=span, rate=Fraction(1), material=material, transform=move, **looks
    )  # type: ignore[arg-type]


def stars(folder: Path) -> Path:
    """An animation with transparency."""
    frames = [Image.new("RGBA", (60, 40), (50 * n, 200, 90, 255)) for n in range(4)]
    for number, frame in enumerate(frames):
        frame.paste((0, 0, 0, 0), (10 * number, 5, 10 * number + 20, 30))
    path = folder / "stars.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=90, loop=0, lossless=True)
    return path


def two_sizes(folder: Path) -> Path:
    """A recording whose pictures become smaller, and of another shape, in the middle."""
    parts = []
    for number, size_px in enumerate(((320, 180), (160, 160))):
        times = [Fraction(15 * number) / 30 + time for time in at_rate(15)]
        part = write_film(folder / f"part{number}.ts", times, size_px=size_px, options={"g": "15"})
        parts.append(part.read_bytes())
    whole = folder / "sizes.ts"
    whole.write_bytes(b"".join(parts))
    return whole


def interlaced(folder: Path) -> Path:
    path = folder / "fields.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "1", "g": "12", "x264-params": "tff=1"})
        stream.width, stream.height, stream.pix_fmt = *CANVAS, "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        shape = smooth(np.random.default_rng(1), CANVAS[1], CANVAS[0])
        for number in range(60):
            rows = np.roll(shape, 4 * number, axis=1)
            rows[1::2] = np.roll(shape, 4 * number + 2, axis=1)[1::2]
            frame = av.VideoFrame.from_ndarray(np.concatenate([rows, np.full((90, 320), 120, np.uint8)]), "yuv420p")
            frame.colorspace, frame.color_range, frame.pts = 1, 1, number
            frame.time_base = Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def inner(files: Files, *, is_filled: bool) -> Tracks:
    """What is in a compound clip: opaque, or with holes."""
    small = Transform(scale_x=0.6, scale_y=0.6, shift_x=-0.2)
    below = clip(files.film, 0, 2, source_s=0.3, id="inner", transform=Transform() if is_filled else small)
    return [[below], [clip(files.disc, 0, 2, kind="photo", id="inner disc", curves=moving("KFTypePositionX"))]]


def hdr(folder: Path) -> Path:
    """Soft shapes as PQ in BT.2020."""
    rng = np.random.default_rng(3)
    frame = av.VideoFrame(*CANVAS, "yuv420p10le")
    planes = [smooth(rng, CANVAS[1] // half, CANVAS[0] // half).astype(np.int64) for half in (1, 2, 2)]
    fill(frame, [2 * planes[0] + 100, 400 + planes[1], 400 + planes[2]], "<u2")
    return write(folder / "hdr.mkv", [tagged(frame, "pq", "bt2020")] * 30)


def nested(files: Files, move: Transform = OBLIQUE, *, is_filled: bool = False, **looks: object) -> ClipSegment:
    return compound(timeline(*inner(files, is_filled=is_filled), canvas_px=CANVAS), 0, 2, transform=move, **looks)


def moving(name: str, first: float = -0.4, last: float = 0.4) -> tuple[Curve, ...]:
    return (curve(name, first, last),)


def dissolving(files: Files, outgoing: Segment, incoming: Segment) -> Tracks:
    """The two over a film, each half the time."""
    assert isinstance(outgoing, ClipSegment)
    [handover] = [clip(files.film, dissolve_s=1).transition]
    first = replace(outgoing, id="one", target=TimeRange(0, SECOND), transition=handover)
    return [[clip(files.film, 0, 2)], [first, replace(incoming, id="other", target=TimeRange(SECOND, SECOND))]]


def masks() -> Iterator[tuple[str, Scene]]:
    for shape in get_args(MaskShape):
        mask = replace(SOFT, shape=shape, feather=0.03, text=WORDS if shape == "text" else None)
        yield f"{shape} mask", lambda files, mask=mask: over_film(files.film, above(files, mask=mask))
    for name, move in MOVES.items():
        yield (
            f"mask on a film {name}",
            lambda files, move=move: over_film(files.film, film_above(files, replace(move, alpha=0.8), mask=SOFT)),
        )
    inverted = replace(SOFT, is_inverted=True)
    yield "inverted mask", lambda files: over_film(files.film, film_above(files, mask=inverted))
    wandering = replace(SOFT, curves=moving("KFTypeCommonMaskPositionX"))
    yield "mask that wanders", lambda files: over_film(files.film, film_above(files, mask=wandering))
    whole = replace(SOFT, shape="rectangle", width=4.0, height=4.0, feather=0.0)
    yield (
        "mask that cuts nothing off",
        lambda files: over_film(files.film, film_above(files, MOVES["between pixels"], mask=whole)),
    )
    nothing = replace(SOFT, center_x=9.0)
    yield "mask that keeps nothing", lambda files: over_film(files.film, above(files, mask=nothing))
    yield (
        "mask on a sticker",
        lambda files: over_film(files.film, clip(files.disc, 0, 2, kind="sticker", mask=SOFT, transform=OBLIQUE)),
    )


def blends() -> Iterator[tuple[str, Scene]]:
    for mode in get_args(BlendMode):
        blend = Blend(mode, 0.8)
        yield f"{mode}", lambda files, blend=blend: over_film(files.film, above(files, blend=blend))
    screen = Blend("screen")
    for name, move in MOVES.items():
        yield (
            f"screened film {name}",
            lambda files, move=move: over_film(
                files.film, film_above(files, replace(move, alpha=0.8), blend=screen), caption("Hgß", 0, 2)
            ),
        )
    yield (
        "multiplied sticker that wanders",
        lambda files: over_film(
            files.film,
            clip(files.disc, 0, 2, kind="photo", blend=Blend("multiply"), curves=moving("KFTypePositionX")),
            clip(files.disc, 0, 2, kind="photo", blend=Blend("overlay", 0.5), transform=OBLIQUE, id="over"),
        ),
    )
    yield "blend of no strength", lambda files: over_film(files.film, above(files, blend=Blend("multiply", 0.0)))
    yield "blend on black", lambda files: [[above(files, blend=screen)]]


def keys() -> Iterator[tuple[str, Scene]]:
    for name in ("as it is", "between pixels", "turned", "mirrored"):
        yield (
            f"keyed photo {name}",
            lambda files, name=name: over_film(files.film, above(files, MOVES[name], chroma_key=KEY)),
        )
    yield "keyed film", lambda files: [[above(files, Transform())], [film_above(files, Transform(), chroma_key=KEY)]]
    all_at_once = {"chroma_key": KEY, "mask": SOFT, "blend": Blend("hard_light", 0.7)}
    yield (
        "keyed, masked, blended and faded",
        lambda files: over_film(files.film, above(files, curves=moving("KFTypeAlpha", 0.0, 1.0), **all_at_once)),
    )


def dissolves() -> Iterator[tuple[str, Scene]]:
    masked, multiply = {"mask": SOFT}, {"blend": Blend("multiply")}
    yield (
        "dissolve of masked and keyed",
        lambda files: dissolving(files, film_above(files, **masked), above(files, chroma_key=KEY)),
    )
    yield (
        "dissolve of blended ones",
        lambda files: dissolving(
            files, film_above(files, MOVES["partly outside"], blend=Blend("screen")), above(files, **multiply)
        ),
    )
    yield (
        "dissolve of a blended and a plain one",
        lambda files: dissolving(files, above(files, **multiply), film_above(files, MOVES["half as large"])),
    )
    for name, looks in (("blended", multiply), ("masked", masked)):
        yield (
            f"{name} into nothing",
            lambda files, looks=looks: dissolving(
                files, above(files, **looks), film_above(files, Transform(alpha=0.0))
            ),
        )
    yield (
        "dissolve of compound clips",
        lambda files: dissolving(
            files, nested(files, Transform()), nested(files, OBLIQUE, id="second", blend=Blend("screen"))
        ),
    )
    blue = ColourBackground(0.1, 0.2, 0.7)
    yield (
        "dissolve of a blended one on its background",
        lambda files: dissolving(files, above(files, background=blue, **multiply), film_above(files, **masked)),
    )


def generated() -> Iterator[tuple[str, Scene]]:
    gradient = Fill("fill", 0, 0, ((1.0, 0.4, 0.0, 1.0), (0.0, 0.3, 0.9, 0.4)), (0.0, 1.0), 40.0)
    opaque = replace(gradient, colours=((1.0, 0.4, 0.0, 1.0), (0.0, 0.3, 0.9, 1.0)))
    pane = Fill("pane", 0, 0, ((1.0, 0.0, 0.0, 0.9),))
    on_whole_pixels = Transform(scale_x=0.5, scale_y=0.5, shift_y=1 / 90)
    yield (
        "pane on whole pixels that fades",
        lambda files: over_film(files.film, drawn(pane, on_whole_pixels, curves=moving("KFTypeAlpha", 0.8, 1.0))),
    )
    yield (
        "dissolve of panes on whole pixels",
        lambda files: dissolving(files, drawn(pane, on_whole_pixels), drawn(pane, Transform())),
    )
    triangle = Shape("shape", ((-60, -40), (60, -40), (0, 70)), (0.9, 0.8, 0.1, 1.0), (0.0, 0.0, 0.0, 1.0), 6.0, 10.0)
    for name, material in (("gradient", gradient), ("opaque gradient", opaque), ("shape", triangle)):
        yield f"{name}", lambda files, material=material: over_film(files.film, drawn(material))
        yield (
            f"{name} in its place",
            lambda files, material=material: over_film(files.film, drawn(material, Transform())),
        )
        yield (
            f"{name} multiplied",
            lambda files, material=material: over_film(files.film, drawn(material, mask=SOFT, blend=Blend("multiply"))),
        )
    backgrounds: dict[str, Callable[[Files], Background]] = {
        "a colour": lambda _: ColourBackground(0.2, 0.5, 0.3),
        "its blur": lambda _: BlurBackground(0.375),
        "a picture": lambda files: ImageBackground(str(photo(files.folder))),
    }
    for name, of in backgrounds.items():
        for looks in ({}, {"mask": SOFT}, {"blend": Blend("screen")}):
            told = "".join(f", {look}" for look in looks)
            yield (
                f"film on {name}{told}",
                lambda files, of=of, looks=looks: [
                    [film_above(files, background=of(files), **looks)],
                    [caption("Hgß", 0, 2)],
                ],
            )
    yield "compound clip on its blur", lambda files: [[nested(files, background=BlurBackground(0.375))]]


def sources() -> Iterator[tuple[str, Scene]]:
    for name, move in MOVES.items():
        for is_filled in (False, True):
            told = f"{'opaque ' if is_filled else ''}compound clip {name}"
            yield (
                told,
                lambda files, move=move, is_filled=is_filled: over_film(
                    files.film, nested(files, move, is_filled=is_filled)
                ),
            )
        yield (
            f"reversed film {name}",
            lambda files, move=move: over_film(files.film, film_above(files, move, is_reversed=True)),
        )
        yield (
            f"animation {name}",
            lambda files, move=move: over_film(files.film, clip(stars(files.folder), 0, 2, kind="gif", transform=move)),
        )
    yield (
        "compound clip that fades",
        lambda files: over_film(files.film, nested(files, Transform(), curves=moving("KFTypeAlpha", 0.0, 1.0))),
    )
    yield (
        "compound clip that grows",
        lambda files: over_film(files.film, nested(files, curves=moving("KFTypeScaleX", 0.2, 1.1))),
    )
    yield (
        "masked compound clip, multiplied",
        lambda files: over_film(files.film, nested(files, mask=SOFT, blend=Blend("multiply", 0.9))),
    )
    yield (
        "reversed film, masked",
        lambda files: over_film(files.film, film_above(files, is_reversed=True, mask=SOFT)),
    )
    for name in ("prores.mov", "png.mov"):
        for where in ("as it is", "turned", "between pixels"):
            yield (
                f"{name} {where}",
                lambda files, name=name, where=where: over_film(
                    files.film, clip(films.write(files.folder / name), 0, 2, transform=MOVES[where])
                ),
            )
    yield "HDR film", lambda files: over_film(files.film, clip(hdr(files.folder), 0, 1))
    yield "interlaced film", lambda files: [[clip(interlaced(files.folder), 0, 2)]]
    yield "film that changes its size", lambda files: [[clip(two_sizes(files.folder), 0, 2)]]


SCENES: dict[str, Scene] = {
    name: scene for scenes in (masks, blends, keys, dissolves, generated, sources) for name, scene in scenes()
}
