"""The three timelines of the benchmark as plain data: `python -m benchmarks.timelines a|b|c [--seconds T]`.

Run as a program it writes one of them as a draft, makes the media that it needs first, and prints the draft's path.

A cuts six clips hard, music under them. B is an upright clip for social media: six clips that fill the canvas and
dissolve into each other, a turned and moving picture in the picture, a sticker, twenty captions, music. C is 2160p: two
clips with a dissolve between them, a picture in the picture, a sticker.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.media import OUT, Media, make_media

FPS = 30
_WORDS = (
    "Six clips, one song",
    "and a picture in it",
    "that wanders about",
    "while captions change",
    "every three seconds",
)


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of the main track; neighbours that overlap dissolve into each other."""

    path: Path
    first: int  #: frame of the timeline that shows the clip's own first frame
    end: int  #: one past the last frame that shows it


@dataclass(frozen=True, slots=True)
class Inset:
    """A video in the picture for the whole time; its sound is not heard."""

    path: Path
    width_px: int
    height_px: int
    keys: tuple[tuple[float, int, int], ...]  #: seconds, left, top of the unturned picture; straight between two keys
    rotation_deg: float = 0.0  #: clockwise
    alpha: float = 1.0

    def centres(self) -> list[tuple[float, float, float]]:
        """Seconds and the picture's centre, px."""
        return [(at_s, left + self.width_px / 2, top + self.height_px / 2) for at_s, left, top in self.keys]


@dataclass(frozen=True, slots=True)
class Sticker:
    """A square still with soft edges, for the whole time."""

    path: Path
    side_px: int
    left_px: int
    top_px: int


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of text in the middle of the canvas's width."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Song:
    """Music from the start to the end."""

    path: Path
    gain: float
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Film:
    """A timeline at 30 frames a second."""

    name: str
    width_px: int
    height_px: int
    clips: tuple[Clip, ...]
    fills: bool = False  #: the clips cover the canvas and lose their sides
    inset: Inset | None = None
    sticker: Sticker | None = None
    captions: tuple[Caption, ...] = ()
    song: Song | None = None

    @property
    def frames(self) -> range:
        """All frames."""
        return range(self.clips[-1].end)

    @property
    def length_s(self) -> float:
        """Seconds in all."""
        return len(self.frames) / FPS

    def shown(self, window: range) -> list[Clip]:
        """The clips that `window` shows."""
        return [clip for clip in self.clips if clip.first < window.stop and clip.end > window.start]

    def sources(self, window: range) -> list[tuple[Path, int, int]]:
        """Video files that `window` shows, with the first of their frames and how many of them."""
        found = []
        for clip in self.shown(window):
            first, end = max(clip.first, window.start), min(clip.end, window.stop)
            found.append((clip.path, first - clip.first, end - first))
        return found if self.inset is None else [*found, (self.inset.path, window.start, len(window))]

    def until(self, seconds: float) -> Film:
        """The part before `seconds`; keys and fades stay where they are."""
        end = min(round(seconds * FPS), self.frames.stop)
        clips = tuple(replace(clip, end=min(clip.end, end)) for clip in self.clips if clip.first < end)
        captions = tuple(
            replace(caption, end_s=min(caption.end_s, end / FPS))
            for caption in self.captions
            if caption.start_s < end / FPS
        )
        return replace(self, clips=clips, captions=captions)


def hard_cuts(media: Media) -> Film:
    """Timeline A."""
    clips = tuple(Clip(path, 300 * number, 300 * number + 300) for number, path in enumerate(media.scenes))
    return Film("a", 1920, 1080, clips, song=Song(media.song, 0.5))


def social(media: Media) -> Film:
    """Timeline B."""
    ends = [315] * (len(media.scenes) - 1) + [300]
    clips = tuple(
        Clip(path, 300 * number, 300 * number + length)
        for number, (path, length) in enumerate(zip(media.scenes, ends, strict=True))
    )
    keys = ((0.0, 60, 200), (20.0, 580, 500), (40.0, 100, 900), (60.0, 500, 200))
    return Film(
        "b",
        1080,
        1920,
        clips,
        fills=True,
        inset=Inset(media.inset, 432, 243, keys, rotation_deg=5.0, alpha=0.9),
        sticker=Sticker(media.sticker300, 300, 720, 120),
        captions=captions_until(60.0),
        song=Song(media.song, 0.5, fade_in_s=2.0, fade_out_s=3.0),
    )


def ultra_hd(media: Media) -> Film:
    """Timeline C."""
    clips = Clip(media.uhd[0], 0, 315), Clip(media.uhd[1], 300, 600)
    inset = Inset(media.inset, 960, 540, ((0.0, 2700, 1500),))
    return Film("c", 3840, 2160, clips, inset=inset, sticker=Sticker(media.sticker800, 800, 200, 200))


def cycled(name: str, size_px: tuple[int, int], paths: Sequence[Path], sticker: Path, minutes: float) -> Film:
    """As long as wanted: ten seconds of each clip in turn, a caption every three seconds, a sticker."""
    width_px, height_px = size_px
    cuts = round(minutes * 6)
    clips = tuple(Clip(paths[number % len(paths)], 300 * number, 300 * number + 300) for number in range(cuts))
    side_px = height_px // 4
    corner = Sticker(sticker, side_px, width_px - side_px - 20, 20)
    return Film(name, width_px, height_px, clips, sticker=corner, captions=captions_until(10.0 * cuts))


def captions_until(length_s: float) -> tuple[Caption, ...]:
    """A caption every three seconds, shown for 2.8 s."""
    return tuple(
        Caption(3.0 * number, 3.0 * number + 2.8, f"{_WORDS[number % len(_WORDS)]} #{number + 1}")
        for number in range(int(length_s / 3.0))
    )


FILMS = {"a": hard_cuts, "b": social, "c": ultra_hd}


def main() -> int:
    """Write one timeline as a draft."""
    from benchmarks.draft import write_draft

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("timeline", choices=sorted(FILMS))
    parser.add_argument("--seconds", type=float, help="only so much of it, from the start")
    arguments = parser.parse_args()
    film = FILMS[arguments.timeline](make_media())
    if arguments.seconds:
        film = film.until(arguments.seconds)
    folder = OUT / film.name if arguments.seconds is None else OUT / f"{film.name}-{arguments.seconds:g}s"
    print(write_draft(film, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
