"""Fonts that the farm's captions may be drawn with: add, list, remove."""

from __future__ import annotations

import tempfile
from pathlib import Path

import anyio
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.context import FarmOf, HeaderKey, LanguageOf
from api.errors import FontStoreFailed, storage_trouble_as
from api.messages import SUCCESS
from api.models import FarmFont, FarmFontReply, FarmFontsReply, Problem, Reply
from cluster.fonts import FarmFonts, StoredFont
from cutfarm.errors import RequestError
from cutfarm.storage.store import Store
from cutfarm.text.fonts.adding import MAX_ADDED_BYTES, add_font, safe_name

FONTS_PATH = "/v1/fonts"
BODY_LIMIT_BYTES = MAX_ADDED_BYTES

router = APIRouter(tags=["fonts"])

_FONT_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put(
    FONTS_PATH + "/{name}",
    openapi_extra=_FONT_BODY,
    responses={status: {"model": Problem} for status in (400, 401, 413, 500)},
)
async def put_font(name: str, request: Request, farm: FarmOf, language: LanguageOf, key: HeaderKey) -> FarmFontReply:
    """Add a font file, in place of an older one of that name, for all jobs that are planned from now on."""
    farm.require_key(key)
    if not name.strip(". "):
        raise RequestError("name: the font file's, as Anton-Regular.ttf")
    data = await request.body()
    with anyio.CancelScope(shield=True):
        font, families = await run_in_threadpool(_put, farm.store, name, data)
    return FarmFontReply(message=SUCCESS.text(language), **_plain(font).model_dump(), families=families)


@router.get(FONTS_PATH, responses={401: {"model": Problem}})
def get_fonts(farm: FarmOf, language: LanguageOf, key: HeaderKey) -> FarmFontsReply:
    """The font files that were added, by name."""
    farm.require_key(key)
    with storage_trouble_as(FontStoreFailed):
        return FarmFontsReply(message=SUCCESS.text(language), fonts=[_plain(f) for f in FarmFonts(farm.store).all()])


@router.delete(FONTS_PATH + "/{name}", responses={status: {"model": Problem} for status in (400, 401)})
def delete_font(name: str, farm: FarmOf, language: LanguageOf, key: HeaderKey) -> Reply:
    """Take a font file away from all jobs that are planned from now on."""
    farm.require_key(key)
    with storage_trouble_as(FontStoreFailed):
        FarmFonts(farm.store).remove(name)
    return Reply(message=SUCCESS.text(language))


def _put(store: Store, name: str, data: bytes) -> tuple[StoredFont, list[str]]:
    with storage_trouble_as(FontStoreFailed), tempfile.TemporaryDirectory(prefix="cutfarm-font-") as folder:
        given = Path(folder, safe_name(name))
        given.write_bytes(data)
        faces = add_font(given, Path(folder, "checked"))
        return FarmFonts(store).put(faces[0].path), list(dict.fromkeys(face.family for face in faces))


def _plain(font: StoredFont) -> FarmFont:
    return FarmFont(file=font.name, bytes=font.size, sha256=font.sha256)
