"""Which key does what."""

from __future__ import annotations

from tickstream.cli.browsing import Browser
from tickstream.core.keys import ACTIONS, KEYS, action_of, keys_of


def test_each_action_has_a_key_of_its_own_and_something_that_does_it() -> None:
    all_keys = [key for action in ACTIONS.values() for key in (action.key, *action.also)]
    assert len(set(all_keys)) == len(all_keys)
    assert all(hasattr(Browser, f"_do_{name.replace('-', '_')}") for name in ACTIONS)


def test_a_letter_counts_in_either_case_unless_the_other_has_an_action() -> None:
    assert action_of("Q", KEYS) == action_of("q", KEYS) == "quit"
    assert (action_of("g", KEYS), action_of("G", KEYS)) == ("top", "bottom")
    assert action_of("up", KEYS) == "up"
    assert action_of("Z", KEYS) == action_of("esc", KEYS) == ""


def test_a_key_of_ones_own_takes_the_place_of_what_it_did() -> None:
    keys = {**KEYS, "quit": "a"}
    assert action_of("a", keys) == "quit"
    assert action_of("q", keys) == ""
    assert keys_of("add", keys) == ["+", "="]
