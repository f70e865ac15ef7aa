"""What is found out about a material before any work is spent on it."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.probe import check_media, check_picture
from cutfarm.timeline.media import MediaUse
from cutfarm.timeline.model import PictureMaterial, SoundMaterial
from tests.media.damage import cut, index_in_front
from tests.media.film import at_rate, write_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(30), options={"g": "10"})


@pytest.fixture
def song(tmp_path: Path) -> Path:
    with wave.open(str(tmp_path / "song.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return tmp_path / "song.wav"


def without_length(film: Path, path: Path) -> Path:
    """A copy of the mp4 file whose every duration is 0 (ISO/IEC 14496-12 §8)."""
    raw = bytearray(film.read_bytes())
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        place = raw.index(box) + offset
        raw[place : place + 4] = bytes(4)
    table = raw.index(b"stts") + 8
    for entry in range(struct.unpack(">I", raw[table : table + 4])[0]):
        place = table + 8 + 8 * entry
        raw[place : place + 4] = bytes(4)
    edits = raw.index(b"edts")
    raw[edits : edits + 4] = b"free"
    path.write_bytes(raw)
    return path


class TestCheckPicture:
    def test_whole_files_pass(self, film: Path, tmp_path: Path) -> None:
        check_picture(str(film))
        check_picture(str(index_in_front(film, tmp_path / "fast.mp4")))
        Image.new("RGB", (4, 4)).save(tmp_path / "photo.png")
        check_picture(str(tmp_path / "photo.png"))

    @pytest.mark.parametrize("name", ["a.mkv", "a.mov", "a.ts", "a.flv"])
    def test_other_containers_pass(self, name: str, tmp_path: Path) -> None:
        check_picture(str(write_film(tmp_path / name, at_rate(5))))

    @pytest.mark.parametrize("kept", [0.5, 0.8, 0.999])
    def test_a_film_cut_behind_its_index_has_frames(self, kept: float, film: Path, tmp_path: Path) -> None:
        check_picture(str(cut(index_in_front(film, tmp_path / "whole.mp4"), tmp_path / "cut.mp4", kept)))

    def test_a_film_cut_before_its_first_picture(self, film: Path, tmp_path: Path) -> None:
        raw = index_in_front(film, tmp_path / "whole.mp4").read_bytes()
        (tmp_path / "cut.mp4").write_bytes(raw[: raw.index(b"mdat") + 4])
        with pytest.raises(AssetUnreadable, match=r"cut\.mp4 is truncated: its first picture lies at \d+ bytes"):
            check_picture(str(tmp_path / "cut.mp4"))

    def test_a_film_cut_before_its_index(self, film: Path, tmp_path: Path) -> None:
        raw = film.read_bytes()
        (tmp_path / "cut.mp4").write_bytes(raw[: len(raw) // 2])
        with pytest.raises(AssetUnreadable, match=r"cut\.mp4"):
            check_picture(str(tmp_path / "cut.mp4"))

    def test_a_film_without_length(self, film: Path, tmp_path: Path) -> None:
        with pytest.raises(AssetUnreadable, match=r"still\.mp4 has no duration"):
            check_picture(str(without_length(film, tmp_path / "still.mp4")))

    def test_sound_is_no_picture(self, song: Path) -> None:
        with pytest.raises(AssetUnreadable, match=r"song\.wav has no video stream"):
            check_picture(str(song))

    def test_words_are_no_picture(self, tmp_path: Path) -> None:
        (tmp_path / "words.mp4").write_text("hello")
        with pytest.raises(AssetUnreadable, match=r"words\.mp4"):
            check_picture(str(tmp_path / "words.mp4"))

    def test_nothing_is_no_picture(self, tmp_path: Path) -> None:
        with pytest.raises(AssetMissing, match=r"gone\.mp4"):
            check_picture(str(tmp_path / "gone.mp4"))


class TestCheckMedia:
    PICTURE = PictureMaterial("1", "video", "holiday.mp4", "holiday.mp4", 160, 96, 0, True)
    SOUND = SoundMaterial("2", "music", "song", "song.wav", 0)

    def test_a_fault_names_material_and_segment(self, song: Path) -> None:
        with pytest.raises(AssetUnreadable, match=r"holiday\.mp4.*segment s1: song\.wav has no video stream"):
            check_media(MediaUse(self.PICTURE, "s1"), song)

    def test_sound_needs_no_picture(self, song: Path) -> None:
        check_media(MediaUse(self.SOUND, "s2"), song)

    def test_sound_has_to_be_media(self, tmp_path: Path) -> None:
        np.zeros(100, np.uint8).tofile(tmp_path / "song.wav")
        with pytest.raises(AssetUnreadable, match=r"song.*segment s2: song\.wav is not a media file"):
            check_media(MediaUse(self.SOUND, "s2"), tmp_path / "song.wav")

    def test_a_picture_passes(self, film: Path) -> None:
        check_media(MediaUse(self.PICTURE, "s1"), film)
