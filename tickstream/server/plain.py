"""What the server says over plain HTTP: the page, whether it lives and is ready, and its numbers."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import Protocol

from tickstream.errors import UsageError
from tickstream.http import Request, Response
from tickstream.server.door import Door
from tickstream.server.gate import Head, Refusal
from tickstream.server.metrics import Metrics
from tickstream.server.routes import route_of
from tickstream.server.settings import Settings

__all__ = ["Plain"]

_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SAFE = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),
)


class Answering(Protocol):
    """What plain requests are answered from: the server."""

    metrics: Metrics
    settings: Settings

    @property
    def ready(self) -> tuple[bool, str]:
        """Whether it is, and why."""


class Plain:
    """Answers plain requests."""

    def __init__(self, server: Answering, door: Door) -> None:
        self._server, self._door = server, door

    async def answer(self, request: Request) -> Response:
        """The response to one request."""
        head = Head(request.path, request.headers, request.peer, websocket=False)
        admission = self._door.gate.look(head)
        if isinstance(admission, Refusal):
            self._door.refuse(admission, head)
            return _text(admission.status, admission.text, *admission.headers.items())
        if request.method not in ("GET", "HEAD"):
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "GET only", ("allow", "GET, HEAD"))
        return self._get(request)

    def _get(self, request: Request) -> Response:
        match request.path:
            case "/healthz":
                return _text(HTTPStatus.OK, "alive")
            case "/readyz":
                ready, text = self._server.ready
                # How often documents come, for whoever cannot read it from a handshake: a page.
                interval = ("x-tickstream-interval", f"{self._server.settings.interval:g}")
                return _text(HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, text, interval)
            case "/metrics":
                headers = (("content-type", "text/plain; version=0.0.4; charset=utf-8"),)
                return Response(200, headers, self._server.metrics.text().encode())
            case "/":
                return _file("index.html")
            case path if path.startswith("/page/"):
                return _file(path.removeprefix("/page/"))
        try:
            route = route_of(request.target)
        except UsageError as error:
            return _text(HTTPStatus.BAD_REQUEST, str(error))
        if route is None:
            return _text(HTTPStatus.NOT_FOUND, "nothing here")
        return _text(HTTPStatus.UPGRADE_REQUIRED, "this is a WebSocket", ("upgrade", "websocket"))


def _text(status: int, text: str, *headers: tuple[str, str]) -> Response:
    safe = (("content-type", "text/plain; charset=utf-8"), ("x-content-type-options", "nosniff"))
    return Response(int(status), (*safe, *headers), f"{text}\n".encode("utf-8", "replace"))


def _file(name: str) -> Response:
    files = _files()
    if name not in files:
        return _text(HTTPStatus.NOT_FOUND, "nothing here")
    kind = _TYPES[name.rpartition(".")[2]]
    return Response(200, (("content-type", f"{kind}; charset=utf-8"), *_SAFE), files[name])


@cache
def _files() -> dict[str, bytes]:
    """The page's files, by name; nothing else can be asked for."""
    folder = resources.files("tickstream.server").joinpath("page")
    return {
        file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in _TYPES
    }
