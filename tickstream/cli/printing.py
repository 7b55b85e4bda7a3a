"""`tickstream watch` where it prints: lines, one line for a bar, words for a screen reader."""

from __future__ import annotations

from collections.abc import Collection

from tickstream.api.backing import Backing
from tickstream.api.opening import first_of
from tickstream.cli.alerting import Alerting
from tickstream.cli.backed import advice_of, backing_of, mark_of, run_beside, snapshot
from tickstream.cli.noting import noting
from tickstream.cli.options import WatchOptions
from tickstream.cli.terminal import STDOUT
from tickstream.core.columns import csv_fields
from tickstream.core.mailbox import Changed
from tickstream.core.template import Template
from tickstream.hub import Hub
from tickstream.sinks.backlog import Backlog
from tickstream.sinks.lines import Format, LineWriter, csv_format, json_format, plain_format, template_format
from tickstream.sinks.output import Output

__all__ = ["show_bar", "show_lines", "show_words"]


async def show_lines(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    with noting(hub, advice=advice_of(options)) as notes:
        alerting.tell(notes)
        # Polled values are no pushes, and pushes are all that --json and --csv print.
        polls = options.form == "plain" and not options.once
        backing = backing_of(hub, options, place, notes, lines=polls)
        if backing:
            alerting.mark_by(lambda: backing.mark)
        async with Output(STDOUT) as output:
            form = _format(hub, options, backing)
            writer = LineWriter(hub, output, form)
            if options.once:
                await writer.write_rows(await snapshot(hub, options, notes, backing))
                return
            backlog = Backlog(form.lines, count=options.count)
            with hub.reading(options.symbols, backlog) as reading:
                if options.events:
                    hub.watch(backlog.put)
                lines = writer.write_all(backlog, reading)
                await first_of(lines, *([run_beside(backing)] if backing else []))


def _format(hub: Hub, options: WatchOptions, backing: Backing | None) -> Format:
    if options.form == "json":
        return json_format
    if options.form == "csv":
        return csv_format(csv_fields(options.columns)) if options.columns else csv_format()
    if options.form == "template":
        return template_format(Template(options.format), options.look.text)

    painter = options.look.painter(terminal=False) if options.look.forced else None
    return plain_format(mark_of(hub, backing), painter)


async def show_bar(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    from tickstream.core.bars import BARS
    from tickstream.sinks.bar import BarWriter

    mailbox = Changed()
    name, _, item = options.format.partition(":")
    with noting(hub, advice=advice_of(options)) as notes:
        alerting.tell(notes)
        # HTTP is loaded only where an alert cannot do without: a bar is to cost next to nothing.
        backing = backing_of(hub, options, place, notes) if options.alerting.asked else None
        async with Output(STDOUT) as output:
            with hub.reading(options.symbols, mailbox) as reading:
                writer = BarWriter(hub, output, BARS[name], options.symbols, Template(item) if item else None)
                writer.colors, writer.write = options.look.colors, options.look.text
                writer.highlights = alerting.highlights
                if options.once:
                    await snapshot(hub, options, notes, backing)
                    await writer.write_once()
                    return
                alerting.fired = reading.wake
                # A state that changes is news, too.
                hub.watch(lambda event: reading.wake())
                line = writer.run(mailbox, reading, options.count)
                await first_of(line, *([run_beside(backing)] if backing else []))


async def show_words(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    from tickstream.sinks.words import WordWriter

    mailbox = Changed()
    with noting(hub, advice=advice_of(options)) as notes:
        alerting.tell(notes)
        backing = backing_of(hub, options, place, notes, fill=True)
        if backing:
            alerting.mark_by(lambda: backing.mark)
        async with Output(STDOUT) as output:
            with hub.reading(options.symbols, mailbox) as reading:
                writer = WordWriter(
                    hub, output, mark_of(hub, backing), names=options.names, write=options.look.text
                )

                def changed(symbols: Collection[str]) -> None:
                    writer.moved(symbols)
                    reading.wake()

                if backing:
                    backing.changed = changed
                words = writer.write_all(mailbox, reading, options.count)
                await first_of(words, *([run_beside(backing)] if backing else []))
