"""What CI holds of the bench: that a fall is found, and that there is a floor for each row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.floors import FLOORS, LINE, PARTS, fallen
from tests.bench.measure import Row

ROW = Row(LINE, "", "", FLOORS[LINE], ">=", 1.0)


@pytest.mark.parametrize(("share", "falls"), [(1.0, False), (0.6, False), (0.4, True)])
def test_what_costs_more_than_twice_of_what_it_did_is_said(share: float, falls: bool) -> None:
    row = replace(ROW, ratio=FLOORS[LINE] * share)
    assert bool(fallen([row])) == falls


def test_a_ratio_that_is_to_be_small_is_held_the_other_way_round() -> None:
    row = replace(ROW, better="<=", ratio=1 / FLOORS[LINE])
    assert not fallen([row])
    assert fallen([replace(row, ratio=row.ratio * 2.5)])


def test_each_row_that_is_measured_has_a_floor_and_each_floor_a_row() -> None:
    assert {row.name for measure in PARTS for row in measure(1)} == set(FLOORS)
