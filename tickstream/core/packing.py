"""Packing: NDJSON as it is, or in gzip members or zstd frames, each of which can be unpacked by itself. Pure.

What is packed at once is one member. So a file that is cut, or damaged in the
middle, costs the members that were hit, and a file that is appended to is
whole again from there on.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tickstream.errors import UsageError

__all__ = ["GZIP", "PIECE", "PLAIN", "Damaged", "Packing", "packing_for", "packing_in"]

PIECE = 4096
"""Bytes to unpack at once: what is packed may be a thousand times as large, and in zstd more."""


class Damaged(Exception):
    """Something that is packed cannot be unpacked."""


class Unpacker(Protocol):
    """What unpacks one member: that of zlib, or that of zstandard."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to pack."""

    suffix: str
    """How the name of a file ends that is packed like this."""
    magic: bytes
    """How each member begins; empty where nothing is packed."""
    moment: float
    """Seconds that are worth gathering for a member: what a kill may cost."""
    make_packer: Callable[[], Callable[[bytes], bytes]]
    make_unpacker: Callable[[], Unpacker]
    errors: Callable[[], type[Exception]]

    def pack(self, data: bytes) -> bytes:
        """One member."""
        return self.make_packer()(data)

    def unpack(self, pieces: Iterable[bytes]) -> Iterator[bytes | None]:
        """What is packed in these pieces; None where a part is damaged, and then what follows it."""
        if not self.magic:
            yield from pieces
            return
        member: Unpacker | None = None
        held, began = b"", False
        for piece in pieces:
            held, began = held + piece, False
            while held:
                if member is None:
                    held, clean = self._find(held)
                    if not clean:
                        yield None
                    if len(held) < len(self.magic):
                        break
                    member, began = self.make_unpacker(), True
                try:
                    data = member.decompress(held)
                except self.errors():
                    # Where the next one begins, or what looks like it; not where this one did.
                    member, held = None, held[1:] if began else held
                    yield None
                    continue
                if data:
                    yield data
                held, member = (member.unused_data, None) if member.eof else (b"", member)

    def whole(self, pieces: Iterable[bytes]) -> int:
        """How many bytes of these pieces are whole members; what is behind them is cut.

        Raises:
            Damaged: it is not that it ends too early.
        """
        member: Unpacker | None = None
        taken = whole = 0
        for piece in pieces:
            taken, held = taken + len(piece), piece
            while held:
                member = member or self.make_unpacker()
                try:
                    member.decompress(held)
                except self.errors():
                    raise Damaged from None
                held = b""
                if member.eof:
                    held, member = member.unused_data, None
                    whole = taken - len(held)
        return whole

    def _find(self, held: bytes) -> tuple[bytes, bool]:
        """What is held from where a member begins, or may begin; and whether that is where it should."""
        at = held.find(self.magic)
        if at < 0:
            at = next(
                start
                for start in range(max(0, len(held) - len(self.magic) + 1), len(held) + 1)
                if self.magic.startswith(held[start:])
            )
        return held[at:], at == 0


def _as_it_is() -> Any:
    return bytes


def _gzip() -> Callable[[bytes], bytes]:
    def pack(data: bytes) -> bytes:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        return packer.compress(data) + packer.flush()

    return pack


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise UsageError("what is packed with zstd needs pip install 'tickstream[zstd]'") from None
    return zstandard


PLAIN = Packing("", b"", 0.0, _as_it_is, _as_it_is, lambda: ValueError)
GZIP = Packing(".gz", b"\x1f\x8b", 1.0, _gzip, lambda: zlib.decompressobj(31), lambda: zlib.error)
ZSTD = Packing(
    ".zst",
    b"\x28\xb5\x2f\xfd",
    1.0,
    lambda: _zstandard().ZstdCompressor(level=6).compress,
    lambda: _zstandard().ZstdDecompressor().decompressobj(),
    lambda: _zstandard().ZstdError,
)


_OTHERS = frozenset({".7z", ".br", ".bz2", ".lz4", ".lzma", ".rar", ".tgz", ".xz", ".z", ".zip"})


def packing_for(name: str) -> Packing:
    """How a file of this name is to be packed.

    Raises:
        UsageError: with something that is not installed, or that nothing here packs with.
    """
    if (suffix := "".join(name.lower().rpartition(".")[1:])) in _OTHERS:
        raise UsageError(f"nothing here packs {suffix}: end the name in .gz or .zst, or in .ndjson")
    packing = next((way for way in (GZIP, ZSTD) if name.lower().endswith(way.suffix)), PLAIN)
    packing.make_packer()
    return packing


def packing_in(head: bytes) -> Packing:
    """How a file is packed that begins like this; it may be cut off anywhere.

    Raises:
        UsageError: with something that is not installed.
    """
    ways = (way for way in (GZIP, ZSTD) if head and way.magic.startswith(head[: len(way.magic)]))
    packing = next(ways, PLAIN)
    packing.make_unpacker()
    return packing
