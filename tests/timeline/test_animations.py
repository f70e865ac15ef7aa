"""Where animations play within their segment."""

from __future__ import annotations

import pytest

from cutfarm.catalogue.text_motions import text_motions
from cutfarm.timeline.animations import LOOP_US
from cutfarm.timeline.reader import read_timeline

SECOND = 1_000_000


@pytest.fixture
def placed(make, only):
    """(kind, start, duration) in seconds, of animations of a clip of two seconds."""

    def place(*animations):
        raws = [
            {"type": kind, "start": start * SECOND, "duration": duration * SECOND, "name": kind, "resource_id": "7"}
            for kind, start, duration in animations
        ]
        clip = make.clip(5, 2, extra_material_refs=["a"])
        timeline = read_timeline(make.one_clip(clip, material_animations=[{"id": "a", "animations": raws}]))
        found = only(timeline).animations
        assert all((animation.name, animation.resource_id) == (animation.kind, "7") for animation in found)
        return [(a.kind, a.start_us / SECOND, a.duration_us / SECOND) for a in found]

    return place


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([("in", 0, 0.5)], [("in", 0, 0.5)]),
        ([("in", 1, 0.5)], [("in", 0, 0.5)]),
        ([("out", 0, 0.5)], [("out", 1.5, 0.5)]),
        ([("out", 1.5, 0.5)], [("out", 1.5, 0.5)]),
        ([("in", 0, 9)], [("in", 0, 2)]),
        ([("out", 0, 9)], [("out", 0, 2)]),
        ([("in", 0, 3), ("out", 0, 1)], [("in", 0, 1.5), ("out", 1.5, 0.5)]),
        ([("in", 0, 1), ("out", 0, 1)], [("in", 0, 1), ("out", 1, 1)]),
        ([("group", 0, 1), ("in", 0, 1), ("out", 0, 1)], [("group", 0, 1)]),
        ([("group", 0, 9)], [("group", 0, 2)]),
        ([("in", 0, 0), ("out", 0, 0), ("group", 0, 0)], []),
        ([("in", 0, -1)], []),
        ([("loop", 0, 0.5)], [("loop", 0, 0.5)]),
        ([("loop", 0, 2)], [("loop", 0, LOOP_US / SECOND)]),
        ([("loop", 0, 0)], [("loop", 0, LOOP_US / SECOND)]),
        ([("loop", 0, 0.6), ("in", 0, 0.5), ("out", 0, 0.5)], [("in", 0, 0.5), ("out", 1.5, 0.5), ("loop", 0.5, 0.6)]),
        ([("loop", 0, 0.6), ("in", 0, 1), ("out", 0, 1)], [("in", 0, 1), ("out", 1, 1)]),
        ([("caption", 0, 0.1)], [("caption", 0, 2)]),
        ([("in", 0, 0.5), ("in", 0, 1)], [("in", 0, 0.5)]),
        ([("sideways", 0, 0.5)], []),
    ],
)
def test_places(placed, written, read):
    assert placed(*written) == read


def test_they_are_reported_by_name(make):
    raws = [{"type": "in", "name": "Fade In", "resource_id": "7", "duration": 5}]
    clip = make.clip(extra_material_refs=["a"])
    timeline = read_timeline(make.one_clip(clip, material_animations=[{"id": "a", "animations": raws}]))
    [entry] = timeline.report
    assert (entry.what, entry.resource_id) == ("in animation", "7")
    assert "“Fade In”" in entry.message


def test_captions_have_them_too(make, only):
    raws = [{"type": "loop", "name": "Bounce", "resource_id": "7", "duration": 500_000}]
    caption = make.clip(source_start=None, material_id="words", extra_material_refs=["a"])
    draft = make.one_caption(make.text("hello"), caption, material_animations=[{"id": "a", "animations": raws}])
    [animation] = only(read_timeline(draft)).animations
    assert (animation.kind, animation.duration_us) == ("loop", 500_000)


def text_report(make, *raws):
    caption = make.clip(source_start=None, material_id="words", extra_material_refs=["a"])
    materials = [{"id": "a", "animations": list(raws)}]
    return list(read_timeline(make.one_caption(make.text("hello"), caption, material_animations=materials)).report)


def one_of(kind, fidelity):
    motion = next(motion for motion in text_motions(kind) if motion.fidelity == fidelity)
    return {"type": kind, "name": motion.name, "duration": 500_000}


@pytest.mark.parametrize("kind", ["in", "out", "loop"])
@pytest.mark.parametrize("fidelity", ["close", "evocative"])
def test_those_of_captions_are_as_faithful_as_the_catalogue_says(make, kind, fidelity):
    raw = one_of(kind, fidelity)
    [entry] = text_report(make, raw)
    assert (entry.fidelity.word, entry.what) == (fidelity, f"{kind} animation")
    assert raw["name"] in entry.message


def test_artwork_that_is_not_there_is_missed(make):
    [entry] = text_report(make, {"type": "in", "name": "兔子弹跳", "duration": 500_000})
    assert entry.fidelity.word == "evocative"
    assert entry.message.endswith("without its artwork.")


@pytest.mark.parametrize("duration_us", [0, 2_000_000])
@pytest.mark.parametrize(
    ("name", "turn_us"), [("旋转", 500_000), ("流光", 1_600_000), ("拉开", LOOP_US), ("?", LOOP_US)]
)
def test_a_loop_to_the_end_turns_as_fast_as_the_application_proposes(make, only, name, turn_us, duration_us):
    caption = make.clip(source_start=None, material_id="words", extra_material_refs=["a"])
    materials = [{"id": "a", "animations": [{"type": "loop", "name": name, "duration": duration_us}]}]
    draft = make.one_caption(make.text("hello"), caption, material_animations=materials)
    [loop] = only(read_timeline(draft)).animations
    assert loop.duration_us == turn_us


def test_an_exact_one_of_a_caption_is_silent(make):
    assert text_report(make, one_of("in", "exact")) == []


def test_one_that_nobody_knows_is_not_played(make):
    raw = {"type": "in", "name": "No such thing", "resource_id": "5", "duration": 500_000}
    [entry] = text_report(make, raw)
    assert (entry.fidelity.word, entry.resource_id) == ("unsupported", "5")
    assert entry.message.endswith("is not played.")


def test_of_several_of_a_kind_the_others_are_not_played(make):
    first, second = text_report(make, one_of("in", "close"), one_of("in", "evocative"))
    assert (first.fidelity.word, second.fidelity.word) == ("close", "unsupported")


def test_one_without_a_length_asks_for_nothing(make):
    assert text_report(make, one_of("in", "close") | {"duration": -200_000}) == []


def test_one_of_no_known_kind_is_not_played(make):
    [entry] = text_report(make, {"type": "spin", "name": "X", "duration": 5})
    assert entry.fidelity.word == "unsupported"
