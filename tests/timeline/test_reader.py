"""Drafts of one idea each."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.errors import DraftEmpty, DraftError, DraftUnreadable
from cutfarm.timeline.model import Fade, OtherSegment, PictureSegment, SoundSegment, TextSegment, Transform
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.time import TimeRange


def whats(timeline) -> list[str]:
    return [entry.what for entry in timeline.report]


class TestFrame:
    def test_a_draft_without_oddities_reports_nothing(self, make):
        timeline = read_timeline(make.one_clip())
        assert (timeline.canvas.width_px, timeline.canvas.height_px) == (1920, 1080)
        assert timeline.fps == 30
        assert timeline.duration_us == 2_000_000
        assert not timeline.report

    def test_the_declared_duration_is_not_believed(self, make):
        draft = make.one_clip() | {"duration": 99}
        assert read_timeline(draft).duration_us == 2_000_000

    def test_the_longest_track_counts_whatever_its_kind(self, make):
        draft = make.one_clip()
        late = {"id": "s", "material_id": "x", "target_timerange": {"start": 5_000_000, "duration": 1}}
        draft["tracks"].append({"type": "sticker", "segments": [late]})
        assert read_timeline(draft).duration_us == 5_000_001

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            (30, 30),
            (None, 30),
            (0, 30),
            ("25", 30),
            (25.0, 25),
            (29.97, Fraction(30000, 1001)),
            (23.976, Fraction(24000, 1001)),
            (59.94, Fraction(60000, 1001)),
            (12.5, Fraction(25, 2)),
            (240, 240),
        ],
    )
    def test_frame_rates(self, make, written, meant):
        assert read_timeline(make.one_clip() | {"fps": written}).fps == meant

    @pytest.mark.parametrize("fps", [0.5, 241, 1e9, -30])
    def test_frame_rates_that_cannot_be(self, make, fps):
        with pytest.raises(DraftError, match="frames per second"):
            read_timeline(make.one_clip() | {"fps": fps})

    @pytest.mark.parametrize("canvas", [None, {}, {"width": 0, "height": 0}, {"width": 100_000, "height": 1080}])
    @pytest.mark.parametrize("side", ["width", "height"])
    def test_canvases_that_cannot_be(self, make, canvas, side):
        if canvas and side == "height":
            canvas = {"width": canvas["height"], "height": canvas["width"]}
        with pytest.raises(DraftError, match="canvas"):
            read_timeline(make.one_clip() | {"canvas_config": canvas})

    @pytest.mark.parametrize("broken", [{}, {"tracks": None}, {"tracks": [{"type": "video", "segments": []}]}])
    def test_an_empty_draft(self, broken):
        with pytest.raises(DraftEmpty):
            read_timeline({"canvas_config": {"width": 1, "height": 1}} | broken)

    def test_a_draft_of_effects_alone_is_empty(self, make):
        segment = make.clip(material_id="s", source_start=None)
        draft = make.draft([{"type": "effect", "segments": [segment]}], {"video_effects": [{"id": "s"}]})
        with pytest.raises(DraftEmpty, match="1"):
            read_timeline(draft)

    def test_a_clip_without_length_is_nothing(self, make):
        with pytest.raises(DraftEmpty):
            read_timeline(make.one_clip(make.clip(duration=0)))

    def test_bottomless_nesting(self, make):
        deep: list = []
        for _ in range(100_000):
            deep = [deep]
        draft = make.one_clip(make.clip(extra_material_refs=["d"]), hsl=[{"id": "d", "deep": deep}])
        try:
            with pytest.raises(DraftUnreadable, match="nested"):
                read_timeline(draft)
        finally:
            while deep:
                deep = deep.pop()

    def test_every_segment_gets_an_id_of_its_own(self, make):
        clips = [make.clip(start) for start in (0, 2)] + [make.clip(4, id=None)]
        draft = make.one_clip()
        draft["tracks"][0]["segments"] = clips
        ids = [segment.id for segment in read_timeline(draft).tracks[0].segments]
        assert ids[0] == "clip"
        assert len(set(ids)) == 3


class TestTimes:
    @pytest.mark.parametrize("key", ["target_timerange", "source_timerange"])
    @pytest.mark.parametrize(
        "span",
        [
            {"start": -1, "duration": 2_000_000},
            {"start": 0, "duration": -2_000_000},
            {"start": 0, "duration": 400_000_000_000},
            {"start": 10**30, "duration": 1},
            {"start": float("nan"), "duration": 1},
            {"start": 0, "duration": float("inf")},
            {"start": 300_000_000_000, "duration": 300_000_000_000},
        ],
    )
    def test_times_that_cannot_be_name_the_segment(self, make, key, span):
        with pytest.raises(DraftError, match="Segment clip "):
            read_timeline(make.one_clip(make.clip() | {key: span}))

    @pytest.mark.parametrize("span", [None, {}, {"start": 0}, {"start": 0, "duration": "long"}, [], {"duration": True}])
    def test_a_segment_without_a_place_is_reported(self, make, span):
        draft = make.one_clip()
        draft["tracks"][0]["segments"].append(make.clip(id="lost") | {"target_timerange": span})
        timeline = read_timeline(draft)
        assert len(timeline.tracks[0].segments) == 1
        assert [entry.segment_id for entry in timeline.report] == ["lost"]

    def test_segments_are_sorted(self, make):
        draft = make.one_clip()
        draft["tracks"][0]["segments"] = [make.clip(4), make.clip(0), make.clip(2)]
        starts = [segment.target.start_us for segment in read_timeline(draft).tracks[0].segments]
        assert starts == [0, 2_000_000, 4_000_000]


class TestPictures:
    def test_defaults_of_a_bare_segment(self, make, only):
        bare = {"material_id": "film", "target_timerange": {"start": 0, "duration": 1_000_000}}
        clip = only(read_timeline(make.one_clip(bare)))
        assert isinstance(clip, PictureSegment)
        assert clip.rate == 1
        assert clip.source == TimeRange(0, 1_000_000)
        assert clip.volume == 1
        assert clip.transform == Transform()
        assert clip.uniform_scale
        assert clip.keep_pitch
        assert clip.is_visible

    def test_placement(self, make, only):
        clip = {
            "alpha": 0.5,
            "flip": {"horizontal": True, "vertical": False},
            "rotation": 30,
            "scale": {"x": 0.25, "y": 2},
            "transform": {"x": -0.1, "y": 0.2},
        }
        segment = make.clip(clip=clip, uniform_scale={"on": False}, visible=False, render_index=11, volume=0.25)
        read = only(read_timeline(make.one_clip(segment | {"is_tone_modify": True})))
        assert read.transform == Transform(0.5, 0.25, 2.0, 30.0, -0.1, 0.2, flip_x=True)
        assert (read.uniform_scale, read.is_visible, read.render_index, read.volume) == (False, False, 11, 0.25)
        assert not read.keep_pitch

    def test_values_out_of_range_are_held(self, make, only):
        segment = make.clip(volume=99, clip={"alpha": 7, "scale": {"x": 1e30, "y": -3}, "rotation": float("nan")})
        read = only(read_timeline(make.one_clip(segment)))
        assert read.volume == 10
        assert read.transform == Transform(alpha=1, scale_x=1000, scale_y=0)

    def test_photos_do_not_move_through_their_source(self, make, only):
        draft = make.one_clip(make.clip(source_start=3))
        draft["materials"]["videos"] = [make.video(type="photo", duration=10_800_000_000)]
        read = only(read_timeline(draft))
        assert (read.material.kind, read.material.duration_us) == ("photo", 0)
        assert (read.source, read.rate) == (TimeRange(0, 2_000_000), 1)

    def test_endless_gifs_have_no_length(self, make, only):
        draft = make.one_clip()
        draft["materials"]["videos"] = [make.video(type="gif", duration=10_800_000_000)]
        material = only(read_timeline(draft)).material
        assert (material.kind, material.duration_us) == ("gif", 0)

    def test_an_empty_compound_clip_is_left_out_and_reported(self, make):
        draft = make.one_clip(make.clip(extra_material_refs=["inner"]), drafts=[{"id": "inner", "draft": {}}])
        draft["tracks"][0]["segments"].append(make.clip(2, id="next"))
        timeline = read_timeline(draft)
        compound, following = timeline.tracks[0].segments
        assert isinstance(compound, OtherSegment)
        assert compound.unknown[0].bucket == "drafts"
        assert isinstance(following, PictureSegment)
        assert whats(timeline) == ["compound clip"]

    def test_a_missing_material_is_left_out_and_reported(self, make):
        draft = make.one_clip()
        draft["tracks"][0]["segments"].append(make.clip(2, material_id="gone"))
        timeline = read_timeline(draft)
        assert isinstance(timeline.tracks[0].segments[1], OtherSegment)
        assert whats(timeline) == ["video"]

    def test_dangling_references_are_silent(self, make):
        assert not read_timeline(make.one_clip(make.clip(extra_material_refs=["gone", None, 3]))).report

    def test_fades_stand_in_their_own_list_or_in_the_material(self, make, only):
        fade = {"id": "f", "fade_in_duration": 500_000, "fade_out_duration": 9_000_000, "fade_type": 0}
        listed = read_timeline(make.one_clip(make.clip(extra_material_refs=["f"]), audio_fades=[fade]))
        assert only(listed).fade == Fade(500_000, 2_000_000)
        embedded = make.one_clip()
        embedded["materials"]["videos"] = [make.video(audio_fade=fade)]
        assert only(read_timeline(embedded)).fade == Fade(500_000, 2_000_000)


class TestTracks:
    def test_muted_hidden_and_locked(self, make):
        draft = make.one_clip()
        draft["tracks"] = [{"type": "video", "attribute": a, "segments": [make.clip()]} for a in (0, 1, 2, 4, 3)]
        timeline = read_timeline(draft)
        assert [track.is_muted for track in timeline.tracks] == [False, True, False, False, True]
        assert [track.is_hidden for track in timeline.tracks] == [False, False, True, False, True]
        assert whats(timeline) == ["track", "track"]

    def test_hidden_things_need_no_report(self, make):
        effects = [{"id": "m", "type": "mask", "name": "blob"}]
        hidden = make.clip(extra_material_refs=["m"], visible=False)
        assert not read_timeline(make.one_clip(hidden, masks=effects)).report

    def test_the_editor_mutes_the_lowest_video_track_that_holds_anything(self, make):
        draft = make.one_clip() | {"config": {"video_mute": True}}
        empty = {"type": "video", "segments": []}
        above = {"type": "video", "segments": [make.clip(render_index=2)]}
        draft["tracks"] = [empty, above, *draft["tracks"]]
        timeline = read_timeline(draft)
        assert [track.is_muted for track in timeline.tracks] == [False, False, True]
        assert whats(timeline) == ["track"]

    @pytest.mark.parametrize(
        ("flag", "number", "by_track"), [(True, 3, True), (True, 0, False), (False, 3, False), (None, 3, False)]
    )
    def test_layers_go_by_track_only_where_tracks_are_numbered(self, make, flag, number, by_track):
        draft = make.one_clip(make.clip(track_render_index=number)) | {"render_index_track_mode_on": flag}
        timeline = read_timeline(draft)
        assert timeline.layers_by_track is by_track
        assert timeline.tracks[0].layer_index == number

    @pytest.mark.parametrize("kind", ["sticker", "effect", "filter", "adjust", "hologram", ""])
    def test_other_tracks_are_kept_and_reported(self, make, kind):
        draft = make.one_clip()
        raw = {"id": "x", "name": "Old film", "resource_id": "77"}
        draft["materials"]["whatever"] = [raw]
        draft["tracks"].append({"type": kind, "segments": [make.clip(id="o", material_id="x", source_start=None)]})
        timeline = read_timeline(draft)
        other = timeline.tracks[1].segments[0]
        assert isinstance(other, OtherSegment)
        assert (other.unknown[0].bucket, other.unknown[0].raw) == ("whatever", raw)
        [entry] = timeline.report
        assert (entry.fidelity, entry.segment_id, entry.resource_id) == (Fidelity.UNSUPPORTED, "o", "77")
        assert "Old film" in entry.message

    def test_sounds(self, make):
        draft = make.one_clip()
        sound = {"id": "song", "type": "music", "name": "song", "path": "C:/song.mp3", "duration": 9_000_000}
        draft["materials"]["audios"] = [sound]
        segment = make.clip(1, 2, source_start=4, id="a", material_id="song", volume=0.5)
        draft["tracks"].append({"type": "audio", "segments": [segment]})
        read = read_timeline(draft).tracks[1].segments[0]
        assert isinstance(read, SoundSegment)
        assert read.source == TimeRange(4_000_000, 2_000_000)
        assert (read.material.path, read.volume) == ("C:/song.mp3", 0.5)

    def test_captions(self, make, only):
        read = only(read_timeline(make.one_caption(make.text("hello"))))
        assert isinstance(read, TextSegment)
        assert read.text.text == "hello"


class TestReport:
    def test_an_export_range_is_reported(self, make):
        draft = make.one_clip() | {"config": {"export_range": {"start": 0, "duration": 5}}}
        assert whats(read_timeline(draft)) == ["export range"]

    def test_elements_name_their_segment(self, make):
        blend = {"id": "b", "type": "mix_mode", "name": "dream", "effect_id": "1", "value": 1.0}
        timeline = read_timeline(make.one_clip(make.clip(extra_material_refs=["b"]), effects=[blend]))
        [entry] = timeline.report
        assert (entry.what, entry.segment_id, entry.resource_id) == ("blend mode", "clip", "1")
        assert timeline.tracks[0].segments[0].unknown[0].id == "b"
