"""Which layers a frame has, from timelines made by hand and by chance."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, LayerStack, TextLayer, only_segments
from cutfarm.timeline.model import (
    Canvas,
    Curve,
    Keyframe,
    PictureMaterial,
    PictureSegment,
    Segment,
    SoundMaterial,
    SoundSegment,
    TextSegment,
    Timeline,
    Track,
    Transform,
    Transition,
)
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.time import TimeRange, frame_of, time_of

SECOND = 1_000_000
FPS = Fraction(30)
MATERIAL = PictureMaterial("film", "video", "film.mp4", "film.mp4", 640, 360, 0, False)


def clip(
    id_: str, start_us: int, duration_us: int, *, source_us: int = 0, dissolve_us: int = 0, **more: object
) -> PictureSegment:
    rate = Fraction(more.pop("rate", 1))  # type: ignore[arg-type]
    return PictureSegment(
        id=id_,
        target=TimeRange(start_us, duration_us),
        source=TimeRange(source_us, int(duration_us * rate)),
        rate=rate,
        material=MATERIAL,
        transition=Transition("叠化", "6724845717472416269", "322577", dissolve_us, True) if dissolve_us else None,
        **more,  # type: ignore[arg-type]
    )


def caption(id_: str, start_us: int, duration_us: int, **more: object) -> TextSegment:
    return TextSegment(id=id_, target=TimeRange(start_us, duration_us), text=TextBlock(id_, id_, ()), **more)  # type: ignore[arg-type]


def track(*segments: Segment, kind: str = "video", index: int = 0, **more: object) -> Track:
    facts = {"layer_index": 0, "is_muted": False, "is_hidden": False} | more
    return Track(id=f"{kind}{index}", kind=kind, index=index, segments=segments, **facts)  # type: ignore[arg-type]


def timeline(*tracks: Track, layers_by_track: bool = False, fps: Fraction = FPS) -> Timeline:
    end_us = max((segment.target.end_us for track in tracks for segment in track.segments), default=0)
    return Timeline(Canvas(1920, 1080), fps, end_us, tracks, layers_by_track)


def stack(*tracks: Track, layers_by_track: bool = False, fps: Fraction = FPS) -> LayerStack:
    return LayerStack(timeline(*tracks, layers_by_track=layers_by_track, fps=fps), fps)


def shown(layers: tuple[Layer, ...]) -> list[str]:
    """Ids bottom first; `a>b` for a transition from a to b."""
    return [
        f"{layer.outgoing.segment.id}>{layer.incoming.segment.id}"
        if isinstance(layer, DissolveLayer)
        else layer.segment.id
        for layer in layers
    ]


class TestOrder:
    def test_array_order_settles_equal_render_indexes(self) -> None:
        layers = stack(track(clip("low", 0, SECOND)), track(clip("high", 0, SECOND), index=1))
        assert shown(layers.at(0)) == ["low", "high"]

    def test_render_index_wins_over_the_array(self) -> None:
        layers = stack(
            track(caption("words", 0, SECOND, render_index=14_000), kind="text"),
            track(clip("main", 0, SECOND, render_index=0), index=1),
            track(clip("inset", 0, SECOND, render_index=3), index=2),
        )
        assert shown(layers.at(0)) == ["main", "inset", "words"]

    def test_render_index_differs_from_segment_to_segment(self) -> None:
        layers = stack(
            track(clip("a", 0, SECOND, render_index=2), clip("b", SECOND, SECOND, render_index=0)),
            track(clip("over", 0, 2 * SECOND, render_index=1), index=1),
        )
        assert [shown(layers.at(frame)) for frame in (0, 30)] == [["over", "a"], ["b", "over"]]

    def test_track_numbers_win_where_the_draft_says_so(self) -> None:
        tracks = (
            track(clip("main", 0, SECOND, render_index=5), layer_index=1),
            track(caption("words", 0, SECOND, render_index=14_000), kind="text", index=1, layer_index=2),
            track(clip("inset", 0, SECOND, render_index=3), index=2, layer_index=3),
        )
        assert shown(stack(*tracks, layers_by_track=True).at(0)) == ["main", "words", "inset"]
        assert shown(stack(*tracks, layers_by_track=False).at(0)) == ["inset", "main", "words"]

    def test_track_numbers_that_are_all_zero_say_nothing(self) -> None:
        layers = stack(
            track(clip("high", 0, SECOND, render_index=1)),
            track(clip("low", 0, SECOND), index=1),
            layers_by_track=True,
        )
        assert shown(layers.at(0)) == ["low", "high"]


class TestPresence:
    def test_a_clip_shows_from_its_first_frame_to_the_one_before_its_end(self) -> None:
        layers = stack(track(clip("a", SECOND, SECOND)))
        assert [frame for frame in range(90) if layers.at(frame)] == list(range(30, 60))

    def test_hidden_tracks_and_invisible_segments_do_not_show(self) -> None:
        layers = stack(
            track(clip("a", 0, SECOND), is_hidden=True),
            track(clip("b", 0, SECOND, is_visible=False), clip("c", SECOND, SECOND), index=1),
        )
        assert shown(layers.at(0)) == []
        assert shown(layers.at(30)) == ["c"]

    def test_sound_is_no_layer(self) -> None:
        song = SoundSegment(
            id="song",
            target=TimeRange(0, SECOND),
            source=TimeRange(0, SECOND),
            rate=Fraction(1),
            material=SoundMaterial("song", "music", "song", "song.mp3", 0),
        )
        assert stack(track(song, kind="audio")).at(0) == ()

    def test_a_muted_track_still_shows(self) -> None:
        assert shown(stack(track(clip("a", 0, SECOND), is_muted=True)).at(0)) == ["a"]

    def test_microseconds_of_rounding_neither_gap_nor_overlap(self) -> None:
        # 30 fps in whole microseconds, as the applications write it.
        edges = [round(frame * SECOND / 30) for frame in (0, 7, 20, 31, 64)]
        pieces = [clip(str(n), edges[n], edges[n + 1] - edges[n]) for n in range(4)]
        layers = stack(track(*pieces))
        assert [len(layers.at(frame)) for frame in range(64)] == [1] * 64
        assert [shown(layers.at(frame)) for frame in (6, 7, 19, 20, 30, 31)] == [
            ["0"],
            ["1"],
            ["1"],
            ["2"],
            ["2"],
            ["3"],
        ]


class TestInstants:
    @pytest.mark.parametrize("fps", [Fraction(30), Fraction(24000, 1001), Fraction(60)])
    @pytest.mark.parametrize("rate", [Fraction(1, 2), Fraction(1), Fraction(2), Fraction(11, 10)])
    def test_media_time_is_counted_in_frames_from_the_clips_first(self, fps: Fraction, rate: Fraction) -> None:
        start_us = round(time_of(17, fps))
        layers = stack(track(clip("a", start_us, 3 * SECOND, source_us=700_000, rate=rate)), fps=fps)
        for frame in (17, 18, 40):
            [layer] = layers.at(frame)
            assert isinstance(layer, ClipLayer)
            assert layer.source_us == 700_000 + (frame - 17) * rate * SECOND / fps

    def test_curves_are_read_at_the_segments_own_time(self) -> None:
        curve = Curve("KFTypePositionX", (Keyframe(0, 0.0), Keyframe(SECOND, 1.0)))
        [layer] = stack(track(clip("a", SECOND, 2 * SECOND, curves=(curve,)))).at(45)
        assert isinstance(layer, ClipLayer)
        assert layer.transform == Transform(shift_x=0.5)

    def test_a_caption_has_its_place(self) -> None:
        words = caption("words", 0, SECOND, transform=Transform(shift_y=-0.8))
        assert stack(track(words, kind="text")).at(3) == (TextLayer(words, Transform(shift_y=-0.8), words.text),)

    def test_layered_is_what_shows_two_pictures_at_once(self) -> None:
        cut = track(clip("a", 0, SECOND), clip("b", SECOND, SECOND))
        words = caption("words", SECOND, SECOND)
        assert not stack(cut).is_layered
        assert not stack(track(clip("a", 0, SECOND)), track(words, kind="text", index=1)).is_layered
        assert stack(cut, track(words, kind="text", index=1)).is_layered
        mixed = track(clip("a", 0, SECOND, dissolve_us=SECOND // 2), clip("b", SECOND, SECOND))
        assert stack(mixed).is_layered

    def test_stacked_is_what_shows_two_clips_at_once(self) -> None:
        one, other = track(clip("a", 0, SECOND)), track(clip("b", 0, SECOND), index=1)
        words = track(caption("words", 0, SECOND), kind="text", index=2)
        assert not stack(one, words).is_stacked
        assert not stack(words).is_stacked
        assert stack(one, other, words).is_stacked


def dissolves(layers: LayerStack, frames: range) -> dict[int, DissolveLayer]:
    found = {frame: layer for frame in frames for layer in layers.at(frame) if isinstance(layer, DissolveLayer)}
    assert list(found) == list(range(min(found), max(found) + 1))
    return found


class TestTransitions:
    def test_abutting_clips_mix_about_the_cut(self) -> None:
        first = clip("a", 0, 2 * SECOND, source_us=5 * SECOND, dissolve_us=SECOND)
        layers = stack(track(first, clip("b", 2 * SECOND, 2 * SECOND, source_us=3 * SECOND)))
        found = dissolves(layers, range(120))
        assert (min(found), max(found)) == (45, 74)
        for frame, layer in found.items():
            assert layer.progress == pytest.approx((frame - 45) / 30, abs=1e-12)
            # Both play on through the window: the first past its out point, the second from before its in point.
            assert layer.outgoing.source_us == 5 * SECOND + frame * Fraction(SECOND, 30)
            assert layer.incoming.source_us == 3 * SECOND + (frame - 60) * Fraction(SECOND, 30)
        assert shown(layers.at(44)) == ["a"]
        assert shown(layers.at(75)) == ["b"]

    def test_an_odd_number_of_frames_is_cut_at_the_nearest(self) -> None:
        layers = stack(track(clip("a", 0, SECOND, dissolve_us=500_000), clip("b", SECOND, SECOND)))
        found = dissolves(layers, range(60))
        # 0.75 s and 1.25 s are frames 22.5 and 37.5; halves go up.
        assert (min(found), max(found)) == (23, 37)
        assert found[23].progress == pytest.approx((23 / 30 - 0.75) / 0.5)

    @pytest.mark.parametrize(("first_s", "second_s"), [(1, 10), (10, 1), (1, 1)])
    def test_the_window_takes_at_most_half_of_either_clip(self, first_s: int, second_s: int) -> None:
        first = clip("a", 0, first_s * SECOND, dissolve_us=8 * SECOND)
        layers = stack(track(first, clip("b", first_s * SECOND, second_s * SECOND)))
        cut = 30 * first_s
        found = dissolves(layers, range(cut + 30 * second_s))
        assert (min(found), max(found)) == (cut - 15, cut + 14)
        assert found[cut].progress == pytest.approx(0.5)

    def test_clips_that_overlap_mix_over_the_overlap(self) -> None:
        first = clip("a", 0, 3 * SECOND, dissolve_us=SECOND)
        layers = stack(track(first, clip("b", 2 * SECOND, 3 * SECOND, source_us=SECOND)))
        found = dissolves(layers, range(150))
        assert (min(found), max(found)) == (60, 89)
        assert found[60].progress == 0.0
        assert found[75].progress == pytest.approx(0.5)
        assert (found[60].outgoing.source_us, found[60].incoming.source_us) == (2 * SECOND, SECOND)
        assert [len(layers.at(frame)) for frame in range(150)] == [1] * 150

    def test_clips_that_overlap_without_a_transition_lie_over_each_other(self) -> None:
        layers = stack(track(clip("a", 0, 3 * SECOND), clip("b", 2 * SECOND, 3 * SECOND)))
        assert shown(layers.at(75)) == ["a", "b"]

    @pytest.mark.parametrize(("gap_us", "is_mixed"), [(4, True), (-4, True), (16_000, True), (17_000, False)])
    def test_half_a_frame_between_two_clips_is_rounding(self, gap_us: int, is_mixed: bool) -> None:
        layers = stack(track(clip("a", 0, SECOND, dissolve_us=200_000), clip("b", SECOND + gap_us, SECOND)))
        assert (shown(layers.at(29)) == ["a>b"]) == is_mixed

    def test_captions_hide_no_cut(self) -> None:
        """A transition leads to a clip only."""
        layers = stack(track(clip("a", 0, SECOND, dissolve_us=SECOND), caption("words", SECOND, SECOND)))
        assert [shown(layers.at(frame)) for frame in (29, 30)] == [["a"], ["words"]]

    def test_a_transition_lies_where_its_outgoing_clip_lies(self) -> None:
        layers = stack(
            track(clip("a", 0, SECOND, dissolve_us=SECOND, render_index=2), clip("b", SECOND, SECOND, render_index=0)),
            track(clip("over", 0, 2 * SECOND, render_index=1), index=1),
        )
        assert shown(layers.at(30)) == ["over", "a>b"]

    def test_depth_counts_both_pictures(self) -> None:
        layers = stack(
            track(clip("a", 0, SECOND, dissolve_us=SECOND), clip("b", SECOND, SECOND)),
            track(caption("words", 0, 2 * SECOND), kind="text", index=1),
        )
        assert [layers.depth(frame) for frame in (0, 30, 59, 60)] == [2, 3, 2, 0]

    def test_changes_are_where_layers_come_and_go(self) -> None:
        layers = stack(track(clip("a", 0, SECOND, dissolve_us=400_000), clip("b", SECOND, SECOND)))
        assert layers.changes() == (0, 24, 36, 60)

    def test_cuts_are_where_the_lowest_picture_gives_way_at_once(self) -> None:
        layers = stack(
            track(
                clip("a", 0, SECOND, dissolve_us=400_000),
                clip("b", SECOND, SECOND),
                clip("c", 2 * SECOND, SECOND),
                clip("d", 4 * SECOND, SECOND),
            ),
            track(clip("over", SECOND // 2, 2 * SECOND), index=1),
            track(caption("words", 3_200_000, 300_000), kind="text", index=2),
        )
        # Not where the dissolve begins and ends, not where something comes above, not where words stand on nothing.
        assert layers.cuts() == (0, 60, 90, 120, 150)

    def test_frames_outside_show_nothing(self) -> None:
        layers = stack(track(clip("a", SECOND, SECOND)))
        assert [layers.at(frame) for frame in (-1, 0, 29, 60)] == [()] * 4
        assert layers.segments(range(30, 30)) == frozenset()
        assert [len(layers.segments(range(*ends))) for ends in ((0, 30), (0, 31), (59, 70), (60, 70))] == [0, 1, 1, 0]


times = st.integers(1, 40_000) | st.integers(1, 3 * SECOND)
durations = st.lists(times, min_size=1, max_size=6)
rates = st.sampled_from([Fraction(30), Fraction(25), Fraction(24000, 1001), Fraction(60)])


def in_a_row(lengths_us: list[int], dissolves_us: list[int]) -> Track:
    starts = [0, *accumulate(lengths_us)]
    return track(
        *(
            clip(f"c{n}", starts[n], length_us, dissolve_us=dissolves_us[n % len(dissolves_us)])
            for n, length_us in enumerate(lengths_us)
        )
    )


def scattered(spans_us: list[tuple[int, int, int]], index: int) -> Track:
    """Clips of (start, duration, transition) wherever they fall, overlapping or apart."""
    ordered = sorted(spans_us)
    return track(*(clip(f"s{n}", *span[:2], dissolve_us=span[2]) for n, span in enumerate(ordered)), index=index)


class TestAnyTimeline:
    @given(lengths_us=durations, dissolves_us=st.lists(st.integers(0, 2 * SECOND), min_size=1, max_size=6), fps=rates)
    @settings(max_examples=150, deadline=None)
    def test_a_full_track_shows_one_layer_in_every_frame(
        self, lengths_us: list[int], dissolves_us: list[int], fps: Fraction
    ) -> None:
        layers = stack(in_a_row(lengths_us, dissolves_us), fps=fps)
        count = frame_of(sum(lengths_us), fps)
        assert [len(layers.at(frame)) for frame in range(count)] == [1] * count
        assert layers.at(count) == ()
        for frame in range(count):
            for layer in layers.at(frame):
                assert not isinstance(layer, DissolveLayer) or 0.0 <= layer.progress <= 1.0

    @given(
        lengths_us=durations,
        dissolves_us=st.lists(st.integers(0, 2 * SECOND), min_size=1, max_size=6),
        fps=rates,
        data=st.data(),
    )
    @settings(max_examples=150, deadline=None)
    def test_a_part_of_the_timeline_is_enough_for_its_frames(
        self, lengths_us: list[int], dissolves_us: list[int], fps: Fraction, data: st.DataObject
    ) -> None:
        """What a chunk is given must show what the whole draft shows."""
        whole = timeline(
            in_a_row(lengths_us, dissolves_us),
            scattered(data.draw(st.lists(st.tuples(times, times, times), max_size=4)), index=1),
            fps=fps,
        )
        layers = LayerStack(whole, fps)
        count = frame_of(whole.duration_us, fps)
        first = data.draw(st.integers(0, count))
        frames = range(first, data.draw(st.integers(first + 1, count + 1)))
        ids = layers.segments(frames)
        part = LayerStack(only_segments(whole, ids), fps)
        assert [part.at(frame) for frame in frames] == [layers.at(frame) for frame in frames]
        needed = {name for frame in frames for names in shown(layers.at(frame)) for name in names.split(">")}
        assert ids == needed
