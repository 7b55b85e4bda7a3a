"""What a request says of where it comes from and whom it asks: addresses, hosts, origins; pure.

Everything here is text from strangers. What is not well formed is None, never an
exception and never a guess, and whoever asked refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

__all__ = [
    "Address",
    "Network",
    "Origin",
    "Place",
    "client_address",
    "counted_as",
    "is_loopback_host",
    "is_within",
    "read_address",
    "read_host",
    "read_origin",
]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PLACE = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,255}))(?::([0-9]{0,5}))?")
_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31})://([^/]+)")
_V4_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}")
_V6_IN_BRACKETS = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Place(NamedTuple):
    """A host and where on it, as a Host header has them."""

    name: str
    """Lower case; an IPv6 address without brackets and in its shortest form."""
    port: int | None
    """None where none is stated."""

    @property
    def bare(self) -> str:
        """The name without the dot that may end it."""
        return self.name.removesuffix(".")

    def at(self, scheme: str) -> Place:
        """The same, with the port that this scheme means where none is stated."""
        return Place(self.name, _DEFAULT_PORTS.get(scheme) if self.port is None else self.port)


class Origin(NamedTuple):
    """A page's origin; two that mean the same are equal."""

    scheme: str
    place: Place


def read_address(text: str) -> Address | None:
    """The IP address that `text` is; IPv4 within IPv6, as sockets of both kinds say it, is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def counted_as(address: str) -> str:
    """What an address counts as: itself, or its /64, of which one client has as many as it likes."""
    parsed = read_address(address)
    if isinstance(parsed, IPv6Address):
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return address if parsed is None else str(parsed)


def client_address(peer: str, forwarded: Sequence[str], proxies: Iterable[Network]) -> str:
    """Whose request it is, given the values of X-Forwarded-For in the order in which they came.

    Each proxy adds on the right whom it heard, so the rightmost entry that is
    no trusted proxy is the first that a stranger may have made up: it is the
    client, and what stands left of it is not even read.
    """
    address, trusted = read_address(peer), tuple(proxies)
    if address is None or not _within(address, trusted):
        return peer if address is None else str(address)
    client = address
    for entry in reversed(",".join(forwarded).split(",") if forwarded else []):
        said = _read_entry(entry.strip(" \t"))
        if said is None:
            return str(address)
        client = said
        if not _within(said, trusted):
            break
    return str(client)


def is_within(peer: str, networks: Iterable[Network]) -> bool:
    """Whether a peer's address is in one of these networks."""
    address = read_address(peer)
    return address is not None and _within(address, networks)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _read_entry(entry: str) -> Address | None:
    # Some proxies add the port of the client.
    if match := _V4_WITH_PORT.fullmatch(entry) or _V6_IN_BRACKETS.fullmatch(entry):
        entry = match[1]
    return None if "%" in entry else read_address(entry)


def read_host(text: str) -> Place | None:
    """The value of a Host header, or a name with or without a port."""
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    literal, name, digits = match.groups()
    port = int(digits) if digits else None
    if port is not None and port > 65_535:
        return None
    if literal is None:
        return Place(name.lower(), port) if name.strip(".") else None
    try:
        return Place(str(IPv6Address(literal)), port)
    except ValueError:
        return None


def read_origin(text: str) -> Origin | None:
    """The value of an Origin header; `null` is none."""
    match = _ORIGIN.fullmatch(text)
    place = read_host(match[2]) if match else None
    if match is None or place is None or text.endswith(":"):
        return None
    scheme = match[1].lower()
    return Origin(scheme, place.at(scheme))


def is_loopback_host(host: str) -> bool:
    """Whether `host`, with or without brackets, is this machine and reached from nowhere else."""
    bare = host.lower().removesuffix(".").removeprefix("[").removesuffix("]")
    address = read_address(bare)
    return bare == "localhost" if address is None else address.is_loopback
