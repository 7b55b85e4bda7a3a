"""The recorded material beside the project; it is read from there and never copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def recorded_frames() -> list[dict[str, Any]]:
    """Every recorded frame of the streamer that has its raw bytes; skips the test where there are none."""
    folder = SHARED / "yahoo" / "streamer"
    if not folder.is_dir():
        pytest.skip("../shared is absent, and with it the recorded frames")
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return [record for record in map(json.loads, lines) if record["raw"]]


def said_in(record: dict[str, Any]) -> dict[str, Any]:
    """What a tick of this frame says: fields 46 and 47 are parsed, but not shown."""
    return {name: value for name, value in record["decoded"].items() if not name.startswith("field_")}
