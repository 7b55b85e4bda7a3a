"""A session with the simulated Yahoo, or with a script of answers, without waits and without a disk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tickstream.simulator import Options, Simulator
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.exchange import Exchange, Limits
from tickstream.sources.yahoo.session import Session
from tickstream.sources.yahoo.store import Store

QUICK = Limits(seconds=0.5)
"""What hangs is given up soon; nothing else takes that long."""


async def no_sleep(seconds: float) -> None:
    """A pause that is none."""


@dataclass
class Yahoo:
    """A simulated Yahoo and a session with it."""

    simulator: Simulator
    session: Session
    web: Web
    exchange: Exchange


@asynccontextmanager
async def yahoo(
    *faults: str,
    limits: Limits | None = None,
    store: Store | None = None,
    wall: Callable[[], float] | None = None,
    options: Options | None = None,
) -> AsyncIterator[Yahoo]:
    """A session with a simulator on a loopback port, which has these faults."""
    simulator = Simulator(options or Options())
    simulator.faults.set(*faults)
    async with simulator.serving() as address:
        web = Web.at(f"http://{address.netloc}")
        exchange = Exchange(web.host, limits=limits or Limits(seconds=8.0), sleep=no_sleep)
        session = Session(web, exchange=exchange, store=store, **({"wall": wall} if wall else {}))
        try:
            yield Yahoo(simulator, session, web, exchange)
        finally:
            await session.close()


Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Script:
    """A server that answers as it is told, one answer a request; the last one for all that follow."""

    answers: list[Answer]
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return answer(request)


@asynccontextmanager
async def scripted(*answers: Answer, host: str = "api.example.com") -> AsyncIterator[tuple[Exchange, Script]]:
    """An exchange whose server answers with these."""
    script = Script(list(answers))
    exchange = Exchange(host, transport=httpx.MockTransport(script), sleep=no_sleep)
    try:
        yield exchange, script
    finally:
        await exchange.close()
