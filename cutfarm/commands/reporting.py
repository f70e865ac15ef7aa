"""The fidelity report on the terminal and in a file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from cutfarm.commands.terminal import warn
from cutfarm.timeline.report import Report

_SHOWN = 8


def write_report(report: Report, path: Path) -> None:
    """The whole report as JSON; the file appears when it is whole."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(json.dumps(report.as_dicts(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def say_report(report: Report, option: str) -> None:
    """The report in short: equal sentences once, with their number. `option` is what shows the rest."""
    lines = Counter(f"{entry.fidelity.word}: {entry.message}" for entry in report)
    for line, count in lines.most_common(_SHOWN):
        warn(line if count == 1 else f"{line} (× {count})")
    if len(lines) > _SHOWN:
        warn(f"… and {len(lines) - _SHOWN} more kinds; {option} has all")
