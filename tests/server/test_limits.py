"""Limits: what is counted is counted, and nothing is kept of those who left."""

from __future__ import annotations

import pytest

from tickstream.server import limits
from tickstream.server.limits import Bucket, Connections, Days, Failures, group_of


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    bucket = Bucket(5.0, 10.0)
    assert [bucket.take(100.0) for _ in range(11)] == [True] * 10 + [False]
    assert not bucket.take(100.1)
    assert bucket.take(100.3)
    assert [bucket.take(1000.0) for _ in range(11)] == [True] * 10 + [False]


def test_connections_are_counted_in_all_by_address_and_by_key_and_forgotten() -> None:
    connections = Connections()
    connections.enter("1.2.3.4", "bob")
    connections.enter("1.2.3.4", "")
    assert (connections.total, connections.of_address("1.2.3.4"), connections.of_key("bob")) == (2, 2, 1)
    connections.leave("1.2.3.4", "bob")
    connections.leave("1.2.3.4", "")
    assert (connections.total, connections.of_address("1.2.3.4"), connections.of_key("bob")) == (0, 0, 0)
    assert not connections._addresses
    assert not connections._keys


def test_days_begin_at_midnight_utc() -> None:
    days = Days()
    midnight = 20_000 * 86_400.0
    days.add("a", midnight - 1)
    assert days.count("a", midnight - 1) == 1
    assert days.count("a", midnight) == 0
    days.add("a", midnight + 5)
    assert days.count("a", midnight + 5) == 1
    assert days.left(midnight + 5) == 86_395


def test_days_keep_no_more_addresses_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_ADDRESSES", 2)
    days = Days()
    for address in "abc":
        days.add(address, 0.0)
    assert [days.count(address, 0.0) for address in "abc"] == [1, 1, 0]


def test_after_ten_wrong_keys_nobody_listens_for_a_minute() -> None:
    failures = Failures()
    for second in range(9):
        failures.add("a", float(second))
        assert failures.locked("a", float(second)) is None
    failures.add("a", 9.0)
    assert failures.locked("a", 9.0) == 60
    assert failures.locked("a", 68.5) == 1
    assert failures.locked("a", 69.0) is None
    assert failures.locked("b", 9.0) is None


def test_wrong_keys_of_an_hour_ago_are_forgotten() -> None:
    failures = Failures()
    for second in range(9):
        failures.add("a", float(second))
    failures.add("a", 3600.0)
    assert failures.locked("a", 3600.0) is None


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_an_address_counts_by_what_one_user_has(address: str, group: str) -> None:
    assert group_of(address) == group
