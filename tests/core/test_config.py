"""The config file: what it says, what is wrong with it and where, and what words mean by it."""

from __future__ import annotations

from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.config import Config, expand
from tickstream.core.configtext import Kind, Problem, Schema, parse_config
from tickstream.core.keys import KEYS
from tickstream.core.positions import Lot
from tickstream.errors import UsageError

SCHEMA = Schema(
    options={"fps": Kind.MEASURE, "json": Kind.SWITCH, "count": Kind.WHOLE, "log-level": Kind.TEXT},
    server={"port": Kind.WHOLE, "allow-host": Kind.TEXTS, "max-commands": Kind.NUMBER},
    simulator={"seed": Kind.WHOLE},
)

WHOLE = """\
columns = ["symbol", "last", "bid_size"]
sort = "chg%"
colors = "red-up"
alerts = ["AAPL>200"]
fps = 5
log-level = "info"

[lists]
tech = ["AAPL", "gold"]
empty = []

[aliases]
Gold = "gc=f"
AU = "GC=F"

[keys]
quit = "x"

[server]
port = 9000
allow-host = ["example.org"]
max-commands = 3

[simulator]
seed = 7

[[positions]]
symbol = "aapl"
quantity = 10
cost = 150.5

[[positions]]
symbol = "AAPL"
quantity = -2
cost = 0

[[positions]]
symbol = "au"
quantity = 0.5
cost = 2000
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    return parse_config(text, SCHEMA)[1]


def config_of(text: str) -> Config:
    config, problems = parse_config(text, SCHEMA)
    assert not problems
    return config


def test_all_that_a_file_can_say_is_read() -> None:
    assert config_of(WHOLE) == Config(
        lists={"tech": ("AAPL", "gold"), "empty": ()},
        aliases={"Gold": "GC=F", "AU": "GC=F"},
        columns=("symbol", "last", "bid_size"),
        sort="chg%",
        colors="red-up",
        alerts=("AAPL>200",),
        positions={"AAPL": (Lot(10.0, 150.5), Lot(-2.0, 0.0)), "GC=F": (Lot(0.5, 2000.0),)},
        keys={**KEYS, "quit": "x"},
        server={"port": 9000, "allow-host": ("example.org",), "max-commands": 3},
        simulator={"seed": 7},
        options={"fps": 5, "log-level": "info"},
    )


@pytest.mark.parametrize("text", [WHOLE.replace("\n", "\r\n"), "\ufeff" + WHOLE])
def test_how_windows_writes_texts_makes_no_difference(text: str) -> None:
    assert config_of(text) == config_of(WHOLE)


def test_an_empty_file_says_nothing() -> None:
    assert config_of("") == config_of("# nothing\n") == Config()
    assert Config().keys == KEYS


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a =\n", 1, "not TOML: Invalid value"),
        ("fps = 1\nfps = 2\n", 2, "not TOML: Cannot overwrite a value"),
        ("[[[[", 1, "not TOML"),
        ("a = " + "[" * 100_000, 0, "it is nested too deeply"),
        ("a = " + "9" * 5000, 1, "not TOML"),
        ("\nfps = true\n", 2, 'fps: has to be a number, or a text as in "30s"'),
        ("fps = nan\n", 1, "fps: has to be a number"),
        ("json = 1\n", 1, "json: has to be true or false"),
        ("count = 1.5\n", 1, "count: has to be a whole number"),
        ("count = true\n", 1, "count: has to be a whole number"),
        ("count = 99999999999999999999\n", 1, "count: has to be a whole number"),
        ("log-level = 3\n", 1, "log-level: has to be a text in quotes"),
        ("count = 2020-01-01\n", 1, "count: has to be a whole number"),
        ("[server]\nport = '80'\n", 2, "server.port: has to be a whole number"),
        ("[server]\n\nallow-host = 'x'\n", 3, "server.allow-host: has to be a list of texts"),
        ("server = 3\n", 1, "server: has to be a table [server] of options of serve"),
        ("simulator = 3\n", 1, "simulator: has to be a table"),
        ("lists = ['A']\n", 1, "lists: has to be a table [lists] of lists of symbols"),
        ("[lists]\ntech = 'AAPL'\n", 2, 'lists.tech: has to be a list of texts, as in ["AAPL", "MSFT"]'),
        ("[lists]\ntech = [1]\n", 2, "lists.tech: has to be a list of texts"),
        ("[lists]\na = []\ntech = ['A;rm']\n", 3, "lists.tech: bad symbol 'A;rm'"),
        ("[lists]\ntech = ['A B']\n", 2, "lists.tech: bad symbol 'A B': name one an entry"),
        ("[lists]\n'a b' = []\n", 2, "lists.a b: the name of a list has no blank"),
        ("[aliases]\nGOLD = 3\n", 2, 'aliases.GOLD: has to be the symbol that is meant, as in "GC=F"'),
        ("[aliases]\nGOLD = 'a;b'\n", 2, "aliases.GOLD: has to be the symbol"),
        ("[aliases]\n'a b' = 'A'\n", 2, "aliases.a b: a name is made of what symbols are made of"),
        ("[aliases]\nGold = 'A'\ngold = 'B'\n", 3, "aliases.gold: this name is there already"),
        ("aliases = []\n", 1, "aliases: has to be a table"),
        ("columns = 'last'\n", 1, "columns: has to be a list of texts"),
        ("columns = ['last', 'lsat']\n", 1, "columns: no column 'lsat': did you mean last?"),
        ("columns = ['qqqqqq']\n", 1, "columns: no column 'qqqqqq': there are symbol, "),
        ("sort = 'nothing'\n", 1, "sort: cannot sort by 'nothing'"),
        ("sort = 3\n", 1, "sort: has to be a text"),
        ("colors = ''\n", 1, 'colors: has to be a text, as in "green-up"'),
        ("alerts = 'AAPL>1'\n", 1, "alerts: has to be a list of texts"),
        ("alerts = [' ']\n", 1, "alerts: has to be a list of texts"),
        ("positions = 3\n", 1, "positions: has to be an entry [[positions]] a lot"),
        ("[positions]\nAAPL = 1\n", 1, "positions: has to be an entry [[positions]] a lot"),
        ("[[positions]]\nsymbol='A'\n", 1, "positions.1: has no quantity and no cost"),
        ("[[positions]]\nsymbol=3\nquantity=1\ncost=1\n", 2, "positions.1.symbol: has to be a symbol"),
        ("[[positions]]\nsymbol='A'\nquantity=0\ncost=1\n", 3, "positions.1.quantity: has to be a number"),
        ("[[positions]]\nsymbol='A'\nquantity=inf\ncost=1\n", 3, "positions.1.quantity: has to be a number"),
        ("[[positions]]\nsymbol='A'\nquantity=true\ncost=1\n", 3, "positions.1.quantity: has to be a number"),
        (
            "[[positions]]\nsymbol='A'\nquantity=1\ncost=-1\n",
            4,
            "positions.1.cost: has to be the price of one",
        ),
        ("[keys]\nquit = 'xy'\n", 2, 'keys.quit: has to be one character, as in "q"'),
        ("[keys]\nquit = ' '\n", 2, "keys.quit: has to be one character"),
        ("[keys]\nquit = 's'\n", 2, "keys.quit: s is the key of sort already"),
        ("[keys]\nsort = 'x'\nfind = 'x'\n", 3, "keys.find: x is the key of sort already"),
        ('source = "demo\n', 1, "not TOML: Illegal character '\\n': a quote is missing"),
        ("keys = 'q'\n", 1, "keys: has to be a table"),
    ],
)
def test_what_cannot_be_is_named_with_its_line_and_what_to_do(text: str, line: int, said: str) -> None:
    (problem,) = problems_of(text)
    assert (problem.line, problem.fatal) == (line, True)
    assert problem.text.startswith(said)
    assert problem.text.isprintable()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("alias = 3\n", 1, "unknown key alias: did you mean aliases?"),
        ("\nfsp = 3\n", 2, "unknown key fsp: did you mean fps?"),
        ("log_level = 'info'\n", 1, "unknown key log_level: did you mean log-level?"),
        ("zzzzz = 3\n", 1, "unknown key zzzzz"),
        ("seed = 3\n", 1, "unknown key seed: it belongs into [simulator]"),
        ("[servr]\nport = 3\n", 1, "unknown key servr: did you mean server?"),
        ("[server]\nprot = 3\n", 2, "unknown key server.prot: did you mean port?"),
        ("[keys]\nqiut = 'q'\n", 2, "unknown key keys.qiut: did you mean quit?"),
        (
            "[[positions]]\nsymbol='A'\nquantity=1\nprice=1\ncost=1\n", 4, "unknown key positions.1.price",
        ),
        ("'\x1b]0;x' = 3\n".replace("'", '"').replace("\x1b", "\\u001b"), 1, "unknown key ]0;x"),
    ],
)  # fmt: skip
def test_what_is_unknown_is_warned_of_and_the_rest_counts(text: str, line: int, said: str) -> None:
    assert problems_of(text) == (Problem(line, said, fatal=False),)


def test_a_lot_with_a_key_too_many_is_a_lot() -> None:
    config, _ = parse_config("[[positions]]\nsymbol='A'\nquantity=1\nprice=1\ncost=2\n", SCHEMA)
    assert config.positions == {"A": (Lot(1.0, 2.0),)}


def test_all_that_is_wrong_is_named_in_the_order_of_its_lines() -> None:
    problems = problems_of("zzzzz = 1\ncount = 'x'\n[server]\nport = 'x'\n[lists]\na = 1\n")
    assert [(problem.line, problem.fatal) for problem in problems] == [
        (1, False),
        (2, True),
        (4, True),
        (6, True),
    ]


def test_words_mean_what_lists_and_aliases_say_in_the_order_typed() -> None:
    config = config_of(WHOLE)
    assert expand(["msft,@tech", " au x@y "], config) == ["msft", "AAPL", "GC=F", "GC=F", "x@y"]
    assert expand(["@empty"], config) == []
    assert expand(["GOLD", "gold", "-"], Config()) == ["GOLD", "gold", "-"]


def test_the_name_that_is_shown_is_the_first_alias_as_it_is_written() -> None:
    assert config_of(WHOLE).names == {"GC=F": "Gold"}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("@tehc", "no list @tehc: did you mean @tech?"),
        ("@zzz", "no list @zzz: there is @tech, @empty"),
        ("@", "no list @: there is"),
        ("@TECH", "no list @TECH: did you mean @tech?"),
        ("@\x1b[31m", "no list @[31m: there is"),
    ],
)
def test_an_unknown_list_is_named_with_what_was_perhaps_meant(word: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        expand([word], config_of(WHOLE))
    assert str(caught.value).startswith(said)


def test_without_any_list_it_is_said_where_they_would_be() -> None:
    with pytest.raises(UsageError, match=r"the config file has none; `tickstream config` says where it is"):
        expand(["@tech"], Config())


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars.filter(lambda value: value is not None),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
WORDS = [*WHOLE.replace("[", "").replace("]", "").split(), "lists", "aliases", "positions", "symbol", "cost"]


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=8), values, max_size=5))
def test_whatever_a_file_says_it_is_read_or_what_is_wrong_is_named(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)
    config, problems = parse_config(text, SCHEMA)
    assert isinstance(config, Config)
    for problem in problems:
        assert 0 <= problem.line <= text.count("\n") + 1
        assert problem.text.isprintable()


@settings(max_examples=300)
@given(st.text(max_size=100) | st.lists(st.sampled_from(WHOLE.splitlines()), max_size=20).map("\n".join))
def test_whatever_a_text_is_nothing_is_raised(text: str) -> None:
    config, problems = parse_config(text, SCHEMA)
    assert config == Config() or not any(problem.text.startswith("not TOML") for problem in problems)


plain = st.from_regex(r"[A-Za-z0-9^.][A-Za-z0-9.^=&_-]{0,11}", fullmatch=True)
sound = st.fixed_dictionaries(
    {},
    optional={
        "lists": st.dictionaries(plain, st.lists(plain, max_size=3), max_size=3),
        "aliases": st.dictionaries(plain, plain, max_size=3).filter(
            lambda names: len({name.upper() for name in names}) == len(names)
        ),
        "alerts": st.lists(st.sampled_from(["AAPL>200", "TSLA±3%", "X day-high"]), max_size=2),
        "server": st.fixed_dictionaries({}, optional={"port": st.integers(0, 1 << 62)}),
        "fps": st.integers(0, 100) | st.floats(0, 100),
        "json": st.booleans(),
        "log-level": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    },
)


def expected_of(data: dict[str, Any]) -> Config:
    return Config(
        lists={name: tuple(entries) for name, entries in data.get("lists", {}).items()},
        aliases={name: symbol.upper() for name, symbol in data.get("aliases", {}).items()},
        alerts=tuple(data.get("alerts", ())),
        server=data.get("server", {}),
        options={name: data[name] for name in ("fps", "json", "log-level") if name in data},
    )


@given(sound)
def test_whatever_sound_a_file_says_is_read_as_it_was_said(data: dict[str, Any]) -> None:
    assert config_of(tomlkit.dumps(data)) == expected_of(data)


@given(
    sound,
    st.sampled_from([("count", "many", True), ("sort", 5, True), ("colors", [], True), ("fpss", 5, False)]),
)
def test_one_thing_that_is_wrong_is_named_and_costs_none_of_the_others(
    data: dict[str, Any], wrong: tuple[str, Any, bool]
) -> None:
    name, value, fatal = wrong
    config, problems = parse_config(tomlkit.dumps({name: value} | data), SCHEMA)
    assert config == expected_of(data)
    assert [(problem.line, problem.fatal) for problem in problems] == [(1, fatal)]
    assert name in problems[0].text
