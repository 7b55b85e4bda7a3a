"""What a push says: the field sets of each kind and session, in float32."""

from __future__ import annotations

import struct

import pytest

from tickstream.core.float32 import float32
from tickstream.core.tick import Value
from tickstream.simulator.market import MarketClock, Session
from tickstream.simulator.prices import Prices
from tickstream.simulator.pushes import change_of, push
from tickstream.sources.yahoo.frames import encode, payload_of
from tickstream.sources.yahoo.pricing_pb2 import PricingData

NOW = 1_790_000_007.5
BARE = {
    "id",
    "price",
    "time",
    "exchange",
    "quote_type",
    "market_hours",
    "change_percent",
    "change",
    "price_hint",
}
COIN = BARE | {
    "currency", "day_volume", "day_high", "day_low", "open_price", "last_size", "vol_24hr",
    "vol_all_currencies", "from_currency", "circulating_supply", "market_cap",
}  # fmt: skip
CONTRACT = {
    "expire_date", "strike_price", "underlying_symbol", "open_interest", "options_type", "mini_option",
    "last_size", "bid", "ask", "day_volume",
}  # fmt: skip
NAMELESS = {"field_46", "field_47"}


def pushes(symbol: str, session: Session = Session.REGULAR, count: int = 300) -> list[dict[str, Value]]:
    """The snapshot and many a push after it."""
    prices = Prices(0, MarketClock(session, NOW))
    quote = prices.quote(symbol, NOW)
    assert quote is not None
    said = [push(quote)]
    ticks = (prices.tick(symbol, NOW + second) for second in range(count))
    return said + [push(tick) for tick in ticks if tick is not None]


@pytest.mark.parametrize(
    ("symbol", "session", "always", "sometimes"),
    [
        ("AAPL", Session.REGULAR, BARE | {"day_volume"}, {"last_size", "day_high", "day_low"} | NAMELESS),
        ("AAPL", Session.PRE, BARE, NAMELESS),
        ("AAPL", Session.POST, BARE, NAMELESS),
        ("AAPL", Session.OVERNIGHT, BARE, NAMELESS),
        ("VOD.L", Session.REGULAR, BARE | {"day_volume"} | NAMELESS, {"last_size", "day_high", "day_low"}),
        ("SPY", Session.REGULAR, BARE | {"day_volume"}, {"day_high", "day_low"}),
        ("SPY", Session.PRE, BARE, set()),
        ("^GSPC", Session.REGULAR, BARE, {"day_volume"}),
        ("^NSEI", Session.REGULAR, BARE | {"currency"}, {"day_volume"}),
        ("EURUSD=X", Session.REGULAR, BARE | NAMELESS, set()),
        ("BTC-USD", Session.REGULAR, COIN, set()),
        ("ES=F", Session.REGULAR, BARE | {"day_volume"}, set()),
        ("VFINX", Session.REGULAR, BARE, set()),
        ("AAPL261218P00200000", Session.REGULAR, BARE | CONTRACT, set()),
    ],
)
def test_a_push_says_what_yahoo_says_of_its_kind(
    symbol: str, session: Session, always: set[str], sometimes: set[str]
) -> None:
    seen = [set(said) for said in pushes(symbol, session)]
    assert set.intersection(*seen) == always
    assert set.union(*seen) == always | sometimes


def test_the_days_extremes_are_said_only_when_they_just_changed() -> None:
    high = low = None
    for said in pushes("AAPL", count=2000):
        if "day_high" in said:
            assert said["price"] in (said["day_high"], said["day_low"])
            assert (said["day_high"], said["day_low"]) != (high, low)
            high, low = said["day_high"], said["day_low"]
    assert high is not None


@pytest.mark.parametrize(("session", "number"), [(Session.PRE, 0), (Session.POST, 2), (Session.OVERNIGHT, 4)])
def test_the_session_is_said_also_when_it_is_0(session: Session, number: int) -> None:
    message = payload_of(encode(pushes("AAPL", session)[0]))
    assert message is not None
    assert bytes((0x38, number)) in message
    assert PricingData.FromString(message).HasField("market_hours")


def test_fields_are_in_ascending_order_and_signed_ones_zigzag() -> None:
    message = payload_of(
        encode({"price_hint": 2, "change": 1.5, "id": "DKNG", "price": 24.535, "day_volume": 6719763})
    )
    assert message is not None
    expected = "0a04444b4e4715ae47c44148a6a4b406650000c03fd80104"
    assert message == bytes.fromhex(expected)


def test_a_change_is_the_difference_of_float32s() -> None:
    assert change_of(177.42, 180.53) == (float32(-3.1100006), float32(-1.7227057))
    assert change_of(24.535, 23.44)[0] == float32(1.0949993)
    for said in pushes("AAPL") + pushes("BTC-USD") + pushes("EURUSD=X"):
        change = said["change"]
        assert isinstance(change, float)
        assert struct.unpack("<f", struct.pack("<f", change))[0] == change


def test_the_fields_without_a_name_repeat_the_change() -> None:
    for said in pushes("EURUSD=X"):
        assert (said["field_46"], said["field_47"]) == (said["change"], said["change_percent"])


def test_stamps_are_whole_seconds_and_those_of_coins_whole_minutes() -> None:
    for said in pushes("AAPL"):
        assert isinstance(said["time"], int)
        assert said["time"] % 1000 == 0
    for said in pushes("BTC-USD"):
        assert isinstance(said["time"], int)
        assert said["time"] % 60_000 == 0


def test_a_coin_repeats_its_volume_as_a_float32_would_have_it() -> None:
    for said in pushes("BTC-USD"):
        volume = said["day_volume"]
        assert isinstance(volume, int)
        assert (
            said["last_size"] == said["vol_24hr"] == said["vol_all_currencies"] == volume == float32(volume)
        )
        assert said["from_currency"] == "BTC"
        assert said["currency"] == "USD"


@pytest.mark.parametrize(
    ("symbol", "hint"),
    [("AAPL", 2), ("EURUSD=X", 4), ("JPY=X", 4), ("BTC-USD", 2), ("SHIB-USD", 9), ("ES=F", 2)],
)
def test_the_price_hint_is_how_many_decimals_make_sense(symbol: str, hint: int) -> None:
    assert {said["price_hint"] for said in pushes(symbol)} == {hint}


def test_an_option_says_its_contract() -> None:
    said = pushes("AAPL261218P00200000")[0]
    assert said["underlying_symbol"] == "AAPL"
    assert said["strike_price"] == 200.0
    assert said["options_type"] == 1
    assert said["expire_date"] == 1797552000
