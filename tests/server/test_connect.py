"""A URL becomes a Redis client, or one clear line that has no password in it."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tickstream.errors import UsageError
from tickstream.server.cluster.connect import open_redis


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("redis://localhost", 0),
        ("redis://:secret@localhost:6379/3", 3),
        ("rediss://user:secret@cache.example.com:6380/1", 1),
        ("unix:///run/redis.sock?db=2", 2),
        ("redis+sentinel://a:26379,b/mine", 0),
        ("rediss+sentinel://user:p%40ss@a,[::1]:5/mine/4", 4),
    ],
)
def test_each_form_of_url_is_a_client_of_a_database(url: str, database: int) -> None:
    async def main() -> None:
        client, number = open_redis(url)
        assert number == database
        await client.aclose()

    asyncio.run(main())


def test_the_password_of_a_sentinels_url_is_that_of_the_servers() -> None:
    client, _ = open_redis("rediss+sentinel://user:p%40ss@a,b:5/mine/4")
    options = client.connection_pool.connection_kwargs
    assert (options["username"], options["password"]) == ("user", "p@ss")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "http://secret@host",
        "redis://:secret@host:port/",
        "redis+sentinel://:secret@host",
        "redis+sentinel://h:x/mine",
    ],
)
def test_what_is_no_url_is_said_without_saying_it(url: str) -> None:
    with pytest.raises(UsageError) as error:
        open_redis(url)
    assert "secret" not in str(error.value)
    assert "redis://HOST:PORT" in str(error.value)


def test_where_redis_is_not_installed_it_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(UsageError, match=r"tickstream\[redis\]"):
        open_redis("redis://localhost")
