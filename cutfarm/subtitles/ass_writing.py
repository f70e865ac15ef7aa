"""Captions as Advanced SubStation Alpha: with their fonts, sizes, colours, outlines, shadows and places.

The script's picture is the canvas. Lines are broken as the captions' own layout breaks them, and every stretch of text
names the font that draws it here, so that it has the same size wherever that font is installed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

import pysubs2

from cutfarm.catalogue.text_motions import Op, text_motion
from cutfarm.errors import RequestError
from cutfarm.subtitles.ass_pen import escaped
from cutfarm.subtitles.measure import Measure, sunken_em, windows_em
from cutfarm.text.layout.block import CaptionLayout, Run
from cutfarm.timeline.model import Canvas
from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.subtitles import ShownCaption
from cutfarm.timeline.text import Colour, TextBlock, TextStyle

if TYPE_CHECKING:
    from cutfarm.text.fonts.library import FontLibrary

_LATEST_MS = 36_000_000  # a script counts a single digit of hours
_BOLD_WEIGHT = 600
_SPACES = " \u3000"


def write_ass(captions: Sequence[ShownCaption], canvas: Canvas, fonts: FontLibrary) -> tuple[str, Report]:
    """A script, and what of the captions' looks it does not hold.

    Raises RequestError for a caption later than ten hours, which the format cannot say.
    """
    file = pysubs2.SSAFile()
    file.styles.clear()
    file.info = {
        "PlayResX": str(canvas.width_px),
        "PlayResY": str(canvas.height_px),
        "WrapStyle": "2",
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "None",
    }
    layers = {order: number for number, order in enumerate(sorted({caption.order for caption in captions}))}
    writer = _Writer(file, fonts)
    for caption in captions:
        if caption.end_ms >= _LATEST_MS:
            raise RequestError("SubStation Alpha cannot say times after ten hours; .srt and .vtt can")
        file.events.append(writer.event(caption, layers[caption.order]))
    return file.to_string("ass", header_notice="Written by cutfarm"), writer.report


@dataclass(slots=True)
class _Writer:
    """Writes events and gathers the styles that they need."""

    file: pysubs2.SSAFile
    fonts: FontLibrary
    report: Report = field(default_factory=Report)
    _names: dict[str, str] = field(default_factory=dict)  #: of styles, by what they say
    _measures: dict[int, Measure] = field(default_factory=dict)  #: by the width of a canvas

    def event(self, caption: ShownCaption, layer: int) -> pysubs2.SSAEvent:
        block = replace(caption.segment.text, is_vertical=False, curve_deg=0.0)
        layout = self._measure(caption).layout(block)
        self.report += Report(tuple(_lost(caption, layout)))
        runs = _runs(block, layout)
        dressed = [(text, self._style(caption, run, block)) for text, run in runs]
        first = runs[0][1] if runs else None
        text = "".join(
            ("" if number == 0 else rf"{{\r{name}}}") + _shadow(caption, run, block) + _escaped(part)
            for number, ((part, name), (_, run)) in enumerate(zip(dressed, runs, strict=True))
        )
        return pysubs2.SSAEvent(
            start=caption.start_ms,
            end=caption.end_ms,
            layer=layer,
            style=dressed[0][1] if dressed else "Default",
            text=_laid(caption, layout, first) + _fade(caption) + text,
        )

    def _measure(self, caption: ShownCaption) -> Measure:
        width_px = caption.canvas.width_px
        return self._measures.setdefault(width_px, Measure(width_px, self.fonts))

    def _style(self, caption: ShownCaption, run: Run, block: TextBlock) -> str:
        """The name of the script's style for a run."""
        style = _style_of(caption, run, block)
        said = repr(style.as_dict())
        if said not in self._names:
            self._names[said] = f"Caption{len(self._names) + 1}"
            self.file.styles[self._names[said]] = style
        return self._names[said]


def _runs(block: TextBlock, layout: CaptionLayout) -> list[tuple[str, Run]]:
    """The text in its order, with the line breaks of the layout, in stretches of one style and font."""
    owners: dict[int, Run] = {}
    starts: set[int] = set()
    for line in layout.lines:
        sources = [glyph.source for run in line.runs for glyph in run.glyphs]
        starts |= {min(sources)} if sources else set()
        owners |= {glyph.source: run for run in line.runs for glyph in run.glyphs}
    parts: list[tuple[str, Run]] = []
    run = owners[min(owners)] if owners else None
    for at, char in enumerate(block.text):
        run = owners.get(at, run)
        if at in starts and parts and not block.text[:at].rstrip(_SPACES).endswith("\n"):
            while parts and parts[-1][0] in _SPACES:
                parts.pop()  # they hang beyond the line, where they would push it off its middle
            char = "\n" + char
        if run is not None:
            parts.append((char, run))
    stretches = (list(group) for _, group in groupby(parts, key=lambda part: (part[1].style, part[1].font)))
    return [("".join(char for char, _ in stretch), stretch[0][1]) for stretch in stretches]


def _style_of(caption: ShownCaption, run: Run, block: TextBlock) -> pysubs2.SSAStyle:
    style, place, face = block.styles[run.style], caption.place, run.font.face
    em_px = run.em_px * place.scale_y
    alpha = place.alpha * block.alpha
    stroke = max(style.strokes, key=lambda stroke: stroke.width_em, default=None)
    background = next((each for each in block.backgrounds if each.behind != "glyph"), None)
    made = pysubs2.SSAStyle(
        fontname=face.family.replace(",", " "),
        fontsize=_rounded(em_px * sum(windows_em(face))),
        primarycolor=_colour(_first_colour(style), style.alpha * alpha),
        secondarycolor=_colour(_first_colour(style), style.alpha * alpha),
        bold=style.bold or run.font.weight >= _BOLD_WEIGHT,
        italic=style.italic,
        underline=style.underline,
        scalex=_rounded(100 * place.scale_x / place.scale_y) if place.scale_y else 100.0,
        spacing=_rounded(block.letter_spacing_em * run.em_px * place.scale_y),
        angle=_rounded(-place.rotation_deg),
        outline=0.0,
        shadow=0.0,
        alignment=pysubs2.Alignment({0: 4, 2: 6}.get(block.alignment, 5)),
        marginl=0,
        marginr=0,
        marginv=0,
    )
    if stroke is not None:
        made.outline = _rounded(stroke.width_em * em_px)
        made.outlinecolor = _colour(stroke.colour, stroke.alpha * alpha)
    elif background is not None:
        made.borderstyle = 3
        line_em = sum(face.vertical_em)
        beyond_em = background.pad_y * line_em - (sum(windows_em(face)) - line_em) / 2  # what their lines do not cover
        made.outline = _rounded(max(beyond_em * em_px, 1.0))
        made.outlinecolor = _colour(background.colour, background.alpha * alpha)
    if style.shadows:
        made.backcolor = _colour(style.shadows[-1].colour, style.shadows[-1].alpha * alpha)
    return made


def _laid(caption: ShownCaption, layout: CaptionLayout, run: Run | None) -> str:
    """Where the event stands: lines that begin or end together hang on their edge, and turn about their middle."""
    place, alignment = caption.place, caption.segment.text.alignment
    across = {0: 0.0, 2: 1.0}.get(alignment, 0.5)
    # There a line ends with the space after its last letter.
    spacing_px = caption.segment.text.letter_spacing_em * run.em_px if run is not None else 0.0
    right_px = ((across - 0.5) * layout.width_px + across * spacing_px) * place.scale_x
    up_px = sunken_em(run.font.face) * run.em_px * place.scale_y if run is not None else 0.0
    turn = math.radians(place.rotation_deg)
    x_px, y_px = place.x_px + up_px * math.sin(turn), place.y_px - up_px * math.cos(turn)
    where = rf"\pos({_said(x_px + right_px)},{_said(y_px)})"
    return "{" + where + (rf"\org({_said(x_px)},{_said(y_px)})" if place.rotation_deg and right_px else "") + "}"


def _shadow(caption: ShownCaption, run: Run, block: TextBlock) -> str:
    """What a style cannot say: a shadow in any direction."""
    shadows = block.styles[run.style].shadows
    if not shadows or shadows[-1].alpha <= 0:
        return ""
    angle, away_px = math.radians(shadows[-1].angle_deg), shadows[-1].distance_em * run.em_px
    right_px, down_px = (
        away_px * math.cos(angle) * caption.place.scale_x,
        -away_px * math.sin(angle) * caption.place.scale_y,
    )
    return rf"{{\xshad{_said(right_px)}\yshad{_said(down_px)}}}"


def _fade(caption: ShownCaption) -> str:
    """Animations that are nothing but a fade of the whole caption."""
    fades = dict(_fades(caption)) if caption.is_whole else {}
    in_ms, out_ms = (round(fades.get(kind, 0) / 1000) for kind in ("in", "out"))
    return rf"{{\fad({in_ms},{out_ms})}}" if in_ms or out_ms else ""


def _fades(caption: ShownCaption) -> Iterator[tuple[str, int]]:
    for animation in caption.segment.animations:
        motion = text_motion(animation.resource_id, animation.name, animation.kind)
        if motion is not None and animation.kind in {"in", "out"} and _is_fade(motion.ops):
            yield animation.kind, animation.duration_us


def _is_fade(ops: Sequence[Op]) -> bool:
    return len(ops) == 1 and ops[0][0] == "dissolve" and dict(ops[0][1]) == {"unit": "all"}


def _lost(caption: ShownCaption, layout: CaptionLayout) -> Iterator[Entry]:
    """What an event of SubStation Alpha does not hold of a caption."""
    if len(layout.lines) > 1:
        fact = "The lines of the caption are written to lie as far apart as SubStation Alpha lays them."
        yield Entry(Fidelity.CLOSE, "subtitles", fact, caption.segment.id)
    segment, block = caption.segment, caption.segment.text
    fades = len(list(_fades(caption))) if caption.is_whole else 0
    found = {
        "its keyframes; it has the place that it has in the middle of its time": bool(segment.curves),
        "its animations": len(segment.animations) > fades,
        "its gradient or texture, which is one colour": any(style.fill for style in block.styles),
        "more than its widest stroke": any(len(style.strokes) > 1 for style in block.styles),
        "its glow": any(style.glow for style in block.styles),
        "more than its last shadow": any(len(style.shadows) > 1 for style in block.styles),
        "its vertical or curved lines, which are straight": block.is_vertical or block.curve_deg != 0,
        "its boxes as they are": not _is_plainly_boxed(block),
    }
    for what, is_there in found.items():
        if is_there:
            yield Entry(Fidelity.UNSUPPORTED, "subtitles", f"The caption is written without {what}.", segment.id)


def _is_plainly_boxed(block: TextBlock) -> bool:
    """Whether there is no box, or one that a script has too: with corners, behind lines without strokes."""
    if not block.backgrounds:
        return True
    only, *others = block.backgrounds
    is_plain = only.behind != "glyph" and only.round_radius == 0 and (only.shift_x, only.shift_y) == (0, 0)
    return is_plain and not others and not any(style.strokes for style in block.styles)


def _first_colour(style: TextStyle) -> Colour:
    stops = getattr(style.fill, "stops", ())
    return stops[0].colour if stops else style.colour


def _colour(colour: Colour, alpha: float) -> pysubs2.Color:
    red, green, blue, opaque = (round(255 * min(max(part, 0.0), 1.0)) for part in (*colour, alpha))
    return pysubs2.Color(red, green, blue, 255 - opaque)


def _escaped(text: str) -> str:
    plain = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return escaped(plain).replace("\n", r"\N").replace("\u00a0", r"\h")


def _rounded(value: float) -> float:
    return round(value, 2)


def _said(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
