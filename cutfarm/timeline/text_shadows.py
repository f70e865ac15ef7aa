"""What a caption's letters throw and how they shine: shadows and glows, from the draft's numbers to parts of an em.

Proposals where the format knows no more: a distance of 1 is 0.03 em, `diffuse` blurs by a radius of 2.45 × diffuse em,
of which half is taken as the standard deviation, and a glow's `range` of 1 has a standard deviation of 0.25 em.
"""

from __future__ import annotations

import math

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.text import Glow, Shadow
from cutfarm.timeline.text_paints import Held, read_paint

DISTANCE_EM = 0.03
BLUR_EM = 2.45 / 2
SMOOTHING_PER_DIFFUSE = 18.0  #: of the flat fields: 0.45 stands beside 0.025, 1 beside 0.0556
POINT_PER_DISTANCE = 0.18  #: length of `shadow_point`: 1.44 stands beside a distance of 8
GLOW_EM = 0.25
DEFAULT_DISTANCE, DEFAULT_ANGLE_DEG, DEFAULT_DIFFUSE = 5.0, -45.0, 0.025
MAX_DISTANCE = 100.0  #: where the application's slider ends
MAX_DIFFUSE = 1.0
MAX_SHADOWS = 8


def json_shadows(style: Node, held: Held) -> tuple[Shadow, ...]:
    """The shadows of a style; older ones say `feather` for `diffuse`."""
    written = fields.nodes(style, "shadows")
    if len(written) > MAX_SHADOWS:
        held.say(f"Of the {len(written)} shadows of the caption {MAX_SHADOWS} are drawn.")
    return tuple(_json_shadow(raw, held) for raw in written[:MAX_SHADOWS])


def flat_shadows(material: Node, held: Held) -> tuple[Shadow, ...]:
    """The shadow of a material's own fields."""
    if not fields.flag(material, "has_shadow"):
        return ()
    most = MAX_DIFFUSE * SMOOTHING_PER_DIFFUSE
    smoothing = held.number(material, "shadow_smoothing", 1.0, 0.0, most, "shadow's blur")
    return (
        Shadow(
            held.colour(material.get("shadow_color")) or (0.0, 0.0, 0.0),
            held.alpha(material, "shadow_alpha"),
            fields.number(material, "shadow_angle", DEFAULT_ANGLE_DEG, low=-1e6, high=1e6),
            _distance_em(material, "shadow_distance", held),
            smoothing_em(smoothing),
        ),
    )


def smoothing_em(smoothing: float) -> float:
    """The blur of a flat `shadow_smoothing`, as a standard deviation."""
    return BLUR_EM * smoothing / SMOOTHING_PER_DIFFUSE


def angle_of(point: tuple[float, float]) -> tuple[float, float]:
    """The angle and the distance that a `shadow_point` (x right, y up) stands for."""
    return math.degrees(math.atan2(point[1], point[0])), math.hypot(*point) / POINT_PER_DISTANCE


def read_glow(effect: Node, held: Held) -> Glow | None:
    """The glow of an effect of type `bloom`; without a colour it has that of the letters. None: it does not shine."""
    bloom = fields.node(effect, "bloom_params")
    strength = held.number(bloom, "strength", 0.5, 0.0, 1.0, "glow's strength")
    reach = held.number(bloom, "range", 0.5, 0.0, 1.0, "glow's range")
    if strength == 0 or reach == 0:
        return None
    return Glow(held.colour(bloom.get("color")), strength, GLOW_EM * reach)


def _json_shadow(raw: Node, held: Held) -> Shadow:
    paint = read_paint(fields.node(raw, "content"), held)
    softness = "diffuse" if "diffuse" in raw else "feather"
    diffuse = held.number(raw, softness, DEFAULT_DIFFUSE, 0.0, MAX_DIFFUSE, "shadow's blur")
    return Shadow(
        paint.colour or (0.0, 0.0, 0.0),
        held.alpha(raw) * paint.alpha,
        fields.number(raw, "angle", DEFAULT_ANGLE_DEG, low=-1e6, high=1e6),
        _distance_em(raw, "distance", held),
        BLUR_EM * diffuse,
    )


def _distance_em(raw: Node, key: str, held: Held) -> float:
    return DISTANCE_EM * held.number(raw, key, DEFAULT_DISTANCE, 0.0, MAX_DISTANCE, "shadow's distance")
