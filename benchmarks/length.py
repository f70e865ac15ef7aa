"""Whether cost grows with the length alone: `python -m benchmarks.length [--minutes 1 10 60] [--rounds N]`.

Renders drafts of 640x360 that are built alike (clips cut hard, captions, a sticker) and differ in length, and prints
CPU and memory of each. The cost is a start and so much a frame: what a frame more costs must be the same from each
length to the next, and memory must not grow.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise

from benchmarks.draft import write_draft
from benchmarks.measure import Cost, Program, in_turn, middle, render_command
from benchmarks.media import OUT, make_media, make_small
from benchmarks.timelines import FPS, Film, cycled

_SIZE_PX = 640, 360


def main() -> int:
    """Render every length and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0, 60.0])
    parser.add_argument("--rounds", type=int, default=1, help="medians of so many renders of each length, in turn")
    parser.add_argument("--workers", type=int, help="chunks at a time")
    arguments = parser.parse_args()
    media = make_media()
    small = make_small(media)
    options = ["--workers", str(arguments.workers)] if arguments.workers else []
    lengths = sorted(set(arguments.minutes))
    films = [cycled(f"length-{minutes:g}", _SIZE_PX, small, media.sticker300, minutes) for minutes in lengths]
    found = in_turn([_program(film, options) for film in films], arguments.rounds)
    costs = [(film.length_s, _median(rounds)) for film, rounds in zip(films, found, strict=True)]
    print(f"{'minutes':>8}{'CPU s':>10}{'wall s':>10}{'peak MiB':>10}{'CPU ms a frame':>16}")
    for length_s, cost in costs:
        figures = f"{cost.cpu_s:10.1f}{cost.wall_s:10.1f}{cost.peak_mib:10.0f}"
        print(f"{length_s / 60:8g}{figures}{1000 * cost.cpu_s / length_s / FPS:16.3f}")
    print("\n".join(_growth(costs)))
    return 0


def _program(film: Film, options: list[str]) -> Program:
    out = OUT / film.name / "cutfarm.mp4"
    return Program(film.name, render_command(write_draft(film, out.parent), out, *options), out)


def _median(rounds: list[Cost]) -> Cost:
    return Cost(middle(rounds, "wall_s"), middle(rounds, "cpu_s"), middle(rounds, "peak_mib"))


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
