"""Where errors become a line: what is added to them, and where it would not help."""

from __future__ import annotations

import pytest

from tests.support.process import run

ADVICE = "`tickstream doctor`"


@pytest.mark.parametrize("arguments", [("--source", "yahoo"), ("--source=yahoo",), ()])
def test_where_yahoo_cannot_be_reached_the_doctor_is_named(arguments: tuple[str, ...]) -> None:
    # No proxy is there, so nothing leaves this machine.
    proxy = "http://127.0.0.1:9"
    done = run("quotes", "AAPL", "--once", "--timeout", "1s", *arguments, HTTPS_PROXY=proxy, HTTP_PROXY=proxy)
    assert done.returncode == 3
    assert ADVICE in done.stderr


def test_where_another_source_was_asked_it_is_not() -> None:
    source = "yahoo+http://127.0.0.1:9"
    done = run("quotes", "AAPL", "--once", "--timeout", "1s", "--source", source)
    assert done.returncode == 3
    assert ADVICE not in done.stderr


@pytest.mark.parametrize(
    ("command", "option"), [("watch", "--log-level="), ("quotes", "--log-level="), ("simulate", "--session=")]
)
def test_an_empty_text_where_there_has_to_be_one_is_a_wrong_use(command: str, option: str) -> None:
    done = run(command, *([] if command == "simulate" else ["AAPL", "--demo"]), option)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
