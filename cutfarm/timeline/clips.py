"""What a clip of a video track asks for in its own fields, and nobody here draws."""

from __future__ import annotations

from collections.abc import Iterator

from cutfarm.timeline import fields
from cutfarm.timeline.crops import corners_of, is_whole
from cutfarm.timeline.elements import Lost, is_neutral
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Content, PictureMaterial

_SEGMENT_SWITCHES = {
    "cartoon": Lost("cartoon", "The clip is drawn without its cartoon style."),
    "is_loop": Lost("loop", "The clip plays once."),
}
_MATERIAL_OBJECTS = {
    "beauty_body_auto_preset": "body retouching",
    "beauty_face_auto_preset": "face retouching",
    "beauty_face_preset_infos": "face retouching",
    "corner_pin": "corner pin",
    "gameplay": "generated effect",
    "object_locked": "camera tracking",
    "smart_motion": "smart motion",
    "video_mask_shadow": "mask shadow",
    "video_mask_stroke": "mask outline",
}
#: Parts of `video_algorithm` that only describe, or whose work is undone elsewhere.
_NOT_ALGORITHMS = frozenset(
    {"path", "reverse_path", "skip_algorithm_index", "story_video_modify_video_config", "time_range"}
)


def lost_in_segment(segment: Node) -> Iterator[Lost]:
    """Switches of the segment."""
    for key, lost in _SEGMENT_SWITCHES.items():
        if fields.flag(segment, key):
            yield lost


def lost_in_picture(material: Node, content: Content) -> Iterator[Lost]:
    """Processing that the item of `videos` asks for, which shows `content`."""
    if not isinstance(content, PictureMaterial) and not is_whole(corners_of(fields.node(material, "crop"))):
        yield Lost("crop", "The clip is drawn uncropped.")
    if fields.integer(fields.node(material, "matting"), "flag") != 0:
        yield Lost("cut-out", "The clip is drawn with its background.")
    if fields.integer(fields.node(material, "stable"), "stable_level") != 0:
        yield Lost("stabilisation", "The clip is drawn as it was shot.")
    for key, word in _MATERIAL_OBJECTS.items():
        if not is_neutral(material.get(key)):
            yield Lost(word, f"The clip is drawn without its {word}.")
    algorithms = fields.node(material, "video_algorithm")
    for key in algorithms:
        if key not in _NOT_ALGORITHMS and not is_neutral(algorithms[key]):
            word = key.removesuffix("_config").removesuffix("_configs").replace("_", " ")
            yield Lost("video processing", f"The clip is drawn without its {word}.")
