"""A look-ahead limiter that touches a mix only around what would clip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kernels.sound import Doubles, Samples
from kernels.sound_loudness import PEAK_CONTEXT, hop_peaks

CONTEXT_BLOCKS = 2  #: blocks before the first and after the last one given that bear on what is given
CEILING_DBTP = -1.0  #: of any true-peak meter
HOP = 32  #: samples a step of the gain

# In hops. The times are those at 44.1 kHz.
_RAMP = 4  # half of the 5.8 ms over which the gain falls before a peak
_HOLD = 36  # 26 ms, half a wave of 20 Hz: all peaks of a low note meet one gain
_RELEASE = 208  # 151 ms
_DENSE = 512  # half of the 743 ms over which the reduction is averaged
_BEFORE = _HOLD + _RELEASE + _DENSE + _RAMP + 1
_AFTER = _RAMP + _DENSE + _RAMP + 1

_MARGIN_DB = (
    0.4  # meters interpolate as they like: of white noise FFmpeg's reads up to 0.35 dB more than is sought here
)
_FINENESS = 4096  # steps a neper, so that peaks that differ by rounding alone get the same gain

REACH = max(_BEFORE, _AFTER) * HOP  #: samples: no peak farther away bears on a gain, and no block is shorter

_T = TypeVar("_T")


def limited(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """All of `blocks` but the first and last `CONTEXT_BLOCKS`, with no true peak above −1 dBTP around what would clip.

    A block is (C, n), the next part of one sound; n is a multiple of `HOP`, at least `REACH`, and the same for all.
    Where a block has a sample beyond ±1, the true peaks of this block and of both beside it are turned down. What is
    farther than `REACH` from these passes bit for bit, as the very array. The gain is the same for all channels: it
    falls before a peak, holds, and rises in a sixth of a second; among dense peaks it stays low. The first block may
    be any of the sound: what is given of a block depends on `CONTEXT_BLOCKS` on either side of it alone.
    """
    for (_, before), (block, own), (_, after) in _threes(_with_needs(blocks)):
        needs = np.concatenate((before, own, after))
        yield _turned_down(block, needs) if needs.any() else block


def _with_needs(blocks: Iterable[Samples]) -> Iterator[tuple[Samples, Doubles]]:
    """Every block but the first and the last, with the reduction in nepers that each of its hops needs."""
    judged = ((block, bool(block.max() > 1 or block.min() < -1)) for block in blocks)
    for (before, clips_before), (block, clips), (after, clips_after) in _threes(judged):
        if clips_before or clips or clips_after:
            surrounded = np.concatenate((before[:, -PEAK_CONTEXT:], block, after[:, :PEAK_CONTEXT]), 1)
            yield block, _needs(hop_peaks(surrounded, HOP))
        else:
            yield block, np.zeros(block.shape[1] // HOP)


def _needs(peaks: Doubles) -> Doubles:
    ceiling = 10 ** ((CEILING_DBTP - _MARGIN_DB) / 20)
    steps: Doubles = np.ceil(np.log(np.maximum(peaks / ceiling, 1.0)) * _FINENESS)
    return steps / _FINENESS


def _turned_down(block: Samples, needs: Doubles) -> Samples:
    """`block` with its gain; `needs` are those of the block before, its own, and of the block after."""
    hops = block.shape[1] // HOP
    gains = np.exp(-_reductions(needs[hops - _BEFORE : 2 * hops + _AFTER]))
    rise = np.arange(HOP) / HOP
    gain = gains[:-1, None] + np.diff(gains)[:, None] * rise
    return (block * gain.reshape(-1)).astype(block.dtype)


def _reductions(needs: Doubles) -> Doubles:
    """Smooth reductions in nepers at the edges of all hops but the first `_BEFORE` and the last `_AFTER`.

    Each is at least what the hops on both sides of it need, since every value that the ramp averages covers the edge.
    """
    edges = np.maximum(needs[:-1], needs[1:])
    held = sliding_window_view(edges, _RAMP + 1 + _HOLD).max(1)
    release = (1 - np.cos(np.arange(1, _RELEASE + 2) * (np.pi / (_RELEASE + 1)))) / 2
    released = (sliding_window_view(held, len(release)) * release).max(1)
    dense = np.convolve(held[_RELEASE:], _bell(_DENSE), "valid")
    return np.convolve(np.maximum(released[_DENSE:-_DENSE], dense), _bell(_RAMP), "valid")


def _bell(half: int) -> Doubles:
    """A Hann window of 2 × `half` + 1 weights, none of them 0, that sum to 1."""
    window = np.hanning(2 * half + 3)[1:-1]
    weights: Doubles = window / window.sum()
    return weights


def _threes(items: Iterable[_T]) -> Iterator[tuple[_T, _T, _T]]:
    """Every item between two others, with them."""
    rest = iter(items)
    before, item = next(rest), next(rest)
    for after in rest:
        yield before, item, after
        before, item = item, after
