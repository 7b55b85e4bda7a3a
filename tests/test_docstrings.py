"""The docstrings of the public names: each has one, and its examples are so, against the simulator."""

from __future__ import annotations

import doctest
import inspect
import pydoc
from typing import Any

import pytest

import tickstream

NAMES = [name for name in tickstream.__all__ if name != "__version__"]
EXAMPLES = [
    test
    for name in ("", *NAMES)
    for test in doctest.DocTestFinder().find(
        getattr(tickstream, name) if name else tickstream, name or "tickstream"
    )
    if test.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: str(test.name))
def test_an_example_is_so(example: doctest.DocTest) -> None:
    said: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert results.attempted
    assert not results.failed, "".join(said)


def test_each_view_and_each_way_to_ticks_has_an_example() -> None:
    shown = {test.name for test in EXAMPLES}
    assert shown >= {"tickstream", "Tick", "View", "WebSocket", "AsyncWebSocket", "stream"}
    assert shown >= {"quotes", "market", "hours", "profile"}


def public(owner: Any) -> list[str]:
    """What of `owner` has to say what it is: it, and its own functions and properties."""
    own = vars(owner) if inspect.isclass(owner) else {}
    named = [name for name in own if not name.startswith("_")]
    return [name for name in named if callable(own[name]) or isinstance(own[name], (property, classmethod))]


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_what_it_is(name: str) -> None:
    value = getattr(tickstream, name)
    assert "".join(value.__doc__ or "").strip(), name
    assert not [part for part in public(value) if not (inspect.getdoc(getattr(value, part)) or "").strip()]


def test_help_shows_all_names_and_what_fields_mean() -> None:
    text = pydoc.plain(pydoc.render_doc(tickstream))
    assert not [name for name in NAMES if name not in text]
    assert "price = float | None: the last price" in text
    assert "as quoted (`currency` `GBp` is pence)" in text
