"""Whether cost grows with the length alone: `python -m benchmarks.length [--minutes 1 10 60] [--workers N]`.

Renders drafts of 640x360 that are built alike (clips cut hard, captions, a sticker) and differ in length, and prints
CPU and memory of each. The cost is a start and so much a frame: what a frame more costs must be the same from each
length to the next, and memory must not grow.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise

from benchmarks.draft import write_draft
from benchmarks.measure import Cost, render_command, run
from benchmarks.media import OUT, make_media, make_small
from benchmarks.timelines import FPS, cycled

_SIZE_PX = 640, 360


def main() -> int:
    """Render each length once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0, 60.0])
    parser.add_argument("--workers", type=int, help="chunks at a time")
    arguments = parser.parse_args()
    media = make_media()
    small = make_small(media)
    options = ["--workers", str(arguments.workers)] if arguments.workers else []
    print(f"{'minutes':>8}{'CPU s':>10}{'wall s':>10}{'peak MiB':>10}{'CPU ms a frame':>16}")
    costs: list[tuple[float, Cost]] = []
    for minutes in sorted(set(arguments.minutes)):
        film = cycled(f"length-{minutes:g}", _SIZE_PX, small, media.sticker300, minutes)
        folder = OUT / film.name
        cost = run(render_command(write_draft(film, folder), folder / "cutfarm.mp4", *options))
        costs.append((film.length_s, cost))
        a_frame_ms = 1000 * cost.cpu_s / len(film.frames)
        print(f"{minutes:8g}{cost.cpu_s:10.1f}{cost.wall_s:10.1f}{cost.peak_mib:10.0f}{a_frame_ms:16.3f}", flush=True)
    print("\n".join(_growth(costs)))
    return 0


def _growth(costs: list[tuple[float, Cost]]) -> list[str]:
    """What a frame more costs from each length to the next, and the deviation from the straight line."""
    lines = []
    steps = []
    for (short_s, before), (long_s, after) in pairwise(costs):
        steps.append(1000 * (after.cpu_s - before.cpu_s) / (long_s - short_s) / FPS)
        lines.append(f"from {short_s / 60:g} to {long_s / 60:g} min: {steps[-1]:.3f} ms of CPU for a frame more")
    if len(steps) > 1:
        lines.append(f"deviation from linear: {100 * (steps[-1] / steps[0] - 1):+.1f} %")
    if steps:
        lines.append(f"memory, longest to shortest: {costs[-1][1].peak_mib / costs[0][1].peak_mib:.2f}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
