"""Drafts of one clip, as plain JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SECOND = 1_000_000
Draft = dict[str, Any]
Ran = tuple[int, str, str]  #: exit code, standard output, standard error


def segment(material_id: str, start_s: float = 0, length_s: float = 1, **more: Any) -> Draft:
    times = {"start": round(start_s * SECOND), "duration": round(length_s * SECOND)}
    source = {"start": 0, "duration": round(length_s * SECOND)}
    return {
        "id": f"segment-{material_id}",
        "material_id": material_id,
        "target_timerange": times,
        "source_timerange": source,
    } | more


def draft_of(path: str, **more: Any) -> Draft:
    """One clip of the file `path`, two seconds long."""
    film = {"id": "film", "type": "video", "material_name": Path(path).name, "path": path, "has_audio": False}
    return {
        "canvas_config": {"width": 160, "height": 96},
        "fps": 30,
        "tracks": [{"type": "video", "segments": [segment("film", 0, 2)]}],
        "materials": {"videos": [film | {"width": 160, "height": 96, "duration": 2 * SECOND}]},
    } | more


def write(folder: Path, draft: Draft) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "draft_content.json").write_text(json.dumps(draft), "utf-8")
