"""What clips show that is no file: generated colours, shapes and drafts within the draft."""

from __future__ import annotations

from cutfarm.errors import RenderError
from cutfarm.media.source import PictureSource
from cutfarm.render.sources import Setting
from cutfarm.timeline.model import ClipSegment


def open_content(segment: ClipSegment, setting: Setting) -> PictureSource:
    """The source for a clip that shows no file. Raises RenderError."""
    raise RenderError(f"segment {segment.id} shows a {type(segment.material).__name__.lower()}, which cannot be drawn")
