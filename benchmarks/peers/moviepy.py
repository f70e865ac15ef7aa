"""A `Film` for MoviePy 2: `python -m benchmarks.peers.moviepy a|b|c FIRST END OUT`, frames.

The sound of clips that dissolve is cut where the draft cuts it.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.draft import CAPTION_TOP_PX, source_us, spans_us
from benchmarks.measure import Program
from benchmarks.media import OUT, make_media
from benchmarks.peers.stills import caption_still
from benchmarks.timelines import FILMS, FPS, Film, Inset, Song

NAME = "MoviePy"
_X264 = ["-crf", "23", "-g", "60", "-pix_fmt", "yuv420p"]


def is_installed() -> bool:
    """Whether this environment has MoviePy."""
    return importlib.util.find_spec("moviepy") is not None


def program(film: Film, window: range, folder: Path) -> Program:
    """This module as a program."""
    out = folder / "moviepy.mp4"
    span = [str(window.start), str(window.stop), str(out)]
    return Program(NAME, [sys.executable, "-m", "benchmarks.peers.moviepy", film.name, *span], out)


def render(film: Film, window: range, out: Path) -> None:
    """Compose the window and write it."""
    import moviepy

    end_s = window.stop / FPS
    layers = _clips(film, window)
    if film.inset is not None:
        layers.append(_inset(film.inset, end_s))
    if film.sticker is not None:
        place = film.sticker.left_px, film.sticker.top_px
        layers.append(moviepy.ImageClip(str(film.sticker.path)).with_duration(end_s).with_position(place))
    top_px = round(CAPTION_TOP_PX * film.height_px / 1920)
    for number, caption in enumerate(film.captions):
        if caption.start_s < end_s:
            still = caption_still(caption.text, film.width_px, OUT / film.name / f"caption{number}.png")
            picture = moviepy.ImageClip(str(still)).with_start(caption.start_s)
            layers.append(picture.with_end(min(caption.end_s, end_s)).with_position((0, top_px)))
    whole = moviepy.CompositeVideoClip(layers, size=(film.width_px, film.height_px)).with_duration(end_s)
    whole = whole.with_audio(_sound(film, window)).subclipped(window.start / FPS, end_s)
    settings = {"codec": "libx264", "preset": "veryfast", "ffmpeg_params": [*_X264, "-movflags", "+faststart"]}
    sound = {"audio_codec": "aac", "audio_bitrate": "192k", "audio_fps": 44100}
    whole.write_videofile(str(out), fps=FPS, threads=2, logger=None, **settings, **sound)


def _clips(film: Film, window: range) -> list[Any]:
    """The clips in their places, each fading in over the one before it."""
    import moviepy
    from moviepy import vfx

    found, before = [], None
    for clip in film.shown(window):
        length_s = (clip.end - clip.first) / FPS
        picture = moviepy.VideoFileClip(str(clip.path), audio=False).subclipped(0, length_s)
        if film.fills:
            crop = vfx.Crop(x_center=960, width=608, y1=0, height=1080)
            picture = picture.with_effects([crop, vfx.Resize((film.width_px, film.height_px))])
        if before is not None and before.end > clip.first:
            picture = picture.with_effects([vfx.CrossFadeIn((before.end - clip.first) / FPS)])
        found.append(picture.with_start(clip.first / FPS))
        before = clip
    return found


def _inset(inset: Inset, end_s: float) -> Any:
    import moviepy
    from moviepy import vfx

    picture = moviepy.VideoFileClip(str(inset.path), audio=False).subclipped(0, end_s)
    picture = picture.with_effects([vfx.Resize((inset.width_px, inset.height_px))])
    if inset.rotation_deg or inset.alpha < 1:
        # MoviePy turns the other way round and grows the box.
        picture = picture.with_mask().with_effects([vfx.Rotate(-inset.rotation_deg, expand=True)])
        picture = picture.with_opacity(inset.alpha)
    times_s, xs, ys = zip(*inset.centres(), strict=True)
    width_px, height_px = picture.size

    def place(at_s: float) -> tuple[float, float]:
        return np.interp(at_s, times_s, xs) - width_px / 2, np.interp(at_s, times_s, ys) - height_px / 2

    return picture.with_position(place)


def _sound(film: Film, window: range) -> Any:
    import moviepy

    clips, end_s = film.shown(window), window.stop / FPS
    heard = []
    for clip, (start_us, stop_us) in zip(film.clips, spans_us(film), strict=True):
        if clip in clips:
            from_s, length_s = source_us(clip, start_us) / 1e6, (stop_us - start_us) / 1e6
            sound = moviepy.AudioFileClip(str(clip.path)).subclipped(from_s, from_s + length_s)
            heard.append(sound.with_start(start_us / 1e6))
    if film.song is not None:
        heard.append(_song(film.song, film.length_s))
    return moviepy.CompositeAudioClip(heard).with_duration(end_s)


def _song(song: Song, length_s: float) -> Any:
    import moviepy
    from moviepy import afx

    effects = [afx.MultiplyVolume(song.gain)]
    effects += [afx.AudioFadeIn(song.fade_in_s)] if song.fade_in_s else []
    effects += [afx.AudioFadeOut(song.fade_out_s)] if song.fade_out_s else []
    return moviepy.AudioFileClip(str(song.path)).subclipped(0, length_s).with_effects(effects)


def main() -> int:
    """Render one window."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("timeline", choices=sorted(FILMS))
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    render(FILMS[arguments.timeline](make_media()), range(arguments.first, arguments.end), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
