"""Documents of a server: what they tell, and what no screen ever sees."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sinks.test_screens import document_of, fetched
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.hours import uses_calendar_only
from tickstream.core.jsontext import json_text
from tickstream.core.received import Request, newest_of, parts_of, read_document
from tickstream.core.values import MarketTime, Periods, Quote, value_of
from tickstream.core.views import INDICES
from tickstream.errors import WireError

NAMES = ("quotes", "market", "hours", "all hours", "profile")


def received(name: str) -> tuple[str, Any]:
    """The name of the view, and its document as it came over a wire."""
    parts, now = fetched()
    view = name.split()[-1]
    return view, read_document(view, json_text(document_of(name, parts, now)))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_comes_out_as_it_went_in(name: str) -> None:
    parts, now = fetched()
    assert received(name)[1] == json.loads(json_text(document_of(name, parts, now)))


def test_quotes_are_told_again_from_their_rows() -> None:
    parts, _ = fetched()
    told = parts_of(*received("quotes"))
    quote, real = told["quote:AAPL"], parts["quote:AAPL"]
    assert quote.fetched == int(real.fetched)
    assert isinstance(quote.value, Quote)
    assert isinstance(real.value, Quote)
    for name in (
        "price",
        "change",
        "percent_change",
        "previous_close",
        "day_high",
        "volume",
        "market_state",
        "time",
    ):
        assert getattr(quote.value, name) == getattr(real.value, name)


def test_a_profile_tells_its_full_quote_and_what_is_around_it() -> None:
    parts, _ = fetched()
    told = parts_of(*received("profile"))
    assert {key.partition(":")[0] for key in told} == {"quote", "similar", "news"}
    quote, real = told["quote:AAPL"].value, parts["quote:AAPL"].value
    assert isinstance(quote, Quote)
    assert isinstance(real, Quote)
    assert (quote.bid, quote.market_cap, quote.exchange) == (real.bid, real.market_cap, real.exchange)


def test_a_market_tells_its_lists_and_how_old_they_are() -> None:
    told = parts_of(*received("market"))
    assert {f"quote:{symbol}" for symbol in INDICES} <= told.keys()
    assert {"movers:most_actives", "movers:day_gainers", "movers:day_losers", "headlines"} <= told.keys()


def test_hours_tell_whether_new_york_trades_and_the_days_of_exchanges() -> None:
    _, now = fetched()
    told = parts_of(*received("all hours"))
    market = value_of(MarketTime, told, "markettime", now)
    assert market is not None
    assert market.open
    assert not uses_calendar_only(told, now)
    assert isinstance(told[f"periods:{EXCHANGES['XLON'].symbol}"].value, Periods)


def test_what_was_never_fetched_tells_nothing() -> None:
    for name in NAMES:
        view = name.split()[-1]
        document = read_document(view, json_text(document_of(name, {}, 1_790_000_000.0)))
        assert newest_of(view, document) is None
        assert not parts_of(view, document)


def test_the_newest_is_that_of_any_row_and_hours_are_new_by_themselves() -> None:
    parts, _ = fetched()
    newest = newest_of(*received("quotes"))
    assert newest is not None
    assert newest == max(int(part.fetched) for key, part in parts.items() if key == "quote:AAPL")
    assert newest_of(*received("hours")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": None}, {"price": "1"}, {"time": 2**60}, {"asOf": "2026-13-40T00:00:00Z"},
        {"asOf": "0001-01-01T00:00:00Z"}, {"asOf": "2026-01-01T00:00:00"}, {"volume": 1.5},
    ],
)  # fmt: skip
def test_what_is_no_document_is_an_error(change: dict[str, Any]) -> None:
    parts, now = fetched()
    (row,) = [row for row in document_of("quotes", parts, now) if row["symbol"] == "AAPL"]
    with pytest.raises(WireError, match="not a document of quotes"):
        read_document("quotes", json.dumps([row | change]))


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, b'[{"symbol":"A"}]', b"null"])
def test_junk_is_an_error_for_every_view(text: bytes) -> None:
    for view in ("quotes", "market", "hours", "profile"):
        with pytest.raises(WireError):
            read_document(view, text)


def test_texts_are_cleaned_and_fields_that_nobody_knows_do_no_harm() -> None:
    parts, now = fetched()
    (row,) = [row for row in document_of("quotes", parts, now) if row["symbol"] == "AAPL"]
    (read,) = read_document("quotes", json.dumps([row | {"name": "A\x1b]0;x\x07\u202e", "of later": 1}]))
    assert read["name"] == "A]0;x"
    assert "of later" not in read


def test_a_request_is_a_path_and_what_is_said_first() -> None:
    assert (Request("quotes", ("A", "^B")).path, Request("quotes", ("A", "^B")).message) == (
        "/quotes",
        "A,^B",
    )
    assert Request("profile", ("^GSPC",)).path == "/profile/%5EGSPC"
    assert Request("hours", ("XLON", "CRYPTO")).path == "/hours?exchanges=XLON,CRYPTO"
    assert (Request("market").path, Request("hours").path, Request("market").message) == (
        "/market",
        "/hours",
        "",
    )


def test_a_text_that_begins_as_a_time_does_is_a_text() -> None:
    parts, now = fetched()
    document = document_of("market", parts, now)
    document["headlines"][0] |= {"title": "2026-11-27Tesla: what is known"}
    assert read_document("market", json_text(document))["headlines"][0]["title"].startswith("2026-11-27Tesla")
    with pytest.raises(WireError):
        read_document("market", json_text(document | {"asOf": {"headlines": "2026-11-27Tesla"}}))
