"""The quotes of a tickstream server, as parts that lie below its rows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import process
from tests.support.redis import free_port
from tests.support.server import serving
from tests.support.tapes import live, push, write_tape
from tickstream.core.values import Quote
from tickstream.errors import SourceError
from tickstream.server.settings import Access
from tickstream.sources.remote import Address
from tickstream.sources.remote.quotes import RemoteQuotes


def test_quotes_come_with_their_mark_and_what_a_server_leaves_out_does_not_exist() -> None:
    async def main() -> None:
        async with serving() as there:
            source = RemoteQuotes(Address.of(there.base, ""))
            keys = ["quote:VOD.L", "markettime", "quote:NOSUCH1", "trend:VOD.L", "quote:AAPL"]
            (batch,) = source.batches(keys)
            fetched = await source.fetch(batch)
            assert fetched.values.keys() == {"quote:VOD.L", "quote:AAPL"}
            assert fetched.unknown == {"quote:NOSUCH1", "markettime", "trend:VOD.L"}
            pence = fetched.values["quote:VOD.L"]
            assert isinstance(pence, Quote)
            assert (pence.currency, pence.price is not None) == ("GBp", True)
            assert source.mark == "SIMULATED"
            assert source.requests == 1
            await source.close()

    asyncio.run(main())


def test_of_what_it_knows_nothing_it_asks_nobody() -> None:
    source = RemoteQuotes(Address.of(f"ws://127.0.0.1:{free_port()}", ""))
    assert asyncio.run(source.fetch(["markettime", "trend:AAPL"])).unknown == {"markettime", "trend:AAPL"}
    assert source.requests == 0


def test_many_symbols_are_several_requests() -> None:
    source = RemoteQuotes(Address.of("ws://127.0.0.1:1", ""))
    keys = [f"quote:S{number}" for number in range(250)]
    batches = list(source.batches(keys))
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert [key for batch in batches for key in batch] == keys


@pytest.mark.parametrize("key", ["", "wrong"])
def test_why_there_are_none_is_said_in_words(key: str) -> None:
    async def main() -> None:
        async with serving(access=Access(admin_key="s3cret")) as there:
            with pytest.raises(SourceError, match="does not know" if key else "wants a key"):
                await RemoteQuotes(Address.of(there.base, key)).fetch(["quote:AAPL"])
            right = await RemoteQuotes(Address.of(there.base, "s3cret")).fetch(["quote:AAPL"])
            assert right.values.keys() == {"quote:AAPL"}
        with pytest.raises(SourceError, match="cannot reach"):
            await RemoteQuotes(replace(Address.of(there.base, ""))).fetch(["quote:AAPL"])

    asyncio.run(main())


def test_what_a_server_has_not_fetched_is_no_failure_and_says_nothing(tmp_path: Path) -> None:
    tape = write_tape(tmp_path / "a.ndjson", live(), push(0), push(600_000))
    with process.serving("--source", str(tape), "--interval", "1s") as served:
        source = RemoteQuotes(Address.of(f"ws://{served.netloc}", ""), patience=0.5)
        fetched = asyncio.run(source.fetch(["quote:AAPL"]))
    assert fetched.values == {"quote:AAPL": Quote(symbol="AAPL")}
    assert (fetched.unknown, fetched.left, fetched.trouble) == (frozenset(), frozenset(), None)
