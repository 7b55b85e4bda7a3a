"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.process import run

OTHERS = {"--json", "--read-only", "--tmpfs", "--cap-drop", "--env-file", "--no-cache-dir"}
"""Options in its section on serving that are of other commands and programs."""
ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    """All commands of the README, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_the_first_two_commands_do_all_the_set_up() -> None:
    assert commands()[:2] == [
        "python3 -m pip install . && tickstream watch AAPL BTC-USD --demo",
        "python3 -m pip install -e '.[test]' && python3 -m pytest",
    ]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    pattern = re.search(r'grep -m 1 -oE "(.*)" README\.md', script)
    assert pattern is not None
    assert re.findall(pattern[1], README) == [commands()[1]]


def test_the_changelog_has_the_version_of_the_package_or_is_unreleased() -> None:
    import tickstream

    top = re.search(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert top is not None
    assert top[1] in ("Unreleased", tickstream.__version__)


def test_the_close_codes_are_those_that_the_server_has() -> None:
    from tickstream.server import client

    has = {value for name, value in vars(client).items() if name in client.__all__ and isinstance(value, int)}
    ranges = {4000, 4500}
    assert {int(code) for code in re.findall(r"\b4[05][0-9]{2}\b", README)} - ranges == has


def test_each_setting_of_the_server_that_it_names_there_is() -> None:
    said = run("serve", "--help").stdout
    served = README[README.index("## Serve it to many") : README.index("## Reliability")]
    for option in set(re.findall(r"(?<=[ `])--[a-z-]+", served)) - OTHERS:
        assert option in said
    for name in re.findall(r"TICKSTREAM_([A-Z_]+)", served):
        assert f"--{name.lower().replace('_', '-')}" in said


def test_what_it_says_of_limits_is_what_they_are() -> None:
    from tickstream.server.settings import Limits, Settings

    limits = Limits()
    said = " ".join(README.split())
    assert f"{limits.symbols} symbols and {limits.commands:g} messages a second a client" in said
    assert f"{limits.clients:,} clients, {limits.per_address} an address and {limits.per_key:,} a key" in said
    assert f"{Settings().upstream_rate} requests a minute to Yahoo" in said
