"""Opening drafts: folders, files, archives, and what only looks like one."""

from __future__ import annotations

import base64
import json
import os
import shutil
import zipfile

import pytest

from cutfarm.errors import DraftEncrypted, DraftNotFound, DraftUnreadable
from cutfarm.timeline.source import open_draft, parse_draft


def write(path, draft):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draft if isinstance(draft, str) else json.dumps(draft), "utf-8")
    return path


BLOB = base64.b64encode(os.urandom(300)).decode()


class TestParsing:
    @pytest.mark.parametrize(
        "data", [b'{"a": 1}', b'\xef\xbb\xbf{"a": 1}', b' \n{"a": 1}\n', '{"a": 1}'.encode("utf-16")]
    )
    def test_objects(self, data):
        assert parse_draft(data) == {"a": 1}

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "line 1"),
            (b"hello", "line 1"),
            (b"[1]", "not an object"),
            (b"null", "not an object"),
            (b'{"a": ', "line 1, column"),
            (b"\xff\x00\x81binary", "not text"),
            (b'{"a": ' + b"9" * 5000 + b"}", "number too long"),
            (b'{"a": ' + b"[" * 200_000, "nested too deeply"),
        ],
    )
    def test_what_is_no_draft(self, data, reason):
        with pytest.raises(DraftUnreadable, match=reason):
            parse_draft(data)

    @pytest.mark.parametrize("data", [BLOB, BLOB + "\n", "  " + BLOB.replace("/", "_")])
    def test_encrypted_drafts(self, data):
        with pytest.raises(DraftEncrypted, match="JianYing 6 and later encrypt"):
            parse_draft(data.encode())

    def test_infinities_are_left_to_the_reader(self):
        assert parse_draft(b'{"a": 1e999}')["a"] == float("inf")

    def test_a_size_that_no_draft_has(self, monkeypatch, tmp_path):
        monkeypatch.setattr("cutfarm.timeline.source.MAX_DRAFT_BYTES", 100)
        with pytest.raises(DraftUnreadable, match="more than"):
            open_draft(write(tmp_path / "a.json", {"a": "x" * 200}))


class TestFolders:
    @pytest.mark.parametrize(
        "name", ["draft_content.json", "draft_info.json", "template-2.tmp", "draft_content.json.bak"]
    )
    def test_each_name_of_the_timeline(self, tmp_path, name):
        write(tmp_path / name, {"name": name})
        with open_draft(tmp_path) as source:
            assert (source.draft["name"], source.folder, source.timeline_path) == (name, tmp_path, tmp_path / name)
            assert not source.report

    def test_content_comes_before_info(self, tmp_path):
        write(tmp_path / "draft_info.json", {"a": 2})
        write(tmp_path / "draft_content.json", {"a": 1})
        assert open_draft(tmp_path).draft == {"a": 1}

    @pytest.mark.parametrize("name", ["draft_content.json", "draft_info.json"])
    def test_the_main_timeline_comes_before_the_root_file(self, tmp_path, name):
        write(tmp_path / "draft_content.json", {"a": "root"})
        write(tmp_path / "Timelines/project.json", {"main_timeline_id": "T-1"})
        write(tmp_path / "Timelines/T-1" / name, {"a": "main"})
        source = open_draft(tmp_path)
        assert source.draft == {"a": "main"}
        assert source.folder == tmp_path

    @pytest.mark.parametrize("id_", ["../..", "..", ".", "", "a/../../..", "gone", None, 5, "a\\b", "a\0b"])
    def test_main_timelines_that_lead_nowhere(self, tmp_path, id_):
        write(tmp_path / "draft_content.json", {"a": "outside"})
        write(tmp_path / "x/draft_content.json", {"a": "root"})
        write(tmp_path / "x/Timelines/draft_content.json", {"a": "wrong"})
        write(tmp_path / "x/Timelines/project.json", {"main_timeline_id": id_})
        assert open_draft(tmp_path / "x").draft == {"a": "root"}

    def test_a_broken_project_file_is_passed_over(self, tmp_path):
        write(tmp_path / "draft_content.json", {"a": 1})
        write(tmp_path / "Timelines/project.json", "{")
        assert open_draft(tmp_path).draft == {"a": 1}

    def test_a_backup_stands_in_for_a_broken_file_and_is_reported(self, tmp_path):
        write(tmp_path / "draft_content.json", '{"a": ')
        write(tmp_path / "template-2.tmp", {"a": 1})
        source = open_draft(tmp_path)
        assert source.draft == {"a": 1}
        [entry] = source.report
        assert "draft_content.json" in entry.message
        assert "template-2.tmp" in entry.message

    def test_no_older_copy_stands_in_for_an_encrypted_file(self, tmp_path):
        write(tmp_path / "draft_content.json", BLOB)
        write(tmp_path / "draft_content.json.bak", {"a": 1})
        with pytest.raises(DraftEncrypted, match=r"draft_content\.json"):
            open_draft(tmp_path)

    def test_a_folder_without_a_draft(self, tmp_path):
        with pytest.raises(DraftNotFound, match=r"draft_content\.json"):
            open_draft(tmp_path)

    def test_nothing_at_all(self, tmp_path):
        with pytest.raises(DraftNotFound):
            open_draft(tmp_path / "gone")

    def test_the_first_error_is_the_one_told(self, tmp_path):
        write(tmp_path / "draft_content.json", "{")
        write(tmp_path / "draft_info.json", "[]")
        with pytest.raises(DraftUnreadable, match=r"draft_content\.json is not JSON"):
            open_draft(tmp_path)


class TestFiles:
    def test_a_timeline_file_of_any_name(self, tmp_path):
        path = write(tmp_path / "my draft.json", {"a": 1})
        write(tmp_path / "draft_content.json", {"a": 2})
        source = open_draft(path)
        assert (source.draft, source.folder) == ({"a": 1}, tmp_path)

    def test_closing_leaves_the_users_folder_alone(self, tmp_path):
        path = write(tmp_path / "a.json", {"a": 1})
        with open_draft(path):
            pass
        assert path.is_file()

    def test_a_file_that_is_no_draft(self, tmp_path):
        with pytest.raises(DraftUnreadable, match=r"film\.mp4"):
            open_draft(write(tmp_path / "film.mp4", "nothing"))


class TestArchives:
    @pytest.fixture
    def scratch(self, tmp_path):
        folder = tmp_path / "scratch"
        folder.mkdir()
        return folder

    def zipped(self, path, files):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data if isinstance(data, str | bytes) else json.dumps(data))
        return path

    @pytest.mark.parametrize("prefix", ["", "My draft/", "草稿/"])
    @pytest.mark.parametrize("name", ["a.zip", "a.draft"])
    def test_a_draft_at_the_root_or_one_folder_deep(self, tmp_path, scratch, prefix, name):
        files = {f"{prefix}draft_content.json": {"a": 1}, f"{prefix}assets/film.mp4": b"film"}
        with open_draft(self.zipped(tmp_path / name, files), scratch=scratch) as source:
            assert source.draft == {"a": 1}
            assert (source.folder / "assets/film.mp4").read_bytes() == b"film"
            assert source.folder.is_relative_to(scratch)
        assert list(scratch.iterdir()) == []
        source.close()

    def test_the_macs_own_folder_is_no_draft(self, tmp_path, scratch):
        files = {"d/draft_info.json": {"a": 1}, "__MACOSX/d/._draft_info.json": "x", "__MACOSX/draft_info.json": "x"}
        with open_draft(self.zipped(tmp_path / "a.zip", files), scratch=scratch) as source:
            assert source.draft == {"a": 1}

    @pytest.mark.parametrize(
        ("files", "error", "message"),
        [
            ({}, DraftNotFound, "no draft_content"),
            ({"a/b/draft_content.json": {}}, DraftNotFound, "no draft_content"),
            ({"a/draft_content.json": {}, "b/draft_content.json": {}}, DraftUnreadable, "2 drafts"),
            ({"draft_content.json": "{"}, DraftUnreadable, "not JSON"),
            ({"draft_content.json": BLOB}, DraftEncrypted, "encrypt"),
        ],
    )
    def test_archives_without_a_draft_leave_nothing_behind(self, tmp_path, scratch, files, error, message):
        with pytest.raises(error, match=message):
            open_draft(self.zipped(tmp_path / "a.zip", files), scratch=scratch)
        assert list(scratch.iterdir()) == []

    def test_a_broken_archive(self, tmp_path, scratch):
        path = self.zipped(tmp_path / "a.zip", {"draft_content.json": {"a": 1}})
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(DraftUnreadable, match="not a whole zip"):
            open_draft(path, scratch=scratch)
        assert list(scratch.iterdir()) == []

    def test_real_drafts_survive_the_way_through_an_archive(self, tmp_path, scratch, shared):
        original = shared / "drafts" / "two-photos-audio.json"
        (tmp_path / "d").mkdir()
        shutil.copy(original, tmp_path / "d" / "draft_content.json")
        path = shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path, "d")
        with open_draft(tmp_path / path, scratch=scratch) as source:
            assert source.draft == json.loads(original.read_text("utf-8"))
