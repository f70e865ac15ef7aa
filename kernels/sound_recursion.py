"""Recursions over samples, without a step of the interpreter for each of them."""

from __future__ import annotations

import numpy as np

from kernels.sound import Doubles

_RUN = 256  # samples over which the coefficients' product stays far above the smallest float64


def first_order(inputs: Doubles, coefficients: Doubles, last: Doubles) -> Doubles:
    """y[n] = coefficients[n]·y[n−1] + inputs[n], float64 (C, n), with y[−1] = `last` (C,).

    n is a multiple of 256, the coefficients (n,) lie in [0.1, 1).
    """
    channels, count = inputs.shape
    products = np.cumprod(coefficients.reshape(-1, _RUN), axis=1)
    sums = np.cumsum(inputs.reshape(channels, -1, _RUN) / products, axis=2)
    carried = np.empty((channels, count // _RUN))
    carry = last
    for run in range(count // _RUN):
        carried[:, run] = carry
        carry = (carry + sums[:, run, -1]) * products[run, -1]
    result: Doubles = ((sums + carried[:, :, None]) * products).reshape(channels, count)
    return result
