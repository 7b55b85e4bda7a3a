"""Where the program begins. What a shell asks for at each TAB is answered before anything else is loaded."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run what was typed, and end the process with the exit code that it earned."""
    if sys.argv[1:3] == ["completion", "symbols"]:
        from tickstream.cli.suggesting import print_symbols

        print_symbols(sys.argv[3] if len(sys.argv) > 3 else "")
        sys.exit()
    from tickstream.cli.app import main as run

    run()
