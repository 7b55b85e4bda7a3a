"""Closing what a writer thread may still be writing to."""

from __future__ import annotations

import os
import threading
from contextlib import suppress


def close_ends(reading: int, writing: int) -> None:
    """Close both ends of a pipe or terminal, the reading one first.

    A writer that is held up is let go by that; it is waited for, so that it
    does not go on writing to whatever gets its number next.
    """
    with suppress(OSError):
        os.close(reading)
    for thread in threading.enumerate():
        if thread.name.startswith("tickstream-write"):
            thread.join(30)
    with suppress(OSError):
        os.close(writing)
