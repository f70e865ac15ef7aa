"""How much memory the films and photos take that are open at once."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cutfarm.errors import DraftError
from cutfarm.media.backwards import MOST_BYTES as MOST_KEPT_BYTES
from cutfarm.media.backwards import MOST_FRAMES as MOST_KEPT_FRAMES
from cutfarm.media.backwards import BackwardsVideo
from cutfarm.media.source import PictureSource
from cutfarm.timeline.model import ClipSegment

MOST_BYTES = 4_000_000_000  #: about 140 films of 1080p, or 35 of 4K, in one thread each
_BYTES_PER_PX = 1.5
_PICTURES, _PICTURES_PER_THREAD = 7, 2  # held by FFmpeg's decoder of H.264 and by ours, measured
_FEW = 8  # films that are worth more than one thread each
MOST_PHOTO_BYTES = 1_000_000_000  #: about twelve photos of 12 megapixels


@runtime_checkable
class Photo(Protocol):
    """What can decode its picture anew."""

    @property
    def held_bytes(self) -> int:
        """How much memory is taken by what was decoded."""
        ...

    def let_go(self) -> None:
        """Take none any longer."""
        ...


class DecoderRoom:
    """Counts what the open films and photos of one compositor hold, those within its compound clips too."""

    def __init__(self) -> None:
        self._held_bytes: dict[int, float] = {}  # by the identity of the open source
        self._photos: dict[int, Photo] = {}

    def threads(self, wanted: int) -> int:
        """Of the next film's decoder: one where so many are open that they keep all cores busy by themselves."""
        return wanted if len(self._held_bytes) < _FEW else 1

    def take(self, segment: ClipSegment, film: PictureSource, threads: int) -> None:
        """Count `film`, which was opened for `segment`. Raises DraftError, naming it, where there is no room for it."""
        frame_bytes = film.width_px * film.height_px * _BYTES_PER_PX
        held = frame_bytes * (_PICTURES + _PICTURES_PER_THREAD * threads)
        if segment.is_reversed or isinstance(film, BackwardsVideo):
            held += min(frame_bytes * MOST_KEPT_FRAMES, MOST_KEPT_BYTES)
        if sum(self._held_bytes.values()) + held > MOST_BYTES:
            most = f"{MOST_BYTES / 1e9:g} GB"
            raise DraftError(f"With segment {segment.id} the films shown at once take more than {most} to decode.")
        self._held_bytes[id(film)] = held

    def hold(self, photo: Photo) -> None:
        """Count `photo`; where all of them hold too much, those opened first let go of it."""
        older = [one for one in self._photos.values() if one.held_bytes]
        self._photos[id(photo)] = photo
        held = photo.held_bytes + sum(one.held_bytes for one in older)
        for one in older:
            if held <= MOST_PHOTO_BYTES:
                return
            held -= one.held_bytes
            one.let_go()

    def give(self, source: PictureSource) -> None:
        """Count `source`, which was closed, no longer."""
        self._held_bytes.pop(id(source), None)
        self._photos.pop(id(source), None)
