"""Content keys that outlive a process: what a chunk shows, and by whom it is drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from cutfarm.render.spec import ChunkSpec, SoundSpec, canonical_json
from cutfarm.text.fonts.files import digest_of, font_files
from cutfarm.timeline.curves import SOUND_CURVES
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    Content,
    Curve,
    Fade,
    MediaSegment,
    PictureMaterial,
    Segment,
    TextSegment,
    Timeline,
)
from cutfarm.timeline.nesting import all_segments
from cutfarm.timeline.report import Report
from cutfarm.timeline.treatment import SoundTreatment

_DRAWING = ("cutfarm.catalogue", "cutfarm.media", "cutfarm.render", "cutfarm.text", "cutfarm.timeline", "kernels")
_LIBRARIES = ("av", "numpy", "pillow", "python-bidi", "skia-python", "torch", "uharfbuzz")
_SOURCES = (".py", ".tsv", ".txt")


def chunk_key(spec: ChunkSpec, device: str) -> str:
    """SHA-256, hexadecimal, of all that the encoded pictures of `spec` depend on, when drawn here on `device`.

    What tools make up anew each time they write the same draft does not count: the ids of segments, materials and
    tracks. Nor does what is only heard, or what nobody here understands. The fonts count where there is text: any of
    them may be asked for a character.
    """
    plain = {
        "chunk": replace(spec, timeline=_seen(spec.timeline, {})).key(),
        "device": device,
        "renderer": renderer(),
        "fonts": fonts() if has_words(spec.timeline) else "",
    }
    return sha256(canonical_json(plain)).hexdigest()


def soundtrack_key(spec: SoundSpec) -> str:
    """SHA-256, hexadecimal, of all that the sound of `spec` depends on, when mixed here."""
    from cutfarm.render.soundtrack import key_of_sound  # loads what mixes

    return sha256(f"{key_of_sound(spec)} {renderer()}".encode()).hexdigest()


def has_words(timeline: Timeline) -> bool:
    """Whether any frame of the timeline may need a font."""
    return any(_has_words(segment) for segment in all_segments(timeline))


def segment_ids(timeline: Timeline) -> tuple[str, ...]:
    """The ids of all segments, those in compound clips too; chunks with the same key have them in the same order."""
    return tuple(segment.id for segment in all_segments(timeline))


@cache
def renderer() -> str:
    """SHA-256, hexadecimal, of the modules that draw with their tables, and of the releases of their libraries."""
    digest = sha256()
    for package in _DRAWING:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).rglob("*")):
                if path.suffix in _SOURCES:
                    digest.update(path.read_bytes())
    digest.update(" ".join(f"{library} {_release(library)}" for library in _LIBRARIES).encode())
    return digest.hexdigest()


def fonts() -> str:
    """SHA-256, hexadecimal, of the names and contents of all font files here, wherever they lie."""
    return digest_of(font_files())


def _release(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def _has_words(segment: Segment) -> bool:
    if isinstance(segment, ClipSegment):
        return segment.mask is not None and segment.mask.text is not None
    return isinstance(segment, TextSegment)


def _seen(timeline: Timeline, names: dict[str, str]) -> Timeline:
    """The timeline as far as it is seen, with ids that its order alone decides: `names` holds those given so far."""
    filled = [track for track in timeline.tracks if track.segments]
    tracks = tuple(
        replace(
            track,
            id="",
            index=index,
            is_muted=False,
            segments=tuple(_plain(segment, names) for segment in track.segments),
        )
        for index, track in enumerate(filled)
    )
    by_track = timeline.layers_by_track and any(track.layer_index for track in timeline.tracks)
    return replace(timeline, tracks=tracks, layers_by_track=by_track, report=Report(), origin={})


def _plain(segment: Segment, names: dict[str, str]) -> Segment:
    number = names.setdefault(segment.id, str(len(names)))
    plain = replace(segment, id=number, curves=_seen_curves(segment), unknown=())
    if isinstance(plain, MediaSegment):
        plain = replace(plain, volume=1.0, fade=Fade(), treatment=SoundTreatment(), keep_pitch=True)
    if isinstance(plain, ClipSegment):
        plain = replace(plain, material=_plain_content(plain.material, names))
    if isinstance(plain, TextSegment):
        plain = replace(plain, text=replace(plain.text, material_id=""))
    return plain


def _plain_content(content: Content, names: dict[str, str]) -> Content:
    match content:
        case PictureMaterial():
            return replace(content, id="", has_audio=False)
        case Compound():
            return replace(content, id="", name="", has_audio=False, timeline=_seen(content.timeline, names))
        case _:
            return replace(content, id="")


def _seen_curves(segment: Segment) -> tuple[Curve, ...]:
    return tuple(curve for curve in segment.curves if curve.property not in SOUND_CURVES)
