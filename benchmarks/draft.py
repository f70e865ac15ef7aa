"""A `Film` as a draft, written with pyJianYingDraft as thousands of people write theirs."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pyJianYingDraft
from pyJianYingDraft import ClipSettings, KeyframeProperty, TrackSpec, TrackType, trange

from benchmarks.timelines import FPS, Caption, Clip, Film, Inset, Song, Sticker

LINE_PX_PER_SIZE = 6.21  # height of a line of size 1 on a canvas that is 1080 px wide
CAPTION_LINE_PX, CAPTION_EM_PX, STROKE_PX, CAPTION_TOP_PX = 70.0, 60.0, 5.0, 1500.0
_STROKE_EM_PER_WIDTH = 0.2 / 100  # the library's own scale of a border's width


def write_draft(film: Film, folder: Path) -> Path:
    """Write `film` into `folder`, which is made; returns the timeline's file."""
    script = pyJianYingDraft.ScriptFile(film.width_px, film.height_px, FPS, maintrack_adsorb=False)
    video, audio, text = TrackType.video, TrackType.audio, TrackType.text
    kinds = {"main": video, "inset": video, "sticker": video, "song": audio, "captions": text}
    parts = {
        "main": _clips(film),
        "inset": [_inset(film, film.inset)] if film.inset else [],
        "sticker": [_sticker(film, film.sticker)] if film.sticker else [],
        "song": [_song(film, film.song)] if film.song else [],
        "captions": [_caption(film, caption) for caption in film.captions],
    }
    names = [name for name, segments in parts.items() if segments]
    for name, track in zip(names, script.append_tracks([TrackSpec(kinds[name], name) for name in names]), strict=True):
        for segment in parts[name]:
            script.add_segment(segment, track)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "draft_content.json"
    script.dump(str(path))
    return path


def cut_us(earlier: Clip, later: Clip) -> int:
    """Where two clips touch on the draft's track: in the middle of their dissolve."""
    return round((earlier.end + later.first) / 2 / FPS * 1e6)


def source_us(clip: Clip, start_us: int) -> int:
    """Media time of the clip at its segment's start: whole frames, also where the start lies between two frames."""
    return time_us(int(start_us * FPS / 1e6 + 0.5) - clip.first)


def time_us(frame: int) -> int:
    """Start of a frame, the nearest microsecond."""
    return round(frame * 1_000_000 / FPS)


def spans_us(film: Film) -> list[tuple[int, int]]:
    """Start and end of each clip's segment."""
    cuts = [0, *(cut_us(earlier, later) for earlier, later in pairwise(film.clips)), time_us(film.frames.stop)]
    return list(pairwise(cuts))


def _clips(film: Film) -> list[pyJianYingDraft.VideoSegment]:
    segments = []
    for clip, later, (start_us, end_us) in zip(film.clips, [*film.clips[1:], None], spans_us(film), strict=True):
        segment = pyJianYingDraft.VideoSegment(
            _material(clip.path),
            trange(start_us, end_us - start_us),
            source_timerange=trange(source_us(clip, start_us), end_us - start_us),
            clip_settings=_filling(film) if film.fills else None,
        )
        if later is not None and later.first < clip.end:
            duration_us = time_us(clip.end - later.first)
            segment.add_transition(pyJianYingDraft.TransitionType.叠化, duration=duration_us)
        segments.append(segment)
    return segments


@cache
def _material(path: Path) -> pyJianYingDraft.VideoMaterial:
    """Probed once, however often a timeline shows it."""
    return pyJianYingDraft.VideoMaterial(str(path))


def _filling(film: Film) -> ClipSettings:
    """A scale that makes 16:9 clips cover an upright canvas: factors count the picture contained in the canvas."""
    scale = film.height_px / (film.width_px * 9 / 16)
    return ClipSettings(scale_x=scale, scale_y=scale)


def _inset(film: Film, inset: Inset) -> pyJianYingDraft.VideoSegment:
    scale = inset.width_px / min(film.width_px, film.height_px * 16 / 9)
    places = [(at_s, *_shift(film, x_px, y_px)) for at_s, x_px, y_px in inset.centres()]
    settings = ClipSettings(
        alpha=inset.alpha,
        rotation=inset.rotation_deg,
        scale_x=scale,
        scale_y=scale,
        transform_x=places[0][1],
        transform_y=places[0][2],
    )
    whole = trange(0, time_us(film.frames.stop))
    segment = pyJianYingDraft.VideoSegment(str(inset.path), whole, volume=0.0, clip_settings=settings)
    for at_s, x, y in places if len(places) > 1 else []:
        segment.add_keyframe(KeyframeProperty.position_x, round(at_s * 1e6), x)
        segment.add_keyframe(KeyframeProperty.position_y, round(at_s * 1e6), y)
    return segment


def _sticker(film: Film, sticker: Sticker) -> pyJianYingDraft.VideoSegment:
    scale = sticker.side_px / min(film.width_px, film.height_px)
    x, y = _shift(film, sticker.left_px + sticker.side_px / 2, sticker.top_px + sticker.side_px / 2)
    settings = ClipSettings(scale_x=scale, scale_y=scale, transform_x=x, transform_y=y)
    return pyJianYingDraft.VideoSegment(str(sticker.path), trange(0, time_us(film.frames.stop)), clip_settings=settings)


def _caption(film: Film, caption: Caption) -> pyJianYingDraft.TextSegment:
    _, y = _shift(film, 0.0, (CAPTION_TOP_PX + CAPTION_LINE_PX / 2) / 1920 * film.height_px)
    return pyJianYingDraft.TextSegment(
        caption.text,
        trange(round(caption.start_s * 1e6), round((caption.end_s - caption.start_s) * 1e6)),
        style=pyJianYingDraft.TextStyle(size=CAPTION_LINE_PX / LINE_PX_PER_SIZE, bold=True, align=1),
        border=pyJianYingDraft.TextBorder(width=STROKE_PX / CAPTION_EM_PX / _STROKE_EM_PER_WIDTH),
        clip_settings=ClipSettings(transform_y=y, scale_x=1.0, scale_y=1.0),
    )


def _song(film: Film, song: Song) -> pyJianYingDraft.AudioSegment:
    segment = pyJianYingDraft.AudioSegment(str(song.path), trange(0, time_us(film.frames.stop)), volume=song.gain)
    if song.fade_in_s or song.fade_out_s:
        segment.add_fade(round(song.fade_in_s * 1e6), round(song.fade_out_s * 1e6))
    return segment


def _shift(film: Film, x_px: float, y_px: float) -> tuple[float, float]:
    """A point of the canvas as the draft counts it: half canvases from the middle, right and up."""
    return x_px / film.width_px * 2 - 1, 1 - y_px / film.height_px * 2
