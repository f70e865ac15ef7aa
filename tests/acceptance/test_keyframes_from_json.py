"""From a draft's keyframes to pixels, by the format's §5: every property that is drawn, on its own clock."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from cutfarm.timeline.layers import ClipLayer, LayerStack
from tests.acceptance.drafts import SECOND, Draft, Raw, clip, keys, words
from tests.acceptance.oracle import move_at, place, place_of
from tests.acceptance.shots import QUARTERS, corners_error, crossing, draw, mark, timeline_of
from tests.media.film import at_rate, number_in, write_film
from tests.render.scene import WHITE, solid

CANVAS = (640, 360)
OUTPUT = (320, 180)
FRAME_US = Fraction(SECOND, 30)
FRAMES = (0, 4, 11, 18, 25, 29)
Handles = Sequence[tuple[tuple[float, float], tuple[float, float]]]
Row = tuple[str, float, float]
#: The handles of the application's “Cubic Out” for a rise of 1 in 800,000 µs, and wilder ones that overshoot.
CUBIC_OUT = (((0.0, 0.0), (256_000.0, 0.94)), ((-320_000.0, 0.0), (0.0, 0.0)))
WILD = (((0.0, 0.0), (700_000.0, -0.5)), ((-650_000.0, 0.6), (0.0, 0.0)))
FREE = ("FreeCurveOut", "FreeCurveIn")

#: Two keys of each property, 100 ms and 900 ms into a clip of a second, beside what stands still.
ROWS: dict[str, tuple[Raw, list[Row]]] = {
    "position-x": (clip(scale=(0.3, 0.3), shift=(0.9, 0.2)), [("KFTypePositionX", -0.5, 0.5)]),
    "position-y": (clip(scale=(0.3, 0.3), shift=(0.2, 0.9)), [("KFTypePositionY", -0.4, 0.4)]),
    "both": (clip(scale=(0.3, 0.3)), [("KFTypePositionX", -0.5, 0.5), ("KFTypePositionY", 0.3, -0.3)]),
    "scale-x-uniform": (clip(scale=(9.0, 9.0)), [("KFTypeScaleX", 0.3, 0.7)]),
    "scale-both-axes": (clip(), [("KFTypeScaleX", 0.3, 0.8), ("KFTypeScaleY", 0.7, 0.4)]),
    "scale": (clip(scale=(5.0, 5.0)), [("KFTypeScale", 0.3, 0.7)]),
    "rotation": (clip(scale=(0.5, 0.5), rotation=9.0), [("KFTypeRotation", -30.0, 200.0)]),
    "rotation-z": (clip(scale=(0.5, 0.5)), [("KFTypeRotationZ", 15.0, -100.0)]),
}


def moving(
    path: Path, own: Raw, curves: list[Raw], *, source_us: int = 0, speed: float = 1.0, start_us: int = 0
) -> tuple[Draft, Raw]:
    """A draft of one photo that moves, and its segment."""
    draft = Draft(CANVAS)
    photo = draft.photo(mark(path / "photo.png", (160, 90)), (160, 90))
    more = {"clip": own, "common_keyframes": curves}
    return draft, draft.clip(draft.track(), photo, start_us, source_us=source_us, speed=speed, **more)


def eased(
    name: str,
    low: float,
    high: float,
    handles: Handles = (),
    first_us: int = 100_000,
    last_us: int = 900_000,
    kinds: Sequence[str | int] = FREE,
) -> Raw:
    """Two keys; `handles` for a rise of 1 in 800,000 µs."""
    wide, rise = (last_us - first_us) / 800_000, high - low
    scaled = [((a * wide, b * rise), (c * wide, d * rise)) for (a, b), (c, d) in handles]
    return keys(name, (first_us, low), (last_us, high), kinds=kinds if handles else (), handles=scaled)


@pytest.mark.parametrize("handles", [(), CUBIC_OUT, WILD], ids=["line", "cubic-out", "wild"])
@pytest.mark.parametrize(("own", "curves"), ROWS.values(), ids=ROWS)
def test_places_over_the_frames(own: Raw, curves: list[Row], handles: Handles, tmp_path: Path) -> None:
    """Keys in place of what stands still, held before the first and after the last."""
    if handles is WILD:
        curves = [(name, low, low + (high - low) / 3) for name, low, high in curves]
    draft, segment = moving(tmp_path, own, [eased(*row, handles) for row in curves])
    shots = draw(draft.raw, FRAMES)
    for frame, shot in zip(FRAMES, shots, strict=True):
        where = place_of(draft.raw, segment, float(frame * FRAME_US), OUTPUT)
        assert corners_error(shot, where) < 0.5, frame
        assert shot.shows(where(0.25, 0.25), QUARTERS[0])


def test_a_lone_scale_x_drives_one_axis_where_scales_are_not_uniform(tmp_path: Path) -> None:
    draft, segment = moving(tmp_path, clip(scale=(9.0, 0.5)), [eased("KFTypeScaleX", 0.3, 0.7)])
    segment["uniform_scale"]["on"] = False
    for frame, shot in zip(FRAMES, draw(draft.raw, FRAMES), strict=True):
        assert corners_error(shot, place_of(draft.raw, segment, float(frame * FRAME_US), OUTPUT)) < 0.5


@pytest.mark.parametrize("kinds", [FREE, ("FreeCurveInOut", "Line"), ("Line", "FreeCurveInOut"), (1, 2)], ids=str)
@pytest.mark.parametrize("handles", [CUBIC_OUT, WILD], ids=["cubic-out", "wild"])
@pytest.mark.parametrize(("source_us", "speed"), [(0, 1.0), (2_000_000, 1.0), (1_500_000, 2.5), (500_000, 0.4)])
def test_values_are_those_of_a_bisection(
    source_us: int, speed: float, handles: Handles, kinds: Sequence[str | int], tmp_path: Path
) -> None:
    """To a millionth, at every frame, counted in media time; handles count on sides that are not straight."""
    draft = Draft(CANVAS)
    film = draft.film(write_film(tmp_path / "film.mp4", at_rate(2)), (160, 96))
    first, last = (source_us + round(at * speed) for at in (100_000, 900_000))
    curve = eased("KFTypePositionX", -0.7, 0.9, handles, first, last, kinds)
    segment = draft.clip(draft.track(), film, SECOND, source_us=source_us, speed=speed, common_keyframes=[curve])
    stack = LayerStack(timeline_of(draft.raw), Fraction(30))
    for frame in range(30, 60):
        [layer] = stack.at(frame)
        assert isinstance(layer, ClipLayer)
        wanted = move_at(segment, float(frame * FRAME_US)).shift[0]
        assert layer.transform.shift_x == pytest.approx(wanted, abs=1e-6), frame


class TestClock:
    """The biggest trap: `time_offset` is media time for what has a source range, else the segment's own."""

    @pytest.mark.parametrize(("source_us", "speed"), [(2_000_000, 1.0), (1_000_000, 2.0), (600_000, 0.5)])
    def test_films_count_media_time(self, source_us: int, speed: float, tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        film = write_film(tmp_path / "film.mp4", at_rate(150), options={"g": "30"})
        move = eased("KFTypePositionX", -0.5, 0.5, (), source_us + 100_000, source_us + round(900_000 * speed))
        own = {"clip": clip(scale=(0.5, 0.5)), "common_keyframes": [move]}
        material = draft.film(film, (160, 96), 5 * SECOND)
        segment = draft.clip(draft.track(), material, SECOND, source_us=source_us, speed=speed, **own)
        for frame, shot in zip((30, 37, 50, 59), draw(draft.raw, (30, 37, 50, 59)), strict=True):
            at_us = float(frame * FRAME_US)
            where = place_of(draft.raw, segment, at_us, OUTPUT)
            x, y = (round(at) for at in where(0, 0))
            found = number_in(shot.y[y : y + 90, x : x + 150].astype("uint8"))
            assert found == round((source_us + (at_us - SECOND) * speed) * 30 / SECOND)
            sides = crossing(shot, where(0, 0.8), (-1, 0)), crossing(shot, where(1, 0.8), (1, 0))
            assert max(map(abs, sides)) < 0.5

    def test_photos_count_from_their_source_start(self, tmp_path: Path) -> None:
        move = eased("KFTypePositionX", -0.5, 0.5, (), 2_100_000, 2_900_000)
        draft, segment = moving(tmp_path, clip(scale=(0.3, 0.3)), [move], source_us=2_000_000, start_us=SECOND)
        for frame, shot in zip((30, 41, 58), draw(draft.raw, (30, 41, 58)), strict=True):
            assert corners_error(shot, place_of(draft.raw, segment, float(frame * FRAME_US), OUTPUT)) < 0.5

    @pytest.mark.parametrize("at_us", [999_001, 1_000_999])
    def test_keys_within_a_thousandth_of_an_end_lie_on_it(self, at_us: int, tmp_path: Path) -> None:
        draft, _ = moving(tmp_path, clip(), [keys("KFTypePositionX", (0, 0.0), (at_us, 1.0))])
        [layer] = LayerStack(timeline_of(draft.raw), Fraction(30)).at(15)
        assert isinstance(layer, ClipLayer)
        assert layer.transform.shift_x == pytest.approx(0.5, abs=1e-12)


class TestOpacity:
    @pytest.mark.parametrize("handles", [(), CUBIC_OUT], ids=["line", "cubic-out"])
    def test_of_clips(self, handles: Handles, tmp_path: Path) -> None:
        draft, segment = moving(tmp_path, clip(alpha=0.1), [eased("KFTypeAlpha", 0.2, 1.0, handles)])
        for frame, shot in zip(FRAMES, draw(draft.raw, FRAMES), strict=True):
            alpha = move_at(segment, float(frame * FRAME_US)).alpha
            assert shot.shows((80, 45), [alpha * part for part in QUARTERS[0]]), frame

    @pytest.mark.parametrize("name", ["KFTypeGlobalAlpha", "KFTypeAlpha"])
    def test_of_captions(self, name: str) -> None:
        """Counted from the caption's own start, in place of what stands still; a stem is thicker than three pixels."""
        draft = Draft(CANVAS)
        text = draft.add("texts", **words("I", 90.0, global_alpha=0.3 if name == "KFTypeGlobalAlpha" else 1.0))
        curve = eased(name, 0.2, 0.9)
        segment = draft.still(draft.track("text"), text, SECOND, render_index=14000, common_keyframes=[curve])
        frames = tuple(30 + frame for frame in FRAMES)
        for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
            assert shot.y.max() == pytest.approx(16 + 219 * move_at(segment, float(frame * FRAME_US)).alpha, abs=2)

    def test_a_materials_own_opacity_of_captions(self) -> None:
        draft = Draft(CANVAS)
        text = draft.add("texts", **words("I", 90.0, global_alpha=0.5))
        draft.still(draft.track("text"), text, clip=clip(alpha=0.8))
        [shot] = draw(draft.raw)
        assert shot.y.max() == pytest.approx(16 + 219 * 0.5 * 0.8, abs=2)

    def test_of_stickers(self, tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        path = str(solid(tmp_path / "sticker.png", WHITE))
        sticker = draft.add("stickers", type="sticker", resource_id="71", path=path)
        curve = eased("KFTypeGlobalAlpha", 0.2, 0.9)
        segment = draft.still(draft.track("sticker"), sticker, SECOND, common_keyframes=[curve])
        frames = tuple(30 + frame for frame in FRAMES)
        for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
            assert shot.y[90, 160] == pytest.approx(16 + 219 * move_at(segment, float(frame * FRAME_US)).alpha, abs=2)

    @pytest.mark.parametrize("name", ["KFTypeShapeGlobalAlpha", "KFTypeGlobalAlpha"])
    def test_of_shapes(self, name: str) -> None:
        draft = Draft(CANVAS)
        points = [{"x": x, "y": y} for x, y in ((-90, 90), (90, 90), (90, -90), (-90, -90))]
        shape = draft.add("shapes", type="shape", custom_points=points, fill_color="#ffffff")
        segment = draft.still(draft.track("sticker"), shape, SECOND, common_keyframes=[eased(name, 0.2, 0.9)])
        frames = tuple(30 + frame for frame in FRAMES)
        for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
            assert shot.y[90, 160] == pytest.approx(16 + 219 * move_at(segment, float(frame * FRAME_US)).alpha, abs=2)


@pytest.mark.parametrize("handles", [(), CUBIC_OUT], ids=["line", "cubic-out"])
def test_stickers_and_shapes_move_by_their_own_clock(handles: Handles, tmp_path: Path) -> None:
    draft = Draft(CANVAS)
    own = {"clip": clip(rotation=3.0), "common_keyframes": [eased("KFTypePositionX", -0.5, 0.5, handles)]}
    points = [{"x": x, "y": y} for x, y in ((-80, 60), (80, 60), (80, -60), (-80, -60))]
    shape = draft.add("shapes", type="shape", custom_points=points, fill_color="#ffffff")
    sticker = draft.add("stickers", type="sticker", path=str(solid(tmp_path / "s.png", WHITE, (80, 60))))
    above = {**own, "clip": clip(rotation=-5.0, scale=(0.4, 0.4), shift=(0.0, 0.6))}
    fits = (((160, 120), CANVAS[0] / 720), ((80, 60), 0.5 * 360 / 80))
    tracks = draft.track("sticker"), draft.track("sticker")
    made = [draft.still(tracks[0], shape, SECOND, **own), draft.still(tracks[1], sticker, SECOND, **above)]
    frames = (30, 38, 47, 59)
    for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
        for segment, (size, fit) in zip(made, fits, strict=True):
            move = move_at(segment, float(frame * FRAME_US))
            assert corners_error(shot, place(size, move, CANVAS, OUTPUT, fit=fit), 3.0) < 0.5, frame


def test_captions_move_by_their_own_clock() -> None:
    """The middle of the ink of a letter that is the same from above and below, left and right."""
    draft = Draft(CANVAS)
    text = draft.add("texts", **words("I", 60.0))
    curves = [eased("KFTypePositionX", -0.5, 0.5, CUBIC_OUT), eased("KFTypeScaleX", 0.5, 1.5)]
    segment = draft.still(draft.track("text"), text, SECOND, common_keyframes=curves)
    frames = (30, 38, 47, 59)
    heights = []
    for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
        ink = shot.y - 16
        middle = (ink.sum(axis=0) * [x + 0.5 for x in range(OUTPUT[0])]).sum() / ink.sum()
        move = move_at(segment, float(frame * FRAME_US))
        assert middle == pytest.approx(OUTPUT[0] / 2 * (1 + move.shift[0]), abs=0.5)
        heights.append(ink.max(axis=1).sum() / 219 / move.scale[0])
    assert heights == pytest.approx([heights[-1]] * 4, rel=0.05)


def test_the_oldest_keyframes_are_objects_with_all_properties(tmp_path: Path) -> None:
    """Opacity by bit 8; the rest where it differs. Straight between them, in media time."""
    draft = Draft(CANVAS)
    film = draft.film(write_film(tmp_path / "film.mp4", at_rate(120)), (160, 96), 4 * SECOND)
    segment = draft.clip(draft.track(), film, source_us=2 * SECOND, clip=clip(scale=(0.4, 0.4)))
    common = {"type": "video", "scale": {"x": 0.4, "y": 0.4}, "rotation": 0.0, "volume": 1.0, "last_volume": 1.0}
    for number, (at_us, x, alpha) in enumerate(((2_100_000, -0.5, 0.3), (2_900_000, 0.5, 1.0))):
        own = {"id": f"old-{number}", "flags": 15, "time_offset": at_us, "alpha": alpha, "position": {"x": x, "y": 0.0}}
        draft.raw["keyframes"]["videos"].append({**common, **own})
        segment["keyframe_refs"].append(f"old-{number}")
    shots = draw(draft.raw, FRAMES)
    segment["common_keyframes"] = [  # for the oracle alone
        keys("KFTypePositionX", (2_100_000, -0.5), (2_900_000, 0.5)),
        keys("KFTypeAlpha", (2_100_000, 0.3), (2_900_000, 1.0)),
    ]
    for frame, shot in zip(FRAMES, shots, strict=True):
        where = place_of(draft.raw, segment, float(frame * FRAME_US), OUTPUT)
        grey = 16 + (100 - 16) * move_at(segment, float(frame * FRAME_US)).alpha
        assert shot.level(*where(0.5, 0.8)) == pytest.approx(grey, abs=2)
        left, right = (where(u, 0.75)[0] for u in (0, 1))
        assert [shot.level(x, where(0.5, 0.75)[1]) for x in (left, right)] == pytest.approx(
            [(grey + 16) / 2] * 2, abs=20
        )
