"""`cutfarm doctor`: one line for each thing that a render or a farm stands on, with the mend where it is amiss."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cutfarm.commands.terminal import say


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    is_well: bool
    words: str
    mend: str = ""  #: what to do about it
    is_needed: bool = True  #: False: cutfarm does without


def run() -> int:
    """Print all findings; 1 where something that is needed is amiss, else 0."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("GPU", _gpu),
        ("encoder h264", lambda: _encoder("h264")),
        ("encoder h265", lambda: _encoder("h265")),
        ("encoder ffv1", lambda: _encoder("ffv1")),
        ("NVENC", _nvenc),
        ("fonts", _fonts),
        ("Ray", _ray),
        ("object store", _object_store),
    )
    amiss = False
    for name, check in checks:
        try:
            finding = check()
        except Exception as error:  # a check that fails is a finding
            finding = Finding(False, str(error) or type(error).__name__)
        mark = "ok" if finding.is_well else "missing" if not finding.is_needed else "AMISS"
        mend = f" — {finding.mend}" if finding.mend and not finding.is_well else ""
        say(f"{mark:8}{name}: {finding.words}{mend}")
        amiss = amiss or (finding.is_needed and not finding.is_well)
    return int(amiss)


def _gpu() -> Finding:
    import torch

    if not torch.cuda.is_available():
        mend = "frames are made on the CPU; a GPU needs NVIDIA's driver for CUDA 13"
        return Finding(False, "torch finds none", mend, is_needed=False)
    free, total = torch.cuda.mem_get_info()
    name = torch.cuda.get_device_name()
    return Finding(True, f"{name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free")


def _encoder(codec: str) -> Finding:
    from fractions import Fraction

    from cutfarm.media.codecs import ENCODERS, container_suffix, parse_codec
    from cutfarm.media.encode import VideoWriter
    from cutfarm.media.picture import black

    known = parse_codec(codec)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"one{container_suffix(known)}"
        with VideoWriter(path, width_px=64, height_px=64, fps=Fraction(30), codec=known) as writer:
            writer.write(black(64, 64))
        return Finding(True, f"{ENCODERS[known]} wrote a frame in {path.stat().st_size} bytes")


def _nvenc() -> Finding:
    from cluster.resources import nvenc_sessions

    sessions = nvenc_sessions()
    if not sessions:
        return Finding(False, "no session opens", "x264 encodes on the CPU, as on A100, H100 and H200", is_needed=False)
    return Finding(True, "a session opens")


def _fonts() -> Finding:
    from cutfarm.text.fonts.library import FontLibrary

    library = FontLibrary()
    missing = [name for name, letter in _SCRIPTS.items() if library.fallback(letter, emoji=False) is None]
    if missing:
        mend = "'apt-get install fonts-noto-core fonts-noto-cjk' brings them"
        return Finding(False, f"no font for {', '.join(missing)}", mend)
    emoji = "" if library.fallback("😀", emoji=True) is not None else "; none for emoji"
    return Finding(True, f"{len(library.faces)} faces, {library.main.family} by default{emoji}")


_SCRIPTS = {
    "Latin": "A",
    "Chinese": "春",
    "Japanese": "あ",
    "Korean": "한",
    "Arabic": "م",
    "Devanagari": "ह",
    "Thai": "ท",
}


def _ray() -> Finding:
    from cluster.connection import connect
    from cutfarm.commands.serve import settings_with

    with tempfile.TemporaryDirectory(prefix="cutfarm-doctor-") as folder:
        with connect(settings_with({"data_dir": Path(folder), "ray_dashboard": False})):
            import ray

            cores = ray.cluster_resources().get("CPU", 0)
            words = f"{ray.__version__} started with {cores:g} CPUs"
        return Finding(True, words)


def _object_store() -> Finding:
    from cluster.object_store import EmbeddedObjectStore
    from cutfarm.storage.store import open_store

    with tempfile.TemporaryDirectory(prefix="cutfarm-doctor-") as folder, EmbeddedObjectStore(Path(folder)) as server:
        store = open_store(server.settings)
        store.put_bytes("doctor/hello", b"hello")
        well = store.get_bytes("doctor/hello") == b"hello"
        return Finding(well, "the embedded one keeps and gives back", "see object-store.log in the data folder")
