"""Frames: what Yahoo sends is read as it was meant, and what is broken is never half a tick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.ticks import has_its_types, is_whole
from tickstream.core.float32 import float32
from tickstream.core.text import LONGEST
from tickstream.core.tick import EARLIEST, FIELDS, TOMORROW, Value
from tickstream.errors import WireError
from tickstream.sources.yahoo.frames import decode, encode, payload_of

few = settings(max_examples=150, deadline=None, database=None)

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "yahoo" / "streamer"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded frames in ../shared")
HIDDEN = {"field_46", "field_47"}

STAMP = 1_700_000_000_000
NOW = STAMP / 1000 + 1

# An encoder of our own, after WIRE.md A.3: the codec under test must not vouch for itself.


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def zigzag(number: int) -> bytes:
    return varint(((number << 1) ^ (number >> 63)) & (2**64 - 1))


def text(field: int, value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def single(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + pack("<f", value)


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + pack("<d", value)


def signed(field: int, value: int) -> bytes:
    return varint(field << 3) + zigzag(value)


def plain(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def bare(*parts: bytes) -> str:
    """A frame of version 1."""
    return b64encode(b"".join(parts)).decode()


def enveloped(frame: str) -> str:
    """The same frame in version 2."""
    return json.dumps({"type": "pricing", "message": frame}, separators=(",", ":"))


def said_by(*parts: bytes) -> dict[str, Value]:
    tick = decode(bare(*parts), now=NOW)
    assert tick is not None
    return tick.to_dict()


Known = tuple[bytes, dict[str, Value]]

ID, PRICE, TIME = text(1, "AAPL"), single(2, 171.52), signed(3, STAMP)

REGULAR: Known = (
    ID + PRICE + TIME + text(5, "NMS") + plain(6, 8) + plain(7, 1) + single(8, 0.53) + signed(9, 51_234_567)
    + single(12, 0.91) + signed(27, 2),
    {"id": "AAPL", "price": 171.52, "time": STAMP, "exchange": "NMS", "quote_type": 8, "market_hours": 1,
     "change_percent": 0.53, "day_volume": 51_234_567, "change": 0.91, "price_hint": 2},
)  # fmt: skip
PRE_MARKET: Known = (
    ID + PRICE + TIME + text(5, "NMS") + plain(6, 8) + plain(7, 0) + single(8, -0.1) + single(12, -0.17)
    + signed(27, 2),
    {"id": "AAPL", "price": 171.52, "time": STAMP, "exchange": "NMS", "quote_type": 8, "market_hours": 0,
     "change_percent": -0.1, "change": -0.17, "price_hint": 2},
)  # fmt: skip
FX: Known = (
    text(1, "EURUSD=X") + single(2, 1.15327) + TIME + text(5, "CCY") + plain(6, 14) + plain(7, 1)
    + single(8, 0.092867784) + single(12, 0.0010700226) + single(23, 1.1531) + single(25, 1.1533)
    + signed(27, 4),
    {"id": "EURUSD=X", "price": 1.15327, "time": STAMP, "exchange": "CCY", "quote_type": 14,
     "market_hours": 1, "change_percent": 0.092867784, "change": 0.0010700226, "bid": 1.1531,
     "ask": 1.1533, "price_hint": 4},
)  # fmt: skip
CRYPTO: Known = (
    text(1, "BTC-USD") + single(2, 51078.07) + TIME + text(4, "USD") + text(5, "CCC") + plain(6, 41)
    + plain(7, 1) + signed(9, 37_793_116_160) + single(10, 51238.69) + single(11, 50452.633)
    + text(13, "Bitcoin USD") + single(15, 50_000.0) + signed(22, 37_793_116_160) + signed(27, 2)
    + signed(28, 37_793_116_160) + signed(29, 37_793_116_160) + text(30, "BTC") + text(31, "CoinMarketCap")
    + double(32, 18_893_724.0) + double(33, 965_055_020_000.123),
    {"id": "BTC-USD", "price": 51078.07, "time": STAMP, "currency": "USD", "exchange": "CCC",
     "quote_type": 41, "market_hours": 1, "day_volume": 37_793_116_160, "day_high": 51238.69,
     "day_low": 50452.633, "short_name": "Bitcoin USD", "open_price": 50_000.0,
     "last_size": 37_793_116_160, "price_hint": 2, "vol_24hr": 37_793_116_160,
     "vol_all_currencies": 37_793_116_160, "from_currency": "BTC", "last_market": "CoinMarketCap",
     "circulating_supply": 18_893_724.0, "market_cap": 965_055_020_000.123},
)  # fmt: skip
OPTION: Known = (
    text(1, "AAPL250117P00150000") + single(2, 3.45) + TIME + plain(6, 13) + signed(14, 1_737_072_000)
    + single(17, 150.0) + text(18, "AAPL") + signed(19, 12_345) + signed(20, 1) + signed(21, 0)
    + signed(24, 7) + signed(26, 9),
    {"id": "AAPL250117P00150000", "price": 3.45, "time": STAMP, "quote_type": 13,
     "expire_date": 1_737_072_000, "strike_price": 150.0, "underlying_symbol": "AAPL",
     "open_interest": 12_345, "options_type": 1, "mini_option": 0, "bid_size": 7, "ask_size": 9},
)  # fmt: skip
LATE_FIELDS: Known = (
    ID + PRICE + text(34, "a") + text(35, "^GSPC") + text(35, "^NDX") + signed(36, 12) + text(37, "Apple")
    + single(38, 1.5) + single(39, 2.5) + single(40, 3.5) + signed(41, STAMP) + text(42, "A")
    + single(43, 4.5) + single(44, 5.5) + single(45, 6.5),
    {"id": "AAPL", "price": 171.52, "components": "a", "indices": ["^GSPC", "^NDX"], "cmc_rank": 12,
     "underlying_shortname": "Apple", "fifty_two_week_change": 1.5, "fifty_two_week_change_percent": 2.5,
     "latest_amount_raised": 3.5, "latest_funding_date": STAMP, "latest_share_class": "A",
     "latest_implied_valuation": 4.5, "ytd_return": 5.5, "qtd_return": 6.5},
)  # fmt: skip
KNOWN: dict[str, Known] = {
    "regular": REGULAR,
    "pre-market": PRE_MARKET,
    "fx": FX,
    "crypto": CRYPTO,
    "option": OPTION,
    "late fields": LATE_FIELDS,
}
EVERY_WAY = (
    lambda frame: frame,
    lambda frame: frame.encode(),
    enveloped,
    lambda frame: enveloped(frame).encode(),
)


def recordings() -> list[dict[str, Any]]:
    return [
        record
        for path in sorted(RECORDED.glob("*.jsonl"))
        for record in map(json.loads, path.read_text().splitlines())
        if record["raw"]
    ]


@recorded
def test_every_recorded_frame_says_what_was_written_down_beside_it() -> None:
    frames = recordings()
    assert len(frames) >= 40
    for record in frames:
        expected = {name: value for name, value in record["decoded"].items() if name not in HIDDEN}
        for framed in EVERY_WAY:
            tick = decode(framed(record["raw"]), now=NOW + 10 * 365 * 86_400)
            assert tick is not None
            assert list(tick.to_dict().items()) == list(expected.items())
            assert has_its_types(tick)


@recorded
def test_every_recorded_frame_is_written_again_byte_for_byte() -> None:
    for record in recordings():
        assert encode(record["decoded"], version=1) == record["raw"]
        assert encode(record["decoded"]) == enveloped(record["raw"])


@pytest.mark.parametrize("name", KNOWN)
def test_each_kind_of_message_is_read_with_its_types_and_in_its_order(name: str) -> None:
    message, expected = KNOWN[name]
    for framed in EVERY_WAY:
        tick = decode(framed(bare(message)), now=NOW)
        assert tick is not None
        assert list(tick.to_dict().items()) == list(expected.items())
        assert has_its_types(tick)


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_encoded_is_the_message_byte_for_byte(name: str) -> None:
    message, said = KNOWN[name]
    assert b64decode(encode(said, version=1)) == message
    assert encode(said, version=2) == enveloped(bare(message))


SAMPLES: dict[type, Value] = {str: "x", int: 1, float: 1.5}


def test_every_field_of_the_message_is_a_field_of_a_tick_in_the_same_order() -> None:
    every: dict[str, Value] = {
        name: SAMPLES.get(kind, ["x"]) for name, kind in FIELDS.items() if name != "time"
    }
    tick = decode(encode(every | {"time": STAMP}), now=NOW)
    assert tick is not None
    assert list(tick.said) == list(FIELDS)
    for name in FIELDS:
        if name not in ("id", "time"):
            assert getattr(tick, name) == every[name]


def test_explicit_zeros_are_said_and_not_absent() -> None:
    said = said_by(ID + single(2, 0.0) + TIME + plain(7, 0) + single(8, 0.0) + signed(9, 0) + single(12, 0.0))
    assert said == {
        "id": "AAPL", "price": 0.0, "time": STAMP, "market_hours": 0, "change_percent": 0.0,
        "day_volume": 0, "change": 0.0,
    }  # fmt: skip


def test_a_price_of_zero_without_a_time_is_still_a_price() -> None:
    assert said_by(ID + single(2, 0.0)) == {"id": "AAPL", "price": 0.0}


def test_a_negative_price_is_a_price() -> None:
    assert said_by(text(1, "CL=F") + single(2, -37.63) + TIME)["price"] == -37.63


def test_a_message_may_have_no_price() -> None:
    assert said_by(ID + TIME + signed(9, 5)) == {"id": "AAPL", "time": STAMP, "day_volume": 5}


def test_what_came_is_kept_as_it_came() -> None:
    frame = enveloped(bare(REGULAR[0]))
    for given_as in (frame, frame.encode()):
        tick = decode(given_as, now=NOW)
        assert tick is not None
        assert tick.raw == frame


def test_an_unknown_field_does_no_harm() -> None:
    assert said_by(ID + PRICE + TIME + signed(99, 5) + text(100, "new") + double(101, 1.0)) == {
        "id": "AAPL", "price": 171.52, "time": STAMP,
    }  # fmt: skip


def test_the_two_fields_that_nobody_understands_are_never_shown() -> None:
    assert list(said_by(ID + PRICE + TIME + single(46, 1.0) + single(47, 2.0))) == ["id", "price", "time"]


def test_an_unknown_number_of_an_enum_stays_a_number() -> None:
    said = said_by(ID + PRICE + TIME + plain(6, 999) + plain(7, 9))
    assert (said["quote_type"], said["market_hours"]) == (999, 9)


def test_a_field_of_the_wrong_wire_type_is_as_good_as_unknown() -> None:
    assert said_by(ID + PRICE + TIME + signed(12, 3) + text(27, "x")) == {
        "id": "AAPL", "price": 171.52, "time": STAMP,
    }  # fmt: skip


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_left_out(value: float) -> None:
    said = said_by(ID + single(2, value) + TIME + single(8, value) + single(12, value) + double(33, value))
    assert said == {"id": "AAPL", "time": STAMP}


def test_what_is_left_out_is_counted() -> None:
    nan = float("nan")
    for parts, dropped in (
        (ID + PRICE + TIME, 0),
        (ID + PRICE + TIME + single(46, 1.0), 0),
        (ID + PRICE + signed(3, 5), 1),
        (ID + single(2, nan) + TIME + single(8, nan) + double(33, nan), 3),
    ):
        for _ in range(2):
            tick = decode(bare(parts), now=NOW)
            assert tick is not None
            assert tick.dropped == dropped


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("time", [b"", signed(3, 5)])
def test_a_price_that_is_not_finite_does_not_stand_in_for_a_time(value: float, time: bytes) -> None:
    with pytest.raises(WireError, match="neither price nor time"):
        decode(bare(ID + single(2, value) + time), now=NOW)


@pytest.mark.parametrize(
    "time",
    [
        pytest.param(STAMP // 1000, id="seconds"),
        pytest.param(631_152_000_000, id="1990"),
        pytest.param(STAMP + 2 * TOMORROW, id="in two days"),
        pytest.param(0, id="nothing"),
        pytest.param(-1, id="negative"),
        pytest.param(2**62, id="huge"),
        pytest.param(EARLIEST - 1, id="just too early"),
    ],
)
def test_a_time_that_cannot_be_is_left_out(time: int) -> None:
    assert said_by(ID + PRICE + signed(3, time)) == {"id": "AAPL", "price": 171.52}
    with pytest.raises(WireError, match="neither price nor time"):
        decode(bare(ID + signed(3, time)), now=NOW)


@pytest.mark.parametrize("time", [EARLIEST, int(NOW * 1000) + TOMORROW])
def test_a_time_at_the_edge_is_a_time(time: int) -> None:
    assert said_by(ID + signed(3, time)) == {"id": "AAPL", "time": time}


def test_a_heartbeat_is_no_business_of_ours() -> None:
    assert decode(bare(text(1, "AAPL") + PRICE + TIME + plain(6, 7)), now=NOW) is None
    assert decode(bare(plain(6, 7)), now=NOW) is None


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"earnings","message":{"a":[1,null]}}',
        '{"type":"earnings","message":null}',
        '{"type":"earnings","message":5}',
        '{"type":"earnings","message":"not base64 at all"}',
        '{"type":"earnings"}',
        '{"type":"polymarket","message":"CgRBQVBM","more":{"deep":[[]]}}',
        "{}",
    ],
)
def test_a_frame_of_another_type_is_no_business_of_ours(frame: str) -> None:
    assert decode(frame) is None
    assert decode(frame.encode()) is None


DEEP = 200_000
DIGITS = "1" * 5000


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("{", id="half an object"),
        pytest.param("[]", id="array"),
        pytest.param("null", id="null"),
        pytest.param("123", id="number"),
        pytest.param('"AAPL"', id="string"),
        pytest.param("\ufeff{}", id="byte order mark"),
        pytest.param("\x00", id="NUL"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param('{"type":"\ud800"}', id="lone surrogate in JSON"),
        pytest.param('{"type":"earnings"} junk', id="more after the end"),
        pytest.param('{"type":"pricing"}', id="no message"),
        pytest.param('{"type":"pricing","message":null}', id="null message"),
        pytest.param('{"type":"pricing","message":5}', id="number as message"),
        pytest.param('{"type":"pricing","message":""}', id="empty message"),
        pytest.param('{"message":5}', id="only a number"),
        pytest.param('{"type":5}', id="type is a number"),
        pytest.param('{"type":null}', id="type is null"),
        pytest.param('{"type":"x","message":' + "[" * DEEP, id="deep nesting"),
        pytest.param('{"a":' * DEEP, id="deep objects"),
        pytest.param('{"type":' + DIGITS + "}", id="5,000 digits as type"),
        pytest.param('{"message":' + DIGITS + "}", id="5,000 digits as message"),
        pytest.param('{"type":"pricing","message":-' + DIGITS + ".5e9}", id="5,000 digits and an exponent"),
        pytest.param(DIGITS, id="5,000 digits"),
    ],
)
def test_what_is_no_frame_is_broken(frame: str) -> None:
    with pytest.raises(WireError):
        decode(frame)
    with pytest.raises(WireError):
        decode(frame.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("frame", [b"\xff\xfe{", b'{"type":"\xff"}', b"\x80", bytes(range(256))])
def test_bytes_that_are_no_text_are_broken(frame: bytes) -> None:
    with pytest.raises(WireError):
        decode(frame)


GOOD = bare(text(1, "AA") + PRICE + TIME)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("CgRB!!QVBM", id="junk"),
        pytest.param(GOOD[:4] + "!!!!" + GOOD[4:], id="a group of junk"),
        pytest.param(GOOD[:4] + "\n" * 4 + GOOD[4:], id="four line breaks"),
        pytest.param(GOOD[:9] + "\n" + GOOD[9:], id="line break"),
        pytest.param(" " + GOOD, id="blank"),
        pytest.param(GOOD.replace("=", ""), id="no padding"),
        pytest.param(GOOD + "=", id="padding after the end"),
        pytest.param(GOOD + "====", id="a group of padding"),
        pytest.param("=" + GOOD, id="padding before the start"),
        pytest.param(GOOD[:4] + "=" + GOOD[5:], id="padding within"),
        pytest.param(GOOD[:-5] + "_-" + GOOD[-3:], id="the other alphabet"),
        pytest.param(GOOD + "ü", id="no ASCII"),
    ],
)
def test_base64_is_read_strictly(message: str) -> None:
    assert len(b64decode(GOOD)) % 3, "the frame that is bent here needs padding"
    for framed in EVERY_WAY:
        with pytest.raises(WireError):
            decode(framed(message), now=NOW)


def test_a_whole_group_may_not_be_followed_by_padding() -> None:
    whole = bare(ID + PRICE + TIME)
    assert not whole.endswith("=")
    for padding in ("=", "==", "===", "===="):
        for framed in EVERY_WAY:
            with pytest.raises(WireError):
                decode(framed(whole + padding), now=NOW)


def test_a_message_without_a_symbol_is_broken() -> None:
    for parts in (PRICE + TIME, text(1, "") + PRICE + TIME, text(1, "\u202e\x1b") + PRICE + TIME):
        with pytest.raises(WireError, match="without a symbol"):
            decode(bare(parts), now=NOW)


def test_a_message_with_neither_price_nor_time_is_broken() -> None:
    with pytest.raises(WireError, match="neither price nor time"):
        decode(bare(ID + signed(9, 5) + single(12, 1.0)), now=NOW)


def test_invalid_utf_8_in_a_text_is_broken() -> None:
    with pytest.raises(WireError, match="not a PricingData"):
        decode(bare(ID + PRICE + TIME + text(13, b"Caf\xff")), now=NOW)


@pytest.mark.parametrize("name", KNOWN)
def test_a_message_cut_anywhere_is_broken_or_says_less_and_nothing_else(name: str) -> None:
    message, expected = KNOWN[name]
    for cut in range(len(message)):
        try:
            tick = decode(bare(message[:cut]), now=NOW)
        except WireError:
            continue
        if tick is None:
            assert cut == 0
            continue
        items = list(tick.said.items())
        assert items[: len(items) - 1] == list(expected.items())[: len(items) - 1]
        assert items[-1][0] in expected


NASTY = {
    "escape": "Evil \x1b[31mred\x1b[0m",
    "operating system command": "x\x1b]0;owned\x07y",
    "8-bit escape": "x\x9b31mred",
    "bidi": "safe\u202egnp.exe\u2066\u2069",
    "zero width": "A\u200bB\u2060C\ufeff",
    "line breaks": "one\r\ntwo\u2028three",
    "NUL and DEL": "a\x00b\x7f",
}


@pytest.mark.parametrize("name", NASTY)
def test_a_text_that_could_harm_a_terminal_is_cleaned(name: str) -> None:
    said = said_by(ID + PRICE + TIME + text(13, NASTY[name]) + text(35, NASTY[name]))
    for cleaned in (said["short_name"], *said["indices"]):  # type: ignore[misc]
        assert isinstance(cleaned, str)
        assert cleaned
        assert cleaned.isprintable()


def test_markup_is_text_like_any_other() -> None:
    assert said_by(ID + PRICE + text(13, "[red]x[/foo] :smile:"))["short_name"] == "[red]x[/foo] :smile:"


def test_a_text_of_100_kB_is_cut() -> None:
    for long in ("x" * 100_000, "ü" * 100_000, "e" + "\u0301" * 100_000):
        assert said_by(ID + PRICE + text(13, long))["short_name"] == long[:LONGEST]
    said = said_by(text(1, "A" * 100_000) + PRICE)
    assert said["id"] == "A" * LONGEST


def test_the_symbol_of_a_tick_is_the_symbol_that_it_says() -> None:
    for symbol in ("AAPL", "\u202eAAPL", "A\x1b" * 1000, "é" * 300):
        tick = decode(bare(text(1, symbol) + PRICE), now=NOW)
        assert tick is not None
        assert tick.id == tick.said["id"]


def test_a_symbol_said_twice_is_the_last_one() -> None:
    assert said_by(ID + text(1, "MSFT") + PRICE)["id"] == "MSFT"


def test_the_payload_is_the_message_in_both_versions() -> None:
    for framed in EVERY_WAY:
        assert payload_of(framed(bare(REGULAR[0]))) == REGULAR[0]
    assert payload_of('{"type":"earnings"}') is None


def test_the_present_is_now_unless_somebody_says_otherwise() -> None:
    tick = decode(bare(ID + signed(3, STAMP)))
    assert tick is not None
    assert tick.time == STAMP
    with pytest.raises(WireError):
        decode(bare(ID + signed(3, STAMP)), now=STAMP / 1000 - 3 * 86_400)


def try_to_decode(frame: str | bytes) -> None:
    try:
        tick = decode(frame, now=NOW)
    except WireError:
        return
    assert is_whole(tick, NOW), tick


@few
@given(st.text() | st.binary())
@example("")
@example(b"")
def test_whatever_comes_is_a_tick_or_nothing_or_broken(frame: str | bytes) -> None:
    try_to_decode(frame)


@few
@given(st.binary())
def test_whatever_the_message_is_it_is_a_tick_or_nothing_or_broken(message: bytes) -> None:
    try_to_decode(bare(message))
    try_to_decode(enveloped(bare(message)))
    try_to_decode(bare(ID + PRICE + message))


@few
@given(
    st.sampled_from([message for message, _ in KNOWN.values()]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_real_message_with_some_bytes_changed_is_a_tick_or_nothing_or_broken(
    message: bytes, changes: list[tuple[int, int]]
) -> None:
    bent = bytearray(message)
    for place, byte in changes:
        bent[place % len(bent)] = byte
    try_to_decode(bare(bytes(bent)))


# Field 99 in front, which nobody knows: it says nothing, and no message before was laid out like that.
STRANGE = signed(99, 1)


def outcome_of(*parts: bytes) -> dict[str, Value] | str | None:
    try:
        tick = decode(bare(*parts), now=NOW)
    except WireError as error:
        return str(error)
    return None if tick is None else tick.to_dict()


@few
@given(
    st.sampled_from([message for message, _ in KNOWN.values()]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3),
)
def test_a_message_says_the_same_after_one_like_it_as_it_does_when_it_is_the_first_of_its_kind(
    message: bytes, changes: list[tuple[int, int]]
) -> None:
    bent = bytearray(message)
    for place, byte in changes:
        bent[place % len(bent)] = byte
    decode(bare(message), now=NOW)
    for _ in range(2):
        assert outcome_of(bytes(bent)) == outcome_of(STRANGE, bytes(bent))


@pytest.mark.parametrize("field", range(2, 46))
@pytest.mark.parametrize("wrong", [signed, single, double, text])
def test_a_known_field_of_any_wire_type_reads_the_same_again_and_again(
    field: int, wrong: Callable[[int, Any], bytes]
) -> None:
    value = wrong(field, "x" if wrong is text else 1)
    others = [(2, PRICE), (3, TIME), (5, text(5, "NMS"))]
    parts = [ID, *(part for _, part in sorted([*((n, p) for n, p in others if n != field), (field, value)]))]
    first = outcome_of(STRANGE, *parts)
    assert first is not None
    assert [outcome_of(*parts) for _ in range(3)] == [first] * 3


@pytest.mark.parametrize("time", [-STAMP - 1, -STAMP, STAMP + 2 * TOMORROW, STAMP + 1])
def test_a_time_is_judged_after_a_good_one_as_it_is_alone(time: int) -> None:
    good, other = ID + PRICE + TIME, ID + PRICE + signed(3, time)
    assert len(good) == len(other)
    for message in (good, good, other):
        assert outcome_of(message) == outcome_of(STRANGE, message)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", KNOWN)
def test_what_is_not_finite_is_left_out_after_what_was_just_like_it(name: str, value: float) -> None:
    message, _ = KNOWN[name]
    price = message.index(b"\x15") + 1
    other = message[:price] + pack("<f", value) + message[price + 4 :]
    for each in (message, message, other):
        assert outcome_of(each) == outcome_of(STRANGE, each)


def test_a_number_that_ends_too_early_is_read_as_what_it_is() -> None:
    # As long as the one before it, but two numbers now: the second is a tag that nobody knows.
    before = ID + PRICE + TIME + varint(9 << 3) + b"\x80\x80\x01"
    after = ID + PRICE + TIME + varint(9 << 3) + b"\x02\x60\x01"
    assert outcome_of(before) == outcome_of(STRANGE, before)
    assert outcome_of(after) == outcome_of(STRANGE, after)


@pytest.mark.parametrize("last", [0x01, 0x02, 0x04, 0x7F])
def test_a_number_of_more_than_64_bits_reads_the_same_again(last: int) -> None:
    # Found by tests/fuzz: ten bytes of seven bits each are seventy.
    message = ID + PRICE + TIME + varint(9 << 3) + b"\xda\x9c\xb6\xd4\xe1\x9a\x80\x8f\x82" + bytes([last])
    assert [outcome_of(message) for _ in range(3)] == [outcome_of(STRANGE, message)] * 3


@few
@given(
    st.sampled_from([bare(message) for message, _ in KNOWN.values()]),
    st.booleans(),
    st.integers(0, 1000),
    st.text(max_size=3),
)
def test_a_real_frame_with_a_place_changed_is_a_tick_or_nothing_or_broken(
    frame: str, wrap: bool, place: int, text: str
) -> None:
    frame = enveloped(frame) if wrap else frame
    place %= len(frame)
    try_to_decode(frame[:place] + text + frame[place + 1 :])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@few
@given(
    st.dictionaries(st.text(), json_values, max_size=3),
    st.fixed_dictionaries(
        {}, optional={"type": json_values | st.sampled_from(["pricing", "x"]), "message": json_values}
    ),
)
def test_whatever_the_envelope_is_it_is_a_tick_or_nothing_or_broken(
    more: dict[str, Any], envelope: dict[str, Any]
) -> None:
    try_to_decode(json.dumps(more | envelope))


floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
values = {
    str: words,
    int: st.integers(-(2**31), 2**31 - 1),
    float: floats,
    list: st.lists(words, min_size=1, max_size=3),
}
all_said = st.fixed_dictionaries(
    {"id": words, "price": floats},
    optional={
        name: values.get(kind, values[list])
        for name, kind in FIELDS.items()
        if name not in ("id", "price", "time", "quote_type")
    },
)


@few
@given(all_said, st.sampled_from([1, 2]))
def test_what_was_encoded_reads_the_same(said: dict[str, Value], version: int) -> None:
    tick = decode(encode(said, version=version), now=NOW)
    assert tick is not None
    assert set(tick.said) == set(said)
    again = decode(encode(tick.said, version=version), now=NOW)
    assert again is not None
    assert again.to_dict() == tick.to_dict()
    for name, value in said.items():
        read = tick.said[name]
        if isinstance(value, float) and isinstance(read, float):
            assert float32(read) == value or (read == value and name in ("circulating_supply", "market_cap"))
        else:
            assert read == value


def in_pure_python(messages: list[bytes]) -> list[str]:
    """What comes of each message in a process where protobuf has no C."""
    program = """
import sys
from google.protobuf.internal import api_implementation
from tickstream.errors import WireError
from tickstream.sources.yahoo.frames import decode
assert api_implementation.Type() == "python"
for frame in sys.stdin:
    try:
        print(decode(frame.strip(), now=float(sys.argv[1])).to_dict())
    except WireError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(NOW)],
        input="\n".join(bare(message) for message in messages),
        env=os.environ | {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_without_the_c_of_protobuf_frames_say_the_same_and_the_broken_ones_are_broken() -> None:
    group, end = varint(99 << 3 | 3), varint(99 << 3 | 4)
    whole = ID + PRICE + TIME
    messages = [
        *(message for message, _ in KNOWN.values()),
        whole + group * 20 + end * 20,
        whole + group * 100_000,
        group * 100_000 + end * 100_000 + whole,
        whole + end,
        whole + b"\xff" * 11,
        whole + text(13, b"Caf\xff"),
        *(REGULAR[0][:cut] for cut in range(1, len(REGULAR[0]), 7)),
        *(
            bytes((byte + 64) % 256 if at == place else byte for at, byte in enumerate(whole))
            for place in (0, 6, 11)
        ),
    ]
    assert in_pure_python(messages) == [str(outcome_of(message)) for message in messages]


@pytest.mark.parametrize(
    "order",
    [
        ("tickstream.sources.yahoo.pricing_pb2", "yfinance.pricing_pb2", "yliveticker.yaticker_pb2"),
        ("yliveticker.yaticker_pb2", "yfinance.pricing_pb2", "tickstream.sources.yahoo.frames"),
    ],
)
def test_frames_can_be_imported_beside_the_clients_that_others_wrote(order: tuple[str, ...]) -> None:
    # By their files, since what their packages import besides is no concern of ours.
    program = """
import importlib.util, sys
from importlib import import_module
def load(name):
    package, _, module = name.partition(".")
    if package == "tickstream":
        return import_module(name)
    folder = importlib.util.find_spec(package).submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location(name, f"{folder}/{module}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
for name in sys.argv[1:]:
    load(name)
from tickstream.sources.yahoo.frames import decode, encode
print(decode(encode({"id": "AAPL", "price": 1.5})).price)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *order], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1.5\n", "")
