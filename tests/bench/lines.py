"""socket → NDJSON line, as whole processes: what each further frame costs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.bench.frames import symbols
from tests.bench.measure import PYTHON, Row, alternate, cpu_of, environment

FEW, MANY = 2_000, 42_000


@contextmanager
def flood() -> Iterator[int]:
    """The port of a streamer that sends as many frames as it is asked for."""
    command = [PYTHON, "-m", "tests.bench.flood"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def slope(command: Callable[[int], list[str]]) -> Callable[[], float]:
    """Microseconds a frame, without what starting costs."""
    return lambda: (cpu_of(command(MANY)) - cpu_of(command(FEW))) / (MANY - FEW) * 1e6


def rows(rounds: int) -> list[Row]:
    with flood() as port:
        url = f"ws://127.0.0.1:{port}/?n="

        def ours(count: int) -> list[str]:
            # The URL of a streamer may be a path of ours: the query of the flood is in it.
            return [PYTHON, "-m", "tests.bench.ours", f"{url}{count}", str(count), *symbols()]

        def peer(name: str) -> Callable[[int], list[str]]:
            return lambda count: [PYTHON, "-m", "tests.bench.peers", name, f"{url}{count}", str(count)]

        found = alternate(
            {"ours": slope(ours), "yfinance": slope(peer("yfinance")), "bare": slope(peer("bare"))}, rounds
        )
    text = {name: f"{value:.1f} us" for name, value in found.items()}
    ours_us = found["ours"]
    return [
        Row("socket to NDJSON line, vs yfinance printing JSON", text["ours"], text["yfinance"],
            found["yfinance"] / ours_us, ">=", 2.5, 3.5),
        Row("… vs a bare receive loop", text["ours"], text["bare"], ours_us / found["bare"], "<=", 2.5, 1.6),
    ]  # fmt: skip
