"""The operations by name, and chains of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cutfarm.render.sound.effects.delays import DELAYS, comb_tail_s, echo_tail_s
from cutfarm.render.sound.effects.dynamics import DYNAMICS
from cutfarm.render.sound.effects.filters import FILTERS
from cutfarm.render.sound.effects.modulations import MODULATIONS
from cutfarm.render.sound.effects.noises import NOISES
from cutfarm.render.sound.effects.op import Op, Params, Setting, Tee, mixed
from cutfarm.render.sound.effects.pitches import PITCHES
from cutfarm.render.sound.effects.places import PLACES
from cutfarm.render.sound.effects.reverbs import REVERBS, reverb_tail_s
from cutfarm.render.sound.effects.spectral import SPECTRAL
from cutfarm.render.sound.stream import Stream

OPS: dict[str, Op] = {
    **FILTERS,
    **DYNAMICS,
    **DELAYS,
    **REVERBS,
    **MODULATIONS,
    **PLACES,
    **PITCHES,
    **SPECTRAL,
    **NOISES,
}

_TAILS_S: dict[str, Callable[[Params], float]] = {
    "reverb": reverb_tail_s,
    "delay": echo_tail_s,
    "pingpong": echo_tail_s,
    "comb": comb_tail_s,
}
_LONGEST_TAIL_S = 6.0


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


def tail_s(ops: Sequence[tuple[str, Params]]) -> float:
    """Seconds for which a chain rings on after its sound has ended, until −60 dB; at most 6."""
    return min(sum(_TAILS_S[name](params) for name, params in ops if name in _TAILS_S), _LONGEST_TAIL_S)


def _through(source: Stream, makers: Sequence[tuple[Op, Params]], setting: Setting) -> Stream:
    for make, params in makers:
        source = make(source, params, setting)
    return source
