"""What stands around a view: whether it is live is always said, and what it is marked as never leaves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.mailbox import Changed
from tickstream.core.ports import Gap, Link, Status
from tickstream.core.tick import Tick
from tickstream.hub import Hub
from tickstream.sinks.frame import footer_line, header_line, symbols_title
from tickstream.sinks.paint import Painter, width_of

STAMP = 1_700_000_001_000
CODES = re.compile(r"\x1b\[[0-9;]*m")
KEYS = (("q", "quit"), ("?", "help"))
painter = Painter()


class Clock:
    def __init__(self) -> None:
        self.wall, self.monotonic = STAMP / 1000, 100.0

    def hub(self, status: Status | None = None) -> Hub:
        hub = Hub(wall=lambda: self.wall, monotonic=lambda: self.monotonic)
        if status is not None:
            hub.report(status)
        return hub


def bare(line: str) -> str:
    return CODES.sub("", line)


def footer(hub: Hub, width: int = 120, keys: tuple[tuple[str, str], ...] = ()) -> str:
    return bare(footer_line(painter, width, hub, hub.now(), keys))


def test_a_long_reason_is_cut_before_the_keys_and_that_shows() -> None:
    hub = Hub()
    hub.report(Status(Link.BACKOFF, 0, "cannot reach a host whose name is very long: connection refused"))
    line = re.sub(r"\x1b\[[0-9;]*m", "", footer_line(Painter(), 50, hub, hub.now(), [("q", "quit")]))
    assert line.endswith("… q quit ")
    assert len(line) == 50


def test_the_header_says_how_many_symbols_there_are() -> None:
    assert bare(header_line(painter, 80, symbols_title(5, 5), "")).rstrip() == " tickstream  5 symbols"
    assert bare(header_line(painter, 80, symbols_title(1, 1), "")).rstrip() == " tickstream  1 symbol"
    assert (
        bare(header_line(painter, 80, symbols_title(1200, 30), "")).rstrip()
        == " tickstream  1,200 symbols, 30 shown"
    )


@pytest.mark.parametrize("width", range(12, 100))
def test_the_mark_never_leaves_the_header(width: int) -> None:
    line = bare(header_line(painter, width, symbols_title(5, 3), "SIMULATED"))
    assert len(line) == width
    assert line.endswith(" SIMULATED  ")


def test_where_not_even_the_mark_fits_it_is_cut_and_not_left_out() -> None:
    assert bare(header_line(painter, 6, symbols_title(5, 3), "SIMULATED")) == " SIMUL"


def test_a_live_link_says_so_with_its_rate_and_lag() -> None:
    clock = Clock()
    hub = clock.hub(Status(Link.LIVE, STAMP))
    with hub.reading(["A"], Changed()):
        clock.wall += 0.3
        for _ in range(7):
            hub.publish(Tick.from_dict({"id": "A", "price": 1.0, "time": STAMP}))
        clock.monotonic += 1
        assert footer(hub).rstrip() == " ● live · 7 msg/s  · lag 0.3s · 0 reconnects"


def test_what_was_missed_and_what_was_broken_is_said() -> None:
    hub = Clock().hub(Status(Link.LIVE, STAMP))
    hub.report(Gap(0, 65_000))
    for _ in range(1234):
        hub.broken(ValueError())
    assert footer(hub).rstrip() == " ● live · 0 msg/s  · 1 reconnect · 1m missed · 1,234 broken"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (Status(Link.CONNECTING, STAMP), " ◌ connecting"),
        (Status(Link.STALE, STAMP, "nothing came for 60 s"), " ◌ nothing came for 60 s"),
        (Status(Link.BACKOFF, STAMP, "cannot find host", 3, 7.5), " ○ next try in 7s · cannot find host"),
        (Status(Link.REFUSED, STAMP, "HTTP 403", 1, 60.0), " ○ next try in 1m · HTTP 403"),
        (Status(Link.CLOSED, STAMP), " ○ closed"),
    ],
)
def test_a_link_that_is_not_live_says_what_it_is_instead(status: Status, text: str) -> None:
    line = footer(Clock().hub(status)).rstrip()
    assert line == f"{text} · 0 reconnects"
    assert "live" not in line


def test_the_next_try_is_counted_down_and_never_below_nothing() -> None:
    clock = Clock()
    hub = clock.hub(Status(Link.BACKOFF, STAMP, "lost", 1, 7.5))
    clock.wall += 5
    assert "next try in 2s" in footer(hub)
    clock.wall += 500
    assert "next try in 0s" in footer(hub)


def test_keys_stand_at_the_right_and_leave_where_it_is_narrow() -> None:
    hub = Clock().hub(Status(Link.LIVE, STAMP))
    assert footer(hub, 60, KEYS).endswith("q quit  ? help ")
    assert "quit" not in footer(hub, 20, KEYS)
    assert footer(hub, 20, KEYS).startswith(" ● live")


reasons = st.text(max_size=60).map(lambda text: "".join(char for char in text if char.isprintable()))


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.integers(1, 250),
    st.sampled_from(list(Link)),
    reasons,
    st.none() | st.floats(0, 1000),
    st.sampled_from(["", "SIMULATED", "REPLAY"]),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_both_lines_are_exactly_as_wide_as_the_screen(
    width: int, state: Link, reason: str, retry: float | None, mark: str, broken: int, keys: bool
) -> None:
    hub = Clock().hub(Status(state, STAMP, reason, 1, retry, mark))
    hub.counts["broken"] = broken
    hub.missed = float(broken)
    assert width_of(footer(hub, width, KEYS if keys else ())) == width
    assert width_of(bare(header_line(painter, width, symbols_title(broken, 5), mark))) == width


def test_what_was_live_when_it_was_recorded_is_not_called_live() -> None:
    replay = Status(Link.LIVE, STAMP, mark="REPLAY SIMULATED")
    assert footer(Clock().hub(replay)).startswith(" ● replay")
    assert "live" not in footer(Clock().hub(replay))
