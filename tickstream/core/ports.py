"""What the parts say to each other: the state of a link, events, and the two ends of the tick path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from tickstream.core.tick import Tick, Value
from tickstream.core.values import Found, Parts
from tickstream.errors import SourceError

__all__ = [
    "SIMULATED",
    "Dropped",
    "Event",
    "Feed",
    "Fetched",
    "Fired",
    "Gap",
    "Link",
    "Mailbox",
    "Outcome",
    "PartSource",
    "Replay",
    "Rewound",
    "Source",
    "Status",
    "Timed",
    "Unreadable",
    "event_dict",
]


SIMULATED = "SIMULATED"
"""What data that nobody traded at is marked as."""


class Link(StrEnum):
    """The state of the way to the data."""

    CONNECTING = "connecting"
    """No data yet on this connection: it is being opened, or nothing came so far."""
    LIVE = "live"
    """Data flows, or is quiet for a good reason."""
    STALE = "stale"
    """Connected, but mute while something should tick."""
    BACKOFF = "backoff"
    """Lost; waiting before the next try."""
    REFUSED = "refused"
    """Turned away, so the wait before the next try is long."""
    CLOSED = "closed"
    """Ended as asked; nothing more will come."""


@dataclass(frozen=True, slots=True)
class Status:
    """The link's state changed; `time` is ms UTC, `retry_in` seconds."""

    type: ClassVar[str] = "status"
    state: Link
    time: int
    reason: str = ""
    attempt: int = 0
    retry_in: float | None = None
    mark: str = ""
    """What the data must be marked as: `SIMULATED`, `REPLAY`; empty for the real thing."""

    @property
    def news(self) -> tuple[object, ...]:
        """What makes it another state than the one before, beside the time that passes."""
        return self.state, self.reason, self.attempt, self.mark

    def __str__(self) -> str:
        state = "not connected" if self.state is Link.BACKOFF else str(self.state)
        text = f"{state}: {self.reason}" if self.reason else state
        if self.mark:
            text = f"{text} [{self.mark}]"
        if self.retry_in is None:
            return text
        return f"{text}; next try in {self.retry_in:.1f} s (attempt {self.attempt})"


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was received from `start` to `end` (ms UTC), and what was said in between is lost."""

    type: ClassVar[str] = "gap"
    start: int
    end: int
    reason: str = ""

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return f"gap of {(self.end - self.start) / 1000:.1f} s{why}: what was said meanwhile is lost"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A reader was too slow, and `count` ticks were dropped for it up to `time` (ms UTC).

    `by` is `upstream` where that was before they came to us.
    """

    type: ClassVar[str] = "dropped"
    count: int
    time: int
    by: str = ""

    def __str__(self) -> str:
        ticks = f"{self.count:,} tick{'s' if self.count != 1 else ''}"
        if self.by:
            return f"{self.by} dropped {ticks}: too slow for it"
        return f"the reader is too slow: {ticks} dropped"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """`count` messages could not be read up to `time` (ms UTC); `reason` is that of the last."""

    type: ClassVar[str] = "unreadable"
    count: int
    time: int
    reason: str

    def __str__(self) -> str:
        return f"{self.count:,} message{'s' if self.count != 1 else ''} could not be read: {self.reason}"


@dataclass(frozen=True, slots=True)
class Rewound:
    """Time begins anew at `time` (ms UTC), as where a tape does: what comes is not older than what came."""

    type: ClassVar[str] = "rewound"
    time: int

    def __str__(self) -> str:
        return "time begins anew"


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert came true at `time` (ms UTC); `tick` is all that was known of its symbol then."""

    type: ClassVar[str] = "alert"
    id: str
    alert: str
    time: int
    message: str
    tick: Mapping[str, Value]
    mark: str = ""
    """What the data must be marked as."""

    def __str__(self) -> str:
        return f"{self.message} [{self.mark}]" if self.mark else self.message


Event = Status | Gap | Dropped | Unreadable | Rewound | Fired


def event_dict(event: Event) -> dict[str, Any]:
    """An event as `--events` prints it: `type` first, which ticks do not have."""
    fields = {name: getattr(event, name) for name in event.__slots__}
    return {"type": event.type} | {name: value for name, value in fields.items() if value not in (None, "")}


class Feed(Protocol):
    """Where a source says what it has; none of it waits."""

    @property
    def rest(self) -> float:
        """Seconds for which a source may gather what comes: nobody looks much more often."""

    def publish(self, tick: Tick) -> None: ...
    def report(self, event: Event) -> None: ...
    def broken(self, error: Exception) -> None:
        """A message could not be read; it is counted, and the stream goes on."""


class Source(Protocol):
    """Where ticks come from. Constructing one does nothing; running it does.

    It reports a `Status` whenever the state of its link changes, `Link.LIVE` before the
    first tick, and with `mark=SIMULATED` where prices are made up; a `Gap` for what it
    has missed; a `Rewound` before what is older than what it said.
    """

    def follow(self, symbols: frozenset[str]) -> None:
        """Say the whole wish; idempotent, so that it survives a reconnect."""

    async def run(self, feed: Feed) -> None:
        """Say all ticks to `feed`, until cancelled, or until there are no more."""


@runtime_checkable
class Timed(Protocol):
    """What has a time of its own, as a recording has."""

    def wall(self) -> float:
        """Its present, in seconds since the epoch."""


@runtime_checkable
class Replay(Source, Timed, Protocol):
    """A source that plays what came at another time, and can wait for those who read it."""

    crowded: Callable[[], bool]
    """Whether those who read each tick have enough for now; set by whoever runs it."""

    def monotonic(self) -> float:
        """Its time as it passes, in seconds; never set back."""


class Fetched(NamedTuple):
    """What a fetch gave: values by the key of their part; a key in neither could not be had this time."""

    values: Mapping[str, object]
    unknown: frozenset[str] = frozenset()
    """What the source was asked for and does not know."""
    left: frozenset[str] = frozenset()
    """What it was not asked for this time, and waits for its turn."""
    trouble: SourceError | None = None
    """Why the rest could not be had; None where the source did not say."""


class Outcome(NamedTuple):
    """What came of one fetch, as others that share the parts are told."""

    parts: Parts
    unknown: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    """Keys that could not be had this time."""
    reason: str = ""
    """Why."""


class PartSource(Protocol):
    """Where parts come from (core/values says which there are). Constructing one does nothing."""

    @property
    def mark(self) -> str:
        """What the data must be marked as, once something was fetched."""

    @property
    def requests(self) -> int:
        """How many requests were sent, for whatever reason."""

    @property
    def shortage(self) -> str:
        """What is missing at the moment although fetches work, in words; empty when nothing is."""

    def bound(self, spend: Callable[[int], int]) -> None:
        """Ask `spend` how many may be sent of so many requests beyond the first one of a fetch."""

    def limit(self, key: str) -> float:
        """The least seconds between two fetches of this part."""

    def batches(self, keys: Iterable[str]) -> Iterable[tuple[str, ...]]:
        """The same keys in groups: each is one fetch."""

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        """Fetch one group.

        Raises:
            SourceError: nothing of it can be had.
        """

    async def search(self, text: str) -> list[Found]:
        """The symbols that `text` may mean, the best first."""

    async def close(self) -> None: ...


class Mailbox(Protocol):
    """What a reader has not read yet, with a stated loss policy."""

    rows: ClassVar[bool]
    """Whether its reader looks at the rows of the board, beside what is in here."""
    polled: ClassVar[bool]
    """Whether it takes what was polled, too, and not pushes alone."""

    @property
    def crowded(self) -> bool:
        """Whether ticks will be lost unless its reader gets on; never so where only the newest count."""

    def put(self, tick: Tick) -> None: ...
