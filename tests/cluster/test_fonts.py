"""Fonts from the object store to nodes."""

from __future__ import annotations

import threading

import pytest

from cluster.fonts import FarmFonts, FontPublisher, NodeFonts
from cutfarm.errors import AssetMissing, StorageError
from cutfarm.storage.folder import FolderStore
from tests.text.conftest import make_font

__all__ = ["make_font"]


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")


def written(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


class TestFarmFonts:
    def test_what_is_put_is_listed_by_name(self, store, tmp_path):
        fonts = FarmFonts(store)
        assert (fonts.all(), fonts.keys()) == ((), ())
        put = [fonts.put(written(tmp_path, name, name.encode())) for name in ("b.ttf", "字 体[wght].ttf", "a.ttf")]
        assert fonts.all() == tuple(sorted(put, key=lambda font: font.name))
        assert [font.size for font in fonts.all()] == [5, 5, len("字 体[wght].ttf".encode())]

    def test_one_of_the_same_name_is_replaced(self, store, tmp_path):
        fonts = FarmFonts(store)
        first = fonts.put(written(tmp_path, "a.ttf", b"one"))
        second = fonts.put(written(tmp_path, "a.ttf", b"two"))
        assert fonts.all() == (second,)
        assert fonts.keys() != (first.key,)

    def test_it_is_removed_by_name(self, store, tmp_path):
        fonts = FarmFonts(store)
        fonts.put(written(tmp_path, "a.ttf", b"one"))
        fonts.remove("a.ttf")
        assert fonts.all() == ()
        with pytest.raises(AssetMissing, match=r"no font file a\.ttf"):
            fonts.remove("a.ttf")


class TestPublisher:
    def test_what_is_new_in_the_folder_is_added_and_nothing_else(self, store, make_font, tmp_path):
        folder = tmp_path / "fonts"
        publisher = FontPublisher(folder, store)
        publisher.check()
        folder.mkdir()
        (folder / "broken.ttf").write_bytes(b"words")
        make_font("One").rename(folder / "One.ttf")
        publisher.check()
        assert [font.name for font in FarmFonts(store).all()] == ["One.ttf"]
        (folder / "One.ttf").unlink()
        make_font("Two").rename(folder / "Two.ttf")
        publisher.check()
        assert [font.name for font in FarmFonts(store).all()] == ["One.ttf", "Two.ttf"]

    def test_a_folder_that_stays_the_same_asks_for_nothing(self, store, make_font, tmp_path):
        folder = tmp_path / "fonts"
        folder.mkdir()
        make_font("One").rename(folder / "One.ttf")
        publisher = FontPublisher(folder, store)
        publisher.check()
        FarmFonts(store).remove("One.ttf")
        publisher.check()
        assert FarmFonts(store).all() == ()


class TestNodeFonts:
    def put(self, store, tmp_path, *names):
        fonts = FarmFonts(store)
        for name in names:
            fonts.put(written(tmp_path, name, name.encode()))
        return fonts.keys()

    def test_a_folder_holds_just_the_fonts_asked_for(self, store, tmp_path):
        node = NodeFonts(tmp_path / "node", store)
        one = self.put(store, tmp_path, "a.ttf")
        first = node.folder(one)
        both = self.put(store, tmp_path, "b.ttf")
        second = node.folder(both)
        assert {path.name: path.read_bytes() for path in first.iterdir()} == {"a.ttf": b"a.ttf"}
        assert sorted(path.name for path in second.iterdir()) == ["a.ttf", "b.ttf"]
        assert (node.folder(one), node.folder(both)) == (first, second)
        assert (first / "a.ttf").stat().st_ino == (second / "a.ttf").stat().st_ino

    def test_no_fonts_need_no_folder(self, store, tmp_path):
        assert not NodeFonts(tmp_path / "node", store).folder(()).exists()
        assert not (tmp_path / "node").exists()

    def test_nothing_is_asked_of_the_store_for_fonts_that_are_here(self, store, tmp_path):
        keys = self.put(store, tmp_path, "a.ttf")
        folder = NodeFonts(tmp_path / "node", store).folder(keys)
        FarmFonts(store).remove("a.ttf")
        assert NodeFonts(tmp_path / "node", store).folder(keys) == folder

    def test_a_font_that_is_gone_is_the_farms_trouble(self, store, tmp_path):
        keys = self.put(store, tmp_path, "a.ttf")
        FarmFonts(store).remove("a.ttf")
        with pytest.raises(StorageError):
            NodeFonts(tmp_path / "node", store).folder(keys)
        assert list((tmp_path / "node").iterdir()) == []

    def test_actors_of_a_node_do_not_disturb_each_other(self, store, tmp_path):
        keys = self.put(store, tmp_path, *(f"{number}.ttf" for number in range(8)))
        found = []
        together = threading.Barrier(4)

        def ask() -> None:
            together.wait()
            found.append(sorted(path.name for path in NodeFonts(tmp_path / "node", store).folder(keys).iterdir()))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [[f"{number}.ttf" for number in range(8)]] * 4
        assert not list((tmp_path / "node").glob("making-*"))
