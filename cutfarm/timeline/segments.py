"""One segment of the draft, by the kind of its track."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from cutfarm.timeline import fields
from cutfarm.timeline.animations import note_text_motions, read_animations
from cutfarm.timeline.canvases import read_background
from cutfarm.timeline.captions import is_caption_material, read_caption
from cutfarm.timeline.clips import lost_in_picture, lost_in_segment
from cutfarm.timeline.compounds import compound_of, read_compound
from cutfarm.timeline.crops import read_crop
from cutfarm.timeline.curves import MAX_SCALE, MAX_SHIFT, curve_of
from cutfarm.timeline.elements import Lost, lost_elements
from cutfarm.timeline.fields import Node
from cutfarm.timeline.fills import colour_clip_of, read_fill
from cutfarm.timeline.keyframes import Clock, look_curves, read_curves
from cutfarm.timeline.looks import is_look, read_blend, read_chroma_key
from cutfarm.timeline.masks import read_mask
from cutfarm.timeline.materials import Material, picture_material, sound_material
from cutfarm.timeline.model import (
    ClipSegment,
    Content,
    Curve,
    Fill,
    OtherSegment,
    PictureMaterial,
    PictureSegment,
    Segment,
    SoundSegment,
    TextSegment,
    Transform,
    UnknownMaterial,
)
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.shapes import read_shape
from cutfarm.timeline.sounds import read_sound
from cutfarm.timeline.speed import Played, read_played
from cutfarm.timeline.stage import SegmentSource, Stage
from cutfarm.timeline.stickers import emoji_block, emoji_of, sticker_material
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.text_curves import LOOK_VALUES, can_be_keyed
from cutfarm.timeline.time import TimeRange
from cutfarm.timeline.transitions import read_transition
from cutfarm.timeline.words import read_words

#: The list under `materials` that holds the primary material, by kind of track.
BUCKETS = {
    "video": "videos",
    "audio": "audios",
    "text": "texts",
    "sticker": "stickers",
    "effect": "video_effects",
    "filter": "effects",
    "adjust": "effects",
}


def read_segment(kind: str, source: SegmentSource, stage: Stage) -> Segment:
    """A segment of a track of `kind`; what cannot be shown becomes an `OtherSegment` and a note.

    Raises DraftError, naming the segment, for times that cannot be.
    """
    if source.primary is None:
        source.notes.unsupported(kind, f"Its material is not in the draft, so the {kind or 'segment'} is left out.")
        return OtherSegment(**source.common())
    match kind, source.primary.bucket:
        case "video", "videos":
            return _picture(source, source.primary.raw, stage)
        case "audio", "audios":
            return _sound(source, source.primary.raw, stage)
        case "text", "texts":
            return _text(source, source.primary.raw, stage)
        case "sticker", "stickers":
            return _sticker(source, source.primary, stage)
        case "sticker", "shapes":
            return _shape(source, source.primary, stage)
        case _:
            return _other(kind, source, source.primary)


def _picture(source: SegmentSource, raw: Node, stage: Stage) -> Segment:
    compound = compound_of(source)
    content = read_compound(source, compound, raw, stage) if compound is not None else _shown(source, raw)
    if content is None:
        own = compound or Material("videos", source.id, raw)
        return _left_out(source, own, "compound clip", "The compound clip holds nothing to draw and is left out.")
    written = fields.time_range(source.raw, "source_timerange", f"Segment {source.id}")
    if isinstance(content, Fill) or (isinstance(content, PictureMaterial) and content.kind == "photo"):
        played = Played(TimeRange(0, source.target.duration_us), Fraction(1))
        clock = Clock(written.start_us if written else 0, Fraction(1), source.target.duration_us)
    else:
        played = _played(source, written, stage)
        clock = played.clock(source.target)
    if played.is_reversed and fields.text(raw, "reverse_path"):
        source.notes.close("reverse", "The clip's own file is played backwards, not the reversed copy of it.")
    _note_all(lost_in_picture(raw, content), source.notes)
    return _clip(
        source,
        stage,
        content,
        clock,
        **played.common(),
        transition=read_transition(source.of("transitions"), source.id),
    )


def _shown(source: SegmentSource, raw: Node) -> Content:
    colours = colour_clip_of(source)
    if colours is not None:
        return read_fill(source, colours, raw)
    return picture_material(raw, read_crop(fields.node(raw, "crop"), source.notes))


def _clip(source: SegmentSource, stage: Stage, content: Content, clock: Clock, /, **played: Any) -> ClipSegment:
    """A clip that shows `content`, `played` as the fields of a `MediaSegment` say."""
    curves = _curves(source, clock, stage, is_reversed=played.get("is_reversed", False))
    sound = read_sound(source, content, curves)
    looks = {
        "transform": _transform(source.raw),
        "uniform_scale": _uniform_scale(source.raw),
        "mask": read_mask(source, clock, stage.keys),
        "blend": read_blend(source),
        "chroma_key": read_chroma_key(source, curves),
        "background": read_background(source, is_nested=stage.is_nested),
        "animations": read_animations(source),
    }
    known = {**source.common(), **looks, **sound, **played, "curves": curves}
    rest = [material for material in source.further if not is_look(material)]
    unknown = _unknown(source, rest)
    if isinstance(content, PictureMaterial):
        return PictureSegment(**known, material=content, unknown=unknown)
    return ClipSegment(**known, material=content, unknown=unknown)


def _sticker(source: SegmentSource, own: Material, stage: Stage) -> Segment:
    resource_id = _resource_id(own.raw)
    if emoji := emoji_of(own.raw):
        source.notes.close("sticker", f"The size of the emoji {emoji} is a guess.", resource_id)
        return _words(source, emoji_block(own.raw, emoji, stage.canvas), stage)
    source.notes.close("sticker", "The size of the sticker is a guess.", resource_id)
    return _generated(source, stage, sticker_material(own.raw))


def _shape(source: SegmentSource, own: Material, stage: Stage) -> Segment:
    shape = read_shape(own.raw)
    if shape is None:
        return _left_out(source, own, "shape", "The shape is no polygon and is left out.")
    source.notes.close("shape", "The widths of the shape's border and corners are guesses.", _resource_id(own.raw))
    return _generated(source, stage, shape)


def _generated(source: SegmentSource, stage: Stage, content: Content) -> Segment:
    """A clip whose content and keys count from its own start."""
    length_us = source.target.duration_us
    clock = Clock(0, Fraction(1), length_us)
    return _clip(source, stage, content, clock, source=TimeRange(0, length_us), rate=Fraction(1))


def _sound(source: SegmentSource, raw: Node, stage: Stage) -> Segment:
    written = fields.time_range(source.raw, "source_timerange", f"Segment {source.id}")
    played = _played(source, written, stage)
    curves = _curves(source, played.clock(source.target), stage, is_reversed=played.is_reversed)
    material = sound_material(raw)
    return SoundSegment(
        **source.common(),
        **played.common(),
        **read_sound(source, material, curves),
        curves=curves,
        unknown=_unknown(source, source.further),
        material=material,
    )


def _text(source: SegmentSource, raw: Node, stage: Stage) -> Segment:
    effects = [material.raw for material in source.all_of("effects")]
    text = read_caption(raw, effects, stage.canvas, source.notes)
    speech = read_words(raw, text.text, source.target.duration_us)
    segment = _words(source, replace(text, words=speech.words), stage)
    if speech.is_recordings and any(animation.kind == "caption" for animation in segment.animations):
        source.notes.close("caption", "The clock of its words is the recording's; the first begins with the caption.")
    return segment


def _words(source: SegmentSource, text: TextBlock, stage: Stage) -> TextSegment:
    clock = Clock(0, Fraction(1), source.target.duration_us)
    looks = {name: values for name, values in LOOK_VALUES.items() if can_be_keyed(name, text)}
    animations = read_animations(source)
    note_text_motions(source, animations)
    segment = TextSegment(
        **source.common(),
        curves=read_curves(source.raw, clock, source.notes, stage.keys, looks=looks),
        unknown=_unknown(source, [material for material in source.further if not is_caption_material(material)]),
        text=text,
        transform=_transform(source.raw),
        uniform_scale=_uniform_scale(source.raw),
        animations=animations,
        look_curves=look_curves(source.raw, looks, clock, source.notes),
    )
    if curve_of(segment, "KFTypeGlobalAlpha") is None:
        return segment
    return replace(segment, text=replace(text, alpha=1.0))  # the keys stand for the material's own opacity


def _other(kind: str, source: SegmentSource, primary: Material) -> Segment:
    name = fields.text(primary.raw, "name").strip()
    word = kind or "segment of no kind"
    return _left_out(source, primary, word, f"The {word}{f' “{name}”' if name else ''} is left out.")


def _left_out(source: SegmentSource, own: Material, what: str, message: str) -> Segment:
    source.notes.unsupported(what, message, _resource_id(own.raw))
    others = tuple(material for material in source.further if material is not own)
    unknown = tuple(UnknownMaterial(m.bucket, m.id, m.raw) for m in (own, *others))
    return OtherSegment(**source.common(), unknown=unknown)


def _unknown(source: SegmentSource, rest: Iterable[Material]) -> tuple[UnknownMaterial, ...]:
    """What the segment asks for in vain, that of `rest` noted; the materials that ask for it, each once."""
    for lost, material in lost_elements(source.raw, rest):
        source.lose(material, lost.what, lost.message, lost.resource_id)
    _note_all(lost_in_segment(source.raw), source.notes)
    return tuple(source.lost.values())


def _note_all(found: Iterable[Lost], notes: SegmentNotes) -> None:
    for lost in found:
        notes.unsupported(lost.what, lost.message, lost.resource_id)


def _played(source: SegmentSource, written: TimeRange | None, stage: Stage) -> Played:
    return read_played(source.raw, source.further, written, source.target, stage.fps, source.notes)


def _curves(source: SegmentSource, clock: Clock, stage: Stage, *, is_reversed: bool) -> tuple[Curve, ...]:
    curves = read_curves(source.raw, clock, source.notes, stage.keys)
    if is_reversed and curves:
        source.notes.close("keyframe", "The keyframes of the reversed clip are timed as if it played forwards.")
    return curves


def _transform(raw: Node) -> Transform:
    """The placement in `clip`: scales held to 0…1000, shifts to ±1000, opacity to 0…1; what is no number is neutral.

    A scale of 0 shows nothing.
    """
    clip = fields.node(raw, "clip")
    scale, shift, flip = (fields.node(clip, key) for key in ("scale", "transform", "flip"))
    return Transform(
        alpha=fields.number(clip, "alpha", 1.0, low=0, high=1),
        scale_x=fields.number(scale, "x", 1.0, low=0, high=MAX_SCALE),
        scale_y=fields.number(scale, "y", 1.0, low=0, high=MAX_SCALE),
        rotation_deg=fields.number(clip, "rotation", low=-1e6, high=1e6),
        shift_x=fields.number(shift, "x", low=-MAX_SHIFT, high=MAX_SHIFT),
        shift_y=fields.number(shift, "y", low=-MAX_SHIFT, high=MAX_SHIFT),
        flip_x=fields.flag(flip, "horizontal"),
        flip_y=fields.flag(flip, "vertical"),
    )


def _uniform_scale(raw: Node) -> bool:
    return fields.flag(fields.node(raw, "uniform_scale"), "on", default=True)


def _resource_id(raw: Node) -> str:
    return fields.text(raw, "resource_id") or fields.text(raw, "effect_id")
