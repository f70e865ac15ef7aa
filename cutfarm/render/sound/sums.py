"""The voices of a timeline summed block by block, before anything holds the sum below full scale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.audio import SoundReader
from cutfarm.render.sound.levels import Heard, Level
from cutfarm.render.sound.player import Player
from cutfarm.render.sound.treatment import mapped
from cutfarm.render.sound.voices import Voice, name_of, path_of, sample_of, voices
from cutfarm.render.spec import Asset, Assets
from cutfarm.timeline.model import Compound, SoundSegment, Timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.time import US_PER_SECOND
from kernels.sound import Samples

_HARDLY_US = 100_000  # the sound of a film is often so much shorter than its pictures

BLOCK = 32_768  #: samples summed at a time; blocks lie on one grid for every range of a timeline


@dataclass(slots=True)
class Sums:
    """A timeline's unlimited sound."""

    timeline: Timeline
    assets: Assets
    rate_hz: int
    _entries: dict[Entry, None] = field(default_factory=dict)
    _gains: dict[int, float] = field(default_factory=dict)  #: to a loudness, by the segment's identity

    @property
    def report(self) -> Report:
        """What was found so far."""
        return Report(tuple(self._entries))

    def blocks(self, first: int, end: int) -> Iterator[Samples]:
        """Float32 (2, BLOCK) for each block of [first, end); a file is open only while it is under the playhead."""
        waiting = [voice for voice in voices(self.timeline, self.rate_hz) if voice.rings_until > first * BLOCK]
        waiting.reverse()
        playing: list[Player] = []
        try:
            for start in range(first * BLOCK, end * BLOCK, BLOCK):
                while waiting and waiting[-1].first < start + BLOCK:
                    playing.extend(self._opened(waiting.pop(), start))
                total = np.zeros((2, BLOCK), np.float32)
                for player in playing:
                    player.add_to(total, start)
                yield total
                for player in [player for player in playing if player.voice.rings_until <= start + BLOCK]:
                    playing.remove(player)
                    self._finished(player)
        finally:
            for player in playing:
                self._finished(player)

    def _opened(self, voice: Voice, start: int) -> list[Player]:
        segment = voice.segment
        try:
            player = Player(voice, self._asset(segment).path, self.rate_hz, start, self._normalising_gain)
        except AssetUnreadable as error:
            self._note(segment, f"it is silent: {error}")
            return []
        if not player.tape.has_sound:
            fidelity = Fidelity.UNSUPPORTED if isinstance(segment, SoundSegment) else Fidelity.EXACT
            self._note(segment, "its file has no sound", fidelity)
        elif voice.keep_pitch and not voice.is_evenly_read and not player.tape.damage:  # else nothing of it is heard
            message = "it is stretched at its own pitch by other means than the application's"
            self._note(segment, message, Fidelity.CLOSE, "speed")
        self._entries |= dict.fromkeys(voice.notes())
        return [player]

    def _finished(self, player: Player) -> None:
        voice, tape = player.voice, player.tape
        if tape.damage:
            self._note(voice.segment, f"parts of its sound are damaged and silent ({tape.damage})")
        elif tape.has_sound and tape.end_us is not None:
            missing_us = max(voice.file_us(edge, self.rate_hz) for edge in (voice.first, voice.end)) - tape.end_us
            if missing_us > _HARDLY_US:
                message = f"its file ends {float(missing_us) / US_PER_SECOND:.1f} s before its range does: silence"
                self._note(voice.segment, message, Fidelity.EXACT)
        player.close()

    def _normalising_gain(self, level: Level) -> float:
        """The gain that brings a level's source range to the loudness that it asks for; 1 where it asks for none."""
        segment = level.segment
        target_lufs = segment.treatment.target_lufs
        if target_lufs is None:
            return 1.0
        if id(segment) not in self._gains:
            from cutfarm.media.loudness import gain_to, integrated_lufs

            self._gains[id(segment)] = gain_to(target_lufs, integrated_lufs(self._source(level), self.rate_hz))
        return self._gains[id(segment)]

    def _source(self, level: Level) -> Iterator[Samples]:
        """What a level plays of its source, forwards and at its own speed; not the silence at its end."""
        segment = level.segment
        start_us, end_us = _played_us(segment)
        first, end = sample_of(start_us, self.rate_hz), sample_of(end_us, self.rate_hz)
        if isinstance(segment.material, Compound) and segment.treatment.heard is None:
            within = Sums(segment.material.timeline, self.assets, self.rate_hz)
            blocks = within.blocks(first // BLOCK, -(-end // BLOCK))
            yield from _until_silent(
                samples[:, max(first - block * BLOCK, 0) : end - block * BLOCK]
                for block, samples in enumerate(blocks, first // BLOCK)
            )
            return
        heard = segment.treatment.heard
        start_us -= heard.start_us if heard else 0
        with SoundReader(self._asset(segment).path, self.rate_hz, start_us=start_us) as reader:
            stream = mapped(reader, segment.treatment.channels)
            yield from _until_silent(stream.read(min(BLOCK, end - place)) for place in range(first, end, BLOCK))

    def _asset(self, segment: Heard) -> Asset:
        asset = self.assets.get(path_of(segment))
        if asset is None:
            raise AssetMissing(f"the file of {name_of(segment)} was not supplied")
        return asset

    def _note(
        self,
        segment: Heard,
        message: str,
        fidelity: Fidelity = Fidelity.UNSUPPORTED,
        what: str = "sound",
    ) -> None:
        self._entries[Entry(fidelity, what, f"{name_of(segment)}: {message}", segment.id)] = None


def _played_us(segment: Heard) -> tuple[Fraction, Fraction]:
    """The part of its source range that a segment plays: all of it, unless its speed says otherwise."""
    source = segment.source
    length_us = min(Fraction(source.duration_us), segment.target.duration_us * segment.rate)
    if segment.is_reversed:
        return source.end_us - length_us, Fraction(source.end_us)
    return Fraction(source.start_us), source.start_us + length_us


def _until_silent(pieces: Iterable[Samples]) -> Iterator[Samples]:
    """The pieces, each of `BLOCK` at most, without those that are silent to the end, of which there may be hours."""
    lengths: list[int] = []
    for piece in pieces:
        if not piece.any():
            lengths.append(piece.shape[1])
            continue
        yield from (np.zeros((2, length), np.float32) for length in lengths)
        lengths.clear()
        yield piece
