"""`cutfarm inspect`: what is in a draft and how faithfully it would be rendered, before any work is spent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.commands.reporting import say_report
from cutfarm.commands.terminal import percent_progress, say, warn
from cutfarm.errors import RequestError
from cutfarm.render.spec import Assets
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    MediaSegment,
    PictureSegment,
    Segment,
    SoundSegment,
    TextSegment,
    Timeline,
)
from cutfarm.timeline.nesting import inner_of
from cutfarm.timeline.time import US_PER_SECOND

_USUAL_STEMS = ("draft_content", "draft_info")  # of timelines in a draft's folder


@dataclass(frozen=True, slots=True)
class WaveformOptions:
    """A picture of the sound that is asked for."""

    out: Path  #: a .png
    range_s: tuple[float, float] | None = None  #: start and end on the timeline; None is the whole

    def __post_init__(self) -> None:
        if self.out.suffix.lower() != ".png":
            raise RequestError(f"the picture is a PNG: {self.out.name} must end in .png")
        if not self.out.parent.is_dir():
            raise RequestError(f"the folder {self.out.parent} is not there")


def run(draft: str, load: LoadOptions, *, as_json: bool, waveform: WaveformOptions | None = None) -> None:
    """Print the canvas, the tracks and the report of `draft`; draw its sound where that is asked for.

    Raises what is wrong with the draft, its files or the picture's range.
    """
    with loaded(draft, load) as (timeline, assets):
        if waveform is not None:
            _draw(draft, timeline, assets, waveform)
        if as_json:
            files = {path: asset.path for path, asset in assets.items()}
            say(json.dumps(summary(timeline) | {"files": files}, ensure_ascii=False, indent=2))
            return
    canvas = timeline.canvas
    say(
        f"{canvas.width_px} × {canvas.height_px} px, {float(timeline.fps):g} fps, "
        f"{timeline.duration_us / US_PER_SECOND:.3f} s"
    )
    Console(soft_wrap=True).print(_table(timeline))
    say_report(timeline.report, "--json")


def _draw(draft: str, timeline: Timeline, assets: Assets, waveform: WaveformOptions) -> None:
    """Write the picture and say so on standard error, where it is in the way of no JSON."""
    from PIL import Image  # looking at a draft needs neither codecs nor pens

    from cutfarm.render.waveform import draw_waveform

    place = Path(draft).absolute()
    title = "" if "://" in draft else place.parent.name if place.stem in _USUAL_STEMS else place.name
    with percent_progress() as on_progress:
        picture = draw_waveform(
            timeline,
            assets,
            title=title,
            range_s=waveform.range_s,
            on_progress=lambda done, total: on_progress("listening", 100.0 * done / total),
        )
    out = waveform.out
    part = out.with_name(f".{out.name}.part")
    try:
        Image.fromarray(picture.rgba).save(part, format="png")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    height_px, width_px, _ = picture.rgba.shape
    tracks = "1 track" if picture.lanes == 1 else f"{picture.lanes} tracks"
    warn(f"{out}: {width_px} × {height_px}, the mix and {tracks} with sound")
    for entry in picture.report:
        warn(f"{entry.fidelity.word}: {entry.message}")


def summary(timeline: Timeline) -> dict[str, Any]:
    """A timeline as plain data: times in microseconds."""
    return {**_outline(timeline), "report": timeline.report.as_dicts()}


def _outline(timeline: Timeline) -> dict[str, Any]:
    return {
        "canvas": {"width_px": timeline.canvas.width_px, "height_px": timeline.canvas.height_px},
        "fps": float(timeline.fps),
        "duration_us": timeline.duration_us,
        "tracks": [
            {
                "kind": track.kind,
                "is_muted": track.is_muted,
                "is_hidden": track.is_hidden,
                "segments": [_segment(segment) for segment in track.segments],
            }
            for track in timeline.tracks
        ],
    }


def _segment(segment: Segment) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": segment.id,
        "shows": _content(segment),
        "start_us": segment.target.start_us,
        "duration_us": segment.target.duration_us,
        "is_visible": segment.is_visible,
    }
    if isinstance(segment, MediaSegment):
        plain |= {"source_start_us": segment.source.start_us, "speed": float(segment.rate), "volume": segment.volume}
    inner = inner_of(segment)
    return plain if inner is None else plain | {"draft": _outline(inner)}


def _content(segment: Segment) -> str:
    match segment:
        case TextSegment():
            return segment.text.text
        case PictureSegment() | SoundSegment():
            return segment.material.name or segment.material.path
        case ClipSegment(material=Compound() as compound):
            return f"{compound.name or 'compound clip'} ({_counts(compound.timeline)})"
        case ClipSegment():
            return type(segment.material).__name__.lower()
        case _:
            return ", ".join(material.bucket for material in segment.unknown)


def _counts(timeline: Timeline) -> str:
    """How many segments of each kind of track, such as `3 video, 1 text`."""
    counts = Counter({track.kind: 0 for track in timeline.tracks})
    for track in timeline.tracks:
        counts[track.kind] += len(track.segments)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "empty"


def _table(timeline: Timeline) -> Table:
    table = Table("track", "start s", "length s", "speed", "shows", box=None)
    _add_rows(table, timeline, "")
    return table


def _add_rows(table: Table, timeline: Timeline, margin: str) -> None:
    """A row for each segment; what is in a compound clip comes after it, indented, by its own clock."""
    for track in timeline.tracks:
        for segment in track.segments:
            speed = f"{float(segment.rate):g}" if isinstance(segment, MediaSegment) else ""
            start_s, length_s = segment.target.start_us / US_PER_SECOND, segment.target.duration_us / US_PER_SECOND
            shows = _content(segment).replace("\n", " ⏎ ")[:60]
            table.add_row(f"{margin}{track.index} {track.kind}", f"{start_s:.3f}", f"{length_s:.3f}", speed, shows)
            inner = inner_of(segment)
            if inner is not None:
                _add_rows(table, inner, margin + "  ")
