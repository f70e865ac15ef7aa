"""What sound costs: `python -m benchmarks.sound [minute] [hour] [treatments] [--quick] [--rounds N]`.

*minute*: 60 s of eight tracks with fades and volume keyframes, as a whole process of `cutfarm render --audio-only` to
AAC at 192 kbit/s, against one ffmpeg command with one filter graph of the same gains, in turn; and CPU seconds within
a process, step by step. *hour*: twenty such tracks of 15, 30 and 60 minutes: CPU must grow as the length does, peak
memory must not. *treatments*: CPU seconds a minute of one track that is stretched, bent, reversed, shifted or treated.
Without names all of them. CPU time is the figure to go by on a machine that does other work; the least of N rounds.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import CUTFARM, Cost, Program, in_turn, ratio, run
from benchmarks.media import MEDIA, OUT
from benchmarks.sound_drafts import Part, eight_tracks, make_songs, twenty_tracks, write_draft

RATE_HZ = 44_100
_BOUND_S = 1.5  # of CPU for a minute of eight tracks within a process
_MOST_MIB = 500
_PARTS = ("hour", "minute", "treatments")  # the hour first: a child's peak is never less than this program's own


def main() -> int:
    """Print the tables; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], default=_PARTS, metavar="minute hour treatments")
    parser.add_argument("--quick", action="store_true", help="a sixth of each length, one round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    songs = make_songs(MEDIA)
    share, rounds = (6, 1) if arguments.quick else (1, arguments.rounds)
    failed = False
    for part in [part for part in _PARTS if part in arguments.parts]:
        match part:
            case "hour":
                failed |= hour(songs, [minutes / share for minutes in (15.0, 30.0, 60.0)])
            case "minute":
                failed |= minute(songs, 60.0 / share, rounds)
            case "treatments":
                treated(songs[0], 60.0 / share, rounds)
    return int(failed)


def hour(songs: Sequence[Path], lengths_min: Sequence[float]) -> bool:
    """Print cost by length; whether a bound is broken."""
    costs: list[tuple[float, Cost]] = []
    print(f"{'20 tracks, minutes':22}{'CPU s':>9}{'a minute':>10}{'peak MiB':>10}")
    for minutes in lengths_min:
        name = f"sound-20x{minutes:g}"
        draft = write_draft(twenty_tracks(songs, 60 * minutes), OUT / name)
        [[cost]] = in_turn([_rendered(name, draft)], 1)
        costs.append((minutes, cost))
        print(f"{minutes:<22g}{cost.cpu_s:9.1f}{cost.cpu_s / minutes:10.3f}{cost.peak_mib:10.0f}", flush=True)
    steps = [(after.cpu_s - before.cpu_s) / (long - short) for (short, before), (long, after) in pairwise(costs)]
    print(f"a minute more: {', '.join(f'{step:.3f}' for step in steps)} s of CPU")
    growth = costs[-1][1].peak_mib / costs[0][1].peak_mib
    most_mib = max(cost.peak_mib for _, cost in costs)
    print(f"memory, longest to shortest: {growth:.2f}; at most {most_mib:.0f} MiB (bound {_MOST_MIB})")
    return most_mib > _MOST_MIB


def minute(songs: Sequence[Path], length_s: float, rounds: int) -> bool:
    """Print cutfarm against ffmpeg, and the steps within a process; whether the bound is broken."""
    from benchmarks.sound_steps import mixing_steps

    tracks = eight_tracks(songs, length_s)
    name = f"sound-8x{length_s:g}s"
    draft = write_draft(tracks, OUT / name)
    _against_ffmpeg(tracks, draft, rounds)
    steps = mixing_steps(draft, rounds)
    whole_s, bound_s = sum(steps.values()), _BOUND_S * length_s / 60
    print(f"{'within a process':32}{'CPU s':>8}")
    print("\n".join(f"{step:32}{spent_s:8.3f}" for step, spent_s in steps.items()))
    print(f"{'in all':32}{whole_s:8.3f}   (bound {bound_s:.2f})")
    return whole_s > bound_s


def treated(song: Path, length_s: float, rounds: int) -> None:
    """Print what a track costs by what is done to it; of each, the plain one's part is reading the file."""
    from benchmarks.sound_steps import treatment_costs

    print(f"{'one track':32}{'CPU s a minute':>16}")
    for name, cost_s in treatment_costs(song, length_s, rounds).items():
        print(f"{name:32}{cost_s:16.3f}")


def _against_ffmpeg(tracks: Sequence[Sequence[Part]], draft: Path, rounds: int) -> None:
    programs = [_rendered("cutfarm render --audio-only", draft)]
    if has_ffmpeg := shutil.which("ffmpeg") is not None:
        out = draft.with_name("ffmpeg.m4a")
        programs.append(Program("ffmpeg", ffmpeg_command(tracks, out), out))
    else:
        print("ffmpeg is not on the PATH: no ratio to it")
    costs = in_turn(programs, rounds)
    print(f"{'processes, starts included':32}{'CPU s':>8}{'wall s':>8}{'peak MiB':>10}")
    for program, found in zip(programs, costs, strict=True):
        least = min(found, key=lambda cost: cost.cpu_s)
        print(f"{program.name:32}{least.cpu_s:8.2f}{least.wall_s:8.2f}{least.peak_mib:10.0f}")
    if has_ffmpeg:
        print(f"cutfarm to ffmpeg, CPU: {ratio(costs[0], costs[1], 'cpu_s'):.2f}; {_likeness(tracks, draft)}")


def _likeness(tracks: Sequence[Sequence[Part]], draft: Path) -> str:
    """How near both mixes are without encoders' noise: ffmpeg's volumes stand still for 1024 samples at a time."""
    from benchmarks.sound_steps import difference_db

    ours, theirs = draft.with_name("cutfarm.flac"), draft.with_name("ffmpeg.flac")
    run([CUTFARM, "render", str(draft), "-o", str(ours), "--audio-only"])
    run(ffmpeg_command(tracks, theirs))
    return f"lossless, the two mixes differ by {difference_db(ours, theirs, int(tracks[0][0].length_s)):.1f} dB"


def ffmpeg_command(tracks: Sequence[Sequence[Part]], out: Path) -> list[str]:
    """One filter graph for tracks of one part each: keyed volumes at every frame of 1024 samples, fades, the sum."""
    inputs: list[str] = []
    chains = []
    for number, [part] in enumerate(tracks):
        inputs += ["-t", f"{part.length_s:g}", "-i", str(part.song)]
        (fade_in_s, fade_out_s), end_s = part.fades_s, part.length_s
        fades = f"afade=in:d={fade_in_s:g}:curve=tri,afade=out:st={end_s - fade_out_s:g}:d={fade_out_s:g}:curve=tri"
        gain = f"volume='{_expression(part.keys)}':eval=frame"
        chains.append(f"[{number}:a]aresample={RATE_HZ},aformat=fltp:channel_layouts=stereo,{gain},{fades}[s{number}]")
    every = "".join(f"[s{number}]" for number in range(len(tracks)))
    graph = ";".join([*chains, f"{every}amix=inputs={len(tracks)}:normalize=0[mix]"])
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, "-filter_complex", graph, "-map", "[mix]"]
    codec = ["-c:a", "aac", "-b:a", "192k"] if out.suffix == ".m4a" else ["-c:a", "flac", "-sample_fmt", "s32"]
    return [*command, *codec, str(out)]


def _expression(keys: Sequence[tuple[float, float]]) -> str:
    """Straight lines through the keys, in ffmpeg's words."""
    words = f"{keys[-1][1]:g}"
    for (start_s, first), (end_s, last) in reversed(list(pairwise(keys))):
        slope = (last - first) / (end_s - start_s)
        words = f"if(lt(t,{end_s:g}),{first:g}+{slope:g}*(t-{start_s:g}),{words})"
    return words


def _rendered(name: str, draft: Path) -> Program:
    out = draft.with_name("cutfarm.m4a")
    return Program(name, [CUTFARM, "render", str(draft), "-o", str(out), "--audio-only"], out)


if __name__ == "__main__":
    sys.exit(main())
