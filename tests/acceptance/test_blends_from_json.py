"""From a draft's blend modes and chroma keys to pixels, by the format's §6: within 2/255 of the W3C's formulas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.acceptance.colours import MODES, blended, in_eight_bits, over
from tests.acceptance.drafts import SECOND, Draft, Raw, clip, keys
from tests.acceptance.oracle import along, key_time, place_of
from tests.acceptance.shots import Shot, corners_error, draw
from tests.render.scene import solid

CANVAS = (640, 360)
OUTPUT = (320, 180)
#: (JianYing's name, its effect id, CapCut's internal name).
ROWS = {
    "multiply": ("正片叠底", "871333", "multiply_blend_mode"),
    "color_dodge": ("颜色减淡", "871334", "color_dodge"),
    "color_burn": ("颜色加深", "871335", "darken_color"),
    "linear_burn": ("线性加深", "871336", "linear_burn"),
    "soft_light": ("柔光", "871337", "soft_light"),
    "hard_light": ("强光", "871338", "glare_pc"),
    "screen": ("滤色", "871339", "color_filter"),
    "overlay": ("叠加", "871340", "over_lay"),
    "lighten": ("变亮", "871341", "bright_en"),
    "darken": ("变暗", "871342", "dark_en"),
}
BELOW = ((200, 60, 40), (30, 120, 210), (240, 240, 240), (128, 128, 128), (20, 160, 60), (90, 20, 110))
ABOVE = ((60, 140, 220), (230, 200, 20), (128, 128, 128), (30, 40, 20), (250, 120, 120))


def stripes(path: Path, colours: tuple[tuple[int, int, int], ...], size_px: tuple[int, int], *, across: bool) -> Path:
    """A photo of even bands, side by side or one below the other."""
    rgb = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    for number, part in enumerate(np.array_split(np.arange(size_px[0 if across else 1]), len(colours))):
        rgb[(slice(None), part) if across else part] = colours[number]
    Image.fromarray(rgb).save(path)
    return path


def mixed(path: Path, *, alpha: float = 1.0, **item: object) -> Draft:
    """Bands of the colours above, blended with upright bands of those below, the whole canvas over."""
    draft = Draft(CANVAS)
    below = draft.photo(stripes(path / "below.png", BELOW, CANVAS, across=True), CANVAS)
    above = draft.photo(stripes(path / "above.png", ABOVE, CANVAS, across=False), CANVAS)
    known = {"type": "mix_mode", "value": 1.0, "apply_target_type": 0, "platform": "all", "path": "", "visible": True}
    mode = draft.add("effects", **{**known, "resource_id": "", **item})
    draft.clip(draft.track(), below)
    draft.clip(draft.track(flag=2), above, refs=[mode], render_index=1, clip=clip(alpha=alpha))
    return draft


def check(shot: Shot, mode: str, alpha: float) -> None:
    """Every meeting of two bands: the formula on what 8-bit 4:2:0 pictures hold of the colours."""
    for column, below in enumerate(BELOW):
        for row, above in enumerate(ABOVE):
            held = [in_eight_bits((red / 255, green / 255, blue / 255)) for red, green, blue in (above, below)]
            wanted = blended(mode, held[0], held[1], alpha)
            at = ((column + 0.5) * OUTPUT[0] / len(BELOW), (row + 0.5) * OUTPUT[1] / len(ABOVE))
            off = [abs(one - 255 * other) for one, other in zip(shot.rgb_at(at), wanted, strict=True)]
            assert max(off) <= 2.0, (below, above, shot.rgb_at(at), [255 * part for part in wanted])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("by", ["JianYing's number", "JianYing's name", "CapCut's name"])
def test_modes(mode: str, by: str, tmp_path: Path) -> None:
    name, number, internal = ROWS[mode]
    item = {
        "JianYing's number": {"name": name, "effect_id": number},
        "JianYing's name": {"name": name, "effect_id": ""},
        "CapCut's name": {"name": internal, "effect_id": ""},
    }[by]
    [shot] = draw(mixed(tmp_path, **item).raw)
    check(shot, mode, 1.0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("alpha", "value"), [(0.5, 1.0), (1.0, 0.4), (0.7, 0.6)])
def test_strength_and_opacity_multiply(mode: str, alpha: float, value: float, tmp_path: Path) -> None:
    [shot] = draw(mixed(tmp_path, alpha=alpha, name="", effect_id=ROWS[mode][1], value=value).raw)
    check(shot, mode, alpha * value)


def test_a_mode_that_nobody_knows_lays_the_clip_over(tmp_path: Path) -> None:
    [shot] = draw(mixed(tmp_path, name="差值", effect_id="1").raw)
    for row, above in enumerate(ABOVE):
        assert shot.shows((20, (row + 0.5) * OUTPUT[1] / len(ABOVE)), above)


@pytest.mark.parametrize("mode", ["multiply", "screen"])
def test_outside_of_its_clip_nothing_changes(mode: str, tmp_path: Path) -> None:
    """And its edges lie where those of a clip that is laid over do."""
    draft = Draft(CANVAS)
    below = draft.photo(solid(tmp_path / "below.png", (120, 120, 120), CANVAS), CANVAS)
    above = draft.photo(
        solid(tmp_path / "above.png", (180, 60, 60) if mode == "multiply" else (250, 220, 60)), (64, 36)
    )
    mix = draft.add("effects", type="mix_mode", name="", effect_id=ROWS[mode][1], value=1.0)
    draft.clip(draft.track(), below)
    move = clip(scale=(0.5, 0.5), rotation=25.0, shift=(0.1, 0.1))
    segment = draft.clip(draft.track(flag=2), above, refs=[mix], render_index=1, clip=move)
    [shot] = draw(draft.raw)
    assert corners_error(shot, place_of(draft.raw, segment, 0, OUTPUT)) < 0.5
    assert all(shot.shows(at, (120, 120, 120)) for at in ((10, 10), (310, 10), (310, 170), (10, 170)))


GREEN, SKIN, BEHIND = (20, 173, 0), (220, 160, 130), (60, 60, 200)


def keyed(path: Path, curves: list[Raw] | None = None, **own: float | str) -> tuple[Draft, Raw]:
    """A green screen with a skin-coloured square in its middle, above a blue picture."""
    rgb = np.full((90, 160, 3), GREEN, np.uint8)
    rgb[30:60, 60:100] = SKIN
    Image.fromarray(rgb).save(path / "screen.png")
    draft = Draft(CANVAS)
    draft.clip(draft.track(), draft.photo(solid(path / "behind.png", BEHIND, CANVAS), CANVAS))
    values = {"shadow_value": 0.0, "edge_smooth_value": 0.0, "spill_value": 0.0, "version": "v2", "type": "chroma"}
    key = draft.add("chromas", **{"color": "#14ad00ff", "intensity_value": 0.64, **values, **own})
    screen = draft.photo(path / "screen.png", (160, 90))
    more = {"refs": [key], "render_index": 1, "common_keyframes": curves or []}
    return draft, draft.clip(draft.track(flag=2), screen, **more)


class TestChromaKey:
    """The formula is a proposal; what must be right is that the colour goes, the subject stays and keys move it."""

    @pytest.mark.parametrize("intensity", [0.2, 0.64, 1.0])
    def test_the_screen_goes_and_the_subject_stays(self, intensity: float, tmp_path: Path) -> None:
        draft, _ = keyed(tmp_path, intensity_value=intensity)
        [shot] = draw(draft.raw)
        assert shot.shows((30, 90), BEHIND)
        assert shot.shows((160, 90), SKIN, within=4)

    def test_the_subjects_edges_stay_where_they_are(self, tmp_path: Path) -> None:
        draft, segment = keyed(tmp_path)
        [shot] = draw(draft.raw)
        whole = place_of(draft.raw, segment, 0, OUTPUT)
        assert corners_error(shot, lambda u, v: whole((60 + 40 * u) / 160, (30 + 30 * v) / 90)) < 1.0

    def test_an_intensity_of_nothing_keys_nothing(self, tmp_path: Path) -> None:
        draft, _ = keyed(tmp_path, intensity_value=0.0)
        [shot] = draw(draft.raw)
        assert shot.shows((30, 90), GREEN)

    def test_keyed_intensity(self, tmp_path: Path) -> None:
        """A green that is further from the key goes when the keyed intensity has come far enough, and not before."""
        curve = keys("KFTypeChromaIntensity", (0, 0.05), (SECOND, 1.0))
        draft, segment = keyed(tmp_path, [curve], color="#40b030ff", intensity_value=1.0)
        shots = draw(draft.raw, (0, 10, 20, 29))
        greens = [shot.codes_at((30, 90))[1] for shot in shots]
        assert greens == sorted(greens)
        assert shots[0].shows((30, 90), GREEN, within=12)
        assert shots[-1].shows((30, 90), BEHIND)
        still = []
        for frame in (0, 10, 20, 29):
            value = along(curve["keyframe_list"], key_time(segment, frame * SECOND / 30))
            alone, _ = keyed(tmp_path, color="#40b030ff", intensity_value=value)
            still += draw(alone.raw)
        assert all(np.array_equal(one.y, other.y) for one, other in zip(shots, still, strict=True))

    @pytest.mark.parametrize("name", ["Shadow", "EdgeSmooth", "Spill"])
    def test_other_values_are_keyed_too(self, name: str, tmp_path: Path) -> None:
        field = {"Shadow": "shadow_value", "EdgeSmooth": "edge_smooth_value", "Spill": "spill_value"}[name]
        curve = keys(f"KFTypeChroma{name}", (0, 0.0), (SECOND, 0.9))
        own: dict[str, float | str] = {
            "color": "#6a9a50ff" if name == "Shadow" else "#14ad00ff",
            "intensity_value": 0.5,
        }
        draft, segment = keyed(tmp_path, [curve], **own)
        frames = (0, 12, 29)
        shots = draw(draft.raw, frames)
        for frame, shot in zip(frames, shots, strict=True):
            value = along(curve["keyframe_list"], key_time(segment, frame * SECOND / 30))
            alone, _ = keyed(tmp_path, **own, **{field: value})
            [wanted] = draw(alone.raw)
            assert all(np.array_equal(getattr(shot, plane), getattr(wanted, plane)) for plane in "yuv"), frame
        assert any(not np.array_equal(getattr(shots[0], plane), getattr(shots[-1], plane)) for plane in "yuv")


def test_layers_are_laid_over_in_gamma_encoded_space(tmp_path: Path) -> None:
    draft = Draft(CANVAS)
    colours = ((200, 60, 40), (60, 140, 220))
    photos = [draft.photo(solid(tmp_path / f"{n}.png", rgb, CANVAS), CANVAS) for n, rgb in enumerate(colours)]
    draft.clip(draft.track(), photos[0])
    draft.clip(draft.track(flag=2), photos[1], render_index=1, clip=clip(alpha=0.35))
    [shot] = draw(draft.raw)
    wanted = over((60, 140, 220), (200, 60, 40), 0.35)
    assert shot.shows((100, 100), wanted)
