"""What a caption's JSON asks for, measured in composited frames against the format's rules in double precision.

No draft here names a font. For the application's own, which is not to be had, a line is 1.2 em high where no letter is
Han, and the em of the font that comes along where one is.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from tests.acceptance.drafts import Draft, clip, words
from tests.acceptance.shots import Array, Shot, draw

CANVAS, OUTPUT = (640, 360), (320, 180)
SIZE = 60.0
LINE_PX = 6.21 * SIZE * CANVAS[0] / 1080 * OUTPUT[0] / CANVAS[0]  #: format §10
EM_PX = LINE_PX / 1.2
FRAME_US = 1e6 / 30
BLACK, WHITE, BLUE = [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]

Raw = dict[str, Any]


def shot_of(text: str, looks: Raw, material: Raw | None = None, *, size: float = SIZE, **segment: Any) -> Shot:
    """The first frame of a caption in the middle of a black canvas."""
    [shot] = shots_of(text, looks, material or {}, (0,), size=size, **segment)
    return shot


def shots_of(
    text: str,
    looks: Raw,
    material: Raw,
    frames: tuple[int, ...],
    *,
    size: float = SIZE,
    motion: Raw | None = None,
    **segment: Any,
) -> list[Shot]:
    draft = Draft(CANVAS)
    written = words(text, size, **{"check_flag": 7 | 8 | 16 | 32, **material})
    content = json.loads(written["content"])
    content["styles"][0] |= looks
    written["content"] = json.dumps(content, ensure_ascii=False)
    refs = [draft.add("material_animations", type="sticker_animation", animations=[motion])] if motion else []
    draft.still(draft.track("text"), draft.add("texts", **written), refs=refs, **segment)
    return draw(draft.raw, frames, OUTPUT)


def solid(colour: list[float]) -> Raw:
    return {"render_type": "solid", "solid": {"alpha": 1.0, "color": colour}}


def ink(shot: Shot) -> Array:
    """How white each sample is, 0…1."""
    return (shot.y - 16.0) / 219.0


def middle(shot: Shot) -> tuple[float, float]:
    """Of what is lit, x and y in pixels."""
    lit = ink(shot)
    rows, columns = np.indices(lit.shape) + 0.5
    return float((lit * columns).sum() / lit.sum()), float((lit * rows).sum() / lit.sum())


def extent(shot: Shot) -> tuple[float, float, float, float]:
    """Left, top, width and height of an even box: along lines through its rim, in parts of its own level."""
    lit = ink(shot) / ink(shot).max()
    rows, columns = np.nonzero(lit > 0.5)
    row, column = lit[rows.max() - 2], lit[:, columns.min() + 2]
    return columns.min() + 1 - row[columns.min()], rows.min() + 1 - column[rows.min()], row.sum(), column.sum()


class TestShadow:
    @pytest.mark.parametrize(("angle", "distance"), [(-45.0, 20.0), (0.0, 30.0), (120.0, 15.0), (180.0, 40.0)])
    def test_it_lies_where_angle_and_distance_lead(self, angle: float, distance: float) -> None:
        """0.03 em to a unit of distance, 0° to the right and counterclockwise; a black letter's white shadow."""
        thrown = {"angle": angle, "distance": distance, "diffuse": 0.0, "alpha": 1.0, "content": solid(WHITE)}
        black = {"fill": {"alpha": 1.0, "content": solid(BLACK)}, "shadows": [thrown]}
        shadow, letter = shot_of("I", black), shot_of("I", {})
        reach_px, way = 0.03 * distance * EM_PX, math.radians(angle)
        offset = np.subtract(middle(shadow), middle(letter))
        assert offset == pytest.approx([reach_px * math.cos(way), -reach_px * math.sin(way)], abs=0.25)
        assert ink(shadow).sum() == pytest.approx(ink(letter).sum(), rel=0.02)

    def test_blur_keeps_its_light_and_its_place(self) -> None:
        """A Gaussian whose standard deviation is half of 2.45 × diffuse em."""
        thrown = {"angle": 0.0, "distance": 30.0, "alpha": 1.0, "content": solid(WHITE)}
        black = {"alpha": 1.0, "content": solid(BLACK)}
        sharp, soft = (
            shot_of("I", {"fill": black, "shadows": [{**thrown, "diffuse": diffuse}]}) for diffuse in (0.0, 0.05)
        )
        assert ink(soft).sum() == pytest.approx(ink(sharp).sum(), rel=0.03)
        assert middle(soft) == pytest.approx(middle(sharp), abs=0.2)
        spreads = []
        for shot in (sharp, soft):
            columns = ink(shot).sum(axis=0)
            at = np.arange(columns.size) + 0.5 - middle(shot)[0]
            spreads.append((columns * at**2).sum() / columns.sum())
        assert math.sqrt(spreads[1] - spreads[0]) == pytest.approx(0.5 * 2.45 * 0.05 * EM_PX, rel=0.15)

    def test_without_its_bit_there_is_none(self) -> None:
        thrown = {"angle": 0.0, "distance": 30.0, "alpha": 1.0, "content": solid(WHITE)}
        black = {"fill": {"alpha": 1.0, "content": solid(BLACK)}, "shadows": [thrown]}
        assert ink(shot_of("I", black, {"check_flag": 7})).max() < 0.01


class TestBackground:
    BOX = {"background_style": 1, "background_color": "#ffffff", "background_alpha": 0.5}  # noqa: RUF012
    NOTHING = {"fill": {"alpha": 1.0, "content": solid(BLACK)}}  # noqa: RUF012

    @pytest.mark.parametrize("pads", [(0.0, 0.0), (0.14, 0.14), (0.6, 0.2)])
    def test_its_box_is_the_block_and_half_its_room_on_each_side(self, pads: tuple[float, float]) -> None:
        room = {"background_width": pads[0], "background_height": pads[1], "fixed_width": -1.0}
        box = shot_of("III", self.NOTHING, {**self.BOX, **room})
        bare = shot_of("III", self.NOTHING, {**self.BOX, **room, "background_width": 0.0, "background_height": 0.0})
        left, top, width, height = extent(box)
        assert height == pytest.approx(LINE_PX * (1 + pads[1]), abs=0.5)
        assert width == pytest.approx(extent(bare)[2] + LINE_PX * pads[0], abs=0.5)
        assert (left + width / 2, top + height / 2) == pytest.approx((OUTPUT[0] / 2, OUTPUT[1] / 2), abs=0.5)

    def test_its_colour_and_opacity(self) -> None:
        shot = shot_of("I", self.NOTHING, {**self.BOX, "background_color": "#3060ff", "background_width": 2.0})
        left, top, width, height = extent(shot)
        at = (round(left + width / 8), round(top + height / 2))
        assert shot.shows(at, (0x30 / 2, 0x60 / 2, 0xFF / 2))

    @pytest.mark.parametrize("offset", [(0.5, 0.0), (-0.25, 0.2)])
    def test_its_offset(self, offset: tuple[float, float]) -> None:
        """In parts of a line, to the right and up."""
        moved = {"background_horizontal_offset": offset[0], "background_vertical_offset": offset[1]}
        left, top, width, height = extent(shot_of("II", self.NOTHING, {**self.BOX, **moved}))
        wanted = OUTPUT[0] / 2 + offset[0] * LINE_PX, OUTPUT[1] / 2 - offset[1] * LINE_PX
        assert (left + width / 2, top + height / 2) == pytest.approx(wanted, abs=0.5)


class TestStroke:
    @pytest.mark.parametrize("width", [0.04, 0.12, 0.2])
    def test_it_is_as_thick_on_each_side_as_it_says(self, width: float) -> None:
        stroke = {"width": width, "alpha": 1.0, "content": solid(WHITE)}
        row = OUTPUT[1] // 2
        stem, outlined = (ink(shot_of("I", looks))[row].sum() for looks in ({}, {"strokes": [stroke]}))
        assert outlined - stem == pytest.approx(2 * width * EM_PX, abs=0.3)

    def test_it_lies_under_the_fill(self) -> None:
        stroke = {"width": 0.1, "alpha": 1.0, "content": solid(WHITE)}
        blue = {"fill": {"alpha": 1.0, "content": solid(BLUE)}, "strokes": [stroke]}
        shot = shot_of("I", blue, size=2 * SIZE)
        assert shot.shows((OUTPUT[0] / 2, OUTPUT[1] / 2), (0, 0, 255), within=6.0)


class TestColumns:
    def test_letters_stand_an_em_below_each_other(self) -> None:
        """A bar across its em, three times: equally far apart, on one upright line, the middle one in the middle."""
        shot = shot_of("一一一", {}, {"typesetting": 1, "letter_spacing": 0.1}, size=40.0)
        rows = ink(shot).sum(axis=1)
        em_px = LINE_PX * 40.0 / SIZE
        tops = np.flatnonzero(np.diff((rows > rows.max() / 2).astype(int)) == 1) + 1
        assert len(tops) == 3
        assert np.diff(tops) == pytest.approx([1.1 * em_px] * 2, abs=1.0)
        assert middle(shot)[0] == pytest.approx(OUTPUT[0] / 2, abs=1.0)

    def test_the_first_column_is_on_the_right(self) -> None:
        shot = shot_of("一\n口", {}, {"typesetting": 1}, size=40.0)
        lit = ink(shot)
        assert lit[:, OUTPUT[0] // 2 :].sum() < lit[:, : OUTPUT[0] // 2].sum() / 1.5


class TestMotion:
    FRAMES = (1, 4, 7, 11, 14, 20)

    @staticmethod
    def animation(kind: str, name: str, resource_id: str, us: int = 500_000) -> Raw:
        return {"type": kind, "name": name, "resource_id": resource_id, "id": "", "start": 0, "duration": us}

    def test_a_fade_in_is_straight(self) -> None:
        shown = self.animation("in", "渐显", "6724916044072227332")
        for frame, shot in zip(self.FRAMES, shots_of("I", {}, {}, self.FRAMES, motion=shown, size=90.0), strict=True):
            share = min(frame * FRAME_US / 500_000, 1.0)
            assert shot.y.max() == pytest.approx(16 + 219 * share, abs=1.5), frame

    def test_a_fade_out_ends_with_the_segment(self) -> None:
        """Whatever its `start` says."""
        gone = self.animation("out", "渐隐", "6724919382104871427")
        frames = (10, 15, 18, 23, 29)
        for frame, shot in zip(frames, shots_of("I", {}, {}, frames, motion=gone, size=90.0), strict=True):
            share = 1.0 - max(frame * FRAME_US - 500_000, 0.0) / 500_000
            assert shot.y.max() == pytest.approx(16 + 219 * share, abs=1.5), frame

    def test_a_letter_flies_down_a_line_and_slows(self) -> None:
        """A line above its place at first, by a cubic; the middle of its ink does not mind its opacity."""
        flying = self.animation("in", "向下飞入", "7088942186561016356")
        size = SIZE / 2
        rest = middle(shot_of("I", {}, size=size))
        for frame, shot in zip(self.FRAMES, shots_of("I", {}, {}, self.FRAMES, motion=flying, size=size), strict=True):
            share = min(frame * FRAME_US / 500_000, 1.0)
            assert middle(shot) == pytest.approx((rest[0], rest[1] - LINE_PX / 2 * (1 - share) ** 3), abs=0.3), frame

    def test_it_moves_along_with_the_segment(self) -> None:
        """Turned a quarter and half as large again: what flies down flies to the left, as much farther."""
        flying = self.animation("in", "向下飞入", "7088942186561016356")
        placed = clip(scale=(1.5, 1.5), rotation=90.0, shift=(0.2, -0.1))
        frames = (2, 5, 10, 20)
        shots = shots_of("I", {}, {}, frames, motion=flying, size=SIZE / 2, clip=placed)
        rest = middle(shots[-1])
        for frame, shot in zip(frames, shots, strict=True):
            share = min(frame * FRAME_US / 500_000, 1.0)
            far_px = 0.75 * LINE_PX * (1 - share) ** 3
            assert middle(shot) == pytest.approx((rest[0] + far_px, rest[1]), abs=0.3), frame

    def test_letters_are_typed_one_after_the_other(self) -> None:
        typed = self.animation("in", "打字机 I", "6724920249654710791", 900_000)
        counts = []
        for shot in shots_of("IIII", {}, {}, tuple(range(30)), motion=typed):
            row = ink(shot)[OUTPUT[1] // 2] > 0.5
            counts.append(int((np.diff(row.astype(int)) == 1).sum()))
        assert counts[-1] == 4
        assert sorted(set(counts)) == list(range(min(counts), 5))
        assert counts == sorted(counts)
