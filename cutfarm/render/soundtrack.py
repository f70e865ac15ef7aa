"""The sound that goes with a job's frames: as long as they are, to the sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cutfarm.render.sound.voices import sample_of, voices
from cutfarm.render.sound.written import Progress, SoundFile, mix_sound, samples_of_frames, sound_key
from cutfarm.render.spec import SoundSpec
from cutfarm.stages import stage
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.time import US_PER_SECOND, time_of


def write_sound(
    spec: SoundSpec,
    path: Path,
    *,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SoundFile:
    """Mix the sound of `spec` into `path`. Raises AssetMissing, EncodeError, Cancelled; no half file is left then."""
    with stage("sound"):
        return mix_sound(
            spec.timeline,
            spec.assets,
            str(path),
            total_samples=_length(spec),
            first_us=time_of(spec.first_frame, spec.fps),
            sound=spec.format,
            on_progress=on_progress,
            should_stop=should_stop,
        )


def key_of_sound(spec: SoundSpec) -> str:
    """SHA-256, hexadecimal, of all that the sound depends on."""
    return sound_key(
        spec.timeline,
        spec.assets,
        total_samples=_length(spec),
        first_us=time_of(spec.first_frame, spec.fps),
        sound=spec.format,
    )


def heard_segments(timeline: Timeline) -> frozenset[str]:
    """The ids of the segments that may be heard, and of the compound clips that hold them."""
    return frozenset(level.segment.id for voice in voices(timeline, US_PER_SECOND) for level in voice.levels)


def is_silent(spec: SoundSpec) -> bool:
    """Whether nothing may be heard, by the draft alone: files without sound count as heard."""
    rate_hz = spec.format.rate_hz
    first = sample_of(time_of(spec.first_frame, spec.fps), rate_hz)
    end = first + _length(spec)
    return not any(voice.first < end and voice.rings_until > first for voice in voices(spec.timeline, rate_hz))


def _length(spec: SoundSpec) -> int:
    """Samples."""
    return samples_of_frames(spec.frame_count, spec.fps, spec.format.rate_hz)
