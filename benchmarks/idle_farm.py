"""Start-up time and idle memory of a farm: `python -m benchmarks.idle_farm [--job] [--settle 150]`.

Starts `cutfarm serve` on a free port with an empty data folder, waits until it says that it is ready, optionally
renders the sample draft, waits until idle workers have gone, and prints the farm's memory: the proportional set size of
all processes of its session and below. Stops the farm again.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cutfarm.commands.sample import write_sample_draft

CUTFARM = str(Path(sys.executable).with_name("cutfarm"))
READY_S = 120.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(root: int) -> set[int]:
    """The process and all that it started, whatever session they are in."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
    family = {root}
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
    return family


def pss_mib(pid: int) -> float:
    """Proportional set size of a process, MiB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", action="store_true", help="render the sample draft first")
    parser.add_argument("--settle", type=float, default=150.0, help="seconds until idle workers have gone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cutfarm-idle-") as name:
        port, began = free_port(), time.perf_counter()
        command = [CUTFARM, "serve", "--port", str(port), "--data", f"{name}/farm"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as farm:
            assert farm.stdout is not None
            while "is ready" not in farm.stdout.readline():
                if farm.poll() is not None or time.perf_counter() - began > READY_S:
                    sys.exit("the farm did not become ready")
            print(f"ready after {time.perf_counter() - began:.1f} s")
            if arguments.job:
                sample = write_sample_draft(Path(name) / "sample")
                submit = [CUTFARM, "submit", str(sample), "--api", f"http://127.0.0.1:{port}", "-o", f"{name}/v.mp4"]
                subprocess.run(submit, check=True, capture_output=True)
                print(f"memory with warm workers {sum(map(pss_mib, descendants(farm.pid))):.0f} MiB")
                time.sleep(arguments.settle)
            family = descendants(farm.pid)
            print(f"idle memory {sum(map(pss_mib, family)):.0f} MiB in {len(family)} processes")
            os.kill(farm.pid, signal.SIGINT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
