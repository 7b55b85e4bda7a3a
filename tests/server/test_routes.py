"""Routes: what a path asks for."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.exchanges import EXCHANGES
from tickstream.errors import UsageError
from tickstream.server.routes import Route, route_of


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/quotes", Route("quotes")),
        ("/market/", Route("market")),
        ("/hours", Route("hours")),
        ("/hours?exchanges=LSE,xtks", Route("hours", ("XLON", "XTKS"))),
        ("/hours?all=1", Route("hours", tuple(EXCHANGES))),
        ("/profile/aapl", Route("profile", ("AAPL",))),
        ("/profile/%5EGSPC", Route("profile", ("^GSPC",))),
        ("/stream", Route("stream")),
        ("/stream?version=2", Route("stream", form="2")),
        ("/stream?version=3", Route("stream", form="1")),
        ("/stream?format=json&events=1&every=0", Route("stream", form="json", every=0, events=True)),
        ("/stream?every=1", Route("stream", every=50)),
        ("/stream?every=260", Route("stream", every=300)),
        ("/stream?every=99999999", Route("stream", every=60_000)),
    ],
)
def test_a_path_is_a_route(target: str, route: Route) -> None:
    assert route_of(target) == route


@pytest.mark.parametrize("target", ["/", "/nothing", "/profile", "/profile/A/B", "//", "", "/quotes/AAPL"])
def test_other_paths_are_none(target: str) -> None:
    assert route_of(target) is None


@pytest.mark.parametrize(
    "target",
    [
        "/profile/A,B",
        "/profile/no way!",
        "/hours?exchanges=NOWHERE",
        "/stream?format=xml",
        "/stream?every=soon",
        "/stream?every=-1",
        "/stream?events=1",
    ],
)
def test_what_cannot_be_is_said(target: str) -> None:
    with pytest.raises(UsageError):
        route_of(target)


@given(st.text(max_size=100))
def test_no_target_breaks_it(target: str) -> None:
    with suppress(UsageError):
        route_of(target)
