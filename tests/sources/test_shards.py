"""Shards: at most 100 symbols a connection, and nobody moves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.sources.shards import share_out
from tickstream.sources.yahoo import MOST

few = settings(max_examples=200, deadline=None, database=None)

wishes = st.lists(st.frozensets(st.integers(0, 40).map(lambda number: f"S{number}")), max_size=6)


@few
@given(wishes, st.integers(1, 7))
def test_whatever_is_wished_one_after_the_other_each_wish_is_met(
    wishes: list[frozenset[str]], most: int
) -> None:
    held: list[frozenset[str]] = []
    for wanted in wishes:
        shares = share_out(wanted, held, most=most)
        assert frozenset().union(*shares) == wanted
        assert sum(map(len, shares)) == len(wanted)
        assert all(len(share) <= most for share in shares)
        assert len(shares) >= len(held)
        for before, share in zip(held, shares, strict=False):
            assert before & wanted <= share
        held = shares


@few
@given(st.integers(0, 1000))
def test_no_more_connections_are_opened_than_are_needed(count: int) -> None:
    shares = share_out(frozenset(f"S{number}" for number in range(count)), [], most=MOST)
    assert len(shares) == -(-count // MOST)


def test_a_hundred_symbols_are_one_connection_and_one_more_is_two() -> None:
    symbols = [f"S{number:03}" for number in range(MOST + 1)]
    assert [len(share) for share in share_out(frozenset(symbols[:MOST]), [], most=MOST)] == [100]
    assert [len(share) for share in share_out(frozenset(symbols), [], most=MOST)] == [100, 1]


def test_free_places_are_filled_before_a_connection_is_added() -> None:
    held = [frozenset("AB"), frozenset("CDE")]
    assert share_out(frozenset("ACDEFG"), held, most=3) == [frozenset("AFG"), frozenset("CDE")]


def test_a_connection_that_nobody_needs_is_left_empty_and_used_again_first() -> None:
    held = [frozenset("AB"), frozenset("CD")]
    shares = share_out(frozenset("CD"), held, most=2)
    assert shares == [frozenset(), frozenset("CD")]
    assert share_out(frozenset("CDEF"), shares, most=2) == [frozenset("EF"), frozenset("CD")]


def test_the_same_wish_again_changes_nothing() -> None:
    shares = share_out(frozenset("ABCDE"), [], most=2)
    assert share_out(frozenset("ABCDE"), shares, most=2) == shares
