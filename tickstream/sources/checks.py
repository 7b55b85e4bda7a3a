"""The way to a server, step by step: its name, its port, its certificate, its WebSocket, its first tick.

Each check says what it found and never raises; what it needs to be told comes
in, and nothing is kept. Where a proxy stands in between it is the proxy that
looks up names and connects, so those steps are left to it, and said to be.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from tickstream.core.finding import Finding
from tickstream.core.ports import Event, Source, Status
from tickstream.core.text import clean
from tickstream.core.tick import Tick
from tickstream.errors import SourceError, TickstreamError
from tickstream.sources.dial import Timing, dial, hang_up
from tickstream.sources.proxies import proxy_to, through
from tickstream.sources.trouble import Trouble, judge

__all__ = ["Way", "check_tick", "check_upgrade", "check_way", "found", "way_to"]

STEP = 5.0
"""Seconds that a name, a port and a certificate may take each."""
TICK = 20.0
"""Seconds that the first tick of something that trades around the clock may take."""


class Way(NamedTuple):
    """Where a URL leads."""

    host: str
    port: int
    secure: bool
    proxy: str
    """The proxy that stands in between; empty where none does."""


def way_to(url: str) -> Way:
    """The way to the server of a URL."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme in ("wss", "https")
    return Way(host, parts.port or (443 if secure else 80), secure, proxy_to(url))


async def check_way(what: str, way: Way) -> list[Finding]:
    """The steps to a server's port, up to the first that fails; `what` is the server's part in it all."""
    if way.proxy:
        return [
            Finding(f"{what}: way", None, f"left to the proxy {way.proxy}", "unset HTTPS_PROXY if it is none")
        ]
    findings = []
    for name, check in (("name", _check_name), ("port", _check_port), ("TLS", _check_tls)):
        if check is _check_tls and not way.secure:
            findings.append(Finding(f"{what}: TLS", None, "not used here"))
            continue
        finding = await found(f"{what}: {name}", lambda check=check: check(way))  # type: ignore[misc]
        findings.append(finding)
        if not finding.ok:
            break
    return findings


async def found(
    name: str, check: Callable[[], Awaitable[str]], advice: str = "", seconds: float = STEP
) -> Finding:
    """What a check comes to: the text that it returns, or the reason why it failed."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            text = await check()
    except TimeoutError:
        text, failed = f"no answer within {seconds:g} s", True
    except TickstreamError as error:
        text, failed = clean(str(error), 200), True
    except (OSError, ssl.SSLError) as error:
        text, failed = judge(error, name).reason, True
    else:
        failed = False
    took = time.monotonic() - began
    return Finding(name, not failed, text, (advice or _advice_of(text)) if failed else "", took)


def _advice_of(text: str) -> str:
    """What helps where a way ends, as far as that can be told from how it ends."""
    if "_API_KEY" in text:
        return ""  # it says so by itself
    if "proxy" in text:
        return "unset that variable, or set it to a proxy that works from here"
    if "no such name" in text:
        return "is there a network? does DNS work, or does something block advertisers' names?"
    if "certificate" in text:
        return "is the clock right? does a company's proxy or a captive portal look into TLS on the way?"
    if "refused" in text or "no answer" in text or "in time" in text:
        return "is there a firewall, a VPN or a captive portal in the way? is the port right?"
    return "try again in a minute; if it stays so, ask whoever runs this network"


async def _check_name(way: Way) -> str:
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise SourceError(judge(error, way.host).reason) from None
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    return f"{way.host} is {', '.join(addresses[:2])}{' …' if len(addresses) > 2 else ''}"


async def _check_port(way: Way) -> str:
    await _connect(way, None)
    return f"port {way.port} is open"


async def _check_tls(way: Way) -> str:
    version, ends = await _connect(way, ssl.create_default_context())
    return f"{version}, certificate good until {ends}"


async def _connect(way: Way, context: ssl.SSLContext | None) -> tuple[str, str]:
    try:
        _, writer = await asyncio.open_connection(way.host, way.port, ssl=context)
    except (OSError, ssl.SSLError) as error:
        raise SourceError(judge(error, f"{way.host}:{way.port}").reason) from None
    try:
        tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        certificate = (tls.getpeercert() if tls else None) or {}
        return (tls.version() or "" if tls else ""), str(certificate.get("notAfter", "?"))
    finally:
        writer.transport.abort()


async def check_upgrade(
    what: str, url: str, headers: Mapping[str, str] | None = None, judge: Callable[..., Trouble] = judge
) -> Finding:
    """Whether a WebSocket can be opened at `url`; `judge` knows what an answer of its server means."""

    async def check() -> str:
        host = urlsplit(url).netloc
        try:
            ws = await dial(url, Timing(), headers)
        except Exception as error:
            # Whatever it is, `judge` has words for it.
            raise SourceError(judge(through(error, url), host).reason) from None
        await hang_up(ws, 1.0)
        return "a WebSocket was opened"

    return await found(f"{what}: WebSocket", check, seconds=Timing().open_timeout + 1)


class _First:
    """A feed that waits for one tick."""

    rest = 0.0

    def __init__(self) -> None:
        self.tick: asyncio.Future[Tick] = asyncio.get_running_loop().create_future()
        self.reason = self.mark = ""

    def publish(self, tick: Tick) -> None:
        if not self.tick.done():
            self.tick.set_result(tick)

    def report(self, event: Event) -> None:
        if isinstance(event, Status):
            self.reason, self.mark = event.reason or self.reason, event.mark or self.mark

    def broken(self, error: Exception) -> None:
        self.reason = str(error)


async def check_tick(what: str, source: Source, symbol: str = "BTC-USD") -> Finding:
    """Whether something that trades around the clock ticks."""

    async def check() -> str:
        feed = _First()
        source.follow(frozenset({symbol}))
        running = asyncio.ensure_future(source.run(feed))
        try:
            async with asyncio.timeout(TICK):
                # What ends the stream is said by `feed`; nothing else is of interest here.
                running.add_done_callback(lambda _: feed.tick.cancel())
                await asyncio.wait({feed.tick})
        except TimeoutError:
            raise SourceError(f"no tick of {symbol} within {TICK:g} s {feed.reason}".rstrip()) from None
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, SourceError):
                await running
        if feed.tick.cancelled():
            raise SourceError(feed.reason or "the stream ended")
        tick = feed.tick.result()
        return f"{tick.id} {tick.price}{f' [{feed.mark}]' if feed.mark else ''}"

    return await found(f"{what}: first tick", check, seconds=TICK + 2)
