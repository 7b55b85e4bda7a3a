"""The quotes of a tickstream server as parts: what lies below the rows that it streams.

A connection a fetch, for the first document that comes over it: what is quoted
here hardly changes while rows are streamed, and is asked for every few minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from tickstream.core.ports import Fetched
from tickstream.core.received import Request, parts_of, read_document
from tickstream.core.values import Found
from tickstream.errors import SourceError, WireError
from tickstream.sources.dial import Timing, dial, hang_up
from tickstream.sources.proxies import through
from tickstream.sources.remote import Address, said_mark
from tickstream.sources.remote.answers import judge_server

__all__ = ["RemoteQuotes"]

_TOGETHER = 100
"""Symbols of one request; a server takes 200 of a client, unless told otherwise."""
_PATIENCE = 15.0
"""Seconds for a document: a server waits for the first one's parts itself."""
_QUOTE = "quote:"


class RemoteQuotes:
    """Parts of which a server's `/quotes` tells; of others it knows none. Constructing it opens nothing."""

    shortage = ""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._url = f"{address.root}{Request('quotes').path}"
        self._host = urlsplit(self._url).netloc.rpartition("@")[2]
        self.mark = ""
        self.requests = 0

    def bound(self, spend: Callable[[int], int]) -> None:
        """A fetch is one request."""

    def limit(self, key: str) -> float:
        return 5.0

    def batches(self, keys: Iterable[str]) -> Iterator[tuple[str, ...]]:
        ordered = sorted(keys, key=lambda key: not key.startswith(_QUOTE))
        return (tuple(ordered[start : start + _TOGETHER]) for start in range(0, len(ordered), _TOGETHER))

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        """The quotes among these; a symbol that the document leaves out does not exist.

        Raises:
            SourceError: there is no document; the text says why.
        """
        symbols = tuple(key.removeprefix(_QUOTE) for key in keys if key.startswith(_QUOTE))
        if not symbols:
            return Fetched({}, frozenset(keys))
        self.requests += 1
        try:
            async with asyncio.timeout(_PATIENCE):
                text = await self._ask(Request("quotes", symbols).message)
            document = read_document("quotes", text)
        except WireError as error:
            raise SourceError(f"{self._host} sent what cannot be read: {error}") from None
        except (WebSocketException, OSError, EOFError, ValueError, ImportError) as error:
            judge = judge_server(keyed=bool(self._address.key))
            raise SourceError(judge(through(error, self._url), self._host).reason) from None
        known = {f"{_QUOTE}{row['symbol']}" for row in document}
        values = {key: part.value for key, part in parts_of("quotes", document).items()}
        return Fetched(values, frozenset(key for key in keys if key not in known))

    async def search(self, text: str) -> list[Found]:
        """A server has no search."""
        return []

    async def close(self) -> None:
        """Nothing is open."""

    async def _ask(self, message: str) -> bytes:
        ws = await dial(self._url, Timing(), self._address.headers)
        try:
            self.mark = said_mark(ws.response.headers) if ws.response else ""
            await ws.send(message)
            return await ws.recv(decode=False)
        finally:
            await hang_up(ws, 1.0)
