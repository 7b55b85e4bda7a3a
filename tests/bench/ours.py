"""`tickstream watch --json --count N` on a streamer whose URL has a query of its own."""

from __future__ import annotations

import sys

from tickstream.cli.options import WatchOptions
from tickstream.cli.run import run_async
from tickstream.cli.watching import run_watch

if __name__ == "__main__":
    url, count, *symbols = sys.argv[1:]
    run_async(run_watch(WatchOptions(symbols=tuple(symbols), source=url, form="json", count=int(count))))
