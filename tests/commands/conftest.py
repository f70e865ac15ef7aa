"""A good draft, a place for what is written, and the command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cutfarm import cli
from tests.commands.drafts import Ran, draft_of, write
from tests.media.film import at_rate, write_film


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("cli") / "film.mp4", at_rate(60), options={"g": "10"})


@pytest.fixture
def folder(film: Path, tmp_path: Path) -> Path:
    """A draft folder with its film inside."""
    folder = tmp_path / "draft"
    folder.mkdir()
    (folder / "film.mp4").write_bytes(film.read_bytes())
    write(folder, draft_of("film.mp4"))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def cutfarm(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command in this process: exit code, standard output, standard error."""

    def run(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["cutfarm", *map(str, words)])
        capfd.readouterr()
        code: Any = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
        return (code or 0, *capfd.readouterr())

    return run
