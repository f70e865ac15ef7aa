"""Each look against its golden picture.

A picture may differ from its golden one at the edges of letters, as Skia antialiases a little differently from one
processor to the next, but not by a shift of one pixel. After a change that is meant, make the pictures anew with
`python -m tests.text.ink.golden_looks` and look at each before you commit it;
`python -m tests.text.ink.golden_looks FILE` lays them all out in one picture.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.text.ink.golden_looks import FOLDER, LOOKS, Stage, load

_STEP = 40  # of 255: no edge that is antialiased in another way differs by more …
_SHARE = 0.002  # … but in this share of the pixels


def differs(picture: NDArray[np.uint8], golden: NDArray[np.uint8]) -> bool:
    """Whether two premultiplied pictures are not the same look at the same place."""
    if picture.shape != golden.shape:
        return True
    distance = np.abs(picture.astype(int) - golden).max(axis=-1)
    return bool((distance > _STEP).mean() > _SHARE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    pytest.importorskip("fontTools.fontBuilder", reason="fontTools makes the font of the emoji")
    return Stage(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_is_as_it_was(stage, name):
    assert not differs(stage.picture(name), load(name))


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("shift", [(0, 1), (0, -1), (1, 0), (-1, 0)])
def test_a_shift_of_one_pixel_is_seen(name, shift):
    golden = load(name)
    assert differs(np.roll(golden, shift, axis=(0, 1)), golden)


def test_every_golden_picture_is_small_and_has_its_look():
    pictures = list(FOLDER.glob("*.png"))
    assert {picture.stem for picture in pictures} == set(LOOKS)
    assert max(picture.stat().st_size for picture in pictures) <= 30_000


def test_no_two_looks_are_the_same(stage):
    seen = [stage.picture(name).tobytes() for name in LOOKS]
    assert len(set(seen)) == len(seen)
