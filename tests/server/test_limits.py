"""Limits: what is counted, when it is too much, and that nothing is remembered for long."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.server.limits import Bucket, Connections, Days, Failures

NOON = 20_000 * 86_400 + 43_200.0
"""Noon of some day, UTC, in seconds since the epoch."""


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    bucket = Bucket(rate=5.0, burst=10.0)
    assert [bucket.take(100.0) for _ in range(11)] == [True] * 10 + [False]
    assert [bucket.take(101.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_bucket_holds_no_more_than_its_burst_however_long_it_was_left() -> None:
    bucket = Bucket(rate=5.0, burst=2.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(1e9) for _ in range(3)] == [True, True, False]


def test_whoever_is_refused_a_turn_has_not_spent_one() -> None:
    bucket = Bucket(rate=1.0, burst=1.0)
    assert bucket.take(0.0)
    assert not any(bucket.take(moment / 10) for moment in range(1, 10))
    assert bucket.take(1.0)


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(1, 5), st.integers(1, 8))
def test_a_bucket_never_gives_more_than_burst_and_rate_allow(
    pauses: list[int], rate: int, burst: int
) -> None:
    bucket, now, turns = Bucket(rate, burst), 0.0, []
    for pause in pauses:
        now += pause / 4
        if bucket.take(now):
            turns.append(now)
    for index, start in enumerate(turns):
        for count, end in enumerate(turns[index:], 1):
            assert count <= burst + rate * (end - start) + 1e-6


def test_connections_are_counted_in_all_and_of_each_address_and_key() -> None:
    connections = Connections()
    connections.enter("192.0.2.1", "alice")
    connections.enter("192.0.2.1", None)
    connections.enter("192.0.2.2", "alice")
    connections.enter(None, None)
    assert connections.total == 4
    assert [connections.of_address(f"192.0.2.{last}") for last in (1, 2, 3)] == [2, 1, 0]
    assert [connections.of_key(label) for label in ("alice", "bob")] == [2, 0]


def test_a_client_that_asks_for_the_count_of_a_stranger_leaves_no_trace() -> None:
    connections = Connections()
    connections.of_address("192.0.2.1")
    connections.of_key("alice")
    assert connections.remembered == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(["192.0.2.1", "192.0.2.2", None]), st.sampled_from(["a", "b", None])),
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)
def test_nothing_is_left_when_all_have_left_in_whatever_order(
    clients: list[tuple[str | None, str | None]], random: object
) -> None:
    connections = Connections()
    for client in clients:
        connections.enter(*client)
    expected = Counter(address for address, _ in clients)
    assert connections.of_address("192.0.2.1") == expected["192.0.2.1"]
    random.shuffle(clients)  # type: ignore[attr-defined]
    for client in clients:
        connections.leave(*client)
    assert (connections.total, connections.remembered) == (0, 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:DB8:1:2::1", "2001:db8:1:2:0::1", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "192.0.2.1", False),
        ("", "", True),
    ],
)
def test_addresses_are_counted_one_by_one_but_those_of_ipv6_by_their_network_of_64_bits(
    one: str, other: str, same: bool
) -> None:
    connections, days, failures = Connections(), Days(1), Failures(most=1)
    connections.enter(one, None)
    days.count(one, NOON)
    failures.count(one, 0.0)
    assert bool(connections.of_address(other)) is same
    assert bool(days.wait(other, NOON)) is same
    assert bool(failures.wait(other, 0.0)) is same


def test_an_address_that_has_had_its_connections_of_the_day_waits_until_midnight() -> None:
    days = Days(2)
    assert days.wait("192.0.2.1", NOON) == 0
    days.count("192.0.2.1", NOON)
    assert days.wait("192.0.2.1", NOON) == 0
    days.count("192.0.2.1", NOON)
    assert days.wait("192.0.2.1", NOON) == 43_200
    assert days.wait("192.0.2.1", NOON + 43_199.5) == 1
    assert days.wait("192.0.2.2", NOON) == 0
    assert days.wait("192.0.2.1", NOON + 43_200) == 0


def test_yesterday_is_forgotten() -> None:
    days = Days(1)
    for last in range(200):
        days.count(f"192.0.2.{last}", NOON)
    days.count("192.0.2.1", NOON + 86_400)
    assert days.remembered == 1


def test_a_clock_that_was_a_year_ahead_does_not_lock_anybody_out_once_it_is_right() -> None:
    days = Days(1)
    days.count("192.0.2.1", NOON + 365 * 86_400)
    assert days.wait("192.0.2.1", NOON) == 0


def test_without_a_limit_of_connections_a_day_nobody_waits_and_nothing_is_remembered() -> None:
    days = Days(0)
    for _ in range(1000):
        days.count("192.0.2.1", NOON)
    assert (days.wait("192.0.2.1", NOON), days.remembered) == (0, 0)


def test_of_too_many_addresses_those_that_connected_last_are_remembered() -> None:
    days = Days(1, remember=3)
    for last in (1, 2, 3, 1, 4):
        days.count(f"192.0.2.{last}", NOON)
    assert days.remembered == 3
    assert [bool(days.wait(f"192.0.2.{last}", NOON)) for last in (1, 2, 3, 4)] == [True, False, True, True]


def test_ten_wrong_keys_within_a_minute_are_answered_and_then_the_address_waits_a_minute() -> None:
    failures = Failures()
    for second in range(10):
        assert failures.wait("192.0.2.1", float(second)) == 0
        failures.count("192.0.2.1", float(second))
    assert failures.wait("192.0.2.1", 9.0) == 60
    assert failures.wait("192.0.2.1", 68.5) == 1
    assert failures.wait("192.0.2.2", 9.0) == 0
    assert failures.wait("192.0.2.1", 69.0) == 0


def test_after_its_minute_an_address_has_ten_tries_again() -> None:
    failures = Failures()
    for _ in range(10):
        failures.count("192.0.2.1", 0.0)
    for _ in range(9):
        failures.count("192.0.2.1", 61.0)
    assert failures.wait("192.0.2.1", 61.0) == 0
    failures.count("192.0.2.1", 61.0)
    assert failures.wait("192.0.2.1", 61.0) == 60


def test_wrong_keys_that_come_slowly_are_never_too_many() -> None:
    failures = Failures()
    for number in range(100):
        failures.count("192.0.2.1", number * 6.7)
        assert failures.wait("192.0.2.1", number * 6.7) == 0


def test_failures_are_forgotten_when_they_no_longer_matter() -> None:
    failures = Failures()
    for last in range(200):
        failures.count(f"192.0.2.{last}", 0.0)
    assert failures.remembered == 200
    failures.wait("192.0.2.1", 60.0)
    assert failures.remembered == 0


def test_of_too_many_failing_addresses_those_that_failed_last_are_remembered() -> None:
    failures = Failures(most=1, remember=100)
    for number in range(1000):
        failures.count(f"10.0.{number // 256}.{number % 256}", 0.0)
    assert failures.remembered == 100
    assert failures.wait("10.0.3.231", 0.0) == 60
    few = Failures(most=1, remember=2)
    for last in (1, 2, 1, 3):
        few.count(f"192.0.2.{last}", 0.0)
    assert [few.wait(f"192.0.2.{last}", 0.0) for last in (1, 2, 3)] == [60, 0, 60]
