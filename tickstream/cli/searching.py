"""`tickstream search` at work: one question, and a line for each symbol found."""

from __future__ import annotations

import asyncio

from tickstream.api.opening import opened_views
from tickstream.cli.terminal import STDOUT
from tickstream.core.jsontext import json_lines
from tickstream.core.values import Found
from tickstream.errors import NoData, NotFound
from tickstream.sinks.notes import Notes
from tickstream.sinks.output import Output
from tickstream.sinks.paint import fit
from tickstream.sources import check_views

__all__ = ["run_search"]


async def run_search(text: str, source: str, *, json: bool, seconds: float) -> None:
    """Print what `text` may mean, the best first."""
    check_views(source)
    async with opened_views(source) as parts:
        try:
            async with asyncio.timeout(seconds) as limit:
                found = await parts.search(text)
        except TimeoutError:
            if limit.expired():
                raise NoData(seconds) from None
            raise
        mark = parts.mark
    if not found:
        raise NotFound(f"nothing found for {text!r}: try a part of the name")
    if mark:
        notes = Notes()
        notes.say(f"[{mark}]")
        notes.close()
    lines = json_lines([_document(one) for one in found]) if json else _plain(found)
    async with Output(STDOUT) as output:
        output.write(lines)
        await output.ready()


def _document(found: Found) -> dict[str, str | None]:
    return {
        "symbol": found.symbol,
        "name": found.name,
        "quoteType": found.quote_type,
        "exchange": found.exchange,
        "sector": found.sector,
    }


def _plain(found: list[Found]) -> bytes:
    rows = [[one.symbol, one.name or "", one.quote_type or "", one.exchange or ""] for one in found]
    widths = [min(48, max(len(row[number]) for row in rows)) for number in range(4)]
    lines = ("  ".join(fit(text, width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{line.rstrip()}\n" for line in lines).encode("utf-8", "replace")
