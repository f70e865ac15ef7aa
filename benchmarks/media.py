"""The benchmark's media, drawn by ffmpeg once and kept under benchmarks/media: some 270 MB.

To a codec the clips look like camera pictures: soft moving shapes with a little noise, some 12 Mbit/s at 1080p30,
closed GOPs of at most 60 frames with two B-frames, AAC beside them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEDIA, OUT = HERE / "media", HERE / "out"
SCENES = 6
_CLIP_S, _INSET_S, _SONG_S = 11, 61, 62
_GRAIN = "noise=c0s=2:c0f=t"
_TURNS = ("hue=h=60,hflip", "hue=h=120,vflip", "hue=h=180", "hue=h=240,hflip", "hue=h=300,vflip")
_VIDEO = "-r 30 -c:v libx264 -preset superfast -crf 22 -g 60 -bf 2 -x264-params open-gop=0 -pix_fmt yuv420p"
_COLOUR = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv"
_SOUND = "-c:a aac -b:a 128k -ar 44100 -ac 2 -movflags +faststart"
_ENCODE = f"{_VIDEO} {_COLOUR} {_SOUND}".split()


@dataclass(frozen=True, slots=True)
class Media:
    """The files."""

    scenes: tuple[Path, ...]  #: 1080p30, 11 s each, with sound
    uhd: tuple[Path, Path]  #: 2160p30, 11 s each, with sound
    inset: Path  #: 1080p30, 61 s
    song: Path  #: 62 s
    sticker300: Path  #: RGBA, soft round edge
    sticker800: Path


def make_media() -> Media:
    """All files, those that lack made first; an unfinished file does not stay."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    scenes = tuple(MEDIA / f"scene{number}.mp4" for number in range(1, SCENES + 1))
    first, *others = scenes
    _make(
        first,
        [
            *_drawn(f"mandelbrot=s=320x180:r=30:maxiter=256:start_scale=2.2:end_scale=0.05:end_pts={_CLIP_S * 30}"),
            *_drawn("testsrc2=s=480x270:r=30"),
            *_tone(275),
        ],
        _soft_shapes(1920, 1080),
        _CLIP_S,
    )
    for number, (scene, turn) in enumerate(zip(others, _TURNS, strict=True), 2):
        _derive(scene, first, turn, 220 + 55 * number)
    uhd = MEDIA / "uhd1.mp4", MEDIA / "uhd2.mp4"
    for number, (path, turn) in enumerate(zip(uhd, ("null", "hue=h=120,hflip"), strict=True)):
        _derive(path, first, f"scale=3840:2160:flags=bicubic,{turn}", 360 + 60 * number)
    inset, song = MEDIA / "inset.mp4", MEDIA / "song.m4a"
    grain = f"[0:v]format=yuv420p,scroll=h=0.002:v=0.001,{_GRAIN}[v]"
    _make(inset, [*_drawn("testsrc2=s=1920x1080:r=30"), *_tone(880)], f"{grain};[1:a]volume=0.3[a]", _INSET_S)
    _chord(song)
    stickers = MEDIA / "sticker300.png", MEDIA / "sticker800.png"
    for path, side_px in zip(stickers, (300, 800), strict=True):
        _disc(path, side_px)
    return Media(scenes, uhd, inset, song, *stickers)


def make_small(media: Media) -> tuple[Path, ...]:
    """The 1080p clips at 640x360, for timelines that are an hour long."""
    small = tuple(MEDIA / f"small{number}.mp4" for number in range(1, SCENES + 1))
    for number, (path, scene) in enumerate(zip(small, media.scenes, strict=True)):
        _derive(path, scene, "scale=640:360:flags=bicubic", 250 + 40 * number)
    return small


def make_upright(media: Media) -> Path:
    """The first 1080p clip turned upright, as phones film: 1080x1920, 11 s."""
    path = MEDIA / "upright.mp4"
    _derive(path, media.scenes[0], "transpose=clock", 250)
    return path


def _soft_shapes(width_px: int, height_px: int) -> str:
    """A zoom into a fractal and a test picture, both enlarged until they are soft, in equal parts, with some noise."""
    enlarged = f"format=yuv444p,scale={width_px}:{height_px}:flags=bilinear,format=yuv420p"
    both = f"[0:v]{enlarged}[deep];[1:v]{enlarged}[flat];[deep][flat]blend=all_mode=average"
    return f"{both},{_GRAIN}:all_seed=1,format=yuv420p[v];[2:a]volume=0.5[a]"


def _derive(path: Path, source: Path, change: str, tone_hz: int) -> None:
    graph = f"[0:v]{change},{_GRAIN}:all_seed={tone_hz},format=yuv420p[v];[1:a]volume=0.5[a]"
    _make(path, ["-i", str(source), *_tone(tone_hz)], graph, _CLIP_S)


def _chord(path: Path) -> None:
    """Two notes a side that swell in turn."""
    left = "0.25*sin(2*PI*220*t)*(0.6+0.4*sin(4*PI*t))+0.15*sin(2*PI*330*t)"
    right = "0.25*sin(2*PI*277*t)*(0.6+0.4*cos(4*PI*t))+0.15*sin(2*PI*415*t)"
    notes = f"aevalsrc=exprs='{left}|{right}':s=44100:d={_SONG_S}"
    _run(path, [*_drawn(notes), "-c:a", "aac", "-b:a", "160k"])


def _disc(path: Path, side_px: int) -> None:
    """A coloured square whose alpha falls from the middle to nothing at the edges."""
    alpha = "clip(510*(1.15-2.2*hypot(X-W/2,Y-H/2)/W),0,255)"
    paint = f"color=white:s={side_px}x{side_px},format=rgba,geq=r='255*X/W':g='255*Y/H':b=200:a='{alpha}'"
    _run(path, [*_drawn(paint), "-frames:v", "1"])


def _drawn(source: str) -> list[str]:
    return ["-f", "lavfi", "-i", source]


def _tone(hertz: int) -> list[str]:
    return _drawn(f"sine=frequency={hertz}:beep_factor=4:sample_rate=44100")


def _make(path: Path, inputs: Sequence[str], graph: str, seconds: int) -> None:
    maps = ["-map", "[v]", "-map", "[a]", "-t", str(seconds)]
    _run(path, [*inputs, "-filter_complex", graph, *maps, *_ENCODE])


def _run(path: Path, arguments: Sequence[str]) -> None:
    if path.exists():
        return
    print(f"making {path.name}", flush=True)
    unfinished = path.with_stem(f"unfinished-{path.stem}")
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(unfinished)], check=True)
    unfinished.rename(path)
