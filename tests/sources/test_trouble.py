"""Trouble: an exception in, words and a wait out; nothing from the other side is printed raw."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import (
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidUpgrade,
    SecurityError,
)
from websockets.frames import Close
from websockets.http11 import Response

from tests.support.process import with_proxy
from tickstream.sources.trouble import Trouble, judge

HOST = "streamer.example"


def status(code: int, *headers: tuple[str, str]) -> InvalidStatus:
    return InvalidStatus(Response(code, "Reason", Headers(headers), b"<html>\x1b[31m</html>"))


def closed(code: int | None = None, reason: str = "", *, sent: int | None = None) -> Trouble:
    received = None if code is None else Close(code, reason)
    ours = None if sent is None else Close(sent, "")
    return judge(ConnectionClosedError(received, ours, True if received and ours else None), HOST)


def test_a_lost_connection_is_tried_again_at_once() -> None:
    assert closed() == Trouble("the connection was lost")


def test_a_dead_link_and_a_message_that_is_too_large_are_named() -> None:
    assert closed(sent=1011).reason == "no answer to a ping: the link is dead"
    assert "larger than 1 MiB" in closed(sent=1009).reason


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1012])
def test_a_server_that_closes_is_tried_again(code: int) -> None:
    assert closed(code, "going away") == Trouble(f"the server closed the connection ({code} going away)")


@pytest.mark.parametrize("code", [1008, 1013, 4000, 4999])
def test_a_server_that_closes_out_of_policy_is_left_alone_for_a_while(code: int) -> None:
    trouble = closed(code)
    assert trouble.wait == 30.0
    assert not trouble.fatal


def test_a_normal_close_is_no_error_but_a_lost_connection_all_the_same() -> None:
    trouble = judge(ConnectionClosedOK(Close(1000, ""), Close(1000, ""), True), HOST)
    assert trouble == Trouble("the server closed the connection (1000)")


def test_a_reason_from_the_other_side_is_cleaned_and_cut() -> None:
    reason = closed(4000, "\x1b]0;owned\x07" + "x" * 110).reason
    assert reason.isprintable()
    assert len(reason) < 130


@pytest.mark.parametrize(("times", "wait"), [(0, 60.0), (1, 120.0), (3, 480.0), (4, 900.0), (5000, 900.0)])
def test_who_is_told_to_slow_down_waits_longer_each_time(times: int, wait: float) -> None:
    trouble = judge(status(429), HOST, times=times)
    assert (trouble.wait, trouble.refused, trouble.fatal) == (wait, True, False)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ((("Retry-After", "7"),), 7.0),
        ((("Retry-After", "0"),), 1.0),
        ((("Retry-After", "86400"),), 900.0),
        ((("Retry-After", "9" * 400),), 900.0),
        ((("Retry-After", "5"), ("Retry-After", "9")), 9.0),
        ((("Retry-After", "²"),), 60.0),
        ((("Retry-After", "-5"),), 60.0),
        ((("Retry-After", ""),), 60.0),
        ((("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"),), 60.0),
    ],
)
def test_a_server_that_says_how_long_to_wait_is_believed_within_reason(
    headers: tuple[tuple[str, str], ...], wait: float
) -> None:
    assert judge(status(429, *headers), HOST).wait == wait


@pytest.mark.parametrize("code", [408, 425, 500, 502, 503, 504])
def test_a_server_that_is_out_of_order_is_tried_again(code: int) -> None:
    assert judge(status(code), HOST) == Trouble(f"{HOST} is out of order (HTTP {code})")


@pytest.mark.parametrize("code", [301, 400, 401, 403, 404, 410, 451, 501])
def test_a_refusal_is_final_for_who_never_was_connected(code: int) -> None:
    trouble = judge(status(code), HOST)
    assert (trouble.refused, trouble.fatal, trouble.wait) == (True, True, 60.0)
    assert str(code) in trouble.reason
    assert ("blocked" in trouble.reason) == (code in (401, 403))


def test_a_page_where_a_websocket_should_be_may_be_a_captive_portal() -> None:
    trouble = judge(status(200), HOST)
    assert "captive portal" in trouble.reason
    assert not trouble.fatal


def test_a_wrong_certificate_is_final_and_says_why() -> None:
    error = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
    error.verify_message = "self-signed certificate"
    trouble = judge(error, HOST)
    assert trouble.reason == f"the certificate of {HOST} is not valid: self-signed certificate"
    assert (trouble.refused, trouble.fatal, trouble.wait) == (True, True, 60.0)


def test_no_tls_is_not_final() -> None:
    async def connect() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            address = server.sockets[0].getsockname()
            await asyncio.open_connection(*address, ssl=ssl.create_default_context())

    with pytest.raises(ssl.SSLError) as caught:
        asyncio.run(connect())
    for error in (caught.value, ssl.SSLError(1, "without a reason")):
        trouble = judge(error, HOST)
        assert trouble.reason.startswith(f"no TLS with {HOST}: ")
        assert not trouble.fatal


def test_a_redirect_that_is_not_followed_is_final() -> None:
    assert judge(SecurityError("cannot follow redirect to http://evil"), HOST).fatal


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidProxy("http://\x1b[31m", "bad"), "the proxy set by"),
        (
            InvalidMessage("did not receive a valid HTTP response"),
            "closed the connection before the handshake",
        ),
        (EOFError(), "closed the connection before the handshake"),
        (InvalidUpgrade("Upgrade", None), "is not a WebSocket server"),
        (InvalidHandshake("odd\x1b"), "is not a WebSocket server"),
        (socket.gaierror(-2, "Name or service not known"), "no such name, or no network"),
        (TimeoutError(), "did not answer in time"),
        (TimeoutError(errno.ETIMEDOUT, "timed out"), "did not answer in time"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "Connection reset by peer"),
        (ValueError("odd\x1b[31m"), "does not work: odd[31m"),
        (
            InvalidProxy("socks://me:se/c@ret@p:1/", "no"),
            "does not work: socks://p:1/ isn't a valid proxy: no",
        ),
        (InvalidProxy("http://me:secret@p:1", "no"), "does not work: http://p:1 isn't a valid proxy: no"),
        (RuntimeError(), HOST),
    ],
)
def test_each_trouble_has_words_that_can_be_printed(error: Exception, words: str) -> None:
    trouble = judge(error, HOST)
    assert words in trouble.reason
    assert trouble.reason.isprintable()
    assert not trouble.fatal


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "the system"),
        ({"https_proxy": "x"}, "HTTPS_PROXY"),
        ({"HTTP_PROXY": "x", "WSS_PROXY": "y"}, "WSS_PROXY"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "x"}, "ALL_PROXY"),
    ],
)
def test_a_proxy_that_does_not_work_is_blamed_on_the_variable_that_sets_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str
) -> None:
    with_proxy(monkeypatch, variables)
    reason = judge(InvalidProxy("x", "bad"), HOST).reason
    assert reason == f"the proxy set by {name} does not work: x isn't a valid proxy: bad"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ECONNREFUSED, "connection refused"),
        (errno.EHOSTUNREACH, "No route to host"),
        (errno.ENETUNREACH, "Network is unreachable"),
    ],
)
def test_an_address_that_cannot_be_reached_is_told_from_one_that_refuses(number: int, words: str) -> None:
    one = OSError(number, "Connect call failed ('10.0.0.1', 443)")
    each = f"[Errno {number}] Connect call failed"
    many = OSError(f"Multiple exceptions: {each} ('::1', 443, 0, 0), {each} ('10.0.0.1', 443)")
    for error in (one, many):
        assert judge(error, HOST).reason == f"cannot reach {HOST}: {words}"


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        async def connect() -> None:
            await asyncio.open_connection(*taken.getsockname())

        with pytest.raises(OSError, match="Connect call failed") as caught:
            asyncio.run(connect())
    assert judge(caught.value, HOST).reason == f"cannot reach {HOST}: connection refused"


def test_a_name_that_cannot_be_looked_up_at_all_is_one_that_is_not_found() -> None:
    with pytest.raises(UnicodeError) as caught:
        socket.getaddrinfo("a..b", 80)
    assert judge(caught.value, "a..b").reason == "cannot find a..b: no such name, or no network"
