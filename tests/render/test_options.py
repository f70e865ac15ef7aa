"""What a user may ask for, and in which words a wrong wish is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.errors import DraftBelowFidelity, RequestError
from cutfarm.media.codecs import Codec
from cutfarm.media.encode import VideoWriter
from cutfarm.media.picture import black
from cutfarm.render.job import check_fidelity, plan_job
from cutfarm.render.options import RenderOptions, parse_fidelity, parse_range
from cutfarm.timeline.model import Canvas, Timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from tests.render.scene import SECOND, clip, timeline


def draft(
    width_px: int = 1920, height_px: int = 1080, length_s: float = 10.0, fps: Fraction = Fraction(30)
) -> Timeline:
    return timeline([clip("film.mp4", 0, length_s)], canvas_px=(width_px, height_px), fps=fps)


class TestOutput:
    @pytest.mark.parametrize(
        ("canvas", "height_px", "size"),
        [
            ((1920, 1080), None, (1920, 1080)),
            ((1920, 1080), 360, (640, 360)),
            ((1080, 1920), 360, (202, 360)),
            ((1437, 1920), None, (1436, 1920)),
            ((1920, 1013), None, (1920, 1012)),
            ((1920, 1013), 506, (960, 506)),
            ((101, 75), None, (100, 76)),
            ((100, 100), 361, (360, 360)),
            ((1, 1), None, (2, 2)),
            ((8192, 8192), None, (8192, 8192)),
        ],
    )
    def test_sizes_are_even_and_follow_the_canvas(
        self, canvas: tuple[int, int], height_px: int | None, size: tuple[int, int]
    ) -> None:
        output = RenderOptions(height_px=height_px).output(draft(*canvas))
        assert (output.width_px, output.height_px) == size

    @pytest.mark.parametrize(("codec", "least_px"), [("h264", 2), ("h265", 16), ("ffv1", 4)])
    def test_every_codec_writes_its_smallest_picture(self, codec: Codec, least_px: int, tmp_path: Path) -> None:
        """And nothing below it is tried."""
        options = RenderOptions(codec=codec)
        for size_px in ((least_px, least_px), (least_px, 64), (64, least_px)):
            output = options.output(draft(*size_px))
            size = {"width_px": output.width_px, "height_px": output.height_px}
            with VideoWriter(tmp_path / "film.mkv", **size, fps=Fraction(30), codec=codec) as writer:
                for _ in range(3):
                    writer.write(black(*size_px))
        for size_px in ((least_px - 2, 64), (64, least_px - 2)):
            if min(size_px) > 0:
                with pytest.raises(RequestError, match=rf"px is below {codec}'s {least_px} px a side"):
                    options.output(draft(*size_px))

    @given(st.integers(1, 8192), st.integers(1, 8192))
    def test_any_canvas_gives_even_sizes(self, width: int, height: int) -> None:
        output = RenderOptions().output(draft(width, height))
        assert output.width_px % 2 == output.height_px % 2 == 0
        assert abs(output.width_px - width) <= 1
        assert abs(output.height_px - height) <= 1

    @given(st.integers(500, 2000), st.integers(500, 2000), st.integers(16, 2000))
    def test_any_height_keeps_the_shape(self, width: int, height: int, wanted: int) -> None:
        output = RenderOptions(height_px=wanted).output(draft(width, height))
        assert output.width_px % 2 == output.height_px % 2 == 0
        assert abs(output.height_px - wanted) <= 1
        assert abs(output.width_px - wanted * width / height) <= 1

    @pytest.mark.parametrize("canvas", [(8194, 100), (100, 16_384)])
    def test_a_canvas_that_no_encoder_takes(self, canvas: tuple[int, int]) -> None:
        with pytest.raises(RequestError, match="above 8192 px a side"):
            RenderOptions().output(draft(*canvas))

    def test_the_rest_is_the_drafts_or_as_asked(self) -> None:
        output = RenderOptions().output(draft(fps=Fraction(24000, 1001)))
        assert (output.fps, output.codec, output.preset, output.crf) == (Fraction(24000, 1001), "h264", "veryfast", 20)
        asked = RenderOptions(fps=Fraction(25), codec="h265", preset="slow", crf=30).output(draft())
        assert (asked.fps, asked.codec, asked.preset, asked.crf) == (Fraction(25), "h265", "slow", 30)

    @pytest.mark.parametrize(
        ("wish", "words"),
        [
            ({"height_px": 15}, "height 15 is not between 16 and 8192"),
            ({"height_px": -5}, "height -5"),
            ({"height_px": 9000}, "height 9000"),
            ({"fps": Fraction(0)}, "fps 0 is not between 1 and 240"),
            ({"fps": Fraction(-30)}, "fps -30"),
            ({"fps": Fraction(241)}, "fps 241"),
            ({"range_s": (2.0, 1.0)}, "range 2:1 does not go from an earlier to a later time"),
            ({"range_s": (1.0, 1.0)}, "range 1:1"),
            ({"range_s": (-1.0, 1.0)}, "range -1:1"),
            ({"range_s": (float("nan"), 1.0)}, "range nan:1"),
            ({"range_s": (0.0, float("nan"))}, "range 0:nan"),
            ({"range_s": (0.0, float("inf"))}, "range 0:inf"),
            ({"preset": "placebo"}, "preset 'placebo' is not one of ultrafast"),
            ({"crf": -1}, "crf -1 is not between 0 and 51"),
            ({"crf": 52}, "crf 52"),
        ],
        ids=str,
    )
    def test_rejects(self, wish: dict[str, object], words: str) -> None:
        with pytest.raises(RequestError, match=words):
            RenderOptions(**wish)  # type: ignore[arg-type]


class TestFrames:
    @pytest.mark.parametrize(
        ("range_s", "wanted"),
        [
            (None, range(300)),
            ((0.0, 10.0), range(300)),
            ((1.0, 2.0), range(30, 60)),
            ((9.5, 99.0), range(285, 300)),
            ((0.49 / 30, 1.0), range(30)),
            ((0.51 / 30, 1.0), range(1, 30)),
            ((1.0, 1.001), range(30, 31)),
        ],
    )
    def test_the_timelines_own_numbers(self, range_s: tuple[float, float] | None, wanted: range) -> None:
        assert RenderOptions(range_s=range_s).frames(draft(), Fraction(30)) == wanted

    def test_another_rate_counts_other_frames(self) -> None:
        assert RenderOptions().frames(draft(), Fraction(60)) == range(600)
        assert RenderOptions(range_s=(1.0, 2.0)).frames(draft(), Fraction(25)) == range(25, 50)

    def test_the_shortest_draft_has_a_frame(self) -> None:
        assert RenderOptions().frames(draft(length_s=0.001), Fraction(30)) == range(1)

    @pytest.mark.parametrize("start_s", [10.0, 11.0, 1e9])
    def test_a_range_behind_the_end(self, start_s: float) -> None:
        with pytest.raises(RequestError, match="the draft ends at 10 s"):
            RenderOptions(range_s=(start_s, start_s + 1)).frames(draft(), Fraction(30))


class TestParsing:
    @pytest.mark.parametrize(
        ("text", "wanted"), [("1:2", (1.0, 2.0)), ("1.5:", (1.5, 1e9)), (":3", (0.0, 3.0)), (":", (0.0, 1e9))]
    )
    def test_ranges(self, text: str, wanted: tuple[float, float]) -> None:
        assert parse_range(text) == wanted

    @pytest.mark.parametrize("text", ["", "5", "a:b", "1:2:3", "1-2"])
    def test_ranges_that_are_none(self, text: str) -> None:
        with pytest.raises(RequestError, match="is not START:END in seconds"):
            parse_range(text)

    @pytest.mark.parametrize("level", Fidelity)
    def test_levels(self, level: Fidelity) -> None:
        assert parse_fidelity(level.word) is parse_fidelity(level.word.upper()) is level

    @pytest.mark.parametrize("text", ["", "good", "EXACT "])
    def test_levels_that_are_none(self, text: str) -> None:
        with pytest.raises(RequestError, match="is not one of unsupported, evocative, close, exact"):
            parse_fidelity(text)


class TestStrict:
    REPORT = Report(
        (
            Entry(Fidelity.CLOSE, "font", "Another font is used.", "s1"),
            Entry(Fidelity.UNSUPPORTED, "filter", "The filter is left out.", "s2"),
        )
    )

    @pytest.mark.parametrize(
        ("level", "words"),
        [
            (Fidelity.EXACT, r"not exact: Another font is used\. \(and 1 more\)"),
            (Fidelity.CLOSE, r"not close: The filter is left out\.$"),
            (Fidelity.EVOCATIVE, r"not evocative: The filter is left out\.$"),
        ],
    )
    def test_a_draft_below_the_level(self, level: Fidelity, words: str) -> None:
        whole = replace(draft(), report=self.REPORT)
        with pytest.raises(DraftBelowFidelity, match=words):
            plan_job(whole, {}, RenderOptions(strict=level))

    @pytest.mark.parametrize("level", [None, Fidelity.UNSUPPORTED])
    def test_a_draft_that_passes(self, level: Fidelity | None) -> None:
        whole = replace(draft(), report=self.REPORT)
        assert plan_job(whole, {}, RenderOptions(strict=level)).frames == range(300)

    def test_an_empty_report_is_exact(self) -> None:
        check_fidelity(Report(), RenderOptions(strict=Fidelity.EXACT))


def test_a_canvas_of_the_draft_is_never_zero() -> None:
    """The reader refuses such drafts; options rely on it."""
    assert RenderOptions().output(replace(draft(), canvas=Canvas(1, 1), duration_us=SECOND)).width_px == 2
