"""Notes: lines for people, which hold up nobody and are not lost in silence."""

from __future__ import annotations

import os

from tests.support.pipes import Pipe, fill, read_all
from tickstream.sinks.notes import Notes


def test_notes_are_lines_in_their_order(pipe: Pipe) -> None:
    notes = Notes(pipe[1])
    for number in range(50):
        notes.say(f"note {number} ü \ud800")
    notes.close(10)
    os.close(pipe[1])
    assert read_all(pipe[0]).decode() == "".join(f"tickstream: note {n} ü ?\n" for n in range(50))


def test_when_nobody_reads_notes_the_oldest_are_lost_and_nobody_waits(pipe: Pipe) -> None:
    filled = fill(pipe[1])
    notes = Notes(pipe[1], most=5)
    for number in range(500):
        notes.say(f"note {number}")
    got = os.read(pipe[0], filled)
    while b"note 499\n" not in got:
        got += os.read(pipe[0], 65536)
    lines = got[filled:].decode().splitlines()
    assert lines[-5:] == [f"tickstream: note {number}" for number in range(495, 500)]
    said = [line for line in lines if line.startswith("tickstream: note")]
    lost = sum(int(line.split()[1]) for line in lines if line.endswith("lost here: stderr is too slow"))
    assert lost > 0
    assert len(said) + lost == 500
    notes.close(10)


def test_what_makes_a_terminal_ring_is_sent_as_it_is(pipe: Pipe) -> None:
    notes = Notes(pipe[1])
    notes.send("\a")
    notes.say("note")
    notes.close(10)
    assert os.read(pipe[0], 100) == b"\atickstream: note\n"


def test_notes_that_nobody_can_read_are_no_error(pipe: Pipe) -> None:
    os.close(pipe[0])
    notes = Notes(pipe[1])
    for number in range(10):
        notes.say(f"note {number}")
    notes.close(10)
    Notes().close()
