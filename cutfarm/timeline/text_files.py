"""The files that captions ask for: fonts, and pictures that fill glyphs and strokes."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

from cutfarm.timeline.text import Fill, TextBlock, TextStyle, Texture


def font_paths(block: TextBlock) -> Iterator[str]:
    """The paths of its fonts as the draft says them, each once."""
    yield from dict.fromkeys(style.font_path for style in block.styles if style.font_path)


def textures(block: TextBlock) -> Iterator[Texture]:
    """The pictures that fill its glyphs and strokes, each path once."""
    fills = (fill for style in block.styles for fill in _fills(style))
    yield from {fill.path: fill for fill in fills if isinstance(fill, Texture) and fill.path}.values()


def without_textures(block: TextBlock, files: Container[str]) -> TextBlock:
    """The block with plain colours in place of the pictures that are not among `files`; itself where all are there."""
    if all(texture.path in files for texture in textures(block)):
        return block
    styles = tuple(
        replace(
            style,
            fill=_held(style.fill, files),
            strokes=tuple(replace(stroke, fill=_held(stroke.fill, files)) for stroke in style.strokes),
        )
        for style in block.styles
    )
    return replace(block, styles=styles)


def _fills(style: TextStyle) -> Iterator[Fill | None]:
    yield style.fill
    yield from (stroke.fill for stroke in style.strokes)


def _held(fill: Fill | None, files: Container[str]) -> Fill | None:
    return None if isinstance(fill, Texture) and fill.path not in files else fill
