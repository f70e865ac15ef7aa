"""HDR and transparent films in a timeline: the report, what shows through, and the same bits in any chunks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cutfarm.render.frame import Compositor, open_compositor
from cutfarm.timeline.model import Timeline, Transform
from cutfarm.timeline.report import Fidelity, Report
from tests.media import test_transparent as films
from tests.media.tensors import digest, tensors
from tests.media.test_hdr import COLUMNS, ROWS, expected, hdr_frame, middles, write
from tests.render.scene import assets, clip, output, timeline

SIZE_PX = (192, 128)
COUNT = 12


def halves(path: Path) -> Path:
    """Red on the left, blue on the right."""
    rgb = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    rgb[:, : SIZE_PX[0] // 2, 0] = rgb[:, SIZE_PX[0] // 2 :, 2] = 255
    Image.fromarray(rgb).save(path)
    return path


def drawn(whole: Timeline, edges: tuple[int, ...]) -> tuple[list[str], Report]:
    digests, report = [], Report()
    for start, end in pairwise(edges):
        with Compositor(whole, assets(whole), output(*SIZE_PX)) as compositor:
            digests += [digest(compositor.frame(number)) for number in range(start, end)]
            report += compositor.report
    return digests, report


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_an_hdr_clip_is_tone_mapped_and_named(transfer: str, tmp_path: Path) -> None:
    film = write(tmp_path / "night.mkv", [hdr_frame(transfer)] * 15)
    whole = timeline([clip(film, 0.0, 0.4, id="s1")], canvas_px=SIZE_PX)
    with Compositor(whole, assets(whole), output(*SIZE_PX)) as compositor:
        picture = tensors(compositor.frame(3))
        (entry,) = compositor.report
    assert np.abs(middles(picture, COLUMNS, ROWS) - expected(transfer)).max() <= 1.0
    assert (entry.fidelity, entry.segment_id) == (Fidelity.CLOSE, "s1")
    assert entry.message.startswith("night.mkv in segment s1: its HDR is tone-mapped to SDR")


@pytest.mark.parametrize("name", ["prores.mov", "vp9.webm", "png.mov"])
@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_what_lies_below_shows_through(name: str, device: str, tmp_path: Path) -> None:
    logo = films.write(tmp_path / name)
    whole = timeline(
        [clip(halves(tmp_path / "halves.png"), 0.0, 0.4, kind="photo")],
        [clip(logo, 0.0, 0.4, render_index=1)],
        canvas_px=SIZE_PX,
    )
    if device == "cpu":
        compositor = open_compositor(whole, assets(whole), output(*SIZE_PX))
    else:  # the GPU's painter, on a CPU
        from cutfarm.render.gpu import GpuCompositor

        compositor = GpuCompositor(whole, assets(whole), output(*SIZE_PX), device="cpu")
    with compositor:
        y = tensors(compositor.frame(0)).y.float().numpy()
    red, blue, green = (films.codes(rgb)[0] for rgb in ((255, 0, 0), (0, 0, 255), films.GREEN))
    near = 4.0 if name == "vp9.webm" else 2.0
    assert y[10, 20] == pytest.approx(red, abs=near)
    assert y[10, 180] == pytest.approx(blue, abs=near)
    assert y[48, 48] == pytest.approx(green, abs=near)
    share = films.HALF / 255
    assert y[80, 48] == pytest.approx(green * share + red * (1 - share), abs=near)


@pytest.mark.parametrize("name", ["prores.mov", "vp9.webm"])
def test_chunks_of_a_transparent_clip(name: str, tmp_path: Path) -> None:
    logo = clip(films.write(tmp_path / name), 0.0, 0.4, render_index=1, transform=Transform(scale_x=0.7, scale_y=0.7))
    whole = timeline([clip(halves(tmp_path / "halves.png"), 0.0, 0.4, kind="photo")], [logo], canvas_px=SIZE_PX)
    one, report = drawn(whole, (0, COUNT))
    assert drawn(whole, (0, 3, 5, 8, COUNT)) == (one, report)
    assert len(set(one)) == COUNT
    assert not report.below(Fidelity.EXACT)


def test_a_transparent_clip_played_backwards(tmp_path: Path) -> None:
    logo = clip(films.write(tmp_path / "png.mov"), 0.0, 0.4, render_index=1)
    below = clip(halves(tmp_path / "halves.png"), 0.0, 0.4, kind="photo")
    forwards = timeline([below], [logo], canvas_px=SIZE_PX)
    backwards = timeline(
        [below], [clip(tmp_path / "png.mov", 0.0, 0.4, render_index=1, is_reversed=True)], canvas_px=SIZE_PX
    )
    there, _ = drawn(forwards, (0, COUNT))
    back, _ = drawn(backwards, (0, COUNT))
    assert back == there[::-1]
