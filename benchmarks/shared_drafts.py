"""Render every reference draft whole: `python -m benchmarks.shared_drafts [--height 180] [NAME …]`.

Reads ../shared (or CUTFARM_SHARED), gives each draft stand-in media, renders it with `cutfarm render --sandbox`, and
prints one line a draft: length, seconds taken, entries of the report. Drafts that hold nothing to export must say so.
Exits with 1 where any other draft fails. For pictures see `benchmarks.contact_sheets`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CUTFARM = str(Path(sys.executable).with_name("cutfarm"))
NO_EXPORT = 2  # the exit code for what only the user can mend


def drafts(names: list[str]) -> list[Path]:
    """The timeline files of ../shared, or those that `names` name."""
    shared = Path(os.environ.get("CUTFARM_SHARED", ROOT.parent / "shared"))
    found = [*sorted((shared / "drafts").glob("*.json")), *sorted((shared / "contract" / "drafts").glob("*.json"))]
    found = [path for path in found if not path.stem.startswith("companion_") and not path.stem.endswith("_meta")]
    return [path for path in found if not names or path.stem in names]


def exports_something(draft: Path) -> bool:
    """Whether the draft has a segment of video, sound or text; without one the contract calls it empty."""
    tracks = json.loads(draft.read_text(encoding="utf-8"))["tracks"]
    return any(track["segments"] for track in tracks if track["type"] in {"video", "audio", "text"})


def stand_in(draft: Path, folder: Path, height: int) -> None:
    """A complete draft folder with synthetic media."""
    tool = draft.parent.parent / "tools" / "stand_in_media.py"
    if not tool.exists():
        tool = draft.parent.parent.parent / "tools" / "stand_in_media.py"
    command = [sys.executable, str(tool), str(draft), str(folder), "--height", str(height)]
    subprocess.run(command, check=True, capture_output=True)


def render(folder: Path, out: Path, height: int) -> tuple[float, int, list[str], list[dict[str, str]]]:
    """Seconds taken, exit code, last words and report of one render."""
    report = out.with_suffix(".json")
    command = [CUTFARM, "render", str(folder), "-o", str(out), "--height", str(height), "--preset", "ultrafast"]
    began = time.perf_counter()
    done = subprocess.run([*command, "--sandbox", "--report", str(report)], capture_output=True, text=True, check=False)
    entries = json.loads(report.read_text()) if report.exists() else []
    return time.perf_counter() - began, done.returncode, done.stderr.strip().splitlines()[-1:], entries


def main() -> int:
    """Render all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--height", type=int, default=180)
    arguments = parser.parse_args()
    failed = 0
    print(f"{'draft':38}{'length s':>9}{'took s':>8}{'report':>8}  outcome")
    for draft in drafts(arguments.names):
        length_s = json.loads(draft.read_text(encoding="utf-8")).get("duration", 0) / 1e6
        with tempfile.TemporaryDirectory(prefix="cutfarm-bench-") as name:
            folder, out = Path(name) / "draft", Path(name) / "out.mp4"
            stand_in(draft, folder, 90)
            took_s, code, words, entries = render(folder, out, arguments.height)
        outcome = "rendered" if code == 0 else " ".join(words)
        failed += code != (0 if exports_something(draft) else NO_EXPORT)
        mark = "" if code == 0 else "refused: " if code == NO_EXPORT else "FAILED: "
        print(f"{draft.stem:38}{length_s:9.1f}{took_s:8.1f}{len(entries):8}  {mark}{outcome}", flush=True)
    print(f"{failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
