"""Fuzz one target for some seconds, from the kept corpus; ends with an error when one is found."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable

Target = Callable[[bytes], None]


def main() -> None:
    options = _options()
    try:
        import atheris
    except ImportError:
        _try_the_corpus(options.target)
        return
    # Only what is imported in here counts as covered.
    with atheris.instrument_imports(include=["tickstream", "tests.fuzz.planted"]):
        from tests.fuzz.targets import TARGETS, kept
    found = tempfile.gettempdir()
    atheris.Setup(
        [
            sys.argv[0],
            f"-seed_inputs={','.join(map(str, kept(options.target)))}",
            f"-max_total_time={options.seconds}",
            f"-artifact_prefix={found}/tickstream-{options.target}-",
            "-max_len=1024",
            "-timeout=10",
            "-print_final_stats=1",
            f"-seed={options.seed}",
        ],
        TARGETS[options.target],
    )
    atheris.Fuzz()


def _try_the_corpus(target: str) -> None:
    from tests.fuzz.targets import TARGETS, kept

    inputs = kept(target)
    for path in inputs:
        TARGETS[target](path.read_bytes())
    print(
        f"atheris is not installed, or cannot be on Python {sys.version_info[0]}.{sys.version_info[1]}: "
        f"nothing was fuzzed, only the {len(inputs)} kept inputs were tried once",
        file=sys.stderr,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=["decode", "commands", "planted"])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0, help="of libFuzzer; 0 is another one in each run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
