"""A name that comes off the wire, as nasty as names get: what reaches stdout, in each form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from tests.support.process import Terminal, run
from tests.support.streamer import Visit, frame, in_a_thread

NASTY = (
    "\x1b[31m\u202e[/red]:smile:\x9b32m\x00\x1b]0;owned\x07[link=http://x]\r\nAAPL 1.00"
    + "\u0301" * 1000
    + "日本" * 50_000
)
SHOWN = "[31m[/red]:smile:32m"


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("AAPL", 1.5, short_name=NASTY))
        await visit.stay()

    with in_a_thread(script) as streamer:
        yield f"yahoo+http://127.0.0.1:{streamer.port}"


def test_json_is_one_line_of_ascii_and_the_name_can_be_printed(source: str) -> None:
    done = run("watch", "AAPL", "--source", source, "--json", "--count", "1")
    assert done.stdout.count("\n") == 1
    assert done.stdout.rstrip("\n").isprintable()
    assert done.stdout.isascii()
    name = json.loads(done.stdout)["short_name"]
    assert SHOWN in name
    assert name.isprintable()
    assert len(name) < 1000


def test_csv_and_lines_have_no_code_in_them(source: str) -> None:
    done = run("watch", "AAPL", "--source", source, "--csv", "--columns", "symbol,name,price", "--count", "1")
    header, row = csv.reader(io.StringIO(done.stdout))
    assert all(cell.isprintable() for cell in row)
    assert SHOWN in row[header.index("short_name")]
    done = run("watch", "AAPL", "--source", source, "--count", "1")
    assert done.stdout.rstrip("\n").isprintable()


def test_the_table_shows_it_as_it_is_written_and_in_one_line(source: str) -> None:
    watch = ("watch", "AAPL", "MSFT", "--source", source, "--columns", "symbol,name,last")
    with Terminal(watch, 120) as terminal:
        terminal.until(lambda: "AAPL" in terminal.lines[2] and SHOWN in terminal.lines[2])
        assert terminal.lines[3].startswith(" MSFT")
        terminal.child.send("q")
        assert terminal.end() == 0
        said = terminal.raw.decode()
        assert not any(bad in said for bad in ("\x9b", "\u202e", "\x00", "\x07", "\x1b]", "\x1b[31m["))
        assert terminal.is_given_back
