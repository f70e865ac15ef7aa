"""Which captions are seen, when, and where on the canvas."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.subtitles import shown_captions

SECOND = 1_000_000


def caption(make, id_: str, start: float, length: float, **more):
    return make.clip(start, length, source_start=None, id=id_, material_id=f"{id_}-words", **more)


def words(make, *ids: str, text: str = ""):
    return [make.text(text or id_, id=f"{id_}-words") for id_ in ids]


def drafted(make, tracks, texts, **more):
    return read_timeline(make.draft(tracks, {"texts": texts, **more}))


def compound(make, inner, **segment):
    """A draft that shows `inner` as a compound clip."""
    stub = {"id": "stub", "type": "video", "path": ""}
    held = {"id": "held", "type": "combination", "draft": inner}
    clip = make.clip(**{"start": 0, "duration": 4, **segment}, material_id="stub", extra_material_refs=["held"])
    return make.draft([{"type": "video", "segments": [clip]}], {"videos": [stub], "drafts": [held]})


def inner_of_two(make):
    segments = [caption(make, "one", 0, 1), caption(make, "two", 1, 2)]
    return make.draft([{"type": "text", "segments": segments}], {"texts": words(make, "one", "two")})


def said(timeline, tracks=None):
    return [
        (each.segment.text.text, float(each.start_us) / SECOND, float(each.end_us) / SECOND)
        for each in shown_captions(timeline, tracks)
    ]


def test_tracks_are_merged_in_time(make):
    tracks = [
        {"type": "text", "segments": [caption(make, "late", 2, 2), caption(make, "first", 0, 3)]},
        {"type": "text", "segments": [caption(make, "between", 1, 1)]},
    ]
    timeline = drafted(make, tracks, words(make, "late", "first", "between"))
    assert said(timeline) == [("first", 0, 3), ("between", 1, 2), ("late", 2, 4)]
    assert said(timeline, {1}) == [("between", 1, 2)]


def test_what_is_not_seen_is_left_out(make):
    tracks = [
        {"type": "text", "attribute": 2, "segments": [caption(make, "hidden", 0, 1)]},
        {"type": "text", "segments": [caption(make, "invisible", 0, 1, visible=False), caption(make, "blank", 1, 1)]},
        {"type": "text", "segments": [caption(make, "seen", 2, 1)]},
    ]
    texts = [*words(make, "hidden", "invisible", "seen"), *words(make, "blank", text=" \n ")]
    timeline = drafted(make, tracks, texts)
    assert said(timeline) == [("seen", 2, 3)]
    assert said(timeline, {0}) == [("hidden", 0, 1)]  # it is asked for by its number


def test_milliseconds_round_half_up(make):
    segment = caption(make, "one", 0, 1)
    segment["target_timerange"] = {"start": 1_500, "duration": 33_333}
    [shown] = shown_captions(drafted(make, [{"type": "text", "segments": [segment]}], words(make, "one")))
    assert (shown.start_ms, shown.end_ms) == (2, 35)  # 1.5 and 34.833


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ({}, [("one", 0, 1), ("two", 1, 4)]),  # the last picture is held
        ({"start": 10}, [("one", 10, 11), ("two", 11, 14)]),
        ({"source_start": 0.5, "duration": 1}, [("one", 0, 0.5), ("two", 0.5, 1)]),
        ({"source_start": 2, "duration": 1}, [("two", 0, 1)]),
        ({"duration": 1}, [("one", 0, 1)]),
    ],
)
def test_captions_of_compound_clips_are_shifted_and_cut(make, segment, expected):
    assert said(read_timeline(compound(make, inner_of_two(make), **segment))) == expected


def test_a_fast_compound_clip_shortens_its_captions(make):
    draft = compound(make, inner_of_two(make))
    clip = draft["tracks"][0]["segments"][0]
    clip["source_timerange"] = {"start": 0, "duration": 3 * SECOND}
    clip["target_timerange"] = {"start": SECOND, "duration": 2 * SECOND}
    clip["speed"] = 1.5
    first, second = shown_captions(read_timeline(draft))
    assert (first.start_us, first.end_us) == (SECOND, pytest.approx(SECOND + Fraction(2 * SECOND, 3), abs=1))
    assert second.end_us == 3 * SECOND
    assert not first.is_whole


def test_a_reversed_compound_clip_shows_them_backwards(make):
    draft = compound(make, inner_of_two(make), duration=3, reverse=True)
    assert said(read_timeline(draft)) == [("two", 0, 2), ("one", 2, 3)]


def test_a_speed_curve_is_inverted(make):
    draft = compound(make, inner_of_two(make), duration=3)
    points = [{"x": 0, "y": 0.5}, {"x": 1, "y": 2}]
    draft["materials"]["speeds"] = [
        {"id": "fast", "type": "speed", "mode": 1, "speed": 1, "curve_speed": {"speed_points": points}}
    ]
    draft["tracks"][0]["segments"][0]["extra_material_refs"].append("fast")
    timeline = read_timeline(draft)
    clip = timeline.tracks[0].segments[0]
    assert clip.speed_points
    first, _ = shown_captions(timeline)
    assert float(clip.source_time_us(first.end_us)) == pytest.approx(SECOND, abs=2)


def test_the_place_of_a_compound_clip_is_part_of_theirs(make):
    inner = inner_of_two(make) | {"canvas_config": {"width": 540, "height": 540}}
    inner["tracks"][0]["segments"][0]["clip"] = {"transform": {"x": 1.0, "y": 0.0}, "scale": {"x": 2, "y": 2}}
    place = {"scale": {"x": 0.5, "y": 0.5}, "rotation": 90, "transform": {"x": 0.5, "y": 0}}
    [shown, *_] = shown_captions(read_timeline(compound(make, inner, clip=place)))
    # Contained in 1920 × 1080 the square is doubled, then halved; its right edge is turned down.
    assert (shown.place.x_px, shown.place.y_px) == (pytest.approx(1440), pytest.approx(540 + 270))
    assert (shown.place.scale_x, shown.place.rotation_deg) == (pytest.approx(2.0), 90)
    assert shown.canvas.width_px == 540
