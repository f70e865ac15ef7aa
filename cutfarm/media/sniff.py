"""Telling images from films by content; Pillow is loaded only for what begins like an image."""

from __future__ import annotations

from pathlib import Path

from cutfarm.errors import AssetTooLarge, AssetUnreadable

_BEGINNINGS = (b"BM", b"GIF8", b"\xff\xd8\xff", b"\x89PNG", b"II", b"MM", b"RIFF")  # the last for TIFF and WebP
_BRANDS_READ = 256
_AVIF_BRANDS = frozenset({b"avif", b"avis", b"mif1", b"msf1"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})


def is_heic(path: str) -> bool:
    """Whether the file is a HEIF photo coded as HEVC, as phones take them: FFmpeg would show one of its tiles."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_BRANDS_READ)
    except OSError:
        return False
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4]), len(head))
    brands = {head[8:12], *(head[place : place + 4] for place in range(16, end, 4))}
    return not _HEIC_BRANDS.isdisjoint(brands)


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
