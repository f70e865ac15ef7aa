"""Colour clips: pictures of one colour or of a gradient."""

from __future__ import annotations

from cutfarm.timeline import fields
from cutfarm.timeline.colours import places_of, rgba_of
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Fill, Rgba
from cutfarm.timeline.stage import SegmentSource

_BLACK: Rgba = (0.0, 0.0, 0.0, 1.0)
_MOST_COLOURS = 64
_MOST_PX = 16_384


def colour_clip_of(source: SegmentSource) -> Material | None:
    """What a clip shows in place of a file if it is a colour clip."""
    return next((m for m in source.all_of("material_colors") if fields.flag(m.raw, "is_color_clip")), None)


def read_fill(source: SegmentSource, material: Material, stub: Node) -> Fill:
    """The colour clip that `material` holds; `stub` is the item of `videos` that stands for it.

    Its size is the stub's, else its own, else the canvas's. The places of a gradient's colours are parts or per cent;
    where there is not one for each colour they lie evenly. A clip without a readable colour is black, and noted.
    """
    raw = material.raw
    size_px = _size_px(stub) or _size_px(raw) or (0, 0)
    stops = _stops(raw) if fields.flag(raw, "is_gradient") else []
    if len(stops) < 2:
        solid = rgba_of(raw.get("solid_color")) or next((colour for _, colour in stops), None)
        if solid is None:
            source.lose(material, "colour clip", "The colour clip names no colour and is drawn black.")
        return Fill(material.id, *size_px, (solid or _BLACK,))
    source.notes.close("colour clip", "The direction of the colour clip's gradient is a guess.")
    places, colours = zip(*stops, strict=True)
    angle_deg = fields.number(raw, "gradient_angle", 90.0, low=-1e6, high=1e6)
    return Fill(material.id, *size_px, colours, places, angle_deg)


def _stops(raw: Node) -> list[tuple[float, Rgba]]:
    """(place, colour), ascending."""
    written = fields.values(raw, "gradient_colors")[:_MOST_COLOURS]
    colours = [colour for item in written if (colour := rgba_of(item)) is not None]
    places = places_of(fields.values(raw, "gradient_percents"), len(colours))
    return sorted(zip(places, colours, strict=True), key=lambda stop: stop[0])


def _size_px(raw: Node) -> tuple[int, int] | None:
    width, height = (round(fields.number(raw, side, low=0, high=_MOST_PX)) for side in ("width", "height"))
    return (width, height) if width > 0 and height > 0 else None
