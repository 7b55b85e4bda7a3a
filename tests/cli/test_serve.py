"""`tickstream serve` as those who operate it have it: where it listens, its keys, its signals and its log."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import socket
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync import client as sync

from tests.support.process import LONG, Serving, run, serving


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


@pytest.mark.parametrize(("second", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_second_sigterm_or_ctrl_c_ends_it_at_once(second: signal.Signals, code: int) -> None:
    def ends_in_order() -> bool:
        with serving("--demo", code=(code, 143)) as served, raw(served) as mute:
            mute.sendall(upgrade(served))
            assert mute.recv(12) == b"HTTP/1.1 101"
            # It does not answer that the server ends, which would be waited for for seconds.
            served.process.send_signal(signal.SIGTERM)
            said = b""
            while (4001).to_bytes(2) not in said:
                said += mute.recv(4096)
            served.process.send_signal(second)
            served.process.wait(LONG)
        in_order = any(" ended " in line for line in served.log)
        assert in_order or served.process.returncode == code
        return in_order

    # Where this machine stood still for those seconds it has ended by then.
    assert not all(ends_in_order() for _ in range(4))


def test_sigterm_drains_many_clients_and_waits_for_none_that_is_stuck() -> None:
    async def one(netloc: str, route: str, there: asyncio.Semaphore) -> int | None:
        async with connect(f"ws://{netloc}{route}", proxy=None, open_timeout=LONG) as client:
            await client.recv()
            there.release()
            with suppress(ConnectionClosed):
                await read_on(client)
            return client.close_code

    async def main() -> None:
        with serving("--demo") as served, ExitStack() as stack:
            for _ in range(5):
                stuck = stack.enter_context(raw(served))
                stuck.sendall(upgrade(served))
            there = asyncio.Semaphore(0)
            routes = ("/hours", "/market", "/profile/AAPL")
            clients = [
                asyncio.create_task(one(served.netloc, routes[number % 3], there)) for number in range(90)
            ]
            for _ in clients:
                await there.acquire()
            served.process.send_signal(signal.SIGTERM)
            assert set(await asyncio.gather(*clients)) == {4001}
            await asyncio.to_thread(served.process.wait, LONG)
        # In order, and not because its ten seconds were over.
        assert " ended " in served.log[-1]

    asyncio.run(main())


def test_without_a_file_descriptor_left_it_turns_away_and_goes_on_and_has_room_again_later() -> None:
    async def main() -> None:
        with serving("--demo", "--interval", "1s", files=80) as served:
            async with connect(f"ws://{served.netloc}/hours", proxy=None) as client:
                await client.recv()
                crowd = [raw(served) for _ in range(150)]
                assert "reason=descriptors" in await asyncio.to_thread(served.until, "refused")
                await client.recv()
                for one in crowd:
                    one.close()
                while not await asyncio.to_thread(opens, served):
                    pass
                await client.recv()
        assert len([line for line in served.log if "descriptors" in line]) <= 5
        assert not any("Traceback" in line or "ERROR" in line for line in served.log)

    asyncio.run(main())


def raw(served: Serving) -> socket.socket:
    host, _, port = served.netloc.rpartition(":")
    return socket.create_connection((host, int(port)), LONG)


def upgrade(served: Serving) -> bytes:
    return (
        f"GET /hours HTTP/1.1\r\nHost: {served.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def opens(served: Serving) -> bool:
    with raw(served) as one, suppress(ConnectionError):
        one.sendall(upgrade(served))
        return one.recv(12) == b"HTTP/1.1 101"
    return False


def connect_as(served: Serving, key: str) -> sync.ClientConnection:
    url = f"ws://{served.netloc}/hours"
    return sync.connect(url, proxy=None, additional_headers={"X-API-Key": key})


def read_to_the_end(ws: sync.ClientConnection) -> None:
    while True:
        ws.recv(LONG)


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
        kept, gone = (connect_as(served, key) for key in (second, first.stdout.strip()))
        with kept, gone:
            Path(file).write_text("".join(Path(file).read_text().splitlines(keepends=True)[1:]))
            served.process.send_signal(signal.SIGHUP)
            assert "ended=1" in served.until("keys-read")
            with pytest.raises(ConnectionClosed) as closed:
                read_to_the_end(gone)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4503
            assert kept.recv(LONG)
            assert kept.ping().wait(LONG)
        assert status_of(served.netloc, "/hours", **{"X-API-Key": first.stdout.strip()}) == 401
        Path(file).write_text("nonsense\n")
        served.process.send_signal(signal.SIGHUP)
        assert "line 1" in served.until("keys-kept")
        assert status_of(served.netloc, "/hours", **{"X-API-Key": second}) == 101
    assert not any(key in line for line in served.log for key in (first.stdout.strip(), second))


@pytest.mark.parametrize(
    ("arguments", "more", "text"),
    [
        (("--host", "0.0.0.0"), {}, "no key"),
        (("--host", "0.0.0.0"), {"ADMIN_API_KEY": "changeme"}, "short enough to be guessed"),
        (("--allow-host", "my.site"), {"ADMIN_API_KEY": "changeme"}, "short enough to be guessed"),
        ((), {"USE_SECURITY": "true"}, "keys are required"),
        (("--allow-origin", "https://my.site"), {}, "no key"),
        (("--allow-origin", "my.site"), {}, "use scheme://host"),
        (("--trusted-proxy", "everybody"), {}, "no network"),
        (("--source", "nowhere"), {}, "unknown source"),
        (("--source", "ws://127.0.0.1:1/"), {}, "is a tickstream server"),
        (("--source", "ws://127.0.0.1:1/?version=2"), {}, "no views"),
        (("--port", "70000"), {}, "65535"),
        (("--port", "22x"), {}, "invalid value for '--port': it has to be a whole number: "),
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
        "serve", "--demo" if "--source" not in arguments else "--debug", *arguments, **({"PORT": "0"} | more)
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


@pytest.mark.parametrize(
    ("options", "said"),
    [((), True), (("--trusted-proxy", "127.0.0.0/8"), False), (("--host", "127.0.0.1"), False)],
    ids=["public", "behind a proxy", "loopback"],
)
def test_keys_that_would_cross_a_network_in_the_clear_are_warned_of(
    options: tuple[str, ...], said: bool
) -> None:
    with serving("--demo", "--host", "0.0.0.0", *options, ADMIN_API_KEY="k" * 32) as served:
        if said:
            served.until("keys-in-clear")
    assert any("keys-in-clear" in line for line in served.log) is said
    assert "k" * 32 not in "".join(served.log)


@pytest.mark.parametrize("path", ["/stream", "/stream?version=2", "/"])
def test_whoever_speaks_yahoos_protocol_is_told_that_prices_are_simulated(path: str) -> None:
    with serving("--demo") as served:
        done = run("watch", "AAPL", "--source", f"ws://{served.netloc}{path}", "--once")
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("SIMULATED")


def test_a_port_in_use_is_all_that_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("serve", "--demo", "--port", str(taken.getsockname()[1]))
    assert len(done.stderr.splitlines()) == 1


def test_what_was_left_by_those_who_went_is_not_the_first_thing_that_others_get() -> None:
    """Quotes are asked for, then by nobody for as long as makes them old, and then again."""
    with serving("--demo", "--interval", "1") as served:
        source = ("--source", f"ws://{served.netloc}", "--once", "--json")
        before = json.loads(run("quotes", "AAPL", *source).stdout)[0]["asOf"]
        with sync.connect(f"ws://{served.netloc}/quotes", proxy=None) as client:
            # Rounds go on meanwhile: eight of them are long enough.
            client.send("MSFT")
            for _ in range(9):
                client.recv(timeout=LONG)
            other = json.loads(client.recv(timeout=LONG))[0]["asOf"]
        done = run("quotes", "AAPL", *source)
    assert before < other <= json.loads(done.stdout)[0]["asOf"]
    assert "old" not in done.stderr


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


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
def test_where_somebody_else_has_the_port_on_the_other_family_localhost_is_not_ours() -> None:
    with socket.socket(socket.AF_INET6) as taken:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taken.bind(("::1", 0))
        taken.listen()
        done = run("serve", "--demo", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "is in use" in done.stderr


def test_use_security_asks_for_the_admins_key_which_has_no_limits() -> None:
    more: dict[str, Any] = {
        "USE_SECURITY": "true",
        "ADMIN_API_KEY": "s3cret-of-sixteen",
        "APP_RATE_LIMIT_PER_DAY": "1",
        "TICKSTREAM_TRUSTED_PROXY": "127.0.0.0/8, ::1/128",
    }
    with serving("--demo", **more) as served:
        assert "keys=yes" in served.log[0]
        assert status_of(served.netloc, "/hours") == 401
        for _ in range(3):
            assert status_of(served.netloc, "/hours", **{"X-API-Key": "s3cret-of-sixteen"}) == 101
    assert not any("s3cret-of-sixteen" in line for line in served.log)


def test_use_security_with_everybody_let_in_on_purpose_lets_everybody_in() -> None:
    with serving("--demo", USE_SECURITY="true", TICKSTREAM_ALLOW_ANONYMOUS="1") as served:
        assert status_of(served.netloc, "/hours") == 101


def test_what_an_address_has_in_a_day_comes_from_the_environment() -> None:
    more: dict[str, Any] = {
        "APP_RATE_LIMIT_PER_DAY": "2",
        "TICKSTREAM_TRUSTED_PROXY": "10.0.0.0/8 127.0.0.0/8",
        "TICKSTREAM_ALLOW_ANONYMOUS": "1",
    }
    with serving("--demo", **more) as served:
        answers = [status_of(served.netloc, "/hours", **{"X-Forwarded-For": "9.9.9.9"}) for _ in range(3)]
        assert answers == [101, 101, 429]


@pytest.mark.parametrize("between", [",", " ", ", "])
def test_lists_come_from_the_environment_with_commas_or_blanks(between: str) -> None:
    more: dict[str, Any] = {
        "TICKSTREAM_ALLOW_ORIGIN": between.join(("https://a.example", "https://b.example:444")),
        "TICKSTREAM_ALLOW_HOST": between.join(("one.example", "two.example")),
        "TICKSTREAM_ALLOW_ANONYMOUS": "true",
    }
    with serving("--demo", **more) as served:
        for origin, status in (
            ("https://a.example", 101),
            ("https://b.example:444", 101),
            ("https://c", 403),
        ):
            assert status_of(served.netloc, "/hours", Origin=origin) == status
        port = int(served.netloc.rpartition(":")[2])
        for host, status in (("one.example", 200), ("two.example", 200), ("evil.example", 421)):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
            asked.request("GET", "/healthz", headers={"Host": host})
            assert asked.getresponse().status == status
            asked.close()


def test_settings_that_are_empty_are_not_set_and_host_is_the_name_of_the_machine() -> None:
    empty: dict[str, Any] = dict.fromkeys(
        ("USE_SECURITY", "ADMIN_API_KEY", "APP_RATE_LIMIT_PER_DAY", "TICKSTREAM_PORT"), ""
    )
    with serving(TICKSTREAM_SOURCE="demo", HOST="machine.invalid", **empty) as served:
        assert "url=http://localhost:" in served.log[0]
        assert "keys=no" in served.log[0]


def test_what_is_typed_wins_over_the_environment() -> None:
    with serving(
        "--host", "127.0.0.1", "--port", "0", "--demo", PORT="1", TICKSTREAM_HOST="9.9.9.9"
    ) as served:
        assert "url=http://127.0.0.1:" in served.log[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "--port"),
        ("TICKSTREAM_PORT", "70000", "--port"),
        ("TICKSTREAM_HOST", "9.9.9.9", "no key"),
        ("TICKSTREAM_SOURCE", "nowhere", "unknown source"),
        ("TICKSTREAM_INTERVAL", "0.5s", "--interval"),
        ("TICKSTREAM_UPSTREAM_RATE", "1", "--upstream-rate"),
        ("USE_SECURITY", "perhaps", "--require-key"),
        ("TICKSTREAM_REQUIRE_KEY", "1", "keys are required"),
        ("TICKSTREAM_KEYS", "/nowhere/keys", "/nowhere/keys"),
        ("ADMIN_API_KEY", "two words", "admin's key"),
        ("TICKSTREAM_ALLOW_ANONYMOUS", "perhaps", "--allow-anonymous"),
        ("TICKSTREAM_ALLOW_ORIGIN", "https://a.example,my.site", "'my.site'"),
        ("TICKSTREAM_ALLOW_HOST", "a.example,b:1", "'b:1'"),
        ("TICKSTREAM_TRUSTED_PROXY", "10.0.0.0/8,everybody", "'everybody'"),
        ("TICKSTREAM_TLS_CERT", "/nowhere.pem", "certificate"),
        ("TICKSTREAM_TLS_KEY", "/nowhere.pem", "--tls-cert"),
        ("TICKSTREAM_MAX_CLIENTS", "0", "--max-clients"),
        ("TICKSTREAM_MAX_PER_ADDRESS", "0", "--max-per-address"),
        ("TICKSTREAM_MAX_PER_KEY", "0", "--max-per-key"),
        ("TICKSTREAM_MAX_PER_DAY", "-1", "--max-per-day"),
        ("APP_RATE_LIMIT_PER_DAY", "many", "--max-per-day"),
        ("TICKSTREAM_MAX_SYMBOLS", "0", "--max-symbols"),
        ("TICKSTREAM_MAX_COMMANDS", "0", "--max-commands"),
        ("TICKSTREAM_LOG_LEVEL", "loud", "log level"),
    ],
)
def test_each_setting_comes_from_the_environment_and_what_it_cannot_be_is_one_line(
    name: str, value: str, said: str
) -> None:
    done = run("serve", **({"TICKSTREAM_SOURCE": "demo", "PORT": "0"} | {name: value}))
    (line,) = done.stderr.splitlines()
    assert said in line
    assert done.returncode == 2
    assert done.stdout == ""


def test_its_help_fits_80_columns() -> None:
    done = run("serve", "--help", COLUMNS="80")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for name in ("PORT", "USE_SECURITY", "APP_RATE_LIMIT_PER_DAY", "ADMIN_API_KEY"):
        assert name in done.stdout
