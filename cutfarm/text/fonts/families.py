"""Which families draw what no font of the right name draws: for a kind of font, for a script, for a name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from cutfarm.catalogue.fonts import FontClass
from cutfarm.text.unicode.characters import COMMON_SCRIPT, has_kana, is_east_asian, script_of

#: Families that draw all that is left, best first.
MAIN = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans", "DejaVu Sans")
#: Families, as `FontQuery` spells them, whose glyphs are no letters.
NEVER_FALLBACK = frozenset(("lastresort", "adobeblank", "adobenotdef", "adobeblank2", "unifont"))
ANY_SCRIPT = (
    "Noto Sans SC",
    "Noto Sans",
    "Noto Sans Symbols 2",
    "Noto Sans Symbols",
    "STIX Two Math",
    "Noto Sans Math",
    "Noto Sans Mono",
    "DejaVu Sans",
)

# Families with the line box of one that may not be shipped: drawn to its widths, or by the same designers.
STAND_INS: Mapping[str, str] = MappingProxyType(
    {
        "arial": "Liberation Sans",
        "helvetica": "Liberation Sans",
        "timesnewroman": "Liberation Serif",
        "times": "Liberation Serif",
        "couriernew": "Liberation Mono",
        "sourcehansans": "Noto Sans SC",
        "sourcehansanscn": "Noto Sans SC",
        "sourcehansanssc": "Noto Sans SC",
        "sourcehansanstw": "Noto Sans TC",
        "sourcehansanstc": "Noto Sans TC",
        "sourcehansansjp": "Noto Sans JP",
        "sourcehansanskr": "Noto Sans KR",
        "sourcehanserif": "Noto Serif SC",
        "sourcehanserifcn": "Noto Serif SC",
        "sourcehanserifsc": "Noto Serif SC",
        "sourcehanseriftw": "Noto Serif TC",
        "sourcehanseriftc": "Noto Serif TC",
        "思源黑体": "Noto Sans SC",
        "思源宋体": "Noto Serif SC",
        "zhhans": "Noto Sans SC",
        "zhhant": "Noto Sans TC",
        "notosanscjksc": "Noto Sans SC",
        "notosanscjkjp": "Noto Sans JP",
        "notosanscjkkr": "Noto Sans KR",
        "notosanscjktc": "Noto Sans TC",
    }
)

# Ascent and descent in parts of an em, OS/2's typographic ones, of fonts that are often asked for and seldom there.
LINE_BOXES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "arial": (1491 / 2048, 431 / 2048),
        "timesnewroman": (1420 / 2048, 442 / 2048),
        "couriernew": (1255 / 2048, 386 / 2048),
    }
)

_SERIF = ("Noto Serif SC", "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "Source Han Serif")
_KAI = ("LXGW WenKai", "LXGW WenKai GB", "LXGW WenKai Screen", "KaiTi", "FandolKai", "AR PL UKai CN")
_BRUSH = ("Ma Shan Zheng", "Zhi Mang Xing", "Long Cang", "Liu Jian Mao Cao")
_CLASS_FAMILIES: Mapping[FontClass, tuple[str, ...]] = MappingProxyType(
    {
        "cjk-brush": (*_BRUSH, *_KAI),
        "cjk-clerical": ("LiSu", "STLiti", *_SERIF),
        "cjk-display": ("Smiley Sans", "ZCOOL QingKe HuangYou", "ZCOOL KuaiLe", "Douyin Sans", "Alimama ShuHeiTi"),
        "cjk-kai": _KAI,
        "cjk-round": ("Resource Han Rounded CN", "Resource Han Rounded SC", "M PLUS Rounded 1c"),
        "cjk-sans": ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "HarmonyOS Sans SC"),
        "cjk-serif": (*_SERIF, "FandolSong", "SimSun", "AR PL UMing CN"),
        "japanese": ("Noto Sans JP", "Noto Sans CJK JP", "Source Han Sans JP"),
        "korean": ("Noto Sans KR", "Noto Sans CJK KR", "Source Han Sans KR"),
        "latin-display": ("Pacifico", "Lobster", "Dancing Script", "Caveat"),
        "latin-sans": ("Inter", "Noto Sans"),
        "latin-serif": ("Source Serif 4", "Noto Serif", "Liberation Serif", "DejaVu Serif"),
        "pixel": ("Fusion Pixel 12px Proportional zh_hans", "Zpix", "DotGothic16", "Press Start 2P", "VT323"),
    }
)
# What a plain sans must weigh to stand in for them.
_CLASS_WEIGHTS: Mapping[FontClass, int] = MappingProxyType(
    {
        "cjk-brush": 500,
        "cjk-clerical": 600,
        "cjk-display": 700,
        "cjk-round": 500,
        "cjk-serif": 500,
        "latin-display": 600,
        "pixel": 500,
    }
)
_WEIGHT_SIGNS = {"粗": 700, "细": 300, "細": 300}  # within a name, as in 思源粗宋
# Read off the names of Chinese fonts, which say what they are; the first that is found counts.
_CLASS_WORDS: tuple[tuple[FontClass, tuple[str, ...]], ...] = (
    ("pixel", ("像素", "点阵", "點陣", "pixel")),
    ("cjk-serif", ("宋", "明朝", "明體", "明体")),
    ("cjk-kai", ("楷",)),
    ("cjk-clerical", ("隶", "隸")),
    ("cjk-brush", ("行书", "行書", "草书", "草書", "手写", "手寫", "手书", "毛笔", "毛筆", "书法", "書法")),
    ("cjk-round", ("圆", "圓", "丸")),
    ("cjk-sans", ("黑",)),
    ("latin-sans", ("arial", "helvetica", "calibri", "verdana", "tahoma", "segoe")),
    ("latin-serif", ("times", "georgia", "garamond")),
    ("latin-display", ("script", "brush", "handwrit", "calligra", "signature")),
)

_HAN_SIMPLIFIED = ("Noto Sans SC", "Noto Sans CJK SC")
_HAN_TRADITIONAL = ("Noto Sans TC", "Noto Sans CJK TC")
_HAN_JAPANESE = ("Noto Sans JP", "Noto Sans CJK JP")
_HAN_KOREAN = ("Noto Sans KR", "Noto Sans CJK KR")
_ALL_HAN = (*_HAN_SIMPLIFIED, *_HAN_TRADITIONAL, *_HAN_JAPANESE, *_HAN_KOREAN)
_SCRIPT_FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Arab": ("Noto Sans Arabic",),
        "Beng": ("Noto Sans Bengali",),
        "Bopo": (*_HAN_TRADITIONAL, *_HAN_SIMPLIFIED),
        "Cyrl": ("Noto Sans",),
        "Deva": ("Noto Sans Devanagari",),
        "Ethi": ("Noto Sans Ethiopic",),
        "Grek": ("Noto Sans",),
        "Hang": _HAN_KOREAN,
        "Hani": _ALL_HAN,
        "Hant": (*_HAN_TRADITIONAL, *_ALL_HAN),
        "Hebr": ("Noto Sans Hebrew",),
        "Hira": _HAN_JAPANESE,
        "Kana": _HAN_JAPANESE,
        "Khmr": ("Noto Sans Khmer",),
        "Laoo": ("Noto Sans Lao",),
        "Latn": ("Noto Sans",),
        "Mymr": ("Noto Sans Myanmar",),
        "Taml": ("Noto Sans Tamil",),
        "Telu": ("Noto Sans Telugu",),
        "Thai": ("Noto Sans Thai",),
    }
)


def families_of_class(font_class: FontClass) -> tuple[str, ...]:
    """Families of that kind, best first."""
    return _CLASS_FAMILIES[font_class]


def weight_of_kind(font_class: FontClass | None, name: str) -> int | None:
    """The weight, 1…1000, at which a plain sans looks most like a font of that kind and name; None if any will do."""
    for sign, weight in _WEIGHT_SIGNS.items():
        if sign in name:
            return weight
    return None if font_class is None else _CLASS_WEIGHTS.get(font_class)


def class_of_name(name: str) -> FontClass | None:
    """What kind of font the name of one tells it to be, or None."""
    folded = name.casefold()
    named = next((kind for kind, words in _CLASS_WORDS if any(word in folded for word in words)), None)
    if named is None and has_kana(name):
        return "japanese"
    return "korean" if named is None and any(script_of(char) == "Hang" for char in name) else named


def families_of_script(script: str) -> tuple[str, ...]:
    """Families to ask for characters of an ISO 15924 script, best first, then those that have a bit of everything."""
    return _SCRIPT_FAMILIES.get(script, ()) + ANY_SCRIPT


def script_for(cluster: str, context: str) -> str:
    """The script whose fonts suit a cluster; Han and its punctuation take the forms of the text around them.

    That is `Hira` among kana, `Hang` among hangul, `Hant` where traditional forms prevail, else `Hani`.
    """
    script = next((script for char in cluster if (script := script_of(char)) != COMMON_SCRIPT), COMMON_SCRIPT)
    if script == "Hani" or (script == COMMON_SCRIPT and is_east_asian(cluster)):
        return _han_of(context)
    return script


@lru_cache(maxsize=64)
def _han_of(context: str) -> str:
    if has_kana(context):
        return "Hira"
    scripts = {script_of(char) for char in set(context)}
    if "Hang" in scripts:
        return "Hang"
    # Most characters that were simplified are in one of these two sets alone.
    traditional = sum(_is_in(char, "big5") and not _is_in(char, "gb2312") for char in context)
    simplified = sum(_is_in(char, "gb2312") and not _is_in(char, "big5") for char in context)
    return "Hant" if "Bopo" in scripts or traditional > simplified else "Hani"


@lru_cache(maxsize=8192)
def _is_in(char: str, charset: str) -> bool:
    if script_of(char) != "Hani":
        return False
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
