"""Playback: delays between records, and where to begin."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

import pytest

from tickstream.core.playback import paced, parse_speed, parse_start
from tickstream.core.tape import Push
from tickstream.errors import UsageError


def delays(*times: int, speed: float = 1.0) -> list[float]:
    return [delay for delay, _ in paced((Push(at) for at in times), speed)]


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_each_record_waits_as_long_as_it_did() -> None:
    assert delays(1_000, 1_250, 3_250) == [0.0, 0.25, 2.0]


def test_at_another_speed_it_waits_that_much_shorter() -> None:
    assert delays(1_000, 2_000, speed=4) == [0.0, 0.25]
    assert delays(1_000, 2_000, speed=0.5) == [0.0, 2.0]
    assert delays(1_000, 2_000, speed=inf) == [0.0, 0.0]


def test_a_clock_that_was_set_back_is_no_wait() -> None:
    assert delays(5_000, 1_000, 1_500) == [0.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("text", "speed"), [("10", 10), ("0.5", 0.5), ("2x", 2), ("max", inf), (" MAX ", inf), (".5", 0.5)]
)
def test_a_speed(text: str, speed: float) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "0", "-1", "fast", "nan", "inf", "1e3", "0.0001", "10000000"])
def test_what_is_no_speed_is_a_wrong_use(text: str) -> None:
    with pytest.raises(UsageError, match="bad --speed"):
        parse_speed(text)


@pytest.mark.parametrize(
    ("text", "first", "start"),
    [
        ("10:30", "2026-08-11T09:00", "2026-08-11T10:30"),
        ("10:30", "2026-08-11T10:30:00", "2026-08-11T10:30"),
        ("10:30", "2026-08-11T10:30:00.500", "2026-08-11T10:30"),
        ("9:05:30Z", "2026-08-11T09:00", "2026-08-11T09:05:30"),
        ("00:10", "2026-08-11T23:00", "2026-08-12T00:10"),
        ("2026-08-12T01:00", "2026-08-11T23:00", "2026-08-12T01:00"),
        ("2026-08-12T01:00+02:00", "2026-08-11T23:00", "2026-08-11T23:00"),
    ],
)
def test_where_to_begin(text: str, first: str, start: str) -> None:
    assert parse_start(text).after(ms(first)) == ms(start)


@pytest.mark.parametrize("text", ["", "25:00", "10", "10:60", "noon", "2026-08-11T25:00", "1900-01-01T00:00"])
def test_what_is_no_time_is_a_wrong_use(text: str) -> None:
    with pytest.raises(UsageError, match="bad --from"):
        parse_start(text)
