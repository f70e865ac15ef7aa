"""Timeline B without ffmpeg's program and without a draft writer, for a machine that has torch and PyAV alone.

The media are drawn by numpy and encoded by PyAV: two clips of soft moving shapes with a little noise, shown as six.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from PIL import Image

from benchmarks.media import MEDIA, SCENES, Media
from benchmarks.timelines import FPS, Film, Inset, social
from cutfarm.render.spec import Asset, Assets
from cutfarm.timeline.model import (
    Canvas,
    Curve,
    Keyframe,
    PictureKind,
    PictureMaterial,
    PictureSegment,
    Segment,
    TextSegment,
    Timeline,
    Track,
    Transform,
    Transition,
)
from cutfarm.timeline.text import Stroke, TextBlock, TextStyle
from cutfarm.timeline.time import TimeRange

HERE = MEDIA / "gpu"
CLIP_FRAMES = 330
_SIZE_PX = (1920, 1080)
_GRAINS = 8
_LINE_PX, _EM_PX, _STROKE_PX, _TOP_PX, _LINE_PX_PER_SIZE = 70.0, 60.0, 5.0, 1500.0, 6.21
_ENCODER = {"preset": "superfast", "crf": "22", "g": "60", "bf": "2", "x264-params": "open-gop=0"}


def make_small_media(seconds: float) -> Media:
    """The files that timeline B needs for its first `seconds`; kept under benchmarks/media/gpu."""
    HERE.mkdir(parents=True, exist_ok=True)
    drawn = [HERE / f"drawn{number}.mp4" for number in (1, 2)]
    for number, path in enumerate(drawn):
        _write_clip(path, CLIP_FRAMES, seed=number)
    scenes = tuple(HERE / f"scene{number}.mp4" for number in range(1, SCENES + 1))
    for number, path in enumerate(scenes):
        if not path.exists():
            shutil.copy(drawn[number % 2], path)
    inset = HERE / f"inset{seconds:g}.mp4"
    _write_clip(inset, round(seconds * FPS) + 30, seed=7)
    sticker = HERE / "sticker300.png"
    _write_disc(sticker, 300)
    return Media(scenes, (drawn[0], drawn[1]), inset, inset, sticker, sticker)


def timeline_b(media: Media, seconds: float, *, has_text: bool = True) -> tuple[Timeline, Assets]:
    """Timeline B's pictures up to `seconds`, as the draft of it is read."""
    film = social(media)
    frames = range(round(seconds * FPS))
    tracks: list[list[Segment]] = [list(_clips(film, frames))]
    if film.inset is not None:
        tracks.append([_inset(film, film.inset, frames)])
    if film.sticker is not None:
        left, top, side = film.sticker.left_px, film.sticker.top_px, film.sticker.side_px
        x, y = _shift(film, left + side / 2, top + side / 2)
        scale = side / min(film.width_px, film.height_px)
        place = Transform(scale_x=scale, scale_y=scale, shift_x=x, shift_y=y)
        tracks.append([_clip("sticker", film.sticker.path, (0, _us(len(frames))), place, kind="photo")])
    if has_text:
        tracks.append([_caption(film, *words) for words in _words(film, seconds)])
    made = tuple(
        Track(f"t{index}", _kind(segments), index, 0, False, False, tuple(segments))
        for index, segments in enumerate(tracks)
    )
    timeline = Timeline(Canvas(film.width_px, film.height_px), Fraction(FPS), _us(len(frames)), made, False)
    paths = {s.material.path for segments in tracks for s in segments if isinstance(s, PictureSegment)}
    return timeline, {path: Asset(path) for path in paths}


def _kind(segments: list[Segment]) -> str:
    return "text" if isinstance(segments[0], TextSegment) else "video"


def _clips(film: Film, frames: range) -> list[PictureSegment]:
    scale = film.height_px / (film.width_px * 9 / 16)
    shown = [clip for clip in film.clips if clip.first < frames.stop]
    cuts = [0, *(_us((one.end + two.first) / 2) for one, two in pairwise(shown)), _us(frames.stop)]
    segments = []
    for number, (clip, (start, end)) in enumerate(zip(shown, pairwise(cuts), strict=True)):
        overlap = shown[number + 1].first if number + 1 < len(shown) else clip.end
        dissolve = Transition("叠化", "6724845717472416269", "322577", _us(clip.end - overlap), True)
        segments.append(
            _clip(
                f"clip {number}",
                clip.path,
                (start, end),
                Transform(scale_x=scale, scale_y=scale),
                source_us=_us(int(start * FPS / 1e6 + 0.5) - clip.first),
                transition=dissolve if overlap < clip.end else None,
            )
        )
    return segments


def _clip(
    name: str,
    path: Path,
    span_us: tuple[int, int],
    transform: Transform,
    *,
    kind: PictureKind = "video",
    source_us: int = 0,
    curves: tuple[Curve, ...] = (),
    transition: Transition | None = None,
) -> PictureSegment:
    return PictureSegment(
        id=name,
        target=TimeRange(span_us[0], span_us[1] - span_us[0]),
        source=TimeRange(source_us, span_us[1] - span_us[0]),
        rate=Fraction(1),
        volume=0.0,
        curves=curves,
        material=PictureMaterial(name, kind, path.name, str(path), 0, 0, 0, False),
        transform=transform,
        transition=transition,
    )


def _inset(film: Film, inset: Inset, frames: range) -> PictureSegment:
    scale = inset.width_px / min(film.width_px, film.height_px * 16 / 9)
    places = [(round(at_s * 1e6), *_shift(film, x_px, y_px)) for at_s, x_px, y_px in inset.centres()]
    curves = tuple(
        Curve(name, tuple(Keyframe(place[0], place[axis]) for place in places))
        for name, axis in (("KFTypePositionX", 1), ("KFTypePositionY", 2))
    )
    place = Transform(
        alpha=inset.alpha,
        scale_x=scale,
        scale_y=scale,
        rotation_deg=inset.rotation_deg,
        shift_x=places[0][1],
        shift_y=places[0][2],
    )
    return _clip("inset", inset.path, (0, _us(len(frames))), place, curves=curves)


def _words(film: Film, seconds: float) -> list[tuple[float, float, str]]:
    return [(c.start_s, min(c.end_s, seconds), c.text) for c in film.captions if c.start_s < seconds]


def _caption(film: Film, start_s: float, end_s: float, text: str) -> TextSegment:
    _, y = _shift(film, 0.0, (_TOP_PX + _LINE_PX / 2) / 1920 * film.height_px)
    stroke = Stroke((0.0, 0.0, 0.0), 1.0, _STROKE_PX / _EM_PX)
    style = TextStyle(0, len(text), _LINE_PX / _LINE_PX_PER_SIZE, bold=True, strokes=(stroke,))
    return TextSegment(
        id=text,
        target=TimeRange(round(start_s * 1e6), round((end_s - start_s) * 1e6)),
        text=TextBlock(text, text, (style,)),
        transform=Transform(shift_y=y),
    )


def _shift(film: Film, x_px: float, y_px: float) -> tuple[float, float]:
    return x_px / film.width_px * 2 - 1, 1 - y_px / film.height_px * 2


def _us(frame: float) -> int:
    return round(frame * 1_000_000 / FPS)


def _write_clip(path: Path, frames: int, seed: int) -> None:
    """Soft shapes that pass by, under a grain that changes."""
    if path.exists():
        return
    rng = np.random.default_rng(seed)
    width, height = _SIZE_PX
    shapes = [_soft(rng, height // half, width // half) for half in (1, 2, 2)]
    grain = rng.integers(-3, 4, (_GRAINS, height, width), dtype=np.int16)
    unfinished = path.with_stem(f"unfinished-{path.stem}")
    with av.open(str(unfinished), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.thread_type = "AUTO"
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        for number in range(frames):
            planes = [
                np.roll(plane, (number // 2, 3 * number // (1 + (n > 0))), (0, 1)) for n, plane in enumerate(shapes)
            ]
            planes[0] = np.clip(planes[0] + grain[number % _GRAINS], 16, 235)
            frame = av.VideoFrame.from_ndarray(_packed(planes), format="yuv420p")
            frame.colorspace, frame.color_range = 1, 1
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    unfinished.rename(path)


def _packed(planes: list[np.ndarray]) -> np.ndarray:
    """As PyAV takes yuv420p: (3H/2, W)."""
    return np.concatenate([plane.astype(np.uint8).reshape(-1, planes[0].shape[1]) for plane in planes])


def _soft(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    coarse = rng.uniform(40, 220, (height // 60, width // 60)).astype(np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)


def _write_disc(path: Path, side_px: int) -> None:
    """A coloured square whose alpha falls from the middle to nothing at the edges."""
    across, down = np.meshgrid(np.linspace(-1, 1, side_px), np.linspace(-1, 1, side_px))
    rgba = np.zeros((side_px, side_px, 4), np.uint8)
    rgba[..., 0], rgba[..., 1], rgba[..., 2] = 127 * (across + 1), 127 * (down + 1), 200
    rgba[..., 3] = np.clip(510 * (1.15 - 1.1 * np.hypot(across, down)), 0, 255)
    Image.fromarray(rgba).save(path)
