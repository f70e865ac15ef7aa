"""Where the chroma samples of 4:2:0 lie beside luma's."""

from __future__ import annotations

from typing import NamedTuple


class Sites(NamedTuple):
    """The place of a plane's first chroma sample, in 256ths of a luma pixel from the first luma sample's centre."""

    across: int
    down: int


LEFT = Sites(0, 128)  #: on even columns, between two rows: ITU-T H.264 annex E, type 0, the canvas's


def before_turns(quarter_turns: int, width_px: int, height_px: int) -> Sites:
    """Where chroma lies in a picture of this size that has it at LEFT after counter-clockwise quarter turns."""
    match quarter_turns:
        case 1:
            return Sites(_mirrored(LEFT.down, width_px), LEFT.across)
        case 2:
            return Sites(_mirrored(LEFT.across, width_px), _mirrored(LEFT.down, height_px))
        case 3:
            return Sites(LEFT.down, _mirrored(LEFT.across, height_px))
    return LEFT


def _mirrored(place: int, length_px: int) -> int:
    """A place counted from the other end, where the last chroma sample stands for two luma samples or for one."""
    return (0 if length_px % 2 else 256) - place
