"""Prices of the simulator: the same for the same seed, believable, and consistent with each other."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tickstream.simulator.listings import Kind, listing_of
from tickstream.simulator.market import MarketClock, Session
from tickstream.simulator.prices import Prices, Quote
from tickstream.simulator.pushes import push

NOW = 1_790_000_000.0


def prices(session: Session = Session.REGULAR, seed: int = 0) -> Prices:
    return Prices(seed, MarketClock(session, NOW))


def quote(symbol: str, session: Session = Session.REGULAR, seed: int = 0) -> Quote:
    found = prices(session, seed).quote(symbol, NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("symbol", "kind", "exchange", "currency"),
    [
        ("AAPL", Kind.EQUITY, "NMS", "USD"),
        ("JPM", Kind.EQUITY, "NYQ", "USD"),
        ("BRK-B", Kind.EQUITY, "NYQ", "USD"),
        ("SPY", Kind.ETF, "PCX", "USD"),
        ("EMIM.L", Kind.ETF, "LSE", "GBp"),
        ("VOD.L", Kind.EQUITY, "LSE", "GBp"),
        ("7203.T", Kind.EQUITY, "JPX", "JPY"),
        ("ANY.DE", Kind.EQUITY, "GER", "EUR"),
        ("BTC-USD", Kind.CRYPTO, "CCC", "USD"),
        ("NEWCOIN-EUR", Kind.CRYPTO, "CCC", "EUR"),
        ("EURUSD=X", Kind.FX, "CCY", "USD"),
        ("JPY=X", Kind.FX, "CCY", "JPY"),
        ("ES=F", Kind.FUTURE, "CME", "USD"),
        ("ZZ=F", Kind.FUTURE, "NYM", "USD"),
        ("^GSPC", Kind.INDEX, "SNP", "USD"),
        ("^NSEI", Kind.INDEX, "NSI", "INR"),
        ("VFINX", Kind.FUND, "NAS", "USD"),
        ("AAPL220121C00025000", Kind.OPTION, "OPR", "USD"),
    ],
)
def test_the_form_of_a_symbol_says_what_it_is(symbol: str, kind: Kind, exchange: str, currency: str) -> None:
    listing = listing_of(symbol)
    assert listing is not None
    assert (listing.kind, listing.exchange, listing.currency) == (kind, exchange, currency)


def test_an_option_knows_its_contract() -> None:
    listing = listing_of("AAPL220121P00025500")
    assert listing is not None
    contract = listing.contract
    assert contract is not None
    assert (contract.underlying, contract.expires, contract.put, contract.strike) == (
        "AAPL",
        1642723200,
        True,
        25.5,
    )
    assert listing.name == "AAPL Jan 2022 25.500 put"


@pytest.mark.parametrize("symbol", ["NOSUCH", "NOSUCH-USD", "NOSUCHTHING.L", "", "aapl", "A B", "A" * 25])
def test_what_does_not_exist_has_no_quote(symbol: str) -> None:
    assert prices().quote(symbol, NOW) is None
    assert prices().tick(symbol, NOW) is None


@pytest.mark.parametrize(
    "symbol",
    ["A", "Z-", "....", "^", "X=X", "^=F", "9", ".T", "A-USD", "AAPL991231C00000000", "9_.^=&-", "X" * 24],
)
@pytest.mark.parametrize("session", Session)
def test_every_well_formed_symbol_exists_and_can_be_pushed(symbol: str, session: Session) -> None:
    market = prices(session)
    found = market.quote(symbol, NOW)
    assert found is not None
    market.tick(symbol, NOW + 1)
    assert push(found)["id"] == symbol
    assert found.price > 0


@pytest.mark.parametrize(
    ("symbol", "low", "high"),
    [
        ("AAPL", 150, 300),
        ("VOD.L", 65, 80),
        ("SHIB-USD", 0.00001, 0.00002),
        ("EURUSD=X", 1.0, 1.3),
        ("7203.T", 2000, 3500),
    ],
)
def test_well_known_symbols_cost_about_what_one_expects(symbol: str, low: float, high: float) -> None:
    for seed in range(20):
        assert low < quote(symbol, seed=seed).price < high


def test_the_same_seed_gives_the_same_prices_in_every_process() -> None:
    text = (
        "from tickstream.simulator.market import MarketClock, Session\n"
        "from tickstream.simulator.prices import Prices\n"
        "prices = Prices(7, MarketClock(Session.REGULAR, 1.79e9))\n"
        "for symbol in ('AAPL', 'XYZ', 'BTC-USD'):\n"
        "    quotes = [prices.tick(symbol, 1.79e9 + n) for n in range(3)]\n"
        "    print(quotes[0].price, quotes[0].previous_close, quotes[0].volume, quotes[0].listing)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", text],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("\n") == 3


def test_another_seed_gives_other_prices() -> None:
    assert quote("AAPL", seed=1).price != quote("AAPL", seed=2).price


@pytest.mark.parametrize("symbol", ["AAPL", "BTC-USD", "EURUSD=X", "^GSPC", "ES=F", "SHIB-USD", "CHEAP"])
def test_prices_move_in_small_steps_and_stay_near_where_the_day_began(symbol: str) -> None:
    market = prices()
    before = quote(symbol).price
    seen = set()
    for second in range(1, 20_000):
        now = market.tick(symbol, NOW + second)
        assert now is not None
        assert abs(now.price / before - 1) < 0.005
        assert abs(now.price / now.previous_close - 1) < 0.15
        assert now.day_low <= now.price <= now.day_high
        before = now.price
        seen.add(now.price)
    assert len(seen) > 100


def test_a_price_that_has_gone_far_is_drawn_back() -> None:
    market = prices()
    now = market.quote("AAPL", NOW)
    assert now is not None
    now.price = now.previous_close * 1.1
    for second in range(20_000):
        market.tick("AAPL", NOW + second)
    assert abs(now.price / now.previous_close - 1) < 0.05


def test_volume_grows_and_high_and_low_follow_the_price() -> None:
    market = prices()
    volume = 0
    for second in range(1000):
        now = market.tick("AAPL", NOW + second)
        assert now is not None
        assert now.volume > volume
        assert now.last_size > 0
        volume = now.volume


def test_futures_move_in_their_ticks() -> None:
    market = prices()
    for second in range(500):
        now = market.tick("ES=F", NOW + second)
        assert now is not None
        assert now.price * 4 == int(now.price * 4)


def test_a_quote_that_nobody_followed_has_moved_when_it_is_asked_for() -> None:
    market = prices()
    first = market.quote("AAPL", NOW)
    assert first is not None
    before = (first.price, first.volume)
    later = market.quote("AAPL", NOW + 3600)
    assert later is first
    assert later.time == NOW + 3600
    assert later.price != before[0]
    assert later.volume > before[1]


def test_in_the_regular_session_a_change_is_against_the_previous_close() -> None:
    now = quote("AAPL")
    assert now.reference == now.previous_close
    assert now.price == now.regular_price
    assert now.time == NOW


@pytest.mark.parametrize("session", [Session.PRE, Session.POST, Session.OVERNIGHT])
def test_outside_of_it_a_change_is_against_the_last_close(session: Session) -> None:
    market = prices(session)
    close = quote("AAPL", session).regular_price
    for second in range(100):
        now = market.tick("AAPL", NOW + second)
        assert now is not None
        assert now.reference == now.regular_price == close
        assert now.regular_time < NOW - 3600 or session is Session.POST
    assert market.tick("^GSPC", NOW) is None
    assert market.tick("AAPL220121C00025000", NOW) is None


def test_a_coin_is_measured_against_what_it_cost_a_day_ago() -> None:
    now = quote("BTC-USD")
    assert now.reference == now.day_ago
    assert now.reference != now.previous_close


def test_a_new_day_begins_where_the_last_one_ended() -> None:
    market = prices()
    last = market.tick("AAPL", NOW + 19.9 * 3600)
    assert last is not None
    close, volume = last.price, last.volume
    first = market.tick("AAPL", NOW + 20.1 * 3600)
    assert first is not None
    assert first.previous_close == close
    assert first.volume < volume
    assert first.open == close


def test_a_fund_has_one_price_a_day() -> None:
    market = prices()
    assert market.tick("VFINX", NOW) is None
    fund = market.quote("VFINX", NOW)
    assert fund is not None
    assert fund.time < NOW - 4 * 3600


def test_when_the_market_closes_the_price_is_that_of_the_close() -> None:
    # Friday 2026-09-18: New York closes at 20:00 UTC.
    friday = 1_789_761_600.0
    market = Prices(0, MarketClock(Session.REAL, friday))
    assert market.tick("AAPL", friday - 1) is not None
    after = market.tick("AAPL", friday + 60)
    assert after is not None
    close = after.regular_price
    assert after.phase.session is Session.POST
    closed = market.quote("AAPL", friday + 86_400)
    assert closed is not None
    assert closed.phase.session is Session.CLOSED
    assert (closed.price, closed.time) == (close, friday - 1)
