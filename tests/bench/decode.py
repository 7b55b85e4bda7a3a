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


def alone(frame: str) -> None:
    message = json.loads(frame)
    PricingData().ParseFromString(base64.b64decode(message["message"]))


def rows(rounds: int) -> list[Row]:
    from yfinance import AsyncWebSocket

    theirs = AsyncWebSocket(verbose=False)

    def yfinance(frame: str) -> None:
        theirs._decode_message(json.loads(frame).get("message", ""))

    table = []
    for name, kinds in KINDS.items():
        texts = list(frames(4000, *kinds))

        def timed(read: Callable[[str], object], texts: list[str] = texts) -> Callable[[], float]:
            return lambda: seconds_of(lambda: [read(text) for text in texts]) / len(texts) * 1e6

        found = alternate(
            {
                "tick": timed(decode),
                "read": timed(lambda frame: decode(frame).said),  # type: ignore[union-attr]
                "yfinance": timed(yfinance),
                "alone": timed(alone),
            },
            rounds,
        )
        table += [
            _row(f"frame to tick, {name}, vs yfinance", found, "tick", "yfinance", ">=", 8.0),
            _row("… with all fields read, vs yfinance", found, "read", "yfinance", ">=", 2.5),
            _row("… vs json + base64 + protobuf alone", found, "tick", "alone", "<=", 2.0),
        ]
    return table


def _row(name: str, found: dict[str, float], ours: str, other: str, better: str, bar: float) -> Row:
    ratio = found[other] / found[ours] if better == ">=" else found[ours] / found[other]
    return Row(name, f"{found[ours]:.1f} us", f"{found[other]:.1f} us", ratio, better, bar)
