"""The proxy of the environment: which one it is for a URL, and what is blamed on it."""

from __future__ import annotations

import ssl

import pytest
from websockets.exceptions import ProxyError

from tests.support.process import with_proxy
from tickstream.sources.proxies import proxy_to, through


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "wss://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "wss://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "https://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1", "WSS_PROXY": "http://q:1"}, "wss://x.invalid/", "http://q:1"),
        ({"HTTPS_PROXY": "http://p:1", "WSS_PROXY": "http://q:1"}, "https://x.invalid/", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "https://x.invalid/", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "wss://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "x.invalid"}, "wss://x.invalid/", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "wss://127.0.0.1:5/", ""),
        ({"HTTPS_PROXY": "http://me:secret@p:1/"}, "wss://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "me:se/c@ret@p:1"}, "wss://x.invalid/", "http://p:1"),
        ({"HTTPS_PROXY": "http://["}, "wss://x.invalid/", "http://["),
    ],
)
def test_a_url_has_the_proxy_that_its_library_takes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str
) -> None:
    with_proxy(monkeypatch, variables)
    assert proxy_to(url) == proxy


def test_who_was_not_reached_is_the_proxy_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with_proxy(monkeypatch, {"HTTPS_PROXY": "http://p:1"})
    for error, words in ((TimeoutError(), "p:1 did not answer in time"), (OSError("odd"), "p:1: odd")):
        blamed = through(error, "wss://x.invalid/")
        assert isinstance(blamed, ProxyError)
        assert words in str(blamed)
        assert through(error, "wss://127.0.0.1/") is error
    certificate = ssl.SSLCertVerificationError(1, "expired")
    assert through(certificate, "wss://x.invalid/") is certificate
