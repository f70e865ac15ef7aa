"""Hard cuts with music against ffmpeg: `python -m benchmarks.cuts [--seconds 60] [--pairs 3]`.

Six 1080p30 clips are cut hard to the given length, music under them; both programs encode with the same x264 settings.
Needs ffmpeg on the PATH. Media are kept under benchmarks/media for the next run.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import pyJianYingDraft
from pyJianYingDraft import TrackSpec, TrackType, trange

from benchmarks.measure import in_turn, table

HERE = Path(__file__).resolve().parent
MEDIA, OUT = HERE / "media", HERE / "out"
CLIPS = 6
CLIP_S = 11
PRESET, CRF = "veryfast", "23"


def make_media() -> tuple[list[Path], Path]:
    """Six clips of about 12 Mbit/s that move and are noisy as camera pictures are, and a song."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    sources = (
        "testsrc2",
        "mandelbrot",
        "life=mold=10:ratio=0.1:death_color=#336688",
        "testsrc2",
        "smptehdbars",
        "cellauto",
    )
    clips = []
    for number, source in enumerate(sources):
        clip = MEDIA / f"clip{number}.mp4"
        clips.append(clip)
        if clip.exists():
            continue
        joined = ":" if "=" in source else "="
        picture = f"{source}{joined}s=1920x1080:r=30,noise=alls=12:allf=t,format=yuv420p"
        tone = f"sine=frequency={220 * (number + 1)}:sample_rate=44100"
        tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
        command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
        command += ["-t", str(CLIP_S), "-c:v", "libx264", "-preset", "veryfast", "-b:v", "12M", "-g", "60", "-bf", "2"]
        subprocess.run([*command, *tags, "-c:a", "aac", "-ac", "2", str(clip)], check=True)
    music = MEDIA / "music.m4a"
    if not music.exists():
        tune = "sine=frequency=330:beep_factor=4:sample_rate=44100"
        subprocess.run(
            [
                "ffmpeg",
                "-v",
                "error",
                "-y",
                "-f",
                "lavfi",
                "-i",
                tune,
                "-t",
                "62",
                "-c:a",
                "aac",
                "-ac",
                "2",
                str(music),
            ],
            check=True,
        )
    return clips, music


def write_draft(clips: list[Path], music: Path, seconds: float) -> Path:
    """The cut as a draft: each clip for a sixth of the time."""
    script = pyJianYingDraft.ScriptFile(1920, 1080, 30, maintrack_adsorb=False)
    main, sound = script.append_tracks((TrackSpec(TrackType.video, "main"), TrackSpec(TrackType.audio, "music")))
    each_us = round(seconds / len(clips) * 1e6)
    for number, clip in enumerate(clips):
        script.add_segment(pyJianYingDraft.VideoSegment(str(clip), trange(number * each_us, each_us)), main)
    song = pyJianYingDraft.AudioSegment(str(music), trange(0, each_us * len(clips)), volume=0.5)
    script.add_segment(song, sound)
    draft = OUT / "draft_content.json"
    draft.parent.mkdir(parents=True, exist_ok=True)
    script.dump(str(draft))
    return draft


def ffmpeg_command(clips: list[Path], music: Path, seconds: float, out: Path) -> list[str]:
    """The same cut as one filter graph."""
    each = seconds / len(clips)
    command = ["ffmpeg", "-v", "error", "-y"]
    for clip in clips:
        command += ["-t", f"{each:.6f}", "-i", str(clip)]
    command += ["-t", f"{seconds:.6f}", "-i", str(music)]
    pads = "".join(f"[{number}:v][{number}:a]" for number in range(len(clips)))
    graph = f"{pads}concat=n={len(clips)}:v=1:a=1[v][c];[{len(clips)}:a]volume=0.5[m];[c][m]amix=normalize=0[a]"
    command += ["-filter_complex", graph, "-map", "[v]", "-map", "[a]"]
    command += ["-c:v", "libx264", "-preset", PRESET, "-crf", CRF, "-g", "60", "-pix_fmt", "yuv420p"]
    return [*command, "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(out)]


def similarity(one: Path, other: Path) -> str:
    """ffmpeg's own SSIM of the two outputs."""
    command = ["ffmpeg", "-hide_banner", "-i", str(one), "-i", str(other), "-lavfi", "ssim", "-f", "null", "-"]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return next((line.split("All:")[1].split()[0] for line in words.splitlines() if "All:" in line), "unknown")


def main() -> int:
    """Render in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--workers", type=int)
    arguments = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        sys.exit("this benchmark compares with ffmpeg, which is not on the PATH")
    clips, music = make_media()
    draft = write_draft(clips, music, arguments.seconds)
    ours, theirs = OUT / "cutfarm.mp4", OUT / "ffmpeg.mp4"
    mine = [str(Path(sys.executable).with_name("cutfarm")), "render", str(draft), "-o", str(ours)]
    mine += ["--preset", PRESET, "--crf", CRF]
    if arguments.workers:
        mine += ["--workers", str(arguments.workers)]
    costs = in_turn(mine, ffmpeg_command(clips, music, arguments.seconds, theirs), arguments.pairs)
    print(f"{arguments.seconds:g} s of 1080p30, {len(clips)} hard cuts, music; median of {arguments.pairs} pairs")
    print(table(("cutfarm", "ffmpeg"), *costs))
    print(f"SSIM of the outputs: {similarity(ours, theirs)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
