"""Cutting frames into chunks."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import Canvas, PictureMaterial, PictureSegment, Timeline, Track
from cutfarm.timeline.plan import chunk_count, plan_chunks, plan_grid, plan_shrinking
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

    def test_borders_begin_gops_that_are_near(self) -> None:
        # Ideal borders at 100 and 200; GOPs of 30 frames begin at 0 and again at the cut in frame 45.
        chunks = plan_chunks(stack(row(1.5, 8.5)), range(300), 3, gop=30)
        assert [chunk.start for chunk in chunks] == [0, 105, 195]

    def test_gops_that_are_far_leave_the_cost_equal(self) -> None:
        assert [chunk.start for chunk in plan_chunks(stack(row(10)), range(300), 5, gop=300)] == [0, 60, 120, 180, 240]


def seconds(chunks: tuple[range, ...]) -> list[float]:
    return [len(chunk) / 30 for chunk in chunks]


class TestPlanShrinking:
    def test_chunks_become_shorter(self) -> None:
        chunks = plan_shrinking(stack(row(60)), range(1800), workers=2, gop=60)
        assert [frame for chunk in chunks for frame in chunk] == list(range(1800))
        assert seconds(chunks) == sorted(seconds(chunks), reverse=True)
        assert seconds(chunks)[:3] == [10, 10, 10]
        assert seconds(chunks)[-4:] == [2, 2, 2, 2]

    def test_workers_finish_together(self) -> None:
        """Each chunk goes to whoever is free; the last to finish is at most a shortest chunk behind the first."""
        layers = stack(row(*[7.3] * 12), [(10, 30)], [(20, 80)])
        for workers in (2, 3, 8):
            chunks = plan_shrinking(layers, range(2628), workers, gop=60)
            loads = [0.0] * workers
            for chunk in chunks:
                loads.sort()
                loads[0] += sum(1 + 0.35 * max(layers.depth(frame) - 1, 0) for frame in chunk)
            assert max(loads) - min(loads) <= 120 * 1.7

    def test_borders_begin_gops(self) -> None:
        layers = stack(row(3.5, 6.2, 4.0, 26.3))
        cuts = [0, 105, 291, 411]
        borders = [chunk.start for chunk in plan_shrinking(layers, range(1200), workers=2, gop=60)]
        assert all(any((border - cut) % 60 == 0 for cut in cuts if cut <= border) for border in borders)
        assert borders[1] == 291  # the ideal one is frame 300

    @pytest.mark.parametrize(
        ("seconds", "workers", "wanted"), [(6, 2, [3, 3]), (8, 2, [4, 4]), (3, 8, [3]), (1, 2, [1])]
    )
    def test_a_short_job_is_shared_equally(self, seconds: int, workers: int, wanted: list[int]) -> None:
        chunks = plan_shrinking(stack(row(60)), range(30 * seconds), workers, gop=60)
        assert [len(chunk) / 30 for chunk in chunks] == wanted

    def test_one_worker_waits_for_nobody(self) -> None:
        assert plan_shrinking(stack(row(60)), range(30, 1800), workers=1, gop=60) == (range(30, 1800),)
        assert plan_shrinking(stack(row(60)), range(5, 5), workers=1, gop=60) == ()

    @given(
        lengths_s=st.lists(st.floats(0.02, 30.0), min_size=1, max_size=8),
        workers=st.integers(1, 64),
        gop=st.sampled_from([1, 60]),
        data=st.data(),
    )
    @settings(max_examples=150, deadline=None)
    def test_every_frame_is_in_one_chunk_and_none_is_a_crumb(
        self, lengths_s: list[float], workers: int, gop: int, data: st.DataObject
    ) -> None:
        total = max(round(sum(lengths_s) * 30), 1)
        first = data.draw(st.integers(0, total - 1))
        frames = range(first, data.draw(st.integers(first + 1, total)))
        chunks = plan_shrinking(stack(row(*lengths_s)), frames, workers, gop)
        assert [frame for chunk in chunks for frame in chunk] == list(frames)
        assert len(chunks) == 1 or all(len(chunk) >= 30 for chunk in chunks)
        assert workers == 1 or all(len(chunk) <= 360 for chunk in chunks)


class TestPlanGrid:
    def test_a_draft_without_cuts_is_cut_every_four_seconds(self) -> None:
        assert plan_grid(stack(row(10)), range(300), gop=60) == (range(120), range(120, 240), range(240, 300))

    def test_a_border_moves_to_a_cut_within_a_second(self) -> None:
        chunks = plan_grid(stack(row(3.2, 6.0, 4.0)), range(396), gop=60)
        # Cuts at 96 and 276; the first is 24 frames from the border at 120, the other 36 frames from the one at 240.
        assert [chunk.start for chunk in chunks] == [0, 96, 240, 360]

    def test_a_range_has_the_borders_of_the_whole(self) -> None:
        layers = stack(row(3.2, 6.0, 20.0))
        whole = {chunk.start for chunk in plan_grid(layers, range(876), gop=60)}
        for first, stop in ((1, 875), (95, 700), (96, 240), (119, 121), (500, 501)):
            part = plan_grid(layers, range(first, stop), gop=60)
            assert [chunk.start for chunk in part] == sorted({first, *(edge for edge in whole if first < edge < stop)})
            assert part[-1].stop == stop

    @given(
        lengths_s=st.lists(st.floats(0.5, 9.0), min_size=2, max_size=12),
        other_s=st.floats(0.5, 9.0),
        caption=st.tuples(st.floats(0.0, 20.0), st.floats(0.1, 20.0)),
    )
    @settings(max_examples=100, deadline=None)
    def test_an_edit_moves_no_border_elsewhere(
        self, lengths_s: list[float], other_s: float, caption: tuple[float, float]
    ) -> None:
        """Another last clip and one more layer leave all borders before that clip where they were."""
        start, length = caption
        total = round(sum(lengths_s[:-1]) * 30)
        before = plan_grid(stack(row(*lengths_s)), range(total + 15), gop=60)
        edited = stack(row(*lengths_s[:-1], other_s), [(start, start + length)])
        after = plan_grid(edited, range(total + 15), gop=60)
        assert [chunk for chunk in after if chunk.stop < total] == [chunk for chunk in before if chunk.stop < total]

    def test_every_frame_may_be_a_border_without_gops(self) -> None:
        assert seconds(plan_grid(stack(row(20)), range(270), gop=1)) == [4, 4, 1]


class TestALongDraft:
    def test_planning_looks_at_few_windows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An hour with 2,000 segments: each chunk costs what it shows, whatever the draft's length."""
        layers = stack(row(*[3.6] * 1000), [(n * 3.6, n * 3.6 + 3) for n in range(1000)])
        asked: list[int] = []
        windows = LayerStack._windows
        monkeypatch.setattr(LayerStack, "_windows", lambda self, frame: asked.append(frame) or windows(self, frame))
        chunks = plan_grid(layers, range(108_000), gop=60)
        assert len(chunks) == 900
        assert len(plan_shrinking(layers, range(108_000), workers=2, gop=60)) > 300
        assert len(asked) <= 2 * len(layers.changes())
        assert all(len(layers.segments(chunk)) <= 6 for chunk in chunks)
        assert max(len(layers._windows(frame)) for frame in range(0, 108_000, 500)) <= 2


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
