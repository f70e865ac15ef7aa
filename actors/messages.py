"""What travels between the Supervisor and the other actors: small plain values, never media.

Every task names its job and the `run` of that job: what is stopped is a run, so that a job taken up again goes on.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from cutfarm.errors import CutfarmError, RenderError
from cutfarm.media.codecs import Codec
from cutfarm.render.spec import ChunkSpec, SoundSpec
from cutfarm.storage.fetch import FetchLimits, FetchPolicy
from cutfarm.storage.store import StoreSettings

WORKER_DIED = "WorkerDied"  #: kind of an answer that nobody gave: the actor's process is gone


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What every actor needs to know of its farm."""

    store: StoreSettings
    scratch: Path  #: folder on the actor's own node
    fetch_policy: FetchPolicy
    fetch_limits: FetchLimits
    threads: int  #: CPU threads of a renderer


@dataclass(frozen=True, slots=True)
class GatherTask:
    """A draft whose files are to be brought into the object store."""

    job_id: str
    run: str
    draft_url: str
    draft_id: str


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """A chunk to be rendered; its assets name digests, no local files."""

    job_id: str
    run: str
    index: int
    spec: ChunkSpec
    key: str  #: object-store key of the result


@dataclass(frozen=True, slots=True)
class SoundTask:
    """The sound of a job; its assets name digests, no local files."""

    job_id: str
    run: str
    spec: SoundSpec


@dataclass(frozen=True, slots=True)
class StitchTask:
    """Finished chunks and sound that become the result; the sound itself where there are no chunks."""

    job_id: str
    run: str
    chunks: tuple[tuple[str, int], ...]  #: object-store key and number of frames, in order
    sound_key: str  #: "" where there is no sound
    result_key: str
    fps: Fraction
    codec: Codec


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended. Faults are values, so that nothing depends on how exceptions travel between processes."""

    error_kind: str = ""  #: class name in `cutfarm.errors`, WORKER_DIED, or "" when all went well
    error_detail: str = ""
    is_retryable: bool = False  #: whether another attempt can help
    report: tuple[dict[str, Any], ...] = ()  #: entries of the fidelity report
    values: Mapping[str, Any] = field(default_factory=dict)  #: the call's own results
    seconds: float = 0.0  #: what it took on the worker

    @property
    def is_ok(self) -> bool:
        """Whether the call did what was asked."""
        return not self.error_kind

    @property
    def is_death(self) -> bool:
        """Whether the actor's process is gone."""
        return self.error_kind == WORKER_DIED


def fault(error: BaseException, kind: str = "") -> Answer:
    """The answer that stands for an exception; unforeseen ones are the farm's own and worth another attempt."""
    if isinstance(error, CutfarmError):
        return Answer(kind or error.kind, str(error), error.retryable)
    detail = f"{type(error).__name__}: {str(error) or 'no further words'}"
    return Answer(kind or RenderError.__name__, detail, is_retryable=True)


def answering(method: Callable[..., Answer]) -> Callable[..., Answer]:
    """Make a method's exceptions its answer, and time it."""

    @functools.wraps(method)
    def answered(*arguments: Any) -> Answer:
        began = time.perf_counter()
        try:
            answer = method(*arguments)
        except CutfarmError as error:
            answer = fault(error)
        except Exception as error:
            logging.getLogger(__name__).exception("%s failed", method.__qualname__)
            answer = fault(error)
        return replace(answer, seconds=time.perf_counter() - began)

    return answered
