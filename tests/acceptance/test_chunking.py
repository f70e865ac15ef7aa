"""Any cutting of a job gives bit-identical frames before the encoder, and the same film after a lossless one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from cutfarm.media.picture import Picture
from cutfarm.render.frame import Compositor
from cutfarm.render.job import Job, plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import ChunkSpec
from cutfarm.timeline.model import Curve, Keyframe, Timeline, Transform
from tests.media.film import at_rate, write_film
from tests.media.tensors import digest
from tests.render.scene import SECOND, assets, caption, clip, quarters, timeline


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Six seconds with everything whose pictures could depend on what was drawn before.

    Films with B frames and long GOPs, one of them as variable as a phone's, clips at three speeds, dissolves on two
    tracks, a turning inset of the film that runs below it, an animation, a growing caption.
    """
    folder = tmp_path_factory.mktemp("media")
    film = write_film(folder / "film.mp4", at_rate(200), size_px=(320, 180), options={"preset": "veryfast", "g": "90"})
    uneven = [Fraction(n, 30) + Fraction(n % 3, 200) for n in range(120)]
    phone = write_film(folder / "phone.mp4", uneven, size_px=(180, 320), options={"g": "25", "bf": "2"})
    stream = write_film(folder / "stream.ts", at_rate(100, 25), size_px=(320, 180), options={"g": "20", "bf": "2"})
    photo = quarters(folder / "photo.png", (333, 222))
    greys = [Image.new("RGBA", (40, 40), (60 * n, 200, 90, 200)) for n in range(4)]
    greys[0].save(
        folder / "wave.webp", save_all=True, append_images=greys[1:], duration=[70, 90, 200, 40], lossless=True
    )

    turning = Curve("KFTypeRotation", (Keyframe(0, 0.0), Keyframe(4 * SECOND, 270.0)))
    growing = Curve("KFTypeScaleX", (Keyframe(0, 0.3), Keyframe(3 * SECOND, 1.2)))
    fading = Curve("KFTypeAlpha", (Keyframe(0, 0.0), Keyframe(SECOND, 1.0), Keyframe(5 * SECOND, 0.2)))
    small = Transform(scale_x=0.4, scale_y=0.4, shift_x=0.4, shift_y=0.3, flip_x=True)
    main = [
        clip(film, 0, 2, source_s=0.3, dissolve_s=0.8),
        clip(phone, 2, 1.5, source_s=0.2, rate=2, dissolve_s=0.5),
        clip(stream, 3.5, 1.5, rate=Fraction(1, 2), source_s=1),
        clip(photo, 5, 1, kind="photo"),
    ]
    insets = [
        clip(film, 0.5, 2, id="i1", source_s=3, transform=small, curves=(turning,), dissolve_s=0.6),
        clip(photo, 2.5, 2, id="i2", kind="photo", transform=small),
    ]
    return timeline(
        main,
        insets,
        [clip(folder / "wave.webp", 1, 5, kind="gif", transform=Transform(scale_x=0.3, scale_y=0.3), curves=(fading,))],
        [caption("一二三 words", 0.7, 4.5, curves=(growing,), transform=Transform(shift_y=-0.6))],
        canvas_px=(320, 180),
    )


@pytest.fixture(scope="module")
def job(whole: Timeline) -> Job:
    return plan_job(whole, assets(whole), RenderOptions(codec="ffv1"))


def digests(spec: ChunkSpec) -> list[str]:
    with Compositor(spec.timeline, spec.assets, spec.output, threads=spec.threads) as compositor:
        return [digest(compositor.frame(number)) for number in range(spec.first_frame, spec.end_frame)]


@pytest.fixture(scope="module")
def in_one(job: Job) -> list[str]:
    [spec] = job.chunks(1)
    return digests(spec)


def test_the_scene_moves(in_one: list[str]) -> None:
    assert len(in_one) == 180
    assert len(set(in_one)) > 170


@pytest.mark.parametrize("count", [2, 5, 17])
def test_frames_do_not_depend_on_the_cutting(count: int, job: Job, in_one: list[str]) -> None:
    chunks = job.chunks(count)
    assert len(chunks) == count
    assert [digest for spec in chunks for digest in digests(spec)] == in_one


def test_frames_do_not_depend_on_threads(job: Job, in_one: list[str]) -> None:
    assert [digest for spec in job.chunks(3, threads=3) for digest in digests(spec)] == in_one


def test_every_single_frame_can_be_made_alone(job: Job, in_one: list[str]) -> None:
    """Also those in the middle of a dissolve, a GOP or an animation."""
    frames = [0, 1, 47, 48, 55, 60, 71, 72, 74, 89, 97, 100, 112, 113, 149, 150, 179]
    assert [digests(spec)[0] for spec in job.chunks_at([range(n, n + 1) for n in frames])] == [
        in_one[n] for n in frames
    ]


@pytest.mark.parametrize(("chunks", "workers"), [(1, 1), (5, 2)])
def test_a_lossless_film_holds_these_very_frames(
    chunks: int, workers: int, job: Job, in_one: list[str], tmp_path: Path
) -> None:
    render_job(job, RenderOptions(codec="ffv1"), tmp_path / "film.mkv", chunks=chunks, workers=workers)
    with av.open(str(tmp_path / "film.mkv")) as file:
        assert [Picture(frame).digest() for frame in file.decode(video=0)] == in_one
