"""What the options of alerts ask for."""

from __future__ import annotations

import sys

from tickstream.cli.alerting import alert_options, alerts_of_environment
from tickstream.cli.options import AlertOptions


def test_what_is_asked_for_is_checked_and_each_symbol_named_once() -> None:
    options = alert_options(
        ["aapl day-high", "AAPL>1", "MSFT>2"], "nvda day-low", f"{sys.executable} -c 'a b'", "bell, desktop"
    )
    assert options == AlertOptions(
        alerts=("AAPL day-high", "AAPL>1", "MSFT>2"),
        until="NVDA day-low",
        command=(sys.executable, "-c", "a b"),
        notify=frozenset({"bell", "desktop"}),
        symbols=("AAPL", "MSFT", "NVDA"),
        asked=("AAPL", "NVDA"),
    )


def test_without_alerts_nobody_is_told_whatever_the_environment_says() -> None:
    assert alert_options([], None, "true", "bell") == AlertOptions()


def test_people_read_of_a_symbol_by_its_alias() -> None:
    options = alert_options(["GC=F>1"], None, None, None, {"GC=F": "Gold"})
    assert options.called("GC=F>1: 4,012.30", "GC=F") == "Gold>1: 4,012.30"
    assert options.called("SI=F>1: 50.10", "SI=F") == "SI=F>1: 50.10"


def test_by_default_the_terminal_rings_and_notifies() -> None:
    assert alert_options(["A>1"], None, None, None).notify == {"bell", "terminal"}
    assert alert_options(["A>1"], None, None, "none").notify == frozenset()


def test_alerts_of_the_environment_may_have_blanks() -> None:
    environ = {"TICKSTREAM_ALERT": "A 2% in 5m; B>1;\n C stale 60s\n"}
    assert [text.strip() for text in alerts_of_environment(environ)] == ["A 2% in 5m", "B>1", "C stale 60s"]
    assert alerts_of_environment({}) == []
