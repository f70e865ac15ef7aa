"""No draft, however mangled, gets anything but a timeline or an error of ours out of the reader."""

from __future__ import annotations

import copy
import json
import math
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutfarm.errors import CutfarmError
from cutfarm.timeline.curves import mask_at, text_at, transform_at
from cutfarm.timeline.fields import MAX_TIME_US
from cutfarm.timeline.model import ClipSegment, Compound, MediaSegment, PictureMaterial, SoundMaterial, TextSegment
from cutfarm.timeline.reader import read_timeline

SMALL = [
    "12_audio_effect",
    "60_keyframes",
    "20_captions_full",
    "23_captions_text_effect",
    "vertical-text-animations",
    "library-made",
    "03_video_two_transition",
    "tag-markup-text",
    "82_video_mask_field_ignored",
    "40_masks",
    "mask-and-filter",
    "compound-masks-stickers",
]
HUGE = 10**30
NUMBERS = (0, -1, 1, 3, -0.5, 1e308, -1e308, float("nan"), float("inf"), HUGE, -HUGE, 10**400, 2**63, 360_000_000_000)
OTHERS = (None, True, False, "", "x", "\ud800", "{", "<size=", "#12345", [], {}, [[]], [None], {"x": None}, [1, 2, 3])
REPLACEMENTS = st.sampled_from((*NUMBERS, *OTHERS))


def places(value, path=()):
    """Paths to everything inside `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def mangle(draft, path, replacement, is_deleted):
    """Replace or delete what is at `path`, unless an earlier change took the place away."""
    *parents, last = path
    try:
        for key in parents:
            draft = draft[key]
        before = draft[last]
        if is_deleted:
            del draft[last]
        elif replacement is not before:
            draft[last] = copy.deepcopy(replacement)
    except (KeyError, IndexError, TypeError):
        return


def outcome(draft):
    try:
        return read_timeline(draft)
    except CutfarmError as error:
        return error


def check(timeline):
    """What everybody behind the reader relies on: a sound timeline, or one sentence."""
    if isinstance(timeline, CutfarmError):
        assert str(timeline).endswith(".")
        return
    assert timeline.duration_us > 0
    json.dumps(timeline.report.as_dicts()).encode()
    ids = [segment.id for track in timeline.tracks for segment in track.segments]
    assert len(set(ids)) == len(ids)
    for track in timeline.tracks:
        starts = [segment.target.start_us for segment in track.segments]
        assert starts == sorted(starts)
        for segment in track.segments:
            assert segment.target.duration_us > 0
            check_segment(segment)


def check_segment(segment):
    for curve in segment.curves:
        times = [key.at_us for key in curve.keys]
        assert times == sorted(set(times))
    if isinstance(segment, MediaSegment):
        assert Fraction(1, 100) <= segment.rate <= 1000
        assert 0 <= segment.volume <= 10
        assert segment.source.start_us >= 0
        check_sound(segment)
        if isinstance(segment.material, PictureMaterial | SoundMaterial):
            segment.material.path.encode()
    if isinstance(segment, ClipSegment):
        check_looks(segment)
    if isinstance(segment, ClipSegment | TextSegment):
        for animation in segment.animations:
            assert 0 <= animation.start_us <= segment.target.duration_us
            assert animation.duration_us > 0
        placed = transform_at(segment, segment.target.duration_us / 3)
        assert 0 <= placed.alpha <= 1
        assert all(abs(part) <= 1000 for part in (placed.scale_x, placed.scale_y, placed.shift_x, placed.shift_y))
    if isinstance(segment, TextSegment):
        check_text(text_at(segment, segment.target.duration_us / 3), segment.target.duration_us)


def check_sound(segment):
    treatment, length_us = segment.treatment, segment.target.duration_us
    assert 0 <= segment.fade.in_us <= length_us
    assert 0 <= segment.fade.out_us <= length_us
    assert abs(treatment.pan) <= 1
    assert abs(treatment.pitch_semitones) <= 24
    assert treatment.target_lufs is None or -70 <= treatment.target_lufs <= -5
    assert all(math.isfinite(value) for effect in treatment.effects for _, value in effect.sliders)
    for produced in treatment.produced:
        produced.path.encode()
        assert 0 <= produced.start_us <= MAX_TIME_US
        assert produced.replaces is None or 0 <= produced.replaces < len(treatment.effects)


def check_text(block, length_us):
    assert [index for style in block.styles for index in range(style.start, style.end)] == [*range(len(block.text))]
    block.text.encode()
    paints = [paint for style in block.styles for paint in (style, *style.strokes, *style.shadows)]
    for paint in (*paints, *block.backgrounds):
        assert all(0 <= part <= 1 for part in (*paint.colour, paint.alpha))
    for style in block.styles:
        assert 0.01 <= style.size <= 1000
        assert all(0 < stroke.width_em <= 1 for stroke in style.strokes)
        assert all(0 <= shadow.distance_em <= 3 and 0 <= shadow.blur_em <= 2.5 for shadow in style.shadows)
    for box in block.backgrounds:
        assert all(abs(side) <= 10 for side in (box.pad_x, box.pad_y, box.shift_x, box.shift_y))
        assert 0 <= box.round_radius <= 1
    assert block.wrap_width is None or 0 < block.wrap_width <= 100
    assert abs(block.curve_deg) <= 360
    for word in block.words:
        assert 0 <= word.start < word.end <= len(block.text)
        assert 0 <= word.start_us <= word.end_us <= length_us


def check_looks(segment):
    mask = mask_at(segment, segment.target.duration_us / 3)
    if mask is not None:
        assert 0 <= mask.width <= 1000
        assert 0 <= mask.height <= 1000
        assert 0 <= mask.feather <= 1
        assert abs(mask.expansion) <= 1
    if segment.blend is not None:
        assert 0 <= segment.blend.strength <= 1
    if segment.chroma_key is not None:
        assert all(0 <= getattr(segment.chroma_key, name) <= 1 for name in ("red", "intensity", "spill"))
    if isinstance(segment.material, Compound):
        for track in segment.material.timeline.tracks:
            for inner in track.segments:
                check_segment(inner)


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mangled_drafts(shared_drafts, name, data):
    draft = copy.deepcopy(shared_drafts[name])
    kept = {"tracks": draft["tracks"], "canvas_config": draft["canvas_config"], "fps": 30, "config": {}}
    draft = kept | {"materials": {bucket: items for bucket, items in draft["materials"].items() if items}}
    change = st.tuples(st.sampled_from(list(places(draft))), REPLACEMENTS, st.booleans())
    for path, replacement, is_deleted in data.draw(st.lists(change, min_size=1, max_size=8)):
        mangle(draft, path, replacement, is_deleted)
    check(outcome(draft))


def test_each_value_of_a_draft_alone(shared_drafts):
    """Every single place of a small draft, with the values that break most."""
    original = shared_drafts["60_keyframes"]
    for path in places({"tracks": original["tracks"], "canvas_config": original["canvas_config"]}):
        for replacement in (None, float("nan"), -1, "x", [None], {"x": 1}):
            draft = {**original, "tracks": copy.deepcopy(original["tracks"])}
            draft["canvas_config"] = dict(original["canvas_config"])
            mangle(draft, path, replacement, is_deleted=False)
            check(outcome(draft))


def test_every_reference_draft_survives_the_checks(shared_drafts):
    for name, draft in shared_drafts.items():
        read = outcome(draft)
        assert not isinstance(read, CutfarmError) or read.kind == "DraftEmpty", name
        check(read)


def test_each_value_of_a_text_material_alone(make):
    """Every single place of a caption that has every look, with the values that break most."""
    paint = {
        "render_type": "gradient",
        "gradient": {"percent": [0, 100], "color": [[1, 0, 0], [0, 1, 0]], "alpha": [1]},
    }
    style = {
        "range": [0, 2],
        "size": 12,
        "fill": {"alpha": 1, "content": paint},
        "strokes": [{"width": 0.1, "alpha": 1, "content": {"solid": {"color": [0, 0, 0]}}}],
        "shadows": [{"distance": 8, "angle": -45, "diffuse": 0.1, "content": {"solid": {"color": [0, 0, 0]}}}],
        "effectStyle": {"id": "5", "path": "x"},
    }
    whole = {
        "styles": [style],
        "material": {
            "alignment": 1,
            "background_color": "#ff0000",
            "background_width": 0.1,
            "background_round_radius": 0.1,
            "single_char_bg_enable": True,
            "single_char_bg_color": "#00ff00",
            "text_curve": {"enable": True, "angle": 40},
            "fixed_width": 300.0,
            "typesetting": 1,
            "check_flag": 127,
            "line_spacing": 0.1,
            "words": {"text": ["ab"], "start_time": [0], "end_time": [400]},
        },
        "effects": [{"id": "e", "type": "bloom", "bloom_params": {"strength": 0.5, "range": 0.4, "color": "#ff0000"}}],
    }
    segment = make.clip(id="caption", material_id="words", source_start=None, extra_material_refs=["e"])
    for path in places(whole):
        for replacement in (*NUMBERS, *OTHERS):
            parts = copy.deepcopy(whole)
            mangle(parts, path, replacement, is_deleted=False)
            material = parts["material"] if isinstance(parts["material"], dict) else {}
            text = make.text({"text": "ab", "styles": parts["styles"]}, **material)
            check(outcome(make.one_caption(text, segment, effects=parts["effects"])))


def test_each_value_of_a_sound_alone(make):
    """Every number and word of what is done to a sound, replaced by what must not be there."""
    span = {"start": 1, "duration": 9}
    param = {"name": "strength", "value": 0.5, "min_value": 0, "max_value": 1, "parameterIndex": 0}
    whole = {
        "audio_effects": {"name": "Echo", "category_id": "sound_effect", "audio_adjust_params": [param]},
        "audio_fades": {"fade_in_duration": 9, "fade_out_duration": 9, "fade_type": 0},
        "audio_pannings": {"enable_panning": True, "panning_value": 0.5},
        "audio_pitch_shifts": {"enable_pitch_shift": True, "semitones": 1, "cents": 1},
        "loudnesses": {"enable": True, "target_loudness": -14.0},
        "sound_channel_mappings": {"audio_channel_mapping": 1, "is_config_open": True},
        "vocal_separations": {"choice": 1, "production_path": "stem.wav", "time_range": span},
        "vocal_beautifys": {"enable": True, "production_path": "nice.wav", "time_range": span},
        "realtime_denoises": {"is_denoise": True, "denoise_rate": 0.85},
    }
    for path in places(whole):
        for replacement in (*NUMBERS, *OTHERS):
            parts = copy.deepcopy(whole)
            mangle(parts, path, replacement, is_deleted=False)
            materials = {bucket: [{**raw, "id": bucket}] for bucket, raw in parts.items() if isinstance(raw, dict)}
            segment = make.clip(extra_material_refs=[*whole], intensifies_audio=True)
            check(outcome(make.one_clip(segment, **materials)))
