"""Captions that nobody writes, for the fuzzers: mutations that know the fields of a text material.

`mutated_captions` changes texts, ranges, looks, animations, words, boxes, curves and keys of a draft; what `content`
holds as JSON within JSON is changed inside.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any

from cutfarm.catalogue.text_motions import text_motions

Raw = dict[str, Any]

_NUMBERS = (0, 1, -1, 2, 0.5, -0.25, 1e-9, 1e-300, 1e9, -1e308, 10**30, float("nan"), float("inf"), 45, 90, 359.9, 1000)
_RANGES = (-1, 0, 1, 2, 3, 5, 1000, 2**31, -(2**63), 0.5, None, "x", float("nan"))
_COLOURS = ("#ff0000", "#ff000080", "#zz", "", "red", [1, 0, 0], [2, -1, 300], [255, 0, 0], [0.5], None, [None] * 3)
_TEXTS = (
    *("", " ", "\n", "a", "字", "\ud800", "a\udc00b", "\x00\x07\x1b", "\u202eabc\u2066", "a" + "\u0301" * 300),
    *("👨\u200d👩\u200d👧", "🇩🇪🇩", "مرحبا بالعالم", "नमस्ते", "สวัสดี", "\U0010fffd", "\u200b\ufeff", "Word " * 300),
    *("长" * 3000, "\n" * 3000, "<size=5>x</size>", "[a]<color=(1,0,0,1)>b", '{"text": 3}', "{", "a\r\nb\u2028c"),
)
_PATHS = (
    "",
    "x.ttf",
    "assets/photo.png",
    "assets/song.wav",
    "/etc/passwd",
    "../../a.ttf",
    "\x00",
    "C:\\Fonts\\simhei.ttf",
)
_SWITCHES = ("bold", "italic", "underline", "useLetterColor")
_FIELDS = (
    *("alignment", "typesetting", "letter_spacing", "line_spacing", "line_max_width", "fixed_width", "fixed_height"),
    *("global_alpha", "check_flag", "border_width", "border_alpha", "shadow_distance", "shadow_angle", "font_size"),
    *("shadow_smoothing", "shadow_alpha", "background_style", "background_alpha", "background_round_radius"),
    *("background_width", "background_height", "background_horizontal_offset", "background_vertical_offset"),
    *("single_char_bg_alpha", "single_char_bg_round_radius", "single_char_bg_width", "bold_width", "italic_degree"),
)
_COLOUR_FIELDS = ("text_color", "border_color", "shadow_color", "background_color", "single_char_bg_color")
_KEYED = (
    *("KFTypeTextColor", "KFTypeTextAlpha", "KFTypeTextCurveAngle", "KFTypeTextGradientColor", "KFTypeBorderWidth"),
    *("KFTypeBorderColor", "KFTypeShadowDistance", "KFTypeShadowSmoothing", "KFTypeShadowPoint", "KFTypeBloomRange"),
    *("KFTypeBackgroundColor", "KFTypeBackgroundWidth", "KFTypeBackgroundRoundRadius", "KFTypeTextGradientPercent"),
    *("KFTypePositionX", "KFTypeScaleX", "KFTypeRotation", "KFTypeGlobalAlpha"),
)


def mutated_captions(draft: Any, chance: random.Random) -> Any:
    """A copy of `draft` in which up to six things of each of some captions and of how they move are changed."""
    copy = json.loads(json.dumps(draft))
    if not isinstance(copy, dict):
        return copy
    materials = copy.get("materials") or {}
    for material in (item for item in materials.get("texts") or () if isinstance(item, dict)):
        for _ in range(chance.randint(0, 6)):
            chance.choice(_CHANGES)(material, chance)
    for animated in (item for item in materials.get("material_animations") or () if isinstance(item, dict)):
        if chance.random() < 0.7:
            animated["animations"] = [_animation(chance) for _ in range(chance.choice((0, 1, 1, 2, 3, 30)))]
    for segment in _text_segments(copy):
        if chance.random() < 0.3:
            segment["common_keyframes"] = [_curve(chance) for _ in range(chance.choice((1, 2, 5)))]
    return copy


def _text_segments(draft: Raw) -> list[Raw]:
    tracks = [track for track in draft.get("tracks") or () if isinstance(track, dict) and track.get("type") == "text"]
    return [item for track in tracks for item in track.get("segments") or () if isinstance(item, dict)]


def _flat(material: Raw, chance: random.Random) -> None:
    material[chance.choice(_FIELDS)] = chance.choice(_NUMBERS)


def _coloured(material: Raw, chance: random.Random) -> None:
    material[chance.choice(_COLOUR_FIELDS)] = chance.choice(_COLOURS)


def _plain(material: Raw, chance: random.Random) -> None:
    material["content"] = chance.choice(_TEXTS)


def _boxed(material: Raw, chance: random.Random) -> None:
    material |= {"single_char_bg_enable": chance.random() < 0.7, "background_style": chance.choice((0, 1, 2, 3, -1))}


def _bent(material: Raw, chance: random.Random) -> None:
    material["text_curve"] = {"enable": chance.choice((True, None)), "angle": chance.choice(_NUMBERS)}


def _spoken(material: Raw, chance: random.Random) -> None:
    count = chance.choice((0, 1, 3, 50))
    times = [[chance.choice((*_RANGES, 100, 500, 900)) for _ in range(count + chance.choice((0, 0, 1)))] for _ in "se"]
    texts = [chance.choice(_TEXTS) for _ in range(count)]
    material["words"] = {"start_time": times[0], "end_time": times[1], "text": texts}


def _styled(material: Raw, chance: random.Random) -> None:
    """Changes within the JSON of `content`."""
    try:
        content = json.loads(material.get("content", ""))
    except (TypeError, ValueError):
        content = None
    if not isinstance(content, dict):
        content = {"text": chance.choice(_TEXTS), "styles": [{"size": 8}]}
    if chance.random() < 0.3:
        content["text"] = chance.choice((*_TEXTS, None, 3, []))
    styles = content.get("styles")
    content["styles"] = styles if isinstance(styles, list) else []
    if chance.random() < 0.3:
        content["styles"] += [{} for _ in range(chance.choice((1, 3, 400)))]
    for style in content["styles"][:20]:
        if isinstance(style, dict):
            _restyle(style, chance)
    material["content"] = json.dumps(content)


def _restyle(style: Raw, chance: random.Random) -> None:
    match chance.randrange(8):
        case 0:
            style["range"] = [chance.choice(_RANGES) for _ in range(chance.choice((0, 1, 2, 2, 2, 3)))]
        case 1:
            style["size"] = chance.choice((*_NUMBERS, "x", None))
        case 2:
            style["fill"] = {"alpha": chance.choice(_NUMBERS), "content": _paint(chance)}
        case 3:
            strokes = range(chance.choice((0, 1, 2, 30)))
            style["strokes"] = [{"width": chance.choice(_NUMBERS), "content": _paint(chance)} for _ in strokes]
        case 4:
            style["shadows"] = [_shadow(chance) for _ in range(chance.choice((0, 1, 2, 30)))]
        case 5:
            style["font"] = {"id": chance.choice(("", "1", "\ud800")), "path": chance.choice(_PATHS)}
        case 6:
            style["effectStyle"] = {
                "id": chance.choice(("", "7", "6896144021568179469")),
                "path": chance.choice(_PATHS),
            }
        case _:
            style[chance.choice(_SWITCHES)] = chance.choice((True, False, None, 1, "x"))


def _paint(chance: random.Random) -> Any:
    if chance.random() < 0.1:
        return chance.choice((None, [], "x", 3))
    count = chance.choice((0, 1, 2, 3, 200))
    colours, places = ([chance.choice(from_) for _ in range(count)] for from_ in (_COLOURS, _NUMBERS))
    return {
        "render_type": chance.choice(("solid", "gradient", "texture", "x", None)),
        "solid": {"alpha": chance.choice(_NUMBERS), "color": chance.choice(_COLOURS)},
        "gradient": {"color": colours, "percent": places, "alpha": places, "angle": chance.choice(_NUMBERS)},
        "texture": {"path": chance.choice(_PATHS)},
    }


def _shadow(chance: random.Random) -> Raw:
    numbers = {name: chance.choice(_NUMBERS) for name in ("angle", "distance", "diffuse", "alpha", "feather")}
    return {**numbers, "content": _paint(chance)}


def _animation(chance: random.Random) -> Any:
    if chance.random() < 0.05:
        return chance.choice((None, [], "x", {}))
    kind = chance.choice(("in", "out", "loop", "caption", "group", "x"))
    start, length = (chance.choice((0, 1, -5, 100_000, 500_000, 2_000_000, 10**18, None, "x")) for _ in "sl")
    return {"type": kind, "name": chance.choice(_names()), "resource_id": "", "start": start, "duration": length}


@cache
def _names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(motion.name for kind in ("in", "out", "loop") for motion in text_motions(kind)))


def _curve(chance: random.Random) -> Raw:
    keys = [
        {
            "time_offset": chance.choice((0, 100_000, 500_000, -1, 10**15, None)),
            "values": [chance.choice(_NUMBERS) for _ in range(chance.choice((0, 1, 4)))],
            "curveType": "Line",
        }
        for _ in range(chance.choice((0, 1, 2, 10)))
    ]
    return {"property_type": chance.choice(_KEYED), "material_id": "", "keyframe_list": keys}


_CHANGES: tuple[Callable[[Raw, random.Random], None], ...] = (
    *(_flat, _flat, _coloured, _plain, _boxed, _bent, _spoken),
    *(_styled, _styled, _styled, _styled),
)
