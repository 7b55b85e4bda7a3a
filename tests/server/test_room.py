"""Room for connections that have said nothing yet: by address, and by what the process can bear."""

from __future__ import annotations

from typing import Any

from tests.support.gate import gate
from tickstream.server.room import Room


def room(descriptors: int | None = None, per_address: int = 2, **access: Any) -> tuple[Room, list[str]]:
    refused: list[str] = []
    there = gate(anonymous=True, **access)
    return Room(there, per_address, descriptors, lambda reason, peer: refused.append(reason)), refused


def test_an_address_has_five_silent_connections_for_each_that_may_be_a_client() -> None:
    rooms, refused = room()
    assert [rooms.admit("203.0.113.9") for _ in range(12)] == [True] * 10 + [False] * 2
    assert refused == ["unopened"] * 2
    assert rooms.admit("198.51.100.7")
    rooms.settle("203.0.113.9")
    assert rooms.admit("203.0.113.9")


def test_a_network_of_64_bits_is_one_address() -> None:
    rooms, refused = room()
    assert [rooms.admit(f"2001:db8::{number:x}") for number in range(11)] == [True] * 10 + [False]
    assert refused == ["unopened"]


def test_on_loopback_and_from_a_trusted_proxy_many_clients_have_one_address() -> None:
    for peer, more in (("127.0.0.1", {"loopback": True}), ("10.0.0.1", {"proxies": ("10.0.0.0/8",)})):
        rooms, refused = room(**more)
        assert all(rooms.admit(peer) for _ in range(50))
        assert not refused


def test_some_descriptors_are_left_for_what_is_no_client() -> None:
    rooms, refused = room(descriptors=100, loopback=True)
    assert sum(rooms.admit("127.0.0.1") for _ in range(60)) == 50
    assert set(refused) == {"descriptors"}
    rooms, refused = room(descriptors=1000, loopback=True)
    assert sum(rooms.admit("127.0.0.1") for _ in range(1000)) == 936


def test_clients_count_for_the_descriptors_too() -> None:
    there = gate(anonymous=True, loopback=True)
    rooms = Room(there, 2, 100, lambda reason, peer: None)
    for _ in range(50):
        there.connections.enter(None, None)
    assert not rooms.admit("127.0.0.1")


def test_nothing_is_remembered_of_those_who_have_gone() -> None:
    rooms, _ = room()
    for number in range(10):
        assert rooms.admit(f"198.51.100.{number}")
        rooms.settle(f"198.51.100.{number}")
    assert rooms.unopened == 0
    assert not rooms._unopened
