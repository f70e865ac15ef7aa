"""The sound of a timeline: all its voices summed block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.audio import SoundReader
from cutfarm.render.sound.voices import Loudness, Voice, name_of, voices
from cutfarm.render.spec import Asset, Assets
from cutfarm.timeline.model import PictureSegment, SoundSegment, Timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.time import US_PER_SECOND
from kernels import sound as kernel
from kernels.sound import Doubles, Samples

BLOCK = 32_768  #: samples summed at a time; blocks lie on one grid for every range of a timeline


@dataclass(slots=True)
class Mix:
    """A range of a timeline's sound, to be iterated once; `report` is whole when the iteration is."""

    timeline: Timeline
    assets: Assets
    rate_hz: int
    first: int  #: first sample
    total: int  #: samples
    _entries: dict[Entry, None] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """What was found so far."""
        return Report(tuple(self._entries))

    def __iter__(self) -> Iterator[Samples]:
        """Float32 (2, n), full scale ±1, nowhere beyond; any cutting into ranges gives the same samples."""
        first_block, end_block = self.first // BLOCK, -(-(self.first + self.total) // BLOCK)
        sums = self._sums(first_block - 1, end_block + 1)
        before, current = next(sums), next(sums)
        for block, after in enumerate(sums, first_block):
            reach = kernel.LIMITER_REACH
            mixed = kernel.limited(np.concatenate((before[:, -reach:], current, after[:, :reach]), 1))
            low = max(self.first - block * BLOCK, 0)
            high = min(self.first + self.total - block * BLOCK, BLOCK)
            yield mixed[:, low:high]
            before, current = current, after

    def _sums(self, first_block: int, end_block: int) -> Iterator[Samples]:
        """Whole blocks of unlimited sound; a file is open only while its segment is under the playhead."""
        waiting = [voice for voice in voices(self.timeline, self.rate_hz) if voice.end > first_block * BLOCK]
        waiting.reverse()
        playing: list[_Player] = []
        try:
            for start in range(first_block * BLOCK, end_block * BLOCK, BLOCK):
                while waiting and waiting[-1].first < start + BLOCK:
                    playing.extend(self._opened(waiting.pop(), start))
                total = np.zeros((2, BLOCK), np.float32)
                for player in playing:
                    player.add_to(total, start)
                yield total
                for player in [player for player in playing if player.voice.end <= start + BLOCK]:
                    playing.remove(player)
                    self._finished(player)
        finally:
            for player in playing:
                self._finished(player)

    def _opened(self, voice: Voice, start: int) -> list[_Player]:
        segment = voice.segment
        asset = self.assets.get(segment.material.path)
        if asset is None:
            raise AssetMissing(f"the file of {name_of(segment)} was not supplied")
        try:
            player = _Player(voice, asset, self.rate_hz, start)
        except AssetUnreadable as error:
            self._note(segment, f"it is silent: {error}")
            return []
        if not player.reader.has_sound:
            self._note_silent_file(segment)
        elif voice.speed != 1 and voice.keep_pitch:
            message = "its time is stretched by overlapping windows: single onsets may lie some 40 ms off"
            self._note(segment, message, Fidelity.CLOSE, "speed")
        self._entries |= dict.fromkeys(voice.notes())
        return [player]

    def _finished(self, player: _Player) -> None:
        if player.reader.damage:
            self._note(player.voice.segment, f"parts of its sound are damaged and silent ({player.reader.damage})")
        player.close()

    def _note_silent_file(self, segment: SoundSegment | PictureSegment) -> None:
        fidelity = Fidelity.UNSUPPORTED if isinstance(segment, SoundSegment) else Fidelity.EXACT
        self._note(segment, "its file has no sound", fidelity)

    def _note(
        self,
        segment: SoundSegment | PictureSegment,
        message: str,
        fidelity: Fidelity = Fidelity.UNSUPPORTED,
        what: str = "sound",
    ) -> None:
        self._entries[Entry(fidelity, what, f"{name_of(segment)}: {message}", segment.id)] = None


class _Player:
    """An open voice, read forwards: from sample `start` on, or from its own start where that bears on all the rest."""

    def __init__(self, voice: Voice, asset: Asset, rate_hz: int, start: int) -> None:
        self.voice = voice
        self._place = max(voice.first, start) if voice.speed == 1 else voice.first
        self.reader = SoundReader(
            asset.path,
            rate_hz,
            start_us=voice.media_us(self._place, rate_hz),
            speed=voice.speed,
            keep_pitch=voice.keep_pitch,
        )
        self._us_per_sample = US_PER_SECOND / rate_hz
        self._loudness = [Loudness(level) for level in voice.levels]

    def add_to(self, total: Samples, start: int) -> None:
        """Add what is heard in the block (2, BLOCK) that starts at sample `start`; blocks come in order."""
        while self._place < start:
            self._place += self.reader.read(min(BLOCK, start - self._place)).shape[1]
        end = min(self.voice.end, start + total.shape[1])
        samples = self.reader.read(end - self._place)
        kernel.add_at(total, samples, self._place - start, self._gain(end))
        self._place = end

    def close(self) -> None:
        self.reader.close()

    def _gain(self, end: int) -> Doubles | float:
        """Gain of the samples from the present place to `end`: the product of all levels'."""
        gain: Doubles | float = 1.0
        for loudness in self._loudness:
            gain = gain * loudness.between(self._place, end, self._us_per_sample)
        return gain
