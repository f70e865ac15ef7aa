"""Sixty strings as HarfBuzz's own `hb-shape` shapes them; running this module writes what is committed of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from cutfarm.text.fonts.library import FontLibrary

EXPECTED = Path(__file__).parent / "data" / "hb_shape.json"
Shaped = list[list[int]]  #: glyph id, cluster, advance, x offset and y offset of each glyph, in design units

_WEIGHT = 400
_LANGUAGES = {"Hangul": "ko"}

# Pieces of one font, direction and script each, in reading order.
STRINGS: dict[str, list[list[tuple[str, str]]]] = {
    "Latin": [
        [("NotoSans", "Hello, world!")],
        [("NotoSans", "AVATAR To Ty Wa")],
        [("SourceSerif4", "office waffle fjord ffi")],
        [("NotoSans", "E\u0301le\u0301gant na\u0131\u0308ve")],
        [("NotoSerif", "Tiếng Việt đẹp quá")],
        [("Inter", "a -> b != c 3x4")],
        [("NotoSans", "q\u0323\u0307\u0301 z\u0335\u0302")],
    ],
    "Greek": [
        [("NotoSans", "Ωραία μέρα")],
        [("NotoSerif", "ᾧ ἄνθρωποι, τί;")],
        [("NotoSans", "α\u0301\u0345 ΐ")],
        [("SourceSerif4", "Καλημέρα κόσμε")],
    ],
    "Cyrillic": [
        [("NotoSans", "Привет, мир!")],
        [("NotoSans", "Дзякуй Україна ґ")],
        [("NotoSerif", "Ӂӂ Ѐѝ и\u0306")],
        [("Inter", "Њ Љ Ђ Ћ")],
    ],
    "Arabic": [
        [("NotoSansArabic", "السلام عليكم")],
        [("NotoSansArabic", "لا إله إلا الله")],
        [("NotoSansArabic", "مُحَمَّدٌ")],
        [("NotoSansArabic", "پنجشنبه‌ها")],
        [("NotoSansArabic", "ڪشمیر ۓ ٹھیک")],
    ],
    "Hebrew": [
        [("NotoSansHebrew", "שלום עולם")],
        [("NotoSansHebrew", "שָׁלוֹם")],
        [("NotoSansHebrew", "בְּרֵאשִׁ֖ית")],
        [("NotoSansHebrew", "צה״ל")],
    ],
    "Devanagari": [
        [("NotoSansDevanagari", "हिन्दी")],
        [("NotoSansDevanagari", "क्षत्रिय स्त्री")],
        [("NotoSansDevanagari", "र्कि ट्ठ द्ध्र")],
        [("NotoSansDevanagari", "श्री कृष्ण ज्ञान")],
        [("NotoSansDevanagari", "क्\u200dष क्\u200cष")],
    ],
    "Bengali": [
        [("NotoSansBengali", "বাংলা")],
        [("NotoSansBengali", "ক্ষুদ্র কোর্স")],
        [("NotoSansBengali", "স্ত্রী র্য")],
        [("NotoSansBengali", "আমি তোমাকে ভালোবাসি")],
    ],
    "Tamil": [
        [("NotoSansTamil", "தமிழ்")],
        [("NotoSansTamil", "கொக்கோ கௌ")],
        [("NotoSansTamil", "ஸ்ரீ க்ஷ")],
        [("NotoSansTamil", "வணக்கம் நண்பரே")],
    ],
    "Thai": [
        [("NotoSansThai", "ภาษาไทย")],
        [("NotoSansThai", "ที่นี่น้ำ")],
        [("NotoSansThai", "ปี่ ฝั่ง ฐาน ญู")],
        [("NotoSansThai", "เกาะ แก้ว โต๊ะ")],
    ],
    "Khmer": [
        [("NotoSansKhmer", "ភាសាខ្មែរ")],
        [("NotoSansKhmer", "ស្ត្រី ក្រុម")],
        [("NotoSansKhmer", "អរគុណច្រើន")],
    ],
    "Burmese": [
        [("NotoSansMyanmar", "မြန်မာ")],
        [("NotoSansMyanmar", "ကျေးဇူးတင်ပါတယ်")],
        [("NotoSansMyanmar", "ဣန္ဒြေ")],
    ],
    "Han": [
        [("NotoSansSC", "春眠不觉晓，处处闻啼鸟。")],
        [("NotoSansSC", "“你好”（世界）……")],
        [("NotoSansSC", "葛\U000e0100龍")],
        [("NotoSansTC", "龜蠶體驗")],
    ],
    "Kana": [
        [("NotoSansJP", "カタカナー、ちょっと")],
        [("NotoSansJP", "か\u3099は\u309aゞ")],
        [("NotoSansJP", "ｱｲｳ゙株式")],
    ],
    "Hangul": [
        [("NotoSansKR", "한국어 자막")],
        [("NotoSansKR", "\u1112\u1161\u11ab 각")],
        [("NotoSansKR", "안녕하세요!")],
    ],
    "Emoji": [
        [("NotoSans", "I "), ("NotoSansSymbols2", "❤\ufe0f"), ("NotoSans", " you")],
        [("NotoSansSymbols2", "👍"), ("NotoSansSC", "好"), ("NotoSansSymbols2", "✌\ufe0e☂🏳\ufe0f")],
        [("Pictures", "👨\u200d👩\u200d👧👩"), ("NotoSansSC", "家")],
        [("Pictures", "🇩🇪🇫🇷🇩"), ("NotoSans", "a")],
        [("NotoSans", "no. "), ("Pictures", "1\ufe0f\u20e3"), ("NotoSans", " 1")],
        [("NotoSans", "ok "), ("Pictures", "👍🏽👍"), ("NotoSansArabic", "مرحبا")],
        [("Pictures", "❤\ufe0f\u200d🔥"), ("NotoSansDevanagari", "हिन्दी")],
        [("Pictures", "🏴\U000e0067\U000e0062\U000e007f"), ("NotoSansSymbols2", "❤\ufe0e")],
    ],
}

# The glyphs of a font of pictures: its characters, then its joined ones.
_PICTURES = "👨👩👧👍🏽❤🔥🏴🇩🇪🇫🇷1\u20e3\u200d\ufe0f\U000e0067\U000e0062\U000e007f"
_JOINED = (
    "👨\u200d👩\u200d👧",
    "👍🏽",
    "🇩🇪",
    "🇫🇷",
    "1\ufe0f\u20e3",
    "❤\ufe0f\u200d🔥",
    "🏴\U000e0067\U000e0062\U000e007f",
)


@cache
def font_paths() -> dict[str, Path]:
    """The bundled upright font files by family."""
    paths = [face.path for face in FontLibrary(system=False).faces]
    return {path.name.split("[")[0].split("-")[0]: path for path in paths if "Italic" not in path.name}


def write_pictures(folder: Path) -> Path:
    """Write a colour font that joins emoji by ligatures, as those of the systems do; its family is Pictures."""
    builder, pens = import_module("fontTools.fontBuilder"), import_module("fontTools.pens.ttGlyphPen")
    pen = pens.TTGlyphPen(None)
    for index, corner in enumerate([(0, 0), (0, 900), (900, 900), (900, 0)]):
        pen.lineTo(corner) if index else pen.moveTo(corner)
    pen.closePath()
    names = [f"u{ord(char):X}" for char in _PICTURES]
    joined = [f"joined{index}" for index in range(len(_JOINED))]
    order = [".notdef", *names, *joined, "layer"]
    font = builder.FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(order)
    font.setupCharacterMap({ord(char): name for char, name in zip(_PICTURES, names, strict=True)})
    font.setupGlyf(dict.fromkeys(order, pen.glyph()))
    font.setupHorizontalMetrics({name: (1000 + index, 0) for index, name in enumerate(order)})
    font.setupHorizontalHeader(ascent=900, descent=-100)
    font.setupNameTable({"familyName": "Pictures", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=900, sTypoDescender=-100)
    font.setupPost()
    rules = "".join(
        f"sub {' '.join(f'u{ord(char):X}' for char in text)} by {name};"
        for text, name in zip(_JOINED, joined, strict=True)
    )
    font.addOpenTypeFeatures(f"feature ccmp {{ {rules} }} ccmp;")
    font.setupCOLR({name: [("layer", 0)] for name in [*names, *joined]})
    font.setupCPAL([[(0.0, 0.0, 1.0, 1.0)]])
    path = folder / "Pictures.ttf"
    font.save(path)
    return path


def digest(path: Path) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_there() -> bool:
    """Whether this machine has `hb-shape`."""
    return shutil.which("hb-shape") is not None


def shaped_by_tool(font: Path, text: str, script: str) -> Shaped:
    """The text in one font file without kerning; its direction and ISO 15924 script are the tool's guess."""
    command = [
        "hb-shape",
        "--font-file=" + str(font),
        "--unicodes=" + ",".join(f"{ord(char):X}" for char in text),
        "--features=-kern",
        "--remove-default-ignorables",
        f"--variations=wght={_WEIGHT}",
        "--output-format=json",
        "--language=" + _LANGUAGES.get(script, "und"),
        "--no-glyph-names",
    ]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [[glyph[key] for key in ("g", "cl", "ax", "dx", "dy")] for glyph in json.loads(answer)]


def write_expected(folder: Path) -> None:
    """Shape all strings and write what came out, with the digests of the bundled fonts."""
    paths = {**font_paths(), "Pictures": write_pictures(folder)}
    strings = [
        {"script": script, "pieces": [[font, text, shaped_by_tool(paths[font], text, script)] for font, text in pieces]}
        for script, several in STRINGS.items()
        for pieces in several
    ]
    used = {font for several in STRINGS.values() for pieces in several for font, _ in pieces} - {"Pictures"}
    fonts = {font: digest(paths[font]) for font in sorted(used)}
    rows = ",\n".join(json.dumps(string, separators=(",", ":")) for string in strings)
    EXPECTED.write_text(f'{{"fonts":{json.dumps(fonts, indent=1)},\n"strings":[\n{rows}\n]}}\n', "utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        write_expected(Path(name))
