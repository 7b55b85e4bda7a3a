"""What can go wrong with the simulated Yahoo's HTTP, as its client sees it."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import httpx
import pytest

from tests.simulator.test_yahoo_cookies import PAGE, client_of, crumb_of, quotes, run
from tickstream.cli.topics import TOPICS, text_of
from tickstream.errors import UsageError
from tickstream.simulator import Fault, FaultKind, Options, Simulator
from tickstream.simulator.faults import MEANINGS

SPARK = "/v7/finance/spark?symbols=AAPL"
CLOCK = "/v6/finance/markettime"


@pytest.mark.parametrize(
    ("text", "kind", "value", "endpoint", "after", "times"),
    [
        ("http-status=429:30~quote@2x3", "http-status", "429:30", "quote", 2, 3),
        ("http-hang~quote", "http-hang", "", "quote", 0, None),
        ("http-hang=~quote", "http-hang", "", "quote", 0, None),
        ("http-json=strings", "http-json", "strings", "", 0, None),
        (
            "http-redirect=http://127.0.0.1/~me~chart",
            "http-redirect",
            "http://127.0.0.1/~me",
            "chart",
            0,
            None,
        ),
        ("http-big=1000@5", "http-big", "1000", "", 5, None),
        ("http-crumbx2", "http-crumb", "", "", 0, 2),
    ],
)
def test_a_fault_of_http_is_written_in_the_same_way(
    text: str, kind: str, value: str, endpoint: str, after: int, times: int | None
) -> None:
    fault = Fault.parse(text)
    assert fault == Fault(FaultKind(kind), value, after, times, endpoint)
    assert Fault.parse(str(fault)) == fault


def test_each_kind_of_fault_has_an_example_that_is_one_and_is_named_by_the_help() -> None:
    assert set(MEANINGS) == set(FaultKind)
    topic = text_of(TOPICS["faults"].blocks(None))
    for kind, (example, _) in MEANINGS.items():
        assert Fault.parse(example).kind is kind
        assert f"  {example} " in topic or f"  {example}\n" in topic


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http-status", "http-status wants an HTTP status from 200 to 599"),
        ("http-status=99", "http-status wants an HTTP status"),
        ("http-json=maybe", "http-json is null, list or strings"),
        ("http-json", "http-json is null, list or strings"),
        ("http-redirect", "http-redirect wants a URL"),
        ("http-redirect=http://a b", "http-redirect wants a URL"),
        ("http-status=302:a\x07b", "http-status wants an HTTP status"),
        ("http-big=0", "http-big wants bytes"),
        ("http-html=yes", "it takes no value"),
        ("http-hang~nowhere", "has all kinds"),
        ("mute~quote", "mute has no endpoint: leave out ~quote"),
        ("http-nonsense", "has all kinds"),
    ],
)
def test_what_is_no_fault_of_http_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match="bad fault") as refused:
        Fault.parse(text)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body", "retry_after"),
    [
        ("http-status=429", 429, "text/plain", "Too Many Requests\r\n", None),
        ("http-status=429:30", 429, "text/plain", "Too Many Requests\r\n", "30"),
        ("http-status=403", 403, "text/plain", "Forbidden\n", None),
        ("http-status=503", 503, "text/html", "Will be right back", None),
        ("http-html", 200, "text/html", "Accept the terms", None),
    ],
)
def test_another_answer_is_given(
    fault: str, status: int, content_type: str, body: str, retry_after: str | None
) -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        answer = await client.get(SPARK)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith(content_type)
        assert body in answer.text
        assert answer.headers.get("retry-after") == retry_after

    run(act, fault)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("http-redirect=http://127.0.0.1/~me", 302), ("http-status=307:http://127.0.0.1/~me", 307)],
)
def test_one_is_sent_elsewhere(fault: str, status: int) -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        answer = await client.get(SPARK)
        assert (answer.status_code, answer.headers["location"]) == (status, "http://127.0.0.1/~me")

    run(act, fault)


def test_json_has_another_shape() -> None:
    async def act(client: httpx.AsyncClient, simulator: Simulator) -> None:
        right = (await client.get(CLOCK)).json()["finance"]
        for form, document in (("null", None), ("list", [])):
            simulator.afflict(f"http-json={form}")
            answer = await client.get(CLOCK)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/json;charset=utf-8"
            assert answer.json() == document
        simulator.afflict("http-json=strings")
        wrong = (await client.get(CLOCK)).json()["finance"]
        assert wrong.keys() == right.keys()
        assert wrong["version"] == "5"

    run(act)


def test_a_fault_strikes_one_endpoint_after_so_many_requests_and_so_often() -> None:
    async def act(client: httpx.AsyncClient, simulator: Simulator) -> None:
        sparks = [(await client.get(SPARK)).status_code for _ in range(6)]
        clocks = [(await client.get(CLOCK)).status_code for _ in range(6)]
        assert sparks == [200, 200, 429, 429, 429, 200]
        assert clocks == [200] * 6
        assert simulator.requests == {"spark": 6, "markettime": 6}

    run(act, "http-status=429~spark@2x3")


def test_an_answer_never_comes() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(SPARK, timeout=0.2)
        assert (await client.get(CLOCK)).status_code == 200

    run(act, "http-hang~spark")


def test_a_simulator_ends_while_an_answer_is_still_owed() -> None:
    async def main() -> None:
        simulator = Simulator(Options())
        simulator.afflict("http-hang~spark")
        async with client_of(simulator) as client:
            host, port = client.base_url.host, client.base_url.port
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET {SPARK} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            # Who is answered here connected later, so that the other's request is known by then.
            await client.get(CLOCK)
            assert simulator.requests == {"spark": 1, "markettime": 1}
        assert await reader.read() == b""
        writer.close()

    asyncio.run(main())


def test_an_answer_drips_a_byte_a_second() -> None:
    async def main() -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            # The pace of the prices sleeps too, by other amounts; those have no business here.
            if seconds == 1.0:
                slept.append(seconds)
                await asyncio.sleep(0)
            else:
                await asyncio.get_running_loop().create_future()

        simulator = Simulator(Options(), sleep=sleep)
        simulator.afflict("http-drip")
        async with client_of(simulator) as client, client.stream("GET", CLOCK) as answer:
            pieces = [piece async for piece in answer.aiter_raw()]
            assert answer.headers["transfer-encoding"] == "chunked"
        assert b"".join(pieces).startswith(b'{"finance":')
        assert len(slept) == sum(map(len, pieces))

    asyncio.run(main())


def test_an_answer_is_cut_off() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        async with client.stream("GET", CLOCK) as answer:
            assert int(answer.headers["content-length"]) > 1000
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await answer.aread()

    run(act, "http-cut")


def test_an_answer_is_as_big_as_it_is_asked_to_be() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        answer = await client.get(SPARK)
        assert len(answer.content) == 3_000_000
        assert answer.json().keys() == {"finance"}

    run(act, "http-big=3000000")


def test_a_connection_is_closed_without_an_answer() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.get(SPARK)
        assert (await client.get(SPARK)).status_code == 200

    run(act, "http-closex1")


def test_a_crumb_is_refused_so_often() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        await client.get("/")
        crumb = await crumb_of(client)
        answers = [await quotes(client, crumb) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 200]
        assert answers[0].json()["finance"]["error"]["description"] == "Invalid Crumb"

    run(act, "http-crumbx2")


def test_cookies_are_taken_back_until_there_is_a_new_one() -> None:
    async def act(client: httpx.AsyncClient, simulator: Simulator) -> None:
        await client.get("/")
        crumb = await crumb_of(client)
        simulator.afflict("http-cookie")
        for _ in range(2):
            answer = await client.get("/v1/test/getcrumb")
            assert answer.status_code == 401
            assert answer.json()["finance"]["error"]["description"] == "Invalid Cookie"
        assert (await quotes(client, crumb)).status_code == 401
        await client.get("/")
        assert (await quotes(client, await crumb_of(client))).status_code == 200
        await crumb_of(client)

    run(act)


def test_no_cookie_is_set_except_by_the_page() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        assert (await client.get("/")).status_code == 404
        assert not client.cookies
        await client.get("/quote/AAPL", headers=PAGE)
        assert "A3" in client.cookies

    run(act, "http-nocookie")


def test_a_crumb_survives_a_url_only_when_it_is_quoted() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        await client.get("/")
        assert "%2F" in quote(await crumb_of(client), safe="")

    run(act)


def test_the_streamer_does_not_suffer_from_faults_of_http() -> None:
    simulator = Simulator(Options())
    simulator.afflict("http-hang", "http-close")
    assert simulator.faults.of(FaultKind.HANG, FaultKind.CLOSE) is None
