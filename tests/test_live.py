"""The live tests are tests: against the simulator they hold, and by default they are not run at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import environment, simulated

ROOT = Path(__file__).resolve().parents[1]


def pytest_run(*arguments: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        env=environment(**more),
        check=False,
    )
    return done.stdout + done.stderr


def test_against_the_simulator_every_live_test_passes() -> None:
    with simulated() as source:
        said = pytest_run("-m", "live", "tests/live", TICKSTREAM_LIVE_SOURCE=source)
    assert " passed" in said.splitlines()[-1], said
    assert "failed" not in said.splitlines()[-1], said


def test_where_nothing_answers_each_says_so_in_a_line() -> None:
    # But the streamer's, which goes on trying for as long as anybody waits.
    nowhere = "yahoo+http://127.0.0.1:1"
    said = pytest_run("-m", "live", "-k", "not streamer", "tests/live", TICKSTREAM_LIVE_SOURCE=nowhere)
    assert "connection refused" in said
    assert "Traceback" not in said
    assert "passed" not in said.splitlines()[-1]


@pytest.mark.parametrize("arguments", [(), ("tests/live",)])
def test_nothing_of_it_is_run_unless_asked_for(arguments: tuple[str, ...]) -> None:
    said = pytest_run("--collect-only", *(arguments or ("tests/live", "tests/core/test_text.py")))
    assert "test_yahoo.py" not in said
    assert "deselected" in said
