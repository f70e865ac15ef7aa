"""What captions cost: `python -m benchmarks.captions [--count 200] [--seconds 1.5] [--rounds N]`.

Renders an upright film of 1080x1920 with a caption every 1.5 s (stroke, shadow, an animation in and one out, both
character by character) and without any, in turn, and prints the ratios of CPU and wall time, what a frame takes by
stage, and what one frame of an animated caption takes by step. The bound is a ratio of 1.15.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from statistics import median

import pyJianYingDraft
import torch
from pyJianYingDraft import ClipSettings, TextIntro, TextOutro, TextSegment, TrackSpec, TrackType, VideoSegment, trange

from benchmarks.measure import Program, in_turn, middle, ratio, render_command
from benchmarks.media import OUT, make_media, make_upright
from benchmarks.profiles import profile_table, profiled
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Output
from cutfarm.stages import spent_s

_SIZE_PX = 1080, 1920
_FPS = 30
_CLIP_S = 10
_BOUND = 1.15
_ANIMATION_S = 0.5
_MEASURED = 540  # frames
_WORDS = (
    "Every letter comes alone",
    "每个字都单独进来又离开",
    "Two lines of text\nthat both move",
    "字幕 captions 混排",
)
_INTROS = ("弹入", "波浪弹入", "逐字旋转", "打字机_I", "向右缓入", "水平翻转")
_OUTROS = ("弹出", "波浪弹出", "旋出", "打字机_I", "向右缓出", "水平翻转")


def main() -> int:
    """Render both and print the tables; 1 where the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="captions; 200 take some ten minutes")
    parser.add_argument("--seconds", type=float, default=1.5, help="that each one is shown")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many renders of each, in turn")
    parser.add_argument("--steps-only", action="store_true", help="only what one animated frame takes")
    arguments = parser.parse_args()
    upright = make_upright(make_media())
    captions = [_caption(number, arguments.seconds) for number in range(arguments.count)]
    length_s = arguments.count * arguments.seconds
    plain, worded = _draft("captions-none", upright, length_s, []), _draft("captions", upright, length_s, captions)
    print(_steps(worded, arguments.seconds))
    if arguments.steps_only:
        return 0
    programs = [_program(path) for path in (plain, worded)]
    without, with_them = in_turn(programs, arguments.rounds)
    for name, costs in (("without", without), ("with", with_them)):
        print(f"{name:10}{middle(costs, 'cpu_s'):8.2f} s of CPU{middle(costs, 'wall_s'):8.2f} s in all")
    cpu, wall = (ratio(with_them, without, figure) for figure in ("cpu_s", "wall_s"))
    print(f"{arguments.count} captions: CPU x {cpu:.3f}, wall x {wall:.3f} (bound {_BOUND})")
    print(profile_table({program.name: profiled(program.command, program.out) for program in programs}))
    return int(max(cpu, wall) > _BOUND)


def _draft(name: str, film: Path, length_s: float, captions: Sequence[TextSegment]) -> Path:
    """A draft of the film, over and over, with captions; returns its file."""
    script = pyJianYingDraft.ScriptFile(*_SIZE_PX, _FPS, maintrack_adsorb=False)
    tracks = [TrackSpec(TrackType.video, "main"), TrackSpec(TrackType.text, "words")]
    main_track, text_track = script.append_tracks(tracks)
    material = pyJianYingDraft.VideoMaterial(str(film))
    length_us = round(length_s * 1_000_000)
    for start_us in range(0, length_us, _CLIP_S * 1_000_000):
        part_us = min(_CLIP_S * 1_000_000, length_us - start_us)
        span = trange(start_us, part_us)
        script.add_segment(VideoSegment(material, span, source_timerange=trange(0, part_us)), main_track)
    for caption in captions:
        script.add_segment(caption, text_track)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "draft_content.json"
    script.dump(str(path))
    return path


def _caption(number: int, seconds: float) -> TextSegment:
    segment = TextSegment(
        _WORDS[number % len(_WORDS)],
        trange(round(number * seconds * 1_000_000), round(seconds * 1_000_000)),
        style=pyJianYingDraft.TextStyle(size=12.0, bold=True, align=1, color=(1.0, 0.85, 0.1)),
        border=pyJianYingDraft.TextBorder(width=40.0),
        shadow=pyJianYingDraft.TextShadow(alpha=0.8, diffuse=20.0, distance=8.0),
        clip_settings=ClipSettings(transform_y=-0.55),
    )
    segment.add_animation(TextIntro[_INTROS[number % len(_INTROS)]], round(_ANIMATION_S * 1_000_000))
    segment.add_animation(TextOutro[_OUTROS[number % len(_OUTROS)]], round(_ANIMATION_S * 1_000_000))
    return segment


def _program(draft: Path) -> Program:
    name = draft.parent.name
    out = draft.with_name("cutfarm.mp4")
    return Program(name, render_command(draft, out), out)


def _steps(draft: Path, seconds: float) -> str:
    """What compositing a frame takes, by what its caption does: milliseconds of CPU, the medians and the largest."""
    torch.set_num_threads(1)  # as the command renders
    spent: dict[str, list[float]] = {"first": [], "moving": [], "standing": []}
    shown = round(seconds * _FPS)
    moving = round(_ANIMATION_S * _FPS)
    with (
        loaded(str(draft), LoadOptions()) as (timeline, assets),
        Compositor(timeline, assets, Output(*_SIZE_PX, Fraction(_FPS))) as compositor,
    ):
        for number in range(min(timeline.duration_us * _FPS // 1_000_000, _MEASURED)):
            before_s = spent_s().get("composite", 0.0)
            compositor.frame(number)
            place = number % shown
            is_standing = moving <= place < shown - moving
            kind = "first" if not place else "standing" if is_standing else "moving"
            spent[kind].append(1000 * (spent_s()["composite"] - before_s))
    lines = [f"{'ms to composite a frame':26}{'median':>10}{'most':>10}"]
    return "\n".join([*lines, *(f"{kind:26}{median(ms):10.2f}{max(ms):10.2f}" for kind, ms in spent.items())])


if __name__ == "__main__":
    sys.exit(main())
