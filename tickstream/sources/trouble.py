"""Why a WebSocket could not be had or was lost, in words, and what that means for the next try.

Decides only: an exception in, a verdict out. Nothing from the other side is printed
raw; an HTML page or a close reason is cleaned and cut first.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from dataclasses import dataclass

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    ProxyError,
    SecurityError,
)

from tickstream.core.text import clean
from tickstream.errors import Refused

__all__ = ["LONG", "POLICY", "Trouble", "judge", "retry_after"]

LONG = 60.0
"""Seconds before the next try, where we were refused."""
POLICY = 30.0
"""Seconds before it, where something is set up wrong, or we are not wanted just now."""
_MOST = 900.0
_PASSING = frozenset({408, 425, 500, 502, 503, 504})
_POLICY_CODES = frozenset({1008, 1013})
_NUMBER = re.compile(r"\[Errno (\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong. `wait` is the least number of seconds before the next try."""

    reason: str
    wait: float = 0.0
    refused: bool = False
    """Turned away, rather than not reached."""
    fatal: bool = False
    """Asking again will not change it, so it ends a client that never was connected."""
    cause: Refused | None = None
    """What it is as an error, where that is more than a refusal."""

    @property
    def error(self) -> Refused:
        """What it ends a client with."""
        return self.cause or Refused(self.reason)


_KEPT = re.compile(r"//\S*@")
"""Who it is that asks a proxy, and the password."""


def judge(error: BaseException, host: str, *, times: int = 0) -> Trouble:
    """What `error` means, from a connection to `host`; `times` is how often it was refused before."""
    match error:
        case ConnectionClosed():
            return _closed(error)
        case InvalidStatus():
            return _status(error, host, times)
        case ssl.SSLError():
            return _tls(error, host)
        case SecurityError():
            return Trouble(clean(f"{host}: {error}", 200), LONG, refused=True, fatal=True)
        case socket.gaierror() | UnicodeError():
            return Trouble(f"cannot find {host}: no such name, or no network")
        case InvalidProxy() | ProxyError() | ImportError() | ValueError():
            why = clean(_KEPT.sub("//", str(error)), 120)
            return Trouble(f"the proxy set by {_proxy_variable()} does not work: {why}")
        case InvalidMessage() if not isinstance(error.__cause__, EOFError | OSError | None):
            why = clean(str(error.__cause__), 120)
            return Trouble(f"{host} is not a WebSocket server: {why}", POLICY)
        case InvalidMessage() | EOFError():
            return Trouble(f"{host} closed the connection before the handshake was done")
        case InvalidHandshake():
            return Trouble(f"{host} is not a WebSocket server: {clean(str(error), 120)}", POLICY)
        case TimeoutError():
            return Trouble(f"{host} did not answer in time")
        case OSError():
            return Trouble(f"cannot reach {host}: {_os_error(error)}")
        case _:
            return Trouble(f"{host}: {clean(str(error), 120)}", POLICY)


def _tls(error: ssl.SSLError, host: str) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean(getattr(error, "verify_message", "") or str(error), 120)
        return Trouble(f"the certificate of {host} is not valid: {why}", LONG, refused=True, fatal=True)
    why = clean(getattr(error, "reason", "") or str(error), 120)
    return Trouble(f"no TLS with {host}: {why}", POLICY)


def _closed(error: ConnectionClosed) -> Trouble:
    if error.rcvd is None:
        if error.sent is not None and error.sent.code == 1009:
            return Trouble("a message larger than 1 MiB came, so the connection was closed")
        if error.sent is not None and error.sent.code == 1011:
            return Trouble("no answer to a ping: the link is dead")
        return Trouble("the connection was lost")
    said = f" {clean(error.rcvd.reason, 80)}" if error.rcvd.reason else ""
    code = error.rcvd.code
    policy = code in _POLICY_CODES or 4000 <= code < 5000
    return Trouble(f"the server closed the connection ({code}{said})", POLICY if policy else 0.0)


def _status(error: InvalidStatus, host: str, times: int) -> Trouble:
    status = error.response.status_code
    if status == 429:
        wait = retry_after(error) or min(_MOST, LONG * 2.0 ** min(times, 10))
        return Trouble(f"{host} limits how often we may connect (HTTP 429)", wait, refused=True)
    if status in _PASSING:
        return Trouble(f"{host} is out of order (HTTP {status})", retry_after(error) or 0.0)
    if 200 <= status < 300:
        return Trouble(f"{host} answers, but is not a WebSocket server (a captive portal?)", POLICY)
    hint = " (is this network or address blocked?)" if status in (401, 403) else ""
    return Trouble(f"{host} refused: HTTP {status}{hint}", LONG, refused=True, fatal=True)


def retry_after(error: InvalidStatus) -> float | None:
    """The seconds that the server asks for; a date, which nobody was seen to send, is as good as none."""
    values = error.response.headers.get_all("Retry-After")
    seconds = [float(value) for value in values if value.isascii() and value.isdigit()]
    return min(_MOST, max(1.0, *seconds)) if seconds else None


def _proxy_variable() -> str:
    names = ("WSS_PROXY", "WS_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "SOCKS_PROXY", "ALL_PROXY")
    return next(
        (name for name in names if os.environ.get(name) or os.environ.get(name.lower())), "the system"
    )


def _os_error(error: OSError) -> str:
    # Where several addresses were tried, asyncio joins their errors into one text without a number.
    number = error.errno or next((int(found) for found in _NUMBER.findall(str(error))), 0)
    if number == errno.ECONNREFUSED:
        return "connection refused"
    if "Connect call failed" in str(error):
        return os.strerror(number)
    return clean(error.strerror or str(error), 120)
