"""Events: one shape in JSON, one sentence for people."""

from __future__ import annotations

import pytest

from tickstream.core.ports import Dropped, Event, Gap, Link, Status, event_dict


@pytest.mark.parametrize(
    ("event", "printed", "said"),
    [
        (
            Status(Link.LIVE, 5),
            {"type": "status", "state": "live", "time": 5, "attempt": 0},
            "live",
        ),
        (
            Status(Link.BACKOFF, 5, "cannot find host", 3, 1.25, "SIMULATED"),
            {"type": "status", "state": "backoff", "time": 5, "reason": "cannot find host", "attempt": 3,
             "retry_in": 1.25, "mark": "SIMULATED"},
            "not connected: cannot find host [SIMULATED]; next try in 1.2 s (attempt 3)",
        ),
        (
            Gap(1000, 3500),
            {"type": "gap", "start": 1000, "end": 3500},
            "gap of 2.5 s: what was said meanwhile is lost",
        ),
        (
            Gap(1000, 3500, "lost"),
            {"type": "gap", "start": 1000, "end": 3500, "reason": "lost"},
            "gap of 2.5 s (lost): what was said meanwhile is lost",
        ),
        (
            Dropped(1234, 5),
            {"type": "dropped", "count": 1234, "time": 5},
            "the reader is too slow: 1,234 ticks dropped",
        ),
    ],
)  # fmt: skip
def test_an_event_has_one_shape_and_one_sentence(event: Event, printed: dict[str, object], said: str) -> None:
    assert event_dict(event) == printed
    assert next(iter(event_dict(event))) == "type"
    assert str(event) == said


def test_a_number_of_zero_is_printed() -> None:
    assert event_dict(Gap(0, 0)) == {"type": "gap", "start": 0, "end": 0}
    assert event_dict(Status(Link.BACKOFF, 0, retry_in=0.0))["retry_in"] == 0.0
