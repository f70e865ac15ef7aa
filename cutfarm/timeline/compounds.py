"""Compound clips: drafts within the draft."""

from __future__ import annotations

from dataclasses import replace

from cutfarm.errors import DraftEmpty, DraftError
from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Compound
from cutfarm.timeline.report import Report
from cutfarm.timeline.stage import Inner, Nest, SegmentSource, Stage

MAX_DEPTH = 8  #: drafts within drafts


def compound_of(source: SegmentSource) -> Material | None:
    """The draft that a clip shows in place of a file."""
    return next(iter(source.all_of("drafts")), None)


def read_compound(source: SegmentSource, material: Material, stub: Node, stage: Stage) -> Compound | None:
    """The compound clip that `material` holds; None where there is nothing in it to be seen or heard.

    `stub` is the item of `videos` that stands for it. What is not exact in it is noted with the ids of its own
    segments. Raises DraftError, naming the segment, for compound clips that hold themselves or lie too deep, and for
    drafts that cannot be rendered.
    """
    if material.id not in stage.inner:
        stage.inner[material.id] = _read(source, material, stage)
    inner = stage.inner[material.id]
    if inner is None:
        return None
    source.notes.include(inner.report)
    return Compound(
        id=material.id,
        name=fields.text(material.raw, "name") or fields.text(stub, "material_name"),
        timeline=inner.timeline,
        has_audio=fields.flag(stub, "has_audio", default=True),
    )


def _read(source: SegmentSource, material: Material, stage: Stage) -> Inner | None:
    nest = stage.nest
    if material.id in nest.ids:
        raise DraftError(f"Segment {source.id} shows a compound clip that holds itself.")
    if len(nest.ids) >= MAX_DEPTH:
        raise DraftError(f"Segment {source.id} lies in compound clips nested deeper than {MAX_DEPTH} levels.")
    draft = fields.node(material.raw, "draft")
    try:
        inner = nest.read(draft, Nest(nest.read, (*nest.ids, material.id), stage.canvas))
    except DraftEmpty:
        return None
    except DraftError as error:
        raise DraftError(f"In the compound clip of segment {source.id}: {error}") from error
    return Inner(replace(inner, report=Report(), origin={}), inner.report)
