"""What must hold for any timeline: order in the file, shifts in time, and layers that cannot be seen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import (
    Blend,
    ChromaKey,
    ClipSegment,
    Curve,
    Fill,
    Keyframe,
    Mask,
    Segment,
    Timeline,
    Transform,
)
from cutfarm.timeline.time import TimeRange
from tests.media.film import at_rate, write_film
from tests.media.tensors import digest
from tests.render.scene import SECOND, assets, caption, clip, output, quarters, timeline

OUTPUT = output(128, 72)
CANVAS_PX = (128, 72)
FRAMES_S = (0.0, 0.3, 0.5)
SLOW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def hundredths(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(low * 100), round(high * 100)).map(lambda number: number / 100)


unit = hundredths(0.0, 1.0)
transforms = st.builds(
    Transform,
    alpha=st.sampled_from((1.0, 0.5, 1.0)),
    scale_x=hundredths(0.1, 2.0),
    scale_y=hundredths(0.1, 2.0),
    rotation_deg=st.sampled_from((0.0, 0.0, 90.0, 33.0, -120.5)),
    shift_x=hundredths(-1.0, 1.0),
    shift_y=hundredths(-1.0, 1.0),
    flip_x=st.booleans(),
    flip_y=st.booleans(),
)
masks = st.none() | st.builds(
    Mask,
    shape=st.sampled_from(("line", "mirror", "circle", "rectangle", "heart", "star")),
    width=unit,
    height=unit,
    rotation_deg=hundredths(-180.0, 180.0),
    feather=unit,
    is_inverted=st.booleans(),
)
blends = st.none() | st.builds(Blend, mode=st.sampled_from(("multiply", "screen", "overlay", "soft_light")))
keys = st.none() | st.builds(ChromaKey, red=unit, green=unit, blue=unit, intensity=unit, shadow=unit)
curves = st.sampled_from(
    (
        (),
        (Curve("KFTypeRotation", (Keyframe(0, 0.0), Keyframe(SECOND, 90.0))),),
        (Curve("KFTypeScaleX", (Keyframe(100_000, 0.2), Keyframe(400_000, 1.5))),),
    )
)
looks = st.fixed_dictionaries(
    {"transform": transforms, "mask": masks, "blend": blends, "chroma_key": keys, "curves": curves}
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A film and a photo."""
    folder = tmp_path_factory.mktemp("media")
    return write_film(folder / "film.mp4", at_rate(60), size_px=(64, 48)), quarters(folder / "photo.png", (50, 40))


def layers(files: tuple[Path, Path], drawn: list[dict[str, object]]) -> list[Segment]:
    """A clip for each look, films and photos by turns, and a caption over them."""
    made: list[Segment] = [
        clip(files[place % 2], id=f"s{place}", kind="photo" if place % 2 else "video", **look)  # type: ignore[arg-type]
        for place, look in enumerate(drawn)
    ]
    return [*made, caption("word", id="word", size=10.0)]


def tracked(segments: list[Segment]) -> Timeline:
    """A track for each segment, told apart by their numbers."""
    whole = timeline(*([segment] for segment in segments), canvas_px=CANVAS_PX)
    tracks = tuple(replace(track, layer_index=track.index) for track in whole.tracks)
    return replace(whole, tracks=tracks, layers_by_track=True)


def digests(whole: Timeline, frames: list[int], known: dict[str, Asset] | None = None) -> list[str]:
    with Compositor(whole, assets(whole) if known is None else known, OUTPUT) as compositor:
        return [digest(compositor.frame(frame)) for frame in frames]


def at(times_s: tuple[float, ...] = FRAMES_S) -> list[int]:
    return [round(time_s * 30) for time_s in times_s]


@SLOW
@given(drawn=st.lists(looks, min_size=1, max_size=3), data=st.data())
def test_the_order_of_tracks_in_the_file_is_not_the_order_of_layers(
    files: tuple[Path, Path], drawn: list[dict[str, object]], data: st.DataObject
) -> None:
    whole = tracked(layers(files, drawn))
    order = data.draw(st.permutations(whole.tracks))
    shuffled = tuple(replace(track, index=place) for place, track in enumerate(order))
    assert digests(replace(whole, tracks=shuffled), at()) == digests(whole, at())


@SLOW
@given(drawn=st.lists(looks, min_size=1, max_size=3), frames=st.integers(1, 400))
def test_a_draft_that_begins_later_shows_the_same_later(
    files: tuple[Path, Path], drawn: list[dict[str, object]], frames: int
) -> None:
    whole = tracked(layers(files, drawn))
    by_us = round(Fraction(frames * SECOND, 30))
    tracks = tuple(replace(track, segments=tuple(_later(s, by_us) for s in track.segments)) for track in whole.tracks)
    later = replace(whole, tracks=tracks, duration_us=whole.duration_us + by_us)
    assert digests(later, [number + frames for number in at()]) == digests(whole, at())


@SLOW
@given(drawn=st.lists(looks, min_size=1, max_size=3), place=st.integers(0, 3), data=st.data())
def test_a_layer_that_is_invisible_changes_no_bit(
    files: tuple[Path, Path], drawn: list[dict[str, object]], place: int, data: st.DataObject
) -> None:
    segments = layers(files, drawn)
    look = data.draw(looks)
    hidden = clip(files[0], id="hidden", **{**look, "is_visible": False})  # type: ignore[arg-type]
    clear = clip(files[1], id="clear", kind="photo", **{**look, "transform": Transform(alpha=0.0), "curves": ()})  # type: ignore[arg-type]
    nothing = clip(files[1], id="nothing", kind="photo", **{**look, "mask": Mask("circle", 0.0, 0.0)})  # type: ignore[arg-type]
    without = digests(tracked(segments), at())
    for unseen in (hidden, clear, nothing):
        assert digests(tracked([*segments[:place], unseen, *segments[place:]]), at()) == without, unseen.id


@SLOW
@given(drawn=st.lists(looks, min_size=1, max_size=3), above=st.lists(looks, max_size=1))
def test_what_an_opaque_layer_covers_changes_no_bit_and_is_not_opened(
    files: tuple[Path, Path], drawn: list[dict[str, object]], above: list[dict[str, object]]
) -> None:
    cover = clip(files[0], id="cover", transform=Transform(scale_x=1.5, scale_y=1.5))
    over = [replace(segment, id=f"over {segment.id}") for segment in layers(files, above)]
    alone = tracked([cover, *over])
    covered = tracked([*layers(files, drawn), cover, *over])
    gone = {path: Asset(f"{path} is gone") for path in assets(covered)} if not above else None
    known = None if gone is None else {**gone, str(files[0]): Asset(str(files[0]))}
    assert digests(covered, at(), known) == digests(alone, at())


def test_a_covered_film_is_not_even_there() -> None:
    cover = ClipSegment(
        id="cover",
        target=TimeRange(0, SECOND),
        source=TimeRange(0, SECOND),
        rate=Fraction(1),
        material=Fill("fill", *CANVAS_PX, colours=((0.2, 0.4, 0.6, 1.0),)),
    )
    covered = tracked([clip("gone.mp4"), cover])
    assert digests(covered, at(), {}) == digests(tracked([cover]), at())


def _later(segment: Segment, by_us: int) -> Segment:
    span = segment.target
    return replace(segment, target=TimeRange(span.start_us + by_us, span.duration_us))
