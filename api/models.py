"""What requests hold and what replies say, as the OpenAPI page shows it."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from api.addresses import is_web_url
from cluster.request import JobRequest
from cutfarm.errors import RequestError
from cutfarm.media.codecs import Codec, SoundCodec
from cutfarm.render.options import RenderOptions, parse_fidelity, parse_range
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.time import parse_frame_rate

PublicStatus = Literal["pending", "processing", "completed", "failed"]

# A pattern, so that texts such as 1e999999999 never become numbers that fill the memory.
_RATE = re.compile(r"\d{1,6}(\.\d{1,18})?|\d{1,9}/\d{1,9}", re.ASCII)
_STANDARD = RenderOptions()
_QUALITIES = {
    "low": (_STANDARD.preset, 28),
    "medium": (_STANDARD.preset, _STANDARD.crf),
    "high": ("medium", 17),
}


def _fps(value: object) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, bool) or not _RATE.fullmatch(str(value)) or str(value).endswith("/0"):
        raise ValueError("a frame rate is a number such as 30 or 29.97, or a text such as 30000/1001")
    return parse_frame_rate(str(value))


def _quality(value: object) -> tuple[str, int] | None:
    """Preset and CRF."""
    if value is None:
        return None
    text = str(value)
    if text in _QUALITIES:
        return _QUALITIES[text]
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise ValueError(f"quality is one of {', '.join(_QUALITIES)}, or a CRF from 0 (best) to 51")
    return _STANDARD.preset, int(text)


def _range(value: object) -> tuple[float, float] | None:
    try:
        match value:
            case None:
                return None
            case str():
                return parse_range(value)
            case [int() | float() as start_s, int() | float() as end_s]:
                return float(start_s), float(end_s)
    except (RequestError, OverflowError):
        pass
    raise ValueError("range is [start, end] or 'start:end', in seconds")


def _strict(value: object) -> Fidelity | None:
    try:
        match value:
            case None | False | "":
                return None
            case True:
                return Fidelity.EXACT
            case str():
                return parse_fidelity(value)
    except RequestError:
        pass
    raise ValueError(f"strict is true, false, or one of {', '.join(level.word for level in Fidelity)}")


def _passthrough(value: object) -> bool:
    if value in (None, False):
        return False
    raise ValueError("passthrough is an option of `cutfarm render`: a farm encodes every frame")


def _webhook_url(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_web_url(value):
        raise ValueError("webhook_url is an http(s) URL")
    return value


def _schema(*types: str, description: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": type_} for type_ in (*types, "null")], "description": description})


#: Checked by the routes, which have errors of their own for it.
DraftAddress = Annotated[
    Any, WithJsonSchema({"type": "string", "format": "uri", "description": "http(s), with a draft_id"})
]
Instant = Annotated[
    datetime,
    PlainSerializer(lambda time: time.isoformat(timespec="microseconds").replace("+00:00", "Z"), return_type=str),
]


class OutputOptions(BaseModel):
    """What is encoded; what is left out follows the draft."""

    height: int | None = Field(None, description="px; the width follows the canvas")
    fps: Annotated[
        Fraction | None, PlainValidator(_fps), _schema("number", "string", description="30, 29.97 or 30000/1001")
    ] = None
    codec: Codec | None = None
    quality: Annotated[
        tuple[str, int] | None,
        PlainValidator(_quality),
        _schema("string", "integer", description="low, medium (the default), high, or a CRF from 0 (best) to 51"),
    ] = None
    range: Annotated[
        tuple[float, float] | None,
        PlainValidator(_range),
        _schema("array", "string", description="[start, end] or 'start:end' on the timeline, in seconds"),
    ] = None
    passthrough: Annotated[
        bool, PlainValidator(_passthrough), _schema("boolean", description="only false: a farm encodes every frame")
    ] = False
    no_audio: bool | None = Field(None, description="pictures alone, without any sound track")
    audio_only: bool | None = Field(None, description="sound alone, in its codec's own kind of file")
    audio_codec: SoundCodec | None = Field(None, description="aac (the default), opus, mp3, flac; pcm with audio_only")
    audio_bitrate: int | None = Field(None, description="kb/s; aac and mp3 128…320, opus 64…256")
    audio_rate: int | None = Field(None, description="Hz: 44100 (the default) or 48000, which opus always has")


class GenVideoRequest(BaseModel):
    """A submission; unknown fields are ignored."""

    model_config = ConfigDict(json_schema_extra={"required": ["draft_url"]})

    draft_url: DraftAddress = None
    apiKey: str | None = Field(None, description="needed where the farm asks for keys")  # noqa: N815 - capcut-mate's
    output: OutputOptions | None = None
    webhook_url: Annotated[
        str | None, PlainValidator(_webhook_url), _schema("string", description="told when the job ends")
    ] = None
    strict: Annotated[
        Fidelity | None,
        PlainValidator(_strict),
        _schema("boolean", "string", description="the lowest fidelity allowed; true means exact"),
    ] = None

    def job_request(self) -> JobRequest:
        """What is asked for beside the draft. Raises RequestError for a value out of its range."""
        output = self.output or OutputOptions.model_validate({})
        preset, crf = output.quality or _QUALITIES["medium"]
        options = RenderOptions(
            height_px=output.height,
            fps=output.fps,
            range_s=output.range,
            codec=output.codec or _STANDARD.codec,
            preset=preset,
            crf=crf,
            strict=self.strict,
            no_audio=bool(output.no_audio),
            audio_only=bool(output.audio_only),
            audio_codec=output.audio_codec,
            audio_kbps=output.audio_bitrate,
            audio_rate_hz=output.audio_rate,
        )
        return JobRequest(options, self.webhook_url)


class StatusRequest(BaseModel):
    """Which job: by its draft, or by its own id, which goes before."""

    draft_url: DraftAddress = None
    job_id: str | None = None


class Reply(BaseModel):
    """What every good reply holds."""

    code: Literal[0] = 0
    message: str


class Submitted(Reply):
    """The answer to a submission."""

    job_id: str
    draft_url: str


class ActiveCount(Reply):
    """How many jobs are pending or processing."""

    count: int


class JobState(Reply):
    """How a job stands."""

    draft_url: str
    job_id: str
    status: PublicStatus
    stage: str = Field(description="what is being done")
    progress: int = Field(ge=0, le=100, description="never falls; 100 when video_url works")
    video_url: str = Field(description="empty until completed and after the retention time; signed anew at each query")
    error_message: str = Field(description="empty unless failed")
    error_code: int | None = Field(description="as an error reply's code would be")
    error_status: int | None = Field(description="as an error reply's HTTP status would be")
    created_at: Instant
    started_at: Instant | None
    completed_at: Instant | None
    warnings: list[str] = Field(description="what is not rendered exactly, in short")


class JobDetails(JobState):
    """How a job stands, with the whole fidelity report."""

    report: list[dict[str, Any]]


class DraftFiles(Reply):
    """The files of a draft, as absolute URLs."""

    files: list[str]


class HostedDraftReply(Reply):
    """The answer to an upload."""

    draft_id: str
    draft_url: str = Field(description="for gen_video")
    files: int
    warnings: list[str]


class FarmFont(BaseModel):
    """A font file of the farm."""

    file: str
    bytes: int
    sha256: str


class FarmFontReply(Reply, FarmFont):
    """The answer to a font that was added."""

    families: list[str] = Field(description="what its faces are called")


class FarmFontsReply(Reply):
    """The fonts that were added to the farm."""

    fonts: list[FarmFont]


class Health(BaseModel):
    """What works; anything but `ok` says what does not."""

    status: Literal["ok", "down"]
    job_table: str
    object_store: str


class Problem(BaseModel):
    """What every error reply holds."""

    detail: str = Field(description="the fixed text of this kind of error")
    code: int
    message: str = Field(description="the same text with the particulars")
