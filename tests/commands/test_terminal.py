"""What the commands say on a terminal and elsewhere, in processes of their own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

SCRIPT = """
import sys
from cutfarm.commands.terminal import frames_progress, percent_progress, say, warn
with frames_progress(4) as on_frames:
    on_frames(3)
    warn("a warning")
    on_frames(1)
with percent_progress() as on_progress:
    on_progress("joining", 50.0)
say("[bold]:smile: 100 %")
say(str("rich" in sys.modules))
"""


def test_elsewhere_lines_go_out_as_they_are_and_no_bar_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[bold]:smile: 100 %", "False"]
    assert done.stderr.splitlines() == ["a warning"]


def test_a_terminal_sees_a_bar_that_moves() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", 0) as terminal:
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
        with os.fdopen(theirs, "wb", 0) as stderr:
            subprocess.run([sys.executable, "-c", SCRIPT], stderr=stderr, env=environment, check=True)
        os.set_blocking(ours, False)
        shown = (terminal.read(1 << 16) or b"").decode()
    for words in ("rendering", "4/4", "frames", "a warning", "joining", "50%"):
        assert words in shown
