"""What is done to a segment's sound, as the draft asks for it."""

from __future__ import annotations

import math

import pytest

from cutfarm.timeline.model import Fade
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.treatment import SoundEffect, SoundTreatment

NAN, INF = float("nan"), float("inf")
ECHO = {"name": "回音", "resource_id": "7018011608408396325", "category_id": "sound_effect"}
WRONG = [None, True, "x", [], {}, [[]], NAN, INF, -INF, 10**400]


@pytest.fixture(params=["video", "audio", "compound"])
def read(request, make, only):
    """A segment that refers to a list of (bucket, material), and its report; of each kind that has a sound."""

    def read(*materials, material=None, **segment):
        listed: dict[str, list] = {}
        for number, (bucket, raw) in enumerate(materials):
            listed.setdefault(bucket, []).append({"id": f"m{number}", **raw})
        refs = [f"m{number}" for number in range(len(materials))]
        draft = make.one_clip(make.clip(extra_material_refs=refs, **segment), **listed)
        film = make.video(**(material or {}))
        match request.param:
            case "audio":
                draft["tracks"][0]["type"] = "audio"
                draft["materials"] |= {"videos": [], "audios": [film]}
            case "compound":
                draft["tracks"][0]["segments"][0]["extra_material_refs"].append("inner")
                draft["materials"] |= {"videos": [film], "drafts": [{"id": "inner", "draft": make.one_clip()}]}
            case _:
                draft["materials"]["videos"] = [film]
        timeline = read_timeline(draft)
        return only(timeline), [(entry.fidelity.word, entry.what) for entry in timeline.report]

    return read


class TestNeutral:
    @pytest.mark.parametrize(
        ("bucket", "raw"),
        [
            ("sound_channel_mappings", {"type": "none", "audio_channel_mapping": 0, "is_config_open": True}),
            ("sound_channel_mappings", {"audio_channel_mapping": 2, "is_config_open": False}),
            ("audio_pitch_shifts", {"enable_pitch_shift": False, "semitones": 3, "cents": 20}),
            ("audio_pitch_shifts", {"enable_pitch_shift": True, "semitones": 0, "cents": 0}),
            ("audio_pannings", {"enable_panning": False, "panning_value": 0.4}),
            ("audio_pannings", {"enable_panning": True, "panning_value": 0.0}),
            ("audio_balances", {"enable_balance": False, "average_loudness": -20.5, "target_loudness": -14}),
            ("loudnesses", {"enable": False, "target_loudness": -14.0}),
            ("loudnesses", {"enable": False, "file_id": "", "target_loudness": 0.0, "loudness_param": None}),
            ("realtime_denoises", {"is_denoise": False, "denoise_mode": 1.0, "denoise_rate": 0.85, "path": "m.model"}),
            ("vocal_separations", {"choice": 0, "removed_sounds": [], "production_path": "stem.wav"}),
            ("vocal_beautifys", {"enable": False, "ambient_sound_level": 75, "production_path": "x.mp3"}),
            ("audio_effects", {**ECHO, "audio_adjust_params": [{"name": "strength", "value": 0}]}),
        ],
    )
    def test_it_asks_for_nothing(self, read, bucket, raw):
        segment, entries = read((bucket, raw))
        assert entries == []
        assert segment.unknown == ()
        if bucket != "audio_effects":
            assert segment.treatment == SoundTreatment()

    @pytest.mark.parametrize("value", WRONG)
    @pytest.mark.parametrize(
        ("bucket", "field"),
        [
            ("sound_channel_mappings", "audio_channel_mapping"),
            ("audio_pitch_shifts", "semitones"),
            ("audio_pitch_shifts", "cents"),
            ("audio_pannings", "panning_value"),
            ("vocal_separations", "choice"),
        ],
    )
    def test_what_is_no_number_is_0(self, read, bucket, field, value):
        assert read((bucket, {field: value}))[0].treatment == SoundTreatment()


class TestChannels:
    @pytest.mark.parametrize(("number", "channels"), [(1, "left"), (2, "right"), (3, "swapped"), (4, "mono")])
    def test_a_mapping(self, read, number, channels):
        segment, entries = read(("sound_channel_mappings", {"audio_channel_mapping": number, "is_config_open": True}))
        assert segment.treatment.channels == channels
        assert entries == [("close", "channel mapping")]

    @pytest.mark.parametrize("number", [5, -1, 10**30])
    def test_one_that_nobody_knows(self, read, number):
        segment, entries = read(("sound_channel_mappings", {"audio_channel_mapping": number}))
        assert segment.treatment.channels == "as_is"
        assert entries == [("unsupported", "channel mapping")]
        assert [material.bucket for material in segment.unknown] == ["sound_channel_mappings"]


class TestPitch:
    @pytest.mark.parametrize(
        ("raw", "semitones"),
        [
            ({"enable_pitch_shift": True, "semitones": 3, "cents": -50}, 2.5),
            ({"semitones": -7}, -7),
            ({"cents": 12.5}, 0.125),
            ({"semitones": 1e300}, 24),
            ({"semitones": -40, "cents": NAN}, -24),
        ],
    )
    def test_semitones_and_cents(self, read, raw, semitones):
        segment, entries = read(("audio_pitch_shifts", raw))
        assert segment.treatment.pitch_semitones == semitones
        assert entries == [("close", "pitch shift")]

    def test_one_of_an_unknown_kind(self, read):
        segment, entries = read(("audio_pitch_shifts", {"enable_pitch_shift": True, "octaves": 1}))
        assert segment.treatment.pitch_semitones == 0
        assert entries == [("unsupported", "pitch shift")]


class TestPan:
    @pytest.mark.parametrize(("value", "pan"), [(-0.3, -0.3), (1, 1), (7, 1), (-1e308, -1)])
    def test_it_is_held(self, read, value, pan):
        segment, entries = read(("audio_pannings", {"enable_panning": True, "panning_value": value}))
        assert segment.treatment.pan == pan
        assert entries == [("close", "pan")]

    def test_one_of_an_unknown_kind(self, read):
        assert read(("audio_pannings", {"angle_deg": 30}))[1] == [("unsupported", "pan")]

    def test_keys(self, read):
        keys = [{"time_offset": at, "values": [value]} for at, value in ((0, -1), (2_000_000, 3))]
        segment, entries = read(common_keyframes=[{"property_type": "KFTypeAudioPanning", "keyframe_list": keys}])
        assert [(curve.property, [key.value for key in curve.keys]) for curve in segment.curves] == [
            ("KFTypeAudioPanning", [-1, 3])
        ]
        assert entries == [("close", "pan")]


class TestLoudness:
    @pytest.mark.parametrize(
        ("bucket", "raw", "lufs", "entries"),
        [
            ("loudnesses", {"enable": True, "target_loudness": -14.0}, -14, []),
            ("loudnesses", {"target_loudness": -14.0, "loudness_param": {"avg_loudness": -30}}, -14, []),
            ("audio_balances", {"enable_balance": True, "average_loudness": -30, "target_loudness": -16}, -16, []),
            ("loudnesses", {"enable": True, "target_loudness": 0.0}, -23, ["loudness"]),
            ("loudnesses", {"enable": True, "target_loudness": 14}, -23, ["loudness"]),
            ("loudnesses", {"enable": True, "target_loudness": NAN}, -23, ["loudness"]),
            ("loudnesses", {"enable": True}, -23, ["loudness"]),
            ("loudnesses", {"enable": True, "target_loudness": -1}, -5, ["loudness"]),
            ("loudnesses", {"enable": True, "target_loudness": -1e30}, -70, ["loudness"]),
        ],
    )
    def test_a_target(self, read, bucket, raw, lufs, entries):
        segment, said = read((bucket, raw))
        assert segment.treatment.target_lufs == lufs
        assert said == [("close", what) for what in entries]

    def test_the_newer_list_goes_before_the_older(self, read):
        older = ("audio_balances", {"enable_balance": True, "target_loudness": -16})
        newer = ("loudnesses", {"enable": True, "target_loudness": -14})
        assert read(older, newer)[0].treatment.target_lufs == -14


class TestEffects:
    def test_in_order_with_their_sliders(self, read):
        params = [
            {"name": "change_voice_param_quantity", "value": 0.5, "min_value": 0.0, "max_value": 1.0},
            {"parameterIndex": 1, "value": 50, "min_value": 0, "max_value": 100},
            {"name": "another", "value": 3},
            {"name": "change_voice_param_strength", "value": "loud"},
            {"parameterIndex": 9, "value": 1},
        ]
        phone = {"name": "电话", "category_id": "sound_effect", "effect_id": "2672751"}
        deep = {"name": "大叔", "category_id": "tone"}
        segment, entries = read(
            ("audio_effects", {**ECHO, "audio_adjust_params": params}),
            ("audio_effects", phone),
            ("audio_effects", deep),
        )
        sliders = (("change_voice_param_quantity", 0.5), ("change_voice_param_strength", 0.5), ("another", 3.0))
        assert segment.treatment.effects == (
            SoundEffect("scene", "回音", "7018011608408396325", sliders),
            SoundEffect("scene", "电话", "2672751"),
            SoundEffect("tone", "大叔", ""),
        )
        assert entries == [("close", "sound effect")] * 2  # the telephone is exact

    @pytest.mark.parametrize(
        ("raw", "kind", "fidelity", "words"),
        [
            ({"resource_id": "7018012193769656845"}, "scene", "close", "“Low Battery” is played with guessed amounts"),
            ({"resource_id": "7018011500577034759"}, "scene", "evocative", "“Synth” is played as our own idea of it"),
            ({"resource_id": "7328092289480266252"}, "tone", "unsupported", "is a voice made by a server; a pitch sh"),
            ({"resource_id": "7252917861948068410"}, "song", "unsupported", "is a song made by a server; a pitch sh"),
            ({"name": "鸟叫"}, "scene", "unsupported", "“鸟叫” cannot be made here; a pitch shift stands in for it"),
            ({"name": "Wuff", "resource_id": "9"}, "scene", "unsupported", "“Wuff” is not known; the sound plays as"),
            ({"name": 7, "category_id": "tone"}, "tone", "unsupported", "The sound effect is not known; the sound"),
        ],
    )
    def test_how_near_they_come(self, make, only, raw, kind, fidelity, words):
        draft = make.one_clip(make.clip(extra_material_refs=["m"]), audio_effects=[{"id": "m", **raw}])
        timeline = read_timeline(draft)
        [effect] = only(timeline).treatment.effects
        [entry] = timeline.report
        assert (effect.kind, entry.fidelity.word, entry.resource_id) == (kind, fidelity, effect.resource_id)
        assert words in entry.message
        assert bool(only(timeline).unknown) == ("not known" in words)

    def test_no_more_than_are_played(self, read):
        segment, entries = read(*[("audio_effects", ECHO)] * 9)
        assert len(segment.treatment.effects) == 8
        assert entries == [("close", "sound effect"), ("unsupported", "sound effect")]

    @pytest.mark.parametrize("value", WRONG)
    @pytest.mark.parametrize("field", ["audio_adjust_params", "name", "resource_id", "category_id", "production_path"])
    def test_what_is_broken(self, read, field, value):
        segment, entries = read(("audio_effects", {**ECHO, field: value}))
        [effect] = segment.treatment.effects
        assert effect.sliders == ()
        assert entries == ([] if segment.treatment.produced else [("close", "sound effect")])

    @pytest.mark.parametrize("value", [*WRONG, 1e308, -1e308])
    @pytest.mark.parametrize("field", ["value", "min_value", "max_value", "parameterIndex", "default_value"])
    def test_sliders_that_are_broken(self, read, field, value):
        param = {"name": "change_voice_param_strength", "value": 0.5, "min_value": 0, "max_value": 1, field: value}
        segment, _ = read(("audio_effects", {**ECHO, "audio_adjust_params": [param, value]}))
        for _, set_to in segment.treatment.effects[0].sliders:
            assert math.isfinite(set_to)


class TestProduced:
    @pytest.mark.parametrize(
        ("bucket", "raw", "what"),
        [
            ("vocal_separations", {"choice": 2}, "vocal separation"),
            ("vocal_separations", {"choice": 0, "removed_sounds": ["vocal"]}, "vocal separation"),
            ("vocal_beautifys", {"enable": True}, "voice enhancement"),
            ("realtime_denoises", {"is_denoise": True, "denoise_rate": 0.85, "path": "x.model"}, "noise reduction"),
        ],
    )
    def test_with_and_without_a_file(self, read, bucket, raw, what):
        segment, entries = read((bucket, raw))
        assert segment.treatment.produced == ()
        assert entries == [("unsupported", what)]
        assert [material.bucket for material in segment.unknown] == [bucket]
        span = {"start": 1_500_000, "duration": 3}
        segment, entries = read((bucket, {**raw, "production_path": "made.wav", "time_range": span}))
        [produced] = segment.treatment.produced
        assert (produced.what, produced.path, produced.start_us, produced.replaces) == (
            what,
            "made.wav",
            1_500_000,
            None,
        )
        assert entries == []

    @pytest.mark.parametrize("value", [*WRONG, {"start": NAN}, {"start": -5}, {"start": "x"}])
    def test_a_part_of_the_file_that_cannot_be(self, read, value):
        raw = {"choice": 1, "production_path": "stem.wav", "time_range": value}
        assert read(("vocal_separations", raw))[0].treatment.produced[0].start_us == 0

    def test_of_an_enhanced_segment(self, read):
        assert read(intensifies_audio=True)[1] == [("unsupported", "voice enhancement")]
        for material in (
            {"intensifies_path": "loud.wav"},
            {"intensifies_audio_path": "loud.wav", "intensifies_path": "sharp.mp4"},
        ):
            segment, entries = read(material=material, intensifies_audio=True)
            assert [(p.path, p.start_us) for p in segment.treatment.produced] == [("loud.wav", 0)]
            assert entries == []
        assert read(material={"intensifies_path": "loud.wav"})[0].treatment == SoundTreatment()

    def test_what_is_made_last_comes_first(self, read):
        segment, _ = read(
            ("realtime_denoises", {"is_denoise": True, "production_path": "clean.wav"}),
            ("vocal_separations", {"choice": 1, "production_path": "stem.wav"}),
            ("audio_effects", {**ECHO, "production_path": "first.wav"}),
            ("audio_effects", ECHO),
            ("audio_effects", {**ECHO, "production_path": "third.wav"}),
            ("vocal_beautifys", {"enable": True, "production_path": "nice.wav"}),
        )
        assert [(produced.path, produced.replaces) for produced in segment.treatment.produced] == [
            ("third.wav", 2),
            ("first.wav", 0),
            ("nice.wav", None),
            ("stem.wav", None),
            ("clean.wav", None),
        ]


class TestFades:
    def fade(self, read, **raw):
        segment, entries = read(("audio_fades", raw))
        return segment.fade, entries

    def test_as_long_as_the_segment_at_most(self, read):
        lengths = {"fade_in_duration": 2_000_000, "fade_out_duration": 1_500_000}
        assert self.fade(read, **lengths) == (Fade(2_000_000, 1_500_000), [])
        longer = {"fade_in_duration": 2_000_001, "fade_out_duration": 10**30}
        assert self.fade(read, **longer) == (Fade(2_000_000, 2_000_000), [("close", "fade")])

    @pytest.mark.parametrize("value", [*WRONG, -5])
    def test_lengths_that_cannot_be(self, read, value):
        assert self.fade(read, fade_in_duration=value, fade_out_duration=value) == (Fade(), [])

    def test_an_unknown_kind(self, read):
        assert self.fade(read, fade_in_duration=5, fade_type=2) == (Fade(5, 0), [("close", "fade")])
        assert self.fade(read, fade_type=2) == (Fade(), [])


class TestUnheard:
    LOUD = (("loudnesses", {"enable": True}), ("audio_fades", {"fade_in_duration": 10**9}), ("audio_effects", ECHO))

    def test_a_sound_that_is_turned_down(self, read):
        segment, entries = read(*self.LOUD, volume=0)
        assert segment.treatment.target_lufs == -23
        assert entries == []
        keys = [{"time_offset": 0, "values": [0]}, {"time_offset": 1_000_000, "values": [1]}]
        keyed = [{"property_type": "KFTypeVolume", "keyframe_list": keys}]
        assert len(read(*self.LOUD, volume=0, common_keyframes=keyed)[1]) == 3

    @pytest.mark.parametrize("film", [{"has_audio": False}, {"type": "photo"}, {"type": "gif", "has_audio": True}])
    def test_a_picture_without_sound(self, make, only, film):
        materials = {bucket: [{"id": bucket, **raw}] for bucket, raw in self.LOUD}
        draft = make.one_clip(make.clip(extra_material_refs=[*materials]), **materials)
        draft["materials"]["videos"] = [make.video(**film)]
        timeline = read_timeline(draft)
        assert not timeline.report
        assert only(timeline).treatment == SoundTreatment()

    @pytest.mark.parametrize(("track", "config"), [({"attribute": 1}, {}), ({}, {"video_mute": True})])
    def test_a_muted_track(self, make, track, config):
        materials = {bucket: [{"id": bucket, **raw}] for bucket, raw in self.LOUD}
        draft = make.one_clip(make.clip(extra_material_refs=[*materials]), **materials)
        draft["tracks"][0] |= track
        draft["config"] = config
        assert "sound effect" not in {entry.what for entry in read_timeline(draft).report}

    def test_captions_have_no_sound(self, make):
        caption = make.clip(source_start=None, material_id="words", extra_material_refs=["m"])
        draft = make.one_caption(make.text("hello"), caption, audio_effects=[{"id": "m", **ECHO}])
        assert not read_timeline(draft).report
