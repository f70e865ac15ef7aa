"""HDR and wide-gamut light by the equations of the recommendations, in double precision, one colour at a time."""

from __future__ import annotations

import math

RGB = tuple[float, float, float]

WHITE_NITS, PEAK_NITS = 203.0, 1000.0
#: BT.2087-0 table: linear BT.2020 to linear BT.709; and from Display P3, as Apple and Adobe publish it.
FROM_BT2020 = ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730))
FROM_P3 = ((1.2249402, -0.2249402, 0.0), (-0.0420569, 1.0420569, 0.0), (-0.0196376, -0.0786361, 1.0982736))

M1, M2 = 0.1593017578125, 78.84375
C1, C2, C3 = 0.8359375, 18.8515625, 18.6875


def pq_eotf(code: float) -> float:
    """BT.2100 table 4, cd/m²."""
    power = max(code, 0.0) ** (1 / M2)
    return 10_000 * (max(power - C1, 0.0) / (C2 - C3 * power)) ** (1 / M1)


def pq_inverse(nits: float) -> float:
    power = (max(nits, 0.0) / 10_000) ** M1
    return float(((C1 + C2 * power) / (1 + C3 * power)) ** M2)


def eetf(nits: float) -> float:
    """BT.2390 §5.4.1 from a display of 1000 cd/m² to one of 203 cd/m², both with a black of 0."""
    top, target = pq_inverse(PEAK_NITS), pq_inverse(WHITE_NITS)
    e1, max_lum = min(pq_inverse(nits) / top, 1.0), target / top
    knee = 1.5 * max_lum - 0.5
    if e1 >= knee:
        t = (e1 - knee) / (1 - knee)
        e1 = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * max_lum
    return pq_eotf(e1 * top)


#: Luminance of red, green and blue: BT.2100 table 2, and as the chromaticities of Display P3 have it.
LUMINANCE = {"bt2020": (0.2627, 0.6780, 0.0593), "p3": (0.2289746, 0.6917385, 0.0792869)}


def hlg_nits(rgb: RGB, primaries: str) -> RGB:
    """BT.2100 table 5: inverse OETF, then the OOTF of a display of 1000 cd/m²."""

    def scene(code: float) -> float:
        return code**2 / 3 if code <= 0.5 else (math.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12

    light = [scene(code) for code in rgb]
    luminance = sum(weight * one for weight, one in zip(LUMINANCE[primaries], light, strict=True))
    red, green, blue = (PEAK_NITS * luminance**0.2 * one if luminance > 0 else 0.0 for one in light)
    return red, green, blue


def linear_709(rgb: RGB, transfer: str, primaries: str = "bt2020") -> RGB:
    """Light in BT.709's primaries, 1 being SDR white; beyond [0, 1] where the colour is out of its gamut."""
    if transfer == "pq":
        light = [eetf(pq_eotf(code)) / WHITE_NITS for code in rgb]
    elif transfer == "hlg":
        light = [eetf(nits) / WHITE_NITS for nits in hlg_nits(rgb, primaries)]
    else:
        light = [code**2.4 for code in rgb]
    if primaries == "bt709":
        return light[0], light[1], light[2]
    matrix = FROM_P3 if primaries == "p3" else FROM_BT2020
    red, green, blue = (sum(weight * one for weight, one in zip(row, light, strict=True)) for row in matrix)
    return red, green, blue


def sdr(rgb: RGB, transfer: str, primaries: str = "bt2020") -> RGB:
    """The BT.709 code values in [0, 1] that a colour is shown with."""
    red, green, blue = (min(max(one, 0.0), 1.0) ** (1 / 2.4) for one in linear_709(rgb, transfer, primaries))
    return red, green, blue
