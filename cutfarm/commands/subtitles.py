"""`cutfarm subtitles`: the captions of a draft as a subtitle file."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from cutfarm.commands.reporting import say_report
from cutfarm.commands.terminal import say
from cutfarm.errors import DraftEmpty, RequestError
from cutfarm.subtitles.files import encoded, subtitle_text, write_file
from cutfarm.subtitles.formats import SubtitleFormat, format_of, parse_format
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.nesting import inner_of
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.source import open_draft
from cutfarm.timeline.subtitles import shown_captions

_STANDARD_OUTPUT = "-"


def run(
    draft: str,
    out: str,
    *,
    kind: str | None,
    encoding: str,
    tracks: Collection[int] | None,
    allow_private_network: bool,
) -> None:
    """Write the captions of `draft` to the file `out`, or to standard output where that is `-`.

    `tracks` are the numbers that `cutfarm inspect` shows. Raises what is wrong with the draft or the options, and
    DraftEmpty where there is no caption to be written.
    """
    wanted = _kind(out, kind)
    with _timeline(draft, allow_private_network=allow_private_network) as timeline:
        captions = [
            caption
            for caption in shown_captions(timeline, _checked(tracks, timeline))
            if caption.start_ms < caption.end_ms
        ]
        if not captions:
            raise DraftEmpty(f"{'The chosen tracks hold' if tracks else 'The draft holds'} no caption that is shown.")
        text, report = subtitle_text(captions, timeline.canvas, wanted)
    data = encoded(text, wanted, encoding)
    if out == _STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    write_file(Path(out), data)
    say_report(report, "cutfarm inspect --json")
    say(f"{out}: {len(captions)} caption{'s' if len(captions) > 1 else ''}")


def _kind(out: str, kind: str | None) -> SubtitleFormat:
    if kind is not None:
        return parse_format(kind)
    if out == _STANDARD_OUTPUT:
        raise RequestError("standard output has no ending: name the format by --format srt, vtt or ass")
    return format_of(Path(out))


def _checked(tracks: Collection[int] | None, timeline: Timeline) -> Collection[int] | None:
    for number in tracks or ():
        track = next((track for track in timeline.tracks if track.index == number), None)
        if track is None:
            raise RequestError(f"there is no track {number}: the draft's are 0 to {len(timeline.tracks) - 1}")
        if track.kind != "text" and not any(inner_of(segment) for segment in track.segments):
            raise RequestError(f"track {number} is one of kind {track.kind}, which holds no captions")
    return tracks


@contextmanager
def _timeline(draft: str, *, allow_private_network: bool) -> Iterator[Timeline]:
    """The timeline alone: captions need no media."""
    if draft.startswith(("http://", "https://")):
        from cutfarm.commands.downloading import downloaded  # only a draft_url needs the network

        with downloaded(draft, allow_private_network=allow_private_network) as (timeline, _):
            yield timeline
        return
    with open_draft(Path(draft)) as source:
        yield read_timeline(source.draft)
