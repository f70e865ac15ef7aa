"""A file's sound played backwards, though decoders only go forwards."""

from __future__ import annotations

from collections.abc import Iterator

import av.error

from cutfarm.media.audio import Reading
from cutfarm.media.audio_filter import Samples
from cutfarm.media.pieces import Pieces

_FIRST_BLOCK_S = 1  # most segments are short
_LONGEST_BLOCK_S = 8  # before each block half a second is decoded once more


class BackwardSoundReader(Reading):
    """A file's sound from a media time back: what a `SoundReader` reads, in the order of the end first.

    Sample n is the media at `start_us` - n / `rate_hz` × `speed`; the pitch follows the speed. Each block is read
    forwards and turned round, so that memory holds a few seconds. Of raw streams whose decoder makes noise of its
    own, as AAC's does, it is the same sound and not the same bits.
    Raises AssetMissing or AssetUnreadable when opened.
    """

    def _played(self, start: int) -> Iterator[Samples]:
        last, length_s = start, _FIRST_BLOCK_S
        while last >= 0:
            count = min(length_s * self._rate_hz, last + 1)
            try:
                samples = Pieces(self._from(last + 1 - count, count)).read(count)
            except av.error.FFmpegError:
                self._decoder.note("some of it cannot be converted")
                return
            yield samples[:, ::-1]
            last -= count
            length_s = min(2 * length_s, _LONGEST_BLOCK_S)
