"""Mailboxes: nothing is lost but what is counted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.mailbox import Changed, Every
from tickstream.core.ports import Dropped, Event, Gap
from tickstream.core.tick import Tick

few = settings(max_examples=100, deadline=None, database=None)


def tick(symbol: str = "AAPL", price: float = 1.0) -> Tick:
    return Tick.from_dict({"id": symbol, "price": price})


def test_changed_names_each_symbol_once_in_the_order_they_moved() -> None:
    mailbox = Changed()
    for symbol in ("MSFT", "AAPL", "MSFT", "GOOG"):
        mailbox.put(tick(symbol))
    assert mailbox
    assert mailbox.pushes == 4
    assert mailbox.take() == ["MSFT", "AAPL", "GOOG"]
    assert not mailbox
    assert mailbox.take() == []


def test_every_gives_each_tick_in_the_order_they_came() -> None:
    mailbox = Every()
    ticks = [tick(price=price) for price in (1.0, 1.0, 3.0)]
    for each in ticks:
        mailbox.put(each)
    assert mailbox.take() == ticks
    assert mailbox.take() == []
    assert not mailbox
    assert mailbox.lost == 0


def test_every_keeps_events_in_their_place() -> None:
    mailbox, event = Every(), Dropped(1, 2)
    items: list[Tick | Event] = [tick(), event, tick()]
    for item in items:
        mailbox.put(item)
    assert mailbox.take() == items


def test_a_full_mailbox_loses_the_oldest() -> None:
    mailbox = Every(most=2)
    for price in (1.0, 2.0, 3.0):
        mailbox.put(tick(price=price))
    assert mailbox.lost == 1
    assert mailbox.take() == [tick(price=2.0), tick(price=3.0)]


def test_events_are_kept_where_there_is_a_tick_to_lose() -> None:
    mailbox, gaps = Every(most=3), [Gap(0, number) for number in range(4)]
    mailbox.put(gaps[0])
    for price in (1.0, 2.0):
        mailbox.put(tick(price=price))
    mailbox.put(gaps[1])
    mailbox.put(gaps[2])
    assert mailbox.lost == 2
    assert mailbox.take() == gaps[:3]
    for gap in gaps:
        mailbox.put(gap)
    assert mailbox.take() == gaps[1:]
    assert mailbox.lost == 2


def test_a_mailbox_that_nobody_waits_for_is_a_mailbox() -> None:
    for mailbox in (Changed(), Every(1)):
        assert not mailbox
        mailbox.put(tick())
        assert mailbox


@few
@given(st.lists(st.sampled_from(["put", "put", "take"]), max_size=60), st.integers(1, 5))
def test_every_loses_nothing_but_what_it_counts(steps: list[str], most: int) -> None:
    mailbox, sent, got = Every(most), 0, []
    woken = 0

    def wake() -> None:
        nonlocal woken
        assert not mailbox, "woken although it was not empty"
        woken += 1

    mailbox.wake = wake
    for step in steps:
        if step == "put":
            was, before = woken, bool(mailbox)
            mailbox.put(tick(price=float(sent)))
            sent += 1
            assert woken == was + (not before)
        else:
            got += [item.price for item in mailbox.take() if isinstance(item, Tick)]
    got += [item.price for item in mailbox.take() if isinstance(item, Tick)]
    assert len(got) + mailbox.lost == sent
    assert got == sorted(set(got))  # type: ignore[type-var]
    assert not sent or got[-1:] == [float(sent - 1)]


@few
@given(st.lists(st.sampled_from(["A", "B", "C", "take"]), max_size=60))
def test_changed_names_all_that_moved_since_it_was_asked(steps: list[str]) -> None:
    mailbox = Changed()
    wakes: list[None] = []
    mailbox.wake = lambda: wakes.append(None)
    moved: dict[str, None] = {}
    rounds = 0
    for step in steps:
        if step == "take":
            assert mailbox.take() == list(moved)
            moved.clear()
        else:
            rounds += not moved
            mailbox.put(tick(step))
            moved[step] = None
    assert len(wakes) == rounds
    assert mailbox.pushes == len([step for step in steps if step != "take"])


@few
@given(st.lists(st.sampled_from(["tick", "event", "take"]), max_size=60), st.integers(1, 5))
def test_events_keep_their_place_and_are_lost_only_where_no_tick_is_left_to_lose(
    steps: list[str], most: int
) -> None:
    mailbox, sent, got, ticks_lost, events_lost = Every(most), 0, list[int](), 0, 0
    held: list[tuple[str, int]] = []
    for step in steps:
        if step == "take":
            got += [number_of(item) for item in mailbox.take()]
            held = []
            continue
        if len(held) == most:
            oldest = next((kept for kept in held if kept[0] == "tick"), held[0])
            held.remove(oldest)
            ticks_lost += oldest[0] == "tick"
            events_lost += oldest[0] == "event"
        mailbox.put(tick(price=float(sent)) if step == "tick" else Dropped(1, sent))
        held.append((step, sent))
        sent += 1
        assert mailbox.lost == ticks_lost
    rest = [number_of(item) for item in mailbox.take()]
    assert rest == [number for _, number in held]
    got += rest
    assert got == sorted(got)
    assert len(got) + ticks_lost + events_lost == sent


def number_of(item: Tick | Event) -> int:
    number = item.price if isinstance(item, Tick) else item.time if isinstance(item, Dropped) else None
    assert number is not None
    return int(number)
