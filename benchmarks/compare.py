"""Whether two programs made the same video."""

from __future__ import annotations

import subprocess
from pathlib import Path

_ON_ONE_GRID = "[0:v]settb=1/30,setpts=N[a];[1:v]settb=1/30,setpts=N[b]"


def frame_count(path: Path) -> int:
    """Pictures in the file, by its packets."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-count_packets", "-show_entries"]
    command += ["stream=nb_read_packets", "-of", "csv=p=0", str(path)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def similarity(one: Path, other: Path) -> float:
    """ffmpeg's SSIM of the two, frame n of one against frame n of the other: mean of all frames and planes."""
    graph = f"{_ON_ONE_GRID};[a][b]ssim"
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-i", str(one), "-i", str(other), "-lavfi", graph]
    words = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True).stderr
    return next(float(line.split("All:")[1].split()[0]) for line in words.splitlines() if "All:" in line)


def sheet(one: Path, other: Path, frames: int, path: Path, count: int = 8) -> None:
    """A picture of `count` instants, evenly spread: `one` in the upper row, `other` below it."""
    step = max(frames // count, 1)
    chosen = f"select='not(mod(n-{step // 2},{step}))',scale=240:-2,tile={count}x1"
    graph = f"[0:v]{chosen}[a];[1:v]{chosen}[b];[a][b]vstack"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(one), "-i", str(other)]
    subprocess.run([*command, "-filter_complex", graph, "-frames:v", "1", str(path)], check=True)
