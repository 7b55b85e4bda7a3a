"""`tickstream doctor` at work: each finding printed as it is made."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from importlib.metadata import PackageNotFoundError, version

from tickstream import __version__
from tickstream.api.doctor import examine
from tickstream.cli.looks import Look, is_ascii_locale
from tickstream.cli.terminal import STDOUT
from tickstream.core.finding import Finding
from tickstream.core.jsontext import json_lines
from tickstream.errors import SourceError
from tickstream.sinks.output import Output
from tickstream.sinks.paint import Painter
from tickstream.sinks.terminal import size_of
from tickstream.sources import check_source

__all__ = ["run_doctor"]

_MARKS = {True: ("✓", "good"), False: ("✗", "bad"), None: ("·", "dim")}
_WIDTH = 20
"""Columns of the names."""


async def run_doctor(source: str, key: str, redis_url: str, *, json: bool, look: Look) -> None:
    """Print all findings.

    Raises:
        SourceError: something that is needed does not work.
    """
    check_source(source)
    painter = look.painter(terminal=os.isatty(STDOUT))
    failed = 0
    async with Output(STDOUT) as output, aclosing(_findings(source, key, redis_url)) as findings:
        async for finding in findings:
            failed += finding.ok is False
            text = json_lines([_document(finding)]) if json else _line(finding, painter).encode()
            output.write(text)
            await output.ready()
    if failed:
        noun = "check" if failed == 1 else "checks"
        raise SourceError(f"{failed} {noun} failed; --demo works without any of it")


async def _findings(source: str, key: str, redis_url: str) -> AsyncGenerator[Finding, None]:
    for finding in _here():
        yield finding
    async with aclosing(examine(source, key=key, redis_url=redis_url)) as findings:
        async for finding in findings:
            yield finding


def _here() -> Iterator[Finding]:
    """What this program and this terminal are."""
    extras = [name for name in ("uvloop", "redis", "zstandard", "httpx-curl-cffi") if _version_of(name)]
    with_extras = f" with {', '.join(extras)}" if extras else ""
    yield Finding(
        "tickstream",
        True,
        f"{__version__} on Python {platform.python_version()}, {sys.platform}{with_extras}",
    )
    yield _terminal()


def _terminal() -> Finding:
    if not os.isatty(STDOUT):
        return Finding("terminal", None, "stdout is a pipe or a file: lines are printed, no table")
    width, height = size_of(STDOUT)
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        return Finding(
            "terminal",
            False,
            f"TERM is {term or 'not set'}",
            "set TERM, as in TERM=xterm-256color, or use --json",
        )
    if is_ascii_locale(os.environ, sys.stdout.encoding):
        advice = "set LANG to one with UTF-8, as in LANG=C.UTF-8"
        return Finding("terminal", False, "its locale has ASCII alone: bars are drawn with signs", advice)
    return Finding("terminal", True, f"{term}, {width} columns, {height} lines, UTF-8")


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _document(finding: Finding) -> dict[str, object]:
    milliseconds = None if finding.seconds is None else round(finding.seconds * 1000)
    return {
        "check": finding.name,
        "ok": finding.ok,
        "text": finding.text,
        "advice": finding.advice or None,
        "milliseconds": milliseconds,
    }


def _line(finding: Finding, painter: Painter) -> str:
    mark, tone = _MARKS[finding.ok]
    took = "" if finding.seconds is None else painter.paint(f"  {finding.seconds * 1000:.0f} ms", "dim")
    name = f"{finding.name:<{_WIDTH}}"
    text = painter.paint(finding.text, "dim" if finding.ok is None else "")
    advice = f"  {'':{_WIDTH}}  {painter.paint(f'-> {finding.advice}', 'warn')}\n" if finding.advice else ""
    return f"{painter.paint(mark, tone)} {name}  {text}{took}\n{advice}"
