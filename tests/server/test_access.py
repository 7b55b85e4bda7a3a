"""Who is meant to be let in: what is refused before anything is opened."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from tests.support.gate import KEYS, NO_KEYS
from tickstream.errors import UsageError
from tickstream.server.access import check_access
from tickstream.server.settings import Access, Settings


@pytest.mark.parametrize(
    ("loopback", "access", "complaint"),
    [
        (True, Access(), ""),
        (False, Access(), "can be reached from other machines, and there is no key"),
        (False, Access(anonymous=True), ""),
        (True, Access(required=True), "keys are required, and there is none"),
        (False, Access(required=True), "keys are required, and there is none"),
        (True, Access(required=True, anonymous=True), ""),
        (True, Access(origins=("https://a.example",)), "let others reach this, and there is no key"),
        (True, Access(hosts=("a.example",)), "let others reach this, and there is no key"),
        (True, Access(proxies=(ip_network("127.0.0.1/32"),)), "let others reach this"),
        (True, Access(hosts=("a.example",), anonymous=True), ""),
    ],
)
def test_without_keys_only_what_nobody_else_reaches_or_what_is_open_on_purpose(
    loopback: bool, access: Access, complaint: str
) -> None:
    settings = Settings(host="192.0.2.1", access=access)
    if not complaint:
        check_access(settings, NO_KEYS, loopback)
        return
    with pytest.raises(UsageError, match=complaint) as caught:
        check_access(settings, NO_KEYS, loopback)
    assert str(caught.value).endswith(
        "set ADMIN_API_KEY, or give --keys FILE, or --allow-anonymous for everybody"
    )
    check_access(settings, KEYS, loopback)


def test_a_bind_to_all_addresses_is_called_so_where_it_has_no_name() -> None:
    with pytest.raises(UsageError, match=r"^every address can be reached"):
        check_access(Settings(host=""), NO_KEYS, loopback=False)


@pytest.mark.parametrize(
    "origin", ["null", "", "*", "example.com", "https://a.example/x", "https://*.example", "//a", "a://"]
)
def test_an_origin_that_no_browser_would_send_is_refused_rather_than_never_matched(origin: str) -> None:
    with pytest.raises(UsageError, match="bad origin"):
        check_access(Settings(access=Access(origins=(origin,))), KEYS, loopback=True)


@pytest.mark.parametrize("host", ["", "*", "a.example:80", "https://a.example", "[::1]:80", "a b"])
def test_a_host_that_no_request_would_name_is_refused_rather_than_never_matched(host: str) -> None:
    with pytest.raises(UsageError, match="bad host"):
        check_access(Settings(access=Access(hosts=(host,))), KEYS, loopback=True)


@pytest.mark.parametrize(
    ("key", "loopback", "refused"),
    [("k" * 15, False, True), ("k" * 15, True, False), ("k" * 16, False, False)],
)
def test_a_key_that_can_be_guessed_opens_nothing_that_others_reach(
    key: str, loopback: bool, refused: bool
) -> None:
    settings = Settings(access=Access(admin_key=key))
    if refused:
        with pytest.raises(UsageError, match="short enough to be guessed"):
            check_access(settings, KEYS, loopback)
    else:
        check_access(settings, KEYS, loopback)
