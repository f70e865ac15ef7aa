"""What all picture sources are to the compositor: a function from media time to a picture."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeAlias

from cutfarm.media.faults import Fault
from cutfarm.media.picture import Picture

if TYPE_CHECKING:
    from cutfarm.media.planes import Planes, SoftPicture

SourcePicture: TypeAlias = "Picture | Planes | SoftPicture"


class PictureSource(Protocol):
    """A video, a photo or an animated image, opened."""

    width_px: int  #: display size, container rotation applied
    height_px: int

    @property
    def is_opaque(self) -> bool:
        """Whether nothing shows through any of its pictures."""
        ...

    def key_at(self, time_us: Fraction) -> Hashable:
        """Equal keys mean equal pictures: what does not change is drawn once."""
        ...

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> SourcePicture:
        """The picture shown at media time `time_us`, resampled to the given size and filtered against aliasing."""
        ...

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> Fault | None:
        """What is wrong with what is shown at `time_us`, for a clip that plays [first_us, end_us) of the file."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
