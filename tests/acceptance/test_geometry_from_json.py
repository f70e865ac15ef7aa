"""From a draft's JSON to pixels, by the geometry rows of the format's §4: corners to half a pixel, colours to 2."""

from __future__ import annotations

from math import erf, sqrt
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.acceptance.drafts import Draft, Raw, clip, crop
from tests.acceptance.oracle import Place, cropped, move_at, place, place_of
from tests.acceptance.shots import QUARTERS, Shot, corners_error, draw, mark
from tests.media.film import at_rate, displayed_by, write_film

CANVAS = (640, 360)
OUTPUT = (320, 180)
SOURCES = ((160, 90), (90, 160), (120, 120), (300, 60), (61, 45))
MIDDLES = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))  # of the quarters, clockwise from the upper left
PARTS = (0.06, 0.2, 0.4, 0.6, 0.8, 0.94)
SMALL = clip(scale=(0.7, 0.7))

#: What `clip` holds, each row alone and all together.
MOVES: dict[str, Raw] = {
    "scale": clip(scale=(0.5, 0.5)),
    "scale-by-axis": clip(scale=(0.8, 0.45)),
    "shift-right": clip(scale=(0.4, 0.4), shift=(0.5, 0.0)),
    "shift-up": clip(scale=(0.4, 0.4), shift=(0.0, 0.45)),
    "turned": clip(scale=(0.5, 0.5), rotation=30.0),
    "turned-back": clip(scale=(0.5, 0.5), rotation=-72.5),
    "turned-twice-around": clip(scale=(0.5, 0.5), rotation=750.0),
    "quarter-turn": clip(scale=(0.5, 0.5), rotation=90.0),
    "mirrored": clip(scale=(0.6, 0.6), flip=(True, False)),
    "upside-down": clip(scale=(0.6, 0.6), flip=(False, True)),
    "mirrored-and-turned": clip(scale=(0.5, 0.4), flip=(True, False), rotation=25.0),
    "all": clip(scale=(0.45, 0.6), flip=(True, True), rotation=-40.0, shift=(-0.2, 0.1)),
}


def one_photo(
    path: Path, size_px: tuple[int, int], own: Raw, canvas_px: tuple[int, int] = CANVAS, **more: Raw
) -> Draft:
    draft = Draft(canvas_px)
    draft.clip(draft.track(), draft.photo(path, size_px, **more), clip=own)
    return draft


def the_clip(draft: Draft) -> Raw:
    [[segment]] = [track["segments"] for track in draft.raw["tracks"]]
    found: Raw = segment
    return found


def check(shot: Shot, where: Place, colours: tuple[tuple[int, int, int], ...] = QUARTERS) -> None:
    assert corners_error(shot, where) < 0.5
    for middle, colour in zip(MIDDLES, colours, strict=True):
        assert shot.shows(where(*middle), colour), (middle, shot.rgb_at(where(*middle)))


class TestClip:
    @pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
    @pytest.mark.parametrize("size_px", [(160, 90), (120, 120)], ids=str)
    def test_corners_and_quarters(self, move: Raw, size_px: tuple[int, int], tmp_path: Path) -> None:
        draft = one_photo(mark(tmp_path / "photo.png", size_px), size_px, move)
        [shot] = draw(draft.raw)
        check(shot, place_of(draft.raw, the_clip(draft), 0, OUTPUT))

    @pytest.mark.parametrize("size_px", SOURCES, ids=str)
    @pytest.mark.parametrize("canvas_px", [CANVAS, (1080, 1920), (1437, 1920), (1920, 1013)], ids=str)
    def test_it_is_contained_in_the_canvas(
        self, size_px: tuple[int, int], canvas_px: tuple[int, int], tmp_path: Path
    ) -> None:
        """Odd canvases too, whose output is even."""
        draft = one_photo(mark(tmp_path / "photo.png", size_px), size_px, SMALL, canvas_px)
        factor = 240 / max(canvas_px)
        output = (round(canvas_px[0] * factor / 2) * 2, round(canvas_px[1] * factor / 2) * 2)
        [shot] = draw(draft.raw, size_px=output)
        where = place_of(draft.raw, the_clip(draft), 0, output)
        assert corners_error(shot, where) < 0.5

    @pytest.mark.parametrize("alpha", [0.0, 0.25, 0.8])
    def test_opacity(self, alpha: float, tmp_path: Path) -> None:
        draft = one_photo(mark(tmp_path / "photo.png", (160, 90)), (160, 90), clip(alpha=alpha))
        [shot] = draw(draft.raw)
        for (u, v), colour in zip(MIDDLES, QUARTERS, strict=True):
            assert shot.shows((u * OUTPUT[0], v * OUTPUT[1]), [alpha * part for part in colour])

    def test_without_any_geometry_it_lies_in_the_middle(self, tmp_path: Path) -> None:
        """Tools leave out what the applications always write."""
        draft = one_photo(mark(tmp_path / "photo.png", (120, 120)), (120, 120), clip())
        where = place_of(draft.raw, the_clip(draft), 0, OUTPUT)
        segment, material = the_clip(draft), draft.raw["materials"]["videos"][0]
        for key in ("clip", "uniform_scale", "common_keyframes", "visible", "render_index", "track_render_index"):
            del segment[key]
        for key in ("crop", "crop_ratio", "width", "height", "check_flag"):
            del material[key]
        [shot] = draw(draft.raw)
        for middle, colour in zip(MIDDLES, QUARTERS, strict=True):
            assert shot.shows(where(*middle), colour)
        assert [round(shot.y[90, x]) for x in (68, 252)] == [16, 16]

    def test_the_picture_of_a_phone_lies_as_it_is_displayed(self, tmp_path: Path) -> None:
        """`width` and `height` are those after the container's rotation."""
        film = write_film(tmp_path / "phone.mp4", at_rate(2), size_px=(160, 90))
        draft = Draft((360, 640))
        material = draft.film(displayed_by(film, (0, 1, -1, 0)), (90, 160))
        segment = draft.clip(draft.track(), material, length_us=66_667, clip=clip(scale=(0.7, 0.7), rotation=20.0))
        [shot] = draw(draft.raw, size_px=(180, 320))
        where = place_of(draft.raw, segment, 0, (180, 320))
        # Frame 0 is black, white below that, then grey; turned, these lie at the right, and grey at the left.
        assert [round(shot.level(*where(u, 0.5))) for u in (0.9, 0.63, 0.2)] == pytest.approx([16, 235, 100], abs=3)


#: Crops as the applications write them: bands, a corner, and a quad that was turned.
CROPS: dict[str, Raw] = {
    "band": crop((0.0, 0.289), (1.0, 0.289), (0.0, 0.711), (1.0, 0.711)),
    "corner": crop((0.4, 0.3), (0.95, 0.3), (0.4, 0.9), (0.95, 0.9)),
    "turned": crop((0.35, 0.15), (0.85, 0.4), (0.15, 0.55), (0.65, 0.8)),
}


class TestCrop:
    @pytest.mark.parametrize("window", CROPS.values(), ids=CROPS)
    @pytest.mark.parametrize("move", [SMALL, MOVES["all"]], ids=["small", "moved"])
    def test_what_is_left_is_contained_and_moved(self, window: Raw, move: Raw, tmp_path: Path) -> None:
        size_px = (200, 200)  # a turned crop of a square picture has right angles
        draft = one_photo(mark(tmp_path / "photo.png", size_px), size_px, move, crop=window)
        [shot] = draw(draft.raw)
        where = place_of(draft.raw, the_clip(draft), 0, OUTPUT)
        assert corners_error(shot, where) < 0.5
        seen = set()
        for u, v in ((x, y) for x in PARTS for y in PARTS):
            x, y = cropped(window, u, v)
            if min(abs(x - 0.5), abs(y - 0.5)) > 0.04:
                quarter = (0 if y < 0.5 else 3) if x < 0.5 else (1 if y < 0.5 else 2)
                seen.add(quarter)
                assert shot.shows(where(u, v), QUARTERS[quarter]), (u, v)
        assert len(seen) == 4

    def test_a_written_ratio_and_scale_mean_nothing(self, tmp_path: Path) -> None:
        photo = mark(tmp_path / "photo.png", (160, 90))
        plain = one_photo(photo, (160, 90), SMALL, crop=CROPS["band"])
        named = one_photo(photo, (160, 90), SMALL, crop=CROPS["band"])
        named.raw["materials"]["videos"][0] |= {"crop_ratio": "4:3", "crop_scale": 1.0}
        [one], [other] = draw(plain.raw), draw(named.raw)
        assert np.array_equal(one.y, other.y)


class TestBackground:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ({"type": "canvas_color", "color": "#336699"}, (0x33, 0x66, 0x99)),
            ({"type": "canvas_color", "color": "#c08040ff"}, (0xC0, 0x80, 0x40)),
            ({"type": "canvas_color", "color": "#c0804080"}, (0x60, 0x40, 0x20)),
            ({"type": "canvas_color", "color": ""}, (0, 0, 0)),
            ({"type": "none", "color": "#ff0000"}, (0, 0, 0)),
        ],
    )
    def test_colours_fill_what_the_clip_leaves(self, written: Raw, shown: tuple[int, int, int], tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        canvas = draft.add("canvases", blur=0.0, image="", album_image="", **written)
        photo = draft.photo(mark(tmp_path / "photo.png", (160, 90)), (160, 90))
        segment = draft.clip(draft.track(), photo, clip=MOVES["turned"], refs=[canvas])
        [shot] = draw(draft.raw)
        assert all(shot.shows(at, shown) for at in ((10, 10), (310, 10), (310, 170), (10, 170)))
        where = place_of(draft.raw, segment, 0, OUTPUT)
        assert all(shot.shows(where(*middle), colour) for middle, colour in zip(MIDDLES, QUARTERS, strict=True))

    def test_overlays_have_none(self, tmp_path: Path) -> None:
        photo = mark(tmp_path / "photo.png", (160, 90))
        draft = Draft(CANVAS)
        canvas = draft.add("canvases", type="canvas_color", color="#ff0000", blur=0.0, image="", album_image="")
        material = draft.photo(photo, (160, 90))
        draft.clip(draft.track(), material, clip=clip(scale=(0.9, 0.9)))
        overlay = clip(scale=(0.2, 0.2))
        draft.clip(draft.track(flag=2), material, clip=overlay, refs=[canvas], render_index=1)
        [shot] = draw(draft.raw)
        assert shot.shows((40, 20), QUARTERS[0])
        assert shot.shows((4, 4), (0, 0, 0))

    @pytest.mark.parametrize("field", ["image", "album_image"])
    def test_a_picture_covers_the_canvas(self, field: str, tmp_path: Path) -> None:
        """One of 100×100 is 1.778 times as high as the canvas shows of it: of its marks at 30 % the middle stays."""
        rgb = np.full((100, 100, 3), (40, 120, 200), np.uint8)
        rgb[:20], rgb[80:] = (250, 0, 0), (250, 0, 0)  # the canvas shows 22 % to 78 %
        Image.fromarray(rgb).save(tmp_path / "behind.png")
        draft = Draft(CANVAS)
        names = {"image": "", "album_image": "", field: str(tmp_path / "behind.png")}
        canvas = draft.add("canvases", type="canvas_image", color="", blur=0.0, **names)
        photo = draft.photo(mark(tmp_path / "photo.png", (160, 90)), (160, 90))
        draft.clip(draft.track(), photo, clip=clip(scale=(0.3, 0.3)), refs=[canvas])
        [shot] = draw(draft.raw)
        assert all(shot.shows(at, (40, 120, 200)) for at in ((4, 4), (316, 4), (316, 176), (4, 176), (160, 30)))

    @pytest.mark.parametrize("level", [0.0625, 0.375, 0.75, 1.0])
    def test_a_blur_is_the_clips_own_picture_covering_the_canvas(self, level: float, tmp_path: Path) -> None:
        """A step between black and white becomes the integral of a gaussian; the canvas's height is its unit."""
        rgb = np.zeros((90, 160, 3), np.uint8)
        rgb[:, 80:] = 255
        Image.fromarray(rgb).save(tmp_path / "step.png")
        draft = Draft(CANVAS)
        canvas = draft.add("canvases", type="canvas_blur", color="", blur=level, image="", album_image="")
        photo = draft.photo(tmp_path / "step.png", (160, 90))
        draft.clip(draft.track(), photo, clip=clip(scale=(0.2, 0.2), shift=(0.0, 0.7)), refs=[canvas])
        [shot] = draw(draft.raw)
        sigma = level * 0.045 * OUTPUT[1]
        for x in (140, 150, 156, 163, 170, 180):
            wanted = 16 + 219 * (1 + erf((x + 0.5 - 160) / sigma / sqrt(2))) / 2
            assert shot.y[150, x] == pytest.approx(wanted, abs=6), x


class TestColourClip:
    def test_one_colour(self) -> None:
        draft = Draft(CANVAS)
        colours = draft.add("material_colors", is_color_clip=True, is_gradient=False, solid_color="#3c78b4ff")
        stub = draft.film("", CANVAS, type="photo")
        segment = draft.clip(draft.track(), stub, clip=MOVES["turned"], refs=[colours])
        [shot] = draw(draft.raw)
        where = place_of(draft.raw, segment, 0, OUTPUT)
        check(shot, where, ((0x3C, 0x78, 0xB4),) * 4)

    def test_a_gradient_runs_straight_between_its_colours(self) -> None:
        """From left to right at 0 degrees, which is a proposal; places and colours are the draft's."""
        draft = Draft(CANVAS)
        more = {"gradient_colors": ["#000000", "#c8c8c8"], "gradient_percents": [0.0, 1.0], "gradient_angle": 0.0}
        colours = draft.add("material_colors", is_color_clip=True, is_gradient=True, solid_color="", **more)
        draft.clip(draft.track(), draft.film("", CANVAS, type="photo"), refs=[colours])
        [shot] = draw(draft.raw)
        for x in (20, 100, 160, 240, 300):
            assert shot.y[90, x] == pytest.approx(16 + 219 * 200 / 255 * (x + 0.5) / OUTPUT[0], abs=2)


class TestShape:
    def test_its_points_count_pixels_of_a_canvas_720_wide(self) -> None:
        draft = Draft(CANVAS)
        points = [{"x": x, "y": y} for x, y in ((-150, 90), (150, 90), (150, -90), (-150, -90))]
        shape = draft.add("shapes", type="shape", custom_points=points, fill_color="#ffe600", border_width=0.0)
        segment = draft.still(draft.track("sticker"), shape, clip=MOVES["turned"], render_index=14000)
        [shot] = draw(draft.raw)
        where = place((300, 180), move_at(segment, 0), CANVAS, OUTPUT, fit=CANVAS[0] / 720)
        check(shot, where, ((0xFF, 0xE6, 0x00),) * 4)


class TestSticker:
    def test_it_lies_on_its_centre_turned_and_scaled(self, tmp_path: Path) -> None:
        """Its natural size is a proposal: half of the canvas's shorter side."""
        Image.open(mark(tmp_path / "mark.png", (80, 80))).save(tmp_path / "sticker.png")
        draft = Draft(CANVAS)
        sticker = draft.add(
            "stickers", type="sticker", resource_id="7100000000000000001", path=str(tmp_path / "sticker.png")
        )
        move = clip(scale=(1.2, 1.2), rotation=35.0, shift=(0.4, -0.2), flip=(True, False))
        segment = draft.still(draft.track("sticker"), sticker, clip=move, render_index=14000)
        [shot] = draw(draft.raw)
        check(shot, place((80, 80), move_at(segment, 0), CANVAS, OUTPUT, fit=0.5 * 360 / 80))
