"""Films by x264 as other people's encoders make them, for what is copied and not decoded."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from tests.media.film import at_rate, write_film

SIZE = (160, 96)
BT709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709"

#: Ways to encode closed GOPs, as x264's parameters.
CLOSED = {
    "b-frames": "bframes=3:b-adapt=0:b-pyramid=none",
    "b-pyramid": "bframes=5:b-adapt=0:b-pyramid=normal:ref=4",
    "no b-frames": "bframes=0",
    "cavlc, one reference": "bframes=0:cabac=0:ref=1:8x8dct=0",
    "many references": "bframes=2:b-adapt=0:ref=6:cabac=1",
    "four slices": "bframes=2:b-adapt=0:slices=4",
    "delimiters and headers in each GOP": "bframes=2:b-adapt=0:aud=1:repeat-headers=1",
}


def source(
    path: Path,
    x264: str = CLOSED["b-frames"],
    *,
    count: int = 60,
    gop: int = 12,
    tags: str = BT709,
    times_s: Sequence[Fraction] | None = None,
    size_px: tuple[int, int] = SIZE,
    pixel_format: str = "yuv420p",
    pixel_aspect: Fraction = Fraction(1),
    sound_s: float = 0.0,
) -> Path:
    """A film of numbered frames, 30 a second, in GOPs of `gop` frames."""
    parameters = ":".join(part for part in (x264, f"keyint={gop}:min-keyint={gop}:scenecut=0", tags) if part)
    return write_film(
        path,
        at_rate(count) if times_s is None else times_s,
        size_px=size_px,
        options={"preset": "veryfast", "crf": "20", "g": str(gop), "x264-params": parameters},
        pixel_format=pixel_format,
        pixel_aspect=pixel_aspect,
        sound_s=sound_s,
    )


def ffmpeg(*arguments: str | Path) -> str:
    """What ffmpeg prints on its standard output; another build than the one that renders."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg to judge by")
    command = ["ffmpeg", "-v", "error", "-xerror", "-y", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def digests(path: Path) -> list[tuple[Fraction, str]]:
    """Time and MD5 of all decoded frames of a video, in order."""
    lines = ffmpeg("-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-").splitlines()
    base = next(line for line in lines if line.startswith("#tb 0:")).partition(":")[2]
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    return [(int(row[2]) * Fraction(base.strip()), row[5].strip()) for row in rows]
