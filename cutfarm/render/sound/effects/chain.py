"""The operations by name, and chains of them."""

from __future__ import annotations

from collections.abc import Sequence

from cutfarm.render.sound.effects.op import Op, Params, Setting, Tee, mixed
from cutfarm.render.sound.stream import Stream

OPS: dict[str, Op] = {}


def played(source: Stream, ops: Sequence[tuple[str, Params]], strength: float, setting: Setting) -> Stream:
    """`source` through `ops`, left to right, of which `strength`, 0…1, is heard against the sound as it came.

    Both are aligned to the sample. At 0 the source passes bit for bit, at 1 nothing of it does. Raises KeyError for an
    operation that is not in `OPS`.
    """
    strength = min(max(strength, 0.0), 1.0)
    makers = [(OPS[name], params) for name, params in ops]
    if strength == 0 or not makers:
        return source
    if strength == 1:
        return _through(source, makers, setting)
    tee = Tee(source)
    return mixed(tee.first, _through(tee.second, makers, setting), 1.0 - strength, strength)


def _through(source: Stream, makers: Sequence[tuple[Op, Params]], setting: Setting) -> Stream:
    for make, params in makers:
        source = make(source, params, setting)
    return source
