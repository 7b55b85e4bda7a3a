"""The config file as its users meet it: defaults, lists, aliases, errors, and the command that minds it."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import TICKSTREAM, Terminal, environment, run, serving, simulated, start
from tickstream.cli.configured import RENAMED, settings_of
from tickstream.core.colors import COLORS
from tickstream.core.columns import COLUMNS
from tickstream.core.config import Config
from tickstream.core.positions import Lot

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a config file goes."""
    return tmp_path / "config.toml"


def write(file: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    """Write the file; the environment that names it."""
    file.write_text(text, "utf-8", newline="")
    file.chmod(mode)
    return {"TICKSTREAM_CONFIG": str(file)}


def ids_of(output: str) -> list[str]:
    return [json.loads(line)["id"] for line in output.splitlines()]


def test_lists_and_aliases_are_taken_wherever_symbols_are_typed(file: Path) -> None:
    named = write(file, '[lists]\ntech = ["AAPL", "gold"]\n[aliases]\nGold = "GC=F"\n')
    done = run("watch", "msft,@tech", "--demo", "--once", "--json", **named)
    assert ids_of(done.stdout) == ["MSFT", "AAPL", "GC=F"]
    done = run("watch", "-", "--demo", "--once", "--json", stdin="@tech, BTC-USD\n", **named)
    assert ids_of(done.stdout) == ["AAPL", "GC=F", "BTC-USD"]
    done = run("quotes", "@tech", "--demo", "--once", "--json", **named)
    assert [row["symbol"] for row in json.loads(done.stdout)] == ["AAPL", "GC=F"]
    done = run("profile", "GOLD", "--demo", "--once", "--json", **named)
    assert json.loads(done.stdout)["quote"]["symbol"] == "GC=F"


def test_a_symbol_is_called_by_its_alias_in_tables_and_words(file: Path) -> None:
    named = write(file, '[aliases]\nGold = "GC=F"\n')
    done = run("quotes", "gold", "--demo", "--once", **named)
    assert re.search(r"^ Gold +\d", done.stdout, re.MULTILINE)
    assert "GC=F" not in done.stdout
    done = run("watch", "gold", "--demo", "--screen-reader", "--count", "1", **named)
    assert done.stdout.startswith("Gold ")
    with Terminal(("watch", "gold", "--demo"), more=named) as terminal:
        terminal.until(lambda: any(line.startswith(" Gold ") for line in terminal.lines))
        terminal.child.send("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("watch", "@tehc"), "no list @tehc: did you mean @tech?"),
        (("quotes", "@tehc"), "no list @tehc: did you mean @tech?"),
        (("profile", "@tech"), "a profile is of one symbol, and these are 2"),
        (("watch", "@none"), "no symbols: name at least one"),
    ],
)
def test_a_list_that_cannot_be_meant_ends_it_before_anything_is_touched(
    file: Path, arguments: tuple[str, ...], said: str
) -> None:
    named = write(file, '[lists]\ntech = ["AAPL", "MSFT"]\nnone = []\n')
    done = run(*arguments, "--source", "yahoo+http://127.0.0.1:1", **named)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tickstream: {said}")
    assert done.stderr.count("\n") == 1


def test_what_is_typed_wins_over_the_environment_and_that_over_the_file(file: Path) -> None:
    named = write(file, 'demo = true\ncount = 3\njson = true\ncolumns = ["symbol", "last"]\n')
    assert len(ids_of(run("watch", "AAPL", **named).stdout)) == 3
    assert len(ids_of(run("watch", "AAPL", TICKSTREAM_COUNT="2", **named).stdout)) == 2
    assert len(ids_of(run("watch", "AAPL", "--count", "1", TICKSTREAM_COUNT="2", **named).stdout)) == 1


@pytest.mark.parametrize(
    ("text", "arguments", "more", "first"),
    [
        ("json = true", ("--csv",), {}, "id,"),
        ("json = true", (), {"TICKSTREAM_CSV": "1"}, "id,"),
        ("csv = true", (), {"TICKSTREAM_JSON": "1"}, '{"id":'),
        ("csv = true\ncolumns = ['last', 'range', 'symbol']", (), {}, "price,id"),
        ("csv = true\ncolumns = ['last']", ("--columns", "id"), {}, "id"),
        ("json = true", (), {"TICKSTREAM_JSON": "0"}, "20"),
    ],
)
def test_of_two_formats_the_one_that_is_meant_is_printed(
    file: Path, text: str, arguments: tuple[str, ...], more: dict[str, str], first: str
) -> None:
    named = write(file, f"once = true\n{text}\n")
    done = run("watch", "AAPL", "--demo", *arguments, **named, **more)
    assert (done.returncode, done.stdout[: len(first)]) == (0, first)


@pytest.mark.parametrize(
    ("text", "arguments", "more"),
    [
        ("demo = true", (), {}),
        ("source = 'demo'", (), {}),
        ("source = 'yahoo+http://127.0.0.1:1'", ("--demo",), {}),
        ("source = 'yahoo+http://127.0.0.1:1'", (), {"TICKSTREAM_DEMO": "1"}),
        ("once = true\ncount = 1", ("--once",), {"TICKSTREAM_DEMO": "1"}),
    ],
)
def test_the_source_that_is_meant_is_opened(
    file: Path, text: str, arguments: tuple[str, ...], more: dict[str, str]
) -> None:
    named = write(file, text)
    done = run("watch", "AAPL", "--once", *arguments, **named, **more)
    assert done.returncode == 0
    assert "SIMULATED" in done.stdout


def test_server_and_simulator_have_tables_of_their_own(file: Path) -> None:
    write(file, 'demo = true\n[server]\nmax-symbols = 1\nupstream-rate = 2\n[simulator]\nsession = "x"\n')
    done = run("serve", "--config", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{file}:4: upstream-rate: Input should be greater than or equal to 6" in done.stderr
    write(file, 'demo = true\n[simulator]\nsession = "x"\nport = 0\n')
    done = run("simulate", "--config", str(file))
    assert f"{file}:3: session: --session 'x' is not one of pre, regular" in done.stderr
    write(file, 'source = "yahoo"\n[server]\nsource = "demo"\nport = 0\n')
    with serving("--config", str(file)) as served:
        assert any("source=demo prices=SIMULATED" in line for line in served.log)


def test_a_server_takes_its_port_from_the_file(file: Path) -> None:
    write(file, "demo = true\n[server]\nport = 70000\n")
    done = run("serve", "--config", str(file))
    assert f"{file}:3: port: --port 70000 is not from 0 to 65535" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nfps = 'fast'\n", ":2: fps: bad number 'fast'"),
        ("\ufefffps = 100\r\n", ":1: fps: bad --fps 100: use 0.5 to 60"),
        ("\n\ncount = 0\n", ":3: count: Input should be greater than or equal to 1"),
        ("interval = 0\n", ":1: interval: bad duration '0'"),
        ("source = 'foo'\n", ":1: source: unknown source 'foo'"),
        ("log-level = 'loud'\n", ":1: log-level: unknown log level 'loud'"),
        ("demo = true\nsource = 'yahoo'\n", ":1: demo: --demo and --source yahoo are two sources"),
        ("columns = ['bid_size']\n", ":1: columns: no column 'bid_size'"),
        ("a = \n", ":1: not TOML: Invalid value"),
        (
            "count = 'x'\n[lists]\na = 1\n",
            ":1: count: has to be a whole number (and 1 more: tickstream config",
        ),
    ],
)
def test_what_the_file_says_and_cannot_be_is_named_with_its_line(file: Path, text: str, said: str) -> None:
    named = write(file, text)
    with Terminal(("watch", "AAPL"), 200, more=named) as terminal:
        assert terminal.end() == 2
        assert terminal.text.startswith(f"tickstream: {file}{said}")
        assert b"\x1b" not in terminal.raw


def test_what_is_typed_is_not_blamed_on_the_file(file: Path) -> None:
    named = write(file, "fps = 5\n")
    with Terminal(("watch", "AAPL", "--fps", "100"), 200, more=named) as terminal:
        assert terminal.end() == 2
        assert terminal.text.startswith("tickstream: bad --fps 100")


def test_unknown_keys_are_warned_of_and_the_rest_counts(file: Path) -> None:
    named = write(file, "once = true\njsno = true\njson = true\n" + "".join(f"x{n} = 1\n" for n in range(20)))
    done = run("watch", "AAPL", "--demo", **named)
    assert (done.returncode, ids_of(done.stdout)) == (0, ["AAPL"])
    said = done.stderr.splitlines()
    assert said[0] == f"tickstream: {file}:2: unknown key jsno: did you mean json?"
    assert said[10] == "tickstream: 11 more: tickstream config --check"


def test_a_broken_file_is_said_once_and_before_anything_else(file: Path) -> None:
    write(file, "[lists\n")
    for arguments in (("watch", "AAPL"), ("market",), ("hours",), ("search", "x"), ("simulate",), ("serve",)):
        done = run(*arguments, "--config", str(file))
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(rf"tickstream: {re.escape(str(file))}:1: not TOML: [^\n]*\n", done.stderr)


def test_help_and_version_do_not_look_at_it(file: Path) -> None:
    named = write(file, "[lists\n")
    assert run("--version", **named).returncode == 0
    assert run("watch", "--help", **named).returncode == 0


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda file: None, "there is no such file"),
        (lambda file: file.mkdir(), "is a directory: name the file in it"),
        (lambda file: os.mkfifo(file), "is no file"),
        (lambda file: file.symlink_to(file), "cannot be read: too many levels of symbolic links"),
        (lambda file: file.symlink_to("nowhere"), "there is no such file"),
        (lambda file: file.write_bytes(b"a = 1\n# \xff\n"), "is not UTF-8"),
        (lambda file: file.write_text("a = 1\n", "utf-16"), "is not UTF-8"),
        (lambda file: file.write_bytes(b"#" * (1 << 21)), "has more than 1,048,576 bytes"),
    ],
    ids=["none", "directory", "pipe", "loop", "dangling", "bytes", "utf-16", "huge"],
)
def test_what_is_no_config_file_is_said(file: Path, prepare: object, said: str) -> None:
    prepare(file)  # type: ignore[operator]
    done = run("watch", "AAPL", TICKSTREAM_CONFIG=str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match(rf"tickstream: {re.escape(str(file))}(:\d+)?: {re.escape(said)}", done.stderr)
    assert done.stderr.count("\n") == 1


def test_without_a_name_it_is_where_the_system_has_such_files(tmp_path: Path) -> None:
    place = environment(HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / "xdg"))
    del place["TICKSTREAM_CONFIG"]
    done = subprocess.run([*TICKSTREAM, "config"], env=place, capture_output=True, text=True, check=False)
    path = Path(done.stdout.rstrip("\n"))
    assert path.parts[-2:] == ("tickstream", "config.toml")
    assert tmp_path in path.parents
    assert done.stderr == "tickstream: there is none; --init writes one\n"
    path.parent.mkdir(parents=True)
    path.write_text("once = true\njson = true\n")
    watch = [*TICKSTREAM, "watch", "AAPL", "--demo"]
    done = subprocess.run(watch, env=place, capture_output=True, text=True, check=False)
    assert ids_of(done.stdout) == ["AAPL"]


@POSIX
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[positions]]\nsymbol = 'AAPL'\nquantity = 1\ncost = 1\n", "your positions are in it"),
        ("[server]\nredis-url = 'redis://:secret@127.0.0.1'\n", "a key is in it"),
    ],
)
def test_others_who_can_read_what_is_private_are_warned_of(file: Path, text: str, what: str) -> None:
    named = write(file, text, 0o644)
    said = f"tickstream: {file}: others can read it, and {what}: run chmod 600 {file}\n"
    assert said in run("watch", "AAPL", "--demo", "--once", **named).stderr
    assert said in run("config", "--check", **named).stderr
    file.chmod(0o600)
    assert said not in run("watch", "AAPL", "--demo", "--once", **named).stderr


def test_what_can_be_given_several_times_is_given_as_it_would_be_typed() -> None:
    lots = {"AAPL": (Lot(10.0, 150.5), Lot(-2.0, 0.0)), "SHIB-USD": (Lot(1e6, 1.234e-05),)}
    said = settings_of(Config(alerts=("AAPL>200",), columns=("last", "chg%"), positions=lots), "watch")
    assert {key: value for key, (_, value) in said.items()} == {
        "columns": "last,chg%",
        "alerts": ("AAPL>200",),
        "positions": ("AAPL=10.0@150.5", "AAPL=-2.0@0.0", "SHIB-USD=1000000.0@0.00001234"),
    }


def test_debug_in_the_file_shows_where_a_bug_is(file: Path) -> None:
    named = write(file, "debug = true\n")
    assert "Traceback" in run("watch", "AAPL", "--source", "foo", **named).stderr
    assert "Traceback" not in run("watch", "AAPL", "--source", "foo", TICKSTREAM_DEBUG="0", **named).stderr


def test_the_key_that_quits_is_the_one_of_the_file(file: Path) -> None:
    named = write(file, '[keys]\nquit = "x"\n')
    for command in (("watch", "AAPL"), ("quotes", "AAPL")):
        with Terminal((*command, "--demo"), more=named) as terminal:
            terminal.until(lambda: terminal.lines[-1].endswith("x quit"))
            terminal.child.send("qX")
            assert terminal.end() == 0


def test_config_prints_the_path_and_says_whether_the_file_is_valid(file: Path) -> None:
    done = run("config", "--config", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file}\n")
    assert done.stderr == "tickstream: there is none; --init writes one\n"
    for text, said in (("", "it is valid\n"), ("fps = []\n", f"{file}:1: fps: has to be a number")):
        named = write(file, text)
        done = run("config", **named)
        assert (done.returncode, done.stdout) == (0, f"{file}\n")
        assert done.stderr.startswith(f"tickstream: {said}")


def test_check_says_all_that_is_wrong_and_whether_the_file_can_be_used(file: Path) -> None:
    named = write(file, "fps = []\nzzzzz = 1\ncount = 'x'\n")
    done = run("config", "--check", **named)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [f"{file}:{n}" for n in (1, 2, 3)]
    named = write(file, "zzzzz = 1\n")
    done = run("config", "--check", **named)
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "tickstream: it is valid, but for what is said above"
    named = write(file, "[simulator]\nseed = 1\n[server]\nmax-clients = 0\n")
    done = run("config", "--check", **named)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{file}:4: max-clients: " in done.stderr
    file.unlink()
    assert run("config", "--check", **named).returncode == 2


@POSIX
def test_init_writes_a_file_that_only_its_owner_can_read_and_never_over_one(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "er" / "config.toml"
    done = run("config", "--init", "--config", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}\n", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    before = file.read_text()
    done = run("config", "--init", "--config", str(file))
    assert (done.returncode, done.stdout, file.read_text()) == (2, "", before)
    assert "is there already, and is not overwritten" in done.stderr
    (tmp_path / "file").write_text("")
    done = run("config", "--init", "--config", str(tmp_path / "file" / "config.toml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written: " in done.stderr


def test_init_names_every_option_and_whatever_is_uncommented_is_valid(file: Path) -> None:
    run("config", "--init", "--config", str(file))
    text = file.read_text()
    done = run("config", "--check", "--config", str(file))
    assert (done.returncode, done.stderr) == (0, "tickstream: it is valid\n")
    known = set(re.findall(r"^# (?:\[\[)?([\w-]+)(?: = |\]\])", text, re.MULTILINE))
    for command in ("watch", "quotes", "market", "hours", "profile", "search", "serve", "simulate", "doctor"):
        said = run(command, "--help").stdout
        options = re.findall(r"--([a-z-]+)", said)
        assert {RENAMED.get(option, option) for option in options} - known <= {
            "config",
            "help",
            "new-key",
            "none",
        }, command
    assert all(name in text for name in (*COLUMNS, *COLORS))
    bare = re.sub(r"^# ([\w-]+ = |\[\[)", r"\1", text, flags=re.MULTILINE)
    assert bare != text
    named = write(file, bare)
    done = run("config", "--check", **named)
    assert (done.returncode, done.stderr) == (0, "tickstream: it is valid\n")


def editor(file: Path, code: str) -> str:
    """An editor that runs `code` with the path of the file as `path`, as EDITOR names one."""
    script = file.with_name("an editor.py")
    script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[-1])\n{code}\n")
    return f"'{sys.executable}' '{script}' --wait"


def test_edit_begins_a_file_opens_it_and_checks_it(file: Path) -> None:
    add = editor(file, "path.write_text(path.read_text() + '\\n')")
    done = run("config", "--edit", "--config", str(file), EDITOR=add)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "tickstream: it is valid\n")
    assert file.read_text().startswith("# tickstream's config file")
    spoil = editor(file, "path.write_text('\\nfps = []\\n')")
    done = run("config", "--edit", "--config", str(file), VISUAL=spoil, EDITOR="false")
    assert done.returncode == 2
    assert f"{file}:2: fps: has to be a number" in done.stderr


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"EDITOR": "", "VISUAL": ""}, "no editor: set VISUAL or EDITOR to one"),
        ({"EDITOR": "/no/such/editor"}, "cannot run '/no/such/editor'"),
        ({"EDITOR": "'"}, 'cannot run "\'"'),
        ({"EDITOR": "false"}, "the editor 'false' ended with 1"),
    ],
)
def test_an_editor_that_cannot_be_used_is_said(file: Path, named: dict[str, str], said: str) -> None:
    done = run("config", "--edit", "--config", str(file), **({"VISUAL": ""} | named))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tickstream: {said}")


def test_two_things_to_do_are_refused(file: Path) -> None:
    done = run("config", "--init", "--edit", "--config", str(file))
    assert (done.returncode, file.exists()) == (2, False)


def test_a_running_table_takes_up_what_the_file_says_and_keeps_it_while_it_is_broken(file: Path) -> None:
    named = write(file, '[lists]\nmine = ["AAPL", "MSFT"]\n')
    with Terminal(("watch", "@mine", "--demo"), more=named) as terminal:

        def first() -> list[str]:
            return shown(terminal)

        terminal.until(lambda: first() == ["AAPL", "MSFT"])
        replace(
            file,
            'columns = ["symbol", "last", "age"]\nsort = "symbol:desc"\n'
            '[lists]\nmine = ["AAPL", "gold", "TSLA"]\n[aliases]\nGold = "GC=F"\n',
        )
        terminal.until(lambda: first() == ["TSLA", "Gold", "AAPL"])
        assert terminal.lines[1].split() == ["SYMBOL▾", "LAST", "AGE"]
        # The new ones have prices: they are followed.
        terminal.until(lambda: all(re.search(r"\d\.\d\d .* \d+s$", line) for line in terminal.lines[2:5]))
        assert "3 symbols" in terminal.lines[0]
        replace(file, "[lists]\nmine = 3\n")
        terminal.until_text("config.toml:2: lists.mine: has to be a list")
        assert first() == ["TSLA", "Gold", "AAPL"]
        replace(file, "[lists]\nmine = []\n")
        terminal.until_text("config.toml: no symbols")
        file.unlink()
        terminal.until_text("config.toml: is gone")
        assert first() == ["TSLA", "Gold", "AAPL"]
        replace(file, 'colum = 1\n[lists]\nmine = ["AAPL"]\n')
        terminal.until_text("config.toml:1: unknown key colum: did you mean")
        assert first() == ["AAPL"]
        assert "CHG%" in terminal.lines[1]
        replace(file, '[lists]\nmine = ["MSFT"]\n')
        terminal.until(lambda: first() == ["MSFT"] and "live" in terminal.lines[-1])
        assert "config.toml" not in terminal.text
        terminal.child.send("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    ("options", "column", "pattern"),
    [(("--fault", "http-status=500"), "last", r"TSLA +\d+\.\d\d"), ((), "range", r"TSLA +─*●")],
    ids=["by the streamer", "by HTTP"],
)
def test_symbols_that_come_with_the_file_are_followed_wherever_they_can_be(
    file: Path, options: tuple[str, ...], column: str, pattern: str
) -> None:
    said = f'columns = ["symbol", "{column}"]\n[lists]\nmine = '
    named = write(file, said + '["AAPL"]\n')
    with (
        simulated(*options) as source,
        Terminal(("watch", "@mine", "--source", source), more=named) as terminal,
    ):
        terminal.until(lambda: re.search(pattern.replace("TSLA", "AAPL"), terminal.text) is not None)
        replace(file, said + '["AAPL", "TSLA"]\n')
        terminal.until(lambda: re.search(pattern, terminal.text) is not None)


def test_a_running_table_takes_up_colours_alerts_and_positions(file: Path) -> None:
    named = write(file, 'alerts = ["MSFT>1"]\n')
    with Terminal(("watch", "AAPL", "gold", "--demo"), columns=140, more=named) as terminal:
        terminal.until(lambda: shown(terminal) == ["AAPL", "GOLD"])
        replace(
            file,
            'colors = "blue-orange"\nalerts = ["gold>1"]\ncurrency = "EUR"\n[aliases]\nGold = "GC=F"\n'
            '[[positions]]\nsymbol = "AAPL"\nquantity = 10\ncost = 1.5\n',
        )
        terminal.until(lambda: shown(terminal) == ["AAPL", "!Gold"])
        terminal.until(lambda: re.search(r"[\d,.]+ EUR +day .* P/L \+", terminal.lines[0]) is not None)
        terminal.until(lambda: b"\x1b[38;5;33m" in terminal.raw or b"\x1b[38;5;166m" in terminal.raw)
        replace(file, 'notify = "bel"\nalerts = ["AAPL>2"]\n')
        terminal.until_text("config.toml:1: notify: bad --notify 'bel'")
        assert " EUR " in terminal.lines[0]
        replace(file, "")
        terminal.until(lambda: "EUR" not in terminal.lines[0] and "P/L" not in terminal.lines[1])


def test_alerts_and_positions_of_the_file_are_about_what_is_watched_and_else_name_it(file: Path) -> None:
    held = '[[positions]]\nsymbol = "gold"\nquantity = 1\ncost = 2\n'
    named = write(file, f'alerts = ["TSLA>1", "AAPL>1"]\n[aliases]\nGold = "GC=F"\n{held}')
    done = run("watch", "AAPL", "--demo", "--once", "--json", **named)
    assert ids_of(done.stdout) == ["AAPL"]
    done = run("watch", "AAPL", "--demo", "--count", "2", "--json", "--notify", "none", **named)
    assert "AAPL>1: " in done.stderr
    for form in ("--json", "--csv"):
        lines = run("watch", "--demo", "--once", form, **named).stdout
        assert all(symbol in lines for symbol in ("TSLA", "AAPL", "GC=F")), lines
    with Terminal(("watch", "--demo"), more=named) as terminal:
        terminal.until(lambda: [word.lstrip("!") for word in shown(terminal)] == ["TSLA", "AAPL", "Gold"])


@POSIX
def test_a_command_that_an_alert_runs_does_not_run_it_again(file: Path, tmp_path: Path) -> None:
    ran, ended = tmp_path / "ran", tmp_path / "ended"
    os.mkfifo(ended)
    again = shlex.join([*TICKSTREAM, "watch", "AAPL", "--demo", "--count", "3"])
    command = shlex.join(["sh", "-c", f"exec >/dev/null 2>&1; echo ran >> {ran}; {again}; echo > {ended}"])
    named = write(file, f'alerts = ["AAPL>1"]\non-alert = {json.dumps(command)}\n')
    assert run("watch", "AAPL", "--demo", "--until", "AAPL>2", **named).returncode == 0
    ended.read_text()
    assert ran.read_text() == "ran\n"


def test_what_is_typed_stays_whatever_the_file_says_then(file: Path) -> None:
    named = write(file, "")
    arguments = ("watch", "AAPL", "MSFT", "--demo", "--columns", "symbol,last", "--sort", "symbol:desc")
    with Terminal(arguments, more=named) as terminal:
        terminal.until(lambda: shown(terminal) == ["MSFT", "AAPL"])
        replace(file, 'columns = ["age"]\nsort = "symbol:asc"\n[aliases]\nApple = "AAPL"\n')
        terminal.until(lambda: shown(terminal) == ["MSFT", "Apple"])
        assert terminal.lines[1].split() == ["SYMBOL▾", "LAST"]


def shown(terminal: Terminal) -> list[str]:
    """What stands first in each row; the mark of a price that just changed is none of it."""
    return [line.lstrip("▎ ").split()[0] for line in terminal.lines[2:6] if line.strip()]


def replace(file: Path, text: str) -> None:
    """Put another file in its place, as editors do."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


def test_a_process_that_prints_lines_is_not_disturbed_by_the_file(file: Path) -> None:
    write(file, "json = true\n")
    process = start("watch", "AAPL", "--demo", "--count", "3", "--config", str(file))
    write(file, "[broken\n")
    out, said = process.communicate(timeout=30)
    assert process.returncode == 0 or b"not TOML" in said
    assert out.count(b"\n") == (3 if process.returncode == 0 else 0)


BAD_VALUES = [
    'interval = "0.1s"', 'source = "nosuch"', 'speed = "0"', 'notify = "x"', 'log-level = "x"',
    'until = "AAPL"', 'on-alert = "nonexist"', 'format = "{foo}"', 'rotate = "x"', 'from = "99:99"',
    'json = true\ncsv = true', '[server]\nport = 70000', '[server]\ninterval = "0.5s"',
    '[simulator]\nsession = "x"', '[simulator]\nfault = ["nothing"]', 'fps = 100', 'source = ""',
    '[server]\nallow-origin = ["nope"]', '[server]\nallow-host = ["a:80"]',
    '[server]\ntrusted-proxy = ["nope"]', '[simulator]\nrate = 0.0', '[simulator]\nsnapshot-delay = -1.0',
    'currency = "GBp"',
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_VALUES)
def test_whatever_a_command_would_refuse_is_said_by_a_check_with_its_line(file: Path, text: str) -> None:
    file.write_text(f"{text}\n")
    done = run("config", "--check", "--config", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    line = 1 + text.count("\n")
    assert done.stderr.startswith(f"tickstream: {file}:{line}: "), done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_commands_take_is_valid(file: Path) -> None:
    file.write_text(
        'interval = "5s"\nsource = "demo"\nspeed = "max"\nnotify = "bell"\nlog-level = "info"\n'
        'until = "AAPL>5"\non-alert = "true"\nformat = "{id}"\nrotate = "day"\nfrom = "10:30"\n'
        'currency = "EUR"\n[server]\nport = 9000\n[simulator]\nsession = "pre"\nfault = ["mute@5"]\n'
    )
    assert run("config", "--check", "--config", str(file)).stderr == "tickstream: it is valid\n"
