"""The commands of the views, as their users run them: screens, plain text, JSON and exit codes."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.support.process import LONG, TICKSTREAM, Terminal, environment, run, simulated

SYMBOLS = ("AAPL", "BTC-USD", "^GSPC", "EURUSD=X", "VOD.L")
COMMANDS = {
    "quotes": ("quotes", *SYMBOLS),
    "market": ("market",),
    "hours": ("hours",),
    "all hours": ("hours", "--all"),
    "profile": ("profile", "AAPL"),
}
SHOWN = {
    "quotes": "VOD.L",
    "market": "Cons. Defensive",
    "hours": "U.S. markets are",
    "all hours": "London",
    "profile": "Apple Inc.",
}


EXTENDED: dict[str, set[str]] = {
    "regular": set(),
    "pre": {"preMarketPrice"},
    "post": {"afterHoursPrice"},
    "overnight": {"afterHoursPrice", "overnightPrice"},
    "closed": {"afterHoursPrice"},
}
"""What the price of a share is called outside of the session, by what the market does."""


def text_kind(value: object) -> bool:
    return isinstance(value, str)


def number_kind(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def time_kind(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None


TEXT, NUMBER, TIME = text_kind, number_kind, time_kind


def document_of(*arguments: str) -> Any:
    done = run(*arguments, "--demo", "--once", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert done.stdout.isascii()
    assert "SIMULATED" in done.stderr
    return json.loads(done.stdout)


MOVER = {
    "symbol": TEXT,
    "name": TEXT,
    "price": NUMBER,
    "change": NUMBER,
    "percentChange": NUMBER,
    "volume": NUMBER,
}
INDEX = {name: kind for name, kind in MOVER.items() if name != "volume"}
HEADLINE = {"title": TEXT, "url": TEXT, "publishedAt": TIME, "source": TEXT, "summary": TEXT}
SECTOR = {"sector": TEXT, "symbol": TEXT, "performance": NUMBER, "change": NUMBER, "description": TEXT}
QUOTE = {
    **INDEX, "currency": TEXT, "marketState": TEXT, "dayHigh": NUMBER, "dayLow": NUMBER, "open": NUMBER,
    "previousClose": NUMBER, "volume": NUMBER, "time": NUMBER, "asOf": TIME, "preMarketPrice?": NUMBER,
    "afterHoursPrice?": NUMBER, "overnightPrice?": NUMBER, "logo?": TEXT,
}  # fmt: skip
HOURS = {
    "status": TEXT, "reason": TEXT, "timestamp": TIME, "nextOpen": TIME, "nextClose": TIME,
    "asOf": {"markettime": TIME, "exchanges?": TIME},
}  # fmt: skip
EXCHANGE = {
    "code": TEXT, "name": TEXT, "status": TEXT, "reason": TEXT, "nextOpen": TIME, "nextClose": TIME,
    "timezone": TEXT, "sessions": [{"kind": TEXT, "open": TIME, "close": TIME}],
}  # fmt: skip
SHAPES: dict[str, Any] = {
    "quotes": [QUOTE],
    "market": {
        "actives": [MOVER], "gainers": [MOVER], "losers": [MOVER], "indices": [INDEX],
        "headlines": [HEADLINE], "sectors": [SECTOR],
        "asOf": dict.fromkeys(("actives", "gainers", "losers", "indices", "headlines", "sectors"), TIME),
    },
    "hours": HOURS,
    "all hours": {**HOURS, "exchanges": [EXCHANGE]},
    "profile": {
        "quote": {
            **QUOTE, "exchange": TEXT, "quoteType": TEXT, "bid": NUMBER, "bidSize": NUMBER, "ask": NUMBER,
            "askSize": NUMBER, "averageVolume": NUMBER, "yearHigh": NUMBER, "yearLow": NUMBER,
            "marketCap": NUMBER, "pe": NUMBER, "eps": NUMBER, "dividendYield": NUMBER, "beta": NUMBER,
            "sector": TEXT, "industry": TEXT,
            **{f"{name}{kind}?": NUMBER for name in ("preMarket", "afterHours", "overnight")
               for kind in ("Change", "PercentChange")},
        },
        "similar": [MOVER],
        "sectorPerformance": {
            **SECTOR, "ytdReturn": NUMBER, "yearReturn": NUMBER, "threeYearReturn": NUMBER,
            "fiveYearReturn": NUMBER,
        },
        "news": [HEADLINE],
        "asOf": dict.fromkeys(("quote", "similar", "sectorPerformance", "news"), TIME),
    },
}  # fmt: skip
"""The documents of the views: every field, its kind, and a `?` where it is left out when there is none."""


def check_shape(value: Any, shape: Any, where: str) -> None:
    """Raise where `value` has a field more or less than `shape`, or one of another kind."""
    match shape:
        case dict():
            assert isinstance(value, dict), where
            names = {name.rstrip("?"): inner for name, inner in shape.items()}
            assert value.keys() <= names.keys(), where
            assert {name for name in shape if not name.endswith("?")} <= value.keys(), where
            for name, inner in value.items():
                check_shape(inner, names[name], f"{where}.{name}")
        case [inner]:
            assert isinstance(value, list), where
            # An exchange has no sessions on a holiday.
            assert value or where.endswith("sessions"), where
            for number, one in enumerate(value):
                check_shape(one, inner, f"{where}[{number}]")
        case _:
            assert value is None or shape(value), f"{where}: {value!r}"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_view_prints_exactly_the_documented_fields(name: str) -> None:
    check_shape(document_of(*COMMANDS[name]), SHAPES[name], name)


@pytest.mark.parametrize("session", EXTENDED)
def test_prices_outside_of_the_session_have_fields_then_and_only_then(session: str) -> None:
    with simulated("--session", session) as url:
        for name in ("quotes", "profile"):
            done = run(*COMMANDS[name], "--source", url, "--once", "--json")
            document = json.loads(done.stdout)
            check_shape(document, SHAPES[name], name)
            share = document[0] if name == "quotes" else document["quote"]
            prices = {"preMarketPrice", "afterHoursPrice", "overnightPrice"} & share.keys()
            assert prices == EXTENDED[session]


def test_quotes_keep_the_order_and_say_pence() -> None:
    rows = document_of(*COMMANDS["quotes"])
    assert [row["symbol"] for row in rows] == list(SYMBOLS)
    assert rows[4]["currency"] == "GBp"


def test_market_has_all_indices_and_sectors_and_ranks_what_moves() -> None:
    document = document_of("market")
    assert [len(document[name]) for name in ("actives", "gainers", "losers")] == [25, 25, 25]
    indices = [row["symbol"] for row in document["indices"]]
    assert indices == ["^GSPC", "^DJI", "^IXIC", "^RUT", "^VIX", "GC=F"]
    assert len(document["sectors"]) == 11
    gains = [row["percentChange"] for row in document["gainers"]]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_hours_of_exchanges_come_in_the_order_asked_for() -> None:
    document = document_of("hours", "LSE", "xtks,crypto")
    assert (document["status"], document["reason"]) == ("OPEN", "Regular trading hours")
    assert [row["code"] for row in document["exchanges"]] == ["XLON", "XTKS", "CRYPTO"]


def test_profile_knows_its_sector() -> None:
    document = document_of("profile", "AAPL")
    assert document["quote"]["sector"] == "Technology"
    assert document["sectorPerformance"]["symbol"] == "XLK"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (160, 50)])
def test_each_view_is_a_screen_that_updates_in_place(name: str, columns: int, lines: int) -> None:
    with Terminal((*COMMANDS[name], "--demo", "--interval", "1s"), columns, lines) as terminal:
        terminal.until(lambda: SHOWN[name] in terminal.text and "SIMULATED" in terminal.lines[0])
        assert terminal.lines[0].startswith(" tickstream")
        assert "every 1 s" in terminal.lines[-1]
        assert terminal.lines[-1].endswith("q quit")
        marker = len(terminal.raw)
        # The next round is drawn over this one, and only what changed of it.
        terminal.until(lambda: terminal.raw.count(b"\x1b[?2026h", marker) >= 3)
        assert b"\x1b[2J" not in terminal.raw[marker:]
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.is_given_back


def test_the_last_state_stays_on_the_normal_screen() -> None:
    with Terminal(("quotes", "AAPL", "--demo")) as terminal:
        terminal.until(lambda: "SIMULATED" in terminal.lines[0])
        terminal.child.sendintr()
        assert terminal.end() == 130
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        assert "AAPL" in left
        assert "SIMULATED" in left


@pytest.mark.parametrize("name", COMMANDS)
def test_piped_it_is_plain_text(name: str) -> None:
    done = run(*COMMANDS[name], "--demo", "--once")
    assert done.returncode == 0, done.stderr
    assert SHOWN[name] in done.stdout
    assert "\x1b" not in done.stdout
    assert "SIMULATED" in done.stdout


def test_count_documents_come_one_a_line_each_interval() -> None:
    done = run("quotes", "AAPL", "--demo", "--json", "--count", "3", "--interval", "1s")
    assert done.returncode == 0
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(documents) == 3
    # It says whole seconds, and a round that was late is followed by one that is not.
    fetched = [document[0]["asOf"] for document in documents]
    assert fetched == sorted(fetched)
    assert len(set(fetched)) > 1


def test_it_ends_after_the_time_given() -> None:
    done = run("quotes", "AAPL", "--demo", "--json", "--for", "3s", "--interval", "1s")
    assert done.returncode == 0
    assert 1 <= done.stdout.count("\n") <= 4


def test_a_reader_that_has_seen_enough_ends_it_silently() -> None:
    line = f"{' '.join(TICKSTREAM)} quotes AAPL --demo --json --interval 1s | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        timeout=LONG,
        env=environment(),
        check=False,
    )
    assert done.returncode == 141
    assert json.loads(done.stdout)
    assert "bug" not in done.stderr


def test_unknown_symbols_are_named_with_a_suggestion_and_the_others_served() -> None:
    with simulated() as source:
        done = run("quotes", "AAPL", "NOSUCH1", "--source", source, "--once", "--json")
        assert done.returncode == 0
        assert [row["symbol"] for row in json.loads(done.stdout)] == ["AAPL"]
        assert "unknown symbol NOSUCH1" in done.stderr


@pytest.mark.parametrize("arguments", [("quotes", "NOSUCH1"), ("profile", "NOSUCH1"), ("watch", "NOSUCH1")])
def test_where_none_of_the_symbols_exists_the_exit_code_is_3(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--demo", "--json")
    assert done.returncode == 3
    assert "unknown symbol NOSUCH1" in done.stderr
    assert done.stdout == ""


def test_a_source_that_is_not_there_is_one_line_and_exit_code_3() -> None:
    done = run("quotes", "AAPL", "--source", "yahoo+http://127.0.0.1:1", "--once", "--json")
    assert done.returncode == 3
    assert done.stderr.splitlines() == ["tickstream: cannot reach 127.0.0.1:1: connection refused"]


def test_hours_know_the_calendar_without_any_answer() -> None:
    done = run("hours", "--source", "yahoo+http://127.0.0.1:1", "--once")
    assert done.returncode == 0
    assert "calendar only" in done.stdout
    assert "connection refused" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("quotes",), "symbol"),
        (("quotes", "not a symbol!"), "bad symbol"),
        (("quotes", "AAPL", "--interval", "0.5s"), "at least 1s"),
        (("quotes", "AAPL", "--once", "--count", "2"), "give one of them"),
        (("hours", "NOWHERE"), "no exchange 'NOWHERE'"),
        (("profile", "AAPL,MSFT"), "one symbol"),
        (("market", "--source", "ws://127.0.0.1:1/?version=2"), "no views"),
        (("search", " "), "nothing to search for"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(arguments: tuple[str, ...], text: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert text in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize("fault", ["http-status=429", "http-html", "http-json=list", "http-status=503"])
def test_a_view_that_gets_nothing_says_why_and_goes_on(fault: str) -> None:
    with simulated("--fault", fault) as source:
        arguments = ("market", "--source", source, "--json", "--count", "2", "--interval", "1s")
        done = run(*arguments)
        assert done.returncode == 0
        documents = [json.loads(line) for line in done.stdout.splitlines()]
        assert [document["gainers"] for document in documents] == [[], []]
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr


def test_a_rate_limit_is_shown_with_the_time_it_ends() -> None:
    with (
        simulated("--fault", "http-status=429") as source,
        Terminal(("market", "--source", source)) as terminal,
    ):
        terminal.until(
            lambda: re.search(r"rate limited until \d\d:\d\d:\d\d", terminal.lines[-1]) is not None
        )
        terminal.child.send("q")
        assert terminal.end() == 0


def test_search_finds_a_symbol_by_its_name() -> None:
    done = run("search", "apple", "--demo")
    assert done.returncode == 0
    assert done.stdout.startswith("AAPL")
    done = run("search", "apple", "--demo", "--json")
    assert json.loads(done.stdout.splitlines()[0])["symbol"] == "AAPL"


def test_search_that_finds_nothing_ends_with_3() -> None:
    done = run("search", "NOSUCH1", "--demo")
    assert done.returncode == 3
    assert "nothing found" in done.stderr


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_look_that_has_no_quote_ends_with_3_whatever_else_there_was(form: tuple[str, ...]) -> None:
    with simulated("--fault", "http-status=503~quote") as source:
        done = run("quotes", "AAPL", "--source", source, "--once", *form)
    assert (done.returncode, done.stdout) == (3, "")
    assert "out of order" in done.stderr
