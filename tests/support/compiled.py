"""Compiling the tests once for all workers, where each would do it for itself.

A worker imports its share of the test modules before it collects any, so that
it finds those of the others compiled. Where Python is told to write no
bytecode it is written all the same, but into a folder that goes with the run:
to rewrite the assertions of all tests takes ten seconds, and there are several
workers, and what they start compiles tickstream each time.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

__all__ = ["begin", "end"]

_OFF, _PLACE = "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"
_OURS = pytest.StashKey[str]()


def begin(config: pytest.Config) -> None:
    """Called with the configuration, in the process that was started and in each worker."""
    worker: dict[str, object] | None = getattr(config, "workerinput", None)
    if worker is not None:
        _import_share(
            config, int(str(worker["workerid"]).removeprefix("gw")), int(str(worker["workercount"]))
        )
    elif os.environ.get(_OFF) and not os.environ.get(_PLACE):
        config.stash[_OURS] = os.environ[_PLACE] = tempfile.mkdtemp(prefix="tickstream-tests-")
        sys.pycache_prefix, sys.dont_write_bytecode = os.environ[_PLACE], False
        del os.environ[_OFF]


def end(config: pytest.Config) -> None:
    if folder := config.stash.get(_OURS, ""):
        shutil.rmtree(folder, ignore_errors=True)


def _import_share(config: pytest.Config, number: int, count: int) -> None:
    root = Path(__file__).parents[2]
    for path in _asked_for(config)[number::count]:
        # What cannot be imported is said when it is collected.
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(path.relative_to(root).with_suffix("").parts))


def _asked_for(config: pytest.Config) -> list[Path]:
    """The test modules that this run collects."""
    places = {(config.invocation_params.dir / one.partition("::")[0]).resolve() for one in config.args}
    found = (place.rglob("test_*.py") if place.is_dir() else [place] for place in places)
    return sorted({path for paths in found for path in paths})
