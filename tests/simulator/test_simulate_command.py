"""`tickstream simulate`: where it listens, what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tickstream.cli.app import app
from tickstream.errors import UsageError

COMMAND = [sys.executable, "-m", "tickstream", "simulate"]
NOT_LOOPBACK = "is not a loopback address: this is a simulator, not a server"


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("--port", "-1", "--port -1 is not from 0 to 65535"),
        ("--port", "65536", "--port 65536 is not from 0 to 65535"),
        ("--host", "0.0.0.0", f"--host '0.0.0.0' {NOT_LOOPBACK}"),
        ("--host", "example.com", f"--host 'example.com' {NOT_LOOPBACK}"),
        ("--rate", "0", "--rate 0 must be more than 0"),
        ("--rate", "nan", "--rate nan must be more than 0"),
        ("--rate", "inf", "--rate inf must be more than 0"),
        ("--snapshot-delay", "-0.5", "--snapshot-delay -0.5 must be 0 or more"),
        ("--session", "lunch",
         "--session 'lunch' is not one of pre, regular, post, overnight, closed, real"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(option: str, value: str, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        app(["simulate", option, value], standalone_mode=False)
    assert str(refused.value) == text


def test_a_bad_fault_is_refused() -> None:
    with pytest.raises(UsageError, match="bad fault 'nonsense'"):
        app(["simulate", "--fault", "mute@5", "--fault", "nonsense"], standalone_mode=False)


def test_a_port_that_is_in_use_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 2
    assert f"port {port} is in use: " in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_says_where_it_listens_and_serves_until_it_is_told_to_end(host: str) -> None:
    options = ["--port", "0", "--host", host, "--rate", "50", "--fault", "close=4000@5"]
    env = os.environ | {"TICKSTREAM_SESSION": "pre"}
    server = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    assert server.stderr is not None
    try:
        said = [server.stderr.readline() for _ in range(3)]
        assert said[0].startswith("simulated Yahoo on 127.0.0.1:")
        assert "--source yahoo+http://127.0.0.1:" in said[1]
        url = said[2].split()[-1]
        assert url.startswith("ws://127.0.0.1:")
        messages, code = asyncio.run(follow(url))
        assert len(messages) == 5
        assert all(json.loads(message)["type"] == "pricing" for message in messages)
        assert code == 4000
        server.send_signal(signal.SIGTERM)
        stdout, _ = server.communicate(timeout=20)
    finally:
        server.kill()
        server.communicate()
    assert server.returncode == 143
    assert stdout == ""


async def follow(url: str) -> tuple[list[str | bytes], int | None]:
    """All messages about one symbol until the connection is closed, and the code of that."""
    async with connect(url, proxy=None) as client:
        await client.send('{"subscribe":["AAPL"]}')
        messages: list[str | bytes] = []
        with suppress(ConnectionClosed):
            while True:
                messages.append(await client.recv())
    return messages, client.close_code
