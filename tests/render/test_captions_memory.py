"""What one caption takes at most, whatever it is: measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_MIB = 200

#: Draws a small caption first, so that libraries and fonts are there, then one in every way that it is drawn.
MEASURE = """
import resource, sys
from dataclasses import replace
from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import Animation, Curve, Keyframe, Transform
from cutfarm.timeline.text import Glow, Shadow, Stroke
from tests.render.scene import SECOND, assets, caption, output, timeline

POP = Animation("in", "弹入", "6887482184844710413", 0, SECOND // 2)
BLUR = Animation("out", "模糊", "6923094772907250189", SECOND // 2, SECOND // 2)
GROWING = Curve("KFTypeScaleX", (Keyframe(0, 0.5), Keyframe(SECOND, 200.0)))

def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def rendered(words):
    whole = timeline([words], canvas_px=(1080, 1920))
    with Compositor(whole, assets(whole), output(540, 960)) as compositor:
        for number in (0, 4, 12, 18, 20, 25, 29):
            compositor.frame(number)

def rich(words):
    looks = dict(strokes=(Stroke((0, 0, 0), 0.5, 0.1),), shadows=(Shadow((0, 0, 0), 0.5, -45.0, 0.3, 0.2),),
                 glow=Glow(None, 0.8, 0.25), alpha=0.7)
    return replace(words, text=replace(words.text, styles=tuple(replace(s, **looks) for s in words.text.styles)))

CAPTIONS = {
    "enormous letters": lambda: caption("字幕 Enormous", size=900.0, transform=Transform(scale_x=40.0, scale_y=40.0)),
    "enormous letters that move": lambda: caption("字幕 Enormous", size=900.0, animations=(POP, BLUR)),
    "letters that grow without end": lambda: rich(caption("Growing", size=20.0, curves=(GROWING,))),
    "letters that grow and move": lambda: rich(caption("Growing", curves=(GROWING,), animations=(POP, BLUR))),
    "a hundred thousand characters": lambda: caption("长 text " * 14_286, size=5.0),
    "ten thousand that move": lambda: caption("长 text " * 1_429, size=5.0, animations=(POP, BLUR)),
}
rendered(rich(caption("words", animations=(POP, BLUR))))
before = peak_mib()
rendered(CAPTIONS[sys.argv[1]]())
print(peak_mib() - before)
"""
NAMES = (
    "enormous letters",
    "enormous letters that move",
    "letters that grow without end",
    "letters that grow and move",
    "a hundred thousand characters",
    "ten thousand that move",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_caption_takes_two_hundred_megabytes_at_most(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, name], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) < MOST_MIB
