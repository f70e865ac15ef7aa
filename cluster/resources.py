"""What this node offers, found by looking and trying; `python -m cluster.resources` prints it for `ray start`."""

from __future__ import annotations

import json
import math
import os
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_NVENC = "h264_nvenc"
_NVENC_WIDTH_PX, _NVENC_HEIGHT_PX = 256, 256  # above the encoder's least size
_SMI_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device."""

    name: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class NodeResources:
    """What a node offers to actors."""

    cores: int
    memory_bytes: int
    gpus: tuple[Gpu, ...]
    nvenc_sessions: int  #: hardware encoders that opened side by side


def node_resources() -> NodeResources:
    """Look at this node; takes a second or two where there is a GPU."""
    gpus = find_gpus()
    return NodeResources(usable_cores(), memory_bytes(), gpus, nvenc_sessions() if gpus else 0)


def usable_cores(cgroup: Path = _CGROUP) -> int:
    """Cores that this process may use: its affinity, or the container's quota of time where that is less."""
    allowed = len(os.sched_getaffinity(0))
    quota, period = ([*_read(cgroup / "cpu.max").split(), "", ""])[:2]
    if not quota:  # cgroup of the first version
        quota, period = _read(cgroup / "cpu/cpu.cfs_quota_us"), _read(cgroup / "cpu/cpu.cfs_period_us")
    if quota.isdecimal() and period.isdecimal():
        return max(1, min(allowed, math.ceil(int(quota) / int(period))))
    return allowed


def memory_bytes(cgroup: Path = _CGROUP) -> int:
    """Memory of the machine, or the container's limit where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [_read(cgroup / name) for name in ("memory.max", "memory/memory.limit_in_bytes")]
    return min([machine, *(int(limit) for limit in limits if limit.isdecimal())])


def find_gpus() -> tuple[Gpu, ...]:
    """NVIDIA's devices, as the driver's own program lists them; none where there is no driver."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        listed = subprocess.run(query, capture_output=True, text=True, timeout=_SMI_TIMEOUT_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = [line.rsplit(",", 1) for line in listed.splitlines() if "," in line]
    return tuple(Gpu(name.strip(), int(mebibytes) << 20) for name, mebibytes in rows if mebibytes.strip().isdecimal())


def nvenc_sessions(most: int = 4) -> int:
    """How many hardware encoders open side by side, counted to `most`; 0 on data-centre cards, which have none."""
    import av.error  # FFmpeg's libraries load only where somebody asks

    opened: list[object] = []
    while len(opened) < most:
        try:
            opened.append(_open_nvenc())
        except (av.error.FFmpegError, ValueError):  # ValueError: this FFmpeg was built without it
            break
    return len(opened)


def _open_nvenc() -> object:
    import av

    context = av.CodecContext.create(_NVENC, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = _NVENC_WIDTH_PX, _NVENC_HEIGHT_PX, "yuv420p"
    context.time_base = Fraction(1, 30)
    context.open()
    return context


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


if __name__ == "__main__":
    print(json.dumps({"nvenc": nvenc_sessions()}))  # noqa: T201 - the answer of a command
