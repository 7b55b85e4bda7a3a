"""Bars: each reads what it can, old and simulated data are never shown as live and real."""

from __future__ import annotations

import json
import re

import pytest

from tickstream.core.bars import BARS, ITEM, Entry, Note, entry_of, notes_of
from tickstream.core.board import Now, Row
from tickstream.core.ports import Link, Status
from tickstream.core.template import Template

NOW = Now(1_700_000_000.0, 1000.0)
ITEMS = Template(ITEM)
ENTRIES = (
    Entry("AAPL", "AAPL 1.00 ▲+1.00%", "up"),
    Entry("A&B#%{<", "A&B#%{< 2.00", "down", alert=True),
    Entry("OLD", "OLD 3.00 (2h00)", "old"),
)
NOTES = (Note("simulated", "SIMULATED"), Note("offline", "○ offline 5s"))


def row_of(age: float, percent: float = 1.0) -> Row:
    row = Row("AAPL")
    row.said = {"id": "AAPL", "price": 207.72, "change_percent": percent}
    row.fresh = Now(NOW.wall - age, NOW.monotonic - age)
    return row


def test_an_entry_has_the_tone_of_its_change() -> None:
    assert entry_of(row_of(0), ITEMS, NOW) == Entry("AAPL", "AAPL 207.72 ▲+1.00%", "up")
    assert [entry_of(row_of(0, percent), ITEMS, NOW).tone for percent in (-1.0, 0.0)] == ["down", "flat"]


def test_an_old_price_says_its_age_and_has_no_colour_of_a_live_one() -> None:
    assert entry_of(row_of(7200), ITEMS, NOW) == Entry("AAPL", "AAPL 207.72 ▲+1.00% (2h00)", "old")
    assert entry_of(row_of(0), ITEMS, NOW, cut_off=True).tone == "old"


def test_a_symbol_without_a_price_waits() -> None:
    assert entry_of(Row("AAPL"), ITEMS, NOW, alert=True) == Entry("AAPL", "AAPL …", "old", alert=True)


def test_an_entry_is_one_line_whatever_its_template_says() -> None:
    assert entry_of(row_of(0), Template("{id}\\n{price}"), NOW).text == "AAPL 207.72"


def test_notes_say_what_is_not_live_and_what_is_not_real() -> None:
    assert notes_of(Status(Link.LIVE, 0), None, "", NOW) == []
    assert notes_of(Status(Link.LIVE, 0), None, "SIMULATED POLL", NOW) == [
        Note("simulated", "SIMULATED"),
        Note("poll", "POLL"),
    ]
    assert notes_of(Status(Link.CONNECTING, 0), None, "", NOW) == [Note("connecting", "○ connecting")]
    assert notes_of(Status(Link.BACKOFF, 0), NOW.wall - 65, "", NOW) == [Note("offline", "○ offline 1m")]
    assert notes_of(Status(Link.STALE, 0), NOW.wall - 5, "", NOW) == [Note("stale", "○ stale 5s")]


@pytest.mark.parametrize("name", BARS)
@pytest.mark.parametrize("colors", ["green-up", "red-up", "none"])
def test_each_bar_shows_everything_in_one_line(name: str, colors: str) -> None:
    line = BARS[name].line(ENTRIES, NOTES, colors)
    shown = json.dumps(json.loads(line.rstrip(",")), ensure_ascii=False) if line[0] in "[{" else line
    assert "\n" not in line
    for text in ("AAPL 1.00 ▲+1.00%", "OLD 3.00 (2h00)", "SIMULATED", "○ offline 5s"):
        assert text in shown
    assert bool(re.search("green|#3fb950", line)) is (colors != "none" and name != "line")


def test_colours_are_those_that_are_asked_for() -> None:
    first = {name: bar.line(ENTRIES[:1], (), "red-up") for name, bar in BARS.items() if name != "line"}
    assert all(re.search("=red]|#f85149", line) for line in first.values())
    assert BARS["tmux"].line(ENTRIES[1:2], (), "blue-orange").startswith("#[fg=colour166]")


def test_what_means_something_to_a_bar_is_escaped() -> None:
    lines = {name: bar.line(ENTRIES, (), "none") for name, bar in BARS.items()}
    assert "A&B##%{<" in lines["tmux"]
    assert "A&B#% {<" in lines["polybar"]
    assert "A&amp;B#%{&lt;" in lines["i3blocks"]
    assert "A&amp;B#%{&lt;" in json.loads(lines["waybar"])["text"]


def test_waybar_gets_classes_and_a_tooltip() -> None:
    document = json.loads(BARS["waybar"].line(ENTRIES, NOTES, "none"))
    assert list(document) == ["text", "tooltip", "class"]
    assert document["class"] == ["mixed", "alert", "simulated", "offline"]
    assert document["tooltip"].splitlines()[0] == "AAPL 1.00 ▲+1.00%"
    assert json.loads(BARS["waybar"].line(ENTRIES[:1], (), "none"))["class"] == ["up"]


def test_i3bar_gets_an_endless_array_of_blocks() -> None:
    bar = BARS["i3bar"]
    version, *document = json.loads(
        f"[{bar.header.replace(chr(10), ',', 1)}{bar.line(ENTRIES, NOTES, 'green-up')}[]]]"
    )
    assert version == {"version": 1}
    blocks = document[0][0]
    assert [block.get("instance") for block in blocks] == ["AAPL", "A&B#%{<", "OLD", None, None]
    assert [block.get("urgent") for block in blocks[:3]] == [None, True, None]
    assert blocks[0]["color"] == "#3fb950"
