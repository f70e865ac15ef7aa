"""Chunks joined into one file: every packet kept, every time exact, and no file where a chunk does not fit."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
import pytest

from cutfarm.errors import EncodeError
from cutfarm.media.audio import SoundReader
from cutfarm.media.codecs import Codec, container_suffix, sound_format
from cutfarm.media.encode import VideoWriter
from cutfarm.media.join import VideoPart, join
from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from cutfarm.media.sound_writer import SoundWriter
from tests.media.film import grey_frame, number_in, numbered
from tests.media.sources import CLOSED, SIZE, digests, source

RATE_HZ = 44_100
NTSC = Fraction(30000, 1001)
#: Frames in each part, by the number of parts.
LENGTHS = {1: (40,), 2: (17, 23), 5: (1, 9, 30, 2, 12)}


def encode(
    path: Path,
    frames: range,
    *,
    fps: Fraction = Fraction(30),
    codec: Codec = "h264",
    size_px: tuple[int, int] = (96, 64),
    threads: int = 1,
    preset: str = "veryfast",
) -> VideoPart:
    with VideoWriter(
        path,
        width_px=size_px[0],
        height_px=size_px[1],
        fps=fps,
        codec=codec,
        preset="ultrafast" if codec == "h265" else preset,
        threads=threads,
    ) as writer:
        for number in frames:
            writer.write(Picture(grey_frame(numbered(number, *size_px))))
    return VideoPart(path, len(frames))


@pytest.fixture
def parts(tmp_path: Path) -> Callable[..., list[VideoPart]]:
    """Parts of these lengths; frame n of all shows the number n."""

    def make(lengths: Sequence[int], **options: object) -> list[VideoPart]:
        ends = list(accumulate(lengths))
        suffix = container_suffix(options.get("codec", "h264"))  # type: ignore[arg-type]
        return [
            encode(tmp_path / f"part{n}{suffix}", range(end - length, end), **options)  # type: ignore[arg-type]
            for n, (length, end) in enumerate(zip(lengths, ends, strict=True))
        ]

    return make


def write_sound(path: Path, samples: int) -> Path:
    """A click each tenth of a second."""
    wave = np.zeros((2, samples), np.float32)
    wave[:, :: RATE_HZ // 10] = 0.9
    with SoundWriter(str(path), sound_format(path.suffix)) as writer:
        writer.write(wave)
    return path


def frames_of(path: Path) -> list[tuple[int, Fraction]]:
    """Number and time of all frames as a player sees them, in order."""
    with av.open(str(path)) as file:
        return [(number_in(planes_of(Picture(f)).y.numpy()), f.pts * f.time_base) for f in file.decode(video=0)]


def boxes(path: Path) -> list[str]:
    """The names of an mp4 file's outermost boxes."""
    raw, place, names = path.read_bytes(), 0, []
    while place < len(raw):
        size = int.from_bytes(raw[place : place + 4], "big")
        names.append(raw[place + 4 : place + 8].decode())
        place += size
    return names


def ffprobe(path: Path) -> dict[str, dict[str, str]]:
    """What ffprobe says of the container and of each kind of stream."""
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe to judge by")
    command = ["ffprobe", "-v", "error", "-count_packets", "-show_format", "-show_streams", "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {"format": said["format"]} | {stream["codec_type"]: stream for stream in said["streams"]}


class TestTimes:
    @pytest.mark.parametrize("fps", [Fraction(30), Fraction(25), NTSC, Fraction(60), Fraction(2997, 125)], ids=str)
    @pytest.mark.parametrize("count", LENGTHS)
    def test_frame_n_stands_at_exactly_n_over_fps(
        self, count: int, fps: Fraction, parts: Callable[..., list[VideoPart]], tmp_path: Path
    ) -> None:
        out = tmp_path / "out.mp4"
        join(parts(LENGTHS[count], fps=fps), None, out, fps)
        total = sum(LENGTHS[count])
        assert frames_of(out) == [(n, n / fps) for n in range(total)]
        with av.open(str(out)) as file:
            stream = file.streams.video[0]
            assert (stream.start_time or 0) == 0
            assert stream.duration * stream.time_base == total / fps
            stamps = [packet.dts for packet in file.demux(stream) if packet.size]
        assert stamps == sorted(set(stamps))

    @pytest.mark.parametrize("codec", ["h264", "h265", "ffv1"])
    def test_every_codec(self, codec: Codec, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        out = tmp_path / f"out{container_suffix(codec)}"
        join(parts(LENGTHS[5], codec=codec), None, out, Fraction(30))
        shown = frames_of(out)
        assert [number for number, _ in shown] == list(range(54))
        tick_s = 0 if codec != "ffv1" else Fraction(1, 1000)  # Matroska's clock
        assert all(abs(time_s - Fraction(n, 30)) <= tick_s for n, (_, time_s) in enumerate(shown))

    def test_the_parts_own_times_do_not_count(self, tmp_path: Path) -> None:
        slow = [encode(tmp_path / f"{n}.mp4", range(10 * n, 10 * n + 10), fps=Fraction(25)) for n in range(2)]
        join(slow, None, tmp_path / "out.mp4", Fraction(30))
        assert frames_of(tmp_path / "out.mp4") == [(n, Fraction(n, 30)) for n in range(20)]

    @pytest.mark.parametrize(
        "fps", [Fraction(1), Fraction(240), Fraction(239_761, 1000), Fraction(120_000, 1001)], ids=str
    )
    def test_unusual_rates(self, fps: Fraction, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        sound = write_sound(tmp_path / "sound.m4a", RATE_HZ)
        join(parts((3, 4), fps=fps), sound, tmp_path / "out.mp4", fps)
        assert [time_s for _, time_s in frames_of(tmp_path / "out.mp4")] == [n / fps for n in range(7)]


class TestWholeness:
    def test_no_packet_is_changed(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        made = parts(LENGTHS[5])
        join(made, None, tmp_path / "out.mp4", Fraction(30))

        def payloads(path: Path) -> list[bytes]:
            with av.open(str(path)) as file:
                return [bytes(packet) for packet in file.demux(video=0) if packet.size]

        assert payloads(tmp_path / "out.mp4") == [payload for part in made for payload in payloads(part.path)]

    def test_threads_of_the_workers_may_differ(self, tmp_path: Path) -> None:
        parts = [
            encode(tmp_path / "a.mp4", range(20), threads=1),
            encode(tmp_path / "b.mp4", range(20, 40), threads=3),
        ]
        join(parts, None, tmp_path / "out.mp4", Fraction(30))
        assert [number for number, _ in frames_of(tmp_path / "out.mp4")] == list(range(40))

    def test_the_index_is_in_front(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        join(parts((10, 10)), write_sound(tmp_path / "s.m4a", RATE_HZ), tmp_path / "out.mp4", Fraction(30))
        names = boxes(tmp_path / "out.mp4")
        assert names[0] == "ftyp"
        assert names.index("moov") < names.index("mdat")

    def test_tags_are_kept(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        join(parts((5, 5)), None, tmp_path / "out.mp4", Fraction(30))
        said = ffprobe(tmp_path / "out.mp4")["video"]
        assert {said[key] for key in ("color_space", "color_transfer", "color_primaries")} == {"bt709"}
        assert said["color_range"] == "tv"
        assert said["codec_tag_string"] == "avc1"

    def test_hevc_has_the_tag_that_apple_plays(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        join(parts((5, 5), codec="h265"), None, tmp_path / "out.mp4", Fraction(30))
        assert b"hvc1" in (tmp_path / "out.mp4").read_bytes()

    def test_ffprobe_sees_exact_lengths(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        samples = round(54 * RATE_HZ / NTSC)
        join(parts(LENGTHS[5], fps=NTSC), write_sound(tmp_path / "s.m4a", samples), tmp_path / "out.mp4", NTSC)
        said = ffprobe(tmp_path / "out.mp4")
        assert said["video"]["r_frame_rate"] == said["video"]["avg_frame_rate"] == "30000/1001"
        assert said["video"]["nb_read_packets"] == "54"
        assert float(said["video"]["duration"]) == pytest.approx(54 / NTSC, abs=1e-6)
        assert float(said["audio"]["duration"]) == pytest.approx(samples / RATE_HZ, abs=1e-6)
        assert float(said["format"]["duration"]) == pytest.approx(54 / NTSC, abs=1e-4)
        for part in ("video", "audio"):
            assert float(said[part]["start_time"]) == 0.0


class TestSound:
    @pytest.mark.parametrize(("codec", "name"), [("h264", "s.m4a"), ("ffv1", "s.mka")])
    def test_sound_stays_where_it_was(
        self, codec: Codec, name: str, parts: Callable[..., list[VideoPart]], tmp_path: Path
    ) -> None:
        sound = write_sound(tmp_path / name, RATE_HZ * 4 // 3)
        out = tmp_path / f"out{container_suffix(codec)}"
        join(parts(LENGTHS[2], codec=codec), sound, out, Fraction(30))
        with SoundReader(str(sound), RATE_HZ) as alone, SoundReader(str(out), RATE_HZ) as joined:
            count = RATE_HZ * 4 // 3
            np.testing.assert_allclose(joined.read(count), alone.read(count), atol=1e-5)

    @pytest.mark.parametrize("seconds", [0.1, 5.0])
    def test_sound_of_another_length_loses_nothing(
        self, seconds: float, parts: Callable[..., list[VideoPart]], tmp_path: Path
    ) -> None:
        sound = write_sound(tmp_path / "s.m4a", round(RATE_HZ * seconds))
        join(parts((40,)), sound, tmp_path / "out.mp4", Fraction(30))
        with av.open(str(sound)) as alone, av.open(str(tmp_path / "out.mp4")) as joined:
            sizes = [[packet.size for packet in file.demux(audio=0) if packet.size] for file in (alone, joined)]
        assert sizes[0] == sizes[1]
        assert len(frames_of(tmp_path / "out.mp4")) == 40


class TestDifferentParameterSets:
    """Parts of H.264 from different encoders: each IDR picture carries what it needs."""

    def parts(self, tmp_path: Path) -> list[VideoPart]:
        made = [source(tmp_path / f"{n}.mp4", x264, count=24) for n, x264 in enumerate(CLOSED.values())]
        ours = encode(tmp_path / "ours.mp4", range(24), size_px=SIZE)
        return [ours, *(VideoPart(path, 24) for path in made), ours]

    @pytest.mark.parametrize("turn", [0, 1, 3, 6])
    def test_every_frame_is_as_it_was(self, turn: int, tmp_path: Path) -> None:
        """Whichever part is the first: its parameter sets are what a player is given beforehand."""
        made = self.parts(tmp_path)
        made = made[turn:] + made[:turn]
        out = tmp_path / "out.mp4"
        join(made, None, out, Fraction(30))
        shown = digests(out)
        assert [digest for _, digest in shown] == [digest for part in made for _, digest in digests(part.path)]
        assert [time_s for time_s, _ in shown] == [Fraction(n, 30) for n in range(24 * len(made))]
        assert frames_of(out) == [(n % 24, Fraction(n, 30)) for n in range(24 * len(made))]
        said = ffprobe(out)["video"]
        assert said["codec_tag_string"] == "avc3"
        assert said["r_frame_rate"] == said["avg_frame_rate"] == "30/1"

    def test_decoding_may_begin_at_every_keyframe(self, tmp_path: Path) -> None:
        out = tmp_path / "out.mp4"
        join(self.parts(tmp_path), None, out, Fraction(30))
        with av.open(str(out)) as file:
            starts = [packet.pts for packet in file.demux(video=0) if packet.is_keyframe and packet.size]
            stream = file.streams.video[0]
            for start in reversed(starts):
                file.seek(start, stream=stream)
                frame = next(file.decode(video=0))
                assert frame.pts == start
                assert number_in(planes_of(Picture(frame)).y.numpy()) == round(start * stream.time_base * 30) % 24

    def test_the_record_promises_no_less_than_any_part_needs(self, tmp_path: Path) -> None:
        low = encode(tmp_path / "low.mp4", range(5), size_px=SIZE, preset="ultrafast")
        high = VideoPart(source(tmp_path / "high.mp4", "level=3.1:bframes=2", count=5), 5)
        join([low, high], None, tmp_path / "out.mp4", Fraction(30))
        with av.open(str(tmp_path / "out.mp4")) as file:
            record = file.streams.video[0].codec_context.extradata or b""
        assert (record[1], record[3]) == (100, 31)

    def test_equal_parameter_sets_stay_out_of_the_packets(self, tmp_path: Path) -> None:
        path = source(tmp_path / "a.mp4", CLOSED["b-pyramid"], count=24)
        join([VideoPart(path, 24), VideoPart(path, 24)], None, tmp_path / "out.mp4", Fraction(30))
        assert ffprobe(tmp_path / "out.mp4")["video"]["codec_tag_string"] == "avc1"


class TestRejects:
    """Whatever does not fit: an error that names the part, and no file."""

    def refused(self, parts: list[VideoPart], tmp_path: Path, match: str, sound: Path | None = None) -> None:
        out = tmp_path / "out.mp4"
        with pytest.raises(EncodeError, match=match):
            join(parts, sound, out, Fraction(30))
        assert not out.exists()

    def test_a_part_that_is_too_short(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        first, second = parts((5, 5))
        self.refused([first, VideoPart(second.path, 6)], tmp_path, r"part1\.mp4 holds 5 frames instead of 6")

    @pytest.mark.parametrize(
        ("other", "words"),
        [
            ({"size_px": (128, 64)}, "has pictures of another size or kind"),
            ({"codec": "h265"}, "is not of the first chunk's codec"),
        ],
        ids=str,
    )
    def test_a_part_of_other_pictures(self, other: dict[str, object], words: str, tmp_path: Path) -> None:
        parts = [
            encode(tmp_path / "a.mp4", range(5)),
            encode(tmp_path / "b.mp4", range(5), **other),  # type: ignore[arg-type]
        ]
        self.refused(parts, tmp_path, rf"b\.mp4 {words}")

    def test_hevc_of_other_parameters(self, tmp_path: Path) -> None:
        parts = [
            encode(tmp_path / "a.mp4", range(5), codec="h265"),
            encode(tmp_path / "b.mp4", range(5), codec="h265", fps=Fraction(25)),
        ]
        self.refused(parts, tmp_path, r"b\.mp4 has other parameter sets")

    def test_other_kinds_of_h264(self, tmp_path: Path) -> None:
        first = encode(tmp_path / "a.mp4", range(5), size_px=SIZE)
        for name, more in (("c", {"pixel_format": "yuv422p"}), ("d", {"x264": "interlaced=1"})):
            other = VideoPart(source(tmp_path / f"{name}.mp4", count=5, **more), 5)  # type: ignore[arg-type]
            self.refused([first, other], tmp_path, rf"{name}\.mp4 has pictures of another size or kind")

    def test_a_part_that_is_gone(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        made = parts((5, 5))
        made[1].path.unlink()
        self.refused(made, tmp_path, "could not be joined")

    def test_a_part_that_is_cut_off(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        made = parts((5, 25))
        raw = made[1].path.read_bytes()
        made[1].path.write_bytes(raw[: len(raw) // 2])
        self.refused(made, tmp_path, "could not be joined|instead of 25")

    def test_sound_that_is_none(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        (tmp_path / "s.m4a").write_bytes(b"no sound")
        self.refused(parts((5,)), tmp_path, "could not be joined", tmp_path / "s.m4a")

    def test_a_folder_that_is_gone(self, parts: Callable[..., list[VideoPart]], tmp_path: Path) -> None:
        with pytest.raises(EncodeError, match="No such file"):
            join(parts((5,)), None, tmp_path / "gone" / "out.mp4", Fraction(30))
