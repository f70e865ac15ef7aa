"""What is remembered of local files, and when it is forgotten."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from cutfarm.storage import known
from cutfarm.storage.folder import FolderStore
from cutfarm.storage.known import KnownFiles

LONG_AGO_NS = 1_500_000_000_123_456_789


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose content was read, in order."""
    names: list[str] = []
    real = known.sha256_of
    monkeypatch.setattr(known, "sha256_of", lambda path: names.append(path.name) or real(path))
    return names


def written(path: Path, content: bytes = b"film", changed_ns: int = LONG_AGO_NS) -> Path:
    path.write_bytes(content)
    os.utime(path, ns=(changed_ns, changed_ns))
    return path


def test_content_is_read_once(store: FolderStore, hashed: list[str], tmp_path: Path) -> None:
    file = written(tmp_path / "a.mp4")
    for _ in range(2):
        files = KnownFiles(store)  # as in another process
        assert [files.digest(file) for _ in range(2)] == [hashlib.sha256(b"film").hexdigest()] * 2
    assert hashed == ["a.mp4"]


@pytest.mark.parametrize("change", ["content", "time", "inode", "name"])
def test_what_changes_is_read_again(change: str, store: FolderStore, hashed: list[str], tmp_path: Path) -> None:
    file = written(tmp_path / "a.mp4")
    KnownFiles(store).digest(file)
    match change:
        case "content":
            written(file, b"other film")
        case "time":
            written(file, b"mlif", LONG_AGO_NS + 1)
        case "inode":
            written(tmp_path / "b", b"mlif").replace(file)
        case "name":
            file = file.rename(tmp_path / "b.mp4")
    assert KnownFiles(store).digest(file) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert len(hashed) == 2


def test_what_has_just_been_written_is_not_remembered(store: FolderStore, tmp_path: Path) -> None:
    """Written again within the clock's grain it would look the same."""
    file = tmp_path / "a.mp4"
    file.write_bytes(b"film")
    KnownFiles(store).digest(file)
    assert not list(store.list())


def test_a_file_that_changed_since_it_was_read(store: FolderStore, tmp_path: Path) -> None:
    file = written(tmp_path / "a.mp4")
    files = KnownFiles(store)
    assert not files.is_unchanged(file)  # never read
    files.digest(file)
    assert files.is_unchanged(file)
    written(file, b"mlif", LONG_AGO_NS + 1)
    assert not files.is_unchanged(file)
    file.unlink()
    assert not files.is_unchanged(file)


def test_passed_checks_are_remembered_with_the_digest(store: FolderStore, hashed: list[str], tmp_path: Path) -> None:
    file = written(tmp_path / "a.mp4")
    files = KnownFiles(store)
    assert not files.has_passed(file, "picture")
    files.passed(file, "picture")
    files.digest(file)
    later = KnownFiles(store)
    assert later.has_passed(file, "picture")
    assert not later.has_passed(file, "sound")
    later.digest(file)
    assert hashed == ["a.mp4"]
    assert not later.has_passed(tmp_path / "gone.mp4", "picture")


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b'{"sha256": 1}', b"\xff"])
def test_a_broken_note_is_no_note(note: bytes, store: FolderStore, tmp_path: Path) -> None:
    file = written(tmp_path / "a.mp4")
    KnownFiles(store).digest(file)
    [kept] = store.list()
    store.put_bytes(kept.key, note)
    assert KnownFiles(store).digest(file) == hashlib.sha256(b"film").hexdigest()


def test_a_store_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "store" / "files").write_bytes(b"in the way")
    file = written(tmp_path / "a.mp4")
    files = KnownFiles(store)
    files.passed(file, "picture")
    assert files.digest(file) == hashlib.sha256(b"film").hexdigest()
    assert files.has_passed(file, "picture")
