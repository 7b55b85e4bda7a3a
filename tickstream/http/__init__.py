"""Plain HTTP beside WebSocket on one port, told apart by the head of the connection.

A connection whose first head asks for an upgrade to WebSocket is left to
websockets; any other speaks HTTP/1.1 by h11 from its first byte to its last.

The rule it keeps: whatever a peer sends or fails to send costs a bounded
amount of memory and, where the server waits for the peer, of time (`Terms`).
A client that is gone cancels its handler, and closing waits for nobody longer
than it was told to.
"""

from __future__ import annotations

from tickstream.http.listener import Listener, listen
from tickstream.http.messages import Cut, HttpHandler, Request, Response, Terms, WebSocketHandler

__all__ = ["Cut", "HttpHandler", "Listener", "Request", "Response", "Terms", "WebSocketHandler", "listen"]
