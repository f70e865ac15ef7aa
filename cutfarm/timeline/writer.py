"""A timeline written back: the draft that it was read from, with what has been changed in the model since.

Nothing else of the draft is touched, so that what nobody here understands stays as the application wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import fields as fields_of
from typing import Any

from cutfarm.errors import DraftError
from cutfarm.timeline.model import Canvas, PictureMaterial, Segment, SoundMaterial, Timeline, Track, Transform
from cutfarm.timeline.naming import segment_ids
from cutfarm.timeline.reader import HIDDEN_BIT, MUTED_BIT, read_timeline
from cutfarm.timeline.time import TimeRange

Raw = dict[str, Any]


def write_draft(timeline: Timeline) -> Raw:
    """The draft's JSON: equal to what was read, but for the changes made to `timeline` since.

    Can be changed: canvas, frame rate, muting and hiding of tracks; of segments the ranges, the transform, volume,
    visibility, layer and the path of the file. Segments that are gone from the timeline are taken out of the draft.
    Raises DraftError for any other change, and for a timeline that was not read from a draft.
    """
    if not timeline.origin:
        raise DraftError("This timeline was not read from a draft, so there is none to write it back to.")
    before, draft = read_timeline(timeline.origin), deepcopy(dict(timeline.origin))
    if len(before.tracks) != len(timeline.tracks):
        raise DraftError("Tracks were added or taken away, which cannot be written back.")
    if timeline.canvas != before.canvas:
        _write_canvas(draft, timeline.canvas)
    if timeline.fps != before.fps:
        draft["fps"] = float(timeline.fps)
    if timeline.duration_us != before.duration_us:
        draft["duration"] = timeline.duration_us
    written = _Writer(draft)
    for old, new in zip(before.tracks, timeline.tracks, strict=True):
        written.track(old, new)
    return draft


class _Writer:
    """Writes changes into a copy of the draft."""

    def __init__(self, draft: Raw) -> None:
        self._tracks: list[Raw] = [track for track in draft.get("tracks", ()) if isinstance(track, dict)]
        self._segments = dict(self._named(draft))
        self._materials = draft.get("materials", {})

    def _named(self, draft: Raw) -> Iterator[tuple[str, Raw]]:
        for (track, place), id_ in segment_ids(draft):
            raws = [raw for raw in self._tracks[track]["segments"] if isinstance(raw, dict)]
            yield id_, raws[place]

    def track(self, old: Track, new: Track) -> None:
        """Write what distinguishes the track `new` from `old`, as which it was read."""
        raw = self._tracks[new.index]
        if (old.is_muted, old.is_hidden) != (new.is_muted, new.is_hidden):
            kept = int(raw.get("attribute") or 0) & ~(MUTED_BIT | HIDDEN_BIT)
            raw["attribute"] = kept | MUTED_BIT * new.is_muted | HIDDEN_BIT * new.is_hidden
        known = {segment.id: segment for segment in old.segments}
        for segment in new.segments:
            if segment.id not in known:
                raise DraftError(f"Segment {segment.id} was added, which cannot be written back.")
            self._segment(known[segment.id], segment)
        kept_ids = {segment.id for segment in new.segments}
        gone = [self._segments[id_] for id_ in known if id_ not in kept_ids]
        if gone:
            raw["segments"] = [item for item in raw["segments"] if not any(item is other for other in gone)]

    def _segment(self, old: Segment, new: Segment) -> None:
        raw = self._segments[new.id]
        for field in fields_of(new):
            value = getattr(new, field.name)
            if value == getattr(old, field.name, None):
                continue
            if field.name == "material":
                self._material(new.id, getattr(old, "material", None), value)
                continue
            write = _WRITERS.get(field.name)
            if write is None:
                raise DraftError(f"Segment {new.id}: its {field.name} was changed, which cannot be written back.")
            write(raw, value)

    def _material(self, segment_id: str, old: object, new: object) -> None:
        files = (PictureMaterial, SoundMaterial)
        if not (isinstance(old, files) and isinstance(new, files)) or _but_path(old) != _but_path(new):
            raise DraftError(f"Segment {segment_id}: its material was changed, which cannot be written back.")
        for raw in self._materials["videos" if isinstance(new, PictureMaterial) else "audios"]:
            if raw.get("id") == new.id:
                raw["path"] = new.path


def _but_path(material: PictureMaterial | SoundMaterial) -> tuple[object, ...]:
    return tuple(getattr(material, field.name) for field in fields_of(material) if field.name != "path")


def _write_canvas(draft: Raw, canvas: Canvas) -> None:
    _inner(draft, "canvas_config").update(width=canvas.width_px, height=canvas.height_px)


def _write_transform(raw: Raw, transform: Transform) -> None:
    clip = _inner(raw, "clip")
    clip.update(alpha=transform.alpha, rotation=transform.rotation_deg)
    _inner(clip, "scale").update(x=transform.scale_x, y=transform.scale_y)
    _inner(clip, "transform").update(x=transform.shift_x, y=transform.shift_y)
    _inner(clip, "flip").update(horizontal=transform.flip_x, vertical=transform.flip_y)


def _inner(raw: Raw, key: str) -> Raw:
    """The object at `key`, put there where there is none."""
    inner = raw.get(key)
    if not isinstance(inner, dict):
        inner = raw[key] = {}
    return inner


def _writer_of_range(key: str) -> Callable[[Raw, TimeRange], None]:
    def write(raw: Raw, span: TimeRange) -> None:
        _inner(raw, key).update(start=span.start_us, duration=span.duration_us)

    return write


def _writer_of_value(key: str) -> Callable[[Raw, Any], None]:
    def write(raw: Raw, value: Any) -> None:
        raw[key] = value

    return write


#: How a changed field of a segment goes into its JSON.
_WRITERS: dict[str, Callable[[Raw, Any], None]] = {
    "is_visible": _writer_of_value("visible"),
    "render_index": _writer_of_value("render_index"),
    "source": _writer_of_range("source_timerange"),
    "target": _writer_of_range("target_timerange"),
    "transform": _write_transform,
    "volume": _writer_of_value("volume"),
}
