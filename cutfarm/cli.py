"""The command `cutfarm`: options and help. What a command does stands in `cutfarm.commands`, imported when it runs."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cutfarm.errors import CutfarmError, RequestError, UserError
from cutfarm.timeline.time import parse_frame_rate

if TYPE_CHECKING:
    from cutfarm.commands.inspect import WaveformOptions
    from cutfarm.commands.loading import LoadOptions

_INTERRUPTED = 130  # the shell's exit code for a Ctrl-C

app = typer.Typer(
    help="Renders CapCut / JianYing drafts to video: headless, in parallel, on CPUs or GPUs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

fonts = typer.Typer(help="Add fonts that captions are drawn with, list them, remove them.", no_args_is_help=True)
app.add_typer(fonts, name="fonts")

Draft = Annotated[str, typer.Argument(help="A draft folder, its timeline .json, a .zip of the folder, or a draft_url.")]
MediaDirs = Annotated[
    list[Path] | None, typer.Option("--media", help="Where media that moved are looked for by file name.")
]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="Read no file outside the draft's folder and --media.")]
Private = Annotated[
    bool, typer.Option("--allow-private-network", help="Let URLs lead to private and loopback addresses.")
]
SubtitleFiles = Annotated[
    list[Path] | None,
    typer.Option("--subtitles", metavar="FILE", help="Draw a .srt, .vtt or .ass over the draft; may be repeated."),
]
SubtitleSize = Annotated[float | None, typer.Option(help="Size of .srt and .vtt, in the draft's unit. Default: 5.")]
SubtitleFont = Annotated[str | None, typer.Option(help="Font of .srt and .vtt: a family or a file.")]
SubtitleColour = Annotated[str | None, typer.Option(help="Colour of .srt and .vtt: #RRGGBB or a name.")]
Height = Annotated[int | None, typer.Option(help="Height in px; the width follows. Default: the draft's canvas.")]
Fps = Annotated[str | None, typer.Option(help="Frames a second, as 30, 29.97 or 30000/1001. Default: the draft's.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
FarmApi = Annotated[str | None, typer.Option("--api", help="Do it on the farm at this address, not on this machine.")]
ApiKey = Annotated[str | None, typer.Option(envvar="CUTFARM_API_KEY", help="Where the farm asks for one.")]


@app.command()
def render(
    draft: Draft,
    out: Annotated[Path, typer.Option("-o", "--out", help="The file to write: .mp4, .mkv with --lossless.")],
    height: Height = None,
    fps: Fps = None,
    range_: Annotated[
        str | None, typer.Option("--range", metavar="START:END", help="Only this part, in seconds.")
    ] = None,
    codec: Annotated[str, typer.Option(help="h264, h265 or ffv1.")] = "h264",
    preset: Annotated[str, typer.Option(help="The encoder's effort, from ultrafast to veryslow.")] = "veryfast",
    crf: Annotated[int, typer.Option(help="Quality, 0 (best) to 51.")] = 20,
    lossless: Annotated[bool, typer.Option("--lossless", help="FFV1 and FLAC in Matroska.")] = False,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Pictures alone, without any sound track.")] = False,
    audio_only: Annotated[
        bool, typer.Option("--audio-only", help="Sound alone: OUT is .m4a, .mp3, .wav, .flac, .ogg, .opus or .mka.")
    ] = False,
    audio_codec: Annotated[
        str | None, typer.Option(help="aac, opus, mp3, flac or pcm. Default: by OUT; aac in .mp4, flac in .mkv.")
    ] = None,
    audio_bitrate: Annotated[
        int | None, typer.Option(metavar="KBPS", help="aac and mp3: 128 to 320, opus: 64 to 256. Default: 192, 160.")
    ] = None,
    audio_rate: Annotated[
        int | None, typer.Option(metavar="HZ", help="44100 or 48000; opus has 48000 alone. Default: 44100.")
    ] = None,
    device: Device = "auto",
    chunks: Annotated[int | None, typer.Option(help="Cut the job into this many chunks.")] = None,
    workers: Annotated[int | None, typer.Option(help="Chunks rendered at a time.")] = None,
    passthrough: Annotated[
        bool, typer.Option("--passthrough", help="Copy what shows one untouched source of the output's codec and size.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep chunks here; render only what an edit changed."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the fidelity report here, as JSON.")] = None,
    profile: Annotated[
        Path | None,
        typer.Option(help="Write what the CPU time went into here, as JSON; clearest with one thread a chunk."),
    ] = None,
    strict: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="Fail below exact, close or evocative fidelity.")
    ] = None,
    subtitles: SubtitleFiles = None,
    subtitle_size: SubtitleSize = None,
    subtitle_font: SubtitleFont = None,
    subtitle_colour: SubtitleColour = None,
    media: MediaDirs = None,
    sandbox: Sandbox = False,
    allow_private_network: Private = False,
) -> None:
    """Render a draft to a video, or its sound alone, on this machine."""
    from cutfarm.commands import render as command
    from cutfarm.commands.burning import burn_in
    from cutfarm.media.codecs import parse_codec, parse_sound_codec
    from cutfarm.render.options import RenderOptions, parse_fidelity, parse_range

    options = RenderOptions(
        height_px=height,
        fps=_fps(fps),
        range_s=None if range_ is None else parse_range(range_),
        codec="ffv1" if lossless else parse_codec(codec),
        preset=preset,
        crf=crf,
        strict=None if strict is None else parse_fidelity(strict),
        passthrough=passthrough,
        no_audio=no_audio,
        audio_only=audio_only,
        audio_codec=None if audio_codec is None else parse_sound_codec(audio_codec),
        audio_kbps=audio_bitrate,
        audio_rate_hz=audio_rate,
    )
    machine = command.Machine(device, chunks, workers, cache, profile)
    load = _load(media, sandbox, allow_private_network)
    load = replace(load, burn_in=burn_in(subtitles, subtitle_size, subtitle_font, subtitle_colour))
    command.run(draft, out, load, options, machine, report)


@app.command()
def frame(
    draft: Draft,
    at: Annotated[float, typer.Option(metavar="SECONDS", help="The instant to show.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The PNG to write.")],
    height: Height = None,
    device: Device = "auto",
    subtitles: SubtitleFiles = None,
    subtitle_size: SubtitleSize = None,
    subtitle_font: SubtitleFont = None,
    subtitle_colour: SubtitleColour = None,
    media: MediaDirs = None,
    sandbox: Sandbox = False,
    allow_private_network: Private = False,
) -> None:
    """Write one frame of a draft as a PNG."""
    from cutfarm.commands import frame as command
    from cutfarm.commands.burning import burn_in
    from cutfarm.render.options import RenderOptions

    load = _load(media, sandbox, allow_private_network)
    load = replace(load, burn_in=burn_in(subtitles, subtitle_size, subtitle_font, subtitle_colour))
    command.run(draft, at, out, load, RenderOptions(height_px=height), device)


@app.command()
def inspect(
    draft: Draft,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    waveform: Annotated[
        Path | None, typer.Option(metavar="OUT.png", help="Draw the sound: the mix, and each track with its gains.")
    ] = None,
    range_: Annotated[
        str | None, typer.Option("--range", metavar="START:END", help="Draw only this part, in seconds.")
    ] = None,
    subtitles: SubtitleFiles = None,
    media: MediaDirs = None,
    sandbox: Sandbox = False,
    allow_private_network: Private = False,
) -> None:
    """Show what is in a draft and how faithfully it would be rendered."""
    from cutfarm.commands import inspect as command
    from cutfarm.commands.burning import burn_in

    load = _load(media, sandbox, allow_private_network)
    load = replace(load, burn_in=burn_in(subtitles, None, None, None))
    command.run(draft, load, as_json=as_json, waveform=_waveform(waveform, range_))


@app.command()
def subtitles(
    draft: Draft,
    out: Annotated[str, typer.Option("-o", "--out", help="The .srt, .vtt or .ass to write; - is standard output.")],
    format_: Annotated[str | None, typer.Option("--format", help="srt, vtt or ass. Default: by the ending.")] = None,
    encoding: Annotated[str, typer.Option(help="Of .srt and .ass, as utf-8-sig or gb18030.")] = "utf-8",
    track: Annotated[
        list[int] | None, typer.Option(help="Only this track, by its number in inspect; may be repeated.")
    ] = None,
    allow_private_network: Private = False,
) -> None:
    """Write the captions of a draft as a subtitle file."""
    from cutfarm.commands import subtitles as command

    command.run(draft, out, kind=format_, encoding=encoding, tracks=track, allow_private_network=allow_private_network)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: 30000.")] = None,
    data: Annotated[Path | None, typer.Option(help="Where jobs and files are kept.")] = None,
    allow_private_network: Private = False,
    ray_address: Annotated[
        str | None, typer.Option(help="A running Ray cluster to join; without it one is started here.")
    ] = None,
) -> None:
    """Run a farm: the API, the object store and the Ray workers."""
    from cutfarm.commands import serve as command

    command.run(
        host=host, port=port, data_dir=data, allow_private_network=allow_private_network, ray_address=ray_address
    )


@app.command()
def submit(
    draft: Draft,
    api: Annotated[str, typer.Option(help="The farm's address.")] = "http://127.0.0.1:30000",
    api_key: ApiKey = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Download the finished video here.")] = None,
    subtitles: SubtitleFiles = None,
) -> None:
    """Give a draft to a farm and wait for the video."""
    from cutfarm.commands import submit as command

    command.run(draft, api, api_key, out, subtitles or ())


@app.command()
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="The video to write.")] = Path("demo.mp4"),
) -> None:
    """Start a farm here, render a sample draft through its API, and stop it again."""
    from cutfarm.commands import demo as command

    command.run(out)


@fonts.command("add")
def add_fonts(
    files: Annotated[list[Path], typer.Argument(help="Font files: .ttf, .otf, .ttc or .otc, up to 50 MB each.")],
    api: FarmApi = None,
    api_key: ApiKey = None,
) -> None:
    """Copy font files into this machine's folder of fonts (CUTFARM_FONT_DIR), or give them to a farm."""
    from cutfarm.commands import fonts as command

    command.add(files, api, api_key)


@fonts.command("list")
def list_fonts(
    script: Annotated[str | None, typer.Option(help="Only fonts that have this script, as thai or emoji.")] = None,
    family: Annotated[str | None, typer.Option(help="Only families with this in their name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Each face with all that is known, as JSON.")] = False,
    api: FarmApi = None,
    api_key: ApiKey = None,
) -> None:
    """Show the fonts that captions can be drawn with here, or those that were added to a farm."""
    from cutfarm.commands import fonts as command

    command.list_fonts(script, family, as_json=as_json, api=api, api_key=api_key)


@fonts.command("remove")
def remove_font(
    name: Annotated[str, typer.Argument(help="The added file's name.")], api: FarmApi = None, api_key: ApiKey = None
) -> None:
    """Take a font that was added away again."""
    from cutfarm.commands import fonts as command

    command.remove(name, api, api_key)


@app.command()
def doctor() -> None:
    """Check GPU, encoders, fonts, Ray and the object store, and say how to mend what is amiss."""
    from cutfarm.commands import doctor as command

    raise typer.Exit(command.run())


def main() -> None:
    """The entry point: faults become one sentence and an exit code, 2 for the user's and 1 for the farm's."""
    try:
        app()
    except CutfarmError as error:
        sys.stderr.write(f"cutfarm: {error}\n")
        sys.exit(2 if isinstance(error, UserError) else 1)
    except (KeyboardInterrupt, SystemExit) as end:
        # Typer turns a Ctrl-C into an exit of its own that says nothing.
        if isinstance(end, SystemExit) and end.code != _INTERRUPTED:
            raise
        sys.stderr.write("cutfarm: stopped\n")
        sys.exit(_INTERRUPTED)


def _waveform(out: Path | None, span: str | None) -> WaveformOptions | None:
    if out is None:
        if span is not None:
            raise RequestError("--range is a part of the picture that --waveform draws")
        return None
    from cutfarm.commands.inspect import WaveformOptions
    from cutfarm.render.options import RenderOptions, parse_range

    return WaveformOptions(out, RenderOptions(range_s=None if span is None else parse_range(span)).range_s)


def _load(media: list[Path] | None, sandbox: bool, allow_private_network: bool) -> LoadOptions:
    from cutfarm.commands.loading import LoadOptions

    return LoadOptions(tuple(media or ()), sandbox, allow_private_network)


def _fps(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        return parse_frame_rate(text)
    except ValueError:
        raise RequestError(f"fps {text!r} is not a number such as 30 or 30000/1001") from None


if __name__ == "__main__":
    main()
