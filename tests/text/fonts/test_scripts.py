"""Every script that is promised is drawn with the packages that come with cutfarm alone."""

from __future__ import annotations

import pytest

from cutfarm.text.fonts.families import script_for
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.itemise import StyleFont, itemise
from cutfarm.text.layout.shaping import shape

SENTENCES = {
    "Simplified Chinese": "春天来了，花儿开了。他说：“这里真美！”",
    "Traditional Chinese": "春天來了，花兒開了。他說：「這裡真美！」",
    "Japanese": "春が来て、花が咲きました。「ここは本当にきれいだ！」ー〜",
    "Korean": "봄이 왔고 꽃이 피었어요. 여기 정말 아름답다!",
    "Arabic": "جاء الربيع وتفتحت الأزهار، ما أجمل هذا المكان؟ ١٢٣",
    "Persian": "بهار آمد و گل‌ها شکفتند؛ پ چ ژ گ",
    "Hebrew": "האביב הגיע והפרחים פרחו. כמה יפה כאן! שָׁלוֹם",
    "Devanagari": "वसंत आया और फूल खिले। यह जगह कितनी सुंदर है! क्षत्रिय ज्ञान १२३",
    "Bengali": "বসন্ত এসেছে, ফুল ফুটেছে। জায়গাটা কত সুন্দর! ক্ষ জ্ঞ",
    "Tamil": "வசந்தம் வந்தது, பூக்கள் மலர்ந்தன. ஸ்ரீ",
    "Telugu": "వసంతం వచ్చింది, పువ్వులు పూశాయి. క్షేత్రం",
    "Thai": "ฤดูใบไม้ผลิมาถึงแล้ว ดอกไม้บานสะพรั่ง ที่นี่สวยจริงๆ ๑๒๓",
    "Lao": "ລະດູໃບໄມ້ປົ່ງມາຮອດແລ້ວ ດອກໄມ້ບານ",
    "Khmer": "និទាឃរដូវមកដល់ហើយ ផ្ការីក ស្អាតណាស់",
    "Myanmar": "နွေဦးရောက်ပြီ ပန်းတွေပွင့်ပြီ ဒီနေရာက လှလိုက်တာ",
    "Ethiopic": "ፀደይ መጣ፣ አበቦች አበቡ። ቦታው ውብ ነው!",
    "Cyrillic": "Пришла весна, расцвели цветы. Ґ Є Ї Ђ Љ Ў",
    "Greek": "Ήρθε η άνοιξη, άνθισαν τα λουλούδια. Ἀρχή ᾠδή",
    "Vietnamese": "Mùa xuân đến rồi, hoa nở. Nơi đây thật đẹp! ặ ễ ỡ",
    "Latin": "Žluťoučký kůň, Łódź, İstanbul, ﬁn — “so” … ‰ € ₹ ₩ № ™",
    "Bopomofo": "ㄅㄆㄇㄈ",
}
SIGNS = {
    "arrows": "←↑→↓↔⇒⇔➜➤",
    "box drawing": "┌─┬┐│├┼┤└┴┘═║╬█▓▒░",
    "mathematics": "∑∏∫√∞≈≠≤≥∂∇∈∪⊂ℝ𝑥",
    "bullets": "•◦▪■□●○◆◇★☆✓✔✗",
    "enclosed": "①②③⑳ⒶⓏ㈱㊗",
    "others": "♪♫♥♠☀☁☎✂✈©®°§¶†‡",
}


def drawn(text: str, fonts: FontLibrary, **asked: str) -> tuple[list[str], tuple[str, ...], list[int]]:
    """Families in order, characters that no font has, and the numbers of all glyphs."""
    match = fonts.find(asked.get("font_id", ""), asked.get("font_path", ""))
    cut = itemise(text, [0] * len(text), {0: StyleFont(match.face, match.weight, bold=False)}, fonts)
    glyphs = [glyph.glyph_id for item in cut.items for glyph in shape(text, item, letter_spacing_em=0.0)]
    families = dict.fromkeys(item.font.face.family for item in cut.items)
    return list(families), cut.missing, glyphs


@pytest.mark.parametrize("words", [*SENTENCES.values(), *SIGNS.values()], ids=[*SENTENCES, *SIGNS])
@pytest.mark.parametrize("font_path", ["", "Anton-Regular.ttf", "NotoSans-Bold.ttf"])
def test_no_glyph_is_missing(fonts, words, font_path):
    _, missing, glyphs = drawn(words, fonts, font_path=font_path)
    assert missing == ()
    assert 0 not in glyphs
    assert glyphs


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("国语和门", "Noto Sans SC"),
        ("國語和門", "Noto Sans TC"),
        ("日本の国語", "Noto Sans JP"),
        ("한국의 國語", "Noto Sans KR"),
        ("春", "Noto Sans SC"),
        ("「國語」ㄅ", "Noto Sans TC"),
    ],
)
def test_han_takes_the_forms_of_the_text_around_it(fonts, text, family):
    for char in text:
        if script_for(char, text) not in ("Zyyy", "Bopo"):
            assert fonts.fallback(char, emoji=False, context=text).family == family


def test_punctuation_of_han_is_of_the_same_font(fonts):
    assert fonts.fallback("、", emoji=False, context="花が、").family == "Noto Sans JP"
    assert fonts.fallback("。", emoji=False, context="說。這裡").family == "Noto Sans TC"
    assert fonts.fallback("—", emoji=False, context="花が—").family != "Noto Sans JP"


def test_one_missing_sign_costs_no_other_its_font(make_font):
    path = make_font("Square", "AB ")
    library = FontLibrary([path.parent], system=False)
    text = "AB•AB→A"
    match = library.find("", "Square.ttf")
    cut = itemise(text, [0] * len(text), {0: StyleFont(match.face, match.weight, bold=False)}, library)
    own = [text[item.start : item.end] for item in cut.items if item.font.face.path == path]
    assert own == ["AB", "AB", "A"]
    assert cut.missing == ()


def test_what_no_font_has_is_named_and_leaves_no_box(fonts):
    _, missing, glyphs = drawn("a\U0010fffdb", fonts)
    assert missing == ("\U0010fffd",)
    assert 0 not in glyphs


def test_a_long_text_asks_for_its_script_once(fonts):
    text = "說這裡真美" * 4000
    assert {fonts.fallback(char, emoji=False, context=text).family for char in text} == {"Noto Sans TC"}


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Ž", ["Noto Sans"]),
        ("Z\u030c", ["Noto Sans"]),
        ("kůň", ["Noto Sans SC", "Noto Sans"]),
        ("x\u030c", ["Noto Sans"]),
        ("é", ["Noto Sans SC"]),
        ("e\u0301", ["Noto Sans SC"]),
        ("ά", ["Noto Sans"]),
        ("й", ["Noto Sans SC"]),
    ],
)
def test_accents_come_from_a_font_that_puts_them_in_place(fonts, text, families):
    found, missing, _ = drawn(text, fonts)
    assert (found, missing) == (families, ())


def test_an_accent_lies_over_its_letter(fonts):
    for text in ("Ž", "ά", "x\u030c", "ť"):
        cut = itemise(text, [0] * len(text), {0: StyleFont(fonts.main, 400, bold=False)}, fonts)
        (item,) = cut.items
        for glyph in shape(text, item, letter_spacing_em=0.0)[1:]:
            assert glyph.x_em < 0 or glyph.advance_em == 0
        bounds = [item.font.outline(glyph.glyph_id).getBounds() for glyph in shape(text, item, letter_spacing_em=0.0)]
        assert min(box.top() for box in bounds) < -0.5 * item.font.face.upem
