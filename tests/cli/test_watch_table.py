"""`tickstream watch` in a terminal: what stands on the screen, and that the terminal is given back."""

from __future__ import annotations

import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.support.process import TICKSTREAM, Terminal, simulated
from tests.support.streamer import Visit, frame, in_a_thread

DEMO = ("watch", "AAPL", "BTC-USD", "VFINX", "--demo")


def shows_prices(terminal: Terminal) -> bool:
    rows = [line.split() for line in terminal.lines]
    return all(any(len(row) > 2 and symbol in row[0] for row in rows) for symbol in ("AAPL", "BTC-USD"))


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 10), (200, 60)])
def test_it_shows_prices_a_header_and_a_footer_at_any_size(columns: int, lines: int) -> None:
    with Terminal(DEMO, columns, lines) as terminal:
        terminal.until(lambda: shows_prices(terminal) and "live" in terminal.lines[-1])
        assert terminal.lines[0].startswith(" tickstream")
        assert "SIMULATED" in terminal.lines[0]
        assert [title for title in terminal.lines[1].split() if title != "NAME"][:2] == ["SYMBOL", "LAST"]
        assert "VFINX" in terminal.lines[4]
        assert terminal.lines[-1].endswith("q quit")
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.is_given_back


def test_it_follows_the_size_of_the_terminal() -> None:
    with Terminal(DEMO, 80, 24) as terminal:
        terminal.until(lambda: shows_prices(terminal))
        for columns, lines in ((40, 10), (1, 1), (500, 200), (20, 5), (200, 60)):
            terminal.resize(columns, lines)
            marker = len(terminal.raw)
            terminal.until(lambda marker=marker: b"\x1b[2J" in terminal.raw[marker:])  # type: ignore[misc]
        for number in range(200):
            terminal.resize(1 + number % 120, 1 + number % 40)
        terminal.resize(80, 24)
        terminal.until(lambda: shows_prices(terminal) and "live" in terminal.lines[-1])
        assert terminal.child.isalive()
        terminal.child.send("q")
        assert terminal.end() == 0


def test_a_terminal_that_was_resized_and_has_its_size_again_is_drawn_whole() -> None:
    with Terminal(DEMO) as terminal:
        terminal.until(lambda: shows_prices(terminal))
        marker = len(terminal.raw)
        terminal.child.kill(signal.SIGWINCH)
        terminal.until(lambda: b"\x1b[2J" in terminal.raw[marker:])
        terminal.child.send("q")
        assert terminal.end() == 0


def test_the_last_table_stays_on_the_normal_screen() -> None:
    with Terminal(DEMO) as terminal:
        terminal.until(lambda: shows_prices(terminal))
        terminal.child.send("q")
        assert terminal.end() == 0
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        assert "AAPL" in left
        assert "BTC-USD" in left


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)],
    ids=["TERM", "HUP", "INT", "QUIT"],
)
def test_a_signal_leaves_a_sane_terminal(number: int, code: int) -> None:
    with Terminal(DEMO) as terminal:
        terminal.until(lambda: shows_prices(terminal))
        terminal.child.kill(number)
        assert terminal.end() == code
        assert terminal.is_given_back
        assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize(("before", "code"), [("", 129), ("trap '' HUP;", 0)], ids=["told", "not told"])
def test_a_terminal_that_is_closed_ends_a_table(before: str, code: int) -> None:
    """Also where nobody is told: there is nothing to draw on, and nobody to type."""
    line = f"{before} exec {' '.join(TICKSTREAM)} {' '.join(DEMO)}"
    with Terminal(("-c", line), command="bash") as terminal:
        terminal.until(lambda: shows_prices(terminal))
        assert terminal.hang_up() == code


def test_a_bug_while_it_draws_gives_the_terminal_back_and_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "crash.py").write_text(
        "from tickstream.cli.app import main\n"
        "from tickstream.sinks.rows import Rows\n"
        "draw = Rows.lines\n"
        "def crash(rows, what, *how):\n"
        "    if any(row.said for row in what):\n"
        "        raise ZeroDivisionError('in the middle of a frame')\n"
        "    return draw(rows, what, *how)\n"
        "Rows.lines = crash\n"
        "main()\n"
    )
    with Terminal(DEMO, command=f"{sys.executable} {tmp_path / 'crash.py'}") as terminal:
        assert terminal.end() == 1
        assert b"\x1b[?1049h" in terminal.raw
        assert terminal.is_given_back
        said = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :]
        assert b"a bug in tickstream: ZeroDivisionError: in the middle of a frame" in said
        assert b"Traceback" not in said


def test_on_a_terminal_that_can_do_nothing_there_are_lines() -> None:
    with Terminal(("watch", "AAPL", "--demo", "--count", "1"), more={"TERM": "dumb"}) as terminal:
        assert terminal.end() == 0
        assert "AAPL" in terminal.text
        assert b"\x1b" not in terminal.raw


def test_q_quits_also_where_the_symbols_came_from_stdin(tmp_path: Path) -> None:
    (tmp_path / "symbols").write_text("AAPL, BTC-USD\n")
    line = f"{' '.join(TICKSTREAM)} watch - --demo < {tmp_path / 'symbols'}"
    with Terminal(("-c", line), command="bash") as terminal:
        terminal.until(lambda: shows_prices(terminal) and terminal.lines[-1].endswith("q quit"))
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.is_given_back


def test_a_terminal_that_takes_nothing_does_not_keep_q_from_quitting() -> None:
    with Terminal((*DEMO, *(f"S{number}" for number in range(60))), 200, 50) as terminal:
        terminal.until(lambda: shows_prices(terminal))
        terminal.child.send("q")
        # Nothing is read from here on, so what is left to draw finds no room.
        terminal.is_stuck = True
        terminal.child.wait()
        assert terminal.child.exitstatus == 0


def test_ctrl_c_ends_it_while_it_cannot_connect() -> None:
    with Terminal(("watch", "AAPL", "--source", "yahoo+http://127.0.0.1:1")) as terminal:
        terminal.until_text("connection refused")
        terminal.child.sendintr()
        assert terminal.end() == 130
        assert terminal.is_given_back


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash for its job control")
def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() -> None:
    with Terminal(("--norc", "-i"), command="bash") as terminal:
        terminal.child.sendline(f"{' '.join(TICKSTREAM)} {' '.join(DEMO)}")
        terminal.until(lambda: shows_prices(terminal))
        terminal.child.sendcontrol("z")
        terminal.until_text("Stopped")
        assert terminal.is_given_back
        marker = len(terminal.raw)
        terminal.child.sendline("fg")
        terminal.until(lambda: b"\x1b[?1049h" in terminal.raw[marker:] and shows_prices(terminal))
        marker = len(terminal.raw)
        terminal.child.send("q")
        terminal.until(lambda: b"\x1b[?1049l" in terminal.raw[marker:])
        terminal.child.sendline("stty -a; exit")
        terminal.until(lambda: " icanon" in terminal.raw.decode(errors="replace"))
        terminal.end()


def test_colours_are_left_out_where_they_are_not_wanted() -> None:
    with Terminal((*DEMO, "--no-color")) as terminal:
        terminal.until(lambda: shows_prices(terminal))
        assert b"\x1b[32m" not in terminal.raw
        assert b"\x1b[31m" not in terminal.raw
        terminal.child.send("q")
        terminal.end()


@pytest.mark.parametrize(
    ("variables", "arguments", "green"),
    [
        ("NO_COLOR=1", (), False),
        ("NO_COLOR=1", ("--colors", "green-up"), True),
        ("NO_COLOR=1 TICKSTREAM_COLORS=green-up", (), False),
        ("TICKSTREAM_COLORS=none", (), False),
        ("TICKSTREAM_COLORS=blue-orange", ("--colors", "red-up"), True),
    ],
)
def test_colours_typed_win_over_no_color_and_that_over_the_rest(
    variables: str, arguments: tuple[str, ...], green: bool
) -> None:
    with Terminal((*DEMO, *arguments), command=f"env {variables} {' '.join(TICKSTREAM)}") as terminal:
        terminal.until(lambda: shows_prices(terminal))
        terminal.child.send("q")
        assert terminal.end() == 0
        assert (b"\x1b[32m" in terminal.raw) is green


def test_in_a_palette_of_its_own_what_rises_is_not_green() -> None:
    with Terminal((*DEMO, "--colors", "blue-orange")) as terminal:
        terminal.until(lambda: shows_prices(terminal) and "live" in terminal.lines[-1])
        terminal.child.send("q")
        assert terminal.end() == 0
        assert b"\x1b[38;5;33m" in terminal.raw or b"\x1b[38;5;166m" in terminal.raw
        assert b"\x1b[31m" not in terminal.raw


@pytest.mark.parametrize(
    ("variables", "arguments"), [("X=1", ("--ascii",)), ("LC_ALL=C", ()), ("LC_ALL=de_DE.ISO-8859-1", ())]
)
def test_where_there_is_only_ascii_nothing_else_is_sent(variables: str, arguments: tuple[str, ...]) -> None:
    with Terminal((*DEMO, *arguments), command=f"env {variables} {' '.join(TICKSTREAM)}") as terminal:
        terminal.until(lambda: shows_prices(terminal) and "* live" in terminal.lines[-1])
        terminal.until(lambda: "*" in terminal.lines[2])
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.raw.isascii()
        assert terminal.is_given_back


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("quotes AAPL", "212."),
        ("market", "GAINERS"),
        ("hours --all", "London"),
        ("profile AAPL", "Apple Inc."),
    ],
)
def test_the_views_are_drawn_in_ascii_too(view: str, shown: str) -> None:
    with Terminal((*view.split(), "--demo", "--ascii", "--colors", "red-up")) as terminal:
        terminal.until(lambda: "every 5 s" in terminal.lines[-1] and "SIMULATED" in terminal.lines[0])
        terminal.until_text(shown)
        terminal.child.send("q")
        assert terminal.end() == 0
        assert terminal.raw.isascii()


def test_what_is_held_is_summed_in_the_currency_asked_for_by_rates_that_stream() -> None:
    held = ("--position", "AAPL=10@150", "--position", "VOD.L=-1000@90", "--currency", "EUR")
    with Terminal(("watch", "AAPL", "--demo", *held), 120, 24) as terminal:
        terminal.until(lambda: " EUR  day " in terminal.lines[0])
        assert {"VALUE", "P/L%"} <= set(terminal.lines[1].split())
        rows = {line[1:].split()[0]: line.replace(",", "").split() for line in terminal.lines[2:4]}
        assert rows.keys() == {"AAPL", "VOD.L"}
        total = float(terminal.lines[0].split("symbols")[1].split()[0].replace(",", ""))
        value = terminal.lines[1].index("VALUE") + len("VALUE")
        values = [float(line[:value].split()[-1].replace(",", "")) for line in terminal.lines[2:4]]
        assert values[1] < 0 < values[0]
        assert total == pytest.approx(sum(values), abs=0.02)
        terminal.child.send("q")
        assert terminal.end() == 0
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        assert " EUR" in left


def test_in_the_evening_two_prices_stand_side_by_side() -> None:
    with (
        simulated("--session", "post") as source,
        Terminal(("watch", "AAPL", "^GSPC", "--source", source), 100, 24) as terminal,
    ):
        terminal.until(lambda: "EXT%" in terminal.lines[1] and "POST" in terminal.lines[2])
        terminal.until(lambda: "CLS" in terminal.lines[3])
        row = terminal.lines[2][1:].split()
        last, change, extended = row[1], row[2], row[5]
        assert float(last) != float(extended)
        assert change[0] in "+-"
        assert row[6] in "△▽="
        terminal.child.send("q")
        assert terminal.end() == 0


def test_a_column_that_does_not_exist_is_refused_before_the_terminal_is_taken() -> None:
    with Terminal((*DEMO, "--columns", "symbol,volum")) as terminal:
        assert terminal.end() == 2
        assert "no column 'volum': did you mean volume?" in terminal.text
        assert b"\x1b[?1049h" not in terminal.raw


def test_count_and_sort_and_columns_are_heeded() -> None:
    arguments = ("--columns", "symbol,last", "--sort", "symbol:desc", "--count", "4")
    with Terminal((*DEMO, *arguments)) as terminal:
        assert terminal.end() == 0
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        rows = [re.sub(r"\x1b\[[0-9;]*m", "", line).split()[0] for line in left.splitlines()[2:5]]
        assert rows == ["VFINX", "BTC-USD", "AAPL"]
        assert "CHG" not in left


def test_the_header_says_what_the_market_does_and_the_footer_names_what_does_not_exist() -> None:
    with Terminal(("watch", "AAPL", "NOSUCH1", "--demo")) as terminal:
        terminal.until(lambda: "NYSE open" in terminal.lines[0] and "SIMULATED" in terminal.lines[0])
        terminal.until(lambda: "unknown symbol NOSUCH1" in terminal.lines[-1])
        assert not any(line.startswith(" NOSUCH1") for line in terminal.lines)
        terminal.child.send("q")
        assert terminal.end() == 0


def test_while_the_streamer_is_away_rows_are_polled_and_marked_as_polled_and_as_simulated() -> None:
    with (
        simulated("--fault", "status=503") as source,
        Terminal(("watch", "AAPL", "--source", source)) as terminal,
    ):
        terminal.until(lambda: "SIMULATED POLL" in terminal.lines[0])
        terminal.until(lambda: any("AAPL" in line and "POLL" in line for line in terminal.lines))
        assert "out of order" in terminal.text or "connecting too often" in terminal.text
        terminal.child.send("q")
        assert terminal.end() == 0


def test_a_burst_of_50000_pushes_ends_in_the_newest_price_and_few_frames() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        frames = [frame("AAPL", float(n), time=1_789_000_000_000 + n).encode() for n in range(1000)]
        burst = b"".join(b"\x81\x7e" + len(one).to_bytes(2) + one for one in frames)
        for number in range(50):
            visit.ws.transport.write(burst)
            await visit.send(frame("MSFT", float(number)))
        await visit.send(frame("AAPL", 77.25, time=1_789_000_001_000))
        await visit.stay()

    with (
        in_a_thread(script) as streamer,
        Terminal(("watch", "AAPL", "--source", f"yahoo+http://127.0.0.1:{streamer.port}")) as terminal,
    ):
        terminal.until_text(" 77.25")
        assert terminal.raw.count(b"\x1b[?2026h") < 50
        terminal.child.send("q")
        assert terminal.end() == 0
        assert len(streamer.visits) == 1


def test_where_http_is_refused_streaming_goes_on_and_the_footer_says_what_is_missing() -> None:
    with (
        simulated("--fault", "http-status=403") as source,
        Terminal(("watch", "AAPL", "--source", source), 160, 24) as terminal,
    ):
        terminal.until(lambda: "live" in terminal.lines[-1] and "no quotes by HTTP" in terminal.lines[-1])
        assert any("AAPL" in line and "REG" in line for line in terminal.lines)
        terminal.child.send("q")
        assert terminal.end() == 0
