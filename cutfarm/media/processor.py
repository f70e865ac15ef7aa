"""What FFmpeg should know of the processor beyond what it finds out itself."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

_SLOW_GATHER = 0x2000000  # AV_CPU_FLAG_SLOW_GATHER of libavutil/cpu.h


@cache
def avoid_gathers() -> bool:
    """Have swscale scale rows without AVX2's gather instructions; whether that could be done. Only the first call acts.

    FFmpeg takes them for slow on older processors only, but they are a third slower than its SSSE3 rows on current
    ones too, for pictures that come from a decoder and lie in no cache (docs/adr/0010). The samples stay the same.
    PyAV does not offer libavutil's switch, so the library that it has loaded is asked itself.
    """
    try:
        maps = Path("/proc/self/maps").read_text()
        path = next(line.split(maxsplit=5)[5] for line in maps.splitlines() if "/libavutil" in line)
        library = ctypes.CDLL(path)
        library.av_force_cpu_flags(library.av_get_cpu_flags() | _SLOW_GATHER)
    except (OSError, StopIteration, AttributeError):
        return False
    return True
