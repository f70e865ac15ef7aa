"""What every route needs: the farm behind the API and the language of the request."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request

from api.errors import ApiKeyInvalid
from api.messages import Language, preferred_language
from api.preview import Preview
from cluster.hosted import HostedDrafts
from cluster.jobs import Job, JobTable
from cutfarm.config import Settings
from cutfarm.storage.store import Store

JOB_ID = re.compile("[0-9a-f]{32}")
BASE_PATH = "/openapi/capcut-mate/v1"


@dataclass(frozen=True, slots=True)
class Farm:
    """The truth that the API reads and writes; Ray is no part of it."""

    jobs: JobTable
    store: Store
    settings: Settings
    drafts: HostedDrafts
    preview: Preview

    def require_key(self, *offered: str | None) -> None:
        """Raise ApiKeyInvalid where keys are asked for and none of these is one."""
        known = [key.get_secret_value().encode() for key in self.settings.api_keys]
        given = [key.encode() for key in offered if key]
        if known and not any(secrets.compare_digest(key, other) for key in known for other in given):
            raise ApiKeyInvalid("the key is missing or unknown")

    def job(self, job_id: str) -> Job | None:
        """The job of that id; what cannot be an id is not asked of the table."""
        return self.jobs.get(job_id) if JOB_ID.fullmatch(job_id) else None

    def public_link(self, key: str, seconds: int, links: Links, name: str | None = None) -> str | None:
        """An address of the object that works for so long; None where whoever uses `links` cannot reach the store.

        The embedded store listens on loopback: good for clients of this machine, who came by loopback too.
        """
        url = self.store.presigned_url(key, seconds, name)
        if url.startswith("file:") or (_is_loopback(url) and not _is_loopback(links.base)):
            return None
        return url


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute URLs of this API, as its users see it."""

    base: str  #: scheme and host, without a slash at the end

    def draft(self, draft_id: str) -> str:
        """The draft_url of a hosted draft."""
        return f"{self.base}{BASE_PATH}/get_draft?draft_id={draft_id}"

    def is_own(self, draft_url: str) -> bool:
        """Whether this API itself would answer that draft_url."""
        return draft_url.startswith(f"{self.base}{BASE_PATH}/get_draft?")

    def draft_file(self, draft_id: str, path: str) -> str:
        """A file of a hosted draft; capcut-mate's clients take what follows the id for the file's place."""
        return f"{self.base}/output/draft/{draft_id}/{quote(path)}"

    def video(self, job_id: str) -> str:
        """The video of a job, where the store gives no address of its own."""
        return f"{self.base}/v1/jobs/{job_id}/video"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def farm_of(request: Request) -> Farm:
    """The farm that the application was made for."""
    farm: Farm = request.app.state.farm
    return farm


def language_of(request: Request) -> Language:
    """The language of the reply."""
    return preferred_language(request.headers.get("accept-language"))


def links_of(request: Request) -> Links:
    """Links under the configured public address, or under the one that this request used."""
    public = farm_of(request).settings.public_url
    return Links((str(public) if public is not None else str(request.base_url)).rstrip("/"))


def header_key(request: Request) -> str | None:
    """The key of `Authorization: Bearer …` or `X-API-Key`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key")


FarmOf = Annotated[Farm, Depends(farm_of)]
LanguageOf = Annotated[Language, Depends(language_of)]
LinksOf = Annotated[Links, Depends(links_of)]
HeaderKey = Annotated[str | None, Depends(header_key)]
