"""Drafts are rendered without the optional pictures that are nowhere."""

from __future__ import annotations

import pytest

from cutfarm.errors import DraftEmpty
from cutfarm.timeline.media import find_media, media_uses
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity


@pytest.fixture
def draft(make):
    """A clip with a background picture, below a sticker."""
    canvas = {"id": "c", "type": "canvas_image", "image": "D:/wall.png"}
    draft = make.one_clip(make.clip(extra_material_refs=["c"]), canvases=[canvas])
    draft["materials"]["stickers"] = [{"id": "s", "resource_id": "77", "path": "C:/Cache/artistEffect/77/abc"}]
    sticker = make.clip(material_id="s", id="sticker", source_start=None, render_index=14_000)
    draft["tracks"].append({"type": "sticker", "segments": [sticker]})
    return draft


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "draft"
    path.mkdir()
    (path / "film.mp4").write_bytes(b"film")
    return path


def put(path, data=b"picture"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def shown(timeline: Timeline):
    return [segment.id for track in timeline.tracks for segment in track.segments]


class TestOnlyFound:
    def test_all_are_there(self, draft):
        timeline = read_timeline(draft)
        assert only_found(timeline, set(media_uses(timeline))) is timeline

    def test_a_missing_sticker_is_left_out_and_reported(self, draft):
        timeline = read_timeline(draft)
        left = only_found(timeline, {"film.mp4", "D:/wall.png"})
        assert shown(left) == ["clip"]
        [entry] = left.report
        assert (entry.fidelity, entry.what, entry.segment_id, entry.resource_id) == (
            Fidelity.UNSUPPORTED,
            "sticker",
            "sticker",
            "77",
        )
        assert left.duration_us == timeline.duration_us

    def test_a_missing_background_is_black_and_reported(self, draft):
        left = only_found(read_timeline(draft), {"film.mp4", "C:/Cache/artistEffect/77/abc"})
        assert left.tracks[0].segments[0].background is None
        assert [(entry.what, entry.segment_id) for entry in left.report] == [
            ("sticker", "sticker"),
            ("background", "clip"),
        ]
        assert left.report.worst is Fidelity.UNSUPPORTED

    def test_within_compound_clips(self, make, only, draft):
        outer = make.one_clip(make.clip(id="outer", extra_material_refs=["d"]), drafts=[{"id": "d", "draft": draft}])
        left = only_found(read_timeline(outer), {"film.mp4"})
        inner = only(left).material.timeline
        assert shown(inner) == ["clip"]
        assert inner.tracks[0].segments[0].background is None
        assert {entry.segment_id for entry in left.report} == {"clip", "sticker"}

    def test_what_nobody_sees_is_not_missed(self, draft):
        draft["tracks"][0]["attribute"] = draft["tracks"][1]["attribute"] = 2
        timeline = read_timeline(draft)
        assert only_found(timeline, ()) is timeline

    def test_nothing_left_is_an_empty_draft(self, draft):
        del draft["tracks"][0]
        with pytest.raises(DraftEmpty):
            only_found(read_timeline(draft), ())


class TestUses:
    def test_what_is_optional(self, draft):
        uses = media_uses(read_timeline(draft))
        assert {path: (use.segment_id, use.is_optional) for path, use in uses.items()} == {
            "film.mp4": ("clip", False),
            "D:/wall.png": ("clip", True),
            "C:/Cache/artistEffect/77/abc": ("sticker", True),
        }

    def test_a_background_that_is_a_clip_too_has_to_be_there(self, make, draft):
        draft["materials"]["videos"].append(make.video(id="wall", type="photo", path="D:/wall.png"))
        draft["tracks"].append({"type": "video", "segments": [make.clip(id="photo", material_id="wall")]})
        use = media_uses(read_timeline(draft))["D:/wall.png"]
        assert (use.segment_id, use.is_optional) == ("photo", False)

    @pytest.mark.parametrize(
        ("track", "has_audio", "is_heard"), [({}, True, True), ({"attribute": 1}, True, False), ({}, False, False)]
    )
    def test_sounds_of_compound_clips(self, make, track, has_audio, is_heard):
        inner = make.one_clip(audios=[{"id": "song", "path": "song.mp3"}])
        inner["tracks"].append({"type": "audio", "segments": [make.clip(id="song", material_id="song")]})
        outer = make.one_clip(make.clip(id="outer", extra_material_refs=["d"]), drafts=[{"id": "d", "draft": inner}])
        outer["materials"]["videos"] = [make.video(path="", has_audio=has_audio)]
        outer["tracks"][0] |= track
        assert set(media_uses(read_timeline(outer))) == {"film.mp4"} | ({"song.mp3"} if is_heard else set())


class TestStickerPictures:
    def found(self, draft, folder, **options):
        files = find_media(read_timeline(draft), folder, **{"sandbox": True, **options})
        return files.get("C:/Cache/artistEffect/77/abc")

    @pytest.mark.parametrize(
        "place", ["77.png", "assets/77.webp", "a/77/x/picture.gif", "77/b.mp4", "abc.PNG", "77.a.png"]
    )
    def test_by_number(self, draft, folder, place):
        picture = put(folder / place)
        assert self.found(draft, folder) == picture

    @pytest.mark.parametrize("place", ["78.png", "a77.png", "77.json", "77/content.json", "177/a.png"])
    def test_nothing_else_is_taken(self, draft, folder, place):
        put(folder / place)
        assert self.found(draft, folder) is None

    def test_what_moves_comes_first(self, draft, folder):
        for name in ("77.png", "77.jpg"):
            put(folder / name)
        assert self.found(draft, folder) == folder / "77.png"
        moving = put(folder / "77/all.gif")
        assert self.found(draft, folder) == moving

    def test_media_folders_come_after_the_drafts(self, draft, folder, tmp_path):
        other = put(tmp_path / "stickers/77.webp")
        assert self.found(draft, folder, media_dirs=[other.parent]) == other
        own = put(folder / "77.png")
        assert self.found(draft, folder, media_dirs=[other.parent]) == own

    @pytest.mark.parametrize("is_file", [True, False])
    def test_where_the_draft_says(self, draft, folder, tmp_path, is_file):
        picture = put(tmp_path / ("cache/abc.png" if is_file else "cache/abc/nested/first.png"))
        path = draft["materials"]["stickers"][0]["path"] = str(tmp_path / ("cache/abc.png" if is_file else "cache/abc"))
        timeline = read_timeline(draft)
        assert find_media(timeline, folder, sandbox=False).get(path) == picture
        assert path not in find_media(timeline, folder, sandbox=True)
        assert find_media(timeline, folder, sandbox=True, media_dirs=[tmp_path / "cache"]).get(path) == picture

    def test_links_out_are_not_followed(self, draft, folder, tmp_path):
        secret = put(tmp_path / "secret.png")
        (folder / "77.png").symlink_to(secret)
        assert self.found(draft, folder) is None

    @pytest.mark.parametrize("path", ["file:///etc/passwd", "https://h/77.png", "../../etc", "##x", ".", "/"])
    def test_paths_that_may_not_be_read_are_no_fault(self, draft, folder, path):
        draft["materials"]["stickers"][0]["path"] = path
        timeline = read_timeline(draft)
        assert set(find_media(timeline, folder, sandbox=True)) == {"film.mp4"}

    def test_one_without_a_path_of_its_own(self, draft, folder):
        del draft["materials"]["stickers"][0]["path"]
        picture = put(folder / "stickers/77.png")
        assert find_media(read_timeline(draft), folder, sandbox=True)["stickers/77"] == picture


def test_a_background_picture_is_found_by_name(draft, folder):
    wall = put(folder / "deep/wall.png")
    assert find_media(read_timeline(draft), folder, sandbox=True)["D:/wall.png"] == wall


class TestReversedCopies:
    COPY = "C:/cache/back.mp4"

    @pytest.fixture
    def reversed_draft(self, make):
        draft = make.one_clip(make.clip(0, 2, source_start=3, reverse=True))
        draft["materials"]["videos"] = [make.video(reverse_path=self.COPY)]
        return draft

    def test_one_that_is_there_is_played_forwards(self, reversed_draft, folder, only):
        put(folder / "back.mp4")
        timeline = read_timeline(reversed_draft)
        files = find_media(timeline, folder, sandbox=True)
        assert {path: file.name for path, file in files.items()} == {"film.mp4": "film.mp4", self.COPY: "back.mp4"}
        clip = only(only_found(timeline, files))
        assert (clip.material.path, clip.is_reversed, clip.source.start_us) == (self.COPY, False, 3_000_000)
        assert [entry.fidelity for entry in only_found(timeline, files).report] == [Fidelity.CLOSE]

    def test_without_it_the_file_itself_runs_backwards(self, reversed_draft, folder, only):
        timeline = read_timeline(reversed_draft)
        files = find_media(timeline, folder, sandbox=True)
        assert set(files) == {"film.mp4"}
        assert only_found(timeline, files) is timeline
        assert only(timeline).is_reversed

    def test_a_clip_that_runs_forwards_asks_for_none(self, make):
        draft = make.one_clip()
        draft["materials"]["videos"] = [make.video(reverse_path=self.COPY)]
        assert set(media_uses(read_timeline(draft))) == {"film.mp4"}


class TestProducedSounds:
    STEM, NICE, SUNG = (f"C:/Resources/audioAlg/{name}.wav" for name in ("stem", "nice", "sung"))

    @pytest.fixture
    def treated(self, make):
        """A clip whose vocals were separated and beautified, and which an effect of a server made to sing."""
        refs = ["stem", "nice", "sung", "echo"]
        draft = make.one_clip(make.clip(extra_material_refs=refs))
        draft["materials"] |= {
            "vocal_separations": [{"id": "stem", "choice": 1, "production_path": self.STEM}],
            "vocal_beautifys": [{"id": "nice", "enable": True, "production_path": self.NICE}],
            "audio_effects": [
                {"id": "sung", "name": "Folk", "category_id": "speech_to_song", "production_path": self.SUNG},
                {"id": "echo", "name": "Echo", "category_id": "sound_effect"},
            ],
        }
        return draft

    def left(self, draft, *paths):
        timeline = only_found(read_timeline(draft), {"film.mp4", *paths})
        return timeline, {(entry.fidelity.word, entry.what) for entry in timeline.report}

    def test_the_first_that_is_there_is_heard(self, treated, only):
        timeline, entries = self.left(treated, self.SUNG, self.NICE)
        treatment = only(timeline).treatment
        assert (treatment.heard.path, treatment.produced) == (self.SUNG, ())
        assert [effect.name for effect in treatment.effects] == ["Echo"]
        assert only(timeline).material.path == "film.mp4"
        assert entries == {
            ("close", "sound effect"),  # the echo
            ("close", "voice enhancement"),
            ("unsupported", "vocal separation"),
        }
        assert {path: use.is_optional for path, use in media_uses(timeline).items()} == {
            "film.mp4": False,
            self.SUNG: False,
        }

    def test_an_effect_without_its_file_is_played(self, treated, only):
        timeline, entries = self.left(treated, self.STEM)
        treatment = only(timeline).treatment
        assert treatment.heard.path == self.STEM
        assert [effect.name for effect in treatment.effects] == ["Folk", "Echo"]
        assert entries == {
            ("unsupported", "sound effect"),  # a pitch shift stands in for the song
            ("close", "sound effect"),
            ("unsupported", "voice enhancement"),
        }

    def test_none_is_there(self, treated, only):
        timeline, entries = self.left(treated)
        assert (only(timeline).treatment.heard, only(timeline).treatment.produced) == (None, ())
        assert ("unsupported", "vocal separation") in entries
        [message] = [entry.message for entry in timeline.report if entry.what == "vocal separation"]
        assert message.endswith("the whole sound plays, not only the chosen part of it.")

    def test_they_are_looked_for_where_the_draft_lies(self, treated, folder, only):
        put(folder / "Resources/audioAlg/nice.wav")
        treated["materials"]["vocal_separations"][0]["production_path"] = "##_draftpath_placeholder_X_##/film.mp4"
        timeline = read_timeline(treated)
        uses = media_uses(timeline)
        assert {path for path, use in uses.items() if use.is_optional} == {
            self.SUNG,
            self.NICE,
            "##_draftpath_placeholder_X_##/film.mp4",
        }
        files = find_media(timeline, folder, sandbox=True)
        assert files[self.NICE].name == "nice.wav"
        assert self.SUNG not in files
        assert only(only_found(timeline, files)).treatment.heard.path == self.NICE

    @pytest.mark.parametrize(
        ("segment", "track", "material"),
        [
            ({"visible": False}, {}, {}),
            ({"volume": 0}, {}, {}),
            ({}, {"attribute": 1}, {}),
            ({}, {"attribute": 2}, {}),
            ({}, {}, {"has_audio": False}),
        ],
    )
    def test_where_nobody_hears_them_they_are_not_missed(self, treated, segment, track, material):
        treated["tracks"][0] |= track
        treated["tracks"][0]["segments"][0] |= segment
        treated["materials"]["videos"][0] |= material
        timeline = read_timeline(treated)
        assert not {self.STEM, self.NICE, self.SUNG} & media_uses(timeline).keys()
        assert only_found(timeline, {"film.mp4"}) is timeline

    @pytest.mark.parametrize("has_audio", [True, False])
    def test_within_compound_clips(self, make, only, treated, has_audio):
        outer = make.one_clip(make.clip(id="outer", extra_material_refs=["d"]), drafts=[{"id": "d", "draft": treated}])
        outer["materials"]["videos"] = [make.video(path="", has_audio=has_audio)]
        timeline = read_timeline(outer)
        assert (self.STEM in media_uses(timeline)) == has_audio
        inner = only(only_found(timeline, {"film.mp4", self.SUNG})).material.timeline
        heard = only(inner).treatment.heard
        assert (heard is not None) == has_audio

    def test_of_an_audio_track(self, treated, only):
        treated["tracks"][0]["type"] = "audio"
        treated["materials"]["audios"] = treated["materials"].pop("videos")
        timeline, _ = self.left(treated, self.NICE)
        assert only(timeline).treatment.heard.path == self.NICE

    def test_a_reversed_copy_has_its_own_sound(self, treated, only):
        treated["tracks"][0]["segments"][0]["reverse"] = True
        treated["materials"]["videos"][0]["reverse_path"] = "back.mp4"
        timeline, entries = self.left(treated, "back.mp4", self.SUNG)
        assert (only(timeline).material.path, only(timeline).treatment.heard) == ("back.mp4", None)
        assert ("unsupported", "sound effect") in entries
        timeline, _ = self.left(treated, self.SUNG)
        assert only(timeline).is_reversed
        assert only(timeline).treatment.heard.path == self.SUNG
