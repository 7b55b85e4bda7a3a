"""What `tickstream help TOPIC` says, from the tables that the program itself goes by.

A topic is blocks: a text is a paragraph, `Terms` are words and what they mean,
`Verbatim` stays as it is. The manual page is made of the same blocks
(cli/manual). Adding a topic is one entry of `TOPICS`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["TOPICS", "Block", "Terms", "Topic", "Verbatim", "text_of"]

WIDTH = 80
"""Columns of a text, at most."""
_INDENT = 26
"""Columns of the words beside which their meaning stands; longer ones stand above it."""


class Terms(NamedTuple):
    """Words, and what each means."""

    pairs: tuple[tuple[str, str], ...]


class Verbatim(NamedTuple):
    """Lines that stay as they are."""

    text: str


Block = str | Terms | Verbatim


class Topic(NamedTuple):
    """Something to read. What it says may ask the commands, which are handed over."""

    summary: str
    blocks: Callable[[Any], Iterable[Block]]


def text_of(blocks: Iterable[Block], width: int = WIDTH) -> str:
    """The blocks as text for a terminal."""
    return "\n".join("\n".join(_lines(block, width)) + "\n" for block in blocks)


def _lines(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, Verbatim):
        yield from (f"  {line}".rstrip() for line in block.text.rstrip().splitlines())
    elif isinstance(block, str):
        yield from textwrap.wrap(block, width, break_on_hyphens=False, break_long_words=False)
    else:
        indent = min(_INDENT, max(len(word) for word, _ in block.pairs) + 4)
        for word, meaning in block.pairs:
            yield from _term(word, meaning, indent, width)


def _term(word: str, meaning: str, indent: int, width: int) -> Iterator[str]:
    lines = textwrap.wrap(meaning, width - indent, break_on_hyphens=False) or [""]
    if len(word) + 4 > indent:
        yield f"  {word}"
    else:
        yield f"  {word:<{indent - 2}}{lines.pop(0)}".rstrip()
    yield from (" " * indent + line for line in lines)


def _faults(group: Any) -> Iterator[Block]:
    from tickstream.simulator.faults import ENDPOINTS, MEANINGS

    yield (
        "What simulate --fault has go wrong, to see what your program makes of it; several may be in force. "
        "On the streamer:"
    )
    yield Terms(tuple(says for kind, says in MEANINGS.items() if not kind.is_http))
    yield (
        "@N is after how many messages of a connection, xN at the end how often in all: mute@5x2. Over HTTP, "
        "where @N counts requests of an endpoint:"
    )
    yield Terms(tuple(says for kind, says in MEANINGS.items() if kind.is_http))
    yield (
        "With ~ENDPOINT behind the value that one alone suffers, as in http-hang~quote@5 or "
        f"http-status=429:30~crumb: {', '.join(ENDPOINTS)}."
    )


def _alerts(group: Any) -> Iterator[Block]:
    from tickstream.core.alerts import KINDS

    yield (
        "watch --alert 'AAPL>200' tells when something comes true; --until ends with exit code 0 when it "
        "does. An alert is a symbol, and one of these:"
    )
    yield Terms(tuple((kind.example, kind.means) for kind in KINDS))
    yield (
        "It is evaluated on each tick, and fires once per crossing: again only after the price was back "
        "by a thousandth of it. --notify says how a person is told, --on-alert runs a program, which gets "
        "the tick as JSON on its stdin and TICKSTREAM_ALERT, TICKSTREAM_MESSAGE, TICKSTREAM_ID, "
        "TICKSTREAM_PRICE, … in its environment."
    )


def _bars(group: Any) -> Iterator[Block]:
    from tickstream.core.bars import BARS
    from tickstream.core.template import EXTRAS

    extras = " and ".join(f"{{{name}}}" for name in EXTRAS)
    yield (
        "watch --format takes a template, which makes a line a push, or the name of a bar, which is one "
        "line for all symbols whenever it reads differently. After a bar's name and a colon comes a "
        "template for each."
    )
    yield Verbatim(
        "tickstream watch AAPL --format '{id} {price} {change_percent:+.2f}%'\n"
        "tickstream watch AAPL BTC-USD --format 'line:{id} {last}'"
    )
    yield f"Bars: {', '.join(BARS)}."
    yield f"In a template stand the fields of a tick (tickstream help json), and {extras}."


def _columns(group: Any) -> Iterator[Block]:
    from tickstream.core.columns import COLUMNS
    from tickstream.core.order import NAMES

    without = ", ".join(name for name in COLUMNS if name not in NAMES)
    yield (
        "The columns of the table of watch, by the names that --columns takes; the header follows. "
        f"--sort takes them too, but for {without}. "
        "Without --columns those are shown that have something to say and for which there is "
        "room."
    )
    yield Terms(tuple((name, f"{column.header}: {column.says}") for name, column in COLUMNS.items()))


def _config(group: Any) -> Iterator[Block]:
    from tickstream.cli.sample import sample_text

    yield (
        "`tickstream config` prints where the config file is, --init writes the one below, --edit opens "
        "it, --check says what is wrong with it. What is typed wins over the environment, the environment "
        "over the file."
    )
    yield Verbatim(sample_text(group))


def _environment(group: Any) -> Iterator[Block]:
    from tickstream.cli.described import described

    yield "Each of these does what the option of its name does; what is typed wins."
    found: dict[str, str] = {}
    for command in described(group):
        for option in command.options:
            if option.environment:
                found.setdefault(option.environment, f"{option.names[0]}: {option.help}".rstrip(": "))
    yield Terms(tuple(sorted(found.items())))
    yield "NO_COLOR takes colours away, FORCE_COLOR colours what goes down a pipe; a proxy is HTTPS_PROXY's."


def _exit_codes(group: Any) -> Iterator[Block]:
    from tickstream.errors import EXIT_CODES

    yield "With these a command ends:"
    yield Terms(tuple(EXIT_CODES.items()))


def _json(group: Any) -> Iterator[Block]:
    from typing import get_args

    from tickstream.cli.shapes import shapes
    from tickstream.core.ports import Event
    from tickstream.core.tick import FIELDS, MEANING

    kinds = {str: "string", int: "integer", float: "number"}
    yield (
        "stdout carries data only: watch --json prints one tick a line, each push in the order it came; "
        "the views a document a line. The Python API hands out the same shapes, and the server sends "
        "them."
    )
    yield "A tick, of which a key that is absent was not said, and is never 0 for that:"
    yield Terms(
        tuple(
            (name, f"{kinds.get(kind, 'array of strings')}: {MEANING[name]}") for name, kind in FIELDS.items()
        )
    )
    yield (
        "With --events, and on a tape, there are objects among the ticks that have a `type`; a key that "
        "would be empty is left out:"
    )
    yield Terms(tuple((event.type, _event(event)) for event in get_args(Event)))
    yield (
        "Documents: what is not known is null; what may be left out says so. Prices are as quoted, "
        "percent is percent, `time` is ms UTC, every other time is ISO 8601 in UTC, `asOf` says when it "
        "was fetched."
    )
    for says, fields in shapes():
        yield says
        yield Terms(fields)


def _event(event: Any) -> str:
    """What an event is, and its keys."""
    says = " ".join((event.__doc__ or "").split())
    return f"{says} Keys: {', '.join(event.__slots__)}."


def _keys(group: Any) -> Iterator[Block]:
    from tickstream.core.keys import ACTIONS, KEYS, keys_of

    yield "The keys of the live table; [keys] of the config file gives an action another one."
    names = {" ": "space"}
    yield Terms(
        tuple(
            (" ".join(names.get(key, key) for key in keys_of(name, KEYS)), f"{action.says} ({name})")
            for name, action in ACTIONS.items()
        )
    )


def _sources(group: Any) -> Iterator[Block]:
    yield "Where the data comes from, by --source:"
    yield Terms(
        (
            ("yahoo", "Yahoo Finance: its streamer, and its HTTP for the views; the default"),
            ("demo", "simulated prices, without network; --demo is short for it. They are marked SIMULATED"),
            ("yahoo+http://HOST:PORT", "a server that speaks Yahoo's protocols, as `simulate`; or https"),
            ("ws://HOST:PORT", "a server of `tickstream serve`, or wss; its key is TICKSTREAM_API_KEY"),
            ("ws://HOST:PORT/PATH", "a server that speaks Yahoo's streamer protocol alone: no views"),
            ("FILE", "a tape that `tickstream record` wrote: no views but quotes. It is marked REPLAY"),
        )
    )  # fmt: skip


def _tapes(group: Any) -> Iterator[Block]:
    yield (
        "A tape is NDJSON, packed where its name ends in .gz or .zst: a line a push, with when it came "
        "(`at`, ms UTC) and the text it came in (`raw`), or the tick (`said`). The first line says that "
        "it is a tape."
    )
    yield Verbatim(
        "tickstream record aapl.ndjson.gz AAPL MSFT\n"
        "tickstream watch AAPL --source aapl.ndjson.gz --speed 10 --from 10:30\n"
        "tickstream serve --source aapl.ndjson.gz --loop"
    )
    yield (
        "It is played as if it were live, at --speed, to its end or in a --loop. What is there is "
        "appended to, never overwritten without --force; --rotate day,100MB begins another one at "
        "midnight UTC or at a size."
    )


TOPICS: Mapping[str, Topic] = {
    "alerts": Topic("what --alert and --until take", _alerts),
    "bars": Topic("status bars and templates", _bars),
    "columns": Topic("the columns of the table", _columns),
    "config": Topic("the config file, with every key there is", _config),
    "environment": Topic("what the environment sets", _environment),
    "exit-codes": Topic("what the exit codes mean", _exit_codes),
    "faults": Topic("what simulate --fault has go wrong", _faults),
    "json": Topic("what --json prints, field by field", _json),
    "keys": Topic("the keys of the live table", _keys),
    "sources": Topic("where the data can come from", _sources),
    "tapes": Topic("what is recorded, and how it is played", _tapes),
}
"""Every topic, by the name that is typed."""
