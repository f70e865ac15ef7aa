"""Where a file's sound begins: what encoders put in front, lists of edits, and sound beside pictures."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from cutfarm.media.audio import SoundReader
from tests.media.sounds import Samples, bursts, encode, lag, read, remuxed

RATE_HZ = 48_000
COUNT = RATE_HZ * 5
MP3_DECODER, MP3_ENCODER, AAC_FRAME, AC3_BLOCK, MP2_DELAY = 529, 576, 1_024, 256, 481

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no system ffmpeg to judge by")

# What is made here, and by how many samples the sound comes late for want of a word about it in the file.
LATE = {
    "a.mp3": ("libmp3lame", 0),
    "untagged.mp3": ("libmp3lame", MP3_DECODER + MP3_ENCODER),
    "a.m4a": ("aac", 0),
    "a.mka": ("aac", 0),
    "a.aac": ("aac", AAC_FRAME),
    "a.ts": ("aac", AAC_FRAME),
    "a.opus": ("libopus", 0),
    "a.webm": ("libopus", 0),
    "opus.mp4": ("libopus", 0),
    "mp3.mp4": ("libmp3lame", 0),
    "a.ogg": ("vorbis", 0),
    "a.flac": ("flac", 0),
    "flac.mka": ("flac", 0),
    "a.wav": ("pcm_s16le", 0),
    "ima.wav": ("adpcm_ima_wav", 0),
    "alac.m4a": ("alac", 0),
    "a.mov": ("pcm_s24le", 0),
    "a.ac3": ("ac3", AC3_BLOCK),
    "a.mp2.ts": ("mp2", MP2_DELAY),
    "a.avi": ("libmp3lame", MP3_DECODER + MP3_ENCODER),
    "a.flv": ("aac", AAC_FRAME),
}


@pytest.fixture(scope="module")
def source() -> Samples:
    return bursts(COUNT, RATE_HZ)


def made(folder: Path, name: str, source: Samples) -> Path:
    options = {"strict": "experimental"} if name == "a.ogg" else {}
    container = {"write_xing": "0"} if name == "untagged.mp3" else {}
    return encode(folder / name, LATE[name][0], source, RATE_HZ, options=options, container=container)


def heard_by_ffmpeg(path: Path) -> Samples:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", "f32le", "-ac", "2", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2).T


@pytest.mark.parametrize("name", LATE)
def test_what_an_encoder_puts_in_front_is_left_out_where_the_file_says_so(
    tmp_path: Path, source: Samples, name: str
) -> None:
    heard = read(made(tmp_path, name, source), COUNT + RATE_HZ, RATE_HZ)[0]
    offset, alike = lag(heard[0], source[0])
    assert offset == LATE[name][1]
    assert alike > 0.95


@needs_ffmpeg
@pytest.mark.parametrize("name", [name for name in LATE if name != "a.mka"])  # old ones miss Matroska's CodecDelay
def test_the_system_s_ffmpeg_hears_the_same(tmp_path: Path, source: Samples, name: str) -> None:
    path = made(tmp_path, name, source)
    wanted = heard_by_ffmpeg(path)
    heard = read(path, wanted.shape[1], RATE_HZ)[0]
    if LATE[name][0] in ("libopus", "aac", "ac3", "vorbis", "adpcm_ima_wav"):  # versions differ by rounding and noise
        offset, alike = lag(heard[0], wanted[0])
        assert offset == 0
        assert alike > 0.99
    else:
        np.testing.assert_allclose(heard[:, :COUNT], wanted[:, :COUNT], atol=2e-4)


def with_apple_s_note(path: Path, priming: int, padding: int, samples: int) -> Path:
    """The mp4 file with its length in iTunes' words (`iTunSMPB`), which players used before lists of edits."""
    text = f" 00000000 {priming:08X} {padding:08X} {samples:016X}" + " 00000000" * 8

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + kind + content

    words = box(b"mean", bytes(4) + b"com.apple.iTunes") + box(b"name", bytes(4) + b"iTunSMPB")
    words += box(b"data", struct.pack(">II", 1, 0) + text.encode())
    handler = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    notes = box(b"udta", box(b"meta", bytes(4) + handler + box(b"ilst", box(b"----", words))))
    raw = path.read_bytes()
    start = raw.index(b"moov") - 4
    size = struct.unpack(">I", raw[start : start + 4])[0]
    assert start + size == len(raw), "the index lies behind the sound"
    path.write_bytes(raw[:start] + struct.pack(">I", size + len(notes)) + raw[start + 4 :] + notes)
    return path


def test_apple_s_note_of_what_is_in_front_is_heeded(tmp_path: Path, source: Samples) -> None:
    whole = encode(tmp_path / "a.m4a", "aac", source, RATE_HZ)
    bare = remuxed(whole, tmp_path / "b.m4a", container={"use_editlist": "0"})
    with_apple_s_note(bare, AAC_FRAME, 0, COUNT)
    assert lag(read(bare, COUNT, RATE_HZ)[0][0], source[0])[0] == 0


def edited(path: Path, edits: list[tuple[int, int]]) -> Path:
    """The mp4 file with another list of edits: lengths in the movie's ticks, and first ticks of the media or -1."""
    raw = bytearray(path.read_bytes())
    place = raw.index(b"elst")
    size = struct.unpack(">I", raw[place - 4 : place])[0]
    content = struct.pack(">II", 0, len(edits)) + b"".join(struct.pack(">IiI", *edit, 1 << 16) for edit in edits)
    grown = 8 + len(content) - size
    raw[place + 4 : place - 4 + size] = content
    for box in (b"elst", b"edts", b"trak", b"moov"):
        start = raw.index(box) - 4
        raw[start : start + 4] = struct.pack(">I", struct.unpack(">I", raw[start : start + 4])[0] + grown)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("late_ms", [0, 700])
@pytest.mark.parametrize("cut", [0, 12_345])
def test_a_list_of_edits_moves_and_cuts(tmp_path: Path, source: Samples, late_ms: int, cut: int) -> None:
    path = encode(tmp_path / "a.m4a", "alac", source, RATE_HZ, container={"movflags": "+faststart", "brand": "isom"})
    path = remuxed(path, tmp_path / "b.m4a")
    if b"elst" not in path.read_bytes():
        path = _with_edits(path)
    empty = [(late_ms, -1)] if late_ms else []
    edited(path, [*empty, (5_000, cut)])
    heard = read(path, COUNT, RATE_HZ)[0]
    late = RATE_HZ * late_ms // 1_000
    assert not heard[:, :late].any()
    np.testing.assert_allclose(heard[:, late : COUNT - cut], source[:, cut : COUNT - late], atol=4e-5)


def _with_edits(path: Path) -> Path:
    """The mp4 file with a list of edits that changes nothing."""
    raw = path.read_bytes()
    box = struct.pack(">I4sI4sIIIiI", 36, b"edts", 28, b"elst", 0, 1, 5_000, 0, 1 << 16)
    start = raw.index(b"mdia") - 4
    grown = bytearray(raw[:start] + box + raw[start:])
    for kind in (b"trak", b"moov"):
        place = grown.index(kind) - 4
        size = struct.unpack(">I", grown[place : place + 4])[0]
        grown[place : place + 4] = struct.pack(">I", size + len(box))
    path.write_bytes(grown)
    return path


def test_a_doubled_rate_that_the_file_declares_is_decoded_as_such(tmp_path: Path) -> None:
    core = encode(tmp_path / "core.mp4", "aac", bursts(22_050 * 5, 22_050), 22_050)
    declared = int("00101 0111 0010 0100 00010 0000".replace(" ", "").ljust(32, "0"), 2).to_bytes(4, "big")
    path = remuxed(core, tmp_path / "he.mp4", extradata=declared)  # HE-AAC: object type 5, 22.05 kHz, twice that
    heard, damage = read(path, 44_100 * 5, 44_100)
    assert not damage
    offset, alike = lag(heard[0], read(core, 44_100 * 5, 44_100)[0][0])
    assert offset == 962  # the delay of the bands' filters (ISO/IEC 14496-3 §4.6.18), which FFmpeg leaves in
    assert alike > 0.99
    if shutil.which("ffmpeg"):
        wanted = heard_by_ffmpeg(path)
        assert lag(heard[0], wanted[0])[0] == 0


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.ts"])
@pytest.mark.parametrize("late_s", [0.5, -0.5])
def test_beside_pictures_sound_counts_from_the_file_s_start(
    tmp_path: Path, source: Samples, name: str, late_s: float
) -> None:
    wav = encode(tmp_path / "a.wav", "pcm_s16le", source, RATE_HZ)
    path = tmp_path / name
    pictures = ["-f", "lavfi", "-i", "testsrc=d=5:s=64x64:r=25"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-c:a", "aac"]
    command = ["ffmpeg", "-v", "error", *pictures, "-itsoffset", str(late_s), "-i", str(wav), "-map", "0:v"]
    subprocess.run([*command, "-map", "1:a", *codecs, str(path)], check=True)
    heard = read(path, COUNT + RATE_HZ, RATE_HZ)[0]
    if late_s > 0:  # the encoder's first frame lies before the sound: whether it is said, it is at its time
        assert abs(lag(heard[0], source[0])[0] - late_s * RATE_HZ) <= 48
    elif name.endswith(("mp4", "mov")):  # begun before the pictures, by a list of edits: cut off there
        assert lag(heard[0], source[0])[0] == late_s * RATE_HZ
    else:  # the file begins with the sound, after what its encoder put in front
        assert lag(heard[0], source[0])[0] == AAC_FRAME


def test_the_first_sample_of_a_reading_is_the_one_asked_for(tmp_path: Path, source: Samples) -> None:
    path = made(tmp_path, "a.mka", source)
    whole = read(path, COUNT, RATE_HZ)[0]
    with SoundReader(str(path), RATE_HZ, start_us=3_000_000) as reader:
        offset, alike = lag(reader.read(RATE_HZ)[0], whole[0, RATE_HZ * 3 : RATE_HZ * 4])
    assert offset == 0
    assert alike > 0.99


@pytest.mark.parametrize(
    ("name", "codec"), [("a.m4a", "aac"), ("a.mka", "aac"), ("a.mka", "libopus"), ("a.mka", "ac3"), ("a.mka", "flac")]
)
def test_noise_that_a_decoder_makes_up_is_the_same_wherever_reading_began(
    name: str, codec: str, tmp_path: Path
) -> None:
    rate_hz = 48_000
    samples = np.random.default_rng(4).normal(0, 0.15, (2, rate_hz * 34)).astype(np.float32)
    path = encode(tmp_path / name, codec, samples, rate_hz)
    whole = read(path, rate_hz * 34, rate_hz)[0]
    for first in (rate_hz * 3, rate_hz * 10 - 5, rate_hz * 21 + 777, rate_hz * 30):
        np.testing.assert_array_equal(read(path, rate_hz, rate_hz, first)[0], whole[:, first : first + rate_hz])
