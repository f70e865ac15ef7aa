"""What is to be drawn on one frame, written down: jobs in order, so that those of several frames can run together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.media.resample import Cut, Part
from cutfarm.render.patch import Patch, part_of, pieces
from cutfarm.render.placement import Box, Placement, chroma_map
from kernels.blend_modes import Mode
from kernels.jobs import Blend, Extent, Job, Mix, Over, Scale, Warp
from kernels.resample import Axis, chroma_start
from kernels.yuva import Yuva

Jobs = list[Job]


@dataclass(slots=True)
class Sheet:
    """The jobs of one frame."""

    made_ready: Jobs = field(default_factory=list)  #: scaled pictures that jobs below sample; all may run at once
    laid: list[Jobs] = field(default_factory=list)  #: one after the other


@dataclass(frozen=True, slots=True)
class Surface:
    """Planes on which a part of the output is drawn."""

    planes: Planes
    box: Box  #: the part of the output

    def part(self, box: Box) -> Planes:
        """Views of the samples of `box`, which lies inside."""
        return part_of(self.planes, box.within(self.box))


def merged(sheets: Sequence[Sheet]) -> list[Jobs]:
    """Steps that do what the sheets say: frames whose sheets look alike go through together."""
    steps: list[Jobs] = [[job for sheet in sheets for job in sheet.made_ready]]
    left = [list(reversed(sheet.laid)) for sheet in sheets]
    while any(left):
        kind = next(type(jobs[-1][0]) for jobs in left if jobs)
        steps.append([job for jobs in left if jobs and type(jobs[-1][0]) is kind for job in jobs.pop()])
    return steps


def copied(target: Planes, source: Planes) -> Jobs:
    """Fill `target` with `source` of the same size."""
    return [Mix(into, plane, plane, 0.0) for into, plane in zip(target, source, strict=True)]


def mixed(target: Planes, first: Planes, second: Planes, progress: float) -> Jobs:
    """Fill `target` with the mix of two pictures of the same size."""
    return [Mix(into, one, other, progress) for into, one, other in zip(target, first, second, strict=True)]


def scaled(target: Planes, source: Planes, cut: Cut, *, extent: Extent | None = None, alpha: float = 1.0) -> Jobs:
    """Lay `cut` of the upright picture `source` over `target`, which has the size of what the cut keeps."""
    own = Part(0, 0, source.width_px, source.height_px)
    part, window = cut.part, cut.window or Part(0, 0, *cut.size_px)
    seen = Box(*_meeting(part, own))
    jobs: Jobs = []
    for number, (into, plane) in enumerate(zip(target, part_of(source, seen), strict=True)):
        half = 2 if number else 1
        across = _axis(part.left_px - seen.left_px, part.width_px / cut.size_px[0], window.left_px, half)
        across = across._replace(start=across.start + (chroma_start(across.step) if number else 0.0))
        down = _axis(part.top_px - seen.top_px, part.height_px / cut.size_px[1], window.top_px, half)
        jobs.append(Scale(into, plane, down, across, number > 0, extent, alpha))
    return jobs


def warped(target: Planes, source: Planes | SoftPicture, placement: Placement, box: Box, alpha: float) -> Jobs:
    """Lay `source`, whose samples `placement` counts, over `target`, which is the output's `box`."""
    luma, to_shown = placement.to_picture(box), placement.to_source(box)
    size = (placement.height_px, placement.width_px)
    opacities: tuple[Tensor | None, ...] = (None,) * 3
    if isinstance(source, SoftPicture):
        opacities = (source.alpha, source.chroma_alpha, source.chroma_alpha)
    planes = (source.y, source.u, source.v)
    return [
        Warp(into, plane, chroma_map(luma) if number else luma, to_shown, size, number > 0, alpha, opacity)
        for number, (into, plane, opacity) in enumerate(zip(target, planes, opacities, strict=True))
    ]


def patched(surface: Surface, patch: Patch) -> list[Jobs]:
    """Steps that lay a patch over a surface on which all of its box is."""
    opaque: Jobs = []
    soft: Jobs = []
    for piece in pieces(patch):
        target, picture = surface.part(piece.box), piece.picture
        if isinstance(picture, Planes):
            opaque += copied(target, picture)
        else:
            soft += laid_over(target, picture)
    return [jobs for jobs in (opaque, soft) if jobs]


def blended(target: Planes, top: Yuva, mode: Mode, strength: float) -> Jobs:
    """Blend a picture of the same size over `target`."""
    return [Blend(Yuva(*target), top, mode, strength)]


def laid_over(target: Planes, picture: SoftPicture) -> Jobs:
    """Lay a picture of the same size over `target`."""
    tops = (picture.y, picture.u, picture.v)
    alphas = (picture.alpha, picture.chroma_alpha, picture.chroma_alpha)
    return [Over(into, top, alpha) for into, top, alpha in zip(target, tops, alphas, strict=True)]


def extent_in(placement: Placement, box: Box) -> Extent | None:
    """Where an upright placement lies, counted from the corner of `box`; None where it covers all of it."""
    if placement.covers(box):
        return None
    a, _, c, _, e, f = placement.to_output
    left, top = c - box.left_px, f - box.top_px
    return Extent(left, top, left + a * placement.width_px, top + e * placement.height_px)


def _axis(shift_px: float, step: float, window_px: int, half: int) -> Axis:
    return Axis((shift_px + window_px * step) / half, step)


def _meeting(part: Part, other: Part) -> tuple[int, int, int, int]:
    """What of `part` is in `other`, both even; at least two samples, since the outermost ones repeat beyond."""
    left = min(max(part.left_px, other.left_px), other.right_px - 2)
    top = min(max(part.top_px, other.top_px), other.bottom_px - 2)
    return (
        left,
        top,
        max(min(part.right_px, other.right_px), left + 2),
        max(min(part.bottom_px, other.bottom_px), top + 2),
    )
