"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from tickstream.files import write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="files have other modes there")
root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_with_its_folder_made_and_nothing_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "session.json"
    for content in (b"old", b"new"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@posix
def test_its_folder_is_for_oneself_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "folder" / "file", b"")
    assert mode_of(tmp_path / "folder") == 0o700


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400])
def test_it_has_the_mode_that_is_asked_for_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    for umask in (0, 0o777):
        was = os.umask(umask)
        try:
            write_whole(tmp_path / "file", b"", mode=mode)
        finally:
            os.umask(was)
        assert mode_of(tmp_path / "file") == mode


@posix
def test_whoever_reads_meanwhile_has_the_old_one_and_nobody_can_read_the_new_one_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "file", []

    def looked(descriptor: int) -> None:
        seen.append((path.read_bytes(), stat.S_IMODE(os.fstat(descriptor).st_mode)))

    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", looked)
    write_whole(path, b"new", mode=0o644)
    assert seen == []  # a cache need not wait for the disk
    write_whole(path, b"newer", mode=0o644, durable=True)
    assert seen == [(b"new", 0o600)]


@posix
@pytest.mark.parametrize("what", ["fsync", "fchown"])
def test_what_was_there_is_untouched_where_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, what, refused)
    with pytest.raises(OSError, match="not permitted"):
        write_whole(path, b"new", owner=(os.getuid(), os.getgid()), durable=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@root
def test_it_is_given_to_its_owner(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"", owner=(65534, 65533))
    status = (tmp_path / "file").stat()
    assert (status.st_uid, status.st_gid) == (65534, 65533)
