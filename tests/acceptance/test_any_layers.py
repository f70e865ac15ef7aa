"""Any clip, cropped, masked, keyed and nested: what each pixel shows of it is what float64 says of the draft's JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cutfarm.render.frame import Compositor
from cutfarm.render.gpu import GpuCompositor
from tests.acceptance.drafts import SECOND, Draft, Raw, clip, crop, keys
from tests.acceptance.oracle import Place, move_at, place, place_of, shown_size, within
from tests.acceptance.shots import draw
from tests.render.scene import WHITE, solid

Array = NDArray[np.float64]
Kept = Callable[[Array, Array], NDArray[np.bool_]]  #: of x and y in the shown picture's pixels

EACH = 6  # places to a pixel's side at which the oracle looks
FRAMES = (0, 11, 29)
EDGE, NESTED_EDGE = 0.35, 0.6  # of what a pixel at an edge may differ; what is nested is sampled twice
MOVES = (
    ("KFTypePositionX", -0.8, 0.8),
    ("KFTypePositionY", -0.8, 0.8),
    ("KFTypeRotation", -200.0, 200.0),
    ("KFTypeScaleX", 0.1, 1.8),
    ("KFTypeScaleY", 0.1, 1.8),
)


class Scene(NamedTuple):
    """A white photo of this size, cropped and masked, and the moves and canvases around it, innermost first."""

    canvases: list[tuple[int, int]]
    photo: tuple[int, int]
    window: Raw | None
    mask: tuple[str, Raw] | None
    moves: list[tuple[Raw, list[Raw]]]


def part(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(0, 1000).map(lambda n: low + (high - low) * n / 1000)


def pair(low: float, high: float) -> st.SearchStrategy[tuple[float, float]]:
    return st.tuples(part(low, high), part(low, high))


@st.composite
def moves(draw: st.DrawFn) -> tuple[Raw, list[Raw]]:
    still = clip(
        scale=draw(st.just((1.0, 1.0)) | pair(0.1, 1.8)),
        rotation=draw(st.sampled_from((0.0, 90.0, 180.0)) | part(-400.0, 400.0)),
        shift=draw(st.just((0.0, 0.0)) | pair(-0.8, 0.8)),
        flip=draw(st.tuples(st.booleans(), st.booleans())),
    )
    chosen = [move for move in MOVES if draw(st.integers(0, 3)) == 0]
    curves = [
        keys(name, *((at_us, draw(part(low, high))) for at_us in (100_000, 400_000, 900_000)))
        for name, low, high in chosen
    ]
    return still, curves


@st.composite
def windows(draw: st.DrawFn, photo: tuple[int, int]) -> Raw:
    """Rectangles in the picture, upright or turned."""
    angle = draw(st.just(0.0) | part(-1.0, 1.0))
    width, height = (draw(part(0.3, 0.6)) * side for side in photo)
    x, y = (side * draw(part(0.4, 0.6)) for side in photo)

    def corner(right: float, down: float) -> tuple[float, float]:
        across, low = right * width / 2, down * height / 2
        turned = across * math.cos(angle) - low * math.sin(angle), across * math.sin(angle) + low * math.cos(angle)
        return (x + turned[0]) / photo[0], (y + turned[1]) / photo[1]

    return crop(corner(-1, -1), corner(1, -1), corner(-1, 1), corner(1, 1))


@st.composite
def masks(draw: st.DrawFn) -> tuple[str, Raw]:
    (width, height), (right, up) = draw(pair(0.2, 1.1)), draw(pair(-0.5, 0.5))
    config = {"width": width, "height": height, "centerX": right, "centerY": up, "feather": 0.0}
    config |= {"rotation": draw(st.just(0.0) | part(-180.0, 180.0)), "invert": draw(st.booleans())}
    return draw(st.sampled_from(("rectangle", "circle", "line", "mirror"))), config


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    depth = draw(st.sampled_from((1, 1, 2)))
    sides = st.sampled_from((180, 211, 300, 360, 437, 640, 1080))
    canvases = [(draw(sides), draw(sides)) for _ in range(depth)]
    photo = draw(st.sampled_from(((161, 91), (90, 160), (64, 64), (200, 120))))
    window = draw(st.none() | windows(photo))
    return Scene(canvases, photo, window, draw(st.none() | masks()), [draw(moves()) for _ in range(depth)])


def written(scene: Scene, folder: Path) -> tuple[Draft, list[Raw]]:
    """The draft, and its segments from the innermost to the outermost."""
    draft, segments = Draft(scene.canvases[0]), []
    path = folder / f"{scene.photo}.png"
    photo = draft.photo(path if path.exists() else solid(path, WHITE, scene.photo), scene.photo)
    material, refs = photo, []
    if scene.window is not None:
        draft.raw["materials"]["videos"][0]["crop"] = scene.window
    if scene.mask is not None:
        kind, config = scene.mask
        refs = [draft.add("common_mask", type="mask", category="video", name=kind, resource_type=kind, config=config)]
    for level, (still, curves) in enumerate(scene.moves):
        if level:
            inner, draft = draft, Draft(scene.canvases[level])
            material, own = draft.compound(inner)
            refs = [own]
        segments.append(draft.clip(draft.track(), material, refs=refs, clip=still, common_keyframes=curves))
    return draft, segments


def kept_by(mask: tuple[str, Raw], size: tuple[float, float]) -> Kept:
    kind, config = mask
    width, height = config["width"] * size[0] / 2, config["height"] * size[1] / 2
    angle = math.radians(config["rotation"])

    def kept(x: Array, y: Array) -> NDArray[np.bool_]:
        right, down = x - size[0] / 2 * (1 + config["centerX"]), y - size[1] / 2 * (1 - config["centerY"])
        across = right * math.cos(angle) + down * math.sin(angle)
        low = down * math.cos(angle) - right * math.sin(angle)
        inside = {
            "rectangle": lambda: (abs(across) < width) & (abs(low) < height),
            "circle": lambda: (across / width) ** 2 + (low / height) ** 2 < 1,
            "line": lambda: low < 0,
            "mirror": lambda: abs(low) < height,
        }[kind]()
        return ~inside if config["invert"] else inside

    return kept


def inside(
    where: Place, output: tuple[int, int], kept: Kept | None = None, size: tuple[float, float] = (1, 1)
) -> Array:
    """(EACH·H, EACH·W): whether each place of the output lies in what is at `where`."""
    corner, right, down = (np.array(where(*at)) for at in ((0, 0), (1, 0), (0, 1)))
    x, y = np.meshgrid(*((np.arange(side * EACH) + 0.5) / EACH for side in output))
    u, v = np.tensordot(
        np.linalg.inv(np.column_stack((right - corner, down - corner))), np.stack((x - corner[0], y - corner[1])), 1
    )
    found = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
    return found if kept is None else found & kept(u * size[0], v * size[1])


def wanted(scene: Scene, draft: Draft, segments: list[Raw], at_us: float, output: tuple[int, int]) -> Array:
    """How much of each pixel shows the photo."""
    holder: Raw = draft.raw
    while holder["materials"].get("drafts"):
        [holder] = [item["draft"] for item in holder["materials"]["drafts"]]
    size = shown_size(holder["materials"]["videos"][0])
    kept = None if scene.mask is None else kept_by(scene.mask, size)
    if len(segments) == 1:
        found = inside(place_of(holder, segments[0], at_us, output), output, kept, size)
    else:
        inner, outer = scene.canvases
        whole = place(inner, move_at(segments[1], at_us), outer, output)
        shown = within(place_of(holder, segments[0], at_us, inner), inner, whole)
        found = inside(shown, output, kept, size) & inside(whole, output)
    return found.reshape(output[1], EACH, output[0], EACH).mean(axis=(1, 3))


@pytest.mark.parametrize(
    ("painter", "device"),
    [(Compositor, "cpu"), (GpuCompositor, "cpu"), pytest.param(GpuCompositor, "cuda", marks=pytest.mark.gpu)],
    ids=["one-by-one", "batch", "cuda"],
)
def test_every_pixel_shows_what_the_json_says(
    painter: type[Compositor], device: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    folder = tmp_path_factory.mktemp("photos")

    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(scenes())
    def check(scene: Scene) -> None:
        draft, segments = written(scene, folder)
        canvas = scene.canvases[-1]
        output = (round(canvas[0] * 48 / max(canvas)) * 2, round(canvas[1] * 48 / max(canvas)) * 2)
        for frame, shot in zip(FRAMES, draw(draft.raw, FRAMES, output, painter=painter, device=device), strict=True):
            shown = (shot.y - 16) / 219
            off = abs(shown - wanted(scene, draft, segments, frame * SECOND / 30, output))
            assert off.max() < (EDGE if len(segments) == 1 else NESTED_EDGE), (frame, np.argwhere(off == off.max()))
            assert off.mean() < 0.02

    check()
