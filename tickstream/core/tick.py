"""The tick: what one push said about one symbol.

The names are those of Yahoo's message, as users of yfinance know them; the
types are real ones. What was not said is None, which is never the same as 0.

A tick is read late: a source hands over how to read the fields, and they are
read when somebody asks for one. Of a busy stream most ticks are overtaken
before anybody looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Generic, Self, TypeVar, cast, overload

from msgspec import Struct

__all__ = ["EARLIEST", "FIELDS", "TOMORROW", "MarketHours", "QuoteType", "Tick", "Value"]

EARLIEST = 946_684_800_000
"""2000-01-01, in ms: no quote is older."""
TOMORROW = 86_400_000
"""A time more than this many ms from now is not a time."""

Value = str | int | float | list[str]
T = TypeVar("T", bound=Value)


class MarketHours(IntEnum):
    """The session that a push belongs to."""

    PRE_MARKET = 0
    REGULAR_MARKET = 1
    POST_MARKET = 2
    EXTENDED_HOURS_MARKET = 3
    OVERNIGHT_MARKET = 4


class QuoteType(IntEnum):
    """What kind of thing a symbol names."""

    NONE = 0
    ALTSYMBOL = 5
    HEARTBEAT = 7
    EQUITY = 8
    INDEX = 9
    MUTUALFUND = 11
    MONEYMARKET = 12
    OPTION = 13
    CURRENCY = 14
    WARRANT = 15
    BOND = 17
    FUTURE = 18
    ETF = 20
    COMMODITY = 23
    ECNQUOTE = 28
    CRYPTOCURRENCY = 41
    INDICATOR = 42
    CULTURAL_INDEX = 43
    CULTURAL_SUBINDEX = 44
    CULTURAL_ASSET = 45
    PRIVATE_COMPANY = 46
    INDUSTRY = 1000


class Said(Generic[T]):
    """One field of a tick: its value where the push said it, else None."""

    def __init__(self, kind: type[T]) -> None:
        self.kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, tick: None, owner: type) -> Self: ...
    @overload
    def __get__(self, tick: Tick, owner: type) -> T | None: ...
    def __get__(self, tick: Tick | None, owner: type) -> Self | T | None:
        if tick is None:
            return self
        return cast("T | None", tick.said.get(self.name))


class Tick(Struct, frozen=True, eq=False):
    """What one push said about one symbol; None means "not said".

    Prices are in `currency` as quoted (GBp is pence), percentages are percent,
    times are milliseconds UTC, sizes and volumes are units (for crypto the
    value traded, in `currency`). The meaning of each field is Yahoo's.
    """

    id: str
    """The symbol."""
    _said: dict[str, Value]
    _read: Callable[[Any], dict[str, Value]] | None = None
    _message: Any = None
    _raw: str | bytes = ""
    dropped: int = 0
    """Fields of the push that were left out because their value was none: not finite, or no time."""

    # In the order of Yahoo's message, which is the order of JSON keys and CSV columns.
    price = Said(float)
    time = Said(int)
    currency = Said(str)
    exchange = Said(str)
    quote_type = Said(int)
    market_hours = Said(int)
    change_percent = Said(float)
    day_volume = Said(int)
    day_high = Said(float)
    day_low = Said(float)
    change = Said(float)
    short_name = Said(str)
    expire_date = Said(int)
    open_price = Said(float)
    previous_close = Said(float)
    strike_price = Said(float)
    underlying_symbol = Said(str)
    open_interest = Said(int)
    options_type = Said(int)
    mini_option = Said(int)
    last_size = Said(int)
    bid = Said(float)
    bid_size = Said(int)
    ask = Said(float)
    ask_size = Said(int)
    price_hint = Said(int)
    vol_24hr = Said(int)
    vol_all_currencies = Said(int)
    from_currency = Said(str)
    last_market = Said(str)
    circulating_supply = Said(float)
    market_cap = Said(float)
    components = Said(str)
    indices = Said(list[str])
    cmc_rank = Said(int)
    underlying_shortname = Said(str)
    fifty_two_week_change = Said(float)
    fifty_two_week_change_percent = Said(float)
    latest_amount_raised = Said(float)
    latest_funding_date = Said(int)
    latest_share_class = Said(str)
    latest_implied_valuation = Said(float)
    ytd_return = Said(float)
    qtd_return = Said(float)

    @classmethod
    def from_dict(cls, said: Mapping[str, Value]) -> Tick:
        """The tick that says just this; `said["id"]` is the symbol."""
        return cls(str(said["id"]), dict(said))

    @property
    def said(self) -> Mapping[str, Value]:
        """All that was said, by field, in the order of the message; `id` is first."""
        if not self._said and self._read is not None:
            self._said.update(self._read(self._message))
        return self._said

    @property
    def raw(self) -> str:
        """The text that it came in, as a tape writes it; empty where there was none."""
        return self._raw if isinstance(self._raw, str) else self._raw.decode("utf-8", "replace")

    def to_dict(self) -> dict[str, Value]:
        """A copy of all that was said, as `--json` prints it."""
        return dict(self.said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tick) and self.said == other.said

    def __hash__(self) -> int:
        return hash((self.id, self.time, self.price))

    def __repr__(self) -> str:
        return f"Tick({', '.join(f'{name}={value!r}' for name, value in self.said.items())})"


FIELDS: Mapping[str, type] = {"id": str} | {
    name: field.kind for name, field in vars(Tick).items() if isinstance(field, Said)
}
"""Each field of a tick and its type, in the order of Yahoo's message."""
