"""Subtitle files that nobody writes: cues that can be drawn, or one sentence, in little time."""

from __future__ import annotations

import math
import time
from dataclasses import astuple
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_reader import Tally
from benchmarks.fuzz_subtitles import SEEDS, run_one
from cutfarm.errors import AssetUnreadable
from cutfarm.subtitles.files import read_cues
from cutfarm.subtitles.looks import SubtitleLook
from cutfarm.timeline.cues import Cue, with_cues
from cutfarm.timeline.model import Canvas, Timeline, Transform
from cutfarm.timeline.text import TextBlock

CANVAS = Canvas(640, 360)
LOOK = SubtitleLook()
DIALOGUE = "Dialogue: 0,0:00:00.00,0:00:02.00,Default,,0,0,0,,"
BOXED = DIALOGUE.replace("Default", "Boxed")
HEAD = SEEDS[".ass"].partition("Comment")[0]


@pytest.fixture
def cues(tmp_path):
    """The cues of a file by its ending and its text."""

    def cues(ending, written):
        path = tmp_path / f"a{ending}"
        path.write_bytes(written if isinstance(written, bytes) else written.encode("utf-8", "surrogatepass"))
        found, _ = read_cues(path, CANVAS, LOOK)
        return found

    return cues


def is_placed(cue):
    places = [value for value in astuple(cue.transform) if isinstance(value, float)]
    looks = [cue.text.letter_spacing_em, cue.text.line_spacing, *(style.size for style in cue.text.styles)]
    return all(math.isfinite(value) for value in (*places, *looks))


def test_mutated_files_end_in_cues_or_in_a_sentence(tmp_path):
    tally = Tally()
    for seed in range(80):
        run_one(seed, tmp_path, tally)
    assert [said for said, _ in tally.failures] == []
    assert tally.outcomes["cues"] > 35


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(SEEDS)), st.binary(max_size=200), st.integers(0, 3000), st.integers(0, 300))
def test_any_bytes_within_a_file(cues, ending, data, start, length):
    whole = SEEDS[ending].encode()
    start %= len(whole)
    try:
        found = cues(ending, whole[:start] + data + whole[start + length :])
    except AssetUnreadable as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(map(is_placed, found))


@pytest.mark.parametrize(
    "line",
    [
        BOXED + "{\\fscy0}flat",
        BOXED + "{\\fscx0\\fs1e-300}small",
        BOXED + "{\\fs1e6" + "\\fs+1e6" * 60 + "}large",
        DIALOGUE + "{\\fs+-9.9999999" * 30 + "}small",
        DIALOGUE + "{\\pos(nan,inf)\\move(1e6,1e6,-1e6,-1e6)\\frz1e6\\bord1e6\\shad1e6\\fsp-1e6}far",
        DIALOGUE.replace(",,0,0,0,", f",,{'9' * 400},-{'9' * 400},{'9' * 400},") + "margins",
        DIALOGUE.replace("0:00:02.00", "99:00:02.00") + "{\\fad(1000,1000)\\move(0,0,9,9)}long",
        DIALOGUE.replace("0,", f"{'9' * 400},", 1) + "a layer",
    ],
    ids=lambda line: line[-12:],
)
def test_numbers_of_scripts_that_cannot_be(cues, line):
    [cue] = cues(".ass", HEAD + line)
    assert is_placed(cue)
    assert abs(cue.start_us) <= cue.end_us <= 10**13


def test_what_a_script_says_wrong_is_quoted_in_part(cues):
    with pytest.raises(AssetUnreadable) as raised:
        cues(".ass", HEAD + DIALOGUE.replace("0:00:02.00", "0:" + "x" * 5000) + "word")
    assert len(str(raised.value)) < 250


def test_a_tag_for_each_letter_takes_little_time(cues):
    began = time.process_time()
    [cue] = cues(".ass", HEAD + DIALOGUE + "".join(f"{{\\fs{20 + place % 7}}}x" for place in range(9000)))
    assert len(cue.text.styles) == 9000
    assert time.process_time() - began < 4.0


def test_so_many_layers_of_cues_take_little_time():
    block = TextBlock("", "x", ())
    cues = [Cue(1000 * number, 1000 * number + 1000, block, Transform(), layer=number) for number in range(20_000)]
    empty = Timeline(CANVAS, Fraction(30), 10**9, (), layers_by_track=True)
    began = time.process_time()
    tracks = with_cues(empty, cues, "a.ass").tracks
    assert time.process_time() - began < 3.0
    assert [track.index for track in tracks] == list(range(20_000))
    assert [track.segments[0].render_index for track in tracks] == list(range(1, 20_001))
