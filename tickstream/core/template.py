"""Templates: `{id} {price} {change_percent:+.2f}%` becomes a text a tick. Pure.

The fields are those of a tick, and the few of `EXTRAS`. What a tick does not
say is empty, filled up with blanks where a width is asked for. A template is
checked when it is read: what it was read from cannot fail when it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from string import Formatter

from tickstream.core.cells import digits_of
from tickstream.core.figures import price_text
from tickstream.core.text import clean, meant
from tickstream.core.tick import FIELDS, Value
from tickstream.errors import UsageError

__all__ = ["EXTRAS", "Template"]

Said = Mapping[str, Value]
Write = Callable[[Said], str]

WIDEST = 200
_SAMPLES: Mapping[type, Value] = {str: "a", int: 1_700_000_000_000, float: 1.5, list: ["a"]}
_ARROWS = {1: "▲", 0: "=", -1: "▼"}


def _last(said: Said) -> str:
    price, currency = said.get("price"), said.get("currency")
    return price_text(price if isinstance(price, float) else None, digits_of(said), str(currency))


def _arrow(said: Said) -> str:
    change = said.get("change_percent", said.get("change"))
    return _ARROWS[(change > 0) - (change < 0)] if isinstance(change, (int, float)) else ""


EXTRAS: Mapping[str, Write] = {
    "last": _last,
    "arrow": _arrow,
}
"""What a template can name beside a tick's fields: the price as the table shows it, and which way it went."""


class Template:
    """A text with fields of a tick in it.

    Raises:
        UsageError: it names what there is not, or formats it as it cannot be.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise _bad(text, f"{error}; {{{{ and }}}} stand for braces") from None
        self._write: list[str | Write] = []
        for literal, name, spec, conversion in parts:
            if literal:
                self._write.append(literal.replace("\\t", "\t").replace("\\n", "\n"))
            if name is not None:
                self._write.append(_field(text, name, spec or "", conversion))

    def of(self, said: Said) -> str:
        """The text for what was said."""
        return "".join(part if isinstance(part, str) else part(said) for part in self._write)


def _field(text: str, name: str, spec: str, conversion: str | None) -> Write:
    if conversion:
        raise _bad(text, f"!{conversion} is not for these values")
    if name not in FIELDS and name not in EXTRAS:
        raise _bad(text, f"no field {clean(name, 40)!r}: {_meant(name)}")
    if any(int(number) > WIDEST for number in re.findall(r"\d+", spec)[:2]):
        raise _bad(text, f"{clean(spec, 40)!r} is wider than {WIDEST}")
    write = _extra(EXTRAS[name], spec) if name in EXTRAS else _said(name, spec)
    kind = FIELDS.get(name, str)
    try:
        write({name: _SAMPLES[kind if kind in _SAMPLES else list]})
    except (ValueError, TypeError, OverflowError):
        raise _bad(text, f"{name} cannot be written as {clean(spec, 40)!r}") from None
    return write


def _extra(extra: Write, spec: str) -> Write:
    return lambda said: format(extra(said), spec)


def _said(name: str, spec: str) -> Write:
    if name == "time" and spec.startswith("%"):
        return lambda said: _moment(said.get("time"), spec)
    empty = _blanks(spec)

    def write(said: Said) -> str:
        value = said.get(name)
        if value is None:
            return empty
        if isinstance(value, list):
            value = " ".join(value)
        return format(clean(value) if isinstance(value, str) else value, spec)

    return write


def _moment(time: Value | None, spec: str) -> str:
    """A time as strftime has it, where this runs."""
    if not isinstance(time, int):
        return ""
    return datetime.fromtimestamp(time / 1000).strftime(spec)


def _blanks(spec: str) -> str:
    """As many blanks as `spec` asks for at least."""
    found = re.fullmatch(r"(?:.?[<>=^])?[-+ ]?z?#?0?(\d*)[,_]?(?:\.\d+)?[a-zA-Z%]?", spec)
    return " " * int(found[1]) if found and found[1] else ""


def _meant(name: str) -> str:
    return meant(name, [*FIELDS, *EXTRAS]).rstrip() or f"there are {', '.join([*FIELDS][:9])}, …"


def _bad(text: str, why: str) -> UsageError:
    return UsageError(f"bad --format '{clean(text, 60)}': {why}")
