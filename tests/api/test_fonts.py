"""Fonts over the API."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from api.fonts import BODY_LIMIT_BYTES
from tests.api.conftest import ENGLISH
from tests.text.conftest import make_font

__all__ = ["make_font"]


def put(api, name, data, **options):
    return api.call("PUT", f"/v1/fonts/{quote(name, safe='')}", content=data, **options)


def names(api):
    return [font["file"] for font in api.call("GET", "/v1/fonts").json()["fonts"]]


def test_a_font_is_added_listed_and_removed(api, make_font):
    data = make_font("Square Deal").read_bytes()
    reply = put(api, "新 Square[wght].TTF", data).json()
    assert reply["code"] == 0
    assert (reply["file"], reply["bytes"], reply["families"]) == ("新 Square[wght].ttf", len(data), ["Square Deal"])
    (stored,) = api.store.list("fonts/")
    assert stored.key == f"fonts/{reply['sha256']}/新 Square[wght].ttf"
    assert api.store.get_bytes(stored.key) == data
    assert names(api) == ["新 Square[wght].ttf"]
    assert api.call("DELETE", f"/v1/fonts/{quote(reply['file'], safe='')}").json()["code"] == 0
    assert names(api) == []


@pytest.mark.parametrize("name", ["text.ttf", "..", "a/../../b.ttf", "%2e%2e.ttf"])
def test_what_is_no_font_is_refused(api, name):
    reply = put(api, name, b"words", headers=ENGLISH)
    assert reply.status_code in (400, 404)
    assert not list(api.store.list("fonts/"))


def test_names_do_not_lead_out(api, make_font):
    reply = put(api, "../../x/y.ttf", make_font("Square").read_bytes())
    assert reply.status_code == 404 or reply.json()["file"] == "y.ttf"


def test_the_refusal_names_the_file(api):
    reply = put(api, "text.ttf", b"words", headers=ENGLISH)
    assert "text.ttf is no font" in reply.json()["message"]


def test_a_body_that_is_too_large_is_refused(api):
    reply = put(api, "a.ttf", b"", headers={"Content-Length": str(BODY_LIMIT_BYTES + 1)})
    assert reply.status_code == 413


def test_a_font_that_is_not_there_cannot_be_removed(api):
    assert api.call("DELETE", "/v1/fonts/gone.ttf").status_code == 400


def test_keys_are_asked_for(make_api, make_font):
    api = make_api(api_keys="secret")
    data = make_font("Square").read_bytes()
    assert put(api, "a.ttf", data).status_code == 401
    assert api.call("GET", "/v1/fonts").status_code == 401
    assert api.call("DELETE", "/v1/fonts/a.ttf").status_code == 401
    assert put(api, "a.ttf", data, headers={"X-API-Key": "secret"}).status_code == 200
