"""The door: WebSocket handshakes, let in or turned away before there is a WebSocket.

What the gate says becomes an answer in HTTP here, is counted, and is a line in
the log; who was let in has a place until the connection is gone, however it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request as Handshake
from websockets.http11 import Response as HandshakeResponse
from websockets.typing import Subprotocol

from tickstream.errors import UsageError
from tickstream.server.gate import Admission, Gate, Head, Refusal
from tickstream.server.log import Log
from tickstream.server.metrics import Metrics
from tickstream.server.routes import Route, route_of

__all__ = ["Door"]


class Door:
    """Admits WebSocket connections by the rules of `gate`."""

    def __init__(self, gate: Gate, metrics: Metrics, log: Log) -> None:
        self.gate = gate
        self._log = log
        self._refused = metrics.counter("refused_total", "Connections refused, by reason", "reason")
        self._admitted: dict[ServerConnection, tuple[Admission, Route]] = {}

    def admit(self, connection: ServerConnection, handshake: Handshake) -> HandshakeResponse | None:
        """Let a WebSocket in (None), or say why not; for `process_request` of websockets."""
        headers = tuple((name.lower(), value) for name, value in handshake.headers.raw_items())
        peer = connection.remote_address
        path = handshake.path.partition("?")[0]
        head = Head(path, headers, str(peer[0]) if isinstance(peer, tuple) else "", websocket=True)
        try:
            route = route_of(handshake.path)
        except UsageError as error:
            return _response(HTTPStatus.BAD_REQUEST, str(error))
        entered = self.gate.enter(head)
        if isinstance(entered, Refusal):
            self.refuse(entered, head)
            after = entered.retry_after
            extra = {} if after is None else {"Retry-After": str(after)}
            return _response(entered.status, entered.text, extra)
        if route is None:
            self.gate.leave(entered)
            return _response(
                HTTPStatus.NOT_FOUND, "there is /quotes, /market, /hours, /profile/SYMBOL and /stream"
            )
        self._admitted[connection] = entered, route
        # However it ends, also before the handshake is done, its place is free again.
        connection.connection_lost_waiter.add_done_callback(lambda _: self._leave(connection))
        return None

    def admitted(self, connection: ServerConnection) -> tuple[Admission, Route] | None:
        """Whose connection it is and what it is for; None when it is gone already."""
        return self._admitted.get(connection)

    def subprotocol(self, connection: ServerConnection, _: Sequence[Subprotocol]) -> Subprotocol | None:
        """What the handshake answers: ours where it was asked for, never a key."""
        admitted = self._admitted.get(connection)
        return Subprotocol(admitted[0].subprotocol) if admitted and admitted[0].subprotocol else None

    def refuse(self, refusal: Refusal, head: Head) -> None:
        """Count and log a refusal."""
        self._refused[refusal.reason] += 1
        self._log("refused", every=1.0, reason=refusal.reason, address=head.peer, path=head.path)

    def _leave(self, connection: ServerConnection) -> None:
        if (admitted := self._admitted.pop(connection, None)) is not None:
            self.gate.leave(admitted[0])


def _response(status: int, text: str, headers: dict[str, str] | None = None) -> HandshakeResponse:
    body = f"{text}\n".encode("ascii", "replace")
    plain = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    return HandshakeResponse(int(status), HTTPStatus(status).phrase, Headers(plain | (headers or {})), body)
