"""What a second render costs with the chunk cache: `python -m benchmarks.cache [--minutes 10] [--small]`.

Renders a draft with `--cache` into an empty folder, renders it again unchanged, changes the words of one caption in the
middle and renders once more. Prints the CPU of each and its ratio to the first, with the sound and without it.
`--small` takes 640x360 in place of 1080p.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.draft import write_draft
from benchmarks.measure import has_option, render_command, run
from benchmarks.media import OUT, make_media, make_small
from benchmarks.profiles import OPTION as PROFILE
from benchmarks.timelines import Film, cycled

CACHE = "--cache"


def main() -> int:
    """Render three times and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--small", action="store_true", help="640x360")
    parser.add_argument("--workers", type=int, help="chunks at a time")
    arguments = parser.parse_args()
    if not has_option(CACHE):
        sys.exit(f"this version of cutfarm has no {CACHE}")
    media = make_media()
    paths, size_px = (make_small(media), (640, 360)) if arguments.small else (media.scenes, (1920, 1080))
    film = cycled("cache", size_px, paths, media.sticker300, arguments.minutes)
    draft = write_draft(film, OUT / film.name)
    options = ["--workers", str(arguments.workers)] if arguments.workers else []
    print(f"{'':24}{'CPU s':>10}{'wall s':>10}{'ratio':>10}{'sound s':>10}{'ratio without sound':>22}")
    with tempfile.TemporaryDirectory(prefix="cache-", dir=OUT) as folder:
        options += [CACHE, folder]
        first = _rendered("first", draft, options, None)
        _rendered("unchanged", draft, options, first)
        _change_caption(draft, film)
        _rendered("one caption changed", draft, options, first)
    return 0


def _rendered(name: str, draft: Path, options: list[str], first: tuple[float, float] | None) -> tuple[float, float]:
    """Render, print a row, and return the CPU seconds, all and those of the sound."""
    path = draft.with_name("profile.json")
    profile = [PROFILE, str(path)] if has_option(PROFILE) else []
    cost = run(render_command(draft, draft.with_name("cutfarm.mp4"), *options, *profile))
    sound_s = json.loads(path.read_text(encoding="utf-8"))["cpu_s"].get("sound", 0.0) if profile else 0.0
    whole_s, first_sound_s = first or (cost.cpu_s, sound_s)
    without = f"{(cost.cpu_s - sound_s) / (whole_s - first_sound_s):22.3f}" if profile else f"no {PROFILE}".rjust(22)
    ratio = f"{cost.cpu_s / whole_s:10.3f}"
    print(f"{name:24}{cost.cpu_s:10.1f}{cost.wall_s:10.1f}{ratio}{sound_s:10.2f}{without}", flush=True)
    return cost.cpu_s, sound_s


def _change_caption(draft: Path, film: Film) -> None:
    """Other words, as many characters, in the middle caption; all ids stay, as in an editor."""
    old = film.captions[len(film.captions) // 2].text
    timeline = json.loads(draft.read_text(encoding="utf-8"))
    material = next(text for text in timeline["materials"]["texts"] if json.loads(text["content"])["text"] == old)
    material["content"] = material["content"].replace(old, old[::-1])
    draft.write_text(json.dumps(timeline, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
