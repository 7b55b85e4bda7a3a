"""Frames to measure with: recorded ones, whose price, change and time differ from one to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from tickstream.core.float32 import float32, shorten
from tickstream.sources.yahoo.frames import encode

SHARED = Path(__file__).resolve().parents[3] / "shared" / "yahoo" / "streamer"
NOW = 1_789_000_000_000

# Where the recorded ones are not at hand: two like them, made by hand.
HAND_MADE: list[dict[str, Any]] = [
    {"id": "AAPL", "price": 171.52, "time": NOW, "exchange": "NMS", "quote_type": 8, "market_hours": 1,
     "change_percent": 0.5331457, "day_volume": 51234567, "change": 0.91000366, "price_hint": 2},
    {"id": "BTC-USD", "price": 77101.91, "time": NOW, "currency": "USD", "exchange": "CCC", "quote_type": 41,
     "market_hours": 1, "change_percent": -2.4294398, "day_volume": 49118683136, "day_high": 80718.65,
     "day_low": 76416.53, "change": -1919.7812, "open_price": 79140.75, "last_size": 49118683136,
     "price_hint": 2, "vol_24hr": 49118683136, "vol_all_currencies": 49118683136, "from_currency": "BTC",
     "circulating_supply": 19848556.0, "market_cap": 1530361540000.0},
]  # fmt: skip


def recorded(*kinds: str) -> list[dict[str, Any]]:
    """What the recorded frames of these kinds say; the hand-made ones where there are none."""
    paths = [SHARED / f"{kind}.jsonl" for kind in kinds]
    lines = [line for path in paths if path.exists() for line in path.read_text("utf-8").splitlines()]
    return [record["decoded"] for record in map(json.loads, lines) if record["raw"]] or HAND_MADE


def frames(count: int, *kinds: str, seed: int = 1, begin: int = NOW) -> Iterator[str]:
    """`count` frames of version 2, one second apart."""
    random = Random(seed)
    for number, said in enumerate(islice(cycle(recorded(*kinds)), count)):
        price = float32(said["price"] * random.uniform(0.98, 1.02))
        change = float32(price - said["price"] + said.get("change", 0.0))
        percent = float32(change * 100 / (price - change))
        changed = {"price": shorten(price), "change": shorten(change), "change_percent": shorten(percent)}
        yield encode(said | changed | {"time": begin + number * 1000})


def many(count: int, symbols: Sequence[str], *, begin: int, seed: int = 1) -> Iterator[str]:
    """`count` frames of so many symbols in turn, each laid out as one that was recorded."""
    random = Random(seed)
    models = recorded("equity", "etf", "cryptocurrency")
    for number in range(count):
        which = number % len(symbols)
        said = models[which % len(models)]
        price = shorten(float32(said["price"] * random.uniform(0.98, 1.02)))
        change = shorten(float32(price - said["price"]))
        changed = {"id": symbols[which], "price": price, "change": change, "time": begin + number * 1000}
        yield encode(said | changed)


def symbols() -> list[str]:
    return sorted({said["id"] for said in recorded("equity", "etf", "currency", "cryptocurrency")})
