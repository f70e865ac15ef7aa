"""Images are known by their content, in every format that is opened; films load no Pillow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from cutfarm.media import images
from cutfarm.media.sniff import is_image
from tests.media.film import at_rate, write_film


@pytest.mark.parametrize("kind", ["AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP"])
def test_images_are_known_under_any_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    Image.new("RGB", (16, 8), "red").save(path, kind)
    assert is_image(str(path))


@pytest.mark.parametrize(("mode", "is_big", "beginning"), [("I;16B", False, b"MM"), ("RGB", True, b"II+")])
def test_tiffs_of_other_kinds_are_known(mode: str, is_big: bool, beginning: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    Image.new(mode, (16, 8)).save(path, big_tiff=is_big)
    assert path.read_bytes().startswith(beginning)
    assert is_image(str(path))


def test_an_animated_avif_is_an_image(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.avif", save_all=True, append_images=frames[1:])
    assert is_image(str(tmp_path / "a.avif"))


def test_an_image_above_the_limit_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("L", (16, 8)).save(tmp_path / "a.png")
    monkeypatch.setattr(images, "MAX_PIXELS", 100)
    assert is_image(str(tmp_path / "a.png"))


@pytest.mark.parametrize("content", [b"", b"BM", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypavif"])
def test_a_beginning_alone_is_no_image(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert not is_image(str(tmp_path / "a.png"))


def test_what_is_not_there_is_no_image(tmp_path: Path) -> None:
    assert not is_image(str(tmp_path / "a.png"))
    assert not is_image(str(tmp_path))


def test_looking_at_a_film_loads_no_pillow(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", at_rate(5))
    script = (
        "import sys; from cutfarm.media.probe import check_picture; check_picture(sys.argv[1]); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(film)], capture_output=True, text=True, check=True)
    assert "av" in done.stdout.split()
    assert "PIL" not in done.stdout.split()
