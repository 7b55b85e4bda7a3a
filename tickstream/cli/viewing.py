"""A view at work: quotes, market, hours or profile, as a screen, as lines or as JSON."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from importlib import import_module

from tickstream.api.opening import checked_key, first_of
from tickstream.api.plans import Plan
from tickstream.api.showing import Showing
from tickstream.api.views import showing
from tickstream.cli.mistakes import LOST
from tickstream.cli.options import ViewOptions
from tickstream.cli.terminal import STDOUT, keyboard_of, terminal_signals, until_typed
from tickstream.core.jsontext import json_lines
from tickstream.errors import NoData
from tickstream.sinks.notes import Notes
from tickstream.sinks.output import Output
from tickstream.sinks.paint import Painter
from tickstream.sinks.screens.page import Page, View
from tickstream.sinks.terminal import Screen, size_of

__all__ = ["run_view"]

WIDTH = 100
"""Columns of plain text, where nothing says how wide it may be."""


async def run_view(plan: Plan, options: ViewOptions) -> None:
    """Show the view until told to end, by the options or by cancellation."""
    key = checked_key(options.source, options.key, taped=plan.taped)
    viewing = Viewing(plan, options)
    async with showing(options.source, plan, options.interval, key) as shown:
        try:
            async with asyncio.timeout(options.seconds) as limit:
                if options.once:
                    await viewing.once(shown)
                elif options.form == "table":
                    await first_of(viewing.screen(shown), _give_up(shown, options.timeout))
                else:
                    await first_of(viewing.lines(shown), _give_up(shown, options.timeout))
        except TimeoutError:
            if not limit.expired():
                raise


async def _give_up(shown: Showing, seconds: float | None) -> None:
    """Raise NoData where nothing at all came in time."""
    if seconds is not None:
        await asyncio.sleep(seconds)
        if not shown.came:
            raise NoData(seconds, shown.trouble)
    await asyncio.Event().wait()


class Viewing:
    """One view on its way to the terminal or down a pipe."""

    def __init__(self, plan: Plan, options: ViewOptions) -> None:
        self._plan, self._options = plan, options
        self._unknown: dict[str, str] = {}
        """Symbols that do not exist, and what is to be said about each."""
        self._said: tuple[str, str] = ("", "")
        # One that gives up says it when it does.
        self._advice = LOST if options.source == "yahoo" and options.timeout is None else ""

    async def once(self, shown: Showing) -> None:
        """One document, as soon as all of it is there or has failed, or at the timeout."""
        seconds = self._options.timeout or 10.0
        notes = Notes()
        try:
            async with aclosing(shown.rounds(patience=seconds, once=True)) as rounds:
                async for _ in rounds:
                    shown.check_known()
                    shown.check_reached()
            if not shown.came and not self._plan.offline:
                raise NoData(seconds, shown.trouble)
            await self._note(shown, notes)
            async with Output(STDOUT) as output:
                output.write(self._text(shown))
                await output.ready()
        finally:
            notes.close()

    async def lines(self, shown: Showing) -> None:
        """A document each interval; what is wrong meanwhile goes to stderr."""
        notes = Notes()
        try:
            await first_of(self._write(shown, notes), self._note_changes(shown, notes))
        finally:
            notes.close()

    async def _write(self, shown: Showing, notes: Notes) -> None:
        async with Output(STDOUT) as output, self._rounds(shown) as rounds:
            async for _ in rounds:
                await self._note(shown, notes)
                output.write(self._text(shown))
                await output.ready()

    async def _note_changes(self, shown: Showing, notes: Notes) -> None:
        while True:
            await shown.changed()
            self._note_state(shown, notes)

    async def screen(self, shown: Showing) -> None:
        """The view drawn in place; its last state stays on the normal screen."""
        page = _page(self._plan, self._options.look.painter())
        async with Output(STDOUT) as output:
            try:
                with keyboard_of() as keyboard:
                    screen = Screen(output, keyboard)
                    hurry = asyncio.Event()
                    with screen, terminal_signals(screen, hurry.set):
                        await first_of(
                            self._follow(shown),
                            self._draw(shown, page, screen, hurry),
                            until_typed(self._options.keys["quit"], screen, keyboard),
                        )
            finally:
                if shown.came:
                    lines = page.still(self._view(shown), size_of(STDOUT)[0])
                    await output.leave("".join(f"{line.rstrip()}\n" for line in lines).encode())
                elif shown.trouble:
                    notes = Notes()
                    self._advise(notes)
                    notes.close()
        self._tell_unknown()

    @asynccontextmanager
    async def _rounds(self, shown: Showing) -> AsyncIterator[AsyncIterator[None]]:
        async with aclosing(shown.rounds()) as rounds:
            yield self._counted(shown, rounds)

    async def _counted(self, shown: Showing, rounds: AsyncIterator[None]) -> AsyncIterator[None]:
        number = 0
        async for _ in rounds:
            if number == 0:
                shown.check_known()
            number += 1
            yield
            if number == self._options.count:
                return

    async def _follow(self, shown: Showing) -> None:
        async with self._rounds(shown) as rounds:
            async for _ in rounds:
                await self._look_up(shown)

    async def _draw(self, shown: Showing, page: Page, screen: Screen, hurry: asyncio.Event) -> None:
        """Draw when something came, when a flash ends, and each second, since ages read differently."""
        keys = ((self._options.keys["quit"], "quit"),) if screen.has_keys else ()
        news = asyncio.create_task(_each_change(shown, hurry))
        try:
            while True:
                hurry.clear()
                if screen.ready:
                    screen.draw(page.lines(self._view(shown), *screen.size, keys))
                now = shown.now()
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

    def _view(self, shown: Showing) -> View:
        return View(
            title=self._plan.title,
            document=shown.document(),
            parts=shown.parts,
            now=shown.now(),
            interval=shown.interval,
            mark=shown.mark,
            trouble=shown.trouble or "; ".join(self._unknown.values()),
            ages=shown.ages,
            old=shown.old,
            names=self._options.names,
        )

    def _text(self, shown: Showing) -> bytes:
        view = self._view(shown)
        if self._options.form == "json":
            return json_lines([view.document])
        terminal = self._options.form == "table"
        painter = self._options.look.painter(terminal=terminal)
        width = size_of(STDOUT)[0] if terminal else _plain_width()
        lines = _page(self._plan, painter).still(view, width)
        end = "" if self._options.once else "\n"
        return ("".join(f"{line.rstrip()}\n" for line in lines) + end).encode()

    async def _note(self, shown: Showing, notes: Notes) -> None:
        """Say on stderr what changed: what is wrong, what is simulated, what does not exist."""
        self._note_state(shown, notes)
        before = set(self._unknown)
        await self._look_up(shown)
        for symbol in self._unknown.keys() - before:
            notes.say(self._unknown[symbol])

    def _note_state(self, shown: Showing, notes: Notes) -> None:
        state = (shown.trouble, shown.mark)
        if state != self._said:
            trouble, mark = state
            said = trouble or ("all is fetched again" if self._said[0] else "")
            text = " ".join(part for part in (said, f"[{mark}]" if mark else "") if part)
            self._said = state
            if text:
                notes.say(text)
            if trouble and not shown.came:
                self._advise(notes)

    def _advise(self, notes: Notes) -> None:
        """Say once what helps where nothing came."""
        if self._advice:
            notes.say(self._advice)
            self._advice = ""

    async def _look_up(self, shown: Showing) -> None:
        """Find out what was meant by symbols that do not exist."""
        for symbol in self._plan.symbols:
            if symbol not in shown.unknown:
                self._unknown.pop(symbol, None)
            elif symbol not in self._unknown:
                self._unknown[symbol] = f"unknown symbol {symbol}"
                self._unknown[symbol] += await shown.meant(symbol)

    def _tell_unknown(self) -> None:
        notes = Notes()
        for text in self._unknown.values():
            notes.say(text)
        notes.close()


async def _each_change(shown: Showing, hurry: asyncio.Event) -> None:
    while True:
        await shown.changed()
        hurry.set()


def _page(plan: Plan, painter: Painter) -> Page:
    body = plan.body
    if body is None:
        name = plan.title.partition(" ")[0]
        body = getattr(import_module(f"tickstream.sinks.screens.{name}"), f"{name}_body")
    return Page(body, painter=painter)


def _plain_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and 0 < int(columns) < 1000 else WIDTH
