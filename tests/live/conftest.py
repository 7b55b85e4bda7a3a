"""One polite visit to Yahoo for all live tests: a few requests, one connection, the code that users run.

`python3 -m pytest -m live` visits the real Yahoo. TICKSTREAM_LIVE_SOURCE names another source: against
the simulator these tests are tried themselves (tests/test_live.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

import pytest

from tickstream.core.ports import Fetched, PartSource
from tickstream.errors import SourceError
from tickstream.sources import open_views

SOURCE = os.environ.get("TICKSTREAM_LIVE_SOURCE", "yahoo")
T = TypeVar("T")


class Visit:
    """Asks Yahoo, and fails a test in one line where Yahoo does not answer."""

    def __init__(self, runner: asyncio.Runner, views: PartSource) -> None:
        self._runner, self._views = runner, views

    def run(self, ask: Callable[[PartSource], Awaitable[T]]) -> T:
        async def main() -> T:
            async with asyncio.timeout(30):
                return await ask(self._views)

        try:
            return self._runner.run(main())
        except (SourceError, TimeoutError) as error:
            pytest.fail(f"{SOURCE}: {error or 'no answer within 30 s'}", pytrace=False)

    def fetch(self, *keys: str) -> Fetched:
        """Parts by their keys, as many requests as the views would make."""

        async def ask(views: PartSource) -> Fetched:
            values: dict[str, object] = {}
            unknown: set[str] = set()
            for batch in views.batches(keys):
                fetched = await views.fetch(batch)
                values |= fetched.values
                unknown |= fetched.unknown
            return Fetched(values, frozenset(unknown))

        return self.run(ask)

    def part(self, key: str, kind: type[T]) -> T:
        """One part, which has to be of this kind."""
        value = self.fetch(key).values.get(key)
        assert isinstance(value, kind), f"{key} is {value!r}, and no {kind.__name__}"
        return value

    def parts(self, kind: type[T], keys: Sequence[str]) -> dict[str, T]:
        """Several parts of one kind, by their keys."""
        values = self.fetch(*keys).values
        assert values.keys() == set(keys), f"missing: {sorted(set(keys) - values.keys())}"
        return {key: value for key, value in values.items() if isinstance(value, kind)}


@pytest.fixture(scope="session")
def visit() -> Iterator[Visit]:
    with asyncio.Runner() as runner:

        async def start() -> PartSource:
            return open_views(SOURCE)

        views = runner.run(start())
        yield Visit(runner, views)
        runner.run(views.close())
