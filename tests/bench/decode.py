"""frame → Tick, beside yfinance's decode and beside json, base64 and protobuf alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from tests.bench.frames import frames
from tests.bench.measure import Row, alternate, seconds_of
from tickstream.sources.yahoo.frames import decode
from tickstream.sources.yahoo.pricing_pb2 import PricingData

KINDS = {"equity": ("equity",), "all kinds": ("equity", "etf", "currency", "cryptocurrency")}


def payload(frame: str) -> bytes:
    return base64.b64decode(json.loads(frame)["message"])


def alone(frame: str) -> None:
    PricingData().ParseFromString(payload(frame))


Timed = Callable[[Callable[[str], object]], Callable[[], float]]


def timed(texts: list[str]) -> Timed:
    """What makes of a reader one that says the us of CPU that a frame takes."""
    return lambda read: lambda: seconds_of(lambda: [read(text) for text in texts]) / len(texts) * 1e6


def read_all(frame: str) -> object:
    return decode(frame).said  # type: ignore[union-attr]


def alone_rows(rounds: int) -> list[Row]:
    """Beside json, base64 and protobuf alone, with frames made by hand: both are the same wherever we are."""
    by = timed(list(frames(4000)))
    found = alternate({"tick": by(decode), "read": by(read_all), "alone": by(alone)}, rounds)
    return [
        _row("frame to tick, vs json + base64 + protobuf alone", found, "tick", "alone", "<=", 2.0),
        _row("frame to tick, all fields read, vs the same", found, "read", "alone", "<=", 4.0),
    ]


def rows(rounds: int) -> list[Row]:
    from yfinance import AsyncWebSocket

    theirs = AsyncWebSocket(verbose=False)

    def yfinance(frame: str) -> None:
        theirs._decode_message(json.loads(frame).get("message", ""))

    table = []
    for name, kinds in KINDS.items():
        by = timed(list(frames(4000, *kinds)))
        work = {"tick": by(decode), "read": by(read_all), "yfinance": by(yfinance), "alone": by(alone)}
        found = alternate(work, rounds)
        table += [
            _row(f"frame to tick, {name}, vs yfinance", found, "tick", "yfinance", ">=", 8.0),
            _row("… with all fields read, vs yfinance", found, "read", "yfinance", ">=", 2.5),
            _row("… vs json + base64 + protobuf alone", found, "tick", "alone", "<=", 2.0),
        ]
    return table


def _row(name: str, found: dict[str, float], ours: str, other: str, better: str, bar: float) -> Row:
    ratio = found[other] / found[ours] if better == ">=" else found[ours] / found[other]
    return Row(name, f"{found[ours]:.1f} us", f"{found[other]:.1f} us", ratio, better, bar)
