"""The files that are open while a chunk is rendered: opened when the playhead reaches them, closed when it has left."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from cutfarm.errors import AssetMissing, AssetUnreadable, DraftError
from cutfarm.media.backwards import BackwardsVideo
from cutfarm.media.picture import Picture
from cutfarm.media.resample import Cut
from cutfarm.media.sniff import is_heic, is_image
from cutfarm.media.source import PictureSource
from cutfarm.media.video import VideoSource
from cutfarm.render.room import DecoderRoom, Photo
from cutfarm.render.spec import Assets
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.model import Canvas, ClipSegment, Compound, PictureSegment, Timeline
from cutfarm.timeline.report import Report

OpenVideo = Callable[[str, int], PictureSource]
OpenContent = Callable[[ClipSegment], PictureSource]  #: of what is no file

_IDLE_LIMIT = 2  # left open for the next clip of the same file


@dataclass(frozen=True, slots=True)
class Setting:
    """What a clip that shows no file is drawn for."""

    assets: Assets
    canvas: Canvas  #: that the clip lies on
    output_px: tuple[int, int]  #: width and height that this canvas is drawn at, even
    fps: Fraction  #: of the output
    threads: int
    room: DecoderRoom = field(default_factory=DecoderRoom)  #: of all films of the output
    is_backwards: bool = False  #: its frames are mostly asked for from the last one on


class ComposedSource(ABC):
    """A picture source that is itself made of layers: what is true of it changes from instant to instant."""

    @abstractmethod
    def is_opaque_at(self, time_us: Fraction) -> bool:
        """Whether nothing shows through the picture at `time_us`."""

    @abstractmethod
    def own_picture_at(self, time_us: Fraction) -> Picture | None:
        """The picture at `time_us` in the source's own size, if it is opaque and that size is no dearer; else None."""

    @abstractmethod
    def part_at(self, time_us: Fraction, cut: Cut) -> Picture | None:
        """A part of that picture, scaled, in a new frame; None where there is none. Raises RenderError."""

    @abstractmethod
    def clips_at(self, time_us: Fraction) -> tuple[Sequence[ClipLayer], Sources]:
        """The clips that are seen in the picture at `time_us`, and where their own sources are."""

    @property
    @abstractmethod
    def report(self) -> Report:
        """What was found while its pictures were drawn."""


class Sources:
    """Open picture sources, one for each segment that is shown; the next clip of a file takes over its decoder.

    `shows` holds the path of each segment's file: one that no later segment shows is closed at once, since a decoder at
    rest holds some ten pictures.
    """

    def __init__(
        self,
        assets: Assets,
        threads: int,
        shows: Mapping[str, str],
        open_content: OpenContent,
        open_video: OpenVideo = VideoSource,
        room: DecoderRoom | None = None,
    ) -> None:
        self._assets = assets
        self._open_content = open_content
        self._shows = dict(shows)
        self._open_video = open_video
        self._threads = threads
        self._room = room or DecoderRoom()
        self._open: dict[str, tuple[str | None, PictureSource]] = {}
        self._idle: dict[str, PictureSource] = {}
        self._report = Report()  # of what is closed

    @property
    def assets(self) -> Assets:
        """The files that there are."""
        return self._assets

    @property
    def report(self) -> Report:
        """What was found while the pictures of composed sources were drawn."""
        opened = (source.report for _, source in self._open.values() if isinstance(source, ComposedSource))
        return sum(opened, self._report)

    def of(self, segment: ClipSegment) -> PictureSource:
        """The source that `segment` shows.

        Raises AssetMissing or AssetUnreadable, naming material and segment, and DraftError where too many films are
        shown at once.
        """
        held = self._open.get(segment.id)
        if held is not None:
            return held[1]
        # What is read backwards keeps many frames, and nobody plays on from there.
        path = segment.material.path if isinstance(segment, PictureSegment) and not segment.is_reversed else None
        source = self._idle.pop(path, None) if path is not None else None
        source = source or self._opened(segment)
        self._shows.pop(segment.id, None)
        self._open[segment.id] = (path, source)
        return source

    def keep(self, segment_ids: Collection[str]) -> None:
        """Put away what the segments `segment_ids` do not need."""
        for segment_id in [held for held in self._open if held not in segment_ids]:
            path, source = self._open.pop(segment_id)
            if isinstance(source, ComposedSource):
                self._report += source.report
            is_wanted = path not in self._idle and path in self._shows.values()
            if path is None or not is_wanted or isinstance(source, BackwardsVideo):
                self._shut(source)
            else:
                self._idle[path] = source
        while len(self._idle) > _IDLE_LIMIT:
            self._shut(self._idle.pop(next(iter(self._idle))))

    def close(self) -> None:
        """Close everything."""
        self.keep(())
        for source in self._idle.values():
            self._shut(source)
        self._idle.clear()

    def _opened(self, segment: ClipSegment) -> PictureSource:
        if not isinstance(segment, PictureSegment):
            return self._open_content(segment)
        threads = self._room.threads(self._threads)
        with naming(segment):
            path = self._path(segment)
            source = open_picture(path, threads, self._open_video, is_backwards=segment.is_reversed)
        if isinstance(source, Photo):
            self._room.hold(source)
            return source
        try:
            self._room.take(segment, source, threads)
        except DraftError:
            source.close()
            raise
        return source

    def _shut(self, source: PictureSource) -> None:
        source.close()
        self._room.give(source)

    def _path(self, segment: PictureSegment) -> str:
        asset = self._assets.get(segment.material.path)
        if asset is None:
            raise AssetMissing("its file was not supplied")
        return asset.path


def shown_files(timeline: Timeline) -> dict[str, str]:
    """The file's path, as the draft says it, of every segment that may show a picture."""
    segments = (segment for track in timeline.tracks for segment in track.segments)
    return {segment.id: segment.material.path for segment in segments if isinstance(segment, PictureSegment)}


def is_opaque_at(source: PictureSource, time_us: Fraction) -> bool:
    """Whether nothing shows through the picture of `source` at `time_us`."""
    return source.is_opaque_at(time_us) if isinstance(source, ComposedSource) else source.is_opaque


def open_picture(
    path: str, threads: int = 1, open_video: OpenVideo = VideoSource, *, is_backwards: bool = False
) -> PictureSource:
    """Open a local file by its content: an image of a known format, else a video.

    Of what `is_backwards` each time asked for is the end of what is shown.
    Raises AssetMissing, AssetTooLarge and AssetUnreadable.
    """
    if not is_image(path):
        if is_heic(path):
            raise AssetUnreadable(f"{Path(path).name} is a HEIC photo, which is not read: save it as JPEG, PNG or AVIF")
        film = BackwardsVideo(path, threads) if is_backwards else open_video(path, threads)
        return film if film.is_opaque else _with_transparency(film, path, threads, is_backwards=is_backwards)
    from cutfarm.media.still import ImageSource  # brings tensors, which a plain cut does without

    return ImageSource(path, is_backwards=is_backwards)


def _with_transparency(film: PictureSource, path: str, threads: int, *, is_backwards: bool) -> PictureSource:
    """What shows the transparency of `path` too, in place of `film`."""
    film.close()
    from cutfarm.media.transparent import TransparentVideo  # brings tensors

    return TransparentVideo(path, threads, is_backwards=is_backwards)


@contextmanager
def naming(segment: ClipSegment) -> Iterator[None]:
    """A fault of a file says which material and segment it belongs to, and in which compound clip these are."""
    try:
        yield
    except (AssetMissing, AssetUnreadable) as error:
        what = "compound clip" if isinstance(segment.material, Compound) else "material"
        raise type(error)(f"{what} {segment.name!r} of segment {segment.id}: {error}") from error
