"""The lock: what .ci/run installs is what pyproject.toml asks for, by version and hash."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / ".ci" / "requirements.txt").read_text("utf-8")
MENDED = "run: bash .ci/lock"
"""What to do where it no longer does."""

PLACES = [
    {"python_version": version, "python_full_version": f"{version}.9", "sys_platform": system}
    for version in ("3.11", "3.12", "3.13")
    for system in ("linux", "darwin", "win32")
]


@cache
def locked() -> list[tuple[Requirement, list[str]]]:
    """Each entry of the lock, and its hashes."""
    entries = LOCK.replace("\\\n", " ").splitlines()
    found = []
    for entry in entries:
        if entry and not entry.startswith("#"):
            requirement, *hashes = entry.split("--hash=")
            found.append((Requirement(requirement), [text.strip() for text in hashes]))
    return found


def asked_for() -> Iterator[str]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    yield from data["project"]["dependencies"]
    yield from data["project"]["optional-dependencies"]["test"]
    yield from data["dependency-groups"]["ci"]


def applies(requirement: Requirement, place: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(place | {"platform_machine": "x86_64"})


@pytest.mark.parametrize("asked", list(asked_for()))
def test_what_is_asked_for_is_locked_wherever_it_is_asked_for(asked: str) -> None:
    wanted = Requirement(asked)
    name = canonicalize_name(wanted.name)
    for place in PLACES:
        if not applies(wanted, place):
            continue
        versions = [
            next(iter(entry.specifier)).version
            for entry, _ in locked()
            if canonicalize_name(entry.name) == name and applies(entry, place)
        ]
        assert len(versions) == 1, f"{name} is locked {len(versions)} times for {place}: {MENDED}"
        assert wanted.specifier.contains(versions[0]), f"{name} {versions[0]} is not {asked}: {MENDED}"


def test_each_entry_is_one_version_with_its_hashes() -> None:
    assert len(locked()) > 50
    for entry, hashes in locked():
        assert [specifier.operator for specifier in entry.specifier] == ["=="], entry
        assert entry.url is None
        assert hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), entry


def test_it_names_no_place_to_install_from() -> None:
    assert not re.findall(r"https?://|file:|(?<!\S)-(?!-hash=)\S*", LOCK)
