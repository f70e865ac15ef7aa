"""Captions that cannot be, one fault each, from a draft's JSON to frames: clamped or reported, in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Asset
from cutfarm.timeline.media import find_media
from tests.acceptance.drafts import Draft, words
from tests.acceptance.shots import Array, Shot, shot_of, timeline_of
from tests.render.scene import output

ROOT = Path(__file__).resolve().parents[2]
CANVAS, OUTPUT = (640, 360), (320, 180)
SIZE = 30.0
MOST_MIB = 200
POP = {"type": "in", "name": "弹入", "resource_id": "6887482184844710413", "id": "", "start": 0, "duration": 400_000}

Raw = dict[str, Any]


def caption(text: str = "Good 好", *, moves: bool = False, **style: Any) -> Raw:
    """A draft of one caption; fields of its style by name."""
    draft = Draft(CANVAS)
    material = words(text, SIZE, check_flag=7 | 8 | 16 | 32, force_apply_line_max_width=True)
    content = json.loads(material["content"])
    content["styles"][0] |= style
    material["content"] = json.dumps(content)  # surrogates as the escapes that drafts have
    refs = [draft.add("material_animations", type="sticker_animation", animations=[POP])] if moves else []
    draft.still(draft.track("text"), draft.add("texts", **material), refs=refs)
    return draft.raw


def drawn(raw: Raw, folder: Path, frames: tuple[int, ...] = (0,)) -> tuple[list[Shot], str]:
    """Frames of a draft that lies in `folder`, and all sentences of the report."""
    timeline = timeline_of(raw)
    files = find_media(timeline, folder, sandbox=True)
    assets = {path: Asset(str(file), file.name) for path, file in files.items()}
    with Compositor(timeline, assets, output(*OUTPUT, fps=timeline.fps)) as compositor:
        shots = [shot_of(compositor.frame(number)) for number in frames]
        return shots, " ".join(entry.fact for entry in (*timeline.report, *compositor.report))


def luma(raw: Raw, folder: Path) -> Array:
    [shot], _ = drawn(raw, folder)
    return shot.y


def report_of(raw: Raw, folder: Path) -> str:
    return drawn(raw, folder)[1]


def font_in(folder: Path, keep: Callable[[bytes], bytes]) -> str:
    """A file of the draft's that was a font before `keep`; its path as the draft says it."""
    [package] = find_spec("justmytype_intl_sea").submodule_search_locations or []  # type: ignore[union-attr]
    whole = next(Path(package).rglob("NotoSansThai*.ttf"))
    (folder / "own.ttf").write_bytes(keep(whole.read_bytes()))
    return "own.ttf"


class TestText:
    @pytest.mark.parametrize("half", ["\ud83d", "\ude00"], ids=["high", "low"])  # noqa: PT014
    def test_a_lone_surrogate_is_the_sign_for_one_that_is_missing(self, half: str, tmp_path: Path) -> None:
        whole = luma(caption("a\ufffdb"), tmp_path)
        assert np.abs(luma(caption(f"a{half}b"), tmp_path) - whole).max() == 0
        assert "Half a character" in report_of(caption(f"a{half}b"), tmp_path)
        assert "Half a character" not in report_of(caption("a\ufffdb"), tmp_path)

    def test_control_characters_draw_nothing(self, tmp_path: Path) -> None:
        plain = luma(caption("abc"), tmp_path)
        assert plain.max() > 200
        noisy = luma(caption("".join(map(chr, (*range(9), 14, 27, 31, 127, 128, 159))).join("abc")), tmp_path)
        assert np.abs(noisy - plain).max() == 0

    @pytest.mark.slow
    def test_of_a_hundred_thousand_characters_the_first_are_drawn(self, tmp_path: Path) -> None:
        [first, moved], said = drawn(caption("字幕 text " * 10_000, moves=True), tmp_path, (29, 3))
        assert "first 20000" in said
        assert first.y.max() > 60
        assert moved.y.max() >= 16

    def test_a_range_beyond_the_text_ends_with_it(self, tmp_path: Path) -> None:
        whole = luma(caption("abc"), tmp_path)
        for ends in ([0, 10**12], [-(10**12), 3], [0, 3.4]):
            assert np.abs(luma(caption("abc", range=ends), tmp_path) - whole).max() == 0, ends

    @pytest.mark.parametrize("ends", [[7, 9], [3, 1], [], [None, None], ["x", 2]], ids=str)
    def test_a_range_that_holds_nothing_leaves_the_text(self, ends: list[Any], tmp_path: Path) -> None:
        assert luma(caption("abc", range=ends), tmp_path).max() > 200


class TestFont:
    @pytest.mark.parametrize(
        "keep",
        [
            lambda _: b"",
            lambda _: b"GIF89a" + bytes(500),
            lambda whole: whole[:1000],
            lambda whole: whole[: len(whole) // 2],
            lambda whole: whole[:40] + bytes(len(whole) - 40),
            lambda whole: b"OTTO" + whole[4:],
            lambda _: b"ttcf" + b"\xff" * 5000,
        ],
        ids=["empty", "picture", "head", "half", "zeros", "another kind", "endless collection"],
    )
    def test_a_file_that_is_no_font_is_replaced_and_said(self, keep: Callable[[bytes], bytes], tmp_path: Path) -> None:
        raw = caption("Good 好", font={"id": "", "path": font_in(tmp_path, keep)})
        [shot], said = drawn(raw, tmp_path)
        assert shot.y.max() > 200
        assert "“own”" in said

    @pytest.mark.parametrize("seed", range(12))
    def test_any_byte_of_a_font_may_be_wrong(self, seed: int, tmp_path: Path) -> None:
        chance = np.random.default_rng(seed)

        def spoilt(whole: bytes) -> bytes:
            data = np.frombuffer(whole, np.uint8).copy()
            data[chance.integers(0, data.size if seed % 2 else 2000, 60)] = chance.integers(0, 256, 60)
            return data.tobytes()

        raw = caption("สวัสดี Good", font={"id": "", "path": font_in(tmp_path, spoilt)}, bold=True, italic=True)
        [shot], _ = drawn(raw, tmp_path)
        assert shot.y.shape == (OUTPUT[1], OUTPUT[0])


class TestNumbers:
    @pytest.mark.parametrize("size", [0, -5, 10_000])
    def test_a_size_that_cannot_be(self, size: float, tmp_path: Path) -> None:
        """0 and what is negative count as missing: 15; 10,000 is held to 1,000."""
        instead = caption("好", size=1000.0 if size > 0 else 15.0)
        found = caption("好", size=size)
        assert np.abs(luma(found, tmp_path) - luma(instead, tmp_path)).max() == 0
        assert "size" in report_of(found, tmp_path)
        assert "size" not in report_of(instead, tmp_path)

    @pytest.mark.parametrize(
        ("written", "meant"),
        [([2.0, -1.0, 300.0], [2 / 255, 0.0, 1.0]), ([255, 128, 0], None), ([float("nan"), 1, 1], None), ([1.0], None)],
        ids=str,
    )
    def test_a_colour_out_of_range(self, written: list[float], meant: list[float] | None, tmp_path: Path) -> None:
        def looks(colour: list[float]) -> Raw:
            solid = {"render_type": "solid", "solid": {"alpha": 1.0, "color": colour}}
            return caption("好", fill={"alpha": 1.0, "content": solid}, strokes=[{"width": 0.1, "content": solid}])

        picture = luma(looks(written), tmp_path)
        assert picture.max() > 30
        if meant is not None:
            assert np.abs(picture - luma(looks(meant), tmp_path)).max() == 0
            assert "colour" in report_of(looks(written), tmp_path)


def bad_captions(folder: Path) -> dict[str, Raw]:
    """A caption for each item of what must not take much memory."""
    every = "".join(chr(0x4E00 + number) for number in range(20_000))
    ink = {"render_type": "solid", "solid": {"alpha": 1.0, "color": [2.0, -1.0, 300.0]}}
    strokes = [{"width": 0.02 * number, "alpha": 0.6, "content": ink} for number in range(1, 9)]
    shadows = [{"distance": 3.0 * number, "angle": -45.0, "diffuse": 0.3, "content": ink} for number in range(1, 9)]
    rich = {"bold": True, "italic": True, "underline": True, "strokes": strokes, "shadows": shadows}
    half = font_in(folder, lambda whole: whole[: len(whole) // 2])
    return {
        "a lone surrogate": caption("a\ud83d" * 50, **rich),
        "a hundred thousand characters": caption("字幕 text " * 10_000),
        "a hundred thousand that move": caption("字幕 text " * 10_000, moves=True),
        "every Han character": caption(every, **rich),
        "control characters": caption("\x00\x1b\x7f" * 30_000, **rich),
        "no font": caption(font={"id": "", "path": half}),
        "a size of 10,000": caption("字幕 Enormous", size=10_000, **rich),
        "a size of 10,000 that moves": caption("字幕 Enormous", size=10_000, moves=True, **rich),
        "a range beyond the text": caption("abc", range=[-(2**62), 2**62], **rich),
    }


MEASURE = """
import json, resource, sys
from pathlib import Path
from tests.acceptance.test_bad_captions import caption, drawn

folder = Path(sys.argv[1])
drawn(caption(moves=True, strokes=[{"width": 0.1}], shadows=[{}]), folder, (0, 4, 29))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
drawn(json.loads((folder / "draft_content.json").read_text("utf-8")), folder, (0, 2, 4, 29))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


NAMES = (
    "a lone surrogate",
    "a hundred thousand characters",
    "a hundred thousand that move",
    "every Han character",
    "control characters",
    "no font",
    "a size of 10,000",
    "a size of 10,000 that moves",
    "a range beyond the text",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_caption_takes_two_hundred_megabytes_at_most(name: str, tmp_path: Path) -> None:
    """More than the same process held after a harmless caption, with its fonts and libraries."""
    (tmp_path / "draft_content.json").write_text(json.dumps(bad_captions(tmp_path)[name]), encoding="utf-8")
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) < MOST_MIB
