"""The sound of a timeline as a file, and the key of all that the file depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from cutfarm import __version__
from cutfarm.errors import Cancelled
from cutfarm.media.codecs import SoundFormat
from cutfarm.media.sound_writer import SoundWriter
from cutfarm.render.sound.levels import Level
from cutfarm.render.sound.mix import Mix
from cutfarm.render.sound.sums import BLOCK
from cutfarm.render.sound.voices import Voice, sample_of, voices
from cutfarm.render.spec import Asset, Assets, canonical_json
from cutfarm.timeline.curves import SOUND_CURVES, curve_of
from cutfarm.timeline.model import Compound, Timeline
from cutfarm.timeline.report import Report
from cutfarm.timeline.time import US_PER_SECOND, round_half_up

_STANDARD = SoundFormat()
_REACH = 4 * BLOCK  # samples: farther off nothing bears on a range, not even through the limiter

Progress = Callable[[int, int], None]  #: samples done, samples in all


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A mix that was written."""

    path: str
    samples: int  #: length of the presentation
    rate_hz: int
    report: Report  #: what could not be heard as the draft means it


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
    sound: SoundFormat = _STANDARD,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SoundFile:
    """Write `total_samples` of the timeline's sound from `first_us` on to `path`, which ends as `sound` says.

    Memory does not grow with the length. A file that cannot be heard, or in parts, is silent there and in the report.
    Raises AssetMissing, EncodeError, Cancelled; no file is left behind then.
    """
    mix = Mix(timeline, assets, sound.rate_hz, sample_of(first_us, sound.rate_hz), total_samples)
    with SoundWriter(path, sound) as writer:
        for samples in mix:
            if should_stop is not None and should_stop():
                raise Cancelled("the mix was stopped on request")
            writer.write(samples)
            if on_progress is not None:
                on_progress(writer.samples, total_samples)
    return SoundFile(path, writer.samples, sound.rate_hz, mix.report)


def sound_key(
    timeline: Timeline,
    assets: Mapping[str, Asset],
    *,
    total_samples: int,
    first_us: Fraction | int = 0,
    sound: SoundFormat = _STANDARD,
) -> str:
    """SHA-256, hexadecimal, of all that `mix_sound` would write depends on; equal keys mean interchangeable files."""
    first = sample_of(first_us, sound.rate_hz)
    plain = {
        "renderer": __version__,
        "voices": [
            _heard_of(voice, assets, sound.rate_hz)
            for voice in voices(timeline, sound.rate_hz)
            if voice.first < first + total_samples + _REACH and voice.rings_until > first - _REACH
        ],
        "samples": [first, total_samples],
        "sound": asdict(sound),
    }
    return hashlib.sha256(canonical_json(plain)).hexdigest()


def _heard_of(voice: Voice, assets: Mapping[str, Asset], rate_hz: int) -> dict[str, Any]:
    asset = assets.get(voice.path)
    return {
        "content": asset.sha256 if asset else None,
        "samples": [voice.first, voice.end, voice.rings_until],
        "file_us": voice.file_us(voice.first, rate_hz),
        "clock": [asdict(step) for step in voice.clock.steps],
        "keep_pitch": voice.keep_pitch,
        "levels": [_level_of(level) for level in voice.levels],
    }


def _level_of(level: Level) -> dict[str, Any]:
    segment = level.segment
    curves = (curve_of(segment, name) for name in sorted(SOUND_CURVES))
    treatment = replace(segment.treatment, heard=None, produced=())
    is_normalised_whole = treatment.target_lufs is not None and isinstance(segment.material, Compound)
    return {
        "clock": [asdict(step) for step in level.clock.steps],
        "target": asdict(segment.target),
        "source": asdict(segment.source) if treatment.target_lufs is not None else None,
        "gain": segment.volume,
        "curves": [None if curve is None else asdict(curve) for curve in curves],
        "fade": asdict(segment.fade),
        "treatment": asdict(treatment),
        "content": asdict(segment.material) if is_normalised_whole else None,
    }
