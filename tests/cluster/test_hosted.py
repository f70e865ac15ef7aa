"""Hosted drafts in a folder store: what is put is what is read, and a replacement happens all at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from cluster.hosted import HostedDraft, HostedDrafts
from cutfarm.errors import DraftNotFound, StorageError
from cutfarm.storage.folder import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def folder(path: Path, **files: str) -> Path:
    """A draft folder with a timeline and these media."""
    (path / "assets" / "videos").mkdir(parents=True)
    (path / "draft_content.json").write_text(f"{path.name}")
    for name, text in files.items():
        (path / "assets" / "videos" / f"{name}.mp4").write_text(text)
    return path


def put(drafts: HostedDrafts, path: Path, draft_id: str = "d1") -> HostedDraft:
    return drafts.put(draft_id, path, path / "draft_content.json")


def contents(store: FolderStore, draft: HostedDraft | None) -> dict[str, str]:
    assert draft is not None
    return {path: store.get_bytes(key).decode() for path, key in draft.files.items()}


def test_a_draft_reads_back_with_its_paths(store: FolderStore, tmp_path: Path) -> None:
    drafts = HostedDrafts(store)
    put(drafts, folder(tmp_path / "one", 片段="a"))
    draft = drafts.get("d1")
    assert contents(store, draft) == {"assets/videos/片段.mp4": "a", "draft_content.json": "one"}
    assert draft is not None
    assert draft.timeline == "draft_content.json"
    assert all(key.startswith("drafts/d1/") for key in draft.files.values())
    assert draft.files["assets/videos/片段.mp4"].endswith(".mp4")


def test_unknown_and_impossible_ids_are_not_hosted(store: FolderStore, tmp_path: Path) -> None:
    drafts = HostedDrafts(store)
    for draft_id in ("d2", "", "..", "../../etc", "a/b", "x" * 65, "草稿"):
        assert drafts.get(draft_id) is None
    with pytest.raises(DraftNotFound, match="no draft id"):
        put(drafts, folder(tmp_path / "one"), "../x")


def test_a_new_version_replaces_the_old_one(store: FolderStore, tmp_path: Path) -> None:
    drafts = HostedDrafts(store)
    first = put(drafts, folder(tmp_path / "one", a="a", b="b"))
    put(drafts, folder(tmp_path / "two", a="A", c="c"))
    assert contents(store, drafts.get("d1")) == {
        "assets/videos/a.mp4": "A",
        "assets/videos/c.mp4": "c",
        "draft_content.json": "two",
    }
    assert contents(store, first)["assets/videos/b.mp4"] == "b"  # a job that began before can go on


def test_an_unchanged_file_keeps_its_key(store: FolderStore, tmp_path: Path) -> None:
    drafts = HostedDrafts(store)
    first = put(drafts, folder(tmp_path / "one", a="a"))
    second = put(drafts, folder(tmp_path / "two", a="a"))
    assert first.files["assets/videos/a.mp4"] == second.files["assets/videos/a.mp4"]


def test_files_that_nobody_names_go_after_a_while(store: FolderStore, tmp_path: Path) -> None:
    drafts = HostedDrafts(store, keep=timedelta(0))
    other = put(drafts, folder(tmp_path / "other", a="a"), "d2")
    put(drafts, folder(tmp_path / "one", a="a", b="b"))
    second = put(drafts, folder(tmp_path / "two", a="A"))
    kept = {found.key for found in store.list("drafts/d1/")}
    assert kept == {"drafts/d1/manifest.json", *second.files.values()}
    assert contents(store, other)["assets/videos/a.mp4"] == "a"


def test_a_reader_sees_one_version_or_the_other(store: FolderStore, tmp_path: Path) -> None:
    drafts = HostedDrafts(store)
    versions = [folder(tmp_path / name, **{f"f{n}": name for n in range(20)}) for name in ("one", "two")]
    put(drafts, versions[0])
    seen: set[frozenset[str]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(frozenset(contents(store, drafts.get("d1")).values()))

    reader = threading.Thread(target=read)
    reader.start()
    for version in [*versions] * 5:
        put(drafts, version)
    stop.set()
    reader.join()
    assert seen <= {frozenset({"one"}), frozenset({"two"})}


def test_a_broken_manifest_is_a_storage_error(store: FolderStore) -> None:
    store.put_bytes("drafts/d1/manifest.json", b"{")
    with pytest.raises(StorageError, match="d1"):
        HostedDrafts(store).get("d1")
