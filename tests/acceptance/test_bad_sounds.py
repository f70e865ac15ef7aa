"""Sound files that cannot be, one fault each, from a draft's JSON to the mix: silence or a rule, said once."""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from cutfarm.timeline.report import Fidelity
from tests.acceptance.drafts import SECOND, Draft, Raw
from tests.acceptance.sounds import RATE, Samples, add_sound, mixed, write_wav
from tests.media.sounds import bursts, damaged, encode, lag

PART = 2 * RATE  # samples of each of the three segments


def no_sound(folder: Path) -> Path:
    path = folder / "bad.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width = stream.height = 64
        for _ in range(60):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode(None))
    return path


def empty(folder: Path) -> Path:
    (folder / "bad.mp3").touch()
    return folder / "bad.mp3"


def text(folder: Path) -> Path:
    (folder / "bad.mp3").write_text("no sound at all\n" * 100)
    return folder / "bad.mp3"


def at_rate(rate_hz: int) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        data = bytes(range(256)) * 4_000
        form = struct.pack("<HHIIHH", 1, 1, rate_hz, rate_hz * 2, 2, 16)
        body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
        (folder / "bad.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
        return folder / "bad.wav"

    return made


def not_numbers(folder: Path) -> Path:
    samples = bursts(PART, RATE)
    samples[:, RATE // 2 : RATE] = np.nan
    samples[:, RATE : RATE + 100] = np.inf
    return encode(folder / "bad.wav", "pcm_f32le", samples, RATE)


def huge(folder: Path) -> Path:
    samples = bursts(PART, RATE)
    samples[:, RATE] = 1e30
    return encode(folder / "bad.wav", "pcm_f32le", samples, RATE)


def broken(name: str, codec: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        whole = encode(folder / f"whole-{name}", codec, bursts(3 * RATE, RATE), RATE)
        return damaged(whole, folder / name, 0.2, 500 if name.endswith(".aac") else 2_000)

    return made


SILENT = {"no sound": no_sound, "empty": empty, "text": text, "1 Hz": at_rate(1), "1 MHz": at_rate(1_000_000)}
IN_PARTS = {
    "not numbers": not_numbers,
    "huge": huge,
    "mp3": broken("bad.mp3", "libmp3lame"),
    "aac": broken("bad.aac", "aac"),
    "m4a": broken("bad.m4a", "aac"),
    "flac": broken("bad.flac", "flac"),
}


def draft_with(folder: Path, bad: Path | None, *, speed: float = 1.0, backwards: bool = False) -> tuple[Raw, str]:
    """A track of good, bad and good sound, two seconds each; the id of the bad segment."""
    draft = Draft()
    good = write_wav(folder / "good.wav", bursts(PART, RATE).astype(np.float64))
    track, bad_id = draft.track("audio"), ""
    for number, path in enumerate((good, bad, good)):
        if path is not None:
            segment = draft.clip(
                track,
                add_sound(draft, path),
                number * 2 * SECOND,
                2 * SECOND,
                speed=speed if path is bad else 1.0,
                reverse=backwards and path is bad,
            )
            bad_id = segment["id"] if path is bad else bad_id
    draft.raw["duration"] = 6 * SECOND
    return draft.raw, bad_id


def heard_beside(folder: Path, bad: Path, **how: float) -> tuple[Samples, str]:
    """The mix, where all beside the bad segment is as without it, and the one sentence about that."""
    raw, bad_id = draft_with(folder, bad, **how)  # type: ignore[arg-type]
    samples, report = mixed(raw)
    without, _ = mixed(draft_with(folder, None)[0])
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1
    np.testing.assert_array_equal(samples[:, : PART - RATE // 4], without[:, : PART - RATE // 4])
    np.testing.assert_array_equal(samples[:, 2 * PART + RATE // 4 :], without[:, 2 * PART + RATE // 4 :])
    [entry] = [entry for entry in report if entry.segment_id == bad_id and entry.fidelity is Fidelity.UNSUPPORTED]
    return samples[:, PART : 2 * PART], entry.fact


@pytest.mark.parametrize("fault", SILENT)
def test_a_file_without_sound_to_hear_is_silent_and_said_once(tmp_path: Path, fault: str) -> None:
    heard, fact = heard_beside(tmp_path, SILENT[fault](tmp_path))
    assert not heard.any()
    assert "bad." in fact


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("fault", IN_PARTS)
def test_what_is_whole_of_a_bad_file_is_heard_in_its_place(tmp_path: Path, fault: str, backwards: bool) -> None:
    path = IN_PARTS[fault](tmp_path)
    heard, fact = heard_beside(tmp_path, path, backwards=backwards)
    assert "damaged" in fact
    late = RATE * 3 // 2
    source = bursts(3 * RATE if "whole" in " ".join(p.name for p in tmp_path.iterdir()) else PART, RATE)[0]
    part = source[:PART][::-1][: RATE // 2] if backwards else source[late:PART]
    offset, alike = lag(heard[0, : RATE // 2] if backwards else heard[0, late:], part)
    priming = 1_024 if fault == "aac" else 0  # raw AAC does not say what is in front
    assert abs(abs(offset) - priming) <= backwards
    assert alike > 0.9


@pytest.mark.parametrize("fault", ["mp3", "1 Hz", "not numbers"])
def test_a_bad_file_is_stretched_like_a_good_one(tmp_path: Path, fault: str) -> None:
    path = (SILENT | IN_PARTS)[fault](tmp_path)
    heard_beside(tmp_path, path, speed=1.25)


def test_a_file_shorter_than_its_range_ends_in_silence(tmp_path: Path) -> None:
    short = write_wav(tmp_path / "bad.wav", bursts(RATE // 2, RATE).astype(np.float64))
    raw, _ = draft_with(tmp_path, short)
    samples, _ = mixed(raw)
    without, _ = mixed(draft_with(tmp_path, None)[0])
    assert samples[:, PART : PART + RATE // 2].any(0).mean() > 0.9
    assert not samples[:, PART + RATE // 2 : 2 * PART].any()
    np.testing.assert_array_equal(samples[:, 2 * PART :], without[:, 2 * PART :])


def test_fades_longer_than_the_segment_end_with_it(tmp_path: Path) -> None:
    still = write_wav(tmp_path / "bad.wav", np.full((2, PART), 0.25))
    raw, _ = draft_with(tmp_path, still)
    fade = {"id": "fade", "type": "audio_fade", "fade_in_duration": 9 * SECOND, "fade_out_duration": 9 * SECOND}
    raw["materials"]["audio_fades"] = [fade]
    raw["tracks"][0]["segments"][1]["extra_material_refs"].append("fade")
    samples, _ = mixed(raw)
    heard = samples[0, PART : 2 * PART]
    assert heard[0] == 0
    assert heard.max() == pytest.approx(0.25 * 0.25, rel=0.01)  # half of each in the middle
    assert abs(heard[-1]) < 1e-4
    np.testing.assert_array_equal(samples[:, 2 * PART :], mixed(draft_with(tmp_path, None)[0])[0][:, 2 * PART :])


def test_a_header_alone_is_silent(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "bad.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
    samples, _ = mixed(draft_with(tmp_path, tmp_path / "bad.wav")[0])
    assert not samples[:, PART : 2 * PART].any()
