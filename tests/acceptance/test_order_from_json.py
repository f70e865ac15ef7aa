"""From a draft's tracks to what lies above what, by the format's §3: both modes, the bands, ties, what is left out."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import pytest

from cutfarm.timeline.report import Fidelity
from tests.acceptance.drafts import SECOND, Draft, Raw, clip, words
from tests.acceptance.shots import Shot, draw, timeline_of
from tests.render.scene import BLUE, GREEN, RED, WHITE, solid

CANVAS = (640, 360)
MIDDLE = (160, 90)


class Plan(NamedTuple):
    """A track of one segment that covers the canvas's middle."""

    kind: str
    colour: tuple[int, int, int]
    render_index: int = 0
    track_render_index: int = 0
    flag: int = 0


def stacked(path: Path, plans: list[Plan], *, by_track: bool = False) -> Draft:
    draft = Draft(CANVAS, by_track=by_track)
    for plan in plans:
        track = draft.track(plan.kind, flag=plan.flag)
        numbers = {"render_index": plan.render_index, "track_render_index": plan.track_render_index}
        add(draft, track, path, plan, numbers)
    return draft


def add(draft: Draft, track: list[Raw], path: Path, plan: Plan, numbers: dict[str, int]) -> None:
    name = "-".join(map(str, plan.colour))
    if plan.kind == "video":
        draft.clip(track, draft.photo(solid(path / f"{name}.png", plan.colour), (64, 36)), **numbers)
        return
    points = [{"x": x, "y": y} for x, y in ((-200, 100), (200, 100), (200, -100), (-200, -100))]
    colour = "#" + "".join(f"{part:02x}" for part in plan.colour)
    shape = draft.add("shapes", type="shape", custom_points=points, fill_color=colour)
    draft.still(track, shape, **numbers)


def on_top(path: Path, plans: list[Plan], *, by_track: bool = False) -> tuple[int, int, int]:
    [shot] = draw(stacked(path, plans, by_track=by_track).raw)
    return next(plan.colour for plan in plans if shot.shows(MIDDLE, plan.colour))


def test_render_index_decides_in_band_mode(tmp_path: Path) -> None:
    plans = [Plan("video", RED, 0), Plan("video", GREEN, 3, flag=2), Plan("video", BLUE, 1, flag=2)]
    assert on_top(tmp_path, plans) == GREEN


def test_a_tie_is_settled_by_the_array(tmp_path: Path) -> None:
    plans = [Plan("video", RED), Plan("video", GREEN), Plan("video", BLUE)]
    assert [on_top(tmp_path, [plans[n] for n in order]) for order in permutations(range(3))] == [
        [RED, GREEN, BLUE][order[-1]] for order in permutations(range(3))
    ]


def test_stickers_and_shapes_lie_above_overlays_whatever_the_array_says(tmp_path: Path) -> None:
    """A real draft has an overlay of render index 3 on a track above those of index 14001."""
    plans = [Plan("video", RED), Plan("sticker", GREEN, 14001), Plan("video", BLUE, 3, flag=2)]
    assert on_top(tmp_path, plans) == GREEN


def test_track_numbers_decide_in_track_mode(tmp_path: Path) -> None:
    """A real draft has stickers of render index 0 on track 4 and an overlay of index 1 on track 5."""
    plans = [Plan("video", RED), Plan("sticker", GREEN, 14001, 4), Plan("video", BLUE, 1, 5, flag=2)]
    assert on_top(tmp_path, plans, by_track=True) == BLUE
    assert on_top(tmp_path, plans, by_track=False) == GREEN


def test_track_numbers_that_are_all_zero_leave_the_bands(tmp_path: Path) -> None:
    plans = [Plan("video", RED), Plan("sticker", GREEN, 14001), Plan("video", BLUE, 1, flag=2)]
    assert on_top(tmp_path, plans, by_track=True) == GREEN


def test_a_tie_of_track_numbers_is_settled_by_the_array(tmp_path: Path) -> None:
    plans = [Plan("video", RED, 9, 0), Plan("video", GREEN, 7, 2), Plan("video", BLUE, 1, 2)]
    assert on_top(tmp_path, plans, by_track=True) == BLUE


def test_captions_lie_in_their_band(tmp_path: Path) -> None:
    """A white letter above a picture of index 1, and below one of 15000."""
    for index, is_seen in ((14000, True), (15000, True), (0, False)):
        draft = Draft(CANVAS)
        text = draft.track("text")
        draft.still(text, draft.add("texts", **words("I", 90.0)), render_index=index)
        add(draft, draft.track(), tmp_path, Plan("video", RED), {"render_index": 1})
        [shot] = draw(draft.raw)
        assert bool((shot.y > 200).any()) is is_seen, index


def test_render_index_may_differ_within_a_track(tmp_path: Path) -> None:
    draft = stacked(tmp_path, [Plan("video", RED, 5), Plan("video", GREEN, 1)])
    above = draft.raw["tracks"][1]["segments"]
    draft.clip(above, above[0]["material_id"], SECOND, render_index=9)
    below = draft.raw["tracks"][0]["segments"]
    draft.clip(below, below[0]["material_id"], SECOND, render_index=5)
    first, second = draw(draft.raw, (10, 40))
    assert first.shows(MIDDLE, RED)
    assert second.shows(MIDDLE, GREEN)


@pytest.mark.parametrize("kind", ["video", "sticker"])
def test_what_is_invisible_is_not_drawn(kind: str, tmp_path: Path) -> None:
    draft = stacked(tmp_path, [Plan("video", RED), Plan(kind, GREEN, 14000)])
    draft.raw["tracks"][1]["segments"][0]["visible"] = False
    assert draw(draft.raw)[0].shows(MIDDLE, RED)


@pytest.mark.parametrize(
    ("attribute", "shown", "words_of_report"), [(1, GREEN, ""), (2, RED, "hidden"), (3, RED, "hidden"), (4, GREEN, "")]
)
def test_attributes_of_tracks(
    attribute: int, shown: tuple[int, int, int], words_of_report: str, tmp_path: Path
) -> None:
    """1 mutes and 4 locks, which is seen in no picture; 2 hides, which is a proposal."""
    draft = stacked(tmp_path, [Plan("video", RED), Plan("video", GREEN, 1, flag=2)])
    draft.raw["tracks"][1]["attribute"] = attribute
    assert draw(draft.raw)[0].shows(MIDDLE, shown)
    close = [entry.message for entry in timeline_of(draft.raw).report if entry.fidelity is Fidelity.CLOSE]
    assert [words_of_report in message for message in close] == [True] * bool(words_of_report)


def test_a_gap_of_the_main_track_is_black_and_overlays_show(tmp_path: Path) -> None:
    draft = Draft(CANVAS)
    photos = [draft.photo(solid(tmp_path / f"{n}.png", rgb), (64, 36)) for n, rgb in enumerate((RED, WHITE))]
    main = draft.track()
    draft.clip(main, photos[0])
    draft.clip(main, photos[0], 2 * SECOND)
    draft.clip(draft.track(flag=2), photos[1], 0, 3 * SECOND, render_index=1, clip=clip(scale=(0.2, 0.2)))
    shots: list[Shot] = draw(draft.raw, (15, 45, 75))
    assert [shot.shows((20, 20), (0, 0, 0) if n == 1 else RED) for n, shot in enumerate(shots)] == [True] * 3
    assert all(shot.shows(MIDDLE, WHITE) for shot in shots)


@pytest.mark.parametrize("by_track", [False, True])
def test_every_pair_of_kinds_in_the_applications_own_order(by_track: bool, tmp_path: Path) -> None:
    """Indices as the applications write them: the later track lies above, and the bands agree with the tracks."""
    plans = [
        Plan("video", RED, 0, 0),
        Plan("video", GREEN, 1, 1, flag=2),
        Plan("sticker", BLUE, 14000, 2),
        Plan("sticker", WHITE, 14001, 3),
    ]
    for low in range(4):
        for high in range(low + 1, 4):
            assert on_top(tmp_path, [plans[low], plans[high]], by_track=by_track) == plans[high].colour
