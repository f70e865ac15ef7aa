"""Frames drawn in batches against frames drawn one by one, on a CPU by the kernels' references."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from cutfarm.errors import RenderError
from cutfarm.media.nvenc import has_nvenc
from cutfarm.media.picture import Picture
from cutfarm.render.frame import Compositor, open_compositor
from cutfarm.render.gpu import GpuCompositor, encoded_where_it_is_drawn
from cutfarm.render.segment import render_chunk
from cutfarm.render.spec import ChunkSpec
from cutfarm.timeline.model import (
    BlurBackground,
    ColourBackground,
    Curve,
    Fill,
    ImageBackground,
    Keyframe,
    Segment,
    Shape,
    Timeline,
    Transform,
)
from tests.media.film import at_rate, write_film
from tests.media.tensors import digest, tensors
from tests.render.scene import (
    BLUE,
    RED,
    SECOND,
    WHITE,
    assets,
    caption,
    clip,
    generated,
    numbers_in,
    output,
    quarters,
    solid,
    timeline,
)

CANVAS = (320, 180)
LEVELS = 2  # swscale's rounding and ours, and one more where a layer is blended
NUMBERS = (0, 7, 15, 24)


def smooth(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Soft shapes that move by whole numbers of codes."""
    coarse = rng.uniform(40, 220, (height // 12 + 1, width // 12 + 1)).astype(np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def write_colours(path: Path, size_px: tuple[int, int], frames: int = 60) -> Path:
    """A film of soft colours, tagged BT.709."""
    rng = np.random.default_rng(4)
    width, height = size_px
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "1", "preset": "ultrafast", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        shapes = [smooth(rng, height // half, width // half) for half in (1, 2, 2)]
        for number in range(frames):
            frame = av.VideoFrame(width, height, "yuv420p")
            frame.colorspace, frame.color_range = 1, 1
            for plane, shape in zip(frame.planes, shapes, strict=True):
                rows = np.zeros((shape.shape[0], plane.line_size), np.uint8)
                rows[:, : shape.shape[1]] = np.roll(shape, 3 * number, axis=1)
                plane.update(rows.tobytes())
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_colours(tmp_path_factory.mktemp("film") / "film.mp4", (320, 180))


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with a soft edge."""
    across, down = np.meshgrid(np.linspace(-1, 1, 81), np.linspace(-1, 1, 60))
    rgba = np.zeros((60, 81, 4), np.uint8)
    rgba[..., 0], rgba[..., 1] = 200, (across * 60 + 120).astype(np.uint8)
    rgba[..., 3] = np.clip((1.1 - np.hypot(across, down)) * 400, 0, 255)
    path = tmp_path_factory.mktemp("disc") / "disc.png"
    Image.fromarray(rgba).save(path)
    return path


def curve(name: str, first: float, last: float) -> Curve:
    return Curve(name, (Keyframe(0, first), Keyframe(2 * SECOND, last)))


Tracks = list[list[Segment]]


@dataclass(frozen=True, slots=True)
class Files:
    film: Path
    disc: Path
    folder: Path  #: for photos


Scene = Callable[[Files], Tracks]

MOVES = {
    "as it is": Transform(),
    "half as large": Transform(scale_x=0.5, scale_y=0.5, shift_x=0.2),
    "between pixels": Transform(scale_x=0.4, scale_y=0.4, shift_x=0.313, shift_y=-0.171),
    "filling and cut": Transform(scale_x=1.9, scale_y=1.9, shift_x=0.1),
    "partly outside": Transform(scale_x=0.7, scale_y=0.7, shift_x=0.8, shift_y=0.7),
    "turned": Transform(scale_x=0.6, scale_y=0.6, rotation_deg=33, shift_x=0.1),
    "a quarter": Transform(scale_x=0.5, scale_y=0.5, rotation_deg=90, shift_x=-0.3),
    "mirrored": Transform(scale_x=0.5, scale_y=0.5, flip_x=True),
    "stretched and mirrored": Transform(scale_x=0.9, scale_y=0.3, rotation_deg=20, flip_y=True),
}


def over_film(film: Path, *above: Segment) -> Tracks:
    return [[clip(film, 0, 2)], *([segment] for segment in above)]


GRADIENT = Fill("g", 160, 90, ((1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 0.2)), (0.1, 0.9), 30.0)
STAR = Shape("s", ((-90.0, -60.0), (120.0, 0.0), (-60.0, 90.0)), (1.0, 0.9, 0.1, 1.0), (0.0, 0.0, 1.0, 0.6), 16.0, 30.0)

SCENES: dict[str, Scene] = {
    **{
        f"film {name}": lambda files, move=move: over_film(
            files.film, clip(files.film, 0, 2, source_s=0.5, transform=replace(move, alpha=0.8), id="above")
        )
        for name, move in MOVES.items()
    },
    "film alone": lambda files: [[clip(files.film, 0, 2)]],
    "film smaller on black": lambda files: [[clip(files.film, 0, 2, transform=Transform(scale_x=0.5, scale_y=0.5))]],
    "film between pixels": lambda files: over_film(
        files.film, clip(files.film, 0, 2, source_s=0.4, transform=MOVES["between pixels"], id="above")
    ),
    "film that fades": lambda files: over_film(
        files.film, clip(files.film, 0, 2, source_s=0.4, curves=(curve("KFTypeAlpha", 0, 1),), id="above")
    ),
    "film that grows": lambda files: over_film(
        files.film,
        clip(files.film, 0, 2, curves=(curve("KFTypeScaleX", 0.1, 1.2), curve("KFTypeScaleY", 0.1, 1.2)), id="above"),
    ),
    "sticker": lambda files: over_film(
        files.film, clip(files.disc, 0, 2, kind="photo", transform=Transform(scale_x=0.6, scale_y=0.6, shift_x=-0.4))
    ),
    "sticker that wanders": lambda files: over_film(
        files.film,
        clip(
            files.disc,
            0,
            2,
            kind="photo",
            transform=Transform(scale_x=0.4, scale_y=0.4, rotation_deg=12, alpha=0.7),
            curves=(curve("KFTypePositionX", -0.6, 0.6),),
        ),
    ),
    "photo": lambda files: over_film(
        files.film, clip(quarters(files.folder / "q.png"), 0, 2, kind="photo", transform=MOVES["turned"])
    ),
    "upright photo": lambda files: [
        [clip(quarters(files.folder / "u.png", (320, 180)), 0, 2, kind="photo")],
        [clip(files.disc, 0, 2, kind="photo", transform=MOVES["half as large"])],
    ],
    "words": lambda files: over_film(files.film, caption("Hgß", 0, 2)),
    "words that turn": lambda files: over_film(
        files.film, caption("Hgß", 0, 2, curves=(curve("KFTypeRotation", 0, 90), curve("KFTypeAlpha", 1, 0.3)))
    ),
    "dissolve": lambda files: [
        [clip(files.film, 0, 1, dissolve_s=1), clip(files.film, 1, 1, source_s=0.3)],
        [caption("words", 0, 2)],
    ],
    "dissolve of other shapes": lambda files: [
        [clip(files.film, 0, 2)],
        [
            clip(files.film, 0, 1, source_s=0.5, dissolve_s=1, transform=MOVES["turned"], id="one"),
            clip(files.disc, 1, 1, kind="photo", transform=MOVES["half as large"], id="other"),
        ],
    ],
    "dissolve into nothing": lambda files: [
        [clip(files.film, 0, 2)],
        [
            clip(
                solid(files.folder / "r.png", RED), 0, 1, kind="photo", dissolve_s=1, transform=MOVES["half as large"]
            ),
            clip(files.film, 1, 1, transform=Transform(alpha=0.0), id="clear"),
        ],
    ],
    "gradient and shape": lambda files: over_film(
        files.film,
        generated(GRADIENT, 0, 2, transform=MOVES["turned"]),
        generated(STAR, 0, 2, transform=Transform(shift_x=-0.4), curves=(curve("KFTypeRotation", 0, 90),)),
    ),
    "colour behind": lambda files: [
        [clip(files.film, 0, 2, transform=MOVES["turned"], background=ColourBackground(0.2, 0.9, 0.4))]
    ],
    "film behind itself": lambda files: [
        [clip(files.film, 0, 2, transform=MOVES["half as large"], background=BlurBackground(0.0625))]
    ],
    "dissolve of backgrounds": lambda files: [
        [
            clip(files.disc, 0, 1, kind="photo", dissolve_s=1, id="one", background=BlurBackground(0.75)),
            clip(
                files.film,
                1,
                1,
                transform=MOVES["mirrored"],
                id="other",
                background=ImageBackground(str(quarters(files.folder / "wall.png", (90, 90)))),
            ),
        ],
    ],
    "background of nothing": lambda files: [
        [
            clip(files.film, 0, 1, dissolve_s=1, transform=Transform(alpha=0.0), background=ColourBackground(1, 0, 0)),
            clip(files.film, 1, 1, transform=MOVES["mirrored"]),
        ],
    ],
    "nothing": lambda files: [[clip(files.film, 1.5, 0.5)]],
}


def differences(whole: Timeline, device: str) -> torch.Tensor:
    """Levels between what both compositors make of a few frames."""
    chosen = output(*CANVAS)
    apart = []
    with (
        Compositor(whole, assets(whole), chosen) as one,
        GpuCompositor(whole, assets(whole), chosen, device=device) as other,
    ):
        for number, drawn in zip(NUMBERS, other.frames(NUMBERS), strict=True):
            for wanted, plane in zip(tensors(one.frame(number)), drawn, strict=True):
                apart.append((wanted.int() - plane.cpu().int()).abs().flatten())
    return torch.cat(apart)


@pytest.fixture
def cuda() -> str:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    return "cuda"


@pytest.fixture
def files(film: Path, disc: Path, tmp_path: Path) -> Files:
    return Files(film, disc, tmp_path)


class TestPictures:
    @pytest.mark.parametrize("name", SCENES)
    def test_they_are_those_of_the_cpu(self, name: str, files: Files) -> None:
        apart = differences(timeline(*SCENES[name](files), canvas_px=CANVAS), "cpu")
        assert apart.max() <= LEVELS
        assert (apart > 1).float().mean() < 0.001

    @pytest.mark.gpu
    @pytest.mark.parametrize("name", SCENES)
    def test_a_gpu_sees_what_a_cpu_sees(self, name: str, files: Files, cuda: str) -> None:
        apart = differences(timeline(*SCENES[name](files), canvas_px=CANVAS), cuda)
        assert apart.max() <= LEVELS
        assert (apart > 1).float().mean() < 0.001


@pytest.fixture
def scene(film: Path, disc: Path, tmp_path: Path) -> Timeline:
    """All kinds of layers, not all of them all the time."""
    inset = Transform(scale_x=0.4, scale_y=0.4, rotation_deg=10, alpha=0.9)
    photo = clip(solid(tmp_path / "b.png", BLUE), 0.7, 0.5, kind="photo", transform=MOVES["half as large"])
    return timeline(
        [clip(film, 0, 1, source_s=0.2, dissolve_s=0.5), clip(film, 1, 1, source_s=0.1)],
        [clip(film, 0.1, 1.7, rate=Fraction(3, 2), transform=inset, id="inset")],
        [photo],
        [clip(disc, 0.3, 1.2, kind="photo", curves=(curve("KFTypePositionX", -0.6, 0.6),))],
        [caption("words", 0.5, 1.0)],
        canvas_px=CANVAS,
    )


def digests(whole: Timeline, runs: list[list[int]], device: str) -> dict[int, str]:
    with GpuCompositor(whole, assets(whole), output(*CANVAS), device=device) as compositor:
        return {
            number: digest(picture) for run in runs for number, picture in zip(run, compositor.frames(run), strict=True)
        }


class TestBatches:
    def test_any_cutting_gives_the_same_frames(self, scene: Timeline) -> None:
        numbers = list(range(0, 60, 2))
        at_once = digests(scene, [numbers], "cpu")
        assert digests(scene, [[number] for number in numbers], "cpu") == at_once
        random.Random(3).shuffle(numbers)
        assert digests(scene, [numbers[first : first + 7] for first in range(0, 30, 7)], "cpu") == at_once

    @pytest.mark.gpu
    def test_also_on_a_gpu(self, scene: Timeline, cuda: str) -> None:
        numbers = list(range(0, 60, 2))
        at_once = digests(scene, [numbers], cuda)
        assert digests(scene, [[number] for number in numbers], cuda) == at_once

    def test_faults_are_found_in_each_frame(self, tmp_path: Path) -> None:
        short = write_film(tmp_path / "short.mp4", at_rate(30))
        whole = timeline([clip(short, 0, 3)], canvas_px=(160, 96))
        with GpuCompositor(whole, assets(whole), output(160, 96), device="cpu") as compositor:
            for first in range(0, 90, 8):
                compositor.frames(range(first, min(first + 8, 90)))
            mine = compositor.report
        with Compositor(whole, assets(whole), output(160, 96)) as compositor:
            for number in range(90):
                compositor.frame(number)
            assert mine == compositor.report
        assert mine.entries

    def test_pictures_come_as_the_encoder_takes_them(self, scene: Timeline) -> None:
        chosen = output(*CANVAS)
        with GpuCompositor(scene, assets(scene), chosen, device="cpu") as compositor:
            shown = [item.picture() for item in compositor.pictures(range(20, 31)) if not isinstance(item, Picture)]
        drawn = digests(scene, [list(range(20, 31))], "cpu")
        assert [picture.digest() for picture in shown] == list(drawn.values())


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(60), size_px=CANVAS, options={"g": "12"})


class TestChunks:
    @pytest.mark.gpu
    @pytest.mark.parametrize("codec", ["ffv1", "h264", "h265"])
    def test_its_frames_and_no_others(self, codec: str, numbered: Path, tmp_path: Path, cuda: str) -> None:
        whole = timeline([clip(numbered, 0, 2)], [caption("words", 0, 2, size=5.0)], canvas_px=CANVAS)
        spec = ChunkSpec(whole, assets(whole), output(*CANVAS, codec=codec), 13, 47)  # type: ignore[arg-type]
        assert render_chunk(spec, tmp_path / "chunk.mkv", device=cuda).frame_count == 34
        assert numbers_in(tmp_path / "chunk.mkv") == list(range(13, 47))

    @pytest.mark.gpu
    @pytest.mark.parametrize("codec", ["h264", "h265"])
    def test_nvenc_where_the_card_has_it(self, codec: str, numbered: Path, tmp_path: Path, cuda: str) -> None:
        if not has_nvenc(codec):  # type: ignore[arg-type]
            pytest.skip("this GPU has no NVENC")
        whole = timeline([clip(numbered, 0, 2)], [caption("words", 0, 2, size=5.0)], canvas_px=CANVAS)
        chosen = encoded_where_it_is_drawn(output(*CANVAS, codec=codec))  # type: ignore[arg-type]
        assert chosen.on_nvenc
        render_chunk(ChunkSpec(whole, assets(whole), chosen, 0, 60), tmp_path / "chunk.mp4", device=cuda)
        assert numbers_in(tmp_path / "chunk.mp4") == list(range(60))

    def test_without_a_driver(self, numbered: Path, tmp_path: Path) -> None:
        if torch.cuda.is_available():
            pytest.skip("there is a GPU here")
        whole = timeline([clip(numbered, 0, 2)], canvas_px=CANVAS)
        spec = ChunkSpec(whole, assets(whole), output(*CANVAS), 0, 10)
        with pytest.raises(RenderError, match="device cuda was asked for, but torch finds no GPU here"):
            render_chunk(spec, tmp_path / "chunk.mkv", device="cuda")
        assert list(tmp_path.iterdir()) == []

    def test_a_cpu_draws_one_by_one(self, numbered: Path) -> None:
        whole = timeline([clip(numbered, 0, 2)], canvas_px=CANVAS)
        with open_compositor(whole, assets(whole), output(*CANVAS)) as compositor:
            assert type(compositor) is Compositor


def test_white_stays_white(tmp_path: Path) -> None:
    whole = timeline([clip(solid(tmp_path / "w.png", WHITE, CANVAS), 0, 1, kind="photo")], canvas_px=CANVAS)
    with GpuCompositor(whole, assets(whole), output(*CANVAS), device="cpu") as compositor:
        shown = compositor.frame(3)
    assert [plane.unique().tolist() for plane in shown] == [[235], [128], [128]]
