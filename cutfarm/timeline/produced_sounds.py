"""Files that the application made of a segment's sound, which may be heard in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cutfarm.timeline import fields
from cutfarm.timeline.elements import is_neutral
from cutfarm.timeline.fields import Node
from cutfarm.timeline.stage import SegmentSource
from cutfarm.timeline.treatment import ProducedSound

#: What plays in place of such a file, by the element that it was made for.
_WITHOUT = {
    "noise reduction": "the sound plays with its noise",
    "vocal separation": "the whole sound plays, not only the chosen part of it",
    "voice enhancement": "the sound plays as it is in the file",
}


def read_produced(source: SegmentSource) -> Iterator[ProducedSound]:
    """Files that the application made of the sound, those made last first; what it has yet to make is noted."""
    for bucket, what, is_asked in _MAKERS:
        for material in source.all_of(bucket):
            if not is_asked(material.raw):
                continue
            if path := fields.text(material.raw, "production_path"):
                yield ProducedSound(what, path, worked_from_us(material.raw))
            else:
                source.lose(material, what, f"The draft has no file that its {what} made; {without(what)}.")
    if fields.flag(source.raw, "intensifies_audio"):
        raw = source.primary.raw if source.primary else {}
        path = fields.text(raw, "intensifies_audio_path") or fields.text(raw, "intensifies_path")
        what = "voice enhancement"
        if path:
            yield ProducedSound(what, path)
        else:
            source.notes.unsupported(what, f"The draft has no file that its {what} made; {without(what)}.")


def worked_from_us(raw: Node) -> int:
    """Where in the segment's own file the part begins that the application worked on."""
    start = fields.number(fields.node(raw, "time_range"), "start", low=0, high=fields.MAX_TIME_US)
    return round(start)


def without(what: str) -> str:
    """What plays where the file that was made for an element is not there, as the end of a sentence."""
    return _WITHOUT.get(what, _WITHOUT["voice enhancement"])


def _is_separated(raw: Node) -> bool:
    return fields.integer(raw, "choice") != 0 or bool(fields.values(raw, "removed_sounds"))


def _is_on(switch: str) -> Callable[[Node], bool]:
    """Whether a material's switch is on; one that has none is on if it holds anything."""
    return lambda raw: fields.flag(raw, switch, default=not is_neutral(raw))


#: The lists whose materials a model of the application's carries out, and when they ask for it.
_MAKERS: tuple[tuple[str, str, Callable[[Node], bool]], ...] = (
    ("vocal_beautifys", "voice enhancement", _is_on("enable")),
    ("vocal_separations", "vocal separation", _is_separated),
    ("realtime_denoises", "noise reduction", _is_on("is_denoise")),
)
