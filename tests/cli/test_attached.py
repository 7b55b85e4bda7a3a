"""Commands attached to a tickstream server: lines, documents, screens, keys, and servers that go away."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.process import Serving, Terminal, run, serving, simulated

VIEWS = {
    "quotes": ("quotes", "AAPL", "VOD.L", "BTC-USD"),
    "market": ("market",),
    "hours": ("hours",),
    "all hours": ("hours", "--all"),
    "profile": ("profile", "AAPL"),
}
SHOWN = {
    "quotes": "VOD.L",
    "market": "Cons. Defensive",
    "hours": "U.S. markets are",
    "all hours": "London",
    "profile": "Apple Inc.",
}


def source(served: Serving) -> tuple[str, str]:
    return "--source", f"ws://{served.netloc}"


@pytest.fixture(scope="module")
def demo() -> Iterator[Serving]:
    with serving("--demo", "--interval", "1s") as served:
        yield served


def free_port() -> str:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return str(bound.getsockname()[1])


def test_watch_prints_each_push_in_the_form_of_json_and_the_mark_on_stderr(demo: Serving) -> None:
    done = run("watch", "AAPL", "BTC-USD", *source(demo), "--json", "--count", "5")
    assert done.returncode == 0, done.stderr
    ticks = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ticks) == 5
    assert {tick["id"] for tick in ticks} == {"AAPL", "BTC-USD"}
    assert all("type" not in tick for tick in ticks)
    assert "[SIMULATED]" in done.stderr


def test_watch_takes_one_row_a_symbol(demo: Serving) -> None:
    done = run("watch", "AAPL", "BTC-USD", *source(demo), "--once", "--json")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["AAPL", "BTC-USD"]


def test_events_stand_between_the_ticks_with_the_servers_state_as_ours(demo: Serving) -> None:
    done = run("watch", "AAPL", *source(demo), "--json", "--events", "--count", "3")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    states = [one["state"] for one in said if one.get("type") == "status"]
    assert states[-1] == "live"
    assert states[0] == "connecting"


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_is_the_document_that_it_is_without_a_server(demo: Serving, name: str) -> None:
    ours = run(*VIEWS[name], *source(demo), "--once", "--json")
    own = run(*VIEWS[name], "--demo", "--once", "--json")
    assert (ours.returncode, own.returncode) == (0, 0), ours.stderr
    assert shape(json.loads(ours.stdout)) == shape(json.loads(own.stdout))
    assert "[SIMULATED]" in ours.stderr


def shape(document: object) -> object:
    """The keys of a document, and of what is in its lists."""
    if isinstance(document, dict):
        return {key: shape(value) for key, value in document.items() if isinstance(value, (dict, list))} | {
            "": list(document)
        }
    if isinstance(document, list):
        return [shape(item) for item in document[:1]]
    return None


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_is_the_same_screen_and_the_same_text(demo: Serving, name: str) -> None:
    done = run(*VIEWS[name], *source(demo), "--once")
    assert done.returncode == 0, done.stderr
    assert SHOWN[name] in done.stdout
    assert "SIMULATED" in done.stdout
    assert "calendar only" not in done.stdout
    with Terminal((*VIEWS[name], *source(demo), "--interval", "1s"), 100, 30) as terminal:
        terminal.until(lambda: SHOWN[name] in terminal.text and "SIMULATED" in terminal.lines[0])
        terminal.until(lambda: "every 1 s" in terminal.lines[-1])
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.is_given_back


def test_documents_come_one_a_line_as_often_as_asked_at_most(demo: Serving) -> None:
    done = run("quotes", "AAPL", *source(demo), "--json", "--count", "3", "--interval", "1s")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_symbols_that_the_server_leaves_out_are_unknown(demo: Serving) -> None:
    done = run("quotes", "AAPL", "NOSUCH1", *source(demo), "--once", "--json")
    assert done.returncode == 0
    assert [row["symbol"] for row in json.loads(done.stdout)] == ["AAPL"]
    assert "unknown symbol NOSUCH1" in done.stderr
    for more in (("--once",), ()):
        done = run("quotes", "NOSUCH1", "NOSUCH2", *source(demo), "--json", *more)
        assert (done.returncode, done.stdout) == (3, "")
        assert "unknown symbols NOSUCH1, NOSUCH2" in done.stderr


def test_a_missing_key_and_a_wrong_one_end_with_5_and_one_line_and_the_right_one_opens() -> None:
    with serving("--demo", ADMIN_API_KEY="right") as served:
        for command in (
            ("watch", "AAPL", "--json"),
            ("quotes", "AAPL"),
            ("hours", "--once"),
            ("market", "--json"),
        ):
            done = run(*command, *source(served))
            assert (done.returncode, done.stdout) == (5, "")
            assert "wants a key: set TICKSTREAM_API_KEY" in done.stderr.splitlines()[-1]
            done = run(*command, *source(served), TICKSTREAM_API_KEY="wrong")
            assert done.returncode == 5
            assert "does not know this key" in done.stderr.splitlines()[-1]
        done = run("watch", "AAPL", "--json", "--count", "1", *source(served), TICKSTREAM_API_KEY="right")
        assert done.returncode == 0
        assert "list of processes" not in done.stderr
        done = run("hours", "--once", *source(served), "--api-key", "right")
        assert done.returncode == 0
        assert "--api-key can be seen by others" in done.stderr
        assert not any("right" in line for line in served.log)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("search", "apple", "--source", "ws://127.0.0.1:1"), "is a tickstream server"),
        (("serve", "--source", "ws://127.0.0.1:1"), "is a tickstream server"),
        (("market", "--demo", "--api-key", "x"), "a key is for a tickstream server"),
        (("watch", "AAPL", "--api-key", "x"), "a key is for a tickstream server"),
        (("watch", "AAPL", "--source", "ws://127.0.0.1:1", "--api-key", "a b"), "bad API key"),
        (("hours", "--source", "ws://"), "bad address"),
    ],
)
def test_what_cannot_be_is_one_clear_line_and_exit_code_2(arguments: tuple[str, ...], text: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert text in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_key_in_the_environment_is_not_in_the_way_of_other_sources() -> None:
    assert run("hours", "--demo", "--once", TICKSTREAM_API_KEY="x").returncode == 0


def test_more_symbols_than_the_server_allows_end_with_3_and_its_reason() -> None:
    with serving("--demo", "--max-symbols", "2") as served:
        for command in ("watch", "quotes"):
            done = run(command, "A", "B", "C", *source(served), "--json")
            assert (done.returncode, done.stdout) == (3, "")
            assert "2 symbols at most (4505)" in done.stderr.splitlines()[-1]


def test_a_server_that_is_not_there_is_one_line_and_exit_code_3() -> None:
    done = run("quotes", "AAPL", "--source", "ws://127.0.0.1:1", "--once", "--json")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "tickstream: cannot reach 127.0.0.1:1: connection refused"


def test_a_server_that_is_killed_is_said_and_both_go_on_when_another_has_its_place() -> None:
    port = free_port()
    name = ("--source", f"ws://127.0.0.1:{port}")
    with (
        Terminal(("watch", "AAPL", "BTC-USD", *name), 100, 12) as watch,
        Terminal(("quotes", "AAPL", *name, "--interval", "1s"), 100, 12) as quotes,
    ):
        watch.until(lambda: "connection refused" in watch.lines[-1])
        quotes.until(lambda: "connection refused" in quotes.lines[-1])
        with serving("--demo", "--interval", "1s", "--port", port, code=-9) as served:
            watch.until(lambda: "live" in watch.lines[-1] and "SIMULATED" in watch.lines[0])
            quotes.until(lambda: "every" in quotes.lines[-1] and "SIMULATED" in quotes.lines[0])
            served.process.kill()
            watch.until(lambda: "live" not in watch.lines[-1])
            quotes.until(lambda: "every" not in quotes.lines[-1])
            # Dimmed as a whole, once it is older than two intervals.
            marker = len(quotes.raw)
            quotes.until(lambda: re.search(rb"\x1b\[2;3[12]m", quotes.raw[marker:]) is not None)
            served.process.wait()
        with serving("--demo", "--interval", "1s", "--port", port):
            watch.until(lambda: "live" in watch.lines[-1] and "missed" in watch.lines[-1])
            quotes.until(lambda: "every" in quotes.lines[-1])
            for terminal in (watch, quotes):
                terminal.child.send("q")
                assert terminal.end() == 0
                assert terminal.is_given_back


def test_a_server_whose_upstream_goes_away_does_not_look_live() -> None:
    with ExitStack() as upstream:
        name = upstream.enter_context(simulated())
        with (
            serving("--source", name) as served,
            Terminal(("watch", "AAPL", *source(served)), 120, 12) as terminal,
        ):
            terminal.until(lambda: "live" in terminal.lines[-1] and "SIMULATED" in terminal.lines[0])
            upstream.close()
            terminal.until(lambda: "upstream of" in terminal.lines[-1] and "refused" in terminal.lines[-1])
            terminal.child.send("q")
            assert terminal.end() == 0


def test_documents_of_a_server_whose_upstream_goes_away_are_said_to_be_old() -> None:
    with ExitStack() as upstream:
        name = upstream.enter_context(simulated())
        arguments = ("quotes", "AAPL", "--interval", "1s")
        with (
            serving("--source", name, "--interval", "1s") as served,
            Terminal((*arguments, *source(served)), 120, 12) as terminal,
        ):
            terminal.until(lambda: "every 1 s" in terminal.lines[-1] and "REG" in terminal.text)
            upstream.close()
            terminal.until(lambda: "is up, but what it has is old" in terminal.lines[-1])
            terminal.child.send("q")
            assert terminal.end() == 0


def test_a_table_knows_what_prices_are_in_and_what_does_not_exist(demo: Serving) -> None:
    lots = ("--position", "AAPL=10@150", "--position", "VOD.L=1000@70")
    with Terminal(("watch", "AAPL", "VOD.L", "NOSUCH1", *source(demo), *lots), columns=120) as terminal:
        terminal.until(lambda: re.search(r"[\d,.]+ USD +day .* P/L ", terminal.lines[0]) is not None)
        terminal.until(lambda: re.search(r"VOD\.L +[\d.]+p ", terminal.text) is not None)
        terminal.until_text("unknown symbol NOSUCH1")
        assert "SIMULATED" in terminal.lines[0]
