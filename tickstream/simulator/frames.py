"""Messages of the streamer: what a push becomes on the wire, whole or broken on request. Pure."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping

from tickstream.core.tick import Value
from tickstream.simulator.faults import Fault, FaultKind, Faults
from tickstream.sources.yahoo.frames import encode

__all__ = ["Frame", "Message", "afflicted"]

Message = str | bytes
"""Text goes out as a text frame of WebSocket, bytes as a binary one."""


class Frame:
    """What one push says, encoded once for each framing that somebody wants."""

    __slots__ = ("_texts", "said")

    def __init__(self, said: Mapping[str, Value]) -> None:
        self.said = said
        self._texts: dict[int, str] = {}

    def text(self, version: int) -> str:
        """The message of protocol version 1 or 2."""
        if version not in self._texts:
            self._texts[version] = encode(self.said, version=version)
        return self._texts[version]


_MESSAGE_FAULTS = (
    FaultKind.GARBAGE,
    FaultKind.TRUNCATE,
    FaultKind.UNKNOWN,
    FaultKind.TYPE,
    FaultKind.DOUBLE,
    FaultKind.OLD,
)


def afflicted(frame: Frame, version: int, faults: Faults, sent: int) -> Iterator[Message]:
    """The messages that go out for `frame` on a connection that has had `sent` of them."""
    struck = {kind: fault for kind in _MESSAGE_FAULTS if (fault := faults.strike(kind, sent=sent))}
    if kind := struck.get(FaultKind.TYPE):
        # Bare base64 has no type: version 1 shows what a client makes of an envelope.
        yield frame.text(2).replace('"pricing"', f'"{kind.value}"', 1)
    message = _bent(frame, version, struck, sent)
    yield message
    if FaultKind.DOUBLE in struck:
        yield message
    if old := struck.get(FaultKind.OLD):
        yield _older(frame, old).text(version)


def _bent(frame: Frame, version: int, struck: Mapping[FaultKind, Fault], sent: int) -> Message:
    """The message itself, as the worst of what struck it leaves it."""
    if garbage := struck.get(FaultKind.GARBAGE):
        return _garbage(garbage, frame.text(version), version, sent)
    if FaultKind.TRUNCATE in struck:
        payload = _payload_of(frame)
        return _framed(payload[: len(payload) * 2 // 3], version)
    if FaultKind.UNKNOWN in struck:
        # Field 999, a string; no version of Yahoo's message has it.
        return _framed(_payload_of(frame) + b"\xba\x3e\x03new", version)
    return frame.text(version)


def _garbage(fault: Fault, text: str, version: int, sent: int) -> Message:
    kinds = ("json", "base64", "bytes")
    match fault.value or kinds[(sent - fault.after) % len(kinds)]:
        case "json":
            return text[:-2] if version == 2 else "{" + text
        case "base64":
            return "!" + text if version == 1 else text.replace(':"C', ':"!')
    return bytes((sent * 89 + place * 151) % 256 for place in range(48))


def _older(frame: Frame, fault: Fault) -> Frame:
    said = dict(frame.said)
    said["time"] = int(said["time"]) - int(fault.number * 1000)  # type: ignore[arg-type]  # an integer in each push
    said["price"] = float(said["price"]) * 0.99  # type: ignore[arg-type]  # a float in each push
    return Frame(said)


def _payload_of(frame: Frame) -> bytes:
    return b64decode(frame.text(1))


def _framed(payload: bytes, version: int) -> str:
    text = b64encode(payload).decode("ascii")
    return text if version == 1 else f'{{"type":"pricing","message":"{text}"}}'
