"""A draft that holds an element of every kind that is drawn, and the media that it plays.

`python -m benchmarks.every_element FOLDER` writes both, ready for `cutfarm render FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.every_caption import caption_track
from benchmarks.every_sound import sound_track
from benchmarks.every_sound_media import write_tone
from benchmarks.raw_draft import CANVAS_PX, FPS, SECOND_US, Raw, RawDraft
from cutfarm.media.colour import RANGE_LIMITED, SWS_BT709, tag_frame, tag_stream

_MASKS = (
    ("line", "line", "6791652175668843016", {"rotation": 30.0, "feather": 0.3, "centerY": 0.1}),
    ("mirror", "mirror", "7374021024985125377", {"rotation": -20.0, "height": 0.4, "feather": 0.2}),
    ("circle", "circle", "6791700663249146381", {"width": 0.5, "height": 0.6, "feather": 0.1}),
    ("rectangle", "rectangle", "7374021450748924432", {"width": 0.6, "height": 0.5, "roundCorner": 0.5}),
    ("爱心", "geometric_shape", "6794051276482023949", {"width": 0.6, "height": 0.7, "rotation": 10.0}),
    ("Stars", "pentagram", "7374021798087627265", {"width": 0.7, "height": 0.8, "invert": True}),
    ("Text", "text", "7439320146876830225", {"feather": 0.05}),
    ("circle", "circle", "7374021188315517456", {"width": 0.4, "height": 0.4, "expansion": 0.3}),
)
_BLENDS = (
    ("正片叠底", "871333"),
    ("颜色减淡", "871334"),
    ("颜色加深", "871335"),
    ("线性加深", "871336"),
    ("柔光", "871337"),
    ("强光", "871338"),
    ("滤色", "871339"),
    ("叠加", "871340"),
    ("变亮", "871341"),
    ("变暗", "871342"),
)


def every_element() -> Raw:
    """The draft's JSON: ten seconds of 640 × 360."""
    draft = RawDraft("outer")
    _main_track(draft)
    _masked_track(draft)
    _blended_track(draft)
    _keyed_track(draft)
    _compound_track(draft)
    _sticker_track(draft)
    content = json.dumps({"text": "每个元素 every element", "styles": [{"range": [0, 20], "size": 8.0}]})
    text = draft.material("texts", type="text", content=content)
    draft.track(
        "text", [draft.segment(text, 0.5, 9, clip=_clip(y=-0.85), common_keyframes=[_eased("KFTypePositionX")])]
    )
    caption_track(draft)
    sound_track(draft)
    return draft.whole(10)


def _clip(scale: float = 1.0, x: float = 0.0, y: float = 0.0, **values: Any) -> Raw:
    return {
        "alpha": 1.0,
        "rotation": 0.0,
        "scale": {"x": scale, "y": scale},
        "transform": {"x": x, "y": y},
        "flip": {"horizontal": False, "vertical": False},
        **values,
    }


def _key(at_us: int, value: float, **values: Any) -> Raw:
    return {"time_offset": at_us, "values": [value], "curveType": "Line", **values}


def _eased(kind: str, low: float = -0.2, high: float = 0.2) -> Raw:
    controls = {"right_control": {"x": 640_000, "y": (high - low) * 0.94}}
    arrival = {"left_control": {"x": -800_000, "y": 0.0}, "curveType": "FreeCurveInOut"}
    keys = [_key(0, low, curveType="FreeCurveInOut", **controls), _key(2 * SECOND_US, high, **arrival)]
    return {"property_type": kind, "material_id": "", "keyframe_list": keys}


def _main_track(draft: RawDraft) -> None:
    upright = {"upper_left_x": 0.1, "upper_left_y": 0.1, "upper_right_x": 0.9, "upper_right_y": 0.1}
    upright |= {"lower_left_x": 0.1, "lower_left_y": 0.8, "lower_right_x": 0.9, "lower_right_y": 0.8}
    turned = {"upper_left_x": 0.2, "upper_left_y": 0.1, "upper_right_x": 0.9, "upper_right_y": 0.25}
    turned |= {"lower_left_x": 0.1, "lower_left_y": 0.75, "lower_right_x": 0.8, "lower_right_y": 0.9}
    blur = draft.material("canvases", type="canvas_blur", blur=0.375)
    colour = draft.material("canvases", type="canvas_color", color="#204060")
    image = draft.material("canvases", type="canvas_image", image="assets/photo.png")
    mix = draft.material(
        "transitions", name="叠化", resource_id="6724845717472416269", duration=600_000, is_overlap=True
    )
    points = [{"x": 0.0, "y": 0.5}, {"x": 0.4, "y": 3.0}, {"x": 1.0, "y": 1.0}]
    curve = draft.material("speeds", mode=1, speed=1.2, curve_speed={"name": "curve", "speed_points": points})
    gradient = draft.material(
        "material_colors",
        is_color_clip=True,
        is_gradient=True,
        gradient_colors=["#FF8000FF", "#0040FFFF"],
        gradient_percents=[0.0, 1.0],
        gradient_angle=45.0,
    )
    cropped = draft.video("assets/clip.mp4", crop=upright)
    plain = draft.video("assets/clip.mp4")
    tilted = draft.video("assets/clip.mp4", crop=turned)
    stub = draft.video("", "photo", CANVAS_PX)
    zoom = [_eased("KFTypeScaleX", 0.5, 0.9)]
    draft.track(
        "video",
        [
            draft.segment(cropped, 0, 2.5, blur, mix, source_s=1, clip=_clip(0.7), common_keyframes=zoom),
            draft.segment(plain, 2.5, 2.5, colour, source_s=2, clip=_clip(0.8, rotation=15.0), reverse=True),
            draft.segment(tilted, 5, 2.5, image, curve, source_s=0, clip=_clip(0.9)),
            draft.segment(stub, 7.5, 2.5, gradient),
        ],
        flag=0,
    )


def _masked_track(draft: RawDraft) -> None:
    photo = draft.video("assets/photo.png", "photo")
    segments = []
    for place, (name, kind, resource, config) in enumerate(_MASKS):
        mask = draft.material(
            "common_mask" if place % 2 else "masks",
            type="mask",
            name=name,
            resource_type=kind,
            resource_id=resource,
            constant_material_id=f"mask {place}",
            config={"width": 0.5, "height": 0.5, "centerX": 0.0, "centerY": 0.0, "aspectRatio": 1.0, **config},
            text_config={"content": "面具 MASK", "font_size": 40.0, "scale": 1.0} if kind == "text" else None,
        )
        keys = [_key(0, -0.4), _key(1_200_000, 0.4)]
        moved = {"property_type": "KFTypeCommonMaskPositionX", "material_id": f"mask {place}", "keyframe_list": keys}
        placed = _clip(0.4, -0.55, 0.5, rotation=10.0 * place)
        frames = [moved] if place == 7 else []
        segments.append(draft.segment(photo, 1.25 * place, 1.25, mask, clip=placed, common_keyframes=frames))
    draft.track("video", segments, flag=2)


def _blended_track(draft: RawDraft) -> None:
    photo = draft.video("assets/photo.png", "photo")
    segments = []
    for place, (name, effect) in enumerate(_BLENDS):
        mode = draft.material("effects", type="mix_mode", name=name, effect_id=effect, value=0.9)
        segments.append(draft.segment(photo, place, 1, mode, clip=_clip(0.45, 0.5, 0.45)))
    draft.track("video", segments, flag=2)


def _keyed_track(draft: RawDraft) -> None:
    green = draft.video("assets/green.mp4")
    key = draft.material(
        "chromas", color="#14ad00ff", intensity_value=0.4, shadow_value=0.2, edge_smooth_value=0.2, spill_value=0.3
    )
    frames = [_eased("KFTypePositionY", -0.6, 0.2), _eased("KFTypeRotation", 0.0, 40.0)]
    draft.track(
        "video", [draft.segment(green, 0, 8, key, source_s=0, clip=_clip(0.5), common_keyframes=frames)], flag=2
    )


def _compound_track(draft: RawDraft) -> None:
    inmost = RawDraft("inmost")
    inmost.track(
        "video", [inmost.segment(inmost.video("assets/photo.png", "photo"), 0, 4, clip=_clip(0.5, rotation=45.0))]
    )
    inner = RawDraft("inner")
    inner.track("video", [inner.segment(inner.video("assets/clip.mp4"), 0, 4, source_s=1, clip=_clip(0.8, -0.2))])
    nested = inner.material("drafts", type="combination", name="inmost", draft=inmost.whole(4))
    stub = inner.video("", size_px=CANVAS_PX)
    inner.track("video", [inner.segment(stub, 0.5, 3, nested, source_s=0, clip=_clip(0.8, 0.4))], flag=2)
    pop = {"type": "in", "name": "弹入", "resource_id": "6887482184844710413", "start": 0, "duration": SECOND_US}
    motion = inner.material("material_animations", type="sticker_animation", animations=[pop])
    words = inner.material("texts", type="text", content=json.dumps({"text": "Within", "styles": [{"size": 12.0}]}))
    inner.track("text", [inner.segment(words, 0.5, 3, motion, clip=_clip(y=-0.5))])
    compound = draft.material("drafts", type="combination", name="inner", draft=inner.whole(4))
    speed = draft.material("speeds", mode=0, speed=0.5)
    mask = draft.material(
        "masks", type="mask", name="圆形", resource_type="circle", config={"width": 0.7, "height": 0.9, "feather": 0.1}
    )
    placed = _clip(0.4, 0.55, -0.4, flip={"horizontal": True, "vertical": False}, alpha=0.9)
    canvas = draft.video("", size_px=CANVAS_PX)
    segment = draft.segment(canvas, 1, 6, compound, speed, mask, source_s=0.5, source_length_s=3, clip=placed)
    draft.track("video", [segment], flag=2)


def _sticker_track(draft: RawDraft) -> None:
    moving = draft.material("stickers", type="sticker", resource_id="7000000000000000001", path="assets/sticker.gif")
    emoji = draft.material("stickers", type="emoji", unicode="1f600")
    points = [{"x": -60.0, "y": -40.0}, {"x": 60.0, "y": -40.0}, {"x": 0.0, "y": 70.0}]
    shape = draft.material("shapes", type="shape", custom_points=points, roundness=10.0)
    pop = draft.material(
        "material_animations", type="sticker_animation", animations=[{"type": "in", "name": "pop", "duration": 300_000}]
    )
    draft.track(
        "sticker",
        [
            draft.segment(moving, 0, 4, pop, clip=_clip(0.6, -0.7, -0.4)),
            draft.segment(emoji, 4, 2, clip=_clip(0.8, -0.7, -0.4)),
            draft.segment(shape, 6, 4, clip=_clip(1.0, -0.7, -0.3, rotation=20.0)),
        ],
    )


def write_folder(folder: Path) -> Path:
    """Write the draft and its media into `folder`, which is made; returns the folder."""
    assets = folder / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (folder / "draft_content.json").write_text(json.dumps(every_element(), ensure_ascii=False), encoding="utf-8")
    _write_film(assets / "clip.mp4", _patterned)
    _write_film(assets / "green.mp4", _on_green)
    Image.fromarray(_patterned(0)[:, ::-1]).save(assets / "photo.png")
    stars = [_star(number) for number in range(8)]
    stars[0].save(
        assets / "sticker.gif", save_all=True, append_images=stars[1:], duration=80, loop=0, disposal=2, optimize=False
    )
    write_tone(assets / "song.wav")
    return folder


def _write_film(path: Path, picture: Any) -> None:
    """Tagged BT.709: untagged, films so small count as BT.601, and a GPU scales and converts them in another order."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "18", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        tag_stream(stream.codec_context)
        for number in range(10 * FPS):
            rgb = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame = rgb.reformat(format="yuv420p", dst_colorspace=SWS_BT709, dst_color_range=RANGE_LIMITED)
            tag_frame(frame)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def _patterned(number: int) -> NDArray[np.uint8]:
    """Ramps, a ring and a bar that moves with the frame's number, (180, 320, 3) uint8."""
    y, x = np.mgrid[0:180, 0:320]
    rgb = np.stack((x * 255 / 319, y * 255 / 179, 255 - x * 200 / 319), -1)
    rgb[np.abs(np.hypot(x - 160, y - 90) - 60) < 4] = (255, 255, 255)
    rgb[:, number * 2 % 320 : number * 2 % 320 + 8] = (250, 250, 40)
    rgb[:6], rgb[-6:], rgb[:, :6], rgb[:, -6:] = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
    return rgb.astype(np.uint8)


def _on_green(number: int) -> NDArray[np.uint8]:
    """A red disc that swings before a green screen, (180, 320, 3) uint8."""
    image = Image.new("RGB", (320, 180), (20, 173, 0))
    x = 160 + 60 * math.sin(number / 15)
    ImageDraw.Draw(image).ellipse((x - 50, 40, x + 50, 140), fill=(200, 60, 60))
    return np.asarray(image)


def _star(number: int) -> Image.Image:
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    angles = [math.radians(36 * corner - 90 + 9 * number) for corner in range(10)]
    radii = [55 if corner % 2 == 0 else 22 for corner in range(10)]
    corners = [(60 + r * math.cos(a), 60 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    ImageDraw.Draw(image).polygon(corners, fill=(255, 200, 0, 255))
    return image


def main() -> None:
    """Write the folder that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(write_folder(parser.parse_args().folder))


if __name__ == "__main__":
    main()
