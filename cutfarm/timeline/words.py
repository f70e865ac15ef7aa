"""When the words of a recognised caption are spoken, as places in its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.text import Word

MAX_WORDS = 20_000
_LATE_US = 500_000  #: words of a caption's own clock end this much after its segment at most
_US_PER_MS = 1000


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of a caption in the order of its text."""

    words: tuple[Word, ...] = ()
    is_recordings: bool = False  #: whether their clock was that of the recording, of which the segment is a part


def read_words(material: Node, text: str, length_us: int) -> Speech:
    """The words of a text material; none where they are not those of `text`.

    Newer drafts count milliseconds from the segment's start. Older ones count those of the whole recording, and name
    the words of the whole sentence of which the caption is a part: where the caption's words do not lie within the
    segment, the first of them begins with it, and the others keep their distance. All are held to the segment.
    """
    lists = (list(_spoken(fields.node(material, key))) for key in ("words", "current_words"))
    spoken = next((words for words in lists if words), [])
    words = _by_letters(spoken, text) or _one_after_another(spoken, text)
    if not words:
        return Speech()
    is_recordings = words[-1].end_us > length_us + _LATE_US or words[0].start_us < 0
    shift_us = words[0].start_us if is_recordings else 0
    return Speech(tuple(_held(words, shift_us, length_us)), is_recordings)


def _held(words: Sequence[Word], shift_us: int, length_us: int) -> Iterator[Word]:
    """Each word after the one before it, within the segment."""
    earliest_us = 0
    for word in words:
        start_us = min(max(word.start_us - shift_us, earliest_us), length_us)
        end_us = min(max(word.end_us - shift_us, start_us), length_us)
        earliest_us = start_us
        yield replace(word, start_us=start_us, end_us=end_us)


def _spoken(raw: Node) -> Iterator[tuple[str, int, int]]:
    """(letters without blanks, start, end) of each word that has any, in microseconds of the draft's clock."""
    texts, starts, ends = (fields.values(raw, key)[:MAX_WORDS] for key in ("text", "start_time", "end_time"))
    for text, start, end in zip(texts, starts, ends, strict=False):
        start_ms, end_ms = fields.finite(start), fields.finite(end)
        letters = "".join(text.split()) if isinstance(text, str) else ""
        if letters and start_ms is not None and end_ms is not None and max(abs(start_ms), abs(end_ms)) < 1e12:
            yield fields.whole_characters(letters), round(start_ms * _US_PER_MS), round(end_ms * _US_PER_MS)


def _by_letters(spoken: Sequence[tuple[str, int, int]], text: str) -> list[Word]:
    """The words where the caption's letters are a stretch of theirs."""
    places = [at for at, character in enumerate(text) if not character.isspace()]
    wanted = _plain("".join(text[at] for at in places))
    first = _plain("".join(letters for letters, _, _ in spoken)).find(wanted) if wanted else -1
    if first < 0:
        return []
    words = []
    behind = -first
    for letters, start_us, end_us in spoken:
        before, behind = behind, behind + len(letters)
        if behind > 0 and before < len(places):
            own = places[max(before, 0) : behind]
            words.append(Word(own[0], own[-1] + 1, start_us, end_us))
    return words


def _one_after_another(spoken: Sequence[tuple[str, int, int]], text: str) -> list[Word]:
    """The words that are found in the text in their order, where these are half of them at least."""
    words = []
    haystack, at = _plain(text), 0
    for letters, start_us, end_us in spoken:
        found = haystack.find(_plain(letters), at)
        if found >= 0:
            at = found + len(letters)
            words.append(Word(found, at, start_us, end_us))
    return words if 2 * len(words) >= len(spoken) else []


def _plain(text: str) -> str:
    """Lower case where that keeps each character's place."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
