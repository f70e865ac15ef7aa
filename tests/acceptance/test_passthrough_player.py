"""A browser plays and seeks through every seam between copied and encoded spans."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from cutfarm.render.job import plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from tests.media.browser import watch
from tests.media.film import number_in
from tests.media.sources import CLOSED, source
from tests.render.scene import assets, clip, timeline

SIZE = (320, 192)
OPTIONS = RenderOptions(passthrough=True, preset="veryfast")
FPS = 30


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_every_seam(order: int, tmp_path: Path) -> None:
    """Seven encoders' clips, each cut in the middle of a GOP: encoded, copied, encoded, then the next clip."""
    kinds = list(CLOSED.values())[::order]
    films = [source(tmp_path / f"{n}.mp4", x264, size_px=SIZE) for n, x264 in enumerate(kinds)]
    starts = [0, *(7 for _ in films[1:])]  # the first part of the file is a copied one, too
    clips = [clip(film, n, 1, source_s=start / FPS) for n, (film, start) in enumerate(zip(films, starts, strict=True))]
    whole = timeline(clips, canvas_px=SIZE)
    job = plan_job(whole, assets(whole), OPTIONS)
    out = tmp_path / "out.mp4"
    render_job(job, OPTIONS, out, chunks=1)
    assert len(job.copied) == len(films)

    shown = [start + n for start in starts for n in range(FPS)]
    seams = {edge for run in job.copied for edge in (run.frames.start, run.frames.stop)} | {0, len(shown)}
    near = sorted({seam + n for seam in seams for n in (-2, -1, 0, 1) if 0 <= seam + n < len(shown)})
    frames = [*near[::2], *reversed(near)]  # forwards over some, then back over all
    seen = watch(out, [(frame + 0.5) / FPS for frame in frames])

    assert seen.duration_s == pytest.approx(len(films), abs=1e-3)
    assert [number_in(picture) for picture in seen.sought] == [shown[frame] for frame in frames]
    played = [(round(time_s * FPS), number_in(picture)) for time_s, picture in seen.played]
    frames = [frame for frame, _ in played]
    for (frame, number), following in zip(played, [*frames[1:], len(shown) - 1], strict=True):
        assert number in shown[frame : following + 1]  # a busy machine looks late, but never at another frame
    assert all(
        abs(time_s - Fraction(frame, FPS)) < 1e-3 for (time_s, _), (frame, _) in zip(seen.played, played, strict=True)
    )
    assert len(played) > len(shown) / 4  # and drops some
    assert frames == sorted(frames)


@pytest.mark.browser
@pytest.mark.slow
def test_what_is_wholly_copied(tmp_path: Path) -> None:
    """One encoder's clips need no parameter sets inside packets."""
    films = [source(tmp_path / f"{n}.mp4", CLOSED["b-pyramid"], size_px=SIZE) for n in range(2)]
    whole = timeline([clip(film, 2 * n, 2) for n, film in enumerate(films)], canvas_px=SIZE)
    job = plan_job(whole, assets(whole), replace(OPTIONS, crf=18))
    out = tmp_path / "out.mp4"
    render_job(job, OPTIONS, out)
    assert [run.frames for run in job.copied] == [range(60), range(60, 120)]
    frames = [58, 59, 60, 61, 119, 0, 75]
    seen = watch(out, [(frame + 0.5) / FPS for frame in frames])
    assert [number_in(picture) for picture in seen.sought] == [frame % 60 for frame in frames]
