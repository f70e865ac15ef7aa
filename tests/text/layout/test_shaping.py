from __future__ import annotations

import pytest
import uharfbuzz as hb

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.itemise import Item, StyleFont, itemise
from cutfarm.text.layout.shaping import Glyph, shape

SCRIPTS = {
    "Arabic": "السلام عليكم",
    "Hebrew": "שָׁלוֹם עולם",
    "Devanagari": "हिन्दी क्षत्रिय स्त्री",
    "Bengali": "বাংলা",
    "Tamil": "தமிழ்",
    "Telugu": "తెలుగు",
    "Thai": "ภาษาไทยที่นี่น้ำ",
    "Lao": "ພາສາລາວ",
    "Khmer": "ភាសាខ្មែរ",
    "Burmese": "မြန်မာ",
    "Amharic": "አማርኛ",
    "Chinese": "春日影，你好！",
    "Traditional": "龜蠶體驗",
    "Japanese": "ちょっとカタカナー「漢字」",
    "Korean": "한국어 자막",
    "Latin": "Élégant ﬁ Ếế",
    "Cyrillic": "Дзякуй Україна",
    "Greek": "Ωραία",
    "Symbols": "→★♪①№™½②≠∑",
}


def items_of(text: str, fonts: FontLibrary, *, face: str = "") -> tuple[Item, ...]:
    wanted = StyleFont(fonts.find("", face).face if face else fonts.main, 400, False)
    result = itemise(text, [0] * len(text), {0: wanted}, fonts)
    assert result.missing == ()
    return result.items


def plain_harfbuzz(text: str, item: Item) -> list[tuple[int, int, int, int, int]]:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(item.font.hb_font, buffer, {"kern": False})
    return [
        (info.codepoint, info.cluster, at.x_advance, at.x_offset, at.y_offset)
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]


def in_units(glyphs: tuple[Glyph, ...], item: Item) -> list[tuple[int, int, int, int, int]]:
    upem = item.font.face.upem
    return [
        (
            glyph.glyph_id,
            glyph.cluster,
            round(glyph.advance_em * upem),
            round(glyph.x_em * upem),
            round(glyph.y_em * upem),
        )
        for glyph in glyphs
    ]


@pytest.mark.parametrize("text", ["AVATAR office", "مرحبا بالعالم", "हिन्दी क्षत्रिय", "ภาษาไทย ที่", "春日影", "한국어"])
def test_one_font_shapes_as_plain_harfbuzz_does(fonts, text):
    (item,) = items_of(text, fonts)
    assert in_units(shape(text, item), item) == plain_harfbuzz(text, item)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_no_script_draws_an_empty_box(fonts, text):
    items = items_of(text, fonts)
    assert sum(item.end - item.start for item in items) == len(text)
    for item in items:
        drawn = {info[1] for info in plain_harfbuzz(text[item.start : item.end], item) if info[0] == 0}
        assert drawn == set()
        assert shape(text, item)


def test_there_is_no_kerning(fonts):
    (item,) = items_of("AV", fonts, face="Inter.ttf")
    single = [glyph.advance_em for char in "AV" for glyph in shape(char, items_of(char, fonts, face="Inter.ttf")[0])]
    assert [glyph.advance_em for glyph in shape("AV", item)] == single


def test_ligatures_are_on_until_letters_are_spaced(fonts):
    text = "fi"
    (item,) = items_of(text, fonts)
    assert len(shape(text, item)) == 1
    assert len(shape(text, item, letter_spacing_em=0.1)) == 2


def test_letter_spacing_follows_each_cluster_once(fonts):
    text = "e\u0323\u0301a"
    (item,) = items_of(text, fonts, face="NotoSans.ttf")
    plain = sum(glyph.advance_em for glyph in shape(text, item))
    spaced = sum(glyph.advance_em for glyph in shape(text, item, letter_spacing_em=0.25))
    assert spaced - plain == pytest.approx(0.5)


def test_joined_scripts_are_not_spaced(fonts):
    text = "سلام"
    (item,) = items_of(text, fonts)
    assert shape(text, item, letter_spacing_em=0.5) == shape(text, item)


def test_letters_join_across_a_change_of_style(fonts):
    text = "سلام"
    wanted = StyleFont(fonts.main, 400, False)
    first, second = itemise(text, [0, 1, 1, 1], {0: wanted, 1: wanted}, fonts).items
    (whole,) = items_of(text, fonts)
    initial = next(glyph.glyph_id for glyph in shape(text, whole) if glyph.cluster == 0)
    assert [glyph.glyph_id for glyph in shape(text, first)] == [initial]
    assert min(glyph.cluster for glyph in shape(text, second)) == 1


def test_clusters_count_from_the_paragraphs_start(fonts):
    text = "x" * 30 + "ไทย"
    _, thai = items_of(text, fonts)
    assert [glyph.cluster for glyph in shape(text, thai)] == [30, 31, 32]
