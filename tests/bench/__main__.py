"""One table: what is measured, ours, the reference, the ratio, the bar, the aim, and whether they are met."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from tests.bench import decode, frame, lines, serve, start, watch
from tests.bench.measure import Row


def main() -> None:
    options = _options()
    parts: dict[str, Callable[[], list[Row]]] = {
        "decode": lambda: decode.rows(options.rounds * 2 + 1),
        "lines": lambda: lines.rows(options.rounds),
        "frame": lambda: frame.rows(options.rounds * 2 + 1),
        "start": lambda: start.rows(options.rounds * 3),
        "watch": lambda: watch.rows(options.seconds),
        "serve": lambda: serve.rows(options.seconds / 3),
    }
    wanted = options.only.split(",") if options.only else list(parts)
    if unknown := [name for name in wanted if name not in parts]:
        sys.exit(f"no part {unknown[0]!r}: there are {', '.join(parts)}")
    table = [row for name in wanted for row in parts[name]()]
    if options.json:
        print(json.dumps([asdict(row) | {"met": row.met} for row in table], indent=1))
    else:
        _print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench", description=__doc__)
    parser.add_argument("--only", help="parts: decode,lines,frame,start,watch,serve")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds (default 3)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        help="how long watch is watched (default 60); a third of it, how long each load of serve",
    )
    return parser.parse_args()


def _print(table: Sequence[Row]) -> None:
    titles = ("what", "ours", "reference", "ratio", "bar", "aim", "")
    cells = [titles, *(_cells(row) for row in table)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(titles))]
    for row in cells:
        first, *others = (text.ljust(width) if n == 0 else text.rjust(width)
                          for n, (text, width) in enumerate(zip(row, widths, strict=True)))  # fmt: skip
        print("  ".join([first, *others]))


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.better == ">=" else "≤"
    verdict = "met" + (", and the aim" if row.aimed else "") if row.met else "MISSED"
    aim = f"{sign} {row.aim:g}" if row.aim is not None else ""
    return row.name, row.ours, row.reference, f"{row.ratio:.2f}", f"{sign} {row.bar:g}", aim, verdict


if __name__ == "__main__":
    main()
