"""Tags within cues."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.subtitles.looks import SubtitleLook, joined
from cutfarm.subtitles.tags import colour_of, srt_runs, vtt_runs
from tests.subtitles.builders import facts, losses

STYLE = SubtitleLook().style


def switched(runs):
    """Text, and b, i, u for what is on."""
    return [(text, "".join(n for n in ("bold", "italic", "underline") if getattr(s, n))) for text, s in runs if text]


def test_letters_of_subrip():
    runs = srt_runs("a<b>b<i>c</i></b><u>d</u><hello> 1 < 2", STYLE, losses())
    assert switched(runs) == [("a", ""), ("b", "bold"), ("c", "bolditalic"), ("d", "underline"), ("<hello> 1 < 2", "")]


def test_colours_and_fonts_of_subrip():
    runs = srt_runs("<font color=\"#ff8000\" face='My Font'>a</font><FONT color=red>b</FONT>c", STYLE, losses())
    assert [(text, style.colour, style.font_path) for text, style in runs if text] == [
        ("a", (1.0, pytest.approx(128 / 255), 0.0), "My Font.ttf"),
        ("b", (1.0, 0.0, 0.0), ""),
        ("c", (1.0, 1.0, 1.0), ""),
    ]


def test_what_cannot_be_drawn_is_said_once():
    found = losses()
    srt_runs("<s>a</s><s>b</s><font size=7>c</font>", STYLE, found)
    assert facts(found) == [
        "a.srt: text is not struck through (× 2).",
        "a.srt: the sizes of single words are not followed.",
    ]


def test_webvtt():
    found = losses()
    runs = vtt_runs("<v Ann><b>a &amp; b</b> <c.yellow.bg_blue>c</c><00:01.000> &lt;d&gt; <c.mine>e", STYLE, found)
    assert "".join(text for text, _ in runs) == "a & b c <d> e"
    assert next(style.colour for text, style in runs if text == "c") == (1.0, 1.0, 0.0)
    assert facts(found) == [
        "a.srt: the times of single words are not followed.",
        "a.srt: classes of its own style sheet are not followed.",
    ]


@pytest.mark.parametrize(
    ("value", "colour"),
    [("#00ff00", (0, 1, 0)), ("00FF00", (0, 1, 0)), ("lime", (0, 1, 0)), ("", None), ("#12", None), ("nope", None)],
)
def test_colours(value, colour):
    assert colour_of(value) == colour


@given(st.text(alphabet="ab <>/biuc.font=&;\"'\n", max_size=80))
def test_styles_cover_each_character_once(text):
    for runs in (srt_runs, vtt_runs):
        plain, styles = joined(runs(text, STYLE, losses()))
        assert [style.start for style in styles] == [0, *(style.end for style in styles)][: len(styles)]
        assert (styles[-1].end if styles else 0) == len(plain)
        assert all(style.start < style.end for style in styles)


@pytest.mark.parametrize("text", ["<" + "a" * 200_000, "<a" * 200_000, "<font " + 'a="' * 100_000 + ">", "&" * 300_000])
def test_no_text_takes_long(text):
    """A search that went back and forth would take hours; this takes a fraction of a second."""
    for runs in (srt_runs, vtt_runs):
        started = time.process_time()
        runs(text, STYLE, losses())
        assert time.process_time() - started < 5
