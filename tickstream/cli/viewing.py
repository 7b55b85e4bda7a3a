"""A polled view at work: quotes, market, hours or profile, as a screen, as lines or as JSON."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from importlib import import_module

from tickstream.api.backing import suggestion
from tickstream.api.opening import check_views_source, first_of
from tickstream.api.views import Plan, check_known, check_reached, polling
from tickstream.cli.options import ViewOptions
from tickstream.cli.terminal import STDOUT, keyboard_of, terminal_signals, until_q
from tickstream.core.jsontext import json_lines
from tickstream.errors import NoData, SourceError
from tickstream.poll import Poll
from tickstream.sinks.output import Notes, Output
from tickstream.sinks.paint import Painter, PlainPainter
from tickstream.sinks.screens.page import Page, View
from tickstream.sinks.terminal import Screen, size_of

__all__ = ["run_view"]

WIDTH = 100
"""Columns of plain text, where nothing says how wide it may be."""
_AGES = {
    "quote": "quotes",
    "movers": "movers",
    "headlines": "headlines",
    "similar": "similar",
    "news": "news",
    "periods": "periods",
}


async def run_view(plan: Plan, options: ViewOptions) -> None:
    """Show the view until told to end, by the options or by cancellation."""
    check_views_source(options.source, taped=plan.taped)
    viewing = Viewing(plan, options)
    async with polling(options.source, plan) as poll:
        try:
            async with asyncio.timeout(options.seconds) as limit:
                if options.once:
                    await viewing.once(poll)
                elif options.form == "table":
                    await first_of(viewing.screen(poll), _give_up(poll, options.timeout))
                else:
                    await first_of(viewing.lines(poll), _give_up(poll, options.timeout))
        except TimeoutError:
            if not limit.expired():
                raise


async def _give_up(poll: Poll, seconds: float | None) -> None:
    """Raise NoData where nothing at all came in time."""
    if seconds is not None:
        await asyncio.sleep(seconds)
        if not poll.parts:
            raise NoData(seconds)
    await asyncio.Event().wait()


class Viewing:
    """One view on its way to the terminal or down a pipe."""

    def __init__(self, plan: Plan, options: ViewOptions) -> None:
        self._plan, self._options = plan, options
        self._unknown: dict[str, str] = {}
        """Symbols that do not exist, and what is to be said about each."""
        self._said: tuple[str, str] = ("", "")

    async def once(self, poll: Poll) -> None:
        """One document, as soon as all of it is there or has failed, or at the timeout."""
        seconds = self._options.timeout or 10.0
        notes = Notes()
        try:
            async with aclosing(poll.rounds(self._options.interval, patience=seconds, once=True)) as rounds:
                async for _ in rounds:
                    check_known(poll, self._plan)
                    check_reached(poll, self._plan)
            if not poll.parts and not self._plan.offline:
                raise NoData(seconds)
            await self._note(poll, notes)
            async with Output(STDOUT) as output:
                output.write(self._text(poll))
                await output.ready()
        finally:
            notes.close()

    async def lines(self, poll: Poll) -> None:
        """A document each interval; what is wrong meanwhile goes to stderr."""
        notes = Notes()
        try:
            async with Output(STDOUT) as output, self._rounds(poll) as rounds:
                async for _ in rounds:
                    await self._note(poll, notes)
                    output.write(self._text(poll))
                    await output.ready()
        finally:
            notes.close()

    async def screen(self, poll: Poll) -> None:
        """The view drawn in place; its last state stays on the normal screen."""
        page = _page(self._plan, Painter(color=self._options.color))
        async with Output(STDOUT) as output:
            try:
                with keyboard_of() as keyboard:
                    screen = Screen(output, keyboard)
                    hurry = asyncio.Event()
                    with screen, terminal_signals(screen, hurry.set):
                        await first_of(
                            self._follow(poll),
                            self._draw(poll, page, screen, hurry),
                            until_q(screen, keyboard),
                        )
            finally:
                if poll.parts:
                    lines = page.still(self._view(poll), size_of(STDOUT)[0])
                    await output.leave("".join(f"{line.rstrip()}\n" for line in lines).encode())
        self._tell_unknown()

    @asynccontextmanager
    async def _rounds(self, poll: Poll) -> AsyncIterator[AsyncIterator[None]]:
        async with aclosing(poll.rounds(self._options.interval)) as rounds:
            yield self._counted(poll, rounds)

    async def _counted(self, poll: Poll, rounds: AsyncIterator[None]) -> AsyncIterator[None]:
        number = 0
        async for _ in rounds:
            if number == 0:
                check_known(poll, self._plan)
            number += 1
            yield
            if number == self._options.count:
                return

    async def _follow(self, poll: Poll) -> None:
        async with self._rounds(poll) as rounds:
            async for _ in rounds:
                await self._look_up(poll)

    async def _draw(self, poll: Poll, page: Page, screen: Screen, hurry: asyncio.Event) -> None:
        """Draw when something came, when a flash ends, and each second, since ages read differently."""
        keys = (("q", "quit"),) if screen.has_keys else ()
        news = asyncio.create_task(_each_change(poll, hurry))
        try:
            while True:
                hurry.clear()
                if screen.ready:
                    screen.draw(page.lines(self._view(poll), *screen.size, keys))
                now = poll.now()
                ends = page.flash_ends(now)
                wait = 1.0 - now % 1.0
                wait = wait if ends is None else max(0.02, min(wait, ends - now))
                try:
                    async with asyncio.timeout(wait):
                        await hurry.wait()
                    # Parts that come together are drawn together.
                    await asyncio.sleep(0.05)
                except TimeoutError:
                    pass
        finally:
            news.cancel()

    def _view(self, poll: Poll) -> View:
        now = poll.now()
        return View(
            title=self._plan.title,
            document=self._plan.compose(poll, now),
            parts=poll.parts,
            now=now,
            interval=self._options.interval,
            mark=poll.mark,
            trouble=poll.trouble or "; ".join(self._unknown.values()),
            ages=_ages(poll, now),
        )

    def _text(self, poll: Poll) -> bytes:
        view = self._view(poll)
        if self._options.form == "json":
            return json_lines([view.document])
        terminal = self._options.form == "table"
        painter = Painter(color=self._options.color) if terminal else PlainPainter()
        width = size_of(STDOUT)[0] if terminal else _plain_width()
        lines = _page(self._plan, painter).still(view, width)
        end = "" if self._options.once else "\n"
        return ("".join(f"{line.rstrip()}\n" for line in lines) + end).encode()

    async def _note(self, poll: Poll, notes: Notes) -> None:
        """Say on stderr what changed: what is wrong, what is simulated, what does not exist."""
        state = (poll.trouble, poll.mark)
        if state != self._said:
            trouble, mark = state
            said = trouble or ("all is fetched again" if self._said[0] else "")
            text = " ".join(part for part in (said, f"[{mark}]" if mark else "") if part)
            self._said = state
            if text:
                notes.say(text)
        before = set(self._unknown)
        await self._look_up(poll)
        for symbol in self._unknown.keys() - before:
            notes.say(self._unknown[symbol])

    async def _look_up(self, poll: Poll) -> None:
        """Find out what was meant by symbols that do not exist."""
        for symbol in self._plan.symbols:
            if f"quote:{symbol}" not in poll.unknown:
                self._unknown.pop(symbol, None)
            elif symbol not in self._unknown:
                self._unknown[symbol] = f"unknown symbol {symbol}"
                try:
                    found = await poll.search(symbol)
                except SourceError:
                    continue
                self._unknown[symbol] += suggestion(symbol, found)

    def _tell_unknown(self) -> None:
        notes = Notes()
        for text in self._unknown.values():
            notes.say(text)
        notes.close()


async def _each_change(poll: Poll, hurry: asyncio.Event) -> None:
    while True:
        await poll.changed()
        hurry.set()


def _page(plan: Plan, painter: Painter) -> Page:
    name = plan.title.partition(" ")[0]
    body = getattr(import_module(f"tickstream.sinks.screens.{name}"), f"{name}_body")
    return Page(body, painter=painter)


def _ages(poll: Poll, now: float) -> dict[str, float | None]:
    """How old the oldest part of each kind is, in seconds."""
    fetched: dict[str, float] = {}
    for key in sorted(poll.wanted):
        kind, part = key.partition(":")[0], poll.parts.get(key)
        if kind in _AGES and part is not None:
            fetched[kind] = min(part.fetched, fetched.get(kind, part.fetched))
    return {_AGES[kind]: max(0.0, now - fetched[kind]) for kind in _AGES if kind in fetched}


def _plain_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and 0 < int(columns) < 1000 else WIDTH
