"""Lines: each push as it came, safe to print, nothing lost in silence."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import math
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Dropped, Event, Feed, Gap, Link, Status
from tickstream.core.tick import FIELDS, Tick, Value
from tickstream.errors import ReaderGone
from tickstream.hub import Hub, Reading
from tickstream.sinks.backlog import Backlog
from tickstream.sinks.lines import Format, LineWriter, csv_format, json_format, plain_format
from tickstream.sinks.output import Output

few = settings(max_examples=150, deadline=None, database=None)
STAMP = 1_678_886_400_000


def tick(symbol: str = "AAPL", /, **said: Value) -> Tick:
    return Tick.from_dict({"id": symbol, **said})


FULL = tick(
    price=171.52, time=STAMP, exchange="NMS", quote_type=8, market_hours=1, change_percent=0.53,
    day_volume=51_234_567, change=0.91, price_hint=2,
)  # fmt: skip


def test_a_tick_is_one_compact_line_of_json() -> None:
    assert json_format.lines([FULL]) == (
        b'{"id":"AAPL","price":171.52,"time":1678886400000,"exchange":"NMS","quote_type":8,"market_hours":1,'
        b'"change_percent":0.53,"day_volume":51234567,"change":0.91,"price_hint":2}\n'
    )


@pytest.mark.parametrize(
    "name", ["\x7f", "\x9b31m", "\u202egnp.exe", "Crédit", "日本", "\ud83d\ude00", "a\nb\u2028c"]
)
def test_json_is_ascii_whatever_a_name_holds(name: str) -> None:
    name = name.encode("utf-16", "surrogatepass").decode("utf-16")
    line = json_format.lines([tick(price=1.0, short_name=name)])
    assert all(0x20 <= byte <= 0x7E for byte in line[:-1])
    assert json.loads(line) == {"id": "AAPL", "price": 1.0, "short_name": name}


def no_constant(name: str) -> float:
    raise AssertionError(name)


texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@few
@given(json_values)
@example({"\x7f": ["\x7f", "é", 1e16, 0.1, 2**53 + 1]})
def test_whatever_the_value_its_json_is_one_line_of_printable_ascii_that_reads_the_same(value: Any) -> None:
    text = json_lines([value]).removesuffix(b"\n")
    assert all(0x20 <= byte <= 0x7E for byte in text)
    assert json.loads(text, parse_constant=no_constant) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["plain", "not ASCII: é"])
def test_what_is_not_finite_is_null(value: float, name: str) -> None:
    assert json.loads(json_lines([{name: value}]), parse_constant=no_constant) == {name: None}


def read_csv(line: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(line.decode(), newline="")))
    assert len(rows) == 1
    return rows[0]


def test_csv_has_a_header_and_empty_cells_for_what_was_not_said() -> None:
    form = csv_format()
    assert read_csv(form.header) == list(FIELDS)
    row = dict(zip(FIELDS, read_csv(form.lines([FULL])), strict=True))
    assert {name: text for name, text in row.items() if text} == {
        "id": "AAPL", "price": "171.52", "time": "1678886400000", "exchange": "NMS", "quote_type": "8",
        "market_hours": "1", "change_percent": "0.53", "day_volume": "51234567", "change": "0.91",
        "price_hint": "2",
    }  # fmt: skip


def test_csv_tells_a_zero_from_what_was_not_said() -> None:
    form = csv_format(["id", "price", "change", "market_hours", "day_volume"])
    assert form.header == b"id,price,change,market_hours,day_volume\n"
    assert form.lines([tick(price=0.0, market_hours=0)]) == b"AAPL,0.0,,0,\n"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ('a,b "c"', b'"a,b ""c"""'),
        ("=1+1", b"'=1+1"),
        ("+1", b"'+1"),
        ("-1", b"'-1"),
        ("@SUM(A1)", b"'@SUM(A1)"),
        ("\t=1", b"'\t=1"),
        ("^GSPC", b"^GSPC"),
        ("Crédit", "Crédit".encode()),
        ("\ud800", b"?"),
    ],
)
def test_a_text_in_csv_is_quoted_and_never_a_formula(name: str, cell: bytes) -> None:
    form = csv_format(["id", "short_name", "indices"])
    assert form.lines([tick(short_name=name)]) == b"AAPL," + cell + b",\n"
    assert form.lines([tick(indices=[name])]) == b"AAPL,," + cell + b"\n"


def test_a_negative_number_in_csv_is_a_number() -> None:
    assert csv_format(["price", "day_volume"]).lines([tick(price=-37.63, day_volume=-5)]) == b"-37.63,-5\n"


def test_several_texts_in_csv_are_one_cell() -> None:
    assert csv_format(["indices"]).lines([tick(indices=["^GSPC", "^NDX"])]) == b"^GSPC ^NDX\n"


@few
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
        lambda text: text[0] not in "=+-@"
    )
)
def test_whatever_a_name_holds_csv_reads_the_same(name: str) -> None:
    assert read_csv(csv_format(["id", "short_name"]).lines([tick(short_name=name)])) == ["AAPL", name]


def test_plain_lines_are_aligned_and_say_what_the_data_is() -> None:
    form = plain_format(lambda: "SIMULATED")
    first, second = (
        form.lines([each]).decode()
        for each in (
            FULL,
            tick("BTC-USD", price=104902.65, change=-649.39, change_percent=-0.62, market_hours=0),
        )
    )
    assert first == (
        "2023-03-15T13:20:00Z  AAPL              171.52        +0.91     +0.53%  regular    SIMULATED\n"
    )
    assert second == (
        "                      BTC-USD       104,902.65      -649.39     -0.62%  pre        SIMULATED\n"
    )


def test_a_plain_line_of_which_little_was_said_has_no_blanks_at_its_end() -> None:
    line = plain_format().lines([tick(time=STAMP, market_hours=9)]).decode()
    assert line.split() == ["2023-03-15T13:20:00Z", "AAPL", "session", "9"]
    assert plain_format().lines([tick(price=1.5)]).decode().split() == ["AAPL", "1.50"]
    assert plain_format().lines([tick(price=1.5)]).endswith(b"1.50\n")


class Desk:
    """A hub, a backlog, and a writer of lines into a pipe that is read at the end."""

    def __init__(self, form: Format = json_format, *, most: int = 8192, count: int | None = None) -> None:
        self.monotonic = 100.0
        self.hub = Hub(wall=lambda: STAMP / 1000, monotonic=lambda: self.monotonic)
        self.backlog = Backlog(form.lines, most, count=count)
        self.dropped: list[int] = []
        self.hub.watch(self._note)
        self._form = form
        self._pipe, self._got = -1, b""

    def _note(self, event: Event) -> None:
        if isinstance(event, Dropped):
            self.dropped.append(event.count)

    def publish(self, *prices: float) -> None:
        for price in prices:
            self.hub.publish(tick(price=price))

    async def readable(self) -> None:
        """Until there is something to read in the pipe."""
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._pipe, readable.set)
        await readable.wait()
        loop.remove_reader(self._pipe)

    async def written(self, count: int) -> None:
        """Until so many lines came out of the pipe in all."""
        while self._got.count(b"\n") < count:
            await self.readable()
            self._got += os.read(self._pipe, 65536)

    def run(self, act: Callable[[LineWriter, Reading], Awaitable[None]]) -> list[str]:
        """The lines that were written while `act` ran."""

        async def run() -> None:
            async with Output(writing, grace=10) as output:
                with self.hub.reading(["AAPL"], self.backlog) as reading:
                    await act(LineWriter(self.hub, output, self._form), reading)

        self._pipe, writing = os.pipe()
        try:
            asyncio.run(asyncio.wait_for(run(), 30))
        finally:
            os.close(writing)
        with os.fdopen(self._pipe, "rb") as rest:
            return (self._got + rest.read()).decode("ascii").splitlines()


def prices_in(lines: list[str]) -> list[float]:
    return [json.loads(line)["price"] for line in lines]


def test_every_push_is_a_line_in_the_order_it_came_a_repeated_one_too() -> None:
    desk = Desk(count=4)

    async def act(writer: LineWriter, reading: Reading) -> None:
        desk.publish(1.0, 1.0, 3.0, 2.0)
        await writer.write_all(desk.backlog, reading)

    assert prices_in(desk.run(act)) == [1.0, 1.0, 3.0, 2.0]
    assert desk.dropped == []


def test_lines_are_written_as_they_come_until_it_is_told_to_end() -> None:
    desk = Desk()

    async def act(writer: LineWriter, reading: Reading) -> None:
        writing = asyncio.create_task(writer.write_all(desk.backlog, reading))
        for price in (1.0, 2.0, 3.0):
            desk.publish(price)
            await desk.written(int(price))
        writing.cancel()

    assert prices_in(desk.run(act)) == [1.0, 2.0, 3.0]


def test_where_the_source_has_ended_all_is_written_and_it_ends() -> None:
    desk = Desk()

    class Ended:
        def follow(self, symbols: frozenset[str]) -> None:
            """It has ended."""

        async def run(self, feed: Feed) -> None:
            """It has ended."""

    async def act(writer: LineWriter, reading: Reading) -> None:
        desk.publish(1.0, 2.0)
        await desk.hub.run(Ended())
        await writer.write_all(desk.backlog, reading)

    assert prices_in(desk.run(act)) == [1.0, 2.0]


def test_count_ends_it_with_just_so_many_ticks() -> None:
    desk = Desk(count=1100)

    async def act(writer: LineWriter, reading: Reading) -> None:
        desk.publish(*map(float, range(1500)))
        await writer.write_all(desk.backlog, reading)

    assert prices_in(desk.run(act)) == [float(number) for number in range(1100)]


def test_count_counts_ticks_and_not_events() -> None:
    desk = Desk(count=2)
    desk.hub.watch(desk.backlog.put)

    async def act(writer: LineWriter, reading: Reading) -> None:
        desk.hub.report(Status(Link.LIVE, 5))
        desk.publish(1.0)
        desk.hub.report(Gap(1, 2, "lost é"))
        desk.publish(2.0, 3.0)
        await writer.write_all(desk.backlog, reading)

    assert desk.run(act) == [
        '{"type":"status","state":"live","time":5,"attempt":0}',
        '{"id":"AAPL","price":1.0}',
        '{"type":"gap","start":1,"end":2,"reason":"lost \\u00e9"}',
        '{"id":"AAPL","price":2.0}',
    ]


def test_a_count_of_nothing_writes_nothing_but_the_header() -> None:
    desk = Desk(csv_format(["id", "price"]), count=0)

    async def act(writer: LineWriter, reading: Reading) -> None:
        desk.publish(1.0)
        await writer.write_all(desk.backlog, reading)

    assert desk.run(act) == ["id,price"]


def test_rows_come_after_the_header() -> None:
    desk = Desk(csv_format(["id", "price"]))

    async def act(writer: LineWriter, reading: Reading) -> None:
        await writer.write_rows([tick(price=1.0), tick("MSFT", price=2.0)])

    assert desk.run(act) == ["id,price", "AAPL,1.0", "MSFT,2.0"]


def test_the_header_comes_before_anything_does() -> None:
    desk = Desk(csv_format(["id", "price"]))

    async def act(writer: LineWriter, reading: Reading) -> None:
        writing = asyncio.create_task(writer.write_all(desk.backlog, reading))
        await asyncio.sleep(0)
        writing.cancel()

    assert desk.run(act) == ["id,price"]


def test_what_a_full_backlog_lost_is_reported() -> None:
    desk = Desk(most=2)

    async def act(writer: LineWriter, reading: Reading) -> None:
        desk.publish(1.0, 2.0, 3.0, 4.0, 5.0)
        writing = asyncio.create_task(writer.write_all(desk.backlog, reading))
        await desk.written(2)
        writing.cancel()
        await asyncio.wait([writing])

    assert prices_in(desk.run(act)) == [4.0, 5.0]
    assert desk.dropped == [3]


def test_losses_are_reported_once_a_second_and_the_rest_at_the_end() -> None:
    desk = Desk(most=2)

    async def act(writer: LineWriter, reading: Reading) -> None:
        writing = asyncio.create_task(writer.write_all(desk.backlog, reading))
        for number, (seconds, lost) in enumerate(((0.0, 3), (0.5, 1), (0.6, 2), (0.0, 5)), 1):
            desk.monotonic += seconds
            desk.publish(*[1.0] * (2 + lost))
            await desk.written(2 * number)
        writing.cancel()
        await asyncio.wait([writing])

    desk.run(act)
    assert desk.dropped == [3, 3, 5]
    assert sum(desk.dropped) == desk.backlog.lost


def test_while_a_reader_stalls_it_is_said_what_that_costs() -> None:
    desk = Desk(most=2)

    async def act(writer: LineWriter, reading: Reading) -> None:
        said = asyncio.Event()
        desk.hub.watch(lambda event: said.set())
        desk.hub.publish(tick(price=1.0, short_name="x" * 1_000_000))
        writing = asyncio.create_task(writer.write_all(desk.backlog, reading))
        await desk.readable()
        desk.publish(1.0, 2.0, 3.0, 4.0, 5.0)
        await said.wait()
        assert desk.dropped == [3]
        await desk.written(3)
        writing.cancel()
        await asyncio.wait([writing])

    assert prices_in(desk.run(act)) == [1.0, 4.0, 5.0]
    assert desk.dropped == [3]


def test_a_reader_that_left_ends_it() -> None:
    desk = Desk(count=1)

    async def run() -> None:
        async with Output(writing) as output:
            with desk.hub.reading(["AAPL"], desk.backlog) as mine:
                desk.publish(1.0)
                await LineWriter(desk.hub, output, json_format).write_all(desk.backlog, mine)

    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(ReaderGone):
            asyncio.run(asyncio.wait_for(run(), 30))
    finally:
        os.close(writing)
