"""A `Film` for MLT's melt: an XML document with a track for each layer.

Sound of clips that dissolve is dissolved too. Fades of the song are linear in decibels.
"""

from __future__ import annotations

import os
import shutil
from itertools import pairwise
from math import log10
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from benchmarks.draft import CAPTION_TOP_PX
from benchmarks.measure import Program
from benchmarks.peers.stills import HEIGHT_PX, caption_still
from benchmarks.timelines import FPS, Film, Inset, Song

NAME = "MLT"
_SILENT_DB = -60
_ENCODER = "vcodec=libx264 preset=veryfast crf=23 g=60 pix_fmt=yuv420p acodec=aac ab=192k frequency=44100 channels=2"
_FRAMES_AT_ONCE = "real_time=-2"  # negative: no frame is dropped


def is_installed() -> bool:
    """Whether melt is on the PATH."""
    return shutil.which("melt") is not None


def program(film: Film, window: range, folder: Path) -> Program:
    """melt with the whole timeline, told to render `window`."""
    path, out = folder / "timeline.mlt", folder / "mlt.mp4"
    document = ElementTree(_document(film, folder))
    indent(document)
    document.write(path, encoding="unicode")
    command = ["melt", "-silent", str(path), f"in={window.start}", f"out={window.stop - 1}"]
    command += ["-consumer", f"avformat:{out}", *_ENCODER.split(), "movflags=+faststart", _FRAMES_AT_ONCE]
    # Without a DISPLAY qtblend does not load and everything is black, though the offscreen platform needs none.
    environment = {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": os.environ.get("DISPLAY", ":99")}
    return Program(NAME, command, out, environment)


def _document(film: Film, folder: Path) -> Element:
    root = Element("mlt", LC_NUMERIC="C", root="/", producer="film")
    shape = {"width": film.width_px, "height": film.height_px, "display_aspect_num": film.width_px}
    shape |= {"display_aspect_den": film.height_px, "sample_aspect_num": 1, "sample_aspect_den": 1}
    shape |= {"frame_rate_num": FPS, "frame_rate_den": 1, "progressive": 1, "colorspace": 709}
    SubElement(root, "profile", {name: str(value) for name, value in shape.items()})
    tracks = [(_main(root, film), "")]
    mixes: list[tuple[str, dict[str, str]]] = []
    length = film.frames.stop
    if film.inset is not None:
        tracks.append((_single(root, "inset", film.inset.path, length), "audio"))
        mixes.append(("qtblend", _inset_place(film.inset)))
    if film.sticker is not None:
        sticker = film.sticker
        tracks.append((_single(root, "sticker", sticker.path, length, "qimage"), "audio"))
        mixes.append(("qtblend", {"rect": f"{sticker.left_px} {sticker.top_px} {sticker.side_px} {sticker.side_px} 1"}))
    if film.captions:
        tracks.append((_captions(root, film, folder), "audio"))
        top_px = round(CAPTION_TOP_PX * film.height_px / 1920)
        mixes.append(("qtblend", {"rect": f"0 {top_px} {film.width_px} {HEIGHT_PX} 1"}))
    if film.song is not None:
        tracks.append((_song(root, film.song, length), "video"))
        mixes.append(("mix", {"always_active": "1", "sum": "1"}))
    whole = SubElement(root, "tractor", {"id": "film", "in": "0", "out": str(length - 1)})
    for name, hidden in tracks:
        SubElement(whole, "track", {"producer": name} | ({"hide": hidden} if hidden else {}))
    for number, (service, values) in enumerate(mixes, 1):
        _transition(whole, service, length, {"a_track": "0", "b_track": str(number), **values})
    return root


def _main(root: Element, film: Film) -> str:
    """The clips one after the other, a tractor of two tracks for each dissolve; the playlist's name."""
    overlaps = [earlier.end - later.first for earlier, later in pairwise(film.clips)]
    for number, clip in enumerate(film.clips):
        producer = _producer(root, f"clip{number}", clip.path, clip.end - clip.first)
        if film.fills:
            sides = {"mlt_service": "crop", "left": "656", "right": "656"}
            _properties(SubElement(producer, "filter"), sides)
    for number, overlap in enumerate(overlaps):
        if overlap:
            _dissolve(root, number, film.clips[number].end - film.clips[number].first, overlap)
    playlist = Element("playlist", id="main")
    for number, clip in enumerate(film.clips):
        before = overlaps[number - 1] if number else 0
        after = overlaps[number] if number < len(overlaps) else 0
        _entry(playlist, f"clip{number}", before, clip.end - clip.first - after)
        if after:
            _entry(playlist, f"dissolve{number}", 0, after)
    root.append(playlist)
    return "main"


def _dissolve(root: Element, number: int, length: int, overlap: int) -> None:
    span = {"in": "0", "out": str(overlap - 1)}
    tractor = SubElement(root, "tractor", {"id": f"dissolve{number}", **span})
    last = {"in": str(length - overlap), "out": str(length - 1)}
    SubElement(tractor, "track", {"producer": f"clip{number}", **last})
    SubElement(tractor, "track", {"producer": f"clip{number + 1}", **span})
    for service, values in (("luma", {}), ("mix", {"start": "-1"})):
        _transition(tractor, service, overlap, {"a_track": "0", "b_track": "1", **values})


def _inset_place(inset: Inset) -> dict[str, str]:
    size = f"{inset.width_px} {inset.height_px} {inset.alpha:g}"
    rect = ";".join(f"{round(at_s * FPS)}={left} {top} {size}" for at_s, left, top in inset.keys)
    return {"rect": rect, "rotation": f"0={inset.rotation_deg:g}", "rotate_center": "1", "compositing": "0"}


def _captions(root: Element, film: Film, folder: Path) -> str:
    playlist, at = Element("playlist", id="captions"), 0
    for number, caption in enumerate(film.captions):
        still = caption_still(caption.text, film.width_px, folder / f"caption{number}.png")
        first, end = round(caption.start_s * FPS), round(caption.end_s * FPS)
        _producer(root, f"caption{number}", still, end - first, "qimage")
        if first > at:
            SubElement(playlist, "blank", length=str(first - at))
        _entry(playlist, f"caption{number}", 0, end - first)
        at = end
    root.append(playlist)
    return "captions"


def _song(root: Element, song: Song, length: int) -> str:
    name = _single(root, "song", song.path, length)
    level_db = f"{20 * log10(song.gain):.3f}"
    fade_in, fade_out = round(song.fade_in_s * FPS), round(song.fade_out_s * FPS)
    keys = [f"0={_SILENT_DB}", f"{fade_in}={level_db}"] if fade_in else [f"0={level_db}"]
    keys += [f"{length - fade_out}={level_db}", f"{length - 1}={_SILENT_DB}"] if fade_out else []
    producer = next(found for found in root.iter("producer") if found.get("id") == "song")
    _properties(SubElement(producer, "filter"), {"mlt_service": "volume", "level": ";".join(keys)})
    return name


def _single(root: Element, name: str, path: Path, length: int, service: str = "avformat") -> str:
    """A playlist of one file; its name."""
    _producer(root, name, path, length, service)
    playlist = SubElement(root, "playlist", id=f"{name}_track")
    _entry(playlist, name, 0, length)
    return f"{name}_track"


def _producer(root: Element, name: str, path: Path, length: int, service: str = "avformat") -> Element:
    producer = SubElement(root, "producer", {"id": name, "in": "0", "out": str(length - 1)})
    _properties(producer, {"resource": str(path), "mlt_service": service, "length": str(length)})
    return producer


def _entry(playlist: Element, producer: str, first: int, end: int) -> None:
    SubElement(playlist, "entry", {"producer": producer, "in": str(first), "out": str(end - 1)})


def _transition(parent: Element, service: str, length: int, values: dict[str, str]) -> None:
    transition = SubElement(parent, "transition", {"in": "0", "out": str(length - 1)})
    _properties(transition, {"mlt_service": service, **values})


def _properties(parent: Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        SubElement(parent, "property", name=name).text = value
