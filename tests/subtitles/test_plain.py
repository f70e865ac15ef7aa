"""SubRip and WebVTT as they are written: read back by ffprobe, and by cutfarm itself."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cutfarm.subtitles.files import read_cues, subtitle_text
from cutfarm.subtitles.looks import SubtitleLook, joined
from cutfarm.subtitles.plain import words, write_srt, write_vtt
from cutfarm.subtitles.tags import srt_runs, vtt_runs
from cutfarm.subtitles.timed import read_srt, read_vtt
from cutfarm.timeline.model import Transform
from cutfarm.timeline.subtitles import Place
from tests.subtitles.builders import CANVAS, block, caption, losses

THREE = (
    caption("Hello\nworld & <you>", 500, 1_733),
    caption("你好，世界", 1_000, 2_000),
    caption("late", 3_600_000, 3_601_001),
)


def placed(x: float, y: float) -> Place:
    return Place(CANVAS.width_px * x, CANVAS.height_px * y, 1.0, 1.0, 0.0, 1.0)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe reads the files that are written")
@pytest.mark.parametrize("kind", ["srt", "vtt", "ass"])
def test_ffprobe_reads_number_times_and_words(kind, tmp_path):
    path = tmp_path / f"a.{kind}"
    path.write_text(subtitle_text(THREE, CANVAS, kind)[0], "utf-8")
    command = ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "json", path]
    packets = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)["packets"]
    found = [(float(packet["pts_time"]), float(packet["duration_time"])) for packet in packets]
    exact = [(each.start_ms / 1000, (each.end_ms - each.start_ms) / 1000) for each in THREE]
    for times, expected in zip(found, exact, strict=True):
        assert times == pytest.approx(expected, abs=0.0101 if kind == "ass" else 1e-6)
    plain = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-f", "srt", "-"], capture_output=True, check=True, timeout=60
    )
    assert "你好，世界" in plain.stdout.decode()
    assert "world & <you>" in html.unescape(plain.stdout.decode()).replace("\u2060", "")


def test_subrip():
    assert write_srt(THREE[:1]) == "1\n00:00:00,500 --> 00:00:01,733\nHello\nworld & <\u2060you>\n\n"


def test_letters_of_the_whole_caption_are_marked():
    assert "<b><i>a</i></b>" in write_srt([caption(block("a", bold=True, italic=True))])


def test_webvtt_names_its_special_characters():
    assert write_vtt(THREE[:1], CANVAS) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.733\nHello\nworld &amp; &lt;you&gt;\n\n"
    )


@pytest.mark.parametrize(
    ("text", "place", "settings"),
    [
        (block("a"), placed(0.5, 0.9), ""),
        (block("a"), placed(0.5, 0.5), " line:47%"),
        (block("a\nb"), placed(0.5, 0.1), " line:5%"),
        (block("a"), placed(0.25, 0.9), " position:25%"),
        (block("一二三四\n一", alignment=0), placed(0.5, 0.9), " position:44% align:start"),
        (block("一二三四\n一", alignment=2), placed(0.5, 0.9), " position:56% align:end"),
        (block("a", alignment=0), placed(0.5, 0.9), ""),
    ],
)
def test_places_of_webvtt(text, place, settings):
    written = write_vtt([caption(text, place=place)], CANVAS)
    assert written.splitlines()[2] == f"00:00:00.000 --> 00:00:01.000{settings}"


def test_half_characters_and_empty_lines_are_written_as_something():
    assert words(block("a\ud83d\n\nb \n")) == "a\ufffd\n\u00a0\nb"


SPAN = st.tuples(st.integers(0, 10**9), st.integers(1, 10**6))
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.just("\n")
TEXT = st.text(st.sampled_from("<>{}\\/abi&;1 \n") | CHARACTERS, min_size=1, max_size=40)


@given(st.lists(st.tuples(SPAN, TEXT), min_size=1, max_size=5))
def test_what_is_written_is_what_is_read(cues):
    captions = [caption(text, start, start + length) for (start, length), text in cues if text.strip()]
    assume(captions)
    written = [(each.start_ms * 1000, each.end_ms * 1000, words(each.segment.text)) for each in captions]
    style = SubtitleLook().style
    for found, runs in (
        (read_srt(write_srt(captions), losses()), srt_runs),
        (read_vtt(write_vtt(captions, CANVAS), losses()), vtt_runs),
    ):
        read = [(each.start_us, each.end_us, joined(runs(each.text, style, losses()))[0]) for each in found]
        assert read == [(start_us, end_us, text.strip(" \t\n")) for start_us, end_us, text in written]


class TestRead:
    def cues(self, tmp_path: Path, name: str, text: str, **look: object):
        (tmp_path / name).write_text(text, "utf-8")
        return read_cues(tmp_path / name, CANVAS, SubtitleLook(**look))

    def test_the_look_of_the_applications(self, tmp_path):
        [cue], report = self.cues(tmp_path, "a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n")
        assert (cue.text.text, cue.text.wrap_width, cue.text.alignment) == ("Hello", 0.82, 1)
        assert (cue.text.styles[0].size, cue.text.styles[0].colour) == (5.0, (1.0, 1.0, 1.0))
        assert cue.transform == Transform(shift_y=-0.8)
        assert not report.entries

    def test_another_look(self, tmp_path):
        text = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"
        [cue], _ = self.cues(tmp_path, "a.srt", text, size=8.0, font="Some Font", colour=(1.0, 0.0, 0.0))
        style = cue.text.styles[0]
        assert (style.size, style.font_path, style.colour) == (8.0, "Some Font.ttf", (1.0, 0.0, 0.0))

    @pytest.mark.parametrize(("key", "shift_y"), [(2, -0.8), (5, 0.0), (8, 0.8)])
    def test_places_that_people_write_into_subrip(self, tmp_path, key, shift_y):
        [cue], _ = self.cues(tmp_path, "a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{{\\an{key}}}Hello\n")
        assert cue.text.text == "Hello"
        assert cue.transform.shift_y == pytest.approx(shift_y)

    def test_cues_on_each_other_are_reported(self, tmp_path):
        text = "1\n00:00:01,000 --> 00:00:03,000\n{}a\n\n2\n00:00:02,000 --> 00:00:04,000\nb\n"
        _, report = self.cues(tmp_path, "a.srt", text.format(""))
        assert [entry.fact for entry in report] == ["a.srt: cues that are shown at the same time lie on each other."]
        _, report = self.cues(tmp_path, "a.srt", text.format(r"{\an8}"))
        assert not report.entries

    def test_settings_of_webvtt(self, tmp_path):
        head = "WEBVTT\n\n00:01.000 --> 00:02.000"
        [top], _ = self.cues(tmp_path, "a.vtt", f"{head} line:0 position:30%\nHello\n")
        assert top.transform.shift_x == pytest.approx(-0.4)
        assert 0.8 < top.transform.shift_y < 1.0  # its upper edge lies at the top
        [left], _ = self.cues(tmp_path, "b.vtt", f"{head} line:50% align:start size:40%\nHello\n")
        assert (left.text.alignment, left.text.wrap_width) == (0, 0.4)
        assert -1.0 < left.transform.shift_x < -0.8  # its left edge lies at the left
        _, report = self.cues(tmp_path, "c.vtt", f"{head} vertical:rl\nHello\n")
        assert "vertical" in report.entries[0].fact
