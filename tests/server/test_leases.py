"""Who fetches what: what an instance holds, whom it trusts, and for how long."""

from __future__ import annotations

import pytest

from tickstream.server.cluster.grants import Grants
from tickstream.server.cluster.leases import LIFE, SHARDS, Leases, lease_of, shard_of


def test_all_quotes_are_one_lease_and_each_other_part_is_its_own() -> None:
    assert lease_of("quote:AAPL") == lease_of("quote:^GSPC") == "quotes"
    assert lease_of("news:AAPL") == "news:AAPL"


def test_shards_are_the_same_everywhere_and_all_used() -> None:
    assert [shard_of(symbol) for symbol in ("AAPL", "MSFT", "BTC-USD")] == [4, 3, 0]
    assert {shard_of(f"S{number}") for number in range(200)} == set(range(SHARDS))


def test_what_is_held_is_fetched_until_it_may_have_run_out() -> None:
    leases = Leases(5.0)
    leases.renewed(100.0, {"quotes": 7}, {}, 100.1)
    assert leases.fetches("quote:AAPL", 100.0 + LIFE - 0.1, answering=True)
    assert not leases.fetches("quote:AAPL", 100.0 + LIFE, answering=True)
    assert leases.is_mine("quotes", 105.0)
    assert not leases.is_mine("quotes", 106.0)


def test_what_was_held_is_fetched_on_while_redis_is_away() -> None:
    leases = Leases(5.0)
    leases.renewed(100.0, {"quotes": 7}, {}, 100.1)
    assert leases.fetches("quote:AAPL", 1000.0, answering=False)


def test_another_holder_is_trusted_for_two_seconds_after_its_round_was_due() -> None:
    leases = Leases(5.0)
    leases.renewed(100.0, {}, {"quotes": "other"}, 100.0)
    assert not leases.fetches("quote:AAPL", 107.0, answering=True)
    assert leases.fetches("quote:AAPL", 107.1, answering=True)
    leases.went_round("other", 106.0)
    assert not leases.fetches("quote:AAPL", 113.0, answering=True)
    assert not leases.fetches("quote:AAPL", 113.0, answering=False)
    assert leases.fetches("quote:AAPL", 113.1, answering=False)


def test_what_nobody_is_known_to_hold_is_fetched_only_where_nobody_can_say_who_does() -> None:
    leases = Leases(5.0)
    assert not leases.fetches("news:AAPL", 1.0, answering=True)
    assert leases.fetches("news:AAPL", 1.0, answering=False)


def test_messages_of_an_older_epoch_are_of_the_past() -> None:
    leases = Leases(5.0)
    assert leases.accepts("quotes", 5)
    assert leases.accepts("quotes", 5)
    assert leases.accepts("quotes", 6)
    assert not leases.accepts("quotes", 5)
    assert leases.accepts("news:AAPL", 1)
    leases.renewed(0.0, {"news:AAPL": 9}, {}, 0.0)
    assert not leases.accepts("news:AAPL", 8)


def test_instances_that_are_gone_are_forgotten() -> None:
    leases = Leases(5.0)
    leases.went_round("gone", 100.0)
    leases.gone(["other"])
    leases.renewed(101.0, {}, {"quotes": "gone"}, 200.0)
    # It counts from when it was heard of anew, not from its rounds of long ago.
    assert not leases.fetches("quote:AAPL", 206.0, answering=True)


@pytest.fixture
def kicks() -> list[int]:
    return []


def granted(kicks: list[int], count: int) -> Grants:
    grants = Grants(lambda: kicks.append(1))
    grants.ask(0)
    grants.granted(count)
    return grants


def test_what_was_granted_is_spent_and_no_more(kicks: list[int]) -> None:
    grants = granted(kicks, 2)
    assert grants.spend(1) == 1
    assert not kicks
    assert grants.spend(5) == 1
    assert kicks == [1]
    assert grants.ask(0) == (2, 4 + Grants.SPARE)


def test_what_was_spent_while_redis_was_asked_is_taken_from_its_answer(kicks: list[int]) -> None:
    grants = granted(kicks, 3)
    assert grants.ask(0) == (0, Grants.SPARE)
    assert grants.spend(2) == 2
    grants.granted(3)
    assert grants.left == 1
    assert grants.ask(0)[0] == 2


def test_who_waits_is_told_when_it_can_be_paid_for_and_what_cannot_is_counted(kicks: list[int]) -> None:
    grants = granted(kicks, 0)
    assert grants.spend(3) == 0
    grants.ask(0)
    assert not grants.granted(0)
    assert grants.put_off == 3
    grants.ask(0)
    assert grants.granted(3)
    assert grants.spend(3) == 3
    grants.ask(0)
    assert not grants.granted(2)


def test_what_redis_did_not_hear_is_said_again(kicks: list[int]) -> None:
    grants = granted(kicks, 2)
    grants.spend(2)
    used, _ = grants.ask(1)
    assert used == 3
    grants.lost(used)
    assert grants.ask(0)[0] == 3
