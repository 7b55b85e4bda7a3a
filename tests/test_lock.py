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
MENDED = "run: bash .ci/lock"
"""What to do where a lock no longer does."""

LOCKS = ("requirements.txt", "release.txt")
PLACES = [
    {"python_version": version, "python_full_version": f"{version}.9", "sys_platform": system}
    for version in ("3.11", "3.12", "3.13")
    for system in ("linux", "darwin", "win32")
]


def text_of(lock: str) -> str:
    return (ROOT / ".ci" / lock).read_text("utf-8")


@cache
def entries_of(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Each entry of a lock, and its hashes."""
    found = []
    for entry in text_of(lock).replace("\\\n", " ").splitlines():
        if entry and not entry.startswith("#"):
            requirement, *hashes = entry.split("--hash=")
            found.append((Requirement(requirement), [text.strip() for text in hashes]))
    return found


def asked_for() -> Iterator[tuple[str, str]]:
    """What pyproject.toml asks for, and the lock that it has to be in."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, groups = data["project"], data["dependency-groups"]
    for asked in (*project["dependencies"], *project["optional-dependencies"]["test"], *groups["ci"]):
        yield "requirements.txt", asked
    for asked in (*groups["release"], *data["build-system"]["requires"]):
        yield "release.txt", asked


def applies(requirement: Requirement, place: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(place | {"platform_machine": "x86_64"})


@pytest.mark.parametrize(("lock", "asked"), list(asked_for()))
def test_what_is_asked_for_is_locked_wherever_it_is_asked_for(lock: str, asked: str) -> None:
    wanted = Requirement(asked)
    name = canonicalize_name(wanted.name)
    for place in PLACES:
        if not applies(wanted, place):
            continue
        versions = [
            next(iter(entry.specifier)).version
            for entry, _ in entries_of(lock)
            if canonicalize_name(entry.name) == name and applies(entry, place)
        ]
        assert len(versions) == 1, f"{name} is locked {len(versions)} times for {place}: {MENDED}"
        assert wanted.specifier.contains(versions[0]), f"{name} {versions[0]} is not {asked}: {MENDED}"


@pytest.mark.parametrize("lock", LOCKS)
def test_each_entry_is_one_version_with_its_hashes(lock: str) -> None:
    assert len(entries_of(lock)) > 20
    for entry, hashes in entries_of(lock):
        assert [specifier.operator for specifier in entry.specifier] == ["=="], entry
        assert entry.url is None
        assert hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_it_names_no_place_to_install_from(lock: str) -> None:
    assert not re.findall(r"https?://|file:|(?<!\S)-(?!-hash=)\S*", text_of(lock))
