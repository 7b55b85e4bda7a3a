"""What terminals send, as keys."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.sinks.keyboard import KeyDecoder, console_keys

SENT = {
    b"q": ["q"],
    "ä+".encode(): ["ä", "+"],
    b"\r\t\x7f\x15": ["enter", "tab", "backspace", "clear"],
    b"\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[1~\x1b[4~": [
        "up",
        "down",
        "pgup",
        "pgdn",
        "home",
        "end",
        "home",
        "end",
    ],
    # With Shift or Control it is the same key; function keys, a mouse and answers are none.
    b"\x1b[1;5A\x1b[15~\x1b[<0;10;5M\x1b[?64;1c\x1b]11;rgb:0/0/0\x07\x1b[24;80R": ["up"],
    b"\x00\x01\x02": [],
}


@pytest.mark.parametrize("sent", SENT)
def test_each_key_is_named_however_its_bytes_are_cut(sent: bytes) -> None:
    whole, cut = KeyDecoder(), KeyDecoder()
    assert whole.feed(sent) == SENT[sent]
    assert [key for at in range(len(sent)) for key in cut.feed(sent[at : at + 1])] == SENT[sent]
    assert not whole.waiting
    assert not cut.waiting


def test_an_escape_alone_is_a_key_once_nothing_follows() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.waiting
    assert decoder.flush() == ["esc"]
    assert decoder.feed(b"\x1b\x1bq") == ["esc"]
    assert decoder.feed(b"\x1b[") == []
    assert decoder.flush() == []
    assert decoder.feed(b"q") == ["q"]


@given(st.binary(max_size=200), st.integers(0, 200))
def test_whatever_is_sent_is_keys_or_nothing(data: bytes, cut: int) -> None:
    decoder = KeyDecoder()
    keys = [*decoder.feed(data[:cut]), *decoder.feed(data[cut:]), *decoder.flush()]
    assert all(key.isprintable() and key for key in keys)
    assert not decoder.waiting


def test_a_windows_console_says_the_same_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = list("q\r\x1b\xe0H\xe0Q\0S")
    console = SimpleNamespace(kbhit=lambda: bool(waiting), getwch=lambda: waiting.pop(0))
    monkeypatch.setitem(sys.modules, "msvcrt", console)
    assert console_keys() == ["q", "enter", "esc", "up", "pgdn", "delete"]
    assert console_keys() == []
