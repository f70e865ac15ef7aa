"""What a draft's JSON asks for, worked out in plain double precision by `draft-format.md`, without the renderer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Raw = dict[str, Any]
Point = tuple[float, float]
Place = Callable[[float, float], Point]  #: from parts of what a clip shows, y down, to the output's pixels

SQUARE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class Move(NamedTuple):
    """A clip's geometry at an instant, in the format's units."""

    alpha: float
    scale: tuple[float, float]
    rotation: float
    shift: tuple[float, float]
    flip: tuple[bool, bool]


def key_time(segment: Raw, at_us: float) -> float:
    """What `time_offset` counts at an instant of the timeline: media time, or the segment's own where it has none."""
    after_us = at_us - segment["target_timerange"]["start"]
    source = segment.get("source_timerange")
    if not source:
        return float(after_us)
    return float(source["start"] + after_us * source["duration"] / segment["target_timerange"]["duration"])


def keyed(segment: Raw, at_us: float, default: float, *names: str) -> float:
    """The value of a property at an instant of the timeline; of several names the first that has keys."""
    for name in names:
        for entry in segment["common_keyframes"]:
            if entry["property_type"] == name:
                return along(entry["keyframe_list"], key_time(segment, at_us))
    return default


def along(listed: Sequence[Raw], time: float) -> float:
    """A list of keys at a time of its own clock: straight or by its handles, ends held."""
    ordered = sorted(listed, key=lambda key: float(key["time_offset"]))
    if time <= ordered[0]["time_offset"]:
        return float(ordered[0]["values"][0])
    for left, right in pairwise(ordered):
        if time < right["time_offset"]:
            return between(left, right, time)
    return float(ordered[-1]["values"][0])


def between(left: Raw, right: Raw, time: float) -> float:
    """Between two keys, by bisection where one of them is not straight."""
    start, end = (float(key["time_offset"]) for key in (left, right))
    low, high = (float(key["values"][0]) for key in (left, right))
    if left["curveType"] == right["curveType"] == "Line":
        return low + (high - low) * (time - start) / (end - start)
    out = left["right_control"] if left["curveType"] != "Line" else {"x": 0.0, "y": 0.0}
    back = right["left_control"] if right["curveType"] != "Line" else {"x": 0.0, "y": 0.0}
    times = (start, start + out["x"], end + back["x"], end)
    values = (low, low + out["y"], high + back["y"], high)
    least, most = 0.0, 1.0
    for _ in range(200):
        middle = (least + most) / 2
        least, most = (middle, most) if cubic(times, middle) < time else (least, middle)
    return cubic(values, (least + most) / 2)


def cubic(points: tuple[float, float, float, float], u: float) -> float:
    """A Bézier's coordinate."""
    a, b, c, d = points
    v = 1 - u
    return v * v * v * a + 3 * v * v * u * b + 3 * v * u * u * c + u * u * u * d


def move_at(segment: Raw, at_us: float) -> Move:
    """The geometry of a segment at an instant of the timeline: keys in place of what stands still."""
    clip = segment["clip"]
    names = {entry["property_type"] for entry in segment["common_keyframes"]}
    is_uniform = segment["uniform_scale"]["on"] and "KFTypeScaleY" not in names
    across = keyed(segment, at_us, clip["scale"]["x"], "KFTypeScaleX", "KFTypeScale")
    if is_uniform and "KFTypeScaleX" in names:
        down = across
    else:
        down = keyed(segment, at_us, clip["scale"]["y"], "KFTypeScaleY", "KFTypeScale")
    return Move(
        keyed(segment, at_us, clip["alpha"], "KFTypeAlpha", "KFTypeGlobalAlpha", "KFTypeShapeGlobalAlpha"),
        (across, down),
        keyed(segment, at_us, clip["rotation"], "KFTypeRotation", "KFTypeRotationZ"),
        (
            keyed(segment, at_us, clip["transform"]["x"], "KFTypePositionX"),
            keyed(segment, at_us, clip["transform"]["y"], "KFTypePositionY"),
        ),
        (clip["flip"]["horizontal"], clip["flip"]["vertical"]),
    )


def shown_size(material: Raw) -> Point:
    """Width and height of what the crop leaves, in the material's pixels."""
    crop, width, height = material["crop"], material["width"], material["height"]
    corner = {name: (crop[f"{name}_x"] * width, crop[f"{name}_y"] * height) for name in ("upper_left", "upper_right")}
    low = (crop["lower_left_x"] * width, crop["lower_left_y"] * height)
    return math.dist(corner["upper_left"], corner["upper_right"]), math.dist(corner["upper_left"], low)


def place(shown: Point, move: Move, canvas: Point, output: Point, *, fit: float | None = None) -> Place:
    """Contained in the canvas (or `fit` canvas pixels to one of its own), mirrored, scaled, turned, shifted."""
    factor = min(canvas[0] / shown[0], canvas[1] / shown[1]) if fit is None else fit
    angle = math.radians(move.rotation)

    def to_output(u: float, v: float) -> Point:
        x = (u - 0.5) * shown[0] * (-1 if move.flip[0] else 1) * factor * move.scale[0]
        y = (v - 0.5) * shown[1] * (-1 if move.flip[1] else 1) * factor * move.scale[1]
        right = x * math.cos(angle) - y * math.sin(angle) + canvas[0] / 2 * (1 + move.shift[0])
        down = x * math.sin(angle) + y * math.cos(angle) + canvas[1] / 2 * (1 - move.shift[1])
        return right * output[0] / canvas[0], down * output[1] / canvas[1]

    return to_output


def place_of(draft: Raw, segment: Raw, at_us: float, output: Point) -> Place:
    """Where a clip of `materials.videos` lies at an instant of the timeline."""
    [material] = [item for item in draft["materials"]["videos"] if item["id"] == segment["material_id"]]
    canvas = draft["canvas_config"]
    return place(shown_size(material), move_at(segment, at_us), (canvas["width"], canvas["height"]), output)


def within(inner: Place, inner_canvas: Point, outer: Place) -> Place:
    """Where an inner clip of a compound clip lies, `inner` counting the inner canvas's pixels."""

    def to_output(u: float, v: float) -> Point:
        x, y = inner(u, v)
        return outer(x / inner_canvas[0], y / inner_canvas[1])

    return to_output


def cropped(crop: Raw, u: float, v: float) -> Point:
    """Where a part of what a rectangular or leaning crop shows lies in the picture, in parts of it."""
    x = crop["upper_left_x"], crop["upper_right_x"] - crop["upper_left_x"], crop["lower_left_x"] - crop["upper_left_x"]
    y = crop["upper_left_y"], crop["upper_right_y"] - crop["upper_left_y"], crop["lower_left_y"] - crop["upper_left_y"]
    return x[0] + u * x[1] + v * x[2], y[0] + u * y[1] + v * y[2]


def played_share(points: Sequence[Point], share: float, steps: int = 20_000) -> float:
    """How much of the source a speed curve has played after `share` of the target: midpoint sums of §4's speed."""
    spans = [(x1 - x0) / ((y0 + y1) / 2) for (x0, y0), (x1, y1) in pairwise(points)]
    edges = [sum(spans[:count]) / sum(spans) for count in range(len(points))]

    def speed(at: float) -> float:
        for (a, b), ((_, y0), (_, y1)) in zip(pairwise(edges), pairwise(points), strict=True):
            if at <= b or b == edges[-1]:
                knots = eased(a, b, y0, y1)
                for (t0, v0), (t1, v1) in pairwise(knots):
                    if at <= t1:
                        return v0 + (v1 - v0) * (at - t0) / (t1 - t0)
        raise AssertionError(f"{at} is past the end")

    def area(end: float) -> float:
        return sum(speed((n + 0.5) / steps * end) for n in range(steps)) * end / steps

    return area(share) / area(1.0)


def eased(a: float, b: float, y0: float, y1: float) -> list[Point]:
    """Knots of the speed between two points."""
    middle, mean = (a + b) / 2, (y0 + y1) / 2
    return [
        (a, y0),
        (middle - 0.2951 * (b - a), mean - 0.4 * (y1 - y0)),
        (middle + 0.2951 * (b - a), mean + 0.4 * (y1 - y0)),
        (b, y1),
    ]


def nearest(media_us: float, fps: float, count: int) -> int:
    """The number of the film's frame shown at a media time: the nearest, the later of two, ends held."""
    return min(max(math.floor(media_us * fps / 1e6 + 0.5), 0), count - 1)
