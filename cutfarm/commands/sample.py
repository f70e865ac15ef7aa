"""The sample of `cutfarm demo`: media drawn here, and a draft written as thousands of people write theirs."""

from __future__ import annotations

from pathlib import Path

import pyJianYingDraft
from pyJianYingDraft import SEC, KeyframeProperty, TextIntro, TextOutro, TrackSpec, TrackType, trange

from cutfarm.commands.sample_media import SCENES, write_clip, write_music, write_photo

_WIDTH_PX, _HEIGHT_PX, _FPS = 1280, 720, 30
_CAPTIONS = (
    (0.5, "Rendered without a window", 9.0, TextIntro.打字机_I),
    (4.5, "on Linux · 无需剪映，直接出片", 9.0, TextIntro.弹入),
    (9.0, "cutfarm", 16.0, TextIntro.波浪弹入),
)


def write_sample_draft(folder: Path) -> Path:
    """A draft folder of 13 s: clips, a dissolve, a zoomed photo, a picture in the picture, captions that move, music.

    Returns the folder, which is made.
    """
    media = folder / "assets"
    media.mkdir(parents=True)
    clips = {name: write_clip(media / f"{name}.mp4", scene, seconds=5) for name, scene in SCENES.items()}
    photo = write_photo(media / "valley.png")
    music = write_music(media / "music.m4a", seconds=13)

    script = pyJianYingDraft.ScriptFile(_WIDTH_PX, _HEIGHT_PX, _FPS, maintrack_adsorb=False)
    main, inset, sound, captions = script.append_tracks(
        (
            TrackSpec(TrackType.video, "main"),
            TrackSpec(TrackType.video, "inset"),
            TrackSpec(TrackType.audio, "music"),
            TrackSpec(TrackType.text, "captions"),
        )
    )
    for segment in _main_clips(clips, photo):
        script.add_segment(segment, main)
    script.add_segment(_inset(clips["lanterns"]), inset)
    song = pyJianYingDraft.AudioSegment(str(music), trange("0s", "13s"), volume=0.7)
    song.add_fade("1s", "2s")
    script.add_segment(song, sound)
    for start_s, text, size, intro in _CAPTIONS:
        script.add_segment(_caption(text, start_s, size, intro), captions)
    script.dump(str(folder / "draft_content.json"))
    return folder


def _main_clips(clips: dict[str, Path], photo: Path) -> tuple[pyJianYingDraft.VideoSegment, ...]:
    dawn = pyJianYingDraft.VideoSegment(str(clips["dawn"]), trange("0s", "4s"), volume=0.6)
    dawn.add_transition(pyJianYingDraft.TransitionType.叠化, duration="1s")
    waves = pyJianYingDraft.VideoSegment(str(clips["waves"]), trange("4s", "4s"), volume=0.6)
    still = pyJianYingDraft.VideoSegment(str(photo), trange("8s", "5s"))
    still.add_keyframe(KeyframeProperty.uniform_scale, 0, 1.0)
    still.add_keyframe(KeyframeProperty.uniform_scale, 5 * SEC, 1.25)
    return dawn, waves, still


def _inset(clip: Path) -> pyJianYingDraft.VideoSegment:
    place = pyJianYingDraft.ClipSettings(scale_x=0.3, scale_y=0.3, rotation=-6, transform_x=0.6, transform_y=0.55)
    inset = pyJianYingDraft.VideoSegment(str(clip), trange("5s", "4s"), speed=1.2, volume=0.0, clip_settings=place)
    inset.add_keyframe(KeyframeProperty.alpha, 0, 0.0)
    inset.add_keyframe(KeyframeProperty.alpha, SEC // 2, 1.0)
    return inset


def _caption(text: str, start_s: float, size: float, intro: TextIntro) -> pyJianYingDraft.TextSegment:
    caption = pyJianYingDraft.TextSegment(
        text,
        trange(int(start_s * SEC), 3 * SEC),
        style=pyJianYingDraft.TextStyle(size=size, bold=True, align=1),
        border=pyJianYingDraft.TextBorder(color=(0.05, 0.08, 0.15), width=40.0),
        shadow=pyJianYingDraft.TextShadow(alpha=0.7, distance=6.0, diffuse=30.0),
        clip_settings=pyJianYingDraft.ClipSettings(transform_y=-0.72),
    )
    caption.add_animation(intro, duration=SEC)
    caption.add_animation(TextOutro.渐隐, duration=SEC // 3)
    return caption
