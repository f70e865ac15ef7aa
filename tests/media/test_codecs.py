"""What sound may be asked for, and in which words the rest is refused."""

from __future__ import annotations

import pytest

from cutfarm.errors import RequestError
from cutfarm.media.codecs import (
    SOUND_CODECS,
    SOUND_CONTAINERS,
    SoundCodec,
    SoundFormat,
    own_sound_container,
    parse_sound_codec,
    sound_format,
)


@pytest.mark.parametrize(
    ("suffix", "wanted"),
    [
        (".m4a", SoundFormat("aac", 44_100, 192_000, ".m4a")),
        (".mka", SoundFormat("flac", 44_100, 0, ".mka")),
        (".mp3", SoundFormat("mp3", 44_100, 192_000, ".mp3")),
        (".wav", SoundFormat("pcm", 44_100, 0, ".wav")),
        (".flac", SoundFormat("flac", 44_100, 0, ".flac")),
        (".ogg", SoundFormat("opus", 48_000, 160_000, ".ogg")),
        (".opus", SoundFormat("opus", 48_000, 160_000, ".opus")),
    ],
)
def test_the_ending_decides_what_is_not_asked_for(suffix: str, wanted: SoundFormat) -> None:
    assert sound_format(suffix) == wanted


@pytest.mark.parametrize("codec", SOUND_CODECS)
def test_every_codec_has_a_container_of_its_own(codec: SoundCodec) -> None:
    assert parse_sound_codec(codec) == codec
    assert sound_format(own_sound_container(codec), codec).codec == codec
    assert sound_format(own_sound_container(codec)).codec == codec
    assert own_sound_container(None) == ".m4a"


@pytest.mark.parametrize(
    ("codec", "least", "most"), [("aac", 128, 320), ("opus", 64, 256), ("mp3", 128, 320)], ids=lambda value: str(value)
)
def test_bit_rates_have_limits(codec: SoundCodec, least: int, most: int) -> None:
    suffix = own_sound_container(codec)
    assert [sound_format(suffix, kbps=kbps).bit_rate for kbps in (least, most)] == [least * 1000, most * 1000]
    for kbps in (least - 1, most + 1, 0, -192):
        with pytest.raises(RequestError, match=f"{codec} takes {least} to {most} kb/s, not {kbps}$"):
            sound_format(suffix, kbps=kbps)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ((".avi",), r"sound is written to \.m4a, .*, not to \.avi"),
        (("",), "not to no ending"),
        ((".mp3", "aac"), r"\.mp3 holds mp3, not aac"),
        ((".m4a", "pcm"), "mp4 holds aac or opus or mp3 or flac, not pcm"),
        ((".mka", "pcm"), "Matroska holds flac or aac or opus or mp3, not pcm"),
        ((".ogg", None, 44_100), "opus is written at 48000 Hz, not at 44100"),
        ((".m4a", None, 96_000), "aac is written at 44100 or 48000 Hz, not at 96000"),
        ((".wav", None, 0), "pcm is written at 44100 or 48000 Hz, not at 0"),
        ((".flac", None, None, 192), "flac is lossless and has no bit rate"),
        ((".mp3", None, None, 200), "mp3 takes 128, 160, 192, 224, 256, 320 kb/s, not 200"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(wish: tuple[str], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sound_format(*wish)


def test_an_unknown_codec_is_named() -> None:
    with pytest.raises(RequestError, match="audio codec 'vorbis' is not one of aac, opus, mp3, flac, pcm"):
        parse_sound_codec("vorbis")


def test_all_that_a_container_holds_can_be_asked_for() -> None:
    for suffix, codecs in SOUND_CONTAINERS.items():
        assert [sound_format(suffix, codec).suffix for codec in codecs] == [suffix] * len(codecs)
