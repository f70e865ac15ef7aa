"""A draft written by pyJianYingDraft, rendered without loss: every frame and click is where arithmetic puts it."""

from __future__ import annotations

import json
import shutil
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyJianYingDraft
import pytest
from numpy.typing import NDArray
from PIL import Image

from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from cutfarm.render.job import plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.report import Fidelity, Report
from tests.media.film import at_rate, number_in, numbered, write_film

CANVAS = (320, 180)
FPS = 30
RATE_HZ = 44_100
US = 1_000_000


@dataclass(frozen=True)
class Played:
    """A clip of the draft in plain numbers; times in seconds."""

    film: str
    film_fps: Fraction
    film_frames: int
    start: Fraction
    length: Fraction
    source: Fraction
    speed: Fraction

    def number_at(self, frame: int) -> int:
        """The number of the film's frame that lies nearest, the later of two, the first and the last one held."""
        media_s = self.source + (Fraction(frame, FPS) - self.start) * self.speed
        nearest = (media_s * self.film_fps + Fraction(1, 2)).__floor__()
        return min(max(nearest, 0), self.film_frames - 1)

    @property
    def first(self) -> int:
        return int(self.start * FPS)

    @property
    def end(self) -> int:
        return int((self.start + self.length) * FPS)


NTSC = Fraction(30000, 1001)
PLAIN = Played("plain", Fraction(30), 150, Fraction(0), Fraction(2), Fraction(2, 5), Fraction(1))
FAST = Played("fast", Fraction(25), 125, Fraction(2), Fraction(3, 2), Fraction(1), Fraction(2))
SLOW = Played("slow", NTSC, 90, Fraction(7, 2), Fraction(2), Fraction(1, 5), Fraction(1, 2))
CLIPS = (PLAIN, FAST, SLOW)
DISSOLVE_S = Fraction(1, 2)  # from PLAIN to FAST
PHOTO_START, PHOTO_LENGTH = Fraction(11, 2), Fraction(1)
MUSIC_START, MUSIC_SOURCE, MUSIC_LENGTH = Fraction(1, 2), Fraction(1, 4), Fraction(5)
MUSIC_CLICKS = (0.1, 0.3, 1.0, 2.75, 4.4, 5.24, 5.4)
FILM_CLICKS = (0.2, 0.55, 1.3, 2.0)
TOTAL_FRAMES = 195


def span(start: Fraction, length: Fraction) -> pyJianYingDraft.Timerange:
    return pyJianYingDraft.Timerange(round(start * US), round(length * US))


def write_music(path: Path) -> Path:
    samples = np.zeros((6 * RATE_HZ, 2), "<i2")
    for click_s in MUSIC_CLICKS:
        samples[round(click_s * RATE_HZ)] = 29_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft's folder: three films in a row, a dissolve after the first, a photo, music and a caption below."""
    media, drafts = tmp_path_factory.mktemp("media"), tmp_path_factory.mktemp("drafts")
    for played in CLIPS:
        sounds = {"sound_s": 4.0, "clicks_s": FILM_CLICKS} if played is PLAIN else {}
        write_film(
            media / f"{played.film}.mp4",
            at_rate(played.film_frames, played.film_fps),
            size_px=CANVAS,
            fps=played.film_fps,
            options={"g": "24", "bf": "2"},
            **sounds,  # type: ignore[arg-type]
        )
    Image.new("RGB", CANVAS, (0, 90, 200)).save(media / "photo.png")
    write_music(media / "music.wav")

    script = pyJianYingDraft.DraftFolder(str(drafts)).create_draft("film", *CANVAS, fps=FPS)
    for kind in (pyJianYingDraft.TrackType.video, pyJianYingDraft.TrackType.audio, pyJianYingDraft.TrackType.text):
        script.append_track(pyJianYingDraft.TrackSpec(kind))
    for played in CLIPS:
        segment = pyJianYingDraft.VideoSegment(
            str(media / f"{played.film}.mp4"),
            span(played.start, played.length),
            source_timerange=span(played.source, played.length * played.speed),
        )
        if played is PLAIN:
            segment.add_transition(pyJianYingDraft.TransitionType.叠化, duration=round(DISSOLVE_S * US))
        script.add_segment(segment)
    script.add_segment(pyJianYingDraft.VideoSegment(str(media / "photo.png"), span(PHOTO_START, PHOTO_LENGTH)))
    script.add_segment(
        pyJianYingDraft.AudioSegment(
            str(media / "music.wav"), span(MUSIC_START, MUSIC_LENGTH), source_timerange=span(MUSIC_SOURCE, MUSIC_LENGTH)
        )
    )
    below = pyJianYingDraft.ClipSettings(transform_y=-0.8)
    script.add_segment(pyJianYingDraft.TextSegment("剪映 caption", span(Fraction(1), Fraction(4)), clip_settings=below))
    script.save()
    return drafts / "film"


def render(draft: Path, path: Path, **options: object) -> Report:
    wanted = RenderOptions(**options)  # type: ignore[arg-type]
    with loaded(str(draft), LoadOptions()) as (timeline, assets):
        return render_job(plan_job(timeline, assets, wanted), wanted, path, chunks=3)


@pytest.fixture(scope="module")
def lossless(draft: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "film.mkv"
    report = render(draft, path, codec="ffv1")
    assert {entry.what for entry in report.below(Fidelity.EXACT)} <= {"font"}
    return path


@pytest.fixture(scope="module")
def lumas(lossless: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(lossless)) as file:
        return [planes_of(Picture(frame)).y.numpy().copy() for frame in file.decode(video=0)]


def window() -> range:
    """Frames of the dissolve: centred on the cut, halves up."""
    edges = (PLAIN.start + PLAIN.length - DISSOLVE_S / 2, PLAIN.start + PLAIN.length + DISSOLVE_S / 2)
    first, end = ((edge * FPS + Fraction(1, 2)).__floor__() for edge in edges)
    return range(first, end)


class TestPicture:
    def test_the_length_is_exact_to_the_frame(self, lumas: list[NDArray[np.uint8]]) -> None:
        assert len(lumas) == TOTAL_FRAMES

    @pytest.mark.parametrize("played", CLIPS, ids=lambda played: played.film)
    def test_every_frame_is_the_one_that_arithmetic_names(self, played: Played, lumas: list[NDArray[np.uint8]]) -> None:
        frames = [frame for frame in range(played.first, played.end) if frame not in window()]
        assert len(frames) >= 37
        shown = {frame: number_in(lumas[frame]) for frame in frames}
        assert shown == {frame: played.number_at(frame) for frame in frames}

    def test_first_and_last_frames(self, lumas: list[NDArray[np.uint8]]) -> None:
        """Written out by hand, so that no formula stands between the draft and the numbers."""
        assert number_in(lumas[0]) == 12
        assert number_in(lumas[52]) == 64
        assert number_in(lumas[68]) == 25 + 13  # 8/30 s at double speed are 13 ⅓ frames of 25 a second
        assert number_in(lumas[104]) == 25 + 73  # 44/30 s: 73 ⅓
        assert number_in(lumas[105]) == 6  # 0.2 s at 29.97 are 5.994
        assert number_in(lumas[164]) == 35  # 0.2 + 59/60 s: 35.46

    def test_both_clips_play_on_through_the_dissolve(self, lumas: list[NDArray[np.uint8]]) -> None:
        """Each cell of the number strips is the straight mix of the two frames named by arithmetic."""
        assert window() == range(53, 68)
        start_s = PLAIN.length - DISSOLVE_S / 2
        for frame in window():
            share = float((Fraction(frame, FPS) - start_s) / DISSOLVE_S)
            first = numbered(PLAIN.number_at(frame), *CANVAS).astype(float)
            second = numbered(FAST.number_at(frame), *CANVAS).astype(float)
            wanted = (1 - share) * first + share * second
            middles = np.s_[12:33:20, 16::32]
            assert lumas[frame][middles] == pytest.approx(wanted[middles], abs=4), frame
            assert lumas[frame][57:78:20, 16::32] == pytest.approx(wanted[57:78:20, 16::32], abs=4), frame

    def test_the_photo_fills_its_second(self, lumas: list[NDArray[np.uint8]]) -> None:
        blue = 16 + 219 * (0.7152 * 90 + 0.0722 * 200) / 255
        for frame in (int(PHOTO_START * FPS), TOTAL_FRAMES - 1):
            assert lumas[frame] == pytest.approx(blue, abs=1)

    def test_the_caption_stands_in_its_own_time(self, lumas: list[NDArray[np.uint8]]) -> None:
        inked = [(luma[100:] > 180).sum() > 50 for luma in lumas]
        assert inked == [30 <= frame < 150 for frame in range(TOTAL_FRAMES)]


def expected_clicks() -> list[float]:
    """Seconds on the timeline: the music's clicks, and those of the first film, whose sound stops at the hard cut."""
    music = [float(MUSIC_START) + click - float(MUSIC_SOURCE) for click in MUSIC_CLICKS]
    music = [at for at in music if float(MUSIC_START) <= at < float(MUSIC_START + MUSIC_LENGTH)]
    film = [click - float(PLAIN.source) for click in FILM_CLICKS]
    return sorted([*music, *(at for at in film if 0 <= at < float(PLAIN.length))])


def samples_of(path: Path) -> NDArray[np.float32]:
    """The file's sound as ffmpeg's own tools would play it: priming left out, mono."""
    with av.open(str(path)) as file:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
        parts: list[NDArray[np.float32]] = []
        for frame in file.decode(audio=0):
            if frame.pts is not None and frame.pts * frame.time_base < 0:
                continue
            parts += [each.to_ndarray()[0] for each in resampler.resample(frame)]
    return np.concatenate(parts)


def peaks(samples: NDArray[np.float32]) -> Iterator[float]:
    """Times in seconds of everything that is a click."""
    loud = np.nonzero(np.abs(samples) > 0.12)[0]
    for group in np.split(loud, np.nonzero(np.diff(loud) > RATE_HZ // 50)[0] + 1):
        yield group[np.argmax(np.abs(samples[group]))] / RATE_HZ


def ffprobe(path: Path) -> dict[str, float]:
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe to judge by")
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    streams = {stream["codec_type"]: float(stream["duration"]) for stream in said["streams"] if "duration" in stream}
    return {"format": float(said["format"]["duration"])} | streams


class TestSound:
    def test_clicks_without_loss(self, lossless: Path) -> None:
        assert list(peaks(samples_of(lossless))) == pytest.approx(expected_clicks(), abs=0.005)

    def test_clicks_and_lengths_of_a_delivered_file(self, draft: Path, tmp_path: Path) -> None:
        render(draft, tmp_path / "film.mp4")
        assert list(peaks(samples_of(tmp_path / "film.mp4"))) == pytest.approx(expected_clicks(), abs=0.005)
        said = ffprobe(tmp_path / "film.mp4")
        assert said["video"] == pytest.approx(TOTAL_FRAMES / FPS, abs=1e-6)
        assert said["audio"] == pytest.approx(TOTAL_FRAMES / FPS, abs=1e-4)
        assert said["format"] == pytest.approx(TOTAL_FRAMES / FPS, abs=1e-4)

    def test_the_lossless_file_is_as_long_as_its_frames(self, lossless: Path) -> None:
        assert len(samples_of(lossless)) == TOTAL_FRAMES * RATE_HZ // FPS
        assert ffprobe(lossless)["format"] == pytest.approx(TOTAL_FRAMES / FPS, abs=0.002)  # Matroska's clock
