"""A tickstream server as a source."""

from __future__ import annotations

from tickstream.core.ports import Source
from tickstream.core.text import clean
from tickstream.errors import UsageError
from tickstream.sources.kind import Dialled, Kind, Terms
from tickstream.sources.remote import Address, is_server

__all__ = ["KIND"]


class _Server(Kind):
    """`ws://HOST:PORT`, or `wss://`, with neither a path nor a query."""

    has_keys = True

    def owns(self, name: str) -> bool:
        return is_server(name)

    def open(self, name: str, terms: Terms) -> Source:
        from tickstream.sources.remote.stream import RemoteStream

        return RemoteStream(Address.of(name, terms.key), each=terms.each)

    def check(self, name: str, terms: Terms) -> None:
        Address.of(name, terms.key)

    def check_views(self, name: str, *, taped: bool = False) -> None:
        how = "use yahoo, demo or yahoo+http://…"
        raise UsageError(
            f"source {clean(name)!r} is a tickstream server, and this has to ask Yahoo itself: {how}"
        )

    def dialled(self, name: str, terms: Terms) -> Dialled | None:
        address = Address.of(name, terms.key)
        return Dialled(f"{address.root}/hours", address.headers)


KIND = _Server()
