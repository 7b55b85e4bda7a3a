"""When silence is suspicious: the guess errs towards silence being fine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tickstream.core.quiet import RECENT, should_tick
from tickstream.core.tick import MarketHours, QuoteType, Tick, Value


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def last(now: float, said: dict[str, Value], *, ago: float = 10.0) -> Tick:
    return Tick.from_dict({"id": "X", "price": 1.0, "time": int((now - ago) * 1000), **said})


US: dict[str, Value] = {
    "quote_type": int(QuoteType.EQUITY),
    "exchange": "NMS",
    "market_hours": int(MarketHours.REGULAR_MARKET),
}
OPEN = at("2026-09-02T15:00:00")  # a Wednesday, 11:00 in New York


@pytest.mark.parametrize("symbol", ["BTC-USD", "ETH-EUR", "SHIB-USD"])
def test_a_crypto_coin_ticks_round_the_clock_even_before_its_first_tick(symbol: str) -> None:
    assert should_tick(symbol, None, at("2026-09-05T03:00:00"))


@pytest.mark.parametrize("symbol", ["AAPL", "BRK-B", "EURUSD=X", "^GSPC"])
def test_of_others_nothing_is_expected_before_their_first_tick(symbol: str) -> None:
    assert not should_tick(symbol, None, OPEN)


def test_a_crypto_coin_that_is_silent_for_long_is_suspicious() -> None:
    assert should_tick("X", last(OPEN, {"quote_type": int(QuoteType.CRYPTOCURRENCY)}, ago=9 * RECENT), OPEN)


def test_a_share_ticks_while_its_exchange_is_open() -> None:
    assert should_tick("X", last(OPEN, US), OPEN)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-09-02T13:29:59", False),
        ("2026-09-02T13:30:00", True),
        ("2026-09-02T19:59:59", True),
        ("2026-09-02T20:00:00", False),
        ("2026-09-05T15:00:00", False),
        ("2026-01-14T14:29:59", False),
        ("2026-01-14T14:30:00", True),
        ("2026-01-14T20:59:59", True),
    ],
)
def test_new_york_hours_hold_in_summer_and_in_winter(moment: str, expected: bool) -> None:
    assert should_tick("X", last(at(moment), US), at(moment)) is expected


def test_an_exchange_whose_hours_nobody_knows_is_believed() -> None:
    night = at("2026-09-02T02:00:00")
    assert should_tick("X", last(night, US | {"exchange": "JPX"}), night)


@pytest.mark.parametrize("hours", [0, 2, 3, 4])
def test_out_of_the_regular_session_silence_is_fine(hours: int) -> None:
    assert not should_tick("X", last(OPEN, US | {"market_hours": hours}), OPEN)


def test_who_has_been_quiet_for_long_may_be_quiet_for_a_reason() -> None:
    assert not should_tick("X", last(OPEN, US, ago=RECENT + 1), OPEN)
    assert not should_tick("X", Tick.from_dict({"id": "X", "price": 1.0, **US}), OPEN)


@pytest.mark.parametrize("kind", [QuoteType.CURRENCY, QuoteType.FUTURE])
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-09-02T03:00:00", True),
        ("2026-09-04T20:59:59", True),
        ("2026-09-04T21:00:00", False),
        ("2026-09-05T12:00:00", False),
        ("2026-09-06T22:59:59", False),
        ("2026-09-06T23:00:00", True),
    ],
)
def test_currencies_and_futures_rest_at_the_weekend(kind: QuoteType, moment: str, expected: bool) -> None:
    assert should_tick("X", last(at(moment), {"quote_type": int(kind)}), at(moment)) is expected
