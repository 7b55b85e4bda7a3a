"""Why an address cannot be listened on, in one line that says what to do."""

from __future__ import annotations

import errno

from tickstream.errors import UsageError

__all__ = ["cannot_listen"]

_PRIVILEGED = 1024
"""Ports below this need rights on most systems."""


def cannot_listen(host: str, port: int, error: OSError) -> UsageError:
    """The wrong use that it is to listen on `port` of `host`."""
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"port {port} is in use: choose another with --port, or --port 0 for a free one")
    if error.errno == errno.EACCES and 0 < port < _PRIVILEGED:
        return UsageError(
            f"port {port} needs rights that you do not have: choose one from 1024 on with --port"
        )
    why = str(error.strerror or error).partition(" (while ")[0]  # the address once more
    return UsageError(f"cannot listen on {host or 'every address'}, port {port}: {why}")
