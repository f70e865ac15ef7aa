"""What lies behind the clips of the main track."""

from __future__ import annotations

from cutfarm.timeline import fields
from cutfarm.timeline.colours import rgba_of
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Background, BlurBackground, ColourBackground, ImageBackground
from cutfarm.timeline.stage import SegmentSource

_NOTHING = frozenset({"", "none"})


def main_track_of(draft: Node) -> int | None:
    """Number of the main track among the draft's tracks: the lowest video track that holds anything.

    A track that the draft flags as an overlay is none; libraries flag no track. Tracks lie as their layers do.
    """
    by_track = fields.flag(draft, "render_index_track_mode_on")
    tracks = [
        (number, fields.nodes(track, "segments"))
        for number, track in enumerate(fields.nodes(draft, "tracks"))
        if fields.text(track, "type") == "video" and fields.integer(track, "flag") != 2
    ]

    def height(track: tuple[int, list[Node]]) -> tuple[int, int, int]:
        number, segments = track
        return (
            max(fields.integer(segment, "track_render_index") for segment in segments) if by_track else 0,
            fields.integer(segments[0], "render_index"),
            number,
        )

    lowest = min((track for track in tracks if track[1]), key=height, default=None)
    return None if lowest is None else lowest[0]


def read_background(source: SegmentSource, *, is_nested: bool) -> Background | None:
    """What covers the canvas behind a clip of the main track; None elsewhere, and where that is what shows anyway.

    A transparent colour is mixed with black. Black shows anyway, but within a compound clip, where gaps are clear.
    """
    if not source.is_on_main:
        return None
    for material in source.all_of("canvases"):
        background = _read(source, material)
        if background is not None:
            is_black = background == ColourBackground(0.0, 0.0, 0.0)
            return None if is_black and not is_nested else background
    return None


def _read(source: SegmentSource, material: Material) -> Background | None:
    raw = material.raw
    match fields.text(raw, "type"):
        case "canvas_color":
            return _colour(source, material)
        case "canvas_blur":
            source.notes.close("background", "The background is the clip's own picture with a guessed blur.")
            return BlurBackground(fields.number(raw, "blur", low=0, high=1))
        case "canvas_image":
            path = fields.text(raw, "image") or fields.text(raw, "album_image")
            if not path.strip():
                source.lose(material, "background", "The clip's background picture names no file and is drawn black.")
                return None
            return ImageBackground(path)
        case kind if kind not in _NOTHING:
            source.lose(material, "background", f"The clip's background, a {kind}, is drawn black.")
    return None


def _colour(source: SegmentSource, material: Material) -> ColourBackground | None:
    written = fields.text(material.raw, "color")
    if not written:
        return None
    colour = rgba_of(written)
    if colour is None:
        source.lose(material, "background", f"The clip's background colour {written} is drawn black.")
        return None
    red, green, blue, alpha = colour
    return ColourBackground(red * alpha, green * alpha, blue * alpha)
