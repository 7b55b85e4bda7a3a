"""The workflows: each action is pinned by its commit, and each job may do no more than it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / ".github" / "workflows"
WORKFLOWS = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.yml")}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_action_is_pinned_by_its_commit_and_says_which_version_that_is(name: str) -> None:
    used = re.findall(r"uses: (\S+)(.*)", WORKFLOWS[name])
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_one_action_is_of_one_version_everywhere() -> None:
    used = re.findall(r"uses: ([\w.-]+/[\w.-]+)@(\S+ # \S+)", "\n".join(WORKFLOWS.values()))
    assert len(dict(used)) == len(set(used))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_is_permitted_but_by_a_job(name: str) -> None:
    text = WORKFLOWS[name]
    assert "\npermissions: {}\n" in text
    assert "pull_request_target" not in text
    jobs = text.partition("\njobs:\n")[2]
    assert len(re.findall(r"^  \w+:$", jobs, re.M)) == jobs.count("    permissions:\n")
