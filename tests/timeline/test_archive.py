"""Hostile archives."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from cutfarm.errors import DraftUnreadable
from cutfarm.timeline.archive import ArchiveLimits, entry_path, extract
from cutfarm.timeline.source import open_draft

MIB = 1 << 20


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def zipped(tmp_path):
    def make(entries, compression=zipfile.ZIP_DEFLATED):
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", compression) as archive:
            for entry, data in entries:
                archive.writestr(entry, data)
        return path

    return make


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/etc/passwd", "..\\a", "\\a", "C:\\a", "c:/a", "//host/a", "a/..", "..", ".", "", "a\0b"],
)
def test_names_that_leave_the_folder(name):
    with pytest.raises(DraftUnreadable, match="points outside"):
        entry_path(name, "a.zip")


@pytest.mark.parametrize(
    ("name", "path"), [("a\\b\\c.mp4", "a/b/c.mp4"), ("./a", "a"), ("a//b", "a/b"), ("a..b/..c", "a..b/..c")]
)
def test_names_that_stay(name, path):
    assert entry_path(name, "a.zip").as_posix() == path


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil"])
def test_nothing_lands_outside(zipped, tmp_path, into, name):
    before = tree(tmp_path)
    with pytest.raises(DraftUnreadable, match="points outside"):
        extract(zipped([(name, "x")]), into, ArchiveLimits())
    assert [path for path in tree(tmp_path) if path != "a.zip"] == before


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices(zipped, into, kind):
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (kind | 0o777) << 16
    with pytest.raises(DraftUnreadable, match="not a file"):
        extract(zipped([(entry, "/etc")]), into, ArchiveLimits())
    assert tree(into) == []


def test_encrypted_entries(zipped, into):
    path = zipped([("a", "x")])
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(DraftUnreadable, match="password"):
        extract(path, into, ArchiveLimits())


def test_too_many_files(zipped, into):
    path = zipped([(f"{n}", "") for n in range(11)])
    with pytest.raises(DraftUnreadable, match="11 files; 10 are allowed"):
        extract(path, into, ArchiveLimits(files=10))
    assert tree(into) == []


def test_a_bomb_stops_early(tmp_path, into):
    path = tmp_path / "a.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("zeros", "w") as sink,
    ):
        for _ in range(64):
            sink.write(bytes(MIB))
    limits = ArchiveLimits(free_bytes=4 * MIB, ratio=2)
    with pytest.raises(DraftUnreadable, match="far more bytes"):
        extract(path, into, limits)
    assert sum(file.stat().st_size for file in into.iterdir()) <= 4 * MIB + 2 * path.stat().st_size


def test_a_bomb_leaves_nothing_behind(into, zipped):
    path = zipped([("draft_content.json", "{}"), ("zeros", bytes(8 * MIB))])
    with pytest.raises(DraftUnreadable, match="far more bytes"):
        open_draft(path, scratch=into, limits=ArchiveLimits(free_bytes=MIB, ratio=1))
    assert list(into.iterdir()) == []


def test_headers_that_understate_are_not_believed(zipped, into):
    path = zipped([("zeros", bytes(4 * MIB))])
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    path.write_bytes(data)
    with pytest.raises(DraftUnreadable):
        extract(path, into, ArchiveLimits(free_bytes=MIB, ratio=1))
    assert sum(file.stat().st_size for file in into.iterdir()) <= 2 * MIB


def test_the_total_counts_over_all_files(zipped, into):
    path = zipped([(f"{n}", bytes(100)) for n in range(10)], zipfile.ZIP_STORED)
    extract(path, into, ArchiveLimits(total_bytes=1000))
    with pytest.raises(DraftUnreadable, match="far more bytes"):
        extract(path, into, ArchiveLimits(total_bytes=999))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_compression(zipped, into, compression):
    extract(zipped([("a/b.bin", b"data" * 1000)], compression), into, ArchiveLimits())
    assert (into / "a" / "b.bin").read_bytes() == b"data" * 1000


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_data(zipped, into, compression):
    path = zipped([("a", bytes(range(256)) * 40)], compression)
    data = bytearray(path.read_bytes())
    for at in range(40, 90):
        data[at] ^= 0x5A
    path.write_bytes(data)
    with pytest.raises(DraftUnreadable):
        extract(path, into, ArchiveLimits())


def test_a_file_where_a_folder_must_be(zipped, into):
    with pytest.raises(DraftUnreadable, match="cannot be unpacked"):
        extract(zipped([("a", "x"), ("a/b", "x")]), into, ArchiveLimits())


def test_a_name_that_no_disk_takes(zipped, into):
    with pytest.raises(DraftUnreadable, match="cannot be unpacked"):
        extract(zipped([("n" * 300, "x")]), into, ArchiveLimits())


def test_an_unknown_compression(zipped, into):
    path = zipped([("a", "x")])
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(signature) + offset, 99)
    path.write_bytes(data)
    with pytest.raises(DraftUnreadable, match="not a whole zip"):
        extract(path, into, ArchiveLimits())


@pytest.mark.parametrize(("encoding", "is_marked"), [("utf-8", True), ("utf-8", False), ("gbk", False)])
def test_chinese_names_of_any_packer(tmp_path, into, encoding, is_marked):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("片头视频.mp4", "x")
    data, name = bytearray(buffer.getvalue()), "片头视频.mp4".encode()
    if not is_marked:
        for signature, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
            data[data.index(signature) + offset] &= ~0x08
    renamed = bytes(data)
    if encoding == "gbk":
        other = "片头视频.mp4".encode("gbk")
        renamed = resized(renamed, name, other)
    path = tmp_path / "a.zip"
    path.write_bytes(renamed)
    extract(path, into, ArchiveLimits())
    assert tree(into) == ["片头视频.mp4"]


def resized(data, name, other):
    """A one-entry archive with its name replaced by a shorter one, and all lengths and offsets mended."""
    shrunk = bytearray(data.replace(name, other))
    difference = len(name) - len(other)
    struct.pack_into("<H", shrunk, shrunk.index(b"PK\x03\x04") + 26, len(other))
    struct.pack_into("<H", shrunk, shrunk.index(b"PK\x01\x02") + 28, len(other))
    end = shrunk.index(b"PK\x05\x06")
    size, offset = struct.unpack_from("<II", shrunk, end + 12)
    struct.pack_into("<II", shrunk, end + 12, size - difference, offset - difference)
    return bytes(shrunk)
