"""What a reader of frames promises of each tick that it returns."""

from __future__ import annotations

from tickstream.core.text import LONGEST
from tickstream.core.tick import EARLIEST, FIELDS, TOMORROW, Tick

__all__ = ["has_its_types", "is_whole"]


def has_its_types(tick: Tick) -> bool:
    return all(
        FIELDS[name] == list[str] if isinstance(value, list) else type(value) is FIELDS[name]
        for name, value in tick.said.items()
    )


def is_whole(tick: Tick | None, now: float) -> bool:
    """Whether it is what a reader may return: nothing, or a tick that keeps every promise."""
    if tick is None:
        return True
    said = tick.said
    texts = [value for value in said.values() if isinstance(value, str)]
    texts += [text for value in said.values() if isinstance(value, list) for text in value]
    numbers = [value for value in said.values() if isinstance(value, float)]
    return (
        bool(tick.id)
        and tick.id == said["id"]
        and ("price" in said or "time" in said)
        and has_its_types(tick)
        and all(text.isprintable() and len(text) <= LONGEST for text in texts)
        and all(number - number == 0 for number in numbers)
        and (tick.time is None or EARLIEST <= tick.time <= now * 1000 + TOMORROW)
    )
