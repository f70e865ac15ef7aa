"""Photos and animated images through Pillow."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image, ImageOps
from torch.nn.functional import interpolate

from cutfarm.errors import AssetTooLarge, AssetUnreadable
from cutfarm.media.icc import in_srgb
from cutfarm.media.images import IMAGE_FAULTS, open_image
from cutfarm.media.picture import Picture
from cutfarm.media.planes import soft_picture
from cutfarm.media.resample import PartScaler
from cutfarm.media.source import SourcePicture

_DEFAULT_FRAME_MS = 100  # what browsers show for a frame that names no duration
_FRAMES_LIMIT = 5_000
_BYTES_PER_PX = 7  # Pillow keeps what it has decoded, and so do we
_LEAD_US = 2_000  # of what is played backwards: durations are whole milliseconds, times in drafts microseconds
_TIMED_WHEN_DECODED = frozenset({"AVIF", "WEBP"})  # Pillow knows a frame's duration once it is decoded


class ImageSource:
    """A photo or an animated image; an animation loops by its own clock for ever.

    Of one that `is_backwards` each time asked for is the end of what is shown.
    Raises AssetMissing, AssetTooLarge above MAX_PIXELS, and AssetUnreadable where the file is no image.
    """

    def __init__(self, path: str, *, is_backwards: bool = False) -> None:
        self._path = path
        self._lead_us = _LEAD_US if is_backwards else 0
        self._name = Path(path).name
        self._image = open_image(path)
        self._decoded: tuple[int, Image.Image] | None = None
        self._made: tuple[Hashable, SourcePicture] | None = None
        self._is_kept = True  # what was decoded, for pictures of other sizes
        self._profile: bytes | None = self._image.info.get("icc_profile")
        self._has_transparency = False  # of any frame: in GIFs each says so for itself
        self._scaler = PartScaler()
        try:
            with self._faults_named():
                # An APNG may begin with a picture for those that know no animations.
                has_cover = getattr(self._image, "default_image", False) and getattr(self._image, "n_frames", 1) > 1
                self._first = int(has_cover)
                self._ends_ms = tuple(accumulate(self._durations()))  # ends of the frames
                self.width_px, self.height_px = self._frame(self._first).size
        except BaseException:
            self._image.close()
            raise

    @property
    def is_animated(self) -> bool:
        """Whether there is more than one frame."""
        return len(self._ends_ms) > 1

    @property
    def is_opaque(self) -> bool:
        """Whether the file has no transparency."""
        return not self._has_transparency

    @property
    def held_bytes(self) -> int:
        """About how much memory is taken by what was decoded of a photo."""
        if self.is_animated or self._decoded is None:
            return 0
        return self.width_px * self.height_px * _BYTES_PER_PX

    def let_go(self) -> None:
        """From now on a photo is decoded anew whenever a picture of another size than the last one is wanted."""
        if not self.is_animated:
            self._is_kept = False
            self._forget()

    def close(self) -> None:
        """Let go of the file."""
        self._decoded = self._made = None
        self._image.close()

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> None:
        """Nothing: an image is whole or cannot be opened."""

    def key_at(self, time_us: Fraction) -> Hashable:
        """The number of the frame shown."""
        return self._number_at(time_us)

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> SourcePicture:
        """The frame shown at `time_us`, premultiplied where it has transparency."""
        number = self._number_at(time_us)
        key = (number, width_px, height_px)
        if self._made is None or self._made[0] != key:
            with self._faults_named():
                self._made = (key, _picture(self._frame(number), width_px, height_px, self._scaler))
            if not self._is_kept:
                self._forget()
        return self._made[1]

    def _forget(self) -> None:
        self._decoded = None
        self._image.close()
        self._image = open_image(self._path)

    def _number_at(self, time_us: Fraction) -> int:
        if not self.is_animated:
            return self._first
        return self._first + bisect_right(self._ends_ms, (time_us - self._lead_us) / 1000 % self._ends_ms[-1])

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except IMAGE_FAULTS as error:
            raise AssetUnreadable(f"{self._name} is damaged or truncated ({error})") from error

    def _durations(self) -> list[float]:
        # The further pictures of a phone's MPO file are depth maps and thumbnails.
        count = 1 if self._image.format == "MPO" else getattr(self._image, "n_frames", 1)
        if count > _FRAMES_LIMIT:
            raise AssetTooLarge(f"{self._name} has {count} frames, more than {_FRAMES_LIMIT}")
        durations = []
        for number in range(self._first, max(1, count)):
            self._seek(number)
            if self._image.format in _TIMED_WHEN_DECODED and count > 1:
                self._image.load()
            self._has_transparency |= self._image.has_transparency_data
            durations.append(float(self._image.info.get("duration") or _DEFAULT_FRAME_MS))
        return durations

    def _seek(self, number: int) -> None:
        if number < self._image.tell():
            # Pillow's APNG reader stumbles when it goes back from the middle.
            self._image.close()
            self._image = open_image(self._path)
        self._image.seek(number)

    def _frame(self, number: int) -> Image.Image:
        if self._decoded is None or self._decoded[0] != number:
            self._seek(number)
            upright = in_srgb(_in_eight_bits(ImageOps.exif_transpose(self._image)), self._profile)
            self._decoded = (number, upright.convert("RGBA" if self._has_transparency else "RGB"))
        return self._decoded[1]


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey; Pillow's own conversion would clip it to white."""
    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))


def _picture(image: Image.Image, width_px: int, height_px: int, scaler: PartScaler) -> SourcePicture:
    if image.mode == "RGB":
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.asarray(image)), format="rgb24")
        return Picture(scaler.whole(frame, (width_px, height_px)))
    rgba = torch.from_numpy(np.array(image)).to(torch.float32)
    rgba[..., :3] *= rgba[..., 3:] / 255.0
    if image.size != (width_px, height_px):
        channels, size = rgba.permute(2, 0, 1)[None], (height_px, width_px)
        shrunk = interpolate(channels, size=size, mode="bilinear", antialias=True, align_corners=False)
        rgba = shrunk[0].permute(1, 2, 0)
    return soft_picture(rgba.round().clamp(0, 255).to(torch.uint8).numpy())
