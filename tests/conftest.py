"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command renders: torch works in the thread that draws

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real drafts, recordings and tables that stands beside a checkout."""
    folder = Path(os.environ.get("CUTFARM_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the reference folder {folder.name!r} is not beside this checkout (set CUTFARM_SHARED)")
    return folder
