"""`serve` before thousands of clients, beside a bare broadcast and a FastAPI loop: CPU, memory, ages.

The server, the simulator before it, the crowd that discards what it reads,
the clients that parse, and the trouble are a process each; one load after the
other. CPU is that of the server's process alone, taken from /proc.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench.measure import PYTHON, TICKSTREAM, Row, cpu_so_far, environment, rss_kib

STREAM, JSON, QUOTES = "/stream?version=2", "/stream?format=json", "/quotes"
PARSING = 50
SETTLE = 5.0
"""Seconds after the last client is there, before anything is measured."""
REST = 10.0
"""Seconds after the last client has left, before the memory is looked at."""
VIEWERS, THEIR_VIEWERS = 2000, 250
FOLLOWERS = 2000
INTERVAL = 5.0
"""Seconds between two documents of a view."""


class Helper:
    """A process of the bench that says a line on stdout, and is told by its stdin."""

    def __init__(self, module: str, *arguments: object) -> None:
        command = [PYTHON, "-m", f"tests.bench.{module}", *map(str, arguments)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment())

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()}")
        return line.strip()

    def ask(self) -> Any:
        """What it has to say about the time since it was last asked."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.line())

    def end(self) -> Any:
        """Let it end; its last words."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        words = self.process.stdout.read() if self.process.stdout else ""
        self.process.wait(30)
        return json.loads(words) if words.strip() else None


@contextmanager
def helping(module: str, *arguments: object) -> Iterator[Helper]:
    helper = Helper(module, *arguments)
    try:
        yield helper
    finally:
        helper.process.kill()
        helper.process.wait()


@dataclass
class Served:
    """A server that runs: ours, or one of the references."""

    pid: int
    port: int

    def metrics(self) -> dict[str, float]:
        """Its numbers, by name and labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
        return {name.removeprefix("tickstream_"): float(value) for name, _, value in pairs}

    def share(self, seconds: float) -> float:
        """Percent of a core over so many seconds."""
        began, before = time.monotonic(), cpu_so_far(self.pid)
        time.sleep(seconds)
        return (cpu_so_far(self.pid) - before) / (time.monotonic() - began) * 100


@contextmanager
def upstream() -> Iterator[str]:
    """The host and port of a simulated Yahoo in a process of its own."""
    with helping("upstream") as helper:
        yield helper.line()


@contextmanager
def serving(source: str) -> Iterator[Served]:
    """`tickstream serve` in a process of its own."""
    command = [
        *TICKSTREAM,
        "serve",
        "--port",
        "0",
        "--host",
        "127.0.0.1",
        "--source",
        f"yahoo+http://{source}",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        try:
            found = next(re.search(r"url=http://127\.0\.0\.1:(\d+)/", line) for line in process.stderr)
            assert found
            yield Served(process.pid, int(found[1]))
        finally:
            process.kill()


@contextmanager
def reference(name: str, source: str) -> Iterator[Served]:
    with helping(name, source) as helper:
        yield Served(helper.process.pid, int(helper.line()))


@dataclass
class Load:
    """What one load cost, and how it was served."""

    came: float
    """Seconds until the last of the crowd had data."""
    cpu: float
    troubled: float
    """CPU with the trouble as well."""
    kib: float
    """Memory a client, in KiB."""
    grown: float
    """MiB that a second crowd of the same size left behind, beside what the first one did."""
    messages: float
    """Messages sent in a second."""
    ages: dict[str, float]
    troubled_ages: dict[str, float]
    trouble: dict[str, float]
    left: dict[str, float]
    """The gauges that are not as they were, when all have left."""


def load(served: Served, source: str, path: str, count: int, seconds: float) -> Load:
    """Put `count` clients before a server that nobody uses yet."""
    with helping("crowd", served.port, path, 1, 0) as first:
        first.line()
        first.end()
    time.sleep(1.0)
    before, idle = rss_kib(served.pid), served.metrics()
    with helping("crowd", served.port, path, count - PARSING, 1) as crowd:
        came = float(crowd.line())
        with helping("ages", served.port, path, f"ws://{source}/?version=2", PARSING) as ages:
            time.sleep(SETTLE)
            ages.ask()
            sent = served.metrics()["sent_total"]
            began = time.monotonic()
            cpu = served.share(seconds)
            young = ages.ask()
            messages = (served.metrics()["sent_total"] - sent) / (time.monotonic() - began)
            kib = (rss_kib(served.pid) - before) / count
            with helping("trouble", served.port, path) as trouble:
                trouble.line()
                troubled = served.share(max(seconds, 20.0))
                troubled_ages = ages.ask()
                troubles = trouble.end()
        lost = crowd.end()["lost"]
    troubles["lost"] = lost
    time.sleep(REST)
    after = served.metrics()
    left = {
        name: value
        for name, value in after.items()
        if "_total" not in name and name not in _MOVING and value != idle.get(name, 0)
    }
    kept = rss_kib(served.pid)
    with helping("crowd", served.port, path, count, 2) as crowd:
        crowd.line()
        time.sleep(SETTLE)
        crowd.end()
    time.sleep(REST)
    grown = (rss_kib(served.pid) - kept) / 1024
    return Load(came, cpu, troubled, kib, grown, messages, young, troubled_ages, troubles, left)


_MOVING = ("loop_lag_seconds", "budget_left", "upstream_up", "upstream_age_seconds")


def streams(count: int, path: str, seconds: float) -> Load:
    with upstream() as source, serving(source) as served:
        found = load(served, source, path, count, seconds)
    _say(f"{count:,} × {path}, load of the machine {os.getloadavg()[0]:.1f}: {found}")
    return found


def cost(served: Served, path: str, count: int, seconds: float) -> float:
    """Microseconds of CPU for each message to a crowd.

    By message, since a server that is short of CPU sends fewer of them.
    """
    with helping("crowd", served.port, path, count, 1) as crowd:
        crowd.line()
        time.sleep(SETTLE)
        sent, used = served.metrics()["sent_total"], cpu_so_far(served.pid)
        time.sleep(seconds)
        found = (cpu_so_far(served.pid) - used) / (served.metrics()["sent_total"] - sent) * 1e6
    _say(f"{count:,} × {path}: {found:.1f} us of CPU a message")
    return found


def rows(seconds: float) -> list[Row]:
    table: list[Row] = []
    for count, bar in ((2000, 40.0), (5000, 80.0)):
        for path in (STREAM, JSON):
            table += _stream_rows(count, path, bar, streams(count, path, seconds))
    return [*table, _broadcast_row(seconds)]


def view_rows(seconds: float) -> list[Row]:
    return [_views_row(seconds), _fetches_row(seconds)]


def _stream_rows(count: int, path: str, bar: float, found: Load) -> Sequence[Row]:
    name = f"serve, {count:,} clients of {path.rpartition('=')[2].replace('2', 'version 2')}"
    age, worse = found.ages, found.troubled_ages
    trouble = found.trouble
    wrong = (
        (trouble["slow"] < 0)
        + age["errors"]
        + worse["errors"]
        + trouble["lost"]
        + trouble["refused"]
        + len(found.left)
    )
    return [
        Row(f"{name}, of a core", f"{found.cpu:.0f} %", "-", found.cpu, "<=", bar),
        Row("… with 100 that come and go each second, a slow and a stuck one",
            f"{found.troubled:.0f} %", "-", found.troubled, "<=", bar),
        Row("… memory of a client", f"{found.kib:.1f} KiB", "-", found.kib, "<=", 24.0),
        Row("… p99 age of a tick", f"{age['p99']:.0f} ms", "-", age["p99"], "<=", 600.0),
        Row("… the same in trouble", f"{worse['p99']:.0f} ms", "-", worse["p99"], "<=", 600.0),
        Row("… until the stuck one is gone, in seconds", f"{trouble['stuck'] or 99:.1f} s", "-",
            trouble["stuck"] or 99.0, "<=", 10.0),
        Row("… rows wrong or backwards, clients lost or refused, gauges not back", f"{wrong:.0f}", "-",
            wrong, "<=", 0),
        Row("… memory that a second such crowd adds for good, in MiB", f"{found.grown:.1f} MiB", "-",
            found.grown, "<=", 5.0),
    ]  # fmt: skip


def _broadcast_row(seconds: float) -> Row:
    with upstream() as source:
        with serving(source) as served:
            ours = cost(served, STREAM, FOLLOWERS, seconds)
        with reference("broadcast", source) as served:
            theirs = cost(served, STREAM, FOLLOWERS, seconds)
    return Row("serve, /stream: CPU a message, vs a bare websockets broadcast",
               f"{ours:.1f} us", f"{theirs:.1f} us", ours / theirs, "<=", 0.5)  # fmt: skip


def _views_row(seconds: float) -> Row:
    """Each client gets a document every five seconds; so many of them would take a whole core."""
    with upstream() as source:
        with serving(source) as served:
            ours = INTERVAL / cost(served, QUOTES, VIEWERS, seconds) * 1e6
        with reference("fetching", source) as served:
            theirs = INTERVAL / cost(served, QUOTES, THEIR_VIEWERS, seconds) * 1e6
    return Row("serve, /quotes: clients a core, vs a FastAPI loop that fetches and sends for each",
               f"{ours:,.0f}", f"{theirs:,.0f}", ours / theirs, ">=", 5.0)  # fmt: skip


def _fetches_row(seconds: float) -> Row:
    """How often the upstream is asked for what it is asked for most, while a crowd follows all of it."""
    with helping("upstream") as yahoo:
        source = yahoo.line()
        with serving(source) as served, helping("crowd", served.port, QUOTES, VIEWERS, 1) as crowd:
            crowd.line()
            time.sleep(SETTLE)
            yahoo.ask()
            time.sleep(seconds)
            fetched: dict[str, int] = yahoo.ask()
    most, intervals = max(fetched.values()), int(seconds / INTERVAL) + 1
    return Row(f"… {VIEWERS:,} clients: fetches of one symbol, part and interval, at most",
               f"{most}", f"{intervals}", most / intervals, "<=", 1.0)  # fmt: skip


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
