"""Cutting frames into chunks."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import Canvas, PictureMaterial, PictureSegment, Timeline, Track
from cutfarm.timeline.plan import chunk_count, plan_chunks
from cutfarm.timeline.time import TimeRange

SECOND = 1_000_000
FPS = Fraction(30)
MATERIAL = PictureMaterial("film", "video", "film.mp4", "film.mp4", 640, 360, 0, False)


def stack(*tracks_s: list[tuple[float, float]]) -> LayerStack:
    """Video tracks, each a list of (start, end) in seconds."""
    tracks = []
    for index, spans in enumerate(tracks_s):
        segments = tuple(
            PictureSegment(
                id=f"{index}-{n}",
                target=TimeRange(round(start * SECOND), round((end - start) * SECOND)),
                source=TimeRange(0, round((end - start) * SECOND)),
                rate=Fraction(1),
                material=MATERIAL,
            )
            for n, (start, end) in enumerate(spans)
        )
        tracks.append(Track(str(index), "video", index, 0, False, False, segments))
    return LayerStack(Timeline(Canvas(640, 360), FPS, 0, tuple(tracks), False), FPS)


def row(*lengths_s: float) -> list[tuple[float, float]]:
    return list(pairwise([0.0, *accumulate(lengths_s)]))


class TestPlanChunks:
    @given(
        lengths_s=st.lists(st.floats(0.02, 9.0), min_size=1, max_size=8),
        over=st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.1, 20.0)), max_size=3),
        count=st.integers(1, 200),
        data=st.data(),
    )
    @settings(max_examples=150, deadline=None)
    def test_every_frame_is_in_one_chunk_in_order(
        self, lengths_s: list[float], over: list[tuple[float, float]], count: int, data: st.DataObject
    ) -> None:
        layers = stack(row(*lengths_s), *([(start, start + length)] for start, length in over))
        total = max(round(sum(lengths_s) * 30), 1)
        first = data.draw(st.integers(0, total - 1))
        frames = range(first, data.draw(st.integers(first + 1, total)))
        chunks = plan_chunks(layers, frames, count)
        assert [frame for chunk in chunks for frame in chunk] == list(frames)
        assert all(chunks)
        assert len(chunks) <= min(count, len(frames))

    @pytest.mark.parametrize("count", [1, 2, 5, 17, 90])
    def test_one_clip_is_cut_evenly(self, count: int) -> None:
        lengths = [len(chunk) for chunk in plan_chunks(stack(row(10)), range(300), count)]
        assert len(lengths) == count
        assert max(lengths) - min(lengths) <= 1

    def test_more_chunks_than_frames_is_a_chunk_a_frame(self) -> None:
        assert plan_chunks(stack(row(1)), range(3, 8), 100) == tuple(range(n, n + 1) for n in range(3, 8))

    def test_no_frames_are_no_chunks(self) -> None:
        assert plan_chunks(stack(row(1)), range(5, 5), 3) == ()

    def test_borders_lie_on_cuts_that_are_near(self) -> None:
        # Ideal borders at 100 and 200; cuts at 93 and 186 lie within a fifth of a chunk.
        chunks = plan_chunks(stack(row(3.1, 3.1, 3.8)), range(300), 3)
        assert [chunk.start for chunk in chunks] == [0, 93, 186]

    def test_a_cut_that_is_far_moves_nothing(self) -> None:
        chunks = plan_chunks(stack(row(2.0, 8.0)), range(300), 2)
        assert [chunk.start for chunk in chunks] == [0, 150]

    def test_an_empty_stretch_is_covered_too(self) -> None:
        chunks = plan_chunks(stack([(0, 1), (9, 10)]), range(300), 4)
        assert [frame for chunk in chunks for frame in chunk] == list(range(300))

    def test_where_layers_are_many_chunks_are_short(self) -> None:
        busy = [[(5.0, 10.0)]] * 4
        [light, heavy] = plan_chunks(stack(row(10), *busy), range(300), 2)
        assert len(light) > len(heavy)
        # One layer costs 1 a frame, each further one 0.35.
        cost = [1.0 if frame < 150 else 2.4 for frame in range(300)]
        assert sum(cost[: light.stop]) == pytest.approx(sum(cost) / 2, rel=0.02)

    def test_the_draft_alone_decides(self) -> None:
        layers = stack(row(1.7, 2.2, 9.9), [(3, 4)])
        assert plan_chunks(layers, range(400), 7) == plan_chunks(stack(row(1.7, 2.2, 9.9), [(3, 4)]), range(400), 7)


class TestChunkCount:
    @pytest.mark.parametrize(
        ("frames", "workers", "wanted"),
        [
            (1, 1, 1),
            (1, 8, 1),  # nothing to share
            (300, 1, 1),
            (3000, 1, 10),  # ten seconds each
            (300, 4, 4),  # a chunk for each worker
            (300, 64, 5),  # but none shorter than two seconds
            (3000, 64, 50),
            (30 * 3600, 2, 360),
        ],
    )
    def test_about_ten_seconds_and_enough_for_everybody(self, frames: int, workers: int, wanted: int) -> None:
        assert chunk_count(frames, FPS, workers) == wanted

    @given(st.integers(1, 10**6), st.fractions(1, 240), st.integers(1, 1000))
    def test_never_fewer_than_one(self, frames: int, fps: Fraction, workers: int) -> None:
        assert 1 <= chunk_count(frames, fps, workers) <= frames
