"""What the doctor finds, of a simulated Yahoo that is well and of one that is not."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from pathlib import Path

import pytest
import trustme

from tests.support.redis import free_port, needs_redis, redis
from tests.support.server import serving
from tests.support.web import yahoo
from tickstream.api.doctor import examine
from tickstream.core.finding import Finding
from tickstream.errors import UsageError
from tickstream.server.settings import Access
from tickstream.sources.yahoo.checks import check_http


async def findings(source: str, **options: str) -> dict[str, Finding]:
    return {finding.name: finding async for finding in examine(source, **options)}


def of_yahoo(*faults: str) -> dict[str, Finding]:
    async def main() -> dict[str, Finding]:
        async with yahoo(*faults) as there:
            return await findings(f"yahoo+http://{there.web.host}")

    return asyncio.run(main())


def test_all_is_well_with_the_demo_and_it_says_that_it_is_simulated() -> None:
    found = asyncio.run(findings("demo"))
    assert all(finding.ok is not False for finding in found.values())
    assert "simulated" in found["source"].text
    assert "[SIMULATED]" in found["stream: first tick"].text
    assert "[SIMULATED]" in found["HTTP: quote"].text
    assert "agrees" in found["HTTP: clock"].text
    assert all(not finding.advice for finding in found.values())


@pytest.mark.parametrize(
    ("faults", "name", "text"),
    [
        (["refuse"], "stream: WebSocket", "closed the connection"),
        (["http-crumb"], "HTTP: quote", "(Yahoo refuses"),
        (["http-html"], "HTTP: market hours", "HTML"),
        (["http-nocookie", "http-consent"], "HTTP: cookie", "consent form"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_wrong(faults: list[str], name: str, text: str) -> None:
    assert text in of_yahoo(*faults)[name].text


def test_a_port_that_is_closed_ends_the_way_and_says_what_helps() -> None:
    found = asyncio.run(findings(f"yahoo+http://127.0.0.1:{free_port()}"))
    assert found["stream: port"].ok is False
    assert "connection refused" in found["stream: port"].text
    assert "firewall" in found["stream: port"].advice
    assert "stream: WebSocket" not in found
    assert "HTTP: cookie" not in found


def test_a_certificate_that_nobody_vouches_for_is_found(tmp_path: Path) -> None:
    async def main() -> dict[str, Finding]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await findings(f"yahoo+https://127.0.0.1:{port}")

    found = asyncio.run(main())
    assert "certificate" in found["stream: TLS"].text
    assert "clock" in found["stream: TLS"].advice


def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:9")
    found = asyncio.run(findings("yahoo"))
    assert found["stream: way"].text == "left to the proxy http://127.0.0.1:9"
    assert found["stream: WebSocket"].ok is False
    assert not any("secret" in part for finding in found.values() for part in map(str, finding))


def test_a_clock_that_is_off_is_said() -> None:
    async def main() -> Finding:
        async with yahoo() as there:
            checks = check_http(there.web, wall=lambda: time.time() + 100)
            return {finding.name: finding async for finding in checks}["HTTP: clock"]

    finding = asyncio.run(main())
    assert finding.ok is False
    assert re.search(r"10[01] s ahead", finding.text)
    assert "NTP" in finding.advice


def test_a_tickstream_server_is_examined_with_its_key() -> None:
    async def main() -> list[dict[str, Finding]]:
        async with serving(access=Access(admin_key="s3cret")) as there:
            return [await findings(there.base, key=key) for key in ("s3cret", "wrong", "")]

    right, wrong, none = asyncio.run(main())
    assert right["stream: first tick"].ok
    assert right["HTTP"].ok is None
    for found, says in ((wrong, "does not know"), (none, "wants a key")):
        # The network is not in the way, and it says by itself what to do.
        upgrade = found["stream: WebSocket"]
        assert (upgrade.ok, upgrade.advice) == (False, "")
        assert says in upgrade.text


@needs_redis
def test_redis_is_tried_by_what_is_heard() -> None:
    with redis() as server:
        url = f"redis://127.0.0.1:{server.port}/0"
        assert asyncio.run(findings("demo", redis_url=url))["Redis"].ok
    finding = asyncio.run(findings("demo", redis_url=url))["Redis"]
    assert finding.ok is False
    assert "by itself" in finding.advice


def test_what_cannot_be_examined_is_refused() -> None:
    with pytest.raises(UsageError):
        asyncio.run(findings("nowhere"))
    with pytest.raises(UsageError):
        asyncio.run(findings("demo", redis_url="nonsense"))
