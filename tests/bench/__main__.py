"""One table: what is measured, ours, the reference, the ratio, the bar, the aim, and whether they are met.

With --growth instead, how the costs grow with symbols, ticks, rows and clients.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench import decode, frame, growth, lines, plot, recovery, serve, start, watch
from tests.bench.measure import Row


def main() -> None:
    options = _options()
    if options.growth:
        _grow(options)
        return
    parts: dict[str, Callable[[], list[Row]]] = {
        "decode": lambda: decode.rows(options.rounds * 2 + 1),
        "lines": lambda: lines.rows(options.rounds),
        "frame": lambda: frame.rows(options.rounds * 2 + 1),
        "start": lambda: start.rows(options.rounds * 3),
        "watch": lambda: watch.rows(options.seconds),
        "serve": lambda: serve.rows(options.seconds / 3),
        "views": lambda: serve.view_rows(options.seconds / 3),
        "recovery": recovery.rows,
    }
    wanted = _wanted(options.only, parts)
    table = [row for name in wanted for row in parts[name]()]
    if options.json:
        print(json.dumps([asdict(row) | {"met": row.met} for row in table], indent=1))
    else:
        _print(table)


def _wanted(only: str | None, parts: Collection[str]) -> list[str]:
    wanted = only.split(",") if only else list(parts)
    if unknown := [name for name in wanted if name not in parts]:
        sys.exit(f"no part {unknown[0]!r}: there are {', '.join(parts)}")
    return wanted


def _grow(options: argparse.Namespace) -> None:
    found = growth.measure(_wanted(options.only, growth.PARTS), options.rounds, options.seconds / 6)
    print(json.dumps([asdict(series) for series in found], indent=1) if options.json else growth.table(found))
    if options.plot:
        Path(options.plot).write_text(plot.svg(found), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench", description=__doc__)
    parser.add_argument("--only", help="some parts, as in decode,lines: an unknown one says which there are")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--growth", action="store_true", help="how costs grow, instead")
    parser.add_argument("--plot", metavar="FILE", help="with --growth: an SVG of it as well")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds (default 3)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        help="how long watch is watched (60); a third of it each load of serve, a sixth each of growth",
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
