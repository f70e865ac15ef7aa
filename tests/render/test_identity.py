"""Content keys: what counts, and what does not."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cutfarm.render import identity
from cutfarm.render.identity import chunk_key, segment_ids, soundtrack_key
from cutfarm.render.job import Job, plan_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import Asset
from cutfarm.text.fonts.files import font_files
from cutfarm.timeline.model import Curve, Fade, Keyframe, PictureSegment, Segment, Timeline, Track, Transform
from cutfarm.timeline.report import Entry, Fidelity, Report
from tests.render.scene import assets, caption, clip, compound, timeline

FRAMES = [range(30, 90)]


def draft(mark: str = "", words: str = "words") -> Timeline:
    """Two clips and a caption; `mark` is in every id."""
    clips = [clip("a.mp4", 0, 2, id=f"a{mark}"), clip("b.mp4", 2, 2, id=f"b{mark}")]
    made = timeline(clips, [caption(words, 1, 1, id=f"c{mark}")])

    def named(segment: Segment) -> Segment:
        if isinstance(segment, PictureSegment):
            return replace(segment, material=replace(segment.material, id=f"m{mark}{segment.id}"))
        return replace(segment, text=replace(segment.text, material_id=f"m{mark}"))  # type: ignore[attr-defined]

    return edited(made, named, lambda track: replace(track, id=f"{mark}{track.id}"))


def edited(
    whole: Timeline, edit: Callable[[Any], Segment], edit_track: Callable[[Track], Track] = lambda track: track
) -> Timeline:
    tracks = [replace(track, segments=tuple(map(edit, track.segments))) for track in whole.tracks]
    return replace(whole, tracks=tuple(map(edit_track, tracks)))


def job_of(whole: Timeline, **options: Any) -> Job:
    return plan_job(whole, assets(whole), RenderOptions(**options))


def key_of(whole: Timeline, **options: Any) -> str:
    return chunk_key(job_of(whole, **options).chunks_at(FRAMES)[0], "cpu")


def on_clips(edit: Callable[[PictureSegment], Segment]) -> Callable[[Segment], Segment]:
    return lambda segment: edit(segment) if isinstance(segment, PictureSegment) else segment


LOUDER = Curve("KFTypeVolume", (Keyframe(0, 2.0),))
TURNED = Curve("KFTypeRotation", (Keyframe(0, 2.0),))


class TestChunkKey:
    def test_another_process_finds_the_same_key(self, tmp_path: Path) -> None:
        spec = job_of(draft()).chunks_at(FRAMES)[0]
        (tmp_path / "spec").write_bytes(pickle.dumps(spec))
        code = (
            "import pickle, sys; from cutfarm.render.identity import chunk_key; "
            "print(chunk_key(pickle.load(open(sys.argv[1], 'rb')), 'cpu'))"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "spec")]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == key_of(draft())

    @pytest.mark.parametrize(
        "other",
        [
            draft("another tool's "),
            edited(draft(), on_clips(lambda s: replace(s, volume=0.5, fade=Fade(1, 1), keep_pitch=False))),
            edited(draft(), on_clips(lambda s: replace(s, curves=(LOUDER,)))),
            edited(draft(), lambda s: s, lambda track: replace(track, is_muted=True)),
            replace(draft(), tracks=(*draft().tracks, Track("new", "text", 2, 0, False, False, ()))),
        ],
        ids=["ids", "sound", "sound curves", "muted", "an empty track"],
    )
    def test_what_nobody_sees_does_not_count(self, other: Timeline) -> None:
        assert key_of(other) == key_of(draft())

    def test_what_is_seen_counts(self) -> None:
        front = edited(draft(), on_clips(lambda s: replace(s, render_index=9)))
        others = [
            draft(words="wards"),
            edited(draft(), on_clips(lambda s: replace(s, transform=Transform(alpha=0.5)))),
            edited(draft(), on_clips(lambda s: replace(s, curves=(TURNED,)))),
            front,
            replace(draft(), canvas=replace(draft().canvas, width_px=100)),
        ]
        keys = {key_of(draft()), *(key_of(other) for other in others)}
        for options in ({"crf": 30}, {"preset": "slow"}, {"codec": "h265"}, {"height_px": 90}, {"fps": Fraction(25)}):
            keys.add(key_of(draft(), **options))
        spec = job_of(draft()).chunks_at(FRAMES)[0]
        keys.add(chunk_key(replace(spec, assets={**spec.assets, "a.mp4": Asset("a.mp4", "new bytes")}), "cpu"))
        keys.add(chunk_key(spec, "cuda"))
        assert len(keys) == 13

    def test_fonts_count_where_there_is_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        words, plain = job_of(draft()).chunks_at([range(30, 60), range(60, 90)])
        before = chunk_key(words, "cpu"), chunk_key(plain, "cpu")
        monkeypatch.setattr(identity, "fonts", lambda: "one font more")
        assert chunk_key(words, "cpu") != before[0]
        assert chunk_key(plain, "cpu") == before[1]

    def test_another_renderer_has_other_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = job_of(draft()).chunks_at(FRAMES)[0]
        before = chunk_key(spec, "cpu"), soundtrack_key(job_of(draft()).sound)
        monkeypatch.setattr(identity, "renderer", lambda: "one line changed")
        assert chunk_key(spec, "cpu") != before[0]
        assert soundtrack_key(job_of(draft()).sound) != before[1]

    def test_segments_of_equal_chunks_have_equal_places(self) -> None:
        specs = [job_of(draft(mark)).chunks_at(FRAMES)[0] for mark in ("", "new ")]
        assert [segment_ids(spec.timeline) for spec in specs] == [("a", "b", "c"), ("anew ", "bnew ", "cnew ")]


class TestCompoundClips:
    def held(self, inner: Timeline | None = None, mark: str = "", **more: Any) -> Timeline:
        """The draft within a compound clip within a compound clip; `mark` is in every id."""
        middle = timeline([compound(inner or draft(mark), id=f"middle{mark}", **more)])
        return timeline([compound(middle, id=f"outer{mark}")])

    def test_ids_names_and_origins_of_drafts_within_do_not_count(self) -> None:
        origin = {"draft": {"id": "made up"}}
        inner = replace(draft("new "), origin=origin, report=Report((Entry(Fidelity.CLOSE, "x", "y"),)))
        assert key_of(replace(self.held(inner, "new "), origin=origin)) == key_of(self.held())

    def test_what_is_heard_of_them_does_not_count(self) -> None:
        quiet = edited(draft(), on_clips(lambda s: replace(s, volume=0.5)), lambda t: replace(t, is_muted=True))
        assert key_of(self.held(quiet, has_audio=False, volume=0.5)) == key_of(self.held())

    def test_what_the_frames_do_not_show_of_them_does_not_count(self) -> None:
        inner = draft()
        later = replace(inner.tracks[0], segments=(*inner.tracks[0].segments, clip("later.mp4", 4, 1)))
        assert key_of(self.held(replace(inner, tracks=(later, *inner.tracks[1:])))) == key_of(self.held())

    def test_what_is_seen_of_them_counts(self) -> None:
        others = [
            self.held(draft(words="wards")),
            self.held(edited(draft(), on_clips(lambda s: replace(s, transform=Transform(alpha=0.5))))),
            self.held(edited(draft(), on_clips(lambda s: replace(s, curves=(TURNED,))))),
            self.held(replace(draft(), canvas=replace(draft().canvas, width_px=100))),
            self.held(source_s=0.5),
            self.held(rate=2),
            self.held(is_reversed=True),
            draft(),
        ]
        assert len({key_of(self.held()), *(key_of(other) for other in others)}) == len(others) + 1

    def test_segments_of_equal_chunks_have_equal_places(self) -> None:
        specs = [job_of(self.held(mark=mark)).chunks_at(FRAMES)[0] for mark in ("", "+")]
        assert [segment_ids(spec.timeline) for spec in specs] == [
            ("outer", "middle", "a", "b", "c"),
            ("outer+", "middle+", "a+", "b+", "c+"),
        ]

    def test_words_within_ask_for_fonts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = job_of(self.held()).chunks_at(FRAMES)[0]
        before = chunk_key(spec, "cpu")
        monkeypatch.setattr(identity, "fonts", lambda: "one font more")
        assert chunk_key(spec, "cpu") != before


class TestFonts:
    def test_every_change_of_a_font_file_is_seen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        font = tmp_path / "a.ttf"
        monkeypatch.setattr(identity, "font_files", lambda: sorted(tmp_path.glob("*.ttf")))
        found = {identity.fonts()}
        for content in (b"font", b"font no. 2"):
            font.write_bytes(content)
            found.add(identity.fonts())
        (tmp_path / "b.ttf").write_bytes(b"font")
        found.add(identity.fonts())
        font.rename(tmp_path / "c.ttf")
        found.add(identity.fonts())
        assert len(found) == 5

    def test_machines_with_the_same_fonts_agree(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        found = set()
        for place, changed in (("one", 1), ("another/place", 2)):
            folder = tmp_path / place
            folder.mkdir(parents=True)
            for name in ("b.ttf", "a.ttf"):
                (folder / name).write_bytes(name.encode())
                os.utime(folder / name, (changed, changed))
            monkeypatch.setattr(identity, "font_files", lambda folder=folder: font_files([folder], system=False))
            found.add(identity.fonts())
        assert len(found) == 1

    def test_the_farms_fonts_count(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CUTFARM_FONT_DIR", str(tmp_path))
        before = identity.fonts()
        (tmp_path / "a.ttf").write_bytes(b"font")
        assert identity.fonts() != before


def test_the_renderer_is_all_that_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or real(path))
    whole = identity.renderer.__wrapped__()
    assert {"frame.py", "video.py", "raster.py", "layers.py", "blend.py", "segment.py", "fonts.tsv"} <= set(read)
    monkeypatch.setattr(identity, "version", lambda library: "99" if library == "av" else "1")
    assert identity.renderer.__wrapped__() != whole
