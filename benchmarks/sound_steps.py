"""CPU seconds of a mix within this process, step by step, and of tracks that are treated."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.media import OUT
from benchmarks.sound_drafts import treatments, write_draft
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.media.audio import SoundReader
from cutfarm.media.audio_decode import SoundDecoder
from cutfarm.render.sound.mix import Mix
from cutfarm.render.sound.sums import BLOCK, Sums
from cutfarm.render.sound.written import mix_sound
from cutfarm.render.spec import Assets
from cutfarm.timeline.model import SoundSegment, Timeline
from cutfarm.timeline.time import US_PER_SECOND
from kernels.sound_limiter import CONTEXT_BLOCKS

RATE_HZ = 44_100
_STEPS = ("decode", "resample and copy", "gains and sum", "limiter", "encode")


class _Stages:
    """A mix cut off after each of its steps: each stage does all that the one before does, and one step more."""

    def __init__(self, timeline: Timeline, assets: Assets, out: Path) -> None:
        self._timeline, self._assets, self._out = timeline, assets, out
        self._total = timeline.duration_us * RATE_HZ // US_PER_SECOND
        self._blocks = -(-self._total // BLOCK)
        sounds = [part for track in timeline.tracks for part in track.segments if isinstance(part, SoundSegment)]
        self._paths = [assets[sound.material.path].path for sound in sounds]

    def decode(self) -> None:
        """The files of drafts whose parts all begin at 0."""
        for path in self._paths:
            decoder = SoundDecoder(path)
            left = self._timeline.duration_us * decoder.rate_hz // US_PER_SECOND
            for samples in decoder.samples(0):
                left -= samples.shape[1]
                if left <= 0:
                    break
            decoder.close()

    def read(self) -> None:
        """The files at the mix's rate."""
        for path in self._paths:
            with SoundReader(path, RATE_HZ) as reader:
                for _ in range(self._blocks):
                    reader.read(BLOCK)

    def add(self) -> None:
        """The unlimited sum."""
        _drain(Sums(self._timeline, self._assets, RATE_HZ).blocks(-CONTEXT_BLOCKS, self._blocks + CONTEXT_BLOCKS))

    def mix(self) -> None:
        """The mix."""
        _drain(iter(Mix(self._timeline, self._assets, RATE_HZ, 0, self._total)))

    def write(self) -> None:
        """The mix as AAC at 192 kbit/s."""
        mix_sound(self._timeline, self._assets, str(self._out), total_samples=self._total)


def mixing_steps(draft: Path, rounds: int) -> dict[str, float]:
    """CPU seconds of each step of a mix: what a stage takes more than the one before, each the least of `rounds`."""
    with loaded(str(draft), LoadOptions()) as (timeline, assets), tempfile.TemporaryDirectory() as folder:
        stages = _Stages(timeline, assets, Path(folder) / "mix.m4a")
        ends = _least_cpu_s([stages.decode, stages.read, stages.add, stages.mix, stages.write], rounds)
    return {name: end - start for name, (start, end) in zip(_STEPS, pairwise([0.0, *ends]), strict=True)}


def treatment_costs(song: Path, length_s: float, rounds: int) -> dict[str, float]:
    """CPU seconds for a minute of one track, by what is done to it."""
    names, mixes = [], []
    for number, (name, part) in enumerate(treatments(song, length_s).items()):
        draft = write_draft([[part]], OUT / f"sound-treated-{number}")
        with loaded(str(draft), LoadOptions()) as (timeline, assets):
            names.append(name)
            mixes.append(_Stages(timeline, assets, OUT).mix)
    costs = _least_cpu_s(mixes, rounds)
    return {name: cost * 60 / length_s for name, cost in zip(names, costs, strict=True)}


def difference_db(one: Path, other: Path, seconds: int) -> float:
    """How far the second sound file is from the first, relative to the first's own level."""
    import numpy as np

    energies = np.zeros(2)
    with SoundReader(str(one), RATE_HZ) as left, SoundReader(str(other), RATE_HZ) as right:
        for _ in range(seconds):
            first, second = (reader.read(RATE_HZ).astype(np.float64) for reader in (left, right))
            energies += np.square(second - first).mean(), np.square(first).mean()
    return float(10 * np.log10(energies[0] / energies[1]))


def _least_cpu_s(works: Sequence[Callable[[], None]], rounds: int) -> list[float]:
    """CPU seconds of this process for each, threads included, in turn after a first one that warms up."""
    least = [float("inf")] * len(works)
    for turn in range(rounds + 1):
        for number, work in enumerate(works):
            before_s = time.process_time()
            work()
            if turn:
                least[number] = min(least[number], time.process_time() - before_s)
    return least


def _drain(blocks: Iterator[object]) -> None:
    for _ in blocks:
        pass
