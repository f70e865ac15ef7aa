"""The drafts of the applications, of libraries, and of capcut-mate, as a whole."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from cutfarm.errors import DraftEmpty
from cutfarm.timeline.curves import transform_at
from cutfarm.timeline.keyframes import SNAP_US
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    Fade,
    Mask,
    OtherSegment,
    PictureSegment,
    SoundSegment,
    TextSegment,
    Timeline,
)
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.time import TimeRange

ONLY_UNSUPPORTED = {"01_empty_1080x1920", "30_effects", "31_filters"}
OLD_MASKS = {"heart": "heart", "linear": "line", "mirror": "mirror", "star": "star"}


@pytest.fixture(scope="module")
def timelines(shared_drafts) -> dict[str, Timeline]:
    return {name: read_timeline(draft) for name, draft in shared_drafts.items() if name not in ONLY_UNSUPPORTED}


def by_kind(timeline: Timeline) -> Counter[str]:
    return Counter(track.kind for track in timeline.tracks for _ in track.segments)


def segments(timeline: Timeline, kind: type) -> list:
    return [segment for track in timeline.tracks for segment in track.segments if isinstance(segment, kind)]


def test_nothing_to_export(shared_drafts):
    for name in ONLY_UNSUPPORTED:
        with pytest.raises(DraftEmpty):
            read_timeline(shared_drafts[name])


def test_lengths_agree_with_what_the_applications_wrote(timelines, shared_drafts):
    assert {name: timeline.duration_us for name, timeline in timelines.items()} == {
        name: shared_drafts[name]["duration"] for name in timelines
    }


@pytest.mark.parametrize(
    ("name", "canvas", "counts"),
    [
        ("compound-masks-stickers", (1080, 1920), {"video": 9, "text": 39, "sticker": 1, "audio": 22}),
        ("keyframes-fades-captions", (1920, 1013), {"video": 13, "text": 112, "audio": 56}),
        ("photo-animation-music", (1437, 1920), {"video": 1, "audio": 1}),
        ("two-photos-audio", (1440, 1920), {"video": 2, "audio": 1}),
        ("six-transitions", (1080, 1920), {"video": 7}),
        ("thirty-effect-tracks", (1440, 1920), {"video": 2, "effect": 32}),
        ("vertical-text-animations", (1080, 1920), {"video": 3, "text": 2, "audio": 1}),
        ("mask-and-filter", (1072, 1920), {"video": 1, "filter": 1}),
        ("tag-markup-text", (1920, 1080), {"text": 2, "audio": 3}),
        ("oldest-plain-text", (1920, 1080), {"video": 1, "text": 8}),
        ("auto-captions-markup", (1920, 1080), {"video": 1, "text": 138}),
        ("library-made", (1080, 1080), {"audio": 1, "video": 2, "text": 1}),
        ("hand-made", (1920, 1080), {"video": 2, "audio": 1, "text": 3}),
        ("arabic-captions", (1920, 1013), {"video": 1, "text": 8, "audio": 2}),
    ],
)
def test_segments_by_kind(timelines, name, canvas, counts):
    timeline = timelines[name]
    assert (timeline.canvas.width_px, timeline.canvas.height_px) == canvas
    assert by_kind(timeline) == counts
    assert timeline.fps == 30


def test_every_caption_is_styled_throughout(timelines):
    captions = [segment.text for timeline in timelines.values() for segment in segments(timeline, TextSegment)]
    assert len(captions) > 300
    for caption in captions:
        assert [index for style in caption.styles for index in range(style.start, style.end)] == [
            *range(len(caption.text))
        ]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("hand-made", ["Hello everyone", "Let me show you how this works", "Thanks for watching"]),
        ("tag-markup-text", ["CAA Project", "Stable coins - USDT\nCase study on war in Ukraine"]),
        ("library-made", ["据说pyJianYingDraft效果还不错?"]),
        ("20_captions_full", ["你好,剪映 hello", "第二句😀字幕"]),
        ("21_captions_plain", ["Hello 世界"]),
        ("vertical-text-animations", ["Xin chao cac ban", "xin chao cac ban 2"]),
    ],
)
def test_captions(timelines, name, texts):
    assert [segment.text.text for segment in segments(timelines[name], TextSegment)] == texts


def test_plain_captions_of_the_oldest_application(timelines):
    captions = [segment.text for segment in segments(timelines["oldest-plain-text"], TextSegment)]
    assert captions[0].text == "everybody was saying the tv business was over"
    assert captions[-1].text == "that's when the daily phone call"
    assert {len(caption.styles) for caption in captions} == {1}


def test_an_outline_in_markup_is_a_stroke(timelines):
    [style] = segments(timelines["tag-markup-text"], TextSegment)[0].text.styles
    [stroke] = style.strokes
    assert stroke.width_em == 0.08
    assert stroke.colour == pytest.approx((0.27451, 0.61569, 0.95294))
    assert style.colour == pytest.approx((0.75294, 0.9451, 0.96078))
    assert style.size == 15
    assert style.font_path.endswith("/SystemFont/en.ttf")


def test_two_sizes_in_one_caption(timelines):
    captions = [
        s.text for s in segments(timelines["compound-masks-stickers"], TextSegment) if s.text.text == "人缘特别好"
    ]
    assert [(style.start, style.end, style.size) for style in captions[0].styles] == [(0, 2, 19.971786), (2, 5, 12.0)]
    assert captions[0].styles[0].colour == pytest.approx((1, 0.870588, 0))


def test_keywords_lie_over_a_base_that_counts_bytes(timelines):
    first, second = (segment.text for segment in segments(timelines["20_captions_full"], TextSegment))
    sizes = [(style.start, style.end, style.size) for style in first.styles]
    assert sizes == [(0, 3, 12.0), (3, 5, 18.0), (5, 6, 12.0), (6, 11, 18.0)]
    assert [(style.start, style.end) for style in second.styles] == [(0, 6)]
    assert second.text[3] == "😀"


def test_looks_of_captions(timelines):
    """What the applications' switches admit: a shadow in 36 captions, a box in one that also names its colour."""
    captions = [segment.text for segment in segments(timelines["compound-masks-stickers"], TextSegment)]
    assert len([caption for caption in captions if any(style.shadows for style in caption.styles)]) == 36
    [boxed] = [caption for caption in captions if caption.backgrounds]
    assert (boxed.text, boxed.backgrounds[0].behind, boxed.backgrounds[0].colour) == (
        "压岁钱存起来",
        "block",
        (0, 0, 0),
    )
    assert boxed.styles[0].shadows
    [vertical] = segments(timelines["24_captions_vertical"], TextSegment)
    assert (vertical.text.is_vertical, vertical.text.alignment) == (True, 0)
    keywords = [
        bool(style.shadows) for style in segments(timelines["22_captions_keyword_shadow"], TextSegment)[0].text.styles
    ]
    assert keywords == [False, True, False]


def test_keyframes_of_a_caption(timelines):
    keyed = [segment for segment in segments(timelines["keyframes-fades-captions"], TextSegment) if segment.curves]
    assert len(keyed) == 6
    first = min(keyed, key=lambda segment: (segment.target.start_us, len(segment.curves[0].keys)))
    assert first.target.start_us == 41_100_000
    moving = next(segment for segment in keyed if segment.target.start_us == 100_833_333)
    early, late = transform_at(moving, 0), transform_at(moving, 2_000_000)
    assert (early.scale_x, early.scale_y, early.shift_x) == (1.08, 1.08, 0.0)
    assert (late.scale_x, late.scale_y) == (0.65, 0.65)
    assert late.shift_x == pytest.approx(-0.6947246193885803)
    half_way = transform_at(moving, Fraction(66_667 + 833_334, 2))
    assert half_way.scale_x == pytest.approx((1.08 + 0.65) / 2)


def test_keyframes_of_a_clip(timelines):
    [clip] = segments(timelines["60_keyframes"], PictureSegment)
    assert [curve.property for curve in clip.curves] == [
        "KFTypePositionX",
        "KFTypePositionY",
        "KFTypeScaleX",
        "KFTypeRotation",
        "KFTypeAlpha",
        "KFTypeVolume",
    ]
    middle = transform_at(clip, 2_000_000)
    assert (middle.shift_x, middle.shift_y, middle.rotation_deg) == (0.15625, 0.5, 45.0)
    assert (middle.scale_x, middle.scale_y) == (1.5, 1.0)
    assert transform_at(clip, 500_000).alpha == 0.5
    [uniform] = segments(timelines["61_keyframes_uniform_scale"], PictureSegment)
    assert (transform_at(uniform, 2_000_000).scale_x, transform_at(uniform, 2_000_000).scale_y) == (1.2, 1.2)


def test_speeds(timelines):
    clips = segments(timelines["04_video_speed"], PictureSegment)
    assert [clip.rate for clip in clips] == [2, Fraction(1, 2)]
    for timeline in timelines.values():
        for segment in segments(timeline, PictureSegment | SoundSegment):
            if isinstance(segment, SoundSegment) or segment.material.kind != "photo":
                end_us = segment.source_time_us(Fraction(segment.target.duration_us))
                assert abs(end_us - segment.source.end_us) < SNAP_US


def test_fades(timelines):
    fades = {segment.fade for segment in segments(timelines["keyframes-fades-captions"], SoundSegment)} - {Fade()}
    assert fades == {
        Fade(0, 99_999),
        Fade(0, 6_600_000),
        Fade(2_766_666, 5_066_666),
        Fade(7_966_666, 8_533_333),
        Fade(10_000_000, 3_600_000),
    }


def test_transitions_stand_on_the_outgoing_clip(timelines):
    clips = segments(timelines["six-transitions"], PictureSegment)
    assert [clip.transition is not None for clip in clips] == [True] * 6 + [False]
    [dissolve, _] = segments(timelines["03_video_two_transition"], PictureSegment)
    assert dissolve.transition.resource_id == "6724845717472416269"
    assert not timelines["03_video_two_transition"].report


def test_compound_clips_masks_and_stickers(timelines):
    timeline = timelines["compound-masks-stickers"]
    assert not segments(timeline, OtherSegment)
    clips = segments(timeline, ClipSegment)
    compounds = [clip.material for clip in clips if isinstance(clip.material, Compound)]
    assert [(inner.name, inner.has_audio) for inner in compounds] == [
        ("复合片段10", True),
        ("复合片段7", False),
        ("复合片段8", True),
    ]
    assert [[len(track.segments) for track in inner.timeline.tracks] for inner in compounds] == [
        [4],
        [0, 1, 1],
        [0, 1, 1],
    ]
    masks = [clip.mask for clip in clips if clip.mask is not None]
    assert [(mask.shape, mask.rotation_deg, mask.feather) for mask in masks] == [
        ("line", 180, 0.2925),
        ("line", 180, 0.221640625),
    ]
    inner_masks = [
        clip.mask.shape for inner in compounds for clip in segments(inner.timeline, ClipSegment) if clip.mask
    ]
    assert inner_masks == ["circle", "circle", "line", "circle"]
    [sticker] = [clip for clip in clips if clip.material.id == "08BEC259-DE03-49A2-BF0F-81D0745750D5"]
    assert (sticker.material.kind, sticker.material.resource_id) == ("sticker", "7010558788675652900")
    assert (sticker.source, sticker.rate) == (TimeRange(0, 3_000_000), 1)
    assert [curve.property for curve in sticker.curves][:2] == ["KFTypePositionX", "KFTypePositionY"]
    counts = Counter(entry.what for entry in timeline.report)
    assert not {"compound clip", "mask"} & counts.keys()
    assert counts["effect"] == 1  # within a compound clip


def test_masks_of_both_generations(timelines):
    [newer] = segments(timelines["mask-and-filter"], PictureSegment)
    assert newer.mask == Mask("circle", width=0.5, height=0.28)
    shapes = {name: segments(timelines[f"41_mask_{name}"], PictureSegment)[0].mask for name in OLD_MASKS}
    assert {name: mask.shape for name, mask in shapes.items()} == OLD_MASKS
    assert all((mask.center_x, mask.center_y, mask.rotation_deg) == (0.25, 0.2, 15) for mask in shapes.values())
    [corners, circle] = [clip.mask for clip in segments(timelines["40_masks"], PictureSegment) if clip.mask]
    assert (corners.shape, corners.is_inverted, corners.round_corner, corners.feather) == ("rectangle", True, 0.4, 0.2)
    assert (circle.shape, circle.width, circle.height) == ("circle", pytest.approx(1.4222222), 0.8)


@pytest.mark.parametrize(
    ("name", "frame", "orders"),
    [
        ("81_layer_order", 0, [14_000, 14_001, 14_002]),  # by the segments' numbers: sticker, picture, caption
        ("compound-masks-stickers", 0, [0, 2, 3, 14_034]),
        ("compound-masks-stickers", 280, [0, 14_030, 14_006, 14_106]),  # by track: the sticker lies below the captions
    ],
)
def test_layers_of_both_modes(timelines, name, frame, orders):
    stack = LayerStack(timelines[name], timelines[name].fps)
    assert [layer.segment.render_index for layer in stack.at(frame)] == orders


def test_animations_stand_where_they_play(timelines):
    [photo] = segments(timelines["photo-animation-music"], PictureSegment)
    assert all(0 <= a.start_us <= a.start_us + a.duration_us <= photo.target.duration_us for a in photo.animations)
    assert photo.animations


@pytest.mark.parametrize(
    "name",
    [
        "02_video_plain",
        "80_mixed",
        "arabic-captions",
        "auto-captions-markup",
        "hand-made",
        "oldest-plain-text",
        "tag-markup-text",
        "two-photos-audio",
    ],
)
def test_what_asks_for_nothing_special_reports_nothing(timelines, name):
    assert timelines[name].report.as_dicts() == []


def test_one_effect_one_entry(timelines):
    report = timelines["thirty-effect-tracks"].report
    assert Counter(entry.what for entry in report) == {"effect": 32}
    assert all(entry.resource_id and entry.segment_id for entry in report)


def test_the_switch_that_mutes_the_main_track(timelines):
    muted = {name for name, timeline in timelines.items() if any(track.is_muted for track in timeline.tracks)}
    assert muted == {"vertical-text-animations"}
