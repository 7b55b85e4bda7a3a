"""Alerts of `tickstream watch`: what was asked for, checked; and who is told when one comes true."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from types import MappingProxyType, TracebackType
from typing import Self

from tickstream.api.guard import Guard
from tickstream.cli.options import AlertOptions
from tickstream.core.alerts import parse_alert, parse_alerts
from tickstream.core.ports import Fired
from tickstream.errors import NeverTrue, UsageError
from tickstream.hub import Hub
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.notes import Notes
from tickstream.sinks.notify import WAYS, Commands, Desktop, terminal_text

__all__ = ["Alerting", "alert_options", "alerts_of_environment", "command_of", "ways_of"]


def alert_options(
    alerts: Sequence[str],
    until: str | None,
    command: str | None,
    notify: str | None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> AlertOptions:
    """What `--alert`, `--until`, `--on-alert` and `--notify` ask for.

    Raises:
        UsageError: one of them asks for what cannot be.
    """
    parsed = parse_alerts(alerts)
    ends = parse_alert(until) if until else None
    all_parsed = (*parsed, ends) if ends else parsed
    return AlertOptions(
        alerts=tuple(alert.text for alert in parsed),
        until=ends.text if ends else "",
        command=command_of(command) if command and parsed else (),
        notify=ways_of(notify if parsed else "none"),
        symbols=tuple(dict.fromkeys(alert.symbol for alert in all_parsed)),
        asked=tuple(dict.fromkeys(alert.symbol for alert in all_parsed if alert.kind.day)),
        names=names,
    )


def alerts_of_environment(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Those of TICKSTREAM_ALERT; a blank is part of some, so semicolons and lines separate them."""
    return [text for text in re.split(r"[;\n]", environ.get("TICKSTREAM_ALERT", "")) if text.strip()]


def command_of(text: str) -> tuple[str, ...]:
    """The words of what --on-alert runs."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"bad --on-alert {text!r}: {error}") from None
    if not words or shutil.which(words[0]) is None:
        name = words[0] if words else text
        raise UsageError(f"bad --on-alert {text!r}: no program {name!r}; for a shell use: sh -c '…'")
    return words


def ways_of(text: str | None) -> frozenset[str]:
    """What --notify asks for; None is what is done without it."""
    if text is None:
        return frozenset({"bell", "terminal"})
    ways = frozenset(word.strip().lower() for word in text.split(",")) - {"none", ""}
    if unknown := sorted(ways - set(WAYS)):
        raise UsageError(f"bad --notify {unknown[0]!r}: there are {', '.join(WAYS)} and none")
    if "desktop" in ways and find_spec("desktop_notifier") is None:
        raise UsageError("--notify desktop needs an extra: pip install 'tickstream[notify]'")
    return ways


class Alerting:
    """Watches over the alerts of one `watch`, and tells of them."""

    def __init__(self, hub: Hub, options: AlertOptions) -> None:
        self._hub, self._options = hub, options
        self.highlights = Highlights()
        self.ring: Callable[[str], None] = lambda text: None
        """Writes to the terminal, where there is one, what makes it ring."""
        self.fired: Callable[[], None] = lambda: None
        """Called when one fired, for a view that has to be drawn again."""
        self._said: list[str] = []
        self._notes: Notes | None = None
        self._say: Callable[[str], None] = self._keep
        self._ended = asyncio.Event()
        self._output = subprocess.DEVNULL
        """Where commands may write."""
        self._commands: Commands | None = None
        self._desktop: Desktop | None = None
        self._told, self._end = Guard(hub, (), self._fire), Guard(hub, (), lambda fired: self._ended.set())
        self.follow(options)

    def follow(self, options: AlertOptions) -> None:
        """Watch over just these from now on, and tell of them so."""
        if self._commands and options.command != self._options.command:
            # Those that wait are run all the same.
            self._commands = None
        self._options = options
        self._told.follow(parse_alerts(options.alerts))
        self._end.follow([parse_alert(options.until)] if options.until else [])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._commands:
            self._commands.close()
        if self._desktop:
            await self._desktop.close()
        notes = self._notes or Notes()
        for text in self._said:
            notes.say(text)
        # Also what was said just now, by commands that could not be run any more.
        notes.close()

    def tell(self, notes: Notes) -> None:
        """Say by `notes`, on stderr, what does not work; commands may write there, too."""
        self._notes, self._say, self._output = notes, notes.say, 2
        if sys.stderr.isatty():
            self.ring = notes.send

    def tell_screen(self, ring: Callable[[str], None], fired: Callable[[], None]) -> None:
        """Let what does not work be a note on the screen; commands may write nowhere."""
        self.ring, self.fired = ring, fired

    def mark_by(self, mark: Callable[[], str]) -> None:
        """Ask `mark` what the data must be marked as."""
        self._told.mark = self._end.mark = mark

    def check_end(self) -> None:
        """Raise NeverTrue where something else has ended the watch than what was to end it."""
        if self._options.until and not self._ended.is_set():
            until = self._options.until
            raise NeverTrue(self._options.called(until, parse_alert(until).symbol))

    async def run(self) -> None:
        """Until what ends the watch came true; without that, until cancelled."""
        clocks = [asyncio.ensure_future(guard.run()) for guard in (self._told, self._end)]
        try:
            await self._ended.wait()
        finally:
            for clock in clocks:
                clock.cancel()

    def say(self, text: str) -> None:
        self._say(text)

    def _keep(self, text: str) -> None:
        """Show it on the screen, and say it once more when the screen is given back."""
        self.highlights.say(text, self._hub.now())
        self._said.append(text)

    def _fire(self, fired: Fired) -> None:
        fired = replace(fired, message=self._options.called(fired.message, fired.id))
        self._hub.report(fired)
        self.highlights.add(fired, self._hub.now())
        if text := terminal_text(fired, self._options.notify):
            self.ring(text)
        if self._options.command:
            self._commands = self._commands or Commands(self._options.command, self.say, output=self._output)
            self._commands.run(fired)
        if "desktop" in self._options.notify:
            self._desktop = self._desktop or Desktop(self.say)
            self._desktop.show(fired)
        self.fired()
