"""`cutfarm frame`: one picture of a draft."""

from __future__ import annotations

from pathlib import Path

from cutfarm.commands.loading import LoadOptions, check_files, loaded
from cutfarm.commands.terminal import say
from cutfarm.errors import RequestError
from cutfarm.render.devices import chosen_device
from cutfarm.render.options import RenderOptions
from cutfarm.render.still import render_frame
from cutfarm.timeline.time import US_PER_SECOND


def run(draft: str, at_s: float, out: Path, load: LoadOptions, options: RenderOptions, device: str) -> None:
    """Write the frame shown at `at_s` seconds to the PNG file `out`."""
    if out.suffix.lower() != ".png":
        raise RequestError(f"the picture is a PNG: {out.name} must end in .png")
    if not out.parent.is_dir():
        raise RequestError(f"the folder {out.parent} is not there")
    with loaded(draft, load) as (timeline, assets):
        length_s = timeline.duration_us / US_PER_SECOND
        if not 0.0 <= at_s <= length_s:
            raise RequestError(f"there is no frame at {at_s:g} s: the draft lasts from 0 to {length_s:g} s")
        check_files(timeline, assets)
        picture = render_frame(timeline, assets, options.output(timeline), at_s, device=chosen_device(device))
    part = out.with_name(f".{out.name}.part")
    try:
        picture.save(part, format="png")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    say(f"{out}: {picture.width} × {picture.height}")
