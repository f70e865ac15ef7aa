"""Another's meter: FFmpeg's `ebur128`, as its command runs it."""

from __future__ import annotations

import math
import shutil
import subprocess

import numpy as np
import pytest

from kernels.sound import Samples


def measured(samples: Samples, rate_hz: int) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP of float32 (C, n); skips where there is no ffmpeg."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("there is no ffmpeg to measure with")
    source = ["-f", "f32le", "-ar", str(rate_hz), "-ac", str(samples.shape[0]), "-i", "-"]
    meter = ["-af", "ebur128=peak=true:metadata=1,ametadata=mode=print:file=-", "-f", "null", "-"]
    told = subprocess.run(
        ["ffmpeg", "-v", "error", *source, *meter],
        input=np.ascontiguousarray(samples.T, "<f4").tobytes(),
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout.decode()
    values = [line.removeprefix("lavfi.r128.").split("=") for line in told.splitlines() if "lavfi.r128." in line]
    lufs = [float(value) for name, value in values if name == "I"][-1]
    peak = max(float(value) for name, value in values if name.startswith("true_peaks_ch"))
    return lufs, 20 * math.log10(peak) if peak > 0 else -math.inf
