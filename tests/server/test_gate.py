"""The gate: hosts, origins and addresses, and that no request whatever makes it raise."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.gate import (
    ALICE,
    KEYS,
    NO_KEYS,
    STRANGER,
    admitted,
    gate,
    head,
    local,
    public,
    reason,
    status,
)
from tickstream.server.addresses import read_host, read_origin
from tickstream.server.gate import Head, Refusal
from tickstream.server.settings import Limits


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 101),
        ("localhost:8000", 101),
        ("LocalHost.:1", 101),
        ("127.0.0.1:8000", 101),
        ("127.9.9.9", 101),
        ("[::1]", 101),
        ("[::1]:8000", 101),
        ("[0:0::1]:8000", 101),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("192.168.1.7", 421),
        ("0.0.0.0:8000", 421),
        ("[::]", 421),
        ("2130706433", 421),
    ],
)
def test_on_loopback_only_the_names_of_loopback_are_known(host: str, expected: int) -> None:
    for found in (
        gate(loopback=True).enter(local(host=host)),
        gate(loopback=True).look(local(host=host)),
    ):
        assert (status(found), reason(found)) == (expected, "" if expected == 101 else "host")


@pytest.mark.parametrize("loopback", [True, False])
@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("ticker.example", 101),
        ("ticker.example:8443", 101),
        ("TICKER.Example.:1", 101),
        ("[2001:db8:0::1]:9", 101),
        ("my_box", 101),
        ("example", 421),
        ("x.ticker.example", 421),
        ("ticker.example.evil", 421),
    ],
)
def test_a_host_that_is_allowed_is_known_by_its_name_whatever_the_port(
    loopback: bool, host: str, expected: int
) -> None:
    hosts = ("Ticker.Example", "2001:DB8::1", "my_box.")
    known = gate(loopback=loopback, hosts=hosts, anonymous=True)
    assert status(known.enter(head(host=host))) == expected


@pytest.mark.parametrize(("loopback", "expected"), [(True, 101), (False, 421)])
def test_hosts_that_are_allowed_join_those_of_loopback_and_elsewhere_are_all(
    loopback: bool, expected: int
) -> None:
    known = gate(loopback=loopback, hosts=("ticker.example",), anonymous=True)
    assert status(known.enter(local())) == expected


def test_where_no_host_is_allowed_a_public_server_goes_by_every_name() -> None:
    assert status(public(NO_KEYS).enter(head(host="whatever.example:99"))) == 101


@pytest.mark.parametrize("loopback", [True, False])
@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        " ",
        ":8000",
        "a b",
        "a/b",
        "user@localhost",
        "localhost:x",
        "localhost:65536",
        "localhost:１",
        "localhost:8000:8000",
        "localhost,localhost",
        "localhost\n",
        "::1",
        "[::1",
        "[::1]x",
        "[::g]",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        ".",
        "\xff",
        "\udcff",
        "ⅼocalhost",
        "a" * 9000,
    ],
)
def test_a_host_that_is_missing_or_malformed_is_a_bad_request(loopback: bool, host: str | None) -> None:
    found = gate(loopback=loopback, anonymous=True).enter(head(host=host))
    assert (status(found), reason(found)) == (400, "host")


def test_two_hosts_are_a_bad_request_even_if_they_are_the_same() -> None:
    assert status(gate(loopback=True).look(local(("host", "localhost:8000")))) == 400


@pytest.mark.parametrize(
    ("path", "loopback", "websocket", "expected"),
    [
        ("/healthz", True, False, 101),
        ("/readyz", True, False, 101),
        ("/", True, False, 400),
        ("/metrics", True, False, 400),
        ("/healthz", False, False, 400),
        ("/healthz", True, True, 400),
    ],
)
def test_only_probes_on_loopback_may_leave_out_the_host_as_in_http_1_0(
    path: str, loopback: bool, websocket: bool, expected: int
) -> None:
    asked = local(host=None, path=path, websocket=websocket)
    assert status(gate(loopback=loopback, anonymous=True).look(asked)) == expected


def test_a_probe_without_a_host_belongs_to_no_page() -> None:
    asked = local(("origin", "http://localhost"), host=None, path="/healthz", websocket=False)
    assert status(gate(loopback=True).look(asked)) == 403


def test_without_an_origin_it_is_no_page_and_may_connect() -> None:
    assert status(gate(loopback=True).enter(local())) == 101


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("localhost:8000", "http://localhost:8000", 101),
        ("localhost:8000", "HTTP://LocalHost:8000", 101),
        ("localhost:8000", "https://localhost:8000", 101),
        ("localhost", "http://localhost", 101),
        ("localhost", "http://localhost:80", 101),
        ("localhost:80", "http://localhost", 101),
        ("localhost", "https://localhost:443", 101),
        ("[::1]:8000", "http://[0::1]:8000", 101),
        ("localhost:8000", "http://localhost", 403),
        ("localhost:8000", "http://localhost:8001", 403),
        ("localhost:8000", "http://127.0.0.1:8000", 403),
        ("localhost", "https://localhost:80", 403),
        ("localhost:8000", "ftp://localhost:8000", 403),
        ("localhost:8000", "chrome-extension://localhost:8000", 403),
    ],
)
def test_a_page_of_this_server_itself_may_connect(host: str, origin: str, expected: int) -> None:
    found = gate(loopback=True).enter(local(("origin", origin), host=host))
    assert (status(found), reason(found)) == (expected, "" if expected == 101 else "origin")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://app.example", 101),
        ("HTTPS://App.Example", 101),
        ("https://app.example:443", 101),
        ("http://dev.example:3000", 101),
        ("chrome-extension://abcdefgh", 101),
        ("http://app.example", 403),
        ("https://app.example:8443", 403),
        ("https://x.app.example", 403),
        ("https://app.example.evil.com", 403),
        ("https://app.examples", 403),
        ("http://dev.example", 403),
        ("http://localhost.evil.com", 403),
        ("http://evil.com", 403),
    ],
)
def test_a_page_of_another_site_may_connect_only_if_its_whole_origin_is_allowed(
    origin: str, expected: int
) -> None:
    origins = ("https://APP.example:443", "http://dev.example:3000", "Chrome-Extension://abcdefgh")
    asked = head(("origin", origin))
    known = public(NO_KEYS, origins=origins)
    assert [status(known.enter(asked)), status(known.look(asked))] == [expected] * 2


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://",
        "http:///",
        "ticker.example",
        "//ticker.example",
        "http://ticker.example/",
        "http://ticker.example/page",
        "http://user@ticker.example",
        "http://ticker.example@evil.com",
        "http://evil.com#ticker.example",
        "http://evil.com?ticker.example",
        "http://ticker.example http://evil.com",
        "http://ticker.example, http://evil.com",
        "http://ticker.example:",
        "http://ticker.example:80x",
        "http://ticker.example\n",
        "http:\\\\ticker.example",
        "\xff",
        "http://\udcff",
        "http://" + "a" * 9000,
    ],
)
def test_an_origin_that_is_malformed_or_null_is_refused_even_if_everybody_may_connect(origin: str) -> None:
    found = public(NO_KEYS, origins=("http://other.example",)).enter(head(("origin", origin)))
    assert (status(found), reason(found)) == (403, "origin")


def test_several_origins_are_refused_even_if_each_is_allowed() -> None:
    own = ("origin", "http://ticker.example")
    assert status(public(NO_KEYS).enter(head(own, own))) == 403


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.3 ,\t10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.3", "10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["junk, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, junk"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1,"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1 10.0.0.2"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.01"], "10.0.0.1"),
        ("10.0.0.1", ["fe80::1%eth0"], "10.0.0.1"),
        ("10.0.0.1", ["\xff"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["2001:DB8:0::1"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("2001:db8:ffff::7", ["198.51.100.1"], "198.51.100.1"),
        (STRANGER, ["198.51.100.1"], STRANGER),
        (STRANGER, ["10.0.0.2"], STRANGER),
        ("::ffff:203.0.113.9", [], STRANGER),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_it_is_the_rightmost_that_is_no_trusted_proxy_and_only_a_trusted_peer_is_believed(
    peer: str, forwarded: list[str], expected: str
) -> None:
    known = public(NO_KEYS, proxies=("10.0.0.0/8", "2001:db8:ffff::/48"))
    headers = [("x-forwarded-for", value) for value in forwarded]
    assert admitted(known.enter(head(*headers, peer=peer))).address == expected


@pytest.mark.parametrize("header", ["forwarded", "x-real-ip", "x-client-ip", "cf-connecting-ip"])
def test_no_other_header_is_believed(header: str) -> None:
    known = public(NO_KEYS, proxies=("10.0.0.0/8",))
    for value in ("for=198.51.100.1", "198.51.100.1"):
        assert admitted(known.enter(head((header, value), peer="10.0.0.1"))).address == "10.0.0.1"


names = st.sampled_from(
    ["host", "origin", "x-api-key", "authorization", "sec-websocket-protocol", "x-forwarded-for", "forwarded"]
)
values = (
    st.text(max_size=40)
    | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
    | st.binary(max_size=40).map(lambda raw: raw.decode("ascii", "surrogateescape"))
    | st.text("[]:.%/@,0a1f \t", max_size=24)
    | st.sampled_from(
        ["localhost", "http://localhost", "[::1]:8000", f"Bearer {ALICE}", "tickstream.v1", "null"]
    )
)


@given(
    st.lists(st.tuples(names | st.text(max_size=9), values), max_size=8),
    st.text(max_size=9) | st.sampled_from(["/", "/metrics", "/healthz", "/page/a"]),
    st.sampled_from(["127.0.0.1", "::1", "10.0.0.1", STRANGER, "fe80::1%eth0", "", "junk", "\udcff"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@example([("host", "[::1%"), ("origin", "http://[")], "/", "::1", True, True, True)
def test_whatever_is_asked_there_is_an_answer_in_one_line(
    headers: list[tuple[str, str]],
    path: str,
    peer: str,
    websocket: bool,
    loopback: bool,
    keys: bool,
) -> None:
    known = gate(
        KEYS if keys else NO_KEYS,
        loopback=loopback,
        proxies=("127.0.0.0/8", "::1/128", "10.0.0.0/8"),
        anonymous=True,
        limits=Limits(per_day=5),
    )
    asked = Head(path, headers, peer, websocket)
    for found in (known.enter(asked), known.look(asked)):
        if isinstance(found, Refusal):
            assert found.text.isprintable()
            assert found.status in (400, 401, 403, 421, 429, 503)
        else:
            assert found.subprotocol in (None, "tickstream.v1")
            known.leave(found)
    assert known.connections.total == 0


@given(values)
def test_what_is_read_as_a_host_or_an_origin_reads_the_same_again(text: str) -> None:
    if place := read_host(text):
        name = f"[{place.name}]" if ":" in place.name else place.name
        assert read_host(name if place.port is None else f"{name}:{place.port}") == place
    if origin := read_origin(text):
        assert origin.scheme == origin.scheme.lower()
        assert origin.place.name == origin.place.name.lower()
