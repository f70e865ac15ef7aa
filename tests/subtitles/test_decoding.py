"""Files of unknown encodings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.subtitles.decoding import decode

SIMPLIFIED = "1\n00:00:01,000 --> 00:00:02,000\n你好,我们今天来看一下这个问题。大家都知道这是什么吗?\n"
TRADITIONAL = "1\n00:00:01,000 --> 00:00:02,000\n你好,我們今天來看一下這個問題。大家都知道這是什麼嗎?\n"
JAPANESE = "1\n00:00:01,000 --> 00:00:02,000\nこんにちは、今日は良い天気ですね。字幕をテストします。\n"
LATIN = "1\n00:00:01,000 --> 00:00:02,000\nÇa va, très bien: où est la forêt, là-bas?\n"


@pytest.mark.parametrize(
    ("text", "codec", "name", "is_guess"),
    [
        (SIMPLIFIED, "utf-8", "UTF-8", False),
        (SIMPLIFIED, "utf-8-sig", "UTF-8", False),
        (SIMPLIFIED, "utf-16", "UTF-16", False),
        ("\ufeff" + SIMPLIFIED, "utf-16-be", "UTF-16", False),
        (SIMPLIFIED, "utf-16-le", "UTF-16", True),
        (SIMPLIFIED, "utf-16-be", "UTF-16", True),
        (SIMPLIFIED, "gb18030", "GB18030", True),
        (TRADITIONAL, "big5", "Big5", True),
        (TRADITIONAL, "gb18030", "GB18030", True),
        (JAPANESE, "cp932", "Shift_JIS", True),
        (LATIN, "cp1252", "Windows-1252", True),
        ("plain", "ascii", "UTF-8", False),
    ],
)
def test_encodings(text, codec, name, is_guess):
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.is_guess) == (text.lstrip("\ufeff"), name, is_guess)


def test_line_breaks_become_line_feeds():
    assert decode(b"a\r\nb\rc\nd").text == "a\nb\nc\nd"


@given(st.binary(max_size=200))
def test_any_bytes_are_some_text(data):
    assert "\r" not in decode(data).text


@given(st.text(max_size=50).filter(lambda text: not {"\r", "\0"} & set(text) and not text.startswith("\ufeff")))
def test_utf_8_is_never_guessed(text):
    decoded = decode(text.encode("utf-8", "replace"))
    assert not decoded.is_guess
    assert decoded.text == text.encode("utf-8", "replace").decode("utf-8")
