"""`tickstream serve`: one upstream, shared among WebSocket clients.

stdout stays empty; where it listens, and what happens, is a line an event on
stderr. Keys come from the environment or a file, never from the command line,
where others could read them.
"""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Annotated, Any

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
    a_port,
    at_least_a_second,
    checked,
    duration,
    source_name,
)
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.server.settings import Access, Limits

__all__ = ["serve"]


def _option(name: str, metavar: str | None, text: str, also: str = "", **more: Any) -> Any:
    """An option that the environment has as TICKSTREAM_<OPTION>, and perhaps as `also`, as hosts set it."""
    own = f"TICKSTREAM_{name.upper().replace('-', '_')}"
    said = f"{text}  [env: {also}]" if also else text
    names = [own, also] if also else own
    return typer.Option(f"--{name}", metavar=metavar, help=said, envvar=names, show_envvar=False, **more)


def serve(
    context: typer.Context,
    # Not HOST as well: shells and build tools keep the name of the machine in it.
    host: Annotated[
        str, _option("host", "ADDRESS", "Where to listen: this machine alone, unless told otherwise.")
    ] = "localhost",
    port: Annotated[
        int, _option("port", "N", "Port; 0 chooses a free one.", "PORT", callback=checked(a_port))
    ] = 8000,
    source: SourceName = None,
    demo: Demo = False,
    speed: Speed = None,
    loop: Loop = False,
    from_: From = None,
    interval: Annotated[
        float | None,
        _option(
            "interval",
            "TIME",
            "Between two documents, at least 1s.  [default: 5s]",
            parser=duration,
            callback=checked(at_least_a_second),
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
        int, _option("upstream-rate", "N", "HTTP requests a minute to the source, at most.", min=6)
    ] = 30,
    require_key: Annotated[
        bool, _option("require-key", None, "Ask for a key, also on this machine.", "USE_SECURITY")
    ] = False,
    keys: Annotated[
        str | None, _option("keys", "FILE", "The keys' file: label and SHA-256, a line each.")
    ] = None,
    new_key: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Add a key to --keys, print it once, and end.")
    ] = None,
    allow_anonymous: Annotated[
        bool, _option("allow-anonymous", None, "Let anybody in, where there is no key.")
    ] = False,
    allow_origin: Annotated[
        list[str] | None,
        _option(
            "allow-origin",
            "ORIGIN",
            "Pages of this site may connect: https://a.site.",
            callback=checked(_origins),
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        _option(
            "allow-host",
            "NAME",
            "A name that this server goes by: ticker.a.site.",
            callback=checked(_hosts),
        ),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        _option(
            "trusted-proxy",
            "CIDR",
            "Whose X-Forwarded-For is believed: 10.0.0.0/8.",
            callback=checked(_networks),
        ),
    ] = None,
    tls_cert: Annotated[str | None, _option("tls-cert", "FILE", "Certificate (PEM), for wss.")] = None,
    tls_key: Annotated[str | None, _option("tls-key", "FILE", "Its private key.")] = None,
    max_clients: Annotated[int, _option("max-clients", "N", "Clients in all.", min=1)] = 10_000,
    max_per_address: Annotated[
        int, _option("max-per-address", "N", "Clients of one address at a time.", min=1)
    ] = 20,
    max_per_key: Annotated[
        int, _option("max-per-key", "N", "Clients with one key at a time.", min=1)
    ] = 1_000,
    max_per_day: Annotated[
        int,
        _option(
            "max-per-day",
            "N",
            "Connections of an address in a day, UTC; 0 is no limit.",
            "APP_RATE_LIMIT_PER_DAY",
            min=0,
        ),
    ] = 0,
    max_symbols: Annotated[int, _option("max-symbols", "N", "Symbols of a client.", min=1)] = 200,
    max_commands: Annotated[
        float, _option("max-commands", "N", "Messages of a client in a second.", min=0.1)
    ] = 5.0,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Serve the views and the stream to many WebSocket clients.

    Routes: /quotes, /market, /hours, /profile/SYMBOL, /stream (Yahoo's own protocol), and a page at /.

    Keys: ADMIN_API_KEY in the environment is one without limits; --keys FILE has the others. They are
    needed as soon as there is one, and to listen on more than this machine. SIGHUP reads them again, and
    ends the connections of those that are gone.

    Every option can come from the environment too, as TICKSTREAM_<OPTION>. Those for origins, hosts and
    proxies take several: the option again, or a list with commas.
    """
    if new_key is not None:
        _add_key(keys, new_key)
        return
    from tickstream.cli.run import run_async, set_log_level
    from tickstream.cli.serving import Serving
    from tickstream.server.settings import Settings

    set_log_level(log_level)
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
    run_async(serving.run(), grace=10.0, hangup=serving.reread_keys, serves=True)


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

    return Access(
        admin_key=os.environ.get("ADMIN_API_KEY", ""),
        keys_file=keys or "",
        required=required,
        anonymous=anonymous,
        origins=_listed(origins),
        hosts=_listed(hosts),
        proxies=_networks(proxies),
    )


def _origins(values: list[str]) -> None:
    from tickstream.server.access import check_origin

    for origin in _listed(values):
        check_origin(origin)


def _hosts(values: list[str]) -> None:
    from tickstream.server.access import check_host

    for host in _listed(values):
        check_host(host)


def _networks(values: list[str] | None) -> tuple[IPv4Network | IPv6Network, ...]:
    networks = []
    for proxy in _listed(values):
        try:
            networks.append(ip_network(proxy, strict=False))
        except ValueError:
            raise UsageError(f"--trusted-proxy {proxy!a} is no network: use 10.0.0.0/8 or ::1/128") from None
    return tuple(networks)


def _listed(values: list[str] | None) -> tuple[str, ...]:
    """All that an option was given, each time or at once: split at commas and blanks."""
    return tuple(item for value in values or () for item in value.replace(",", " ").split())


def _add_key(keys: str | None, label: str) -> None:
    from tickstream.server.keys import add_key

    if not keys:
        raise UsageError("--new-key needs --keys FILE: where to keep it")
    typer.echo(add_key(keys, label))
