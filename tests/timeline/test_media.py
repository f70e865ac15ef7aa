"""Finding files, and refusing to."""

from __future__ import annotations

import pytest

from cutfarm.errors import AssetMissing, AssetRefused
from cutfarm.timeline.media import find_media, media_uses
from cutfarm.timeline.reader import read_timeline

TOKEN = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "draft"
    path.mkdir()
    return path


@pytest.fixture
def timeline(make):
    """A timeline of one clip at each path."""

    def build(*paths, **material):
        draft = make.draft([], {"videos": []})
        segments = []
        for number, path in enumerate(paths):
            draft["materials"]["videos"].append(make.video(id=f"m{number}", path=path, **material))
            segments.append(make.clip(2 * number, id=f"s{number}", material_id=f"m{number}"))
        draft["tracks"] = [{"type": "video", "segments": segments}]
        return read_timeline(draft)

    return build


def put(path, data=b"film"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def find_one(timeline, folder, path, **options):
    return find_media(timeline(path), folder, **{"sandbox": True, **options})[path]


@pytest.mark.parametrize("sandbox", [True, False])
class TestAnywhere:
    @pytest.mark.parametrize(
        "path",
        [f"{TOKEN}/assets/a.mp4", f"{TOKEN}\\assets\\a.mp4", "assets/a.mp4", "assets\\a.mp4", "x/../assets/a.mp4"],
    )
    def test_inside_the_draft(self, timeline, folder, path, sandbox):
        film = put(folder / "assets/a.mp4")
        (folder / "x").mkdir()
        assert find_one(timeline, folder, path, sandbox=sandbox) == film

    @pytest.mark.parametrize("path", [f"{TOKEN}/../secret.mp4", "../secret.mp4", "a/../../secret.mp4", "../gone.mp4"])
    def test_climbing_out_is_refused(self, timeline, folder, path, sandbox):
        put(folder.parent / "secret.mp4")
        with pytest.raises(AssetRefused, match="s0 points outside"):
            find_one(timeline, folder, path, sandbox=sandbox)

    @pytest.mark.parametrize("path", ["link.mp4", "C:/x/link.mp4", "linked/secret.mp4"])
    def test_links_out_are_refused(self, timeline, folder, path, sandbox):
        secret = put(folder.parent / "outside" / "secret.mp4")
        (folder / "link.mp4").symlink_to(secret)
        (folder / "linked").symlink_to(secret.parent)
        with pytest.raises(AssetRefused, match="leads out"):
            find_one(timeline, folder, path, sandbox=sandbox)

    def test_links_within_the_draft_are_followed(self, timeline, folder, sandbox):
        film = put(folder / "a.mp4")
        (folder / "b.mp4").symlink_to(film)
        assert find_one(timeline, folder, "b.mp4", sandbox=sandbox) == film

    @pytest.mark.parametrize(
        "path",
        ["C:\\Users\\x\\film.MP4", "E:/film.mp4", "%userprofile%/film.mp4", "\\\\nas\\film.mp4", "gone/film.mp4"],
    )
    def test_stale_paths_are_looked_for_by_name(self, timeline, folder, path, sandbox):
        film = put(folder / "deep/er/film.mp4")
        assert find_one(timeline, folder, path, sandbox=sandbox) == film

    def test_names_compare_as_on_the_systems_that_wrote_them(self, timeline, folder, sandbox):
        film = put(folder / "Cafe\u0301 ÄÖ.MP4")
        assert find_one(timeline, folder, "C:/caf\u00e9 äö.mp4", sandbox=sandbox) == film

    @pytest.mark.parametrize("path", ["C:/x/gone.mp4", "gone.mp4", f"{TOKEN}/gone.mp4", ""])
    def test_missing_names_material_and_segment(self, timeline, folder, path, sandbox):
        with pytest.raises(AssetMissing, match=r"“film\.mp4” of segment s0"):
            find_one(timeline, folder, path, sandbox=sandbox)

    def test_an_empty_path_is_looked_for_by_the_materials_name(self, timeline, folder, sandbox):
        film = put(folder / "film.mp4")
        assert find_one(timeline, folder, "", sandbox=sandbox) == film

    @pytest.mark.parametrize("path", ["file:///etc/passwd", "FILE:///etc/hostname", "file:/etc/passwd"])
    def test_file_urls_are_never_read(self, timeline, folder, path, sandbox):
        put(folder / "passwd")
        with pytest.raises(AssetRefused, match="file URL"):
            find_one(timeline, folder, path, sandbox=sandbox)

    def test_a_url_is_refused_without_its_secrets(self, timeline, folder, sandbox):
        with pytest.raises(AssetRefused, match=r"https://h/a\.mp4: give") as caught:
            find_one(timeline, folder, "https://me:s3cr3t@h/a.mp4?token=t0k3n", sandbox=sandbox)
        assert "s3cr3t" not in str(caught.value)
        assert "t0k3n" not in str(caught.value)

    def test_a_downloaded_url_is_found(self, timeline, folder, sandbox):
        film = put(folder / "assets/a.mp4")
        assert find_one(timeline, folder, "https://h/x/a.mp4?token=abc", sandbox=sandbox) == film

    def test_media_folders_come_after_the_drafts(self, timeline, folder, tmp_path, sandbox):
        first, second = put(tmp_path / "one/a.mp4"), put(tmp_path / "two/b.mp4")
        dirs = [first.parent, second.parent]
        assert find_one(timeline, folder, "C:/b.mp4", sandbox=sandbox, media_dirs=dirs) == second
        own = put(folder / "a.mp4")
        assert find_one(timeline, folder, "C:/a.mp4", sandbox=sandbox, media_dirs=dirs) == own

    def test_folders_and_devices_are_no_media(self, timeline, folder, sandbox):
        (folder / "film.mp4").mkdir()
        with pytest.raises(AssetMissing):
            find_one(timeline, folder, "film.mp4", sandbox=sandbox)

    @pytest.mark.parametrize("path", ["a\0b.mp4", "n" * 5000, "#" * 10, "a\nb"])
    def test_names_that_no_disk_has(self, timeline, folder, path, sandbox):
        with pytest.raises(AssetMissing):
            find_one(timeline, folder, path, sandbox=sandbox)


class TestAbsolute:
    def test_outside_of_a_sandbox_they_are_read_where_they_are(self, timeline, folder, tmp_path):
        film = put(tmp_path / "elsewhere/a.mp4")
        assert find_one(timeline, folder, str(film), sandbox=False) == film

    def test_in_a_sandbox_they_are_refused(self, timeline, folder, tmp_path):
        film = put(tmp_path / "elsewhere/a.mp4")
        for path in (str(film), "/etc/passwd", "/nowhere/at/all.mp4", "//etc/passwd"):
            with pytest.raises(AssetRefused, match="points outside of the draft's folder"):
                find_one(timeline, folder, path)

    def test_in_a_sandbox_a_file_of_that_name_in_the_draft_is_taken(self, timeline, folder):
        film = put(folder / "assets/a.mp4")
        assert find_one(timeline, folder, "/app/output/draft/1/assets/a.mp4") == film

    def test_the_sandbox_holds_the_draft_and_the_media_folders(self, timeline, folder, tmp_path):
        film, other = put(folder / "a.mp4"), put(tmp_path / "media/b.mp4")
        assert find_one(timeline, folder, str(film)) == film
        assert find_one(timeline, folder, str(other), media_dirs=[other.parent]) == other

    def test_a_way_out_through_dots_is_refused(self, timeline, folder, tmp_path):
        put(tmp_path / "secret.mp4")
        with pytest.raises(AssetRefused):
            find_one(timeline, folder, f"{folder}/../secret.mp4")

    def test_stale_ones_are_missing_outside_of_a_sandbox(self, timeline, folder):
        with pytest.raises(AssetMissing):
            find_one(timeline, folder, "/Users/somebody/gone.mp4", sandbox=False)


class TestMany:
    def test_the_longest_common_suffix_wins(self, timeline, folder):
        one, two = put(folder / "x/day 1/clip.mp4"), put(folder / "y/day 2/clip.mp4")
        paths = ["C:/trip/day 2/clip.mp4", "C:/trip/Day 1/clip.mp4", "D:/clip.mp4"]
        found = find_media(timeline(*paths), folder, sandbox=True)
        assert found == {paths[0]: two, paths[1]: one, paths[2]: one}

    def test_each_path_once(self, timeline, folder):
        put(folder / "a.mp4")
        assert len(find_media(timeline("a.mp4", "a.mp4"), folder, sandbox=True)) == 1

    def test_only_what_is_seen_or_heard_has_to_be_there(self, make, folder):
        draft = make.draft([], {"videos": [make.video()], "audios": [{"id": "song", "path": "/etc/passwd"}]})
        shown = make.clip(id="shown")
        hidden = make.clip(2, id="hidden", material_id="gone", visible=False)
        draft["materials"]["videos"].append(make.video(id="gone", path="file:///etc/passwd"))
        song = make.clip(id="song", material_id="song")
        draft["tracks"] = [
            {"type": "video", "segments": [shown, hidden]},
            {"type": "video", "attribute": 2, "segments": [make.clip(id="in hidden track", material_id="gone")]},
            {"type": "audio", "attribute": 1, "segments": [song]},
        ]
        timeline = read_timeline(draft)
        film = put(folder / "film.mp4")
        assert find_media(timeline, folder, sandbox=True) == {"film.mp4": film}
        assert [use.segment_id for use in media_uses(timeline).values()] == ["shown"]
