"""The command line: its commands, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from tickstream import __version__
from tickstream.cli.configured import Configured
from tickstream.cli.mistakes import START, advice_for, explained, no_command
from tickstream.errors import TickstreamError, UsageError

__all__ = ["app", "main"]

COMMANDS = (
    "watch",
    "quotes",
    "market",
    "hours",
    "profile",
    "record",
    "search",
    "serve",
    "simulate",
    "doctor",
)
"""Each is the function of its name in the module of its name; the help lists them in this order."""
UNCONFIGURED = ("config", "completion", "help")
"""What is wrong with the config file cannot keep these from running: the first says what it is."""

_NONE_LEFT = (errno.EMFILE, errno.ENFILE)
_UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO)


class _Commands(Mapping[str, Any]):
    """The commands, each imported and built when it is asked for: a start needs one of them.

    With a config file it needs all of them, to tell what the file may say.
    """

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            if name not in (*COMMANDS, *UNCONFIGURED):
                raise KeyError(name)
            self._built[name] = _build(name)
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*COMMANDS, *UNCONFIGURED))

    def __len__(self) -> int:
        return len(COMMANDS) + len(UNCONFIGURED)


def _build(name: str) -> Any:
    module = import_module(f"tickstream.cli.{name}")
    function = module.help_ if name == "help" else getattr(module, name)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name=name, cls=TyperCommand if name in UNCONFIGURED else Configured)(function)
    return typer.main.get_command(alone)


class _Group(TyperGroup):
    """The commands; one that there is not is said in our words."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()  # type: ignore[assignment]  # nothing is added to them later

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise UsageError(no_command(args[0], list(self.commands)))
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="tickstream",
    help="Live prices in the terminal.",
    cls=_Group,
    epilog="`tickstream help` lists what else there is to read: columns, alerts, exit codes, …",
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tickstream {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Live prices in the terminal."""
    if context.invoked_subcommand is None:
        typer.echo(START, nl=False, err=True)
        raise typer.Exit(2)


def main() -> NoReturn:
    """Run the command that was typed, and end the process with the exit code that it earned."""
    # Nothing that is imported is garbage: looking for some takes a twentieth of the start. See run_async.
    gc.disable()
    _occupy()
    for stream in (sys.stdout, sys.stderr):
        # What a locale has no sign for is a ? in words for people; data is bytes, and ASCII or UTF-8.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = app(prog_name="tickstream", standalone_mode=False) or 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
        if code == 1 and type(sys.stdout).__name__ == "PacifyFlushWrapper":
            code = 141  # Typer's way to say that the reader of a help text has seen enough
    except KeyboardInterrupt:
        code = 130
    except BaseException as error:
        code = _report(error)
    _leave(code)


def _report(error: BaseException) -> int:
    """Say what went wrong in one line; the exit code that goes with it."""
    found = _innermost(error)
    if _debugging():
        import traceback

        traceback.print_exception(error)
    if isinstance(found, typer.TyperException):
        _say(explained(found))
        return found.exit_code
    text = str(found)
    if isinstance(found, TickstreamError):
        if found.exit_code != 141:
            _say(text)
        if advice := advice_for(found, elsewhere=_elsewhere()):
            _say(advice)
        return found.exit_code
    if isinstance(found, BrokenPipeError):
        return 141
    if isinstance(found, OSError) and found.errno in _UNWRITABLE:
        _say(f"cannot write: {found.strerror}")
        return 4
    if isinstance(found, OSError) and found.errno in _NONE_LEFT:
        _say("there are too few file descriptors: raise their limit (ulimit -n 1024)")
        return 3
    if isinstance(found, MemoryError) or text == "can't start new thread":
        _say("there is not enough memory")
        return 1
    if isinstance(found, typer.Abort):
        return 130
    _say(f"a bug in tickstream: {type(found).__name__}: {text}; --debug shows where")
    return 1


def _occupy() -> None:
    """Open what is closed of stdin, stdout and stderr, or a socket gets its number and what is written to it.

    Python knows them as None, and that is how a closed stdout is found out.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - a descriptor, for good


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _debugging() -> bool:
    return "--debug" in sys.argv or os.environ.get("TICKSTREAM_DEBUG", "").lower() in (
        "1",
        "true",
        "yes",
        "on",
    )


def _elsewhere() -> bool:
    """Whether it was not Yahoo itself that was asked."""
    environ, words = os.environ, sys.argv
    named = [word.partition("=")[2] or after for word, after in pairwise([*words, ""]) if _names_source(word)]
    if not named:
        named.append(environ.get("TICKSTREAM_SOURCE") or "yahoo")
    return "--demo" in words or bool(environ.get("TICKSTREAM_DEMO")) or any(name != "yahoo" for name in named)


def _names_source(word: str) -> bool:
    return word == "--source" or word.startswith("--source=")


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"tickstream: {text}\n")
        sys.stderr.flush()


def _leave(code: int) -> NoReturn:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = code or 141
    except (OSError, ValueError):
        code = code or 4
    # A thread that looks up a name cannot be interrupted, and Python would wait for it.
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        os._exit(code)
    sys.exit(code)
