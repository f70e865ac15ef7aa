"""What clips show that is no file: generated colours, shapes and drafts within the draft."""

from __future__ import annotations

from cutfarm.errors import RenderError
from cutfarm.media.source import PictureSource
from cutfarm.render.compound import CompoundSource
from cutfarm.render.sources import Setting
from cutfarm.timeline.model import ClipSegment, Compound, Fill, Shape


def open_content(segment: ClipSegment, setting: Setting) -> PictureSource:
    """The source for a clip that shows no file. Raises RenderError.

    Only what is drawn brings tensors: a plain cut within a compound clip does without.
    """
    match segment.material:
        case Fill() as fill:
            from cutfarm.render.fills import fill_source

            return fill_source(fill, setting.canvas)
        case Shape() as shape:
            from cutfarm.render.shapes import shape_source

            return shape_source(shape)
        case Compound():
            return CompoundSource(segment, setting, open_content)
        case _:
            raise RenderError(f"segment {segment.id} shows a file")
