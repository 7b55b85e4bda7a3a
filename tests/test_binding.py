"""Listening sockets: every address of a host on one port, and wits kept without a descriptor left."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tickstream.http.binding import bind

if sys.platform == "win32":
    pytest.skip("there is no such limit", allow_module_level=True)

import resource


def test_whom_there_is_no_descriptor_for_is_turned_away_and_the_next_is_served() -> None:
    full: list[bool] = []
    (listening,) = asyncio.run(bind("127.0.0.1", 0, 10, lambda: full.append(True)))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    address = listening.getsockname()
    with closing(listening), socket.create_connection(address, 10) as one:
        taken = [os.open(os.devnull, os.O_RDONLY)]
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(taken[0], listening.fileno()) + 8, limits[1]))
            with suppress(OSError):  # until none is left
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            with pytest.raises(BlockingIOError):
                listening.accept()
            assert full == [True]
        finally:
            for descriptor in taken:
                os.close(descriptor)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        with suppress(ConnectionError):
            assert one.recv(1) == b""
        with socket.create_connection(address, 10):
            accepted, _ = listening.accept()
            accepted.close()
    assert full == [True]


def test_all_addresses_share_one_port_also_where_the_system_chooses_it() -> None:
    sockets = asyncio.run(bind("", 0, 10))
    try:
        assert len({found.getsockname()[1] for found in sockets}) == 1
        assert len(sockets) == (2 if socket.has_ipv6 else 1)
    finally:
        for found in sockets:
            found.close()


def descriptors() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir()) if sys.platform == "linux" else set()


def test_where_one_address_cannot_be_had_none_is_and_nothing_stays_open() -> None:
    before = descriptors()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            asyncio.run(bind("127.0.0.1", taken.getsockname()[1], 10))
    assert descriptors() == before
