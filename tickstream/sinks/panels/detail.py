"""The detail: all about one symbol, as its profile shows it, with what is pushed laid over it.

Where nothing can be fetched, as from a tape, it shows what the row says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import structs

from tickstream.core.board import Now, Row
from tickstream.core.snapshot import overlaid, quote_of
from tickstream.core.values import Closes, Part, Parts, Quote, value_of
from tickstream.core.views import profile_document
from tickstream.sinks.screens.page import Canvas, View
from tickstream.sinks.screens.profile import profile_body

__all__ = ["Detail", "detail_parts"]


class Detail:
    """A panel of the symbol that `chosen` says, which may be another one each time."""

    hints = (("↑↓", "others"), ("esc", "back"))
    of_row = True

    def __init__(
        self,
        chosen: Callable[[], str],
        row: Callable[[str], Row],
        parts: Callable[[], Parts],
        names: Mapping[str, str],
        is_old: Callable[[Row], bool],
    ) -> None:
        self._chosen, self._row, self._parts = chosen, row, parts
        self._names, self._is_old = names, is_old

    @property
    def title(self) -> str:
        symbol = self._chosen()
        return self._names.get(symbol, symbol)

    def lines(self, canvas: Canvas, now: Now) -> list[str]:
        row = self._row(self._chosen())
        parts = detail_parts(row, self._parts(), now)
        document = profile_document(row.symbol, parts, now.wall)
        view = View(
            title=f"profile {row.symbol}",
            document=document,
            parts=parts,
            now=now.wall,
            interval=5.0,
            names=self._names,
        )
        painter = canvas.painter.dimmed if self._is_old(row) else canvas.painter
        return profile_body(view, Canvas(painter, canvas.width, canvas.height, canvas.moves))

    def press(self, action: str, key: str) -> bool:
        return False


def _with_extremes(quote: Quote, row: Row) -> Quote:
    """A price beyond the range of the day has widened it since that was fetched."""
    price, high, low = quote.price, quote.day_high, quote.day_low
    if row.is_extended or price is None or high is None or low is None:
        return quote
    return structs.replace(quote, day_high=max(high, price), day_low=min(low, price))


def detail_parts(row: Row, parts: Parts, now: Now) -> Parts:
    """`parts`, with the quote and the course of the session that the row has by now."""
    quote_key, trend_key = f"quote:{row.symbol}", f"trend:{row.symbol}"
    quote, closes = value_of(Quote, parts, quote_key, now.wall), value_of(Closes, parts, trend_key, now.wall)
    if row.fresh is None and quote is None:
        return parts
    newest = _with_extremes(overlaid(quote, row.said) if quote else quote_of(row), row)
    course = Closes(
        prices=tuple(price for _, price in row.trend.points),
        times=tuple(now.wall - (now.monotonic - at) for at, _ in row.trend.points),
        previous_close=newest.previous_close,
        span=closes.span if closes else None,
    )
    fetched = parts[quote_key].fetched if quote else now.wall
    laid = {quote_key: Part.of(newest, fetched)}
    return {**parts, **laid, **({trend_key: Part.of(course, fetched)} if len(course.prices) > 1 else {})}
