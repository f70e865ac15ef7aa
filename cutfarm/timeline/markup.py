"""The tag markup in which older applications store captions: `<size=15><color=(1,1,1,1)>[text]</color></size>`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cutfarm.timeline import fields

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z]\w*)(?P<rest>[^<>]*)>")
_PAIR = re.compile(r'(?P<key>\w*)\s*=\s*(?:"(?P<quoted>[^"]*)"|\((?P<tuple>[^)]*)\)|(?P<bare>[^\s>"(]+))')

KNOWN = frozenset({"size", "color", "font", "outline", "b", "i", "u", "useLetterColor"})
MAX_DEPTH = 64  #: tags inside tags; the format needs four

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """Text between two tags and the tags around it, the innermost last."""

    text: str
    tags: tuple[tuple[str, Attributes], ...]

    def attribute(self, tag: str, key: str) -> str:
        """The innermost `tag`'s attribute; a tag's own value, as in `<size=15>`, has the key ""."""
        return next((attributes.get(key, "") for name, attributes in reversed(self.tags) if name == tag), "")

    def has(self, tag: str) -> bool:
        """Whether the text stands inside `tag`."""
        return any(name == tag for name, _ in self.tags)


def is_markup(content: str) -> bool:
    """Whether `content` opens with a tag of this format."""
    match = _TAG.match(content.lstrip())
    return match is not None and match["name"] in KNOWN


def runs(content: str) -> list[Run]:
    """The stretches of text of `content` in order; square brackets around each of them are the format's, not text."""
    found = [run for run in _split(content) if run.text]
    if found and all(len(run.text) > 1 and run.text[0] == "[" and run.text[-1] == "]" for run in found):
        return [Run(run.text[1:-1], run.tags) for run in found]
    return found


def numbers(value: str) -> list[float]:
    """The finite numbers of `0.5, 1,1`."""

    def valid() -> Iterator[float]:
        for part in value.split(","):
            try:
                number = fields.finite(float(part))
            except ValueError:
                continue
            if number is not None:
                yield number

    return list(valid())


def _split(content: str) -> Iterator[Run]:
    stack: list[tuple[str, Attributes]] = []
    tags = KNOWN | {match["name"] for match in _TAG.finditer(content) if match["close"]}
    at = 0
    for match in _TAG.finditer(content):
        name = match["name"]
        if name not in tags:
            continue  # somebody's text, such as "<hello>"
        yield Run(content[at : match.start()], tuple(stack))
        at = match.end()
        if not match["close"] and len(stack) < MAX_DEPTH:
            stack.append((name, _attributes(match["rest"])))
        elif match["close"] and any(open_ == name for open_, _ in stack):
            while stack.pop()[0] != name:
                pass
    yield Run(content[at:], tuple(stack))


def _attributes(rest: str) -> Attributes:
    return {
        pair["key"]: next(value for value in (pair["quoted"], pair["tuple"], pair["bare"], "") if value is not None)
        for pair in _PAIR.finditer(rest)
    }
