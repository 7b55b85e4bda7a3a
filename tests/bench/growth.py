"""How costs grow: with symbols, with ticks a second, with rows off the screen, with clients.

`python3 -m tests.bench --growth`. What must not grow: a tick with the symbols
that there are or the clients that do not follow it, a frame with rows off the
screen. Where two cores saturate it says so, and what is lost is counted; growth
is judged below that.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import median

from tests.bench.flood import AHEAD
from tests.bench.frames import many
from tests.bench.measure import TICKSTREAM, cpu_so_far, environment, seconds_of
from tests.bench.serve import STREAM, Helper, helping, serving, upstream
from tests.bench.watch import SYMBOLS, in_terminal
from tickstream.core.columns import DEFAULT, pick_columns
from tickstream.core.mailbox import Changed, Every
from tickstream.core.tick import Tick
from tickstream.hub import Hub
from tickstream.sinks.lines import json_format
from tickstream.sinks.paint import Painter
from tickstream.sinks.table import Table
from tickstream.sources.yahoo.frames import decode

COUNTS = (1, 10, 100, 1_000, 10_000)
RATES = (10, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
CLIENTS = (1, 10, 100, 1_000, 2_000, 5_000, 10_000)
IDLE = (0, 100, 1_000, 5_000, 9_000)
FOLLOWERS = 100
WIDTH, HEIGHT = 140, 53
SATURATED = 90.0
"""Percent of a core from which on a process of one thread is as good as full."""
GROWN = 1.5
"""Times the cost at the count that it is judged by: more than that is growth."""


@dataclass
class Series:
    """One cost over one count: `points` are count, cost, and whether there was no more room."""

    name: str
    unit: str
    over: str
    judged_from: int
    """The count whose cost the later ones are held against; 0 where growth is what it is for."""
    points: list[tuple[int, float, bool]] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)

    @property
    def growth(self) -> float | None:
        """The worst later cost, of the one it is held against."""
        below = [(count, cost) for count, cost, full in self.points if not full]
        base = next((cost for count, cost in below if count >= self.judged_from), None)
        later = [cost for count, cost in below if count > self.judged_from]
        return max(later) / base if self.judged_from and base and later else None


def ticks(rounds: int) -> list[Series]:
    """A tick from its frame to a row, and to a line, by how many symbols there are."""
    row = Series("a tick, frame to row", "us", "symbols", 100)
    line = Series("a tick, frame to NDJSON", "us", "symbols", 100)
    begin = int(time.time() * 1000) + AHEAD
    work: dict[tuple[str, int], Callable[[], float]] = {}
    for count in COUNTS:
        symbols = [f"S{number:05d}" for number in range(count)]
        texts = list(many(max(20_000, 2 * count), symbols, begin=begin))
        work["row", count] = _to_row(symbols, texts)
        work["line", count] = _to_line(symbols, texts)
    found: dict[tuple[str, int], list[float]] = {key: [] for key in work}
    for _ in range(rounds + 1):
        for key, run in work.items():
            found[key].append(run())
    for (kind, count), costs in found.items():
        # In the first round each symbol comes for the first time.
        (row if kind == "row" else line).points.append((count, median(costs[1:]), False))
    return [row, line]


def _to_row(symbols: Sequence[str], texts: Sequence[str]) -> Callable[[], float]:
    hub, mailbox = Hub(), Changed()
    hub.reading(symbols, mailbox).__enter__()

    def run() -> None:
        for number, text in enumerate(texts):
            tick = decode(text)
            if tick:
                hub.publish(tick)
            if number % 50 == 0:
                mailbox.take()

    return lambda: seconds_of(run) / len(texts) * 1e6


def _to_line(symbols: Sequence[str], texts: Sequence[str]) -> Callable[[], float]:
    hub, mailbox, out = Hub(), Every(), io.BytesIO()
    hub.reading(symbols, mailbox).__enter__()

    def run() -> None:
        out.seek(0)
        for number, text in enumerate(texts):
            tick = decode(text)
            if tick:
                hub.publish(tick)
            if number % 50 == 0:
                out.write(json_format.lines([item for item in mailbox.take() if isinstance(item, Tick)]))

    return lambda: seconds_of(run) / len(texts) * 1e6


def screens(rounds: int) -> list[Series]:
    """A frame of 50 rows, by how many symbols there are: 10 on the screen moved, or also all that are off it.

    What moved is noted, wherever it is, so that the second one grows with the pushes: by some ns for each.
    """
    few = Series("a frame, 10 rows moved", "ms", "symbols", 100)
    all_moved = Series("a frame, and all off the screen moved", "ms", "symbols", 0)
    for count in COUNTS:
        symbols = [f"S{number:05d}" for number in range(count)]
        few.points.append((count, _frame(symbols, symbols[:10], rounds), False))
        all_moved.points.append((count, _frame(symbols, [*symbols[:10], *symbols[50:]], rounds), False))
    return [few, all_moved]


def _frame(symbols: Sequence[str], moved: Sequence[str], rounds: int) -> float:
    hub, mailbox, random, stamp = Hub(), Changed(), Random(1), int(time.time() * 1000)
    hub.reading(symbols, mailbox).__enter__()
    table = Table(hub, symbols, pick_columns(DEFAULT), painter=Painter())

    def push(names: Sequence[str]) -> None:
        nonlocal stamp
        stamp += 1
        for name in names:
            price = random.uniform(100, 200)
            hub.publish(Tick.from_dict({"id": name, "price": price, "time": stamp, "quote_type": 8}))

    def draw() -> None:
        table.moved(mailbox.take())
        table.lines(WIDTH, HEIGHT)

    push(symbols)
    draw()
    costs = []
    for _ in range(20 * rounds):
        push(moved)
        costs.append(seconds_of(draw) * 1e3)
    return median(costs)


def rates(seconds: float) -> list[Series]:
    """The CPU of a table of 100 symbols, and of NDJSON, by how many ticks a second come."""
    table = Series("watch, a table", "% of a core", "ticks a second", 0)
    lines = Series("watch --json", "% of a core", "ticks a second", 0)
    with helping("flood") as flood:
        url = f"ws://127.0.0.1:{flood.line()}/?rate="
        for rate in RATES:
            command = [*TICKSTREAM, "watch", *SYMBOLS, "--source", f"{url}{rate}"]
            with in_terminal(command) as terminal:
                terminal.until(b"live")
                _rate(table, flood, rate, terminal.process, seconds)
            nowhere = subprocess.DEVNULL
            with subprocess.Popen(
                [*command, "--json"], stdout=nowhere, stderr=nowhere, env=environment()
            ) as process:
                time.sleep(2.0)
                _rate(lines, flood, rate, process, seconds)
                process.kill()
    return [table, lines]


def _rate(series: Series, flood: Helper, rate: int, process: subprocess.Popen[bytes], seconds: float) -> None:
    time.sleep(1.0)
    before, began, used = flood.ask(), time.monotonic(), cpu_so_far(process.pid)
    time.sleep(seconds)
    share = (cpu_so_far(process.pid) - used) / (time.monotonic() - began) * 100
    after = flood.ask()
    lost = (after["lost"] - before["lost"]) / max(
        1, after["lost"] + after["sent"] - before["lost"] - before["sent"]
    )
    series.points.append((rate, share, share > SATURATED or lost > 0))
    if lost or share > SATURATED:
        series.notes[rate] = f"full, {lost:.0%} lost"


def clients(seconds: float) -> list[Series]:
    """`serve`, by how many clients follow 10 of 100 symbols at 500 ticks a second, and by how many do not."""
    message = Series("serve, a message", "us", "clients", 100)
    share = Series("serve, clients that follow", "% of a core", "clients", 0)
    idle = Series(f"serve, {FOLLOWERS} and those that do not", "% of a core", "more clients", 1)
    with upstream() as source:
        for count in CLIENTS:
            with serving(source) as served, helping("crowd", served.port, STREAM, count, 1) as crowd:
                crowd.line()
                time.sleep(3.0)
                sent, used, began = served.metrics()["sent_total"], cpu_so_far(served.pid), time.monotonic()
                time.sleep(seconds)
                spent, passed = cpu_so_far(served.pid) - used, time.monotonic() - began
                sent = served.metrics()["sent_total"] - sent
                full = spent / passed * 100 > SATURATED
                message.points.append((count, spent / max(1.0, sent) * 1e6, full))
                share.points.append((count, spent / passed * 100, full))
        for count in IDLE:
            with (
                serving(source) as served,
                helping("crowd", served.port, STREAM, count, "quiet") as quiet,
                helping("crowd", served.port, STREAM, FOLLOWERS, 1) as crowd,
            ):
                quiet.line()
                crowd.line()
                time.sleep(3.0)
                idle.points.append((count, served.share(seconds), False))
    return [message, share, idle]


PARTS = ("ticks", "screens", "rates", "clients")


def measure(wanted: Sequence[str], rounds: int, seconds: float) -> list[Series]:
    parts: dict[str, Callable[[], list[Series]]] = {
        "ticks": lambda: ticks(rounds),
        "screens": lambda: screens(rounds),
        "rates": lambda: rates(seconds),
        "clients": lambda: clients(seconds),
    }
    found: list[Series] = []
    for name in wanted:
        sys.stderr.write(f"{name} …\n")
        found += parts[name]()
    return found


def table(found: Sequence[Series]) -> str:
    """All series as a text, and whether what must not grow does."""
    lines = []
    for series in found:
        lines.append(f"{series.name}, {series.unit}, by {series.over}")
        for count, cost, _ in series.points:
            lines.append(f"  {count:>7,}  {cost:>8.2f}  {series.notes.get(count, '')}".rstrip())
        if series.growth is not None:
            verdict = "does not grow" if series.growth <= GROWN else "GROWS"
            lines.append(f"  {verdict}: at most {series.growth:.2f} × that at {series.judged_from:,}")
    return "\n".join(lines)
