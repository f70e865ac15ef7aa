"""Every draft of the reference folder, with stand-in media: it loads, says what is lost, and its frames are made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.errors import DraftEmpty
from cutfarm.render.frame import Compositor
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.layers import LayerStack
from cutfarm.timeline.time import frame_of
from tests.media.tensors import tensors

pytestmark = pytest.mark.slow

HEIGHT_PX = 360
INSTANTS = 7

#: Nothing to export is in these, by design.
EMPTY = {"01_empty_1080x1920", "30_effects", "31_filters", "50_sticker"}
#: Materials that change what is seen or heard, and that nothing here draws.
LOST = ("video_effects", "stickers", "audio_effects")


def draft_files() -> dict[str, Path]:
    """By name; pytest wants them before the fixture that knows the folder exists."""
    folder = Path(os.environ.get("CUTFARM_SHARED", Path(__file__).parents[3] / "shared"))
    files = [*(folder / "drafts").glob("*.json"), *(folder / "contract" / "drafts").glob("[0-9]*.json")]
    return {path.stem: path for path in sorted(files) if not path.stem.endswith("_meta")}


FILES = draft_files()


@pytest.fixture(scope="session")
def stand_in(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a draft whose media were made up: right in length up to a limit, and in shape."""

    def make(name: str) -> Path:
        out = tmp_path_factory.mktemp(name) / "draft"
        tool = shared / "tools" / "stand_in_media.py"
        command = [sys.executable, str(tool), str(FILES[name]), str(out), "--height", "90", "--max-seconds", "12"]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return out

    return make


def used(draft: Mapping[str, Any]) -> Iterator[str]:
    """The kinds of lost materials that segments refer to."""
    kinds = {item["id"]: kind for kind in LOST for item in draft["materials"].get(kind) or [] if item.get("id")}
    for track in draft["tracks"]:
        for segment in track["segments"]:
            for id_ in (segment.get("material_id"), *(segment.get("extra_material_refs") or [])):
                if id_ in kinds:
                    yield kinds[id_]


@pytest.mark.parametrize("name", FILES)
def test_a_real_draft(name: str, stand_in: Callable[[str], Path]) -> None:
    folder = stand_in(name)
    if name in EMPTY:
        with pytest.raises(DraftEmpty), loaded(str(folder), LoadOptions(sandbox=True)):
            pass
        return
    with loaded(str(folder), LoadOptions(sandbox=True)) as (timeline, assets):
        if set(used(json.loads(FILES[name].read_text("utf-8")))):
            assert len(timeline.report) > 0
        output = RenderOptions(height_px=HEIGHT_PX).output(timeline)
        last = frame_of(timeline.duration_us, output.fps) - 1
        frames = sorted({round(last * n / (INSTANTS - 1)) for n in range(INSTANTS)})
        stack = LayerStack(timeline, output.fps)
        with Compositor(timeline, assets, output) as compositor:
            for number in frames:
                picture = compositor.frame(number)
                assert (picture.width_px, picture.height_px) == (output.width_px, output.height_px)
                is_dark = int(tensors(picture).y.max()) <= 16
                assert not (is_dark and fully_shown(stack, number)), f"frame {number} is black"


def fully_shown(stack: LayerStack, number: int) -> bool:
    """Whether some clip of `number` is opaque and of a size and place that must be seen."""
    for layer in stack.at(number):
        move = getattr(layer, "transform", None)
        if move is None or not hasattr(layer, "source_us"):
            continue
        if move.alpha > 0.5 and min(move.scale_x, move.scale_y) > 0.2 and abs(move.shift_x) + abs(move.shift_y) < 1:
            return True
    return False


def test_the_reference_folder_holds_drafts(shared: Path) -> None:
    assert len(FILES) >= 45, f"{shared.name} has lost drafts"
