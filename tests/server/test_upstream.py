"""What is known of upstream: its state, its age, and a line for each change."""

from __future__ import annotations

from collections.abc import Callable

from tickstream.core.ports import Gap, Link, Status
from tickstream.core.tick import Tick
from tickstream.hub import Hub
from tickstream.server.fan import Fan
from tickstream.server.log import Log
from tickstream.server.upstream import Upstream


def watched(trouble: Callable[[], str] = str) -> tuple[Hub, Upstream, list[str]]:
    lines: list[str] = []
    hub = Hub()
    return hub, Upstream(hub, Log(lambda line: lines.append(line.split(" ", 1)[1])), trouble), lines


def test_just_one_state_is_1() -> None:
    hub, upstream, _ = watched()
    hub.report(Status(Link.LIVE, 0))
    assert upstream.states["live"] == 1
    assert sum(upstream.states.values()) == 1
    assert set(upstream.states) == {str(state) for state in Link}


def raise_it(error: Exception) -> None:
    raise error


def test_its_age_is_that_of_the_last_tick_and_there_is_none_before_the_first() -> None:
    hub, upstream, _ = watched()
    with hub.reading(["AAPL"], Fan(hub, failed=raise_it)):
        upstream.look(10.0)
        assert upstream.age == {}
        hub.publish(Tick.from_dict({"id": "AAPL", "price": 1.0, "time": 1_700_000_000_000}))
        upstream.look(20.0)
        assert upstream.age == {"": 0.0}
        upstream.look(27.5)
        assert upstream.age == {"": 7.5}


def test_a_change_is_a_line_and_trying_again_is_none() -> None:
    hub, _, lines = watched()
    for state, reason in (
        (Link.CONNECTING, ""),
        (Link.LIVE, ""),
        (Link.LIVE, ""),
        (Link.BACKOFF, "closed"),
        (Link.CONNECTING, ""),
        (Link.BACKOFF, "closed"),
        (Link.BACKOFF, "refused"),
    ):
        hub.report(Status(state, 0, reason))
    hub.report(Gap(1_000, 3_500, "closed"))
    assert lines == [
        "upstream state=live reason=-",
        "upstream state=backoff reason=closed",
        "upstream state=backoff reason=refused",
        "gap seconds=2.5 reason=closed",
    ]


def test_views_that_begin_to_fail_are_a_line_and_so_is_their_end() -> None:
    said = [""]
    _, upstream, lines = watched(lambda: said[0])
    for text in ("", "Yahoo answers 500", "Yahoo answers 502", "", ""):
        said[0] = text
        upstream.look(0.0)
    assert lines == ['views state=failing reason="Yahoo answers 500"', "views state=fetched reason=-"]


def test_simulated_prices_are_said_to_be() -> None:
    hub, _, lines = watched()
    hub.report(Status(Link.LIVE, 0, mark="SIMULATED"))
    assert lines == ["upstream state=live reason=- prices=SIMULATED"]
