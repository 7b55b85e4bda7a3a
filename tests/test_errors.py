"""Errors: one tree, each knows its exit code, and its text can be printed."""

from __future__ import annotations

import pytest

from tickstream import errors
from tickstream.errors import (
    EXIT_CODES,
    BadKey,
    BadSymbols,
    NoData,
    OutputError,
    ReaderGone,
    Refused,
    SourceError,
    TickstreamError,
    UsageError,
    WireError,
)


@pytest.mark.parametrize(
    ("kind", "parent", "code"),
    [
        (TickstreamError, Exception, 1),
        (UsageError, TickstreamError, 2),
        (BadSymbols, UsageError, 2),
        (SourceError, TickstreamError, 3),
        (Refused, SourceError, 3),
        (BadKey, Refused, 5),
        (NoData, SourceError, 3),
        (WireError, SourceError, 3),
        (OutputError, TickstreamError, 4),
        (ReaderGone, OutputError, 141),
    ],
)
def test_each_error_has_its_place_in_the_tree_and_its_exit_code(
    kind: type[TickstreamError], parent: type[Exception], code: int
) -> None:
    assert kind.__bases__ == (parent,)
    assert kind.exit_code == code


def test_every_error_is_named_in_the_tree_that_the_module_shows() -> None:
    assert errors.__doc__ is not None
    for name in set(errors.__all__) - {"EXIT_CODES"}:
        kind = getattr(errors, name)
        assert any(
            name in line and line.split(name)[1].split()[0] in (str(kind.exit_code), "exit")
            for line in errors.__doc__.splitlines()
        )


def test_the_exit_code_of_every_error_is_in_the_table_but_those_of_signals() -> None:
    said = {int(code) for codes in EXIT_CODES for code in codes.split(", ")}
    kinds = [getattr(errors, name) for name in set(errors.__all__) - {"EXIT_CODES"}]
    assert {kind.exit_code for kind in kinds} <= said


def test_no_data_says_how_long_it_waited() -> None:
    assert (str(NoData(10.0)), NoData(0.5).seconds) == ("no data within 10 s", 0.5)


def test_bad_symbols_are_named_so_that_they_can_be_printed_and_not_all_of_them() -> None:
    assert str(BadSymbols(["A/B"])).startswith("bad symbol 'A/B': use ")
    text = str(BadSymbols(["\x1b[31m" + "x" * 1000, *(f"a/{number}" for number in range(9))]))
    assert text.isascii()
    assert text.isprintable()
    assert "and 5 more" in text
    assert len(text) < 300
