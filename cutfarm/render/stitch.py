"""The last step of a job: chunks and sound become one file, and the file is looked at before anybody gets it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from cutfarm.errors import EncodeError
from cutfarm.media.container import open_media
from cutfarm.media.gops import UNDECODED
from cutfarm.media.join import VideoPart, join


def stitch(parts: Sequence[VideoPart], sound: Path | None, path: Path, *, fps: Fraction) -> None:
    """Join `parts` and the sound into `path`, then check the number of frames and their times.

    The file appears under its name only when it is whole. Raises EncodeError.
    """
    draft = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        join(parts, sound, draft, fps)
        _check(draft, sum(part.frame_count for part in parts), fps, has_sound=sound is not None)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def deliver(sound: Path, path: Path) -> None:
    """Make the file `sound` the result of a job without pictures: a copy, which appears when it is whole.

    Raises EncodeError.
    """
    draft = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        shutil.copyfile(sound, draft)
        with open_media(str(draft)) as container:
            if not container.streams.audio:
                raise EncodeError("the written file has lost its sound")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _check(path: Path, frame_count: int, fps: Fraction, *, has_sound: bool) -> None:
    with open_media(str(path), UNDECODED) as container:
        stream = container.streams.video[0]
        tick_s = stream.time_base or Fraction(1, 1_000_000)
        times = sorted((packet.pts or 0) for packet in container.demux(stream) if packet.size)
        if has_sound and not container.streams.audio:
            raise EncodeError("the joined file has lost its sound")
    # Matroska rounds to milliseconds; mp4 holds n/fps exactly.
    off = [
        number for number, time in enumerate(times) if abs(time * tick_s - number / fps) >= max(tick_s, 1 / fps / 1000)
    ]
    if len(times) != frame_count or off:
        where = f", the first wrong time at frame {off[0]}" if off else ""
        raise EncodeError(f"the joined file holds {len(times)} frames instead of {frame_count}{where}")
