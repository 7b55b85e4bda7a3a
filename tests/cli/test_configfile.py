"""A config file that changes: each change is told once, and nothing is told where there is none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path

from tickstream.cli.configfile import ConfigFile, changes, read_config
from tickstream.core.configtext import Kind, Schema
from tickstream.errors import BadConfig

SCHEMA = Schema(options={"count": Kind.WHOLE})


def told(file: Path, *acts: Callable[[], object]) -> list[object]:
    """What is told while each of `acts` happens between two looks: the count, or the error."""
    looks = iter([*acts, None])

    async def sleep(seconds: float) -> None:
        act = next(looks)
        if act is None:
            raise EOFError
        act()

    async def main() -> list[object]:
        found: list[object] = []
        held = read_config(file, lambda: SCHEMA)
        with suppress(EOFError):
            async with aclosing(
                changes(held, partial(read_config, file, lambda: SCHEMA), sleep=sleep)
            ) as news:
                async for new in news:
                    assert isinstance(new, (ConfigFile, BadConfig))
                    found.append(new.brief if isinstance(new, BadConfig) else new.config.options.get("count"))
        return found

    return asyncio.run(main())


def writer(file: Path) -> Callable[[str], Callable[[], object]]:
    """Writes a text, and gives it a time of its own: a clock of the file system ticks slowly."""
    times = iter(range(1, 1000))

    def write(text: str) -> Callable[[], object]:
        def act() -> None:
            file.write_text(text)
            os.utime(file, ns=(0, next(times)))

        return act

    return write


def nothing() -> None:
    """Nothing happens."""


def test_each_change_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    write = writer(file)
    acts = (nothing, write("count = 1\n"), nothing, write("count = 2\n"), nothing, nothing)
    assert told(file, *acts) == [1, 2]


def test_what_is_broken_is_told_and_what_is_mended_too(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    write = writer(file)
    write("count = 1\n")()
    acts = (write("count = \n"), nothing, write("\ncount = 'x'\n"), write("count = 3\n"))
    assert told(file, *acts) == [
        "config.toml:1: not TOML: Invalid value: texts stand in quotes, true and false do not",
        "config.toml:2: count: has to be a whole number",
        3,
    ]


def test_a_file_that_goes_and_comes_again_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    write = writer(file)
    write("count = 1\n")()
    acts = (file.unlink, nothing, write("count = 1\n"))
    assert told(file, *acts) == ["config.toml: is gone; what it said goes on", 1]


def test_another_file_of_the_same_size_and_time_is_another(tmp_path: Path) -> None:
    file, other = tmp_path / "config.toml", tmp_path / "other"
    for path, text in ((file, "count = 1\n"), (other, "count = 2\n")):
        path.write_text(text)
        os.utime(path, ns=(5, 5))
    assert told(file, lambda: other.replace(file)) == [2]
