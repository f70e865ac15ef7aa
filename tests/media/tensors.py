"""Pictures of whatever kind, looked at as tensors."""

from __future__ import annotations

from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, picture_of, planes_of


def tensors(picture: object) -> Planes:
    """Its planes; a picture's own samples."""
    if isinstance(picture, Picture):
        return planes_of(picture)
    assert isinstance(picture, Planes)
    return picture


def copied(picture: object) -> Planes:
    return Planes(*(plane.clone() for plane in tensors(picture)))


def digest(picture: object) -> str:
    return picture.digest() if isinstance(picture, Picture) else picture_of(tensors(picture)).digest()
