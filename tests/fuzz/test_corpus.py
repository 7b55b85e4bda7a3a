"""The kept corpus, tried without atheris: what was once found stays mended."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.fuzz.planted import Planted
from tests.fuzz.targets import NOW, TARGETS, kept, try_planted
from tickstream.sources.yahoo.frames import decode

KINDS = ("coin", "currency", "future", "index", "option", "stock", "stock-early", "stock-london")


def message(name: str) -> bytes:
    (path,) = [path for path in kept("decode") if path.name == name]
    return path.read_bytes()


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_documented_errors_comes_of_what_is_kept(target: str) -> None:
    inputs = kept(target)
    assert len(inputs) >= 20
    for path in inputs:
        try:
            TARGETS[target](path.read_bytes())
        except Exception as error:
            error.add_note(f"of {path.name}")
            raise


@pytest.mark.parametrize("name", KINDS)
def test_there_is_a_message_of_each_kind_from_which_fuzzing_begins(name: str) -> None:
    assert decode(b64encode(message(name)), now=NOW) is not None


def test_the_fault_that_is_planted_is_one() -> None:
    with pytest.raises(Planted):
        try_planted(message("stock").replace(b"NMS", b"NYQ"))


def test_without_atheris_it_says_that_nothing_was_fuzzed() -> None:
    program = (
        "import sys, runpy; sys.modules['atheris'] = None; runpy.run_module('tests.fuzz', None, '__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "commands"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert f"nothing was fuzzed, only the {len(kept('commands'))} kept inputs were tried" in done.stderr
