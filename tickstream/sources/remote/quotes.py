"""The quotes of a tickstream server as parts: what lies below the rows that it streams.

A connection a fetch, until a document comes over it that has all of them: what is
quoted here hardly changes while rows are streamed, and is asked for now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from tickstream.core.ports import Fetched
from tickstream.core.received import Request, parts_of, read_document
from tickstream.core.values import Found, Quote
from tickstream.errors import SourceError, WireError
from tickstream.sources.dial import Timing, dial, hang_up
from tickstream.sources.proxies import through
from tickstream.sources.remote import Address, said_mark
from tickstream.sources.remote.answers import judge_server

__all__ = ["RemoteQuotes"]

_TOGETHER = 100
"""Symbols of one request; a server takes 200 of a client, unless told otherwise."""
_PATIENCE = 15.0
"""Seconds for a document that has all; the first one may lack some, and a tape has none."""
_SELDOM = 900.0
"""Seconds between two fetches: names, currencies and the range of the day."""
_QUOTE = "quote:"


class RemoteQuotes:
    """Parts of which a server's `/quotes` tells; of others it knows none. Constructing it opens nothing."""

    shortage = ""

    def __init__(self, address: Address, *, patience: float = _PATIENCE) -> None:
        self._address, self._patience = address, patience
        self._url = f"{address.root}{Request('quotes').path}"
        self._host = urlsplit(self._url).netloc.rpartition("@")[2]
        self.mark = ""
        self.requests = 0

    def bound(self, spend: Callable[[int], int]) -> None:
        """A fetch is one request."""

    def limit(self, key: str) -> float:
        return _SELDOM

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
            document = await self._ask(Request("quotes", symbols).message)
        except WireError as error:
            raise SourceError(f"{self._host} sent what cannot be read: {error}") from None
        except (WebSocketException, OSError, EOFError, ValueError, ImportError) as error:
            judge = judge_server(keyed=bool(self._address.key))
            raise SourceError(judge(through(error, self._url), self._host).reason) from None
        # What the server has not fetched either says nothing yet, which is no failure.
        values: dict[str, object] = {
            f"{_QUOTE}{row['symbol']}": Quote(symbol=row["symbol"]) for row in document
        }
        values |= {key: part.value for key, part in parts_of("quotes", document).items()}
        return Fetched(values, frozenset(key for key in keys if key not in values))

    async def search(self, text: str) -> list[Found]:
        """A server has no search."""
        return []

    async def close(self) -> None:
        """Nothing is open."""

    async def _ask(self, message: str) -> Any:
        """The document that has all of them, or the last one that came in time."""
        ws = await dial(self._url, Timing(), self._address.headers)
        document = None
        try:
            self.mark = said_mark(ws.response.headers) if ws.response else ""
            await ws.send(message)
            async with asyncio.timeout(self._patience):
                while document is None or not all(row["asOf"] for row in document):
                    document = read_document("quotes", await ws.recv(decode=False))
        except TimeoutError:
            if document is None:
                raise
        finally:
            await hang_up(ws, 1.0)
        return document
