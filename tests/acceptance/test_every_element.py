"""A draft with an element of every kind: all of it is read and drawn, the same however the job is cut."""

from __future__ import annotations

import pytest

from benchmarks.every_element import every_element, write_folder
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.render.frame import Compositor
from cutfarm.render.job import Job, plan_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import ChunkSpec
from cutfarm.timeline.model import ClipSegment, Compound, Fill, PictureSegment, Shape, TextSegment, Timeline
from cutfarm.timeline.nesting import all_segments
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.text import Gradient, Texture
from cutfarm.timeline.writer import write_draft
from tests.media.tensors import digest

#: What this draft asks for and nobody draws yet.
NOT_YET = {"in animation"}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder = write_folder(tmp_path_factory.mktemp("every"))
    with loaded(str(folder), LoadOptions(sandbox=True)) as (timeline, assets):
        return plan_job(timeline, assets, RenderOptions(codec="ffv1", height_px=90))


def digests(specs: tuple[ChunkSpec, ...]) -> list[str]:
    found = []
    for spec in specs:
        with Compositor(spec.timeline, spec.assets, spec.output) as compositor:
            found += [digest(compositor.frame(number)) for number in range(spec.first_frame, spec.end_frame)]
    return found


def test_nothing_of_it_is_left_out(job: Job) -> None:
    segments = list(all_segments(job.timeline))
    clips = [segment for segment in segments if isinstance(segment, ClipSegment)]
    assert {type(clip.material) for clip in clips} == {Fill, Shape, Compound, type(_file(job.timeline))}
    assert len({clip.mask.shape for clip in clips if clip.mask}) == 7
    assert len({clip.blend.mode for clip in clips if clip.blend}) == 10
    assert len({type(clip.background) for clip in clips if clip.background}) == 3
    assert any(clip.chroma_key for clip in clips)
    assert any(clip.speed_points for clip in clips)
    assert any(clip.is_reversed for clip in clips)
    captions = [segment for segment in segments if isinstance(segment, TextSegment)]
    assert len(captions) == 9
    assert {animation.kind for caption in captions for animation in caption.animations} == {"in", "out", "loop"}
    styles = [style for caption in captions for style in caption.text.styles]
    assert {type(style.fill) for style in styles} == {Gradient, Texture, type(None)}
    assert any(style.shadows and len(style.strokes) == 2 for style in styles)
    assert {box.behind for caption in captions for box in caption.text.backgrounds} == {"block", "line", "glyph"}
    assert any(caption.text.is_vertical for caption in captions)
    lost = {entry.what for entry in job.timeline.report if entry.fidelity is Fidelity.UNSUPPORTED}
    assert lost == NOT_YET


def test_it_can_be_written_back(job: Job) -> None:
    assert write_draft(job.timeline) == every_element()


def test_frames_do_not_depend_on_the_cutting(job: Job) -> None:
    whole = digests(job.chunks(1))
    assert len(set(whole)) > 250
    for count in (3, 7):
        assert digests(job.chunks(count)) == whole, count


def _file(timeline: Timeline) -> object:
    return next(segment.material for segment in all_segments(timeline) if isinstance(segment, PictureSegment))
