"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

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
