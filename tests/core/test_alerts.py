"""Alerts as they are written: each kind is read, and what is none gets one line that helps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.alerts import KINDS, Side, parse_alert, parse_alerts
from tickstream.errors import UsageError

SIDES = {
    "AAPL>200": ("AAPL", [(200.0, True, False)]),
    "AAPL >= 200": ("AAPL", [(200.0, True, True)]),
    "AAPL≥200": ("AAPL", [(200.0, True, True)]),
    "btc-usd<=90000": ("BTC-USD", [(90_000.0, False, True)]),
    "GC=F<=2000.5": ("GC=F", [(2000.5, False, True)]),
    "CL=F<-37": ("CL=F", [(-37.0, False, False)]),
    "^GSPC < 5000": ("^GSPC", [(5000.0, False, False)]),
    "TSLA±3%": ("TSLA", [(3.0, True, True), (-3.0, False, True)]),
    "TSLA+-3%": ("TSLA", [(3.0, True, True), (-3.0, False, True)]),
    "TSLA +/- 3 %": ("TSLA", [(3.0, True, True), (-3.0, False, True)]),
    "TSLA+3%": ("TSLA", [(3.0, True, True)]),
    "BTC-USD-.5%": ("BTC-USD", [(-0.5, False, True)]),
    "NVDA 2% in 5m": ("NVDA", [(2.0, True, True), (-2.0, False, True)]),
    "NVDA  -2%  in 90s": ("NVDA", [(-2.0, False, True)]),
    "AAPL Day-High": ("AAPL", [(0.0, True, False)]),
    "AAPL day-low": ("AAPL", [(0.0, False, False)]),
    "BRK-B stale 60s": ("BRK-B", [(60.0, True, True)]),
}


@pytest.mark.parametrize("text", SIDES)
def test_each_kind_is_read_as_it_is_written(text: str) -> None:
    alert = parse_alert(text)
    symbol, sides = SIDES[text]
    assert alert.symbol == symbol
    assert [(side.limit, side.up, side.or_equal) for side in alert.sides] == sides


def test_each_kind_has_an_example_that_is_of_that_kind() -> None:
    assert [parse_alert(kind.example).kind.name for kind in KINDS] == [kind.name for kind in KINDS]


def test_an_alert_that_is_asked_for_twice_is_one() -> None:
    assert [alert.text for alert in parse_alerts(["aapl>200", "AAPL>200", "AAPL<1"])] == [
        "AAPL>200",
        "AAPL<1",
    ]


*FIRST, LAST = (f"'{kind.example}'" for kind in KINDS)
EXAMPLES = f"{', '.join(FIRST)} or {LAST}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", f"use {EXAMPLES}"),
        ("day-high", "bad alert 'day-high': use 'AAPL>200'"),
        ("200", "bad alert '200': use 'AAPL>200'"),
        ("AAPL", f"a symbol alone; in quotes, use {EXAMPLES}"),
        ("AAPL dayhigh", "did you mean day-high, as in 'AAPL day-high'?"),
        ("AAPL stael 60s", "did you mean stale, as in 'AAPL stale 60s'?"),
        ("AAPL>9,000", "9,000 is no price: write it as 1234.5"),
        ("AAPL>--3", "--3 is no price"),
        ("AAPL>" + "9" * 400, "is no price"),
        ("TSLA±0%", "more than 0%"),
        ("NVDA 2% in 5x", "bad duration '5x'"),
        ("AAPL stale 10ms", "10ms is too short: use at least 1s"),
        ("$$>3", "'$$' is no symbol"),
        ("\x1b]0;pwned\x07>3", "bad alert ']0,pwned>3'".replace(",", ";")),
    ],
)
def test_what_is_no_alert_gets_one_line_that_helps(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_alert(text)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.text(max_size=40))
def test_whatever_is_written_is_an_alert_or_a_usage_error(text: str) -> None:
    error = ""
    try:
        alert = parse_alert(text)
        assert alert.text == parse_alert(alert.text).text
    except UsageError as refused:
        error = str(refused)
    assert error.isprintable()


blanks = st.sampled_from(["", " ", "  "])
symbols = st.from_regex(r"[A-Za-z0-9^.][A-Za-z0-9.^=&_-]{0,22}[A-Za-z0-9]", fullmatch=True)
prices = st.decimals(-(10**6), 10**6, places=4).map(lambda number: f"{number:f}")


@given(symbols, blanks, st.sampled_from(["<", ">", "<=", ">=", "≤", "≥"]), blanks, prices)
def test_a_level_is_read_whatever_the_blanks(
    symbol: str, before: str, sign: str, after: str, price: str
) -> None:
    alert = parse_alert(f"{symbol}{before}{sign}{after}{price}")
    (side,) = alert.sides
    assert (alert.symbol, side.limit, side.up) == (symbol.upper(), float(price), sign in ">>=≥")
    assert side.holds(float(price)) is side.or_equal is (sign not in "<>")
    assert side.holds(float(price) + 1) is side.up
    assert parse_alert(alert.text).sides[0].limit == side.limit


@given(
    symbols,
    st.sampled_from(["+", "-", "±", "+-", "+/-", ""]),
    st.decimals("0.01", 1000, places=2),
    st.integers(1, 10**6),
    st.sampled_from(["s", "m", "h"]),
)
def test_a_move_is_read_and_has_a_side_for_each_way(
    symbol: str, sign: str, percent: Decimal, time: int, unit: str
) -> None:
    alert = parse_alert(f"{symbol} {sign}{percent}% in {time}{unit}")
    ways = {"+": [1], "-": [-1]}.get(sign, [1, -1])
    assert (alert.symbol, alert.kind.name) == (symbol.upper(), "in")
    assert [side.limit for side in alert.sides] == [way * float(percent) for way in ways]
    assert [side.up for side in alert.sides] == [way > 0 for way in ways]


@given(st.booleans(), st.booleans(), st.floats(-1e6, 1e6), st.floats(0, 10), st.floats(-1e6, 1e6))
def test_a_figure_never_holds_and_is_back_at_once(
    up: bool, or_equal: bool, limit: float, margin: float, figure: float
) -> None:
    side = Side(gauge=lambda: lambda seen: figure, limit=limit, up=up, or_equal=or_equal, margin=margin)
    assert not (side.holds(figure) and side.is_back(figure))
