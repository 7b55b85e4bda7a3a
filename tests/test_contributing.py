"""What CONTRIBUTING says of the code is so."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATHS = sorted(
    set(re.findall(r"`((?:tickstream|core|sources|sinks|cli|api|server|simulator|tests)/[\w./]+)`", TEXT))
)
ENTRIES = re.findall(r"an entry of `(\w+)` in `([\w/]+)\.py`", TEXT)


@pytest.mark.parametrize("path", [path for path in PATHS if "NAME" not in path and "Source" not in path])
def test_what_the_map_names_is_there(path: str) -> None:
    places = [ROOT / path, ROOT / "tickstream" / path, ROOT / "tickstream" / f"{path}.py"]
    assert any(place.exists() for place in places)


@pytest.mark.parametrize(("table", "module"), ENTRIES)
def test_what_an_entry_is_added_to_is_there(table: str, module: str) -> None:
    assert getattr(importlib.import_module(f"tickstream.{module.replace('/', '.')}"), table)


def test_the_one_command_is_there() -> None:
    assert "bash .ci/run" in TEXT
    assert (ROOT / ".ci" / "run").is_file()
    assert len(ENTRIES) >= 5
