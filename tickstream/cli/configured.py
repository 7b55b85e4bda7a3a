"""Options that come from the config file: one mechanism for all commands.

A command that is `Configured` has --config. It is looked at before all other
options, and what the file says becomes their defaults: what is typed wins, then
the environment, then the file. Which options there are is asked of the commands
themselves, so that a new one needs no line here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from tickstream.errors import BadConfig, TickstreamError, UsageError

if TYPE_CHECKING:
    from tickstream.cli.configfile import ConfigFile
    from tickstream.core.config import Config, Setting
    from tickstream.core.configtext import Kind, Schema

__all__ = [
    "Configured",
    "at",
    "check_config",
    "file_of",
    "free_values",
    "located",
    "options_of",
    "reread",
    "schema_of",
    "settings_of",
]

SECTIONS = {"serve": "server", "simulate": "simulator"}
"""The table of each command that has one; what stands above all tables is for the others, and for these."""
RENAMED = {"alert": "alerts", "position": "positions"}
"""The key of an option that can be given several times, and is a list in the file."""
RIVALS = (frozenset({"json", "csv", "format"}), frozenset({"demo", "source"}), frozenset({"once", "count"}))
"""Options of which one is meant: in the environment it wins over another one in the file."""


def _load(context: typer.Context, value: str | None) -> None:
    """Read the config file, and make what it says the defaults of the command that is about to run."""
    if context.resilient_parsing:
        return
    from tickstream.cli.configfile import open_config

    file = context.obj = open_config(value, partial(schema_of, context))
    check_config(context, file)
    for warning in file.warnings[:10]:
        typer.echo(f"tickstream: {warning}", err=True)
    if len(file.warnings) > 10:
        typer.echo(f"tickstream: {len(file.warnings) - 10} more: tickstream config --check", err=True)
    context.default_map = _defaults(context, file.config)
    if context.default_map.get("debug"):
        # Looked at where errors are reported, also those from before there is a command.
        os.environ.setdefault("TICKSTREAM_DEBUG", "1")


def _template(
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="FILE",
            envvar="TICKSTREAM_CONFIG",
            help="Defaults for options, lists and more; `tickstream config` says which it is.",
            callback=_load,
            is_eager=True,
            expose_value=False,
        ),
    ] = None,
) -> None:
    """A command that has nothing but the option that each of ours gets."""


@cache
def _option() -> Any:
    app = typer.Typer(add_completion=False)
    app.command()(_template)
    return typer.main.get_command(app).params[0]


class Configured(TyperCommand):
    """A command whose options have their defaults from the config file."""

    def __init__(self, *arguments: Any, **rest: Any) -> None:
        super().__init__(*arguments, **rest)
        self.params = [*self.params, _option()]

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise located(ctx, error, ctx.obj) from error


def file_of(context: typer.Context) -> ConfigFile:
    """The config file of the command that runs."""
    file: ConfigFile = context.obj
    return file


def reread(context: typer.Context) -> ConfigFile:
    """What the config file of the command says now.

    Raises:
        BadConfig: it cannot be read, or says what cannot be.
    """
    from tickstream.cli.configfile import read_config

    file = read_config(file_of(context).path, partial(schema_of, context))
    check_config(context, file)
    return file


def options_of(command: Any) -> dict[str, Any]:
    """The options that the file can give, by their keys in it: those that the environment can give."""
    options = (param for param in command.params if param.param_type_name == "option")
    found = {param.opts[0].removeprefix("--"): param for param in options if param.envvar or param.multiple}
    return {RENAMED.get(name, name): param for name, param in found.items() if name != "config"}


def schema_of(context: typer.Context) -> Schema:
    """The options of all commands, and what each takes."""
    from tickstream.core.configtext import TABLES, Schema

    commands: Mapping[str, Any] = context.find_root().command.commands  # type: ignore[attr-defined]
    tables: dict[str, dict[str, Kind]] = {table: {} for table in ("options", *SECTIONS.values())}
    for name, command in commands.items():
        known = tables[SECTIONS.get(name, "options")]
        known |= {key: _kind(param) for key, param in options_of(command).items()}
    tables["options"] = {key: kind for key, kind in tables["options"].items() if key not in TABLES}
    return Schema(**tables)


def _kind(param: Any) -> Kind:
    from tickstream.core.configtext import Kind

    if param.type_descriptor.parameter_info.parser is not None:
        return Kind.MEASURE
    if param.multiple:
        return Kind.TEXTS
    kinds = {bool: Kind.SWITCH, int: Kind.WHOLE, float: Kind.NUMBER}
    return kinds.get(param.type_descriptor.annotation, Kind.TEXT)


def settings_of(config: Config, command: str) -> dict[str, tuple[tuple[str, ...], Setting]]:
    """What the file says for a command, by key: where in it, and the value."""
    named: dict[str, Setting] = {
        "columns": ",".join(config.columns),
        "sort": config.sort,
        "colors": config.colors,
        "alerts": config.alerts,
        "positions": tuple(_lots(config)),
    }
    above = {key: value for key, value in named.items() if value} | dict(config.options)
    said: dict[str, tuple[tuple[str, ...], Setting]] = {key: ((key,), value) for key, value in above.items()}
    if table := SECTIONS.get(command):
        own: Mapping[str, Setting] = getattr(config, table)
        said |= {key: ((table, key), value) for key, value in own.items()}
    return said


def _lots(config: Config) -> Iterator[str]:
    """The lots as they are typed: AAPL=10@150.5, without exponents."""
    from decimal import Decimal

    for symbol, lots in config.positions.items():
        for lot in lots:
            quantity, cost = (format(Decimal(repr(number)), "f") for number in lot)
            yield f"{symbol}={quantity}@{cost}"


def _defaults(context: typer.Context, config: Config) -> dict[str, Any]:
    options = options_of(context.command)
    taken = {key for key, param in options.items() if param.resolve_envvar_value(context)}
    beaten = frozenset[str]().union(*(rivals for rivals in RIVALS if rivals & taken))
    return {
        options[key].name: _given(options[key], value)
        for key, (_, value) in settings_of(config, str(context.command.name)).items()
        if key in options and key not in beaten
    }


def free_values(context: typer.Context, config: Config) -> dict[str, Any]:
    """What the options are that are left to the file, by their parameters, now that it says this."""
    context.default_map = _defaults(context, config)
    return {
        param.name: param.process_value(context, param.consume_value(context, {})[0])
        for param in options_of(context.command).values()
        if _is_free(context, param)
    }


def _is_free(context: typer.Context, param: Any) -> bool:
    source = context.get_parameter_source(param.name)
    return source is not None and source.name in ("DEFAULT_MAP", "DEFAULT")


def _given(param: Any, value: Setting) -> Any:
    """A value as the option would get it from the command line: what it parses itself is a text."""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if param.type_descriptor.parameter_info.parser is not None else value


def check_config(context: typer.Context, file: ConfigFile) -> None:
    """Raise BadConfig for the first value that an option does not take: it would be taken by no command."""
    if file.stamp is None:
        return
    for key, where, value, param in _uses(context, file.config):
        try:
            param.process_value(context, _given(param, value))
        except (TickstreamError, typer.TyperException, ValueError) as error:
            text = str(getattr(error, "message", "") or error).rstrip(".")
            raise at(file, where, f"{key}: {text}") from None


def _uses(context: typer.Context, config: Config) -> Iterator[tuple[str, tuple[str, ...], Setting, Any]]:
    commands: Mapping[str, Any] = context.find_root().command.commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        options = options_of(command)
        for key, (where, value) in settings_of(config, name).items():
            if key in options:
                yield key, where, value, options[key]


def at(file: ConfigFile, where: tuple[str, ...], text: str) -> BadConfig:
    """The error about the key at `where`, with its line."""
    from tickstream.core.tomltext import key_lines, line_of

    return BadConfig(str(file.path), line_of(where, key_lines(file.text)), text)


def located(context: Any, error: UsageError, file: ConfigFile | None) -> UsageError:
    """The error, and where in `file` it comes from, if it names an option or a value that stands there."""
    if isinstance(error, BadConfig) or file is None:
        return error
    text = str(error)
    options = options_of(context.command)
    for key, (where, value) in settings_of(file.config, str(context.command.name)).items():
        if key in options and _is_free(context, options[key]) and _is_named(options[key], value, text):
            return at(file, where, f"{key}: {text}")
    return error


def _is_named(param: Any, value: Setting, text: str) -> bool:
    values = value.split(",") if isinstance(value, str) else value if isinstance(value, tuple) else ()
    quoted = {*map(repr, values), *map(ascii, values)}
    named = re.search(rf"{re.escape(param.opts[0])}(?![\w-])", text)
    return bool(named) or any(one in text for one in quoted)
