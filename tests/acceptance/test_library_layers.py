"""What pyJianYingDraft writes of places, keys, masks, modes and speeds, drawn and held against its own JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyJianYingDraft
import pytest

from tests.acceptance.colours import MODES, blended, in_eight_bits
from tests.acceptance.drafts import SECOND, Raw
from tests.acceptance.oracle import along, key_time, place_of
from tests.acceptance.shots import QUARTERS, Shot, corners_error, crossing, draw, mark
from tests.media.film import at_rate, write_film
from tests.render.scene import WHITE, solid

CANVAS = (640, 360)
OUTPUT = (320, 180)
FRAME_US = SECOND / 30
SIZE = (160, 90)

Write = Callable[..., Raw]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A draft of the given video segments, each on a track of its own, as JSON."""

    def written(*segments: Any) -> Raw:
        script = pyJianYingDraft.DraftFolder(str(tmp_path)).create_draft("draft", *CANVAS, fps=30, allow_replace=True)
        for number, segment in enumerate(segments):
            script.append_track(pyJianYingDraft.TrackSpec(pyJianYingDraft.TrackType.video, f"track {number}"))
            script.add_segment(segment, f"track {number}")
        script.save()
        found: Raw = json.loads((tmp_path / "draft" / "draft_content.json").read_text("utf-8"))
        return found

    return written


def second(start: float = 0.0, length: float = 1.0) -> Any:
    return pyJianYingDraft.Timerange(round(start * SECOND), round(length * SECOND))


def only(raw: Raw) -> Raw:
    [segment] = [segment for track in raw["tracks"] for segment in track["segments"]]
    found: Raw = segment
    return found


def is_marked(shot: Shot, raw: Raw, at_us: float) -> bool:
    """Whether the marked photo lies where the JSON puts it, the right way round."""
    where = place_of(raw, only(raw), at_us, OUTPUT)
    quarters = zip(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)), QUARTERS, strict=True)
    return corners_error(shot, where) < 0.5 and all(shot.shows(where(*at), colour) for at, colour in quarters)


@pytest.mark.parametrize(
    "settings",
    [
        {"scale_x": 0.5, "scale_y": 0.7},
        {"scale_x": 0.5, "scale_y": 0.5, "rotation": 33.0, "transform_x": 0.2, "transform_y": -0.1},
        {"scale_x": 0.6, "scale_y": 0.6, "flip_horizontal": True, "rotation": -10.0},
        {"scale_x": 0.6, "scale_y": 0.6, "flip_vertical": True},
    ],
)
def test_clip_settings(settings: dict[str, Any], write: Write, tmp_path: Path) -> None:
    photo = str(mark(tmp_path / "photo.png", SIZE))
    raw = write(pyJianYingDraft.VideoSegment(photo, second(), clip_settings=pyJianYingDraft.ClipSettings(**settings)))
    assert is_marked(draw(raw)[0], raw, 0)


def test_a_crop(write: Write, tmp_path: Path) -> None:
    settings = pyJianYingDraft.CropSettings(upper_left_x=0.2, upper_right_x=0.9, lower_left_x=0.2, lower_right_x=0.9)
    material = pyJianYingDraft.VideoMaterial(str(mark(tmp_path / "photo.png", SIZE)), crop_settings=settings)
    raw = write(
        pyJianYingDraft.VideoSegment(
            material, second(), clip_settings=pyJianYingDraft.ClipSettings(scale_x=0.8, scale_y=0.8)
        )
    )
    where = place_of(raw, only(raw), 0, OUTPUT)
    shot = draw(raw)[0]
    assert corners_error(shot, where) < 0.5
    assert [shot.shows(where(u, 0.25), QUARTERS[n]) for u, n in ((0.38, 0), (0.48, 1))] == [True, True]


@pytest.mark.parametrize("start_s", [0, 1])
def test_keyframes(start_s: int, write: Write, tmp_path: Path) -> None:
    """Of a photo on the timeline's start or not, counted from the segment's own."""
    still = pyJianYingDraft.ClipSettings(scale_x=0.4, scale_y=0.4)
    segment = pyJianYingDraft.VideoSegment(
        str(mark(tmp_path / "photo.png", SIZE)), second(start_s), clip_settings=still
    )
    kinds = pyJianYingDraft.KeyframeProperty
    for kind, low, high in (
        (kinds.position_x, -0.4, 0.4),
        (kinds.position_y, 0.3, -0.2),
        (kinds.rotation, 0.0, 70.0),
        (kinds.uniform_scale, 0.2, 0.4),
    ):
        segment.add_keyframe(kind, 100_000, low).add_keyframe(kind, 900_000, high)
    raw = write(segment)
    frames = tuple(30 * start_s + frame for frame in (0, 9, 17, 29))
    for frame, shot in zip(frames, draw(raw, frames), strict=True):
        assert is_marked(shot, raw, frame * FRAME_US), frame


def test_keyframes_of_scales_by_axis_and_opacity(write: Write, tmp_path: Path) -> None:
    segment = pyJianYingDraft.VideoSegment(str(solid(tmp_path / "white.png", WHITE, SIZE)), second())
    kinds = pyJianYingDraft.KeyframeProperty
    for kind, low, high in ((kinds.scale_x, 0.3, 0.8), (kinds.scale_y, 0.8, 0.5), (kinds.alpha, 0.3, 1.0)):
        segment.add_keyframe(kind, 0, low).add_keyframe(kind, SECOND, high)
    raw = write(segment)
    for frame, shot in zip((0, 9, 29), draw(raw, (0, 9, 29)), strict=True):
        at_us = frame * FRAME_US
        assert corners_error(shot, place_of(raw, only(raw), at_us, OUTPUT)) < 0.5
        [listed] = [entry for entry in only(raw)["common_keyframes"] if entry["property_type"] == "KFTypeAlpha"]
        alpha = along(listed["keyframe_list"], key_time(only(raw), at_us))
        assert shot.y[90, 160] == pytest.approx(16 + 219 * alpha, abs=2)


@pytest.mark.parametrize("mode", list(pyJianYingDraft.MixModeType), ids=lambda mode: mode.name)
def test_mix_modes(mode: Any, write: Write, tmp_path: Path) -> None:
    colours = ((40, 120, 200), (180, 90, 60))
    paths = [str(solid(tmp_path / f"{n}.png", rgb, CANVAS)) for n, rgb in enumerate(colours)]
    raw = write(
        pyJianYingDraft.VideoSegment(paths[0], second()),
        pyJianYingDraft.VideoSegment(paths[1], second()).set_mix_mode(mode),
    )
    held = [in_eight_bits((red / 255, green / 255, blue / 255)) for red, green, blue in colours]
    wanted = blended(list(MODES)[list(pyJianYingDraft.MixModeType).index(mode)], held[1], held[0])
    found = draw(raw)[0].rgb_at((160, 90))
    assert found == pytest.approx([255 * part for part in wanted], abs=2)


#: What is found at the ends of the middle row and the middle column of a mask: the way out of it.
WAYS = {"左": (-1.0, 0.0), "右": (1.0, 0.0), "上": (0.0, -1.0), "下": (0.0, 1.0)}
ENDS = {"线性": "下", "镜面": "上下", "圆形": "左右上下", "矩形": "左右上下"}


@pytest.mark.parametrize("kind", list(ENDS))
def test_masks(kind: str, write: Write, tmp_path: Path) -> None:
    """Sizes are parts of the material's height, centres its pixels; both lists of the library hold the mask."""
    segment = pyJianYingDraft.VideoSegment(str(solid(tmp_path / "white.png", WHITE, SIZE)), second())
    width = {"rect_width": 0.3} if kind == "矩形" else {}
    segment.add_mask(pyJianYingDraft.MaskType[kind], center_x=16, center_y=9, size=0.5, **width)
    raw = write(segment)
    assert len(raw["materials"]["masks"]) + len(raw["materials"]["common_mask"]) >= 1
    [shot] = draw(raw)
    x, y = SIZE[0] / 2 + 16, SIZE[1] / 2 - 9
    across = 0.3 * SIZE[0] / 2 if kind == "矩形" else 0.25 * SIZE[1]
    down = 0.0 if kind == "线性" else 0.25 * SIZE[1]
    for way in ENDS[kind]:
        right, low = WAYS[way]
        at = ((x + right * across) * 2, (y + low * down) * 2)
        assert abs(crossing(shot, at, (right, low), 3.0)) < 0.5, way


def test_a_turned_inverted_mask(write: Write, tmp_path: Path) -> None:
    segment = pyJianYingDraft.VideoSegment(str(solid(tmp_path / "white.png", WHITE, SIZE)), second())
    segment.add_mask(pyJianYingDraft.MaskType.线性, rotation=90.0, invert=True)
    [shot] = draw(write(segment))
    # Turned clockwise what was above lies on the right; inverted, the left is kept.
    assert shot.shows((80, 90), WHITE)
    assert shot.shows((240, 90), (0, 0, 0))


def test_a_background_and_a_chroma_key(write: Write, tmp_path: Path) -> None:
    below = pyJianYingDraft.VideoSegment(
        str(solid(tmp_path / "below.png", (90, 60, 200), SIZE)),
        second(),
        clip_settings=pyJianYingDraft.ClipSettings(scale_x=0.5, scale_y=0.5),
    ).add_background_filling("color", color="#336699ff")
    screen = pyJianYingDraft.VideoSegment(str(solid(tmp_path / "screen.png", (20, 173, 0), SIZE)), second())
    screen.add_chroma("#14ad00ff", intensity=64)
    [shot] = draw(write(below, screen))
    assert shot.shows((20, 20), (0x33, 0x66, 0x99))
    assert shot.shows((160, 90), (90, 60, 200))


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.5])
def test_speeds(speed: float, write: Write, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", at_rate(120), size_px=SIZE)
    source = second(0.5, 2.0)
    raw = write(pyJianYingDraft.VideoSegment(str(film), second(), source_timerange=source, speed=speed))
    frames = (0, 5, 11, 20)
    for frame, shot in zip(frames, draw(raw, frames), strict=True):
        assert abs(shot.number() - (15 + frame * speed)) <= 0.5 + 1e-3
