"""What the fuzzers of rendering share: parts of a draft, extremes, and the rule that each draft is held to."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.fuzz_reader import Draft, Tally
from cutfarm.errors import AssetError
from cutfarm.timeline.media import find_media, media_uses
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.source import parse_draft

_LAST_RESORT_BYTES = 6_000_000_000  # of address space: what asks for more fails before the machine does
_BATCH = 100

_LENGTHS = (
    *(0, 1e-300, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1 / 64, 0.01, 0.1, 0.333, 0.5, 0.999, 1, 1.00001, 2, 2.5, 10, 100),
    999,
)
_EXTREMES = (*_LENGTHS, 1000, 1e6, 1e12, -1e-6, -0.33, -1, -2, -1000, -1e12, 45, 90, -90, 180, 359.9999, 89.99999)
_CANVASES_PX = ((640, 360), (1, 1), (3, 5), (2, 16_384), (16_384, 2), (641, 359), (1920, 1080), (1080, 1920), (1, 100))
_TIMES = frozenset({"start", "duration", "time_offset", "track_render_index", "fps"})  #: exchanged, few drafts are left

RunOne = Callable[[int, Path, Tally], None]  #: tries the draft that a seed decides, with the media of a folder


class TooSlowError(BaseException):
    """Nothing of ours catches it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a draft may take."""

    longest_s: float  #: of CPU time
    most_bytes: int  #: more than the process held before


def judged(seed: int, draft: Draft, rule: Rule, act: Callable[[], str], tally: Tally) -> None:
    """Count what comes of `act`, which works on `draft`; what it raises, and what breaks the rule, are failures."""
    held, began = _memory(), time.process_time()
    try:
        with _limited(rule):
            outcome = act()
    except BaseException as error:  # any other exception is a failure of the renderer
        outcome = f"FAILED {type(error).__name__}: {error}"[:300]
    took_s, more_bytes = time.process_time() - began, _memory(peak=True) - held
    if took_s > rule.longest_s:
        outcome = f"FAILED took {took_s:.1f} s ({outcome})"
    elif more_bytes > rule.most_bytes:
        outcome = f"FAILED took {more_bytes / 1e6:.0f} MB ({outcome})"
    if tally.count(outcome, took_s, more_bytes):
        tally.failures.append((f"seed {seed}: {outcome}", json.dumps(draft)[:2_000_000]))


@contextlib.contextmanager
def _limited(rule: Rule) -> Iterator[None]:
    """Ends what goes on for too long, and refuses memory beyond all measure; the peak is counted from here."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before, limit = signal.signal(signal.SIGALRM, stop), resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + _LAST_RESORT_BYTES, limit[1]))
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak to what is held now
    signal.setitimer(signal.ITIMER_REAL, 6 * rule.longest_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, limit)


def _memory(*, peak: bool = False) -> int:
    """Bytes that this process holds, or held at most since the peak was set back."""
    wanted = "VmHWM:" if peak else "VmRSS:"
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(wanted))


def read(draft: Draft) -> Timeline:
    """The timeline of what may be no draft any more. Raises DraftError."""
    return read_timeline(draft) if isinstance(draft, dict) else parse_draft(json.dumps(draft).encode())


def files_of(timeline: Timeline, folder: Path) -> dict[str, Path]:
    """The files that a job would find; where one is missing, those that are there."""
    try:
        return find_media(timeline, folder, sandbox=True)
    except AssetError:
        here = {path.name: path for path in (folder / "assets").iterdir()}
        paths = {path: path.rpartition("/")[2] for path in media_uses(timeline)}
        return {path: here[name] for path, name in paths.items() if name in here}


def some_tracks(whole: Draft, chance: random.Random) -> Draft:
    """The draft whole, or one or two tracks of it with their materials, where changes are more often found."""
    if chance.random() < 0.2:
        return whole
    tracks = chance.sample(whole["tracks"], chance.choice((1, 1, 2)))
    used = {id_ for track in tracks for segment in track["segments"] for id_ in _materials_of(segment)}
    materials = {
        bucket: kept
        for bucket, items in whole["materials"].items()
        if (kept := [item for item in items if item["id"] in used])
    }
    return {**whole, "tracks": tracks, "materials": materials}


def _materials_of(segment: dict[str, Any]) -> list[str]:
    return [segment["material_id"], *segment["extra_material_refs"]]


def extreme(value: Draft, chance: random.Random, share: float, key: str = "") -> Draft:
    """A copy of a draft in which a `share` of the numbers that are no times are exchanged, and that of canvases."""
    if key == "canvas_config" and chance.random() < 0.3:
        return dict(zip(("width", "height"), chance.choice(_CANVASES_PX), strict=True))
    if isinstance(value, dict):
        return {name: extreme(item, chance, share, name) for name, item in value.items()}
    if isinstance(value, list):
        return [extreme(item, chance, share, key) for item in value]
    is_exchanged = isinstance(value, int | float) and key not in _TIMES and chance.random() < share
    if isinstance(value, bool) or not is_exchanged:
        return not value if is_exchanged else value
    return chance.choice(_EXTREMES)


def run_batch(run_one: RunOne, seed: int, count: int, folder: Path) -> Tally:
    """Try `count` drafts that only `seed` decides."""
    tally = Tally()
    for number in range(count):
        run_one(seed * 1_000_003 + number, folder, tally)
    return tally


def tallies(run_one: RunOne, count: int, seed: int, workers: int, folder: Path) -> Iterator[Tally]:
    """The tallies of batches that together try `count` drafts; a process that dies ends it."""
    sizes = [_BATCH] * (count // _BATCH) + ([count % _BATCH] if count % _BATCH else [])
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context) as pool:
        waiting = [pool.submit(run_batch, run_one, seed * 1_000_003 + n, size, folder) for n, size in enumerate(sizes)]
        for number, batch in enumerate(waiting):
            try:
                yield batch.result()
            except BrokenProcessPool:
                outcome = f"FAILED a process died in batch {number} or beside it"
                yield Tally(Counter({outcome: 1}), failures=[(outcome, "")])
                return


def run(description: str | None, run_one: RunOne, write_folder: Callable[[Path], Path]) -> int:
    """The program of a fuzzer: try drafts, print what came of them, and say by the exit code whether the rule holds."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--failures", type=Path)
    arguments = parser.parse_args()
    total = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_folder(Path(scratch) / "draft")
        for tally in tallies(run_one, arguments.count, arguments.seed, arguments.workers, folder):
            total.add(tally)
            for said, _ in tally.failures:
                print(said, flush=True)
    return total.told(arguments.failures)
