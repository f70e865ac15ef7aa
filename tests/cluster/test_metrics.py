"""Metrics as a scraper of a real Ray node sees them."""

from __future__ import annotations

import re
import time
import urllib.request

import pytest

pytestmark = pytest.mark.ray


@pytest.mark.usefixtures("farm")
def test_what_an_actor_counts_is_exported() -> None:
    import ray

    from cluster.metrics import FarmMetrics

    class Counting:
        def __init__(self) -> None:
            self._metrics = FarmMetrics()

        def count(self) -> None:
            self._metrics.chunk_rendered(2.0, 90, backend="cpu", height_px=1080)
            self._metrics.chunk_ended("reused")
            self._metrics.chunk_ended("reused")
            self._metrics.queue(7, 2)
            self._metrics.asset_stored(1000)
            self._metrics.asset_stored(0)
            self._metrics.stitched(0.3)
            self._metrics.job_ended("completed", 12)

    actor = ray.remote(num_cpus=0)(Counting).remote()
    ray.get(actor.count.remote())
    port = ray.nodes()[0]["MetricsExportPort"]
    seen = scraped(port, wanted="ray_farm_job_seconds")
    ray.kill(actor)
    assert seen["ray_farm_segments_total", "rendered"] == 1
    assert seen["ray_farm_segments_total", "reused"] == 2
    assert seen["ray_farm_segment_render_seconds_count", "1080"] == 1
    assert 30 < seen["ray_farm_encode_fps_sum", "cpu"] < 60  # Ray keeps buckets alone and sums their middles
    assert seen["ray_farm_queue_segments", ""] == 7
    assert seen["ray_farm_renderers", ""] == 2
    assert seen["ray_farm_asset_bytes_total", ""] == 1000
    assert seen["ray_farm_stitch_seconds_count", ""] == 1
    assert seen["ray_farm_jobs_total", "completed"] == 1


def scraped(port: int, wanted: str) -> dict[tuple[str, str], float]:
    """The farm's samples by name and by each value of a label of ours, or by "" where there is none."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
        if wanted in text:
            samples: dict[tuple[str, str], float] = {}
            for name, labels, value in re.findall(r"^(ray_farm_\w+)\{(.*)\} (\S+)$", text, re.MULTILINE):
                ours = re.findall(r'(?:outcome|backend|height)="(\w+)"', labels)
                samples |= {(name, label): float(value) for label in ours or [""]}
            return samples
        time.sleep(0.5)
    raise AssertionError(f"{wanted} is not exported")
