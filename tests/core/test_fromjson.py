"""Ticks and events read back from JSON: what is broken or cannot be true is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tickstream.core.fromjson import read
from tickstream.core.ports import Dropped, Gap, Link, Rewound, Status, Unreadable
from tickstream.core.text import LONGEST
from tickstream.core.tick import Tick
from tickstream.errors import WireError

NOW = 1_790_000_000.0
TIME = int(NOW * 1000)


def tick(**more: Any) -> str:
    return json.dumps({"id": "AAPL", "price": 1.5, "time": TIME} | more)


def test_a_tick_has_the_fields_that_we_know_with_their_types_and_clean_texts() -> None:
    frame = tick(price=3, short_name="a\x1b[31mb\u202e", unheard_of={"x": 1}, indices=["a\x9b", "b"])
    said = read(frame.encode(), now=NOW)
    assert isinstance(said, Tick)
    assert said.to_dict() == {
        "id": "AAPL", "price": 3.0, "time": TIME, "short_name": "a[31mb", "indices": ["a", "b"]
    }  # fmt: skip
    assert isinstance(said.price, float)
    assert said.raw == frame


def test_a_time_that_is_none_is_left_out_and_counted() -> None:
    said = read(tick(time=5).encode(), now=NOW)
    assert isinstance(said, Tick)
    assert (said.time, said.dropped) == (None, 1)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"[]", b"null", b"\xff", b'{"price":1}', b'{"id":"","price":1}', b'{"id":"A"}',
        b'{"id":"A","time":5}', b'{"id":"A","price":"1"}', b'{"id":"A","price":NaN}', b"[" * 100_000,
        b'{"type":"status","state":5}', b'{"type":7}',
        b'{"type":"gap","start":1,"end":99999999999999999}', b'{"type":"gap","start":-5,"end":1}',
    ],
)  # fmt: skip
def test_what_is_broken_is_an_error_and_never_half_a_tick(frame: bytes) -> None:
    with pytest.raises(WireError):
        read(frame, now=NOW)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        (
            {"type": "status", "state": "backoff", "time": TIME, "reason": "a\x1bb", "retry_in": 3.5},
            Status(Link.BACKOFF, TIME, "ab", 0, 3.5),
        ),
        (
            {"type": "status", "state": "live", "time": TIME, "mark": "SIMULATED"},
            Status(Link.LIVE, TIME, mark="SIMULATED"),
        ),
        ({"type": "gap", "start": TIME - 5, "end": TIME}, Gap(TIME - 5, TIME)),
        ({"type": "dropped", "count": 3, "time": TIME}, Dropped(3, TIME, "upstream")),
        ({"type": "rewound", "time": TIME}, Rewound(TIME)),
        ({"type": "unreadable", "count": 3, "time": TIME, "reason": "x"}, Unreadable(3, TIME, "x")),
        ({"type": "status", "state": "delirious", "time": TIME}, None),
        ({"type": "of a later version", "time": TIME}, None),
    ],
)  # fmt: skip
def test_events_are_what_they_were_at_the_server(said: dict[str, Any], event: object) -> None:
    assert read(json.dumps(said).encode(), now=NOW) == event


@pytest.mark.parametrize("letter", ["z", "é"])
def test_a_text_of_100_kb_is_cut(letter: str) -> None:
    tick = read(json.dumps({"id": "A", "price": 1.0, "short_name": letter * 100_000}), now=NOW)
    assert isinstance(tick, Tick)
    assert tick.short_name == letter * LONGEST
