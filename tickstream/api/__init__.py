"""The Python API: live ticks as an async iterator, or through yfinance's WebSocket objects.

All of them reconnect and resubscribe by themselves: an upstream that cannot be
reached is tried again, not raised. Constructing any of them does nothing.
"""

from __future__ import annotations

from tickstream.api.stream import Stream, stream
from tickstream.api.websocket import AsyncWebSocket, WebSocket

__all__ = ["AsyncWebSocket", "Stream", "WebSocket", "stream"]
