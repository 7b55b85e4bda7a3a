"""What a server says of itself to whoever asks for `/metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from tickstream.core.ports import PartSource
from tickstream.hub import Hub
from tickstream.server.attend import Attendant
from tickstream.server.channels import Channels
from tickstream.server.client import Client
from tickstream.server.fan import Fan
from tickstream.server.metrics import Metrics
from tickstream.server.room import Room
from tickstream.server.routes import KINDS
from tickstream.server.sharing import Sharing
from tickstream.server.upstream import Upstream

__all__ = ["Measured", "measure"]


class Measured(Protocol):
    """What a server is made of, as far as it is measured."""

    metrics: Metrics
    hub: Hub
    fan: Fan
    channels: Channels
    sharing: Sharing
    upstream: Upstream
    room: Room
    attendant: Attendant
    parts: PartSource
    clients: dict[Client, str]
    lag: float


def measure(server: Measured) -> None:
    """Let the metrics of `server` have all that can be looked up when they are asked for."""
    gauge, count, clients = server.metrics.gauge, server.metrics.count, server.clients
    hub, fan, sharing, upstream = server.hub, server.fan, server.sharing, server.upstream
    channels, poll, parts, attendant = server.channels, server.channels.poll, server.parts, server.attendant

    def by_route() -> Mapping[str, float]:
        return dict.fromkeys(KINDS, 0) | Counter(clients.values())

    def sent() -> float:
        return attendant.sent + sum(client.sent for client in clients)

    def buffered() -> float:
        return sum(client.transport.get_write_buffer_size() for client in clients)

    gauge("clients", "Clients connected, by route", by_route, "route")
    gauge("channels", "Documents that somebody follows", lambda: len(channels))
    gauge("symbols", "Symbols streamed from upstream", lambda: fan.symbols)
    gauge("upstream_state", "1 for the state that the stream is in", lambda: upstream.states, "state")
    gauge("upstream_age_seconds", "Seconds since the last tick; absent before it", lambda: upstream.age)
    gauge("unopened", "Connections that are no WebSockets, or not yet", lambda: server.room.unopened)
    gauge("parts", "Parts kept", lambda: len(poll.parts))
    gauge("parts_failing", "Parts that failed the last time", lambda: len(poll.failing))
    gauge("budget_left", "HTTP requests that could be sent at once", lambda: sharing.left)
    gauge("loop_lag_seconds", "How late the event loop was", lambda: server.lag)
    gauge("buffered_bytes", "Bytes that wait for clients", buffered)
    count("budget_put_off_total", "Fetches put off for want of budget", lambda: sharing.put_off)
    count("requests_total", "HTTP requests sent upstream", lambda: parts.requests)
    count("documents_total", "Documents composed", lambda: channels.documents)
    count("ticks_total", "Ticks from upstream", lambda: hub.pushes)
    count("ticks_conflated_total", "Rows passed over for slow clients", lambda: fan.conflated)
    count("ticks_dropped_total", "Pushes lost to slow clients that want each", lambda: fan.dropped)
    for name in sharing.numbers():
        gauge(name, f"Sharing with other instances: {name.replace('_', ' ')}", _number_of(sharing, name))
    count("sent_total", "Messages sent to clients", sent)


def _number_of(sharing: Sharing, name: str) -> Callable[[], float]:
    return lambda: sharing.numbers()[name]
