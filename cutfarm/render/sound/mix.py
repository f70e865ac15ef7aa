"""The sound of a timeline: all its voices summed block by block, and the file they go to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from cutfarm import __version__
from cutfarm.errors import AssetMissing, AssetUnreadable, Cancelled
from cutfarm.media.audio import SoundReader, SoundWriter
from cutfarm.render.sound.voices import Level, Loudness, Voice, name_of, sample_of, voices
from cutfarm.render.spec import Asset, Assets, canonical_json
from cutfarm.timeline.curves import curve_of
from cutfarm.timeline.model import PictureSegment, SoundSegment, Timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.time import US_PER_SECOND, round_half_up
from kernels import sound as kernel
from kernels.sound import Doubles, Samples

BLOCK = 32_768  #: samples summed at a time; blocks lie on one grid for every range of a timeline

Progress = Callable[[int, int], None]  #: samples done, samples in all


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A mix that was written."""

    path: str
    samples: int  #: length of the presentation
    rate_hz: int
    report: Report  #: what could not be heard as the draft means it


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


def has_sound(timeline: Timeline) -> bool:
    """Whether anything of the timeline may be heard, by the draft alone: files without sound count as heard."""
    return bool(voices(timeline, US_PER_SECOND))


def samples_of_frames(frames: int, fps: Fraction, rate_hz: int = 44_100) -> int:
    """Length of the sound that goes with `frames` frames."""
    return round_half_up(frames / fps * rate_hz)


def mix_sound(
    timeline: Timeline,
    assets: Assets,
    path: str,
    *,
    total_samples: int,
    first_us: Fraction | int = 0,
    rate_hz: int = 44_100,
    lossless: bool = False,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SoundFile:
    """Write `total_samples` of the timeline's sound from `first_us` on to `path`: AAC in MP4, or FLAC in Matroska.

    Memory does not grow with the length. A file that cannot be heard, or in parts, is silent there and in the report.
    Raises AssetMissing, EncodeError, Cancelled; no file is left behind then.
    """
    mix = Mix(timeline, assets, rate_hz, sample_of(first_us, rate_hz), total_samples)
    with SoundWriter(path, rate_hz, lossless=lossless) as writer:
        for samples in mix:
            if should_stop is not None and should_stop():
                raise Cancelled("the mix was stopped on request")
            writer.write(samples)
            if on_progress is not None:
                on_progress(writer.samples, total_samples)
    return SoundFile(path, writer.samples, rate_hz, mix.report)


def sound_key(
    timeline: Timeline,
    assets: Mapping[str, Asset],
    *,
    total_samples: int,
    first_us: Fraction | int = 0,
    rate_hz: int = 44_100,
    lossless: bool = False,
) -> str:
    """SHA-256, hexadecimal, of all that `mix_sound` would write depends on; equal keys mean interchangeable files."""
    first = sample_of(first_us, rate_hz)
    plain = {
        "renderer": __version__,
        "voices": [
            _heard_of(voice, assets, rate_hz)
            for voice in voices(timeline, rate_hz)
            if voice.first < first + total_samples and voice.end > first
        ],
        "samples": [first, total_samples],
        "rate_hz": rate_hz,
        "lossless": lossless,
    }
    return hashlib.sha256(canonical_json(plain)).hexdigest()


def _heard_of(voice: Voice, assets: Mapping[str, Asset], rate_hz: int) -> dict[str, Any]:
    asset = assets.get(voice.segment.material.path)
    return {
        "content": asset.sha256 if asset else None,
        "samples": [voice.first, voice.end],
        "source_us": voice.media_us(voice.first, rate_hz),
        "speed": voice.speed,
        "keep_pitch": voice.keep_pitch,
        "levels": [_loudness_of(level) for level in voice.levels],
    }


def _loudness_of(level: Level) -> dict[str, Any]:
    segment = level.segment
    curve = curve_of(segment, "KFTypeVolume")
    return {
        "start_us": level.start_us,
        "pace": level.pace,
        "duration_us": segment.target.duration_us,
        "gain": asdict(curve) if curve else segment.volume,
        "fade": asdict(segment.fade),
    }
