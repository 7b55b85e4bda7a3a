"""Writing tapes: nothing is overwritten, nothing is lost in silence, and what is there is whole."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from tests.support.tapes import BEGAN, live, push, write_tape
from tickstream.core.board import Now
from tickstream.core.ports import Dropped, Gap, Status
from tickstream.core.tape import Push, Record, Told, version_line
from tickstream.core.tick import Tick
from tickstream.errors import OutputError, UsageError
from tickstream.hub import Hub
from tickstream.sinks.tape import Tape
from tickstream.sinks.tapefile import Rotation, TapeFile, parse_rotation
from tickstream.sources.tape.reading import Reel

DAY = 86_400_000
MIDNIGHT = 1_789_084_800_000
"""2026-09-11, 00:00 UTC, in ms."""
SUFFIXES = pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])


def records(path: Path) -> list[Record]:
    reel = Reel(path)
    found = list(reel.records())
    assert reel.bad == 0
    return found


def line(number: int) -> bytes:
    return b'{"at":%d,"raw":"%d"}\n' % (BEGAN + number, number)


def opened(path: Path, rotation: Rotation = Rotation(), *, force: bool = False) -> TapeFile:  # noqa: B008
    file = TapeFile(path, rotation)
    file.open(BEGAN, force=force)
    return file


def write(path: Path, numbers: Iterable[int], *, force: bool = False) -> None:
    file = opened(path, force=force)
    for number in numbers:
        file.write(line(number), BEGAN + number)
    file.close()


def numbers(path: Path) -> list[int]:
    return [int(record.raw) for record in records(path) if isinstance(record, Push)]


# -- one file


@SUFFIXES
def test_what_is_written_can_be_read_and_more_is_appended(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.ndjson{suffix}"
    write(path, range(3))
    write(path, range(3, 5))
    assert numbers(path) == [0, 1, 2, 3, 4]


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / "a.ndjson", range(1))
    assert stat.S_IMODE((tmp_path / "a.ndjson").stat().st_mode) == 0o600


def test_a_file_that_is_empty_becomes_a_tape(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.touch()
    write(path, [1])
    assert path.read_bytes() == version_line(BEGAN) + line(1)


@pytest.mark.parametrize(
    "content",
    [
        b"dear diary\n",
        b"\x1f\x8b",
        b'{"type":"tape"',
        b'{"type":"tape","version":9,"at":1}\n',
        b'{"a":1}\n',
        b"\n",
    ],
)
def test_what_is_no_tape_of_ours_is_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        opened(path)
    assert path.read_bytes() == content
    write(path, [1], force=True)
    assert path.read_bytes() == version_line(BEGAN) + line(1)


def test_a_tape_that_is_packed_otherwise_than_its_name_says_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    write(tmp_path / "a.ndjson.zst", [1])
    (tmp_path / "a.ndjson.zst").rename(path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="not packed as its name says"):
        opened(path)
    assert path.read_bytes() == before


def test_a_link_a_folder_and_a_pipe_are_refused_and_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    write(target, [1])
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "dangling", "folder", "pipe"):
        for force in (False, True):
            with pytest.raises(UsageError, match="not a file, or a link to one"):
                opened(tmp_path / name, force=force)
    assert numbers(target) == [1]
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["nowhere/a.ndjson", "x" * 300])
def test_where_nothing_can_be_it_says_why(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"cannot record to .*: (No such file|File name too long)"):
        opened(tmp_path / name)


def test_of_two_writers_the_second_is_refused_with_force_too(tmp_path: Path) -> None:
    first = opened(tmp_path / "a.ndjson")
    for force in (False, True):
        with pytest.raises(OutputError, match=r"another tickstream records to .*a\.ndjson"):
            opened(tmp_path / "a.ndjson", force=force)
    first.write(line(1), BEGAN)
    first.close()
    write(tmp_path / "a.ndjson", [2])
    assert numbers(tmp_path / "a.ndjson") == [1, 2]


def test_a_tape_that_is_put_away_while_another_opens_it_is_not_written_by_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, put_away, lock = tmp_path / "a.ndjson", tmp_path / "b.ndjson", fcntl.flock
    write(path, [1])

    def rotated_meanwhile(fd: int, how: int) -> None:
        path.rename(put_away)
        path.touch()
        lock(fd, how)

    monkeypatch.setattr(fcntl, "flock", rotated_meanwhile)
    with pytest.raises(OutputError, match="another tickstream"):
        opened(path)
    assert numbers(put_away) == [1]


# -- cut off


def test_behind_a_line_that_was_cut_off_the_next_is_whole(tmp_path: Path) -> None:
    whole = version_line(BEGAN) + line(1)
    for size in range(len(version_line(BEGAN)) - 1, len(whole)):
        path = tmp_path / f"{size}.ndjson"
        path.write_bytes(whole[:size])
        write(path, [2])
        reel = Reel(path)
        found = [int(record.raw) for record in reel.records() if isinstance(record, Push)]
        assert found[-1] == 2
        assert reel.bad <= 1


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_behind_a_member_that_was_cut_off_the_next_is_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.ndjson{suffix}"
    write(path, range(3))
    data = path.read_bytes()
    write(tmp_path / f"b.ndjson{suffix}", range(2))
    whole = (tmp_path / f"b.ndjson{suffix}").stat().st_size
    for size in range(whole, len(data)):
        path.write_bytes(data[:size])
        write(path, [7])
        assert numbers(path) == [0, 1, 7]


def test_a_tape_that_is_damaged_in_the_middle_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    write(path, range(2))
    checksum = path.stat().st_size - 6
    write(path, [2])
    data = bytearray(path.read_bytes())
    data[checksum] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UsageError, match="damaged"):
        opened(path)
    assert path.read_bytes() == data


@SUFFIXES
def test_a_disk_that_fills_costs_what_did_not_fit_and_the_rest_is_whole(tmp_path: Path, suffix: str) -> None:
    """By a limit to how large a file may get, which ends a write in its middle as a full disk does."""
    program = f"""
import resource, signal, sys
from pathlib import Path
from tests.sinks.test_tape import BEGAN, line, opened
from tickstream.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = opened(Path({str(tmp_path / f"a.ndjson{suffix}")!r}))
try:
    for number in range(0, 1000, 5):
        file.write(b"".join(map(line, range(number, number + 5))), BEGAN)
except OutputError as error:
    print(number, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    number, _, error = done.stdout.partition(" ")
    assert "File too large" in error
    found = numbers(tmp_path / f"a.ndjson{suffix}")
    assert found == list(range(len(found)))
    assert len(found) >= int(number)
    if not suffix:
        assert (tmp_path / "a.ndjson").stat().st_size + len(line(len(found))) > 1000


# -- rotation


@pytest.mark.parametrize(
    ("text", "rotation"),
    [
        ("day", Rotation(None, True)),
        ("100MB", Rotation(100_000_000, False)),
        ("64 MiB,day", Rotation(64 * 2**20, True)),
        ("day,1g", Rotation(10**9, True)),
        ("500", Rotation(500, False)),
    ],
)
def test_when_to_rotate(text: str, rotation: Rotation) -> None:
    assert parse_rotation(text) == rotation


@pytest.mark.parametrize("text", ["", "0", "hour", "-5", "1.5MB", "day,", "5XB"])
def test_what_is_no_rotation_is_a_wrong_use(text: str) -> None:
    with pytest.raises(UsageError, match="bad --rotate"):
        parse_rotation(text)


@SUFFIXES
def test_by_size_no_record_is_lost_or_doubled_and_none_is_larger(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"my.tape.ndjson{suffix}"
    file = opened(path, Rotation(size=300))
    for number in range(50):
        file.write(line(number), BEGAN + number * 1000, b"")
    file.close()
    names = sorted(other.name for other in tmp_path.iterdir())
    assert names[0] == f"my.tape-20260910T093000Z.ndjson{suffix}"
    assert len(names) > 3
    assert all(other.stat().st_size <= 300 for other in tmp_path.iterdir())
    put_away = sorted(other for other in tmp_path.iterdir() if other != path)
    assert [number for one in (*put_away, path) for number in numbers(one)] == list(range(50))


def test_a_tape_of_more_than_2_gib_is_appended_to_and_put_away_like_any_other(tmp_path: Path) -> None:
    """Most of it is a hole, which takes no room on the disk."""
    path = tmp_path / "a.ndjson"
    write(path, [1])
    with path.open("r+b") as file:
        file.seek(3 << 30)
        file.write(b"\n")
    write(path, [2])
    assert path.stat().st_size == (3 << 30) + 1 + len(line(2))
    tape = opened(path, Rotation(size=1 << 31))
    tape.write(line(3), BEGAN)
    tape.close()
    assert numbers(path) == [3]
    assert len(list(tmp_path.iterdir())) == 2


def test_by_day_a_tape_ends_at_midnight_utc_and_a_clock_that_is_set_back_does_not_lead_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.ndjson"
    file = TapeFile(path, Rotation(daily=True))
    file.open(MIDNIGHT - 5000)
    for number, at in enumerate([-5000, -1, 0, 5000, -100, 10, DAY - 1, DAY, DAY * 3 + 5]):
        file.write(line(number), MIDNIGHT + at)
    file.close()
    tapes = {other.name: numbers(other) for other in sorted(tmp_path.iterdir())}
    assert tapes == {
        "a-20260910T235955Z.ndjson": [0, 1],
        "a-20260911T000000Z.ndjson": [2, 3, 4, 5, 6],
        "a-20260912T000000Z.ndjson": [7],
        "a.ndjson": [8],
    }


def test_a_tape_of_yesterday_is_put_away_before_today_is_written(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", push(0))
    file = opened(path, Rotation(daily=True))
    file.write(line(DAY), BEGAN + DAY)
    file.close()
    assert len(records(tmp_path / "a-20260910T093000Z.ndjson")) == 1
    assert numbers(path) == [DAY]


def test_a_name_that_is_taken_is_not_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    file = opened(path, Rotation(size=1))
    for number in range(4):
        file.write(line(number), BEGAN)
    file.close()
    stem = "a-20260910T093000Z"
    order = [f"{stem}.ndjson", f"{stem}_2.ndjson", f"{stem}_3.ndjson", "a.ndjson"]
    assert [numbers(tmp_path / name) for name in order] == [[0], [1], [2], [3]]
    # As `cat a*.ndjson` has them, the oldest first.
    assert sorted(path.name for path in tmp_path.iterdir()) == order


def test_each_tape_stands_by_itself_and_says_what_its_data_are(tmp_path: Path) -> None:
    async def put(tape: Tape, clock: Clock) -> None:
        tape.put(live(0, "SIMULATED")[1])
        for day in range(3):
            clock.now = (BEGAN + day * DAY) / 1000
            tape.put(push(day)[1])

    written(tmp_path / "a.ndjson", put, rotation=Rotation(daily=True))
    for path in tmp_path.iterdir():
        first = records(path)[0]
        assert isinstance(first, Told)
        assert isinstance(first.event, Status)
        assert first.event.mark == "SIMULATED"


def test_where_it_cannot_be_rotated_it_says_so_and_all_is_there(tmp_path: Path) -> None:
    file = opened(tmp_path / "a.ndjson", Rotation(size=1))
    file.write(line(1), BEGAN)
    tmp_path.rename(tmp_path.parent / "away")
    with pytest.raises(OutputError, match="No such file"):
        file.write(line(2), BEGAN)
    file.close()
    assert numbers(tmp_path.parent / "away" / "a.ndjson") == [1]


# -- by a thread


class Clock:
    """The present, as it is set."""

    def __init__(self) -> None:
        self.now = BEGAN / 1000

    def __call__(self) -> Now:
        return Now(self.now, self.now)


def written(
    path: Path,
    put: Callable[[Tape, Clock], Awaitable[None]],
    *,
    file: TapeFile | None = None,
    rotation: Rotation = Rotation(),  # noqa: B008 - frozen
    count: int | None = None,
    most: int = 65_536,
) -> Tape:
    """What `put` put into a tape is written."""

    async def run() -> Tape:
        clock = Clock()
        tape = Tape(file or opened(path, rotation), clock, count=count, most=most)
        async with tape:
            await put(tape, clock)
        tape.check()
        return tape

    return asyncio.run(run())


@SUFFIXES
def test_pushes_and_events_are_on_it_in_their_order_with_when_they_came(tmp_path: Path, suffix: str) -> None:
    gap = Gap(BEGAN, BEGAN + 5)

    async def put(tape: Tape, clock: Clock) -> None:
        for after, item in ((0, live(0)[1]), (123, push(0)[1]), (456, gap), (789, push(5)[1])):
            clock.now = (BEGAN + after) / 1000
            tape.put(item)

    path = tmp_path / f"a.ndjson{suffix}"
    tape = written(path, put)
    found = records(path)
    assert [record.at - BEGAN for record in found] == [0, 123, 456, 789]
    assert found[2] == Told(BEGAN + 456, gap)
    assert (tape.taken, tape.written, tape.lost) == (2, 2, 0)
    assert path.stat().st_size == tape.size + len(opened_size(tmp_path, suffix))


def opened_size(folder: Path, suffix: str) -> bytes:
    """A tape that nothing is on."""
    path = folder / f"empty{suffix}"
    opened(path).close()
    return path.read_bytes()


def test_what_other_readers_lost_is_not_lost_on_it(tmp_path: Path) -> None:
    async def put(tape: Tape, clock: Clock) -> None:
        tape.put(Dropped(5, BEGAN))
        tape.put(push(0)[1])

    written(tmp_path / "a.ndjson", put)
    assert len(records(tmp_path / "a.ndjson")) == 1


def test_what_was_lost_before_it_came_here_is_lost_on_it_too(tmp_path: Path) -> None:
    async def put(tape: Tape, clock: Clock) -> None:
        tape.put(push(0)[1])
        tape.put(Dropped(5, BEGAN, "upstream"))

    written(tmp_path / "a.ndjson", put)
    assert records(tmp_path / "a.ndjson")[1:] == [Told(BEGAN, Dropped(5, BEGAN, "upstream"))]


def test_a_disk_that_says_only_at_the_end_that_it_is_full_is_an_error_and_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, close = opened(tmp_path / "a.ndjson"), os.close

    def full(descriptor: int) -> None:
        close(descriptor)
        if descriptor == number:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    number = file._fd
    monkeypatch.setattr(os, "close", full)

    async def main() -> None:
        async with asyncio.timeout(30), Tape(file, lambda: Now(BEGAN / 1000, 0.0)) as tape:
            tape.put(push(0)[1])
        with pytest.raises(OutputError, match="quota"):
            tape.check()

    asyncio.run(main())


def test_it_takes_so_many_pushes_and_no_more(tmp_path: Path) -> None:
    async def put(tape: Tape, clock: Clock) -> None:
        for number in range(10):
            tape.put(push(number)[1])

    tape = written(tmp_path / "a.ndjson", put, count=3)
    assert (tape.complete, tape.written, len(records(tmp_path / "a.ndjson"))) == (True, 3, 3)


class SlowDisk(TapeFile):
    """A file that takes nothing until it is let."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked, self.let = threading.Event(), threading.Event()
        self.open(BEGAN)

    def write(self, data: bytes, at: int, state: bytes = b"") -> int:
        self.asked.set()
        assert self.let.wait(30)
        return super().write(data, at, state)


def test_a_slow_disk_holds_up_nobody_and_what_it_costs_is_on_the_tape(tmp_path: Path) -> None:
    disk = SlowDisk(tmp_path / "a.ndjson")

    crowded: list[bool] = []

    async def put(tape: Tape, clock: Clock) -> None:
        tape.put(push(0, price=0.0)[1])
        await asyncio.to_thread(disk.asked.wait)
        for number in range(1, 31):
            crowded.append(tape.crowded)
            tape.put(push(number, price=float(number))[1])
        disk.let.set()

    tape = written(tmp_path / "a.ndjson", put, file=disk, most=10)
    first, lost, *rest = records(tmp_path / "a.ndjson")
    assert isinstance(first, Push)
    assert lost == Told(BEGAN, Dropped(20, BEGAN, "upstream"))
    assert len(rest) == 10
    assert crowded == [False] * 5 + [True] * 25
    assert (tape.taken, tape.written, tape.lost) == (31, 11, 20)


def test_leaving_in_a_hurry_does_not_wait_for_a_disk_that_stalls(tmp_path: Path) -> None:
    disk = SlowDisk(tmp_path / "a.ndjson")

    async def leave_in_a_hurry(tape: Tape) -> None:
        async with tape:
            tape.put(push(0)[1])
            raise EOFError

    tape = Tape(disk, Clock(), grace=0.01)
    with pytest.raises(EOFError):
        asyncio.run(leave_in_a_hurry(tape))
    assert (tape.taken, tape.written) == (1, 0)
    disk.let.set()


class BrokenDisk(TapeFile):
    """A file that cannot be written."""

    def __init__(self, path: Path, error: Exception) -> None:
        super().__init__(path)
        self.error = error
        self.open(BEGAN)

    def write(self, data: bytes, at: int, state: bytes = b"") -> int:
        raise self.error


@pytest.mark.parametrize("error", [OutputError("no space"), ZeroDivisionError("a bug")])
def test_what_goes_wrong_is_raised_where_somebody_waits_for_it(tmp_path: Path, error: Exception) -> None:
    async def put(tape: Tape, clock: Clock) -> None:
        tape.put(push(0)[1])
        await tape.failed()

    with pytest.raises(type(error), match=str(error)):
        written(tmp_path / "a.ndjson", put, file=BrokenDisk(tmp_path / "a.ndjson", error))


def test_what_is_polled_is_no_push_and_not_on_it(tmp_path: Path) -> None:
    hub = Hub()

    async def put(tape: Tape, clock: Clock) -> None:
        tick = push(0)[1]
        assert isinstance(tick, Tick)
        with hub.reading(["AAPL"], tape):
            hub.publish(tick, polled=True)
            hub.publish(tick)

    assert written(tmp_path / "a.ndjson", put).written == 1


def test_the_thread_ends_with_its_tape(tmp_path: Path) -> None:
    async def put(tape: Tape, clock: Clock) -> None:
        assert any(thread.name == "tickstream-tape" and thread.daemon for thread in threading.enumerate())

    written(tmp_path / "a.ndjson", put)
    for thread in threading.enumerate():
        if thread.name == "tickstream-tape":
            thread.join(10)
            assert not thread.is_alive()
