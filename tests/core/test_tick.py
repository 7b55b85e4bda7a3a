"""The tick: what was not said is None, and is never the same as 0."""

from __future__ import annotations

import pytest

from tickstream.core.tick import FIELDS, MarketHours, QuoteType, Tick, Value


def test_what_was_not_said_is_none() -> None:
    tick = Tick.from_dict({"id": "AAPL", "price": 1.5})
    assert [name for name in FIELDS if getattr(tick, name) is not None] == ["id", "price"]


def test_a_zero_is_said() -> None:
    tick = Tick.from_dict({"id": "AAPL", "price": 0.0, "market_hours": 0})
    assert tick.price == 0.0
    assert tick.market_hours == MarketHours.PRE_MARKET
    assert tick.to_dict() == {"id": "AAPL", "price": 0.0, "market_hours": 0}


def test_fields_are_read_once_and_only_when_asked_for() -> None:
    asked = []

    def read(message: str) -> dict[str, Value]:
        asked.append(message)
        return {"id": "AAPL", "price": 1.5}

    tick = Tick("AAPL", {}, read, "message", b"raw")
    assert (tick.id, tick.raw, asked) == ("AAPL", "raw", [])
    assert (tick.price, tick.change, tick.price) == (1.5, None, 1.5)
    assert asked == ["message"]


def test_a_tick_cannot_be_changed() -> None:
    tick = Tick.from_dict({"id": "AAPL", "price": 1.5})
    with pytest.raises(AttributeError):
        tick.id = "MSFT"  # type: ignore[misc]
    copy = tick.to_dict()
    copy["price"] = 2.0
    assert tick.price == 1.5


def test_ticks_that_say_the_same_are_equal_however_they_came() -> None:
    said: dict[str, Value] = {"id": "AAPL", "price": 1.5, "time": 5, "indices": ["^GSPC"]}
    one, other = Tick.from_dict(said), Tick("AAPL", {}, lambda _: dict(said), None, "raw")
    assert one == other
    assert hash(one) == hash(other)
    assert one != Tick.from_dict(said | {"price": 1.6})
    assert one != said


def test_a_tick_shows_what_it_says() -> None:
    assert repr(Tick.from_dict({"id": "AAPL", "price": 1.5})) == "Tick(id='AAPL', price=1.5)"


def test_raw_text_that_is_no_utf_8_reads_all_the_same() -> None:
    assert Tick("AAPL", {}, None, None, b"a\xff").raw == "a\ufffd"
    assert Tick.from_dict({"id": "AAPL"}).raw == ""


def test_the_numbers_are_those_of_yahoo() -> None:
    assert [hours.value for hours in MarketHours] == [0, 1, 2, 3, 4]
    assert (QuoteType.EQUITY, QuoteType.ETF, QuoteType.CRYPTOCURRENCY, QuoteType.HEARTBEAT) == (8, 20, 41, 7)


def test_fields_are_named_in_the_order_of_the_message() -> None:
    assert list(FIELDS)[:8] == [
        "id", "price", "time", "currency", "exchange", "quote_type", "market_hours", "change_percent",
    ]  # fmt: skip
    assert len(FIELDS) == 45
    assert FIELDS["indices"] == list[str]
