"""Read mutated subtitle files by the thousand: `python -m benchmarks.fuzz_subtitles [--count 5000] [--seed 0]`.

Starts from a file of each format that holds all that is followed. Bytes are exchanged, lost and doubled, and numbers,
tags and words that readers look for put anywhere. Each file must end in cues that can be laid over a timeline, in order
and with words, or in an error of one line, within 2 s of CPU time; a few cues of each are drawn. Prints what came of
them and the slowest; exits with 1 where one broke the rule, and with --failures DIR writes up to twenty of them there.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
import time
from dataclasses import astuple
from fractions import Fraction
from pathlib import Path

import torch

from benchmarks.fuzz_reader import Tally, check_error
from cutfarm.errors import CutfarmError
from cutfarm.render.frame import Compositor
from cutfarm.render.spec import Output
from cutfarm.subtitles.files import read_cues
from cutfarm.subtitles.looks import SubtitleLook
from cutfarm.timeline.cues import with_cues
from cutfarm.timeline.model import Canvas, TextSegment, Timeline
from cutfarm.timeline.time import frame_of

LONGEST_S = 2.0
LONGEST_MESSAGE = 499
CANVAS = Canvas(320, 180)
LENGTH_US = 10_000_000
OUTPUT = Output(64, 36, Fraction(30), "ffv1")
DRAWN = 2  #: cues of each file
MOST_CHANGES = 12

_SRT = """1
00:00:00,000 --> 00:00:02,000
{\\an8}Hello <b>bold</b> <i>it</i> <u>under</u> <font color="#ff8000" face='Noto Sans' size=20>world</font>

2
00:00:01,500 --> 00:00:03,000 X1:40 X2:600 Y1:20 Y2:50
春日影，<font color=red>字幕</font>\\N第二行
- a --> b

3
-0:00:03.5 --> 00:00:05
مرحبا بالعالم 👨‍👩‍👧 {\\pos(20,30)}
"""
_VTT = """WEBVTT - a file

STYLE
::cue { color: red }

NOTE nothing

one
00:00.000 --> 00:02.000 line:10% position:20%,line-left align:start size:50%
<v Ann>Hello <c.yellow.bg_blue>there</c> &amp; <b.loud>you</b> <00:01.000>now

00:01.000 --> 00:00:04.000 line:-2 align:end vertical:rl region:r
<ruby>字<rt>zi</rt></ruby> &lt;plain&gt; &#x1f600;

00:03.000 --> 00:05.000 line:3,start
third
"""
_ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 640
PlayResY: 360
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline,\
 StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,40,&H00FFFFFF,&H000000FF,&H00000000,&H64000000,0,0,0,0,100,100,0,0,1,2,2,2,10,10,10,1
Style: Boxed,思源黑体,30,&H0000FFFF,&H000000FF,&H80202020,&H64000000,-1,-1,0,0,110,90,2,5,3,4,0,8,20,20,20,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:05.00,Default,,0,0,0,,nothing
Dialogue: 0,0:00:00.00,0:00:02.00,Default,,0,0,0,,{\\an5\\pos(320,180)\\fs60\\b1\\c&H00FF00&}Hello{\\r\\i1\\u1}\\Nworld
Dialogue: 1,0:00:01.00,0:00:04.00,Boxed,,5,5,5,,{\\move(0,0,320,180,0,500)\\fad(200,300)\\frz30\\fscx150}字幕{\\fs+3}大
Dialogue: 2,0:00:02.00,0:00:05.00,*Boxed,,0,0,0,,{\\org(9,9)\\bord3\\xshad2\\yshad-2\\1a&H80&\\3c&HFF00&\\fsp5}שלום\\hx
Dialogue: 0,0:00:03.00,0:00:05.00,Default,,0,0,0,,{\\k20}ka{\\k30}ra {\\t(0,500,\\fs80)}o{\\p1}m 0 0 l 9 9{\\p0}k{\\a6}
"""
SEEDS = {".srt": _SRT, ".vtt": _VTT, ".ass": _ASS, ".ssa": _ASS.replace("v4.00+", "v4.00").replace("V4+", "V4")}

_NUMBERS = (
    "0",
    "-1",
    "1e9",
    "1e308",
    "1e999",
    "-1e999",
    "nan",
    "inf",
    "9" * 400,
    "0.0000001",
    "99999999",
    "²",
    "٣",
    "--1",
)
_WORDS = (
    *("<", ">", "{", "}", "\\", "-->", "\n\n", "\n", "\r", ":", ",", "&#", "&#x110000;", "&#xd800;", "\x00", "\ufeff"),
    *('<font color="', "</b>", "<b><i>", "<c.", "<00:00", "\u202e", "\ud7ff", "\u2028", "长" * 200, "\u0301" * 50),
    *("\\fs", "\\fs+", "\\fscx", "\\fscy", "\\fsp", "\\bord", "\\pos(", "\\move(", "\\fad(", "\\org(", "\\p1", "\\an"),
    *("\\r", "\\fn", "\\frz", "\\shad", "{\\t(", "\\q2", "\\c&H", "\\alpha&H", "[Events]", "Style: ", "Dialogue: "),
    *("PlayResX: ", "Format: ", "line:", "position:", "size:", "align:", "WEBVTT", "STYLE\n", "00:00:01,000 --> "),
)
_ENCODINGS = (*["utf-8"] * 9, "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "shift_jis", "big5", "latin-1")


def mutated(text: str, chance: random.Random) -> bytes:
    """The file with up to twelve places changed: before it is put into bytes, and after."""
    for _ in range(chance.choice((0, 1, 2, 3, MOST_CHANGES))):
        head = 0 if chance.random() < 0.3 else len(text) // 2  # most where the cues are
        text = text[:head] + _changed(text[head:], chance)
    data = bytearray(text.encode(chance.choice(_ENCODINGS), "replace"))
    for _ in range(chance.choice((0, 0, 0, 1, 4, 40))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.05:
        del data[chance.randrange(len(data) + 1) :]
    return bytes(data)


def _changed(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    end = min(place + chance.choice((0, 1, 2, 8, 60)), len(text))
    match chance.random():
        case low if low < 0.35:
            return text[:place] + chance.choice(_WORDS) + text[end:]
        case low if low < 0.75:
            return _with_number(text, chance)
        case low if low < 0.85:
            return text[:end] + text[place:end] * chance.choice((1, 2, 300)) + text[end:]
        case _:
            return text[:place] + text[end:]


def _with_number(text: str, chance: random.Random) -> str:
    """The text with one of its numbers exchanged."""
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text + chance.choice(_NUMBERS)
    start = end = chance.choice(places)
    while end < len(text) and text[end].isdigit():
        end += 1
    return text[:start] + chance.choice(_NUMBERS) + text[end:]


def read(path: Path, chance: random.Random) -> str:
    """What comes of a file: `cues` or the name of an error; raises what must not be raised."""
    try:
        cues, report = read_cues(path, CANVAS, SubtitleLook())
        assert all(cue.start_us < cue.end_us and cue.text.text.strip() and cue.text.styles for cue in cues)
        assert all(math.isfinite(value) for cue in cues for value in astuple(cue.transform))
        assert all("\n" not in entry.fact for entry in report)
        timeline = with_cues(Timeline(CANVAS, Fraction(30), LENGTH_US, (), layers_by_track=True), cues, path.name)
        _draw(timeline, chance)
    except CutfarmError as error:
        check_error(error, LONGEST_MESSAGE)
        return error.kind
    return "cues"


def _draw(timeline: Timeline, chance: random.Random) -> None:
    shown = [segment for track in timeline.tracks for segment in track.segments if isinstance(segment, TextSegment)]
    with Compositor(timeline, {}, OUTPUT) as compositor:
        for segment in chance.sample(shown, min(DRAWN, len(shown))):
            compositor.frame(frame_of(segment.target.start_us, OUTPUT.fps))


def run(count: int, seed: int, folder: Path) -> Tally:
    """Read `count` files that only `seed` decides."""
    tally = Tally()
    for number in range(count):
        run_one(seed * 1_000_003 + number, folder, tally)
    return tally


def run_one(seed: int, folder: Path, tally: Tally) -> None:
    """Read the file that `seed` decides, and count what came of it."""
    chance = random.Random(seed)
    ending, text = chance.choice(list(SEEDS.items()))
    path = folder / f"fuzz{ending}"
    path.write_bytes(mutated(text, chance))
    began = time.process_time()
    try:
        outcome = read(path, chance)
    except BaseException as error:  # any other exception is a failure of the readers
        outcome = f"FAILED {type(error).__name__}: {error}"[:300]
    took_s = time.process_time() - began
    if took_s > LONGEST_S:
        outcome = f"FAILED took {took_s:.1f} s ({outcome})"
    if tally.count(outcome, took_s):
        tally.failures.append((f"seed {seed} {ending}: {outcome}", path.read_bytes().decode("latin-1")))


def main() -> int:
    """Read, print, and say by the exit code whether the rule holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--failures", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        tally = run(arguments.count, arguments.seed, Path(scratch))
    for said, _ in tally.failures[:20]:
        print(said, flush=True)
    return tally.told(arguments.failures)


if __name__ == "__main__":
    sys.exit(main())
