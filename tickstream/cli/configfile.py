"""The config file on disk: where it is, what it says, and when it says something else."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tickstream.core.config import Config
from tickstream.errors import BadConfig

if TYPE_CHECKING:
    from tickstream.core.configtext import Schema

__all__ = ["ConfigFile", "changes", "default_path", "open_config", "read_config", "read_text", "why"]

_MOST_BYTES = 1 << 20
_PRIVATE = ("api-key", "redis-url", "keys")
"""Options whose value is a secret, or says where one is."""

Stamp = tuple[int, int, int]
"""When it was last written, its size and its inode: another file of that name has another one."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file that was read; without `stamp` there is none, and it says nothing."""

    path: Path
    config: Config = field(default_factory=Config)
    text: str = ""
    warnings: tuple[BadConfig, ...] = ()
    """What is wrong with it, and does not matter."""
    stamp: Stamp | None = None


def default_path() -> Path:
    """Where the config file belongs on this system."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("tickstream", appauthor=False)) / "config.toml"


def open_config(given: str | None, schema: Callable[[], Schema]) -> ConfigFile:
    """What the file says that --config or TICKSTREAM_CONFIG name, else the one where it belongs.

    Raises:
        BadConfig: as `read_config`; or a file is named, and is not there.
    """
    if given is None:
        return read_config(default_path(), schema)
    if not given:
        raise BadConfig("--config", 0, "names no file")
    file = read_config(Path(given), schema)
    if file.stamp is None:
        raise BadConfig(given, 0, "there is no such file; with --init `tickstream config` writes one")
    return file


def read_config(path: Path, schema: Callable[[], Schema]) -> ConfigFile:
    """What the file at `path` says; nothing where there is none, and then no schema is asked for.

    Raises:
        BadConfig: it cannot be read, or says what cannot be: the first that is wrong, and how much more.
    """
    try:
        text, stamp, others = read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return ConfigFile(path)
    from tickstream.core.configtext import parse_config

    config, problems = parse_config(text, schema())
    fatal = [problem for problem in problems if problem.fatal]
    if fatal:
        more = f" (and {len(fatal) - 1} more: tickstream config --check)" if len(fatal) > 1 else ""
        raise BadConfig(str(path), fatal[0].line, fatal[0].text + more)
    warnings = [BadConfig(str(path), problem.line, problem.text) for problem in problems]
    if others and (what := _private(config)):
        warnings.append(
            BadConfig(str(path), 0, f"others can read it, and {what} in it: run chmod 600 {path}")
        )
    return ConfigFile(path, config, text.removeprefix("\ufeff"), tuple(warnings), stamp)


def _private(config: Config) -> str:
    """What nobody else should read, in words."""
    if any(name in table for name in _PRIVATE for table in (config.options, config.server)):
        return "a key is"
    return "your positions are" if config.positions else ""


def read_text(path: Path) -> tuple[str, Stamp, bool]:
    """The text of the file, its stamp, and whether others can read it.

    Raises:
        FileNotFoundError: there is none.
        BadConfig: it cannot be read, or is no text.
    """
    try:
        data, status = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise BadConfig(str(path), 0, f"cannot be read: {why(error)}") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadConfig(str(path), line, "is not UTF-8: save it as such") from None
    others = os.name == "posix" and bool(status.st_mode & (stat.S_IRGRP | stat.S_IROTH))
    return text, _stamp(status), others


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    # Without O_NONBLOCK a pipe in its place would hold us up before we can see that it is one.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        if str(path) == os.devnull:
            return b"", status
        if not stat.S_ISREG(status.st_mode):
            what = "is a directory: name the file in it" if stat.S_ISDIR(status.st_mode) else "is no file"
            raise BadConfig(str(path), 0, what)
        with open(descriptor, "rb", closefd=False) as file:  # a descriptor, not a path
            data = file.read(_MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > _MOST_BYTES:
        raise BadConfig(str(path), 0, f"has more than {_MOST_BYTES:,} bytes: that is no config file")
    return data, status


def why(error: OSError) -> str:
    """What the system says, without the path, which is said already."""
    return (error.strerror or str(error)).lower()


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino


async def changes(
    file: ConfigFile,
    reread: Callable[[], ConfigFile],
    *,
    pause: float = 1.0,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[ConfigFile | BadConfig, None]:
    """What comes of each change of the file: what it says from then on, or why it cannot be used.

    Editors put a new file in its place, so the name is looked at, and not the file.
    """
    held = file.stamp
    while True:
        await sleep(pause)
        try:
            # Before it is read: what is written meanwhile is another change.
            stamp = _stamp(file.path.stat())
        except OSError:
            stamp = None
        if stamp == held:
            continue
        held = stamp
        try:
            news = reread()
            yield news if news.stamp else BadConfig(str(file.path), 0, "is gone; what it said goes on")
        except BadConfig as error:
            yield error
