"""`tickstream watch` with alerts, templates and bars, as its users run it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import LONG, TICKSTREAM, Terminal, environment, run, simulated, start
from tests.support.streamer import Script, Visit, frame, in_a_thread

PRICES = (99.0, 101.0, 102.0, 99.0, 103.0)
CROSSED = ["AAPL>100: 101.00", "AAPL>100: 103.00"]


@contextmanager
def streamer(script: Script) -> Iterator[str]:
    """The name of a source that runs `script` for each connection."""
    with in_a_thread(script) as fake:
        yield f"yahoo+http://127.0.0.1:{fake.port}"


async def crossing(visit: Visit) -> None:
    await visit.wish()
    await visit.send(*(frame("AAPL", price) for price in PRICES))
    await visit.stay()


def said_of_alerts(stderr: str) -> list[str]:
    said = [line.removeprefix("tickstream: ") for line in stderr.splitlines()]
    return [line.partition(",")[0] for line in said if line.startswith("AAPL")]


MANY = 50_000


def burst(spikes: int) -> Script:
    """As many pushes as there may be in a second, all at once; some of them alone are above 200."""
    pushes = [frame("AAPL", 100.0 + n % 50, 1_789_000_000_000 + n) for n in range(MANY)]
    for n in range(spikes):
        at = (2 * n + 1) * MANY // (2 * spikes)
        pushes[at] = frame("AAPL", 201.0 + n, 1_789_000_000_000 + at)

    async def send(visit: Visit) -> None:
        await visit.wish()
        await visit.send(*pushes)
        await visit.send(frame("MSFT", 1.0))
        await visit.stay()

    return send


def test_in_a_burst_no_alert_is_lost_and_none_fires_twice() -> None:
    with streamer(burst(40)) as source:
        arguments = ("watch", "AAPL", "MSFT", "--alert", "AAPL>200", "--json", "--events", "--source", source)
        done = run(*arguments, "--until", "MSFT>0")
    items = [json.loads(line) for line in done.stdout.splitlines()]
    fired = [item["tick"]["price"] for item in items if item.get("type") == "alert" and item["id"] == "AAPL"]
    assert fired == [201.0 + n for n in range(40)]


def test_a_table_that_is_paused_tells_of_a_spike_of_one_push_in_a_burst() -> None:
    go = threading.Event()
    send = burst(1)

    async def script(visit: Visit) -> None:
        await visit.send(frame("AAPL", 100.0, 1_788_000_000_000))
        await asyncio.to_thread(go.wait)
        await send(visit)

    with streamer(script) as source:
        arguments = ("watch", "AAPL", "MSFT", "--alert", "AAPL>200", "--source", source)
        with Terminal(arguments, 80, 24) as terminal:
            terminal.until_text("100.00")
            terminal.child.send("p")
            terminal.until_text("PAUSED")
            go.set()
            terminal.child.send("e")
            terminal.until_text("AAPL>200: 201.00")
            terminal.child.send("eq")
            assert terminal.end() == 0
            assert terminal.raw.count(b"\x1b]9;") == 1


# -- where they are told


@pytest.mark.parametrize("form", [["--json"], ["--csv"], [], ["--format", "{id} {price}"]])
def test_alerts_are_lines_on_stderr_and_stdout_stays_data(form: list[str]) -> None:
    with streamer(crossing) as source:
        done = run("watch", "AAPL", "--alert", "aapl>100", *form, "--source", source, "--count", "5")
    assert done.returncode == 0
    assert said_of_alerts(done.stderr) == CROSSED
    assert "100:" not in done.stdout
    assert len(done.stdout.splitlines()) == 5 + (form == ["--csv"])


def test_with_events_alerts_are_objects_after_the_tick_that_fired_them() -> None:
    with streamer(crossing) as source:
        arguments = ("watch", "AAPL", "--alert", "AAPL>100", "--json", "--events", "--source", source)
        done = run(*arguments, "--until", "AAPL>102.5")
    items: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [item.get("type", "tick") for item in items]
    assert [kind for kind in kinds if kind != "status"] == ["tick"] * 2 + ["alert"] + ["tick"] * 3 + ["alert"]
    fired = items[kinds.index("alert")]
    assert (fired["id"], fired["alert"], fired["tick"]) == (
        "AAPL",
        "AAPL>100",
        items[kinds.index("alert") - 1],
    )


def test_an_alert_is_told_with_the_alias_and_is_still_that_of_the_symbol(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[aliases]\nApple = "AAPL"\n')
    arguments = ("watch", "apple", "--alert", "apple>100", "--json", "--events")
    with streamer(crossing) as source:
        never = ("--until", "apple>1000", "--count", "5")
        done = run(*arguments, "--source", source, *never, TICKSTREAM_CONFIG=str(config))
    assert "tickstream: Apple>100: 103.00" in done.stderr
    assert done.stderr.splitlines()[-1] == "tickstream: Apple>1000 did not come true"
    fired = [item for item in map(json.loads, done.stdout.splitlines()) if item.get("type") == "alert"]
    assert {(item["id"], item["alert"]) for item in fired} == {("AAPL", "AAPL>100")}


def test_each_crossing_of_a_burst_is_told_once() -> None:
    crossings = 4000

    async def script(visit: Visit) -> None:
        await visit.wish()
        for _ in range(crossings):
            await visit.send(frame("AAPL", 99.0), frame("AAPL", 101.0))
        await visit.send(frame("AAPL", 50.0))
        await visit.stay()

    with streamer(script) as source:
        arguments = (
            "watch",
            "AAPL",
            "--json",
            "--source",
            source,
            "--alert",
            "AAPL>100",
            "--until",
            "AAPL<60",
        )
        command = "printf x; cat >/dev/null; head -c1 >/dev/null"
        process = start(*arguments, "--on-alert", f"sh -c '{command}'", "--events")
        assert process.stdout is not None
        events = [json.loads(line) for line in process.stdout]
        process.communicate(timeout=LONG)
    assert sum(event.get("type") == "alert" for event in events) == crossings
    assert process.returncode == 0


def test_the_environment_names_alerts_separated_by_semicolons() -> None:
    with streamer(crossing) as source:
        more = {"TICKSTREAM_ALERT": "AAPL>100; AAPL 1% in 5m", "TICKSTREAM_SOURCE": source}
        both = run("watch", "AAPL", "--json", "--count", "5", **more)
        typed = run("watch", "AAPL", "--json", "--count", "5", "--alert", "AAPL>1000", **more)
    assert said_of_alerts(both.stderr) == [
        "AAPL>100: 101.00",
        "AAPL 1% in 5m: +2.02% at 101.00",
        "AAPL 1% in 5m: -2.94% at 99.00",
        "AAPL>100: 103.00",
        "AAPL 1% in 5m: +4.04% at 103.00",
    ]
    assert said_of_alerts(typed.stderr) == []


def test_a_symbol_of_an_alert_is_watched_too() -> None:
    done = run("watch", "MSFT", "--alert", "AAPL>1", "--until", "BTC-USD>1", "--demo", "--json")
    assert done.returncode == 0
    symbols = {json.loads(line)["id"] for line in done.stdout.splitlines()}
    assert "BTC-USD" in symbols
    assert symbols <= {"MSFT", "AAPL", "BTC-USD"}


def test_a_command_gets_the_tick_and_is_started_though_the_watch_ends(tmp_path: Path) -> None:
    code = "import sys, os; open(sys.argv[1], 'w').write(sys.stdin.read() + os.environ['TICKSTREAM_ALERT'])"
    script = tmp_path / "tell.py"
    script.write_text(code)
    told = tmp_path / "told"
    command = f"{sys.executable} {script} {told}"
    with streamer(crossing) as source:
        arguments = ("watch", "AAPL", "--alert", "AAPL>102.5", "--until", "AAPL>102.5", "--source", source)
        done = run(*arguments, "--on-alert", command, "--json")
        assert done.returncode == 0
    # It goes on by itself; all that is known is that it will come.
    subprocess.run(
        ["sh", "-c", f"until grep -qs '>102.5' {told}; do sleep 0.05; done"], timeout=LONG, check=True
    )
    assert told.read_text().endswith("\nAAPL>102.5")
    assert json.loads(told.read_text().splitlines()[0])["price"] == 103.0


def test_commands_that_wait_at_the_end_are_started_or_it_is_said(tmp_path: Path) -> None:
    script = tmp_path / "hang.py"
    script.write_text(
        "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)"
    )
    with streamer(crossing) as source:
        alerts = [word for limit in range(10) for word in ("--alert", f"AAPL>{limit}")]
        command = f"{sys.executable} {script} {tmp_path / 'go'}"
        arguments = ("watch", *alerts, "--on-alert", command, "--source", source, "--json")
        process = start(*arguments, "--count", "1")
        assert process.wait(LONG) == 0
    (tmp_path / "go").touch()
    _, stderr = process.communicate(timeout=LONG)
    assert b"--on-alert: not run for 6 alerts: those before took too long" in stderr


def test_a_new_high_is_told_though_the_streamer_never_says_the_range() -> None:
    with simulated("--rate", "40") as source:
        alerts = ("--alert", "AAPL day-high", "--alert", "AAPL day-low")
        done = run("watch", "AAPL", "--json", "--source", source, *alerts, "--until", "AAPL day-high")
    assert done.returncode == 0


def test_a_command_that_fails_is_said_on_stderr_and_writes_nothing_to_stdout() -> None:
    with streamer(crossing) as source:
        arguments = ("watch", "AAPL", "--alert", "AAPL>100", "--source", source, "--json")
        process = start(*arguments, "--on-alert", "sh -c 'echo talks; exit 7'")
        assert process.stderr is not None
        seen = list[str]()
        while seen.count("tickstream: --on-alert: sh ended with 7 for AAPL>100") < 2:
            seen.append(process.stderr.readline().decode().rstrip())
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=LONG)
    assert "talks" in seen
    assert [json.loads(line)["price"] for line in out.splitlines()] == list(PRICES)


def test_silence_is_told_while_nothing_is_said() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("AAPL", 1.0))
        await visit.stay()

    with streamer(script) as source:
        done = run("watch", "AAPL", "--json", "--source", source, "--until", "AAPL stale 1s")
    assert done.returncode == 0


# -- until


@pytest.mark.parametrize("form", [["--json"], ["--csv"], [], ["--format", "{id} {price}"]])
def test_until_ends_it_with_0_and_the_line_that_made_it_true_is_there(form: list[str]) -> None:
    with streamer(crossing) as source:
        done = run("watch", "--until", "AAPL>102.5", *form, "--source", source)
    assert done.returncode == 0
    assert "103" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("end", [("--count", "1"), ("--for", "0.01s")])
def test_what_ends_it_before_until_came_true_is_no_success(end: tuple[str, str]) -> None:
    with streamer(crossing) as source:
        done = run("watch", "--until", "AAPL>1000", *end, "--source", source)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "tickstream: AAPL>1000 did not come true"


@pytest.mark.parametrize("until", ["AAPL>100000", "AAPL>1"])
def test_a_snapshot_does_not_wait_for_what_the_environment_waits_for(until: str) -> None:
    done = run("watch", "AAPL", "--demo", "--once", "--json", TICKSTREAM_UNTIL=until)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)


def test_until_ends_a_table_too_and_leaves_it() -> None:
    arguments = ("watch", "AAPL", "--until", "AAPL>102.5", "--source")
    with streamer(crossing) as source, Terminal((*arguments, source)) as terminal:
        assert terminal.end() == 0
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        assert "103.00" in left


# -- the table


def test_in_a_table_the_row_stands_out_the_footer_says_it_and_the_terminal_rings() -> None:
    arguments = ("watch", "AAPL", "MSFT", "--alert", "AAPL>100", "--on-alert", "sh -c 'echo noise; exit 3'")
    with streamer(crossing) as source, Terminal((*arguments, "--source", source), 100, 24) as terminal:
        terminal.until(lambda: terminal.lines[2].startswith("!AAPL"))
        terminal.until(lambda: "sh ended with 3" in terminal.lines[-1])
        assert terminal.lines[3].startswith(" MSFT")
        assert b"\a\x1b]9;tickstream: AAPL>100: 10" in terminal.raw
        assert "noise" not in terminal.text
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.is_given_back
        assert "tickstream: --on-alert: sh ended with 3 for AAPL>100" in terminal.text


def test_a_terminal_rings_only_where_it_may() -> None:
    with streamer(crossing) as source:
        arguments = ("watch", "AAPL", "--alert", "AAPL>100", "--notify", "none", "--source", source)
        with Terminal(arguments, 100, 24) as terminal:
            terminal.until(lambda: "AAPL>100: 103.00" in terminal.lines[-1])
            terminal.child.send("q")
            assert terminal.end() == 0
            assert b"\a" not in terminal.raw
            assert b"\x1b]" not in terminal.raw


# -- templates and bars


def test_a_template_prints_a_line_a_push_and_empty_for_what_was_not_said() -> None:
    with streamer(crossing) as source:
        done = run("watch", "AAPL", "--format", "{id} {price:.2f}[{bid}]", "--source", source, "--count", "2")
    assert done.stdout == "AAPL 99.00[]\nAAPL 101.00[]\n"


def test_a_template_prints_a_row_a_symbol_once() -> None:
    done = run("watch", "AAPL", "BTC-USD", "--demo", "--format", "{id} {last}", "--once")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["AAPL", "BTC-USD"]


def test_a_bar_prints_all_symbols_in_one_line_and_says_that_they_are_simulated() -> None:
    done = run("watch", "AAPL", "BTC-USD", "--demo", "--format", "waybar:{id} {price}", "--count", "2")
    assert done.returncode == 0
    first, last = (json.loads(line) for line in done.stdout.splitlines())
    assert first["class"][-1] == "connecting"
    assert last["class"][-1] == "simulated"
    once = run("watch", "AAPL", "BTC-USD", "--demo", "--format", "line", "--once")
    assert once.stdout.startswith("AAPL ")
    assert once.stdout.count("\n") == 1
    assert once.stdout.endswith("SIMULATED\n")


def test_a_bar_loads_neither_rich_nor_http() -> None:
    code = (
        # Where a thread still looks up a name the process ends at once, and this would not be said.
        "import os, sys\nos._exit = sys.exit\nfrom tickstream.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n"
        # What is None there is kept from being loaded.
        "    print(*(name for name, module in sys.modules.items() if module), file=sys.stderr)"
    )
    arguments = ("watch", "AAPL", "--demo", "--format", "tmux", "--count", "2")
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=LONG, check=True
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "websockets" in loaded
    assert not loaded & {"rich", "httpx", "holidays", "desktop_notifier"}


def test_tmux_shows_the_bar() -> None:
    name = "tickstream-test"
    program = " ".join(TICKSTREAM)
    bar = f"#({program} watch AAPL --demo --format tmux 2>/dev/null)"
    tmux = ["tmux", "-L", name, "-f", "/dev/null"]
    subprocess.run(
        [*tmux, "new-session", "-d", "-x", "120", "-y", "10", "cat"], env=environment(), check=True
    )
    try:
        for option in (("status-interval", "1"), ("status-right-length", "80"), ("status-right", bar)):
            subprocess.run([*tmux, "set", "-g", *option], check=True)
        with Terminal(["attach"], 120, 10, command=" ".join(tmux)) as terminal:
            terminal.until(lambda: "AAPL" in terminal.text and "SIMULATED" in terminal.text)
            assert "#[" not in terminal.text
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)


# -- what cannot be


BAD = {
    "no alert": (["AAPL", "--alert", "AAPL dayhigh"], "did you mean day-high"),
    "no end": (["AAPL", "--until", "AAPL>>1"], "bad alert 'AAPL>>1'"),
    "an alert of the environment": (["AAPL"], "bad alert 'nonsense'"),
    "no program": (["--alert", "AAPL>1", "--on-alert", "no-such-program x"], "no program 'no-such-program'"),
    "an open quote": (["--alert", "AAPL>1", "--on-alert", "sh -c 'x"], "bad --on-alert"),
    "no such way": (["--alert", "AAPL>1", "--notify", "bel"], "there are bell, terminal, desktop and none"),
    "a command for nothing": (["AAPL", "--on-alert", "true"], "add --alert"),
    "once, and until": (["AAPL", "--once", "--until", "AAPL>1"], "--once ends by itself"),
    "no field": (["AAPL", "--format", "{pric}"], "did you mean price?"),
    "no field of a bar": (["AAPL", "--format", "tmux:{pric}"], "did you mean price?"),
    "no bar": (["AAPL", "--format", "wayba"], "or line, tmux, waybar, polybar"),
    "two formats": (["AAPL", "--format", "line", "--json"], "two formats"),
    "columns of a template": (
        ["AAPL", "--format", "line", "--columns", "last"],
        "--columns is for the table",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_clear_line_and_exit_2_before_any_connection(case: str) -> None:
    arguments, says = BAD[case]
    more = {"TICKSTREAM_ALERT": "nonsense"} if "environment" in case else {}
    done = run("watch", *arguments, "--source", "yahoo+http://127.0.0.1:9", **more)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
