from __future__ import annotations

import pytest

from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity

ART = {"id": "art", "type": "text_effect", "name": "Gold", "resource_id": "99"}
CONTENT = {"text": "ab", "styles": [{"range": [0, 1], "effectStyle": {"id": "99"}}, {"range": [1, 2]}]}


def test_it_is_said_once_and_evocative(make):
    segment = make.clip(material_id="words", source_start=None, extra_material_refs=["art"])
    timeline = read_timeline(make.one_caption(make.text(CONTENT), segment, effects=[ART]))
    [entry] = timeline.report
    assert (entry.what, entry.resource_id, entry.fidelity) == ("word art", "99", Fidelity.EVOCATIVE)
    assert "Gold" in entry.message


def test_it_lies_over_its_range_alone(make, read_block):
    block, _ = read_block(make.text(CONTENT), ART)
    assert [(style.start, style.end, bool(style.fill)) for style in block.styles] == [(0, 1, True), (1, 2, False)]


def test_of_old_captions_it_lies_over_everything(make, read_block):
    for content in ("ab", "<size=5>[ab]</size>"):
        block, [entry] = read_block(make.text(content), ART)
        assert block.styles[0].fill is not None
        assert entry.resource_id == "99"


def test_what_the_styles_do_not_name_is_not_drawn(make, read_block):
    block, [entry] = read_block(make.text({"text": "a", "styles": [{}]}), ART)
    assert block.styles[0].fill is None
    assert (entry.fidelity, entry.resource_id) == (Fidelity.CLOSE, "99")


@pytest.mark.parametrize("change", [{"visible": False}, {"resource_id": ""}])
def test_what_is_hidden_or_names_nothing_is_silent(make, read_block, change):
    assert read_block(make.text("a"), ART | change)[1] == []
