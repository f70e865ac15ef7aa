"""Captions with every kind of look and of animation, for the draft of `benchmarks.every_element`."""

from __future__ import annotations

import json

from benchmarks.raw_draft import SECOND_US, Raw, RawDraft

_WORDS = ("In 进来", "Out 出去", "Loop 循环", "Every word sung", "竖排文字", "Bent line")
#: In, out and loop of each caption: type, name, resource id, microseconds.
_ANIMATIONS = (
    (("in", "弹入", "6887482184844710413", 500_000), ("out", "弹出", "6887482090351235592", 400_000)),
    (("in", "打字机 II", "6724920636403094028", 600_000), ("out", "随机飞出", "6872642497013617159", 500_000)),
    (("loop", "摇摆", "6724920869363126795", 800_000), ("in", "模糊", "6923094735116571150", 400_000)),
    (("in", "卡拉OK", "6771294855785091588", 900_000), ("out", "渐隐", "6724919382104871427", 400_000)),
    (("in", "向下飞入", "7088942186561016356", 500_000), ("out", "溶解", "6872642354898014728", 500_000)),
    (("in", "水平翻转", "7051512227353858590", 600_000), ("out", "故障", "7091567288385540622", 500_000)),
)


def caption_track(draft: RawDraft) -> None:
    """A track of captions, 1.6 s each: gradient and strokes, boxes, glow and texture, columns, an arc."""
    segments = []
    for number, (text, animations) in enumerate(zip(_WORDS, _ANIMATIONS, strict=True)):
        material = draft.material("texts", type="text", **_looks(number), content=_content(number, text))
        listed = [
            {"type": kind, "name": name, "resource_id": resource_id, "id": resource_id, "start": 0, "duration": us}
            for kind, name, resource_id, us in animations
        ]
        motion = draft.material("material_animations", type="sticker_animation", animations=listed)
        clip = {
            "alpha": 1.0,
            "rotation": 12.0 * (number % 3),
            "scale": {"x": 1.0, "y": 1.0},
            "transform": {"x": 0.1 * number - 0.3, "y": 0.6},
            "flip": {"horizontal": number == 5, "vertical": False},
        }
        keys = [
            {"time_offset": at, "values": [value], "curveType": "Line"} for at, value in ((0, 0.8), (SECOND_US, 1.4))
        ]
        curves = [{"property_type": "KFTypeScaleX", "material_id": "", "keyframe_list": keys}] if number == 1 else []
        segments.append(draft.segment(material, 1.6 * number, 1.6, motion, clip=clip, common_keyframes=curves))
    draft.track("text", segments)


def _content(number: int, text: str) -> str:
    red, sky = [1.0, 0.2, 0.1], [0.3, 0.7, 1.0]
    solid = {"render_type": "solid", "solid": {"color": sky}}
    gradient = {"render_type": "gradient", "gradient": {"color": [red, sky], "percent": [0.0, 1.0], "angle": 30.0}}
    texture = {"render_type": "texture", "texture": {"path": "assets/photo.png"}}
    fills = (gradient, solid, texture, solid, gradient, solid)
    stroke = {"width": 0.06, "content": {"render_type": "solid", "solid": {"color": [0.0, 0.0, 0.0]}}}
    style = {
        "range": [0, len(text)],
        "size": 10.0,
        "fill": {"content": fills[number]},
        "strokes": [stroke, {**stroke, "width": 0.03}],
        "shadows": [
            {"distance": 6.0, "angle": -45.0, "diffuse": 0.05, "content": {"solid": {"color": [0.1, 0.0, 0.2]}}}
        ],
        "bold": number == 0,
        "italic": number == 1,
        "underline": number == 2,
    }
    return json.dumps({"text": text, "styles": [style]}, ensure_ascii=False)


def _looks(number: int) -> Raw:
    box = {"background_color": "#204080", "background_alpha": 0.7, "background_round_radius": 0.4}
    return (
        {},
        {**box, "background_style": 1},
        {**box, "background_style": 2},
        {"letter_spacing": 0.1, "line_spacing": 0.2},
        {"typesetting": 1, "alignment": 1},
        {
            "text_curve": {"enable": True, "angle": 90.0},
            "single_char_bg_enable": True,
            "single_char_bg_color": "#803020",
            "single_char_bg_alpha": 0.8,
        },
    )[number]
