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

__all__ = ["EARLIEST", "FIELDS", "MEANING", "TOMORROW", "MarketHours", "QuoteType", "Tick", "Value"]

EARLIEST = 946_684_800_000
"""2000-01-01, in ms: no quote is older."""
TOMORROW = 86_400_000
"""A time more than this many ms from now is not a time."""

Value = str | int | float | list[str]
T = TypeVar("T", bound=Value)


class MarketHours(IntEnum):
    """The session that a push belongs to, as `Tick.market_hours` says it."""

    PRE_MARKET = 0
    REGULAR_MARKET = 1
    POST_MARKET = 2
    EXTENDED_HOURS_MARKET = 3
    OVERNIGHT_MARKET = 4


class QuoteType(IntEnum):
    """What kind of thing a symbol names, as `Tick.quote_type` says it; Yahoo may have others."""

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
    """One field of a tick: its value where the push said it, else None; `says` is what it means."""

    def __init__(self, kind: type[T], says: str) -> None:
        self.kind, self.says = kind, says

    def __repr__(self) -> str:
        """What `help(Tick)` shows of it."""
        kind = getattr(self.kind, "__name__", "") if self.kind in (str, int, float) else str(self.kind)
        return f"{kind} | None: {self.says}"

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

    >>> import tickstream
    >>> tick = tickstream.Tick.from_dict({"id": "AAPL", "price": 171.52, "market_hours": 0})
    >>> tick.price, tick.bid, tick.market_hours == tickstream.MarketHours.PRE_MARKET
    (171.52, None, True)
    >>> tick.to_dict()
    {'id': 'AAPL', 'price': 171.52, 'market_hours': 0}
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
    price = Said(float, "the last price, of the session that `market_hours` names; as quoted")
    time = Said(int, "when that was, ms UTC")
    currency = Said(str, "the currency it is quoted in (`GBp` is pence); of shares it is hardly ever said")
    exchange = Said(str, "the exchange, by Yahoo's code: NMS, NYQ, CCC, …")
    quote_type = Said(int, "what it is: a number of `QuoteType`")
    market_hours = Said(int, "the session: a number of `MarketHours`; 0 is pre-market")
    change_percent = Said(float, "the change since the reference price, in percent")
    day_volume = Said(int, "the day's volume in units; of crypto the value traded, in `currency`")
    day_high = Said(float, "the day's highest price, as quoted")
    day_low = Said(float, "the day's lowest price, as quoted")
    change = Said(
        float,
        "the change since the reference price (the previous close; out of the session, the last), as quoted",
    )
    short_name = Said(str, "the name")
    expire_date = Said(int, "of options and futures: when it ends, seconds UTC, it is believed")
    open_price = Said(float, "the day's first price, as quoted")
    previous_close = Said(float, "the previous close, as quoted; in the message, and never seen")
    strike_price = Said(float, "of options: the strike")
    underlying_symbol = Said(str, "of options: the symbol beneath")
    open_interest = Said(int, "of options: contracts that are open")
    options_type = Said(int, "of options: 0 call, 1 put")
    mini_option = Said(int, "of options: whether it is a small one")
    last_size = Said(int, "the size of the last trade, in units")
    bid = Said(float, "what is bid, as quoted")
    bid_size = Said(int, "how much is bid for, in units")
    ask = Said(float, "what is asked, as quoted")
    ask_size = Said(int, "how much is offered, in units")
    price_hint = Said(int, "how many decimals to show")
    vol_24hr = Said(int, "of crypto: the value traded in 24 hours, in `currency`")
    vol_all_currencies = Said(int, "of crypto: the same, against all currencies")
    from_currency = Said(str, "of crypto: the coin")
    last_market = Said(str, "of crypto: where it was traded last")
    circulating_supply = Said(float, "of crypto: coins that there are")
    market_cap = Said(float, "the market capitalisation, in `currency`")
    components = Said(str, "of indices: what they are made of")
    indices = Said(list[str], "the indices it belongs to")
    cmc_rank = Said(int, "of crypto: its rank at CoinMarketCap")
    underlying_shortname = Said(str, "of options: the name of what is beneath")
    fifty_two_week_change = Said(float, "the change in 52 weeks, as quoted")
    fifty_two_week_change_percent = Said(float, "the same in percent")
    latest_amount_raised = Said(float, "of private companies: the amount raised last")
    latest_funding_date = Said(int, "of private companies: when that was")
    latest_share_class = Said(str, "of private companies: the class of shares that it was for")
    latest_implied_valuation = Said(float, "of private companies: the value that this implies")
    ytd_return = Said(float, "the return since the year began, in percent")
    qtd_return = Said(float, "the return since the quarter began, in percent")

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


_SAID: Mapping[str, Said[Any]] = {
    name: field for name, field in vars(Tick).items() if isinstance(field, Said)
}

FIELDS: Mapping[str, type] = {"id": str} | {name: field.kind for name, field in _SAID.items()}
"""Each field of a tick and its type, in the order of Yahoo's message."""
MEANING: Mapping[str, str] = {"id": "the symbol"} | {name: field.says for name, field in _SAID.items()}
"""What each field of a tick is, and its unit."""
