"""How a render shares a machine: chunks at a time, and threads for each of them."""

from __future__ import annotations

from dataclasses import dataclass

from cutfarm.render.spec import Output

# Bytes of a worker for each pixel of the output, measured at 1080p and 2160p: what the encoder holds of pictures to
# look ahead at and to refer to, and beside it decoders, pictures on their way, and what is composited.
_ENCODER_BYTES = {"fast": 130, "medium": 130, "slow": 220, "slower": 300, "veryslow": 400}
_LIGHT_ENCODER_BYTES = 70  #: faster presets
_CODEC_FACTOR = {"h264": 1.0, "h265": 2.2, "ffv1": 0.6}
_OTHER_BYTES = 25

_PROCESS_BYTES = 75 << 20
_LAYERED_PROCESS_BYTES = 512 << 20  # with torch loaded
_BYTES_PER_CORE = int(0.8 * 2**30)  # small machines have 1 GiB a core
_LEAST_S = 2  # of video for each worker, or it is not worth its start


@dataclass(frozen=True, slots=True)
class Shares:
    """What a render takes of a machine."""

    workers: int  #: chunks rendered at a time
    threads: int  #: CPU threads of each


def shares(
    output: Output, frame_count: int, *, cores: int, memory_bytes: int, is_layered: bool, is_stacked: bool
) -> Shares:
    """As many workers as `cores`, each with one thread, where their pictures fit into the memory; else fewer with more.

    Chunks side by side leave no core idle, as the threads of one encoder do, but each holds pictures of its own. They
    get 0.8 GiB a core, and half of `memory_bytes` at most. Where clips are stacked a worker keeps two cores busy by
    itself, one drawing and one encoding: at 1080p that is as fast, in a tenth less CPU and 0.2 GiB less. Captions over
    one clip are too little work for that: two workers take an eighth less time for them.
    """
    process = _LAYERED_PROCESS_BYTES if is_layered else _PROCESS_BYTES
    budget = min(_BYTES_PER_CORE * cores, memory_bytes // 2) - process
    fitting = int(budget / worker_bytes(output))
    worth = int(frame_count / output.fps / _LEAST_S)
    most = max(cores // 2, 1) if is_stacked else cores
    return shares_of(max(min(most, fitting, worth), 1), cores)


def shares_of(workers: int, cores: int) -> Shares:
    """What each of a given number of workers gets."""
    return Shares(workers, max(-(-cores // workers), 1))


def worker_bytes(output: Output) -> float:
    """About how much memory it takes to render a chunk."""
    encoder = _ENCODER_BYTES.get(output.preset, _LIGHT_ENCODER_BYTES) * _CODEC_FACTOR[output.codec]
    return (encoder + _OTHER_BYTES) * output.width_px * output.height_px
