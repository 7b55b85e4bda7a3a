"""`tickstream serve`: one upstream, shared among WebSocket clients.

stdout stays empty; where it listens, and what happens, is a line an event on
stderr. Keys come from the environment or a file, never from the command line,
where others could read them.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated

import typer

from tickstream.cli.arguments import playback_of, typed_in
from tickstream.cli.options import (
    Debug,
    Demo,
    From,
    LogLevel,
    Loop,
    SourceName,
    Speed,
    duration,
    source_name,
)
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.server.settings import Access, Limits

__all__ = ["serve"]


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on.", envvar=["TICKSTREAM_HOST", "HOST"])
    ] = "localhost",
    port: Annotated[
        int, typer.Option(help="Port; 0 chooses a free one.", envvar=["TICKSTREAM_PORT", "PORT"])
    ] = 8000,
    source: SourceName = None,
    demo: Demo = False,
    speed: Speed = None,
    loop: Loop = False,
    from_: From = None,
    interval: Annotated[
        float | None,
        typer.Option(
            parser=duration,
            metavar="TIME",
            envvar="TICKSTREAM_INTERVAL",
            help="Time between two documents of a view, at least 1s.  [default: 5s]",
        ),
    ] = None,
    redis_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar=["TICKSTREAM_REDIS_URL", "REDIS_URL"],
            show_envvar=False,
            help="Share with other instances there. From the environment, if it has a password.",
        ),
    ] = None,
    upstream_rate: Annotated[
        int, typer.Option(min=6, envvar="TICKSTREAM_UPSTREAM_RATE", help="HTTP requests a minute.")
    ] = 30,
    require_key: Annotated[
        bool,
        typer.Option(
            "--require-key", envvar=["TICKSTREAM_REQUIRE_KEY", "USE_SECURITY"], help="Ask for a key, always."
        ),
    ] = False,
    keys: Annotated[
        str | None,
        typer.Option(metavar="FILE", envvar="TICKSTREAM_KEYS", help="A line a key: label and SHA-256."),
    ] = None,
    new_key: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Add a key to --keys, print it once, and end.")
    ] = None,
    allow_anonymous: Annotated[
        bool,
        typer.Option(
            "--allow-anonymous", envvar="TICKSTREAM_ALLOW_ANONYMOUS", help="Let anybody in, without a key."
        ),
    ] = False,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN", envvar="TICKSTREAM_ALLOW_ORIGIN", help="Pages of this site may connect."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", envvar="TICKSTREAM_ALLOW_HOST", help="A name this server goes by."),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR", envvar="TICKSTREAM_TRUSTED_PROXY", help="Whose X-Forwarded-For is believed."
        ),
    ] = None,
    tls_cert: Annotated[
        str | None, typer.Option(metavar="FILE", envvar="TICKSTREAM_TLS_CERT", help="Certificate, for wss.")
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option(metavar="FILE", envvar="TICKSTREAM_TLS_KEY", help="Its private key.")
    ] = None,
    max_clients: Annotated[
        int, typer.Option(min=1, envvar="TICKSTREAM_MAX_CLIENTS", help="Clients in all.")
    ] = 10_000,
    max_per_address: Annotated[
        int, typer.Option(min=1, envvar="TICKSTREAM_MAX_PER_ADDRESS", help="Connections of an address.")
    ] = 20,
    max_per_key: Annotated[
        int, typer.Option(min=1, envvar="TICKSTREAM_MAX_PER_KEY", help="Connections with a key.")
    ] = 1_000,
    max_per_day: Annotated[
        int,
        typer.Option(
            min=0,
            envvar=["TICKSTREAM_MAX_PER_DAY", "APP_RATE_LIMIT_PER_DAY"],
            help="Connections of an address in a day; 0 is no limit.",
        ),
    ] = 0,
    max_symbols: Annotated[
        int, typer.Option(min=1, envvar="TICKSTREAM_MAX_SYMBOLS", help="Symbols of a client.")
    ] = 200,
    max_commands: Annotated[
        float, typer.Option(min=0.1, envvar="TICKSTREAM_MAX_COMMANDS", help="Messages of a client a second.")
    ] = 5.0,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Serve quotes, market, hours, profiles and the stream to WebSocket clients.

    Routes: /quotes, /market, /hours, /profile/SYMBOL, /stream (Yahoo's own protocol), and a page at /.

    Keys: ADMIN_API_KEY in the environment is one without limits; --keys FILE has the others. They are
    needed as soon as there is one, and to listen on more than this machine.
    """
    if new_key is not None:
        _add_key(keys, new_key)
        return
    from tickstream.cli.run import run_async, set_log_level
    from tickstream.cli.serving import Serving
    from tickstream.server.settings import Settings

    set_log_level(log_level)
    if not 0 <= port <= 65_535:
        raise UsageError(f"--port {port} is not from 0 to 65535")
    if interval is not None and interval < 1:
        raise UsageError(f"--interval {interval:g} is too short: at least 1s")
    if bool(tls_cert) != bool(tls_key) and not tls_cert:
        raise UsageError("--tls-key is of no use without --tls-cert")
    typed = typed_in(context)
    name = source_name(source, demo, typed)
    limits = _limits(max_clients, max_per_address, max_per_key, max_per_day, max_symbols, max_commands)
    serving = Serving(
        Settings(
            host=host,
            port=port,
            source=name,
            playback=playback_of(name, speed, loop, from_, typed),
            interval=interval or 5.0,
            upstream_rate=upstream_rate,
            redis_url=redis_url or "",
            access=_access(keys, require_key, allow_anonymous, allow_origin, allow_host, trusted_proxy),
            limits=limits,
            tls_cert=tls_cert or "",
            tls_key=tls_key or "",
        )
    )
    run_async(serving.run(), grace=10.0, hangup=serving.reread_keys)


def _limits(
    clients: int, per_address: int, per_key: int, per_day: int, symbols: int, commands: float
) -> Limits:
    from tickstream.server.settings import Limits

    return Limits(
        clients=clients,
        per_address=per_address,
        per_key=per_key,
        per_day=per_day,
        symbols=symbols,
        commands=commands,
    )


def _access(
    keys: str | None,
    required: bool,
    anonymous: bool,
    origins: list[str] | None,
    hosts: list[str] | None,
    proxies: list[str] | None,
) -> Access:
    from tickstream.server.settings import Access

    networks = []
    for proxy in proxies or ():
        try:
            networks.append(ip_network(proxy, strict=False))
        except ValueError:
            raise UsageError(f"--trusted-proxy {proxy!a} is no network: use 10.0.0.0/8 or ::1/128") from None
    return Access(
        admin_key=os.environ.get("ADMIN_API_KEY", ""),
        keys_file=keys or "",
        required=required,
        anonymous=anonymous,
        origins=tuple(origins or ()),
        hosts=tuple(hosts or ()),
        proxies=tuple(networks),
    )


def _add_key(keys: str | None, label: str) -> None:
    from tickstream.server.keys import add_key

    if not keys:
        raise UsageError("--new-key needs --keys FILE: where to keep it")
    typer.echo(add_key(keys, label))
