"""float32, the type of all prices on Yahoo's wire.

A price of 172.6 is sent as the nearest float32, which as a Python float reads
172.60000610351562. What a person means is the shortest decimal that is that
same float32, and `shorten` gives it.
"""

from __future__ import annotations

from math import ceil, frexp, isfinite, log10
from struct import Struct

__all__ = ["float32", "shorten"]

_FLOAT32 = Struct("<f")
_pack, _unpack = _FLOAT32.pack, _FLOAT32.unpack
_LARGEST = 3.4028234663852886e38


def float32(value: float) -> float:
    """The float32 nearest to `value`; beyond the largest one, infinity of the same sign."""
    if abs(value) > _LARGEST and isfinite(value):
        return float("inf") if value > 0 else float("-inf")
    rounded: float = _unpack(_pack(value))[0]
    return rounded


# Theory of operation. Two neighbours of a float32 x with 2**(e-1) <= |x| < 2**e are ulp = 2**(e-24)
# away from it, so any decimal closer than ulp/2 rounds back to x. With K the fewest decimals whose
# spacing 10**-K is at most one ulp, K decimals always suffice. K-1 decimals suffice only if the one
# candidate near x is close enough; there is then no second one, so nothing shorter differs from it.
# Two roundings of an integer decide, where trying "%.6g" … "%.9g" costs four times as much.
# A tie, a power of two (whose lower neighbour is nearer) and the extremes take the slow way.
_EXPONENTS = range(-48, 24)
_STEPS = {
    e: (2.0 ** (e - 25), 10.0 ** (ceil(-log10(2.0 ** (e - 24))) - 1), 10.0 ** ceil(-log10(2.0 ** (e - 24))))
    for e in _EXPONENTS
}


def shorten(value: float) -> float:
    """The shortest decimal that is the same float32; `value` is a float32 widened to a float."""
    mantissa, exponent = frexp(value)
    step = _STEPS.get(exponent)
    if step is None or mantissa in (0.5, -0.5):
        return _slowly(value)
    half, coarse, fine = step
    try:
        short: float = round(value * coarse) / coarse
    except (OverflowError, ValueError):
        return value  # not finite, which frexp does not say
    if -half < short - value < half:
        return short
    short = round(value * fine) / fine
    if -half < short - value < half:
        return short
    return _slowly(value)


def _slowly(value: float) -> float:
    same = _pack(value)
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if abs(short) <= _LARGEST and _pack(short) == same:
            return short
    return value
