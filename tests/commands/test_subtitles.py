"""Subtitles through the command: captions written to files, and files burnt in."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from cutfarm.commands.burning import BurnIn
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.subtitles import files
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import TextSegment
from tests.commands.drafts import SECOND, Draft, Ran, draft_of, segment, write

CUES = "1\n00:00:00,500 --> 00:00:01,000\nHello\n\n2\n00:00:01,500 --> 00:00:09,000\n你好\n"


def with_captions(*spans: tuple[float, float], **more: Any) -> Draft:
    """The film with captions, the n-th one reading `words n`."""
    draft = draft_of("film.mp4", **more)
    captions = [segment(f"t{n}", start, end - start, source_timerange=None) for n, (start, end) in enumerate(spans)]
    draft["tracks"].append({"type": "text", "segments": captions})
    draft["materials"]["texts"] = [{"id": f"t{n}", "type": "text", "content": f"words {n}"} for n in range(len(spans))]
    return draft


def shown(draft: Path, *subtitles: Path, fps: int = 30) -> dict[str, range]:
    """The words that stand over a draft, and at which of its frames."""
    found: dict[str, list[int]] = {}
    with loaded(str(draft), LoadOptions(burn_in=BurnIn(subtitles))) as (timeline, _):
        stack = LayerStack(timeline, Fraction(fps))
        for frame in range(2 * fps):
            for layer in stack.at(frame):
                if isinstance(layer.segment, TextSegment):
                    found.setdefault(layer.text.text, []).append(frame)
    return {text: range(frames[0], frames[-1] + 1) for text, frames in found.items()}


class TestWrite:
    def test_a_file(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        write(folder, with_captions((0.5, 1), (1, 2)))
        assert cutfarm("subtitles", folder, "-o", out / "a.srt") == (0, f"{out / 'a.srt'}: 2 captions\n", "")
        assert (out / "a.srt").read_text("utf-8") == (
            "1\n00:00:00,500 --> 00:00:01,000\nwords 0\n\n2\n00:00:01,000 --> 00:00:02,000\nwords 1\n\n"
        )
        assert [path.name for path in out.iterdir()] == ["a.srt"]

    def test_standard_output(self, folder: Path, cutfarm: Callable[..., Ran]) -> None:
        write(folder, with_captions((0.5, 1)))
        code, said, _ = cutfarm("subtitles", folder, "-o", "-", "--format", "vtt")
        assert code == 0
        assert said.startswith("WEBVTT\n\n00:00:00.500 --> 00:00:01.000")

    def test_media_need_not_be_there(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        write(folder, with_captions((0.5, 1)))
        (folder / "film.mp4").unlink()
        assert cutfarm("subtitles", folder, "-o", out / "a.ass")[0] == 0

    def test_an_encoding(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        draft = with_captions((0.5, 1))
        draft["materials"]["texts"][0]["content"] = "你好"
        write(folder, draft)
        assert cutfarm("subtitles", folder, "-o", out / "a.srt", "--encoding", "gb18030")[0] == 0
        assert "你好" in (out / "a.srt").read_text("gb18030")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["-o", "a.txt"], "subtitles end in .srt, .vtt or .ass, which a.txt does not"),
            (["-o", "-"], "name the format by --format"),
            (["-o", "-", "--format", "sub"], "subtitle format 'sub' is not one of srt, vtt, ass"),
            (["-o", "nowhere/a.srt"], "nowhere/a.srt cannot be written: No such file or directory"),
            (["-o", "a.srt", "--encoding", "klingon"], "there is no encoding 'klingon'"),
            (["-o", "a.srt", "--encoding", "ascii"], "the encoding ascii has no '你'; utf-8 has everything"),
            (["-o", "a.vtt", "--encoding", "utf-16"], "WebVTT is always UTF-8, not utf-16"),
            (["-o", "a.srt", "--track", "9"], "there is no track 9: the draft's are 0 to 1"),
            (["-o", "a.srt", "--track", "0"], "track 0 is one of kind video, which holds no captions"),
        ],
    )
    def test_what_cannot_be_is_one_sentence(
        self, words: list[str], message: str, folder: Path, cutfarm: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        draft = with_captions((0.5, 1))
        draft["materials"]["texts"][0]["content"] = "你好"
        write(folder, draft)
        monkeypatch.chdir(folder)
        code, said, trouble = cutfarm("subtitles", folder, *words)
        assert (code, said) == (2, "")
        assert trouble.startswith("cutfarm: ")
        assert message in trouble
        assert trouble.count("\n") == 1
        assert sorted(path.name for path in folder.iterdir()) == ["draft_content.json", "film.mp4"]

    def test_no_captions(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        code, _, trouble = cutfarm("subtitles", folder, "-o", out / "a.srt")
        assert (code, trouble) == (2, "cutfarm: The draft holds no caption that is shown.\n")
        assert not list(out.iterdir())


class TestBurnIn:
    def test_cues_stand_at_their_frames(self, folder: Path, out: Path) -> None:
        (out / "a.srt").write_text(CUES, "utf-8")
        assert shown(folder, out / "a.srt") == {"Hello": range(15, 30), "你好": range(45, 60)}

    @pytest.mark.parametrize("kind", ["srt", "vtt", "ass"])
    def test_there_and_back(self, kind: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        """Captions that leave and are burnt into the draft without its own are shown at the same frames."""
        thirds = [(n / 3, (n + 1) / 3) for n in range(6)]
        write(folder, with_captions(*thirds))
        expected = shown(folder, fps=60)
        assert len(expected) == 6
        assert cutfarm("subtitles", folder, "-o", out / f"a.{kind}")[0] == 0
        write(folder, draft_of("film.mp4"))
        assert shown(folder, out / f"a.{kind}", fps=60) == expected

    def test_they_are_drawn(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        (out / "a.srt").write_text(CUES, "utf-8")
        pictures = []
        for number, more in enumerate(
            [[], ["--subtitles", out / "a.srt"], ["--subtitles", out / "a.srt", "--subtitle-size", "20"]]
        ):
            colour = ["--subtitle-colour", "red"] if number == 2 else []
            assert cutfarm("frame", folder, "--at", "0.7", "-o", out / "a.png", *more, *colour)[0] == 0
            pictures.append(np.asarray(Image.open(out / "a.png")).astype(int))
        small, large = (np.abs(each - pictures[0]).max(axis=2) > 60 for each in pictures[1:])
        rows = np.where(small.any(axis=1))[0]
        assert 0.8 < rows.mean() / 96 < 1.0
        assert large.sum() > 4 * small.sum()
        red, green, blue = np.median(pictures[2][large], axis=0)
        assert red > 150 > 100 > max(green, blue)

    def test_a_render_is_no_longer_and_says_what_is_not_shown(
        self, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        late = "\n3\n00:00:15,000 --> 00:00:16,000\nlate\n"
        (out / "a.srt").write_text(CUES + late, "utf-8")
        words = ["render", folder, "-o", out / "a.mp4", "--subtitles", out / "a.srt", "--report", out / "a.json"]
        code, said, trouble = cutfarm(*words)
        assert (code, said) == (0, f"{out / 'a.mp4'}: 160 × 96, 60 frames\n")
        assert "1 cue of a.srt is outside the draft's time, so not shown." in trouble
        report = json.loads((out / "a.json").read_text("utf-8"))
        assert [entry["what"] for entry in report if entry["what"] == "subtitles"] == ["subtitles"]
        with av.open(str(out / "a.mp4")) as file:
            assert sum(1 for _ in file.decode(video=0)) == 60
        assert cutfarm(*words, "--strict", "close")[0] == 2

    def test_inspect_lists_them(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        (out / "a.srt").write_text(CUES, "utf-8")
        (out / "b.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nabove\n", "utf-8")
        _, said, _ = cutfarm("inspect", folder, "--json", "--subtitles", out / "a.srt", "--subtitles", out / "b.vtt")
        tracks = json.loads(said)["tracks"]
        assert [[item["shows"] for item in track["segments"]] for track in tracks[1:]] == [["Hello", "你好"], ["above"]]

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("a.srt", None, "a.srt is not there"),
            ("a.txt", b"", "subtitles end in .srt, .vtt or .ass, which a.txt does not"),
            ("a.srt", b"", "the subtitle file a.srt holds no cue"),
            ("a.srt", b"\x00\xff" * 999, "the subtitle file a.srt holds no cue"),
            ("a.srt", b"1\n00:00:0x --> 00:00:02,000\nHello\n", "times cannot be read are left out, in line 2)"),
            ("a.vtt", b"WEBVTT\n\nNOTE nothing\n", "the subtitle file a.vtt holds no cue"),
            ("a.ass", b"[Script Info]\n", "the subtitle file a.ass holds no cue"),
            ("a.ssa", b"\xff" * 99, "the subtitle file a.ssa holds no cue"),
            ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + b"a" * 10_001, "more than 10000 characters"),
        ],
    )
    def test_files_that_cannot_be_are_one_sentence(
        self, name: str, data: bytes | None, message: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        if data is not None:
            (out / name).write_bytes(data)
        code, _, trouble = cutfarm("inspect", folder, "--subtitles", out / name)
        assert code == 2
        assert message in trouble
        assert trouble.count("\n") == 1

    def test_a_folder_is_no_file(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        (out / "a.srt").mkdir()
        code, _, trouble = cutfarm("inspect", folder, "--subtitles", out / "a.srt")
        assert (code, trouble) == (2, f"cutfarm: the subtitle file {out / 'a.srt'} cannot be read: Is a directory\n")

    def test_a_huge_file_is_not_read(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        with (out / "a.srt").open("wb") as file:
            file.truncate(1 << 30)
        code, _, trouble = cutfarm("inspect", folder, "--subtitles", out / "a.srt")
        assert (code, trouble) == (2, "cutfarm: the subtitle file a.srt has more than 32 MiB\n")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--subtitle-size", "0"], "subtitle size 0 is not between 0.1 and 1000"),
            (["--subtitle-colour", "#12"], "subtitle colour '#12' is neither #RRGGBB nor the name of a colour"),
        ],
    )
    def test_looks_that_cannot_be(
        self, words: list[str], message: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        (out / "a.srt").write_text(CUES, "utf-8")
        common = ["frame", folder, "--at", "0", "-o", out / "a.png"]
        assert cutfarm(*common, "--subtitles", out / "a.srt", *words) == (2, "", f"cutfarm: {message}\n")
        code, _, trouble = cutfarm(*common, "--subtitle-size", "7")
        assert (code, trouble) == (2, "cutfarm: --subtitle-size is for --subtitles FILE, which is not given\n")

    def test_a_font_file(self, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        fonts = pytest.importorskip("justmytype_intl_rtl", reason="a font package of the renderer's")
        font = next(path for place in fonts.__path__ for path in sorted(Path(place).rglob("*.ttf")))
        (out / "mine.ttf").write_bytes(font.read_bytes())
        (out / "a.srt").write_text(CUES, "utf-8")
        for given, is_there in ((out / "mine.ttf", True), ("No Such Font", False)):
            code, _, trouble = cutfarm(
                "render", folder, "-o", out / "a.mp4", "--range", "0.6:0.7", "--subtitles", out / "a.srt",
                "--subtitle-font", given,
            )  # fmt: skip
            assert code == 0
            assert ("is not there" in trouble) is not is_there


def test_two_hundred_thousand_cues_are_too_many_and_quickly_said(tmp_path: Path) -> None:
    from cutfarm.errors import AssetTooLarge
    from cutfarm.subtitles.looks import SubtitleLook
    from cutfarm.timeline.model import Canvas

    path = tmp_path / "a.srt"
    path.write_text("".join(f"{n}\n00:00:00,{n % 999:03d} --> 00:00:02,000\na\n\n" for n in range(200_000)), "utf-8")
    with pytest.raises(AssetTooLarge, match="has 200000 cues; at most 100000 are drawn"):
        files.read_cues(path, Canvas(640, 360), SubtitleLook())


def test_frames_of_usual_rates_are_kept(folder: Path, out: Path) -> None:
    """A cue that begins with a frame is shown from it on, although files count milliseconds."""
    for fps in (24, 25, 30, 50, 60):
        spans = [(frame * SECOND // fps, (frame + 1) * SECOND // fps) for frame in (1, 7, fps - 1, 2 * fps - 2)]
        text = "".join(
            f"{n}\n00:00:{start // SECOND:02d},{start % SECOND // 1000:03d} --> "
            f"00:00:{end // SECOND:02d},{end % SECOND // 1000:03d}\nc{n}\n\n"
            for n, (start, end) in enumerate(spans)
        )
        (out / "a.srt").write_text(text, "utf-8")
        assert [frames.start for frames in shown(folder, out / "a.srt", fps=fps).values()] == [
            1,
            7,
            fps - 1,
            2 * fps - 2,
        ]
