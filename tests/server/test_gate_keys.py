"""The gate: who needs a key, how it is given, and who tries too many."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

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
    refused,
    status,
)
from tickstream.server.gate import Gate
from tickstream.server.keys import Key, Keys
from tickstream.server.settings import Access, Settings


@pytest.mark.parametrize(
    ("loopback", "keys", "access", "needed"),
    [
        (True, NO_KEYS, Access(), False),
        (True, KEYS, Access(), True),
        (False, KEYS, Access(), True),
        (False, KEYS, Access(anonymous=True), True),
        (False, NO_KEYS, Access(anonymous=True), False),
        (True, NO_KEYS, Access(required=True, anonymous=True), False),
        # What follows check_access refuses to serve; but keys may be taken away while we serve.
        (True, NO_KEYS, Access(required=True), True),
        (False, NO_KEYS, Access(), True),
        (True, NO_KEYS, Access(hosts=("localhost",)), True),
    ],
)
def test_keys_are_needed_where_there_are_any_or_where_there_should_be(
    loopback: bool, keys: Keys, access: Access, needed: bool
) -> None:
    asked = Gate(Settings(access=access), keys, loopback=loopback).enter(local())
    assert status(asked) == (401 if needed else 101)


def test_where_no_key_is_needed_one_that_is_given_does_not_matter() -> None:
    found = admitted(gate(loopback=True).enter(local(key("whatever"), ("authorization", "Bearer x"))))
    assert (found.label, found.admin) == ("", False)


@pytest.mark.parametrize(
    ("path", "websocket", "expected"),
    [
        ("/", False, 101),
        ("/healthz", False, 101),
        ("/readyz", False, 101),
        ("/page/app.js", False, 101),
        ("/page/fonts/a.woff2", False, 101),
        ("/quotes", False, 401),
        ("/metrics", False, 401),
        ("/page", False, 401),
        ("/page/", False, 401),
        ("/page/../metrics", False, 401),
        ("/page/./app.js", False, 401),
        ("/page//app.js", False, 401),
        ("/page/..\\metrics", False, 401),
        ("/pages/app.js", False, 401),
        ("/x/page/app.js", False, 401),
        ("/healthz/", False, 401),
        ("//", False, 401),
        ("", False, 401),
        ("/", True, 401),
        ("/healthz", True, 401),
        ("/page/app.js", True, 401),
    ],
)
def test_only_the_page_its_files_and_the_probes_are_for_everybody_and_only_over_plain_http(
    path: str, websocket: bool, expected: int
) -> None:
    assert status(public().look(head(path=path, websocket=websocket))) == expected


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto"])
def test_metrics_are_for_loopback_itself_but_not_for_whom_a_proxy_there_speaks(header: str) -> None:
    for known in (public(), public(NO_KEYS), gate(loopback=True), gate(KEYS, loopback=True)):
        asked = local(path="/metrics", websocket=False)
        assert status(known.look(asked)) == 101
        assert status(known.look(replace(asked, peer="::1"))) == 101
        assert status(known.look(replace(asked, headers=(*asked.headers, (header, "127.0.0.1"))))) == 401
        assert status(known.look(replace(asked, peer=""))) == 401


def test_metrics_are_for_whoever_has_a_key() -> None:
    assert status(public().look(head(key(ALICE), path="/metrics", websocket=False))) == 101


def test_metrics_are_not_for_strangers_where_everybody_may_connect() -> None:
    assert status(public(NO_KEYS).look(head(path="/metrics", websocket=False))) == 401


@pytest.mark.parametrize(
    "header",
    [
        ("x-api-key", ALICE),
        ("x-api-key", f" {ALICE}\t"),
        ("authorization", f"Bearer {ALICE}"),
        ("authorization", f"bEARER   {ALICE}"),
        ("sec-websocket-protocol", f"tickstream.v1, tickstream.key.{ALICE}"),
        ("sec-websocket-protocol", f"tickstream.key.{ALICE},tickstream.v1"),
    ],
)
def test_a_key_is_given_by_either_header_or_as_a_subprotocol(header: tuple[str, str]) -> None:
    found = admitted(public().enter(head(header)))
    assert (found.label, found.admin, found.address) == ("alice", False, STRANGER)


def test_the_admins_key_makes_an_admin() -> None:
    found = admitted(public().look(head(key(ADMIN), websocket=False)))
    assert (found.label, found.admin) == ("admin", True)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [key("wrong")],
        [key("")],
        [key(ALICE[:-1])],
        [key(ALICE.upper())],
        [key("\0")],
        [key(f"{ALICE}\0")],
        [key("\xff\xfe")],
        [key("\udcff")],
        [key("ключ")],
        [key("x" * 2**20)],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Bearer wrong")],
        [("authorization", f"Basic {ALICE}")],
        [("authorization", ALICE)],
        [("cookie", f"key={ALICE}")],
        [("sec-websocket-protocol", "tickstream.key.")],
        [("sec-websocket-protocol", f"tickstream.v1, {ALICE}")],
        [("sec-websocket-protocol", f"tickstream.v1, Tickstream.Key.{ALICE}")],
        [key(ALICE), key(BOB)],
        [key(ALICE), key("")],
        [key(ALICE), ("authorization", f"Bearer {BOB}")],
        [key(ALICE), ("authorization", "Bearer wrong")],
        [key(ALICE), ("sec-websocket-protocol", f"tickstream.v1, tickstream.key.{BOB}")],
        [("sec-websocket-protocol", f"tickstream.key.{ALICE}, tickstream.key.{BOB}")],
    ],
)
def test_no_key_a_wrong_one_and_two_different_ones_get_the_same_answer(
    headers: list[tuple[str, str]],
) -> None:
    found = refused(public().enter(head(*headers)))
    assert found == refused(public().look(head(key("wrong"), path="/other", websocket=False)))
    assert (found.status, found.reason, found.retry_after) == (401, "key", None)


def test_the_same_key_given_twice_is_one() -> None:
    twice = head(key(ALICE), key(ALICE), ("authorization", f"Bearer {ALICE}"))
    assert admitted(public().enter(twice)).label == "alice"


def test_a_key_in_the_query_is_none() -> None:
    assert status(public().enter(head(path=f"/quotes?key={ALICE}&x-api-key={ALICE}"))) == 401


def test_a_plain_request_has_no_subprotocol_to_give_a_key_by() -> None:
    header = ("sec-websocket-protocol", f"tickstream.v1, tickstream.key.{ALICE}")
    assert status(public().look(head(header, websocket=False))) == 401


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ([], None),
        (["tickstream.v1"], "tickstream.v1"),
        (["other, tickstream.v1"], "tickstream.v1"),
        ([f"tickstream.key.{ALICE}", "tickstream.v1"], "tickstream.v1"),
        ([f"tickstream.key.{ALICE}"], None),
        (["other"], None),
        ([""], None),
        (["tickstream.v2"], None),
        (["TICKSTREAM.V1"], None),
    ],
)
def test_the_only_subprotocol_that_is_ever_answered_is_ours_and_only_if_it_is_asked_for(
    asked: list[str], answered: str | None
) -> None:
    headers = [("sec-websocket-protocol", value) for value in asked]
    assert admitted(gate(loopback=True).enter(local(*headers))).subprotocol == answered
    if asked and ALICE in asked[0]:
        assert admitted(public().enter(head(*headers))).subprotocol == answered


def test_a_plain_request_is_answered_no_subprotocol() -> None:
    asked = local(("sec-websocket-protocol", "tickstream.v1"), websocket=False)
    assert admitted(gate(loopback=True).look(asked)).subprotocol is None


def test_keys_that_are_replaced_hold_from_the_next_request_on() -> None:
    known = public()
    staying = admitted(known.enter(head(key(ALICE))))
    known.keys = Keys([(Key("carol"), sha256(b"carols-key").digest())])
    assert status(known.enter(head(key(ALICE)))) == 401
    assert admitted(known.enter(head(key("carols-key")))).label == "carol"
    known.leave(staying)
    assert known.connections.of_key("alice") == 0


def test_nothing_that_was_given_shows_in_an_answer_or_in_what_is_printed() -> None:
    secret = "s3cret"
    for asked in (
        head(key(secret)),
        head(key(secret), host=f"{secret}.example/"),
        head(("origin", f"http://{secret}")),
        head(("authorization", f"Bearer {secret}"), ("sec-websocket-protocol", f"tickstream.key.{secret}")),
    ):
        assert secret not in repr(public().enter(asked))
        assert secret not in repr(asked)
    assert ALICE not in repr(public().enter(head(key(ALICE))))


def fail(known: Gate, times: int, peer: str = STRANGER) -> list[int]:
    return [status(known.look(head(key("wrong"), peer=peer, websocket=False))) for _ in range(times)]


def test_after_ten_wrong_keys_within_a_minute_an_address_is_refused_for_a_minute() -> None:
    clock = Clock()
    known = public(clock=clock)
    assert fail(known, 11) == [401] * 10 + [429]
    found = refused(known.enter(head(key("wrong"))))
    assert (found.status, found.reason, found.retry_after) == (429, "failures", 60)
    clock.now += 59.5
    assert refused(known.enter(head(key("wrong")))).retry_after == 1
    clock.now += 0.5
    assert status(known.enter(head(key("wrong")))) == 401


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_a_wall_clock_that_is_set_makes_no_minute_longer_or_shorter(ahead: float) -> None:
    clock = Clock()
    known = public(clock=clock)
    fail(known, 10)
    clock.ahead = ahead
    assert refused(known.enter(head(key(ALICE)))).retry_after == 60
    clock.now += 60
    assert status(known.enter(head(key(ALICE)))) == 101


def test_a_refused_address_does_not_learn_that_a_key_is_right() -> None:
    known = public()
    fail(known, 10)
    assert [status(known.enter(head(key(given)))) for given in (ALICE, ADMIN)] == [429, 429]


def test_other_addresses_and_what_needs_no_key_are_not_refused() -> None:
    known = public()
    fail(known, 10)
    assert status(known.enter(head(key(ALICE), peer="203.0.113.10"))) == 101
    assert status(known.look(head(path="/", websocket=False))) == 101


@pytest.mark.parametrize("headers", [[], [key("")], [key(ALICE)], [("authorization", "Basic eDp5")]])
def test_only_wrong_keys_count_and_neither_missing_nor_right_ones(headers: list[tuple[str, str]]) -> None:
    known = public()
    for _ in range(20):
        known.look(head(*headers, websocket=False))
    assert status(known.look(head(key(ALICE), websocket=False))) == 101


@pytest.mark.parametrize(
    "headers",
    [
        [("authorization", "Bearer wrong")],
        [("sec-websocket-protocol", "tickstream.key.wrong")],
        [key("\xff")],
        [key(ALICE), key("wrong")],
    ],
)
def test_a_wrong_key_counts_however_it_is_given(headers: list[tuple[str, str]]) -> None:
    known = public()
    assert [status(known.enter(head(*headers))) for _ in range(11)] == [401] * 10 + [429]


def test_a_wrong_key_where_none_is_needed_does_not_count() -> None:
    known = public()
    for _ in range(20):
        known.look(head(key("wrong"), path="/healthz", websocket=False))
    assert status(known.look(head(key(ALICE)))) == 101


def test_on_loopback_all_have_one_address_and_nobody_is_refused_for_another() -> None:
    known = gate(KEYS, loopback=True)
    assert {status(known.enter(local(key("wrong")))) for _ in range(50)} == {401}


def test_on_loopback_behind_a_trusted_proxy_addresses_are_refused_one_by_one() -> None:
    known = gate(KEYS, loopback=True, proxies=("127.0.0.1/32",))
    one, other = ("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "198.51.100.2")
    assert [status(known.enter(local(key("wrong"), one))) for _ in range(11)] == [401] * 10 + [429]
    assert status(known.enter(local(key(ALICE), other))) == 101
