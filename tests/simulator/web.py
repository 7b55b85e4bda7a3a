"""The simulated Yahoo's HTTP without a port: requests in, answers out, at a clock of the test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.shared import SHARED
from tickstream.http import Request, Response
from tickstream.simulator import Options, Session, Simulator

NOW = 1_790_000_000.0
"""A Monday in September 2026, 14:13 UTC."""


class Web:
    """A client with a cookie and a crumb, and the simulator that it asks."""

    def __init__(self, session: Session = Session.REGULAR, now: float = NOW, **options: Any) -> None:
        self.now = now
        self.simulator = Simulator(Options(session=session, **options), clock=lambda: self.now)
        self.cookie = dict(self.ask("/").headers)["set-cookie"].partition(";")[0]
        self.crumb = body(self.ask("/v1/test/getcrumb")).decode()

    def ask(self, path: str, query: Mapping[str, str] | None = None, **more: Any) -> Response:
        """The answer to a GET, or to a POST of `json`; with cookie and crumb, as soon as there are some."""
        cookie, crumb = getattr(self, "cookie", ""), getattr(self, "crumb", "")
        target = f"{path}?{urlencode({'crumb': crumb} | dict(query or {}))}"
        headers = (("host", "127.0.0.1:9100"), ("cookie", cookie))
        data = json.dumps(more["json"]).encode() if "json" in more else b""
        request = Request("POST" if data else "GET", target, headers, data)
        return asyncio.run(self.simulator.web.answer(request))

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, status: int = 200, **more: Any
    ) -> Any:
        """The JSON that is answered."""
        response = self.ask(path, query, **more)
        assert response.status == status, body(response)
        assert dict(response.headers)["server"] == "tickstream-simulator"
        return json.loads(body(response))

    def rows(self, *symbols: str, **query: str) -> list[dict[str, Any]]:
        """v7/finance/quote."""
        document = self.get("/v7/finance/quote", {"symbols": ",".join(symbols)} | query)
        assert document["quoteResponse"]["error"] is None
        found: list[dict[str, Any]] = document["quoteResponse"]["result"]
        return found

    def row(self, symbol: str, **query: str) -> dict[str, Any]:
        (row,) = self.rows(symbol, **query)
        return row

    def chart(self, symbol: str, **query: str) -> dict[str, Any]:
        """v8/finance/chart/{symbol}: its one result."""
        (found,) = self.get(f"/v8/finance/chart/{symbol}", query)["chart"]["result"]
        result: dict[str, Any] = found
        return result


def body(response: Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


def recorded(path: str) -> Any:
    """A recorded answer; skips the test where there is none."""
    file = SHARED / "yahoo" / "http" / path
    if not file.is_file():
        pytest.skip(f"../shared is absent, and with it {path}")
    return json.loads(file.read_text("utf-8"))
