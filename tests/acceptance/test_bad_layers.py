"""Layers that cannot be, through the command: each is clamped by a stated rule or refused with the segment's id."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.commands.drafts import SECOND, Draft, Ran, draft_of, segment, write
from tests.media.film import number_in

CANVAS_PX = (160, 96)
ABOVE_PX = (40, 24)  #: the photo that lies on the film or on the other photo, contained in the canvas
RED, GREEN, BLUE = (200, 40, 40), (30, 160, 60), (40, 40, 220)
NAN, INFINITY = math.nan, math.inf
BAD_NUMBERS = (NAN, INFINITY, "wide", None, [1])

Shot = Callable[..., NDArray[np.float64]]


@pytest.fixture
def photos(folder: Path) -> Path:
    """The draft's folder, with a green photo and a smaller red one that has a blue upper left quarter."""
    Image.new("RGB", CANVAS_PX, GREEN).save(folder / "green.png")
    red = Image.new("RGB", ABOVE_PX, RED)
    red.paste(BLUE, (0, 0, ABOVE_PX[0] // 2, ABOVE_PX[1] // 2))
    red.save(folder / "red.png")
    return folder


@pytest.fixture
def shot(photos: Path, out: Path, cutfarm: Callable[..., Ran]) -> Shot:
    """The frame of a draft at an instant, (96, 160, 3), through `cutfarm frame`."""

    def take(draft: Draft, at_s: float = 0.0) -> NDArray[np.float64]:
        write(photos, draft)
        code, _, said = cutfarm("frame", photos, "--at", str(at_s), "-o", out / "a.png", "--device", "cpu")
        assert code == 0, said
        picture = np.asarray(Image.open(out / "a.png"), dtype=np.float64)
        (out / "a.png").unlink()
        return picture

    return take


@pytest.fixture
def refusal(photos: Path, out: Path, cutfarm: Callable[..., Ran]) -> Callable[[Draft], str]:
    """What both commands say of a draft that they refuse; neither writes a file."""

    def refused(draft: Draft) -> str:
        write(photos, draft)
        said = set()
        for words in (["render", "-o", out / "a.mp4"], ["frame", "--at", "0", "-o", out / "a.png"]):
            code, printed, error = cutfarm(words[0], photos, *words[1:])
            assert (code, printed, list(out.iterdir())) == (2, "", [])
            assert error.startswith("cutfarm: ")
            assert error.endswith(".\n")
            assert error.count("\n") == 1
            said.add(error.removeprefix("cutfarm: ").rstrip("\n"))
        [sentence] = said
        return sentence

    return refused


@pytest.fixture
def report(photos: Path, out: Path, cutfarm: Callable[..., Ran]) -> Callable[[Draft], list[Any]]:
    """The report of a draft's rendering."""

    def made(draft: Draft) -> list[Any]:
        write(photos, draft)
        words = ("-o", out / "a.mp4", "--range", "0:0.1", "--report", out / "report.json", "--device", "cpu")
        assert cutfarm("render", photos, *words)[0] == 0
        entries: list[Any] = json.loads((out / "report.json").read_text("utf-8"))
        return entries

    return made


def layered(*further: Draft, photo: Draft | None = None, **above: Any) -> Draft:
    """A red photo on a green one, both a second long and as large as the canvas; `further` are its materials."""
    videos = [
        {"id": "green", "type": "photo", "path": "green.png"},
        {"id": "red", "type": "photo", "path": "red.png", **(photo or {})},
    ]
    refs = [item["id"] for item in further]
    materials: dict[str, list[Draft]] = {"videos": videos}
    for item in further:
        materials.setdefault(item.pop("bucket"), []).append(item)
    tracks = [
        {"type": "video", "segments": [segment("green")]},
        {"type": "video", "segments": [segment("red", extra_material_refs=refs, **above)]},
    ]
    return draft_of("film.mp4") | {"tracks": tracks, "materials": materials}


def placed(**clip: Any) -> Draft:
    return layered(clip=clip)


def shows(picture: NDArray[np.float64], box: tuple[float, float, float, float] | None) -> None:
    """All but green lies in `box` (left, top, right, bottom) and fills it, but for three pixels around its edges."""
    is_green = np.abs(picture - GREEN).max(-1) < 6
    if box is None:
        assert is_green.all()
        return
    left, top, right, bottom = box
    y, x = np.mgrid[0.5:96, 0.5:160]
    inside = (x > left + 3) & (x < right - 3) & (y > top + 3) & (y < bottom - 3)
    outside = (x < left - 3) | (x > right + 3) | (y < top - 3) | (y > bottom + 3)
    assert not is_green[inside].any()
    assert is_green[outside].all()


WHOLE = (0, 0, 160, 96)
HALF = (40, 24, 120, 72)


class TestMasks:
    """Sizes are held to 0…1000, one that is no number is the default of a half; a size of 0 keeps nothing."""

    @staticmethod
    def masked(**config: Any) -> Draft:
        return layered({"bucket": "masks", "id": "m", "type": "mask", "resource_type": "rectangle", "config": config})

    def test_a_mask(self, shot: Shot) -> None:
        shows(shot(self.masked(width=0.5, height=0.5)), HALF)

    @pytest.mark.parametrize("size", [(0, 0), (0, 0.5), (0.5, 0), (-1, -1), (-1e30, 0.5), (1e-12, 1e-12)])
    @pytest.mark.parametrize("is_inverted", [False, True])
    def test_of_zero_size(self, size: tuple[float, float], is_inverted: bool, shot: Shot) -> None:
        mirror = ("mirror",) if size[1] < 0.5 else ()  # the height alone is its size
        for kind in ("circle", "rectangle", "heart", "pentagram", *mirror):
            draft = self.masked(width=size[0], height=size[1], invert=is_inverted, feather=0.3)
            draft["materials"]["masks"][0]["resource_type"] = kind
            shows(shot(draft), WHOLE if is_inverted else None)

    @pytest.mark.parametrize("size", BAD_NUMBERS, ids=str)
    def test_of_no_size(self, size: Any, shot: Shot) -> None:
        shows(shot(self.masked(width=size, height=0.5)), HALF)

    def test_of_enormous_size(self, shot: Shot) -> None:
        shows(shot(self.masked(width=1e9, height=0.5)), (0, 24, 160, 72))


class TestScales:
    """Scales are held to 0…1000; one that is no number is 1, one of 0 shows nothing."""

    def test_a_scale(self, shot: Shot) -> None:
        shows(shot(placed(scale={"x": 0.5, "y": 0.5})), HALF)

    @pytest.mark.parametrize("scale", [0, -0.0, -1, -1e9, 1e-300])
    def test_of_nothing(self, scale: float, shot: Shot) -> None:
        shows(shot(placed(scale={"x": scale, "y": scale})), None)
        shows(shot(placed(scale={"x": scale, "y": 1.0})), None)

    @pytest.mark.parametrize("scale", BAD_NUMBERS, ids=str)
    def test_of_no_number(self, scale: Any, shot: Shot) -> None:
        shows(shot(placed(scale={"x": scale, "y": 0.5})), (0, 24, 160, 72))

    @pytest.mark.parametrize("scale", [1e9, 1e308])
    def test_of_enormous_size(self, scale: float, shot: Shot) -> None:
        """Held to 1000: between the four middle samples, 4000 pixels from each other, lies the whole canvas."""
        picture = shot(placed(scale={"x": scale, "y": scale}))
        shows(picture, WHOLE)
        for x, y in ((10, 10), (150, 90), (10, 90)):
            blue = (0.5 - (x - 80) / 4000) * (0.5 - (y - 48) / 4000)
            wanted = np.array(RED) + (np.array(BLUE) - RED) * blue
            assert np.abs(picture[y, x] - wanted).max() < 15

    def test_enormous_is_a_thousand(self, shot: Shot) -> None:
        """An edge that 1000 puts into the picture is there for 1e9 too."""
        left = {"scale": {"x": 1e9, "y": 1.0}, "transform": {"x": 1000.0, "y": 0.0}}
        picture = shot(placed(**left))
        shows(picture, (80, 0, 160, 96))  # centre 80 + 80 · 1000, half a width of 80 · 1000

    @pytest.mark.parametrize("value", [-1, 0, 0.5, 2, *BAD_NUMBERS], ids=str)
    def test_opacities(self, value: Any, shot: Shot) -> None:
        """Held to 0…1; what is no number is 1."""
        opacity = min(max(value, 0), 1) if isinstance(value, int | float) and math.isfinite(value) else 1
        picture = shot(placed(alpha=value))
        wanted = np.array(GREEN) + (np.array(RED) - GREEN) * opacity
        assert np.abs(picture[80, 140] - wanted).max() < 4


class TestKeyframes:
    """Keys are sorted; of several keys at a time the last one counts."""

    @staticmethod
    def moved(*keys: tuple[float, Any]) -> Draft:
        """By keys (seconds, half canvases) of the centre; a quarter as large as the canvas."""
        listed = [{"time_offset": round(at_s * SECOND), "values": [x]} for at_s, x in keys]
        curve = {"property_type": "KFTypePositionX", "keyframe_list": listed}
        return layered(clip={"scale": {"x": 0.25, "y": 0.25}}, common_keyframes=[curve])

    @staticmethod
    def at(x: float) -> tuple[float, float, float, float]:
        return 60 + 80 * x, 36, 100 + 80 * x, 60

    def test_out_of_order(self, shot: Shot) -> None:
        draft = self.moved((0.9, 0.5), (0.0, -0.5), (0.45, 0.5))
        shows(shot(draft, 0.0), self.at(-0.5))
        shows(shot(draft, 0.3), self.at(-0.5 + 0.3 / 0.45))
        shows(shot(draft, 0.6), self.at(0.5))

    def test_doubled(self, shot: Shot) -> None:
        draft = self.moved((0.0, -0.5), (0.0, 0.4), (0.9, 0.1), (0.9, -0.5), (0.9, 0.4))
        for at_s in (0.0, 0.5, 0.9):
            shows(shot(draft, at_s), self.at(0.4))

    @pytest.mark.parametrize("value", BAD_NUMBERS, ids=str)
    def test_without_a_number(self, value: Any, shot: Shot) -> None:
        """They are none."""
        shows(shot(self.moved((0.0, value), (0.5, -0.5), (0.7, value)), 0.7), self.at(-0.5))

    def test_values_beyond_all_bounds(self, shot: Shot) -> None:
        shows(shot(self.moved((0.0, 1e308), (0.5, -1e308)), 0.0), None)

    @pytest.mark.parametrize("time", [NAN, INFINITY, 10**30])
    def test_times_that_cannot_be(self, time: float, refusal: Callable[[Draft], str]) -> None:
        draft = self.moved((0.0, 0.0))
        curve = draft["tracks"][1]["segments"][0]["common_keyframes"][0]
        curve["keyframe_list"][0]["time_offset"] = time
        assert refusal(draft).startswith("Segment segment-red has a time ")


class TestCrops:
    """A quad that crosses itself, is mirrored or has no area shows the whole picture, and the report says so."""

    CORNERS = ("upper_left", "upper_right", "lower_right", "lower_left")

    def cropped(self, *corners: tuple[Any, Any]) -> Draft:
        named = zip(self.CORNERS, corners, strict=True)
        crop = {f"{name}_{axis}": place for name, xy in named for axis, place in zip("xy", xy, strict=True)}
        return layered(photo={"crop": crop})

    def test_a_crop(self, shot: Shot) -> None:
        """The right half, contained in the canvas."""
        shows(shot(self.cropped((0.5, 0), (1, 0), (1, 1), (0.5, 1))), (40, 0, 120, 96))

    @pytest.mark.parametrize(
        "corners",
        [
            ((0, 0), (1, 1), (1, 0), (0, 1)),  # crossed
            ((0, 0), (0.5, 1), (1, 1), (0.5, 0)),  # anticlockwise
            ((1, 0), (0, 0), (0, 1), (1, 1)),  # mirrored
            ((0, 0), (1, 0), (0.2, 0.2), (0, 1)),  # dented
            ((0.5, 0.5),) * 4,
            ((0, 0), (1, 0), (1, 0), (0, 0)),  # without height
        ],
    )
    def test_crossing_itself(
        self, corners: tuple[tuple[float, float], ...], shot: Shot, report: Callable[[Draft], list[Any]]
    ) -> None:
        draft = self.cropped(*corners)
        assert np.array_equal(shot(draft), shot(placed()))
        [entry] = report(draft)
        assert (entry["what"], entry["fidelity"], entry["segment_id"]) == ("crop", "unsupported", "segment-red")
        assert "the whole picture is shown" in entry["message"]

    @pytest.mark.parametrize("place", BAD_NUMBERS, ids=str)
    def test_corners_that_are_no_numbers(self, place: Any, shot: Shot) -> None:
        """They are the picture's own."""
        shows(shot(self.cropped((place, 0), (0.5, place), (0.5, 1), (place, 1))), (40, 0, 120, 96))


class TestSpeeds:
    """A speed that is not above 0 counts as none: the source range maps across the target range, or plays at 1."""

    @staticmethod
    def played(material: Draft, /, **changes: Any) -> Draft:
        draft = draft_of("film.mp4")
        shown = segment("film", extra_material_refs=["speed"], **changes)
        draft["tracks"] = [{"type": "video", "segments": [shown]}]
        draft["materials"]["speeds"] = [{"id": "speed", **material}]
        return draft

    @staticmethod
    def number(picture: NDArray[np.float64]) -> int:
        return number_in(picture.mean(-1).astype(np.uint8))

    @pytest.mark.parametrize("speed", [0, -0.0, -2, *BAD_NUMBERS], ids=str)
    def test_of_nothing(self, speed: Any, shot: Shot) -> None:
        two_seconds = {"start": 0, "duration": 2 * SECOND}
        for draft, rate in (
            (self.played({"speed": speed}), 1),
            (self.played({"speed": speed}, source_timerange=None, speed=speed), 1),
            (self.played({"speed": speed}, source_timerange=two_seconds), 2),
        ):
            assert self.number(shot(draft, 0.5)) == 15 * rate

    def test_of_enormous_size(self, shot: Shot) -> None:
        """Held to 1000: all of the film but its first frame has gone by at once, and its last one is held."""
        draft = self.played({"speed": 1e300}, source_timerange=None)
        assert [self.number(shot(draft, at_s)) for at_s in (0.0, 1 / 30, 0.5)] == [0, 59, 59]

    @staticmethod
    def curve(*points: tuple[Any, Any]) -> Draft:
        listed = [{"x": x, "y": y} for x, y in points]
        return {"mode": 1, "speed": 1.0, "curve_speed": {"speed_points": listed}}

    @pytest.mark.parametrize(
        "passed_over", [(0.5, 9.0), (0.3, 9.0), (0.0, 9.0), (-1, 9.0), (NAN, 9.0), (None, 9.0), (0.7, NAN), (2, 9.0)]
    )
    def test_a_curve_whose_places_do_not_rise(
        self, passed_over: tuple[Any, Any], shot: Shot, report: Callable[[Draft], list[Any]]
    ) -> None:
        """A point that does not come after the one before is passed over."""
        course = ((0.0, 0.5), (0.5, 3.0), (1.0, 1.0))
        spoilt = self.played(self.curve(*course[:2], passed_over, course[2]))
        good = self.played(self.curve(*course))
        times_s = (0.0, 0.3, 0.6, 0.9)
        numbers = [self.number(shot(spoilt, at_s)) for at_s in times_s]
        assert numbers == [self.number(shot(good, at_s)) for at_s in times_s]
        assert numbers != [round(30 * at_s) for at_s in times_s], "the curve must be seen"
        entries = [entry for entry in report(spoilt) if entry["what"] == "speed curve"]
        assert [entry["segment_id"] for entry in entries] == ["segment-film"]
        assert "passed over" in entries[0]["message"]

    @pytest.mark.parametrize("points", [((0.5, 2.0),) * 3, ((1.0, 2.0), (0.5, 1.0), (0.2, 3.0)), ((NAN, 1.0),), ()])
    def test_a_curve_without_a_course(
        self, points: tuple[tuple[float, float], ...], shot: Shot, report: Callable[[Draft], list[Any]]
    ) -> None:
        """The clip plays evenly."""
        draft = self.played(self.curve(*points))
        assert [self.number(shot(draft, at_s)) for at_s in (0.0, 0.3, 0.6)] == [0, 9, 18]
        assert "plays evenly" in next(e["message"] for e in report(draft) if e["what"] == "speed curve")

    def test_speeds_of_a_curve_that_are_not_above_nothing(self, shot: Shot) -> None:
        """Held to 0.01: a second of the source at 0.01 and then at 1 is nearly all of the time its slow half."""
        draft = self.played(self.curve((0.0, 0.0), (0.5, -3.0), (0.5001, 1.0), (1.0, 1.0)))
        slow_s = Fraction(1, 2) / Fraction(1, 100)  # of a whole of about 50.5, which is mapped across one second
        for at_s in (0.2, 0.5, 0.9):
            played = at_s * float(slow_s + Fraction(1, 2)) * 0.01
            assert abs(self.number(shot(draft, at_s)) - 30 * played) <= 1


class TestCompounds:
    @staticmethod
    def holding(inner: Draft, id_: str, of: str) -> Draft:
        """A draft that shows `inner` by the compound material `id_`, in the segment `of`."""
        stub = {"id": "stub", "type": "video", "path": ""}
        shown = segment("stub", extra_material_refs=[id_]) | {"id": of}
        materials = {"videos": [stub], "drafts": [{"id": id_, "type": "combination", "draft": inner}]}
        return draft_of("film.mp4") | {"tracks": [{"type": "video", "segments": [shown]}], "materials": materials}

    def test_holding_itself(self, refusal: Callable[[Draft], str]) -> None:
        draft = self.holding(draft_of("film.mp4"), "own", "inmost")
        draft = self.holding(draft, "other", "middle")
        said = refusal(self.holding(draft, "own", "outer"))
        assert "Segment inmost shows a compound clip that holds itself." in said
        assert said.startswith("In the compound clip of segment outer: In the compound clip of segment middle: ")

    def test_nested_too_deeply(self, shot: Shot, refusal: Callable[[Draft], str]) -> None:
        draft = draft_of("film.mp4")
        for depth in range(8):
            draft = self.holding(draft, f"level {depth}", f"segment {depth}")
        assert number_in(shot(draft, 0.5).mean(-1).astype(np.uint8)) == 15
        said = refusal(self.holding(draft, "level 8", "segment 8"))
        assert "Segment segment 0 lies in compound clips nested deeper than 8 levels." in said


class TestManyLayers:
    @staticmethod
    def stacked(count: int) -> Draft:
        """Photos on each other, each a little further right, the last one topmost."""
        draft = layered()
        shown = [
            segment("red")
            | {"id": f"layer {n}", "clip": {"scale": {"x": 0.1, "y": 0.1}, "transform": {"x": n / count}}}
            for n in range(count)
        ]
        draft["tracks"] = [{"type": "video", "segments": [one]} for one in shown]
        return draft

    def test_ten_thousand(self, refusal: Callable[[Draft], str]) -> None:
        assert refusal(self.stacked(10_000)) == "With segment layer 1000 more than 1000 layers lie on each other."

    def test_ten_thousand_in_a_compound_clip(self, refusal: Callable[[Draft], str]) -> None:
        draft = TestCompounds.holding(self.stacked(10_000), "many", "outer")
        assert "With segment layer 1000 more than 1000 layers" in refusal(draft)

    def test_ten_thousand_that_are_seen_one_after_the_other(self, shot: Shot) -> None:
        draft = self.stacked(10_000)
        for n, track in enumerate(draft["tracks"]):
            track["segments"][0]["target_timerange"] = {"start": n * 1000, "duration": 1000}
        shows(
            shot(draft | {"tracks": [{"type": "video", "segments": [segment("green", 0, 10)]}, *draft["tracks"]]}, 5.0),
            (112, 43, 128, 53),
        )
