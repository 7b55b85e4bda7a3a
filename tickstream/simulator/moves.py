"""Who moves on a simulated day: enough companies for lists of movers to be full. Pure."""

from __future__ import annotations

from functools import lru_cache
from math import log
from random import Random

from tickstream.simulator.companies import COMPANIES

__all__ = ["moves_of_the_day"]

_MOVERS = 28
"""How many rise, and how many fall; a list has 25."""
_LEAST, _MOST = 0.033, 0.175
# The best known stay calm, so that the first screen of a demo is an ordinary day.
_CALM = "AAPL MSFT NVDA TSLA AMZN GOOGL GOOG META AMD NFLX JPM V BAC BRK-A BRK-B WMT KO IBM"


@lru_cache(maxsize=8)
def moves_of_the_day(seed: int) -> dict[str, float]:
    """By how much those companies move which move for all to see, as the logarithm of a ratio."""
    chance = Random(f"{seed}:moves")
    names = sorted(COMPANIES.keys() - _CALM.split())
    chance.shuffle(names)
    moves: dict[str, float] = {}
    for place in range(_MOVERS):
        # Few move much, and most of them just enough to be on the list.
        size = _LEAST + (_MOST - _LEAST) * (1 - place / _MOVERS) ** 2 * chance.uniform(0.9, 1.0)
        moves[names[place]] = log(1 + size)
        moves[names[-1 - place]] = log(1 - 0.9 * size)
    return moves
