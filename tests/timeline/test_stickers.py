"""Stickers of the catalogue and emoji."""

from __future__ import annotations

import pytest

from cutfarm.timeline.model import PictureSegment, TextSegment
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.stickers import emoji_of, sticker_material
from cutfarm.timeline.time import TimeRange


@pytest.fixture
def read(make, only):
    def read(raw, **segment):
        segment = make.clip(1, 3, **{"material_id": "s", "source_start": None, "id": "sticker", **segment})
        draft = make.draft([{"type": "sticker", "segments": [segment]}], {"stickers": [{"id": "s", **raw}]})
        timeline = read_timeline(draft)
        return only(timeline), list(timeline.report)

    return read


def test_a_sticker_is_a_clip_that_counts_from_its_own_start(read):
    keys = [{"time_offset": 500_000, "values": [0.5]}]
    moved = {"clip": {"alpha": 0.5, "scale": {"x": 2, "y": 2}}}
    curves = [{"property_type": "KFTypePositionX", "keyframe_list": keys}]
    path = "C:/Cache/artistEffect/77/abc"
    segment, [entry] = read({"resource_id": "77", "path": path, "name": " Star "}, common_keyframes=curves, **moved)
    assert isinstance(segment, PictureSegment)
    material = segment.material
    assert (material.kind, material.path, material.resource_id, material.name) == ("sticker", path, "77", "Star")
    assert (segment.source, segment.rate) == (TimeRange(0, 3_000_000), 1)
    assert (segment.transform.alpha, segment.transform.scale_x) == (0.5, 2)
    assert segment.curves[0].keys[0].at_us == 500_000
    assert not material.has_audio
    assert (entry.fidelity, entry.what, entry.resource_id) == (Fidelity.CLOSE, "sticker", "77")
    assert segment.unknown == ()


@pytest.mark.parametrize(
    ("raw", "path", "number"),
    [
        ({"id": "m", "resource_id": "77", "sticker_id": "88"}, "stickers/77", "77"),
        ({"id": "m", "sticker_id": "88"}, "stickers/88", "88"),
        ({"id": "m"}, "stickers/m", ""),
        ({"id": "m", "resource_id": "77", "path": "a/b.png"}, "a/b.png", "77"),
    ],
)
def test_every_sticker_has_a_path(raw, path, number):
    material = sticker_material(raw)
    assert (material.path, material.resource_id) == (path, number)


@pytest.mark.parametrize(
    ("written", "emoji"),
    [
        ("😀", "😀"),
        ("1f600", "😀"),
        ("U+1F600", "😀"),
        ("1f468-200d-1f469-200d-1f467", "👨\u200d👩\u200d👧"),
        ("0x1F1E8_0x1F1F3", "🇨🇳"),
        ("", ""),
        ("hello", ""),
        ("d800", ""),
        ("ffffff", ""),
        (None, ""),
        ("😀" * 99, "😀" * 16),
        ("-".join(["1f600"] * 99), ""),
    ],
)
def test_emoji(written, emoji):
    assert emoji_of({"unicode": written}) == emoji


def test_an_emoji_sticker_is_a_caption(read):
    segment, [entry] = read({"unicode": "1f600", "resource_id": "9", "global_alpha": 0.5}, render_index=14_000)
    assert isinstance(segment, TextSegment)
    assert (segment.text.text, segment.text.alpha, segment.render_index) == ("😀", 0.5, 14_000)
    [style] = segment.text.styles
    assert (style.start, style.end) == (0, 1)
    em_px = 6.21 * style.size * 1920 / 1080
    assert 1.2 * em_px == pytest.approx(1080 / 2)
    assert (entry.fidelity, entry.what, entry.resource_id) == (Fidelity.CLOSE, "sticker", "9")
