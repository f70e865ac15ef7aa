"""`cutfarm fonts`: which fonts captions can be drawn with here, and how to give a machine or a farm more of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cutfarm.commands.terminal import say
from cutfarm.errors import RequestError
from cutfarm.text.fonts.adding import SCRIPTS, FontFacts, add_font, check_font, facts_of, remove_font
from cutfarm.text.fonts.files import farm_folder, package_of
from cutfarm.text.fonts.library import machine_fonts

_ROUTE = "/v1/fonts"
_PLAIN_WIDTH = 1000


def add(files: Iterable[Path], api: str | None, api_key: str | None) -> None:
    """Add font files to this machine's folder, or to the farm at `api`.

    Raises AssetMissing, AssetTooLarge, AssetUnreadable, StorageError, and what the farm says is wrong.
    """
    for file in files:
        if api is None:
            facts = add_font(file, farm_folder())
            where = str(facts[0].path)
        else:
            facts = check_font(file)
            where = str(_ask(api, api_key, "PUT", f"/{quote(file.name, safe='')}", file)["file"])
        for face in facts:
            say(f"{_named(face)}, weight {_weights(face)}; {', '.join(face.scripts) or 'no script as a whole'}")
        say(f"added as {where}")


def remove(name: str, api: str | None, api_key: str | None) -> None:
    """Delete a font file from this machine's folder, or from the farm at `api`. Raises AssetMissing, StorageError."""
    if api is None:
        say(f"removed {remove_font(name, farm_folder())}")
    else:
        _ask(api, api_key, "DELETE", f"/{quote(name, safe='')}")
        say(f"removed {name}")


def list_fonts(
    script: str | None, family: str | None, *, as_json: bool, api: str | None = None, api_key: str | None = None
) -> None:
    """Print the fonts of this machine, or the files that were added to the farm at `api`. Raises RequestError."""
    if api is not None:
        _list_of_farm(_ask(api, api_key, "GET")["fonts"], as_json=as_json)
        return
    found = [face for face in _faces() if _matches(face, script and _script(script), family)]
    if as_json:
        say(json.dumps([_plain(face) for face in found], ensure_ascii=False, indent=2))
        return
    found.sort(key=lambda face: (face.family.casefold(), face.weights, face.is_italic))
    rows = (
        (face.family, face.style, _weights(face), face.path.name, _origin(face.path), face.licence) for face in found
    )
    _print_table(("family", "style", "weight", "file", "from", "licence"), rows)


def _list_of_farm(fonts: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(fonts, ensure_ascii=False, indent=2))
        return
    rows = ((str(font["file"]), f"{font['bytes']:,}", str(font["sha256"])[:16]) for font in fonts)
    _print_table(("file", "bytes", "SHA-256"), rows)


def _print_table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """One line a row, cut at the terminal's edge, whole where there is no terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else _PLAIN_WIDTH
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def _faces() -> Iterator[FontFacts]:
    return (facts_of(face) for face in machine_fonts().faces if face.usable)


def _script(wanted: str) -> str:
    """The script that is meant by its name or a part of it."""
    named = [name for name in SCRIPTS if wanted.casefold() in name.casefold()]
    if not named:
        raise RequestError(f"script {wanted!r} is none of {', '.join(SCRIPTS)}")
    return next((name for name in named if name.casefold() == wanted.casefold()), named[0])


def _matches(face: FontFacts, script: str | None, family: str | None) -> bool:
    return (not script or script in face.scripts) and (not family or family.casefold() in face.family.casefold())


def _plain(face: FontFacts) -> dict[str, Any]:
    return {
        "family": face.family,
        "style": face.style,
        "weights": list(face.weights),
        "italic": face.is_italic,
        "colour": face.is_colour,
        "scripts": list(face.scripts),
        "file": str(face.path),
        "from": _origin(face.path),
        "licence": face.licence,
    }


def _origin(path: Path) -> str:
    if path.is_relative_to(farm_folder()):
        return "added"
    return "package" if package_of(path) else "system"


def _named(face: FontFacts) -> str:
    return f"{face.family} {face.style}".strip()


def _weights(face: FontFacts) -> str:
    low, high = face.weights
    return str(low) if low == high else f"{low}–{high}"


def _ask(api: str, api_key: str | None, method: str, route: str = "", body: Path | None = None) -> dict[str, Any]:
    import httpx

    from cutfarm.commands.submit import ask

    headers = {"Accept-Language": "en"} | ({"X-API-Key": api_key} if api_key else {})
    with httpx.Client(base_url=api, trust_env=False, timeout=60.0, headers=headers) as client:
        return ask(client, method, f"{_ROUTE}{route}", content=None if body is None else body.read_bytes())
