"""Starting: the version beside importing typer, the first row beside importing what it must."""

from __future__ import annotations

import time

from tests.bench.measure import PYTHON, TICKSTREAM, Row, alternate, wall_of
from tests.bench.watch import in_terminal, simulator

MUST = (
    "import typer, asyncio, msgspec, websockets.asyncio.client, google.protobuf.message,"
    "rich.style, rich.cells, typer._adapters"
)
"""What a table of pushes cannot do without. The last is pydantic, by which typer reads each option."""


def first_row(url: str) -> float:
    """Seconds until the first price stands on the screen."""
    began = time.perf_counter()
    with in_terminal([*TICKSTREAM, "watch", "AAPL", "--source", url]) as terminal:
        terminal.until(b"REG")
        return time.perf_counter() - began


def rows(rounds: int) -> list[Row]:
    version = [*TICKSTREAM, "--version"]
    with simulator() as url:
        found = alternate(
            {
                "version": lambda: wall_of(version),
                "typer": lambda: wall_of([PYTHON, "-c", "import typer"]),
                "first": lambda: first_row(url),
                "must": lambda: wall_of([PYTHON, "-c", MUST]),
            },
            rounds,
        )
    text = {name: f"{value * 1000:.0f} ms" for name, value in found.items()}
    return [
        Row("--version, vs importing typer", text["version"], text["typer"],
            found["version"] / found["typer"], "<=", 1.3),
        Row("first row of watch, vs importing what it must", text["first"], text["must"],
            found["first"] / found["must"], "<=", 2.0),
    ]  # fmt: skip
