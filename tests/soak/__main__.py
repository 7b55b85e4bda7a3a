"""`python -m tests.soak`: runs a soak, prints what came of it, and ends with 1 where something was wrong."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict

from tests.soak.faults import FAULTS
from tests.soak.run import Outcome, Plan, soak


def main() -> None:
    options = _options()
    faults = tuple(options.faults.split(",")) if options.faults else tuple(FAULTS)
    if unknown := [name for name in faults if name not in FAULTS]:
        sys.exit(f"no fault {unknown[0]!r}: there are {', '.join(FAULTS)}")
    seconds = options.minutes * 60
    plan = Plan(
        seconds=seconds,
        interval=options.interval,
        seed=options.seed,
        rate=options.rate,
        faults=faults,
        warm_up=min(600.0, seconds / 3),
    )
    # Whoever ends it ends all that it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = asyncio.run(soak(plan, lambda text: print(text, file=sys.stderr, flush=True)))
    except KeyboardInterrupt:
        sys.exit(130)
    print(json.dumps(asdict(outcome), indent=1) if options.json else as_text(outcome))
    for text in (*outcome.wrong, *(outcome.examples if outcome.wrong else ())):
        print(f"WRONG  {text}", file=sys.stderr)
    sys.exit(1 if outcome.wrong else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long faults are injected (30)")
    parser.add_argument("--interval", type=float, default=60.0, help="seconds from fault to fault (60)")
    parser.add_argument("--seed", type=int, default=0, help="of the order after the first round (0)")
    parser.add_argument("--rate", type=float, default=80.0, help="pushes a second (80)")
    parser.add_argument("--faults", help=f"only these: {','.join(FAULTS)}")
    parser.add_argument("--json", action="store_true", help="print what came of it as JSON")
    return parser.parse_args()


def as_text(outcome: Outcome) -> str:
    """What came of it, for people."""
    lines = [
        f"{outcome.seconds / 60:.1f} minutes, {outcome.sent:,} ticks sent, {len(outcome.injected)} faults:"
        f" {', '.join(outcome.injected)}",
        f"{outcome.connections} WebSockets to the simulator; reconnects said by the tables:"
        f" {', '.join(f'{name} {count}' for name, count in outcome.reconnects.items())}",
        "",
        "who                        received     lost  in said gaps  said dropped  not said"
        "  repeated  doubled  back  gaps  states  unreadable",
    ]
    for one in outcome.balances:
        kind = "" if one.every else "  (rows: may skip)"
        lines.append(
            f"{one.name:<25}{one.received:>10}{one.lost:>9}{one.in_gaps:>14}{one.dropped:>14}{one.unsaid:>10}"
            f"{one.repeated:>10}{one.doubled:>9}{one.backwards:>6}{one.reconnects:>6}"
            f"{one.states:>8}{one.unreadable:>12}{kind}"
        )
    lines += [
        "",
        "process                    own MiB: start   most    end   MiB/h after warm-up        fds  threads",
    ]
    for process in outcome.processes:
        start, most, end = process.memory
        slope = "too short" if process.slope is None else str(process.slope)
        lines.append(
            f"{process.name:<25}{start:>17.1f}{most:>7.1f}{end:>7.1f}   {slope:<24}"
            f"{process.files[0]:>4} {process.files[1]:>3}{process.threads[0]:>4} {process.threads[1]}"
        )
    lines += ["", "the servers' gauges: start, most, end"]
    lines += [
        f"{name:<18} {' '.join(f'{one:g}' for one in values)}" for name, values in outcome.gauges.items()
    ]
    lines.append("")
    for name, (documents, longest) in outcome.documents.items():
        lines.append(f"{name}: {documents} documents, at most {longest:.1f} s apart")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
