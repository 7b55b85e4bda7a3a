"""A pipe for a test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.descriptors import close_ends
from tests.support.pipes import Pipe


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """The two ends of a pipe: where to read, where to write."""
    ends = os.pipe()
    yield ends
    close_ends(*ends)
