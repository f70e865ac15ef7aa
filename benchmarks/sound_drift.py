"""How far sound strays from its place in an hour: `python -m benchmarks.sound_drift [MINUTES] [--speeds 0.5 1.25 …]`.

A file with a click every ten seconds is played at each speed, with its pitch kept and with the pitch following, for as
long as it takes to last MINUTES on the timeline. Prints the worst distance of a click from its time, in milliseconds;
exits with 1 where it is more than 10.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np

from cutfarm.render.sound.mix import Mix
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import Canvas, SoundMaterial, SoundSegment, Timeline, Track
from cutfarm.timeline.time import TimeRange

RATE_HZ = 44_100
EVERY_S = 10
MOST_MS = 10.0
_FILE_HZ = 11_025


def main() -> int:
    """Print a row for each speed; 1 where a click strays too far."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=float, default=60.0)
    parser.add_argument("--speeds", nargs="+", type=Fraction, default=[Fraction(text) for text in ("0.5", "1.25", "3")])
    arguments = parser.parse_args()
    worst_ms = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for speed in arguments.speeds:
            path = write_clicks(Path(folder) / "clicks.wav", float(60 * arguments.minutes * speed))
            for keep_pitch in (True, False):
                strayed = stray_ms(path, speed, arguments.minutes, keep_pitch=keep_pitch)
                words = "pitch kept" if keep_pitch else "pitch follows"
                print(f"speed {float(speed):<6g} {words:14} worst {strayed:6.3f} ms", flush=True)
                worst_ms = max(worst_ms, strayed)
    return int(worst_ms > MOST_MS)


def write_clicks(path: Path, seconds: float) -> Path:
    """An 8-bit mono WAV with a click every `EVERY_S` seconds, from the first of them on."""
    period = np.full(_FILE_HZ * EVERY_S, 128, np.uint8)
    period[0] = 255
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(_FILE_HZ)
        for _ in range(int(seconds / EVERY_S) + 1):
            file.writeframes(period.tobytes())
    return path


def stray_ms(path: Path, speed: Fraction, minutes: float, *, keep_pitch: bool) -> float:
    """The worst distance of a click from its time on a timeline of `minutes`."""
    length_us = round(60e6 * minutes)
    segment = SoundSegment(
        id="clicks",
        target=TimeRange(0, length_us),
        source=TimeRange(0, int(length_us * speed)),
        rate=speed,
        keep_pitch=keep_pitch,
        material=SoundMaterial("clicks", "music", "clicks", "clicks", 0),
    )
    track = Track("sound", "audio", 0, 0, is_muted=False, is_hidden=False, segments=(segment,))
    timeline = Timeline(Canvas(64, 64), Fraction(30), length_us, (track,), layers_by_track=True)
    samples = round(60 * minutes * RATE_HZ)
    apart = float(EVERY_S * RATE_HZ / speed)
    loudest: dict[int, tuple[float, int]] = {}  # by the number of the click it is nearest to
    first = 0
    for block in Mix(timeline, {"clicks": Asset(str(path), "")}, RATE_HZ, 0, samples):
        levels = np.abs(block[0])
        for place in np.flatnonzero(levels > 0.05).tolist():
            number = round((first + place) / apart)
            loudest[number] = max(loudest.get(number, (0.0, 0)), (float(levels[place]), first + place))
        first += block.shape[1]
    inside = range(1, int((samples - RATE_HZ) / apart) + 1)  # the first may lie on the edge of what is heard
    missing = [number for number in inside if number not in loudest]
    if missing:
        raise RuntimeError(f"{len(missing)} clicks are not heard, the first of them number {missing[0]}")
    return max(abs(loudest[number][1] - number * apart) for number in inside) / RATE_HZ * 1000


if __name__ == "__main__":
    sys.exit(main())
