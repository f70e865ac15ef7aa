"""From compound clips to pixels, by the format's §14: drafts within the draft, moved, cut out, sped up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.colours import over
from tests.acceptance.drafts import SECOND, Draft, Raw, clip, keys, words
from tests.acceptance.oracle import Place, move_at, place, place_of, played_share, within
from tests.acceptance.shots import QUARTERS, Shot, corners_error, crossing, draw, mark
from tests.media.film import at_rate, write_film
from tests.render.scene import RED, WHITE, solid

CANVAS = (640, 360)
OUTPUT = (320, 180)
INNER = (480, 480)  # unlike the outer canvas
FRAME_US = SECOND / 30


def around(inner: Draft, length_us: int = SECOND, **more: object) -> tuple[Draft, Raw]:
    """A draft that shows `inner` as a compound clip, and its segment."""
    outer = Draft(CANVAS)
    stub, own = outer.compound(inner)
    return outer, outer.clip(outer.track(), stub, 0, length_us, refs=[own], **more)  # type: ignore[arg-type]


def inner_photo(path: Path, move: Raw, canvas_px: tuple[int, int] = INNER, **more: object) -> tuple[Draft, Raw]:
    inner = Draft(canvas_px)
    photo = inner.photo(mark(path / "photo.png", (160, 90)), (160, 90))
    return inner, inner.clip(inner.track(), photo, clip=move, **more)  # type: ignore[arg-type]


def nested(inner: Draft, shown: Raw, segment: Raw, inner_us: float, outer_us: float) -> Place:
    """Where the inner clip lies in the output."""
    canvas = inner.raw["canvas_config"]
    size = (canvas["width"], canvas["height"])
    whole = place(size, move_at(segment, outer_us), CANVAS, OUTPUT)
    return within(place_of(inner.raw, shown, inner_us, size), size, whole)


def check(shot: Shot, where: Place) -> None:
    assert corners_error(shot, where) < 0.5
    for (u, v), colour in zip(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)), QUARTERS, strict=True):
        assert shot.shows(where(u, v), colour)


@pytest.mark.parametrize("canvas_px", [INNER, (640, 360), (360, 640), (243, 431)], ids=str)
@pytest.mark.parametrize(
    "outer_move",
    [
        clip(),
        clip(scale=(0.6, 0.8), shift=(0.1, -0.1)),
        clip(scale=(0.7, 0.7), rotation=30.0, flip=(True, False)),
        clip(scale=(1.3, 1.3), rotation=-15.0),
    ],
    ids=["as-it-is", "shifted", "turned-and-mirrored", "enlarged"],
)
def test_transforms_of_the_whole(canvas_px: tuple[int, int], outer_move: Raw, tmp_path: Path) -> None:
    """The inner canvas is contained, then moved; what it leaves free is transparent."""
    inner, shown = inner_photo(tmp_path, clip(scale=(0.5, 0.5), rotation=20.0, shift=(0.1, 0.05)), canvas_px)
    outer, segment = around(inner, clip=outer_move)
    [shot] = draw(outer.raw)
    check(shot, nested(inner, shown, segment, 0, 0))


def test_gaps_show_what_is_below(tmp_path: Path) -> None:
    inner, shown = inner_photo(tmp_path, clip(scale=(0.4, 0.4)))
    outer = Draft(CANVAS)
    below = outer.photo(solid(tmp_path / "below.png", (20, 40, 60)), (64, 36))
    stub, own = outer.compound(inner)
    outer.clip(outer.track(), below)
    segment = outer.clip(outer.track(flag=2), stub, refs=[own], render_index=1)
    [shot] = draw(outer.raw)
    check(shot, nested(inner, shown, segment, 0, 0))
    assert all(shot.shows(at, (20, 40, 60)) for at in ((10, 10), (100, 30), (160, 20), (250, 150)))


def test_opacities_multiply(tmp_path: Path) -> None:
    inner, _ = inner_photo(tmp_path, clip(alpha=0.5), CANVAS)
    outer = Draft(CANVAS)
    below = outer.photo(solid(tmp_path / "below.png", (200, 200, 200)), (64, 36))
    stub, own = outer.compound(inner)
    outer.clip(outer.track(), below)
    outer.clip(outer.track(flag=2), stub, refs=[own], render_index=1, clip=clip(alpha=0.6))
    [shot] = draw(outer.raw)
    red, green, blue = QUARTERS[0]
    assert shot.shows((80, 45), over((red, green, blue), (200, 200, 200), 0.3))


def test_keyframes_at_both_levels(tmp_path: Path) -> None:
    inner, shown = inner_photo(tmp_path, clip(scale=(0.4, 0.4)), length_us=2 * SECOND)
    shown["common_keyframes"] = [keys("KFTypeRotation", (0, 0.0), (2 * SECOND, 120.0))]
    outer, segment = around(inner, source_us=500_000)
    moves = [
        keys("KFTypePositionX", (500_000, -0.2), (1_500_000, 0.2)),
        keys("KFTypeScaleX", (500_000, 0.7), (1_500_000, 1.1)),
    ]
    segment["common_keyframes"] = moves
    frames = (0, 9, 21, 29)
    for frame, shot in zip(frames, draw(outer.raw, frames), strict=True):
        at_us = frame * FRAME_US
        check(shot, nested(inner, shown, segment, 500_000 + at_us, at_us))


@pytest.mark.parametrize("kind", ["rectangle", "circle", "line"])
def test_a_mask_cuts_the_whole(kind: str, tmp_path: Path) -> None:
    """In parts of the inner canvas, moved with the compound clip."""
    inner = Draft(INNER)
    inner.clip(inner.track(), inner.photo(solid(tmp_path / "white.png", WHITE, (120, 120)), (120, 120)))
    move = clip(scale=(0.9, 0.9), rotation=25.0)
    outer, segment = around(inner, clip=move)
    config = {"width": 0.6, "height": 0.4, "centerX": 0.1, "centerY": 0.2, "rotation": 0.0, "feather": 0.0}
    mask = outer.add("common_mask", type="mask", category="video", name=kind, resource_type=kind, config=config)
    segment["extra_material_refs"].append(mask)
    [shot] = draw(outer.raw)
    whole = place(INNER, move_at(segment, 0), CANVAS, OUTPUT)
    top, bottom, left, right = 0.4 - 0.2, 0.4 + 0.2, 0.55 - 0.3, 0.55 + 0.3  # parts of the canvas, y down
    edges = {
        "rectangle": ((0.55, top, 0, -1), (0.55, bottom, 0, 1), (left, 0.4, -1, 0), (right, 0.4, 1, 0)),
        "circle": ((0.55, top, 0, -1), (0.55, bottom, 0, 1), (left, 0.4, -1, 0), (right, 0.4, 1, 0)),
        "line": ((0.3, 0.4, 0, 1), (0.7, 0.4, 0, 1)),
    }[kind]
    for u, v, x, y in edges:
        at, ahead = whole(u, v), whole(u + 0.01 * x, v + 0.01 * y)
        length = ((ahead[0] - at[0]) ** 2 + (ahead[1] - at[1]) ** 2) ** 0.5
        assert abs(crossing(shot, at, ((ahead[0] - at[0]) / length, (ahead[1] - at[1]) / length), 3.0)) < 0.5


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(120), size_px=(160, 96))


def inner_film(film: Path, speed: float = 1.0) -> Draft:
    inner = Draft((160, 96))
    material = inner.film(film, (160, 96), 4 * SECOND)
    inner.clip(inner.track(), material, 0, round(4 * SECOND / speed), speed=speed)
    return inner


class TestTime:
    @pytest.mark.parametrize(("source_us", "speed"), [(0, 1.0), (1_000_000, 1.0), (500_000, 2.0), (200_000, 0.5)])
    def test_source_range_and_speed_of_the_whole(self, source_us: int, speed: float, film: Path) -> None:
        outer, _ = around(inner_film(film), source_us=source_us, speed=speed)
        frames = (0, 1, 10, 17, 29)
        for frame, shot in zip(frames, draw(outer.raw, frames), strict=True):
            assert abs(_number(shot) - (source_us / SECOND * 30 + frame * speed)) <= 0.5 + 1e-4, frame

    def test_speeds_of_both_levels_multiply(self, film: Path) -> None:
        outer, _ = around(inner_film(film, 2.0), source_us=400_000, speed=1.5)
        frames = (0, 1, 10, 17, 29)
        for frame, shot in zip(frames, draw(outer.raw, frames), strict=True):
            assert abs(_number(shot) - (0.4 * 30 + frame * 1.5) * 2.0) <= 1.0, frame

    def test_reversed(self, film: Path) -> None:
        outer, _ = around(inner_film(film), source_us=1_000_000, reverse=True)
        frames = (0, 1, 10, 29)
        assert [_number(shot) for shot in draw(outer.raw, frames)] == [59 - frame for frame in frames]

    def test_a_speed_curve(self, film: Path) -> None:
        points = [(0.0, 0.5), (1.0, 4.0)]
        outer, segment = around(inner_film(film), 2_400_000)
        length_us = round(2_400_000 / 2.25)
        segment["target_timerange"]["duration"] = length_us
        written = [{"x": x, "y": y} for x, y in points]
        outer.raw["materials"]["speeds"][0] |= {"mode": 1, "curve_speed": {"speed_points": written}}
        frames = (0, 9, 20, 31)
        for frame, shot in zip(frames, draw(outer.raw, frames), strict=True):
            share = played_share(points, frame / 30 * SECOND / length_us, 2_000) if frame else 0.0
            assert abs(_number(shot) - 72 * share) <= 0.51, frame


def _number(shot: Shot) -> int:
    """Of a film that is contained in the middle of the frame: 300 by 180."""
    return Shot(shot.y[:, 10:310], shot.u, shot.v).number()


def test_words_are_as_large_as_the_inner_canvas_is_wide() -> None:
    """On a canvas of 480, contained in one of 640×360: 480/1080 of the size, then 0.75 of that."""
    heights = []
    for width in (240, 480):
        inner = Draft((width, 480))
        text = inner.add("texts", **words("I", 40.0))
        inner.still(inner.track("text"), text, render_index=14000)
        outer, _ = around(inner)
        [shot] = draw(outer.raw, size_px=(640, 360))
        heights.append((shot.y.max(axis=1) - 16).sum() / 219)
    flat = Draft((640, 360))
    flat.still(flat.track("text"), flat.add("texts", **words("I", 40.0)), render_index=14000)
    [shot] = draw(flat.raw, size_px=(640, 360))
    in_flat = (shot.y.max(axis=1) - 16).sum() / 219
    assert heights[1] / heights[0] == pytest.approx(2.0, rel=0.04)
    assert heights[1] / in_flat == pytest.approx(480 / 640 * 0.75, rel=0.04)


def test_three_levels(tmp_path: Path) -> None:
    """Each on a canvas of its own, turned and scaled."""
    inner, shown = inner_photo(tmp_path, clip(scale=(0.6, 0.6)))
    middle = Draft((400, 300))
    stub, own = middle.compound(inner)
    held = middle.clip(middle.track(), stub, refs=[own], clip=clip(rotation=20.0, scale=(0.9, 0.9)))
    outer, segment = around(middle, clip=clip(rotation=15.0))
    [shot] = draw(outer.raw)
    innermost = within(
        place_of(inner.raw, shown, 0, INNER), INNER, place(INNER, move_at(held, 0), (400, 300), (400, 300))
    )
    check(shot, within(innermost, (400, 300), place((400, 300), move_at(segment, 0), CANVAS, OUTPUT)))


def test_an_empty_path_and_a_missing_canvas(tmp_path: Path) -> None:
    """A draft that names no canvas of its own has the outer one."""
    inner, shown = inner_photo(tmp_path, clip(scale=(0.5, 0.5)), CANVAS)
    outer, segment = around(json_copy(inner))
    where = nested(inner, shown, segment, 0, 0)
    outer.raw["materials"]["drafts"][0]["draft"]["canvas_config"] = {"width": 0, "height": 0}
    [shot] = draw(outer.raw)
    check(shot, where)


def json_copy(draft: Draft) -> Draft:
    copy = Draft(CANVAS)
    copy.raw = json.loads(json.dumps(draft.raw))
    return copy


def test_a_blend_mode_of_the_whole_and_of_what_is_in_it(tmp_path: Path) -> None:
    """What an inner clip is blended with is the inner canvas alone."""
    inner = Draft(CANVAS)
    red = inner.photo(solid(tmp_path / "red.png", RED), (64, 36))
    grey = inner.photo(solid(tmp_path / "grey.png", (128, 128, 128)), (64, 36))
    mode = inner.add("effects", type="mix_mode", name="正片叠底", effect_id="871333", value=1.0)
    inner.clip(inner.track(), red)
    inner.clip(inner.track(flag=2), grey, refs=[mode], render_index=1)
    outer = Draft(CANVAS)
    below = outer.photo(solid(tmp_path / "below.png", (100, 200, 50)), (64, 36))
    stub, own = outer.compound(inner)
    screen = outer.add("effects", type="mix_mode", name="滤色", effect_id="871339", value=1.0)
    outer.clip(outer.track(), below)
    outer.clip(outer.track(flag=2), stub, refs=[own, screen], render_index=1)
    [shot] = draw(outer.raw)
    inside = (128 / 255, 0.0, 0.0)
    wanted = [255 * (one + other / 255 - one * other / 255) for one, other in zip(inside, (100, 200, 50), strict=True)]
    assert shot.shows((160, 90), wanted, within=3)
