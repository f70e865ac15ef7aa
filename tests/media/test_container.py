"""What may be opened as media: files that hold their own bytes, under whatever name, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.container import is_mp4, open_media
from cutfarm.media.sniff import is_image
from tests.media.film import at_rate, write_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(5))


#: Files that lead elsewhere: each would play `film.mp4` beside it, or listen to a network, if it were believed.
LEADING = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\nfilm.mp4\n#EXT-X-ENDLIST\n",
    "list.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\nfilm.mp4\n#EXT-X-ENDLIST\n",
    "script.ffconcat": "ffconcat version 1.0\nfile film.mp4\n",
    "script.mp4": "ffconcat version 1.0\nfile film.mp4\n",
    "manifest.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>film.mp4</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
    "a=rtpmap:96 H264/90000\n",
    "tags.txt": ";FFMETADATA1\ntitle=film\n",
    "film%d.png": "\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize(("name", "content"), LEADING.items(), ids=LEADING)
def test_files_that_name_other_files_are_refused(name: str, content: str, film: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(AssetUnreadable, match="not a media file that can be read"):
        open_media(str(tmp_path / name))
    assert not is_image(str(tmp_path / name))


@pytest.mark.parametrize(
    "content", [b"", b"hello\n" * 500, bytes(4096), bytes(range(256)) * 64, b"<html></html>"], ids=lambda c: repr(c[:6])
)
def test_files_that_are_no_media_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(AssetUnreadable, match=r"^film\.mp4 is not a media file that can be read \("):
        open_media(str(tmp_path / "film.mp4"))


def test_a_film_that_ends_before_its_index_is_refused(film: Path, tmp_path: Path) -> None:
    raw = film.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(raw[: raw.index(b"moov")])
    with pytest.raises(AssetUnreadable, match=r"cut\.mp4"):
        open_media(str(tmp_path / "cut.mp4"))


@pytest.mark.parametrize(
    "name", ["a b.mp4", "视频 %03d?.mp4", "-i.mp4", "http:film.mp4", "a'b\"#.mp4", "film", "film.txt"]
)
def test_a_name_is_only_a_name(name: str, film: Path, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(film.read_bytes())
    with open_media(str(tmp_path / name)) as container:
        assert container.streams.video


@pytest.mark.parametrize("path", ["https://example.org/film.mp4", "concat:film.mp4", "file:film.mp4", "pipe:0", "-"])
def test_a_url_is_no_file(path: str, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(film.parent)
    with pytest.raises(AssetMissing, match="is not there"):
        open_media(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(AssetMissing):
        open_media(str(tmp_path))


def test_the_message_names_the_file_and_not_its_folder(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    with pytest.raises(AssetUnreadable) as caught:
        open_media(str(tmp_path / "film.mp4"))
    assert str(tmp_path) not in str(caught.value)


def test_mp4_is_known_by_its_first_box(film: Path, tmp_path: Path) -> None:
    times = at_rate(5)
    assert is_mp4(str(film))
    assert is_mp4(str(write_film(tmp_path / "film.mov", times)))
    assert not is_mp4(str(write_film(tmp_path / "film.mkv", times)))
    assert not is_mp4(str(tmp_path / "nowhere.mp4"))
    os.mkfifo(tmp_path / "pipe.mp4")
    assert not is_mp4(str(tmp_path / "pipe.mp4"))  # and nobody waits for a writer
