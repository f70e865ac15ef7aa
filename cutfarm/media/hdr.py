"""HDR and wide-gamut light as SDR in BT.709: the curves, sampled once, and the matrix between them.

SDR white is the 203 cd/m² of HDR's reference white (ITU-R BT.2408-7 §2.1), shown as BT.1886 does, with its gamma of 2.4
and a black of zero. A source's highlights, up to 1000 cd/m², are bent below that by the EETF of ITU-R BT.2390-10
§5.4.1, applied to each of red, green and blue; what is brighter is white. HLG is shown on a display of 1000 cd/m² with
a system gamma of 1.2 (BT.2100-2 table 5). Colours outside of BT.709's gamut are clipped, channel by channel. SDR with
primaries wider than BT.709's is decoded by BT.1886, converted and clipped in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cutfarm.media.colour import Light

Floats = NDArray[np.float64]

WHITE_NITS = 203.0
PEAK_NITS = 1000.0  #: of the display that a source was made for
SDR_GAMMA = 2.4

_CODES = 16_384  # samples of a curve over code values, which are smooth …
_LIGHTS = 65_536  # … and over light, which begins steeply
_HLG_GAMMA = 1.2

_D65 = (0.3127, 0.3290)
_PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "p3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # SMPTE EG 432-1
}


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """Steps from R'G'B' code values to those of BT.709; each curve is sampled evenly over [0, 1].

    `first` → × `gain` at the luminance of all three, then `second` (HLG alone has these two) → `matrix` → `last`.
    """

    first: Floats  #: (16384,) code value to light: for PQ and SDR 1 is SDR white, for HLG the scene's brightest
    gain: Floats | None  #: (65536,) scene luminance to factor
    second: Floats | None  #: (65536,) light, 1 being the brightest of the source's display, to light, 1 being SDR white
    luminance: tuple[float, float, float]  #: weights of the source's red, green and blue
    matrix: Floats  #: (3, 3) from the source's primaries to BT.709's
    last: Floats  #: (65536,) light to code value


@cache
def rendering(light: Light) -> Rendering:
    """How `light` becomes SDR in BT.709."""
    codes, lights = np.linspace(0.0, 1.0, _CODES), np.linspace(0.0, 1.0, _LIGHTS)
    to_xyz = rgb_to_xyz(light.primaries)
    red, green, blue = (float(weight) for weight in to_xyz[1])
    gain = second = None
    match light.transfer:
        case "pq":
            first = shown_light(pq_to_nits(codes))
        case "hlg":
            first = hlg_to_scene(codes)
            gain = lights ** (_HLG_GAMMA - 1.0)
            second = shown_light(lights * PEAK_NITS)
        case "sdr":
            first = codes**SDR_GAMMA
    matrix: Floats = np.linalg.inv(rgb_to_xyz("bt709")) @ to_xyz
    return Rendering(first, gain, second, (red, green, blue), matrix, lights ** (1.0 / SDR_GAMMA))


def pq_to_nits(codes: Floats) -> Floats:
    """The EOTF of SMPTE ST 2084 (BT.2100-2 table 4): code values in [0, 1] to 0 … 10,000 cd/m²."""
    power = codes ** (32.0 / 2523.0)
    base = np.maximum(power - 3424.0 / 4096.0, 0.0) / (2413.0 / 128.0 - 2392.0 / 128.0 * power)
    nits: Floats = 10_000.0 * base ** (16384.0 / 2610.0)
    return nits


def nits_to_pq(nits: Floats) -> Floats:
    """The inverse of `pq_to_nits`."""
    power = (nits / 10_000.0) ** (2610.0 / 16384.0)
    codes: Floats = ((3424.0 / 4096.0 + 2413.0 / 128.0 * power) / (1.0 + 2392.0 / 128.0 * power)) ** (2523.0 / 32.0)
    return codes


def hlg_to_scene(codes: Floats) -> Floats:
    """The inverse OETF of HLG (BT.2100-2 table 5): code values in [0, 1] to scene light in [0, 1]."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(codes <= 0.5, codes**2 / 3.0, (np.exp((codes - c) / a) + b) / 12.0)


def shown_light(nits: Floats) -> Floats:
    """Light of a display of 1000 cd/m² as light of the SDR display, 1 being its white.

    BT.2390-10 §5.4.1 with a black level of zero: unchanged up to the knee, from there on a Hermite spline.
    """
    brightest = nits_to_pq(np.array(PEAK_NITS))
    white = float(nits_to_pq(np.array(WHITE_NITS)) / brightest)
    knee = 1.5 * white - 0.5
    level = np.minimum(nits_to_pq(nits) / brightest, 1.0)
    t = (level - knee) / (1.0 - knee)
    cube, square = t**3, t**2
    bent = (2.0 * cube - 3.0 * square + 1.0) * knee + (cube - 2.0 * square + t) * (1.0 - knee)
    bent = bent + (3.0 * square - 2.0 * cube) * white
    return pq_to_nits(np.where(level < knee, level, bent) * brightest) / WHITE_NITS


def rgb_to_xyz(primaries: str) -> Floats:
    """The matrix (3, 3) from linear RGB to CIE XYZ, of which white has a Y of 1 (SMPTE RP 177)."""
    chromas = np.array([[x / y, 1.0, (1.0 - x - y) / y] for x, y in _PRIMARIES[primaries]]).T
    x, y = _D65
    white = np.array([x / y, 1.0, (1.0 - x - y) / y])
    matrix: Floats = chromas * np.linalg.solve(chromas, white)
    return matrix
