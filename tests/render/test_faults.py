"""Films that are damaged, cut off or change in the middle: what can be shown is shown, and the report says the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cutfarm.errors import AssetUnreadable
from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import Segment
from cutfarm.timeline.report import Fidelity, Report
from tests.media.damage import cut, flipped, index_in_front, one_after_the_other, remuxed, unfinished, with_sync_samples
from tests.media.film import at_rate, number_in, write_film
from tests.media.tensors import tensors
from tests.render.scene import SECOND, assets, caption, clip, output, timeline

COUNT, SIZE_PX = 90, (160, 96)
P_ONLY = {"options": {"bf": "0", "g": "12"}}
WITH_B = {"options": {"bf": "2", "g": "12"}}
MPEG4 = {"codec": "mpeg4", "options": {"g": "12"}, "tick_s": Fraction(1, 30)}
PRORES = {"codec": "prores_ks", "pixel_format": "yuv422p10le", "tick_s": Fraction(1, 30)}
MJPEG = {"codec": "mjpeg", "pixel_format": "yuvj420p", "tick_s": Fraction(1, 30)}

#: Files with nothing wrong that could be taken for damage.
WHOLE: dict[str, tuple[str, dict[str, Any]]] = {
    "many references": (
        "a.mp4",
        {"options": {"preset": "slow", "bf": "3", "g": "30", "x264-params": "ref=4:weightp=2"}},
    ),
    "several slices": ("a.ts", {"options": {"preset": "medium", "g": "30", "x264-params": "slices=4"}}),
    "interlaced": ("a.mkv", {"options": {"bf": "2", "g": "30", "x264-params": "tff=1"}, "tick_s": Fraction(1, 1000)}),
    "intra refresh": ("a.ts", {"options": {"preset": "medium", "g": "30", "x264-params": "intra-refresh=1"}}),
    "hidden frames": (
        "a.webm",
        {
            "codec": "libvpx",
            "options": {"g": "30", "auto-alt-ref": "1", "crf": "4", "b": "2M"},
            "tick_s": Fraction(1, 1000),
        },
    ),
    "no keyframes by the decoder": (
        "a.mov",
        {"codec": "qtrle", "pixel_format": "rgb24", "options": {"g": "12"}, "tick_s": Fraction(1, 30)},
    ),
    "AVI with B frames": ("a.avi", {"options": {"bf": "2", "g": "12"}, "tick_s": Fraction(1, 30)}),
    "AVI with MPEG-4": ("a.avi", MPEG4 | {"options": {"bf": "2", "g": "12"}}),
}

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    numbers: tuple[int, ...]  #: that the frames say, -1 where none can be read
    digests: tuple[str, ...]
    report: Report

    @property
    def spans(self) -> Spans:
        """Output frames [first, end) that the report names."""
        return tuple(
            (round(start * 30 / SECOND), round(end * 30 / SECOND))
            for entry in self.report
            for start, end in entry.spans_us
        )

    @property
    def words(self) -> set[str]:
        return {entry.message.split(": ")[1].split(",")[0] for entry in self.report}


def show(*segments: Segment, edges: Sequence[int] = (0, COUNT), fps: int = 30) -> Shown:
    """The frames of one track, drawn in chunks that end at `edges`."""
    whole = timeline(list(segments), canvas_px=SIZE_PX, fps=Fraction(fps))
    numbers, digests, report = [], [], Report()
    for start, end in pairwise(edges):
        with Compositor(whole, assets(whole), output(*SIZE_PX, fps=Fraction(fps))) as compositor:
            for number in range(start, end):
                picture = compositor.frame(number)
                digests.append(picture.digest())  # type: ignore[union-attr]
                try:
                    numbers.append(number_in(tensors(picture).y.numpy()))
                except ValueError:
                    numbers.append(-1)
            report += compositor.report
    return Shown(tuple(numbers), tuple(digests), report)


def shown(film: Path, **more: Any) -> Shown:
    """The whole film as one clip: chunks must not change a sample or a word."""
    one = show(clip(film, 0.0, 3.0, id="s1", **more))
    for edges in ((0, 31, 47, COUNT), (0, 17, 39, 41, 44, 62, 85, COUNT)):
        parts = show(clip(film, 0.0, 3.0, id="s1", **more), edges=edges)
        assert parts.digests == one.digests
        assert parts.report == one.report
    return one


def held(*spans: tuple[int, int], count: int = COUNT) -> tuple[int, ...]:
    """The film's numbers where `spans` show the frame before them."""
    numbers = list(range(count))
    for start, end in spans:
        numbers[start:end] = [start - 1] * (end - start)
    return tuple(numbers)


@pytest.fixture(params=["a.mp4", "a.mkv", "a.ts", "a.flv"])
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Three seconds at 30 frames a second without B frames, a keyframe at every twelfth."""
    tick = {"tick_s": Fraction(1, 1000)} if request.param in ("a.mkv", "a.flv") else {}
    return write_film(tmp_path / request.param, at_rate(COUNT), **P_ONLY, **tick)


class TestDamage:
    def test_a_whole_film_has_no_entry(self, film: Path) -> None:
        one = shown(film)
        assert (one.numbers, one.report) == (held(), Report())

    @pytest.mark.parametrize("kind", WHOLE)
    def test_what_is_odd_but_whole_has_no_entry(self, kind: str, tmp_path: Path) -> None:
        name, more = WHOLE[kind]
        one = shown(write_film(tmp_path / name, at_rate(COUNT), **more))
        late = 1 if name.endswith(".avi") else 0  # such files do not say when frames are shown
        assert one.numbers[late:] == held()[: COUNT - late]
        assert one.words == ({"its interlaced frames are made progressive"} if kind == "interlaced" else set())

    def test_what_follows_a_damaged_frame_is_held_up_to_the_keyframe(self, film: Path, tmp_path: Path) -> None:
        one = shown(flipped(film, tmp_path / f"bad{film.suffix}", [40]))
        assert one.numbers == held((40, 48))
        assert one.spans == ((40, 48),)
        (entry,) = one.report
        assert (entry.fidelity, entry.segment_id, entry.what) == (Fidelity.UNSUPPORTED, "s1", "video")
        assert entry.message.startswith(f"bad{film.suffix} in segment s1: its frames are damaged")
        assert entry.message.endswith("from 1.333 s to 1.600 s")

    def test_a_damaged_keyframe_takes_its_gop_with_it(self, film: Path, tmp_path: Path) -> None:
        one = shown(flipped(film, tmp_path / f"bad{film.suffix}", [36]))
        assert (one.numbers, one.spans) == (held((36, 48)), ((36, 48),))

    def test_a_missing_frame_that_others_refer_to(self, film: Path, tmp_path: Path) -> None:
        one = shown(remuxed(film, tmp_path / f"bad{film.suffix}", without=[40, 65]))
        assert one.numbers == held((40, 48), (65, 72))
        assert one.spans == ((40, 48), (65, 72))
        assert one.words == {"its frames are damaged and a good one beside them is held"}

    def test_damage_at_the_start_holds_the_first_good_frame(self, film: Path, tmp_path: Path) -> None:
        one = shown(flipped(film, tmp_path / f"bad{film.suffix}", [0]))
        assert one.numbers == (12,) * 12 + tuple(range(12, COUNT))
        assert one.spans == ((0, 12),)

    def test_a_frame_that_nobody_refers_to_is_missing_alone(self, tmp_path: Path) -> None:
        options = {"bf": "2", "g": "12", "b-pyramid": "none"}
        whole = write_film(tmp_path / "whole.mp4", at_rate(COUNT), options=options)
        one = shown(remuxed(whole, tmp_path / "bad.mp4", without=[41]))
        (start, end), *others = one.spans
        assert (end - start, others) == (1, [])
        assert one.numbers == held((start, end))
        assert {entry.fidelity for entry in one.report} == {Fidelity.CLOSE}

    def test_intra_frames_are_lost_one_by_one(self, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "whole.mov", at_rate(COUNT), **PRORES)
        one = shown(flipped(whole, tmp_path / "bad.mov", [30, 50]))
        assert (one.numbers, one.spans) == (held((30, 31), (50, 51)), ((30, 31), (50, 51)))

    def test_an_endless_gop_is_shown_mended_in_the_end(self, tmp_path: Path) -> None:
        size_px, count = (80, 48), 400
        whole = write_film(
            tmp_path / "a.mp4", at_rate(count), size_px=size_px, options={"bf": "0", "g": "999", "sc_threshold": "0"}
        )
        bad = remuxed(whole, tmp_path / "bad.mp4", without=[20])
        segment = clip(bad, 0.0, 13.0, id="s1")
        one = show(segment, edges=(0, 390))
        assert one == show(segment, edges=(0, 200, 330, 390))
        assert one.spans == ((20, 320), (320, 390))
        assert one.numbers[:320] == held((20, 320), count=320)
        assert [entry.fidelity for entry in one.report] == [Fidelity.UNSUPPORTED, Fidelity.CLOSE]

    def test_each_chunk_says_its_own_part(self, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "whole.mp4", at_rate(COUNT), **P_ONLY)
        bad = flipped(whole, tmp_path / "bad.mp4", [40])
        assert show(clip(bad, 0.0, 3.0), edges=(42, 45)).spans == ((42, 45),)
        assert not show(clip(bad, 0.0, 3.0), edges=(48, 60)).report

    def test_times_are_the_drafts(self, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "whole.mp4", at_rate(COUNT), **P_ONLY)
        bad = flipped(whole, tmp_path / "bad.mp4", [40])
        later = clip(bad, 1.0, 1.5, source_s=1.0, rate=Fraction(1, 2), id="slow")
        one = show(later, edges=(30, 75))
        assert one.spans == ((49, 65),)  # half a frame before the one that is not there
        assert [entry.segment_id for entry in one.report] == ["slow"]

    def test_a_film_under_a_caption_is_reported_too(self, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "whole.mp4", at_rate(30), **P_ONLY)
        bad = flipped(whole, tmp_path / "bad.mp4", [15])
        both = timeline([clip(bad)], [caption("words")], canvas_px=SIZE_PX)
        with Compositor(both, assets(both), output(*SIZE_PX)) as compositor:
            for number in range(30):
                compositor.frame(number)
            assert [entry.spans_us for entry in compositor.report if entry.what == "video"] == [((500_000, 800_000),)]


class TestCutOff:
    FILMS: ClassVar[dict[str, dict[str, Any]]] = {
        "a.mp4": WITH_B,
        "a.mov": WITH_B,
        "a.mkv": WITH_B | {"tick_s": Fraction(1, 1000)},
        "a.ts": WITH_B,
        "a.flv": WITH_B | {"tick_s": Fraction(1, 1000)},
        "a.avi": MPEG4,
        "b.avi": MJPEG,
        "a.webm": {"codec": "libvpx-vp9", "options": {"g": "12", "cpu-used": "8"}, "tick_s": Fraction(1, 1000)},
    }

    @pytest.mark.parametrize("share", [0.3, 0.8])
    @pytest.mark.parametrize("name", FILMS)
    def test_it_plays_to_the_cut(self, name: str, share: float, tmp_path: Path) -> None:
        whole = write_film(tmp_path / name, at_rate(COUNT), **self.FILMS[name])
        if name in ("a.mp4", "a.mov"):
            whole = index_in_front(whole, tmp_path / f"fast-{name}")
        one = shown(cut(whole, tmp_path / f"cut-{name}", share))
        last = max(one.numbers)
        assert 3 < last < COUNT - 1
        assert one.numbers[-1] == last
        assert one.spans[-1] == (last + 1, COUNT)
        assert one.numbers == held(*one.spans)
        assert min(entry.fidelity for entry in one.report) == Fidelity.UNSUPPORTED

    def test_a_download_that_broke_off(self, tmp_path: Path) -> None:
        whole = index_in_front(write_film(tmp_path / "a.mp4", at_rate(COUNT), **P_ONLY), tmp_path / "fast.mp4")
        one = shown(unfinished(whole, tmp_path / "bad.mp4", 0.6))
        ((start, end),) = one.spans
        assert (end, one.numbers) == (COUNT, held((start, COUNT)))

    def test_a_film_that_is_shorter_than_its_clip(self, film: Path) -> None:
        one = show(clip(film, 0.0, 4.0, id="s1"), edges=(0, 50, 100, 120))
        assert one.numbers == held((90, 120), count=120)
        assert one.spans == ((90, 120),)
        assert one.words == {"its file has ended and the last frame is held"}

    def test_a_little_shorter_is_as_usual(self, film: Path) -> None:
        assert not show(clip(film, 0.0, 3.2), edges=(0, 96)).report

    def test_a_film_that_begins_later(self, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "a.mkv", at_rate(60, start_s=Fraction(1)), sound_s=3.0, tick_s=Fraction(1, 1000))
        one = shown(whole)
        assert one.numbers == (0,) * 30 + tuple(range(60))
        assert (one.spans, {entry.fidelity for entry in one.report}) == (((0, 30),), {Fidelity.CLOSE})

    def test_nothing_that_can_be_decoded_is_an_error(self, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "a.mkv", at_rate(COUNT), **P_ONLY, tick_s=Fraction(1, 1000))
        with pytest.raises(AssetUnreadable, match=r"cut\.mkv.*of segment s1"):
            show(clip(cut(whole, tmp_path / "cut.mkv", 0.06), 0.0, 3.0, id="s1"))


class TestKeyframesThatAreNone:
    FILMS: ClassVar[dict[str, dict[str, Any]]] = {
        "h264": WITH_B,
        "open GOPs": {"options": {"bf": "3", "g": "12", "x264-params": "open-gop=1"}},
        "one GOP": {"options": {"bf": "2", "g": "250"}},
        "mpeg4": MPEG4 | {"options": {"g": "12", "bf": "2"}},
    }

    @pytest.mark.parametrize("kind", FILMS)
    def test_all_samples_are_said_to_be_keyframes(self, kind: str, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "a.mp4", at_rate(COUNT), **self.FILMS[kind])
        one = shown(with_sync_samples(whole, tmp_path / "lie.mp4", None))
        assert (one.numbers, one.report, one.digests) == (held(), Report(), shown(whole).digests)

    @pytest.mark.parametrize("kind", FILMS)
    def test_other_samples_are_said_to_be_keyframes(self, kind: str, tmp_path: Path) -> None:
        whole = write_film(tmp_path / "a.mp4", at_rate(COUNT), **self.FILMS[kind])
        lie = with_sync_samples(whole, tmp_path / "lie.mp4", lambda numbers: [n + 1 + n % 5 for n in numbers])
        one = shown(lie)
        assert (one.numbers, one.report, one.digests) == (held(), Report(), shown(whole).digests)


class TestChanges:
    @pytest.mark.parametrize("suffix", [".ts", ".mkv"])
    def test_another_size_of_the_same_shape_fills_the_same_place(self, suffix: str, tmp_path: Path) -> None:
        films = [
            write_film(tmp_path / f"{n}.ts", at_rate(45), size_px=size_px, **P_ONLY)
            for n, size_px in enumerate([(160, 96), (320, 192)])
        ]
        one = shown(one_after_the_other(films, tmp_path / f"both{suffix}"))
        assert one.numbers == (*range(45), *range(45))
        assert one.spans == ((45, 90),)
        assert [entry.fidelity for entry in one.report] == [Fidelity.CLOSE]

    def test_another_shape_is_contained_on_black(self, tmp_path: Path) -> None:
        films = [
            write_film(tmp_path / f"{n}.ts", at_rate(45), size_px=size_px, **P_ONLY)
            for n, size_px in enumerate([(160, 96), (96, 192)])
        ]
        bad = one_after_the_other(films, tmp_path / "both.ts")
        assert shown(bad).spans == ((45, 90),)
        whole = timeline([clip(bad, 0.0, 3.0)], canvas_px=SIZE_PX)
        with Compositor(whole, assets(whole), output(*SIZE_PX)) as compositor:
            luma = tensors(compositor.frame(60)).y.numpy()
        assert abs(luma[:, :54].astype(int) - 16).max() <= 1
        assert abs(luma[:, -54:].astype(int) - 16).max() <= 1
        assert number_in(luma[:, 56:104]) == 15

    def test_another_pixel_format(self, tmp_path: Path) -> None:
        films = [
            write_film(tmp_path / f"{n}.ts", at_rate(45), pixel_format=pixel_format, **P_ONLY)
            for n, pixel_format in enumerate(["yuv420p", "yuv444p"])
        ]
        one = shown(one_after_the_other(films, tmp_path / "both.ts"))
        assert (one.numbers, one.report) == ((*range(45), *range(45)), Report())

    @pytest.mark.parametrize("name", ["a.mp4", "a.ts", "a.mkv"])
    @pytest.mark.parametrize(("first_fps", "then_fps"), [(30, 15), (15, 30), (60, 24), (30, 10)])
    def test_another_rate_is_no_fault(self, first_fps: int, then_fps: int, name: str, tmp_path: Path) -> None:
        first = at_rate(round(1.5 * first_fps), first_fps)
        times_s = first + at_rate(round(1.5 * then_fps), then_fps, Fraction(3, 2))
        tick = {"tick_s": Fraction(1, 1000)} if name == "a.mkv" else {}
        one = shown(write_film(tmp_path / name, times_s, fps=Fraction(first_fps), **WITH_B, **tick))
        for frame, number in enumerate(one.numbers):
            assert abs(times_s[number] - Fraction(frame, 30)) <= Fraction(1, min(first_fps, then_fps))
        # A change to a faster rate, or one to a third at the very end, cannot be told from missing frames.
        assert sum(end - start for start, end in one.spans) <= (2 if then_fps > first_fps or then_fps == 10 else 0)

    def test_a_hole_in_the_times_is_held_to_its_end(self, tmp_path: Path) -> None:
        times_s = [time_s + (Fraction(1, 2) if number >= 40 else 0) for number, time_s in enumerate(at_rate(75))]
        one = shown(write_film(tmp_path / "a.mp4", times_s, **P_ONLY))
        assert one.numbers == (*range(40), *[39] * 15, *range(40, 75))
        assert one.spans == ((40, 55),)
        assert one.words == {"its file lacks frames and the last one is held"}
