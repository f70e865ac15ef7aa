"""The sound that goes with a job's frames: as long as they are, to the sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cutfarm.render.sound.written import SoundFile, mix_sound, samples_of_frames, sound_key
from cutfarm.render.spec import SoundSpec
from cutfarm.stages import stage
from cutfarm.timeline.time import time_of

SOUND_RATE_HZ = 44_100


def write_sound(spec: SoundSpec, path: Path, should_stop: Callable[[], bool] | None = None) -> SoundFile:
    """Mix the sound of `spec` into `path`. Raises AssetMissing, EncodeError, Cancelled; no half file is left then."""
    with stage("sound"):
        return mix_sound(
            spec.timeline,
            spec.assets,
            str(path),
            total_samples=samples_of_frames(spec.frame_count, spec.fps, SOUND_RATE_HZ),
            first_us=time_of(spec.first_frame, spec.fps),
            rate_hz=SOUND_RATE_HZ,
            lossless=spec.is_lossless,
            should_stop=should_stop,
        )


def key_of_sound(spec: SoundSpec) -> str:
    """SHA-256, hexadecimal, of all that the sound depends on."""
    return sound_key(
        spec.timeline,
        spec.assets,
        total_samples=samples_of_frames(spec.frame_count, spec.fps, SOUND_RATE_HZ),
        first_us=time_of(spec.first_frame, spec.fps),
        rate_hz=SOUND_RATE_HZ,
        lossless=spec.is_lossless,
    )
