"""Tapes as their users have them: recorded, killed, filled up, and played where anything live is shown."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

import tickstream
from tests.support.process import (
    LONG,
    TICKSTREAM,
    Terminal,
    environment,
    finish,
    run,
    serving,
    simulated,
    start,
)
from tests.support.tapes import BEGAN, live, push, write_tape
from tickstream.core.board import Now
from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Gap, Link, Status
from tickstream.core.tape import Push
from tickstream.core.tick import Tick
from tickstream.errors import NotFound, UsageError
from tickstream.simulator.market import MarketClock, Session
from tickstream.simulator.prices import Prices
from tickstream.simulator.pushes import push as said_of
from tickstream.sinks.tape import Tape
from tickstream.sinks.tapefile import TapeFile
from tickstream.sources.tape.reading import Reel, marked_as
from tickstream.sources.yahoo.frames import decode, encode

SUFFIXES = pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])


def replayed(path: Path, *symbols: str, more: tuple[str, ...] = ()) -> str:
    """What watch prints of a tape."""
    done = run("watch", *symbols, "--source", str(path), "--json", "--speed", "max", *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


# -- the same, tick for tick


SYMBOLS = ("AAPL", "BTC-USD", "EURUSD=X", "VOD.L", "^GSPC", "ES=F")


def record_an_hour(path: Path) -> bytes:
    """Record an hour of simulated pushes, without its taking one; what a reader would have printed of it."""
    now = BEGAN / 1000
    prices = Prices(7, MarketClock(Session.REGULAR, now))
    printed: list[Tick] = []

    async def live_hour(tape: Tape) -> None:
        nonlocal now
        async with tape:
            tape.put(Status(Link.LIVE, BEGAN, mark="SIMULATED"))
            for second in range(3600):
                for number, symbol in enumerate(SYMBOLS):
                    now = BEGAN / 1000 + second + number * 0.1
                    quote = prices.tick(symbol, now) or prices.quote(symbol, now)
                    assert quote is not None
                    tick = decode(encode(said_of(quote), version=1 + second % 2), now=now)
                    assert tick is not None
                    tape.put(tick)
                    printed.append(tick)
                if second % 60 == 59:
                    tape.put(Gap(BEGAN, BEGAN + 1))
        tape.check()

    file = TapeFile(path)
    file.open(BEGAN)
    # An hour takes a second here, and no disk is held to that.
    asyncio.run(live_hour(Tape(file, lambda: Now(now, now), most=1_000_000)))
    return json_lines([tick.said for tick in printed])


@SUFFIXES
def test_a_recorded_hour_plays_back_to_the_same_lines_tick_for_tick(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"hour.ndjson{suffix}"
    printed = record_an_hour(path)
    assert len(printed.splitlines()) == 3600 * len(SYMBOLS)
    assert replayed(path, *SYMBOLS).encode() == printed


def test_what_a_watch_printed_while_it_recorded_is_what_its_tape_plays(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    with simulated("--rate", "200", "--seed", "3") as source:
        done = run(
            "watch", "AAPL", "BTC-USD", "--source", source, "--json", "--count", "300", "--record", str(path)
        )
    assert done.returncode == 0
    printed, played = done.stdout.splitlines(), replayed(path, "AAPL", "BTC-USD").splitlines()
    assert len(printed) == 300
    # What came after the last line that was asked for may be on it as well.
    assert played[:300] == printed


def test_a_reader_that_is_slow_does_not_cost_a_tape_anything(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", *(push(0, price=float(n)) for n in range(50_000)))
    process = start("watch", "AAPL", "--source", str(path), "--json", "--speed", "max")
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 10)
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)
    rest, said = process.communicate(timeout=LONG)
    assert len((first + rest).splitlines()) == 50_000
    assert b"too slow" not in said


# -- record


@SUFFIXES
def test_record_prints_nothing_and_says_where_it_is(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.ndjson{suffix}"
    done = run("record", str(path), "AAPL", "BTC-USD", "--demo", "--count", "4")
    assert (done.returncode, done.stdout) == (0, "")
    assert "SIMULATED" in done.stderr
    assert "tickstream: recorded 4 pushes, " in done.stderr
    assert f"to {path}" in done.stderr
    assert len(replayed(path, "AAPL", "BTC-USD").splitlines()) == 4


def test_in_a_terminal_a_line_says_how_much_there_is_and_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    with Terminal(["record", str(path), "AAPL", "BTC-USD", "--demo"]) as terminal:
        terminal.until_text("● recording 2 symbols · SIMULATED · ")
        terminal.until(lambda: " 4 pushes, " in terminal.text and terminal.text.rstrip().endswith("· live"))
        terminal.child.send("\x03")
        assert terminal.end() == 130
        assert "●" not in terminal.text
        assert "tickstream: recorded " in terminal.text


def test_a_narrow_terminal_has_one_line_all_the_same(tmp_path: Path) -> None:
    with Terminal(
        ["record", "a", "AAPL", "--demo"], 20, 5, command=f"env -C {tmp_path} {' '.join(TICKSTREAM)}"
    ) as terminal:
        terminal.until(lambda: sum("●" in line for line in terminal.lines) == 1)
        terminal.until(lambda: terminal.raw.count("●".encode()) > 2)
        assert sum("●" in line for line in terminal.lines) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("a.ndjson", "../x", "--demo"), "bad symbol"),
        (("a.ndjson", "--demo"), "no symbols"),
        (("a.ndjson", "AAPL", "--source", "nowhere"), "unknown source"),
        (("a.ndjson", "AAPL", "--demo", "--rotate", "often"), "bad --rotate"),
        (("a.ndjson", "AAPL", "--demo", "--speed", "2"), "--speed is for a tape"),
        (("", "AAPL", "--demo"), "no file to record to"),
        (("AAPL", "MSFT", "--demo"), "AAPL looks like a symbol, and the tape comes first"),
        (("a.ndjson", "AAPL", "--source", "missing.ndjson"), "cannot read the tape missing.ndjson"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("record", *arguments)
    assert done.returncode == 2
    assert text in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_and_no_tape_is_kept_unless_it_is_to_be_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    done = run("record", str(path), "AAPL", "--demo", "--count", "1")
    assert done.returncode == 2
    assert "name another file, or overwrite it with --force" in done.stderr
    assert path.read_text() == "dear diary\n"
    assert run("record", str(path), "AAPL", "--demo", "--count", "1", "--force").returncode == 0
    assert len(replayed(path, "AAPL").splitlines()) == 1


def test_one_after_the_other_they_are_one_tape_and_at_the_same_time_the_second_is_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.ndjson"
    first = start("record", str(path), "AAPL", "--demo")
    try:
        wait_for_pushes(path, 1)
        for more in ((), ("--force",)):
            second = run("record", str(path), "AAPL", "--demo", "--count", "1", *more)
            assert second.returncode == 4
            assert "another tickstream records to" in second.stderr
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=LONG)
    assert first.returncode == 143
    before = len(replayed(path, "AAPL").splitlines())
    assert run("record", str(path), "AAPL", "--demo", "--count", "2").returncode == 0
    assert len(replayed(path, "AAPL").splitlines()) == before + 2


def wait_for_pushes(path: Path, count: int) -> None:
    """Until so many pushes can be read from a tape that is being written."""
    deadline = time.monotonic() + LONG
    while True:
        if path.exists() and sum(isinstance(record, Push) for record in Reel(path).records()) >= count:
            return
        assert time.monotonic() < deadline, "they never came"
        time.sleep(0.02)


@SUFFIXES
def test_killed_at_any_moment_it_leaves_a_tape_that_plays_and_can_be_appended_to(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.ndjson{suffix}"
    with simulated("--rate", "2000") as source:
        process = start("record", str(path), "AAPL", "BTC-USD", "--source", source)
        wait_for_pushes(path, 50)
        process.kill()
        process.communicate(timeout=LONG)
    reel = Reel(path)
    pushes = sum(isinstance(record, Push) for record in reel.records())
    assert pushes >= 50
    assert reel.bad <= 1
    assert run("record", str(path), "AAPL", "--demo", "--count", "1").returncode == 0
    assert sum(isinstance(record, Push) for record in Reel(path).records()) == pushes + 1


def limited(size: int) -> dict[str, Any]:
    """Options of a process that may not make a file larger than this."""
    import resource

    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))}


@SUFFIXES
def test_a_disk_that_fills_ends_record_with_4_and_the_tape_is_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.ndjson{suffix}"
    with simulated("--rate", "500") as source:
        process = start("record", str(path), "AAPL", "BTC-USD", "--source", source, **limited(20_000))
        out, said = process.communicate(timeout=LONG)
    assert (process.returncode, out) == (4, b"")
    assert f"cannot record to {path}: File too large".encode() in said
    reel = Reel(path)
    pushes = sum(isinstance(record, Push) for record in reel.records())
    assert pushes > 20
    assert reel.bad == 0
    assert f"recorded {pushes:,} pushes, ".encode() in said
    assert path.stat().st_size <= 20_000


def test_a_disk_that_fills_does_not_end_a_watch_which_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    with simulated("--rate", "500") as source:
        process = start(
            "watch",
            "AAPL",
            "--source",
            source,
            "--json",
            "--record",
            str(path),
            "--count",
            "400",
            **limited(10_000),
        )
        out, said = process.communicate(timeout=LONG)
    assert process.returncode == 0
    assert len(out.splitlines()) == 400
    assert f"tickstream: not recorded any more: cannot record to {path}: File too large".encode() in said
    assert b"not on the tape" in said


def test_in_a_table_the_footer_says_that_nothing_is_recorded_any_more(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    command = f"prlimit --fsize=2000 {' '.join(TICKSTREAM)}"
    arguments = ["watch", "AAPL", "BTC-USD", "--demo", "--record", str(path)]
    with Terminal(arguments, 160, 10, command=command) as terminal:
        terminal.until_text("not recorded any more")
        terminal.child.send("q")
        assert terminal.end() == 0
        assert (
            "tickstream: not recorded any more"
            in terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        )


def test_rotation_loses_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    hour = write_tape(
        tmp_path / "hour.ndjson", live(), *(push(n * 1000, price=float(n)) for n in range(3600))
    )
    done = run("record", str(path), "AAPL", "--source", str(hour), "--speed", "1800", "--rotate", "20kB")
    assert done.returncode == 0
    tapes = [*sorted(other for other in tmp_path.iterdir() if other.name.startswith("a-")), path]
    assert len(tapes) > 1
    joined = tmp_path / "joined.ndjson.gz"
    joined.write_bytes(b"".join(tape.read_bytes() for tape in tapes))
    prices = [json.loads(line)["price"] for line in replayed(joined, "AAPL").splitlines()]
    assert prices == [float(number) for number in range(3600)]


def test_a_tape_of_a_tape_is_the_same_with_the_times_of_the_first(tmp_path: Path) -> None:
    first = write_tape(tmp_path / "a.ndjson", live(0, "SIMULATED"), push(0), push(61_000), push(3_600_000))
    second = tmp_path / "b.ndjson.zst"
    assert run("record", str(second), "AAPL", "--source", str(first), "--speed", "max").returncode == 0
    pushes = [record for record in Reel(second).records() if isinstance(record, Push)]
    assert pushes == [record for record in Reel(first).records() if isinstance(record, Push)]


# -- playing


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    gap = Gap(BEGAN + 100, BEGAN + 400, "reset")
    return write_tape(
        tmp_path / "a.ndjson",
        live(0, "SIMULATED"),
        push(0, price=1.0),
        (400, gap),
        push(500, "MSFT", price=2.0),
        push(600, price=3.0),
    )


def test_all_forms_say_that_it_is_a_replay_and_the_gaps_that_there_were(tape: Path) -> None:
    for form in ((), ("--csv",), ("--json",)):
        done = run("watch", "AAPL", "MSFT", "--source", str(tape), *form)
        assert done.returncode == 0
        assert "live [REPLAY SIMULATED]" in done.stderr
        assert "gap of 0.3 s (reset)" in done.stderr
        assert "closed: the tape has ended" in done.stderr
        assert len(done.stdout.splitlines()) == 3 + (form == ("--csv",))
    plain = run("watch", "AAPL", "--source", str(tape), "--speed", "max").stdout
    assert all(line.endswith("REPLAY SIMULATED") for line in plain.splitlines())
    rows = csv.DictReader(io.StringIO(run("watch", "AAPL", "--source", str(tape), "--csv").stdout))
    assert [row["price"] for row in rows] == ["1.0", "3.0"]


def test_events_are_those_that_were_recorded(tape: Path) -> None:
    lines = [json.loads(line) for line in replayed(tape, "AAPL", more=("--events",)).splitlines()]
    assert [line.get("type", "tick") for line in lines] == ["status", "tick", "gap", "tick", "status"]
    assert {line["mark"] for line in lines if line.get("type") == "status"} == {"REPLAY SIMULATED"}


def test_once_is_a_row_a_symbol_and_one_that_is_not_there_is_named(tape: Path) -> None:
    done = run("watch", "AAPL", "MSFT", "NONE", "--source", str(tape), "--once", "--json")
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["AAPL", "MSFT"]
    assert "it has nothing of NONE" in done.stderr
    done = run("watch", "NONE", "--source", str(tape), "--once")
    assert (done.returncode, done.stdout) == (3, "")
    assert "the tape has nothing of NONE" in done.stderr


def test_it_can_begin_later(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", live(), push(0, price=1.0), push(60_000, price=2.0))
    assert [
        json.loads(line)["price"] for line in replayed(path, "AAPL", more=("--from", "9:31")).splitlines()
    ] == [2.0]
    late = run("watch", "AAPL", "--source", str(path), "--from", "12:00", "--json")
    assert (late.returncode, late.stdout) == (3, "")
    assert "to 2026-09-10T09:31:00 (UTC)" in late.stderr


def test_in_a_loop_it_goes_on_until_it_is_told_to_end(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", push(0, price=1.0), push(1, price=2.0))
    printed = replayed(path, "AAPL", more=("--loop", "--count", "7"))
    assert [json.loads(line)["price"] for line in printed.splitlines()] == [1.0, 2.0] * 3 + [1.0]


def test_the_table_says_that_it_is_a_replay_and_ages_are_those_of_the_tape(tmp_path: Path) -> None:
    """The tape is of long ago, and nothing on it is older than its own clock says."""
    path = write_tape(
        tmp_path / "a.ndjson", live(), push(0, price=1.0), push(65_000, "MSFT", price=2.0), push(9_000_000)
    )
    with Terminal(["watch", "AAPL", "MSFT", "--source", str(path), "--speed", "130"]) as terminal:
        terminal.until_text("● replay")
        assert "REPLAY" in terminal.lines[0]
        assert "SIMULATED" not in terminal.lines[0]
        assert "NYSE" not in terminal.lines[0]
        terminal.until(lambda: "2.00" in terminal.text)
        aapl, msft = terminal.lines[2], terminal.lines[3]
        assert aapl.split()[-1] in ("1m", "2m", "3m", "4m")
        assert msft.split()[-1][-1] in "sm"
        terminal.child.send("q")
        assert terminal.end() == 0


def test_the_table_ends_with_the_tape_and_stays(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", live(), push(0, price=1.0), push(500, price=2.5))
    with Terminal(["watch", "AAPL", "--source", str(path)]) as terminal:
        assert terminal.end() == 0
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        assert "2.50" in left
        assert "REPLAY" in left
        assert terminal.is_given_back


def test_quotes_are_what_it_says_last_as_old_as_it_is(tape: Path) -> None:
    done = run("quotes", "AAPL", "MSFT", "--source", str(tape), "--json")
    assert done.returncode == 0
    assert [(row["symbol"], row["price"], row["asOf"]) for row in json.loads(done.stdout)] == [
        ("AAPL", 3.0, "2026-09-10T09:30:00Z"),
        ("MSFT", 2.0, "2026-09-10T09:30:00Z"),
    ]
    assert "[REPLAY SIMULATED]" in done.stderr
    shown = run("quotes", "AAPL", "--source", str(tape))
    assert "REPLAY SIMULATED" in shown.stdout.splitlines()[0]
    none = run("quotes", "NONE", "--source", str(tape))
    assert none.returncode == 3
    assert "the tape has nothing of NONE: it has AAPL, MSFT" in none.stderr


@pytest.mark.parametrize("command", [("market",), ("hours",), ("profile", "AAPL"), ("search", "apple")])
def test_views_that_a_tape_cannot_tell_are_a_wrong_use(tape: Path, command: tuple[str, ...]) -> None:
    done = run(*command, "--source", str(tape))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tickstream: {tape} is a tape, and has ticks alone: watch and quotes show them\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("watch", "AAPL", "--loop"), "--loop is for a tape"),
        (("watch", "AAPL", "--from", "10:30", "--demo"), "--from is for a tape"),
        (("watch", "AAPL", "--source", "TAPE", "--speed", "fast"), "bad --speed"),
        (("watch", "AAPL", "--source", "TAPE", "--from", "noon"), "bad --from"),
        (("watch", "AAPL", "--demo", "--rotate", "day"), "--rotate goes with --record"),
        (("watch", "AAPL", "--demo", "--force"), "--force goes with --record"),
        (("quotes", "AAPL", "--source", "TAPE", "--count", "3"), "of a tape there is one document"),
        (("serve", "--source", "TAPE", "--redis-url", "redis://127.0.0.1:1"), "leave out --redis-url"),
        (("serve", "--source", "missing.ndjson"), "cannot read the tape"),
    ],
)
def test_what_does_not_go_together_is_said(tape: Path, arguments: tuple[str, ...], text: str) -> None:
    done = run(*(str(tape) if word == "TAPE" else word for word in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert text in done.stderr


def test_the_environment_is_for_tapes_alone_and_others_do_not_mind() -> None:
    done = run(
        "watch", "AAPL", "--demo", "--count", "1", "--json", TICKSTREAM_SPEED="10", TICKSTREAM_LOOP="1"
    )
    assert done.returncode == 0


def test_a_tape_can_be_served_and_the_stream_says_what_it_is(tmp_path: Path) -> None:
    path = write_tape(
        tmp_path / "a.ndjson",
        live(0, "SIMULATED"),
        *(push(n * 100, price=float(n)) for n in range(5)),
        push(60_000),
    )

    async def listen(netloc: str) -> tuple[list[dict[str, Any]], list[Any]]:
        said: list[dict[str, Any]] = []
        async with asyncio.timeout(LONG):
            url = f"ws://{netloc}/stream?format=json&every=0&events=1"
            async with connect(url, proxy=None) as client:
                await client.send('{"subscribe":["AAPL"]}')
                while sum("id" in one for one in said) < 5:
                    said.append(json.loads(await client.recv()))
            async with connect(f"ws://{netloc}/quotes", proxy=None) as client:
                assert client.response is not None
                assert client.response.headers["Tickstream-Mark"] == "REPLAY SIMULATED"
                await client.send("AAPL")
                rows = json.loads(await client.recv())
        return said, rows

    with serving("--source", str(path)) as served:
        assert 'prices="REPLAY SIMULATED"' in served.log[0]
        said, rows = asyncio.run(listen(served.netloc))
    assert [one["price"] for one in said if "id" in one] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert "REPLAY SIMULATED" in [one.get("mark") for one in said]
    # What a tape does not say is not known, and the symbol may exist.
    assert [(row["symbol"], row["price"], row["asOf"]) for row in rows] == [("AAPL", None, None)]


def test_what_a_server_says_is_recorded_and_stays_marked(tmp_path: Path) -> None:
    """The mark is in the handshake, so that who attaches knows it before the first push."""
    played = write_tape(tmp_path / "a.ndjson", live(0, "SIMULATED"), *(push(n * 50) for n in range(400)))
    kept = tmp_path / "b.ndjson.gz"
    with serving("--source", str(played), "--loop", ADMIN_API_KEY="s3cret") as served:
        source = f"ws://{served.netloc}"
        locked = run("record", str(tmp_path / "c.ndjson"), "AAPL", "--source", source)
        done = run(
            "record", str(kept), "AAPL", "--source", source, "--count", "5", TICKSTREAM_API_KEY="s3cret"
        )
    assert (locked.returncode, done.returncode) == (5, 0)
    records = list(Reel(kept).records())
    pushes = [record for record in records if isinstance(record, Push)]
    assert [push.said and push.said["id"] for push in pushes] == ["AAPL"] * 5
    assert not any(push.raw for push in pushes)
    assert marked_as(kept) == "REPLAY SIMULATED"
    again = run("watch", "AAPL", "--source", str(kept), "--speed", "max", "--json")
    assert [json.loads(line)["id"] for line in again.stdout.splitlines()] == ["AAPL"] * 5
    assert "[REPLAY SIMULATED]" in again.stderr


def test_a_bar_ends_with_the_tape(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", live(), *(push(n, price=float(n)) for n in range(5)))
    done = run("watch", "AAPL", "--source", str(path), "--format", "line", "--speed", "max")
    assert done.returncode == 0
    assert "4.00" in done.stdout.splitlines()[-1]
    assert "REPLAY" in done.stdout.splitlines()[-1]


def test_doctor_says_whether_a_tape_can_be_played(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", live(0, "SIMULATED"), push(0))
    done = run("doctor", "--source", str(path))
    assert done.returncode == 0
    assert "a.ndjson can be played [REPLAY SIMULATED]" in done.stdout
    path.write_text("hello\n")
    assert run("doctor", "--source", str(path)).returncode == 2


def test_python_plays_it_as_anything_live(tmp_path: Path) -> None:
    path = str(write_tape(tmp_path / "a.ndjson", live(), push(0, price=1.0), push(60_000, price=2.0)))

    async def read(**options: Any) -> list[float | None]:
        async with tickstream.stream("AAPL", source=path, **options) as ticks:
            return [tick.price async for tick in ticks]

    async def documents() -> Any:
        return await tickstream.quotes(["AAPL"], source=path)

    assert asyncio.run(read(speed=1e5)) == [1.0, 2.0]
    assert asyncio.run(read(speed=float("inf"), start="09:31")) == [2.0]
    with pytest.raises(NotFound):
        asyncio.run(read(start="12:00"))
    with pytest.raises(UsageError, match="bad speed"):
        tickstream.stream("AAPL", source=path, speed=0)
    with pytest.raises(UsageError, match="are for tapes"):
        tickstream.stream("AAPL", speed=2)
    assert asyncio.run(documents())[0]["asOf"] == "2026-09-10T09:31:00Z"


def test_a_websocket_object_plays_it_from_its_first_push(tmp_path: Path) -> None:
    path = str(write_tape(tmp_path / "a.ndjson", live(), *(push(n, price=float(n)) for n in range(3))))
    heard: list[Any] = []

    async def listen() -> None:
        async with tickstream.AsyncWebSocket(url=path, verbose=False) as ws:
            await asyncio.sleep(0)
            await ws.subscribe(["AAPL"])
            await ws.listen(lambda message: heard.append(message["price"]))

    asyncio.run(listen())
    assert heard == [0.0, 1.0, 2.0]


def test_a_process_that_is_told_to_end_writes_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    process = subprocess.Popen(
        [*TICKSTREAM, "record", str(path), "AAPL", "BTC-USD", "--demo"],
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    assert process.stderr is not None
    while "live" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=LONG)
    assert process.returncode == 130
    assert "recorded " in said
    states = [record for record in Reel(path).records() if not isinstance(record, Push)]
    assert states


def test_a_tape_that_has_nothing_of_what_is_watched_is_exit_code_3(tmp_path: Path) -> None:
    tape = str(tmp_path / "a.ndjson")
    assert run("record", tape, "AAPL", "--demo", "--count", "2").returncode == 0
    done = run("watch", "VOD.L", "--source", tape, "--speed", "max")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "tickstream: the tape has nothing of VOD.L"
    again = run("record", str(tmp_path / "b.ndjson"), "VOD.L", "--source", tape, "--speed", "max")
    assert again.returncode == 3
    assert "the tape has nothing of VOD.L" in again.stderr


def test_a_tape_beside_a_watch_may_be_called_as_it_likes(tmp_path: Path) -> None:
    done = finish(
        [*TICKSTREAM, "watch", "AAPL", "--demo", "--json", "--count", "1", "--record", "TAPE"],
        "",
        env=environment(),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "TAPE").exists()
