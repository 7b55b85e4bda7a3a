"""float32: the shortest decimal is what a person meant, and is the same number on the wire."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, frexp, inf, isnan, nan
from struct import pack, unpack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tickstream.core.float32 import float32, shorten

few = settings(max_examples=100, deadline=None, database=None)
any_float32 = st.integers(0, 2**32 - 1).map(lambda bits: float(unpack("<f", bits.to_bytes(4, "little"))[0]))
finite = any_float32.filter(lambda value: value - value == 0)


def bits_of(value: float) -> bytes:
    return pack("<f", value)


def slowly(value: float) -> set[float]:
    """The decimals of the fewest digits within the rounding interval that are nearest, by exact fractions."""
    number = int.from_bytes(bits_of(abs(value)), "little")
    exact = Fraction(abs(value))
    below, above = (
        Fraction(unpack("<f", near.to_bytes(4, "little"))[0]) for near in (number - 1, number + 1)
    )
    low, high = (exact + below) / 2, (exact + above) / 2
    for exponent in range(40, -60, -1):
        step = Fraction(10) ** exponent
        candidates = [place * step for place in range(max(1, floor(low / step)), ceil(high / step) + 1)]
        away = {candidate: abs(candidate - exact) for candidate in candidates if low < candidate < high}
        if away:
            return {float(candidate) for candidate in away if away[candidate] == min(away.values())}
    raise AssertionError(value)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (171.52000427246094, 171.52),
        (172.60000610351562, 172.6),
        (0.00001234, 0.00001234),
        (-3.1100006103515625, -3.1100006),
        (104902.6484375, 104902.65),
        (1.0, 1.0),
        (0.5, 0.5),
        (0.0, 0.0),
        (16777216.0, 16777216.0),
        (1.401298464324817e-45, 1e-45),
    ],
)
def test_a_price_reads_as_it_was_meant(sent: float, meant: float) -> None:
    assert shorten(float32(sent)) == meant


@few
@given(finite)
@example(float32(0.1))
@example(2.0**-24)
@example(2.0**24)
@example(2.0**-149)
@example(3.4028234663852886e38)
@example(-0.0)
def test_what_is_shortened_is_the_same_float32(value: float) -> None:
    assert float32(shorten(value)) == value


# A power of two has a nearer neighbour below than above; three of them, all beyond any price, read longer.
@few
@given(finite.filter(lambda value: frexp(value)[0] not in (0.0, 0.5, -0.5) and abs(value) < 3e38))
@example(float32(9.5))
@example(float32(8388608.5))
@example(float32(999999.94))
@example(1235432.75)
def test_what_is_shortened_is_as_short_as_can_be(value: float) -> None:
    assert abs(shorten(value)) in slowly(value)
    assert (shorten(value) > 0) == (value > 0)


@few
@given(st.integers(-(10**7), 10**7), st.integers(0, 6))
def test_a_price_of_seven_digits_comes_back_as_it_was_typed(figures: int, decimals: int) -> None:
    typed = float(f"{figures}e-{decimals}")
    assert shorten(float32(typed)) == typed


@pytest.mark.parametrize("value", [inf, -inf])
def test_infinity_stays_what_it_is(value: float) -> None:
    assert shorten(value) == value
    assert float32(value) == value


def test_not_a_number_stays_what_it_is() -> None:
    assert isnan(shorten(nan))
    assert isnan(float32(nan))


def test_what_is_too_large_becomes_infinite() -> None:
    assert float32(1e39) == inf
    assert float32(-1e39) == -inf
    assert float32(3.4028234663852886e38) == 3.4028234663852886e38


@few
@given(st.floats(allow_nan=False, min_value=-3e38, max_value=3e38))
def test_a_number_becomes_the_float32_that_the_wire_would_carry(value: float) -> None:
    assert float32(value) == unpack("<f", pack("<f", value))[0]
