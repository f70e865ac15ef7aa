"""Read mutated drafts by the thousand: `python -m benchmarks.fuzz_reader [--count 20000] [--seed 0]`.

Starts from the reference drafts of ../shared (or CUTFARM_SHARED) and from one that holds an element of every kind.
Each must end in a Timeline, which can be asked for its layers, or in a DraftError, within 2 s and 500 MB more than the
process had before; a process that takes more memory fails. Prints what came of them and the slowest; exits with 1 where
one broke the rule, and with --failures DIR writes up to twenty of them there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.every_element import every_element
from benchmarks.fuzz_captions import mutated_captions
from cutfarm.errors import CutfarmError, DraftError, UserError
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.source import parse_draft

ROOT = Path(__file__).resolve().parent.parent
LONGEST_S = 2.0
MOST_BYTES = 500_000_000
BATCH = 250
MOST_CHANGES = 8

_NUMBERS = (0, 1, -1, 2, 0.5, -0.25, 1e-9, 1e9, -1e308, 10**30, -(10**400), float("nan"), float("inf"), 360_000_000_001)
_OTHERS = (None, True, False, "", "x", "\ud800", "#zz", "<size=", "{}", [], {}, [[]], [None], {"x": None}, {"id": 3})

Draft = Any


@dataclass
class Tally:
    """What came of drafts."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    largest_bytes: int = 0  #: more than the process held before, where that was looked at
    failures: list[tuple[str, str]] = field(default_factory=list)  #: what happened, and the draft

    def count(self, outcome: str, took_s: float, more_bytes: int = 0) -> bool:
        """Count an outcome; whether it is a failure."""
        self.slowest_s, self.largest_bytes = max(self.slowest_s, took_s), max(self.largest_bytes, more_bytes)
        self.outcomes[outcome] += 1
        return outcome.startswith("FAILED")

    def add(self, other: Tally) -> None:
        """Count what `other` counts too."""
        self.outcomes += other.outcomes
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        self.largest_bytes = max(self.largest_bytes, other.largest_bytes)
        self.failures += other.failures

    def told(self, folder: Path | None) -> int:
        """Print it, write the first failures into `folder`, and give the exit code."""
        for outcome, number in self.outcomes.most_common():
            print(f"{number:8}  {outcome}")
        memory = f", the largest {self.largest_bytes / 1e6:.0f} MB" if self.largest_bytes else ""
        print(f"{sum(self.outcomes.values())} drafts, the slowest took {self.slowest_s:.2f} s{memory}")
        for number, (_, draft) in zip(range(20), self.failures, strict=False):
            if folder is not None:
                (folder / f"fuzz_failure_{number}.json").write_text(draft, encoding="utf-8")
        return int(bool(self.failures))


def seeds() -> list[Draft]:
    """The drafts that are mutated."""
    shared = Path(os.environ.get("CUTFARM_SHARED", ROOT.parent / "shared"))
    paths = [*sorted((shared / "drafts").glob("*.json")), *sorted((shared / "contract" / "drafts").glob("[0-9]*.json"))]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [*(draft for draft in found if "tracks" in draft), *([every_element()] * max(len(found) // 2, 1))]


def changed(draft: Draft, chance: random.Random) -> Draft:
    """A mutated copy of `draft`; of every third the captions are changed by what their fields mean, and seldom else."""
    if chance.random() < 1 / 3:
        draft = mutated_captions(draft, chance)
        return mutated(draft, chance) if chance.random() < 0.2 else draft
    return mutated(draft, chance)


def mutated(draft: Draft, chance: random.Random) -> Draft:
    """A copy of `draft` with up to eight places changed, most in its tracks and materials; the rest is shared."""
    for _ in range(chance.randint(1, MOST_CHANGES)):
        if isinstance(draft, dict) and chance.random() < 0.9:
            part = chance.choice([key for key in ("tracks", "materials") if key in draft] or [*draft] or [""])
            draft = {**draft, part: _changed(draft.get(part), chance, draft)}
        else:
            draft = _changed(draft, chance, draft)
    return draft


def _changed(value: Draft, chance: random.Random, root: Draft, depth: int = 1) -> Draft:
    """`value` with one place at or below it changed, seldom near the root."""
    goes_on = chance.random() < (0.99 if depth < 4 else 0.85)
    if isinstance(value, dict) and value and goes_on:
        key = chance.choice(list(value))
        copy = dict(value)
        match chance.random() + (depth < 3):
            case low if low < 0.12:
                del copy[key]
            case low if low < 0.15:
                copy[chance.choice(("x", "id", "type", "draft"))] = copy.pop(key)
            case _:
                copy[key] = _changed(value[key], chance, root, depth + 1)
        return copy
    if isinstance(value, list) and value and goes_on:
        place = chance.randrange(len(value))
        copy_ = list(value)
        match chance.random() + (depth < 3):
            case low if low < 0.08:
                del copy_[place]
            case low if low < 0.16:
                copy_.insert(chance.randrange(len(value) + 1), value[place])
            case low if low < 0.2:
                chance.shuffle(copy_)
            case low if low < 0.21:
                copy_ = copy_ * chance.choice((2, 50))
            case _:
                copy_[place] = _changed(value[place], chance, root, depth + 1)
        return copy_
    return _replacement(value, chance, root)


def _replacement(value: Draft, chance: random.Random, root: Draft) -> Draft:
    match chance.random():
        case low if low < 0.45:
            return chance.choice(_NUMBERS)
        case low if low < 0.7:
            return chance.choice(_OTHERS)
        case low if low < 0.8 and isinstance(value, int | float) and abs(value) < 1e290:
            return value * chance.choice((-1, 0.001, 1000, 1e12))
        case low if low < 0.82:
            return "长" * chance.choice((10, 100_000))
        case low if low < 0.84:
            return _nested(chance.choice((20, 3_000)))
        case _:
            return _part(root, chance)


def _nested(depth: int) -> Draft:
    value: Draft = {}
    for _ in range(depth):
        value = {"draft": [value]}
    return value


def _part(root: Draft, chance: random.Random) -> Draft:
    """Some part of the draft, which may be put where it does not belong."""
    value = root
    for _ in range(chance.randint(1, 8)):
        if isinstance(value, dict) and value:
            value = value[chance.choice(list(value))]
        elif isinstance(value, list) and value:
            value = chance.choice(value)
    return value


def read(draft: Draft) -> str:
    """What comes of a draft: `timeline` or the name of a DraftError; raises what must not be raised."""
    try:
        timeline = read_timeline(draft) if isinstance(draft, dict) else parse_draft(json.dumps(draft).encode())
    except DraftError as error:
        return type(error).__name__
    assert isinstance(timeline, Timeline)
    stack = LayerStack(timeline, Fraction(30))
    for frame in (0, 7, *stack.changes()[:40]):
        stack.at(frame)
    return "timeline"


def run_batch(seed: int, count: int) -> Tally:
    """Read `count` drafts that only `seed` decides."""
    limit = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    chance, drafts, tally = random.Random(seed), seeds(), Tally()
    for _ in range(count):
        draft = changed(chance.choice(drafts), chance)
        began = time.perf_counter()
        resource.setrlimit(resource.RLIMIT_AS, (held + MOST_BYTES, limit[1]))
        try:
            outcome = read(draft)
        except BaseException as error:  # any other exception is a failure of the reader
            outcome = f"FAILED {type(error).__name__}: {error}"[:300]
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limit)
        took_s = time.perf_counter() - began
        if took_s > LONGEST_S:
            outcome = f"FAILED took {took_s:.1f} s"
        if tally.count(outcome, took_s):
            tally.failures.append((outcome, json.dumps(draft)[:2_000_000]))
    return tally


def check_error(error: CutfarmError, most_characters: int) -> None:
    """An error that a draft or a file may end in: the user's to mend, in one sentence of some length."""
    said = str(error)
    assert isinstance(error, UserError), f"the farm's own fault: {error.kind}: {said}"
    assert said, "an error without a word"
    assert "\n" not in said, f"an error of several lines: {said!r}"
    assert len(said) <= most_characters, f"an error of {len(said)} characters: {said[:200]!r}"


def tallies(count: int, seed: int, workers: int) -> Iterator[Tally]:
    """The tallies of batches that together read `count` drafts."""
    sizes = [BATCH] * (count // BATCH) + ([count % BATCH] if count % BATCH else [])
    batches = [(seed * 1_000_003 + number, size) for number, size in enumerate(sizes)]
    with get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(_run, batches)


def _run(batch: tuple[int, int]) -> Tally:
    return run_batch(*batch)


def main() -> int:
    """Read, print, and say by the exit code whether the rule holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--failures", type=Path)
    arguments = parser.parse_args()
    total = Tally()
    for tally in tallies(arguments.count, arguments.seed, arguments.workers):
        total.add(tally)
    return total.told(arguments.failures)


if __name__ == "__main__":
    sys.exit(main())
