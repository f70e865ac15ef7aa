"""Captions as pictures, for programs that cannot draw the text themselves."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.draft import CAPTION_EM_PX, STROKE_PX

HEIGHT_PX = 100
_MARGIN_PX = 4


@cache
def _font() -> ImageFont.FreeTypeFont:
    """DejaVu Sans Bold, or what fontconfig takes for it."""
    command = ["fc-match", "-f", "%{file}", "DejaVu Sans:bold"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return ImageFont.truetype(path, round(CAPTION_EM_PX))


def caption_still(text: str, width_px: int, path: Path) -> Path:
    """A line of white text with a black stroke in the middle of a transparent strip; returns the path."""
    strip = Image.new("RGBA", (width_px, HEIGHT_PX), (0, 0, 0, 0))
    place = width_px / 2, _MARGIN_PX
    pen = ImageDraw.Draw(strip)
    pen.text(place, text, font=_font(), fill="white", anchor="ma", stroke_width=round(STROKE_PX), stroke_fill="black")
    strip.save(path, compress_level=1)
    return path
