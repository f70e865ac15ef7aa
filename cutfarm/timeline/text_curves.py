"""A caption's looks at an instant: which properties can be keyed, and what their values do to a block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cutfarm.timeline.text import Glow, Gradient, GradientStop, Shadow, Stroke, TextBackground, TextBlock
from cutfarm.timeline.text import TextStyle as Style
from cutfarm.timeline.text_boxes import pad_of
from cutfarm.timeline.text_paints import MAX_STOPS
from cutfarm.timeline.text_shadows import DISTANCE_EM, GLOW_EM, MAX_DISTANCE, angle_of, smoothing_em

Values = Mapping[str, Sequence[float]]  #: those of each keyed property, by the format's names

_COLOUR = 4
#: How many values the keys of each property have at most; colours are R, G, B and, it may be, an opacity.
LOOK_VALUES: Mapping[str, int] = {
    "KFTypeTextColor": _COLOUR,
    "KFTypeTextAlpha": 1,
    "KFTypeTextGradientColor": _COLOUR * MAX_STOPS,
    "KFTypeTextGradientAlpha": MAX_STOPS,
    "KFTypeTextGradientPercent": MAX_STOPS,
    "KFTypeTextGradientAngle": 1,
    "KFTypeTextCurveAngle": 1,
    "KFTypeBorderColor": _COLOUR,
    "KFTypeBorderAlpha": 1,
    "KFTypeBorderWidth": 1,
    "KFTypeBackgroundColor": _COLOUR,
    "KFTypeBackgroundAlpha": 1,
    "KFTypeBackgroundWidth": 1,
    "KFTypeBackgroundHeight": 1,
    "KFTypeBackgroundOffsetX": 1,
    "KFTypeBackgroundOffsetY": 1,
    "KFTypeBackgroundRoundRadius": 1,
    "KFTypeShadowColor": _COLOUR,
    "KFTypeShadowAlpha": 1,
    "KFTypeShadowAngle": 1,
    "KFTypeShadowDistance": 1,
    "KFTypeShadowSmoothing": 1,
    "KFTypeShadowPoint": 2,
    "KFTypeBloomColor": _COLOUR,
    "KFTypeBloomStrength": 1,
    "KFTypeBloomRange": 1,
}
_MAX_PAD, _MAX_SHIFT, _MAX_CURVE_DEG, _MAX_STROKE_EM = 10.0, 10.0, 360.0, 1.0


def can_be_keyed(name: str, block: TextBlock) -> bool:
    """Whether `block` has what the property changes: a stroke's width needs a stroke."""
    has: Mapping[str, Callable[[], bool]] = {
        "KFTypeTextGradient": lambda: any(isinstance(style.fill, Gradient) for style in block.styles),
        "KFTypeBorder": lambda: any(style.strokes for style in block.styles),
        "KFTypeBackground": lambda: any(box.behind != "glyph" for box in block.backgrounds),
        "KFTypeShadow": lambda: any(style.shadows for style in block.styles),
        "KFTypeBloom": lambda: any(style.glow for style in block.styles),
    }
    return name in LOOK_VALUES and all(is_there() for prefix, is_there in has.items() if name.startswith(prefix))


def look_at(block: TextBlock, values: Values) -> TextBlock:
    """`block` with keyed properties in place of its own, in the units of the draft; the same one where all agree.

    The first stroke and the first shadow of each style, and the boxes behind block and lines are those that are keyed.
    Colours come in steps of 1/255, as in the application.
    """
    changes: dict[str, Any] = {
        "styles": tuple(_style(style, values) for style in block.styles),
        "backgrounds": tuple(box if box.behind == "glyph" else _box(box, values) for box in block.backgrounds),
    }
    changes |= _number(values, "KFTypeTextCurveAngle", "curve_deg", -_MAX_CURVE_DEG, _MAX_CURVE_DEG)
    changed = replace(block, **changes)
    return block if changed == block else changed


def _style(style: Style, values: Values) -> Style:
    changes = _colours(values, "KFTypeTextColor") | _number(values, "KFTypeTextAlpha", "alpha")
    if "colour" in changes:
        changes["fill"] = None
    elif isinstance(style.fill, Gradient):
        changes["fill"] = _gradient(style.fill, values)
    if style.strokes:
        changes["strokes"] = (_stroke(style.strokes[0], values), *style.strokes[1:])
    if style.shadows:
        changes["shadows"] = (_shadow(style.shadows[0], values), *style.shadows[1:])
    if style.glow is not None:
        changes["glow"] = _glow(style.glow, values)
    return replace(style, **changes)


def _gradient(gradient: Gradient, values: Values) -> Gradient:
    """The gradient with those of its keyed parts that there are for all of its colours."""
    count = len(gradient.stops)
    colours, alphas, percents = (values.get(f"KFTypeTextGradient{part}", ()) for part in ("Color", "Alpha", "Percent"))
    stops = list(gradient.stops)
    for at, stop in enumerate(stops):
        changes: dict[str, Any] = {}
        if len(colours) in (3 * count, 4 * count):
            each = len(colours) // count
            changes |= _as_colour(colours[at * each : (at + 1) * each])
        if len(alphas) == count:
            changes["alpha"] = _held(alphas[at], 0.0, 1.0)
        if len(percents) == count:
            changes["at"] = _held(percents[at] / (100.0 if max(percents) > 1.0 else 1.0), 0.0, 1.0)
        stops[at] = replace(stop, **changes)
    angle = _number(values, "KFTypeTextGradientAngle", "angle_deg", -1e6, 1e6)
    return replace(gradient, stops=tuple(sorted(stops, key=_place)), **angle)


def _place(stop: GradientStop) -> float:
    return stop.at


def _stroke(stroke: Stroke, values: Values) -> Stroke:
    changes = _colours(values, "KFTypeBorderColor") | _number(values, "KFTypeBorderAlpha", "alpha")
    if "colour" in changes:
        changes["fill"] = None
    return replace(stroke, **changes, **_number(values, "KFTypeBorderWidth", "width_em", 0.0, _MAX_STROKE_EM))


def _shadow(shadow: Shadow, values: Values) -> Shadow:
    changes = _colours(values, "KFTypeShadowColor") | _number(values, "KFTypeShadowAlpha", "alpha")
    point = values.get("KFTypeShadowPoint", ())
    if len(point) == 2:
        angle_deg, distance = angle_of((point[0], point[1]))
        changes |= {"angle_deg": angle_deg, "distance_em": DISTANCE_EM * _held(distance, 0.0, MAX_DISTANCE)}
    changes |= _number(values, "KFTypeShadowAngle", "angle_deg", -1e6, 1e6)
    for distance in values.get("KFTypeShadowDistance", ()):
        changes["distance_em"] = DISTANCE_EM * _held(distance, 0.0, MAX_DISTANCE)
    for smoothing in values.get("KFTypeShadowSmoothing", ()):
        changes["blur_em"] = smoothing_em(_held(smoothing, 0.0, 18.0))
    return replace(shadow, **changes)


def _glow(glow: Glow, values: Values) -> Glow:
    changes = _colours(values, "KFTypeBloomColor") | _number(values, "KFTypeBloomStrength", "alpha")
    for reach in values.get("KFTypeBloomRange", ()):
        changes["radius_em"] = GLOW_EM * _held(reach, 0.0, 1.0)
    return replace(glow, **changes)


def _box(box: TextBackground, values: Values) -> TextBackground:
    prefix = "KFTypeBackground"
    changes = _colours(values, f"{prefix}Color") | _number(values, f"{prefix}Alpha", "alpha")
    for name, field in (("Width", "pad_x"), ("Height", "pad_y")):
        for value in values.get(f"{prefix}{name}", ()):
            changes[field] = pad_of(_held(value, 0.0, _MAX_PAD))
    changes |= _number(values, f"{prefix}OffsetX", "shift_x", -_MAX_SHIFT, _MAX_SHIFT)
    for value in values.get(f"{prefix}OffsetY", ()):
        changes["shift_y"] = -_held(value, -_MAX_SHIFT, _MAX_SHIFT)
    return replace(box, **changes, **_number(values, f"{prefix}RoundRadius", "round_radius"))


def _number(values: Values, name: str, field: str, low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """The keyed number as a change of `field`, if there is one."""
    found = values.get(name, ())
    return {field: _held(found[0], low, high)} if found else {}


def _colours(values: Values, name: str) -> dict[str, Any]:
    """The keyed colour as changes of `colour` and, where it has an opacity, `alpha`."""
    found = values.get(name, ())
    return _as_colour(found) if len(found) >= 3 else {}


def _as_colour(numbers: Sequence[float]) -> dict[str, Any]:
    steps = [round(_held(number, 0.0, 1.0) * 255.0) / 255.0 for number in numbers[:4]]
    return {"colour": tuple(steps[:3])} | ({"alpha": steps[3]} if len(steps) > 3 else {})


def _held(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
