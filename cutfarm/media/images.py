"""Opening image files with Pillow, and the few formats that it is trusted with."""

from __future__ import annotations

from pathlib import Path

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from cutfarm.errors import AssetMissing, AssetTooLarge, AssetUnreadable

MAX_PIXELS = 200_000_000
Image.MAX_IMAGE_PIXELS = None  # the limit above is an error with a sentence, not Pillow's warning

_PLUGINS = (  # naming them loads them, and nothing else of Pillow's is ever given a user's file
    AvifImagePlugin.AvifImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    TiffImagePlugin.TiffImageFile,
    WebPImagePlugin.WebPImageFile,
)
_FORMATS = tuple(plugin.format for plugin in _PLUGINS)
IMAGE_FAULTS = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError)  #: what Pillow raises on bad files


def open_image(path: str) -> Image.Image:
    """Open an image by its content; nothing is decoded yet.

    Raises AssetMissing, AssetTooLarge above MAX_PIXELS, AssetUnreadable where it is no image of a known format.
    """
    name = Path(path).name
    if not Path(path).is_file():
        raise AssetMissing(f"the image file {name} is not there")
    try:
        image = Image.open(path, formats=_FORMATS)
    except IMAGE_FAULTS as error:
        raise AssetUnreadable(f"{name} is not an image that can be read") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise AssetTooLarge(f"{name} has more than {MAX_PIXELS} pixels")
    return image
