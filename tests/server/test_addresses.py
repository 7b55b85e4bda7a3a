"""Addresses: which of them no other machine can reach."""

from __future__ import annotations

import pytest

from tickstream.server.addresses import is_loopback_host


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("localhost.", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("128.0.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("::2", False),
    ],
)
def test_loopback_is_what_no_other_machine_can_reach(host: str, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback
