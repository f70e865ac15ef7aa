"""Time on the timeline: integer microseconds, and the one rule that turns them into frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

US_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """Half-open span [start, end)."""

    start_us: int  #: first instant, integer microseconds
    duration_us: int  #: length, integer microseconds, ≥ 0

    @property
    def end_us(self) -> int:
        """First instant after the span, microseconds."""
        return self.start_us + self.duration_us

    def frames(self, fps: Fraction) -> range:
        """Output frames that the span covers: ends that touch in time touch in frames, so no gap and no overlap."""
        return range(frame_of(self.start_us, fps), frame_of(self.end_us, fps))


def round_half_up(value: Fraction) -> int:
    """The nearest integer; halves go up."""
    return (value + Fraction(1, 2)).__floor__()


def frame_of(time_us: int | Fraction, fps: Fraction) -> int:
    """The frame whose start is nearest to `time_us`; drafts round to frames, so flooring would be off by one."""
    return round_half_up(Fraction(time_us) * fps / US_PER_SECOND)


def time_of(frame: int, fps: Fraction) -> Fraction:
    """Start of `frame` in exact microseconds."""
    return Fraction(frame * US_PER_SECOND) / fps


def frame_rate(value: float) -> Fraction:
    """Frames a second as a ratio; the decimals of NTSC rates, such as 29.97, mean n × 1000/1001."""
    for whole in (24, 30, 48, 60, 120, 240):
        if abs(value - whole * 1000 / 1001) < 0.005:
            return Fraction(whole * 1000, 1001)
    return Fraction(value).limit_denominator(1000)


def parse_frame_rate(text: str) -> Fraction:
    """`30`, `29.97` or `30000/1001`. Raises ValueError for what is no finite number."""
    try:
        return Fraction(text).limit_denominator(1001) if "/" in text else frame_rate(float(text))
    except (OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"{text!r} is no finite number") from error
