"""`cutfarm inspect --waveform` as a user meets it."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands.drafts import SECOND, Ran, draft_of, segment, write

RATE = 44_100


@pytest.fixture
def singing(folder: Path) -> Path:
    """The draft folder with a tone beside its film."""
    tone = 0.5 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE)
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tone * 32767).astype("<i2").tobytes())
    draft = draft_of("film.mp4")
    song = {"id": "song", "type": "music", "name": "歌", "path": "tone.wav", "duration": 2 * SECOND}
    draft["materials"]["audios"] = [song]
    draft["tracks"].append({"type": "audio", "segments": [segment("song", 0, 2)]})
    write(folder, draft)
    return folder


def test_the_picture_and_the_usual_words(singing: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    code, said, beside = cutfarm("inspect", singing, "--waveform", out / "sound.png")
    assert code == 0
    assert said == cutfarm("inspect", singing)[1]
    assert f"{out / 'sound.png'}: 1920 × 536, the mix and 1 track with sound\n" in beside
    with Image.open(out / "sound.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1920, 536))
    assert [path.name for path in out.iterdir()] == ["sound.png"]


def test_json_stays_json(singing: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    code, said, _ = cutfarm("inspect", singing, "--json", "--waveform", out / "sound.PNG", "--range", ":1")
    assert code == 0
    assert json.loads(said)["duration_us"] == 2 * SECOND
    assert (out / "sound.PNG").is_file()


def test_a_range_is_another_picture(singing: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    for name, words in (("whole", ()), ("part", ("--range", "0.5:0.6")), ("all", ("--range", "0:"))):
        assert cutfarm("inspect", singing, "--waveform", out / f"{name}.png", *words)[0] == 0
    whole, part, everything = ((out / f"{name}.png").read_bytes() for name in ("whole", "part", "all"))
    assert whole == everything != part


@pytest.mark.parametrize(
    ("name", "words", "complaint"),
    [
        ("sound.jpg", (), "the picture is a PNG: sound.jpg must end in .png"),
        ("sound", (), "the picture is a PNG: sound must end in .png"),
        ("nowhere/sound.png", (), "/nowhere is not there"),
        ("sound.png", ("--range", "2:1"), "range 2:1 does not go from an earlier to a later time"),
        ("sound.png", ("--range", "nan:1"), "range nan:1 does not go from an earlier to a later time"),
        ("sound.png", ("--range", "x"), "range 'x' is not START:END in seconds"),
        ("sound.png", ("--range", "5:6"), "the range begins at 5 s, the draft ends at 2 s"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(
    singing: Path, out: Path, cutfarm: Callable[..., Ran], name: str, words: tuple[str, ...], complaint: str
) -> None:
    code, said, beside = cutfarm("inspect", singing, "--waveform", out / name, *words)
    assert (code, said) == (2, "")
    assert beside.startswith("cutfarm: ")
    assert beside.count("\n") == 1
    assert complaint in beside
    assert not list(out.iterdir())


def test_a_range_without_a_picture(singing: Path, cutfarm: Callable[..., Ran]) -> None:
    code, _, beside = cutfarm("inspect", singing, "--range", "0:1")
    assert (code, beside) == (2, "cutfarm: --range is a part of the picture that --waveform draws\n")


def test_a_missing_file_is_the_same_error(singing: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
    (singing / "tone.wav").unlink()
    without = cutfarm("inspect", singing)
    assert without[0] == 2
    assert cutfarm("inspect", singing, "--waveform", out / "sound.png") == without
    assert not list(out.iterdir())


def test_a_file_that_cannot_be_heard_is_drawn_silent_and_said(
    singing: Path, out: Path, cutfarm: Callable[..., Ran]
) -> None:
    (singing / "tone.wav").write_bytes(b"RIFF of nothing" * 50)
    code, _, beside = cutfarm("inspect", singing, "--waveform", out / "sound.png")
    assert code == 0
    assert "unsupported: 歌 in segment segment-song: it is silent" in beside
