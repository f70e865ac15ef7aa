"""What a chunk of work is: plain, picklable values that say everything its pixels depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from cutfarm import __version__
from cutfarm.media.codecs import Codec, SoundFormat
from cutfarm.timeline.model import Timeline


@dataclass(frozen=True, slots=True)
class Output:
    """What is encoded."""

    width_px: int  #: even
    height_px: int  #: even
    fps: Fraction
    codec: Codec = "h264"
    preset: str = "veryfast"
    crf: int = 20
    on_nvenc: bool = False  #: by the GPU's encoder, whose packets do not join x264's


@dataclass(frozen=True, slots=True)
class Asset:
    """A material's bytes, local and checked."""

    path: str  #: a local file; the only kind of name that FFmpeg ever sees
    sha256: str = ""  #: digest of its content, hexadecimal; "" where no key is asked for


Assets = Mapping[str, Asset]  #: by the material's path as the draft says it


@dataclass(frozen=True, slots=True)
class CopiedSpan:
    """Packets of a material that are a chunk as they stand."""

    path: str  #: the material's, as the draft says it
    first_ticks: int  #: presentation time of the first one, an IDR picture, in the stream's ticks
    reorder_frames: int  #: how many frames later than it is decoded a frame may be shown


@dataclass(frozen=True, slots=True)
class ChunkSpec:
    """Output frames [first_frame, end_frame) of a timeline."""

    timeline: Timeline  #: may hold only what these frames show
    assets: Assets
    output: Output
    first_frame: int
    end_frame: int
    threads: int = 1  #: CPU threads that this chunk may use; no part of the key
    copied: CopiedSpan | None = None  #: the frames are not rendered but copied from here
    fonts: tuple[str, ...] = ()  #: of a farm: the object-store keys of its fonts, where the chunk has words

    @property
    def frame_count(self) -> int:
        """Frames in the chunk."""
        return self.end_frame - self.first_frame

    def key(self) -> str:
        """SHA-256, hexadecimal, of all that the pixels depend on; equal keys mean interchangeable files."""
        timeline = asdict(self.timeline)
        del timeline["report"], timeline["duration_us"], timeline["origin"]
        plain = {
            "renderer": __version__,
            "timeline": timeline,
            "assets": {path: asset.sha256 for path, asset in sorted(self.assets.items())},
            "output": asdict(self.output),
            "frames": [self.first_frame, self.end_frame],
            "copied": None if self.copied is None else asdict(self.copied),
            "fonts": self.fonts,
        }
        return hashlib.sha256(canonical_json(plain)).hexdigest()


@dataclass(frozen=True, slots=True)
class SoundSpec:
    """The sound that goes with output frames [first_frame, first_frame + frame_count) of a timeline."""

    timeline: Timeline
    assets: Assets
    fps: Fraction
    first_frame: int
    frame_count: int
    format: SoundFormat


def canonical_json(value: Any) -> bytes:
    """One spelling of plain data: sorted keys, no spaces, fractions as `n/d`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()
