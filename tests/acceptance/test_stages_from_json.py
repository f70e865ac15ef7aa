"""From a draft's JSON to pixels where several rows meet: what is done before what, on every kind of content."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import ClipSegment
from cutfarm.timeline.nesting import shown_paths
from tests.acceptance.colours import blended, in_eight_bits
from tests.acceptance.drafts import SECOND, Draft, Raw, clip, crop, keys, words
from tests.acceptance.oracle import Place, cropped, keyed, move_at, place, place_of
from tests.acceptance.shots import QUARTERS, corners_error, crossing, draw, mark, shot_of, timeline_of
from tests.media.film import at_rate, write_film
from tests.render.scene import WHITE, output, solid

CANVAS = (640, 360)
OUTPUT = (320, 180)
TURNED = clip(scale=(0.8, 0.8), rotation=20.0, flip=(True, False))
HALF = {"width": 0.5, "height": 0.5, "centerX": 0.0, "centerY": 0.0, "rotation": 0.0, "feather": 0.0}


def with_mask(draft: Draft, kind: str = "rectangle", **config: float | bool) -> str:
    """The id of a mask."""
    more = {"type": "mask", "category": "video", "name": kind, "resource_type": kind, "constant_material_id": "mask"}
    return draft.add("common_mask", **more, config={**HALF, "invert": False, **config})


def part(where: Place, left: float, top: float, right: float, bottom: float) -> Place:
    """A part of what lies at `where`, in parts of it."""
    return lambda u, v: where(left + u * (right - left), top + v * (bottom - top))


class TestOrder:
    def test_the_mask_is_in_the_cropped_pictures_frame_and_mirrored_with_it(self, tmp_path: Path) -> None:
        """A corner of the picture, masked to its own upper left, then mirrored and turned."""
        draft = Draft(CANVAS)
        window = crop((0.3, 0.2), (0.9, 0.2), (0.3, 0.8), (0.9, 0.8))
        photo = draft.photo(mark(tmp_path / "photo.png", (240, 160)), (240, 160), crop=window)
        mask = with_mask(draft, centerX=-0.4, centerY=0.4)
        segment = draft.clip(draft.track(), photo, clip=TURNED, refs=[mask])
        [shot] = draw(draft.raw)
        where = place_of(draft.raw, segment, 0, OUTPUT)
        assert corners_error(shot, part(where, 0.05, 0.05, 0.55, 0.55), 3.0) < 0.5
        assert cropped(window, 0.1, 0.1) == pytest.approx((0.36, 0.26))
        assert shot.shows(where(0.15, 0.15), QUARTERS[0])
        assert shot.shows(where(0.45, 0.15), QUARTERS[1])

    def test_a_turned_crop_is_masked_in_its_own_frame(self, tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        window = crop((0.35, 0.15), (0.85, 0.4), (0.15, 0.55), (0.65, 0.8))
        photo = draft.photo(solid(tmp_path / "photo.png", WHITE, (200, 200)), (200, 200), crop=window)
        segment = draft.clip(draft.track(), photo, clip=TURNED, refs=[with_mask(draft, centerX=0.2)])
        [shot] = draw(draft.raw)
        where = place_of(draft.raw, segment, 0, OUTPUT)
        assert corners_error(shot, part(where, 0.35, 0.25, 0.85, 0.75), 3.0) < 0.5

    def test_key_then_mask_then_opacity_then_blend(self, tmp_path: Path) -> None:
        """A green screen with a red square, keyed, masked, half transparent, multiplied with what is below."""
        rgb = np.full((90, 160, 3), (20, 173, 0), np.uint8)
        rgb[20:70, 40:120] = (200, 80, 60)
        Image.fromarray(rgb).save(tmp_path / "screen.png")
        draft = Draft(CANVAS)
        below = draft.photo(solid(tmp_path / "below.png", (150, 200, 240), CANVAS), CANVAS)
        key = draft.add("chromas", type="chroma", color="#14ad00ff", intensity_value=0.6)
        mode = draft.add("effects", type="mix_mode", name="正片叠底", effect_id="871333", value=1.0)
        refs = [key, mode, with_mask(draft, "line", centerY=0.0)]
        draft.clip(draft.track(), below)
        screen = draft.photo(tmp_path / "screen.png", (160, 90))
        draft.clip(draft.track(flag=2), screen, refs=refs, render_index=1, clip=clip(alpha=0.5))
        [shot] = draw(draft.raw)
        held = [in_eight_bits((r / 255, g / 255, b / 255)) for r, g, b in ((200, 80, 60), (150, 200, 240))]
        wanted = [255 * one for one in blended("multiply", held[0], held[1], 0.5)]
        assert shot.rgb_at((160, 60)) == pytest.approx(wanted, abs=3)
        assert shot.shows((160, 130), (150, 200, 240)), "what the line cuts off"
        assert shot.shows((30, 40), (150, 200, 240)), "what is keyed out"

    def test_a_background_shows_through_a_mask_and_an_opacity(self, tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        canvas = draft.add("canvases", type="canvas_color", color="#336699", blur=0.0)
        photo = draft.photo(solid(tmp_path / "white.png", WHITE, CANVAS), CANVAS)
        draft.clip(draft.track(), photo, refs=[canvas, with_mask(draft)], clip=clip(alpha=0.5))
        [shot] = draw(draft.raw)
        assert shot.shows((20, 20), (0x33, 0x66, 0x99))
        assert shot.shows((160, 90), [(255 + part) / 2 for part in (0x33, 0x66, 0x99)])

    def test_a_mask_of_a_transparent_photo(self, tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        photo = draft.photo(solid(tmp_path / "half.png", (255, 255, 255, 128), CANVAS), CANVAS)
        segment = draft.clip(draft.track(), photo, refs=[with_mask(draft)])
        [shot] = draw(draft.raw)
        where = place_of(draft.raw, segment, 0, OUTPUT)
        assert corners_error(shot, part(where, 0.25, 0.25, 0.75, 0.75), 3.0) < 0.5
        assert shot.shows((160, 90), (128, 128, 128))


class TestMasksOnOtherContents:
    def test_a_colour_clip(self) -> None:
        draft = Draft(CANVAS)
        colours = draft.add("material_colors", is_color_clip=True, is_gradient=False, solid_color="#ffffff")
        stub = draft.film("", (400, 300), type="photo")
        refs = [colours, with_mask(draft, width=0.4, centerX=0.3)]
        segment = draft.clip(draft.track(), stub, clip=TURNED, refs=refs)
        [shot] = draw(draft.raw)
        where = place_of(draft.raw, segment, 0, OUTPUT)
        assert corners_error(shot, part(where, 0.45, 0.25, 0.85, 0.75), 3.0) < 0.5

    def test_a_moving_clip_takes_its_mask_along(self, tmp_path: Path) -> None:
        draft = Draft(CANVAS)
        film = draft.film(write_film(tmp_path / "film.mp4", at_rate(60), size_px=(160, 96)), (160, 96))
        curves = [
            keys("KFTypePositionX", (SECOND, -0.3), (2 * SECOND, 0.3)),
            keys("KFTypeRotation", (SECOND, 0.0), (2 * SECOND, 60.0)),
            keys("KFTypeScaleX", (SECOND, 0.5), (2 * SECOND, 0.8)),
        ]
        own = {"source_us": SECOND, "common_keyframes": curves, "refs": [with_mask(draft, height=0.3, centerY=-0.6)]}
        segment = draft.clip(draft.track(), film, **own)  # type: ignore[arg-type]
        frames = (0, 10, 21, 29)
        for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
            where = place_of(draft.raw, segment, frame * SECOND / 30, OUTPUT)
            assert corners_error(shot, part(where, 0.25, 0.65, 0.75, 0.95), 3.0) < 0.5, frame

    def test_keyed_expansion_and_scale(self, tmp_path: Path) -> None:
        """Proposals: a part of the shorter side on all sides together; a factor of both."""
        for name, values in (("Expansion", (0.0, 0.4)), ("Scale", (0.6, 1.5))):
            curve = keys(f"KFTypeCommonMask{name}", (0, values[0]), (SECOND, values[1]), material_id="mask")
            draft = Draft(CANVAS)
            photo = draft.photo(solid(tmp_path / "white.png", WHITE, (160, 90)), (160, 90))
            segment = draft.clip(draft.track(), photo, refs=[with_mask(draft)], common_keyframes=[curve])
            for frame, shot in zip((0, 15, 29), draw(draft.raw, (0, 15, 29)), strict=True):
                value = keyed(segment, frame * SECOND / 30, 0.0, f"KFTypeCommonMask{name}")
                width, height = (80 * value, 45 * value) if name == "Scale" else (80 + 45 * value, 45 + 45 * value)
                right, low = 160 + width, 90 + height  # output pixels are twice the photo's
                assert abs(crossing(shot, (right, 90), (1, 0), 3.0)) < 0.5, (name, frame)
                assert abs(crossing(shot, (160, low), (0, 1), 3.0)) < 0.5, (name, frame)


class TestWords:
    def words(self, content: str, **own: Raw | list[Raw]) -> Draft:
        draft = Draft(CANVAS)
        draft.still(draft.track("text"), draft.add("texts", **words(content, 50.0)), **own)
        return draft

    @pytest.mark.parametrize(("flip", "axis"), [((True, False), 1), ((False, True), 0)])
    def test_mirrored(self, flip: tuple[bool, bool], axis: int) -> None:
        [plain], [mirrored] = draw(self.words("FL").raw), draw(self.words("FL", clip=clip(flip=flip)).raw)
        assert abs(plain.y - mirrored.y).max() > 100
        assert abs(np.flip(plain.y, axis) - mirrored.y).max() <= 2

    @pytest.mark.parametrize(("rotation", "quarters"), [(90.0, 1), (180.0, 2), (-90.0, 3), (450.0, 1)])
    def test_turned_clockwise(self, rotation: float, quarters: int) -> None:
        """Quarter turns, on a canvas that is square in the middle."""
        [plain], [turned] = draw(self.words("FL").raw), draw(self.words("FL", clip=clip(rotation=rotation)).raw)
        middle = np.s_[:, 70:250]
        wanted = np.rot90(plain.y[middle], -quarters)
        assert abs(plain.y[middle] - turned.y[middle]).max() > 100
        assert abs(wanted - turned.y[middle]).max() <= 2

    def test_keyed_rotation_and_height(self) -> None:
        """The ink of a bar keeps its middle; its long side turns and its height is scaled alone."""
        curves = [keys("KFTypeRotation", (0, 0.0), (SECOND, 90.0)), keys("KFTypePositionY", (0, -0.3), (SECOND, 0.3))]
        draft = self.words("I", common_keyframes=curves)
        [[segment]] = [track["segments"] for track in draft.raw["tracks"]]
        for frame, shot in zip((0, 10, 20, 29), draw(draft.raw, (0, 10, 20, 29)), strict=True):
            move = move_at(segment, frame * SECOND / 30)
            ink = shot.y - 16
            rows, columns = np.indices(ink.shape) + 0.5
            middle = np.array(((ink * columns).sum(), (ink * rows).sum())) / ink.sum()
            spread = np.cov(np.stack((columns.ravel(), rows.ravel())), aweights=ink.ravel())
            along = np.linalg.eigh(spread)[1][:, -1]
            found = np.degrees(np.arctan2(along[1], along[0])) % 180
            assert found == pytest.approx((90 + move.rotation) % 180, abs=0.5), frame
            own = place((1, 1), move._replace(scale=(1, 1)), CANVAS, OUTPUT)(0.5, 0.5)
            assert np.linalg.norm(middle - own) < 3, frame  # the letter's middle is near its line's

    def test_they_cut_a_clip(self, tmp_path: Path) -> None:
        """Two bars below each other, as far apart as a line is high: 1.055 · scale · size / 40 of the short side."""
        own = {"content": "I\nI", "font_path": "", "font_size": 12.0, "scale": 1.2, "bold_width": 0.0, "align_type": 15}
        draft = Draft(CANVAS)
        known = {"type": "mask", "category": "video", "name": "Text", "resource_type": "text"}
        mask = draft.add(
            "common_mask", **known, resource_id="7439320146876830225", config={**HALF, "centerX": 0.5}, text_config=own
        )
        photo = draft.photo(solid(tmp_path / "white.png", WHITE, (300, 300)), (300, 300))
        draft.clip(draft.track(), photo, refs=[mask])
        [shot] = draw(draft.raw)
        kept = shot.y > 125
        rows, columns = np.nonzero(kept.any(axis=1))[0], np.nonzero(kept.any(axis=0))[0]
        second = rows[np.nonzero(np.diff(rows) > 1)[0][0] + 1]
        assert second - rows[0] == pytest.approx(1.02 * 1.055 * 1.2 * 12 / 40 * 180, abs=1.5)
        assert columns.mean() + 0.5 == pytest.approx(160 + 0.5 * 90, abs=1.0)


class TestRates:
    @pytest.mark.parametrize("fps", [23.976, 24.0, 25.0, 29.97, 50.0, 60.0])
    def test_frames_of_drafts_at_other_rates(self, fps: float, tmp_path: Path) -> None:
        """Starts are microseconds of a frame's time, rounded as the applications round."""
        film = write_film(tmp_path / "film.mp4", at_rate(120), size_px=(160, 96))
        draft = Draft((160, 96), fps=fps)
        exact = Fraction(round(fps * 1001), 1001) if fps % 1 else Fraction(fps)
        start_us = round(7 * SECOND / exact)
        draft.clip(draft.track(), draft.film(film, (160, 96)), start_us, SECOND, source_us=500_000)
        rate = float(timeline_of(draft.raw).fps)
        assert rate == pytest.approx(fps, abs=1e-3)
        frames = (7, 8, 12, 20)
        for frame, shot in zip(frames, draw(draft.raw, frames, (160, 96)), strict=True):
            assert abs(shot.number() - (15 + (frame - 7) / rate * 30)) <= 0.5 + 1e-4, frame


def test_what_lies_outside_of_the_inner_canvas_is_cut_off(tmp_path: Path) -> None:
    inner = Draft((400, 400))
    photo = inner.photo(solid(tmp_path / "white.png", WHITE, (100, 100)), (100, 100))
    inner.clip(inner.track(), photo, clip=clip(shift=(1.0, 0.0), rotation=10.0, scale=(1.5, 1.5)))
    outer = Draft(CANVAS)
    stub, own = outer.compound(inner)
    segment = outer.clip(outer.track(), stub, refs=[own], clip=clip(scale=(0.6, 0.6), rotation=25.0))
    [shot] = draw(outer.raw)
    where = place((400, 400), move_at(segment, 0), CANVAS, OUTPUT)
    for v in (0.2, 0.5, 0.8):
        at, ahead = where(1.0, v), where(1.01, v)
        length = float(np.hypot(ahead[0] - at[0], ahead[1] - at[1]))
        assert abs(crossing(shot, at, ((ahead[0] - at[0]) / length, (ahead[1] - at[1]) / length))) < 0.5


def test_an_animated_picture_is_in_its_place_and_counts_from_its_own_start(tmp_path: Path) -> None:
    """Type gif, whose length is that of a photo: it begins anew."""
    frames = [Image.new("RGB", (64, 36), (60 * n + 20, 200 - 50 * n, 90)) for n in range(4)]
    path = tmp_path / "wave.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)
    draft = Draft(CANVAS)
    material = draft.film(path, (64, 36), 10_800_000_000, type="gif")
    segment = draft.clip(draft.track(), material, SECOND, 2 * SECOND, clip=clip(scale=(0.5, 0.5), rotation=30.0))
    numbers = (30, 34, 37, 41, 43, 55)
    for number, shot in zip(numbers, draw(draft.raw, numbers), strict=True):
        n = int((number - 30) / 30 / 0.1) % 4
        where = place_of(draft.raw, segment, SECOND, OUTPUT)
        assert corners_error(shot, where) < 0.5
        assert shot.shows(where(0.5, 0.5), (60 * n + 20, 200 - 50 * n, 90), within=3), number


def test_a_sticker_is_found_by_its_number(tmp_path: Path) -> None:
    """The draft names it alone; its picture is supplied under the name of its number, and counts from its own start."""
    frames = [Image.new("RGB", (60, 60), (60 * n + 20, 200 - 50 * n, 90)) for n in range(4)]
    path = tmp_path / "wave.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0, lossless=True)
    draft = Draft(CANVAS)
    sticker = draft.add("stickers", type="sticker", resource_id="7100000000000000001", path="", unicode="")
    move = clip(scale=(0.8, 0.8), rotation=-20.0, shift=(0.3, 0.2))
    segment = draft.still(draft.track("sticker"), sticker, SECOND, 2 * SECOND, clip=move, render_index=14000)
    whole = timeline_of(draft.raw)
    [named] = shown_paths(whole)
    assert named == "stickers/7100000000000000001"
    with Compositor(whole, {named: Asset(str(path))}, output(*OUTPUT)) as compositor:
        shots = [shot_of(compositor.frame(number)) for number in (30, 34, 37, 43)]
    where = place((60, 60), move_at(segment, SECOND), CANVAS, OUTPUT, fit=0.5 * 360 / 60)
    for shot, n in zip(shots, (0, 1, 2, 0), strict=True):
        assert corners_error(shot, where) < 0.5
        assert shot.shows(where(0.5, 0.5), (60 * n + 20, 200 - 50 * n, 90), within=3)


def test_animations_keep_their_places_and_change_no_other_row(tmp_path: Path) -> None:
    """Their looks come later: what is said of them is where they play, and that they are not played."""
    draft = Draft(CANVAS)
    moves = [
        {"type": "in", "name": "渐显", "resource_id": "1", "start": 0, "duration": 500_000},
        {"type": "out", "name": "渐隐", "resource_id": "2", "start": 0, "duration": 300_000},
    ]
    animation = draft.add("material_animations", type="sticker_animation", animations=moves)
    photo = draft.photo(mark(tmp_path / "photo.png", (160, 90)), (160, 90))
    move = clip(scale=(0.6, 0.6), rotation=20.0)
    raw = draft.clip(draft.track(), photo, SECOND, 2 * SECOND, clip=move, refs=[animation])
    whole = timeline_of(draft.raw)
    [[segment]] = [track.segments for track in whole.tracks]
    assert isinstance(segment, ClipSegment)
    places = [(found.kind, found.start_us, found.duration_us) for found in segment.animations]
    assert places == [("in", 0, 500_000), ("out", 1_700_000, 300_000)]
    assert {entry.what for entry in whole.report} == {"in animation", "out animation"}
    [shot] = draw(draft.raw, (60,))
    assert corners_error(shot, place_of(draft.raw, raw, 2 * SECOND, OUTPUT)) < 0.5
