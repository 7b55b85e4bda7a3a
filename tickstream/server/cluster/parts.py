"""Parts, shared: what one instance fetched is told to the others, and kept for those who come late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from tickstream.core.ports import Outcome
from tickstream.server.cluster.clocks import Clocks
from tickstream.server.cluster.leases import Leases, lease_of
from tickstream.server.cluster.line import Line, Post
from tickstream.server.cluster.messages import (
    BadMessage,
    PartsMessage,
    encode,
    kept_part,
    parts_message,
    read_kept,
)

__all__ = ["SharedParts"]

Accept = Callable[[Outcome], None]


class SharedParts:
    """Tells and hears of parts. `ignore` is called with what cannot be read."""

    def __init__(
        self, instance: str, line: Line, leases: Leases, ignore: Callable[[Exception], None], clocks: Clocks
    ) -> None:
        self._instance, self._line, self._leases, self._ignore = instance, line, leases, ignore
        self._clocks = clocks
        self._sought: frozenset[str] = frozenset()
        """Parts that were looked for among those that are kept."""
        self._looking: set[asyncio.Task[None]] = set()
        self.past = 0
        """Messages that were of the past."""

    def tell(self, outcome: Outcome) -> None:
        """Tell the others what came of a fetch, as far as it was ours to make."""
        keys = (*outcome.parts, *outcome.unknown, *outcome.failed)
        for lease in dict.fromkeys(map(lease_of, keys)):
            epoch = self._leases.mine.get(lease)
            if epoch is not None:
                self._post(lease, epoch, _under(lease, outcome))

    def hear(self, message: PartsMessage, wish: frozenset[str], accept: Accept) -> None:
        """What another instance fetched; of that what is wished for is accepted.

        Raises:
            BadMessage: it cannot be read.
        """
        outcome = self._clocks.ours(message.outcome())
        if _under(message.lease, outcome) != outcome:
            raise BadMessage("parts under another lease")
        if not self._leases.accepts(message.lease, message.e):
            self.past += 1
            return
        accept(
            Outcome(
                {key: part for key, part in outcome.parts.items() if key in wish},
                outcome.unknown & wish,
                outcome.failed & wish,
                outcome.reason,
            )
        )

    def seek(self, keys: Iterable[str], accept: Accept) -> None:
        """Look once for each of these, which others fetch, and may have fetched before we came."""
        wanted = frozenset(keys)
        new, self._sought = wanted - self._sought, wanted
        if new:
            task = asyncio.create_task(self._take_kept(sorted(new), accept))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def close(self) -> None:
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    async def _take_kept(self, keys: Sequence[str], accept: Accept) -> None:
        parts = {}
        for key, data in (await self._line.parts(keys)).items():
            try:
                lease, epoch, part = read_kept(key, data)
            except BadMessage as error:
                self._ignore(error)
                continue
            if lease == lease_of(key) and self._leases.accepts(lease, epoch):
                parts[key] = part
        if parts:
            accept(self._clocks.ours(Outcome(parts)))

    def _post(self, lease: str, epoch: int, outcome: Outcome) -> None:
        outcome = self._clocks.theirs(outcome)
        message = parts_message(self._instance, lease, epoch, outcome)
        kept = {
            key: (kept_part(lease, epoch, part), max(1000, int((part.until - part.fetched) * 1000)))
            for key, part in outcome.parts.items()
        }
        self._line.post(Post(encode(message), kept))


def _under(lease: str, outcome: Outcome) -> Outcome:
    """The part of an outcome that was fetched under this lease."""
    return Outcome(
        {key: part for key, part in outcome.parts.items() if lease_of(key) == lease},
        frozenset(key for key in outcome.unknown if lease_of(key) == lease),
        frozenset(key for key in outcome.failed if lease_of(key) == lease),
        outcome.reason,
    )
