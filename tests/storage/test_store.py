"""One contract, kept by a folder and by a bucket of a real S3 server."""

from __future__ import annotations

import errno
import pickle
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cluster.object_store import EmbeddedObjectStore
from cutfarm.errors import StorageError
from cutfarm.storage.folder import FolderStore
from cutfarm.storage.store import FolderSettings, S3Settings, Store, StoreSettings, check_key, open_store

LARGE = bytes(range(256)) * (40 << 12)  # three parts of a multipart upload


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Settings]:
    with EmbeddedObjectStore(tmp_path_factory.mktemp("s3")) as running:
        yield running.settings


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    if request.param == "folder":
        return FolderSettings(tmp_path / "store")
    running: S3Settings = request.getfixturevalue("server")
    bucket = "b" + str(abs(hash(request.node.name)) % 10**12)
    return S3Settings(running.endpoint, running.access_key, running.secret_key, bucket)


@pytest.fixture
def store(settings: StoreSettings) -> Store:
    return open_store(settings)


@pytest.mark.parametrize("key", ["a", "drafts/d1/素材/视频 1+1=2 & more?.mp4", "x/" * 20 + "deep", "outputs/.hidden"])
def test_what_is_put_is_got(store: Store, tmp_path: Path, key: str) -> None:
    store.put_bytes(key, b"one")
    assert (store.get_bytes(key), store.stat(key), store.exists(key)) == (b"one", 3, True)
    store.get_file(key, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"one"


@pytest.mark.parametrize("data", [b"", b"x", LARGE], ids=["empty", "one byte", "40 MB"])
def test_files_of_any_size(store: Store, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in").write_bytes(data)
    store.put_file("segments/a.mp4", tmp_path / "in")
    store.get_file("segments/a.mp4", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert store.stat("segments/a.mp4") == len(data)


def test_writing_again_replaces(store: Store) -> None:
    store.put_bytes("a", b"long before")
    store.put_bytes("a", b"after")
    assert store.get_bytes("a") == b"after"


def test_absent_objects(store: Store, tmp_path: Path) -> None:
    assert (store.stat("a/b"), store.exists("a/b")) == (None, False)
    with pytest.raises(StorageError, match=r"'a/b'.*no such object"):
        store.get_bytes("a/b")
    with pytest.raises(StorageError, match=r"'a/b'.*no such object"):
        store.get_file("a/b", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir() if path.name != "store"] == []
    store.delete("a/b")


def test_a_folder_of_objects_is_no_object(store: Store) -> None:
    store.put_bytes("a/b/c", b"")
    assert (store.stat("a/b"), store.stat("a"), store.stat("a/b/c")) == (None, None, 0)


def test_a_source_that_is_missing_is_a_storage_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="'a'"):
        store.put_file("a", tmp_path / "nothing")
    assert not store.exists("a")


def test_lists_by_prefix_with_sizes_and_times(store: Store) -> None:
    for key in ("outputs/2026-01-01/a.mp4", "outputs/2026-01-02/b.mp4", "outputs2/c", "d"):
        store.put_bytes(key, key.encode())
    found = {entry.key: entry for entry in store.list("outputs/2026")}
    assert set(found) == {"outputs/2026-01-01/a.mp4", "outputs/2026-01-02/b.mp4"}
    entry = found["outputs/2026-01-01/a.mp4"]
    assert entry.size == len(entry.key)
    assert abs(entry.modified - datetime.now(UTC)) < timedelta(minutes=1)
    assert len(list(store.list())) == 4
    assert [entry.key for entry in store.list("outputs2/")] == ["outputs2/c"]
    assert list(store.list("nothing/here")) == []


def test_deleted_objects_are_gone(store: Store) -> None:
    store.put_bytes("a/b", b"")
    store.delete("a/b")
    assert not store.exists("a/b")
    assert list(store.list()) == []


def test_presigned_addresses_read_without_credentials(store: Store) -> None:
    store.put_bytes("outputs/我.mp4", b"video")
    with urllib.request.urlopen(store.presigned_url("outputs/我.mp4", 3600, "我的 视频.mp4")) as answer:
        assert answer.read() == b"video"


def test_stores_travel_by_pickle_and_settings(store: Store, settings: StoreSettings) -> None:
    store.put_bytes("a", b"1")
    assert pickle.loads(pickle.dumps(store)).get_bytes("a") == b"1"
    assert open_store(pickle.loads(pickle.dumps(settings))).get_bytes("a") == b"1"


def test_many_threads_write_and_read_one_key(store: Store, tmp_path: Path) -> None:
    values = [bytes([number]) * 200_000 for number in range(8)]
    for number, value in enumerate(values):
        (tmp_path / f"in{number}").write_bytes(value)
    store.put_bytes("same", values[0])
    stop = threading.Event()

    def read(_: int) -> set[bytes]:
        seen = set()
        while not stop.is_set():
            seen.add(store.get_bytes("same"))
        return seen

    with ThreadPoolExecutor(12) as pool:
        readers = [pool.submit(read, number) for number in range(4)]
        list(pool.map(lambda number: store.put_file("same", tmp_path / f"in{number}"), range(8)))
        stop.set()
        seen = set().union(*(reader.result() for reader in readers))
    assert seen <= set(values)


BAD_KEYS = ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", ".partial/x", "a\\b", "a\nb", "a\0b", "é" * 600, "x" * 256]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_that_lead_elsewhere_are_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        check_key(key)
    store = open_store(FolderSettings(tmp_path / "store"))
    for use in (
        store.get_bytes,
        store.stat,
        store.delete,
        lambda k: store.put_bytes(k, b""),
        lambda k: store.presigned_url(k, 9),
    ):
        with pytest.raises(StorageError):
            use(key)


@pytest.mark.s3
def test_a_presigned_address_names_the_download_and_cannot_be_turned(server: S3Settings) -> None:
    store = open_store(server)
    store.put_bytes("outputs/a.mp4", b"video")
    store.put_bytes("outputs/b.mp4", b"other")
    url = store.presigned_url("outputs/a.mp4", 3600, '我"的.mp4')
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%88%91")
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(url.replace("a.mp4", "b.mp4", 1))
    refused.value.close()
    with pytest.raises(StorageError, match="7 days"):
        store.presigned_url("outputs/a.mp4", 8 * 86400)


@pytest.mark.s3
def test_presigned_addresses_carry_the_public_endpoint(server: S3Settings) -> None:
    public = f"http://localhost:{server.endpoint.rpartition(':')[2]}"
    store = open_store(
        S3Settings(server.endpoint, server.access_key, server.secret_key, server.bucket, public_url=public)
    )
    store.put_bytes("a", b"1")
    url = store.presigned_url("a", 60)
    assert url.startswith(public + "/")
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"1"


@pytest.mark.s3
def test_wrong_credentials_are_named_and_kept_secret(server: S3Settings) -> None:
    with pytest.raises(StorageError) as caught:
        open_store(S3Settings(server.endpoint, server.access_key, "0" * 64, "other-bucket")).put_bytes("a", b"")
    assert "0" * 64 not in str(caught.value)
    assert server.secret_key not in repr(server)


def test_a_server_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import urllib3

    from cutfarm.storage import s3

    monkeypatch.setattr(s3, "_RETRIES", urllib3.Retry(total=0))
    with pytest.raises(StorageError, match=r"^Cannot open 's3://127\.0\.0\.1:1/bucket': .* does not answer\.$"):
        open_store(S3Settings("127.0.0.1:1", "access", "secret-key", "bucket"))


def test_a_failing_download_leaves_no_file(tmp_path: Path) -> None:
    store = open_store(FolderSettings(tmp_path / "store"))
    store.put_bytes("a", b"1")
    (tmp_path / "out").mkdir()
    with pytest.raises(StorageError):
        store.get_file("a", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "store"]


class TestFolder:
    def test_a_lent_file_outlives_the_store(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path / "store", durable=False)
        store.put_bytes("a", b"one")
        store.lend_file("a", tmp_path / "out")
        assert (tmp_path / "out").stat().st_nlink == 2
        store.put_bytes("a", b"two")
        shutil.rmtree(tmp_path / "store")
        assert (tmp_path / "out").read_bytes() == b"one"

    def test_another_file_system_is_lent_a_copy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr("os.link", refuse)
        store = FolderStore(tmp_path / "store")
        store.put_bytes("a", b"one")
        store.lend_file("a", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b"one"
        with pytest.raises(StorageError, match="no such object"):
            store.lend_file("b", tmp_path / "other")

    def test_a_store_that_was_removed_is_there_again(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path / "store")
        shutil.rmtree(tmp_path / "store")
        store.put_bytes("a/b", b"one")
        assert [(found.key, found.size) for found in store.list()] == [("a/b", 3)]
