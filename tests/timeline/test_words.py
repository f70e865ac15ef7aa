from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.text import Word
from cutfarm.timeline.words import Speech, read_words

SECOND_US = 1_000_000
VALUES = st.none() | st.integers(-5000, 5000) | st.floats() | st.text(max_size=3)


def material(*words):
    """Of (text, start, end) in milliseconds."""
    texts, starts, ends = ([word[at] for word in words] for at in range(3))
    return {"words": {"text": texts, "start_time": starts, "end_time": ends}}


def spoken(text, speech):
    return [(text[word.start : word.end], word.start_us // 1000, word.end_us // 1000) for word in speech.words]


def test_the_newer_clock_counts_from_the_segment():
    raw = material(("Hello", 100, 400), (" ", 400, 400), ("world", 450, 900))
    speech = read_words(raw, "Hello, world!", SECOND_US)
    assert spoken("Hello, world!", speech) == [("Hello", 100, 400), ("world", 450, 900)]
    assert not speech.is_recordings


def test_the_older_clock_is_that_of_the_recording_and_its_words_those_of_the_sentence():
    raw = material(
        ("wander", 337980, 338460), (" ", 338460, 338460), ("through", 338460, 338660), ("lost", 340340, 341280)
    )
    speech = read_words(raw, "through lost", 2 * SECOND_US)
    assert spoken("through lost", speech) == [("through", 0, 200), ("lost", 1880, 2000)]
    assert speech.is_recordings


def test_the_words_of_today_stand_in_for_those_of_the_recognition():
    raw = {"words": {"text": [], "start_time": [], "end_time": []}, "current_words": material(("a", 0, 9))["words"]}
    assert spoken("a", read_words(raw, "a", SECOND_US)) == [("a", 0, 9)]


def test_words_without_blanks_between_them():
    speech = read_words(material(("你好", 0, 300), ("世界", 300, 700)), "你好\n世界", SECOND_US)
    assert speech.words == (Word(0, 2, 0, 300_000), Word(3, 5, 300_000, 700_000))


def test_a_text_that_was_corrected_keeps_the_words_that_are_left():
    raw = material(("tell", 0, 200), ("thm", 200, 400), ("now", 400, 600))
    assert spoken("Tell them now", read_words(raw, "Tell them now", SECOND_US)) == [("Tell", 0, 200), ("now", 400, 600)]


@pytest.mark.parametrize(
    "words", [[], None, {}, {"text": ["a"]}, {"text": ["a"], "start_time": [None], "end_time": [1]}]
)
def test_without_words_there_are_none(words):
    assert read_words({"words": words}, "a", SECOND_US) == Speech()


def test_words_of_another_text_are_left_out():
    raw = material(("one", 0, 1), ("two", 1, 2), ("three", 2, 3))
    assert read_words(raw, "something else", SECOND_US) == Speech()


def test_captions_of_a_real_draft_speak_within_their_segments(shared_drafts):
    timeline = read_timeline(shared_drafts["keyframes-fades-captions"])
    captions = [s for track in timeline.tracks if track.kind == "text" for s in track.segments if s.text.words]
    assert len(captions) > 90
    first = captions[0]
    assert [first.text.text[word.start : word.end] for word in first.text.words] == ["young", "people"]
    assert [word.start_us for word in first.text.words] == [0, 320_000]
    for segment in captions:
        assert all(0 <= word.start_us <= word.end_us <= segment.target.duration_us for word in segment.text.words)


@given(
    st.lists(st.tuples(st.text(max_size=3) | VALUES, VALUES, VALUES), max_size=6),
    st.text(st.sampled_from("abİ😀 \n"), max_size=8),
)
def test_any_words_lie_in_the_text_and_the_segment_in_order(words, text):
    found = read_words(material(*words), text, SECOND_US).words
    for word in found:
        assert 0 <= word.start < word.end <= len(text)
        assert 0 <= word.start_us <= word.end_us <= SECOND_US
    assert all(left.start_us <= right.start_us and left.end <= right.start for left, right in pairwise(found))


def test_a_clock_that_is_the_recordings_is_said_where_words_are_animated(make):
    raw = make.text("b", **material(("a", 90_000, 90_100), ("b", 90_100, 90_200)))
    animation = {"id": "a", "animations": [{"type": "caption", "name": "卡拉OK", "duration": SECOND_US}]}
    for refs, count in (([], 0), (["a"], 1)):
        segment = make.clip(material_id="words", source_start=None, extra_material_refs=refs)
        report = read_timeline(make.one_caption(raw, segment, material_animations=[animation])).report
        assert len([entry for entry in report if "recording" in entry.message]) == count
