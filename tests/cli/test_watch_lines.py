"""`tickstream watch` in pipes: stdout is data, stderr is for people, exit codes mean something."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.process import LONG, TICKSTREAM, environment, run, start
from tests.support.shared import recorded_frames, said_in
from tests.support.streamer import Script, Visit, frame, in_a_thread


@contextmanager
def streamer(script: Script) -> Iterator[str]:
    """The name of a source that runs `script` for each connection."""
    with in_a_thread(script) as fake:
        yield f"yahoo+http://127.0.0.1:{fake.port}"


async def one_push(visit: Visit) -> None:
    await visit.wish()
    await visit.send(frame("AAPL", 1.5))
    await visit.stay()


# -- lines


def test_json_prints_what_recorded_frames_say_in_their_order() -> None:
    records = recorded_frames()
    symbols = sorted({record["decoded"]["id"] for record in records})

    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(*(record["raw"] for record in records))
        await visit.stay()

    with streamer(script) as source:
        done = run("watch", *symbols, "--source", source, "--json", "--count", str(len(records)))
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [said_in(record) for record in records]


def test_the_demo_prints_as_many_lines_as_were_asked_for() -> None:
    done = run("watch", "AAPL", "BTC-USD", "--demo", "--json", "--count", "5")
    assert done.returncode == 0
    ticks = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ticks) == 5
    assert {tick["id"] for tick in ticks} == {"AAPL", "BTC-USD"}
    assert "SIMULATED" in done.stderr


def test_without_a_terminal_lines_are_for_people_and_marked_where_they_are_not_real() -> None:
    done = run("watch", "AAPL", "--demo", "--count", "1")
    assert done.returncode == 0
    assert "AAPL" in done.stdout
    assert "SIMULATED" in done.stdout
    assert "\x1b" not in done.stdout


def test_csv_has_a_header_and_the_columns_that_were_named() -> None:
    done = run("watch", "AAPL", "--demo", "--csv", "--columns", "symbol,price,change_percent", "--count", "2")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["id", "price", "change_percent"]
    assert [row["id"] for row in rows] == ["AAPL", "AAPL"]


def test_once_prints_one_merged_row_a_symbol_in_the_order_given() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("AAPL", 1.0, day_volume=7), frame("AAPL", 2.0, time=1_789_000_001_000))
        await visit.send(frame("MSFT", 3.0))
        await visit.stay()

    with streamer(script) as source:
        done = run("watch", "MSFT", "AAPL", "--source", source, "--json", "--once")
    msft, aapl = (json.loads(line) for line in done.stdout.splitlines())
    assert (msft["id"], aapl["id"], aapl["price"], aapl["day_volume"]) == ("MSFT", "AAPL", 2.0, 7)


def test_once_prints_those_that_have_a_row_when_the_time_is_over() -> None:
    with streamer(one_push) as source:
        done = run("watch", "NONE", "AAPL", "--source", source, "--json", "--once", "--timeout", "1s")
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["AAPL"]


def test_events_are_objects_with_a_type_among_the_ticks() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("AAPL", float(visit.number)))
        if visit.number == 1:
            await visit.ws.close(1001)
        else:
            await visit.stay()

    with streamer(script) as source:
        done = run("watch", "AAPL", "--source", source, "--json", "--events", "--count", "2")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line.get("type", "tick") for line in lines if line.get("type") != "status"] == [
        "tick",
        "gap",
        "tick",
    ]
    assert {"connecting", "live", "backoff"} <= {line.get("state") for line in lines}


def test_symbols_are_read_from_stdin_split_and_upper_cased() -> None:
    done = run("watch", "-", "--demo", "--json", "--once", stdin=" aapl,msft \n aapl")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["AAPL", "MSFT"]


def test_options_come_from_the_environment_too_and_what_is_typed_wins() -> None:
    done = run(
        "watch", "AAPL", "--count", "1", TICKSTREAM_SOURCE="demo", TICKSTREAM_JSON="1", TICKSTREAM_COUNT="3"
    )
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["id"] == "AAPL"


@pytest.mark.parametrize(
    ("environment", "arguments", "first"),
    [
        ({"TICKSTREAM_SOURCE": "yahoo+http://127.0.0.1:1"}, ["--demo", "--json"], '{"id"'),
        ({"TICKSTREAM_DEMO": "1", "TICKSTREAM_JSON": "1"}, ["--csv"], "id,price"),
        ({"TICKSTREAM_COLUMNS": "symbol,trend,last,age", "TICKSTREAM_DEMO": "1"}, ["--csv"], "id,price\n"),
        ({"TICKSTREAM_POSITION": "AAPL=1@1 x", "TICKSTREAM_DEMO": "1"}, ["--csv"], "id,"),
        ({"TICKSTREAM_SCREEN_READER": "1", "TICKSTREAM_DEMO": "1"}, ["--json"], '{"id"'),
        ({"TICKSTREAM_JSON": "1", "TICKSTREAM_DEMO": "1"}, ["--screen-reader"], "AAPL "),
        ({"TICKSTREAM_SORT": "last", "TICKSTREAM_FPS": "5", "TICKSTREAM_DEMO": "1"}, ["--csv"], "id,"),
    ],
    ids=[
        "demo over source",
        "csv over json",
        "columns that csv has",
        "positions are for the table",
        "json over words",
        "words over json",
        "what is for the table",
    ],
)
def test_what_is_typed_wins_over_the_environment(
    environment: dict[str, str], arguments: list[str], first: str
) -> None:
    done = run("watch", "AAPL", "--count", "1", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(first)


def test_for_those_who_listen_there_is_a_line_of_words_a_change_and_no_escape_code() -> None:
    done = run("watch", "AAPL", "VOD.L", "--demo", "--screen-reader", "--count", "2")
    assert done.returncode == 0
    first, second = sorted(done.stdout.splitlines())
    assert re.fullmatch(r"AAPL [\d.]+, (up|down) [\d.]+ percent, simulated", first)
    assert re.fullmatch(r"VOD.L [\d.]+ pence, (up|down) [\d.]+ percent, simulated", second)


def test_lines_for_people_are_coloured_in_a_pipe_where_that_is_forced() -> None:
    arguments = ("watch", "AAPL", "--demo", "--count", "1")
    assert "\x1b" not in run(*arguments).stdout
    assert re.search(r"\x1b\[3[12]m +[-+]", run(*arguments, FORCE_COLOR="1").stdout)
    assert "\x1b" not in run(*arguments, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b" not in run(*arguments, "--json", FORCE_COLOR="1").stdout


def test_once_names_those_that_had_nothing() -> None:
    done = run("watch", "AAPL", "NOSUCH", "--demo", "--once", "--timeout", "1s")
    assert done.returncode == 0
    assert "no data within 1 s for NOSUCH" in done.stderr


def test_what_cannot_be_read_is_said_on_stderr() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send("garbage!", frame("AAPL", 1.0))
        await visit.stay()

    with streamer(script) as source:
        done = run("watch", "AAPL", "--source", source, "--json", "--count", "1")
    assert "1 message could not be read: neither a JSON envelope nor base64" in done.stderr


# -- how it ends


def test_for_ends_it_with_0() -> None:
    done = run("watch", "AAPL", "--demo", "--json", "--for", "500ms")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[0])["id"] == "AAPL"


def test_no_data_in_time_ends_it_with_3() -> None:
    async def mute(visit: Visit) -> None:
        await visit.stay()

    with streamer(mute) as source:
        done = run("watch", "AAPL", "--source", source, "--json", "--timeout", "300ms")
        once = run("watch", "AAPL", "--source", source, "--json", "--once", "--timeout", "300ms")
    closed = "yahoo+http://127.0.0.1:1"
    for ended in (done, once):
        assert ended.returncode == 3
        assert ended.stdout == ""
        assert "no data within 0.3 s" in ended.stderr
    for more in ([], ["--once"]):
        refused = run("watch", "AAPL", "--source", closed, "--json", "--timeout", "3s", *more)
        assert refused.returncode == 3
        said = refused.stderr.splitlines()[-1]
        assert said == "tickstream: no data within 3 s: cannot reach 127.0.0.1:1: connection refused"


def test_a_reader_that_has_seen_enough_ends_it_silently() -> None:
    with start("watch", "AAPL", "--demo", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == "AAPL"
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(LONG) == 141
        assert "Traceback" not in said
        assert "Exception ignored" not in said
        assert "dropped" not in said


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["INT", "TERM", "HUP"],
)
def test_a_signal_ends_it_in_order_and_with_whole_lines(number: int, code: int) -> None:
    with start("watch", "AAPL", "--demo", "--json") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(number)
        rest, said = process.communicate(timeout=LONG)
        assert process.returncode == code
        assert b"Traceback" not in said
        assert all(json.loads(line) for line in (first + rest).splitlines())
        assert (first + rest).endswith(b"\n")


def test_under_nohup_the_end_of_the_terminal_is_not_its_end() -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with start("watch", "AAPL", "--demo", "--json", preexec_fn=ignore) as process:
        assert process.stdout is not None
        for _ in range(2):
            assert json.loads(process.stdout.readline())["id"] == "AAPL"
            process.send_signal(signal.SIGHUP)
        process.terminate()
        process.communicate(timeout=LONG)
        assert process.returncode == 143


def test_a_signal_ends_it_while_it_waits_for_the_next_try() -> None:
    with start("watch", "AAPL", "--source", "yahoo+http://127.0.0.1:1", "--json") as process:
        assert process.stderr is not None
        while b"next try" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LONG)
        assert process.returncode == 143


def test_a_stalled_reader_costs_ticks_that_are_counted_and_neither_connection_nor_pings() -> None:
    sent = 40_000
    alive, drained = threading.Event(), threading.Event()
    visits: list[Visit] = []

    async def script(visit: Visit) -> None:
        visits.append(visit)
        await visit.wish()
        for number in range(sent):
            await visit.ws.send(frame("AAPL", float(number), time=1_789_000_000_000 + number))
        await (await visit.ws.ping())  # all was read, though nobody reads the lines
        alive.set()
        await asyncio.to_thread(drained.wait, LONG)
        await visit.send(frame("AAPL", -1.0, time=1_789_001_000_000))
        await visit.stay()

    with streamer(script) as source, start("watch", "AAPL", "--source", source, "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert alive.wait(LONG), "the connection stalled together with the reader"
        drained.set()
        prices: list[float] = []
        while not prices or prices[-1] != -1.0:
            prices.append(json.loads(process.stdout.readline())["price"])
        process.terminate()
        said = process.communicate(timeout=LONG)[1].decode()
    assert len(visits) == 1
    dropped = sum(
        int(line.split(" tick")[0].rsplit(" ", 1)[1].replace(",", ""))
        for line in said.splitlines()
        if "ticks dropped" in line
    )
    assert dropped == sent + 1 - len(prices)
    assert dropped > 10_000
    assert prices == [*sorted(prices[:-1]), -1.0]


def test_a_stalled_reader_does_not_keep_it_from_ending() -> None:
    async def flood(visit: Visit) -> None:
        await visit.wish()
        while True:
            await visit.send(frame("AAPL"))

    with streamer(flood) as source, start("watch", "AAPL", "--source", source, "--json") as process:
        assert process.stderr is not None
        while b"dropped" not in process.stderr.readline():
            pass
        process.terminate()
        assert process.wait(LONG) == 143
        process.communicate()


def test_output_that_cannot_be_written_ends_it_with_4() -> None:
    with (
        Path("/dev/full").open("wb") as full,
        start("watch", "AAPL", "--demo", "--json", stdout=full) as process,
    ):
        said = process.communicate(timeout=LONG)[1].decode()
    assert process.returncode == 4
    assert said.splitlines()[-1] == "tickstream: cannot write: No space left on device"


def test_a_closed_stdout_is_found_before_anything_is_opened() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *TICKSTREAM, "watch", "AAPL", "--demo", "--json"],
        capture_output=True,
        text=True,
        timeout=LONG,
        env=environment(),
        check=False,
    )
    assert done.returncode == 4
    assert done.stderr.splitlines() == ["tickstream: cannot write: stdout is closed"]


def test_the_output_can_be_a_file(tmp_path: Path) -> None:
    command = ("watch", "AAPL", "--demo", "--json", "--count", "2")
    with (tmp_path / "out").open("wb") as out, start(*command, stdout=out) as process:
        process.communicate(timeout=LONG)
    lines = (tmp_path / "out").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["AAPL", "AAPL"]


def test_a_refusal_at_the_start_ends_it_with_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        done = run("watch", "AAPL", "--source", f"yahoo+http://127.0.0.1:{server.getsockname()[1]}", "--json")
    assert done.returncode == 3
    assert "refused: HTTP 403" in done.stderr.splitlines()[-1]


# -- what is refused before anything is touched

BAD = {
    "no symbols": [],
    "only commas": [", ,"],
    "bad characters": ["A;rm"],
    "a path": ["../x"],
    "an escape code": ["\x1b[31m"],
    "an emoji": ["🚀"],
    "a long symbol": ["A" * 10_000],
    "unknown source": ["AAPL", "--source", "nowhere"],
    "a source without host": ["AAPL", "--source", "yahoo+http://"],
    "a source with a bad port": ["AAPL", "--source", "yahoo+http://127.0.0.1:99999"],
    "a port out of range": ["AAPL", "--source", "ws://127.0.0.1:70000"],
    "an address that is none": ["AAPL", "--source", "wss://[::1"],
    "a URL without host": ["AAPL", "--source", "ws://"],
    "a host with a blank": ["AAPL", "--source", "yahoo+http://a b:1"],
    "no source": ["AAPL", "--source", ""],
    "once and count": ["AAPL", "--once", "--count", "1"],
    "fps too low": ["AAPL", "--fps", "0.001"],
    "no columns": ["AAPL", "--csv", "--columns", ","],
    "two sources": ["AAPL", "--demo", "--source", "yahoo"],
    "two formats": ["AAPL", "--json", "--csv"],
    "words and a format": ["AAPL", "--screen-reader", "--format", "line"],
    "events without json": ["AAPL", "--events"],
    "sort without a table": ["AAPL", "--json", "--sort", "chg%"],
    "fps without a table": ["AAPL", "--json", "--fps", "5"],
    "columns with json": ["AAPL", "--json", "--columns", "last"],
    "a position without a table": ["AAPL", "--json", "--position", "AAPL=10@150"],
    "a currency without a table": ["AAPL", "--json", "--currency", "EUR"],
    "a position at once": ["AAPL", "--once", "--position", "AAPL=10@150"],
    "words and json": ["AAPL", "--json", "--screen-reader"],
    "words at once": ["AAPL", "--once", "--screen-reader"],
    "words in columns": ["AAPL", "--screen-reader", "--columns", "last"],
    "unknown colours": ["AAPL", "--colors", "pink"],
    "colours and none": ["AAPL", "--colors", "red-up", "--no-color"],
    "unknown columns": ["AAPL", "--csv", "--columns", "nothing"],
    "count 0": ["AAPL", "--count", "0"],
    "count -1": ["AAPL", "--count", "-1"],
    "count x": ["AAPL", "--count", "x"],
    "for 0": ["AAPL", "--for", "0"],
    "for -1": ["AAPL", "--for", "-1s"],
    "for nan": ["AAPL", "--for", "nan"],
    "for inf": ["AAPL", "--for", "inf"],
    "for 1e309": ["AAPL", "--for", "1e309"],
    "timeout soon": ["AAPL", "--timeout", "soon"],
    "max-symbols 0": ["AAPL", "--max-symbols", "0"],
    "max-symbols 10001": ["AAPL", "--max-symbols", "10001"],
    "too many symbols": ["AAPL", "MSFT", "--max-symbols", "1"],
    "unknown option": ["AAPL", "--jsno"],
    "unknown log level": ["AAPL", "--log-level", "loud"],
}


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, in which `tickstream` is ours."""
    command = f'set -o pipefail; tickstream() {{ {" ".join(TICKSTREAM)} "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=LONG, env=environment(), check=False
    )


@pytest.mark.parametrize(
    ("line", "code", "lines"),
    [
        ("tickstream watch AAPL --demo --json --count 2 2>&-", 0, 2),
        ("tickstream watch AAPL --demo --json --count 2 2>/dev/full", 0, 2),
        ("tickstream watch AAPL --demo --json --count 2 <&- 2>&-", 0, 2),
        ("tickstream --help >/dev/full", 4, 0),
        ("tickstream --version >/dev/full", 4, 0),
        ("tickstream watch AAPL --demo --json --count 5 | jq -r .id", 0, 5),
    ],
    ids=[
        "no stderr",
        "full stderr",
        "no stdin either",
        "help to a full disk",
        "version to a full disk",
        "jq",
    ],
)
def test_closed_and_full_ends_have_the_right_exit_code(line: str, code: int, lines: int) -> None:
    if "jq" in line and shutil.which("jq") is None:
        pytest.skip("needs jq")
    done = shell(line)
    assert done.returncode == code
    assert "bug" not in done.stderr
    assert len(done.stdout.splitlines()) == lines


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD)
def test_bad_input_gets_one_clear_line_and_exit_2_before_any_connection(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        if "--source" not in arguments and "--demo" not in arguments:
            arguments = [*arguments, "--source", f"yahoo+http://127.0.0.1:{server.getsockname()[1]}"]
        done = run("watch", *arguments)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("tickstream: ")
    assert done.stderr.isprintable() or done.stderr.rstrip("\n").isprintable()
    assert len(done.stderr) < 600


def test_an_unknown_command_suggests_the_near_one() -> None:
    done = run("wach", "AAPL")
    assert done.returncode == 2
    assert "watch" in done.stderr


def test_the_version_is_that_of_the_package() -> None:
    import tickstream

    assert run("--version").stdout == f"tickstream {tickstream.__version__}\n"


assert os.name == "posix", "pipes and signals are tried here as POSIX has them"
