from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.text import Gradient, GradientStop, Texture
from cutfarm.timeline.text_paints import MAX_STOPS, Held, Paint, read_paint

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
VALUES = st.none() | st.booleans() | st.integers(-300, 300) | st.floats() | st.text(max_size=7)
LISTS = st.lists(VALUES | st.lists(VALUES, max_size=4), max_size=5)


def gradient(**raw):
    return {"gradient": {"color": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], **raw}}


def stops(content):
    fill = read_paint(content, Held()).fill
    assert isinstance(fill, Gradient)
    return [(stop.at, stop.colour, stop.alpha) for stop in fill.stops]


def test_a_plain_colour():
    content = {"render_type": "solid", "solid": {"color": [1, 0, 0], "alpha": 0.5}}
    assert read_paint(content, Held()) == Paint(RED, 0.5)


@pytest.mark.parametrize("percent", [[0, 0.25, 1], [0, 25, 100], [-1, 25, 100], [0.0, 0.25, 1.0]])
def test_places_of_colours_are_parts_or_per_cent(percent):
    found = stops(gradient(percent=percent, alpha=[1, 0.5, 3]))
    assert found == [(0, RED, 1), (0.25, GREEN, 0.5), (1, BLUE, 1)]


@pytest.mark.parametrize("percent", [None, [], [0, 1], [0, None, 1], "x"])
def test_colours_without_places_lie_evenly(percent):
    assert [at for at, _, _ in stops(gradient(percent=percent))] == [0, 0.5, 1]


def test_colours_are_sorted_by_their_places():
    assert [colour for _, colour, _ in stops(gradient(percent=[1, 0.5, 0]))] == [BLUE, GREEN, RED]


@pytest.mark.parametrize(("mode", "is_radial"), [(0, False), (1, True), ("radial", True), (None, False), ([], False)])
def test_modes_and_angles(mode, is_radial):
    fill = read_paint(gradient(mode=mode, angle=30.5), Held()).fill
    assert (fill.is_radial, fill.angle_deg) == (is_radial, 30.5)


def test_a_gradient_of_one_colour_is_that_colour():
    assert read_paint({"gradient": {"color": [[0, 1, 0]], "alpha": [0.5]}}, Held()) == Paint(GREEN, 0.5)


def test_a_gradient_of_no_colour_leaves_the_plain_one():
    content = {"render_type": "gradient", "gradient": {"color": ["x"]}, "solid": {"color": [0, 0, 1]}}
    assert read_paint(content, Held()) == Paint(BLUE)


def test_a_thousand_colours():
    held = Held()
    content = {"gradient": {"color": [[at / 1000, 0, 0] for at in range(1001)]}}
    fill = read_paint(content, held).fill
    assert len(fill.stops) == MAX_STOPS
    assert (fill.stops[0], fill.stops[-1]) == (GradientStop(0, (0, 0, 0)), GradientStop(1, RED))
    assert len(held.said) == 1


def test_a_texture_keeps_the_colour_for_when_it_is_not_there():
    content = {"render_type": "texture", "texture": {"path": "a/b.png"}, "solid": {"color": [0, 1, 0]}}
    assert read_paint(content, Held()) == Paint(GREEN, fill=Texture("a/b.png"))


def test_the_kind_decides_among_several():
    content = gradient() | {"texture": {"path": "x.png"}, "solid": {"color": [1, 0, 0]}}
    assert read_paint(content | {"render_type": "solid"}, Held()) == Paint(RED)
    assert isinstance(read_paint(content | {"render_type": "texture"}, Held()).fill, Texture)
    assert isinstance(read_paint(content, Held()).fill, Gradient)


@pytest.mark.parametrize(
    ("written", "colour"),
    [
        ([1, 0.5, 0], (1, 0.5, 0)),
        ([1, 0.5, 0, 0.2], (1, 0.5, 0)),
        ([255, 0, 51], (1, 0, 0.2)),
        ([1.5, -0.5, 0], (1, 0, 0)),
        ({"r": 1, "g": 0.5, "b": 0, "a": 1}, (1, 0.5, 0)),
        ("#ff0033", (1, 0, 0.2)),
        ([1, 0], None),
        ([1, None, 0], None),
        ("red", None),
        (7, None),
    ],
)
def test_colours(written, colour):
    assert Held().colour(written) == colour


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "render_type": st.sampled_from(["solid", "gradient", "texture", "x", None]),
            "solid": st.fixed_dictionaries({}, optional={"color": LISTS | VALUES, "alpha": VALUES}) | VALUES,
            "gradient": st.fixed_dictionaries(
                {}, optional=dict.fromkeys(("color", "alpha", "percent", "angle", "mode"), LISTS | VALUES)
            ),
            "texture": st.fixed_dictionaries({}, optional={"path": VALUES}),
        },
    )
)
def test_any_paint_can_be_drawn(content):
    paint = read_paint(content, Held())
    assert 0 <= paint.alpha <= 1
    assert paint.colour is None or all(0 <= part <= 1 for part in paint.colour)
    if isinstance(paint.fill, Gradient):
        places = [stop.at for stop in paint.fill.stops]
        assert len(places) >= 2
        assert places == sorted(places)
        assert all(0 <= part <= 1 for stop in paint.fill.stops for part in (stop.at, stop.alpha, *stop.colour))
