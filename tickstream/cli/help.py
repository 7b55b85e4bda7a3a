"""`tickstream help`: a topic, a command, or all that there is to read."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tickstream.cli.mistakes import no_topic
from tickstream.cli.options import Debug
from tickstream.errors import UsageError

__all__ = ["help_"]


def help_(
    context: typer.Context,
    topic: Annotated[
        str | None, typer.Argument(help="A topic or a command; none lists the topics.", metavar="[TOPIC]")
    ] = None,
    man: Annotated[
        bool, typer.Option("--man", help="Print the manual page in roff: tickstream help --man | man -l -")
    ] = False,
    debug: Debug = False,
) -> None:
    """Explain a topic: alerts, columns, config, exit-codes, json."""
    from tickstream.cli.topics import TOPICS, Terms, text_of

    group: Any = context.find_root().command
    if man:
        from tickstream.cli.manual import manual

        typer.echo(manual(group), nl=False)
    elif topic is None:
        topics = Terms(tuple((name, topic.summary) for name, topic in TOPICS.items()))
        typer.echo(text_of(("`tickstream help TOPIC` explains:", topics, _COMMANDS)), nl=False)
    elif topic in TOPICS:
        typer.echo(text_of(TOPICS[topic].blocks(group)), nl=False)
    elif topic in group.commands:
        with group.commands[topic].make_context(topic, ["--help"], parent=context.find_root()):
            pass
    else:
        raise UsageError(no_topic(topic, [*TOPICS, *group.commands]))


_COMMANDS = "`tickstream help COMMAND` is that command's --help, `tickstream --help` lists the commands."
