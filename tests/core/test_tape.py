"""Tapes: what is written is read again, and what is not a tape is told from what is a broken one."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.streamer import frame
from tickstream.core.fromjson import tick_of
from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Dropped, Event, Gap, Link, Rewound, Status, Unreadable
from tickstream.core.tape import (
    VERSION,
    OtherVersion,
    Push,
    Told,
    check_head,
    line_of,
    mark_replay,
    read_line,
    version_line,
)
from tickstream.core.tick import EARLIEST, Tick, Value
from tickstream.errors import UsageError, WireError
from tickstream.sources.yahoo.frames import decode

AT = 1_789_000_000_123
HEAD = version_line(AT)


def written(item: Tick | Event, at: int = AT) -> bytes:
    return json_lines([line_of(at, item)]).rstrip(b"\n")


# -- lines, both ways


def test_a_push_is_the_text_it_came_in_and_when() -> None:
    text = frame("AAPL", 171.52)
    tick = decode(text)
    assert tick is not None
    assert json.loads(written(tick)) == {"at": AT, "raw": text}
    assert read_line(written(tick)) == Push(AT, text)


@pytest.mark.parametrize("raw", ["", '{"id":"AAPL","price":171.52,"time":1788999999000}'])
def test_a_push_that_came_without_a_text_of_yahoos_is_what_it_said(raw: str) -> None:
    said: dict[str, Value] = {"id": "AAPL", "price": 171.52, "time": 1_788_999_999_000}
    tick = Tick("AAPL", dict(said), _raw=raw)
    assert json.loads(written(tick)) == {"at": AT, "said": said}
    push = read_line(written(tick))
    assert isinstance(push, Push)
    assert push.said is not None
    assert tick_of(dict(push.said), push.at) == tick


@pytest.mark.parametrize(
    "event",
    [
        Status(Link.BACKOFF, AT, "refused", 3, 2.5, "SIMULATED"),
        Status(Link.LIVE, AT),
        Gap(AT - 5000, AT, "why"),
        Dropped(7, AT, "upstream"),
        Unreadable(2, AT, "broken JSON"),
    ],
    ids=lambda event: event.type,
)
def test_an_event_is_on_it_as_events_prints_it(event: Event) -> None:
    assert read_line(written(event)) == Told(AT, event)


def test_a_line_is_ascii_whatever_was_said() -> None:
    line = written(Tick.from_dict({"id": "AAPL", "price": 1.0, "short_name": "Ünï \x7f\u202e"}))
    assert line.isascii()
    assert b"\x7f" not in line


def test_a_version_line_in_the_middle_is_no_record_and_no_error() -> None:
    assert read_line(HEAD.rstrip()) is None


def test_an_event_that_nobody_knows_is_none() -> None:
    assert read_line(b'{"at":%d,"type":"eclipse","of":"the moon"}' % AT) is None


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"null", b"[]", b"\xff\xfe", b"{}", b'{"raw":"x"}', b'{"at":%d}' % AT, b'{"at":"x","raw":"y"}',
        b'{"at":5,"raw":"x"}', b'{"at":99999999999999,"raw":"x"}', b'{"at":%d,"raw":5}' % AT,
        b'{"at":%d,"said":{"id":"A","price":"x"}}' % AT, b'{"at":%d,"type":"gap","start":-1,"end":2}' % AT,
        b'{"type":"tape","version":"x"}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_line_of_a_tape_is_broken(line: bytes) -> None:
    with pytest.raises(WireError):
        read_line(line)


@given(st.binary(max_size=80) | st.binary(max_size=40).map(written(Gap(1, 2)).__add__))
@example(b'{"type":"tape","version":')
def test_whatever_the_line_it_is_a_record_none_or_broken(line: bytes) -> None:
    try:
        record = read_line(line)
    except (WireError, OtherVersion):
        return
    assert record is None or isinstance(record, (Push, Told))


words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x17F, exclude_categories=["C", "Z"]))
stamps = st.integers(AT - 10**12 + 1, AT)
events = (
    st.builds(Status, st.sampled_from(Link), stamps, words, st.integers(0, 99))
    | st.tuples(stamps, stamps).map(lambda span: Gap(min(span), max(span), "why"))
    | st.builds(Dropped, st.integers(1, 10**6), stamps, st.just("upstream"))
    | st.builds(Rewound, stamps)
    | st.builds(Unreadable, st.integers(1, 10**6), stamps, words)
)


@given(events)
def test_whatever_event_is_written_is_read_the_same(event: Event) -> None:
    line = written(event)
    assert line.isascii()
    assert b"\n" not in line
    assert read_line(line) == Told(AT, event)


@given(st.text(min_size=1).filter(lambda raw: not raw.startswith('{"id":')), st.integers(EARLIEST, AT))
@example("\n\x1b\u2028", AT)
def test_whatever_text_a_push_came_in_is_read_the_same(raw: str, at: int) -> None:
    if any("\ud800" <= char <= "\udfff" for char in raw):
        return
    line = written(Tick("A", {"id": "A"}, _raw=raw), at)
    assert line.isascii()
    assert b"\n" not in line
    assert read_line(line) == Push(at, raw)


def test_text_of_events_is_cleaned() -> None:
    told = read_line(b'{"at":%d,"type":"unreadable","count":1,"time":5,"reason":"\\u001b[31mred"}' % AT)
    assert isinstance(told, Told)
    assert told.event == Unreadable(1, 5, "[31mred")


# -- the head


def test_a_tape_says_when_it_was_begun() -> None:
    assert check_head(HEAD + b"{") == AT
    assert check_head(HEAD.rstrip(b"\n")) == AT


@pytest.mark.parametrize("size", range(len(HEAD) - 1))
def test_a_tape_that_is_cut_within_its_first_line_is_still_one(size: int) -> None:
    assert check_head(HEAD[:size]) in (None, AT)


@pytest.mark.parametrize(
    "head", [b"hello", b"{}\n", b"\n", b"\x00", b'{"type":"tape"}\n', b'{"a":1}\n' + HEAD]
)
def test_what_begins_otherwise_is_no_tape(head: bytes) -> None:
    with pytest.raises(WireError, match="not a tape"):
        check_head(head)


def test_another_version_is_said_in_one_line_wherever_it_stands() -> None:
    other = HEAD.replace(b'"version":%d' % VERSION, b'"version":9')
    for read in (check_head, read_line):
        with pytest.raises(UsageError, match="a tape of version 9, and this tickstream reads version 1"):
            read(other)


# -- marks


@pytest.mark.parametrize(
    ("mark", "replayed"),
    [("", "REPLAY"), ("SIMULATED", "REPLAY SIMULATED"), ("REPLAY SIMULATED", "REPLAY SIMULATED")],
)
def test_what_is_played_is_marked_beside_what_it_was_marked_as(mark: str, replayed: str) -> None:
    assert mark_replay(mark) == replayed
