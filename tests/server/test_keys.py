"""Keys: kept as hashes, in a file that nobody else can read, and never said again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tickstream.errors import UsageError
from tickstream.server.keys import Key, Keys, add_key
from tickstream.server.settings import Access


def test_a_new_key_opens_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    key = add_key(path, "bob")
    other = add_key(path, "eve")
    assert key != other
    assert len(key) >= 40
    assert path.stat().st_mode & 0o777 == 0o600
    assert key not in path.read_text()
    keys = Keys.load(Access(keys_file=str(path)))
    assert keys.find(key.encode()) == Key("bob")
    assert keys.find(other.encode()) == Key("eve")
    assert keys.find(b"wrong") is None
    assert keys.find(b"") is None
    assert bool(keys)


def test_the_admins_key_has_no_limits_and_is_in_no_text() -> None:
    access = Access(admin_key="s3cret")
    keys = Keys.load(access)
    assert keys.find(b"s3cret") == Key("admin", admin=True)
    assert "s3cret" not in repr(access) + repr(keys) + str(vars(keys))
    assert not Keys.load(Access())


@pytest.mark.parametrize("label", ["", "no blank", "a" * 65, "ünicode", "admin", "a\nb", "a/b"])
def test_a_label_that_is_none_is_refused_before_anything_is_written(label: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="label"):
        add_key(tmp_path / "keys", label)
    assert not (tmp_path / "keys").exists()


def test_a_label_is_used_once(tmp_path: Path) -> None:
    add_key(tmp_path / "keys", "bob")
    before = (tmp_path / "keys").read_bytes()
    with pytest.raises(UsageError, match="already"):
        add_key(tmp_path / "keys", "bob")
    assert (tmp_path / "keys").read_bytes() == before


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "keys").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot write"):
        add_key(tmp_path / "keys", "bob")
    assert not (tmp_path / "elsewhere").exists()


def write(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


DIGEST = hashlib.sha256(b"key").hexdigest()


def test_comments_and_blank_lines_are_no_keys(tmp_path: Path) -> None:
    name = write(tmp_path / "keys", f"# mine\n\n  bob   {DIGEST.upper()}  \n")
    assert Keys.load(Access(keys_file=name)).find(b"key") == Key("bob")


@pytest.mark.parametrize(
    ("text", "mode", "match"),
    [
        (f"bob {DIGEST}\n", 0o640, "chmod 600"),
        (f"bob {DIGEST}\n", 0o604, "chmod 600"),
        (f"# x\nbob {DIGEST[:-1]}\n", 0o600, "line 2"),
        ("bob\n", 0o600, "line 1"),
        (f"bob {DIGEST} more\n", 0o600, "line 1"),
        (f"admin {DIGEST}\n", 0o600, "line 1"),
        (f"bob {DIGEST}\nbob {DIGEST}\n", 0o600, "line 2"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(text: str, mode: int, match: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=match):
        Keys.load(Access(keys_file=write(tmp_path / "keys", text, mode)))


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match="cannot read the keys"):
        Keys.load(Access(keys_file="/nowhere/at/all"))


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root is refused by the system anyway")
def test_a_file_of_somebody_else_is_said(tmp_path: Path) -> None:
    name = write(tmp_path / "keys", f"bob {DIGEST}\n")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    os.seteuid(65534)
    try:
        with pytest.raises(UsageError, match="cannot read the keys"):
            Keys.load(Access(keys_file=name))
    finally:
        os.seteuid(0)
