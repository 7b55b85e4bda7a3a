"""Packing: what is packed is unpacked in whatever pieces it comes, and damage costs what was hit."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest

from tickstream.core.packing import GZIP, PLAIN, Damaged, Packing, packing_for, packing_in
from tickstream.errors import UsageError

ZSTD = packing_for("x.zst")
PACKINGS = pytest.mark.parametrize("packing", [PLAIN, GZIP, ZSTD], ids=["plain", "gzip", "zstd"])
PACKED = pytest.mark.parametrize("packing", [GZIP, ZSTD], ids=["gzip", "zstd"])
TEXTS = [b"".join(b"line %d of %d\n" % (line, number) for line in range(40)) for number in range(6)]


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def unpacked(packing: Packing, data: bytes, size: int = 4096) -> bytes:
    return b"".join(piece or b"" for piece in packing.unpack(pieces(data, size)))


@PACKINGS
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 4096])
def test_members_one_behind_the_other_are_unpacked_in_any_pieces(packing: Packing, size: int) -> None:
    data = b"".join(map(packing.pack, TEXTS))
    assert unpacked(packing, data, size) == b"".join(TEXTS)
    assert None not in packing.unpack(pieces(data, size))


def test_what_gzip_itself_packed_is_unpacked() -> None:
    assert unpacked(GZIP, gzip.compress(b"".join(TEXTS))) == b"".join(TEXTS)
    assert gzip.decompress(b"".join(map(GZIP.pack, TEXTS))) == b"".join(TEXTS)


@PACKED
def test_cut_at_any_byte_it_has_all_members_before_the_cut_and_nothing_else(packing: Packing) -> None:
    members = list(map(packing.pack, TEXTS))
    data, whole, text = b"".join(members), b"".join(members[:-1]), b"".join(TEXTS[:-1])
    for size in range(len(whole), len(data)):
        found = unpacked(packing, data[:size])
        assert found.startswith(text)
        assert b"".join(TEXTS).startswith(found)


@PACKED
@pytest.mark.parametrize("size", [64, 4096])
def test_a_member_that_is_damaged_is_said_and_those_behind_it_are_there(packing: Packing, size: int) -> None:
    members = list(map(packing.pack, TEXTS))
    members[2] = members[2][:-9]
    found = list(packing.unpack(pieces(b"".join(members), size)))
    assert None in found
    text = b"".join(piece or b"" for piece in found)
    assert text.startswith(b"".join(TEXTS[:2]))
    assert text.endswith(b"".join(TEXTS[4:]))


@PACKED
def test_what_stands_between_members_is_damage(packing: Packing) -> None:
    first, second = map(packing.pack, TEXTS[:2])
    found = list(packing.unpack(pieces(first + b"?" * 5000 + second, 4096)))
    assert None in found
    assert b"".join(piece or b"" for piece in found) == TEXTS[0] + TEXTS[1]


@PACKED
def test_how_much_of_it_is_whole(packing: Packing) -> None:
    members = list(map(packing.pack, TEXTS))
    data, whole = b"".join(members), len(b"".join(members[:-1]))
    assert packing.whole(pieces(data, 100)) == len(data)
    for size in range(whole, len(data)):
        assert packing.whole(pieces(data[:size], 100)) == whole
    with pytest.raises(Damaged):
        packing.whole([members[0], b"no member at all"])


def test_a_name_says_how_it_is_packed_and_so_does_what_is_in_it() -> None:
    for name, packing in (("a.ndjson", PLAIN), ("a.ndjson.gz", GZIP), ("A.GZ", GZIP), ("a.zst", ZSTD)):
        assert packing_for(name) is packing
        assert packing_in(packing.pack(b"{}")) is packing
    assert packing_in(b"") is PLAIN


def test_without_zstandard_it_says_how_to_have_it_and_the_others_work() -> None:
    program = """
import sys
sys.modules["zstandard"] = None
from tickstream.core.packing import packing_for
from tickstream.errors import UsageError
packing_for("a.gz")
try:
    packing_for("a.zst")
except UsageError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "what is packed with zstd needs pip install 'tickstream[zstd]'\n"


@pytest.mark.parametrize("name", ["z", "zip", "a.zip.ndjson"])
def test_a_name_that_only_looks_like_an_ending_is_a_name(name: str) -> None:
    assert packing_for(name) is PLAIN


@pytest.mark.parametrize("name", ["a.ndjson.xz", "A.ZIP", "b.tgz", "c.bz2"])
def test_what_nothing_here_packs_is_not_written_as_if_it_were_packed(name: str) -> None:
    with pytest.raises(UsageError, match=r"nothing here packs \..*: end the name in \.gz or \.zst"):
        packing_for(name)
