"""Time stretched by us, by python-stretch and by FFmpeg's atempo: `python -m benchmarks.stretch [--speeds 0.5 2 …]`.

Sounds made by formula, 44.1 kHz stereo: a harmonic tone of 220 Hz, the tone with clicks, a chord with drums, and noise.
python-stretch (Signalsmith Stretch, MIT) is no dependency: where it is not installed its columns are left out, and the
table says so. CPU time is of one thread; figures of one run compare with each other alone.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from time import process_time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from cutfarm.media.audio_filter import FilterChain, frame_of_samples
from cutfarm.media.pieces import Pieces
from cutfarm.render.sound.timing import LEAD, Stretched
from kernels.sound import Doubles, Samples

try:
    Signalsmith = import_module("python_stretch").Signalsmith
except ImportError:
    Signalsmith = None

RATE_HZ = 44_100
SPEEDS = (0.25, 0.5, 0.7, 0.9, 1.25, 1.5, 2.0, 3.0, 4.0)
SECONDS = 12
_GAP = 30_870  # samples between clicks or drums, 0.7 s
_DRUM = 9_000

Engine = Callable[[Samples, float], Samples]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one engine makes of one speed."""

    tone_db: float  #: energy in the harmonics of a tone to the rest
    both_db: float  #: the same of the tone with clicks, whose own energy is in the rest
    crest: float  #: sharpness of the clicks to those of the source, 1 for all
    echo_db: float  #: the sharpest thing beside a click to it
    click_ms: float  #: the click farthest from its time
    drum_ms: float  #: the drum farthest from its time
    noise_db: float  #: level of noise to that of the source
    cpu_s: float  #: of a minute made


def ours(samples: Samples, speed: float) -> Samples:
    """By `cutfarm.render.sound.timing`."""
    tape = Pieces(iter((np.zeros((2, LEAD), np.float32), samples)))
    stream = Stretched(tape, lambda at: at * speed)
    total = int(samples.shape[1] / speed)
    return np.concatenate([stream.read(min(32_768, total - at)) for at in range(0, total, 32_768)], 1)


def signalsmith(samples: Samples, speed: float) -> Samples:
    """By python-stretch, all at once: it keeps nothing between calls."""
    engine = Signalsmith.Stretch(1)
    engine.preset(2, float(RATE_HZ))
    engine.setTimeFactor(speed)
    made: Samples = engine.process(samples)
    return made


def atempo(samples: Samples, speed: float) -> Samples:
    """By FFmpeg's filter, in as many stages as its limits ask for."""
    stages = max(1, math.ceil(abs(math.log2(speed))))
    filters = [("atempo", f"{speed ** (1.0 / stages)!r}")] * stages
    chain = FilterChain(RATE_HZ, "fltp", "stereo", [*filters, ("aformat", "sample_fmts=fltp")])
    given = [*chain.push(frame_of_samples(samples, RATE_HZ, 0)), *chain.push(None)]
    return np.concatenate(given, 1, dtype=np.float32)


def measured(engine: Engine, speed: float) -> Figures:
    """All figures of an engine at a speed."""
    times = np.arange(float(SECONDS * RATE_HZ))
    places = list(range(_GAP, len(times) - 2 * _GAP, _GAP))
    tone, clicks = _tone(times), np.zeros(len(times))
    clicks[places] = 0.8
    music = _music(times, places)
    noise = np.random.default_rng(3).standard_normal((2, len(times))).astype(np.float32) * np.float32(0.1)
    began = process_time()
    stretched_noise = engine(noise, speed)
    cpu_s = process_time() - began
    both = engine(_stereo(tone + clicks), speed)[0]
    hits = [_click(both, place / speed) for place in places]
    source = [_click((tone + clicks).astype(np.float32), float(place))[1] for place in places]
    return Figures(
        tone_db=_purity_db(engine(_stereo(tone), speed)[0]),
        both_db=_purity_db(both),
        crest=float(np.median([sharp for _, sharp, _ in hits]) / np.median(source)),
        echo_db=max(20 * np.log10(echo / sharp) for _, sharp, echo in hits),
        click_ms=max(abs(late_ms) for late_ms, _, _ in hits),
        drum_ms=_worst_drum_ms(_stereo(music)[0], engine(_stereo(music), speed)[0], places, speed),
        noise_db=float(20 * np.log10(stretched_noise[:, RATE_HZ // 4 : -RATE_HZ // 4].std() / 0.1)),
        cpu_s=cpu_s * 60 * RATE_HZ / stretched_noise.shape[1],
    )


def _stereo(samples: Doubles) -> Samples:
    return np.stack((samples, samples)).astype(np.float32)


def _tone(times: Doubles) -> Doubles:
    partial = np.arange(1.0, 12.0)[:, None]
    tone: Doubles = (0.15 / partial * np.sin(2 * np.pi * 220 / RATE_HZ * partial * times + partial**2)).sum(0)
    return tone


def _music(times: Doubles, places: list[int]) -> Doubles:
    """A chord of four sawtooth-like voices; kicks and snares in turn."""
    rng, after = np.random.default_rng(4), np.arange(_DRUM) / RATE_HZ
    music = np.zeros(len(times))
    for hz, k in product((131, 165, 196, 262), range(1, 9)):
        music += 0.05 / k * np.sin(2 * np.pi / RATE_HZ * k * hz * times + k * hz)
    ends = np.clip((_DRUM / RATE_HZ - after) * 50, 0, 1)
    for number, place in enumerate(places):
        kick = 0.7 * np.cos(2 * np.pi * (60 * after + 1.5 * (1 - np.exp(-after / 0.02)))) * np.exp(-after / 0.1)
        snare = 0.4 * rng.standard_normal(_DRUM) * np.exp(-after / 0.05)
        music[place : place + _DRUM] += (snare if number % 2 else kick) * ends
    return music


def _purity_db(samples: Samples) -> float:
    inner = samples[RATE_HZ // 4 : -RATE_HZ // 4].astype(np.float64)
    power = np.square(np.abs(np.fft.rfft(inner * np.blackman(len(inner)))))
    at_hz = np.arange(len(power)) * RATE_HZ / len(inner)
    harmonic = np.maximum(np.round(at_hz / 220), 1) * 220
    is_right = np.abs(at_hz - harmonic) < 4
    return float(10 * np.log10(power[is_right].sum() / power[~is_right].sum()))


def _click(samples: Samples, place: float) -> tuple[float, float, float]:
    """How late the sharpest sample near a place is, ms; how sharp it is, and the sharpest one 3 ms from it and more."""
    first = max(int(place) - 2_000, 0)
    bends = np.abs(np.diff(samples[first : int(place) + 2_000], 2))
    at = int(bends.argmax())
    sharp = float(bends[at])
    bends[max(at - 132, 0) : at + 133] = 0
    return (first + at + 1 - place) / RATE_HZ * 1000, sharp, float(bends.max())


def _worst_drum_ms(source: Samples, made: Samples, places: list[int], speed: float) -> float:
    """The farthest that a drum is from its time: where the energy of its bends has grown to a quarter of the most."""
    late = [_rise(made, place / speed) - _rise(source, float(place)) for place in places]
    return float(np.abs(late).max() / RATE_HZ * 1000)


def _rise(samples: Samples, place: float) -> float:
    first = max(int(place) - 1_200, 0)
    bends = np.diff(samples[first : int(place) + 1_200].astype(np.float64), 2)
    energy = np.convolve(np.square(bends), np.ones(64))[63:]
    return first + float(np.argmax(energy >= 0.25 * energy.max())) - place


def _rows(speeds: list[float]) -> Iterator[str]:
    engines: dict[str, Engine] = {"ours": ours, "atempo": atempo}
    if Signalsmith is not None:
        engines["python-stretch"] = signalsmith
    yield "| speed | engine | tone dB | + clicks dB | crest | echo dB | clicks ms | drums ms | noise dB | CPU s/min |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for speed in speeds:
        for name, engine in engines.items():
            got = measured(engine, speed)
            parts = (
                f"{got.tone_db:.1f} | {got.both_db:.1f} | {got.crest:.2f} | {got.echo_db:.1f} | {got.click_ms:.2f} | "
                f"{got.drum_ms:.2f} | {got.noise_db:+.2f} | {got.cpu_s:.2f}"
            )
            yield f"| {speed:g} | {name} | {parts} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speeds", type=float, nargs="+", default=list(SPEEDS))
    for row in _rows(parser.parse_args().speeds):
        print(row, flush=True)
    if Signalsmith is None:
        print("\npython-stretch is not installed: pip install python-stretch==0.3.1 adds its rows.")


if __name__ == "__main__":
    main()
