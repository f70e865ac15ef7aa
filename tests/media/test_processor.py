"""Rows scaled without gather instructions are the same rows, and FFmpeg is told before it scales anything."""

from __future__ import annotations

import subprocess
import sys

_SCALED = """
import hashlib, sys
from cutfarm.media import processor, resample
from tests.media.test_resample import frame, planes
if sys.argv[1] == "as it is":
    resample.avoid_gathers = lambda: False
elif not processor.avoid_gathers():
    sys.exit("FFmpeg could not be told")
cut = resample.Cut(resample.Part(2, 0, 94, 64), (368, 256))
whole = resample.PartScaler().scale(frame(), cut)
print(hashlib.sha256(b"".join(plane.tobytes() for plane in planes(whole))).hexdigest())
"""


def scaled(how: str) -> str:
    command = [sys.executable, "-c", _SCALED, how]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_samples_are_the_same() -> None:
    assert scaled("as it is") == scaled("without gathers") != ""
