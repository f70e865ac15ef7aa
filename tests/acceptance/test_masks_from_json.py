"""From a draft's masks to pixels, by the format's §7: both lists and generations, every shape, keyed by both names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.acceptance.drafts import SECOND, Draft, Raw, clip, crop, keys
from tests.acceptance.oracle import Place, Point, along, key_time, place_of
from tests.acceptance.shots import Shot, crossing, draw
from tests.render.scene import WHITE, solid

CANVAS = (640, 360)
OUTPUT = (320, 180)
SIZE = (200, 120)  # of the photo
FRAME_US = SECOND / 30

#: (list, name, resource type, resource id) of every row of the table.
JIANYING = {
    "line": ("masks", "线性", "line", "6791652175668843016"),
    "mirror": ("masks", "镜面", "mirror", "6791699060140020232"),
    "circle": ("masks", "圆形", "circle", "6791700663249146381"),
    "rectangle": ("masks", "矩形", "rectangle", "6791700809454195207"),
    "heart": ("masks", "爱心", "geometric_shape", "6794051276482023949"),
    "star": ("masks", "星形", "geometric_shape", "6794051169434997255"),
}
CAPCUT = {
    "line": ("common_mask", "Split", "line", "7374020197990011409"),
    "mirror": ("common_mask", "Filmstrip", "mirror", "7374021024985125377"),
    "circle": ("common_mask", "Circle", "circle", "7374021188315517456"),
    "rectangle": ("common_mask", "Rectangle", "rectangle", "7374021450748924432"),
    "heart": ("common_mask", "Heart", "heart", "7350964630979613186"),
    "star": ("common_mask", "Stars", "pentagram", "7374021798087627265"),
}
GENERATIONS = {"JianYing": JIANYING, "CapCut": CAPCUT}
SHAPES = tuple(JIANYING)

#: (a point of the outline, the way out of it) in units of half the mask's box, x right, y down.
Outline = list[tuple[Point, Point]]


def config(**more: float | bool) -> Raw:
    plain = {"width": 0.5, "height": 0.5, "centerX": 0.0, "centerY": 0.0, "rotation": 0.0, "feather": 0.0}
    return {**plain, "roundCorner": 0.0, "expansion": 0.0, "invert": False, "aspectRatio": 1.0, **more}


def masked(path: Path, row: tuple[str, str, str, str], own: Raw, **segment: Raw | bool) -> tuple[Draft, Raw]:
    """A draft of one white photo with a mask, and its segment."""
    draft = Draft(CANVAS)
    bucket, name, kind, number = row
    known = {"type": "mask", "name": name, "resource_type": kind, "resource_id": number, "path": "", "platform": "all"}
    newer = {"category": "video", "constant_material_id": "D39678F5"} if bucket == "common_mask" else {}
    mask = draft.add(bucket, **known, **newer, config=own)
    photo = draft.photo(solid(path / "white.png", WHITE, SIZE), SIZE)
    return draft, draft.clip(draft.track(), photo, refs=[mask], **{"clip": clip(), **segment})


def outline(shape: str) -> Outline:
    """Of the shape; of lines and mirrors what lies within the picture."""
    match shape:
        case "line":
            return [((x, 0.0), (0.0, 1.0)) for x in (-0.5, 0.0, 0.4)]
        case "mirror":
            return [((x, side), (0.0, side)) for x in (-0.5, 0.0, 0.4) for side in (-1.0, 1.0)]
        case "circle":
            turns = [math.tau * part / 16 for part in range(16)]
            return [((math.cos(turn), math.sin(turn)), (math.cos(turn), math.sin(turn))) for turn in turns]
        case "rectangle":
            parts = (-0.6, 0.0, 0.5)
            upright: Outline = [((x, side), (0.0, side)) for x in parts for side in (-1.0, 1.0)]
            return upright + [((side, y), (side, 0.0)) for y in parts for side in (-1.0, 1.0)]
        case "star":
            return _polygon(_star())
    return []


def _star() -> list[Point]:
    """The ten corners of a five-pointed star with straight arms, its box −1…1 each way, clockwise from above."""
    inner = math.sin(math.radians(18)) / math.sin(math.radians(126))
    turns = [(math.tau * part / 10, inner if part % 2 else 1.0) for part in range(10)]
    raw = [(radius * math.sin(turn), -radius * math.cos(turn)) for turn, radius in turns]
    half, low = math.sin(math.radians(72)), math.cos(math.radians(36))
    return [(x / half, (y + 1) / (low + 1) * 2 - 1) for x, y in raw]


def _polygon(corners: Sequence[Point]) -> Outline:
    found = []
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        length = math.hypot(x1 - x0, y1 - y0)
        found.append((((x0 + x1) / 2, (y0 + y1) / 2), ((y1 - y0) / length, (x0 - x1) / length)))
    return found


def on_output(own: Raw, where: Place, size: Point = SIZE) -> Callable[[Point], Point]:
    """From units of half the mask's box to the output: by its size, rotation and centre in the material."""

    def to_output(point: Point) -> Point:
        x, y = point[0] * own["width"] * size[0] / 2, point[1] * own["height"] * size[1] / 2
        angle = math.radians(own["rotation"])
        right = x * math.cos(angle) - y * math.sin(angle) + size[0] / 2 * (1 + own["centerX"])
        down = x * math.sin(angle) + y * math.cos(angle) + size[1] / 2 * (1 - own["centerY"])
        return where(right / size[0], down / size[1])

    return to_output


def misses(shot: Shot, shape: str, own: Raw, where: Place, size: Point = SIZE) -> list[float]:
    """How many pixels each point of the outline lies from where it should be."""
    to_output = on_output(own, where, size)
    found = []
    for point, outwards in outline(shape):
        at = np.array(to_output(point))
        tangent = _tangent(point, outwards, to_output)
        normal = np.array((tangent[1], -tangent[0])) / np.linalg.norm(tangent)
        beyond = np.array(to_output((point[0] + 0.01 * outwards[0], point[1] + 0.01 * outwards[1]))) - at
        normal *= np.sign(normal @ beyond)
        found.append(crossing(shot, tuple(at), tuple(normal), 3.0))
    return found


def _tangent(point: Point, outwards: Point, to_output: Callable[[Point], Point]) -> NDArray[np.float64]:
    along_it = (-outwards[1], outwards[0])
    ahead, behind = ((point[0] + way * along_it[0], point[1] + way * along_it[1]) for way in (1e-4, -1e-4))
    return np.array(to_output(ahead)) - np.array(to_output(behind))


#: What a config can say, and the clip around it.
CONFIGS: dict[str, tuple[Raw, Raw]] = {
    "plain": (config(), clip()),
    "moved": (config(centerX=0.2, centerY=0.3, width=0.45, height=0.4), clip()),
    "turned": (config(rotation=25.0, width=0.5, height=0.4), clip()),
    "within-a-turned-clip": (config(rotation=-20.0, centerX=-0.2, centerY=0.1), clip(scale=(0.8, 0.8), rotation=40.0)),
    "within-a-mirrored-clip": (config(rotation=30.0, centerX=0.3, centerY=-0.2), clip(flip=(True, False))),
    "inverted": (config(invert=True, rotation=10.0), clip()),
}


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "heart"])
@pytest.mark.parametrize(("own", "move"), CONFIGS.values(), ids=CONFIGS)
def test_outlines(shape: str, own: Raw, move: Raw, generation: str, tmp_path: Path) -> None:
    draft, segment = masked(tmp_path, GENERATIONS[generation][shape], own, clip=move)
    [shot] = draw(draft.raw)
    where = place_of(draft.raw, segment, 0, OUTPUT)
    assert max(map(abs, misses(shot, shape, own, where))) < 0.5
    inside = on_output(own, where)((0.0, -0.3))
    assert shot.shows(inside, (0, 0, 0) if own["invert"] else WHITE)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_heart_fills_its_box_and_stands_on_its_tip(generation: str, tmp_path: Path) -> None:
    own = config(width=0.6, height=0.8, centerX=0.1)
    draft, segment = masked(tmp_path, GENERATIONS[generation]["heart"], own)
    [shot] = draw(draft.raw)
    is_kept = shot.y > (16 + 235) / 2
    rows, columns = np.nonzero(is_kept.any(axis=1))[0], np.nonzero(is_kept.any(axis=0))[0]
    to_output = on_output(own, place_of(draft.raw, segment, 0, OUTPUT))
    (left, top), (right, bottom) = to_output((-1, -1)), to_output((1, 1))
    assert [columns[0], columns[-1] + 1, rows[0]] == pytest.approx([left, right, top], abs=1.0)
    assert rows[-1] + 1 == pytest.approx(bottom, abs=2.0)  # a tip narrower than a pixel
    middle = (left + right) / 2
    assert np.nonzero(is_kept[rows[-1]])[0].mean() + 0.5 == pytest.approx(middle, abs=1.0)
    assert not is_kept[rows[0], int(middle)]
    upper, lower = (is_kept[round(top + part * (bottom - top))].sum() for part in (0.25, 0.75))
    assert upper > 1.5 * lower


def test_a_line_keeps_what_lies_above_whatever_its_size(tmp_path: Path) -> None:
    own = config(width=0.0, height=0.0, centerY=0.25)
    draft, _ = masked(tmp_path, CAPCUT["line"], own)
    [shot] = draw(draft.raw)
    assert shot.shows((160, 30), WHITE)
    assert shot.shows((160, 100), (0, 0, 0))
    assert crossing(shot, (160, 90 * (1 - 0.25)), (0, 1)) == pytest.approx(0, abs=0.5)


def test_a_rectangle_has_round_corners_of_half_its_short_side(tmp_path: Path) -> None:
    own = config(width=0.6, height=0.6, roundCorner=1.0)
    draft, segment = masked(tmp_path, CAPCUT["rectangle"], own)
    [shot] = draw(draft.raw)
    where = place_of(draft.raw, segment, 0, OUTPUT)
    radius, half = 0.3 * SIZE[1], 0.3 * SIZE[0]  # source pixels
    for turn in (math.radians(degrees) for degrees in (10, 30, 50, 80)):
        x = SIZE[0] / 2 + half - radius + radius * math.cos(turn)
        y = SIZE[1] / 2 + radius * math.sin(turn)
        at, out = where(x / SIZE[0], y / SIZE[1]), (math.cos(turn), math.sin(turn))
        assert abs(crossing(shot, at, out, 3.0)) < 0.5


@pytest.mark.parametrize("shape", ["line", "mirror"])
@pytest.mark.parametrize("feather", [0.2, 0.45])
def test_a_feather_is_a_smoothstep_of_its_square_in_half_heights(shape: str, feather: float, tmp_path: Path) -> None:
    own = config(height=0.5, feather=feather)
    draft, _ = masked(tmp_path, JIANYING[shape], own)
    [shot] = draw(draft.raw)
    edge = 90.0 if shape == "line" else 90.0 + 0.5 * 90.0
    for row in range(round(edge) - 20, round(edge) + 20):
        distance = (row + 0.5 - edge) / 90.0  # half the picture's height is 90 output pixels
        part = min(max((distance + feather**2) / (2 * feather**2), 0.0), 1.0)
        kept = 1 - part * part * (3 - 2 * part)
        assert shot.y[row, 160] == pytest.approx(16 + 219 * kept, abs=2.5), row


@pytest.mark.parametrize("feather", [0.2, 0.4])
def test_the_feather_of_a_circle_was_measured_in_its_radius(feather: float, tmp_path: Path) -> None:
    own = config(width=0.6, height=0.6, feather=feather)
    draft, _ = masked(tmp_path, CAPCUT["circle"], own)
    [shot] = draw(draft.raw)
    soft = 4.86 * feather**1.866
    for column in range(160, 320, 3):
        part = min(max(((column + 0.5 - 160) / (0.3 * 300) - 1.025 + soft) / (2 * soft), 0.0), 1.0)
        if column < 308:  # the picture ends at 310
            wanted = 16 + 219 * (1 - part * part * (3 - 2 * part))
            assert shot.y[90, column] == pytest.approx(wanted, abs=2.5), column


def test_sizes_are_parts_of_what_the_crop_leaves(tmp_path: Path) -> None:
    own = config(width=0.5, height=0.6, centerX=0.2)
    draft, segment = masked(tmp_path, CAPCUT["rectangle"], own)
    draft.raw["materials"]["videos"][0]["crop"] = crop((0.1, 0.0), (0.7, 0.0), (0.1, 1.0), (0.7, 1.0))
    [shot] = draw(draft.raw)
    where = place_of(draft.raw, segment, 0, OUTPUT)
    assert max(map(abs, misses(shot, "rectangle", own, where, (0.6 * SIZE[0], SIZE[1])))) < 0.5


@pytest.mark.parametrize("bucket", ["masks", "common_mask"])
def test_the_segments_switch(bucket: str, tmp_path: Path) -> None:
    rows = JIANYING if bucket == "masks" else CAPCUT
    draft, _ = masked(tmp_path, rows["circle"], config(), enable_video_mask=False)
    [shot] = draw(draft.raw)
    assert shot.shows((30, 20), WHITE)


def test_a_mask_of_the_adjustment_does_not_cut(tmp_path: Path) -> None:
    draft, _ = masked(tmp_path, CAPCUT["circle"], config())
    draft.raw["materials"]["common_mask"][0]["category"] = "adjust"
    [shot] = draw(draft.raw)
    assert shot.shows((30, 20), WHITE)


NAMES = {
    "JianYing": {
        "centerX": "KFTypeMaskPostionX",
        "centerY": "KFTypeMaskPostionY",
        "width": "KFTypeMaskSizeX",
        "height": "KFTypeMaskSizeY",
        "rotation": "KFTypeMaskRotation",
    },
    "CapCut": {
        "centerX": "KFTypeCommonMaskPositionX",
        "centerY": "KFTypeCommonMaskPositionY",
        "width": "KFTypeCommonMaskSizeWidth",
        "height": "KFTypeCommonMaskSizeHeight",
        "rotation": "KFTypeCommonMaskRotation",
    },
}
MOVING = {
    "centerX": (-0.2, 0.2),
    "centerY": (0.15, -0.15),
    "width": (0.2, 0.5),
    "height": (0.3, 0.5),
    "rotation": (0, 40),
}


@pytest.mark.parametrize("generation", NAMES)
@pytest.mark.parametrize("field", [*MOVING, "all"])
def test_keyed(generation: str, field: str, tmp_path: Path) -> None:
    """In media time, over a clip that turns as well; keys name the mask by `constant_material_id`, or by nothing."""
    fields = list(MOVING) if field == "all" else [field]
    still = config(width=0.4, height=0.5)
    mask_id = "D39678F5" if generation == "CapCut" else ""
    curves = [
        keys(NAMES[generation][name], (600_000, MOVING[name][0]), (1_400_000, MOVING[name][1]), material_id=mask_id)
        for name in fields
    ]
    turning = [*curves, keys("KFTypeRotation", (500_000, 0.0), (1_500_000, 50.0))]
    draft, segment = masked(
        tmp_path, GENERATIONS[generation]["rectangle"], still, clip=clip(scale=(0.8, 0.8)), common_keyframes=turning
    )
    segment["source_timerange"]["start"] = 500_000
    frames = (0, 8, 19, 29)
    for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
        at_us = frame * FRAME_US
        own = still | {
            name: along(curve["keyframe_list"], key_time(segment, at_us))
            for name, curve in zip(fields, curves, strict=True)
        }
        where = place_of(draft.raw, segment, at_us, OUTPUT)
        assert max(map(abs, misses(shot, "rectangle", own, where))) < 0.5, frame


@pytest.mark.parametrize("name", ["KFTypeMaskFeather", "KFTypeCommonMaskFeather"])
def test_keyed_feather(name: str, tmp_path: Path) -> None:
    curve = keys(name, (0, 0.3), (1_000_000, 0.6))
    draft, segment = masked(tmp_path, CAPCUT["line"], config(), common_keyframes=[curve])
    frames = (0, 10, 29)
    for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
        feather = along(curve["keyframe_list"], key_time(segment, frame * FRAME_US))
        distance = 0.4 * feather**2
        part = (distance + feather**2) / (2 * feather**2)
        row = 90 * (1 + distance)
        kept = 1 - part * part * (3 - 2 * part)
        assert shot.level(160, row) == pytest.approx(16 + 219 * kept, abs=3), frame


@pytest.mark.parametrize("name", ["KFTypeMaskRoundCorner", "KFTypeCommonMaskRoundCorner"])
def test_keyed_corners(name: str, tmp_path: Path) -> None:
    curve = keys(name, (0, 0.0), (1_000_000, 1.0))
    draft, segment = masked(tmp_path, CAPCUT["rectangle"], config(width=0.6, height=0.6), common_keyframes=[curve])
    frames = (0, 10, 29)
    for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
        radius = along(curve["keyframe_list"], key_time(segment, frame * FRAME_US)) * 0.3 * 180
        inwards = radius * (1 - math.sqrt(0.5))
        at = (160 + 0.3 * 300 - inwards, 90 + 0.3 * 180 - inwards)
        assert abs(crossing(shot, at, (math.sqrt(0.5), math.sqrt(0.5)), 3.0)) < 0.75, frame
