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

import random
import sys
from functools import cache
from pathlib import Path

import torch

from benchmarks.every_element import every_element, write_folder
from benchmarks.fuzz_captions import mutated_captions
from benchmarks.fuzz_reader import Draft, Tally, check_error, mutated
from benchmarks.fuzzing import Rule, extreme, files_of, judged, read, run, some_tracks
from cutfarm.errors import CutfarmError
from cutfarm.media.picture import Picture
from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Asset, Assets, Output
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.nesting import shown_part
from cutfarm.timeline.time import frame_of

RULE = Rule(longest_s=5.0, most_bytes=700_000_000)
SIDE_PX = 96  #: the longer side of what is drawn
FRAMES = 4  #: of each draft
LONGEST_MESSAGE = 2_000


def drawn(draft: Draft, folder: Path, chance: random.Random) -> str:
    """What comes of a draft: `pictures` or the name of a CutfarmError; raises what must not be raised."""
    try:
        timeline = read(draft)
        files = files_of(timeline, folder)
        timeline = only_found(timeline, files)
        assets = {path: Asset(str(file), file.name) for path, file in files.items()}
        _draw(timeline, assets, chance)
    except CutfarmError as error:
        check_error(error, LONGEST_MESSAGE)
        return error.kind
    return "pictures"


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


def run_one(seed: int, folder: Path, tally: Tally) -> None:
    """Draw the draft that `seed` decides, and count what came of it."""
    torch.set_num_threads(1)
    chance = random.Random(seed)
    draft = _changed(some_tracks(_seed(), chance), chance)
    judged(seed, draft, RULE, lambda: drawn(draft, folder, chance), tally)


def _changed(draft: Draft, chance: random.Random) -> Draft:
    match chance.random():
        case low if low < 0.35:
            return mutated(draft, chance)
        case low if low < 0.65:
            return extreme(draft, chance, chance.choice((0.02, 0.1, 0.3)))
    draft = mutated_captions(draft, chance)
    return extreme(draft, chance, 0.05) if chance.random() < 0.3 else draft


if __name__ == "__main__":
    sys.exit(run(__doc__, run_one, write_folder))
