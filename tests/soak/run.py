"""A soak from its first process to its last: settle, a fault an interval, calm, the books, the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.soak.faults import FAULTS, HEAVY
from tests.soak.ledger import SLACK, Balance
from tests.soak.slope import Slope, medians, slope_of
from tests.soak.stage import Stage

__all__ = ["Outcome", "Plan", "Process", "soak", "warming"]

LOOK = 0.1
CALM = 150.0
"""Seconds for all to be live again when the last fault is over: two of the longest waits between tries."""
LASTS = 20.0
"""Seconds that a fault lasts, at most; in the warm-up, too, or it does there not all that it does later."""
MOST_GROWTH = 1.0
"""MiB an hour."""
MORE_FILES, MORE_THREADS = 3, 6
"""What a process may have more of at the end: kept connections, and the pool that looks up names."""
SHOWN = ("clients", "channels", "symbols", "unopened", "parts", "buffered_bytes", "loop_lag_seconds")
EMPTY = ("clients", "channels", "symbols", "buffered_bytes")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked for; times in seconds."""

    seconds: float
    interval: float = 60.0
    seed: int = 0
    rate: float = 80.0
    """Pushes a second, of all symbols."""
    faults: tuple[str, ...] = tuple(FAULTS)
    warm_up: float = 600.0
    sample: float = 5.0
    slack: float = SLACK


@dataclass(frozen=True, slots=True)
class Process:
    """What one process cost."""

    name: str
    memory: tuple[float, float, float]
    """MiB at the start, at most, and at the end."""
    rss: tuple[float, float, float]
    slope: Slope | None
    """Of its own memory, in MiB an hour, after the warm-up."""
    files: tuple[int, int]
    """Descriptors at the start and at the end."""
    threads: tuple[int, int]

    @property
    def wrong(self) -> list[str]:
        found = []
        if self.slope and self.slope.low > MOST_GROWTH:
            found.append(f"{self.name}: memory grows by {self.slope} MiB an hour")
        if self.files[1] > self.files[0] + MORE_FILES:
            found.append(f"{self.name}: {self.files[0]} descriptors at the start, {self.files[1]} at the end")
        if self.threads[1] > self.threads[0] + MORE_THREADS:
            found.append(f"{self.name}: {self.threads[0]} threads at the start, {self.threads[1]} at the end")
        return found


@dataclass
class Outcome:
    """What came of a soak."""

    seconds: float = 0.0
    sent: int = 0
    injected: list[str] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    connections: int = 0
    """WebSockets that came about to the simulator, behind the proxies."""
    reconnects: dict[str, int] = field(default_factory=dict)
    """What each table says of them."""
    documents: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Of each client of a view: how many came, and the longest wait for one."""
    metrics: list[dict[str, float]] = field(default_factory=list)
    """Of each server, before its clients left."""
    gauges: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """What the servers said of themselves: the sum of both at the start, the most, and the end."""
    wrong: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


async def soak(plan: Plan, say: Say) -> Outcome:
    """Run it; `say` is told what happens meanwhile."""
    outcome, stage = Outcome(), Stage(plan.rate)
    try:
        await stage.start()
        if not await _until(lambda: _is_live(stage), CALM):
            outcome.wrong.append(f"not live at the start: {_not_live(stage)}")
            return outcome
        each = f"a fault every {plan.interval:g} s, and each at least once in the first {plan.warm_up:g}"
        say(f"all are live; {len(stage.watched)} processes of ours, {each}")
        await _conduct(stage, plan, outcome, say)
        await _finish(stage, plan, outcome, say)
    finally:
        outcome.wrong += stage.bugs
        outcome.examples += [f"{one.name}: {text}" for one in stage.accounts for text in one.examples]
        await stage.close()
    return outcome


def warming(faults: Sequence[str]) -> list[str]:
    """The faults that strike within the warm-up: what is needed for each is there then, once and for all.

    What takes the most memory strikes twice: an allocator keeps some of it each
    time, until what it keeps is enough.
    """
    return [*(name for name in faults if name in HEAVY), *faults]


async def _conduct(stage: Stage, plan: Plan, outcome: Outcome, say: Say) -> None:
    """A fault an interval: those of the warm-up, then all again and again in an order that the seed says."""
    chance, began = random.Random(plan.seed), time.monotonic()
    names, round_ = list(plan.faults), warming(plan.faults)
    due, interval = began, plan.interval
    if round_:
        interval = min(interval, plan.warm_up / len(round_))
    sampling = asyncio.create_task(_sample(stage, plan.sample))
    try:
        while names:
            due += interval if outcome.injected else interval / 2
            if due > began + plan.seconds:
                break
            await asyncio.sleep(due - time.monotonic())
            if not round_:
                round_, interval = chance.sample(names, len(names)), plan.interval
            name = round_.pop(0)
            outcome.injected.append(name)
            say(f"{time.monotonic() - began:6.0f} s  {name}")
            await FAULTS[name](stage, min(LASTS, 0.6 * interval))
        await asyncio.sleep(began + plan.seconds - time.monotonic())
    finally:
        outcome.seconds = time.monotonic() - began
        sampling.cancel()


async def _sample(stage: Stage, every: float) -> None:
    while True:
        await stage.sample()
        await asyncio.sleep(every)


async def _finish(stage: Stage, plan: Plan, outcome: Outcome, say: Say) -> None:
    """No fault any more: all come back, have the last of everything, and leave."""
    if not await _until(lambda: _is_live(stage), CALM):
        outcome.wrong.append(f"not live again within {CALM:g} s: {_not_live(stage)}")
    # Whoever never reads is cut off within ten seconds, if it had to take anything.
    if not await _until_metrics(stage, lambda all_: _slow(all_) >= len(stage.stuck), 30.0):
        outcome.wrong.append("a client that never reads was not cut off")
    stage.upstream.tell("quiet")
    say("quiet: who has all of it?")
    if not await _until(lambda: all(one.has(stage.ledger.last) for one in stage.accounts), 40.0):
        behind = [one.name for one in stage.accounts if not one.has(stage.ledger.last)]
        outcome.wrong.append(f"without the last ticks: {', '.join(behind)}")
    await stage.sample()
    await _report(stage, plan, outcome)
    outcome.wrong += await stage.leave()
    if not await _until_metrics(stage, lambda all_: not any(map(_held, all_)), 30.0):
        held = [f"{name} {_gauges(one)}" for name, one in zip("AB", await stage.metrics(), strict=False)]
        outcome.wrong.append(f"gauges that are not 0 when all have left: {'; '.join(held)}")
    outcome.wrong += await stage.end()


async def _report(stage: Stage, plan: Plan, outcome: Outcome) -> None:
    outcome.sent = stage.ledger.sent
    outcome.balances = [one.balance(stage.ledger, plan.slack) for one in stage.accounts]
    outcome.connections = sum(proxy.upgrades for proxy in stage.proxies)
    outcome.reconnects = {table.name: table.reconnects for table in stage.tables}
    outcome.documents = {view.name: (view.documents, view.longest) for view in stage.views}
    outcome.metrics = stage.gauges[-1]
    outcome.gauges = _gauges_of(stage.gauges)
    names = sorted(one.name for one in stage.watched)
    outcome.processes = [_process(name, stage, plan.warm_up) for name in names]
    outcome.wrong += [text for one in outcome.balances for text in one.wrong]
    outcome.wrong += [text for one in outcome.processes for text in one.wrong]
    outcome.wrong += [
        f"{one.name}: {one.odd} ticks with the price of another" for one in stage.accounts if one.odd
    ]
    survived = sum(one.get("errors_total", 0) for one in outcome.metrics)
    outcome.wrong += [f"{survived:g} bugs survived by the servers"] if survived else []
    outcome.wrong += [f"{view.name}: no documents" for view in stage.views if not view.documents]


def _process(name: str, stage: Stage, warm_up: float) -> Process:
    costs = stage.costs[name]
    began, first = costs[0]
    last = costs[-1][1]
    warm = [(when / 3600, cost.own) for when, cost in costs if when - began >= warm_up]
    slope = slope_of(medians(warm, 60 / 3600))
    return Process(
        name,
        (first.own, max(cost.own for _, cost in costs), last.own),
        (first.rss, max(cost.rss for _, cost in costs), last.rss),
        slope,
        (first.descriptors, last.descriptors),
        (first.threads, last.threads),
    )


def _gauges_of(samples: Sequence[list[dict[str, float]]]) -> dict[str, tuple[float, float, float]]:
    """Sums over the servers at the start, the most, and the end, where all of them answered."""
    found = {}
    for name in SHOWN:
        sums = [
            sum(value for one in sample for key, value in one.items() if key.partition("{")[0] == name)
            for sample in samples
            if all(sample)
        ]
        found[name] = (sums[0], max(sums), sums[-1]) if sums else (0.0, 0.0, 0.0)
    return found


def _is_live(stage: Stage) -> bool:
    return not _not_live(stage)


def _not_live(stage: Stage) -> list[str]:
    return [one.name for one in stage.accounts if not one.live or not one.last]


def _slow(metrics: Sequence[dict[str, float]]) -> float:
    return sum(one.get('dropped_total{reason="slow"}', 0) for one in metrics)


def _held(metrics: dict[str, float]) -> bool:
    return not metrics or any(_gauges(metrics).values())


def _gauges(metrics: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if name.partition("{")[0] in EMPTY and value}


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether it came true within this time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - processes are waited for, nothing tells us
                await asyncio.sleep(LOOK)
            return True
    return False


async def _until_metrics(
    stage: Stage, condition: Callable[[list[dict[str, float]]], bool], seconds: float
) -> bool:
    """Whether the servers' numbers came to say so within this time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition(await stage.metrics()):  # noqa: ASYNC110
                await asyncio.sleep(LOOK * 5)
            return True
    return False
