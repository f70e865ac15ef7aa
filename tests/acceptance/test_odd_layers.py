"""Odd things that users do, through the command: each is shown, by a rule, and nothing ends in an exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from tests.commands.drafts import SECOND, Draft, Ran, draft_of, segment, write
from tests.media.film import at_rate, number_in, write_film

RED = (200, 40, 40)
RED_LUMA = 80  # 16 + 219 · 74 / 255

Render = Callable[..., list[NDArray[np.uint8]]]


@pytest.fixture
def render(folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> Render:
    """The luma planes of all frames of a draft, through `cutfarm render`; the report lies beside them."""
    Image.new("RGB", (160, 96), RED).save(folder / "red.png")

    def made(draft: Draft, *words: str) -> list[NDArray[np.uint8]]:
        write(folder, draft)
        path = out / "a.mp4" if "--codec" in words else out / "a.mkv"
        lossless = () if "--codec" in words else ("--lossless",)
        options = (*lossless, "--device", "cpu", "--report", out / "report.json", *words)
        code, _, said = cutfarm("render", folder, "-o", path, *options)
        assert code == 0, said
        with av.open(str(path)) as file:
            return [planes_of(Picture(frame)).y.numpy().copy() for frame in file.decode(video=0)]

    return made


def entries(out: Path) -> list[Any]:
    found: list[Any] = json.loads((out / "report.json").read_text("utf-8"))
    return found


def showing(*segments: Draft, videos: list[Draft] | None = None, **more: Any) -> Draft:
    """A draft of one track."""
    known = [{"id": "film", "type": "video", "path": "film.mp4"}, {"id": "red", "type": "photo", "path": "red.png"}]
    return draft_of("film.mp4") | {
        "tracks": [{"type": "video", "segments": list(segments)}],
        "materials": {"videos": known if videos is None else videos},
        **more,
    }


class TestTimes:
    def test_a_clip_longer_than_its_film(self, render: Render, out: Path) -> None:
        """The last frame is held, and the report says from when."""
        numbers = [number_in(luma) for luma in render(showing(segment("film", 0, 3)))]
        assert numbers == [min(n, 59) for n in range(90)]
        held = next(entry for entry in entries(out) if "has ended" in entry["message"])
        assert held["segment_id"] == "segment-film"
        assert "from 2.0" in held["message"] or held["spans_us"][0][0] == pytest.approx(2 * SECOND, abs=SECOND / 10)

    def test_a_clip_that_begins_after_its_film(self, render: Render, out: Path) -> None:
        late = segment("film", source_timerange={"start": 50 * SECOND, "duration": SECOND})
        assert {number_in(luma) for luma in render(showing(late))} == {59}
        assert any("has ended" in entry["message"] for entry in entries(out))

    def test_a_photo_with_a_source_range(self, render: Render) -> None:
        """A photo is the same at all times."""
        photo = segment("red", source_timerange={"start": 5 * SECOND, "duration": 3 * SECOND})
        frames = render(showing(photo))
        assert len(frames) == 30
        assert {luma.tobytes() for luma in frames} == {render(showing(segment("red")))[0].tobytes()}

    def test_a_clip_of_a_microsecond_is_between_two_frames(self, render: Render) -> None:
        between = segment("red") | {"target_timerange": {"start": SECOND, "duration": 1}}
        after = segment("film", 1, 1) | {"id": "after", "target_timerange": {"start": SECOND + 1, "duration": SECOND}}
        numbers = [number_in(luma) for luma in render(showing(segment("film"), between, after))]
        assert numbers == [*range(30), *range(30)]

    @pytest.mark.parametrize("start_us", [0, 1, 10 * SECOND])
    def test_a_clip_of_a_microsecond_alone_is_one_frame_or_none(self, start_us: int, render: Render) -> None:
        """A video has a frame at least; what is shorter than half of one is not seen on it."""
        frames = render(showing(segment("red") | {"target_timerange": {"start": start_us, "duration": 1}}))
        assert len(frames) == max(round(30 * start_us / SECOND), 1)
        assert all((luma == 16).all() for luma in frames)

    def test_a_source_range_of_a_microsecond_is_one_frame(self, render: Render) -> None:
        """At the slowest speed there is, a hundredth: too slow to be meant, so that the clip plays at its own speed."""
        still = segment("film", source_timerange={"start": SECOND, "duration": 1})
        assert [number_in(luma) for luma in render(showing(still))] == list(range(30, 60))


class TestNames:
    def test_two_clips_of_one_id(self, render: Render) -> None:
        """One after the other, and one upon the other."""
        small = segment("red", clip={"scale": {"x": 0.25, "y": 0.25}}) | {"id": "segment-film"}
        draft = showing(segment("film"), segment("film", 1, 1))
        draft["tracks"].append({"type": "video", "segments": [small]})
        frames = render(draft)
        assert [number_in(luma) for luma in frames] == [*range(30), *range(30)]
        is_red = [abs(int(luma[48, 80]) - RED_LUMA) <= 2 for luma in frames]
        assert is_red == [True] * 30 + [False] * 30

    def test_a_film_that_is_a_photo(self, render: Render) -> None:
        videos = [{"id": "film", "type": "video", "path": "red.png", "duration": SECOND, "width": 160, "height": 96}]
        frames = render(showing(segment("film"), videos=videos))
        assert {luma.tobytes() for luma in frames} == {render(showing(segment("red")))[0].tobytes()}

    @pytest.mark.parametrize("kind", ["photo", "gif", "image", "", "nonsense", 7])
    def test_a_photo_that_is_a_film(self, kind: Any, render: Render) -> None:
        """A photo shows its first frame; all else plays."""
        videos = [{"id": "film", "type": kind, "path": "film.mp4", "width": 160, "height": 96}]
        numbers = [number_in(luma) for luma in render(showing(segment("film"), videos=videos))]
        assert numbers in (list(range(30)), [0] * 30)
        if kind in ("", "nonsense", 7):
            assert numbers == list(range(30))


class TestSizes:
    @pytest.mark.parametrize("size", [{}, {"width": 0, "height": 0}, {"width": -5, "height": 1e300}, {"width": "x"}])
    def test_sizes_that_the_draft_does_not_know(self, size: Draft, render: Render) -> None:
        """The file's own size counts."""
        videos = [{"id": "film", "type": "video", "path": "film.mp4", **size}]
        assert [number_in(luma) for luma in render(showing(segment("film"), videos=videos))] == list(range(30))

    @pytest.mark.parametrize("size_px", [(1, 1), (3, 5), (2, 7), (1, 100), (5, 3)])
    def test_tiny_canvases(self, size_px: tuple[int, int], folder: Path, render: Render) -> None:
        """The output has even sides; an opaque photo of the canvas's shape covers it."""
        Image.new("RGB", size_px, RED).save(folder / "same.png")
        videos = [{"id": "same", "type": "photo", "path": "same.png"}]
        canvas = {"canvas_config": {"width": size_px[0], "height": size_px[1]}}
        frames = render(showing(segment("same"), videos=videos, **canvas), "--range", "0:0.1", "--codec", "h264")
        height, width = frames[0].shape
        assert width % 2 == height % 2 == 0
        assert abs(width - size_px[0]) <= 1
        assert abs(height - size_px[1]) <= 1
        assert (np.abs(frames[0].astype(int) - RED_LUMA) <= 2).all()

    @pytest.mark.parametrize(
        ("canvas_px", "height", "output_px"),
        [((16_384, 9_216), 90, (160, 90)), ((16_384, 64), 16, (4096, 16)), ((10, 16_384), 800, (2, 800))],
    )
    def test_enormous_canvases_rendered_small(
        self, canvas_px: tuple[int, int], height: int, output_px: tuple[int, int], render: Render
    ) -> None:
        canvas = {"canvas_config": {"width": canvas_px[0], "height": canvas_px[1]}}
        words = ("--range", "0:0.1", "--height", str(height), "--codec", "h264")
        frames = render(showing(segment("red"), **canvas), *words)
        assert frames[0].shape == output_px[::-1]
        covered = min(
            height * canvas_px[0] * 96 / canvas_px[1] / 160, 1.0
        )  # of the middle pixel: 0.3 of the narrow one
        assert int(frames[0][height // 2 - 1 : height // 2 + 1, output_px[0] // 2].sum()) - 32 >= 0.7 * covered * 64

    @pytest.mark.parametrize(("height", "rendered"), [(16, 16), (17, 16), (97, 96), (99, 100), (95, 96)])
    def test_odd_heights_become_even(self, height: int, rendered: int, render: Render) -> None:
        frames = render(showing(segment("film")), "--height", str(height), "--range", "0:0.1")
        assert frames[0].shape == (rendered, 2 * round(height * 160 / 96 / 2))

    @pytest.mark.parametrize(
        ("canvas_px", "words", "said"),
        [
            ((160, 96), ("--height", "2"), "height 2 is not between 16 and 8192 px"),
            ((160, 96), ("--height", "-2"), "height -2 is not between 16 and 8192 px"),
            ((1, 2), ("--codec", "h265"), "an output of 2 × 2 px is below h265's 16 px a side"),
            ((16_384, 64), (), "an output of 16384 × 64 px is above 8192 px a side"),
            ((16_384, 2), ("--height", "16"), "an output of 131072 × 16 px is above 8192 px a side"),
        ],
    )
    def test_outputs_that_cannot_be(
        self,
        canvas_px: tuple[int, int],
        words: tuple[str, ...],
        said: str,
        folder: Path,
        out: Path,
        cutfarm: Callable[..., Ran],
    ) -> None:
        write(folder, showing(segment("film"), canvas_config={"width": canvas_px[0], "height": canvas_px[1]}))
        for command in (("render", folder, "-o", out / "a.mp4"), ("frame", folder, "--at", "0", "-o", out / "a.png")):
            if command[0] == "frame" and "--codec" in words:
                continue  # a picture has no codec
            code, _, error = cutfarm(*command, *words)
            assert (code, error, list(out.iterdir())) == (2, f"cutfarm: {said}\n", [])

    @pytest.mark.parametrize("size_px", [(1, 1), (3, 5), (3000, 1), (1, 3000), (161, 97)])
    def test_odd_photos_and_films(self, size_px: tuple[int, int], folder: Path, render: Render) -> None:
        """Contained in the canvas, in its middle; a hair shows nothing or next to nothing."""
        Image.new("RGB", size_px, RED).save(folder / "odd.png")
        videos = [{"id": "odd", "type": "photo", "path": "odd.png"}]
        if min(size_px) > 90:
            write_film(folder / "odd.mp4", at_rate(30), size_px=(162, 98))
            videos.append({"id": "film", "type": "video", "path": "odd.mp4"})
            assert number_in(render(showing(segment("film"), videos=videos))[7]) == 7
        [first, *_] = render(showing(segment("odd"), videos=videos), "--range", "0:0.1")
        fit = min(160 / size_px[0], 96 / size_px[1])
        covered = (first.astype(float) - 16).sum() / (RED_LUMA - 16)
        assert covered == pytest.approx(size_px[0] * size_px[1] * fit * fit, rel=0.05, abs=10)
