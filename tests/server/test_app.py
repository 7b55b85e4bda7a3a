"""The server as its clients have it: every route, what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.server import LONG, There, receive, serving
from tickstream.core.tick import Tick
from tickstream.server.settings import Access, Limits
from tickstream.simulator import Options
from tickstream.sources.yahoo.frames import decode

QUICK = {"interval": 1.0}


def run(test: Callable[[There], Awaitable[None]], *faults: str, **options: Any) -> None:
    async def main() -> None:
        async with serving(*faults, **options) as there:
            await test(there)

    asyncio.run(main())


def test_quotes_come_at_once_in_the_clients_own_order_and_then_every_interval() -> None:
    async def test(there: There) -> None:
        async with there.connect("/quotes") as socket:
            await socket.send("MSFT, aapl,NOSUCH1")
            first = await receive(socket)
            assert [row["symbol"] for row in first] == ["MSFT", "AAPL"]
            assert all(row["price"] and row["asOf"] for row in first)
            later = await receive(socket)
            assert [row["symbol"] for row in later] == ["MSFT", "AAPL"]

    run(test, **QUICK)


def test_a_later_message_replaces_the_set() -> None:
    async def test(there: There) -> None:
        async with there.connect("/quotes") as socket:
            await socket.send("AAPL,MSFT")
            await receive(socket)
            for wish in ("MSFT,AAPL", "VOD.L"):
                await socket.send(wish)
                while [row["symbol"] for row in await receive(socket)] != wish.split(","):
                    pass
            assert there.metric("channels") == 1
        await there.until(lambda: there.metric("channels") == 0)
        await there.until(lambda: there.metric("symbols") == 0)

    run(test, **QUICK)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/market", ["actives", "gainers", "losers", "indices", "headlines", "sectors", "asOf"]),
        ("/hours", ["status", "reason", "timestamp", "nextOpen", "nextClose", "asOf"]),
        (
            "/hours?exchanges=LSE",
            ["status", "reason", "timestamp", "nextOpen", "nextClose", "asOf", "exchanges"],
        ),
        ("/profile/aapl", ["quote", "similar", "sectorPerformance", "news", "asOf"]),
    ],
)
def test_each_view_is_the_document_that_the_command_prints(path: str, fields: list[str]) -> None:
    async def test(there: There) -> None:
        async with there.connect(path) as socket:
            first, second = await receive(socket), await receive(socket)
            assert list(first) == list(second) == fields
            if path.startswith("/profile"):
                assert first["quote"]["sector"] == "Technology"
                assert first["similar"]

    run(test, **QUICK)


def test_who_comes_later_gets_the_newest_document_at_once_and_no_fetch_is_made_for_it() -> None:
    async def test(there: There) -> None:
        async with there.connect("/market") as one:
            first = await receive(one)
            asked = there.simulator.requests.copy()
            async with there.connect("/market") as two:
                assert await receive(two) == first
            assert there.simulator.requests == asked
            assert there.metric("channels") == 1

    run(test, interval=LONG)


def test_a_symbol_in_many_sets_is_fetched_once_an_interval() -> None:
    async def test(there: There) -> None:
        sets = ["AAPL,MSFT", "AAPL,NVDA", "MSFT,NVDA,AAPL"]
        sockets = [await there.connect("/quotes") for _ in sets]
        for socket, wish in zip(sockets, sets, strict=True):
            await socket.send(wish)
        for socket in sockets:
            await receive(socket)
        before = there.simulator.requests["quote"]
        for _ in range(2):
            for socket in sockets:
                await receive(socket)
        assert there.simulator.requests["quote"] - before <= 2
        for socket in sockets:
            await socket.close()

    run(test, **QUICK)


def test_pushes_change_the_prices_of_a_document_and_never_its_as_of() -> None:
    async def test(there: There) -> None:
        async with there.connect("/quotes") as socket:
            await socket.send("AAPL")
            first = await receive(socket)
            future = first[0]["time"] + 5000
            pushed = {"id": "AAPL", "price": 999.0, "time": future, "market_hours": 1, "day_volume": 7}
            there.simulator.faults.set("http-status=500")
            await there.until(lambda: "AAPL" in there.server.hub.symbols)
            there.server.hub.publish(Tick.from_dict(pushed))
            while (row := (await receive(socket))[0])["price"] != 999.0:
                pass
            assert (row["time"], row["volume"]) == (future, 7)
            assert row["asOf"] == first[0]["asOf"]

    run(test, **QUICK)


@pytest.mark.parametrize("path", ["/stream", "/stream?version=2"])
def test_the_stream_speaks_yahoos_protocol(path: str) -> None:
    async def test(there: There) -> None:
        async with there.connect(path) as socket:
            await socket.send('{"subscribe":["AAPL","BTC-USD"]}')
            seen: set[str] = set()
            while seen != {"AAPL", "BTC-USD"}:
                message = await asyncio.wait_for(socket.recv(), LONG)
                assert message.startswith("{" if "2" in path else "C")  # type: ignore[arg-type]
                tick = decode(message)
                assert tick is not None
                assert tick.price
                seen.add(tick.id)

    run(test)


def test_decoded_ticks_have_the_keys_that_watch_prints() -> None:
    async def test(there: There) -> None:
        async with there.connect("/stream?format=json") as socket:
            await socket.send('{"subscribe":["AAPL"]}')
            tick = await receive(socket)
            assert list(tick)[:3] == ["id", "price", "time"]
            assert isinstance(tick["time"], int)

    run(test)


def test_a_symbol_that_is_known_comes_at_once_and_a_repeated_wish_brings_nothing_new() -> None:
    async def test(there: There) -> None:
        async with there.connect("/stream?format=json&every=60000") as first:
            await first.send('{"subscribe":["VFINX"]}')
            await there.until(lambda: "VFINX" in there.server.fan._moved)
            async with there.connect("/stream?format=json&every=60000") as second:
                await second.send('{"subscribe":["VFINX"]}')
                assert (await receive(second))["id"] == "VFINX"
                await second.send('{"subscribe":["VFINX"]}')
                await second.send('{"subscribe":["AAPL"]}')
                await there.until(lambda: "AAPL" in there.server.fan._moved)
                await second.send('{"unsubscribe":["AAPL"]}')
                await second.send('{"subscribe":["AAPL"]}')
                assert (await receive(second))["id"] == "AAPL"

    run(test)


def test_upstream_is_one_connection_with_the_union_of_all_wishes() -> None:
    async def test(there: There) -> None:
        sockets = [await there.connect("/stream?version=2") for _ in range(5)]
        for number, socket in enumerate(sockets):
            await socket.send(json.dumps({"subscribe": ["AAPL", f"S{number}"]}))
            await socket.recv()
        await there.until(lambda: there.metric("symbols") == 6)
        (client,) = there.simulator.clients
        await there.until(lambda: len(client.symbols) == 6)
        for socket in sockets:
            await socket.close()
        await there.until(lambda: there.metric("symbols") == 0)
        assert there.metric('clients{route="stream"}') == 0

    run(test)


def test_who_wants_events_is_told_the_present_state_at_once_and_nobody_else_is() -> None:
    async def test(there: There) -> None:
        async with (
            there.connect("/stream?format=json&events=1") as curious,
            there.connect("/stream?format=json") as other,
        ):
            status = await receive(curious)
            assert (status["type"], status["state"], status["mark"]) == ("status", "connecting", "SIMULATED")
            await other.send('{"subscribe":["AAPL"]}')
            assert "type" not in await receive(other)
        async with there.connect("/stream?format=json") as other:
            await other.send('{"subscribe":["AAPL"]}')
            await receive(other)
            async with there.connect("/stream?format=json&events=1") as late:
                assert (await receive(late))["state"] == "live"

    run(test, **QUICK)


@pytest.mark.parametrize("path", ["/quotes", "/market", "/hours", "/profile/AAPL", "/stream"])
def test_the_handshake_says_what_the_data_must_be_marked_as(path: str) -> None:
    async def test(there: There) -> None:
        async with there.connect(path) as client:
            assert client.response is not None
            assert client.response.headers["Tickstream-Mark"] == "SIMULATED"

    run(test, **QUICK)


def test_when_the_mark_is_learnt_late_nobody_gets_a_document_without_having_been_told() -> None:
    async def test(there: There) -> None:
        async with there.connect("/quotes") as client:
            assert client.response is not None
            assert "Tickstream-Mark" not in client.response.headers
            there.simulator.faults.set()
            await client.send("AAPL")
            with pytest.raises(ConnectionClosed):
                await receive(client)
        assert there.server.mark == "SIMULATED"
        async with there.connect("/quotes") as client:
            assert client.response is not None
            assert client.response.headers["Tickstream-Mark"] == "SIMULATED"
            await client.send("AAPL")
            assert (await receive(client))[0]["symbol"] == "AAPL"

    # Nothing is answered, so nothing is known of who would.
    run(test, "http-close", "refuse", **QUICK)


def test_who_wants_events_is_told_of_them_and_nobody_else_is() -> None:
    async def test(there: There) -> None:
        async with (
            there.connect("/stream?format=json&events=1") as told,
            there.connect("/stream?format=json") as not_told,
        ):
            for socket in (told, not_told):
                await socket.send('{"subscribe":["VFINX"]}')
                while "id" not in await receive(socket):
                    assert socket is told
            there.simulator.afflict("close=1001x1")
            while (message := await receive(told)).get("type") != "gap":
                assert message.get("type") in (None, "status")
            await not_told.send('{"subscribe":["AAPL"]}')
            assert "type" not in await receive(not_told)

    run(test)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nothing", {}, 404),
        ("/profile/not%20one!", {}, 400),
        ("/stream?every=soon", {}, 400),
        ("/quotes", {"Origin": "https://evil.example"}, 403),
        ("/quotes", {"Origin": "null"}, 403),
    ],
)
def test_what_is_refused_is_refused_before_the_upgrade(
    path: str, headers: dict[str, str], status: int
) -> None:
    async def test(there: There) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await there.connect(path, additional_headers=headers)
        assert refused.value.response.status_code == status
        assert not there.server.clients

    run(test)


def test_with_keys_only_who_has_one_gets_in_and_the_log_has_none_of_it() -> None:
    async def test(there: There) -> None:
        for headers in ({}, {"X-API-Key": "guess"}):
            with pytest.raises(InvalidStatus) as refused:
                await there.connect("/hours", additional_headers=headers)
            assert refused.value.response.status_code == 401
        async with there.connect("/hours", additional_headers={"X-API-Key": "s3cret"}) as socket:
            assert await receive(socket)
        protocols = ["tickstream.v1", "tickstream.key.s3cret"]
        async with there.connect("/hours", subprotocols=protocols) as socket:
            assert socket.subprotocol == "tickstream.v1"
        assert any("refused reason=key" in line for line in there.said)
        assert not any("s3cret" in line or "guess" in line for line in there.said)

    run(test, access=Access(admin_key="s3cret"))


@pytest.mark.parametrize(
    ("path", "messages", "code"),
    [
        ("/stream", ["[" * 5000] * 9 + ["x"], 4501),
        ("/stream", [b"\x00\xff"] * 10, 4501),
        ("/stream", ['{"subscribe":"AAPL"}'] * 10, 4501),
        ("/quotes", ["not a symbol!"] * 10, 4501),
        ("/quotes", [b"AAPL"] * 10, 4501),
        ("/market", ["hello"] * 10, 4501),
        ("/stream", ['{"subscribe":["AAPL"]}'] * 30, 4013),
        ("/quotes", ["AAPL"] * 30, 4013),
        ("/stream", [json.dumps({"subscribe": [f"S{number}" for number in range(201)]})], 4505),
        ("/quotes", [",".join(f"S{number}" for number in range(201))], 4505),
        ("/stream", ["x" * 20_000], 1009),
    ],
)
def test_who_says_what_cannot_be_is_closed_with_a_code_and_the_others_are_served(
    path: str, messages: list[str | bytes], code: int
) -> None:
    async def test(there: There) -> None:
        async with there.connect("/hours") as other:
            await receive(other)
            socket = await there.connect(path)
            with suppress(ConnectionClosed):
                for message in messages:
                    await socket.send(message)
            assert await closing_of(socket) == code
            await receive(other)

    run(test, limits=Limits(commands=5.0 if code == 4013 else 1000.0), **QUICK)


@pytest.mark.parametrize("path", ["/stream", "/quotes"])
def test_who_does_not_say_what_it_wants_is_closed(path: str) -> None:
    async def test(there: There) -> None:
        socket = await there.connect(path)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), LONG)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4502

    run(test, limits=Limits(first_message=0.05))


def test_who_is_not_understood_and_says_no_more_is_told_as_who_says_nothing() -> None:
    async def test(there: There) -> None:
        socket = await there.connect("/quotes")
        await socket.send("@tech")
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), LONG)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4502

    run(test, limits=Limits(first_message=0.05))


def test_the_numbers_name_no_client_no_key_and_no_symbol() -> None:
    async def test(there: There) -> None:
        admin = {"X-API-Key": "s3cret", "User-Agent": "curious/1"}
        async with there.connect("/profile/AAPL", additional_headers=admin) as client:
            await receive(client)
            with pytest.raises(InvalidStatus):
                await there.connect("/quotes", additional_headers={"X-API-Key": "guess"})
            text = there.server.metrics.text()
        assert 'tickstream_clients{route="profile"} 1' in text
        assert 'tickstream_refused_total{reason="key"} 1' in text
        assert not any(name in text for name in ("s3cret", "guess", "curious", "AAPL", "127.0.0.1"))

    run(test, access=Access(admin_key="s3cret"))


def test_connections_over_the_limit_are_told_to_come_back_later() -> None:
    async def test(there: There) -> None:
        sockets = [await there.connect("/hours") for _ in range(3)]
        with pytest.raises(InvalidStatus) as refused:
            await there.connect("/hours")
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"]
        await sockets.pop().close()
        await there.until(lambda: there.server.door.gate.connections.total == 2)
        sockets.append(await there.connect("/hours"))
        for socket in sockets:
            await receive(socket)
            await socket.close()

    run(test, limits=Limits(clients=3))


async def closing_of(socket: ClientConnection) -> int | None:
    """The code that the server closes with, after whatever it still says."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(LONG):
            while True:
                await socket.recv()
    return socket.close_code


async def ask(there: There, request: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", there.place.port)
    writer.write(request.replace("HOST", f"Host: {there.place.netloc}").encode("latin-1"))
    async with asyncio.timeout(LONG):
        answer = await reader.read()
    writer.close()
    return answer.decode("latin-1")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET / HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 200),
        ("GET /page/page.js HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 200),
        ("GET /page/../app.py HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 404),
        ("GET /page/%2e%2e/app.py HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 404),
        ("HEAD /healthz HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 200),
        ("GET /readyz HTTP/1.0\r\n\r\n", 200),
        ("GET /metrics HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 200),
        ("GET /quotes HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 426),
        ("POST /quotes HTTP/1.1\r\nHOST\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 405),
        ("GET /nothing HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n", 404),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHOST\r\nOrigin: \xff\r\nConnection: close\r\n\r\n", 403),
        ("GET / HTTP/1.1\r\nHOST\r\nX: " + "x" * 20_000 + "\r\n\r\n", 431),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_plain_requests_are_answered(request_: str, status: int) -> None:
    async def test(there: There) -> None:
        assert (await ask(there, request_)).startswith(f"HTTP/1.1 {status} ")
        assert (await ask(there, "GET /healthz HTTP/1.0\r\n\r\n")).startswith("HTTP/1.1 200 ")

    run(test)


def test_the_state_says_that_prices_are_simulated_and_whether_upstream_is_there() -> None:
    async def test(there: There) -> None:
        await there.until(lambda: there.server.mark == "SIMULATED")
        assert "prices SIMULATED" in await ask(there, "GET /readyz HTTP/1.0\r\n\r\n")
        there.simulator.afflict("refuse", "close=1001")
        async with there.connect("/stream?version=2") as socket:
            await socket.send('{"subscribe":["AAPL"]}')
            await there.until(lambda: not there.server.ready[0])
            assert (await ask(there, "GET /readyz HTTP/1.0\r\n\r\n")).startswith("HTTP/1.1 503 ")

    run(test)


def test_when_all_endpoints_fail_nobody_is_closed_and_documents_keep_their_last_values() -> None:
    async def test(there: There) -> None:
        async with there.connect("/market") as market, there.connect("/quotes") as quotes:
            await quotes.send("AAPL")
            good = await receive(market), await receive(quotes)
            there.simulator.faults.set("http-status=500")
            for _ in range(3):
                later = await receive(market), await receive(quotes)
            assert later[0]["gainers"] == good[0]["gainers"]
            assert later[0]["asOf"]["gainers"] == good[0]["asOf"]["gainers"]
            assert later[1][0]["asOf"]
            await there.until(lambda: any("views state=failing" in line for line in there.said))
            there.simulator.faults.set()
            await there.until(lambda: any("views state=fetched" in line for line in there.said))

    run(test, **QUICK)


def test_a_new_channel_whose_parts_do_not_come_begins_with_nulls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickstream.server.channels.PATIENCE", 0.2)

    async def test(there: There) -> None:
        there.simulator.faults.set("http-hang")
        async with there.connect("/market") as market, there.connect("/quotes") as quotes:
            await quotes.send("AAPL")
            document = await receive(market)
            assert document["gainers"] == []
            (row,) = await receive(quotes)
            assert row["symbol"] == "AAPL"
            assert row["asOf"] is None

    run(test, **QUICK)


def test_upstream_requests_stay_within_the_budget_however_many_sets_there_are() -> None:
    async def test(there: There) -> None:
        sockets = []
        for number in range(60):
            socket = await there.connect("/quotes")
            await socket.send(",".join(f"S{(number * 5 + step) % 300}" for step in range(20)))
            sockets.append(socket)
        documents = await asyncio.gather(*(receive(socket) for socket in sockets))
        assert all(len(document) == 20 for document in documents)
        later = await asyncio.gather(*(receive(socket) for socket in sockets))
        assert all(len(document) == 20 for document in later)
        assert there.simulator.requests.total() <= 30
        for socket in sockets:
            await socket.close()

    run(test, upstream_rate=30, **QUICK)


def test_when_it_ends_clients_are_told_and_it_does_not_wait_for_those_who_say_nothing() -> None:
    async def main() -> None:
        async with serving() as there:
            socket = await there.connect("/hours")
            await receive(socket)
            mute = await there.connect("/hours")
            mute.transport.pause_reading()
        assert await closing_of(socket) == 4001
        mute.transport.abort()

    asyncio.run(main())


def test_a_client_that_takes_nothing_is_cut_off_and_the_others_go_on() -> None:
    async def test(there: There) -> None:
        stuck = await there.connect("/stream?format=json&every=50", max_queue=1)
        await stuck.send(json.dumps({"subscribe": [f"S{number}" for number in range(150)]}))
        stuck.transport.pause_reading()
        async with there.connect("/stream?format=json") as other:
            await other.send('{"subscribe":["S1"]}')
            await receive(other)
            await there.until(lambda: "dropped reason=slow" in " ".join(there.said))
            await receive(other)
        await there.until(lambda: not there.server.clients)
        stuck.transport.abort()

    run(test, limits=Limits(progress=0.5, ping=60.0), options=Options(rate=3000.0))


def test_a_handler_that_breaks_costs_its_own_client_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(there: There) -> None:
        async with there.connect("/hours") as other:
            await receive(other)
            monkeypatch.setattr(there.server.fan, "join", None)
            socket = await there.connect("/stream")
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), LONG)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1011
            assert any(" bug " in line for line in there.said)
            await receive(other)

    run(test, **QUICK)


def test_an_event_loop_that_was_held_up_is_said_and_measured_and_goes_on() -> None:
    async def test(there: There) -> None:
        async with there.connect("/hours") as client:
            await receive(client)
            await asyncio.sleep(0)
            time.sleep(0.8)  # noqa: ASYNC251 - that is what holds it up
            await there.until(lambda: any(" late seconds=" in line for line in there.said))
            await receive(client)
        assert "# TYPE tickstream_loop_lag_seconds gauge" in there.server.metrics.text()

    run(test, **QUICK)


@pytest.fixture(name="certified")
def certified_(tmp_path: Path) -> tuple[str, ssl.SSLContext]:
    """A certificate's file, and the context of a client that trusts it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return str(tmp_path / "both.pem"), context


def test_with_a_certificate_it_is_wss(certified: tuple[str, ssl.SSLContext]) -> None:
    file, context = certified

    async def test(there: There) -> None:
        assert there.place.url.startswith("https://")
        async with connect(f"wss://127.0.0.1:{there.place.port}/hours", ssl=context, proxy=None) as socket:
            assert await receive(socket)

    run(test, tls_cert=file)


def test_a_tls_handshake_that_never_comes_ends_and_who_leaves_in_peace_is_no_line_in_any_log(
    certified: tuple[str, ssl.SSLContext], caplog: pytest.LogCaptureFixture
) -> None:
    file, context = certified

    async def test(there: There) -> None:
        port = there.place.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            async with asyncio.timeout(LONG):
                assert await reader.read() == b""
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        await reader.readuntil(b"alive\n")
        writer.close()
        await there.until(lambda: there.server.room.unopened == 0)

    run(test, tls_cert=file, limits=Limits(handshake=0.3))
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
