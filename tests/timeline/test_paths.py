from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.paths import PathKind, material_location

TOKEN = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##"


@pytest.mark.parametrize(
    ("path", "kind", "parts"),
    [
        ("", PathKind.EMPTY, ()),
        ("  ", PathKind.EMPTY, ()),
        (f"{TOKEN}/Resources/local/a.mp4", PathKind.IN_DRAFT, ("Resources", "local", "a.mp4")),
        (f"{TOKEN}\\Resources\\a.mp4", PathKind.IN_DRAFT, ("Resources", "a.mp4")),
        ("##_draftpath_placeholder_x_##/a.mp4", PathKind.IN_DRAFT, ("a.mp4",)),
        (f"{TOKEN}/../a.mp4", PathKind.IN_DRAFT, ("..", "a.mp4")),
        ("assets/a.mp4", PathKind.IN_DRAFT, ("assets", "a.mp4")),
        ("./assets\\a.mp4", PathKind.IN_DRAFT, ("assets", "a.mp4")),
        ("a b.mp4", PathKind.IN_DRAFT, ("a b.mp4",)),
        ("/Users/x/a.mp4", PathKind.ABSOLUTE, ("Users", "x", "a.mp4")),
        ("//Users/x/a.mp4", PathKind.ABSOLUTE, ("Users", "x", "a.mp4")),
        ("C:\\Users\\x\\a.mp4", PathKind.WINDOWS, ("Users", "x", "a.mp4")),
        ("e:/x/a.mp4", PathKind.WINDOWS, ("x", "a.mp4")),
        ("D:", PathKind.WINDOWS, ()),
        ("\\\\server\\share\\a.mp4", PathKind.WINDOWS, ("server", "share", "a.mp4")),
        ("\\", PathKind.WINDOWS, ()),
        ("%userprofile%/Desktop/a.mp4", PathKind.WINDOWS, ("Desktop", "a.mp4")),
        ("file:///etc/passwd", PathKind.FILE_URL, ("etc", "passwd")),
        ("FILE:/etc/passwd", PathKind.FILE_URL, ("etc", "passwd")),
        ("https://h/a/b.mp4?token=1#f", PathKind.URL, ("a", "b.mp4")),
        ("HTTP://h/a%20b.mp4", PathKind.URL, ("a b.mp4",)),
        ("s3://bucket/a.mp4", PathKind.URL, ("a.mp4",)),
        ("data:video/mp4;base64,AAAA", PathKind.URL, ()),
        ("http://[broken/a.mp4", PathKind.URL, ()),
        ("http://h:99999999/a.mp4", PathKind.URL, ()),
    ],
)
def test_kinds(path, kind, parts):
    location = material_location(path)
    assert (location.kind, location.parts) == (kind, parts)
    assert location.name == (parts[-1] if parts else "")


def test_secrets_are_not_shown():
    shown = material_location("https://user:secret@host:8443/a/b.mp4?X-Amz-Signature=abc#x").shown
    assert shown == "https://host:8443/a/b.mp4"


def test_climbing():
    assert material_location("a/../../b").climbs
    assert not material_location("a/..b/c..").climbs
    assert material_location("a/..").name == ""


@given(st.text(max_size=40) | st.builds("{}{}".format, st.sampled_from(["http://", "C:", "##_draft", "%"]), st.text()))
def test_any_text_is_some_path(path):
    location = material_location(path)
    assert all(part not in ("", ".") for part in location.parts)
