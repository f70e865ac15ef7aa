"""Opening a local media file: the one place where FFmpeg is given a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import av
import av.error

from cutfarm.errors import AssetMissing, AssetUnreadable, EncodeError

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel
    from av.container import InputContainer

# Formats whose files hold their own bytes: a playlist or a script could name other files and hosts.
_FORMATS = (
    "aac,ac3,aiff,amr,asf,avi,caf,eac3,flac,flv,gif,h264,hevc,ivf,m4v,matroska,mov,mp3,mp4,"
    "mpeg,mpegts,mpegvideo,mxf,nut,ogg,opus,wav,webm,wv,w64"
)
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}


def open_media(
    path: str, hints: Mapping[str, str] = MappingProxyType({}), *, accelerator: HWAccel | None = None
) -> InputContainer:
    """Open the local file `path` for reading; `hints` are more of FFmpeg's options, `accelerator` decodes its video.

    Only self-contained formats and the file protocol are allowed, so that no file leads FFmpeg elsewhere.
    Raises AssetMissing where there is no such file, AssetUnreadable where it is not media.
    """
    if not Path(path).is_file():
        raise AssetMissing(f"the media file {Path(path).name} is not there")
    try:
        return av.open(f"file:{path}", options={**hints, **_OPTIONS}, metadata_errors="replace", hwaccel=accelerator)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise AssetUnreadable(f"{Path(path).name} is not a media file that can be read ({reason(error)})") from error


def is_mp4(path: str) -> bool:
    """Whether a file is of MP4's family: its index says all about its streams, and no picture need be looked at."""
    if not Path(path).is_file():
        return False
    try:
        with Path(path).open("rb") as file:
            return file.read(8)[4:] == b"ftyp"
    except OSError:
        return False


@contextmanager
def whole_or_gone(path: Path, fault: str) -> Iterator[None]:
    """Remove the file `path` where writing it is not finished.

    What FFmpeg says against it is raised as an EncodeError that begins with `fault`.
    """
    try:
        yield
    except av.error.FFmpegError as error:
        path.unlink(missing_ok=True)
        raise EncodeError(f"{fault} ({reason(error)})") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def reason(error: BaseException) -> str:
    """FFmpeg's own words for a fault, without the file's path."""
    return getattr(error, "strerror", None) or type(error).__name__
