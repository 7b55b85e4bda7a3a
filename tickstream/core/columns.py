"""Columns: one object each, for the table and the CSV alike.

A column turns a row into a cell (core/figures). Adding a column is one entry
of `COLUMNS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tickstream.core.board import Now, Row
from tickstream.core.figures import (
    NOTHING,
    Cell,
    digits_for,
    number_text,
    percent_cell,
    price_text,
    range_cell,
    short_text,
    tone_of,
    trend_cell,
)
from tickstream.core.text import seconds_text
from tickstream.core.tick import FIELDS, MarketHours, QuoteType, Value
from tickstream.errors import UsageError

__all__ = [
    "CLOSED",
    "COLUMNS",
    "DEFAULT",
    "OLD",
    "Column",
    "csv_fields",
    "digits_of",
    "pick_columns",
    "with_names",
]

CLOSED = frozenset({"CLOSED", "POSTPOST", "PREPRE"})
"""The states of a market in which nothing is traded."""
OLD = 60.0
"""A row that has said nothing new for this many seconds is shown as old."""

_SESSIONS = {
    MarketHours.PRE_MARKET: ("PRE", "warn"),
    MarketHours.REGULAR_MARKET: ("REG", "up"),
    MarketHours.POST_MARKET: ("POST", "warn"),
    MarketHours.EXTENDED_HOURS_MARKET: ("EXT", "warn"),
    MarketHours.OVERNIGHT_MARKET: ("OVN", "warn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table. `width` is the least; `stretch` how far it may grow into free space."""

    name: str
    header: str
    cell: Callable[[Row, int], Cell]
    field: str | None = None
    """The field of a tick that it shows, for CSV and for `--columns`; None where it shows none."""
    needs: tuple[str, ...] = ()
    """Without any row that has all these fields, the column is left out."""
    left: bool = False
    width: int = 0
    stretch: int = 0
    elastic: bool = False
    """Whether the text depends on the width that the column gets."""
    priority: int = 9
    """The smaller, the longer it stays as the screen gets narrower."""
    wide: int = 0
    """Shown by default only where the screen has this many columns."""


def digits_of(said: Mapping[str, Value]) -> int:
    """How many decimals the prices of a tick or row that says this are shown with."""
    hint, price = said.get("price_hint"), said.get("price")
    return digits_for(price if isinstance(price, float) else None, hint if isinstance(hint, int) else None)


def _tone(row: Row) -> str:
    change = row.number("change")
    return tone_of(row.number("change_percent") if change is None else change)


def _price_of(field: str, tone: str = "") -> Callable[[Row, int], Cell]:
    def cell(row: Row, width: int) -> Cell:
        value = row.number(field)
        if value is None:
            return NOTHING
        return Cell(price_text(value, digits_of(row.said), str(row.said.get("currency"))), tone)

    return cell


def _text_of(field: str, tone: str = "dim") -> Callable[[Row, int], Cell]:
    def cell(row: Row, width: int) -> Cell:
        return Cell(str(row.said.get(field, "")), tone)

    return cell


def _change(row: Row, width: int) -> Cell:
    return Cell(number_text(row.number("change"), digits_of(row.said), sign=True), _tone(row))


def _percent(row: Row, width: int) -> Cell:
    return percent_cell(row.number("change_percent"), _tone(row), width)


def _range(row: Row, width: int) -> Cell:
    return range_cell(row.number("day_low"), row.number("day_high"), row.number("price"), width)


def _trend(row: Row, width: int) -> Cell:
    return trend_cell(row.trend.prices, _tone(row), width)


def _volume_of(field: str) -> Callable[[Row, int], Cell]:
    def cell(row: Row, width: int) -> Cell:
        return Cell(short_text(row.number(field)), "dim")

    return cell


def _session(row: Row, width: int) -> Cell:
    if row.polled:
        return Cell("POLL", "warn")
    kind, hours = row.said.get("quote_type"), row.said.get("market_hours")
    if kind in (QuoteType.CRYPTOCURRENCY, QuoteType.CURRENCY):
        return Cell("24h", "accent")
    if row.state in CLOSED:
        return Cell("CLS", "dim")
    if not isinstance(hours, int):
        return NOTHING
    text, tone = _SESSIONS.get(hours, (f"?{hours}"[:4], "dim"))  # type: ignore[call-overload]
    return Cell(text, tone)


def age_cell(row: Row, now: Now) -> Cell:
    """How old the row is; drawn apart from the others, since it changes while nothing is said."""
    age = row.age(now)
    if age is None:
        return Cell("-", "dim")
    return Cell(seconds_text(age), "dim" if age < OLD else "warn")


def _age(row: Row, width: int) -> Cell:
    raise AssertionError("the age needs a clock: age_cell")


COLUMNS: Mapping[str, Column] = {
    column.name: column
    for column in (
        Column(name="symbol", header="SYMBOL", field="id", left=True, priority=0, width=8,
               cell=lambda row, width: Cell(row.symbol, "bold")),
        Column(name="name", header="NAME", field="short_name", left=True, priority=8, width=12, wide=100,
               stretch=16, needs=("short_name",), cell=_text_of("short_name")),
        Column(name="last", header="LAST", field="price", priority=1, width=8,
               cell=_price_of("price", "bold")),
        Column(name="chg", header="CHG", field="change", priority=4, width=7, cell=_change),
        Column(name="chg%", header="CHG%", field="change_percent", priority=2, width=8, elastic=True,
               cell=_percent),
        Column(name="range", header="DAY RANGE", priority=7, width=9, stretch=12, elastic=True,
               needs=("day_low", "day_high"), cell=_range),
        Column(name="trend", header="TREND", priority=6, width=8, stretch=18, left=True, elastic=True,
               cell=_trend),
        Column(name="volume", header="VOLUME", field="day_volume", priority=9, width=6, wide=90,
               needs=("day_volume",), cell=_volume_of("day_volume")),
        Column(name="open", header="OPEN", field="open_price", priority=12, wide=130, needs=("open_price",),
               cell=_price_of("open_price")),
        Column(name="high", header="HIGH", field="day_high", priority=11, wide=110, needs=("day_high",),
               cell=_price_of("day_high")),
        Column(name="low", header="LOW", field="day_low", priority=11, wide=110, needs=("day_low",),
               cell=_price_of("day_low")),
        Column(name="bid", header="BID", field="bid", priority=10, wide=120, needs=("bid",),
               cell=_price_of("bid")),
        Column(name="ask", header="ASK", field="ask", priority=10, wide=120, needs=("ask",),
               cell=_price_of("ask")),
        Column(name="size", header="SIZE", field="last_size", priority=13, wide=150, needs=("last_size",),
               cell=_volume_of("last_size")),
        Column(name="cap", header="MKT CAP", field="market_cap", priority=14, wide=160, needs=("market_cap",),
               cell=_volume_of("market_cap")),
        Column(name="exchange", header="EXCH", field="exchange", priority=13, wide=140, left=True,
               needs=("exchange",), cell=_text_of("exchange")),
        Column(name="currency", header="CCY", field="currency", priority=15, wide=170, left=True,
               needs=("currency",), cell=_text_of("currency")),
        Column(name="sess", header="SESS", field="market_hours", priority=5, width=4, left=True,
               cell=_session),
        Column(name="age", header="AGE", priority=3, width=5, cell=_age),
    )
}  # fmt: skip
"""Every column by its name, in the order that the table shows them in."""

DEFAULT: Sequence[str] = tuple(COLUMNS)

_BY_FIELD = {column.field: column for column in COLUMNS.values() if column.field}


def pick_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the table that are named, by their own name or by the field that they show."""
    unknown = [name for name in names if name not in COLUMNS and name not in _BY_FIELD]
    if unknown:
        raise UsageError(f"no column {unknown[0]!r}: there are {', '.join(COLUMNS)}")
    return tuple(COLUMNS.get(name) or _BY_FIELD[name] for name in names)


def with_names(columns: Sequence[Column], names: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns, with a symbol shown as the name it has in `names`, if it has one."""

    def cell(row: Row, width: int) -> Cell:
        return Cell(names.get(row.symbol, row.symbol), "bold")

    if not names:
        return tuple(columns)
    return tuple(replace(column, cell=cell) if column.name == "symbol" else column for column in columns)


def csv_fields(names: Sequence[str]) -> tuple[str, ...]:
    """The fields of a tick that are named, for CSV: by their own name or by the column that shows them."""
    fields = [COLUMNS[name].field if name in COLUMNS else name for name in names]
    for name, field in zip(names, fields, strict=True):
        if field not in FIELDS:
            known = "id, price, change_percent, day_volume"
            raise UsageError(f"no field {name!r} in a tick: use {known}, … (the header of --csv names all)")
    return tuple(field for field in fields if field)
