"""Eight frames of every reference draft: `python -m benchmarks.contact_sheets OUT [--height 360] [NAME …]`.

Each draft of ../shared/drafts gets stand-in media and is rendered whole with `cutfarm render`; ffprobe counts the
frames. Above stand the frames, below the same with the outlines of all clips, worked out here from the draft's JSON
alone and not by the renderer: they must lie on the pictures' edges. OUT/NAME.png is the sheet, OUT/NAME.json the
report of what is not exact. FOLDER/draft_content.json in place of a name renders that draft with its own media.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw

from benchmarks.shared_drafts import drafts, exports_something, render, stand_in

FRAMES = 8
LABEL_PX = 26
COLOURS = ("#ff4040", "#40ff40", "#4080ff", "#ffff40", "#ff40ff", "#40ffff", "#ff9020", "#ffffff")

Raw = dict[str, Any]
Corners = list[tuple[float, float]]


def outlines(draft: Raw, at_us: float) -> Iterator[tuple[int, str, Corners]]:
    """(track, what, corners in parts of the canvas) of each clip at an instant, by the format's §4 in plain floats."""
    materials = {item["id"]: item for item in draft["materials"].get("videos") or [] if "id" in item}
    canvas = draft["canvas_config"]
    for number, track in enumerate(draft["tracks"]):
        for segment in track["segments"]:
            span, clip = segment["target_timerange"], segment.get("clip")
            material = materials.get(segment.get("material_id"))
            is_shown = span["start"] <= at_us < span["start"] + span["duration"] and segment.get("visible", True)
            if not (is_shown and clip and material and material.get("width") and material.get("height")):
                continue
            corners = placed(shown_size(material), state(segment, clip, at_us), canvas["width"], canvas["height"])
            yield number, str(material.get("material_name") or material.get("type")), corners


def shown_size(material: Raw) -> tuple[float, float]:
    """Width and height of what the crop leaves."""
    crop = material.get("crop") or {}
    corner = {
        name: (crop.get(f"{name}_x", x) * material["width"], crop.get(f"{name}_y", y) * material["height"])
        for name, x, y in (("upper_left", 0, 0), ("upper_right", 1, 0), ("lower_left", 0, 1))
    }
    return (
        math.dist(corner["upper_left"], corner["upper_right"]),
        math.dist(corner["upper_left"], corner["lower_left"]),
    )


def state(segment: Raw, clip: Raw, at_us: float) -> dict[str, float]:
    """Scale, rotation and shift, keyed ones straight between their keys."""
    scale, shift = clip.get("scale") or {}, clip.get("transform") or {}
    values = {
        "KFTypeScaleX": scale.get("x", 1.0),
        "KFTypeScaleY": scale.get("y", 1.0),
        "KFTypeRotation": clip.get("rotation", 0.0),
        "KFTypePositionX": shift.get("x", 0.0),
        "KFTypePositionY": shift.get("y", 0.0),
    }
    source, target = segment.get("source_timerange"), segment["target_timerange"]
    rate = source["duration"] / target["duration"] if source else 1.0
    media_us = (at_us - target["start"]) * rate + (source["start"] if source else 0)
    keyed = {item["property_type"]: item["keyframe_list"] for item in segment.get("common_keyframes") or []}
    for name in values.keys() & keyed.keys():
        values[name] = between(sorted((key["time_offset"], key["values"][0]) for key in keyed[name]), media_us)
    is_uniform = (segment.get("uniform_scale") or {}).get("on", True)
    if is_uniform and "KFTypeScaleX" in keyed and "KFTypeScaleY" not in keyed:
        values["KFTypeScaleY"] = values["KFTypeScaleX"]
    return values


def between(keys: list[tuple[float, float]], at: float) -> float:
    """The value at `at`, ends held."""
    if at <= keys[0][0]:
        return keys[0][1]
    for (left, low), (right, high) in pairwise(keys):
        if at < right:
            return low + (high - low) * (at - left) / (right - left)
    return keys[-1][1]


def placed(size: tuple[float, float], values: dict[str, float], width: float, height: float) -> Corners:
    """The corners of a picture contained, scaled, turned clockwise and shifted, in parts of the canvas."""
    fit = min(width / size[0], height / size[1])
    half_x, half_y = size[0] * fit * values["KFTypeScaleX"] / 2, size[1] * fit * values["KFTypeScaleY"] / 2
    angle = math.radians(values["KFTypeRotation"])
    cosine, sine = math.cos(angle), math.sin(angle)
    centre_x = width / 2 * (1 + values["KFTypePositionX"])
    centre_y = height / 2 * (1 - values["KFTypePositionY"])
    around = ((-half_x, -half_y), (half_x, -half_y), (half_x, half_y), (-half_x, half_y))
    return [
        ((centre_x + x * cosine - y * sine) / width, (centre_y + x * sine + y * cosine) / height) for x, y in around
    ]


def frames_of(video: Path, numbers: list[int]) -> list[Image.Image]:
    """The frames of those numbers."""
    with av.open(str(video)) as container:
        wanted = set(numbers)
        decoded = enumerate(container.decode(video=0))
        return [frame.to_image() for number, frame in decoded if number in wanted]


def sheet(draft: Raw, video: Path, count: int, path: Path) -> None:
    """Write the contact sheet of a rendered draft."""
    numbers = sorted({round((place + 0.5) * count / FRAMES - 0.5) for place in range(FRAMES)})
    pictures = frames_of(video, numbers)
    width, height = pictures[0].size
    columns = FRAMES if width < height else FRAMES // 2
    block = 2 * (height + LABEL_PX)
    page = Image.new("RGB", (width * columns, block * -(-len(pictures) // columns)), "#202020")
    pen = ImageDraw.Draw(page)
    for place, (number, picture) in enumerate(zip(numbers, pictures, strict=True)):
        at_us = number * 1e6 / draft["fps"]
        left, top = place % columns * width, place // columns * block
        second = top + height + LABEL_PX
        page.paste(picture, (left, top))
        page.paste(picture.point(lambda value: value // 2), (left, second))
        found = list(outlines(draft, at_us))
        for track, _, corners in found:
            points = [(left + x * width, second + y * height) for x, y in corners]
            pen.line([*points, points[0]], fill=COLOURS[track % len(COLOURS)], width=1)
        pen.text((left + 2, top + height + 1), f"{at_us / 1e6:.2f} s  frame {number}", fill="white")
        names = ", ".join(f"{track}:{name}" for track, name, _ in found)
        pen.text((left + 2, top + height + 13), names[: width // 6].encode("ascii", "replace").decode(), fill="#b0b0b0")
    page.save(path)


def counted(video: Path) -> int:
    """Frames by ffprobe."""
    asked = ["-v", "error", "-select_streams", "v", "-count_packets", "-show_entries", "stream=nb_read_packets"]
    done = subprocess.run(["ffprobe", *asked, "-of", "csv=p=0", str(video)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def one(source: Path, out: Path, height: int) -> tuple[str, bool]:
    """Render a draft and write its sheet; the line of the table and whether it is as it should be."""
    draft = json.loads(source.read_text(encoding="utf-8"))
    is_whole = (source.parent / "assets").is_dir()
    name = source.parent.name if is_whole else source.stem
    with tempfile.TemporaryDirectory(prefix="cutfarm-sheet-") as scratch:
        folder, video = Path(scratch) / "draft", Path(scratch) / f"{name}.mp4"
        if is_whole:
            folder = source.parent
        else:
            stand_in(source, folder, height)
        took_s, code, words, entries = render(folder, video, height)
        if code:
            return f"{name:28} {' '.join(words)}", not exports_something(source)
        count = counted(video)
        shown = json.loads((folder / "draft_content.json").read_text(encoding="utf-8"))
        sheet(shown, video, count, out / f"{name}.png")
    (out / f"{name}.json").write_text(json.dumps(entries, indent=1, ensure_ascii=False), encoding="utf-8")
    expected = max(round(draft["duration"] * draft["fps"] / 1e6), 1)
    words = [f"{count} frames of {expected}", f"{len(entries)} entries", f"{took_s:.1f} s"]
    return f"{name:28} {', '.join(words)}", count == expected


def main() -> int:
    """Render all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--height", type=int, default=360)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    own = [Path(name) for name in arguments.names if name.endswith(".json")]
    names = [name for name in arguments.names if not name.endswith(".json")]
    found = [path for path in drafts(names) if names or path.parent.parent.name == "shared"] if names or not own else []
    failed = 0
    for source in [*found, *own]:
        line, is_right = one(source, arguments.out, arguments.height)
        failed += not is_right
        print(line if is_right else f"{line}  WRONG", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
