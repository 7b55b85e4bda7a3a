"""Columns: one object each, for the table and the CSV alike.

A column turns a row into a cell (core/cells). Adding a column is one entry of
`COLUMNS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tickstream.core import cells
from tickstream.core.board import Row
from tickstream.core.cells import MakeCell
from tickstream.core.figures import Cell
from tickstream.core.regular import newest_of, regular_of
from tickstream.core.text import meant
from tickstream.core.tick import FIELDS
from tickstream.errors import UsageError

__all__ = ["COLUMNS", "DEFAULT", "Column", "column_named", "csv_fields", "pick_columns", "with_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table. `width` is the least; `stretch` how far it may grow into free space."""

    name: str
    header: str
    cell: MakeCell
    says: str = ""
    """What it shows, for `tickstream help columns`."""
    alone: MakeCell | None = None
    """The cell out of the regular session, where no column beside it shows the price of then."""
    field: str | None = None
    """The field of a tick that it shows, for CSV and for `--columns`; None where it shows none."""
    figure: str | None = None
    """The figure of a position that it shows (`Row.known`)."""
    needs: tuple[str, ...] = ()
    """Without any row that has all of these, said or known, the column is left out; `extended` is a price
    from outside of the regular session."""
    private: bool = False
    """Whether it tells how much one owns."""
    left: bool = False
    width: int = 0
    stretch: int = 0
    elastic: bool = False
    """Whether the text depends on the width that the column gets."""
    priority: int = 9
    """The smaller, the longer it stays as the screen gets narrower."""
    wide: int = 0
    """Shown by default only where the screen has this many columns."""


COLUMNS: Mapping[str, Column] = {
    column.name: column
    for column in (
        Column(name="symbol", header="SYMBOL",
               says="the symbol, or its name in the config file",
               field="id", left=True, priority=0, width=8,
               cell=cells.symbol),
        Column(name="name", header="NAME",
               says="the name of what it is",
               field="short_name", left=True, priority=12, width=12, wide=100,
               stretch=16, needs=("short_name",), cell=cells.text_of("short_name")),
        Column(name="last", header="LAST",
               says="the price: of the regular session, where EXT is beside it",
               field="price", priority=1, width=8,
               cell=cells.last_of(regular_of), alone=cells.last_of(newest_of)),
        Column(name="chg", header="CHG",
               says="the change since the reference price, as quoted",
               field="change", priority=5, width=7,
               cell=cells.change_of(regular_of), alone=cells.change_of(newest_of)),
        Column(name="chg%", header="CHG%",
               says="the same in percent",
               field="change_percent", priority=2, width=8, elastic=True,
               cell=cells.percent_of(regular_of), alone=cells.percent_of(newest_of, hollow=True)),
        # Before and after the regular session; SESS says which.
        Column(name="ext", header="EXT",
               says="the price before or after the regular session",
               priority=4, width=8, needs=("extended",),
               cell=cells.extended_price),
        Column(name="ext-chg", header="EXT CHG",
               says="its change since the regular close",
               priority=24, wide=150, width=7, needs=("extended",),
               cell=cells.extended_change),
        Column(name="ext%", header="EXT%",
               says="the same in percent",
               priority=4, width=8, elastic=True, needs=("extended",),
               cell=cells.extended_percent),
        # Of one's own positions.
        Column(name="position", header="POSITION",
               says="how much you hold; below 0 it is short",
               figure="quantity", priority=12, wide=100,
               needs=("quantity",), private=True, cell=cells.quantity),
        Column(name="cost", header="COST",
               says="what one cost you, on average",
               figure="cost", priority=19, wide=120, needs=("cost",),
               private=True, cell=cells.cost),
        Column(name="value", header="VALUE",
               says="what your position is worth",
               figure="value", priority=8, needs=("value",), private=True,
               cell=cells.money_of("value")),
        Column(name="day", header="DAY P/L",
               says="what your position gained since the previous close; crypto, in 24 hours",
               figure="day_gain", priority=7, needs=("day_gain",),
               private=True, cell=cells.gain_of("day_gain")),
        Column(name="gain", header="P/L",
               says="what it gained since you bought it",
               figure="gain", priority=7, width=8, needs=("gain",), private=True,
               cell=cells.gain_of("gain")),
        Column(name="gain%", header="P/L%",
               says="the same in percent of what it cost",
               figure="gain_percent", priority=9, width=8, elastic=True,
               needs=("gain_percent",), cell=cells.gain_percent),
        Column(name="weight", header="WEIGHT",
               says="its part of all your positions, in percent",
               figure="weight", priority=19, wide=120, needs=("weight",),
               cell=cells.weight),
        Column(name="range", header="DAY RANGE",
               says="where the price is between the day's low and high",
               priority=11, width=9, stretch=12, elastic=True,
               needs=("day_low", "day_high"), cell=cells.range_of("day_low", "day_high")),
        Column(name="year", header="52W RANGE",
               says="where it is between the lowest and highest of 52 weeks",
               priority=15, width=9, stretch=12, wide=130, elastic=True,
               needs=("year_low", "year_high"), cell=cells.range_of("year_low", "year_high")),
        Column(name="trend", header="TREND",
               says="the prices of late",
               priority=10, width=8, stretch=18, left=True, elastic=True,
               cell=cells.trend),
        Column(name="volume", header="VOLUME",
               says="the day's volume; of crypto the value traded",
               field="day_volume", priority=13, width=6, wide=90,
               needs=("day_volume",), cell=cells.volume),
        Column(name="open", header="OPEN",
               says="the day's first price",
               field="open_price", priority=18, wide=130, needs=("open_price",),
               cell=cells.price_of("open_price")),
        Column(name="prev", header="PREV CLOSE",
               says="the previous regular close",
               field="previous_close", priority=18, wide=150,
               needs=("previous_close",), cell=cells.price_of("previous_close")),
        Column(name="high", header="HIGH",
               says="the day's highest price",
               field="day_high", priority=16, wide=130, needs=("day_high",),
               cell=cells.extreme_of("day_high", max)),
        Column(name="low", header="LOW",
               says="the day's lowest price",
               field="day_low", priority=16, wide=130, needs=("day_low",),
               cell=cells.extreme_of("day_low", min)),
        Column(name="bid", header="BID",
               says="what is bid",
               field="bid", priority=14, wide=120, needs=("bid",),
               cell=cells.price_of("bid")),
        Column(name="ask", header="ASK",
               says="what is asked",
               field="ask", priority=14, wide=120, needs=("ask",),
               cell=cells.price_of("ask")),
        Column(name="spread", header="SPREAD",
               says="ask less bid",
               priority=17, wide=130, needs=("bid", "ask"),
               cell=cells.spread),
        Column(name="size", header="SIZE",
               says="the size of the last trade",
               field="last_size", priority=20, wide=150, needs=("last_size",),
               cell=cells.short_of("last_size")),
        Column(name="cap", header="MKT CAP",
               says="the market capitalisation",
               field="market_cap", priority=21, wide=160, needs=("market_cap",),
               cell=cells.short_of("market_cap")),
        Column(name="exchange", header="EXCH",
               says="the exchange, by Yahoo's code",
               field="exchange", priority=20, wide=140, left=True,
               needs=("exchange",), cell=cells.text_of("exchange")),
        Column(name="currency", header="CCY",
               says="the currency it is quoted in",
               field="currency", priority=22, wide=170, left=True,
               needs=("currency",), cell=cells.text_of("currency")),
        Column(name="sess", header="SESS",
               says="the session: PRE, REG, POST, OVN, CLS; 24h where there is none",
               field="market_hours", priority=6, width=4, left=True,
               cell=cells.session),
        Column(name="lag", header="LAG",
               says="how old the last push was when it came",
               priority=23, wide=180, width=5, needs=("time",), cell=cells.lag),
        Column(name="age", header="AGE",
               says="for how long nothing new was said",
               priority=3, width=5, cell=cells.age),
    )
}  # fmt: skip
"""Every column by its name, in the order that the table shows them in."""

DEFAULT: Sequence[str] = tuple(COLUMNS)

_BY_FIELD = {column.field: column for column in COLUMNS.values() if column.field}


def column_named(name: str) -> str:
    """The column that is meant, by its own name or by that of its field; `name` where there is none."""
    return _BY_FIELD[name].name if name not in COLUMNS and name in _BY_FIELD else name


def pick_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the table that are named, by their own name or by the field that they show."""
    unknown = [name for name in names if name not in COLUMNS and name not in _BY_FIELD]
    if unknown:
        hint = meant(unknown[0], [*COLUMNS, *_BY_FIELD])
        raise UsageError(f"no column {unknown[0]!r}: {hint}there are {', '.join(COLUMNS)}")
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
        if not field:
            raise UsageError(
                f"column {name!r} is of the table alone: --csv has fields of a tick, and none says it"
            )
        if field not in FIELDS:
            near = meant(name, [*FIELDS, *(one for one in COLUMNS if COLUMNS[one].field)])
            known = "use id, price, change_percent, day_volume, … (the header of --csv names all)"
            raise UsageError(f"no field {name!r} in a tick: {near}{known}")
    return tuple(field for field in fields if field)
