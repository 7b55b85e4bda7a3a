"""How many layouts are kept, and which of them goes."""

from __future__ import annotations

from tickstream.core.tick import Value
from tickstream.sources.yahoo.frames import encode, payload_of
from tickstream.sources.yahoo.layouts import Layouts
from tickstream.sources.yahoo.pricing_pb2 import PricingData

NAMES = {field.number: field.name for field in PricingData.DESCRIPTOR.fields}


def test_the_oldest_layout_goes_and_no_other() -> None:
    layouts, messages = Layouts(most=2), []
    for symbol in ("A", "BB", "CCC"):
        said: dict[str, Value] = {"id": symbol, "price": 1.5, "time": 1_789_000_000_000}
        message = payload_of(encode(said))
        assert message
        layouts.learn(message, said, NAMES)
        messages.append(message)
    assert [len(layouts.find(message)) for message in messages] == [0, 1, 1]


def test_there_is_room_for_every_symbol_that_can_be_followed() -> None:
    layouts = Layouts()
    said: dict[str, Value] = {"id": "S00000", "price": 1.5, "time": 1_789_000_000_000}
    first = payload_of(encode(said))
    assert first
    layouts.learn(first, said, NAMES)
    for number in range(1, 10_000):
        said = said | {"id": f"S{number:05d}"}
        message = first.replace(b"S00000", str(said["id"]).encode())
        layouts.learn(message, said, NAMES)
    assert layouts.find(first)


def test_of_one_symbol_the_layouts_that_were_learnt_first_go() -> None:
    layouts, messages = Layouts(), []
    for length in range(Layouts.EACH + 3):
        said: dict[str, Value] = {
            "id": "A",
            "price": 1.5,
            "time": 1_789_000_000_000,
            "short_name": "x" * length,
        }
        message = payload_of(encode(said))
        assert message
        layouts.learn(message, said, NAMES)
        messages.append(message)
    assert [bool(layouts.find(message)) for message in messages] == [False] * 3 + [True] * Layouts.EACH
