"""The gate: how many may be in, and that whoever leaves leaves nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.support.gate import (
    ADMIN,
    ALICE,
    BOB,
    KEYS,
    NO_KEYS,
    STRANGER,
    Clock,
    admitted,
    gate,
    head,
    key,
    local,
    public,
    reason,
    refused,
    status,
)
from tickstream.server.gate import Admission, Gate, Head
from tickstream.server.settings import Limits


def fill(known: Gate, *asked: Head) -> list[Admission]:
    return [admitted(known.enter(one)) for one in asked]


def test_when_all_places_are_taken_a_client_may_come_back_later() -> None:
    known = public(limits=Limits(clients=2))
    first, _ = fill(known, head(key(ALICE)), head(key(BOB), peer="203.0.113.1"))
    found = refused(known.enter(head(key(ALICE), peer="203.0.113.2")))
    assert (found.status, found.reason) == (503, "clients")
    assert found.retry_after is not None
    assert found.retry_after > 0
    known.leave(first)
    assert status(known.enter(head(key(ALICE), peer="203.0.113.2"))) == 101


def test_one_address_takes_so_many_places() -> None:
    known = public(NO_KEYS, limits=Limits(per_address=2))
    first, _ = fill(known, head(), head())
    found = refused(known.enter(head()))
    assert (found.status, found.reason, found.retry_after) == (429, "address", None)
    assert status(known.enter(head(peer="203.0.113.10"))) == 101
    known.leave(first)
    assert status(known.enter(head())) == 101


def test_a_network_of_64_bits_takes_the_places_of_one_address() -> None:
    known = public(NO_KEYS, limits=Limits(per_address=2))
    fill(known, head(peer="2001:db8::1"), head(peer="2001:db8::2"))
    assert status(known.enter(head(peer="2001:db8::3"))) == 429
    assert status(known.enter(head(peer="2001:db8:0:1::1"))) == 101


def test_one_key_takes_so_many_places_wherever_it_is_used() -> None:
    known = public(limits=Limits(per_key=2))
    first, _ = fill(known, head(key(ALICE)), head(key(ALICE), peer="203.0.113.1"))
    found = refused(known.enter(head(key(ALICE), peer="203.0.113.2")))
    assert (found.status, found.reason, found.retry_after) == (429, "label", None)
    assert status(known.enter(head(key(BOB)))) == 101
    known.leave(first)
    assert status(known.enter(head(key(ALICE)))) == 101


def test_those_without_a_key_do_not_share_the_places_of_one() -> None:
    known = public(NO_KEYS, limits=Limits(per_key=0))
    fill(known, head(), head(), head())


def test_an_address_that_had_its_connections_of_the_day_waits_until_midnight() -> None:
    clock = Clock()
    known = public(limits=Limits(per_day=2), clock=clock)
    for admission in fill(known, head(key(ALICE)), head(key(BOB))):
        known.leave(admission)
    clock.now += 0.5
    found = refused(known.enter(head(key(ALICE))))
    assert (found.status, found.reason, found.retry_after) == (429, "day", 43_200)
    assert status(known.enter(head(key(ALICE), peer="203.0.113.10"))) == 101
    clock.now += 43_200
    assert status(known.enter(head(key(ALICE)))) == 101


def test_what_is_refused_is_not_one_of_the_days_connections() -> None:
    known = public(limits=Limits(per_day=2, per_address=1))
    (first,) = fill(known, head(key(ALICE)))
    assert [reason(known.enter(head(key(ALICE)))) for _ in range(5)] == ["address"] * 5
    known.leave(first)
    assert status(known.enter(head(key(ALICE)))) == 101


def test_the_admin_finds_room_when_there_is_none_and_takes_none_from_its_address() -> None:
    limits = Limits(clients=3, per_address=1, per_key=1, per_day=1)
    known = public(limits=limits)
    fill(known, head(key(ADMIN)), head(key(ADMIN)), head(key(ALICE)))
    assert status(known.enter(head(key(BOB), peer="203.0.113.10"))) == 503
    fill(known, head(key(ADMIN)), head(key(ADMIN)))
    assert known.connections.total == 5


def test_on_loopback_all_have_one_address_and_it_has_no_limit() -> None:
    known = gate(loopback=True, limits=Limits(per_address=1, per_day=1))
    fill(known, local(), local(), local())


def test_on_loopback_behind_a_trusted_proxy_each_client_has_its_own_limit() -> None:
    known = gate(KEYS, loopback=True, limits=Limits(per_address=1, per_day=2), proxies=("127.0.0.0/8",))
    one, other = ("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "198.51.100.2")
    (first,) = fill(known, local(key(ALICE), one))
    assert reason(known.enter(local(key(ALICE), one))) == "address"
    fill(known, local(key(ALICE), other))
    known.leave(first)
    known.leave(fill(known, local(key(ALICE), one))[0])
    assert reason(known.enter(local(key(ALICE), one))) == "day"


def test_the_first_no_is_the_answer() -> None:
    limits = Limits(clients=1, per_address=1, per_key=1, per_day=1)
    known = public(limits=limits, hosts=("ticker.example",))
    (first,) = fill(known, head(key(ALICE)))
    bad = ("origin", "null")
    assert reason(known.enter(head(bad, key("wrong"), host="evil.example"))) == "host"
    assert reason(known.enter(head(bad, key("wrong")))) == "origin"
    assert reason(known.enter(head(key("wrong")))) == "key"
    assert reason(known.enter(head(key(ALICE)))) == "clients"
    wide = public(limits=replace(limits, clients=9))
    (first,) = fill(wide, head(key(ALICE)))
    assert reason(wide.enter(head(key(ALICE)))) == "address"
    assert reason(wide.enter(head(key(ALICE), peer="203.0.113.10"))) == "label"
    wide.leave(first)
    assert reason(wide.enter(head(key(ALICE)))) == "day"


def test_a_plain_request_takes_no_place_and_needs_none() -> None:
    known = public(limits=Limits(clients=1, per_address=1, per_key=1, per_day=1))
    fill(known, head(key(ALICE)))
    looked = [known.look(head(key(ALICE), websocket=False)) for _ in range(5)]
    assert {status(found) for found in looked} == {101}
    for found in looked:
        known.leave(admitted(found))
    assert known.connections.total == 1


def test_leaving_twice_gives_back_one_place() -> None:
    known = public()
    first, _ = fill(known, head(key(ALICE)), head(key(ALICE)))
    known.leave(first)
    known.leave(first)
    assert (known.connections.total, known.connections.of_address(STRANGER)) == (1, 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ADMIN, ALICE, BOB, "wrong"]),
            st.sampled_from(["203.0.113.1", "2001:db8::1", "2001:db8::2", ""]),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_when_all_have_left_nothing_is_left(clients: list[tuple[str, str, bool]]) -> None:
    known = public(limits=Limits(clients=8, per_address=3, per_key=5))
    inside = []
    for given_key, peer, stays in clients:
        found = known.enter(head(key(given_key), peer=peer))
        if isinstance(found, Admission):
            inside.append(found)
            if not stays:
                known.leave(inside.pop())
    assert known.connections.total == len(inside)
    for admission in inside:
        known.leave(admission)
    assert (known.connections.total, known.connections.remembered) == (0, 0)
