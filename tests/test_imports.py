"""What a fresh process loads: a machine that renders needs no server, and looking at a draft needs no tensors."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cutfarm
from cutfarm import media, render, text
from tests.media.film import at_rate, write_film

SERVERS = {"ray", "fastapi", "starlette", "uvicorn", "sqlalchemy"}
HEAVY = SERVERS | {"torch", "torchaudio", "av", "numpy", "PIL", "skia", "minio", "httpx", "pydantic"}


def loaded_by(code: str) -> set[str]:
    """The outermost packages that a fresh process has loaded after `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nsys.stderr.write(' '.join(sys.modules))"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_the_renderer_needs_no_server() -> None:
    modules = [
        f"{package.__name__}.{found.name}"
        for package in (render, media, text)
        for found in pkgutil.iter_modules(package.__path__)
    ]
    assert "cutfarm.render.local" in modules
    loaded = loaded_by("\n".join(f"import {name}" for name in modules))
    assert "torch" in loaded
    assert not loaded & SERVERS


@pytest.mark.parametrize("package", ["timeline", "catalogue"])
def test_the_model_is_plain_python(package: str) -> None:
    folder = Path(cutfarm.__file__).parent / package
    names = [f"cutfarm.{package}.{found.name}" for found in pkgutil.iter_modules([str(folder)])]
    assert names
    assert not loaded_by("\n".join(f"import {name}" for name in names)) & HEAVY


@pytest.mark.parametrize("module", ["cutfarm.cli", "cutfarm.render.job", "cutfarm.render.spec", "cutfarm.media.codecs"])
def test_planning_loads_no_codec_and_no_tensor(module: str) -> None:
    assert not loaded_by(f"import {module}") & HEAVY


def test_reading_and_planning_together_load_no_codec_and_no_tensor() -> None:
    names = ["cutfarm.cli", "cutfarm.commands.loading", "cutfarm.timeline.reader", "cutfarm.timeline.media"]
    loaded = loaded_by("\n".join(f"import {name}" for name in [*names, "cutfarm.render.job", "cutfarm.render.options"]))
    assert not loaded & HEAVY


def within_a_compound_clip(draft: dict[str, Any]) -> dict[str, Any]:
    """A draft that shows `draft` as a compound clip and nothing else."""
    [segment] = draft["tracks"][0]["segments"]
    outer = {**segment, "id": "c", "material_id": "stub", "extra_material_refs": ["d"]}
    stub = {"id": "stub", "type": "video", "path": ""}
    materials = {"videos": [stub], "drafts": [{"id": "d", "type": "combination", "draft": draft}]}
    return {**draft, "tracks": [{"type": "video", "segments": [outer]}], "materials": materials}


@pytest.mark.parametrize("is_compound", [False, True], ids=["flat", "compound"])
def test_a_plain_cut_loads_codecs_and_nothing_to_draw_with(is_compound: bool, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", at_rate(8), sound_s=0.3)
    second = 1_000_000
    material = {"id": "m", "type": "video", "path": str(film), "width": 160, "height": 96, "duration": second}
    times = {"target_timerange": {"start": 0, "duration": second // 5}}
    draft: dict[str, Any] = {
        "canvas_config": {"width": 160, "height": 96},
        "fps": 30.0,
        "tracks": [{"type": "video", "segments": [{"id": "s", "material_id": "m", **times}]}],
        "materials": {"videos": [material]},
    }
    if is_compound:
        draft = within_a_compound_clip(draft)
    (tmp_path / "draft_content.json").write_text(json.dumps(draft))
    out = tmp_path / "out.mp4"
    arguments = ["render", str(tmp_path), "-o", str(out), "--device", "cpu"]
    loaded = loaded_by(f"from cutfarm.cli import app\napp({arguments!r}, standalone_mode=False)")
    assert out.stat().st_size > 0
    assert {"av", "numpy"} <= loaded
    assert not loaded & (HEAVY - {"av", "numpy", "pydantic"} | {"rich", "uharfbuzz", "bidi"})


def test_looking_at_a_draft_loads_no_tensor(tmp_path: Path) -> None:
    words = {"id": "m", "type": "text", "content": json.dumps({"text": "words", "styles": []})}
    segment = {"id": "s", "material_id": "m", "target_timerange": {"start": 0, "duration": 1_000_000}}
    draft = {
        "canvas_config": {"width": 640, "height": 360},
        "tracks": [{"type": "text", "segments": [segment]}],
        "materials": {"texts": [words]},
    }
    (tmp_path / "draft_content.json").write_text(json.dumps(draft))
    loaded = loaded_by(f"from cutfarm.cli import app\napp(['inspect', {str(tmp_path)!r}], standalone_mode=False)")
    assert "rich" in loaded
    assert not loaded & (HEAVY - {"pydantic"})  # typer looks for that one itself
