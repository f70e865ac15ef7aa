"""What a submission asks for beside its draft: written by the API, kept in the job table, read by the Supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cutfarm.media.codecs import Codec
from cutfarm.timeline.report import Fidelity

if TYPE_CHECKING:
    from cutfarm.render.options import RenderOptions


@dataclass(frozen=True, slots=True)
class JobRequest:
    """Checked options in plain values; None leaves a thing as the draft has it."""

    height_px: int | None = None
    fps: str | None = None  #: `30` or `30000/1001`
    range_s: tuple[float, float] | None = None  #: start and end on the timeline, seconds
    codec: Codec = "h264"
    preset: str = "veryfast"
    crf: int = 20
    strict: str | None = None  #: the word of the lowest fidelity allowed
    webhook_url: str | None = None  #: told when the job ends; the user's, so it is fetched with the guard

    def as_json(self) -> dict[str, Any]:
        """The column `request` of the job table."""
        return asdict(self)

    @classmethod
    def from_json(cls, request: Mapping[str, Any]) -> JobRequest:
        """The column read back; what it does not hold is as if nobody had asked for it."""
        known = {field.name: request[field.name] for field in fields(cls) if request.get(field.name) is not None}
        if "range_s" in known:
            start_s, end_s = known["range_s"]
            known["range_s"] = (start_s, end_s)
        return cls(**known)

    def render_options(self) -> RenderOptions:
        """As the renderer takes them. Raises RequestError for what it does not take."""
        from cutfarm.render.options import RenderOptions  # torch loads only where jobs are rendered

        return RenderOptions(
            height_px=self.height_px,
            fps=None if self.fps is None else Fraction(self.fps),
            range_s=self.range_s,
            codec=self.codec,
            preset=self.preset,
            crf=self.crf,
            strict=None if self.strict is None else Fidelity[self.strict.upper()],
        )
