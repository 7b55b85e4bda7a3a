"""What users type as symbols, as a list of symbols."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tickstream.errors import BadSymbols, UsageError

__all__ = ["MOST", "is_symbol", "parse_symbols", "split_words"]

MOST = 10_000
"""More symbols than this nobody may follow at once: at 100 a connection that is 100 connections."""

_SYMBOL = re.compile(r"[A-Z0-9^.][A-Z0-9.^=&_-]{0,23}")
_SEPARATORS = re.compile(r"[,\s]+")


def is_symbol(text: str) -> bool:
    """Whether `text` is well formed; whether it exists only the source knows."""
    return _SYMBOL.fullmatch(text) is not None


def split_words(words: str | Iterable[str]) -> list[str]:
    """What stands between the commas and blanks of `words`; one text is one of them.

    Raises:
        UsageError: some are no text.
    """
    words = [words] if isinstance(words, str) else list(words)
    if bad := [word for word in words if not isinstance(word, str)]:
        raise UsageError(f"symbols are texts, as in 'AAPL', and this is none: {bad[0]!r:.60}")
    return [part for word in words for part in _SEPARATORS.split(word.removeprefix("\ufeff")) if part]


def parse_symbols(words: str | Iterable[str], *, most: int = MOST) -> tuple[str, ...]:
    """The symbols in `words`: split at commas and blanks, upper-cased, each once, in the order given.

    Raises:
        BadSymbols: some are not well formed; all of them are named.
        UsageError: there are none, or more than `most`, or some are no text.
    """
    symbols = dict.fromkeys(
        # Some letters become other ones: ß is SS in capitals, and nobody meant that.
        part.upper() if part.isascii() else part
        for part in split_words(words)
    )
    if bad := [symbol for symbol in symbols if not is_symbol(symbol)]:
        raise BadSymbols(bad)
    if not symbols:
        raise UsageError("no symbols: name at least one, as AAPL or BTC-USD")
    if len(symbols) > most:
        raise UsageError(
            f"{len(symbols):,} symbols are more than {most:,}: name fewer, or raise --max-symbols"
        )
    return tuple(symbols)
