"""Which device draws."""

from __future__ import annotations

import ctypes

from cutfarm.errors import RequestError


def chosen_device(wanted: str = "auto") -> str:
    """`cpu` or `cuda`; `auto` is CUDA where there is a GPU. Raises RequestError."""
    if wanted not in {"auto", "cpu", "cuda"}:
        raise RequestError(f"device {wanted!r} is not one of auto, cpu, cuda")
    if wanted == "cpu" or (wanted == "auto" and not _has_driver()):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise RequestError("device cuda was asked for, but torch finds no GPU here")
    return "cpu"


def _has_driver() -> bool:
    """Whether there is NVIDIA's driver; torch could tell, but loading it costs more than seconds of video."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True
