"""What a tickstream server means by an answer to a handshake, by a close code, and by its headers. Pure."""

from __future__ import annotations

from collections.abc import Callable

from websockets.exceptions import ConnectionClosed, InvalidStatus

from tickstream.core.text import clean
from tickstream.errors import BadKey
from tickstream.sources.trouble import LONG, POLICY, Trouble, judge

__all__ = ["judge_server"]

_AT_ONCE = frozenset({4001, 4008})
"""It ends, and another may be there already; we were too slow, and begin anew."""
_TOO_BIG = 1009


def judge_server(*, keyed: bool) -> Callable[..., Trouble]:
    """As `sources.trouble.judge`, of a tickstream server; `keyed` is whether it was given a key."""

    def verdict(error: BaseException, host: str, *, times: int = 0) -> Trouble:
        if isinstance(error, InvalidStatus):
            return _status(error, host, times, keyed=keyed)
        if isinstance(error, ConnectionClosed) and error.rcvd is not None:
            return _closed(error, error.rcvd.code, error.rcvd.reason, host)
        return judge(error, host, times=times)

    return verdict


def _status(error: InvalidStatus, host: str, times: int, *, keyed: bool) -> Trouble:
    status = error.response.status_code
    if status == 401:
        bad = BadKey(host, given=keyed)
        return Trouble(str(bad), LONG, refused=True, fatal=True, cause=bad)
    if status == 404:
        reason = (
            f"{host} has nothing like this (HTTP 404): it is no tickstream server, or one of another version;"
            " one that speaks Yahoo's protocol is yahoo+http://…"
        )
        return Trouble(reason, LONG, refused=True, fatal=True)
    trouble = judge(error, host, times=times)
    if status in (400, 403, 421, 429, 503) and (said := _said(error)):
        return Trouble(f"{host}: {said}", trouble.wait, refused=trouble.refused, fatal=trouble.fatal)
    return trouble


def _said(error: InvalidStatus) -> str:
    """The one line that says why, where there is one."""
    if not error.response.headers.get("Content-Type", "").startswith("text/plain"):
        return ""
    lines = (error.response.body or b"")[:1000].decode("utf-8", "replace").strip().splitlines()
    return clean(lines[0], 160) if len(lines) == 1 else ""


def _closed(error: ConnectionClosed, code: int, reason: str, host: str) -> Trouble:
    """4000 to 4499 is come back later, 4500 to 4999 do not (faults.md, section 5)."""
    said = f": {clean(reason, 100)}" if reason else ""
    if 4500 <= code < 5000:
        return Trouble(f"{host} ended it{said} ({code})", LONG, refused=True, fatal=True)
    if code == _TOO_BIG:
        return Trouble(
            f"{host} takes no wish as long as this: name fewer symbols", LONG, refused=True, fatal=True
        )
    if 4000 <= code < 4500:
        return Trouble(f"{host} ended it{said} ({code})", 0.0 if code in _AT_ONCE else POLICY)
    return judge(error, host)
