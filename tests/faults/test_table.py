"""The table of faults names tests that exist, and leaves no fault without one or a reason."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

TABLE = Path(__file__).parent / "README.md"
TESTS = Path(__file__).parents[1]
FAULTS = {"U": 30, "H": 14, "D": 20, "C": 11, "T": 12, "F": 9, "S": 20, "A": 15, "R": 15, "K": 9, "X": 8}
HELD = re.compile(r"`(test_\w+)` \(([\w/]+)\)")


def rows() -> dict[str, str]:
    """What holds each fault, by the fault's number."""
    found = re.findall(r"^\| ([A-Z]\d+) \|[^|]+\|(.*)\|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == len(dict(found)), "a fault has two rows"
    return dict(found)


@cache
def names_in(place: str) -> frozenset[str]:
    path = TESTS / Path(place).parent / f"test_{Path(place).name}.py"
    return frozenset(
        re.findall(r"^ *(?:async )?def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_every_fault_of_every_group_has_its_row() -> None:
    assert list(rows()) == [f"{group}{n}" for group, many in FAULTS.items() for n in range(1, many + 1)]


@pytest.mark.parametrize("fault", rows())
def test_a_fault_is_held_by_tests_that_exist_or_says_why_it_is_not_tried(fault: str) -> None:
    held = rows()[fault]
    named = HELD.findall(held)
    assert len(re.findall(r"test_\w+", held)) == len(named), "a test is named without its place"
    for name, place in named:
        assert name in names_in(place), f"{place} has no {name}"
    assert bool(named) != held.strip().startswith("**not tried:** "), (
        "a test, or the reason why there is none"
    )


def test_at_least_145_faults_are_held_by_tests() -> None:
    assert sum(bool(HELD.search(held)) for held in rows().values()) >= 145
