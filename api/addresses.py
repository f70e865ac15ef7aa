"""URLs as users give them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from api.errors import DraftUrlInvalid, DraftUrlMissing

MAX_URL_CHARACTERS = 8192
MAX_DRAFT_ID_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class DraftUrl:
    """An address that can be a draft's."""

    url: str
    draft_id: str


def parse_draft_url(value: object) -> DraftUrl:
    """An http(s) URL with a non-empty `draft_id`. Raises DraftUrlMissing and DraftUrlInvalid."""
    if value is None or value == "":
        raise DraftUrlMissing("draft_url is required")
    if not isinstance(value, str) or not is_web_url(value):
        raise DraftUrlInvalid("draft_url is not an http(s) URL")
    draft_id = parse_qs(urlsplit(value).query).get("draft_id", [""])[0]
    if not draft_id.strip() or len(draft_id) > MAX_DRAFT_ID_CHARACTERS or not draft_id.isprintable():
        raise DraftUrlInvalid("draft_url has no draft_id")
    return DraftUrl(value, draft_id)


def is_web_url(value: str) -> bool:
    """Whether this is an absolute http(s) URL with a host, as it may be sent over a wire."""
    if len(value) > MAX_URL_CHARACTERS or not value.isprintable() or " " in value:
        return False
    try:
        url = urlsplit(value)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
