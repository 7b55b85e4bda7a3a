"""What CI holds: decoding, lines and frames beside references in the same process, as ratios.

`python3 -m tests.bench.floors` fails where one is worse than half of what was
measured when it was set (below): not where a machine is slow, but where what
we do has become twice as much. A part that fails is measured once more, with more
rounds, before that is said. `--renew` prints what to put below, after a change
that is meant to change it; so does one that makes something much faster.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable

from tests.bench import decode, frame
from tests.bench.frames import HAND_MADE, frames
from tests.bench.measure import Row, alternate, seconds_of
from tickstream.core.mailbox import Every
from tickstream.core.tick import Tick
from tickstream.hub import Hub
from tickstream.sinks.lines import json_format
from tickstream.sources.yahoo.frames import decode as read

MEASURED = "2026-11-27"
FLOORS: dict[str, float] = {
    "frame to tick, vs json + base64 + protobuf alone": 1.22,
    "frame to tick, all fields read, vs the same": 0.39,
    "frame to NDJSON line, vs json + base64 + protobuf + json alone": 15.46,
    "a frame of the table, all 50 rows changed, vs rich.table.Table": 25.50,
    "… 10 rows changed": 92.71,
}
"""How many times as cheap as its reference each was, on that day."""

LINE = "frame to NDJSON line, vs json + base64 + protobuf + json alone"


def line(rounds: int) -> list[Row]:
    """From a frame to its line by way of the hub, without the socket, which is not ours."""
    from google.protobuf.json_format import MessageToDict

    from tickstream.sources.yahoo.pricing_pb2 import PricingData

    texts = list(frames(4000))
    hub, mailbox = Hub(), Every()
    hub.reading([str(said["id"]) for said in HAND_MADE], mailbox).__enter__()

    def ours() -> None:
        out = io.BytesIO()
        for start in range(0, len(texts), 50):
            for text in texts[start : start + 50]:
                tick = read(text)
                if tick:
                    hub.publish(tick)
            out.write(json_format.lines([item for item in mailbox.take() if isinstance(item, Tick)]))

    def alone() -> None:
        out = io.StringIO()
        for text in texts:
            pricing = PricingData.FromString(decode.payload(text))
            out.write(json.dumps(MessageToDict(pricing, preserving_proto_field_name=True)) + "\n")

    def each(run: Callable[[], None]) -> Callable[[], float]:
        return lambda: seconds_of(run) / len(texts) * 1e6

    found = alternate({"ours": each(ours), "alone": each(alone)}, rounds)
    ratio = found["alone"] / found["ours"]
    return [Row(LINE, f"{found['ours']:.1f} us", f"{found['alone']:.1f} us", ratio, ">=", 1.0)]


PARTS: tuple[Callable[[int], list[Row]], ...] = (decode.alone_rows, line, frame.rows)


def times(row: Row) -> float:
    """How many times as cheap as the reference."""
    return row.ratio if row.better == ">=" else 1 / row.ratio


def fallen(rows: list[Row]) -> list[str]:
    """What is worse than half of what it was, in words."""
    return [
        f"{row.name}: {times(row):.2f} × as cheap as its reference; on {MEASURED} {FLOORS[row.name]:.2f} ×"
        for row in rows
        if times(row) < FLOORS[row.name] / 2
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.floors", description=__doc__)
    parser.add_argument(
        "--renew", action="store_true", help="print what was measured, as it stands in this file"
    )
    options = parser.parse_args()
    failed: list[str] = []
    for measure in PARTS:
        rows = measure(7)
        if options.renew:
            print("".join(f'    "{row.name}": {times(row):.2f},\n' for row in rows), end="")
            continue
        if fallen(rows):
            rows = measure(21)
        failed += fallen(rows)
        for row in rows:
            print(f"{row.name}: {times(row):.2f} × as cheap as its reference (was {FLOORS[row.name]:.2f})")
    if failed:
        sys.exit("\n".join(["slower than half of what it was:", *failed]))


if __name__ == "__main__":
    main()
