"""Faults of messages that are asked for together strike together."""

from __future__ import annotations

from tickstream.core.tick import Value
from tickstream.simulator.faults import Fault, Faults
from tickstream.simulator.frames import Frame, afflicted
from tickstream.sources.yahoo.frames import decode

TIME = 1_789_000_000_000
SAID: dict[str, Value] = {"id": "AAPL", "price": 100.0, "time": TIME, "quote_type": 8, "market_hours": 1}


def test_faults_of_one_message_are_combined() -> None:
    faults = Faults([Fault.parse(text) for text in ("double", "old=60", "type=earnings", "unknown")])
    ticks = [decode(message) for message in afflicted(Frame(SAID), 2, faults, sent=0)]
    assert ticks[0] is None
    assert [tick.time for tick in ticks[1:] if tick] == [TIME, TIME, TIME - 60_000]


def test_the_worst_of_what_bends_a_message_decides() -> None:
    faults = Faults([Fault.parse("unknown"), Fault.parse("garbage=json")])
    assert list(afflicted(Frame(SAID), 2, faults, sent=0)) == [Frame(SAID).text(2)[:-2]]
