"""Subtitles that are burnt in: cues as captions of tracks of their own, above everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cutfarm.timeline.limits import require_limits
from cutfarm.timeline.model import Curve, TextSegment, Timeline, Track, Transform
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.time import TimeRange


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle, ready to be drawn."""

    start_us: int  #: on the timeline; may lie before it begins
    end_us: int  #: after the start
    text: TextBlock
    transform: Transform
    curves: tuple[Curve, ...] = ()  #: by the time since `start_us`
    layer: int = 0  #: of those that are shown together the higher one lies above


def with_cues(timeline: Timeline, cues: Sequence[Cue], name: str) -> Timeline:
    """The timeline with the cues of the file `name` above all else; it does not become longer.

    Of a cue that begins before the timeline or goes on after it the part within is shown; what lies outside of it is
    reported. Raises DraftError where too many lie on each other.
    """
    inside = [(number, cue) for number, cue in enumerate(cues, 1) if cue.start_us < timeline.duration_us]
    shown = [(number, _held(cue, timeline.duration_us)) for number, cue in inside if cue.end_us > 0]
    lost = len(cues) - len(shown)
    layers: dict[int, list[tuple[int, Cue]]] = {}
    for numbered in shown:
        layers.setdefault(numbered[1].layer, []).append(numbered)
    tracks = [*timeline.tracks, *_tracks([layers[layer] for layer in sorted(layers)], timeline.tracks)]
    require_limits(tracks)
    report = timeline.report + Report(_outside(lost, name))
    return replace(timeline, tracks=tuple(tracks), report=report)


def _held(cue: Cue, length_us: int) -> Cue:
    """The part of a cue within a timeline; its curves still count from where it began."""
    early_us = max(-cue.start_us, 0)
    curves = tuple(_earlier(curve, early_us) for curve in cue.curves) if early_us else cue.curves
    return replace(cue, start_us=cue.start_us + early_us, end_us=min(cue.end_us, length_us), curves=curves)


def _earlier(curve: Curve, early_us: int) -> Curve:
    return replace(curve, keys=tuple(replace(key, at_us=key.at_us - early_us) for key in curve.keys))


def _tracks(layers: Sequence[Sequence[tuple[int, Cue]]], below: Sequence[Track]) -> Iterator[Track]:
    """A track for each layer of numbered cues, the lowest first."""
    index = max((track.index for track in below), default=-1) + 1
    render_index = max((segment.render_index for track in below for segment in track.segments), default=0) + 1
    highest = max((track.layer_index for track in below), default=0)
    for above, cues in enumerate(layers):
        layer_index = highest + 1 + above if highest else 0  # drafts without such numbers are ordered without them
        yield _track(cues, index + above, render_index + above, layer_index)


def _track(cues: Sequence[tuple[int, Cue]], index: int, render_index: int, layer_index: int) -> Track:
    own = [
        TextSegment(
            id=f"subtitle-{index}-{number}",
            target=TimeRange(cue.start_us, cue.end_us - cue.start_us),
            render_index=render_index,
            curves=cue.curves,
            text=replace(cue.text, material_id=f"subtitle-{index}-{number}"),
            transform=cue.transform,
        )
        for number, cue in cues
    ]
    return Track(
        id=f"subtitles-{index}",
        kind="text",
        index=index,
        layer_index=layer_index,
        is_muted=False,
        is_hidden=False,
        segments=tuple(sorted(own, key=lambda segment: segment.target.start_us)),
    )


def _outside(count: int, name: str) -> tuple[Entry, ...]:
    if not count:
        return ()
    many = f"1 cue of {name} is" if count == 1 else f"{count} cues of {name} are"
    fact = f"{many} outside the draft's time, so not shown."
    return (Entry(Fidelity.UNSUPPORTED, "subtitles", fact),)
