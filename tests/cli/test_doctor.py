"""`tickstream doctor` as those who need it have it."""

from __future__ import annotations

import json

from tests.support.process import TICKSTREAM, Terminal, run
from tests.support.redis import free_port


def test_with_the_demo_all_is_well() -> None:
    done = run("doctor", "--demo")
    assert done.returncode == 0
    assert "✓ stream: first tick" in done.stdout
    assert "✗" not in done.stdout
    assert done.stderr == ""


def test_what_fails_has_advice_and_an_exit_code() -> None:
    done = run("doctor", "--source", f"yahoo+http://127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert "✗ stream: port" in done.stdout
    assert "-> is there a firewall" in done.stdout
    assert done.stderr == "tickstream: 2 checks failed; --demo works without any of it\n"


def test_json_is_a_document_a_check() -> None:
    done = run("doctor", "--demo", "--json")
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(check.keys() == {"check", "ok", "text", "advice", "milliseconds"} for check in checks)
    assert [check["check"] for check in checks][:2] == ["tickstream", "terminal"]


def test_a_terminal_is_described_and_one_that_cannot_draw_is_found_out() -> None:
    with Terminal(["doctor", "--demo"], columns=90, lines=24) as terminal:
        assert terminal.end() == 0
        assert "xterm-256color, 90 columns, 24 lines, UTF-8" in terminal.text
    with Terminal(["doctor", "--demo"], 90, 24, command=f"env LC_ALL=C {' '.join(TICKSTREAM)}") as terminal:
        terminal.end()
        assert "! terminal" in terminal.text
        assert "-> set LANG to one with UTF-8" in terminal.text
        assert terminal.raw.isascii()


def test_a_source_that_is_none_is_a_line_and_nothing_else() -> None:
    done = run("doctor", "--source", "nowhere")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
