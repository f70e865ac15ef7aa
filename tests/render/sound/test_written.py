"""A mix as a file: its length, its bits, and what making it may take."""

from __future__ import annotations

import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from cutfarm.errors import Cancelled
from cutfarm.media.audio import SoundReader
from cutfarm.media.codecs import SoundFormat
from cutfarm.render.sound.written import mix_sound, samples_of_frames
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import Fade
from tests.render.sound.test_mix import RATE, SECOND, click, level, mixed, noise, picture, sound, timeline, write_wav

__all__ = ["click", "level"]


class TestFile:
    def test_a_mix_is_written_and_lasts_to_the_sample(self, click: dict[str, Asset], tmp_path: Path) -> None:
        total = samples_of_frames(101, Fraction(30_000, 1_001))
        path = str(tmp_path / "mix.m4a")
        told: list[tuple[int, int]] = []
        written = mix_sound(
            timeline(sound("click", 0, 3 * SECOND, 250_000)),
            click,
            path,
            total_samples=total,
            on_progress=lambda done, of: told.append((done, of)),
        )
        assert (written.path, written.samples, written.rate_hz, len(written.report)) == (path, total, RATE, 0)
        assert told[-1] == (total, total)
        assert told == sorted(told)
        with av.open(path) as file:
            assert (file.streams.audio[0].start_time, file.streams.audio[0].duration) == (0, total)
        with SoundReader(path) as reader:
            heard = np.abs(reader.read(total)[0])
        for place in range(11_025, RATE * 3, RATE // 2):
            assert abs(int(heard[place - 3_000 : place + 3_000].argmax()) - 3_000) <= 1

    def test_lossless_is_the_mix(self, click: dict[str, Asset], tmp_path: Path) -> None:
        draft = timeline(sound("click", 0, 3 * SECOND, fade=Fade(SECOND, SECOND)))
        path = str(tmp_path / "mix.mka")
        lossless = SoundFormat("flac", RATE, 0, ".mka")
        mix_sound(draft, click, path, first_us=SECOND, total_samples=RATE, sound=lossless)
        with SoundReader(path) as reader:
            got = reader.read(RATE)
        assert np.abs(got - mixed(draft, click, RATE, RATE)).max() <= 2**-24

    def test_a_timeline_without_sound_gives_a_silent_track(self, tmp_path: Path) -> None:
        path = str(tmp_path / "mix.m4a")
        mix_sound(timeline(picture("a", 0, SECOND, kind="photo")), {}, path, total_samples=RATE)
        with SoundReader(path) as reader:
            assert reader.has_sound
            assert np.abs(reader.read(RATE)).max() < 1e-4

    def test_a_stop_leaves_no_file(self, level: dict[str, Asset], tmp_path: Path) -> None:
        path = tmp_path / "mix.m4a"
        draft = timeline(sound("level", 0, 9 * SECOND))
        answers = iter([False, False, True])
        with pytest.raises(Cancelled):
            mix_sound(draft, level, str(path), total_samples=RATE * 9, should_stop=lambda: next(answers))
        assert not path.exists()

    def test_mixing_loads_no_tensors(self, tmp_path: Path) -> None:
        """Decode, resample, stretch, fade, limit and encode, in a process of their own."""
        write_wav(tmp_path / "a.wav", noise(RATE * 4, 0.9))
        script = f"""
import sys
from dataclasses import replace
from pathlib import Path
from cutfarm.media.codecs import SoundFormat, sound_format
from cutfarm.render.soundtrack import write_sound
from cutfarm.render.spec import SoundSpec
from tests.render.sound.test_mix import *
draft = timeline(
    sound("a", 0, 2 * SECOND, fade=Fade(SECOND, SECOND)),
    sound("a", 0, 2 * SECOND, rate=Fraction(5, 4), keep_pitch=False),
    picture("a", 0, 2 * SECOND, volume=2.0),
    sound("a", 0, 2 * SECOND, rate=Fraction(5, 4)),
)
spec = SoundSpec(draft, {{"a": Asset({str(tmp_path / "a.wav")!r}, "")}}, Fraction(30), 0, 60, SoundFormat())
for name in ("a.m4a", "a.mka"):
    spec = replace(spec, format=sound_format(name[name.rindex("."):]))
    assert write_sound(spec, Path({str(tmp_path)!r}, name)).samples == RATE * 2
assert "av" in sys.modules
assert "torch" not in sys.modules
"""
        root = Path(__file__).resolve().parents[3]
        subprocess.run([sys.executable, "-c", script], cwd=root, check=True)

    def test_memory_does_not_grow_with_the_length(self, tmp_path: Path) -> None:
        """Twelve more minutes, 254 MB of samples, in a process of their own."""
        with wave.open(str(tmp_path / "long.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(11_025)
            file.writeframes(bytes(range(100, 150)) * (11_025 * 780 // 50))
        script = f"""
import resource
from tests.render.sound.test_mix import *
def run(seconds):
    parts = [sound("long", at * SECOND, 30 * SECOND, at * SECOND) for at in range(0, seconds, 30)]
    for _ in Mix(timeline(*parts), {{"long": Asset({str(tmp_path / "long.wav")!r}, "")}}, RATE, 0, RATE * seconds): pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
short = run(60)
print(run(780) - short)
"""
        root = Path(__file__).resolve().parents[3]
        grown = subprocess.run([sys.executable, "-c", script], cwd=root, check=True, capture_output=True, text=True)
        assert int(grown.stdout) < 30_000  # kB
