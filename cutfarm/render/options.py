"""What a user may ask of a render, checked."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from cutfarm.errors import RequestError
from cutfarm.media.codecs import (
    LEAST_SIDE_PX,
    PRESETS,
    Codec,
    SoundCodec,
    SoundFormat,
    own_sound_container,
    sound_container,
    sound_format,
)
from cutfarm.render.spec import Output
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.time import US_PER_SECOND, frame_of

MAX_SIDE_PX = 8192


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """Everything beside the draft; None leaves a thing as the draft has it."""

    height_px: int | None = None  #: the width follows the canvas
    fps: Fraction | None = None
    range_s: tuple[float, float] | None = None  #: start and end on the timeline, seconds
    codec: Codec = "h264"
    preset: str = "veryfast"
    crf: int = 20
    strict: Fidelity | None = None  #: nothing may be less faithful than this
    passthrough: bool = False  #: untouched parts of the sources are copied, not encoded again
    no_audio: bool = False  #: pictures alone; else a video without sound gets a silent track
    audio_only: bool = False  #: sound alone
    audio_codec: SoundCodec | None = None
    audio_rate_hz: int | None = None
    audio_kbps: int | None = None
    audio_suffix: str | None = None  #: with `audio_only`, the container; None is the codec's own

    def __post_init__(self) -> None:
        if self.height_px is not None and not 16 <= self.height_px <= MAX_SIDE_PX:
            raise RequestError(f"height {self.height_px} is not between 16 and {MAX_SIDE_PX} px")
        if self.fps is not None and not 1 <= self.fps <= 240:
            raise RequestError(f"fps {float(self.fps):g} is not between 1 and 240")
        if self.range_s is not None and not 0 <= self.range_s[0] < self.range_s[1] < float("inf"):
            raise RequestError(
                f"range {self.range_s[0]:g}:{self.range_s[1]:g} does not go from an earlier to a later time"
            )
        if self.preset not in PRESETS:
            raise RequestError(f"preset {self.preset!r} is not one of {', '.join(PRESETS)}")
        if not 0 <= self.crf <= 51:
            raise RequestError(f"crf {self.crf} is not between 0 and 51")
        if self.no_audio and self.audio_only:
            raise RequestError("no audio and audio only leave nothing to write")
        if self.audio_only and self.passthrough:
            raise RequestError("passthrough copies pictures, and audio only has none")
        self.sound()

    def sound(self) -> SoundFormat | None:
        """How the sound is written; None where there is to be none.

        Raises RequestError for what does not go together.
        """
        asked = (self.audio_codec, self.audio_rate_hz, self.audio_kbps)
        if self.no_audio:
            if any(wish is not None for wish in asked):
                raise RequestError("no audio leaves no choice of an audio codec, rate or bit rate")
            return None
        if self.audio_suffix is not None and not self.audio_only:
            raise RequestError(f"a video does not end in {self.audio_suffix}: that is for audio only")
        if self.audio_only:
            suffix = own_sound_container(self.audio_codec) if self.audio_suffix is None else self.audio_suffix
        else:
            suffix = sound_container(self.codec)
        return sound_format(suffix, *asked)

    def output(self, timeline: Timeline) -> Output:
        """The encoded picture: the canvas rounded to even sides, or scaled to `height_px`.

        Raises RequestError where that is too large, or too small for the codec; never for sound alone.
        """
        canvas = timeline.canvas
        factor = Fraction(self.height_px or canvas.height_px, canvas.height_px)
        width_px, height_px = _even(canvas.width_px * factor), _even(canvas.height_px * factor)
        output = Output(width_px, height_px, self.fps or timeline.fps, self.codec, self.preset, self.crf)
        if self.audio_only:
            return output
        if max(width_px, height_px) > MAX_SIDE_PX:
            raise RequestError(f"an output of {width_px} × {height_px} px is above {MAX_SIDE_PX} px a side")
        least_px = LEAST_SIDE_PX[self.codec]
        if min(width_px, height_px) < least_px:
            raise RequestError(f"an output of {width_px} × {height_px} px is below {self.codec}'s {least_px} px a side")
        return output

    def frames(self, timeline: Timeline, fps: Fraction) -> range:
        """The output frames asked for, by the timeline's own numbering; at least one.

        Raises RequestError where the range begins after the timeline's end.
        """
        whole = range(max(frame_of(timeline.duration_us, fps), 1))
        if self.range_s is None:
            return whole
        start, end = (frame_of(Fraction(second) * US_PER_SECOND, fps) for second in self.range_s)
        if start >= whole.stop:
            length_s = timeline.duration_us / US_PER_SECOND
            raise RequestError(f"the range begins at {self.range_s[0]:g} s, the draft ends at {length_s:g} s")
        return range(start, max(min(end, whole.stop), start + 1))


def parse_range(text: str) -> tuple[float, float]:
    """`START:END` in seconds; either may be left out. Raises RequestError."""
    start, colon, end = text.partition(":")
    try:
        if not colon:
            raise ValueError
        return float(start or 0.0), float(end or 1e9)
    except ValueError:
        raise RequestError(f"range {text!r} is not START:END in seconds") from None


def parse_fidelity(text: str) -> Fidelity:
    """A level of the report by its word. Raises RequestError."""
    try:
        return Fidelity[text.upper()]
    except KeyError:
        words = ", ".join(level.word for level in Fidelity)
        raise RequestError(f"level {text!r} is not one of {words}") from None


def _even(length_px: Fraction) -> int:
    return max(2 * round(length_px / 2), 2)
