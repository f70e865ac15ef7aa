"""What actors do with a node's disk and with what is kept in the store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actors.assets import AssetCache
from actors.kept import keep, kept_report
from actors.retention import sweep
from actors.scratch import Scratch
from cluster.jobs import JobTable
from cutfarm.errors import StorageError
from cutfarm.render.spec import Asset
from cutfarm.storage.folder import FolderStore
from cutfarm.storage.keys import asset_key
from tests.actors.conftest import NOTE

# Scratch


def test_folders_are_made_where_nothing_was_and_go_when_the_work_ends(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "not" / "there")
    with scratch.folder("chunk") as first, scratch.folder("chunk") as second:
        assert first.is_dir()
        assert second.is_dir()
        assert first != second
        (first / "file").write_bytes(b"x")
    assert not first.exists()
    assert not second.exists()
    scratch.close()
    assert [path.name for path in (tmp_path / "not" / "there").iterdir()] == [".sweeping"]


def test_a_scratch_folder_that_somebody_tidied_away_is_made_again(tmp_path: Path) -> None:
    with closing(Scratch(tmp_path / "scratch")) as scratch:
        with scratch.folder("chunk"):
            pass
        shutil.rmtree(tmp_path / "scratch")
        with scratch.folder("chunk") as folder:
            assert folder.is_dir()


def test_what_a_killed_actor_left_is_removed_and_the_work_of_a_living_one_is_not(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from actors.scratch import Scratch\n"
        "with Scratch(Path(sys.argv[1])).folder('chunk') as folder:\n"
        "    (folder / 'half').write_bytes(b'x'); print(folder, flush=True); sys.stdin.read()"
    )
    actors = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    folders = []
    for actor in actors:
        assert actor.stdout is not None
        folders.append(Path(actor.stdout.readline().strip()))
    actors[0].kill()
    actors[0].wait()
    with closing(Scratch(tmp_path)) as scratch, scratch.folder("chunk"):
        assert not folders[0].exists()
        assert (folders[1] / "half").exists()
    actors[1].communicate("")
    actors[0].communicate()


def test_threads_of_one_actor_share_its_place(tmp_path: Path) -> None:
    scratch, together = Scratch(tmp_path), threading.Barrier(4)
    seen = []

    def work() -> None:
        with scratch.folder("sound") as folder:
            together.wait(10)
            seen.append((folder.parent, folder.is_dir()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scratch.close()
    assert len({place for place, _ in seen}) == 1
    assert all(is_there for _, is_there in seen)


def test_a_scratch_folder_that_cannot_be_is_the_farm_s_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="scratch folder"), Scratch(tmp_path / "file").folder("chunk"):
        pass


# The cache of materials


def digest(number: int) -> str:
    return f"{number:064x}"


def put(store: FolderStore, number: int, size: int = 100) -> Asset:
    store.put_bytes(asset_key(digest(number)), bytes([number]) * size)
    return Asset("", digest(number))


def test_a_material_is_fetched_once_and_found_by_its_digest(store: FolderStore, tmp_path: Path) -> None:
    cache = AssetCache(tmp_path / "cache", store)
    asset = put(store, 1)
    local = cache.local({"clip.mp4": asset})["clip.mp4"]
    assert Path(local.path).read_bytes() == b"\1" * 100
    store.delete(asset_key(digest(1)))
    assert cache.local({"again.mp4": asset})["again.mp4"].path == local.path


def test_a_cache_that_was_tidied_away_is_filled_again(store: FolderStore, tmp_path: Path) -> None:
    cache = AssetCache(tmp_path / "cache", store)
    asset = put(store, 1)
    for path in (Path(cache.local({"a": asset})["a"].path), tmp_path / "cache"):
        path.rmdir() if path.is_dir() else path.unlink()
    assert Path(cache.local({"a": asset})["a"].path).is_file()


def test_the_oldest_materials_make_room_and_what_was_just_used_stays(store: FolderStore, tmp_path: Path) -> None:
    cache = AssetCache(tmp_path / "cache", store, limit_bytes=250)
    for number, age_s in ((1, 9000), (2, 8000), (3, 10)):
        path = Path(cache.local({"a": put(store, number)})["a"].path)
        when = datetime.now(UTC).timestamp() - age_s
        os.utime(path, (when, when))
    cache.local({"a": put(store, 4)})
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [digest(2), digest(3), digest(4)]


def test_a_material_that_is_not_in_the_store_is_the_farm_s_fault(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such object"):
        AssetCache(tmp_path / "cache", store).local({"a": Asset("", digest(9))})


# What is kept


def test_what_is_kept_tells_what_its_maker_found(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "chunk").write_bytes(b"frames")
    assert kept_report(store, "segments/a.mp4") is None
    assert keep(store, "segments/a.mp4", tmp_path / "chunk", [NOTE]) == (NOTE,)
    assert kept_report(store, "segments/a.mp4") == (NOTE,)
    assert store.get_bytes("segments/a.mp4") == b"frames"


@pytest.mark.parametrize("missing", ["segments/a.mp4", "segments/a.mp4.json"])
def test_half_of_it_is_nothing(store: FolderStore, tmp_path: Path, missing: str) -> None:
    (tmp_path / "chunk").write_bytes(b"frames")
    keep(store, "segments/a.mp4", tmp_path / "chunk", [])
    store.delete(missing)
    assert kept_report(store, "segments/a.mp4") is None


# Retention


def aged(store: FolderStore, root: Path, key: str, days: float) -> str:
    store.put_bytes(key, b"x")
    when = datetime.now(UTC).timestamp() - days * 86400
    os.utime(root / key, (when, when))
    return key


def test_old_jobs_go_with_all_that_was_theirs(table: JobTable, store: FolderStore) -> None:
    for number in range(2):
        table.submit(f"http://x/?draft_id={number}", str(number), {}, queue_limit=9)
    ended, running = table.claim("one", 99), table.claim("one", 99)
    assert ended is not None
    assert running is not None
    today = datetime.now(UTC).date()
    results = [f"outputs/{today + timedelta(days=days)}/{ended.id}.mp4" for days in (0, 1)]  # joined twice
    theirs = [*results, f"jobs/{ended.id}/draft.json", f"jobs/{ended.id}/assets.json"]
    others = [f"outputs/{today}/{running.id}.mp4", f"jobs/{running.id}/draft.json", "drafts/d/manifest.json"]
    for key in theirs + others:
        store.put_bytes(key, b"x")
    table.complete(ended.id, results[0], [])
    kept = {"jobs_kept": timedelta(days=1), "cache_kept": timedelta(days=1)}
    sweep(table, store, (), **kept)
    assert {found.key for found in store.list()} == {*theirs, *others}
    sweep(table, store, (), jobs_kept=timedelta(0), cache_kept=timedelta(days=1))
    assert {found.key for found in store.list()} == set(others)
    assert table.get(ended.id) is None
    assert table.get(running.id) is not None


def test_kept_objects_go_when_they_are_old_and_no_job_needs_them(
    table: JobTable, store: FolderStore, tmp_path: Path
) -> None:
    root = tmp_path / "store"
    old = [
        aged(store, root, key, 8)
        for key in ("assets/a", "segments/a.mp4", "segments/a.mp4.json", "sounds/a.m4a", "sounds/a.m4a.json")
    ]
    young = [aged(store, root, key, 6) for key in ("assets/b", "segments/b.mp4", "sounds/b.m4a")]
    used = [aged(store, root, key, 9) for key in ("assets/c", "segments/c.mp4", "segments/c.mp4.json")]
    other = [aged(store, root, key, 99) for key in ("drafts/d/file.mp4", "outputs/2020-01-01/x.mp4")]
    sweep(table, store, {"assets/c", "segments/c.mp4"}, jobs_kept=timedelta(days=7), cache_kept=timedelta(days=7))
    assert {found.key for found in store.list()} == {*young, *used, *other}
    assert not set(old) & {found.key for found in store.list()}
