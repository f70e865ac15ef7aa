"""Small drafts made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cutfarm.timeline.captions import read_caption
from cutfarm.timeline.model import Canvas, Segment, Timeline
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.report import Entry
from cutfarm.timeline.text import TextBlock

SECOND = 1_000_000
Draft = dict[str, Any]


class DraftMaker:
    """Builds the JSON of small drafts; every call gives new objects, to be changed at will."""

    SECOND = SECOND

    def clip(self, start: float = 0, duration: float = 2, *, source_start: float | None = 0, **more: Any) -> Draft:
        """A segment; times in seconds. `source_start=None` leaves the source range out."""
        source = None
        if source_start is not None:
            source = {"start": round(source_start * SECOND), "duration": round(duration * SECOND)}
        return {
            "id": "clip",
            "material_id": "film",
            "target_timerange": {"start": round(start * SECOND), "duration": round(duration * SECOND)},
            "source_timerange": source,
            "extra_material_refs": [],
            **more,
        }

    def video(self, **more: Any) -> Draft:
        """A video material."""
        film = {"id": "film", "type": "video", "material_name": "film.mp4", "path": "film.mp4", "width": 640}
        return {**film, "height": 360, "duration": 10 * SECOND, "has_audio": True, **more}

    def text(self, content: Any, **more: Any) -> Draft:
        """A text material; anything but a string becomes JSON."""
        content = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return {"id": "words", "type": "text", "content": content, **more}

    def draft(self, tracks: list[Draft], materials: dict[str, list[Draft]], **more: Any) -> Draft:
        """A 1920×1080 draft."""
        canvas = {"width": 1920, "height": 1080}
        return {"canvas_config": canvas, "fps": 30.0, "tracks": tracks, "materials": materials, **more}

    def one_clip(self, segment: Draft | None = None, **materials: list[Draft]) -> Draft:
        """A draft of one video clip."""
        track = {"id": "t", "type": "video", "segments": [segment or self.clip()]}
        return self.draft([track], {"videos": [self.video()], **materials})

    def one_caption(self, material: Draft, segment: Draft | None = None, **materials: list[Draft]) -> Draft:
        """A draft of one caption."""
        segment = segment or self.clip(source_start=None, id="caption", material_id="words")
        return self.draft([{"type": "text", "segments": [segment]}], {"texts": [material], **materials})


@pytest.fixture(scope="session")
def make() -> DraftMaker:
    return DraftMaker()


def only_segment(timeline: Timeline) -> Segment:
    [segment] = [segment for track in timeline.tracks for segment in track.segments]
    return segment


@pytest.fixture(scope="session")
def only():
    """The one segment of a timeline."""
    return only_segment


@pytest.fixture(scope="session")
def read_block():
    """A text material as a caption with the effects of its segment, and the entries of its report."""

    def read(material: Draft, *effects: Draft, canvas: tuple[int, int] = (1080, 1920)) -> tuple[TextBlock, list[Entry]]:
        notes = Notes()
        block = read_caption(material, effects, Canvas(*canvas), SegmentNotes(notes, "s"))
        return block, list(notes.report())

    return read


@pytest.fixture(scope="session")
def shared_drafts(shared: Path) -> dict[str, Draft]:
    """Every draft of the reference folder by name, parsed anew for nobody: do not change them."""
    files = [*(shared / "drafts").glob("*.json"), *(shared / "contract" / "drafts").glob("[0-9]*.json")]
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(files) if not path.stem.endswith("_meta")}
