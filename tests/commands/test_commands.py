"""The commands as a user meets them: what they write, what they print, and their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from tests.commands.drafts import SECOND, Ran, draft_of, segment, write
from tests.media.film import number_in


class TestAProcessOfItsOwn:
    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cutfarm.cli", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def test_render(self, folder: Path, out: Path) -> None:
        done = self.run("render", folder, "-o", out / "film.mp4")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{out / 'film.mp4'}: 160 × 96, 60 frames\n"
        with av.open(str(out / "film.mp4")) as file:
            assert [number_in(planes_of(Picture(frame)).y.numpy()) for frame in file.decode(video=0)] == list(range(60))
        assert [path.name for path in out.iterdir()] == ["film.mp4"]

    def test_inspect(self, folder: Path) -> None:
        done = self.run("inspect", folder, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        said = json.loads(done.stdout)
        assert (said["canvas"], said["fps"], said["duration_us"]) == (
            {"width_px": 160, "height_px": 96},
            30.0,
            2 * SECOND,
        )
        assert said["files"] == {"film.mp4": str(folder / "film.mp4")}

    def test_a_fault_is_one_sentence(self) -> None:
        done = self.run("inspect", "/nowhere/draft")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "cutfarm: There is no draft at /nowhere/draft.\n"


class TestRender:
    def test_lossless_and_a_range(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        code, _, _ = cutfarm(
            "render", folder, "-o", out / "film.mkv", "--lossless", "--range", "0.5:1", "--chunks", "3"
        )
        assert code == 0
        with av.open(str(out / "film.mkv")) as file:
            assert [number_in(planes_of(Picture(frame)).y.numpy()) for frame in file.decode(video=0)] == list(
                range(15, 30)
            )

    def test_height_and_rate(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        assert cutfarm("render", folder, "-o", out / "film.mp4", "--height", "48", "--fps", "15")[0] == 0
        with av.open(str(out / "film.mp4")) as file:
            frames = [planes_of(Picture(frame)) for frame in file.decode(video=0)]
            assert file.streams.video[0].average_rate == 15
        assert {(each.width_px, each.height_px) for each in frames} == {(80, 48)}
        assert len(frames) == 30

    def test_the_report_is_written(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        draft = draft_of("film.mp4")
        draft["tracks"].append({"type": "sticker", "segments": [segment("star")]})
        draft["materials"]["stickers"] = [{"id": "star", "name": "star", "resource_id": "77"}]
        write(folder, draft)
        code, _, said = cutfarm("render", folder, "-o", out / "film.mp4", "--report", out / "report.json")
        assert code == 0
        assert "unsupported" in said
        [entry] = json.loads((out / "report.json").read_text("utf-8"))
        assert (entry["fidelity"], entry["what"], entry["segment_id"]) == ("unsupported", "sticker", "segment-star")

    def test_strict_refuses_before_any_work(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        draft = draft_of("film.mp4")
        draft["tracks"].append({"type": "filter", "segments": [segment("warm")]})
        draft["materials"]["effects"] = [{"id": "warm", "type": "filter", "name": "warm"}]
        write(folder, draft)
        code, _, said = cutfarm("render", folder, "-o", out / "film.mp4", "--strict", "close")
        assert (code, list(out.iterdir())) == (2, [])
        assert said.startswith("cutfarm: not close: ")

    @pytest.mark.parametrize("form", ["folder", "file", "zip"])
    def test_a_draft_in_every_form(
        self, form: str, folder: Path, tmp_path: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        given = {"folder": folder, "file": folder / "draft_content.json", "zip": tmp_path / "draft.zip"}[form]
        if form == "zip":
            with zipfile.ZipFile(given, "w") as archive:
                for name in ("draft_content.json", "film.mp4"):
                    archive.write(folder / name, f"my draft/{name}")
        assert cutfarm("render", given, "-o", out / "film.mp4", "--range", "0:0.2")[0] == 0
        assert [path.name for path in out.iterdir()] == ["film.mp4"]

    def test_media_that_moved(self, film: Path, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        (folder / "film.mp4").unlink()
        write(folder, draft_of(r"C:\Users\me\Videos\film.mp4"))
        assert cutfarm("render", folder, "-o", out / "film.mp4", "--range", "0:0.1")[0] == 2
        assert cutfarm("render", folder, "-o", out / "film.mp4", "--range", "0:0.1", "--media", film.parent)[0] == 0

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["-o", "film.mkv"], "a file of codec h264 must end in .mp4, not .mkv"),
            (["-o", "film"], "a file of codec h264 must end in .mp4, not nothing"),
            (["-o", "film.mp4", "--lossless"], "a file of codec ffv1 must end in .mkv"),
            (["-o", "gone/film.mp4"], "the folder gone is not there"),
            (["-o", "film.mp4", "--height", "5"], "height 5 is not between 16 and 8192 px"),
            (["-o", "film.mp4", "--fps", "0"], "fps 0 is not between 1 and 240"),
            (["-o", "film.mp4", "--fps", "1/0"], "fps '1/0' is not a number"),
            (["-o", "film.mp4", "--fps", "nan"], "fps 'nan' is not a number"),
            (["-o", "film.mp4", "--range", "2:1"], "range 2:1 does not go from an earlier to a later time"),
            (["-o", "film.mp4", "--range", "nan:1"], "range nan:1"),
            (["-o", "film.mp4", "--range", "5:6"], "the range begins at 5 s, the draft ends at 2 s"),
            (["-o", "film.mp4", "--codec", "vp9"], "codec 'vp9' is not one of h264, h265, ffv1"),
            (["-o", "film.mp4", "--preset", "x"], "preset 'x' is not one of"),
            (["-o", "film.mp4", "--crf", "99"], "crf 99 is not between 0 and 51"),
            (["-o", "film.mp4", "--device", "tpu"], "device 'tpu' is not one of auto, cpu, cuda"),
            (["-o", "film.mp4", "--chunks", "0"], "chunks 0 is not between 1 and 1024"),
            (["-o", "film.mp4", "--workers", "-1"], "workers -1 is not between 1 and 1024"),
            (["-o", "film.mp4", "--strict", "good"], "level 'good' is not one of"),
            (["-o", "film.mp4", "--media", "gone"], "the media folder gone is not there"),
        ],
        ids=lambda words: " ".join(words) if isinstance(words, list) else "",
    )
    def test_options_that_cannot_be(
        self,
        words: list[str],
        said: str,
        folder: Path,
        out: Path,
        cutfarm: Callable[..., Ran],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(out)
        code, printed, error = cutfarm("render", folder, *words)
        assert (code, printed, list(out.iterdir())) == (2, "", [])
        assert said in error
        assert error.startswith("cutfarm: ")
        assert error.count("\n") == 1


class TestFrame:
    def test_a_frame(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        code, said, _ = cutfarm("frame", folder, "--at", "1.5", "-o", out / "a.png")
        assert (code, said) == (0, f"{out / 'a.png'}: 160 × 96\n")
        with Image.open(out / "a.png") as image:
            assert number_in(np.asarray(image.convert("L"))) == 45
        assert [path.name for path in out.iterdir()] == ["a.png"]

    @pytest.mark.parametrize("at", ["-1", "2.1", "1e9", "nan", "inf"])
    def test_times_without_a_frame(self, at: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        code, _, said = cutfarm("frame", folder, "--at", at, "-o", out / "a.png")
        assert (code, list(out.iterdir())) == (2, [])
        assert f"there is no frame at {float(at):g} s: the draft lasts from 0 to 2 s" in said

    def test_pictures_are_png(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        code, _, said = cutfarm("frame", folder, "--at", "1", "-o", out / "a.jpg")
        assert (code, list(out.iterdir())) == (2, [])
        assert "a.jpg must end in .png" in said


class TestInspect:
    def test_a_table(self, folder: Path, cutfarm: Callable[..., Ran]) -> None:
        code, said, _ = cutfarm("inspect", folder)
        assert code == 0
        assert "160 × 96 px, 30 fps, 2.000 s" in said
        assert "film.mp4" in said
