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
        self.refused = metrics.counter("refused_total", "Connections refused, by reason", "reason")
        self._admitted: dict[ServerConnection, tuple[Admission, Route]] = {}

    def admit(self, connection: ServerConnection, handshake: Handshake) -> HandshakeResponse | None:
        """Let a WebSocket in (None), or say why not; for `process_request` of websockets."""
        headers = tuple((name.lower(), value) for name, value in handshake.headers.raw_items())
        peer = connection.remote_address
        path = handshake.path.partition("?")[0]
        head = Head(path, headers, str(peer[0]) if isinstance(peer, tuple) else "", websocket=True)
        route = _route(handshake.path)
        if isinstance(route, Refusal):
            # Whoever may not come in does not learn what there is; whoever may takes no place for nothing.
            looked = self.gate.look(head)
            return self._refuse_by(looked if isinstance(looked, Refusal) else route, head)
        entered = self.gate.enter(head)
        if isinstance(entered, Refusal):
            return self._refuse_by(entered, head)
        self._admitted[connection] = entered, route
        # However it ends, also before the handshake is done, its place is free again.
        connection.connection_lost_waiter.add_done_callback(lambda _: self._leave(connection))
        return None

    def admitted(self, connection: ServerConnection) -> tuple[Admission, Route] | None:
        """Whose connection it is and what it is for; None when it is gone already."""
        return self._admitted.get(connection)

    def withdrawn(self) -> list[ServerConnection]:
        """The connections of keys that are no longer among the gate's."""
        keys = self.gate.keys
        return [
            connection
            for connection, (admission, _) in self._admitted.items()
            if admission.key is not None and admission.key not in keys
        ]

    def subprotocol(self, connection: ServerConnection, _: Sequence[Subprotocol]) -> Subprotocol | None:
        """What the handshake answers: ours where it was asked for, never a key."""
        admitted = self._admitted.get(connection)
        return Subprotocol(admitted[0].subprotocol) if admitted and admitted[0].subprotocol else None

    def refuse(self, refusal: Refusal, head: Head) -> None:
        """Count and log a refusal."""
        self.refused[refusal.reason] += 1
        address = self.gate.address(head)
        self._log("refused", every=1.0, reason=refusal.reason, address=address, path=head.path)

    def turn_away(self, reason: str, peer: str) -> None:
        """Count and log a connection that ended before there was a request."""
        self.refused[reason] += 1
        self._log("refused", every=1.0, reason=reason, address=peer)

    def _refuse_by(self, refusal: Refusal, head: Head) -> HandshakeResponse:
        self.refuse(refusal, head)
        return _response(refusal)

    def _leave(self, connection: ServerConnection) -> None:
        if (admitted := self._admitted.pop(connection, None)) is not None:
            self.gate.leave(admitted[0])


def _route(target: str) -> Route | Refusal:
    try:
        found = route_of(target)
    except UsageError as error:
        return Refusal(400, "route", str(error))
    return found or Refusal(404, "route", "there is /quotes, /market, /hours, /profile/SYMBOL and /stream")


def _response(refusal: Refusal) -> HandshakeResponse:
    body = f"{refusal.text}\n".encode("ascii", "replace")
    plain = {
        "Content-Type": "text/plain; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    headers = Headers(plain | refusal.headers)
    return HandshakeResponse(refusal.status, HTTPStatus(refusal.status).phrase, headers, body)
