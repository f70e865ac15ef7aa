"""What a submission asks for beside its draft: written by the API, kept in the job table, read by the Supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from cutfarm.render.options import RenderOptions, parse_fidelity


@dataclass(frozen=True, slots=True)
class JobRequest:
    """Checked options of a job."""

    options: RenderOptions = field(default_factory=RenderOptions)
    webhook_url: str | None = None  #: told when the job ends; a stranger's, so it is fetched with the guard

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the column `request` of the job table."""
        options = self.options
        exact = {
            "fps": None if options.fps is None else str(options.fps),
            "strict": None if options.strict is None else options.strict.word,
        }
        return asdict(options) | exact | {"webhook_url": self.webhook_url}

    @classmethod
    def from_json(cls, request: Mapping[str, Any]) -> JobRequest:
        """The column read back; what it does not hold is as if nobody had asked for it.

        Raises RequestError for options that this version does not take.
        """
        given = {name: value for name, value in request.items() if value is not None}
        webhook_url = given.pop("webhook_url", None)
        if "fps" in given:
            given["fps"] = Fraction(given["fps"])
        if "range_s" in given:
            given["range_s"] = tuple(given["range_s"])
        if "strict" in given:
            given["strict"] = parse_fidelity(given["strict"])
        return cls(RenderOptions(**given), webhook_url)
