"""yfinance's WebSocket and AsyncWebSocket, which reconnect and resubscribe by themselves."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Self, TypeVar

from tickstream.api.opening import key_of
from tickstream.api.stream import Reader
from tickstream.core.ports import Event
from tickstream.core.symbols import parse_symbols
from tickstream.core.tick import Value
from tickstream.errors import UsageError
from tickstream.sources import check_source
from tickstream.sources.yahoo import YAHOO

__all__ = ["AsyncWebSocket", "WebSocket"]

Message = dict[str, Value]
Handler = Callable[[Message], Awaitable[None] | None]
T = TypeVar("T")

_log = logging.getLogger("tickstream")


class AsyncWebSocket:
    """Live pushes for a handler, as yfinance's AsyncWebSocket.

    Handlers get dicts with the keys of Yahoo's message and real types: `time`
    is ms UTC as an int, what was not said is no key, and 0 is one. With
    `verbose`, what happens is said on stderr. `url` may also name a source, as
    `demo` or `ws://HOST:PORT` of a tickstream server, which may want an `api_key`.

    >>> import asyncio, tickstream
    >>> async def listen():
    ...     async with tickstream.AsyncWebSocket("demo", verbose=False) as ws:
    ...         async def handle(message):
    ...             print(message["id"], message["exchange"])
    ...             await ws.close()
    ...         await ws.subscribe(["AAPL"])
    ...         await ws.listen(handle)
    >>> asyncio.run(listen())
    AAPL NMS
    """

    def __init__(self, url: str = YAHOO, verbose: bool = True, *, api_key: str | None = None) -> None:
        self.url = url
        self._api_key = api_key
        self.verbose = verbose
        self._symbols: dict[str, None] = {}
        self._reader: Reader | None = None
        self._closed = False

    async def subscribe(self, symbols: str | list[str]) -> None:
        """Follow these symbols, beside those followed already.

        Raises:
            BadSymbols: some are not well formed; none of them is taken then.
            UsageError: this is closed.
        """
        wanted = _symbols_of(symbols)
        self._symbols.update(dict.fromkeys(wanted))
        self._open().reading.follow(self._symbols)
        self._say(f"Subscribed to symbols: {list(wanted)}")

    async def unsubscribe(self, symbols: str | list[str]) -> None:
        """Follow these symbols no longer.

        Raises:
            BadSymbols: some are not well formed; none of them is taken then.
            UsageError: this is closed.
        """
        unwanted = _symbols_of(symbols)
        for symbol in unwanted:
            self._symbols.pop(symbol, None)
        self._open().reading.follow(self._symbols)
        self._say(f"Unsubscribed from symbols: {list(unwanted)}")

    async def listen(self, message_handler: Handler | None = None) -> None:
        """Call `message_handler` with the dict of each push, until closed; without one, print them.

        A handler may be a coroutine function. What it raises is logged and does
        not end listening.

        Raises:
            Refused: the server turned the very first try away in a way that will not change.
        """
        self._say("Listening for messages...")
        while messages := await self._next():
            for message in messages:
                await self._handle(message_handler, message)
                if self._closed:
                    return

    async def close(self) -> None:
        """End the connection and all that listens; closing again does no harm."""
        if not self._closed:
            self._closed = True
            if self._reader is not None:
                await self._reader.stop()
            self._say("WebSocket connection closed.")

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _open(self) -> Reader:
        if self._closed:
            raise UsageError("this WebSocket is closed: make a new one")
        if self._reader is None:
            key = key_of(self.url, self._api_key)
            check_source(self.url, key=key)
            self._reader = Reader(self.url, key)
            self._reader.hub.watch(self._note)
            self._reader.start()
        return self._reader

    async def _next(self) -> list[Message]:
        """The messages that came since the last time; none when it is closed."""
        if self._closed:
            return []
        return [tick.to_dict() for tick in await self._open().next()]

    async def _handle(self, handler: Handler | None, message: Message) -> None:
        try:
            result = (handler or _print)(message)
            if inspect.isawaitable(result):
                await result
        except Exception:
            _log.exception("Error in message handler")

    def _note(self, event: Event) -> None:
        self._say(str(event))

    def _say(self, text: str) -> None:
        _log.info(text)
        if self.verbose:
            sys.stderr.write(f"{text}\n")


def _print(message: Message) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


def _symbols_of(symbols: str | Iterable[str]) -> tuple[str, ...]:
    return parse_symbols([symbols] if isinstance(symbols, str) else symbols)


class WebSocket:
    """Live pushes for a handler, as yfinance's WebSocket.

    It works in a thread of its own, so it can be used where an event loop runs
    already, as in Jupyter. Handlers are called in the thread that calls
    `listen`; `close` may be called from any thread, and from a handler. What
    `url`, `verbose` and `api_key` mean, and what a handler gets, is said at
    `AsyncWebSocket`.

    >>> import tickstream
    >>> with tickstream.WebSocket("demo", verbose=False) as ws:
    ...     def handle(message):
    ...         print(message["id"], message["exchange"])
    ...         ws.close()
    ...     ws.subscribe("AAPL")
    ...     ws.listen(handle)
    AAPL NMS
    """

    def __init__(self, url: str = YAHOO, verbose: bool = True, *, api_key: str | None = None) -> None:
        self._socket = AsyncWebSocket(url, verbose, api_key=api_key)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The URL or the name of the source."""
        return self._socket.url

    @property
    def verbose(self) -> bool:
        """Whether what happens is said on stderr."""
        return self._socket.verbose

    def subscribe(self, symbols: str | list[str]) -> None:
        """Follow these symbols, beside those followed already.

        Raises:
            BadSymbols: some are not well formed; none of them is taken then.
            UsageError: this is closed.
        """
        self._ask(self._socket.subscribe(symbols))

    def unsubscribe(self, symbols: str | list[str]) -> None:
        """Follow these symbols no longer.

        Raises:
            BadSymbols: some are not well formed; none of them is taken then.
            UsageError: this is closed.
        """
        self._ask(self._socket.unsubscribe(symbols))

    def listen(self, message_handler: Handler | None = None) -> None:
        """Call `message_handler` with the dict of each push, until closed or Ctrl-C; without one, print them.

        What a handler raises is logged and does not end listening.

        Raises:
            Refused: the server turned the very first try away in a way that will not change.
        """
        socket = self._socket
        socket._say("Listening for messages...")
        try:
            while messages := self._do(socket._next()):
                for message in messages:
                    self._handle(message_handler, message)
                    if self._closed:
                        return
        except KeyboardInterrupt:
            self.close()
        except (UsageError, CancelledError):
            # Closed meanwhile, from another thread or by a handler.
            if not self._closed:
                raise

    def close(self) -> None:
        """End the connection and all that listens; closing again does no harm."""
        with self._lock:
            loop, self._loop, self._closed = self._loop, None, True
        if loop is None:
            return
        if _running_loop() is loop:
            # A coroutine handler closes it: waiting for our own loop would be waiting for ever.
            loop.create_task(self._socket.close()).add_done_callback(lambda task: loop.stop())
        else:
            asyncio.run_coroutine_threadsafe(self._socket.close(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    def __enter__(self) -> Self:
        self._do(self._socket.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _handle(self, handler: Handler | None, message: Message) -> None:
        try:
            result = (handler or _print)(message)
            if inspect.isawaitable(result):
                self._do(_awaited(result))
        except CancelledError:
            raise
        except Exception:
            _log.exception("Error in message handler")

    def _ask(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run `coroutine` in our own loop; from a handler that runs there, soon."""
        loop = self._loop
        if loop is not None and _running_loop() is loop:
            loop.create_task(coroutine)
        else:
            self._do(coroutine)

    def _do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` in our own loop; its result."""
        with self._lock:
            if self._loop is None and not self._closed:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_run, args=(self._loop,), name="tickstream-websocket", daemon=True
                ).start()
            if self._loop is None:
                coroutine.close()
                raise UsageError("this WebSocket is closed: make a new one")
            # Handed over before anybody can close it: what the loop has by then it ends.
            running = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return running.result()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        # Whoever waits in `listen`, or for a handler, is still to be told that it is over.
        if tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.wait(tasks))
        loop.close()


async def _awaited(result: Awaitable[None]) -> None:
    await result


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
