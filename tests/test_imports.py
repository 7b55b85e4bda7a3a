"""Imports point one way, and nothing is imported before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tickstream

ROOT = Path(tickstream.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py") if not path.name.endswith("_pb2.py"))

CORE = {"core", "errors", "files"}
ADAPTERS = {"http", "hub", "poll", "sinks", "sources"}
MAY_IMPORT = {
    "errors": set[str](),
    "files": set[str](),
    "core": {"errors"},
    "http": CORE,
    "hub": CORE,
    "poll": CORE,
    "sources": CORE,
    "sinks": CORE | {"hub"},
    "simulator": CORE | {"http", "sources"},
    "server": CORE | {"http", "hub", "poll", "sources"},
    "api": CORE | ADAPTERS | {"server", "simulator"},
    "cli": CORE | ADAPTERS | {"api", "server", "simulator", "__init__"},
    "__init__": CORE | {"api"},
    "__main__": {"cli"},
}
"""cli → api → server, simulator → http, hub, poll, sources, sinks → core, files → errors: CONTRIBUTING.md."""

HOMES = {
    "rich": {"sinks/paint.py"},
    "typer": {path.relative_to(ROOT).as_posix() for path in (ROOT / "cli").glob("*.py")},
    "google": {"sources/yahoo/frames.py"},
    "h11": {"http/plain.py"},
    "httpx": {f"sources/yahoo/{name}.py" for name in ("browser", "credentials", "exchange")},
    "holidays": {"core/calendar.py"},
    "desktop_notifier": {"sinks/notify.py"},
    "platformdirs": {"cli/configfile.py", "cli/suggesting.py", "sources/yahoo/kind.py"},
    "tomlkit": {"cli/saving.py"},
    "redis": {f"server/cluster/{name}.py" for name in ("cluster", "connect", "line")},
    "zstandard": {"core/packing.py"},
}
"""Who may import a library that not everybody pays for."""

NO_IO = {
    "asyncio",
    "socket",
    "ssl",
    "threading",
    "subprocess",
    "os",
    "io",
    "pathlib",
    "time",
    "random",
    "sys",
}
PURE_EXCEPTIONS = {("core/retry.py", "random")}
"""The default source of jitter, which is a parameter."""


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports within the package are absolute"
            yield node.module or ""


def part(module: str) -> str:
    """The part of tickstream that a module belongs to."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "__init__"


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    own = name_of(path).partition("/")[0].removesuffix(".py")
    others = {part(module) for module in imported(path) if module.split(".")[0] == "tickstream"} - {own}
    assert others <= MAY_IMPORT[own]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_live_where_they_belong(path: Path) -> None:
    found = {module.split(".")[0] for module in imported(path)}
    assert all(name_of(path) in homes for library, homes in HOMES.items() if library in found)


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path).startswith("core/")], ids=name_of)
def test_the_core_has_no_input_or_output(path: Path) -> None:
    found = {(name_of(path), module.split(".")[0]) for module in imported(path)}
    assert {pair for pair in found if pair[1] in NO_IO} <= PURE_EXCEPTIONS


def test_a_sink_cannot_publish_and_a_source_cannot_read() -> None:
    assert "hub" not in MAY_IMPORT["sources"]
    for path in (ROOT / "sinks").glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        assert not [
            call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "publish"
        ]


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {module.split(".")[0] for module in done.stdout.split()}


def test_importing_the_package_loads_nothing_else() -> None:
    assert not loaded_by("import tickstream") & {
        "asyncio",
        "msgspec",
        "websockets",
        "google",
        "rich",
        "typer",
    }


def test_the_command_line_loads_only_typer_until_a_command_runs() -> None:
    heavy = {"asyncio", "msgspec", "websockets", "google", "rich", "h11", "httpx", "holidays", "platformdirs"}
    heavy |= {"tomllib", "tomlkit"}
    assert not loaded_by("import tickstream.cli.app") & heavy


HEAVY = {"rich", "httpx", "websockets", "asyncio", "msgspec", "google", "pydantic"}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["completion", "symbols", "A"]])
def test_who_asks_what_there_is_waits_for_no_library(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tickstream", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert done.stdout
    assert "tickstream" in loaded
    assert not loaded & HEAVY
    assert ("typer" in loaded) == (arguments[0] == "--help")


def test_a_live_table_loads_no_panel_and_no_calendar_before_somebody_asks_for_one() -> None:
    code = "import tickstream.cli.browsing, tickstream.sinks.live, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "tickstream.sinks.table" in loaded
    later = ("tickstream.sinks.panels", "tickstream.core.hours", "tickstream.core.exchanges", "httpx")
    assert not [module for module in loaded if module.startswith(later)]


def test_a_header_that_says_that_new_york_is_open_loads_no_holidays() -> None:
    code = (
        "import sys, time; from tickstream.core.hours import market_line;"
        "from tickstream.core.values import MarketTime, Part; now = time.time();"
        "open_now = MarketTime(open=True, opens=now - 3600, closes=now + 90000, time=now);"
        "assert market_line({'markettime': Part.of(open_now, now, 60.0)}, now).open;"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "holidays" not in done.stdout.split()


def test_the_exported_names_are_those_that_exist_and_each_is_what_it_says() -> None:
    homes = {name for names in tickstream._HOMES.values() for name in names}
    assert tickstream.__all__ == sorted([*homes, "__version__"])
    assert dir(tickstream) == tickstream.__all__
    for name in homes:
        assert getattr(tickstream, name).__name__ == name


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tickstream.nothing  # noqa: B018


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_what_a_module_exports_it_has(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
    }
    for node in tree.body:
        if isinstance(node, ast.Assign):
            defined |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined.add(node.target.id)
        if isinstance(node, ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in node.names}
    exported: list[str] = next(
        (
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and "__all__" in ast.dump(node.targets[0])
        ),
        [],
    )
    if name_of(path) != "__init__.py":
        assert set(exported) <= defined


def module_of(path: Path) -> str:
    return ".".join(("tickstream", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def test_no_module_imports_itself_by_way_of_others() -> None:
    names = {module_of(path) for path in MODULES}
    graph = {module_of(path): {module for module in imported(path) if module in names} for path in MODULES}
    # A package that gathers the names of its modules is not imported by them for its own sake.
    graph["tickstream"] = set()

    def reaches(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(graph[start])
        while todo:
            module = todo.pop()
            if module not in seen:
                seen.add(module)
                todo += graph[module]
        return seen

    assert not [name for name in graph if name in reaches(name)]
