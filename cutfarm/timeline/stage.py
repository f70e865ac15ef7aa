"""What the segments of a draft are read against, and a segment before its kind is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material, Materials
from cutfarm.timeline.model import Canvas, Timeline, UnknownMaterial
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.old_keyframes import NO_KEYS, DraftKeys
from cutfarm.timeline.report import Report
from cutfarm.timeline.time import TimeRange

ReadDraft = Callable[[Node, "Nest"], Timeline]


@dataclass(frozen=True, slots=True)
class Nest:
    """Where a draft stands: the compound clips around it, outermost first, and how drafts within it are read."""

    read: ReadDraft
    ids: tuple[str, ...] = ()  #: of the compound clips' materials
    canvas: Canvas | None = None  #: of the draft around it, for a draft that names none


@dataclass(frozen=True, slots=True)
class Inner:
    """A draft within the draft, which all segments that show it share."""

    timeline: Timeline  #: without its report and what it was read from
    report: Report


@dataclass(frozen=True, slots=True)
class Stage:
    """What all segments of a draft are read against."""

    materials: Materials
    canvas: Canvas
    fps: Fraction
    nest: Nest
    main_track: int | None = None  #: number of the track whose clips have backgrounds
    keys: DraftKeys = NO_KEYS  #: keyframes that lie outside of the segments
    inner: dict[str, Inner | None] = field(default_factory=dict)  #: drafts read already, by material; None: empty

    @property
    def is_nested(self) -> bool:
        """Whether the draft lies in a compound clip, so that what it does not draw is transparent."""
        return bool(self.nest.ids)


@dataclass(frozen=True, slots=True)
class SegmentSource:
    """A segment as written, with what is known of it before its kind is looked at."""

    raw: Node
    id: str
    target: TimeRange
    primary: Material | None
    further: tuple[Material, ...]
    notes: SegmentNotes
    is_on_main: bool = False  #: whether it lies on the main track
    is_muted: bool = False  #: whether its track is
    lost: dict[str, UnknownMaterial] = field(default_factory=dict)  #: materials that ask for something in vain, by id

    def common(self) -> dict[str, Any]:
        """The fields that all kinds of segment share, but for curves and unknown materials."""
        return {
            "id": self.id,
            "target": self.target,
            "render_index": fields.integer(self.raw, "render_index"),
            "is_visible": fields.flag(self.raw, "visible", default=True),
        }

    def of(self, bucket: str) -> Node | None:
        """The first further material from `bucket`."""
        return next((material.raw for material in self.further if material.bucket == bucket), None)

    def all_of(self, *buckets: str) -> list[Material]:
        """The further materials from any of `buckets`."""
        return [material for material in self.further if material.bucket in buckets]

    def lose(self, material: Material, what: str, message: str, resource_id: str = "") -> None:
        """Note that something that `material` asks for is not drawn or not heard, and keep the material."""
        self.notes.unsupported(what, message, resource_id)
        self.lost.setdefault(material.id, UnknownMaterial(material.bucket, material.id, material.raw))
