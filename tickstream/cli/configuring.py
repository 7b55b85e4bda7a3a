"""`tickstream config` at work: the path on stdout, all that is said about the file on stderr."""

from __future__ import annotations

import os
import shlex
import subprocess
from functools import partial
from pathlib import Path

import typer

from tickstream.cli.alerting import command_of
from tickstream.cli.configfile import ConfigFile, default_path, open_config, read_text, why
from tickstream.cli.configured import at, check_config, schema_of
from tickstream.cli.sample import sample_text
from tickstream.core.configtext import parse_config
from tickstream.errors import BadConfig, UsageError
from tickstream.sources import check_source

__all__ = ["begin_config", "check_file", "edit_config", "show_config"]


def show_config(context: typer.Context, given: str | None) -> None:
    """Print the path; whether the file is there and valid does not change that it is the path."""
    path = _path(given)
    typer.echo(path)
    try:
        _say_all(context, path)
    except FileNotFoundError:
        _say("there is none; --init writes one")
    except BadConfig as error:
        _say(str(error))


def check_file(context: typer.Context, given: str | None) -> None:
    """Say all that is wrong.

    Raises:
        BadConfig: it cannot be read; or it was named, and is not there.
        Exit: with 2, where it cannot be used.
    """
    if given is not None and not os.path.lexists(given):
        open_config(given, partial(schema_of, context))  # says so
    try:
        valid = _say_all(context, _path(given))
    except FileNotFoundError:
        _say(f"{_path(given)}: there is none; --init writes one")
        return
    if not valid:
        raise typer.Exit(2)


def begin_config(context: typer.Context, given: str | None) -> None:
    """Write a file with every key there is, commented out, and print where; never over one that is there."""
    path = _path(given)
    _write_sample(context, path)
    typer.echo(path)


def edit_config(context: typer.Context, given: str | None) -> None:
    """Open the file in the editor, and check it afterwards; where there is none it is begun."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("no editor: set VISUAL or EDITOR to one, as in EDITOR=nano tickstream config --edit")
    path = _path(given)
    if not os.path.lexists(path):
        _write_sample(context, path)
    try:
        code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot run {editor!a}: {error}; set VISUAL or EDITOR to another editor") from None
    if code:
        raise UsageError(f"the editor {editor!a} ended with {code}")
    check_file(context, given)


def _path(given: str | None) -> Path:
    if given == "":
        raise BadConfig("--config", 0, "names no file")
    return default_path() if given is None else Path(given)


def _say_all(context: typer.Context, path: Path) -> bool:
    """Say what is wrong with the file, or that nothing is; whether it can be used.

    Raises:
        FileNotFoundError: there is none.
        BadConfig: it cannot be read.
    """
    text, _, _ = read_text(path)
    _, problems = parse_config(text, schema_of(context))
    for problem in problems:
        _say(str(BadConfig(str(path), problem.line, problem.text)))
    if any(problem.fatal for problem in problems):
        return False
    file = open_config(str(path), partial(schema_of, context))
    for warning in file.warnings[len(problems) :]:
        _say(str(warning))
    try:
        check_config(context, file)
        _check_together(file)
    except BadConfig as error:
        _say(str(error))
        return False
    _say("it is valid" + (", but for what is said above" if file.warnings else ""))
    return True


def _check_together(file: ConfigFile) -> None:
    """Raise BadConfig for what the command that it is for would refuse, and no other one."""
    options = file.config.options
    forms = [name for name in ("json", "csv", "format") if options.get(name)]
    if len(forms) > 1:
        raise at(file, (forms[1],), f"{forms[1]}: {forms[0]} is another format: leave one of them out")
    for key in ("source", "on-alert"):
        if isinstance(said := options.get(key), str):
            try:
                if key == "source":
                    check_source(said)
                elif said:
                    command_of(said)
            except UsageError as error:
                raise at(file, (key,), f"{key}: {error}") from None


def _write_sample(context: typer.Context, path: Path) -> None:
    """Write the sample where there is nothing yet; nobody else can read it."""
    text = sample_text(context.find_root().command)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        there = "is there already, and is not overwritten; --edit opens it"
        reason = there if os.path.lexists(path) else f"cannot be written: {why(error)}"
        raise BadConfig(str(path), 0, reason) from None


def _say(text: str) -> None:
    typer.echo(f"tickstream: {text}", err=True)
