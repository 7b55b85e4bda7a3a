"""A name becomes a source, and a wrong name is a wrong use and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tickstream.errors import UsageError
from tickstream.sources import (
    HOW,
    KINDS,
    check_key,
    check_source,
    check_views,
    dialled,
    kind_of,
    open_source,
    open_views,
)
from tickstream.sources.yahoo.kind import streamer_url, web_of


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("yahoo", "wss://streamer.finance.yahoo.com/?version=2"),
        ("yahoo+http://127.0.0.1:8080", "ws://127.0.0.1:8080/?version=2"),
        ("yahoo+http://127.0.0.1:8080/", "ws://127.0.0.1:8080/?version=2"),
        ("yahoo+https://example.com", "wss://example.com/?version=2"),
        ("yahoo+https://example.com/some/root/", "wss://example.com/some/root/?version=2"),
        ("yahoo+http://[::1]:8080", "ws://[::1]:8080/?version=2"),
    ],
)
def test_a_name_stands_for_a_streamer(name: str, url: str) -> None:
    assert streamer_url(name) == url
    assert dialled(name) == (url, {})
    open_source(name)
    check_source(name)
    check_views(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "nosuch", "Yahoo", "http://127.0.0.1", "yahoo+ftp://127.0.0.1", "yahoo+http:", "yahoo+http://",
        "yahoo+http://:80", "yahoo+http://127.0.0.1:0", "yahoo+http://127.0.0.1:65536",
        "yahoo+http://127.0.0.1:port", "yahoo+http://127.0.0.1/?a=b", "yahoo+http://127.0.0.1/#x",
        "yahoo+http://[::1", "yahoo+http://a\u2100b",
        "yahoo+http://[nonsense]",
        "ws://a..b:80", f"ws://{'a' * 64}:80", "yahoo+http://.", "ws://.a",
        f"ws://{'a.' * 128}:80",
    ],
)  # fmt: skip
def test_a_wrong_name_is_a_wrong_use(name: str) -> None:
    for use in (open_source, check_source, check_views):
        with pytest.raises(UsageError, match="source"):
            use(name)


@pytest.mark.parametrize("query", ["format=json", "events=1&format=json"])
def test_the_json_of_a_server_is_no_streamer_and_the_server_itself_is_named(query: str) -> None:
    for use in (open_source, check_source, dialled):
        with pytest.raises(UsageError, match=r"write ws://127\.0\.0\.1:8080, else"):
            use(f"ws://127.0.0.1:8080/stream?{query}")
    for other in ("stream?format=protobuf", "feed?format=json"):
        open_source(f"ws://127.0.0.1:8080/{other}")


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.text()
    | st.text().map("yahoo+http://".__add__)
    | st.text("[]:@/?#.a1", max_size=12).map("yahoo+https://".__add__)
)
@example("yahoo+http://[")
def test_whatever_the_name_it_is_a_url_or_a_wrong_use(name: str) -> None:
    try:
        to = dialled(name)
    except UsageError:
        return
    if to is not None:
        assert to.url.startswith(("ws://", "wss://"))
        assert to.url.endswith("/?version=2")


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.text()
    | st.sampled_from(["yahoo", "demo", "monday.ndjson", "./a"])
    | st.tuples(
        st.sampled_from(["ws", "wss", "yahoo+http", "yahoo+https", "WS", "http"]),
        st.text("[]:@/?#.a1\n", max_size=12),
    ).map("://".join)
)
@example("ws://")
@example("ws://[::1")
@example("ws://a/?version=2")
def test_whatever_the_name_at_most_one_kind_of_source_owns_it(name: str) -> None:
    kinds = [import_module(f"tickstream.sources.{module}").KIND for module in KINDS]
    owners = [kind for kind in kinds if kind.owns(name)]
    assert len(owners) <= 1
    if owners:
        assert kind_of(name) is owners[0]
    else:
        with pytest.raises(UsageError, match="unknown source"):
            kind_of(name)


def test_an_unknown_source_is_told_all_that_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        open_source("nosuch")
    assert str(caught.value) == f"unknown source 'nosuch': use {HOW}"
    assert {"yahoo", "demo", "a tape"} <= set(re.split(r", (?:or )?", HOW))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "http://127.0.0.1:80/quotes?x",
            "a tickstream server is ws://127.0.0.1:80, one like Yahoo yahoo+http://127.0.0.1:80",
        ),
        ("https://a.b", "a tickstream server is wss://a.b, one like Yahoo yahoo+https://a.b"),
        (
            "localhost:8000",
            "a tickstream server is ws://localhost:8000, one like Yahoo yahoo+http://localhost:8000",
        ),
    ],
)
def test_an_address_that_lacks_its_scheme_is_told_what_it_may_mean(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"{says}; use")):
        open_source(name)


@pytest.mark.parametrize("name", ["tape:5", "C:1", "::1", "dice:6", "ftp://a.b:1"])
def test_what_is_no_address_is_not_told_that_it_may_be_one(name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"{name!r}: use yahoo")):
        open_source(name)


@pytest.mark.parametrize(
    "name",
    ["WS://127.0.0.1:80", "Wss://h", "YAHOO+HTTP://127.0.0.1", "WSS://streamer.finance.yahoo.com/?version=2"],
)
def test_a_scheme_has_no_case(name: str) -> None:
    check_source(name)
    open_source(name)


def test_a_scheme_has_no_case_for_views_either() -> None:
    check_views("YAHOO+HTTP://127.0.0.1:80")
    assert web_of("YAHOO+HTTPS://127.0.0.1:80") == web_of("yahoo+https://127.0.0.1:80")


def test_the_demo_is_a_source_and_nothing_that_can_be_connected_to() -> None:
    check_source("demo")
    check_views("demo")
    for use in (open_source, open_views, dialled):
        with pytest.raises(UsageError, match="demo is no server"):
            use("demo")


@pytest.mark.parametrize("name", ["yahoo", "demo", "yahoo+http://127.0.0.1:80", "ws://a/path", "a.ndjson"])
def test_a_key_is_for_a_tickstream_server(name: str) -> None:
    check_key(name, "")
    with pytest.raises(UsageError, match="a key is for a tickstream server"):
        check_source(name, key="secret")
    check_source("ws://127.0.0.1:80", key="secret")
    assert dialled("ws://127.0.0.1:80", "secret") == ("ws://127.0.0.1:80/hours", {"X-API-Key": "secret"})


def test_a_key_that_cannot_be_said_is_a_wrong_use() -> None:
    with pytest.raises(UsageError, match="bad API key"):
        check_source("ws://127.0.0.1:80", key="a\nb")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ws://127.0.0.1:80", "is a tickstream server, and this has to ask Yahoo itself"),
        ("ws://127.0.0.1:80/?version=2", "has ticks, and no views"),
        ("a.ndjson", "is a tape, and has ticks alone"),
    ],
)
def test_views_of_a_source_that_has_none_are_a_wrong_use(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        check_views(name)


def test_a_name_is_understood_without_importing_what_it_stands_for() -> None:
    program = """
import sys
from tickstream.sources import check_source, check_views
for name in ("yahoo", "demo", "ws://127.0.0.1:1"):
    check_source(name)
check_views("yahoo")
print(sorted({"websockets", "google.protobuf", "asyncio", "httpx"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
