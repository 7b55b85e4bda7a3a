"""`tickstream serve` as those who operate it have it: where it listens, its keys, its signals and its log."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.process import LONG, run, serving


def status_of(netloc: str, path: str, **headers: str) -> int:
    async def main() -> int:
        try:
            async with connect(f"ws://{netloc}{path}", proxy=None, additional_headers=headers):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    return asyncio.run(main())


async def read_on(client: ClientConnection) -> None:
    async with asyncio.timeout(LONG):
        while True:
            await client.recv()


def test_it_says_where_it_listens_and_serves_there() -> None:
    async def main(netloc: str) -> None:
        async with connect(f"ws://{netloc}/quotes", proxy=None) as client:
            await client.send("BTC-USD,AAPL")
            rows = json.loads(await client.recv())
            assert [row["symbol"] for row in rows] == ["BTC-USD", "AAPL"]

    with serving("--demo") as served:
        assert re.fullmatch(
            r"\S+Z listening url=http://localhost:\d+/ source=demo prices=SIMULATED keys=no", served.log[0]
        )
        asyncio.run(main(served.netloc))
        port = served.netloc.rpartition(":")[2]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"tickstream_clients" in answer.read()


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
def test_localhost_is_both_families() -> None:
    with serving("--demo") as served:
        port = served.netloc.rpartition(":")[2]
        for host in ("127.0.0.1", "[::1]"):
            assert status_of(f"{host}:{port}", "/hours") == 101


def test_sigterm_tells_clients_to_come_back() -> None:
    async def main() -> None:
        with serving("--demo") as served:
            client = await connect(f"ws://{served.netloc}/hours", proxy=None)
            await client.recv()
            served.process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                await read_on(client)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001

    asyncio.run(main())


def test_keys_are_made_once_needed_at_once_and_reread_on_sighup(tmp_path: Path) -> None:
    file = str(tmp_path / "keys")
    first = run("serve", "--keys", file, "--new-key", "bob")
    assert first.returncode == 0
    assert first.stdout.strip() not in Path(file).read_text()
    with serving("--demo", "--keys", file) as served:
        assert "keys=yes" in served.log[0]
        assert status_of(served.netloc, "/hours") == 401
        assert status_of(served.netloc, "/hours", **{"X-API-Key": first.stdout.strip()}) == 101
        second = run("serve", "--keys", file, "--new-key", "eve").stdout.strip()
        assert status_of(served.netloc, "/hours", **{"X-API-Key": second}) == 401
        served.process.send_signal(signal.SIGHUP)
        served.until("keys-read")
        assert status_of(served.netloc, "/hours", **{"X-API-Key": second}) == 101
        Path(file).write_text("nonsense\n")
        served.process.send_signal(signal.SIGHUP)
        assert "line 1" in served.until("keys-kept")
        assert status_of(served.netloc, "/hours", **{"X-API-Key": second}) == 101
    assert not any(key in line for line in served.log for key in (first.stdout.strip(), second))


@pytest.mark.parametrize(
    ("arguments", "more", "text"),
    [
        (("--host", "0.0.0.0"), {}, "no key"),
        ((), {"USE_SECURITY": "true"}, "keys are required"),
        (("--allow-origin", "https://my.site"), {}, "no key"),
        (("--allow-origin", "my.site"), {}, "use scheme://host"),
        (("--trusted-proxy", "everybody"), {}, "no network"),
        (("--source", "nowhere"), {}, "unknown source"),
        (("--source", "ws://127.0.0.1:1/"), {}, "is a tickstream server"),
        (("--source", "ws://127.0.0.1:1/?version=2"), {}, "no views"),
        (("--port", "70000"), {}, "65535"),
        (("--interval", "0.5s"), {}, "at least 1s"),
        (("--keys", "/nowhere/keys"), {}, "there is no /nowhere/keys"),
        (("--new-key", "bob"), {}, "needs --keys"),
        (("--tls-cert", "/nowhere.pem"), {}, "certificate"),
        (("--tls-key", "/nowhere.pem"), {}, "without --tls-cert"),
    ],
)
def test_what_cannot_be_is_one_line_before_anything_is_opened(
    arguments: tuple[str, ...], more: dict[str, str], text: str
) -> None:
    done = run(
        "serve", "--port", "0", "--demo" if "--source" not in arguments else "--debug", *arguments, **more
    )
    if "--source" in arguments:
        assert text in done.stderr
    else:
        (line,) = done.stderr.splitlines()
        assert text in line
    assert done.returncode == 2
    assert done.stdout == ""


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("serve", "--demo", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "is in use" in done.stderr


def test_anybody_may_be_let_in_on_purpose() -> None:
    with serving("--demo", "--host", "0.0.0.0", "--allow-anonymous") as served:
        port = served.netloc.rpartition(":")[2]
        assert status_of(f"127.0.0.1:{port}", "/hours") == 101


def test_an_address_has_so_many_connections_behind_a_proxy() -> None:
    options = ("--demo", "--trusted-proxy", "127.0.0.0/8", "--allow-anonymous", "--max-per-day", "2")
    with serving(*options) as served:
        answers = [status_of(served.netloc, "/hours", **{"X-Forwarded-For": "9.9.9.9"}) for _ in range(3)]
        assert answers == [101, 101, 429]
        assert status_of(served.netloc, "/hours", **{"X-Forwarded-For": "8.8.8.8"}) == 101
        assert "refused reason=day" in served.until("refused")
