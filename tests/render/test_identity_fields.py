"""Every field of the model either counts in a chunk's key or is on a list of those that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from cutfarm.render.identity import chunk_key
from cutfarm.render.job import plan_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import Asset, ChunkSpec, Output
from cutfarm.timeline import model, text
from cutfarm.timeline.model import (
    Animation,
    Background,
    Blend,
    BlurBackground,
    Canvas,
    ChromaKey,
    ClipSegment,
    ColourBackground,
    Compound,
    Content,
    Curve,
    Fill,
    Handle,
    ImageBackground,
    Keyframe,
    LookCurve,
    Mask,
    MaskText,
    PictureMaterial,
    PictureSegment,
    Segment,
    Shape,
    SpeedPoint,
    TextSegment,
    Timeline,
    Track,
    Transition,
)
from cutfarm.timeline.text import (
    Glow,
    Gradient,
    GradientStop,
    Shadow,
    Stroke,
    TextBackground,
    TextBlock,
    TextStyle,
    Texture,
    Word,
)
from cutfarm.timeline.time import TimeRange
from cutfarm.timeline.treatment import ProducedSound, SoundEffect, SoundTreatment

#: What nobody sees: fields by their owner's name and their own.
UNSEEN = {
    *(f"{owner}.id" for owner in ("PictureMaterial", "Fill", "Shape", "Compound", "Track")),
    *(f"{owner}.id" for owner in ("ClipSegment", "PictureSegment", "TextSegment")),
    "TextBlock.material_id",
    "Compound.name",
    *(f"{owner}.has_audio" for owner in ("PictureMaterial", "Compound")),
    *(f"{owner}.{name}" for owner in ("ClipSegment", "PictureSegment") for name in ("volume", "keep_pitch")),
    "Fade.in_us",
    "Fade.out_us",
    *(f"SoundTreatment.{name}" for name in ("channels", "pitch_semitones", "target_lufs", "pan")),
    *(f"SoundEffect.{name}" for name in ("kind", "name", "resource_id", "sliders")),
    *(f"ProducedSound.{name}" for name in ("what", "path", "start_us", "replaces")),
    "Track.index",
    "Track.is_muted",
}
RED = (1.0, 0.0, 0.0, 0.5)
TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
SECOND = TimeRange(0, 1_000_000)
WORDS = MaskText("w", "f", 1.0, 1.0, 0.0, 0.0, 1)
HEARD = Curve("KFTypeVolume", (Keyframe(0, 1.0),))
TREATED = SoundTreatment(
    effects=(SoundEffect("scene", "n", "r", (("strength", 0.5),)),),
    target_lufs=-14.0,
    produced=(ProducedSound("w", "p", replaces=0),),
)


def curve(name: str) -> Curve:
    return Curve(name, (Keyframe(0, 1.0, after=Handle(1.0, 2.0)), Keyframe(9, 2.0, before=Handle(-1.0, 2.0))))


def clip(id_: str, content: Content, background: Background | None) -> ClipSegment:
    """A clip with everything that a clip can have."""
    common: dict[str, Any] = {
        "id": id_,
        "target": SECOND,
        "source": SECOND,
        "rate": Fraction(1),
        "curves": (curve("KFTypeScaleX"), HEARD),
        "treatment": TREATED,
        "speed_points": (SpeedPoint(0.0, 1.0), SpeedPoint(1.0, 1.0)),
        "transition": Transition("n", "r", "e", 10, True),
        "mask": Mask(
            "text", text=MaskText("w", "f", 1.0, 1.0, 0.0, 0.0, 1), curves=(curve("KFTypeCommonMaskFeather"),)
        ),
        "blend": Blend("screen"),
        "chroma_key": ChromaKey(0.0, 1.0, 0.0, 0.5),
        "background": background,
        "animations": (Animation("in", "n", "r", 0, 10),),
    }
    if isinstance(content, PictureMaterial):
        return PictureSegment(**common, material=content)
    return ClipSegment(**common, material=content)


def words(id_: str) -> TextSegment:
    """A caption with every look."""
    gradient = Gradient((GradientStop(0.0, RED[:3]), GradientStop(1.0, RED[:3])), 30.0)
    style = TextStyle(
        0,
        5,
        9.0,
        strokes=(Stroke(RED[:3], 1.0, 0.1, Texture("a.png", "r")),),
        fill=gradient,
        shadows=(Shadow(RED[:3], 1.0, -45.0, 0.1),),
        glow=Glow(RED[:3], 1.0, 0.1),
    )
    boxes, spoken = (TextBackground("line", RED[:3]),), (Word(0, 5, 0, 9),)
    block = TextBlock(id_, "words", (style,), wrap_width=0.8, backgrounds=boxes, words=spoken)
    return TextSegment(
        id=id_,
        target=SECOND,
        text=block,
        animations=(Animation("caption", "n", "r", 0, 1),),
        look_curves=(LookCurve("KFTypeTextColor", (curve("red"), curve("green"))),),
    )


def track(id_: str, kind: str, *segments: Segment) -> Track:
    return Track(id_, kind, 0, 3, False, False, segments)


def timeline(*tracks: Track) -> Timeline:
    return Timeline(Canvas(640, 360), Fraction(30), 1_000_000, tracks, True)


def rich() -> Timeline:
    """Every noun that is seen, and each once more within a compound clip."""

    def contents(mark: str) -> list[ClipSegment]:
        sticker = PictureMaterial(f"{mark}mp", "sticker", "n", "a.png", 1, 1, 1, True)
        fill = Fill(f"{mark}mf", 1, 1, (RED, RED), (0.0, 0.5), 45.0)
        shape = Shape(f"{mark}ms", TRIANGLE, RED, RED, 1.0, 1.0)
        return [
            clip(f"{mark}p", sticker, BlurBackground(0.5)),
            clip(f"{mark}f", fill, ColourBackground(0.1, 0.2, 0.3)),
            clip(f"{mark}s", shape, ImageBackground("wall.png")),
        ]

    inner = timeline(track("i0", "video", *contents("i")), track("i1", "text", words("iw")))
    return timeline(
        track("t0", "video", *contents("o"), clip("oc", Compound("mc", "n", inner), None)),
        track("t1", "text", words("ow")),
    )


def edits(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """`value` with one number, word or switch within it changed, and which field of what that was."""
    if is_dataclass(value):
        for each in fields(value):
            for field, edited in edits(getattr(value, each.name), f"{type(value).__name__}.{each.name}"):
                yield field, replace(value, **{each.name: edited})  # type: ignore[type-var]
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            for field, edited in edits(item, where):
                yield field, (*value[:at], edited, *value[at + 1 :])
    elif value is not None and not isinstance(value, Mapping):
        yield where, changed(value)


def changed(value: object) -> object:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}!"
        case int() | float() | Fraction():
            return value + 1
    raise AssertionError(f"{value!r} is of a kind that this test does not know")


def key(whole: Timeline) -> str:
    files = {"a.png": Asset("a.png", "1"), "wall.png": Asset("wall.png", "2")}
    return chunk_key(ChunkSpec(whole, files, Output(640, 360, Fraction(30)), 0, 10), "cpu")


def test_every_field_counts_or_is_known_not_to() -> None:
    whole = rich()
    before, counted, passed = key(whole), set[str](), set[str]()
    for field, edited in edits(replace(whole, duration_us=0)):
        if field == "Timeline.duration_us":  # of the whole: chunks say which frames they hold
            continue
        (passed if key(edited) == before else counted).add(field)
    # Of the curves one is heard alone, so that its fields are on both sides.
    assert passed - {"Curve.property", "Keyframe.at_us", "Keyframe.value"} == UNSEEN
    assert counted & UNSEEN == set()


def test_the_rich_timeline_has_every_noun() -> None:
    """A noun that is new in the model must be added above."""
    seen: set[str] = set()

    def look(value: Any) -> None:
        if is_dataclass(value):
            seen.add(type(value).__name__)
            for each in fields(value):
                look(getattr(value, each.name))
        elif isinstance(value, tuple):
            for item in value:
                look(item)

    look(rich())
    nouns = {
        name
        for module in (model, text)
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    abstract = {"Segment", "MediaSegment"}
    assert nouns - seen == abstract | {"SoundSegment", "SoundMaterial", "OtherSegment", "UnknownMaterial"}


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_chunk_is_given_the_pictures_of_its_backgrounds(is_nested: bool) -> None:
    photo = PictureMaterial("m", "photo", "n", "a.png", 1, 1, 0, False)
    shown = PictureSegment(
        id="s",
        target=SECOND,
        source=SECOND,
        rate=Fraction(1),
        material=photo,
        background=ImageBackground("wall.png"),
    )
    later = replace(shown, id="l", target=TimeRange(1_000_000, 1_000_000), background=ImageBackground("other.png"))
    whole = timeline(track("t", "video", shown, later))
    if is_nested:
        outer = ClipSegment(
            id="c",
            target=TimeRange(0, 2_000_000),
            source=TimeRange(0, 2_000_000),
            rate=Fraction(1),
            material=Compound("c", "n", replace(whole, duration_us=2_000_000)),
        )
        whole = timeline(track("t", "video", outer))
    files = {name: Asset(name, name) for name in ("a.png", "wall.png", "other.png", "unused.png")}
    job = plan_job(replace(whole, duration_us=2_000_000), files, RenderOptions(codec="ffv1"))
    first, second = job.chunks_at([range(30), range(30, 60)])
    assert set(first.assets) == {"a.png", "wall.png"}
    assert set(second.assets) == {"a.png", "other.png"}
    changed = replace(job, assets={**files, "wall.png": Asset("wall.png", "repainted")})
    one, other = changed.chunks_at([range(30), range(30, 60)])
    assert chunk_key(one, "cpu") != chunk_key(first, "cpu")
    assert chunk_key(other, "cpu") == chunk_key(second, "cpu")
