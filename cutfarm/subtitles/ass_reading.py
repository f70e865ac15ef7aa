"""SubStation Alpha (.ass, .ssa) as cues."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import pysubs2

from cutfarm.errors import AssetUnreadable
from cutfarm.subtitles.ass_pen import SIZES, Pen, PenReader, Sheet
from cutfarm.subtitles.looks import Losses, font_path, joined
from cutfarm.subtitles.measure import FontSize, Measure, sunken_em, windows_em
from cutfarm.subtitles.placing import Hanging, Hold, hung
from cutfarm.text.fonts.face import FontFace
from cutfarm.timeline.cues import Cue
from cutfarm.timeline.model import Canvas, Curve, Keyframe
from cutfarm.timeline.text import Colour, Shadow, Stroke, TextBackground, TextBlock, TextStyle

_BOX = 3  # a style's `BorderStyle` for a box in the outline's colour
_US_PER_MS = 1000
_MOST_MS = 10**10  # later than any draft ends
_MOST_MARGIN = 1e6
_LEAST_SCALE = 1e-3
_LONGEST_REASON = 120  # characters: the parser quotes what it does not understand
_SIDE_PX = (1, 100_000)  # of a script's own picture
_DEFAULT_PX = (384, 288)


@dataclass(frozen=True, slots=True)
class _Script:
    """A script, the canvas that it is drawn on, and what a pixel of it is there."""

    file: pysubs2.SSAFile
    canvas: Canvas
    width: int
    height: int
    pens: dict[str, Pen]
    losses: Losses
    measure: Measure

    @property
    def across(self) -> float:
        """Canvas pixels to one of the script's, from left to right."""
        return self.canvas.width_px / self.width

    @property
    def down(self) -> float:
        """From top to bottom; also of letters."""
        return self.canvas.height_px / self.height

    @property
    def border(self) -> float:
        """Of outlines and shadows, which scripts count in pixels of the video where they do not say otherwise."""
        return self.down if self.file.info.get("ScaledBorderAndShadow", "no").strip().lower() == "yes" else 1.0


def read_ass(text: str, canvas: Canvas, measure: Measure, losses: Losses) -> list[Cue]:
    """The cues of a script; comments and drawings are left out. Raises AssetUnreadable."""
    file = _parsed(text, losses.name)
    width, height = _own_size(file)
    pens = {name: _pen(style, file) for name, style in file.styles.items()}
    script = _Script(file, canvas, width, height, pens, losses, measure)
    if abs(script.across / script.down - 1) > 0.02:
        losses.close("it was made for pictures of another shape, so its places are stretched and its letters are not")
    cues = [_cue(event, script) for event in file.events if event.type == "Dialogue"]
    return [cue for cue in cues if cue is not None]


def _parsed(text: str, name: str) -> pysubs2.SSAFile:
    kind = "ssa" if "[v4 styles]" in text.lower() else "ass"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of fields that it replaces by their default
            return pysubs2.SSAFile.from_string(text, kind)
    except (ValueError, TypeError, LookupError, NotImplementedError) as error:
        raise AssetUnreadable(f"the subtitle file {name} is not SubStation Alpha: {_short(error)}") from error


def _short(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]}…"


def _own_size(file: pysubs2.SSAFile) -> tuple[int, int]:
    """Width and height of the script's picture; of one that names a side alone the other is in proportion 4 : 3."""
    sides = []
    for key in ("PlayResX", "PlayResY"):
        value = file.info.get(key, "").strip()
        side = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0
        sides.append(side if _SIDE_PX[0] <= side <= _SIDE_PX[1] else 0)
    width, height = sides
    if not width and not height:
        return _DEFAULT_PX
    return width or max(height * 4 // 3, 1), height or max(width * 3 // 4, 1)


def _pen(style: pysubs2.SSAStyle, file: pysubs2.SSAFile) -> Pen:
    # Scripts of the older version have one colour for outlines and shadows.
    fill, shade = style.primarycolor, style.backcolor
    edge = shade if file.format == "ssa" else style.outlinecolor
    return Pen(
        font=style.fontname.lstrip("@"),
        size=style.fontsize if SIZES[0] <= style.fontsize <= SIZES[1] else 20.0,
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        colour=(fill.r, fill.g, fill.b),
        outline_colour=(edge.r, edge.g, edge.b),
        shadow_colour=(shade.r, shade.g, shade.b),
        alpha=1 - fill.a / 255,
        outline_alpha=1 - edge.a / 255,
        shadow_alpha=1 - shade.a / 255,
        outline=_bounded(style.outline, 0, 1e4),
        shadow_x=_bounded(style.shadow, 0, 1e4),
        shadow_y=_bounded(style.shadow, 0, 1e4),
        spacing=_bounded(style.spacing, -1e4, 1e4),
        scale_x=_bounded(style.scalex, 0, 1e4) / 100,
        scale_y=_bounded(style.scaley, 0, 1e4) / 100,
        turn_deg=_bounded(style.angle, -1e4, 1e4),
    )


def _cue(event: pysubs2.SSAEvent, script: _Script) -> Cue | None:
    style = script.file.styles.get(event.style.lstrip("*")) or next(iter(script.file.styles.values()), None)
    style = style or pysubs2.SSAStyle()
    start = script.pens.get(event.style.lstrip("*")) or _pen(style, script.file)
    wraps = script.file.info.get("WrapStyle", "0").strip() != "2"
    sheet = Sheet(int(style.alignment), wraps)
    reader = PenReader(start, script.pens, sheet, script.losses)
    written = reader.runs(event.text)
    whole = "".join(text for text, _ in written)
    start_ms, end_ms = (min(max(at_ms, -_MOST_MS), _MOST_MS) for at_ms in (event.start, event.end))
    if start_ms >= end_ms or not whole.strip() or script.losses.lose_long(whole):
        return None
    first = written[0][1]
    if any((pen.scale_x, pen.scale_y, pen.spacing, pen.turn_deg) != _of_block(first) for _, pen in written):
        script.losses.lose("stretching, spacing and turning of single words are not followed")
    is_boxed = style.borderstyle == _BOX
    text, styles = joined((text, _style(pen, whole, script, is_boxed=is_boxed)) for text, pen in written)
    font = script.measure.font(styles[0], whole)
    block = _block(text, styles, font, first, event, style, script, sheet)
    hanging = _hanging(event, style, first, font.face, font.em_px * styles[0].size, script, sheet)
    transform = hung(block, hanging, script.canvas, script.measure)
    length_us = (end_ms - start_ms) * _US_PER_MS
    return Cue(
        start_ms * _US_PER_MS,
        end_ms * _US_PER_MS,
        block,
        transform,
        (*_moved(sheet, transform.shift_x, transform.shift_y, script, length_us), *_faded(sheet, length_us)),
        event.layer,
    )


def _of_block(pen: Pen) -> tuple[float, float, float, float]:
    """What a caption has as a whole."""
    return pen.scale_x, pen.scale_y, pen.spacing, pen.turn_deg


def _style(pen: Pen, text: str, script: _Script, *, is_boxed: bool) -> TextStyle:
    named = TextStyle(0, 0, 1.0, font_path=font_path(pen.font), bold=pen.bold)
    font = script.measure.font(named, text)
    size = font.size_of(pen.size * script.down)
    em_px = font.em_px * size * max(pen.scale_y, _LEAST_SCALE)  # stretching leaves outlines and shadows as they are
    away = math.hypot(pen.shadow_x, pen.shadow_y) * script.border
    stroke = Stroke(_rgb(pen.outline_colour), pen.outline_alpha, pen.outline * script.border / em_px)
    shadow = Shadow(
        _rgb(pen.shadow_colour), pen.shadow_alpha, math.degrees(math.atan2(-pen.shadow_y, pen.shadow_x)), away / em_px
    )
    return replace(
        named,
        size=size,
        colour=_rgb(pen.colour),
        alpha=pen.alpha,
        italic=pen.italic,
        underline=pen.underline,
        strokes=(stroke,) if stroke.width_em > 0 and stroke.alpha > 0 and not is_boxed else (),
        shadows=(shadow,) if away > 0 and shadow.alpha > 0 and not is_boxed else (),
    )


def _block(
    text: str,
    styles: tuple[TextStyle, ...],
    font: FontSize,
    pen: Pen,
    event: pysubs2.SSAEvent,
    style: pysubs2.SSAStyle,
    script: _Script,
    sheet: Sheet,
) -> TextBlock:
    line_px, em_px = font.line_px * styles[0].size, font.em_px * styles[0].size
    left, right, _ = _margins(event, style)
    room = (script.width - left - right) / script.width / max(pen.scale_x, 0.01)
    backgrounds: tuple[TextBackground, ...] = ()
    if style.borderstyle == _BOX:
        scale = max(pen.scale_y, _LEAST_SCALE)
        backgrounds = (_box(pen, font.face, em_px * scale, line_px * scale, script),)
    return TextBlock(
        "",
        text,
        styles,
        alignment=Hold.of_numpad(sheet.numpad).alignment,
        letter_spacing_em=pen.spacing * script.across / em_px,
        line_spacing=sum(windows_em(font.face)) * em_px / line_px - 1,
        wrap_width=max(room, 0.01) if sheet.wraps else None,
        backgrounds=backgrounds,
    )


def _box(pen: Pen, face: FontFace, em_px: float, line_px: float, script: _Script) -> TextBackground:
    """A box as high as their lines are, which are higher than ours and lie higher on the letters."""
    pad_px = pen.outline * script.border
    return TextBackground(
        "line",
        _rgb(pen.outline_colour),
        pen.outline_alpha,
        pad_x=pad_px / line_px,
        pad_y=(pad_px + (sum(windows_em(face)) * em_px - line_px) / 2) / line_px,
        shift_y=-sunken_em(face) * em_px / line_px,
    )


def _hanging(
    event: pysubs2.SSAEvent,
    style: pysubs2.SSAStyle,
    pen: Pen,
    face: FontFace,
    em_px: float,
    script: _Script,
    sheet: Sheet,
) -> Hanging:
    hold = Hold.of_numpad(sheet.numpad)
    if place := sheet.pos or sheet.move[:2]:
        x, y = place[0], place[1]
    else:
        left, right, upright = _margins(event, style)
        x = left + hold.across * (script.width - left - right)
        y = {0.0: upright, 0.5: script.height / 2}.get(hold.down, script.height - upright)
    # The edges of their lines lie elsewhere than ours: it is the letters that must stand where they stand there.
    (their_ascent, their_descent), (ascent, descent) = windows_em(face), face.vertical_em
    lower_em = {0.0: their_ascent - ascent, 0.5: sunken_em(face)}.get(hold.down, descent - their_descent)
    about = (sheet.org[0], sheet.org[1]) if sheet.org else (x, y)
    spacing = hold.across * pen.spacing * pen.scale_x  # there a line ends with the space after its last letter
    return Hanging(
        (x - spacing) * script.across,
        y * script.down + lower_em * em_px * pen.scale_y,
        hold,
        max(pen.scale_x, _LEAST_SCALE),
        max(pen.scale_y, _LEAST_SCALE),
        -pen.turn_deg,
        (about[0] * script.across, about[1] * script.down),
    )


def _margins(event: pysubs2.SSAEvent, style: pysubs2.SSAStyle) -> Iterator[float]:
    """Left, right, and at the top or bottom; an event's own where they are not 0."""
    for name in ("marginl", "marginr", "marginv"):
        margin = getattr(event, name) or getattr(style, name)
        yield float(min(max(margin, -_MOST_MARGIN), _MOST_MARGIN))


def _moved(sheet: Sheet, shift_x: float, shift_y: float, script: _Script, length_us: int) -> tuple[Curve, ...]:
    """The way of `\\move`, which begins at the caption's place."""
    if sheet.pos or not sheet.move:
        return ()
    x, y, last_x, last_y, *times_ms = sheet.move
    begin_us, end_us = _span_us(times_ms, length_us)
    across, up = 2 * (last_x - x) / script.width, -2 * (last_y - y) / script.height
    return (
        _curve("KFTypePositionX", (begin_us, shift_x), (end_us, shift_x + across)),
        _curve("KFTypePositionY", (begin_us, shift_y), (end_us, shift_y + up)),
    )


def _span_us(times_ms: Sequence[float], length_us: int) -> tuple[int, int]:
    if len(times_ms) == 2 and times_ms[0] < times_ms[1]:
        return round(times_ms[0] * _US_PER_MS), round(times_ms[1] * _US_PER_MS)
    return 0, length_us


def _faded(sheet: Sheet, length_us: int) -> tuple[Curve, ...]:
    """The opacity of `\\fad`; where both fades take longer than the cue they are shortened alike."""
    if not sheet.fad:
        return ()
    in_us, out_us = (max(round(time_ms * _US_PER_MS), 0) for time_ms in sheet.fad)
    if in_us + out_us > length_us:
        in_us = round(Fraction(in_us * length_us, in_us + out_us))
        out_us = length_us - in_us
    keys = [(0, 0.0), (in_us, 1.0)] if in_us else []
    keys += [(length_us - out_us, 1.0), (length_us, 0.0)] if out_us else []
    return (_curve("KFTypeGlobalAlpha", *dict(keys).items()),) if keys else ()


def _curve(name: str, *points: tuple[int, float]) -> Curve:
    return Curve(name, tuple(Keyframe(at_us, value) for at_us, value in points))


def _rgb(parts: tuple[int, int, int]) -> Colour:
    red, green, blue = (part / 255 for part in parts)
    return red, green, blue


def _bounded(value: float, low: float, high: float) -> float:
    return min(max(value, low), high) if math.isfinite(value) else low
