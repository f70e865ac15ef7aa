"""A draft from wherever the user has it: a folder, a file, a zip or a draft_url, with its media found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.commands.burning import BurnIn, burnt_in
from cutfarm.errors import AssetMissing
from cutfarm.render.spec import Asset, Assets
from cutfarm.timeline.media import FontFile, find_media, media_uses
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import PictureMaterial, Timeline
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.source import open_draft

if TYPE_CHECKING:
    from cutfarm.storage.known import KnownFiles


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Where media may come from, and what is laid over the draft."""

    media_dirs: tuple[Path, ...] = ()  #: searched by file name after the draft's folder
    sandbox: bool = False  #: read nothing outside the draft's folder and `media_dirs`
    allow_private_network: bool = False  #: a draft_url may lead into a private network
    burn_in: BurnIn = field(default_factory=BurnIn)


@contextmanager
def loaded(draft: str, options: LoadOptions) -> Iterator[tuple[Timeline, Assets]]:
    """The timeline of `draft`, with subtitles over it, and its local files, there as long as the context lasts.

    Raises RequestError, DraftError, AssetError, FetchError.
    """
    if draft.startswith(("http://", "https://")):
        from cutfarm.commands.downloading import downloaded  # only a draft_url needs the network

        with downloaded(draft, allow_private_network=options.allow_private_network) as (timeline, files):
            yield burnt_in(timeline, assets_of(files), options.burn_in)
        return
    for folder in options.media_dirs:
        if not folder.is_dir():
            raise AssetMissing(f"the media folder {folder} is not there")
    with open_draft(Path(draft)) as source:
        timeline = read_timeline(source.draft)
        timeline = replace(timeline, report=source.report + timeline.report)
        files = find_media(timeline, source.folder, media_dirs=options.media_dirs, sandbox=options.sandbox)
        yield burnt_in(only_found(timeline, files), assets_of(files), options.burn_in)


def check_files(timeline: Timeline, assets: Assets, known: KnownFiles | None = None) -> None:
    """Raise AssetUnreadable, naming material and segment, for a file that cannot be played to its end.

    What `known` remembers to have passed is not opened again.
    """
    for path, use in media_uses(timeline).items():
        if isinstance(use.material, FontFile):
            continue
        file = Path(assets[path].path)
        check = "picture" if isinstance(use.material, PictureMaterial) else "sound"
        if known is not None and known.has_passed(file, check):
            continue
        from cutfarm.media.probe import check_media  # looking at a draft needs no codec

        check_media(use, file)
        if known is not None:
            known.passed(file, check)


def assets_of(files: dict[str, Path]) -> Assets:
    """Local files as assets; no store asks for their digests."""
    return {path: Asset(str(file)) for path, file in files.items()}
