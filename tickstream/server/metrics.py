"""Numbers about the server, as Prometheus reads them. No name of a client, a key or a symbol is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

__all__ = ["Metrics"]

Reading = float | Mapping[str, float]
"""A number, or one for each value of a label."""


class Metrics:
    """Counters that are counted here, and gauges that are read when somebody asks."""

    def __init__(self) -> None:
        self._counters: dict[str, tuple[str, str, Counter[str]]] = {}
        self._read: dict[str, tuple[str, str, str, Callable[[], Reading]]] = {}

    def counter(self, name: str, text: str, label: str = "") -> Counter[str]:
        """A counter; without a label it is counted under the empty name."""
        counts: Counter[str] = Counter()
        self._counters[name] = (text, label, counts)
        return counts

    def gauge(self, name: str, text: str, read: Callable[[], Reading], label: str = "") -> None:
        self._read[name] = (text, "gauge", label, read)

    def count(self, name: str, text: str, read: Callable[[], Reading], label: str = "") -> None:
        """A counter that is kept elsewhere."""
        self._read[name] = (text, "counter", label, read)

    def text(self) -> str:
        """All of them, in Prometheus's text format."""
        lines: list[str] = []
        for name, (text, label, counts) in self._counters.items():
            values: Mapping[str, float] = counts if label else {"": counts[""]}
            lines += _metric(name, text, "counter", label, values.items())
        for name, (text, kind, label, read) in self._read.items():
            value = read()
            values = value if isinstance(value, Mapping) else {"": value}
            lines += _metric(name, text, kind, label, values.items())
        return "".join(f"{line}\n" for line in lines)


def _metric(
    name: str, text: str, kind: str, label: str, values: Iterable[tuple[str, float]]
) -> Iterable[str]:
    full = f"tickstream_{name}"
    yield f"# HELP {full} {text}"
    yield f"# TYPE {full} {kind}"
    for labelled, value in sorted(values):
        where = f'{{{label}="{labelled}"}}' if label else ""
        yield f"{full}{where} {value:.10g}"
