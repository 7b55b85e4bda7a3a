"""Keys: whose is whose, a file that is kept to oneself, and nothing secret in any text."""

from __future__ import annotations

import errno
import hmac
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.errors import UsageError
from tickstream.server.keys import Key, Keys, add_key
from tickstream.server.settings import Access

NOBODY = 65_534
ALICE, BOB = "alices-key-which-is-long-enough", "bobs-key-which-is-long-enough-too"

posix = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def keys_file(directory: Path, content: str | bytes, mode: int = 0o600) -> str:
    path = directory / "keys"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return str(path)


def load(path: str, admin_key: str = "") -> Keys:
    return Keys.load(Access(keys_file=path, admin_key=admin_key))


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user for whom permissions hold; root may read everything."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A directory that everybody may enter; pytest's own are closed to other users."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


def test_without_a_key_there_are_no_keys_and_nothing_is_found() -> None:
    keys = Keys.load(Access())
    assert not keys
    assert keys.find(b"") is None
    assert keys.find(ALICE.encode()) is None


def test_each_key_of_the_file_is_found_by_its_own_label(tmp_path: Path) -> None:
    keys = load(keys_file(tmp_path, f"alice {digest(ALICE)}\nbob\t{digest(BOB).upper()}\n"))
    assert keys
    assert keys.find(ALICE.encode()) == Key("alice", admin=False)
    assert keys.find(BOB.encode()) == Key("bob", admin=False)
    assert keys.find(b"carols") is None


def test_the_admin_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = load(keys_file(tmp_path, f"alice {digest(ALICE)}\n"), admin_key=BOB)
    assert keys.find(BOB.encode()) == Key("admin", admin=True)
    assert keys.find(ALICE.encode()) == Key("alice", admin=False)


def test_the_admins_key_needs_no_file() -> None:
    assert Keys.load(Access(admin_key=ALICE)).find(ALICE.encode()) == Key("admin", admin=True)


def test_a_key_that_is_also_the_admins_is_the_admins(tmp_path: Path) -> None:
    keys = load(keys_file(tmp_path, f"alice {digest(ALICE)}\n"), admin_key=ALICE)
    assert keys.find(ALICE.encode()) == Key("admin", admin=True)


def test_a_key_that_is_being_rotated_has_one_label_twice(tmp_path: Path) -> None:
    keys = load(keys_file(tmp_path, f"alice {digest(ALICE)}\nalice {digest(BOB)}\n"))
    assert keys.find(ALICE.encode()) == keys.find(BOB.encode()) == Key("alice")


def test_blank_lines_comments_and_line_ends_of_any_kind_are_no_keys(tmp_path: Path) -> None:
    text = f"\ufeff# who may come\r\n\r\n   \n  # alice {digest(BOB)}\n  alice   {digest(ALICE)}  \r\n"
    keys = load(keys_file(tmp_path, text))
    assert (len(keys), keys.find(ALICE.encode()), keys.find(BOB.encode())) == (1, Key("alice"), None)


@pytest.mark.parametrize(
    "given",
    [
        ALICE[:-1],
        ALICE + "x",
        ALICE.upper(),
        f" {ALICE}",
        f"{ALICE}\n",
        f"{ALICE}\0",
        digest(ALICE),
        "",
        "\0",
        "ключ",
        "x" * 2**20,
    ],
)
def test_what_is_not_exactly_a_key_opens_nothing(tmp_path: Path, given: str) -> None:
    assert load(keys_file(tmp_path, f"alice {digest(ALICE)}\n")).find(given.encode()) is None


def test_the_digest_of_nothing_makes_no_empty_key(tmp_path: Path) -> None:
    assert load(keys_file(tmp_path, f"oops {digest('')}\n")).find(b"") is None


def test_any_key_costs_as_many_comparisons_of_whole_digests_in_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = load(keys_file(tmp_path, f"alice {digest(ALICE)}\nbob {digest(BOB)}\n"), admin_key="admins")
    compared: list[int] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(len(one) + len(other))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for given_key in ("admins", ALICE, BOB, BOB[:-1], "b", "", "\0", "x" * 100_000):
        compared.clear()
        keys.find(given_key.encode())
        assert compared == [64, 64, 64]


@given(st.binary(max_size=2000))
def test_whatever_bytes_are_given_finding_them_never_fails(given: bytes) -> None:
    assert Keys.load(Access(admin_key=ALICE)).find(given) is None


@pytest.mark.parametrize(
    "line",
    [
        "alice",
        ALICE,
        f"alice {ALICE}",
        f"alice {digest(ALICE)[:-1]}",
        f"alice {digest(ALICE)}0",
        f"alice {digest(ALICE)} extra",
        f"alice:{digest(ALICE)}",
        f"al/ice {digest(ALICE)}",
        f"{'a' * 65} {digest(ALICE)}",
        f"аlice {digest(ALICE)}",
        f"admin {digest(ALICE)}",
        f"Admin {digest(ALICE)}",
        b"\xff\xfe\x00",
    ],
)
def test_a_line_that_is_no_key_is_named_by_its_number_and_not_quoted(
    tmp_path: Path, line: str | bytes
) -> None:
    raw = line.encode() if isinstance(line, str) else line
    path = keys_file(tmp_path, b"# keys\n\nbob " + digest(BOB).encode() + b"\n" + raw + b"\n")
    with pytest.raises(UsageError) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}, line 4: ")
    assert "\n" not in text
    assert ALICE not in text
    assert digest(ALICE)[:20] not in text


@pytest.mark.parametrize("content", ["", "# nobody yet\n\n"])
def test_a_file_without_a_key_is_refused_because_it_would_let_everybody_in(
    tmp_path: Path, content: str
) -> None:
    path = keys_file(tmp_path, content)
    with pytest.raises(UsageError, match="has no key in it"):
        load(path)
    assert len(load(path, admin_key=ALICE)) == 1


def test_a_file_that_does_not_exist_is_refused_and_the_text_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no .*/absent; make it with --new-key LABEL"):
        load(str(tmp_path / "absent"))


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o755])
def test_a_file_that_others_may_use_is_refused_and_the_text_says_what_to_run(
    tmp_path: Path, mode: int
) -> None:
    path = keys_file(tmp_path, f"alice {digest(ALICE)}\n", mode)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(caught.value).endswith(f"chmod 600 {path}")
    with pytest.raises(UsageError, match="chmod 600"):
        add_key(path, "bob")


@posix
def test_a_file_that_may_not_be_read_is_refused(everybodys: Path) -> None:
    path = keys_file(everybodys, f"alice {digest(ALICE)}\n", 0o600 if os.geteuid() == 0 else 0)
    with unprivileged(), pytest.raises(UsageError, match=r"cannot read the keys in .*: Permission denied"):
        load(path)


@posix
@pytest.mark.parametrize("kind", ["directory", "pipe", "device"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "keys"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path = Path("/dev/zero")
    with pytest.raises(UsageError, match="is not a file of keys"):
        load(str(path))


@pytest.mark.parametrize("path", ["no\0where", "no\nwhere", "no\x1bwhere"])
def test_a_path_that_cannot_be_printed_is_still_one_clear_line(path: str) -> None:
    for use in (load, lambda path: add_key(f"absent/{path}", "alice")):
        with pytest.raises(UsageError) as caught:
            use(path)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("key", ["two words", "new\nline", "ключ", " ", "x" * 1025, "\udc80"])
def test_an_admins_key_that_no_header_can_carry_is_refused_unquoted(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        Keys.load(Access(admin_key=key))
    assert key.strip() not in str(caught.value) or not key.strip()
    assert str(caught.value).isprintable()


def test_no_key_and_no_digest_shows_in_what_is_printed_of_keys(tmp_path: Path) -> None:
    access = Access(keys_file=keys_file(tmp_path, f"bob {digest(BOB)}\n"), admin_key=ALICE)
    keys = Keys.load(access)
    for text in (repr(keys), str(keys), repr(access), repr(keys.find(BOB.encode()))):
        assert ALICE not in text
        assert BOB not in text
        assert digest(ALICE) not in text
        assert digest(BOB) not in text
    assert repr(keys) == "<Keys of admin, bob>"


def test_a_new_key_opens_and_is_kept_only_as_its_digest(tmp_path: Path) -> None:
    path = str(tmp_path / "keys")
    key = add_key(path, "alice")
    assert load(path).find(key.encode()) == Key("alice", admin=False)
    assert Path(path).read_text() == f"alice {digest(key)}\n"
    assert len(key) >= 43  # 256 bits in base64


@posix
def test_where_the_disk_is_full_the_keys_that_there_are_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "keys"
    add_key(str(path), "one")
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        add_key(str(path), "two")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_keys_is_made_for_oneself_alone_whatever_the_umask(tmp_path: Path) -> None:
    was = os.umask(0)
    try:
        add_key(str(tmp_path / "keys"), "alice")
    finally:
        os.umask(was)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_new_key_joins_those_that_are_there_and_the_comments_stay(tmp_path: Path, end: str) -> None:
    path = keys_file(tmp_path, f"# ours\nbob {digest(BOB)}{end}")
    key = add_key(path, "alice")
    assert Path(path).read_text() == f"# ours\nbob {digest(BOB)}\nalice {digest(key)}\n"


def test_where_directories_have_no_locks_and_files_no_owners_keys_are_added_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.delattr(os, "fchown", raising=False)
    path = str(tmp_path / "keys")
    added = {label: add_key(path, label) for label in ("alice", "bob")}
    monkeypatch.undo()
    keys = load(path)
    for label, key in added.items():
        found = keys.find(key.encode())
        assert getattr(found, "label", None) == label


def test_two_new_keys_differ(tmp_path: Path) -> None:
    path = str(tmp_path / "keys")
    assert add_key(path, "alice") != add_key(path, "bob")


def test_a_label_that_is_taken_is_refused_and_the_file_stays_as_it_was(tmp_path: Path) -> None:
    path = keys_file(tmp_path, f"bob {digest(BOB)}\n")
    with pytest.raises(UsageError, match="already has a key labelled bob"):
        add_key(path, "bob")
    assert Path(path).read_text() == f"bob {digest(BOB)}\n"


@pytest.mark.parametrize(
    "label", ["", " ", "a b", "a/b", "a\n", "#a", "é", "a" * 65, "admin", "ADMIN", "\x1b[2J"]
)
def test_a_label_that_is_none_is_refused_and_no_file_is_made(tmp_path: Path, label: str) -> None:
    with pytest.raises(UsageError, match="bad label") as caught:
        add_key(str(tmp_path / "keys"), label)
    assert str(caught.value).isprintable()
    assert not list(tmp_path.iterdir())


def test_a_file_with_a_bad_line_gets_no_new_key(tmp_path: Path) -> None:
    path = keys_file(tmp_path, "what is this\n")
    with pytest.raises(UsageError, match="line 1"):
        add_key(path, "alice")
    assert Path(path).read_text() == "what is this\n"


@posix
@pytest.mark.parametrize("dangling", [False, True])
def test_a_symbolic_link_gets_no_new_key(tmp_path: Path, dangling: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "keys"
    if not dangling:
        target.touch(0o600)
    link.symlink_to(target)
    with pytest.raises(UsageError, match="it is a symbolic link"):
        add_key(str(link), "alice")
    assert link.is_symlink()
    assert target.exists() is not dangling


@posix
def test_keys_are_read_through_a_symbolic_link_as_secrets_are_mounted(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(keys_file(tmp_path, f"alice {digest(ALICE)}\n"))
    assert load(str(link)).find(ALICE.encode()) == Key("alice")


@posix
def test_a_directory_that_may_not_be_written_gets_no_key(everybodys: Path) -> None:
    everybodys.chmod(0o555)
    with unprivileged(), pytest.raises(UsageError, match=r"cannot add a key to .*: Permission denied"):
        add_key(str(everybodys / "keys"), "alice")


@root
def test_a_file_that_root_adds_to_still_belongs_to_whom_it_did(tmp_path: Path) -> None:
    path = keys_file(tmp_path, f"bob {digest(BOB)}\n")
    os.chown(path, NOBODY, NOBODY)
    add_key(path, "alice")
    status = Path(path).stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (NOBODY, NOBODY, 0o600)


@posix
def test_when_there_is_no_room_for_a_new_key_the_old_ones_stay_and_nothing_else(tmp_path: Path) -> None:
    path = keys_file(tmp_path, f"bob {digest(BOB)}\n")
    code = (
        "import resource, signal, sys; from tickstream.server.keys import add_key;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "add_key(sys.argv[1], 'alice')"
    )
    done = subprocess.run([sys.executable, "-Bc", code, path], capture_output=True, text=True, check=False)
    assert f"UsageError: cannot add a key to {path}: File too large" in done.stderr
    assert Path(path).read_text() == f"bob {digest(BOB)}\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys"]


@posix
def test_of_keys_that_are_added_at_the_same_time_none_is_lost(tmp_path: Path) -> None:
    path = str(tmp_path / "keys")
    code = (
        "import sys; from tickstream.server.keys import add_key; sys.stdin.read(1);"
        "[add_key(sys.argv[1], f'{sys.argv[2]}.{n}') for n in range(20)]"
    )
    adding = [
        subprocess.Popen([sys.executable, "-c", code, path, name], stdin=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    for process in adding:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(30) for process in adding] == [0, 0, 0]
    assert len(load(path)) == 60


def test_a_key_is_no_longer_among_them_when_it_is_gone_or_its_label_has_another(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    first = add_key(str(file), "bob")
    before = Keys.load(Access(keys_file=str(file)))
    bob = before.find(first.encode())
    assert bob in before
    file.unlink()
    add_key(str(file), "eve")
    assert bob not in Keys.load(Access(keys_file=str(file)))
    add_key(str(file), "bob")
    assert bob not in Keys.load(Access(keys_file=str(file)))
