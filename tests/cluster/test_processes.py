"""Descendants are found by generations and ended by their own ids alone."""

from __future__ import annotations

import subprocess
import sys
import time

from cluster.processes import descendants, kill

_TWO_GENERATIONS = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def test_children_and_theirs_are_found_and_ended() -> None:
    before = descendants()
    with subprocess.Popen([sys.executable, "-c", _TWO_GENERATIONS], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        born = descendants() - before
        assert {number for number, _ in born} == {child.pid, grandchild}
        kill(frozenset((number, "0") for number, _ in born))  # somebody else's ids by now
        assert born <= descendants()
        kill(born)
        child.wait(10)
    deadline = time.monotonic() + 10
    while descendants() & born and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not descendants() & born
