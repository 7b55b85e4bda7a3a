"""What instances say to each other: read back as it was written, and nothing else believed."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.ports import Outcome
from tickstream.core.values import (
    Closes,
    Headline,
    MarketTime,
    Part,
    Periods,
    Quote,
    Returns,
    Span,
    Summary,
)
from tickstream.server.cluster.messages import (
    MOST,
    BadMessage,
    Beat,
    GapMessage,
    PartsMessage,
    Round,
    TicksMessage,
    WishMessage,
    encode,
    kept_part,
    parts_message,
    read_bus,
    read_kept,
    read_ticks,
    read_wish,
    tick_of,
    wish_text,
)

PARTS = {
    "quote:AAPL": Quote(symbol="AAPL", price=0.1, volume=3, name="Äpple"),
    "trend:AAPL": Closes(prices=(1.0, 2.0), times=(1.0, 2.0), span=Span(1.0, 2.0)),
    "movers:day_gainers": [Quote(symbol="A"), Quote(symbol="B", change=-1.5)],
    "headlines": [Headline(title="One", published=5.0)],
    "markettime": MarketTime(open=True, time=7.0),
    "periods:^FTSE": Periods(regular=Span(1.0, 2.0)),
    "similar:AAPL": ["MSFT"],
    "news:AAPL": [],
    "summary:AAPL": Summary(sector="Technology"),
    "returns:XLK": Returns(ytd=1.0),
}


@pytest.mark.parametrize("key", PARTS)
def test_a_part_is_the_same_at_the_other_end(key: str) -> None:
    outcome = Outcome(
        {key: Part(PARTS[key], 5.0, 9.0)}, frozenset({"quote:X"}), frozenset({"quote:Y"}), "why"
    )
    message = read_bus(encode(parts_message("a", "quotes", 7, outcome)))
    assert isinstance(message, PartsMessage)
    assert message.outcome() == outcome
    assert (message.i, message.lease, message.e) == ("a", "quotes", 7)


@pytest.mark.parametrize("key", PARTS)
def test_a_part_is_kept_with_its_lease(key: str) -> None:
    part = Part(PARTS[key], 5.0, 9.0)
    assert read_kept(key, kept_part("quotes", 7, part)) == ("quotes", 7, part)


@pytest.mark.parametrize(
    "message",
    [Beat("a", 3, "live", "", "SIMULATED"), Round("a", 2), WishMessage("a"), GapMessage("a", 1, 2, "why")],
)
def test_a_message_is_the_same_at_the_other_end(message: Beat | Round | WishMessage | GapMessage) -> None:
    assert read_bus(encode(message)) == message


def test_pushes_keep_their_types_and_fields_that_are_none_of_ours_are_left_out() -> None:
    said = {
        "id": "AAPL",
        "price": 171.0,
        "time": 1_700_000_000_000,
        "market_hours": 0,
        "components": "a\x1b[2Jb",
        "indices": ["a\x1b[2Jb"],
    }
    (heard,) = read_ticks(encode(TicksMessage("a", 1, [said | {"evil": 1}]))).ticks
    tick = tick_of(heard)
    assert tick is not None
    assert tick.to_dict() == said | {"components": "a[2Jb", "indices": ["a[2Jb"]}
    assert isinstance(tick.price, float)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quote:AAPL", Quote(symbol="AAPL", name=f"a\x1b[2J\u202eb{'z' * 100_000}")),
        ("headlines", [Headline(title=f"a\x1b[2J\u202eb{'z' * 100_000}")]),
    ],
)
def test_texts_of_parts_are_cleaned_and_cut(key: str, value: object) -> None:
    message = read_bus(encode(parts_message("a", "quotes", 7, Outcome({key: Part(value, 5.0, 9.0)}))))
    assert isinstance(message, PartsMessage)
    read = message.outcome().parts[key].value
    text = read[0].title if isinstance(read, list) else read.name  # type: ignore[attr-defined]
    assert text.startswith("a[2Jbz")
    assert len(text) == 2000
    kept = read_kept(key, kept_part("quotes", 7, Part(value, 5.0, 9.0)))[2].value
    assert kept == read


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"id": 5, "price": 1.0},
        {"id": "A"},
        {"id": "A", "price": "1"},
        {"id": "A", "price": True},
        {"id": "A", "time": 1.5},
    ],
)
def test_what_is_no_push_is_none(said: dict[str, object]) -> None:
    assert tick_of(said) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'{"k":"none","i":"a"}',
        b'{"k":"beat","i":5,"n":1}',
        b'{"k":"parts","i":"a","lease":"quotes","e":"x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        pickle.dumps({"k": "beat"}),
        b'{"k":"beat","i":"a","n":1,"reason":"' + b"x" * MOST + b'"}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(data: bytes) -> None:
    with pytest.raises(BadMessage):
        read_bus(data)
    with pytest.raises(BadMessage):
        read_ticks(data)


@pytest.mark.parametrize("key", ["quote:AAPL", "evil:AAPL", "markettime"])
@pytest.mark.parametrize("value", ["5", '{"symbol":5}', "[[]]", '"text"'])
def test_a_value_of_another_type_is_refused(key: str, value: str) -> None:
    data = json.dumps(
        {"k": "parts", "i": "a", "lease": "quotes", "e": 1, "parts": {key: [json.loads(value), 1.0, 2.0]}}
    )
    message = read_bus(data.encode())
    assert isinstance(message, PartsMessage)
    with pytest.raises(BadMessage):
        message.outcome()


@given(st.binary(max_size=200))
def test_whatever_comes_only_bad_messages_come_out(data: bytes) -> None:
    for read in (read_bus, read_ticks):
        try:
            read(data)
        except BadMessage:
            continue


def test_a_wish_is_read_back_and_one_that_cannot_be_read_is_empty() -> None:
    assert read_wish(wish_text({"quote:A", "tick:B"})) == {"quote:A", "tick:B"}
    assert read_wish(b"junk") == frozenset()
    assert read_wish(b"[1]") == frozenset()
