"""One HTTP exchange, bounded in every way: time, size, redirects, cookies, and what is tried again.

Nothing here knows what is asked for. What comes back is an `Answer`, whatever
its status; what cannot be had at all is a NoAnswer in words.
"""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from websockets.exceptions import ProxyError

from tickstream.core.text import clean
from tickstream.errors import SourceError
from tickstream.sources.proxies import is_loopback, through
from tickstream.sources.trouble import judge
from tickstream.sources.yahoo.browser import browser_transport, user_agent

__all__ = ["Answer", "Exchange", "Limits", "NoAnswer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an exchange may cost; seconds and bytes."""

    seconds: float = 10.0
    """For all of it: retries, redirects and the whole body."""
    body: int = 8 << 20
    redirects: int = 3
    retries: int = 2
    cookies: int = 60
    cookie: int = 4096
    at_once: int = 4
    """Exchanges at the same time; the others wait for their turn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def content_type(self) -> str:
        content_type: str = self.headers.get("content-type", "")
        return content_type.partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        start = self.body[:256].lstrip().lower()
        return "html" in self.content_type or start.startswith((b"<!doctype", b"<html"))

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as a whole URL."""
        location = self.headers.get("location")
        if not location or not 300 <= self.status < 400:
            return None
        try:
            target = urljoin(self.url, location)
            return target if urlsplit(target).scheme in ("http", "https") else None
        except ValueError:
            return None


class NoAnswer(SourceError):
    """Nothing came back that could be judged."""


class Passing(Exception):
    """Something that may well work the next time."""

    def __init__(self, reason: str, *, at_once: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.at_once = reason, at_once


class Exchange:
    """An HTTP client with one jar of cookies. Constructing it opens nothing.

    `transport` takes the place of httpx's own, as in tests.
    """

    def __init__(
        self,
        host: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._limits = limits or Limits()
        self._sleep, self._uniform = sleep, uniform
        local = is_loopback(urlsplit(f"//{host}").hostname or "")
        browser = None if transport or local else browser_transport()
        self._unusable = ""
        """Why nothing can be asked at all: the environment sets a proxy that cannot be one."""
        try:
            # No proxy is used towards loopback, and what the environment says of others is httpx's to read.
            self._client = self._open(transport or browser, browser is not None, trust_env=not local)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            self._client = self._open(None, False, trust_env=False)
            self._unusable = judge(ProxyError(str(error)), host).reason
        self._turn = asyncio.Semaphore(self._limits.at_once)
        self.requests = 0
        """How many requests were sent, those included that were tried again."""
        self.server = ""
        """What the server last called itself."""
        self.spend: Callable[[int], int] = lambda count: count
        """How many of so many requests may be sent that nobody planned; set by whoever bounds them."""

    def _open(
        self, transport: httpx.AsyncBaseTransport | None, is_browser: bool, *, trust_env: bool
    ) -> httpx.AsyncClient:
        agent = {} if is_browser else {"User-Agent": user_agent()}
        return httpx.AsyncClient(
            transport=transport,
            trust_env=trust_env,
            timeout=httpx.Timeout(self._limits.seconds),
            headers={**agent, "Accept": "*/*", "Accept-Language": "en-US,en;q=0.9"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    async def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
        json: bytes | None = None,
        follow: bool = True,
    ) -> Answer:
        """Ask, and read the whole answer, within the limits.

        Redirects are followed within the same site only, and only with `follow`.

        Raises:
            NoAnswer: there is none, and the text says why.
        """
        if self._unusable:
            raise NoAnswer(self._unusable)
        headers = dict(headers or {})
        if json is not None:
            headers["Content-Type"] = "application/json"
        request = self._request(method, url, params=params, headers=headers, data=form, content=json)
        host = urlsplit(url).netloc
        try:
            async with asyncio.timeout(self._limits.seconds), self._turn:
                return await self._persist(request, follow)
        except TimeoutError:
            raise NoAnswer(f"{host} did not answer within {self._limits.seconds:g} s") from None
        finally:
            self._cap_cookies()

    def _request(self, method: str, url: str, **more: Any) -> httpx.Request:
        try:
            return self._client.build_request(method, url, **more)
        except (httpx.InvalidURL, ValueError) as error:
            # An address that a page or a redirect gave: too long, or with a host that cannot be one.
            raise NoAnswer(f"{clean(url, 60)} is no address: {clean(str(error), 80)}") from None

    async def _persist(self, request: httpx.Request, follow: bool) -> Answer:
        """Try again what may pass, a few times and with pauses."""
        for left in range(self._limits.retries, -1, -1):
            try:
                answer = await self._follow(request, follow)
                if answer.status in (500, 502, 503, 504) and left:
                    raise Passing(f"HTTP {answer.status}")
                return answer
            except Passing as passing:
                if not left or not self.spend(1):
                    raise NoAnswer(passing.reason) from None
                if not passing.at_once:
                    await self._sleep(self._uniform(0.1, 0.8))
        raise AssertionError

    async def _follow(self, request: httpx.Request, follow: bool) -> Answer:
        start = str(request.url)
        for _ in range(self._limits.redirects + 1):
            answer = await self._once(request)
            target = answer.location
            if not follow or target is None:
                return answer
            if not _same_site(start, target):
                return answer
            request = self._request("GET", target)
        raise NoAnswer(f"{urlsplit(start).netloc} redirects in a circle")

    async def _once(self, request: httpx.Request) -> Answer:
        host = request.url.netloc.decode("ascii", "replace")
        self.requests += 1
        try:
            response = await self._client.send(request, stream=True)
            try:
                body = await self._read(response, host)
            finally:
                await response.aclose()
        except (httpx.TransportError, httpx.InvalidURL, httpx.DecodingError, UnicodeError) as error:
            # UnicodeError: httpx reads where a redirect leads, and its host may be none (idna.IDNAError).
            raise _passing(error, host, str(request.url)) from None
        except (ssl.SSLError, OSError) as error:
            raise NoAnswer(judge(through(error, str(request.url)), host).reason) from None
        self.server = response.headers.get("server", self.server)
        return Answer(str(response.url), response.status_code, response.headers, body)

    async def _read(self, response: httpx.Response, host: str) -> bytes:
        # Each further encoding would blow up a thousandfold what is read in one go.
        if "," in response.headers.get("content-encoding", ""):
            raise NoAnswer(f"{host} sent a body that is packed twice")
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > self._limits.body:
                raise NoAnswer(f"{host} sent more than {self._limits.body >> 20} MiB")
        return bytes(body)

    def _cap_cookies(self) -> None:
        """A jar that grew beyond all reason is emptied: what is needed is fetched again."""
        jar = self._client.cookies.jar
        for cookie in list(jar):
            if len(cookie.name) + len(cookie.value or "") > self._limits.cookie:
                jar.clear(cookie.domain, cookie.path, cookie.name)
        if len(jar) > self._limits.cookies:
            jar.clear()


def _same_site(one: str, other: str) -> bool:
    """Whether a redirect stays with whom we asked, and within TLS."""
    try:
        a, b = urlsplit(one), urlsplit(other)
        if (a.scheme, b.scheme) == ("https", "http"):
            return False
        if not a.hostname or not b.hostname:
            return False
        if a.netloc.lower() == b.netloc.lower():
            return True
        return a.hostname.split(".")[-2:] == b.hostname.split(".")[-2:] == ["yahoo", "com"]
    except ValueError:
        return False


def _passing(error: Exception, host: str, url: str) -> Exception:
    """What a failed exchange means, and whether trying again makes sense."""
    cause = _cause(error)
    if isinstance(cause, (socket.gaierror, ssl.SSLError)):
        # A name or a certificate is no better a moment later.
        return NoAnswer(judge(through(cause, url), host).reason)
    match error:
        case httpx.ConnectTimeout():
            return NoAnswer(judge(through(TimeoutError(), url), host).reason)
        case httpx.TimeoutException():
            return NoAnswer(f"{host} did not answer in time")
        case httpx.ProxyError():
            return NoAnswer(judge(ProxyError(str(error)), host).reason)
        case httpx.ConnectError():
            reason = judge(through(cause, url), host).reason if cause else f"cannot reach {host}"
            return NoAnswer(reason)
        case httpx.RemoteProtocolError() if "without sending a response" in str(error):
            # A connection that was kept alive was closed in the meantime: nobody has to know.
            return Passing(f"{host} closed the connection", at_once=True)
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError() | httpx.CloseError():
            return Passing(f"{host} cut the connection in the middle of an answer")
        case httpx.DecodingError():
            return Passing(f"{host} sent a body that cannot be unpacked")
        case _:
            return NoAnswer(f"{host}: {clean(str(error) or type(error).__name__, 120)}")


def _cause(error: BaseException | None) -> OSError | None:
    """The error of the operating system below those of the libraries: the innermost that has a number."""
    found = None
    for _ in range(12):
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if error is None:
            break
        if isinstance(error, OSError) and (found is None or error.errno is not None):
            found = error
        error = error.__cause__ or error.__context__
    return found
