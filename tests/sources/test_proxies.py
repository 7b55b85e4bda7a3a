"""The proxy of the environment: which one it is for a URL, and what is blamed on it."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from websockets.exceptions import ProxyError

from tests.support.process import LONG, with_proxy
from tickstream.sources.dial import Timing, dial
from tickstream.sources.proxies import proxy_to, through


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "wss://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "wss://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "https://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1", "WSS_PROXY": "http://q:1"}, "wss://x.invalid/", "http://q:1"),
        ({"HTTPS_PROXY": "http://p:1", "WSS_PROXY": "http://q:1"}, "https://x.invalid/", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "https://x.invalid/", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "wss://x.invalid/", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "wss://x.invalid/", "http://q:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "x.invalid"}, "wss://x.invalid/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "x.invalid:8080"}, "ws://x.invalid:8080/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "x.invalid:443"}, "wss://x.invalid/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "x.invalid:443"}, "ws://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "x.invalid"}, "wss://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "wss://127.0.0.1:5/", ""),
        ({"HTTPS_PROXY": "http://me:secret@p:1/"}, "wss://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "me:se/c@ret@p:1"}, "wss://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://["}, "wss://x.invalid/", "http://["),
    ],
)
def test_a_url_has_the_proxy_that_its_library_takes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str
) -> None:
    with_proxy(monkeypatch, variables)
    assert proxy_to(url) == proxy


@pytest.mark.parametrize("name", ["ALL_PROXY", "WS_PROXY", "HTTP_PROXY"])
def test_a_stream_goes_through_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def asked() -> str:
        """What the proxy is asked for; it has no way to anywhere."""
        lines: asyncio.Queue[bytes] = asyncio.Queue()

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines.put_nowait(await reader.readline())
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(refuse, "127.0.0.1") as proxy:
            port = proxy.sockets[0].getsockname()[1]
            with_proxy(monkeypatch, {name: f"http://127.0.0.1:{port}"})
            with pytest.raises(ProxyError):
                await dial("ws://streamer.invalid/", Timing())
            return lines.get_nowait().decode()

    assert asyncio.run(asyncio.wait_for(asked(), LONG)) == "CONNECT streamer.invalid:80 HTTP/1.1\r\n"


def test_who_was_not_reached_is_the_proxy_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with_proxy(monkeypatch, {"HTTPS_PROXY": "http://p:1"})
    for error, words in ((TimeoutError(), "p:1 did not answer in time"), (OSError("odd"), "p:1: odd")):
        blamed = through(error, "wss://x.invalid/")
        assert isinstance(blamed, ProxyError)
        assert words in str(blamed)
        assert through(error, "wss://127.0.0.1/") is error
    certificate = ssl.SSLCertVerificationError(1, "expired")
    assert through(certificate, "wss://x.invalid/") is certificate
