"""Sound at twice its rate and back, for what must not alias. Samples are float32 (C, n)."""

from __future__ import annotations

import numpy as np

from kernels.sound import Samples

HALF = 28  #: samples on either side, at the single rate, that bear on a sample
# Odd taps of a half-band filter, whose even ones are 0 but the middle: flat to 0.44 of the rate, −80 dB from 0.56 on.
_PLACES = np.arange(-HALF, HALF) + 0.5
_TAPS = (np.sinc(_PLACES) * np.i0(8.0 * np.sqrt(1 - (_PLACES / HALF) ** 2)) / np.i0(8.0)).astype(np.float32)


def doubled(samples: Samples) -> Samples:
    """(C, n + 2·`HALF`) as (C, 2·n): the first of it stands where sample `HALF` stood."""
    inner = samples[:, HALF:-HALF]
    out = np.empty((samples.shape[0], 2 * inner.shape[1]), np.float32)
    out[:, ::2] = inner
    for row, channel in zip(out, samples, strict=True):
        row[1::2] = np.convolve(channel[1:], _TAPS, "valid")
    return out


def halved(samples: Samples) -> Samples:
    """(C, 2·(n + 2·`HALF`)) at twice the rate as (C, n), what lies above half the lower rate gone.

    The first of it stands where sample 2·`HALF` stood.
    """
    between, on = samples[:, 1::2], samples[:, ::2]
    out = on[:, HALF:-HALF] * np.float32(0.5)
    for row, channel in zip(out, between, strict=True):
        row += np.float32(0.5) * np.convolve(channel[:-1], _TAPS, "valid")
    return out
