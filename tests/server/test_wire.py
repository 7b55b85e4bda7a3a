"""What goes out: whole frames of WebSocket, that say just what was said."""

from __future__ import annotations

import json

import pytest

from tests.support.clients import payloads
from tickstream.core.tick import Value
from tickstream.server.wire import FORMS, row_frame, text_frame
from tickstream.sources.yahoo.frames import decode

SAID: dict[str, Value] = {"id": "AAPL", "price": 171.52, "time": 1_700_000_001_000, "price_hint": 2}


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535])
def test_a_text_frame_is_final_unmasked_and_has_its_length(size: int) -> None:
    assert payloads(text_frame(b"x" * size)) == [b"x" * size]


def test_a_frame_of_more_than_64_kib_has_a_length_of_eight_bytes() -> None:
    frame = text_frame(b"x" * 65_536)
    assert frame[:10] == b"\x81\x7f" + (65_536).to_bytes(8, "big")
    assert len(frame) == 10 + 65_536


@pytest.mark.parametrize("form", ["1", "2"])
def test_in_yahoos_framing_a_row_is_what_yahoos_clients_decode(form: str) -> None:
    (payload,) = payloads(row_frame(SAID, form))
    assert payload.startswith(b'{"type":"pricing"') == (form == "2")
    tick = decode(payload, now=1_700_000_002.0)
    assert tick is not None
    assert tick.to_dict() == SAID


def test_as_json_a_row_has_the_keys_and_types_of_a_tick() -> None:
    (payload,) = payloads(row_frame(SAID, "json"))
    assert json.loads(payload) == SAID


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_ascii_leaves_as_ascii(form: str) -> None:
    (payload,) = payloads(row_frame(SAID | {"short_name": "Zürich\u202e\x7f"}, form))
    assert payload.isascii()
    assert b"\x7f" not in payload
