"""A `Film` as one ffmpeg command with one filter graph.

Both programs show the same frame of every source at the same instant; sound is cut where the draft cuts it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.draft import CAPTION_EM_PX, CAPTION_TOP_PX, STROKE_PX, source_us, spans_us, time_us
from benchmarks.timelines import FPS, Clip, Film, Inset, Song, Sticker

ENCODER = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "60", "-pix_fmt", "yuv420p")
SOUND = ("-c:a", "aac", "-b:a", "192k", "-ar", "44100", "-ac", "2", "-movflags", "+faststart")
_TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")


@dataclass(slots=True)
class _Graph:
    """Inputs and filters as they are added."""

    inputs: list[list[str]]
    filters: list[str]

    def read(self, path: Path, first: int = 0, count: int | None = None) -> int:
        """Add an input that starts with frame `first` of the file; returns its number."""
        # Half a frame early, since a frame that lies exactly on the seek point may be rounded away.
        skip = ["-ss", f"{_seek_s(first):.6f}"] if first else []
        span = ["-t", f"{(count + 1) / FPS:.6f}"] if count else []
        self.inputs.append([*skip, *span, "-i", str(path)])
        return len(self.inputs) - 1


def command(film: Film, window: range, out: Path) -> list[str]:
    """Render the frames `window` of `film` to `out`. Neither end of a window may lie inside a dissolve."""
    graph = _picture(film, window, out.with_suffix(".ass"))
    clips = film.shown(window)
    heard = _sound(film, window, clips, graph)
    maps = ["-filter_complex", ";".join(graph.filters), "-map", "[v]", "-map", heard]
    end = ["-t", f"{len(window) / FPS:.6f}", *ENCODER, *_TAGS, *SOUND, str(out)]
    return ["ffmpeg", "-v", "error", "-nostdin", "-y", *_flat(graph.inputs), *maps, *end]


def raw_command(film: Film, window: range, scratch: Path) -> list[str]:
    """The same pictures, not encoded, as planar 4:2:0 on standard output."""
    graph = _picture(film, window, scratch.with_suffix(".ass"))
    end = ["-map", "[v]", "-frames:v", str(len(window)), "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"]
    filters = ["-filter_complex", ";".join(graph.filters)]
    return ["ffmpeg", "-v", "error", "-nostdin", *_flat(graph.inputs), *filters, *end]


def _picture(film: Film, window: range, subtitles: Path) -> _Graph:
    """Everything that is seen, ending in [v]."""
    graph = _Graph([], [])
    clips = film.shown(window)
    for clip, later in zip(clips, [*clips[1:], None], strict=True):
        first, end = max(clip.first, window.start), min(clip.end, window.stop)
        dissolves = later is not None and later.first < clip.end
        # xfade leaves out its last mixed frame where the outgoing clip ends with the dissolve.
        number = graph.read(clip.path, first - clip.first, end - first + dissolves)
        graph.filters.append(f"[{number}:v]{_cover(film)}setsar=1,{_grid(end - first + dissolves)}[c{number}]")
    last = _joined(film, window, graph)
    if film.inset is not None:
        last = _inset(film.inset, window, graph, last)
    if film.sticker is not None:
        last = _sticker(film.sticker, graph, last)
    if film.captions:
        subtitles.write_text(_ass(film, window), encoding="utf-8")
        graph.filters.append(f"[{last}]subtitles=filename='{str(subtitles).replace(':', chr(92) + ':')}'[text]")
        last = "text"
    graph.filters.append(f"[{last}]null[v]")
    return graph


def _grid(count: int) -> str:
    """Exactly `count` frames, at n / FPS."""
    return f"trim=end_frame={count},settb=1/{FPS},setpts=N,fps={FPS}"


def _cover(film: Film) -> str:
    """Crop what the canvas shows, then enlarge: the cheapest order. 612x1080 and 1088x1920 have the same shape."""
    if not film.fills:
        return ""
    return f"crop=612:1080,scale=1088:1920:flags=bicubic,crop={film.width_px}:{film.height_px},"


def _joined(film: Film, window: range, graph: _Graph) -> str:
    """The clips one after the other, dissolved where they overlap; the pad's name."""
    clips = film.shown(window)
    if all(clip.end == later.first for clip, later in pairwise(clips)):
        pads = "".join(f"[c{number}]" for number in range(len(clips)))
        graph.filters.append(f"{pads}concat=n={len(clips)}[joined]")
        return "joined"
    last = "c0"
    for number, (clip, later) in enumerate(pairwise(clips), 1):
        duration_s, offset_s = (clip.end - later.first) / FPS, (later.first - window.start) / FPS
        fade = f"xfade=transition=fade:duration={duration_s:.6f}:offset={offset_s:.6f}"
        # After a dissolve ffmpeg 5.1 skips a timestamp, but no frame.
        graph.filters.append(f"[{last}][c{number}]{fade},setpts=N,fps={FPS}[x{number}]")
        last = f"x{number}"
    return last


def _inset(inset: Inset, window: range, graph: _Graph, below: str) -> str:
    number = graph.read(inset.path, window.start, len(window))
    chain = [f"scale={inset.width_px}:{inset.height_px}:flags=bicubic"]
    if inset.rotation_deg or inset.alpha < 1:
        angle = f"{math.radians(inset.rotation_deg):.9f}"
        turn = f"rotate=a={angle}:ow='rotw({angle})':oh='roth({angle})':c=none"
        chain += ["format=yuva420p", turn, f"lutyuv=a=val*{inset.alpha}"]
    graph.filters.append(f"[{number}:v]{','.join(chain)},{_grid(len(window))}[inset]")
    xs, ys = ([(at_s, centre[axis]) for at_s, *centre in inset.centres()] for axis in (0, 1))
    offset_s = window.start / FPS
    place = f"x='{_line(xs, offset_s)}-overlay_w/2':y='{_line(ys, offset_s)}-overlay_h/2'"
    keyed = "frame" if len(inset.keys) > 1 else "init"
    graph.filters.append(f"[{below}][inset]overlay={place}:eval={keyed}[with_inset]")
    return "with_inset"


def _sticker(sticker: Sticker, graph: _Graph, below: str) -> str:
    number = graph.read(sticker.path)
    # Without the matrix swscale takes that of standard definition.
    graph.filters.append(f"[{number}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[still]")
    graph.filters.append(f"[{below}][still]overlay=x={sticker.left_px}:y={sticker.top_px}[with_still]")
    return "with_still"


def _line(keys: Sequence[tuple[float, float]], offset_s: float) -> str:
    """An expression of `t`, straight between the keys, held after the last one."""
    words = f"{keys[-1][1]:g}"
    for (start_s, start), (end_s, end) in reversed(list(pairwise(keys))):
        straight = f"{start:g}+({end - start:g})*(t-({start_s - offset_s:.6f}))/{end_s - start_s:g}"
        words = f"if(lt(t,{end_s - offset_s:.6f}),{straight},{words})"
    return f"({words})"


def _sound(film: Film, window: range, clips: Sequence[Clip], graph: _Graph) -> str:
    """Everything that is heard; the pad's name. Clips are the first inputs, in order."""
    window_us = time_us(window.start), time_us(window.stop)
    spans = {clip: span for clip, span in zip(film.clips, spans_us(film), strict=True) if clip in clips}
    for number, clip in enumerate(clips):
        start_us, end_us = max(spans[clip][0], window_us[0]), min(spans[clip][1], window_us[1])
        sought = max(window.start - clip.first, 0)
        media_us = source_us(clip, spans[clip][0]) + start_us - spans[clip][0]
        from_s = media_us / 1e6 - (_seek_s(sought) if sought else 0.0)
        trim = f"atrim=start={from_s:.6f}:duration={(end_us - start_us) / 1e6:.6f},asetpts=PTS-STARTPTS"
        graph.filters.append(f"[{number}:a]{trim}[s{number}]")
    pads = "".join(f"[s{number}]" for number in range(len(clips)))
    graph.filters.append(f"{pads}concat=n={len(clips)}:v=0:a=1[own]")
    if film.song is None:
        return "[own]"
    graph.filters.append(_song(film, film.song, window, graph))
    graph.filters.append("[own][song]amix=inputs=2:duration=first:normalize=0[a]")
    return "[a]"


def _song(film: Film, song: Song, window: range, graph: _Graph) -> str:
    start_s = window.start / FPS
    number = graph.read(song.path)
    graph.inputs[number][:0] = ["-ss", f"{start_s:.6f}", "-t", f"{len(window) / FPS:.6f}"]
    chain = [f"volume={song.gain:g}", f"asetpts=PTS+{start_s:.6f}/TB"]
    if song.fade_in_s:
        chain.append(f"afade=t=in:d={song.fade_in_s:g}")
    if song.fade_out_s:
        chain.append(f"afade=t=out:st={film.length_s - song.fade_out_s:.6f}:d={song.fade_out_s:g}")
    return f"[{number}:a]{','.join(chain)},asetpts=PTS-STARTPTS[song]"


def _ass(film: Film, window: range) -> str:
    """The captions as Advanced SubStation Alpha, whose font size is the height of a line."""
    names = (
        "Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle, Outline, Shadow, "
        "Alignment, MarginL, MarginR, MarginV"
    )
    style = (
        f"Caption,DejaVu Sans,{round(CAPTION_EM_PX * 1.164)},&H00FFFFFF,&H00000000,&H00000000,1,1,{STROKE_PX:g},0,"
        f"8,0,0,{round(CAPTION_TOP_PX * film.height_px / 1920)}"
    )
    head = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {film.width_px}",
        f"PlayResY: {film.height_px}",
        "ScaledBorderAndShadow: yes",
        "[V4+ Styles]",
        f"Format: {names}",
        f"Style: {style}",
        "[Events]",
        "Format: Layer, Start, End, Style, Text",
    ]
    offset_s, end_s = window.start / FPS, window.stop / FPS
    shown = [caption for caption in film.captions if caption.start_s < end_s and caption.end_s > offset_s]
    lines = [
        f"Dialogue: 0,{_clock(caption.start_s - offset_s)},{_clock(caption.end_s - offset_s)},Caption,{caption.text}"
        for caption in shown
    ]
    return "\n".join([*head, *lines, ""])


def _clock(seconds: float) -> str:
    hundredths = max(round(seconds * 100), 0)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest / 100:05.2f}"


def _seek_s(frame: int) -> float:
    return (frame - 0.5) / FPS


def _flat(parts: Sequence[Sequence[str]]) -> list[str]:
    return [word for part in parts for word in part]
