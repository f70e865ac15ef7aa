"""Every sound effect of the catalogue, from a draft's JSON: heard, as loud as it should be, on time, and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.every_sound_media import speech
from cutfarm.catalogue.sound_effects import SoundEffectRow, SoundKind, sound_effects
from tests.acceptance.drafts import Draft, Raw
from tests.acceptance.sounds import RATE, SECOND, Samples, add_sound, decibels, mixed, write_wav

pytestmark = pytest.mark.slow  # 15 s of CPU time

KINDS: dict[SoundKind, str] = {"scene": "sound_effect", "tone": "tone", "song": "speech_to_song"}
SLOT_US = 1_250_000  #: what each effect has for itself
LENGTH_US = 500_000  #: of its sound
SILENT_US = 100_000  #: at its beginning
NEXT_US, NEXT_LENGTH_US = 750_000, 200_000  #: a clip after it, on the same track
VOLUME = 0.15  #: so that the limiter has nothing to do

#: Operations that give each sample at its own time, or have the sound as it was beside what they make of it.
ON_TIME = {
    *("lowpass", "highpass", "bandpass", "lowshelf", "highshelf", "eq", "distortion", "comp", "bitcrush", "reverb"),
    *("delay", "pingpong", "comb", "chorus", "phaser", "tremolo", "ringmod", "haas", "doubler", "autopan", "noise"),
}

RINGING = {"reverb", "delay", "pingpong", "comb"}
STRENGTHS = {"强弱", "强度", "strength", "change_voice_param_strength"}


@dataclass(frozen=True)
class Heard:
    """An effect of the table, or the sound as it is, and what came of it."""

    row: SoundEffectRow | None
    samples: Samples  #: of its slot
    entries: tuple[tuple[str, str, str], ...]  #: word, element and message of the report

    def part(self, start_us: int, length_us: int) -> Samples:
        first, count = (us * RATE // SECOND for us in (start_us, length_us))
        return self.samples[:, first : first + count]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Silence, then speech, on both sides alike but for the hiss."""
    silence = np.zeros(SILENT_US * RATE // SECOND)
    sides = [np.concatenate((silence, speech(1.0, RATE, pitch_hz))) for pitch_hz in (140.0, 141.0)]
    return write_wav(tmp_path_factory.mktemp("sound") / "voice.wav", np.stack(sides))


def mix_of(rows: Sequence[SoundEffectRow | None], voice: Path, strength: float = 1.0) -> list[Heard]:
    """Each in a slot of its own, on one track; None is the sound as it is. `strength`: of what their sliders say."""
    draft = Draft()
    track, ids = draft.track("audio"), []
    sound = add_sound(draft, voice)
    for number, row in enumerate(rows):
        refs = [draft.add("audio_effects", **material(row, strength))] if row else []
        start_us = number * SLOT_US
        ids.append(draft.clip(track, sound, start_us, LENGTH_US, volume=VOLUME, refs=refs)["id"])
        draft.clip(track, sound, start_us + NEXT_US, NEXT_LENGTH_US, volume=VOLUME, source_us=SILENT_US)
    length = SLOT_US * RATE // SECOND
    samples, report = mixed(draft.raw, 0, len(rows) * length)
    said: dict[str, list[tuple[str, str, str]]] = {id_: [] for id_ in ids}
    for entry in report:
        said[entry.segment_id].append((entry.fidelity.word, entry.what, entry.message))
    slots = np.split(samples, len(rows), 1)
    return [Heard(row, slot, tuple(said[id_])) for row, slot, id_ in zip(rows, slots, ids, strict=True)]


def material(row: SoundEffectRow, strength: float) -> Raw:
    """An effect as drafts write it."""
    sliders = [slider for slider in row.sliders if slider.name in STRENGTHS and strength < 1]
    params = [
        {"name": slider.name, "parameterIndex": 0, "value": slider.low + strength * (slider.default - slider.low)}
        for slider in sliders
    ]
    named = {"name": row.name, "resource_id": row.resource_id, "category_id": KINDS[row.kind]}
    return {"type": "audio_effect", **named, "audio_adjust_params": params}


@pytest.fixture(scope="module", params=list(KINDS))
def effects(request: pytest.FixtureRequest, voice: Path) -> list[Heard]:
    return mix_of(sound_effects(request.param), voice)


@pytest.fixture(scope="module")
def dry(voice: Path) -> Heard:
    [heard] = mix_of((None,), voice)
    assert not heard.entries
    return heard


def loudness_db(samples: Samples) -> float:
    """RMS of the louder half of its windows of 25 ms: pauses do not count."""
    width = RATE // 40
    windows = samples[:, : samples.shape[1] // width * width].reshape(2, -1, width).astype(np.float64)
    powers = np.sort((windows**2).mean((0, 2)))
    return float(decibels(np.sqrt(powers[powers.size // 2 :].mean())))


def lag_of(samples: Samples, dry: Samples) -> float:
    """By how many milliseconds the first of `samples` comes after that of `dry`, as they are most alike."""
    given, wanted = (both.mean(0).astype(np.float64) for both in (samples, dry))
    alike = np.correlate(given, wanted, "full")
    return float((np.abs(alike).argmax() - (wanted.size - 1)) / RATE * 1000)


def onset_ms(heard: Heard) -> float:
    """When the sound has a tenth of the level that it reaches in its first 25 ms."""
    level = np.abs(heard.part(SILENT_US, 25_000)).max(0)
    return float((level > 0.1 * level.max()).argmax() / RATE * 1000)


def name_of(heard: Heard) -> str:
    return f"{heard.row.kind} {heard.row.name}" if heard.row else "the sound as it is"


def ops_of(row: SoundEffectRow) -> frozenset[str]:
    return frozenset(op for op, _ in row.ops or row.fallback)


def test_each_is_heard(effects: list[Heard], dry: Heard) -> None:
    assert len(effects) > 5
    plain = dry.part(0, LENGTH_US)
    for heard in effects:
        samples = heard.part(0, LENGTH_US)
        assert np.isfinite(heard.samples).all(), name_of(heard)
        assert np.abs(samples).max() > 0.01, name_of(heard)
        assert not np.array_equal(samples, plain), f"{name_of(heard)} changes nothing"


def test_each_is_about_as_loud_as_the_sound(effects: list[Heard], dry: Heard) -> None:
    """Those that lay a noise behind the sound too: the sound is in all of them."""
    wanted = loudness_db(dry.part(SILENT_US, LENGTH_US - SILENT_US))
    for heard in effects:
        difference = loudness_db(heard.part(SILENT_US, LENGTH_US - SILENT_US)) - wanted
        assert -20 < difference < 10, f"{name_of(heard)}: {difference:+.1f} dB"


def test_none_is_late(effects: list[Heard], dry: Heard) -> None:
    """Not even what is put together from frames."""
    assert onset_ms(dry) == 0
    for heard in effects:
        assert onset_ms(heard) < 5, name_of(heard)


def test_at_half_strength_the_sound_itself_is_not_late(voice: Path, dry: Heard) -> None:
    """Of each chain that has no sample at its own time one effect that has a strength."""
    rows = {
        ops_of(row): row
        for row in sound_effects("scene")
        if not ops_of(row) <= ON_TIME and any(slider.name in STRENGTHS for slider in row.sliders)
    }
    assert len(rows) > 5
    first = dry.part(SILENT_US, 5_000)
    limit = 0.2 * np.abs(first).max()
    for heard in mix_of(list(rows.values()), voice, 0.5):
        assert np.abs(heard.part(SILENT_US, 5_000)).max() > limit, name_of(heard)
        assert abs(lag_of(heard.part(SILENT_US, 50_000), dry.part(SILENT_US, 50_000))) < 5, name_of(heard)


def test_what_rings_on_ends_where_the_next_clip_begins(effects: list[Heard], dry: Heard) -> None:
    after = dry.part(NEXT_US, SLOT_US - NEXT_US)
    gap_us = LENGTH_US, NEXT_US - LENGTH_US
    for heard in effects:
        np.testing.assert_array_equal(heard.part(NEXT_US, SLOT_US - NEXT_US), after, err_msg=name_of(heard))
        if heard.row is not None and "reverb" in ops_of(heard.row):
            assert np.abs(heard.part(*gap_us)).max() > 1e-4, f"{name_of(heard)} does not ring on"
        elif heard.row is not None and not ops_of(heard.row) & RINGING:
            assert not heard.part(*gap_us).any(), f"{name_of(heard)} goes on after its clip"


def test_the_report_says_what_the_table_says(effects: list[Heard]) -> None:
    for heard in effects:
        assert heard.row is not None
        words = [(word, what) for word, what, _ in heard.entries]
        wanted = [] if heard.row.fidelity == "exact" else [(heard.row.fidelity, "sound effect")]
        assert words == wanted, name_of(heard)
        assert all(f"“{heard.row.name}”" in message for _, _, message in heard.entries), heard.entries
