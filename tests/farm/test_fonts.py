"""Fonts reach the renderers: those that a draft brings along, and those that were added while the farm runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.farm.conftest import Farm
from tests.text.conftest import MakeFont, make_font

__all__ = ["make_font"]

pytestmark = [pytest.mark.ray, pytest.mark.s3]

ADDED, OWN, GONE = "C:/Fonts/Added.ttf", "##_draftpath_placeholder_0E685133_##/fonts/Own.ttf", "C:/gone/Gone.ttf"


def caption(number: int, font_path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two letters in that font, in the upper, the middle or the lower third."""
    style = {"range": [0, 2], "size": 20, "font": {"id": "", "path": font_path}}
    material = {"id": f"w{number}", "type": "text", "content": json.dumps({"text": "AB", "styles": [style]})}
    clip = {"transform": {"x": 0, "y": 0.6 - 0.6 * number}, "scale": {"x": 1, "y": 1}, "alpha": 1, "rotation": 0}
    time = {"start": 0, "duration": 500_000}
    return material, {"id": f"c{number}", "material_id": f"w{number}", "target_timerange": time, "clip": clip}


def full_cells(farm: Farm, draft_url: str, path: Path) -> tuple[list[bool], str]:
    """Whether each caption's letters are full squares, as the test font has them, and what the report says of fonts."""
    status = farm.completed(farm.submit(draft_url))
    path.write_bytes(farm.client.get(status["video_url"]).content)
    with av.open(str(path)) as container:
        luma = next(container.decode(video=0)).to_ndarray(format="gray")
    thirds = np.array_split(luma, 3)
    full = []
    for third in thirds:
        rows, columns = np.nonzero(third > 128)
        box = third[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        full.append(bool(np.mean(box > 128) > 0.75))
    job = farm.client.get(f"/v1/jobs/{status['job_id']}", headers={"Accept-Language": "en"}).json()
    return full, " ".join(entry["message"] for entry in job["report"] if entry["what"] == "font")


def test_fonts_of_the_draft_and_of_the_farm_are_drawn_with(farm: Farm, make_font: MakeFont, tmp_path: Path) -> None:
    made = [caption(number, path) for number, path in enumerate((ADDED, OWN, GONE))]
    tracks = [{"id": f"t{number}", "type": "text", "segments": [segment]} for number, (_, segment) in enumerate(made)]
    materials = {"texts": [material for material, _ in made]}
    canvas = {"width": 640, "height": 360}
    draft = {"canvas_config": canvas, "fps": 30, "duration": 500_000, "tracks": tracks, "materials": materials}
    folder = tmp_path / "draft"
    (folder / "fonts").mkdir(parents=True)
    make_font("Own").rename(folder / "fonts" / "Own.ttf")
    (folder / "draft_content.json").write_text(json.dumps(draft))
    draft_url = farm.upload(folder, "fonts")

    full, said = full_cells(farm, draft_url, tmp_path / "before.mp4")
    assert full == [False, True, False]
    assert "“Added”" in said
    assert "“Own”" not in said
    reply = farm.client.put("/v1/fonts/Added.ttf", content=make_font("Added").read_bytes())
    assert reply.status_code == 200
    full, said = full_cells(farm, draft_url, tmp_path / "after.mp4")
    assert full == [True, True, False]
    assert "“Added”" not in said
    assert "“Gone”" in said
    assert farm.client.delete("/v1/fonts/Added.ttf").status_code == 200
