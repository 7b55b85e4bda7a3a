"""Highlights end by themselves, and the last thing that was said is the note."""

from __future__ import annotations

from tickstream.core.board import Now
from tickstream.core.ports import Fired
from tickstream.sinks.highlights import LIT, Highlights

NOW = Now(1000.0, 50.0)


def test_a_row_stands_out_for_a_while_and_so_does_the_note() -> None:
    highlights, later = Highlights(), Now(NOW.wall + LIT, NOW.monotonic + LIT)
    assert (highlights.is_lit("A", NOW), highlights.note(NOW)) == (False, "")
    highlights.add(Fired("A", "A>1", 0, "A>1: 2.00", {}, "SIMULATED"), NOW)
    assert (highlights.is_lit("A", NOW), highlights.is_lit("B", NOW)) == (True, False)
    assert highlights.note(NOW) == "A>1: 2.00 [SIMULATED]"
    highlights.say("something else", NOW)
    assert highlights.note(NOW) == "something else"
    assert (highlights.is_lit("A", later), highlights.note(later)) == (False, "")
