"""`tickstream help`, the manual page, and what is said to those who have just come."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from typer.main import get_command

import tickstream
from tests.support.process import TICKSTREAM, Terminal, environment, run
from tickstream.cli.app import app
from tickstream.cli.manual import manual
from tickstream.cli.mistakes import LOST, START
from tickstream.cli.topics import TOPICS, Terms, Verbatim, text_of
from tickstream.core.alerts import KINDS
from tickstream.core.columns import COLUMNS
from tickstream.core.configtext import TABLES
from tickstream.core.documents import MarketDocument, QuoteDocument
from tickstream.core.order import NAMES
from tickstream.core.ports import Event
from tickstream.core.tick import FIELDS, MEANING
from tickstream.errors import EXIT_CODES

GROUP = get_command(app)
PAGE = Path(tickstream.__file__).parent / "manual" / "tickstream.1"
NOWHERE = "http://127.0.0.1:1"
"""A proxy that is none: what asks the network asks nobody."""

SAID = {
    "alerts": [kind.means for kind in KINDS],
    "columns": [column.says for column in COLUMNS.values()],
    "config": list(TABLES),
    "environment": ["TICKSTREAM_SOURCE", "TICKSTREAM_FPS"],
    "exit-codes": list(EXIT_CODES.values()),
    "json": [
        *MEANING.values(),
        *(word for event in get_args(Event) for word in (event.type, *event.__slots__)),
        *MarketDocument.__annotations__,
        *QuoteDocument.__annotations__,
    ],
}


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_says_all_of_its_table_within_80_columns(name: str) -> None:
    text = text_of(TOPICS[name].blocks(GROUP))
    flat = " ".join(text.split())
    assert not [said for said in SAID.get(name, ()) if " ".join(said.split()) not in flat]
    verbatim = [block for block in TOPICS[name].blocks(GROUP) if isinstance(block, Verbatim)]
    assert verbatim or max(map(len, text.splitlines())) <= 80


def test_every_column_field_and_alert_says_what_it_is() -> None:
    assert all(column.says for column in COLUMNS.values())
    assert MEANING.keys() == FIELDS.keys()
    assert all(MEANING.values())
    assert all(kind.means for kind in KINDS)


def test_words_that_are_long_stand_above_their_meaning() -> None:
    text = text_of((Terms((("a", "one"), ("b" * 40, "two three"))), Verbatim("  as it is")), 34)
    assert (
        text
        == f"  a                       one\n  {'b' * 40}\n{' ' * 26}two\n{' ' * 26}three\n\n    as it is\n"
    )


def test_the_manual_page_is_what_the_program_prints() -> None:
    again = "write it again: tickstream help --man > tickstream/manual/tickstream.1"
    assert PAGE.read_text("utf-8") == manual(GROUP), again
    done = run("help", "--man")
    assert (done.returncode, done.stdout) == (0, PAGE.read_text("utf-8"))


@pytest.mark.skipif(shutil.which("man") is None, reason="no man here")
def test_man_shows_the_manual_page_and_has_nothing_to_say_against_it() -> None:
    shown = subprocess.run(
        ["man", "--warnings", "-l", str(PAGE)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""},
    )
    assert shown.stderr == ""
    text = re.sub(".\b", "", shown.stdout)
    for name in ("NAME", "SYNOPSIS", "COMMANDS", "EXIT STATUS", "JSON", "ENVIRONMENT", "EXAMPLES"):
        assert f"\n{name}\n" in text
    assert "tickstream watch [OPTION]... SYMBOL..." in text
    assert "--until 'AAPL<=190'" in text


def test_help_lists_the_topics_and_knows_the_commands() -> None:
    listed = run("help")
    assert listed.returncode == 0
    assert not [name for name, topic in TOPICS.items() if f"{name}  " not in listed.stdout + topic.summary]
    assert run("help", "watch").stdout == run("watch", "--help").stdout


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("wach AAPL", "no command 'wach': did you mean watch? `tickstream --help` names all"),
        ("AAPL", "no command 'AAPL': to watch a symbol, type: tickstream watch AAPL"),
        ("watch --jso AAPL", "no option --jso: did you mean --json? `tickstream watch --help` names all"),
        ("--verison", "no option --verison: did you mean --version? `tickstream --help` names all"),
        ("help colums", "no topic 'colums': did you mean columns? `tickstream help` names all"),
        (
            "market x",
            "no more is named here: leave out 'x'; `tickstream market --help` says what it takes",
        ),
        ("record", "no FILE: name one, as `tickstream record --help` shows"),
        ("watch --count", "no value after --count: --help says what it takes"),
        ("watch --count x A", "invalid value for '--count'"),
    ],
)
def test_what_is_typed_wrong_gets_one_line_that_names_what_is_near(typed: str, said: str) -> None:
    done = run(*typed.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tickstream: {said}")
    assert len(done.stderr.splitlines()) == 1


def test_each_summary_is_whole_in_the_list_of_commands() -> None:
    listed = run("--help", COLUMNS="80").stdout.partition("Commands:")[2]
    assert len(listed.splitlines()) > len(GROUP.commands)  # type: ignore[attr-defined]
    assert "..." not in listed


def test_tickstream_alone_says_what_to_type_and_the_demo_first() -> None:
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (2, "", START)
    typed = re.findall(r"^  tickstream (\w+)(.*?)(?:  |$)", START, re.MULTILINE)
    assert typed[0] == ("watch", " AAPL BTC-USD --demo")
    assert {command for command, _ in typed} <= set(GROUP.commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "typed",
    ["quotes AAPL --once", "quotes AAPL --for 1", "watch AAPL --timeout 0.2", "watch AAPL --for 0.5"],
)
def test_where_yahoo_is_not_reached_doctor_and_the_demo_are_named_once(typed: str) -> None:
    done = run(*typed.split(), HTTPS_PROXY=NOWHERE, HTTP_PROXY=NOWHERE)
    assert done.returncode == (0 if "--for" in typed else 3)
    assert done.stdout == "" or "n/a" in done.stdout
    assert done.stderr.count(LOST) == 1


def test_what_is_not_yahoo_is_not_helped_like_that() -> None:
    assert "doctor" not in run("watch", "NOSUCH", "--timeout", "0.2", "--demo").stderr


@pytest.mark.parametrize(("command", "trouble"), [("watch", "next try"), ("quotes", "cannot reach")])
def test_a_screen_that_stayed_empty_says_so_when_it_is_left(command: str, trouble: str) -> None:
    with Terminal([command, "AAPL"], more={"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE}) as terminal:
        terminal.until_text(trouble)
        terminal.child.send("q")
        assert terminal.end() == 0
        assert "`tickstream doctor` says where" in terminal.text


@pytest.mark.parametrize("typed", ["--help", "watch --help", "help alerts", "help json", "help --man"])
def test_where_a_locale_has_no_sign_for_something_the_rest_is_still_said(typed: str) -> None:
    named = environment(PYTHONIOENCODING="latin-1")
    done = subprocess.run([*TICKSTREAM, *typed.split()], capture_output=True, env=named, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) > 500


def test_sort_takes_what_help_says_that_it_takes() -> None:
    said = run("help", "columns").stdout.partition("but for ")[2].partition(". Without")[0]
    without = {name.strip() for name in said.replace("\n", " ").split(",")}
    assert without == set(COLUMNS) - set(NAMES)
