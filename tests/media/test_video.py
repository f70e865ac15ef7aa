"""Which frame of a film is shown when, whatever was asked before; films that say their own numbers judge it."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.video import VideoSource
from tests.media.film import at_rate, displayed_by, number_in, write_film
from tests.media.tensors import tensors

MPEG4 = {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}, "tick_s": Fraction(1, 30)}
MPEG2 = {"codec": "mpeg2video", "options": {"g": "12", "bf": "2"}, "tick_s": Fraction(1, 30)}
VP9 = {"codec": "libvpx-vp9", "options": {"g": "12", "cpu-used": "8", "deadline": "realtime"}}
HEVC = {"codec": "libx265", "options": {"preset": "ultrafast", "g": "12"}}
ONE_THREAD = "log-level=none:pools=1:frame-threads=1"

#: File name and how the film in it is written; all with B frames where the codec has them.
FILMS: dict[str, dict[str, Any]] = {
    "short-gops.mp4": {"options": {"preset": "veryfast", "bf": "3", "g": "12"}},
    "one-gop.mp4": {"options": {"preset": "veryfast", "bf": "3", "g": "250"}},
    "open-gops.mp4": {"options": {"preset": "veryfast", "bf": "3", "g": "12", "x264-params": "open-gop=1"}},
    "hevc-open-gops.mp4": HEVC | {"options": {**HEVC["options"], "x265-params": f"bframes=3:open-gop=1:{ONE_THREAD}"}},
    "av1.mp4": {"codec": "libsvtav1", "options": {"preset": "11", "crf": "12", "g": "12", "svtav1-params": "lp=1"}},
    "h264.mkv": {"options": {"bf": "2", "g": "12"}, "tick_s": Fraction(1, 1000)},
    "h264.ts": {"options": {"bf": "2", "g": "12"}},
    "h264.flv": {"options": {"bf": "2", "g": "12"}, "tick_s": Fraction(1, 1000)},
    "vp9.webm": VP9 | {"tick_s": Fraction(1, 1000)},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le", "tick_s": Fraction(1, 30)},
    "mpeg4.mp4": MPEG4,
    "mpeg2.ts": MPEG2,
    "mpeg2.mpg": MPEG2,
    "mjpeg.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p", "tick_s": Fraction(1, 30)},
}
COUNT = 60


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 30 frames a second."""
    name: str = request.param
    return write_film(tmp_path_factory.mktemp("films") / name, at_rate(COUNT), **FILMS[name])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "plain.mp4", at_rate(COUNT), options={"bf": "2", "g": "12"})


def shown(source: VideoSource, time_us: Fraction | int) -> int:
    """The number in the frame shown at a time."""
    return number_in(tensors(source.picture_at(Fraction(time_us), source.width_px, source.height_px)).y.numpy())


def nearest(times_s: list[Fraction], time_us: Fraction | int) -> int:
    """The frame that is nearest in time, the later one of two."""
    return min(range(len(times_s)), key=lambda n: (abs(times_s[n] - Fraction(time_us) / 1_000_000), -n))


def held_or_nearest(times_s: list[Fraction], time_us: Fraction | int, usual_s: Fraction) -> int:
    """The nearest frame; where the next one is late, the last one until half the usual time before the next."""
    near = nearest(times_s, time_us)
    if near and times_s[near] - times_s[near - 1] > usual_s * 3 / 2:
        return near if Fraction(time_us) / 1_000_000 >= times_s[near] - usual_s / 2 else near - 1
    return near


class TestNearest:
    def test_any_order_of_asking_shows_the_nearest_frame(self, film: Path) -> None:
        chance = random.Random(7)
        times_us = [chance.randint(-300_000, 2_500_000) for _ in range(50)]
        source = VideoSource(str(film))
        got = [shown(source, time_us) for time_us in times_us]
        source.close()
        assert got == [nearest(at_rate(COUNT), time_us) for time_us in times_us]

    def test_any_order_of_asking_shows_the_same_samples(self, film: Path) -> None:
        frames = list(range(COUNT))
        in_order, shuffled = VideoSource(str(film)), VideoSource(str(film))
        first = {n: in_order.picture_at(n * Fraction(1_000_000, 30), 160, 96).digest() for n in frames}
        random.Random(3).shuffle(frames)
        again = {n: shuffled.picture_at(n * Fraction(1_000_000, 30), 160, 96).digest() for n in frames}
        in_order.close()
        shuffled.close()
        assert again == first
        assert len(set(first.values())) == COUNT

    @given(times_us=st.lists(st.integers(-100_000, 2_200_000), min_size=1, max_size=12))
    @settings(max_examples=40, deadline=None)
    def test_whatever_was_asked_before(self, times_us: list[int], plain: Path) -> None:
        source = VideoSource(str(plain))
        for time_us in times_us:
            assert shown(source, time_us) == nearest(at_rate(COUNT), time_us)
        source.close()

    @pytest.mark.parametrize("fps", [Fraction(24), Fraction(30), Fraction(30000, 1001), Fraction(60)])
    def test_a_tie_goes_to_the_later_frame(self, fps: Fraction, tmp_path: Path) -> None:
        source = VideoSource(str(write_film(tmp_path / "a.mp4", at_rate(20, fps), fps=fps)))
        for number in range(19):
            middle_us = (number + Fraction(1, 2)) / fps * 1_000_000
            assert [shown(source, middle_us + off_us) for off_us in (-20, 0, 20)] == [number, number + 1, number + 1]
            # A draft's times are rounded to microseconds.
            assert shown(source, round(middle_us)) == number + 1
        source.close()

    @pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
    def test_frames_of_uneven_length(self, name: str, tmp_path: Path) -> None:
        times_s = [Fraction(n, 1000) for n in (0, 100, 110, 500, 2000, 2030, 2040, 9000)]
        path = write_film(tmp_path / name, times_s, options={"bf": "2", "g": "3"})
        source = VideoSource(str(path))
        chance = random.Random(5)
        with av.open(str(path)) as film:
            usual_s = 1 / Fraction(film.streams.video[0].average_rate or 0)
        for time_us in [*range(0, 10_000_000, 250_000), *(chance.randint(0, 9_500_000) for _ in range(40))]:
            assert shown(source, time_us) == held_or_nearest(times_s, time_us, usual_s), time_us
        source.close()

    def test_far_apart_in_a_long_film(self, tmp_path: Path) -> None:
        times_s = at_rate(600, 20)
        path = write_film(tmp_path / "long.mp4", times_s, size_px=(80, 48), options={"bf": "2", "g": "50"})
        source = VideoSource(str(path))
        for number in (0, 599, 3, 300, 301, 290, 450, 51, 50, 49, 0, 598, 599):
            assert shown(source, number * 50_000) == number
        source.close()


class TestEnds:
    def test_the_first_and_the_last_frame_are_held(self, film: Path) -> None:
        source = VideoSource(str(film))
        assert [shown(source, time_us) for time_us in (-5_000_000, 0, 10**9, 10**12, -1)] == [0, 0, 59, 59, 0]
        source.close()

    @pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
    def test_a_picture_that_starts_after_the_sound_is_held_until_then(self, name: str, tmp_path: Path) -> None:
        times_s = at_rate(15, start_s=Fraction(1, 2))
        source = VideoSource(str(write_film(tmp_path / name, times_s, options={"bf": "2"}, sound_s=1.2)))
        times_us = [0, 400_000, 510_000, 520_000, 800_000, 950_000, 990_000, 300_000]
        assert [shown(source, time_us) for time_us in times_us] == [nearest(times_s, time_us) for time_us in times_us]
        source.close()

    @pytest.mark.parametrize("name", ["a.mkv", "a.ts"])
    def test_a_film_whose_clock_does_not_start_at_nought(self, name: str, tmp_path: Path) -> None:
        times_s = at_rate(30, start_s=Fraction(7))
        source = VideoSource(str(write_film(tmp_path / name, times_s, options={"bf": "2", "g": "12"})))
        assert [shown(source, n * 100_000) for n in range(10)] == [3 * n for n in range(10)]
        source.close()

    def test_one_frame_is_a_film(self, tmp_path: Path) -> None:
        source = VideoSource(str(write_film(tmp_path / "a.mp4", at_rate(1))))
        assert [shown(source, time_us) for time_us in (0, 10**7, -1)] == [0, 0, 0]
        source.close()


class TestKeys:
    def test_equal_keys_are_equal_pictures(self, plain: Path) -> None:
        source = VideoSource(str(plain))
        held: dict[object, int] = {}
        for time_us in range(0, 2_000_000, 9_000):
            key = source.key_at(Fraction(time_us))
            assert held.setdefault(key, shown(source, time_us)) == shown(source, time_us)
        source.close()
        assert len(held) == COUNT

    def test_a_picture_is_not_made_twice(self, plain: Path) -> None:
        source = VideoSource(str(plain))
        first = source.picture_at(Fraction(0), 80, 48)
        assert source.picture_at(Fraction(1000), 80, 48) is first
        assert source.picture_at(Fraction(1000), 40, 24) is not first
        source.close()


class TestSizes:
    @pytest.mark.parametrize("size_px", [(160, 96), (80, 48), (300, 200), (161, 97), (33, 21)])
    def test_a_picture_has_the_size_asked_for(self, size_px: tuple[int, int], plain: Path) -> None:
        source = VideoSource(str(plain))
        picture = tensors(source.picture_at(Fraction(1_000_000), *size_px))
        width, height = size_px
        assert (picture.width_px, picture.height_px) == size_px
        assert picture.u.shape == picture.v.shape == ((height + 1) // 2, (width + 1) // 2)
        assert number_in(picture.y.numpy()) == 30
        source.close()

    @pytest.mark.parametrize("size_px", [(1, 1), (1, 97), (160, 1), (2, 2)])
    def test_the_smallest_sizes_can_be_made(self, size_px: tuple[int, int], plain: Path) -> None:
        source = VideoSource(str(plain))
        assert tensors(source.picture_at(Fraction(0), *size_px)).y.shape == size_px[::-1]
        source.close()

    def test_odd_sizes_are_read(self, tmp_path: Path) -> None:
        path = write_film(tmp_path / "odd.mkv", at_rate(3), size_px=(161, 97), codec="ffv1", tick_s=Fraction(1, 1000))
        source = VideoSource(str(path))
        assert (source.width_px, source.height_px) == (161, 97)
        picture = tensors(source.picture_at(Fraction(66_000), 161, 97))
        assert [tuple(plane.shape) for plane in picture] == [(97, 161), (49, 81), (49, 81)]
        assert number_in(picture.y.numpy()) == 2
        source.close()

    @pytest.mark.parametrize("aspect", [Fraction(4, 3), Fraction(1, 2)])
    def test_pixels_that_are_not_square_are_shown_square(self, aspect: Fraction, tmp_path: Path) -> None:
        path = write_film(tmp_path / "wide.mp4", at_rate(2), pixel_aspect=aspect)
        source = VideoSource(str(path))
        assert (source.width_px, source.height_px) == (round(160 * aspect), 96)
        assert shown(source, 0) == 0
        source.close()


#: Display matrices by the degrees that they turn clockwise.
MATRICES = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


class TestRotation:
    @pytest.mark.parametrize("clockwise_deg", MATRICES)
    def test_quarter_turns_are_applied(self, clockwise_deg: int, tmp_path: Path) -> None:
        path = displayed_by(write_film(tmp_path / "phone.mp4", at_rate(3)), MATRICES[clockwise_deg])
        source = VideoSource(str(path))
        size = (96, 160) if clockwise_deg in (90, 270) else (160, 96)
        assert (source.width_px, source.height_px) == size
        picture = tensors(source.picture_at(Fraction(33_333), *size))
        upright = np.rot90(picture.y.numpy(), clockwise_deg // 90)  # back, counter-clockwise
        assert number_in(np.ascontiguousarray(upright)) == 1
        assert picture.u.shape == (size[1] // 2, size[0] // 2)
        source.close()

    def test_a_turned_picture_can_be_scaled(self, tmp_path: Path) -> None:
        path = displayed_by(write_film(tmp_path / "phone.mp4", at_rate(3)), MATRICES[90])
        source = VideoSource(str(path))
        picture = tensors(source.picture_at(Fraction(66_667), 48, 80))
        assert number_in(np.ascontiguousarray(np.rot90(picture.y.numpy()))) == 2
        source.close()


class TestRejects:
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(AssetMissing, match=r"gone\.mp4"):
            VideoSource(str(tmp_path / "gone.mp4"))

    def test_a_file_without_pictures(self, tmp_path: Path) -> None:
        with_sound = write_film(tmp_path / "both.mp4", at_rate(1), sound_s=0.5)
        path = only_sound(with_sound, tmp_path / "sound.m4a")
        with pytest.raises(AssetUnreadable, match=r"sound\.m4a has no video stream"):
            VideoSource(str(path))

    def test_a_file_whose_pictures_cannot_be_decoded(self, plain: Path, tmp_path: Path) -> None:
        raw = bytearray(plain.read_bytes())
        start = raw.index(b"mdat") + 4
        end = raw.index(b"moov") - 4
        raw[start:end] = bytes(end - start)
        path = tmp_path / "blank.mp4"
        path.write_bytes(raw)
        with pytest.raises(AssetUnreadable, match=r"blank\.mp4 holds no frame that can be decoded"):
            VideoSource(str(path))

    def test_damage_in_the_middle_ends_nothing(self, plain: Path, tmp_path: Path) -> None:
        raw = bytearray(plain.read_bytes())
        start = raw.index(b"mdat") + 4
        length = raw.index(b"moov") - 4 - start
        raw[start + length // 3 : start + length // 2] = bytes(length // 2 - length // 3)
        path = tmp_path / "scratched.mp4"
        path.write_bytes(raw)
        source = VideoSource(str(path))
        assert shown(source, 0) == 0
        for time_us in range(0, 2_000_000, 100_000):
            assert source.picture_at(Fraction(time_us), 160, 96).width_px == 160
        assert shown(source, 1_950_000) in (58, 59)
        source.close()


def only_sound(film: Path, path: Path) -> Path:
    """A copy of the film's sound alone."""
    with av.open(str(film)) as source, av.open(str(path), "w", format="mp4") as out:
        track = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = track
                out.mux(packet)
    return path
