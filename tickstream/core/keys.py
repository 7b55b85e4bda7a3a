"""What keys do in a live view, and which key does it unless the config file says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["ACTIONS", "KEYS", "Action", "action_of", "keys_of"]


class Action(NamedTuple):
    """Something that a key does. Adding one is an entry here, and a method of its name (cli/browsing)."""

    key: str
    says: str
    also: tuple[str, ...] = ()
    """Other keys that do it, for as long as nothing else is put on them."""


ACTIONS: Mapping[str, Action] = {
    "up": Action("k", "the row above", ("up",)),
    "down": Action("j", "the row below", ("down",)),
    "page-up": Action("b", "a page up", ("pgup",)),
    "page-down": Action("f", "a page down", ("pgdn", " ")),
    "top": Action("g", "the first row", ("home",)),
    "bottom": Action("G", "the last row", ("end",)),
    "detail": Action("o", "all about the row's symbol", ("enter",)),
    "find": Action("/", "find a symbol or a name"),
    "next": Action("n", "the next one found"),
    "sort": Action("s", "sort by the next column"),
    "reverse": Action("r", "sort the other way round"),
    "add": Action("+", "add symbols, or the @list named", ("a", "=")),
    "remove": Action("-", "remove the row's symbol", ("d", "delete")),
    "list": Action("l", "the next list of the config file", ("tab",)),
    "columns": Action("c", "choose columns"),
    "values": Action("v", "hide or show what you own"),
    "pause": Action("p", "hold the rows still, or let go"),
    "events": Action("e", "connects, gaps, drops and alerts"),
    "save": Action("w", "write the changes into the config file"),
    "help": Action("?", "these keys"),
    "quit": Action("q", "quit"),
}

KEYS: Mapping[str, str] = {name: action.key for name, action in ACTIONS.items()}
"""The key of each action. A letter is typed in either case, where the other one has no action of its own."""


def action_of(pressed: str, keys: Mapping[str, str]) -> str:
    """What this key does, by the `keys` of the actions; empty where it does nothing."""
    chosen = {key: name for name, key in keys.items()}
    also = {key: name for name, action in ACTIONS.items() for key in action.also}
    return chosen.get(pressed) or also.get(pressed) or chosen.get(pressed.swapcase(), "")


def keys_of(name: str, keys: Mapping[str, str]) -> list[str]:
    """The keys that do this, the one to name first."""
    taken = set(keys.values())
    return [keys[name], *(key for key in ACTIONS[name].also if key not in taken)]
