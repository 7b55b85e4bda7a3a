"""What is photographed: a command, a size, and the keys that lead to what is to be seen.

Everything is shown of a simulated Yahoo, and says so, at a minute when something is open and something is
not: a Tuesday, 13:46 in New York. The clock of all the processes is moved there (Debian's `faketime`).
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.process import simulated
from tests.support.tmux import Tmux

__all__ = ["FOLDER", "SHOTS", "Shot", "shoot", "simulated_then"]

FOLDER = Path(__file__).parents[2] / ".github" / "pictures"
MOMENT = datetime(2026, 11, 24, 18, 46, 10, tzinfo=UTC).timestamp()
_LIBRARIES = "faketime/libfaketime.so.1"
_SYMBOLS = "AAPL MSFT NVDA TSLA BTC-USD ETH-USD VOD.L 7203.T EURUSD=X ^GSPC ES=F SHIB-USD"
_HELD = ("AAPL", "VOD.L", "BTC-USD", "GBPUSD=X")
_LOTS = ("--position", "AAPL=12@182.40", "--position", "VOD.L=900@69.10", "--position", "BTC-USD=0.05@61200")


class Shot(NamedTuple):
    """A picture: what to run, on how large a screen, when it is ready, and what to type for the rest."""

    name: str
    arguments: tuple[str, ...]
    columns: int
    lines: int
    ready: Callable[[str], bool]
    keys: str = ""
    shown: Callable[[str], bool] = bool
    """When what the keys led to is there."""


def _has(*words: str) -> Callable[[str], bool]:
    return lambda text: all(word in text for word in words)


def _complete(text: str) -> bool:
    # Each trend is as wide as its column, and names and prices have come.
    return (
        all(word in text for word in (" live ", "Shiba", "NYSE"))
        and len(re.findall(r"[▁-█]{12,}", text)) >= 12
    )


def _stories(text: str) -> int:
    """How many headlines there are, each behind its age."""
    return len(re.findall(r"\b\d+[mh] [A-Z]", text))


def _filled(text: str) -> bool:
    # Three lists of movers, indices, sectors and headlines.
    return (
        text.count("▲") + text.count("▼") > 33
        and _has("Russell", "Technology", "· headlines ")(text)
        and _stories(text) == 10
    )


def _known(text: str) -> bool:
    # The parts of a profile come one by one; a company may have no dividend.
    return (
        _has("SIMILAR", "SECTOR", "NEWS")(text)
        and _stories(text) == 8
        and text.count("n/a") < 2
        and "no data" not in text
    )


def _whole(text: str) -> bool:
    # A frame comes in pieces, and tmux shows each as it comes; the line of keys is the last one.
    return bool(re.search(r"(quit|back)$", text))


SHOTS = (
    Shot("watch", ("watch", *_SYMBOLS.split()), 120, 16, _complete),
    Shot("detail", ("watch", *_SYMBOLS.split()), 120, 25, _complete, "jjj\r", _known),
    Shot("positions", ("watch", *_HELD, *_LOTS), 120, 10, _has(" live ", "DAY P/L", "USD  day", "▁")),
    Shot("quotes", ("quotes", *_SYMBOLS.split()), 120, 16, _has("Bitcoin", "VODA", "NYSE", "▁")),
    Shot("market", ("market",), 120, 30, _filled),
    Shot("hours", ("hours", "--all"), 120, 30, _has("Yahoo's clock", "SIMULATED", "Toronto", "opens in")),
    Shot("profile", ("profile", "AAPL"), 120, 26, lambda text: _known(text) and "· news " in text),
)


@contextmanager
def simulated_then() -> Iterator[Mapping[str, str]]:
    """A simulated Yahoo of that minute; the environment of what shows it."""
    then = _another_time()
    with simulated("--session", "real", "--seed", "6", **then) as source:
        yield {"TICKSTREAM_SOURCE": source, **then}


def _another_time() -> dict[str, str]:
    """The environment in which the wall clock says that it is that minute now, and goes on from there."""
    moved = f"{MOMENT - time.time():+.0f}s"
    return {"LD_PRELOAD": _library(), "FAKETIME": moved, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}


def shoot(shot: Shot, environment: Mapping[str, str]) -> str:
    """The screen with its styles, as escape sequences."""
    with Tmux(shot.arguments, shot.columns, shot.lines, **environment) as tmux:
        tmux.until(lambda: _seen(tmux.text, shot.ready), 90)
        if shot.keys:
            tmux.type(shot.keys)
            tmux.until(lambda: _seen(tmux.text, shot.shown), 90)
        return tmux.styled


def _seen(text: str, condition: Callable[[str], bool]) -> bool:
    return _whole(text) and condition(text)


@cache
def _library() -> str:
    found = sorted(Path("/usr/lib").glob(f"*/{_LIBRARIES}"))
    if not found:
        sys.exit("the pictures need libfaketime: apt-get install faketime")
    return str(found[0])
