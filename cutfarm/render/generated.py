"""Pictures that are worked out: the same at all times, and drawn once for each size."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from cutfarm.media.source import SourcePicture


class GeneratedSource:
    """A picture source without a file: `draw` makes the picture at a width and a height."""

    def __init__(self, size_px: tuple[int, int], draw: Callable[[int, int], SourcePicture], *, is_opaque: bool) -> None:
        self.width_px, self.height_px = size_px
        self.is_opaque = is_opaque
        self._draw = draw
        self._made: tuple[tuple[int, int], SourcePicture] | None = None

    def key_at(self, time_us: Fraction) -> None:
        """Always the same."""

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> SourcePicture:  # noqa: ARG002
        """The picture at the given size, which is the same at all times."""
        size_px = (width_px, height_px)
        if self._made is None or self._made[0] != size_px:
            self._made = (size_px, self._draw(*size_px))
        return self._made[1]

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> None:
        """Nothing: there is no file."""

    def close(self) -> None:
        """Forget what was drawn."""
        self._made = None
