"""What every worker actor has: its farm's store, a node's disk, and an ear for who it is and what it shall give up."""

from __future__ import annotations

import os
from collections import deque
from functools import cached_property
from pathlib import Path

from actors.assets import AssetCache
from actors.messages import Answer, WorkerSettings
from actors.scratch import Scratch
from cluster.fonts import NodeFonts
from cluster.metrics import FarmMetrics
from cutfarm.storage.store import Store, open_store


class Worker:
    """The common part; nothing is opened before it is needed, since an actor whose constructor fails is no actor."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.scratch = Scratch(settings.scratch)
        self._stopped: deque[str] = deque(maxlen=256)  # a worker meets few runs that are stopped while it has a part

    @cached_property
    def store(self) -> Store:
        """The farm's object store. Raises StorageError, and is tried again at the next use."""
        return open_store(self.settings.store)

    @cached_property
    def assets(self) -> AssetCache:
        """The materials on this node."""
        return AssetCache(self.settings.scratch / "assets", self.store)

    @cached_property
    def fonts(self) -> NodeFonts:
        """The farm's fonts on this node."""
        return NodeFonts(self.settings.scratch / "fonts", self.store)

    @cached_property
    def metrics(self) -> FarmMetrics:
        """What the node's metrics port tells of this actor."""
        return FarmMetrics()

    def hello(self) -> Answer:
        """Say that the actor is there, and in which process."""
        return Answer(values={"pid": os.getpid()})

    def give_up(self, run: str) -> None:
        """Work for this run of a job is no longer wanted."""
        self._stopped.append(run)

    def is_stopped(self, run: str) -> bool:
        """Whether the run's work is no longer wanted."""
        return run in self._stopped


def use_threads(count: int) -> None:
    """Let torch have so many CPU threads, if anything in this process comes to need it; to be called first."""
    os.environ |= {"OMP_NUM_THREADS": str(count), "MKL_NUM_THREADS": str(count)}


def use_fonts(folder: Path) -> None:
    """Let what this process draws from now on search `folder` before all other fonts."""
    os.environ["CUTFARM_FONT_DIR"] = str(folder)
