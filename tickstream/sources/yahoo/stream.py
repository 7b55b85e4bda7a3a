"""Yahoo's streamer as a source of ticks: 100 symbols a connection, and the wish in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from websockets.datastructures import Headers

from tickstream.core.ports import Feed
from tickstream.sources.dial import Timing
from tickstream.sources.remote import said_mark
from tickstream.sources.stream import Stream
from tickstream.sources.supervisor import Clock, Host
from tickstream.sources.yahoo import MOST, YAHOO, mark_of
from tickstream.sources.yahoo.frames import decode

__all__ = ["YahooStream"]


class YahooDialect:
    """How Yahoo's streamer is spoken to."""

    pause = 0.0
    explains_silence = False

    decode = staticmethod(decode)

    def wish(self, wanted: frozenset[str], unwanted: frozenset[str]) -> Iterator[str]:
        if unwanted:
            yield json.dumps({"unsubscribe": sorted(unwanted)})
        if wanted:
            yield json.dumps({"subscribe": sorted(wanted)})


class YahooStream:
    """All pushes of the symbols that are followed, from a server that speaks Yahoo's streamer protocol.

    Constructing it does nothing. `run` connects, reconnects and resubscribes by
    itself until it is cancelled; 100 symbols a connection, more symbols open
    more connections.
    """

    def __init__(
        self,
        url: str = YAHOO,
        *,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        clock: Clock = Clock(),  # noqa: B008 - frozen
        most: int = MOST,
    ) -> None:
        self.url = url
        self._timing, self._clock = timing, clock
        self._stream = Stream(YahooDialect(), most)

    def follow(self, symbols: frozenset[str]) -> None:
        self._stream.follow(symbols)

    async def run(self, feed: Feed) -> None:
        """Stream until cancelled.

        Raises:
            Refused: the server turned the very first try away in a way that will not change.
        """
        await self._stream.run(Host(self.url, self._timing, self._clock, opened=_mark_of), feed)


def _mark_of(headers: Headers) -> str:
    # A tickstream server speaks this protocol, too, and says what it has.
    return said_mark(headers) or mark_of(headers.get("Server"))
