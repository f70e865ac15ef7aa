"""A whole farm as a process of its own, told what to do by lines: `ping` answers as JSON, the end of input stops it."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from cutfarm.commands.farm import RunningFarm, running_farm
from cutfarm.config import Settings


def main() -> None:
    """Run until the input ends; the first line of output is the API's address."""
    settings = Settings(data_dir=Path(sys.argv[1]), port=int(sys.argv[2]), **json.loads(sys.argv[3]))
    stopping = threading.Event()
    with running_farm(settings) as farm:
        watch = threading.Thread(target=_look_after, args=(farm, stopping))
        watch.start()
        try:
            print(farm.api_url, flush=True)  # noqa: T201 - to the test
            for line in sys.stdin:
                assert line.strip() == "ping"
                print(json.dumps(farm.supervisor.ping()), flush=True)  # noqa: T201
        finally:
            stopping.set()
            watch.join()


def _look_after(farm: RunningFarm, stopping: threading.Event) -> None:
    """What `cutfarm serve` does while it waits."""
    while not stopping.wait(1.0):
        farm.check()


if __name__ == "__main__":
    main()
