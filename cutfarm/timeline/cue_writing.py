"""Cues as part of a draft, as the application writes imported subtitles: for a farm, which knows drafts alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cutfarm.timeline.model import TextSegment, Track
from cutfarm.timeline.text import TextBlock, TextStyle

Raw = dict[str, Any]

_NO_EXTRAS = 7  # of `check_flag`: neither stroke, background, shadow nor glow


def with_text_tracks(draft: Mapping[str, Any], tracks: Sequence[Track]) -> Raw:
    """The draft's JSON with `tracks` of captions after its own; what it held is not changed.

    Of their looks sizes, fonts, plain colours and letters are written, which is all that SubRip and WebVTT can ask for.
    """
    materials = draft.get("materials")
    known: Mapping[str, Any] = materials if isinstance(materials, Mapping) else {}
    captions = [segment for track in tracks for segment in track.segments if isinstance(segment, TextSegment)]
    return {
        **draft,
        "tracks": [*draft.get("tracks", ()), *(_track(track) for track in tracks)],
        "materials": {**known, "texts": [*(known.get("texts") or ()), *(_material(each.text) for each in captions)]},
    }


def _track(track: Track) -> Raw:
    captions = [segment for segment in track.segments if isinstance(segment, TextSegment)]
    return {
        "id": track.id,
        "type": "text",
        "attribute": 0,
        "segments": [_segment(segment, track.layer_index) for segment in captions],
    }


def _segment(segment: TextSegment, layer_index: int) -> Raw:
    transform = segment.transform
    return {
        "id": segment.id,
        "material_id": segment.text.material_id,
        "target_timerange": {"start": segment.target.start_us, "duration": segment.target.duration_us},
        "render_index": segment.render_index,
        "track_render_index": layer_index,
        "visible": True,
        "extra_material_refs": [],
        "clip": {
            "alpha": transform.alpha,
            "rotation": transform.rotation_deg,
            "scale": {"x": transform.scale_x, "y": transform.scale_y},
            "transform": {"x": transform.shift_x, "y": transform.shift_y},
            "flip": {"horizontal": False, "vertical": False},
        },
    }


def _material(block: TextBlock) -> Raw:
    content = {"text": block.text, "styles": [_style(style, block.text) for style in block.styles]}
    return {
        "id": block.material_id,
        "type": "text" if block.wrap_width is None else "subtitle",
        "content": json.dumps(content, ensure_ascii=False),
        "alignment": block.alignment,
        "letter_spacing": block.letter_spacing_em,
        "line_spacing": block.line_spacing,
        "line_max_width": 0.0 if block.wrap_width is None else block.wrap_width,
        "check_flag": _NO_EXTRAS,
    }


def _style(style: TextStyle, text: str) -> Raw:
    return {
        "range": [_utf16_units(text[: style.start]), _utf16_units(text[: style.end])],
        "size": style.size,
        "bold": style.bold,
        "italic": style.italic,
        "underline": style.underline,
        "font": {"id": style.font_id, "path": style.font_path},
        "fill": {
            "alpha": style.alpha,
            "content": {"render_type": "solid", "solid": {"alpha": 1.0, "color": list(style.colour)}},
        },
    }


def _utf16_units(text: str) -> int:
    """The draft counts characters beyond the basic plane twice."""
    return len(text) + sum(char > "\uffff" for char in text)
