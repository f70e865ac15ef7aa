"""Films played backwards: which frame is shown when, how much is kept and how often a frame is decoded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.media import backwards
from cutfarm.media.backwards import BackwardsVideo, lead_us
from cutfarm.media.faults import TimedFrame
from cutfarm.media.frames import FrameReader
from tests.media.film import at_rate, number_in, write_film
from tests.media.tensors import tensors

COUNT = 60
FILMS: dict[str, dict[str, Any]] = {
    "short-gops.mp4": {"options": {"preset": "veryfast", "bf": "3", "g": "12"}},
    "one-gop.mp4": {"options": {"preset": "veryfast", "bf": "3", "g": "250"}},
    "open-gops.mp4": {"options": {"preset": "veryfast", "bf": "3", "g": "12", "x264-params": "open-gop=1"}},
    "rounded.mkv": {"options": {"bf": "2", "g": "12"}, "tick_s": Fraction(1, 1000)},
    "late.ts": {"options": {"bf": "2", "g": "12"}},
    "without-seeking.mpg": {"codec": "mpeg2video", "options": {"g": "12", "bf": "2"}, "tick_s": Fraction(1, 30)},
}


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 30 frames a second."""
    name: str = request.param
    return write_film(tmp_path_factory.mktemp("films") / name, at_rate(COUNT), **FILMS[name])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "plain.mp4", at_rate(COUNT), options={"bf": "2", "g": "25"})


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The times of all frames that come out of decoders, in ticks."""
    found: list[int] = []
    real = FrameReader.frames

    def counted(reader: FrameReader, until_ticks: int | None = None) -> Iterator[TimedFrame]:
        for frame in real(reader, until_ticks):
            found.append(frame.ticks)
            yield frame

    monkeypatch.setattr(FrameReader, "frames", counted)
    return found


def shown(source: BackwardsVideo, time_us: Fraction | int) -> int:
    """The number in the frame shown at a time."""
    return number_in(tensors(source.picture_at(Fraction(time_us), source.width_px, source.height_px)).y.numpy())


def frame_us(number: Fraction | int, fps: int = 30) -> Fraction:
    return Fraction(number) * 1_000_000 / fps


class TestShown:
    def test_a_whole_film_from_its_end_to_its_start(self, film: Path) -> None:
        source = BackwardsVideo(str(film))
        assert [shown(source, frame_us(COUNT - n)) for n in range(COUNT)] == list(reversed(range(COUNT)))
        source.close()

    @pytest.mark.parametrize("off_us", [Fraction(-1, 2), Fraction(1, 2)])
    def test_ends_that_are_rounded_to_microseconds(self, off_us: Fraction, film: Path) -> None:
        source = BackwardsVideo(str(film))
        assert [shown(source, frame_us(40 - n) + off_us) for n in range(20)] == list(reversed(range(20, 40)))
        source.close()

    def test_at_half_speed_each_frame_is_shown_twice(self, film: Path) -> None:
        source = BackwardsVideo(str(film))
        got = [shown(source, frame_us(30 - Fraction(n, 2))) for n in range(20)]
        assert got == [29 - n // 2 for n in range(20)]
        source.close()

    def test_at_a_tenth_of_the_speed_too(self, plain: Path) -> None:
        source = BackwardsVideo(str(plain))
        got = [shown(source, frame_us(30 - Fraction(n, 10))) for n in range(50)]
        source.close()
        assert (got[0], got[-1]) == (29, 25)
        assert sorted(got, reverse=True) == got
        assert set(got) == set(range(25, 30))

    def test_at_double_speed_every_other_one_from_the_last_on(self, film: Path) -> None:
        source = BackwardsVideo(str(film))
        assert [shown(source, frame_us(30 - 2 * n)) for n in range(15)] == list(range(29, -1, -2))
        source.close()

    def test_any_order_of_asking_shows_the_same(self, film: Path) -> None:
        numbers = [random.Random(11).randint(1, COUNT) for _ in range(60)]
        source = BackwardsVideo(str(film))
        assert [shown(source, frame_us(number)) for number in numbers] == [number - 1 for number in numbers]
        source.close()

    @given(numbers=st.lists(st.integers(1, COUNT), min_size=1, max_size=15))
    @settings(max_examples=40, deadline=None)
    def test_whatever_was_asked_before(self, numbers: list[int], plain: Path) -> None:
        source = BackwardsVideo(str(plain))
        assert [shown(source, frame_us(number)) for number in numbers] == [number - 1 for number in numbers]
        source.close()

    def test_the_first_and_the_last_frame_are_held(self, film: Path) -> None:
        source = BackwardsVideo(str(film))
        assert [shown(source, time_us) for time_us in (10**9, 2_100_000, -1, -(10**9), 10**12)] == [59, 59, 0, 0, 59]
        source.close()

    @pytest.mark.parametrize("fps", [24, 50, 60, 120])
    def test_other_rates(self, fps: int, tmp_path: Path) -> None:
        path = write_film(tmp_path / "a.mkv", at_rate(30, fps), fps=Fraction(fps), tick_s=Fraction(1, 1000))
        source = BackwardsVideo(str(path))
        assert [shown(source, frame_us(30 - n, fps)) for n in range(30)] == list(reversed(range(30)))
        source.close()

    def test_nothing_is_wrong_with_it(self, plain: Path) -> None:
        source = BackwardsVideo(str(plain))
        faults = {source.fault_at(frame_us(COUNT - n), 0, frame_us(COUNT)) for n in range(COUNT)}
        source.close()
        assert faults == {None}


class TestWork:
    def test_no_frame_of_a_short_gop_is_decoded_much_more_than_once(self, plain: Path, decoded: list[int]) -> None:
        source = BackwardsVideo(str(plain))
        for number in range(COUNT):
            source.key_at(frame_us(COUNT - number))
        source.close()
        assert len(set(decoded)) == COUNT
        assert len(decoded) <= COUNT + 3 * 4  # a look at the next GOP's first frames, for each of three

    def test_a_long_gop_is_decoded_in_windows(
        self, plain: Path, decoded: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backwards, "MOST_FRAMES", 5)
        source, held = BackwardsVideo(str(plain)), []
        for number in range(COUNT):
            source.key_at(frame_us(COUNT - number))
            held.append(source.held_frames)
        source.close()
        assert max(held) == 5
        # A GOP of 25 is decoded in five windows: 25 + 19 + 13 + 7 + 1 frames and one that is looked at beyond each.
        assert len(decoded) <= COUNT * 4

    def test_what_is_kept_is_bounded_in_bytes(self, plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(backwards, "MOST_BYTES", 8 * 160 * 96 * 3 // 2)
        source = BackwardsVideo(str(plain))
        held = []
        for number in range(COUNT):
            source.key_at(frame_us(COUNT - number))
            held.append(source.held_frames)
        source.close()
        assert 1 < max(held) <= 8
        assert source.held_frames == 0

    def test_forwards_nothing_is_decoded_twice(self, plain: Path, decoded: list[int]) -> None:
        source = BackwardsVideo(str(plain))
        for number in range(1, COUNT + 1):
            source.key_at(frame_us(number))
        source.close()
        assert len(decoded) == COUNT


def test_the_lead_lies_between_a_half_and_three_quarters_of_a_frame() -> None:
    for frame in (4_000, 8_333, 33_333, 100_000):
        assert frame / 2 < lead_us(frame) <= frame * 3 / 4
