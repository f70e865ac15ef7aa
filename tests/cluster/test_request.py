"""Options of a submission, through the job table and back."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.jobs import JobTable
from cluster.request import JobRequest
from cutfarm.errors import RequestError
from cutfarm.media.codecs import CODECS, PRESETS
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.report import Fidelity

options = st.builds(
    RenderOptions,
    height_px=st.none() | st.integers(16, 8192),
    fps=st.none() | st.fractions(1, 240, max_denominator=1001),
    range_s=st.none() | st.tuples(st.floats(0, 10), st.floats(11, 20)),
    codec=st.sampled_from(CODECS),
    preset=st.sampled_from(PRESETS),
    crf=st.integers(0, 51),
    strict=st.none() | st.sampled_from(Fidelity),
)
sounds = st.fixed_dictionaries(
    {
        "audio_only": st.booleans(),
        "audio_codec": st.sampled_from(("mp3", "aac")),
        "audio_kbps": st.none() | st.just(256),
    }
) | st.fixed_dictionaries({"no_audio": st.booleans()})


@given(options=options, sound=sounds, webhook_url=st.none() | st.just("https://me.example/done"))
def test_a_request_reads_back_as_it_was(options: RenderOptions, sound: dict[str, Any], webhook_url: str | None) -> None:
    options = replace(options, codec="h264") if "audio_codec" in sound else options
    request = JobRequest(replace(options, **sound), webhook_url)
    assert JobRequest.from_json(json.loads(json.dumps(request.as_json()))) == request


def test_the_job_table_keeps_a_request(table: JobTable) -> None:
    request = JobRequest(RenderOptions(fps=Fraction(30000, 1001), range_s=(0.5, 2.0), strict=Fidelity.CLOSE))
    job = table.submit("http://x/?draft_id=1", "1", request.as_json(), queue_limit=1).job
    assert JobRequest.from_json(job.request) == request


def test_nothing_asked_for_means_the_defaults() -> None:
    assert JobRequest.from_json({}) == JobRequest() == JobRequest(RenderOptions())


def test_what_no_version_takes_is_a_request_error() -> None:
    with pytest.raises(RequestError, match="height 3"):
        JobRequest.from_json({"height_px": 3})
