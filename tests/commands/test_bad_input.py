"""Whatever is wrong with a draft: one sentence that names it, exit code 2, and no file."""

from __future__ import annotations

import json
import math
import stat
import tempfile
import wave
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from tests.commands.drafts import SECOND, Ran, draft_of, segment, write


def song(folder: Path) -> Path:
    with wave.open(str(folder / "film.mp4"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(32_000))
    return folder


def index_alone(raw: bytes, folder: Path) -> bytes:
    """An mp4 file that ends behind its index, before its first picture."""
    (folder / "raw.mp4").write_bytes(raw)
    with (
        av.open(str(folder / "raw.mp4")) as source,
        av.open(str(folder / "fast.mp4"), "w", options={"movflags": "+faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    fast = (folder / "fast.mp4").read_bytes()
    for name in ("raw.mp4", "fast.mp4"):
        (folder / name).unlink()
    return fast[: fast.index(b"mdat") + 4]


BLOB = "x7Kd9+/Qe" * 400

#: Draft folders that cannot be rendered: what is done to a good one, and what is said of it.
BAD_FOLDERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no draft file": (lambda f: (f / "draft_content.json").unlink(), "draft_content.json"),
    "not JSON": (lambda f: (f / "draft_content.json").write_text("{nope"), "is not JSON (line 1, column 2"),
    "a list": (lambda f: (f / "draft_content.json").write_text("[]"), "its JSON is not an object"),
    "encrypted": (lambda f: (f / "draft_content.json").write_text(BLOB), "is encrypted"),
    "binary": (lambda f: (f / "draft_content.json").write_bytes(bytes(range(256)) * 9), "is not JSON"),
    "empty": (lambda f: (f / "draft_content.json").write_text("{}"), "canvas is 0×0 px"),
    "no tracks": (lambda f: write(f, draft_of("film.mp4", tracks=[])), "holds no video, photo, sound or caption"),
    "no material": (lambda f: write(f, draft_of("film.mp4", materials={})), "holds no video, photo, sound or caption"),
    "missing file": (lambda f: (f / "film.mp4").unlink(), "is nowhere to be found: film.mp4"),
    "not media": (
        lambda f: (f / "film.mp4").write_text("hello\n" * 99),
        "film.mp4 is not a media file that can be read",
    ),
    "empty file": (lambda f: (f / "film.mp4").write_bytes(b""), "film.mp4 is not a media file that can be read"),
    "a playlist": (
        lambda f: (f / "film.mp4").write_text("#EXTM3U\n#EXTINF:1,\n/etc/hosts\n"),
        "film.mp4 is not a media file",
    ),
    "cut before its index": (
        lambda f: (f / "film.mp4").write_bytes((f / "film.mp4").read_bytes()[:3000]),
        "film.mp4 is not a media file that can be read",
    ),
    "cut before its first picture": (
        lambda f: (f / "film.mp4").write_bytes(index_alone((f / "film.mp4").read_bytes(), f)),
        "film.mp4 is truncated: its first picture lies",
    ),
    "no video stream": (song, "film.mp4 has no video stream"),
    "zero duration": (
        lambda f: write(f, draft_of("film.mp4", tracks=[{"type": "video", "segments": [segment("film", 0, 0)]}])),
        "holds no video, photo, sound or caption of any length",
    ),
}


class TestBadFolders:
    @pytest.mark.parametrize(("spoil", "said"), BAD_FOLDERS.values(), ids=BAD_FOLDERS)
    def test_one_sentence_and_no_file(
        self, spoil: Callable[[Path], object], said: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        spoil(folder)
        for command in (
            ["render", folder, "-o", out / "film.mp4"],
            ["frame", folder, "--at", "0", "-o", out / "a.png"],
        ):
            code, printed, error = cutfarm(*command)
            assert (code, printed, list(out.iterdir())) == (2, "", [])
            assert said in error
            assert error.startswith("cutfarm: ")
            assert error.count("\n") == 1

    @pytest.mark.parametrize(
        ("times", "said"),
        [
            ({"start": -1, "duration": SECOND}, "Segment segment-film has a negative time"),
            ({"start": 0, "duration": -SECOND}, "Segment segment-film has a negative time"),
            ({"start": 10**18, "duration": SECOND}, "more than 100 hours"),
            ({"start": 0, "duration": 10**30}, "more than 100 hours"),
            ({"start": math.nan, "duration": SECOND}, "a time that is not a number"),
            ({"start": 0, "duration": math.inf}, "a time that is not a number"),
        ],
        ids=str,
    )
    def test_times_that_cannot_be(
        self, times: dict[str, float], said: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        for where in ("target_timerange", "source_timerange"):
            write(
                folder,
                draft_of("film.mp4", tracks=[{"type": "video", "segments": [segment("film", **{where: times})]}]),
            )
            code, printed, error = cutfarm("render", folder, "-o", out / "film.mp4")
            assert (code, printed, list(out.iterdir())) == (2, "", [])
            assert said in error

    @pytest.mark.parametrize(
        "size_px", [(0, 0), (0, 1080), (1920, -1), (100_000, 100_000), (16, 10**9), (math.nan, 10)]
    )
    def test_canvases_that_cannot_be(
        self, size_px: tuple[float, float], folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        write(folder, draft_of("film.mp4", canvas_config={"width": size_px[0], "height": size_px[1]}))
        code, _, said = cutfarm("render", folder, "-o", out / "film.mp4")
        assert (code, list(out.iterdir())) == (2, [])
        assert "The draft's canvas is" in said


def zip_with(path: Path, name: str, content: bytes = b"{}", mode: int = stat.S_IFREG | 0o644) -> Path:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("draft_content.json", json.dumps(draft_of("film.mp4")))
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return path


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where archives are unpacked; nothing stays there."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("scratch")
class TestBadArchives:
    @pytest.mark.parametrize(
        "name", ["../evil.json", "a/../../evil.json", "/evil.json", "..\\evil.json", "C:/evil.json"]
    )
    def test_entries_that_climb_out(self, name: str, tmp_path: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        code, _, said = cutfarm("render", zip_with(tmp_path / "d.zip", name), "-o", out / "film.mp4")
        assert (code, list(out.iterdir())) == (2, [])
        assert "d.zip holds an entry that points outside of it" in said
        assert not list(tmp_path.glob("**/evil.json"))

    def test_links(self, tmp_path: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        given = zip_with(tmp_path / "d.zip", "film.mp4", b"/etc/passwd", stat.S_IFLNK | 0o777)
        code, _, said = cutfarm("render", given, "-o", out / "film.mp4")
        assert (code, list(out.iterdir())) == (2, [])
        assert "'film.mp4', which is a link or a device" in said

    @pytest.mark.slow
    def test_a_bomb(self, tmp_path: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        given = tmp_path / "d.zip"
        with (
            zipfile.ZipFile(given, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("big.bin", "w", force_zip64=True) as entry,
        ):
            for _ in range(300):
                entry.write(bytes(1 << 20))
        assert given.stat().st_size < 1 << 20
        code, _, said = cutfarm("render", given, "-o", out / "film.mp4")
        assert (code, list(out.iterdir())) == (2, [])
        assert "unpacks to far more bytes than are allowed" in said

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all"], ids=repr)
    def test_archives_that_are_none(
        self, content: bytes, tmp_path: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        (tmp_path / "d.zip").write_bytes(content)
        code, _, said = cutfarm("render", tmp_path / "d.zip", "-o", out / "film.mp4")
        assert (code, list(out.iterdir())) == (2, [])
        assert "d.zip is not a whole zip archive" in said


class TestFilesOutside:
    """What a draft may not be made to read; what it read would be seen in the video."""

    @pytest.mark.parametrize("flags", [[], ["--sandbox"]], ids=str)
    @pytest.mark.parametrize(
        "path",
        [
            "/etc/passwd",
            "file:///etc/passwd",
            "../../etc/passwd",
            "/etc/../etc/passwd",
            "/dev/zero",
            "/proc/self/environ",
        ],
    )
    def test_system_files(
        self, path: str, flags: list[str], folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        (folder / "film.mp4").unlink()
        write(folder, draft_of(path))
        code, printed, said = cutfarm("render", folder, "-o", out / "film.mp4", *flags)
        assert (code, printed, list(out.iterdir())) == (2, "", [])
        assert "root:" not in said
        assert said.count("\n") == 1
        if flags:
            assert "is not a media file" not in said, "it was opened"

    @pytest.mark.parametrize(("flags", "code"), [([], 0), (["--sandbox"], 2)], ids=str)
    def test_a_film_elsewhere(
        self, flags: list[str], code: int, film: Path, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        (folder / "film.mp4").unlink()
        write(folder, draft_of(str(film)))
        got, _, said = cutfarm("render", folder, "-o", out / "film.mp4", "--range", "0:0.1", *flags)
        assert got == code
        assert ("put the file into that folder" in said) == bool(code)

    @pytest.mark.parametrize("flags", [[], ["--sandbox"]], ids=str)
    def test_a_link_that_leads_out(
        self, flags: list[str], film: Path, folder: Path, out: Path, cutfarm: Callable[..., Ran]
    ) -> None:
        (folder / "film.mp4").unlink()
        (folder / "film.mp4").symlink_to(film)
        code, _, said = cutfarm("render", folder, "-o", out / "film.mp4", *flags)
        assert (code, list(out.iterdir())) == (2, [])
        assert "is a link that leads out of its folder" in said

    @pytest.mark.parametrize(
        "path",
        ["http://127.0.0.1:9/film.mp4", "https://example.org/a/film.mp4?token=secret", "ftp://example.org/film.mp4"],
    )
    def test_urls_in_a_local_draft(self, path: str, folder: Path, out: Path, cutfarm: Callable[..., Ran]) -> None:
        (folder / "film.mp4").unlink()
        draft = draft_of(path)
        draft["materials"]["videos"][0]["material_name"] = "film"
        write(folder, draft)
        code, _, said = cutfarm("render", folder, "-o", out / "film.mp4")
        assert (code, list(out.iterdir())) == (2, [])
        assert "is a URL" in said
        assert "secret" not in said
