"""Damaged, odd and empty sound files: silence where the fault is, all the rest in its place, and a word about it."""

from __future__ import annotations

import struct
import warnings
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from cutfarm.errors import AssetUnreadable
from cutfarm.media.audio import SoundReader
from cutfarm.media.audio_channels import MOST
from cutfarm.media.audio_raw import adts_header, mpeg_header
from tests.media.sounds import Samples, bursts, damaged, encode, lag, read

RATE_HZ = 48_000
SECONDS = 6
COUNT = RATE_HZ * SECONDS
TAIL = RATE_HZ * 9 // 2  # behind every damage of these tests


@dataclass(frozen=True)
class Kind:
    name: str
    codec: str
    options: Mapping[str, str] = field(default_factory=dict)
    container: Mapping[str, str] = field(default_factory=dict)
    tells: bool = True  # whether what is lost can be noticed: PCM and its like have no check sums


KINDS = [
    Kind("a.mp3", "libmp3lame"),
    Kind("untagged.mp3", "libmp3lame", container={"write_xing": "0"}),
    Kind("variable.mp3", "libmp3lame", {"qscale": "4", "flags": "+qscale"}),
    Kind("a.aac", "aac"),
    Kind("a.m4a", "aac"),
    Kind("aac.mka", "aac", container={"cluster_time_limit": "1000"}),  # read on at the next cluster
    Kind("a.opus", "libopus"),
    Kind("a.webm", "libopus", container={"cluster_time_limit": "1000"}),
    Kind("a.ogg", "vorbis", {"strict": "experimental"}),
    Kind("a.flac", "flac"),
    Kind("flac.ogg", "flac"),
    Kind("ima.wav", "adpcm_ima_wav", tells=False),
    Kind("ms.wav", "adpcm_ms", tells=False),
    Kind("a.ac3", "ac3"),
    Kind("a.eac3", "eac3"),
    Kind("a.ts", "aac"),
    Kind("pcm.wav", "pcm_s16le", tells=False),
    Kind("alac.m4a", "alac", tells=False),
]


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Samples]]:
    """A sound file of each kind and what is heard of it."""
    folder, samples = tmp_path_factory.mktemp("sounds"), bursts(COUNT, RATE_HZ)
    found = {}
    for kind in KINDS:
        path = encode(folder / kind.name, kind.codec, samples, RATE_HZ, options=kind.options, container=kind.container)
        found[kind.name] = path, read(path, COUNT, RATE_HZ)[0]
    return found


class TestDamageInTheMiddle:
    @pytest.mark.parametrize(
        ("count", "seed"), [(1, None), (1, 4), (64, None), (300, 5), (700, None), (3_000, None), (3_000, 6)]
    )
    @pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
    def test_what_follows_is_at_its_place(
        self, tmp_path: Path, wholes: dict[str, tuple[Path, Samples]], kind: Kind, count: int, seed: int | None
    ) -> None:
        path, good = wholes[kind.name]
        heard, damage = read(damaged(path, tmp_path / kind.name, 0.45, count, seed=seed), COUNT, RATE_HZ)
        assert np.isfinite(heard).all()
        for part in (slice(0, RATE_HZ), slice(TAIL, COUNT)):  # an Ogg page that is lost lasts a second
            offset, alike = lag(heard[0, part], good[0, part])
            assert offset == 0
            assert alike > 0.99
        if kind.tells and count >= 700 and seed is None:
            assert damage

    @pytest.mark.parametrize("name", ["a.mp3", "a.aac", "a.ac3", "ima.wav"])
    def test_a_start_behind_it_is_the_same_sound(
        self, tmp_path: Path, wholes: dict[str, tuple[Path, Samples]], name: str
    ) -> None:
        path = damaged(wholes[name][0], tmp_path / name, 0.3, 5_000)
        whole, part = read(path, COUNT, RATE_HZ)[0], read(path, RATE_HZ, RATE_HZ, TAIL)[0]
        offset, alike = lag(part[0], whole[0, TAIL : TAIL + RATE_HZ])
        assert offset == 0
        assert alike > 0.99

    def test_tags_between_two_files_that_were_joined_are_no_sound(
        self, tmp_path: Path, wholes: dict[str, tuple[Path, Samples]]
    ) -> None:
        raw = wholes["untagged.mp3"][0].read_bytes()
        path = tmp_path / "a.mp3"
        size = 30_000
        tag = b"ID3\x04\0\0" + bytes((0, size >> 14 & 127, size >> 7 & 127, size & 127)) + bytes(size)
        path.write_bytes(raw + tag + raw)
        good, (heard, damage) = wholes["untagged.mp3"][1], read(path, 2 * COUNT, RATE_HZ)
        offset, _ = lag(heard[0, COUNT:], good[0])
        assert 0 <= offset <= 2 * 1_152  # frames of the first file's end
        assert not damage

    def test_headers_tell_the_length_of_frames(self, wholes: dict[str, tuple[Path, Samples]]) -> None:
        for name, header, count in (("a.aac", adts_header, 6), ("variable.mp3", mpeg_header, 4)):
            with av.open(str(wholes[name][0])) as file:
                packets = [bytes(packet) for packet in file.demux(audio=0) if packet.size]
            assert {header(packet[:count])[0] - len(packet) for packet in packets} == {0}
            assert len({header(packet[:count])[1] for packet in packets}) == 1
            assert header(bytes(count)) == (0, b"")


class TestNumbers:
    @pytest.mark.parametrize("codec", ["pcm_f32le", "pcm_f64le"])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
    def test_what_is_no_number_is_silence_there_alone(self, tmp_path: Path, codec: str, value: float) -> None:
        samples = bursts(RATE_HZ, RATE_HZ).astype(np.float64)
        samples[0, 20_000:20_010] = value
        path = encode(tmp_path / "a.wav", codec, _single(samples) if codec == "pcm_f32le" else samples, RATE_HZ)
        heard, damage = read(path, RATE_HZ, RATE_HZ)
        samples[0, 20_000:20_010] = 0
        np.testing.assert_array_equal(heard, samples.astype(np.float32))
        assert "no numbers" in damage
        assert np.isfinite(read(path, 44_100, 44_100)[0]).all()

    @pytest.mark.parametrize("value", [1e30, -65.0])
    def test_what_is_beyond_all_measure_is_held(self, tmp_path: Path, value: float) -> None:
        samples = np.full((2, 1_000), 0.25, np.float32)
        samples[1, 500] = value
        heard, damage = read(encode(tmp_path / "a.wav", "pcm_f32le", samples, RATE_HZ), 1_000, RATE_HZ)
        assert heard[1, 500] == np.sign(value) * MOST
        assert "beyond" in damage

    def test_what_is_only_loud_or_faint_passes(self, tmp_path: Path) -> None:
        samples = np.array([[60.0, -63.5, 1e-42, 1e-45]] * 2, np.float32)
        heard, damage = read(encode(tmp_path / "a.wav", "pcm_f32le", samples, RATE_HZ), 4, RATE_HZ)
        np.testing.assert_array_equal(heard, samples)
        assert not damage


def _single(samples: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Samples:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return samples.astype(np.float32)


class TestEnds:
    @pytest.mark.parametrize("kind", [kind for kind in KINDS if ".m4a" not in kind.name], ids=lambda kind: kind.name)
    def test_a_file_that_is_cut_off_is_heard_as_far_as_it_goes(
        self, tmp_path: Path, wholes: dict[str, tuple[Path, Samples]], kind: Kind
    ) -> None:
        path, good = wholes[kind.name]
        raw = path.read_bytes()
        (tmp_path / kind.name).write_bytes(raw[: int(len(raw) * 0.7)])
        heard, _ = read(tmp_path / kind.name, COUNT, RATE_HZ)
        offset, alike = lag(heard[0, : RATE_HZ * 3], good[0, : RATE_HZ * 3])
        assert offset == 0
        assert alike > 0.99
        assert not heard[:, RATE_HZ * 11 // 2 :].any()

    def test_an_index_that_is_cut_off_is_no_media(
        self, tmp_path: Path, wholes: dict[str, tuple[Path, Samples]]
    ) -> None:
        raw = wholes["a.m4a"][0].read_bytes()
        (tmp_path / "a.m4a").write_bytes(raw[: len(raw) // 2])
        with pytest.raises(AssetUnreadable, match=r"a\.m4a"):
            SoundReader(str(tmp_path / "a.m4a"))

    @pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.m4a", "a.ogg", "a.flac"])
    def test_an_empty_file_is_no_media(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).touch()
        with pytest.raises(AssetUnreadable, match=name):
            SoundReader(str(tmp_path / name))

    @pytest.mark.parametrize("claimed", [0, 1_000, 0x7FFFFFF0, 0xFFFFFFFF])
    def test_a_length_that_the_header_claims_shifts_nothing(self, tmp_path: Path, claimed: int) -> None:
        samples = bursts(RATE_HZ, RATE_HZ)
        path = encode(tmp_path / "a.wav", "pcm_f32le", samples, RATE_HZ)
        raw = bytearray(path.read_bytes())
        place = raw.index(b"data") + 4
        raw[place : place + 4] = struct.pack("<I", claimed)
        path.write_bytes(raw)
        heard, _ = read(path, RATE_HZ, RATE_HZ)
        kept = 125 if claimed == 1_000 else RATE_HZ
        np.testing.assert_array_equal(heard[:, :kept], samples[:, :kept])
        assert not heard[:, kept:].any()

    def test_a_header_without_samples_is_silence(self, tmp_path: Path) -> None:
        path = tmp_path / "a.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, RATE_HZ, 0, "NONE", ""))
        with SoundReader(str(path)) as reader:
            assert reader.has_sound
            assert not reader.read(1_000).any()


class TestStreams:
    def test_a_cover_alone_is_no_sound(self, tmp_path: Path) -> None:
        path = tmp_path / "a.mp4"
        with av.open(str(path), "w") as out:
            cover = out.add_stream("mjpeg", rate=1)
            cover.width = cover.height = 64
            cover.pix_fmt = "yuvj420p"
            out.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
            out.mux(cover.encode(None))
        with SoundReader(str(path)) as reader:
            assert not reader.has_sound
            assert not reader.read(1_000).any()
            assert not reader.damage

    @pytest.mark.parametrize(("name", "default"), [("a.mka", 1), ("a.mka", 0), ("a.m4a", 0), ("a.ts", None)])
    def test_of_two_sounds_the_default_or_first_is_heard(self, tmp_path: Path, name: str, default: int | None) -> None:
        at = np.arange(RATE_HZ) / RATE_HZ
        path = tmp_path / name
        with av.open(str(path), "w") as out:
            streams = [out.add_stream("aac", rate=RATE_HZ, layout=layout) for layout in ("mono", "stereo")]
            for number, stream in enumerate(streams):
                stream.bit_rate = 64_000 * (1 + number)
                if default is not None:
                    stream.disposition = Disposition.default if number == default else Disposition(0)
            for number, stream in enumerate(streams):
                tone = 0.5 * np.sin(2 * np.pi * (440, 1_000)[number] * at)
                samples = np.stack([tone] * (1 + number)).astype(np.float32)
                frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=("mono", "stereo")[number])
                frame.sample_rate, frame.pts = RATE_HZ, 0
                out.mux(stream.encode(frame))
                out.mux(stream.encode(None))
        spectrum = np.abs(np.fft.rfft(read(path, RATE_HZ, RATE_HZ)[0][0]))
        assert np.argmax(spectrum) == (440, 1_000)[default or 0]

    def test_another_rate_later_on_is_silent_and_what_comes_before_stays(self, tmp_path: Path) -> None:
        first = encode(tmp_path / "a.ts", "aac", bursts(COUNT, RATE_HZ), RATE_HZ)
        second = encode(tmp_path / "b.ts", "aac", bursts(44_100 * 3, 44_100), 44_100)
        whole = read(first, COUNT, RATE_HZ)[0]
        first.write_bytes(first.read_bytes() + second.read_bytes())
        heard, damage = read(first, COUNT * 2, RATE_HZ)
        np.testing.assert_array_equal(heard[:, :COUNT], whole)
        assert not heard[:, COUNT + 2_048 :].any()
        assert "44100" in damage

    def test_of_recordings_one_after_the_other_in_ogg_the_first_is_heard(
        self, tmp_path: Path, wholes: dict[str, tuple[Path, Samples]]
    ) -> None:
        path, good = wholes["a.opus"]
        (tmp_path / "a.opus").write_bytes(path.read_bytes() * 2)
        heard, damage = read(tmp_path / "a.opus", COUNT * 2, RATE_HZ)
        np.testing.assert_array_equal(heard[:, : COUNT - 2_000], good[:, : COUNT - 2_000])
        assert not heard[:, COUNT + 2_000 :].any()
        assert damage

    def test_another_layout_later_on_is_mixed_down_there(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ts"
        parts = []
        for number, layout in enumerate(("stereo", "5.1")):
            samples = np.zeros(((2, 6)[number], RATE_HZ * 2), np.float32)
            samples[(0, 2)[number]] = bursts(RATE_HZ * 2, RATE_HZ, 1)[0]
            part = encode(
                tmp_path / f"{number}.ts",
                "ac3",
                samples,
                RATE_HZ,
                layout=layout,
                container={"output_ts_offset": str(2 * number)},
            )
            parts.append(part.read_bytes())
        path.write_bytes(b"".join(parts))
        heard = read(path, RATE_HZ * 4, RATE_HZ)[0]
        first, second = (heard[:, start : start + RATE_HZ * 3 // 2] for start in (0, RATE_HZ * 2))
        assert np.abs(first[1]).max() < 0.05
        assert np.abs(second).max(1) == pytest.approx(np.abs(first[0]).max() * 0.5**0.5, rel=0.2)
        source = bursts(RATE_HZ * 2, RATE_HZ, 1)[0]
        assert abs(lag(second[0], source)[0] - lag(first[0], source)[0]) < RATE_HZ * 0.04  # the two files' own offsets
