"""One HTTP exchange is bounded in every way, and says in words why there is no answer."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl

import httpx
import pytest

from tests.support.process import with_proxy
from tests.support.web import QUICK, scripted, yahoo
from tickstream.errors import SourceError
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.exchange import Exchange

HOST = "api.yahoo.com"
URL = f"https://{HOST}/path"


def ask(*answers: object, url: str = URL) -> tuple[object, list[str]]:
    """What comes back of an exchange with a server that answers so, and what was asked."""

    async def main() -> tuple[object, list[str]]:
        async with scripted(*answers, host=HOST) as (exchange, script):  # type: ignore[arg-type]
            try:
                got: object = await exchange.send("GET", url)
            except SourceError as error:
                got = error
            return got, [str(request.url) for request in script.asked]

    return asyncio.run(main())


def reason(*answers: object, url: str = URL) -> str:
    got, _ = ask(*answers, url=url)
    assert isinstance(got, SourceError), got
    return str(got)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_out_of_order_is_asked_again_twice(status: int) -> None:
    got, asked = ask(httpx.Response(status), httpx.Response(status), httpx.Response(200, text="ok"))
    assert getattr(got, "text", "") == "ok"
    assert len(asked) == 3
    got, asked = ask(httpx.Response(status))
    assert getattr(got, "status", 0) == status
    assert len(asked) == 3


def test_a_connection_that_was_closed_meanwhile_is_no_news() -> None:
    gone = httpx.RemoteProtocolError("Server disconnected without sending a response.")
    got, asked = ask(gone, httpx.Response(200, text="ok"))
    assert getattr(got, "text", "") == "ok"
    assert len(asked) == 2


def test_an_answer_that_is_cut_is_asked_for_again_and_then_said() -> None:
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    assert reason(cut) == f"{HOST} cut the connection in the middle of an answer"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (httpx.ConnectTimeout("slow"), "did not answer in time"),
        (httpx.ReadTimeout("slow"), "did not answer in time"),
        (httpx.ProxyError("403 Forbidden"), "does not work: 403 Forbidden"),
        (httpx.UnsupportedProtocol("odd"), f"{HOST}: odd"),
    ],
)
def test_what_went_wrong_is_said_in_words(error: Exception, text: str) -> None:
    assert text in reason(error)


def test_a_name_that_is_not_found_and_a_bad_certificate_are_told_apart() -> None:
    unknown = httpx.ConnectError("x")
    unknown.__cause__ = socket.gaierror(-2, "Name or service not known")
    assert f"cannot find {HOST}" in reason(unknown)
    bad = httpx.ConnectError("x")
    bad.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    assert "certificate" in reason(bad)


def test_redirects_are_followed_within_the_site_and_three_times_at_most() -> None:
    hop = httpx.Response(302, headers={"location": "https://other.yahoo.com/there"})
    got, asked = ask(hop, httpx.Response(200, text="ok"))
    assert getattr(got, "text", "") == "ok"
    assert asked[-1] == "https://other.yahoo.com/there"
    assert "redirects in a circle" in reason(httpx.Response(302, headers={"location": "/again"}))
    assert len(ask(httpx.Response(302, headers={"location": "/again"}))[1]) == 4


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/",
        "https://api.yahoo.com.evil.example/",
        "http://api.yahoo.com/plain",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://[broken/",
    ],
)
def test_redirects_elsewhere_are_not_followed(location: str) -> None:
    got, asked = ask(httpx.Response(302, headers={"location": location}))
    assert getattr(got, "status", 0) == 302
    assert asked == [URL]


def test_a_body_that_is_packed_to_blow_up_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    headers = {"content-encoding": "gzip"}
    assert reason(httpx.Response(200, headers=headers, content=bomb)) == f"{HOST} sent more than 8 MiB"
    twice = {"content-encoding": "gzip, gzip"}
    stream = httpx.ByteStream(gzip.compress(bomb))
    assert "packed twice" in reason(httpx.Response(200, headers=twice, stream=stream))


def test_the_jar_of_cookies_does_not_grow_without_end() -> None:
    async def main() -> int:
        many = [("set-cookie", f"c{number}=1; Path=/") for number in range(200)]
        large = [("set-cookie", f"big={'x' * 5000}; Path=/")]
        async with scripted(
            httpx.Response(200, headers=large), httpx.Response(200, headers=many), host=HOST
        ) as (
            exchange,
            _,
        ):
            await exchange.send("GET", URL)
            assert len(exchange.cookies.jar) == 0
            await exchange.send("GET", URL)
            return len(exchange.cookies.jar)

    assert asyncio.run(main()) == 0


def failure_with(fault: str) -> str:
    async def main() -> str:
        async with yahoo(fault, limits=QUICK) as there:
            with pytest.raises(SourceError) as caught:
                await there.exchange.send("GET", f"{there.web.api}/v6/finance/markettime")
            return str(caught.value)

    return asyncio.run(main())


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    assert failure_with("http-hang").endswith("did not answer within 0.5 s")


def test_a_body_that_drips_is_given_up_in_time() -> None:
    assert failure_with("http-drip").endswith("did not answer within 0.5 s")


@pytest.mark.parametrize("rest", [b"X: y\r\n", b"X"], ids=["header after header", "one header"])
def test_headers_that_never_end_are_given_up(rest: bytes) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while not writer.is_closing():
                writer.write(rest)
                await writer.drain()
                await asyncio.sleep(0.005)

    async def main() -> str:
        async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
            host = "{}:{}".format(*server.sockets[0].getsockname())
            exchange = Exchange(host, limits=QUICK)
            try:
                with pytest.raises(SourceError) as caught:
                    await exchange.send("GET", f"http://{host}/")
            finally:
                await exchange.close()
            return str(caught.value)

    assert asyncio.run(main()).endswith("did not answer within 0.5 s")


def test_a_body_of_100_megabytes_is_not_read() -> None:
    async def main() -> str:
        async with yahoo("http-big=100000000") as there:
            with pytest.raises(SourceError) as caught:
                await there.exchange.send("GET", f"{there.web.api}/v6/finance/markettime")
            return str(caught.value)

    assert asyncio.run(main()).endswith("sent more than 8 MiB")


def test_a_cut_body_is_said() -> None:
    assert "cut the connection" in failure_with("http-cut")


def test_nobody_there_is_said_at_once() -> None:
    async def main() -> str:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        exchange = Exchange(f"127.0.0.1:{port}")
        try:
            with pytest.raises(SourceError) as caught:
                await exchange.send("GET", f"http://127.0.0.1:{port}/")
        finally:
            await exchange.close()
        return str(caught.value)

    assert asyncio.run(main()).endswith("connection refused")


def test_the_proxy_of_the_environment_is_not_used_towards_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with_proxy(monkeypatch, {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"})

    async def main() -> int:
        async with yahoo() as there:
            return (await there.exchange.send("GET", f"{there.web.api}/v6/finance/markettime")).status

    assert asyncio.run(main()) == 200


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("http://127.0.0.1:{port}", "cannot reach 127.0.0.1:{port}: connection refused"),
        ("gopher://127.0.0.1:{port}", "Unknown scheme"),
        ("http://127.0.0.1:{port}:1", "Invalid port"),
    ],
)
def test_a_proxy_that_does_not_work_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, proxy: str, why: str
) -> None:
    """And no name is looked up: the proxy of the environment is used towards the world."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with_proxy(monkeypatch, {"HTTP_PROXY": proxy.format(port=port)})

    async def main() -> str:
        exchange = Exchange("yahoo.invalid")
        try:
            with pytest.raises(SourceError) as caught:
                await exchange.send("GET", "http://yahoo.invalid/")
        finally:
            await exchange.close()
        return str(caught.value)

    said = asyncio.run(main())
    assert said.startswith("the proxy set by HTTP_PROXY does not work: ")
    assert why.format(port=port) in said


def test_a_web_at_one_root_stands_for_all_hosts() -> None:
    web = Web.at("http://127.0.0.1:8")
    assert web.host == "127.0.0.1:8"
    assert web.cookie == "http://127.0.0.1:8/"
    assert web.page == "http://127.0.0.1:8/quote/AAPL"


@pytest.mark.parametrize("target", ["https://xn--.yahoo.com/", "https://api.yahoo.com/" + "a" * 70_000])
def test_a_redirect_to_what_is_no_address_is_an_error_in_words(target: str) -> None:
    assert reason(httpx.Response(302, headers={"location": target})).startswith(HOST)
