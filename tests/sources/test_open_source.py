"""A name becomes a source, and a wrong name is a wrong use and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tickstream.errors import UsageError
from tickstream.sources import open_source, streamer_url


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("yahoo", "wss://streamer.finance.yahoo.com/?version=2"),
        ("yahoo+http://127.0.0.1:8080", "ws://127.0.0.1:8080/?version=2"),
        ("yahoo+http://127.0.0.1:8080/", "ws://127.0.0.1:8080/?version=2"),
        ("yahoo+https://example.com", "wss://example.com/?version=2"),
        ("yahoo+https://example.com/some/root/", "wss://example.com/some/root/?version=2"),
        ("yahoo+http://[::1]:8080", "ws://[::1]:8080/?version=2"),
    ],
)
def test_a_name_stands_for_a_streamer(name: str, url: str) -> None:
    assert streamer_url(name) == url
    open_source(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "nosuch", "Yahoo", "http://127.0.0.1", "yahoo+ftp://127.0.0.1", "yahoo+http:", "yahoo+http://",
        "yahoo+http://:80", "yahoo+http://127.0.0.1:0", "yahoo+http://127.0.0.1:65536",
        "yahoo+http://127.0.0.1:port", "yahoo+http://127.0.0.1/?a=b", "yahoo+http://127.0.0.1/#x",
        "yahoo+http://[::1", "yahoo+http://a\u2100b", "yahoo+http://[nonsense]",
    ],
)  # fmt: skip
def test_a_wrong_name_is_a_wrong_use(name: str) -> None:
    with pytest.raises(UsageError, match="source"):
        open_source(name)


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.text()
    | st.text().map("yahoo+http://".__add__)
    | st.text("[]:@/?#.a1", max_size=12).map("yahoo+https://".__add__)
)
@example("yahoo+http://[")
def test_whatever_the_name_it_is_a_url_or_a_wrong_use(name: str) -> None:
    try:
        url = streamer_url(name)
    except UsageError:
        return
    assert url.startswith(("ws://", "wss://"))
    assert url.endswith("/?version=2")


def test_a_name_is_understood_without_importing_what_it_stands_for() -> None:
    program = """
import sys
from tickstream.sources import streamer_url
streamer_url("yahoo")
print(sorted({"websockets", "google.protobuf", "asyncio"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
