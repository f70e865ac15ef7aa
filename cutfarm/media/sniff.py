"""Telling images from films by content; Pillow is loaded only for what begins like an image."""

from __future__ import annotations

from pathlib import Path

from cutfarm.errors import AssetTooLarge, AssetUnreadable

_BEGINNINGS = (b"BM", b"GIF8", b"\xff\xd8\xff", b"\x89PNG", b"II", b"MM", b"RIFF")  # the last for TIFF and WebP
_AVIF_BRANDS = frozenset({b"avif", b"avis", b"mif1", b"msf1"})


def is_image(path: str) -> bool:
    """Whether the file's content is an image of a format that `images` opens, whatever its name says."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    if not head.startswith(_BEGINNINGS) and not (head[4:8] == b"ftyp" and head[8:] in _AVIF_BRANDS):
        return False
    from cutfarm.media.images import open_image

    try:
        open_image(path).close()
    except AssetUnreadable:
        return False
    except AssetTooLarge:
        return True
    return True
