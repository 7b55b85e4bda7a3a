"""From a hostile Yahoo to whoever looks: no name does anything to a terminal, a log, a file or a client."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.support.hostile import SEEN, harm_in, hostile
from tests.support.process import Terminal, run, serving, start
from tickstream.core.text import LONGEST
from tickstream.sources.yahoo.frames import payload_of
from tickstream.sources.yahoo.pricing_pb2 import PricingData

OURS = re.compile(
    # What we write to a terminal: moving, erasing, colours, modes; no more.
    r"\x1b\[(?:\d+;\d+H|H|2J|2?K|(?:[0-9]{1,3}(?:;[0-9]{1,3}){0,5})?m|\?(?:1049|25|7|2026)[hl])"
)
LONG = 30.0


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    with hostile() as name:
        yield name


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_in(inner)]
    return [value] if isinstance(value, str) else []


def is_safe(value: Any) -> bool:
    """Whether the texts in it can be shown as they are; a summary may be longer than a name."""
    return all(
        not harm_in(text) and "\n" not in text and len(text) <= 8 * LONGEST for text in texts_in(value)
    )


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("watch", "AAPL"), "\r"),
        (("quotes", "AAPL"), ""),
        (("profile", "AAPL"), ""),
        (("market",), ""),
    ],
    ids=lambda value: value[0] if value else "",
)
def test_a_terminal_does_only_what_we_mean_it_to(source: str, arguments: tuple[str, ...], keys: str) -> None:
    with Terminal((*arguments, "--source", source), 200, 60) as terminal:
        terminal.until_text(SEEN)
        for key in keys:
            before = terminal.text
            terminal.child.send(key)
            terminal.until(lambda before=before: terminal.text != before)  # type: ignore[misc]
        terminal.child.send("q")
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.is_given_back
    said = terminal.raw.decode()
    assert "\x1b[5;31;1337m" not in said
    assert set(harm_in(OURS.sub("", said))) <= {"\r"}


@pytest.mark.parametrize("form", ["json", "csv", "plain", "format"])
def test_lines_are_lines_whatever_is_in_them(source: str, form: str) -> None:
    options = {"plain": [], "format": ["--format", "{short_name} {currency}"]}.get(form, [f"--{form}"])
    done = run("watch", "AAPL", *options, "--count", "4", "--log-level", "debug", "--source", source)
    assert done.returncode == 0
    assert harm_in(done.stdout + done.stderr) == []
    lines = done.stdout.splitlines()
    assert len(lines) == 4 + (form == "csv")
    assert max(map(len, lines)) < 8 * LONGEST
    if form == "json":
        assert done.stdout.isascii()
        assert all(is_safe(json.loads(line)) and SEEN in json.loads(line)["short_name"] for line in lines)
    if form == "csv":
        cells = [cell for row in list(csv.reader(io.StringIO(done.stdout)))[1:] for cell in row]
        assert len([cell for cell in cells if cell.startswith(("'=", "'+", "'-", "'@"))]) == 4 * 4
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "3000" in done.stderr, "the reason of the close was not told"


@pytest.mark.parametrize(
    ("view", "options"),
    [("quotes AAPL", "--json"), ("profile AAPL", ""), ("profile AAPL", "--json"), ("market", "--json")],
)
def test_documents_are_lines_whatever_is_in_them(source: str, view: str, options: str) -> None:
    done = run(*view.split(), *options.split(), "--once", "--source", source)
    assert done.returncode == 0
    assert harm_in(done.stdout + done.stderr) == []
    assert SEEN in done.stdout
    if options:
        assert done.stdout.isascii()
        assert is_safe(json.loads(done.stdout))


def test_a_tape_is_ascii_and_safe_when_it_is_played(source: str, tmp_path: Path) -> None:
    tape = tmp_path / "tape.ndjson"
    recorded = run("record", str(tape), "AAPL", "--count", "2", "--source", source)
    assert recorded.returncode == 0
    assert harm_in(recorded.stdout + recorded.stderr + tape.read_text("ascii")) == []
    played = run("watch", "AAPL", "--json", "--count", "2", "--source", str(tape))
    assert [is_safe(json.loads(line)) for line in played.stdout.splitlines()] == [True, True]


def test_clients_of_a_server_get_nothing_that_harms_them(source: str) -> None:
    async def visit(netloc: str) -> None:
        for path, said in (
            ("/stream?version=1", '{"subscribe":["AAPL"]}'),
            ("/stream?version=2", '{"subscribe":["AAPL"]}'),
            ("/stream?format=json&events=1&every=0", '{"subscribe":["AAPL"]}'),
            ("/quotes", "AAPL"),
            ("/profile/AAPL", ""),
            ("/market", ""),
        ):
            async with connect(f"ws://{netloc}{path}", proxy=None) as socket, asyncio.timeout(LONG):
                if said:
                    await socket.send(said)
                while SEEN not in (text := _text(await socket.recv(), path)):
                    assert harm_in(text) == []
                assert harm_in(text) == []
                assert len(text) < 200_000

    with serving("--source", source) as served:
        asyncio.run(visit(served.netloc))
    assert harm_in("\n".join(served.log)) == []


def _text(message: str | bytes, path: str) -> str:
    """A message as its reader has it: what is in a frame, the values of a document."""
    assert isinstance(message, str)
    assert message.isascii()
    assert not harm_in(message)
    if "version" not in path:
        document = json.loads(message)
        assert is_safe(document)
        return str(document)
    payload = payload_of(message)
    assert payload is not None
    # As others read it: our own reader would clean it once more.
    said = [value for _, value in PricingData.FromString(payload).ListFields()]
    assert is_safe(said)
    return str(said)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs the tables of Linux")
def test_who_only_watches_listens_nowhere_and_speaks_to_nobody_but_the_source(source: str) -> None:
    watching = start("watch", "AAPL", "--json", "--source", source)
    assert watching.stdout is not None
    watching.stdout.readline()
    peers = peers_of(watching.pid)
    watching.terminate()
    watching.communicate(timeout=LONG)
    # A socket that listens has port 0 at its other end.
    assert peers <= {int(source.rpartition(":")[2])}


def peers_of(process: int) -> set[int]:
    """The ports at the other end of each TCP socket of a process."""
    names, found = set(), set()
    for path in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            names.add(path.readlink().name)
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            _, _, remote, _, _, _, _, _, _, inode, *_ = row.split()
            if f"socket:[{inode}]" in names:
                found.add(int(remote.rpartition(":")[2], 16))
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs the tables of Linux")
def test_a_socket_that_listens_would_have_been_seen() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        assert peers_of(os.getpid()) >= {0, listening.getsockname()[1]}
