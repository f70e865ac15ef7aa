"""What all kernel tests share: the devices, the dtypes and one table of tolerances."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

#: Largest difference from a float64 formula, for values of the order of one.
TOLERANCES = {torch.float64: 1e-12, torch.float32: 4e-6}

Array = NDArray[np.float64]


@pytest.fixture(params=TOLERANCES, ids=str)
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def tolerance(dtype: torch.dtype) -> float:
    return TOLERANCES[dtype]


@pytest.fixture
def cuda() -> torch.device:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    return torch.device("cuda")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_260)
