"""`tickstream simulate`: the simulated Yahoo as a server, for any client to be pointed at.

It is no server for the world: only loopback addresses are listened on. stdout
stays empty; where it listens is said on stderr.
"""

from __future__ import annotations

import sys
from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from tickstream.cli.options import a_port, checked
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.simulator import Address, Options

__all__ = ["simulate"]

_SESSIONS = ("pre", "regular", "post", "overnight", "closed", "real")


def simulate(
    port: Annotated[
        int,
        typer.Option(
            help="Port to listen on; 0 chooses a free one.",
            envvar="TICKSTREAM_PORT",
            callback=checked(a_port),
        ),
    ] = 9100,
    host: Annotated[
        str, typer.Option(help="Loopback address to listen on.", envvar="TICKSTREAM_HOST")
    ] = "127.0.0.1",
    seed: Annotated[
        int, typer.Option(help="Same seed, same prices to begin with.", envvar="TICKSTREAM_SEED")
    ] = 0,
    rate: Annotated[
        float | None,
        typer.Option(
            help="Messages a second in all; without it at most one a second and symbol.",
            envvar="TICKSTREAM_RATE",
            callback=checked(_rate),
        ),
    ] = None,
    session: Annotated[
        str,
        typer.Option(
            help="What the market does: pre, regular, post, overnight, closed, or real (by the clock).",
            metavar="SESSION",
            envvar="TICKSTREAM_SESSION",
            autocompletion=lambda: list(_SESSIONS),
            callback=checked(_session),
        ),
    ] = "regular",
    snapshot_delay: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="How long the first message about a symbol takes (Yahoo: 1 to 4).",
            envvar="TICKSTREAM_SNAPSHOT_DELAY",
            callback=checked(_delay),
        ),
    ] = 0.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Something that goes wrong, as in close=1001@20, mute@5 or http-status=429~quote;"
            " may be repeated.",
            envvar="TICKSTREAM_FAULT",
            callback=checked(_faults),
        ),
    ] = None,
) -> None:
    """Serve a simulated Yahoo on this machine: streamer and HTTP.

    `tickstream help faults` has all that --fault can have go wrong.
    """
    from tickstream.cli.run import run_async

    options = _options(seed, rate, session, snapshot_delay, fault or [])
    run_async(_serve(options, _loopback(host), port), serves=True)


def _session(name: str) -> None:
    if name not in _SESSIONS:
        raise UsageError(f"--session {name!a} is not one of {', '.join(_SESSIONS)}")


def _rate(number: float) -> None:
    if not (isfinite(number) and number > 0):
        raise UsageError(f"--rate {number:g} must be more than 0")


def _delay(seconds: float) -> None:
    if not (isfinite(seconds) and seconds >= 0):
        raise UsageError(f"--snapshot-delay {seconds:g} must be 0 or more")


def _faults(texts: list[str]) -> None:
    from tickstream.simulator import Fault

    for text in texts:
        Fault.parse(text)


def _options(
    seed: int, rate: float | None, session: str, snapshot_delay: float, faults: list[str]
) -> Options:
    from tickstream.simulator import Fault, Options, Session

    return Options(seed, rate, Session(session), snapshot_delay, tuple(Fault.parse(text) for text in faults))


def _loopback(host: str) -> str:
    from ipaddress import ip_address

    # The name can stand for two addresses, and port 0 would be another on each.
    if host == "localhost":
        return "127.0.0.1"
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(f"--host {host!a} is not a loopback address: this is a simulator, not a server")
    return host


async def _serve(options: Options, host: str, port: int) -> None:
    import asyncio
    from contextlib import AsyncExitStack

    from tickstream.cli.listening import cannot_listen
    from tickstream.simulator import Simulator

    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(Simulator(options).serving(host, port))
        except OSError as error:
            raise cannot_listen(host, port, error) from error
        sys.stderr.write(_announcement(address))
        sys.stderr.flush()
        await asyncio.get_running_loop().create_future()


def _announcement(address: Address) -> str:
    return (
        f"simulated Yahoo on {address.netloc}: no price here is real\n"
        f"  tickstream watch --source {address.url} AAPL BTC-USD\n"
        f"  other clients of the streamer: {address.ws_url}\n"
        "Ctrl-C ends it\n"
    )
