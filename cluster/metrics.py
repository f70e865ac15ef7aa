"""What a farm counts: names and labels in one place. Ray exports them from its workers, with `ray_` before each name.

No label names a job, a URL or a user: every value of a label is a time series that is kept.
"""

from __future__ import annotations

from typing import Literal

from ray.util.metrics import Counter, Gauge, Histogram

ChunkOutcome = Literal["rendered", "reused", "failed", "died"]

_SECONDS = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600]
_FPS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 1000]


class FarmMetrics:
    """The metrics of one actor; make it inside the actor."""

    def __init__(self) -> None:
        self._segments = Counter("farm_segments_total", "Chunks, by how they ended.", ("outcome",))
        self._render = Histogram(
            "farm_segment_render_seconds", "Time to render a chunk.", _SECONDS, ("backend", "height")
        )
        self._fps = Histogram("farm_encode_fps", "Frames of a chunk over its time.", _FPS, ("backend", "height"))
        self._queue = Gauge("farm_queue_segments", "Chunks that wait for a renderer.")
        self._renderers = Gauge("farm_renderers", "Renderers alive.")
        self._assets = Counter("farm_asset_bytes_total", "Bytes of materials brought into the store.")
        self._stitch = Histogram("farm_stitch_seconds", "Time to join a job's chunks and sound.", _SECONDS)
        self._jobs = Counter("farm_jobs_total", "Jobs, by how they ended.", ("outcome",))
        self._job = Histogram("farm_job_seconds", "Time from a job's start to its end.", _SECONDS)

    def chunk_rendered(self, seconds: float, frames: int, *, backend: str, height_px: int) -> None:
        """Count a chunk that a renderer made: `backend` is `cpu` or `cuda`, the height is the output's."""
        labels = {"backend": backend, "height": str(height_px)}
        self._segments.inc(1, {"outcome": "rendered"})
        self._render.observe(seconds, labels)
        if seconds > 0:
            self._fps.observe(frames / seconds, labels)

    def chunk_ended(self, outcome: ChunkOutcome) -> None:
        """Count a chunk that nobody rendered: it was there already, it failed, or its renderer died."""
        self._segments.inc(1, {"outcome": outcome})

    def queue(self, waiting: int, renderers: int) -> None:
        """Note the chunks that wait and the renderers that live now."""
        self._queue.set(waiting)
        self._renderers.set(renderers)

    def asset_stored(self, size_bytes: int) -> None:
        """Count a material that was brought into the store."""
        if size_bytes > 0:
            self._assets.inc(size_bytes)

    def stitched(self, seconds: float) -> None:
        """Time a job's joining."""
        self._stitch.observe(seconds)

    def job_ended(self, outcome: str, seconds: float) -> None:
        """Count a job that ended, by its status in the job table, and time it."""
        self._jobs.inc(1, {"outcome": outcome})
        self._job.observe(seconds)
