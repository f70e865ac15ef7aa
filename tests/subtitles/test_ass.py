"""SubStation Alpha: drawn by libass beside what cutfarm draws, and read back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pysubs2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cutfarm.errors import AssetUnreadable, RequestError
from cutfarm.subtitles.ass_pen import escaped
from cutfarm.subtitles.ass_reading import read_ass
from cutfarm.subtitles.ass_writing import write_ass
from cutfarm.subtitles.measure import Measure
from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.curves import transform_at
from cutfarm.timeline.model import TextSegment
from cutfarm.timeline.subtitles import Place
from cutfarm.timeline.text import Shadow, Stroke, TextBackground
from cutfarm.timeline.time import TimeRange
from tests.subtitles.builders import CANVAS, block, caption, facts, fade, losses

FADE_IN, FADE_OUT = "6724916044072227332", "6724919382104871427"
HEAD = (
    "[Script Info]\nPlayResX: 320\nPlayResY: 180\nScaledBorderAndShadow: yes\n{more}\n[V4+ Styles]\n"
    "Style: Default,Square,20,&H000000FF,&H000000FF,&H0000FF00,&H80FF0000,0,0,0,0,100,100,0,0,1,2,0,2,10,10,15,1\n"
    "Style: Other,Square,30,&H00FFFFFF,&H000000FF,&H0000FF00,&H80FF0000,-1,0,0,0,100,100,0,0,3,4,2,7,10,10,15,1\n"
    "[Events]\n"
)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory) -> FontLibrary:
    """A font of squares whose line is higher for Windows (1.5 em) than for us (1 em), and lies elsewhere in it."""
    builder = pytest.importorskip("fontTools.fontBuilder", reason="fontTools makes the test font")
    pens = pytest.importorskip("fontTools.pens.ttGlyphPen")
    pen = pens.TTGlyphPen(None)
    for index, corner in enumerate([(100, 0), (100, 700), (900, 700), (900, 0)]):
        pen.lineTo(corner) if index else pen.moveTo(corner)
    pen.closePath()
    square, blank = pen.glyph(), pens.TTGlyphPen(None).glyph()
    characters = {code: f"u{code}" for code in range(32, 127)}
    font = builder.FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", *characters.values()])
    font.setupCharacterMap(characters)
    font.setupGlyf({name: blank if name == "u32" else square for name in [".notdef", *characters.values()]})
    font.setupHorizontalMetrics(dict.fromkeys([".notdef", *characters.values()], (1000, 100)))
    font.setupHorizontalHeader(ascent=1200, descent=-300)
    font.setupNameTable({"familyName": "Square", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=1200, usWinDescent=300)
    font.setupPost()
    folder = tmp_path_factory.mktemp("fonts")
    font.save(folder / "Square.ttf")
    return FontLibrary([folder], system=False)


@pytest.fixture(scope="module")
def font_folder(fonts: FontLibrary) -> Path:
    return fonts.find("", "Square.ttf").face.path.parent


def script(*events: str, more: str = "") -> str:
    lines = [f"Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{event}" for event in events]
    return HEAD.format(more=more) + "\n".join(lines) + "\n"


def read(text: str, fonts: FontLibrary, found=None):
    return read_ass(text, CANVAS, Measure(CANVAS.width_px, fonts), found or losses())


def by_libass(text: str, font_folder: Path, folder: Path, at_s: float = 0.5) -> np.ndarray:
    """(height, width) luma, 0…255, of a script over black."""
    filters = subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True, text=True, check=False)
    if shutil.which("ffmpeg") is None or " ass " not in filters.stdout:
        pytest.skip("this ffmpeg draws no SubStation Alpha")
    (folder / "a.ass").write_text(text, "utf-8")
    source = f"color=black:s={CANVAS.width_px}x{CANVAS.height_px}:r=20:d=5"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-vf", f"ass=a.ass:fontsdir={font_folder}"]
    command += ["-ss", str(at_s), "-frames:v", "1", "-pix_fmt", "rgb24", "a.png"]
    subprocess.run(command, check=True, timeout=60, cwd=folder)
    return np.asarray(Image.open(folder / "a.png").convert("L"))


def by_us(words, place: Place, fonts: FontLibrary) -> np.ndarray:
    """The same of a block, upright."""
    drawn = draw_caption(
        words, canvas_width_px=CANVAS.width_px, canvas_height_px=CANVAS.height_px, scale=place.scale_y, fonts=fonts
    )
    sheet = Image.new("RGBA", (CANVAS.width_px, CANVAS.height_px), (0, 0, 0, 255))
    at = (round(place.x_px - drawn.origin[0]), round(place.y_px - drawn.origin[1]))
    sheet.alpha_composite(Image.fromarray(drawn.rgba, "RGBa").convert("RGBA"), at)
    return np.asarray(sheet.convert("L"))


def box(luma: np.ndarray) -> list[int]:
    """Left, top, right and bottom of what is bright."""
    ys, xs = np.where(luma > 127)
    return [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (block("HHH", size=20, font_path="Square.ttf"), Place(320, 180, 1, 1, 0, 1)),
        (block("HHH", size=12, font_path="Square.ttf"), Place(200, 90, 2, 2, 0, 1)),
        (
            block("HHHHH\nHH", size=10, font_path="Square.ttf", alignment=0, line_spacing=0.5),
            Place(320, 180, 1, 1, 0, 1),
        ),
        (
            block("HHHHH\nHH", size=10, font_path="Square.ttf", alignment=2, line_spacing=0.5),
            Place(320, 180, 1, 1, 0, 1),
        ),
        (
            block("HHHH HHHH", size=12, font_path="Square.ttf", wrap_width=0.4, line_spacing=0.5),
            Place(320, 180, 1, 1, 0, 1),
        ),
        (
            block("HH", size=20, font_path="Square.ttf", strokes=(Stroke((1, 1, 1), 1, 0.1),)),
            Place(320, 180, 1, 1, 0, 1),
        ),
        (block("HHH", size=12, font_path="Square.ttf", letter_spacing_em=0.3), Place(320, 180, 1.5, 1.5, 0, 1)),
    ],
    ids=["size", "scale", "left", "right", "wrapped", "stroke", "spaced"],
)
def test_libass_draws_what_we_draw(words, place, fonts, font_folder, tmp_path):
    text, _ = write_ass([caption(words, place=place)], CANVAS, fonts)
    theirs, ours = box(by_libass(text, font_folder, tmp_path)), box(by_us(words, place, fonts))
    assert theirs == pytest.approx(ours, abs=1.01)
    height, width = ours[3] - ours[1], ours[2] - ours[0]
    assert theirs[3] - theirs[1] == pytest.approx(height, rel=0.03, abs=1.01)
    assert theirs[2] - theirs[0] == pytest.approx(width, rel=0.02, abs=1.01)


def test_it_is_turned_the_same_way(fonts, font_folder, tmp_path):
    words = block("HHHH", size=12, font_path="Square.ttf")
    text, _ = write_ass([caption(words, place=Place(320, 180, 1, 1, 30, 1))], CANVAS, fonts)
    luma = by_libass(text, font_folder, tmp_path)
    left, top, right, bottom = box(luma)
    # Clockwise: the left end lies higher than the right one.
    assert np.where(luma[:, left + 5] > 127)[0].mean() < 170 < 190 < np.where(luma[:, right - 6] > 127)[0].mean()
    upright = box(by_us(words, Place(320, 180, 1, 1, 0, 1), fonts))
    middle = (upright[1] + upright[3]) / 2 - 180  # of the ink, under the block's
    assert ((left + right) / 2, (top + bottom) / 2) == (
        pytest.approx(320 - middle * 0.5, abs=1.5),
        pytest.approx(180 + middle * 0.866, abs=1.5),
    )


def test_fades_are_written(fonts, font_folder, tmp_path):
    words = block("HHH", size=20, font_path="Square.ttf")
    text, _ = write_ass([caption(words, 0, 3000, animations=(fade("in", FADE_IN, 1_000_000),))], CANVAS, fonts)
    assert r"{\fad(1000,0)}" in text
    faint, full = (by_libass(text, font_folder, tmp_path, at_s).max() for at_s in (0.5, 1.5))
    assert (faint, full) == (pytest.approx(128, abs=16), 255)
    both = caption(words, 0, 3000, animations=(fade("in", FADE_IN), fade("out", FADE_OUT, 250_000)))
    text, report = write_ass([both], CANVAS, fonts)
    assert r"\fad(500,250)" in text
    assert not report.entries


def test_what_is_not_written_is_reported(fonts):
    spinning = caption(block("a", font_path="Square.ttf"), animations=(fade("loop", "7399879467457319463"),))
    _, report = write_ass([spinning], CANVAS, fonts)
    assert [entry.fact for entry in report] == ["The caption is written without its animations."]


def test_styles_hold_colours_and_letters(fonts):
    words = block(
        "a", font_path="Square.ttf", colour=(1.0, 0.5, 0.0), alpha=0.5, bold=True, italic=True, underline=True,
        shadows=(Shadow((0.0, 0.0, 1.0), 1.0, -90.0, 0.1),), letter_spacing_em=0.1,
    )  # fmt: skip
    text, _ = write_ass([caption(words, place=Place(320, 180, 1, 1, 15, 0.5))], CANVAS, fonts)
    style = pysubs2.SSAFile.from_string(text, "ass").styles["Caption1"]
    colour = style.primarycolor
    assert (colour.r, colour.g, colour.b, colour.a) == (255, 128, 0, 191)
    assert (style.bold, style.italic, style.underline, style.angle) == (True, True, True, -15)
    assert (style.backcolor.b, style.spacing) == (255, pytest.approx(3.68, abs=0.01))
    assert r"{\xshad0\yshad3.68}" in text


def test_a_box_is_a_border_style(fonts):
    words = block("a", font_path="Square.ttf", backgrounds=(TextBackground("block", (1.0, 0.0, 0.0), pad_y=0.2),))
    style = pysubs2.SSAFile.from_string(write_ass([caption(words)], CANVAS, fonts)[0], "ass").styles["Caption1"]
    assert (style.borderstyle, style.outlinecolor.r) == (3, 255)


def test_higher_captions_have_higher_layers(fonts):
    above, below = caption("a", order=((9, 1),)), caption("b", order=((2, 0),))
    file = pysubs2.SSAFile.from_string(write_ass([above, below], CANVAS, fonts)[0], "ass")
    assert [(event.layer, event.text[-1]) for event in file.events] == [(1, "a"), (0, "b")]


def test_ten_hours_are_too_long(fonts):
    with pytest.raises(RequestError, match="ten hours"):
        write_ass([caption("a", 35_999_000, 36_000_000)], CANVAS, fonts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(st.sampled_from("ab\\{}Nnh\n<&"), min_size=1, max_size=12).filter(lambda text: text.strip("\n ")))
def test_words_come_back(fonts, text):
    written, _ = write_ass([caption(block(text, font_path="Square.ttf"))], CANVAS, fonts)
    [cue] = read(written, fonts)
    assert cue.text.text == text.strip("\n ")


def test_escapes_are_no_tags():
    assert escaped(r"{\an8}\N") == "\\{\\an8\\}\\\u2060N"


class TestRead:
    @pytest.mark.parametrize(
        "event",
        [
            "HHH", r"HHHH\NHH", r"{\an7}HHH", r"{\an8}HH\NHHHH", r"{\an6}HHH", r"{\pos(100,60)}HHH",
            r"{\an5\pos(160,90)\fscx150\fscy150}HHH", r"{\fs40}HH", r"{\fsp8}HHH", r"{\an1\bord0}HHH HHH",
            r"{\an5\pos(160,90)\frz30}HHHH", r"{\an7\pos(160,90)\org(160,90)\frz-45}HHHH", r"{\fade0}{\b0}HH{\fs30}H",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("scaled", ["yes", "no"])
    def test_it_stands_where_libass_draws_it(self, event, scaled, fonts, font_folder, tmp_path):
        text = script(event).replace("Shadow: yes", f"Shadow: {scaled}")
        text = text.replace("&H000000FF,&H000000FF,&H0000FF00", "&H00FFFFFF,&H00FFFFFF,&H00FFFFFF")
        [cue] = read(text, fonts)
        theirs = box(by_libass(text, font_folder, tmp_path, 2))
        assert box(drawn_cue(cue, fonts)) == pytest.approx(theirs, abs=1.6)

    @pytest.mark.parametrize("event", ["HHH", r"{\an5}HHH", r"{\an2\fs50}HHH"])
    def test_boxes_are_as_large_as_theirs(self, event, fonts, font_folder, tmp_path):
        text = script(event).replace("0:00:03.00,Default", "0:00:03.00,Other").replace("&H0000FF00", "&H00FFFFFF")
        [cue] = read(text, fonts)
        theirs = box(by_libass(text, font_folder, tmp_path, 2))
        assert box(drawn_cue(cue, fonts)) == pytest.approx(theirs, abs=2.1)

    def test_looks(self, fonts):
        [cue] = read(script(r"a{\c&H00FF00&\b1\3a&H80&}b{\rOther\i1\1c&HFF0000&}c{\r}d"), fonts)
        styles = cue.text.styles
        assert [(each.colour, each.bold, each.italic) for each in styles] == [
            ((1, 0, 0), False, False), ((0, 1, 0), True, False), ((0, 0, 1), True, True), ((1, 0, 0), False, False),
        ]  # fmt: skip
        assert styles[0].strokes[0].colour == (0, 1, 0)
        assert styles[0].strokes[0].width_em == pytest.approx(2 * 1.5 / 20)  # of the em: a line is 1.5 em high
        assert styles[1].strokes[0].alpha == pytest.approx(127 / 255)

    def test_shadows_and_boxes(self, fonts):
        [cue] = read(script(r"{\shad4}a"), fonts)
        [shadow] = cue.text.styles[0].shadows
        assert (shadow.colour, shadow.angle_deg) == ((0, 0, 1), pytest.approx(-45))
        assert shadow.alpha == pytest.approx(127 / 255)
        boxed = script("a").replace("0:00:03.00,Default", "0:00:03.00,Other")
        [cue] = read(boxed, fonts)
        assert (cue.text.backgrounds[0].behind, cue.text.backgrounds[0].colour) == ("line", (0, 1, 0))
        assert cue.text.styles[0].strokes == ()

    def test_fades_and_ways(self, fonts):
        [cue] = read(script(r"{\an5\move(160,90,320,90,500,1500)\fad(500,250)}HH"), fonts)
        segment = TextSegment(
            id="a", target=TimeRange(0, 2_000_000), text=cue.text, transform=cue.transform, curves=cue.curves
        )
        found = [transform_at(segment, at_us) for at_us in (0, 250_000, 500_000, 1_000_000, 1_500_000, 1_875_000)]
        assert [round(each.alpha, 3) for each in found] == [0, 0.5, 1, 1, 1, 0.5]
        assert [each.shift_x for each in found] == pytest.approx([0, 0, 0, 0.5, 1, 1])

    def test_what_is_left_out_is_said_once(self, fonts):
        found = losses()
        cues = read(script(r"{\k20}a{\k30}b", r"{\t(\fs40)\clip(0,0,9,9)}c", r"{\p1}m 0 0 l 9 9{\p0}"), fonts, found)
        assert [cue.text.text for cue in cues] == ["ab", "c"]
        assert facts(found) == [
            "a.srt: the times of syllables are not followed (× 2).",
            "a.srt: looks that change in time are drawn as they begin.",
            "a.srt: text is not clipped.",
            "a.srt: drawings are left out.",
        ]

    def test_comments_and_layers(self, fonts):
        text = (
            script("a").replace("Dialogue: 0", "Dialogue: 7") + "Comment: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,b\n"
        )
        [cue] = read(text, fonts)
        assert (cue.layer, cue.start_us, cue.end_us) == (7, 1_000_000, 3_000_000)

    def test_the_older_version(self, fonts):
        text = (
            "[Script Info]\nScriptType: v4.00\n[V4 Styles]\n"
            "Style: Default,Square,20,255,255,255,65280,0,0,1,2,0,6,10,10,15,0,1\n"
            "[Events]\nDialogue: Marked=0,0:00:01.00,0:00:03.00,Default,,0,0,0,,a\n"
        )
        [cue] = read(text, fonts)
        assert cue.text.styles[0].colour == (1, 0, 0)
        assert cue.text.styles[0].strokes[0].colour == (0, 1, 0)
        assert cue.transform.shift_y > 0.5  # 6 is the middle of the top

    @pytest.mark.parametrize(
        "change",
        [
            ("0:00:01.00", "never"),
            ("Square,20", "Square,large"),
            ("&H000000FF", "&Hred"),
            ("0:00:01.00,0:00:03.00,", ""),
        ],
    )
    def test_what_is_no_script_is_one_sentence(self, change, fonts):
        with pytest.raises(AssetUnreadable, match=r"^the subtitle file a.srt is not SubStation Alpha: "):
            read(script("a").replace(*change), fonts)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
    @given(st.text(st.sampled_from("{}\\()&H,.-+0123456789abcdfiklmnoprstux HN"), max_size=60))
    def test_no_event_is_too_odd(self, fonts, event):
        for cue in read(script(event.replace("\n", "")), fonts):
            assert cue.text.text
            assert all(abs(value) <= 1000 for value in (cue.transform.shift_x, cue.transform.shift_y))


def drawn_cue(cue, fonts: FontLibrary) -> np.ndarray:
    """Luma of a cue as it lies on the canvas, turned and stretched by Pillow."""
    scale_x, scale_y = cue.transform.scale_x, cue.transform.scale_y
    drawn = draw_caption(
        cue.text, canvas_width_px=CANVAS.width_px, canvas_height_px=CANVAS.height_px, scale=scale_y, fonts=fonts
    )
    picture = Image.fromarray(drawn.rgba[..., 3])
    picture = picture.resize((round(picture.width * scale_x / scale_y), picture.height))
    sheet = Image.new("L", (CANVAS.width_px, CANVAS.height_px))
    x = CANVAS.width_px / 2 * (1 + cue.transform.shift_x)
    y = CANVAS.height_px / 2 * (1 - cue.transform.shift_y)
    sheet.paste(picture, (round(x - drawn.origin[0] * scale_x / scale_y), round(y - drawn.origin[1])))
    return np.asarray(sheet.rotate(-cue.transform.rotation_deg, Image.Resampling.BICUBIC, center=(x, y)))
