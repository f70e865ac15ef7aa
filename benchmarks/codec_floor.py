"""cutfarm against ffmpeg and against the codec's floor: `python -m benchmarks.codec_floor [--short] [--pairs N]`.

Renders the timelines A, B and C (see benchmarks/timelines.py) with `cutfarm render`, with ffmpeg and with what else is
installed, in turn and with the same x264 settings, and prints one table; then where cutfarm's time went. A is rendered
a second time with `--passthrough`. `--short` takes windows of a few seconds around a cut or a dissolve: it shows in
under five minutes where things stand, but the start of every program weighs more in it than in a whole timeline.

Needs ffmpeg on the PATH. Media and outputs are kept under benchmarks/media and benchmarks/out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import frame_count, sheet, similarity
from benchmarks.draft import write_draft
from benchmarks.floor import Floor, measured_floor
from benchmarks.measure import Cost, Program, has_option, in_turn, middle, ratio, render_command
from benchmarks.media import OUT, make_media
from benchmarks.peers import ffmpeg, mlt, moviepy
from benchmarks.profiles import OPTION as PROFILE
from benchmarks.profiles import Profile, profile_table, profiled
from benchmarks.timelines import FILMS, FPS, Film

PASSTHROUGH = "--passthrough"
SHORT_S = {"a": (8.0, 12.0), "b": (9.0, 13.0), "c": (9.5, 11.5)}  # a cut or dissolve, and in B a change of captions
_COLUMNS = f"{'':30}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'CPU':>7}{'wall':>7}{'floor':>7}{'SSIM':>9}"


@dataclass(frozen=True, slots=True)
class Contest:
    """One timeline's window, the programs that render it, ffmpeg first, and words for those that cannot."""

    film: Film
    window: range
    programs: list[Program]
    absent: list[str]

    @property
    def title(self) -> str:
        """The timeline and its span."""
        start_s, end_s = self.window.start / FPS, self.window.stop / FPS
        size = f"{self.film.width_px}x{self.film.height_px}"
        return f"{self.film.name.upper()}, {size}, {start_s:g} to {end_s:g} s, {len(self.window)} frames"


def contest(film: Film, window: range, options: list[str]) -> Contest:
    """All programs for one timeline."""
    folder = OUT / film.name
    draft = write_draft(film, folder)
    span = [] if window == film.frames else ["--range", f"{window.start / FPS:g}:{window.stop / FPS:g}"]
    out = folder / "ffmpeg.mp4"
    programs, absent = [Program("ffmpeg", ffmpeg.command(film, window, out), out)], []
    for extra in [[], [PASSTHROUGH]] if film.name == "a" else [[]]:
        name = " ".join(["cutfarm", *extra])
        if extra and not has_option(extra[0]):
            absent.append(f"{name}: this version has no {extra[0]}")
            continue
        out = folder / f"{name.replace(' ', '')}.mp4"
        programs.append(Program(name, render_command(draft, out, *span, *extra, *options), out))
    for peer in (mlt, moviepy):
        if peer.is_installed():
            programs.append(peer.program(film, window, folder))
        else:
            absent.append(f"{peer.NAME}: not installed")
    return Contest(film, window, programs, absent)


def rows(part: Contest, costs: list[list[Cost]], floor: Floor) -> list[str]:
    """The table's part for one timeline."""
    lines = [part.title]
    reference = part.programs[0].out
    for program, found in zip(part.programs, costs, strict=True):
        figures = f"{middle(found, 'cpu_s'):9.2f}{middle(found, 'wall_s'):9.2f}{middle(found, 'peak_mib'):10.0f}"
        ratios = f"{ratio(found, costs[0], 'cpu_s'):7.2f}{ratio(found, costs[0], 'wall_s'):7.2f}"
        ratios += f"{middle(found, 'cpu_s') / floor.cpu_s:7.2f}"
        lines.append(f"  {program.name:28}{figures}{ratios}{_likeness(program.out, reference, len(part.window)):>9}")
    halves = f"decode {floor.decode_s:.2f} s, encode {floor.encode_s:.2f} s, one thread, no sound"
    lines.append(f"  {'floor':28}{floor.cpu_s:9.2f}  {halves}")
    return [*lines, *(f"  {words}" for words in part.absent)]


def profiles(part: Contest) -> dict[str, Profile]:
    """Where the time of each of cutfarm's commands goes; nothing where it cannot tell."""
    if not has_option(PROFILE):
        return {}
    mine = [program for program in part.programs if program.name.startswith("cutfarm")]
    return {f"{part.film.name.upper()} {program.name}": profiled(program.command, program.out) for program in mine}


def main() -> int:
    """Render everything in turn and print the table."""
    arguments = _arguments()
    if shutil.which("ffmpeg") is None:
        sys.exit("this benchmark compares with ffmpeg, which is not on the PATH")
    media = make_media()
    options = ["--workers", str(arguments.workers)] if arguments.workers else []
    found: dict[str, Profile] = {}
    print(
        f"medians of {arguments.pairs} rounds; CPU and wall are ratios to ffmpeg, floor is a ratio of CPU to the floor"
    )
    print(_COLUMNS, flush=True)
    for name in arguments.timelines:
        film = FILMS[name](media)
        start_s, end_s = SHORT_S[name] if arguments.short else (0.0, film.length_s)
        part = contest(film, range(round(start_s * FPS), round(end_s * FPS)), options)
        floor = measured_floor(name, part.window)
        costs = in_turn(part.programs, arguments.pairs)
        print("\n".join(rows(part, costs, floor)), flush=True)
        found |= profiles(part)
        if arguments.sheets is not None:
            arguments.sheets.mkdir(parents=True, exist_ok=True)
            mine = next(program for program in part.programs if program.name == "cutfarm")
            sheet(mine.out, part.programs[0].out, len(part.window), arguments.sheets / f"{name}.png")
    print()
    print(profile_table(found) if found else f"no profile: this version of cutfarm has no {PROFILE}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a few seconds of each timeline")
    parser.add_argument("--pairs", type=int, help="rounds; 2 in the short mode, else 3")
    parser.add_argument("--timelines", default="abc", help="which of them, such as ab")
    parser.add_argument("--workers", type=int, help="cutfarm's chunks at a time")
    parser.add_argument("--sheets", type=Path, help="write eight instants of cutfarm's and ffmpeg's outputs here")
    arguments = parser.parse_args()
    if unknown := set(arguments.timelines) - set(FILMS):
        parser.error(f"there is no timeline {', '.join(sorted(unknown))}")
    arguments.pairs = arguments.pairs or (2 if arguments.short else 3)
    return arguments


def _likeness(out: Path, reference: Path, frames: int) -> str:
    """SSIM to the reference; where frames lack, how many there are."""
    if out == reference:
        return ""
    count = frame_count(out)
    return f"{similarity(out, reference):.4f}" if count == frames else f"{count} fr.!"


if __name__ == "__main__":
    sys.exit(main())
