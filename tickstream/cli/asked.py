"""What `watch` is asked for that can change while it runs: texts, and what they mean by the config file.

The file's alerts and positions are about the symbols that are watched, and add
none; where no symbols are named, they name them. What is typed, or set in the
environment, is always watched.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tickstream.cli.alerting import alert_options, alerts_of_environment
from tickstream.cli.looks import look_of
from tickstream.cli.options import WatchOptions
from tickstream.core.alerts import parse_alert, parse_alerts
from tickstream.core.config import Config, expand
from tickstream.core.symbols import parse_symbols
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.core.positions import Positions

__all__ = ["Asked", "Typed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stays as it is, whatever the file says."""

    words: Sequence[str]
    """The symbols that were named, as they were."""
    most: int
    """How many symbols there may be."""
    options: frozenset[str]
    """The options that were typed."""
    free: frozenset[str]
    """The options that are left to the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Options as texts, wherever they are from."""

    columns: str | None = None
    sort: str | None = None
    colors: str | None = None
    no_color: bool = False
    in_ascii: bool = False
    alert: Sequence[str] | None = None
    until: str | None = None
    on_alert: str | None = None
    notify: str | None = None
    position: Sequence[str] | None = None
    currency: str | None = None

    def but(self, said: dict[str, Any]) -> Asked:
        """The same, but for what is `said` otherwise."""
        return replace(self, **{one.name: said[one.name] for one in fields(self) if one.name in said})

    def laid_over(self, options: WatchOptions, typed: Typed, config: Config) -> WatchOptions:
        """`options`, with what is asked for here.

        Raises:
            UsageError: something of it cannot be.
        """
        named = expand(typed.words, config)
        alerts, told = self._alerts(typed, config)
        shows = options.form == "table" and not options.once
        # Those of the environment are for the table; those of the file say what to watch as well.
        held = self._positions(config) if shows or "position" in typed.free else {}
        shown = held if shows else {}
        until = _of_alias(self.until, config) if self.until else ""
        named += _symbols_of([*alerts, until] if until else alerts)
        named += [] if "position" in typed.free else shown
        offered = [*_symbols_of(told), *held]
        symbols = parse_symbols(named or offered, most=typed.most)
        alerts += [text for text in told if parse_alert(text).symbol in symbols]
        return replace(
            options,
            symbols=symbols,
            alerting=alert_options(alerts, until, self._command(typed), self.notify, config.names),
            columns=_columns(self.columns, options.form, "columns" in typed.options),
            sort=self.sort,
            positions=shown,
            currency=_currency(self.currency) if options.form == "table" and not options.once else "",
            look=look_of(self.colors, self.no_color, self.in_ascii, typed.options),
            names=config.names,
            keys=config.keys,
            list=_list_of(typed.words, config) if symbols == tuple(dict.fromkeys(named)) else "",
            config=config,
            most=typed.most,
        )

    def _alerts(self, typed: Typed, config: Config) -> tuple[list[str], list[str]]:
        """Those that are typed or set in the environment, and those of the file."""
        own = [] if "alert" in typed.options else alerts_of_environment()
        texts = [_of_alias(text, config) for text in own or self.alert or ()]
        return ([], texts) if "alert" in typed.free and not own else (texts, [])

    def _command(self, typed: Typed) -> str | None:
        """An environment that says none means it: what a command runs must not run that command again."""
        none = "on_alert" in typed.free and "TICKSTREAM_ON_ALERT" in os.environ
        return None if none else self.on_alert

    def _positions(self, config: Config) -> Positions:
        from tickstream.core.positions import Lot, parse_positions

        held: dict[str, tuple[Lot, ...]] = {}
        for name, lots in parse_positions(self.position or ()).items():
            symbol = config.symbol_of(name)
            held[symbol] = (*held.get(symbol, ()), *lots)
        return held


def _list_of(words: Sequence[str], config: Config) -> str:
    """The list that is named, where it is one and nothing else."""
    name = words[0].removeprefix("@") if len(words) == 1 and words[0].startswith("@") else ""
    return name if name in config.lists else ""


def _symbols_of(alerts: Collection[str]) -> list[str]:
    return [alert.symbol for alert in parse_alerts(alerts)]


def _of_alias(text: str, config: Config) -> str:
    """An alert, with the symbol that is meant where it names an alias."""
    alert = parse_alert(text)
    return config.symbol_of(alert.symbol) + alert.text.removeprefix(alert.symbol)


def _currency(text: str | None) -> str:
    from tickstream.core.money import parse_currency

    return parse_currency(text) if text else ""


def _columns(text: str | None, form: str, typed: bool) -> tuple[str, ...]:
    """The names of columns, each once; where they were not typed, only those that the format has."""
    names = dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip())
    if text and not names:
        raise UsageError("--columns names none: use symbol,last,chg% or the like")
    if form == "csv":
        from tickstream.core.columns import COLUMNS, csv_fields

        if not typed:
            names = {name: None for name in names if name not in COLUMNS or COLUMNS[name].field}
        return tuple(dict.fromkeys(csv_fields(tuple(names))))
    return tuple(names) if form == "table" else ()
