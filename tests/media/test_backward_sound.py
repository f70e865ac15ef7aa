"""Sound played backwards is the sound played forwards, turned round."""

from __future__ import annotations

import resource
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from cutfarm.errors import AssetMissing
from cutfarm.media.audio import SoundReader
from cutfarm.media.audio_decode import SoundDecoder
from cutfarm.media.backward_sound import BackwardSoundReader
from tests.media import sounds
from tests.media.sounds import Samples, bursts, damaged, encode, lag

RATE_HZ = 44_100


def forwards(path: Path, last: int, speed: Fraction = Fraction(1)) -> Samples:
    """The samples from 0 to `last` of the mix's grid, turned round."""
    with SoundReader(str(path), RATE_HZ, speed=speed) as reader:
        return reader.read(last + 1)[:, ::-1]


def backwards(path: Path, last: int, count: int, speed: Fraction = Fraction(1)) -> Samples:
    with BackwardSoundReader(
        str(path), RATE_HZ, start_us=Fraction(last * 1_000_000, RATE_HZ) * speed, speed=speed
    ) as reader:
        return np.concatenate([reader.read(min(7_001, count - start)) for start in range(0, count, 7_001)], 1)


FILES = {
    "pcm_f32le": "a.wav",
    "flac": "a.flac",
    "libmp3lame": "a.mp3",
    "vorbis": "a.ogg",
    "alac": "a.m4a",
    "adpcm_ima_wav": "b.wav",
}


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("codec", FILES)
def test_it_is_the_sound_forwards_turned_round_to_the_bit(tmp_path: Path, codec: str, rate_hz: int) -> None:
    options = {"strict": "experimental"} if codec == "vorbis" else {}
    path = encode(tmp_path / FILES[codec], codec, bursts(rate_hz * 12, rate_hz), rate_hz, options=options)
    last = RATE_HZ * 11 + 345
    heard = backwards(path, last, last + 1 + 5_000)
    np.testing.assert_array_equal(heard[:, : last + 1], forwards(path, last))
    assert not heard[:, last + 1 :].any()  # before the file's start


@pytest.mark.parametrize(
    ("codec", "name"), [("aac", "a.m4a"), ("aac", "a.aac"), ("libopus", "a.webm"), ("ac3", "a.ac3")]
)
def test_of_decoders_that_settle_or_make_noise_it_is_the_same_sound(tmp_path: Path, codec: str, name: str) -> None:
    path = encode(tmp_path / name, codec, bursts(48_000 * 12, 48_000), 48_000)
    last = RATE_HZ * 11
    heard, wanted = backwards(path, last, last), forwards(path, last)
    for start in range(0, last - RATE_HZ, RATE_HZ):
        part = slice(start, start + RATE_HZ)
        offset, alike = lag(heard[0, part], wanted[0, part])
        assert offset == 0
        assert alike > 0.98


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(5, 4), Fraction(3)])
def test_a_speed_is_read_backwards_too(tmp_path: Path, speed: Fraction) -> None:
    path = encode(tmp_path / "a.wav", "pcm_f32le", bursts(48_000 * 8, 48_000), 48_000)
    last = int(RATE_HZ * 7 / speed)
    np.testing.assert_array_equal(backwards(path, last, last, speed), forwards(path, last, speed)[:, :last])


def test_a_start_behind_the_end_is_silent_until_the_end(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", "flac", bursts(RATE_HZ * 3, RATE_HZ), RATE_HZ)
    heard = backwards(path, RATE_HZ * 30, RATE_HZ * 31)
    assert not heard[:, : RATE_HZ * 27 + 1].any()
    np.testing.assert_array_equal(heard[:, RATE_HZ * 27 + 1 : RATE_HZ * 30 + 1], forwards(path, RATE_HZ * 3 - 1))
    assert not backwards(path, -5, 1_000).any()


@pytest.mark.parametrize(
    ("name", "codec", "most"), [("a.mp3", "libmp3lame", 1.35), ("a.flac", "flac", 1.35), ("a.m4a", "aac", 2.4)]
)
def test_each_stretch_is_decoded_about_once(
    tmp_path: Path, name: str, codec: str, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AAC from the last place at which a decoder begins, up to five seconds before."""
    path = encode(tmp_path / name, codec, bursts(RATE_HZ * 40, RATE_HZ), RATE_HZ)
    decoded = opened = 0
    decode, rewind = SoundDecoder._decoded, SoundDecoder._rewind

    def counted(self: SoundDecoder, packet: object, decoder: object = None) -> object:
        nonlocal decoded
        frames = decode(self, packet, decoder)  # type: ignore[arg-type]
        decoded += sum(frame.samples for frame in frames)
        return frames

    def reopened(self: SoundDecoder) -> object:
        nonlocal opened
        opened += not self._is_fresh
        return rewind(self)

    monkeypatch.setattr(SoundDecoder, "_decoded", counted)
    monkeypatch.setattr(SoundDecoder, "_rewind", reopened)
    assert backwards(path, RATE_HZ * 40 - 1, RATE_HZ * 40).any(0).mean() > 0.99
    assert decoded < RATE_HZ * 40 * most
    assert opened <= 2


def test_memory_holds_a_few_seconds(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", "flac", np.zeros((2, 48_000 * 400), np.float32), 48_000)
    backwards(path, 100_000, 100_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with BackwardSoundReader(str(path), RATE_HZ, start_us=400_000_000) as reader:
        for _ in range(400):
            reader.read(RATE_HZ)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KiB; all of it are 141 MB


def test_it_says_what_the_file_is(tmp_path: Path) -> None:
    mono = encode(tmp_path / "a.wav", "pcm_s16le", bursts(48_000, 48_000, 1), 48_000, layout="mono")
    with BackwardSoundReader(str(mono), start_us=900_000) as reader:
        assert (reader.has_sound, reader.channels, reader.damage) == (True, 1, "")
        heard = reader.read(1_000)
        np.testing.assert_array_equal(heard[0], heard[1])
    whole = encode(tmp_path / "a.flac", "flac", bursts(48_000 * 6, 48_000), 48_000)
    broken = damaged(whole, tmp_path / "b.flac", 0.5, 3_000)
    with BackwardSoundReader(str(broken), 48_000, start_us=Fraction(287_999_000_000, 48_000)) as reader:
        heard = reader.read(48_000 * 6)
        assert reader.damage
    wanted, damage = sounds.read(broken, 48_000 * 6, 48_000)
    np.testing.assert_array_equal(heard[:, ::-1], wanted)
    assert damage == reader.damage
    with pytest.raises(AssetMissing):
        BackwardSoundReader(str(tmp_path / "c.wav"))
