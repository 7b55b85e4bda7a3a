"""What CONTRIBUTING says of the code is so."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.process import LONG, environment

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATHS = sorted(
    set(re.findall(r"`((?:tickstream|core|sources|sinks|cli|api|server|simulator|tests)/[\w./]+)`", TEXT))
)
ENTRIES = re.findall(r"an entry of `(\w+)` in `([\w/]+)\.py`", TEXT)

VIEW = '''
"""`tickstream spread`: bid and ask of some symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tickstream.cli.arguments import view_options, words_of
from tickstream.cli.options import Demo, Json, Once, SourceName

if TYPE_CHECKING:
    from tickstream.core.values import Parts
    from tickstream.sinks.screens.page import Canvas, View

__all__ = ["spread"]


def spread(
    context: typer.Context,
    symbols: Annotated[list[str], typer.Argument(help="AAPL BTC-USD …, @list, -.", metavar="SYMBOL")],
    json: Json = False,
    once: Once = False,
    source: SourceName = None,
    demo: Demo = False,
) -> None:
    """What lies between bid and ask."""
    options = view_options(context, json=json, once=once, source=source, demo=demo)
    # What only a running command needs is imported when it runs: --help and completion do without.
    from tickstream.api.plans import Plan
    from tickstream.cli.run import run_async
    from tickstream.cli.viewing import run_view
    from tickstream.core.received import Request
    from tickstream.core.symbols import parse_symbols
    from tickstream.core.views import quotes_document
    from tickstream.core.wishes import quotes_wish

    chosen = parse_symbols(words_of(context, symbols))

    def compose(parts: Parts, unknown: frozenset[str], now: float) -> dict[str, dict[str, str]]:
        rows = quotes_document(chosen, parts, now, unknown=unknown)
        return {"spreads": {row["symbol"]: row["symbol"].lower() for row in rows}}

    def body(view: View, canvas: Canvas) -> list[str]:
        return [canvas.line([(f" spread of {one}", "bold")]) for one in view.document["spreads"]]

    wish = quotes_wish(chosen)
    plan = Plan("spread", Request("spread", chosen), lambda parts, now: wish, compose, chosen, body=body)
    run_async(run_view(plan, options))
'''

SOURCE = '''
"""Dice as a source: `dice:SIDES`."""

from __future__ import annotations

import asyncio
import random
import time

from tickstream.core.ports import SIMULATED, Feed, Link, Source, Status
from tickstream.core.tick import Tick
from tickstream.errors import UsageError
from tickstream.sources.kind import Kind, Terms

__all__ = ["KIND"]


class Dice:
    """Throws of a die for each symbol, ten times a second."""

    def __init__(self, sides: int) -> None:
        self._sides, self._symbols = sides, frozenset[str]()

    def follow(self, symbols: frozenset[str]) -> None:
        self._symbols = symbols

    async def run(self, feed: Feed) -> None:
        # Without a state the table stays at "connecting"; and what is made up has to say so.
        feed.report(Status(Link.LIVE, _now(), mark=SIMULATED))
        while True:
            for symbol in self._symbols:
                price = float(random.randint(1, self._sides))
                feed.publish(Tick.from_dict({"id": symbol, "price": price, "time": _now()}))
            await asyncio.sleep(0.1)


def _now() -> int:
    return int(time.time() * 1000)


class _Dice(Kind):
    def owns(self, name: str) -> bool:
        return name.startswith("dice:")

    def open(self, name: str, terms: Terms) -> Source:
        sides = name.partition(":")[2]
        if not sides.isdecimal():
            raise UsageError(f"bad source {name!r}: write it as in dice:6")
        return Dice(int(sides))


KIND = _Dice()
'''

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A copy of tickstream with a command and a source more: one file each, and one line."""
    shutil.copytree(
        ROOT / "tickstream", tmp_path / "tickstream", ignore=shutil.ignore_patterns("__pycache__")
    )
    for place, module, text, line, after in (
        ("cli", "spread", VIEW, '    "spread",\n', '    "doctor",\n'),
        ("sources", "dice", SOURCE, '    "dice": "dice:SIDES",\n', "KINDS = {\n"),
    ):
        (tmp_path / f"tickstream/{place}/{module}.py").write_text(text)
        list_ = tmp_path / "tickstream" / {"cli": "cli/app.py", "sources": "sources/__init__.py"}[place]
        before = list_.read_text()
        list_.write_text(before.replace(after, after + line))
        assert len(list_.read_text().splitlines()) == len(before.splitlines()) + 1

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tickstream", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LONG,
            env=environment(),
            check=False,
        )

    return run


def test_a_command_and_a_view_of_the_command_line_are_a_file_and_a_line(run: Run) -> None:
    assert "spread" in run("--help").stdout
    document = run("spread", "AAPL", "MSFT", "--demo", "--json", "--once")
    assert json.loads(document.stdout) == {"spreads": {"AAPL": "aapl", "MSFT": "msft"}}, document.stderr
    drawn = run("spread", "AAPL", "MSFT", "--demo", "--once").stdout
    assert "SIMULATED" in drawn
    assert [line.strip() for line in drawn.splitlines()[1:]] == ["spread of AAPL", "spread of MSFT"]
    assert "spread" in run("completion", "bash").stdout


def test_a_source_is_a_file_and_a_line(run: Run) -> None:
    lines = run("watch", "AAPL", "--source", "dice:6", "--json", "--count", "5").stdout.splitlines()
    assert len(lines) == 5
    assert {json.loads(line)["price"] for line in lines} <= {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}
    assert "SIMULATED" in run("watch", "AAPL", "--source", "dice:6", "--once").stdout
    assert "dice:SIDES" in run("watch", "--help").stdout
    # What the others say of their names, checks and keys it says of its own.
    for arguments, said in (
        (["watch", "AAPL", "--source", "dice:x"], "bad source 'dice:x': write it as in dice:6"),
        (["watch", "AAPL", "--source", "cards"], "unknown source 'cards': use dice:SIDES, yahoo, demo,"),
        (["quotes", "AAPL", "--source", "dice:6"], "source 'dice:6' has ticks, and no views"),
        (["watch", "AAPL", "--source", "dice:6", "--api-key", "x"], "a key is for a tickstream server"),
        (["watch", "AAPL", "--source", "dice:6", "--speed", "2"], "--speed is for a tape"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert said in done.stderr
    assert "tick" in run("doctor", "--source", "dice:6").stdout
    events = run("watch", "AAPL", "--source", "dice:6", "--json", "--events", "--count", "1").stdout
    status = json.loads(events.splitlines()[0])
    assert (status["state"], status["mark"], type(status["time"])) == ("live", "SIMULATED", int)


@pytest.mark.parametrize("path", [path for path in PATHS if "NAME" not in path and "Source" not in path])
def test_what_the_map_names_is_there(path: str) -> None:
    places = [ROOT / path, ROOT / "tickstream" / path, ROOT / "tickstream" / f"{path}.py"]
    assert any(place.exists() for place in places)


@pytest.mark.parametrize(("table", "module"), ENTRIES)
def test_what_an_entry_is_added_to_is_there(table: str, module: str) -> None:
    assert getattr(importlib.import_module(f"tickstream.{module.replace('/', '.')}"), table)


def test_the_one_command_is_there() -> None:
    assert "bash .ci/run" in TEXT
    assert (ROOT / ".ci" / "run").is_file()
    assert len(ENTRIES) >= 5
