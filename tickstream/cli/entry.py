"""Where the program begins. What is asked for in passing is answered before anything is loaded."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run what was typed, and end the process with the exit code that it earned."""
    if sys.argv[1:3] == ["completion", "symbols"]:
        from tickstream.cli.suggesting import print_symbols

        print_symbols(sys.argv[3] if len(sys.argv) > 3 else "")
        sys.exit()
    if sys.argv[1:] == ["--version"] and sys.stdout is not None:
        from tickstream import __version__

        # Whatever is wrong with stdout is for the program itself to say.
        with suppress(OSError):
            sys.stdout.write(f"tickstream {__version__}\n")
            sys.stdout.flush()
            sys.exit()
    from tickstream.cli.app import main as run

    run()
