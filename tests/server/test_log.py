"""The log: one line an event, which nobody can forge and no secret stands in."""

from __future__ import annotations

import pytest

from tickstream.server.log import Log


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def log() -> tuple[Log, list[str], Clock]:
    lines: list[str] = []
    clock = Clock()
    return Log(lines.append, wall=clock), lines, clock


def test_an_event_is_a_time_a_word_and_its_values() -> None:
    say, lines, _ = log()
    say("refused", reason="key", count=3, text="two words")
    assert lines == ['2023-11-14T22:13:20Z refused reason=key count=3 text="two words"']


@pytest.mark.parametrize(
    "value", ["a\nb", "a\x1b[31m", "a\u202eb", 'a" b="c', "é", "", "\x9b31m", "x" * 9_000]
)
def test_whatever_is_in_a_value_it_stays_one_value_of_one_line_of_ascii(value: str) -> None:
    say, lines, _ = log()
    say("event", text=value, end=1)
    (line,) = lines
    assert line.isascii()
    assert line.isprintable()
    assert line.endswith(" end=1")
    assert line.count('"') in (0, 2, 4) or '\\"' in line
    assert len(line) < 500


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("yahoo+http://user:s3cret@host:1/", "yahoo+http://***@host:1/"),
        ("redis://:s3cret@host", "redis://***@host"),
        ("GET https://host/q?a=1&crumb=s3cret&b=2", "https://host/q?a=1&***&b=2"),
        ("https://host/?KEY=s3cret'", "https://host/?***'"),
    ],
)
def test_what_opens_an_address_is_not_in_it(value: str, shown: str) -> None:
    say, lines, _ = log()
    say("event", text=value)
    assert shown in lines[0]
    assert "s3cret" not in lines[0]


def test_what_comes_too_often_is_counted_and_said_with_the_next() -> None:
    say, lines, clock = log()
    for _ in range(5):
        say("refused", every=1.0)
    say("other", every=1.0)
    clock.now += 1.0
    say("refused", every=1.0)
    assert [line.split(" ", 1)[1] for line in lines] == ["refused", "other", "refused more=4"]


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    say, lines, clock = log()
    say("refused", every=1.0)
    clock.now -= 3_600
    say("refused", every=1.0)
    assert len(lines) == 2
