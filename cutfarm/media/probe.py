"""Whether a material can be played at all, found out before any work is spent on it."""

from __future__ import annotations

from pathlib import Path

from cutfarm.errors import AssetError, AssetUnreadable
from cutfarm.media.container import is_mp4, open_media
from cutfarm.media.sniff import is_image
from cutfarm.timeline.media import FontFile, MediaUse
from cutfarm.timeline.model import PictureMaterial


def check_media(use: MediaUse, file: Path) -> None:
    """Raise AssetUnreadable, naming material and segment, where `file` cannot be what the draft uses it for.

    A font that is none is no fault: another one stands in for it.
    """
    if isinstance(use.material, FontFile):
        return
    try:
        if isinstance(use.material, PictureMaterial):
            check_picture(str(file))
        else:
            open_media(str(file)).close()
    except AssetError as error:
        raise type(error)(f"{use}: {error}") from error


def check_picture(path: str) -> None:
    """Raise AssetUnreadable where a file has no picture: no image, no video stream, no length, cut off too early.

    What is cut off behind its first picture plays up to there.
    """
    if is_image(path):
        from cutfarm.media.images import open_image  # brings Pillow, which films do without

        open_image(path).close()
        return
    name = Path(path).name
    with open_media(path, {"codec_whitelist": "none"} if is_mp4(path) else {}) as container:
        if not container.streams.video:
            raise AssetUnreadable(f"{name} has no video stream")
        stream = container.streams.video[0]
        if container.duration == 0 or stream.duration == 0:
            raise AssetUnreadable(f"{name} has no duration")
        size = Path(path).stat().st_size
        begins = min((entry.pos for entry in stream.index_entries), default=0)
        if begins >= size:
            raise AssetUnreadable(f"{name} is truncated: its first picture lies at {begins} bytes, its end at {size}")
