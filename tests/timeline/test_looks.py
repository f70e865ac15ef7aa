"""Blend modes and keyed colours as drafts write them."""

from __future__ import annotations

import pytest

from cutfarm.timeline.model import Blend, ChromaKey
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity

GREEN = {"color": "#14ad00ff", "intensity_value": 0.64}


@pytest.fixture
def read(make, only):
    def read(bucket, *raws, **segment):
        items = [{"id": f"m{number}", **raw} for number, raw in enumerate(raws)]
        clip = make.clip(extra_material_refs=[item["id"] for item in items], **segment)
        timeline = read_timeline(make.one_clip(clip, **{bucket: items}))
        return only(timeline), list(timeline.report)

    return read


class TestBlend:
    @pytest.mark.parametrize(
        ("raw", "blend"),
        [
            ({"effect_id": "871333"}, Blend("multiply")),
            ({"resource_id": "6758325170760323597", "name": "x"}, Blend("screen")),
            ({"name": "glare_pc", "value": 0.4}, Blend("hard_light", 0.4)),
            ({"name": "变暗", "value": 9}, Blend("darken")),
            ({"name": "变暗", "value": -9}, Blend("darken", 0.0)),
            ({"name": "变暗", "value": float("nan")}, Blend("darken")),
            ({"name": "Normal"}, None),
            ({"name": "Multiply", "visible": False}, None),
        ],
    )
    def test_modes_and_strengths(self, read, raw, blend):
        clip, entries = read("effects", {"type": "mix_mode", **raw})
        assert clip.blend == blend
        assert (entries, clip.unknown) == ([], ())

    def test_a_mode_with_several_formulas_is_close(self, read):
        clip, [entry] = read("effects", {"type": "mix_mode", "name": "柔光", "effect_id": "871337"})
        assert clip.blend == Blend("soft_light")
        assert (entry.fidelity, entry.what, entry.resource_id) == (Fidelity.CLOSE, "blend mode", "871337")

    def test_an_unknown_mode_is_reported_and_laid_over(self, read):
        clip, [entry] = read("effects", {"type": "mix_mode", "name": "Difference", "effect_id": "1"})
        assert clip.blend is None
        assert (entry.fidelity, entry.resource_id) == (Fidelity.UNSUPPORTED, "1")
        assert [material.id for material in clip.unknown] == ["m0"]


class TestChromaKey:
    def test_all_values(self, read):
        more = {"shadow_value": 0.1, "edge_smooth_value": 0.2, "spill_value": 0.3, "version": "v2"}
        clip, [entry] = read("chromas", GREEN | more)
        assert clip.chroma_key == ChromaKey(20 / 255, 173 / 255, 0.0, 0.64, shadow=0.1, edge=0.2, spill=0.3)
        assert (entry.fidelity, entry.what) == (Fidelity.CLOSE, "chroma key")
        assert clip.unknown == ()

    def test_values_are_held(self, read):
        clip, _ = read("chromas", {"color": "#FFFFFF", "intensity_value": 8, "spill_value": -8, "shadow_value": "x"})
        assert clip.chroma_key == ChromaKey(1, 1, 1, 1)

    def test_an_intensity_of_nothing_keys_nothing(self, read):
        clip, entries = read("chromas", GREEN | {"intensity_value": 0})
        assert (clip.chroma_key, entries) == (None, [])

    def test_the_first_that_does_anything_counts(self, read):
        clip, _ = read("chromas", GREEN | {"intensity_value": 0}, GREEN)
        assert clip.chroma_key.intensity == 0.64

    @pytest.mark.parametrize("colour", ["", "green", None, [0, 1]])
    def test_no_colour(self, read, colour):
        clip, [entry] = read("chromas", GREEN | {"color": colour})
        assert clip.chroma_key is None
        assert (entry.fidelity, entry.what) == (Fidelity.UNSUPPORTED, "chroma key")
        assert [material.id for material in clip.unknown] == ["m0"]
