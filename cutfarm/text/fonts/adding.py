"""Fonts that are added to a folder: looked at first, copied whole or not at all."""

from __future__ import annotations

import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from cutfarm.errors import AssetMissing, AssetTooLarge, AssetUnreadable, StorageError
from cutfarm.storage.atomic import atomic_file
from cutfarm.text.fonts.face import FontFace
from cutfarm.text.fonts.files import files_below
from cutfarm.text.fonts.library import faces_of

MAX_ADDED_BYTES = 50 << 20
_NAME_BYTES = 120
_PLAIN = frozenset(" -_.,[]()+&")
_ENDINGS = {b"OTTO": ".otf", b"ttcf": ".ttc", b"\0\1\0\0": ".ttf", b"true": ".ttf"}
_WEB_FONTS = (b"wOFF", b"wOF2")

# A few characters that every font for the script has.
_SAMPLES = {
    "Latin": "AZaz",
    "Greek": "ΑΩαω",
    "Cyrillic": "АЯая",
    "Arabic": "ابي",
    "Hebrew": "אבת",
    "Devanagari": "कहि",
    "Bengali": "কহ",
    "Tamil": "கஹ",
    "Telugu": "కహ",
    "Thai": "กฮ",
    "Lao": "ກຮ",
    "Khmer": "កអ",
    "Myanmar": "ကအ",
    "Ethiopic": "ሀፐ",
    "Simplified Chinese": "国这说",
    "Traditional Chinese": "國這說",
    "Japanese": "あン漢",
    "Korean": "가힣",
    "Emoji": "😀",
    "Mathematics": "∑∫√",
}
SCRIPTS = tuple(_SAMPLES)  #: the names of scripts that a font can be asked for


@dataclass(frozen=True, slots=True)
class FontFacts:
    """What a user wants to know of one face."""

    path: Path
    family: str
    style: str
    weights: tuple[int, int]  #: lightest and heaviest, 1…1000
    is_italic: bool
    is_colour: bool
    scripts: tuple[str, ...]  #: of `SCRIPTS`
    licence: str  #: its address or its words; empty where the font says nothing


def facts_of(face: FontFace) -> FontFacts:
    """What a usable face says of itself."""
    scripts = tuple(name for name, sample in _SAMPLES.items() if face.covers(sample))
    low, high = face.weights
    style = face.style if low == high else "Variable Italic" if face.italic else "Variable"
    return FontFacts(face.path, face.family, style, face.weights, face.italic, face.is_colour, scripts, face.licence)


def check_font(path: Path) -> tuple[FontFacts, ...]:
    """The faces of a font file. Raises AssetMissing, AssetTooLarge, and AssetUnreadable for what is no font."""
    if not path.is_file():
        raise AssetMissing(f"the font {path} is not there")
    if path.stat().st_size > MAX_ADDED_BYTES:
        raise AssetTooLarge(f"the font {path.name} has more than {MAX_ADDED_BYTES >> 20} MB")
    if _first_bytes(path) in _WEB_FONTS:
        raise AssetUnreadable(f"{path.name} is a web font (WOFF); give its .ttf or .otf")
    facts = tuple(facts_of(face) for face in faces_of(path) if face.usable)
    if not facts:
        raise AssetUnreadable(f"{path.name} is no font that can be drawn with")
    return facts


def add_font(path: Path, folder: Path) -> tuple[FontFacts, ...]:
    """Copy a font file into `folder`, in place of one of that name.

    Returns its faces, as they lie there. Raises what `check_font` raises, and StorageError where `folder` cannot be
    written.
    """
    check_font(path)
    target = folder / safe_name(path.name, _first_bytes(path))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, atomic_file(target, durable=True) as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except OSError as error:
        raise StorageError(f"the fonts' folder {folder} cannot be written: {error.strerror}") from error
    return check_font(target)


def remove_font(name: str, folder: Path) -> Path:
    """Delete the font file of that name, with or without its ending. Raises AssetMissing and StorageError."""
    found = [path for path in files_below(folder) if name in (path.name, path.stem)]
    if not found:
        raise AssetMissing(f"no font file {name} is in {folder}")
    try:
        found[0].unlink()
    except OSError as error:
        raise StorageError(f"the font {found[0]} cannot be deleted: {error.strerror}") from error
    return found[0]


def safe_name(name: str, first_bytes: bytes = b"") -> str:
    """A file name of letters, digits and harmless signs, with the ending that the content asks for."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    stem, dot, ending = name.rpartition(".")
    ending = _ENDINGS.get(first_bytes, f".{ending.lower()}" if dot else ".ttf")
    plain = "".join(char if char.isalnum() or char in _PLAIN else "_" for char in (stem if dot else name))
    short = plain.encode(errors="ignore")[:_NAME_BYTES].decode(errors="ignore").strip(" .")
    return f"{short or 'font'}{ending}"


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise AssetUnreadable(f"the font {path} cannot be read: {error.strerror}") from error
