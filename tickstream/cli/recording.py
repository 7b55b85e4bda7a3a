"""Recording at work: `tickstream record`, and the tape of a watch."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from tickstream.api.opening import check_played, first_of, give_up, run_source, served
from tickstream.cli.noting import noting
from tickstream.cli.options import RecordOptions, Taping
from tickstream.core.text import clean
from tickstream.errors import OutputError
from tickstream.hub import Hub, Reading
from tickstream.sinks.notes import Notes
from tickstream.sinks.output import Output
from tickstream.sinks.tape import Tape
from tickstream.sinks.tapefile import TapeFile
from tickstream.sources import check_source

__all__ = ["keep_tape", "open_tape", "run_record"]

_STDERR = 2
_CLEAR = "\r\x1b[K"
_EVERY = 0.5
"""Seconds between two looks of the status line."""


def open_tape(taping: Taping) -> TapeFile:
    """The tape that is to be written, opened before anything is connected."""
    file = TapeFile(Path(taping.path), taping.rotation)
    file.open(round(time.time() * 1000), force=taping.force)
    return file


async def run_record(options: RecordOptions) -> None:
    """Record until told to end, by the options or by cancellation; then say what there is."""
    check_source(options.source, key=options.key, playback=options.playback)
    file = open_tape(options.taping)
    hub = Hub()
    tape = Tape(file, hub.now, count=options.count)
    shown = os.isatty(_STDERR) and os.environ.get("TERM", "") not in ("", "dumb")
    with noting(hub, Notes(prefix=f"{_CLEAR}tickstream: ") if shown else None) as notes:
        try:
            async with served(options.source) as place, tape:
                await _record(hub, tape, options, place, shown=shown)
            tape.check()
            check_played(hub, options.symbols)
        finally:
            notes.say(_summary(tape))


async def _record(hub: Hub, tape: Tape, options: RecordOptions, place: str, *, shown: bool) -> None:
    with hub.reading(options.symbols, tape) as reading:
        hub.watch(tape.put)
        work = [
            _until_complete(tape, reading),
            tape.failed(),
            run_source(hub, place, options.key, options.playback),
        ]
        if shown:
            work.append(_show(lambda: _status(hub, tape, len(options.symbols))))
        try:
            async with asyncio.timeout(options.seconds) as limit:
                if options.timeout is not None:
                    work.append(give_up(hub, options.timeout))
                await first_of(*work)
        except TimeoutError:
            if not limit.expired():
                raise


async def keep_tape(hub: Hub, symbols: tuple[str, ...], file: TapeFile, say: Callable[[str], None]) -> None:
    """Record what `hub` is told until cancelled; where that fails it is said, and all else goes on."""
    tape = Tape(file, hub.now)
    try:
        async with tape:
            with hub.reading(symbols, tape):
                hub.watch(tape.put)
                await tape.failed()
    except OutputError as error:
        hub.note = f"not recorded any more: {error}"
        say(hub.note)
        await asyncio.Event().wait()
    finally:
        if missing := tape.taken - tape.written:
            say(f"{missing:,} push{'es' if missing != 1 else ''} not on the tape {clean(str(tape.path))}")


async def _until_complete(tape: Tape, reading: Reading) -> None:
    while not tape.complete:
        await reading.wait()


async def _show(text: Callable[[], str]) -> None:
    """Keep one line on the terminal up to date, until cancelled; nothing of it stays."""
    from tickstream.sinks.paint import fit
    from tickstream.sinks.terminal import size_of

    async with Output(_STDERR) as output:
        try:
            while True:
                if output.idle:
                    width = max(1, size_of(_STDERR)[0] - 1)
                    output.write(f"{_CLEAR}{fit(text(), width).rstrip()}".encode())
                await asyncio.sleep(_EVERY)
        finally:
            await output.leave(_CLEAR.encode())


def _status(hub: Hub, tape: Tape, symbols: int) -> str:
    mark = f" · {hub.status.mark}" if hub.status.mark else ""
    names = f"{symbols:,} symbol{'s' if symbols != 1 else ''}"
    return f"● recording {names}{mark} · {_amount(tape)} · {hub.status.state}"


def _summary(tape: Tape) -> str:
    missing = tape.taken - tape.written
    text = f"recorded {_amount(tape)} to {clean(str(tape.path))}"
    return f"{text}; {missing:,} more are not on the tape" if missing else text


def _amount(tape: Tape) -> str:
    size = float(tape.size)
    unit = "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    number = f"{size:.0f}" if unit == "B" else f"{size:.1f}"
    return f"{tape.written:,} push{'es' if tape.written != 1 else ''}, {number} {unit}"
