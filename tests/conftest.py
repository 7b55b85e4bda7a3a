"""Settings of all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support import compiled
from tests.support.leaks import Watch, watch_loops
from tickstream.sources.yahoo.cooling import lanes

# The same examples in every run, however loaded the machine: what fails, fails for everybody.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("steady")

watch_loops()


def pytest_configure(config: pytest.Config) -> None:
    compiled.begin(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    compiled.end(config)


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """After each test all that it started has ended, or it fails."""
    watch = Watch()
    # A host that is to rest does so for the whole process; a later test may be given its port again.
    lanes.clear()
    yield
    if left := watch.left():
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)
