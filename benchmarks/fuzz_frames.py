"""Draw frames of mutated drafts by the thousand: `python -m benchmarks.fuzz_frames [--count 2000] [--seed 0]`.

Starts from the draft that holds an element of every kind, and from single tracks of it; its media are written once.
A third of the drafts are mutated, in a third numbers that can be are exchanged for extremes, in a third the captions
are changed by what their fields mean. Some frames of each are drawn small: all must be pictures of the right size, or
end in an error of one line that is the user's to mend, within 5 s of CPU time and 700 MB more than the process held
before. One of them is drawn again alone, from the part of the timeline that it shows, and must be the same. Prints what
came of them and the slowest; exits with 1 where one broke the rule, and with --failures DIR writes up to twenty of them
there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

from benchmarks.every_element import every_element, write_folder
from benchmarks.fuzz_captions import mutated_captions
from benchmarks.fuzz_reader import Draft, Tally, check_error, mutated
from cutfarm.errors import AssetError, CutfarmError
from cutfarm.media.picture import Picture
from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Asset, Assets, Output
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.media import find_media
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.nesting import shown_part, shown_paths
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.source import parse_draft
from cutfarm.timeline.time import frame_of

LONGEST_S = 5.0
MOST_BYTES = 700_000_000
SIDE_PX = 96  #: the longer side of what is drawn
FRAMES = 4  #: of each draft
LONGEST_MESSAGE = 2_000
_LAST_RESORT_BYTES = 6_000_000_000  # of address space: what asks for more fails before the machine does
_BATCH = 100

_LENGTHS = (
    0,
    1e-300,
    1e-12,
    1e-9,
    1e-6,
    1e-4,
    1e-3,
    1 / 64,
    0.01,
    0.1,
    0.333,
    0.5,
    0.999,
    1,
    1.00001,
    2,
    2.5,
    10,
    100,
    999,
)
_EXTREMES = (*_LENGTHS, 1000, 1e6, 1e12, -1e-6, -0.33, -1, -2, -1000, -1e12, 45, 90, -90, 180, 359.9999, 89.99999)
_CANVASES_PX = ((640, 360), (1, 1), (3, 5), (2, 16_384), (16_384, 2), (641, 359), (1920, 1080), (1080, 1920), (1, 100))
_TIMES = frozenset({"start", "duration", "time_offset", "track_render_index", "fps"})  #: exchanged, few drafts are left


class TooSlowError(BaseException):
    """Nothing of ours catches it."""


def drawn(draft: Draft, folder: Path, chance: random.Random) -> str:
    """What comes of a draft: `pictures` or the name of a CutfarmError; raises what must not be raised."""
    try:
        timeline = read_timeline(draft) if isinstance(draft, dict) else parse_draft(json.dumps(draft).encode())
        assert isinstance(timeline, Timeline)
        files = _files(timeline, folder)
        timeline = only_found(timeline, files)
        assets = {path: Asset(str(file), file.name) for path, file in files.items()}
        _draw(timeline, assets, chance)
    except CutfarmError as error:
        check_error(error, LONGEST_MESSAGE)
        return error.kind
    return "pictures"


def _files(timeline: Timeline, folder: Path) -> dict[str, Path]:
    """The files that a job would find; where one is missing, those that are there."""
    try:
        return find_media(timeline, folder, sandbox=True)
    except AssetError:
        here = {path.name: path for path in (folder / "assets").iterdir()}
        paths = {path: path.rpartition("/")[2] for path in shown_paths(timeline)}
        return {path: here[name] for path, name in paths.items() if name in here}


def _draw(timeline: Timeline, assets: Assets, chance: random.Random) -> None:
    output = small_output(timeline)
    stack = LayerStack(timeline, output.fps)
    whole = range(max(frame_of(timeline.duration_us, output.fps), 1))
    edges = [edge for edge in stack.changes() if edge in whole] or [0]
    wanted = [chance.choice(whole) if chance.random() < 0.5 else chance.choice(edges) for _ in range(FRAMES)]
    digests: dict[int, str] = {}
    try:
        with Compositor(timeline, assets, output) as compositor:
            for number in sorted(wanted):
                picture = compositor.frame(number)
                assert isinstance(picture, Picture)
                assert (picture.width_px, picture.height_px) == (output.width_px, output.height_px)
                digests[number] = picture.digest()
            compositor.report.as_dicts()
    finally:  # what could be drawn must be drawn again, whatever came after it
        if digests:
            _draw_again(timeline, assets, output, *chance.choice(list(digests.items())))


def _draw_again(timeline: Timeline, assets: Assets, output: Output, number: int, digest: str) -> None:
    part = shown_part(timeline, LayerStack(timeline, output.fps), range(number, number + 1))
    with Compositor(part, assets, output) as compositor:
        assert compositor.frame(number).digest() == digest, f"frame {number} is another one when it is drawn alone"


def small_output(timeline: Timeline) -> Output:
    """As the canvas is, about `SIDE_PX` on the longer side."""
    canvas = timeline.canvas
    factor = SIDE_PX / max(canvas.width_px, canvas.height_px)
    sides = (max(2 * round(side * factor / 2), 2) for side in (canvas.width_px, canvas.height_px))
    return Output(*sides, timeline.fps, "ffv1")


@cache
def _seed() -> Draft:
    return every_element()


def some_tracks(chance: random.Random) -> Draft:
    """The draft whole, or one or two tracks of it with their materials, where changes are more often seen."""
    whole = _seed()
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


def run_batch(seed: int, count: int, folder: Path) -> Tally:
    """Draw `count` drafts that only `seed` decides."""
    torch.set_num_threads(1)
    tally = Tally()
    for number in range(count):
        run_one(seed * 1_000_003 + number, folder, tally)
    return tally


def run_one(seed: int, folder: Path, tally: Tally) -> None:
    """Draw the draft that `seed` decides, and count what came of it."""
    chance = random.Random(seed)
    draft = some_tracks(chance)
    draft = _changed(draft, chance)
    held = _memory()
    began = time.process_time()
    try:
        with _limited():
            outcome = drawn(draft, folder, chance)
    except BaseException as error:  # any other exception is a failure of the renderer
        outcome = f"FAILED {type(error).__name__}: {error}"[:300]
    took_s, more_bytes = time.process_time() - began, _memory(peak=True) - held
    if took_s > LONGEST_S:
        outcome = f"FAILED took {took_s:.1f} s ({outcome})"
    elif more_bytes > MOST_BYTES:
        outcome = f"FAILED took {more_bytes / 1e6:.0f} MB ({outcome})"
    if tally.count(outcome, took_s, more_bytes):
        tally.failures.append((f"seed {seed}: {outcome}", json.dumps(draft)[:2_000_000]))


def _changed(draft: Draft, chance: random.Random) -> Draft:
    match chance.random():
        case low if low < 0.35:
            return mutated(draft, chance)
        case low if low < 0.65:
            return extreme(draft, chance, chance.choice((0.02, 0.1, 0.3)))
    draft = mutated_captions(draft, chance)
    return extreme(draft, chance, 0.05) if chance.random() < 0.3 else draft


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Ends what goes on for too long, and refuses memory beyond all measure; the peak is counted from here."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before, limit = signal.signal(signal.SIGALRM, stop), resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + _LAST_RESORT_BYTES, limit[1]))
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak to what is held now
    signal.setitimer(signal.ITIMER_REAL, 6 * LONGEST_S)
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


def tallies(count: int, seed: int, workers: int, folder: Path) -> Iterator[Tally]:
    """The tallies of batches that together draw `count` drafts; a process that dies ends it."""
    sizes = [_BATCH] * (count // _BATCH) + ([count % _BATCH] if count % _BATCH else [])
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context) as pool:
        waiting = [pool.submit(run_batch, seed * 1_000_003 + n, size, folder) for n, size in enumerate(sizes)]
        for number, batch in enumerate(waiting):
            try:
                yield batch.result()
            except BrokenProcessPool:
                outcome = f"FAILED a process died in batch {number} or beside it"
                yield Tally(Counter({outcome: 1}), failures=[(outcome, "")])
                return


def main() -> int:
    """Draw, print, and say by the exit code whether the rule holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--failures", type=Path)
    arguments = parser.parse_args()
    total = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_folder(Path(scratch) / "draft")
        for tally in tallies(arguments.count, arguments.seed, arguments.workers, folder):
            total.add(tally)
            for said, _ in tally.failures:
                print(said, flush=True)
    return total.told(arguments.failures)


if __name__ == "__main__":
    sys.exit(main())
