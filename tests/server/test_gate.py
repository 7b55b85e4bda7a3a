"""The gate: whom it lets in, and what it says to the others."""

from __future__ import annotations

import hashlib
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.errors import UsageError
from tickstream.server.gate import Admission, Gate, Head, Refusal, check_access, is_loopback_host, is_origin
from tickstream.server.keys import Key, Keys
from tickstream.server.settings import Access, Limits, Settings

LOCAL = ("host", "localhost:8000")
PUBLIC = ("host", "ticks.example")
KEYS = Keys(
    {hashlib.sha256(key).digest(): Key(key.decode(), admin=key == b"root") for key in (b"bob", b"root")}
)
NONE = Keys({})


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def gate(
    *,
    keys: Keys = NONE,
    loopback: bool = True,
    limits: Limits | None = None,
    clock: Clock | None = None,
    **access: Any,
) -> Gate:
    settings = Settings(access=Access(**access), limits=limits or Limits())
    now = clock or Clock()
    return Gate(settings, keys, loopback=loopback, wall=now, monotonic=now)


def head(
    *headers: tuple[str, str], path: str = "/quotes", peer: str = "127.0.0.1", websocket: bool = True
) -> Head:
    return Head(path, headers, peer, websocket)


def status(answer: Admission | Refusal) -> int:
    return int(answer.status) if isinstance(answer, Refusal) else 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200), ("LOCALHOST:8000", 200), ("127.0.0.1:1", 200), ("127.8.8.8", 200),
        ("[::1]:8000", 200), ("localhost.", 200), ("my.name:8000", 200), ("evil.example", 421),
        ("localhost.evil.com", 421), ("127.0.0.1.evil.com", 421), ("", 400), ("a b", 400),
        ("local\x00host", 400), ("[::1", 400), ("x:y", 400),
    ],
)  # fmt: skip
def test_on_loopback_only_its_own_names_are_meant(host: str, expected: int) -> None:
    assert status(gate(hosts=("My.Name",)).look(head(("host", host)))) == expected


def test_elsewhere_any_name_is_meant_unless_some_are_given() -> None:
    assert status(gate(loopback=False).look(head(PUBLIC))) == 200
    named = gate(loopback=False, hosts=("ticks.example",))
    assert status(named.look(head(PUBLIC))) == 200
    assert status(named.look(head(("host", "other.example")))) == 421


def test_one_host_is_named_or_none_by_those_who_only_look_after_it() -> None:
    assert status(gate().look(head())) == 400
    assert status(gate().look(head(LOCAL, LOCAL))) == 400
    assert status(gate().look(head(path="/healthz", websocket=False))) == 200


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:8000", 200), ("https://localhost:8000", 200), ("HTTP://LOCALHOST:8000", 200),
        ("https://my.site", 200), ("https://MY.site:443", 200), ("http://my.site", 403),
        ("https://my.site:8443", 403), ("null", 403), ("http://localhost:8001", 403),
        ("http://localhost.evil.com:8000", 403),
        ("https://my.site.evil.com", 403), ("https://my.site@evil.com", 403),
        ("file://", 403), ("", 403),
        ("\xff", 403), ("http://[", 403), ("http://localhost:8000/path", 403),
        ("http://localhost:99999999", 403),
    ],
)  # fmt: skip
def test_pages_of_other_sites_may_not_connect_unless_they_are_named(origin: str, expected: int) -> None:
    named = gate(origins=("https://my.site",))
    assert status(named.enter(head(LOCAL, ("origin", origin)))) == expected


def test_two_origins_are_none() -> None:
    own = ("origin", "http://localhost:8000")
    assert status(gate().look(head(LOCAL, own, own))) == 403


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], 401),
        ([("x-api-key", "bob")], 200),
        ([("authorization", "Bearer bob")], 200),
        ([("authorization", "bearer bob")], 200),
        ([("authorization", "Basic bob")], 401),
        ([("sec-websocket-protocol", "tickstream.v1, tickstream.key.bob")], 200),
        ([("sec-websocket-protocol", "tickstream.v1, tickstream.key.eve")], 401),
        ([("x-api-key", "bob"), ("authorization", "Bearer bob")], 200),
        ([("x-api-key", "bob"), ("authorization", "Bearer root")], 401),
        ([("x-api-key", "")], 401),
        ([("x-api-key", "eve")], 401),
        ([("x-api-key", "b\xf6b")], 401),
        ([("x-api-key", "bob\x00")], 401),
        ([("x-api-key", "x" * 2**20)], 401),
        ([("cookie", "key=bob")], 401),
    ],
)
def test_a_key_is_asked_for_once_there_is_one(headers: list[tuple[str, str]], expected: int) -> None:
    assert status(gate(keys=KEYS).enter(head(LOCAL, *headers))) == expected


def test_missing_and_wrong_are_told_apart_by_nobody() -> None:
    guarded = gate(keys=KEYS)
    assert guarded.look(head(LOCAL)) == guarded.look(head(LOCAL, ("x-api-key", "eve")))


def test_the_protocol_is_answered_and_the_key_in_it_never() -> None:
    answer = gate(keys=KEYS).look(head(LOCAL, ("sec-websocket-protocol", "tickstream.key.bob,tickstream.v1")))
    assert isinstance(answer, Admission)
    assert (answer.subprotocol, answer.label) == ("tickstream.v1", "bob")
    answer = gate(keys=KEYS).look(head(LOCAL, ("x-api-key", "bob")))
    assert isinstance(answer, Admission)
    assert answer.subprotocol is None


def test_required_without_keys_nobody_gets_in() -> None:
    assert status(gate(required=True).look(head(LOCAL))) == 401


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/page/page.js"])
def test_the_page_and_the_state_need_no_key_but_a_websocket_there_does(path: str) -> None:
    guarded = gate(keys=KEYS)
    assert status(guarded.look(head(LOCAL, path=path, websocket=False))) == 200
    assert status(guarded.look(head(LOCAL, path=path))) == 401


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("127.0.0.1", [], 200),
        ("::1", [], 200),
        ("10.0.0.5", [], 401),
        ("10.0.0.5", [("x-api-key", "bob")], 200),
        ("127.0.0.1", [("x-forwarded-for", "9.9.9.9")], 401),
        ("127.0.0.1", [("forwarded", "for=9.9.9.9")], 401),
    ],
)
def test_the_numbers_are_for_this_machine_or_a_key(
    peer: str, headers: list[tuple[str, str]], expected: int
) -> None:
    for keys in (KEYS, NONE):
        guarded = gate(keys=keys, loopback=False)
        answer = guarded.look(head(PUBLIC, *headers, path="/metrics", peer=peer, websocket=False))
        assert status(answer) == (
            expected if keys or not any(name == "x-api-key" for name, _ in headers) else 401
        )


def test_ten_wrong_keys_from_an_address_and_it_is_not_heard_for_a_minute() -> None:
    clock = Clock()
    guarded = gate(keys=KEYS, loopback=False, clock=clock)
    wrong = head(PUBLIC, ("x-api-key", "eve"), peer="9.9.9.9")
    assert [status(guarded.enter(wrong)) for _ in range(11)] == [401] * 10 + [429]
    right = head(PUBLIC, ("x-api-key", "bob"), peer="9.9.9.9")
    refusal = guarded.enter(right)
    assert isinstance(refusal, Refusal)
    assert refusal.retry_after == 60
    assert status(guarded.enter(head(PUBLIC, ("x-api-key", "bob"), peer="8.8.8.8"))) == 200
    clock.now += 61
    assert status(guarded.enter(right)) == 200


def test_missing_keys_are_no_guesses() -> None:
    guarded = gate(keys=KEYS, loopback=False)
    assert {status(guarded.enter(head(PUBLIC, peer="9.9.9.9"))) for _ in range(30)} == {401}


PROXY = (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("9.9.9.9", ["1.1.1.1"], "9.9.9.9"),
        ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["1.1.1.1, 10.0.0.2"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["not an address"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
    ],
)
def test_a_forwarded_address_is_believed_of_a_trusted_proxy_alone(
    peer: str, forwarded: list[str], address: str
) -> None:
    behind = gate(loopback=False, proxies=PROXY)
    answer = behind.look(head(PUBLIC, *(("x-forwarded-for", value) for value in forwarded), peer=peer))
    assert isinstance(answer, Admission)
    assert answer.address == address


def test_each_limit_refuses_and_a_place_that_is_left_is_free_again() -> None:
    small = gate(loopback=False, keys=KEYS, limits=Limits(clients=3, per_address=2, per_key=3))

    def come(address: str, key: str = "bob") -> Admission | Refusal:
        return small.enter(head(PUBLIC, ("x-api-key", key), peer=address))

    first = come("1.1.1.1")
    assert isinstance(first, Admission)
    assert status(come("1.1.1.1")) == 200
    refusal = come("1.1.1.1")
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (429, "address")
    assert status(come("2.2.2.2")) == 200
    refusal = come("3.3.3.3")
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (503, "clients")
    assert refusal.retry_after
    assert status(come("1.1.1.1", "root")) == 200
    small.leave(first)
    assert small.connections.total == 3


def test_a_key_has_so_many_connections() -> None:
    small = gate(loopback=False, keys=KEYS, limits=Limits(per_key=1))
    assert status(small.enter(head(PUBLIC, ("x-api-key", "bob"), peer="1.1.1.1"))) == 200
    assert status(small.enter(head(PUBLIC, ("x-api-key", "bob"), peer="2.2.2.2"))) == 429
    assert status(small.enter(head(PUBLIC, ("x-api-key", "root"), peer="2.2.2.2"))) == 200


def test_an_address_has_so_many_connections_a_day() -> None:
    clock = Clock()
    small = gate(loopback=False, limits=Limits(per_day=2), clock=clock, anonymous=True)
    for _ in range(2):
        admission = small.enter(head(PUBLIC, peer="1.1.1.1"))
        assert isinstance(admission, Admission)
        small.leave(admission)
    refusal = small.enter(head(PUBLIC, peer="1.1.1.1"))
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (429, "day")
    assert refusal.retry_after == 86_400 - clock.now % 86_400
    clock.now += refusal.retry_after
    assert status(small.enter(head(PUBLIC, peer="1.1.1.1"))) == 200


def test_on_loopback_addresses_are_not_counted_unless_a_proxy_says_them() -> None:
    local = gate(limits=Limits(per_address=1))
    assert {status(local.enter(head(LOCAL))) for _ in range(5)} == {200}
    behind = gate(limits=Limits(per_address=1), proxies=(ip_network("127.0.0.0/8"),), anonymous=True)
    one = head(LOCAL, ("x-forwarded-for", "1.1.1.1"))
    assert [status(behind.enter(one)) for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("access", "keys", "loopback", "match"),
    [
        ({}, NONE, True, None),
        ({}, NONE, False, "open to others"),
        ({}, KEYS, False, None),
        ({"anonymous": True}, NONE, False, None),
        ({"required": True}, NONE, True, "required"),
        ({"required": True, "anonymous": True}, NONE, True, None),
        ({"origins": ("https://a.b",)}, NONE, True, "lets others in"),
        ({"hosts": ("a.b",)}, NONE, True, "lets others in"),
        ({"proxies": PROXY}, NONE, True, "lets others in"),
        ({"proxies": PROXY}, KEYS, True, None),
    ],
)
def test_nothing_is_open_to_others_unless_somebody_said_so(
    access: dict[str, Any], keys: Keys, loopback: bool, match: str | None
) -> None:
    settings = Settings(access=Access(**access))
    if match is None:
        check_access(settings, keys, loopback=loopback)
        return
    with pytest.raises(UsageError, match=match):
        check_access(settings, keys, loopback=loopback)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("x.y", False),
    ],
)
def test_loopback_is_what_others_cannot_reach(host: str, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback


def test_an_origin_is_scheme_name_and_port() -> None:
    assert is_origin("https://my.site:8443")
    assert not is_origin("my.site")
    assert not is_origin("https://my.site/page")


@given(st.lists(st.tuples(st.sampled_from(["host", "origin", "x-api-key", "authorization", "x-forwarded-for",
                                           "sec-websocket-protocol"]), st.text(max_size=40))))  # fmt: skip
def test_no_header_whatever_breaks_it(headers: list[tuple[str, str]]) -> None:
    for keys in (KEYS, NONE):
        answer = gate(keys=keys, loopback=False, proxies=PROXY, limits=Limits(per_address=1)).enter(
            Head("/quotes", headers, "10.0.0.1", websocket=True)
        )
        assert isinstance(answer, (Admission, Refusal))
