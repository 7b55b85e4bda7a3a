"""The table: every line exactly as wide as the screen, and what matters most stays as it gets narrow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tickstream.core.board import Row
from tickstream.core.cells import OLD
from tickstream.core.columns import COLUMNS, DEFAULT, Column, pick_columns, with_names
from tickstream.core.figures import Cell
from tickstream.core.mailbox import Changed
from tickstream.core.order import GIVEN, Order, parse_order
from tickstream.core.ports import Fired, Gap, Link, Status
from tickstream.core.positions import Book, Lot
from tickstream.core.text import clean
from tickstream.core.tick import FIELDS, Tick, Value
from tickstream.hub import Hub
from tickstream.sinks.drawn import FLASH
from tickstream.sinks.highlights import LIT, Highlights
from tickstream.sinks.paint import Painter
from tickstream.sinks.table import Table

STAMP = 1_700_000_001_000
CODES = re.compile(r"\x1b\[[0-9;]*m")
UP, DOWN = "\x1b[38;5;16;42m", "\x1b[38;5;16;41m"
"""Black on green and on red: digits that changed."""

CROWD: Mapping[str, Mapping[str, Value]] = {
    "AAPL": {"price": 207.72, "change": -3.53, "change_percent": -1.67, "price_hint": 2, "market_hours": 1,
             "day_low": 206.0, "day_high": 211.0, "day_volume": 51_234_567},
    "BTC-USD": {"price": 104902.65, "change": -649.39, "change_percent": -0.62, "price_hint": 2,
                "quote_type": 41, "market_hours": 1, "day_low": 104000.0, "day_high": 106000.0,
                "short_name": "Bitcoin USD", "currency": "USD"},
    "VOD.L": {"price": 71.84, "change": 0.26, "change_percent": 0.36, "currency": "GBp", "market_hours": 1},
    "SHIB-USD": {"price": 0.00001234, "change": 0.0, "change_percent": 0.0, "quote_type": 41},
    "NEVER": {},
}  # fmt: skip


class Stage:
    """A hub whose clock stands still until told otherwise, and a table of what it publishes."""

    def __init__(
        self,
        symbols: Sequence[str] = tuple(CROWD),
        columns: Sequence[Column] | None = None,
        *,
        color: bool = True,
        order: Order = GIVEN,
        chosen: bool = False,
        book: Book | None = None,
    ) -> None:
        self.wall, self.monotonic = STAMP / 1000, 100.0
        self.hub = Hub(wall=lambda: self.wall, monotonic=lambda: self.monotonic)
        self.mailbox = Changed()
        self.reading = self.hub.reading(symbols, self.mailbox)
        self.reading.__enter__()
        self.highlights = Highlights()
        self.table = Table(
            self.hub,
            symbols,
            pick_columns(DEFAULT) if columns is None else columns,
            painter=Painter(color=color),
            order=order,
            chosen=chosen,
            highlights=self.highlights,
            book=book,
        )

    def publish(self, symbol: str, **said: Value) -> None:
        self.hub.publish(Tick.from_dict({"id": symbol, **said}))

    def crowd(self) -> None:
        for symbol, said in CROWD.items():
            if said:
                self.publish(symbol, **said)

    def later(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def draw(self, width: int = 80, height: int = 24, keys: Sequence[tuple[str, str]] = ()) -> list[str]:
        """The lines of the screen, with their colours."""
        self.table.moved(self.mailbox.take())
        return self.table.lines(width, height, keys)

    def show(self, width: int = 80, height: int = 24) -> list[str]:
        """The lines of the screen, as they read."""
        return [bare(line) for line in self.draw(width, height)]


def bare(line: str) -> str:
    return CODES.sub("", line)


def titles(lines: Sequence[str]) -> list[str]:
    return bare(lines[1]).split()


def test_eighty_columns_show_what_the_drawing_shows() -> None:
    stage = Stage()
    stage.crowd()
    lines = stage.show()
    assert lines[0].rstrip() == " tickstream  5 symbols"
    assert " ".join(titles(lines)) == "SYMBOL LAST CHG CHG% DAY RANGE TREND SESS AGE"
    assert lines[2].split()[:5] == ["AAPL", "207.72", "-3.53", "▼", "-1.67%"]
    assert lines[2].split()[-2:] == ["REG", "0s"]
    assert "●" in lines[2]
    assert lines[3].split()[:5] == ["BTC-USD", "104,902.65", "-649.39", "▼", "-0.62%"]
    assert lines[4].split()[:5] == ["VOD.L", "71.84p", "+0.26", "▲", "+0.36%"]
    assert lines[5].split()[:5] == ["SHIB-USD", "0.00001234", "0", "=", "0.00%"]
    assert lines[6].split() == ["NEVER", "-"]
    assert lines[7:-1] == [" " * 80] * 16
    assert lines[-1].startswith(" ◌ connecting")


@pytest.mark.parametrize("width", [24, 30, 40, 60, 80, 250])
def test_the_symbol_and_the_price_stay_however_narrow_it_gets(width: int) -> None:
    stage = Stage()
    stage.crowd()
    lines = stage.show(width)
    assert {"SYMBOL", "LAST"} <= set(titles(lines))
    assert {"BTC-USD", "104,902.65"} <= set(lines[3].split())
    assert all(len(line) == width for line in lines)


@pytest.mark.parametrize("color", [True, False])
def test_a_row_whose_alert_fired_stands_out_for_a_while_and_the_footer_says_why(color: bool) -> None:
    stage = Stage(color=color)
    stage.crowd()
    before = stage.draw(120)
    fired = Fired("AAPL", "AAPL>200", STAMP, "AAPL>200: 207.72", {})
    stage.highlights.add(fired, stage.hub.now())
    lit = stage.draw(120)
    assert bare(lit[2]).startswith("!AAPL ")
    back = "43" if color else "7"
    assert re.match(rf"\x1b\[[0-9;]*\b{back}m!", lit[2]), "on a ground of its own, with and without colours"
    assert lit[3] == before[3]
    assert f"{back}mAAPL " in lit[2]
    assert "AAPL>200: 207.72" in lit[-1]
    stage.later(LIT)
    assert bare(stage.draw(120)[2]).startswith(" AAPL ")
    assert f"{back}mAAPL " not in stage.draw(120)[2]
    assert "AAPL>200" not in stage.draw(120)[-1]


def test_rows_that_a_lost_link_cut_off_look_old_at_once_and_others_do_not() -> None:
    stage = Stage()
    stage.crowd()
    live = stage.draw()[2]
    stage.later(1)
    stage.hub.report(Status(Link.BACKOFF, int(stage.wall * 1000), "lost"))
    stage.later(1)
    stage.publish("BTC-USD", price=104_902.66)
    cut_off, alive = stage.draw()[2:4]
    bold, dim = "\x1b[1m", "\x1b[1;2m"
    assert bold in live
    assert dim not in live
    assert dim in cut_off
    assert dim not in alive
    stage.hub.report(Status(Link.LIVE, int(stage.wall * 1000)))
    assert dim not in stage.draw()[2]


def test_columns_that_come_with_a_wider_screen_have_room_for_their_numbers() -> None:
    stage = Stage()
    stage.crowd()
    stage.draw(80)
    wide = stage.show(200)
    assert not any("#" in line for line in wide)
    assert "104,000.00" in wide[3]


def test_columns_leave_by_priority() -> None:
    stage = Stage()
    stage.crowd()
    # The symbol is cut where it leaves no room for the price, its title with it.
    shown = [{title[:4] for title in titles(stage.draw(width))} for width in range(250, 9, -1)]
    assert all(narrower <= wider for wider, narrower in pairwise(shown))
    assert {"SYMBOL", "LAST", "CHG%", "AGE"} <= set(titles(stage.draw(40)))
    assert titles(stage.draw(10)) == ["SYMB"]


def test_a_column_that_nobody_can_fill_is_left_out() -> None:
    stage = Stage(["A"])
    stage.publish("A", price=1.0)
    assert not {"VOLUME", "DAY", "BID", "NAME", "CCY", "OPEN"} & set(titles(stage.draw(250)))
    stage.publish("A", price=1.0, day_volume=5, bid=1.0, open_price=1.0, currency="USD")
    assert {"VOLUME", "BID", "OPEN", "CCY"} <= set(titles(stage.draw(250)))
    assert "ASK" not in titles(stage.draw(250))


def test_columns_that_were_chosen_are_shown_without_anything_to_show() -> None:
    stage = Stage(["A"], pick_columns(["bid", "symbol", "volume"]), chosen=True)
    assert titles(stage.draw(80)) == ["BID", "SYMBOL", "VOLUME"]


def test_wider_texts_make_a_column_wider_and_it_never_shrinks_again() -> None:
    stage = Stage(["A"])
    stage.publish("A", price=1.0)
    stage.draw()
    stage.publish("A", price=123_456_789.0)
    wide = stage.show()
    stage.publish("A", price=1.0)
    again = stage.show()
    assert "123,456,789.00" in wide[2]
    assert wide[1] == again[1]
    assert len(again[2]) == 80


def flashing(line: str) -> list[str]:
    """The parts of the line that are marked as changed, without the margin's own mark."""
    return re.findall(r"\x1b\[38;5;16;4[12]m([^\x1b]*)\x1b\[0m", line)


def test_only_the_digits_that_changed_flash() -> None:
    stage = Stage(["A"])
    stage.publish("A", price=207.72)
    stage.draw()
    stage.publish("A", price=207.81)
    line = stage.draw()[2]
    assert flashing(line) == ["81"]
    assert UP in line
    assert bare(line).startswith("▎")
    stage.publish("A", price=206.81)
    line = stage.draw()[2]
    assert flashing(line) == ["6.81"]
    assert DOWN in line


@pytest.mark.parametrize(
    ("before", "after", "marked"), [(1000.0, 999.99, "999.99"), (999.99, 1000.0, "1,000.00")]
)
def test_where_a_price_gets_shorter_or_longer_all_of_it_flashes_and_no_blanks(
    before: float, after: float, marked: str
) -> None:
    stage = Stage(["A"])
    stage.publish("A", price=before)
    stage.draw()
    stage.publish("A", price=after)
    assert flashing(stage.draw()[2]) == [marked]


def test_the_first_price_never_flashes() -> None:
    stage = Stage(["A"])
    stage.draw()
    stage.publish("A", day_volume=5)
    stage.draw()
    stage.publish("A", price=207.72)
    assert flashing(stage.draw()[2]) == []
    assert stage.table.flash_ends is None


def test_a_price_that_stays_does_not_flash() -> None:
    stage = Stage(["A"])
    for volume in (1, 2):
        stage.publish("A", price=207.72, day_volume=volume)
        assert flashing(stage.draw()[2]) == []


def test_a_currency_that_comes_later_makes_no_price_flash() -> None:
    stage = Stage(["A"])
    stage.publish("A", price=71.84)
    stage.draw()
    stage.publish("A", price=71.84, currency="GBp")
    line = stage.draw()[2]
    assert "71.84p" in bare(line)
    assert flashing(line) == []


def test_a_flash_ends_when_its_time_is_over() -> None:
    stage = Stage(["A"])
    stage.publish("A", price=1.0)
    stage.draw()
    stage.publish("A", price=2.0)
    stage.draw()
    assert stage.table.flash_ends == stage.monotonic + FLASH
    stage.later(FLASH / 2)
    assert flashing(stage.draw()[2])
    stage.later(FLASH / 2)
    line = stage.draw()[2]
    assert flashing(line) == []
    assert bare(line).startswith(" ")
    assert stage.table.flash_ends is None


def test_a_flash_ends_too_while_its_row_is_off_the_screen() -> None:
    stage = Stage(["A", "B"], order=parse_order("last"))
    for symbol, price in (("A", 3.0), ("B", 2.0)):
        stage.publish(symbol, price=price)
    stage.draw(80, 4)
    stage.publish("A", price=5.0)
    stage.draw(80, 4)
    stage.publish("B", price=9.0)
    stage.later(FLASH)
    assert stage.show(80, 4)[2].split()[0] == "B"
    ends = stage.table.flash_ends
    assert ends is None or ends > stage.monotonic


def test_a_row_that_is_old_is_dim_and_says_its_age() -> None:
    stage = Stage(["A", "B"])
    stage.publish("A", price=1.0)
    stage.publish("B", price=1.0)
    fresh = stage.draw()
    stage.later(OLD)
    stage.publish("B", price=2.0)
    old = stage.draw()
    assert "\x1b[1m" in fresh[2]
    assert "\x1b[1m" not in old[2]
    assert "\x1b[1;2m" in old[2]
    assert bare(old[2]).split()[-1] == "1m"
    assert "\x1b[1m" in old[3]
    stage.publish("A", price=1.0, day_volume=1)
    assert "\x1b[1m" in stage.draw()[2]


def counting(asked: list[str]) -> Column:
    def cell(row: Row, width: int) -> Cell:
        asked.append(row.symbol)
        return Cell(row.symbol)

    return Column(name="count", header="N", cell=cell, width=4)


def test_a_row_is_made_again_only_when_it_changed() -> None:
    asked: list[str] = []
    stage = Stage(["A", "B"], [counting(asked), COLUMNS["age"]])
    before = stage.draw()
    assert all(line is was for line, was in zip(stage.draw()[2:4], before[2:4], strict=True))
    asked.clear()
    stage.later(5)
    stage.draw()
    assert asked == []
    stage.publish("B", price=1.0)
    stage.draw()
    assert set(asked) == {"B"}


def test_rows_that_are_not_on_the_screen_cost_nothing() -> None:
    asked: list[str] = []
    symbols = [f"S{number}" for number in range(50)]
    stage = Stage(symbols, [counting(asked)])
    lines = stage.show(80, 8)
    for symbol in symbols:
        stage.publish(symbol, price=1.0)
    stage.draw(80, 8)
    assert set(asked) == set(symbols[:5])
    assert lines[0].rstrip() == " tickstream  50 symbols, 5 shown"


def test_what_moved_while_it_was_off_the_screen_is_shown_when_it_comes_back() -> None:
    stage = Stage(["A", "B"])
    stage.draw(80, 4)
    stage.publish("B", price=5.0)
    stage.draw(80, 4)
    assert stage.show(80, 24)[3].split()[:2] == ["B", "5.00"]


EVENING: dict[str, Value] = {
    "price": 212.14, "change": 2.14, "change_percent": 1.02, "price_hint": 2, "market_hours": 2,
}  # fmt: skip
LATER, MORNING = EVENING | {"price": 212.55, "change": 2.55}, EVENING | {"market_hours": 1}


def test_in_the_evening_the_regular_close_stays_and_what_is_paid_stands_beside_it() -> None:
    stage = Stage(["AAPL", "BTC-USD"])
    stage.crowd()
    assert "EXT" not in titles(stage.draw())
    stage.publish("AAPL", price=210.0, change=-3.5, change_percent=-1.64, price_hint=2, market_hours=1)
    stage.publish("AAPL", **EVENING)
    lines = stage.show()
    assert " ".join(titles(lines)) == "SYMBOL LAST CHG CHG% EXT EXT% SESS AGE"
    assert lines[2][1:].split()[:7] == ["AAPL", "210.00", "-3.50", "▼", "-1.64%", "212.14", "△"]
    assert lines[2].split()[-2:] == ["POST", "0s"]
    # What changes is what is paid now, and it is there that the digits flash.
    stage.publish("AAPL", **LATER)
    line = stage.draw()[2]
    assert flashing(line) == ["55"]
    assert bare(line).index("212.55") > bare(line).index("210.00")


def test_where_there_is_no_room_beside_it_the_newest_price_is_shown_and_its_arrow_is_hollow() -> None:
    stage = Stage(["AAPL"])
    stage.publish("AAPL", **EVENING)
    lines = stage.show(40)
    assert titles(lines) == ["SYMBOL", "LAST", "CHG%", "AGE"]
    assert lines[2].split() == ["AAPL", "212.14", "△", "+1.02%", "0s"]
    stage.publish("AAPL", **LATER)
    assert flashing(stage.draw(40)[2]) == ["55"]
    # With more room it stands beside the close again.
    assert "210.00" in stage.show(100)[2]


def test_the_columns_of_the_evening_leave_when_the_next_session_begins() -> None:
    stage = Stage(["AAPL", "MSFT"])
    for symbol in ("AAPL", "MSFT"):
        stage.publish(symbol, **EVENING)
    assert "EXT" in titles(stage.draw())
    stage.publish("AAPL", **MORNING)
    assert "EXT" in titles(stage.draw())
    stage.publish("MSFT", **MORNING)
    assert "EXT" not in titles(stage.draw())


def holding(quantity: float = 10, currency: str = "") -> Book:
    return Book({"AAPL": (Lot(quantity, 150.0),), "VOD.L": (Lot(1000, 70.0),)}, currency)


def test_what_is_held_stands_in_columns_and_its_sums_in_the_header() -> None:
    stage = Stage(book=holding())
    stage.crowd()
    stage.publish("AAPL", currency="USD")
    assert "totals wait for GBP in USD" in stage.show(120)[0]
    assert stage.table.pairs == {"GBPUSD=X"}
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.25
    stage.table.moved(["GBPUSD=X"])
    lines = stage.show(120)
    assert lines[0].split()[1:] == [
        "5", "symbols", "2,975.20", "USD", "day", "-32.05", "▼", "-1.07%", "P/L", "+600.20", "▲", "+25.27%",
    ]  # fmt: skip
    assert {"VALUE", "P/L", "P/L%"} <= set(titles(lines))
    assert {"2,077.20", "+577.20", "-35.30"} <= set(lines[2].split())
    assert {"898.00", "+23.00", "+3.25"} <= set(lines[4].split())
    assert "VALUE" not in titles(Stage().draw(120))


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 120, 200])
def test_the_sums_take_as_much_room_as_there_is_and_the_mark_stays(width: int) -> None:
    stage = Stage(book=holding())
    stage.crowd()
    stage.publish("AAPL", currency="USD")
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.25
    stage.hub.report(Status(Link.LIVE, STAMP, mark="SIMULATED"))
    lines = stage.show(width)
    assert [len(line) for line in lines] == [width] * 24
    assert lines[0].rstrip().endswith("SIMULATED")
    numbers = re.findall(r"[-+]?[\d,]+\.\d\d", lines[0])
    assert set(numbers) <= {"2,975.20", "-32.05", "-1.07", "+600.20", "+25.27"}
    assert bool(numbers) == (width >= 60)


def test_a_rate_that_moves_moves_what_is_held_in_it_and_nothing_else() -> None:
    stage = Stage(book=holding())
    stage.crowd()
    stage.publish("AAPL", currency="USD")
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.25
    before = stage.draw(100)
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.5
    stage.table.moved(["GBPUSD=X"])
    after = stage.draw(100)
    changed = [number for number in range(24) if before[number] != after[number]]
    assert changed == [0, 4]


def test_amounts_can_be_hidden_and_shown_again() -> None:
    held = pick_columns(["symbol", "last", "position", "cost", "value", "day", "gain", "gain%", "weight"])
    stage = Stage(columns=held, chosen=True, book=holding(currency="USD"))
    stage.crowd()
    stage.publish("AAPL", currency="USD")
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.25
    shown = stage.show(200)
    assert not stage.table.values_hidden
    stage.table.values_hidden = True
    hidden = stage.show(200)
    amounts = ("2,975.20", "+600.20", "2,077.20", "-35.30", "150.00", "1,000")
    assert all(any(amount in line for line in shown) for amount in amounts)
    assert not any(amount in line for line in hidden for amount in amounts)
    assert all("207.72" in lines[2] and "+38.48%" in lines[2] for lines in (shown, hidden))
    assert [len(line) for line in hidden] == [200] * 24
    assert hidden[1] == shown[1]
    stage.table.values_hidden = False
    assert stage.show(200) == shown


def test_the_sums_are_dim_when_all_that_is_held_is_old() -> None:
    stage = Stage(book=holding(currency="USD"))
    stage.crowd()
    stage.publish("AAPL", currency="USD")
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.25
    assert "\x1b[2m" not in stage.draw(120)[0].partition("2,975.20")[0][-6:]
    stage.later(OLD)
    assert stage.draw(120)[0].partition("2,975.20")[0].endswith("\x1b[2m")


def test_sums_are_left_behind_with_the_table() -> None:
    stage = Stage(book=holding(currency="USD"))
    stage.crowd()
    stage.publish("AAPL", currency="USD")
    stage.hub.board.row("GBPUSD=X").said["price"] = 1.25
    assert "2,975.20 USD" in bare(stage.table.still(100)[0])


def test_in_ascii_the_table_is_the_same_without_anything_else() -> None:
    stage = Stage()
    stage.table = Table(stage.hub, tuple(CROWD), pick_columns(DEFAULT), painter=Painter(in_ascii=True))
    stage.crowd()
    stage.draw()
    stage.publish("AAPL", price=207.81)
    plain = stage.draw()
    assert all(line.isascii() for line in plain)
    assert [len(bare(line)) for line in plain] == [80] * 24
    assert bare(plain[3]).split()[:5] == ["BTC-USD", "104,902.65", "-649.39", "v", "-0.62%"]
    assert bare(plain[2]).startswith("|AAPL")


def test_names_get_room_before_drawings_do() -> None:
    stage = Stage(["BTC-USD"])
    stage.crowd()
    stage.publish("BTC-USD", short_name="A name of 24 characters!")
    assert "A name of 24 characters!" in stage.show(120)[2]


def test_rows_are_sorted_as_asked_on_each_frame() -> None:
    stage = Stage(["A", "B", "C"], order=parse_order("last"))
    for symbol, price in (("A", 1.0), ("B", 2.0)):
        stage.publish(symbol, price=price)
    assert [line.split()[0] for line in stage.show()[2:5]] == ["B", "A", "C"]
    stage.publish("C", price=3.0)
    assert [line.split()[0] for line in stage.show()[2:5]] == ["C", "B", "A"]


def test_the_footer_tells_whether_it_is_live_and_what_was_missed() -> None:
    stage = Stage()
    stage.hub.report(Status(Link.LIVE, STAMP))
    stage.hub.report(Gap(0, 5000))
    stage.hub.broken(ValueError())
    keys = (("q", "quit"),)
    footer = bare(stage.draw(100, 10, keys)[-1])
    assert " ".join(footer.split()) == "● live · 0 msg/s · 1 reconnect · 5s missed · 1 broken q quit"
    stage.hub.report(Status(Link.BACKOFF, STAMP, "the connection was lost", 1, 3.0))
    assert "live" not in bare(stage.draw(100, 10)[-1])


@pytest.mark.parametrize("width", [12, 24, 80, 200])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 24])
def test_the_mark_of_data_that_is_not_real_never_leaves(width: int, height: int) -> None:
    stage = Stage()
    stage.crowd()
    stage.hub.report(Status(Link.LIVE, STAMP, mark="SIMULATED"))
    assert sum("SIMULATED" in line for line in stage.show(width, height)) == 1
    assert "SIMULATED" in bare(stage.table.still(width)[0])


@pytest.mark.parametrize(
    ("height", "first"), [(1, ["AAPL"]), (2, ["AAPL", "◌"]), (3, ["tickstream", "AAPL", "◌"])]
)
def test_with_very_few_lines_there_is_still_a_row(height: int, first: list[str]) -> None:
    stage = Stage()
    stage.crowd()
    assert [line.split()[0] for line in stage.show(80, height)] == first


def test_the_table_that_is_left_behind_is_whole_and_does_not_flash() -> None:
    stage = Stage()
    stage.crowd()
    stage.draw(80, 4)
    stage.publish("AAPL", price=208.0)
    stage.draw(80, 4)
    lines = stage.table.still(80)
    assert [bare(line).split()[0] for line in lines[2:]] == list(CROWD)
    assert not any(flashing(line) for line in lines)
    assert all(len(bare(line)) == 80 for line in lines)


def test_without_colour_there_is_no_colour_and_the_same_text() -> None:
    colored, plain = Stage(), Stage(color=False)
    for stage in (colored, plain):
        stage.crowd()
    assert colored.show() == plain.show()
    assert not [line for line in plain.draw() if re.search(r"\x1b\[[0-9;]*3[0-7]", line)]


def test_other_rows_columns_and_another_order_are_shown_from_then_on() -> None:
    stage = Stage(["BTC-USD", "VOD.L"])
    stage.crowd()
    stage.show()
    columns = with_names(pick_columns(["symbol", "last"]), {"VOD.L": "Vodafone"})
    stage.table.show(
        ["AAPL", "VOD.L"], columns, painter=Painter(), order=parse_order("symbol:desc"), chosen=True
    )
    with stage.hub.reading(["AAPL"], stage.mailbox):
        stage.publish("AAPL", **CROWD["AAPL"])
        lines = stage.show()
    assert lines[0].startswith(" tickstream  2 symbols")
    assert [line.split() for line in lines[1:4]] == [
        ["SYMBOL▾", "LAST"],
        ["Vodafone", "71.84p"],
        ["AAPL", "207.72"],
    ]
    # Columns are as wide as these rows need, and not those that went.
    fresh = Stage(["AAPL", "VOD.L"], columns, order=parse_order("symbol:desc"), chosen=True)
    fresh.crowd()
    assert lines[1:4] == fresh.show()[1:4]
    stage.publish("VOD.L", price=71.94)
    assert UP in stage.draw()[2]


def test_other_positions_and_colours_are_shown_from_then_on_and_leave_nothing_behind() -> None:
    stage = Stage(["AAPL", "VOD.L"], book=Book({"AAPL": (Lot(10, 150),)}))
    stage.crowd()
    assert "P/L" in stage.show(160)[1]

    def show(painter: Painter, book: Book | None) -> list[str]:
        stage.table.show(
            ["AAPL", "VOD.L"], pick_columns(DEFAULT), painter=painter, order=GIVEN, chosen=False, book=book
        )
        return stage.draw(160)

    lines = show(Painter(palette="red-up"), Book({"VOD.L": (Lot(100, 70),)}))
    assert "10" not in bare(lines[2]).split()
    assert "100" in bare(lines[3]).split()
    assert "\x1b[31m" in lines[3]
    lines = show(Painter(), None)
    assert "POSITION" not in bare(lines[1])
    assert not {"quantity", "value", "gain"} & stage.hub.board.row("VOD.L").known.keys()


def test_what_else_is_to_be_said_stands_in_the_footer_first() -> None:
    stage = Stage()
    stage.table.note = "config.toml:3: no"
    assert "config.toml:3: no" in stage.show()[-1]


anything: dict[type, st.SearchStrategy[Value]] = {
    str: (st.text(max_size=30) | st.text("界🇩🇪👩\u0301é[/]", max_size=30)).map(clean),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(width=32, allow_nan=False, allow_infinity=False) | st.floats(0.125, 1000, width=32),
}
said = st.fixed_dictionaries(
    {},
    optional={
        name: anything.get(kind, st.just(["x"]))
        for name, kind in FIELDS.items()
        if name not in ("id", "time")
    },
)
names = st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=6, unique=True)


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(["A", "LONG-SYMBOL.OF-24-CHARS", "B"]), said), max_size=6),
    st.integers(1, 250),
    st.integers(1, 80),
    st.none() | names,
    st.sampled_from(["", "SIMULATED"]),
)
def test_whatever_is_said_every_line_is_exactly_as_wide_as_the_screen(
    pushes: list[tuple[str, dict[str, Value]]],
    width: int,
    height: int,
    chosen: list[str] | None,
    mark: str,
) -> None:
    columns = None if chosen is None else pick_columns(chosen)
    stage = Stage(["A", "LONG-SYMBOL.OF-24-CHARS", "B"], columns, chosen=chosen is not None)
    stage.hub.report(Status(Link.LIVE, STAMP, mark=mark))
    for symbol, values in [("B", {}), *pushes]:
        if values:
            stage.publish(symbol, **values)
        stage.later(0.2)
        lines = stage.show(
            width,
            height,
        )
        assert len(lines) == height
        assert [cell_len(line) for line in lines] == [width] * height
        assert all(line.isprintable() for line in lines)


def test_what_is_asked_for_anew_is_shown_with_the_next_frame_and_not_before() -> None:
    stage = Stage()
    stage.crowd()
    stage.show(50)
    narrow, columns = [column.name for column in stage.table.shown], pick_columns(DEFAULT)
    assert narrow != [column.name for column in columns]
    stage.table.values_hidden = True
    stage.table.show(("AAPL",), columns, painter=Painter(color=True), order=GIVEN, chosen=False)
    assert [column.name for column in stage.table.shown] == narrow
    assert stage.table.values_hidden
    stage.show(120)
    assert len(stage.table.shown) > len(narrow)


def test_digits_that_changed_stay_marked_where_rows_are_asked_for_anew() -> None:
    stage = Stage()
    stage.crowd()
    stage.draw()
    stage.publish("AAPL", price=208.0)
    assert UP in stage.draw()[2]
    ends = stage.table.flash_ends
    stage.table.show(
        ("BTC-USD", "AAPL"), pick_columns(DEFAULT), painter=Painter(color=True), order=GIVEN, chosen=False
    )
    assert stage.table.flash_ends == ends
    assert UP in stage.draw()[3]
