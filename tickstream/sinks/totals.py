"""The totals of all positions, in the header: as much of them as there is room for, and nothing jumps."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.core.figures import number_text, percent_cell, tone_of
from tickstream.core.positions import Totals
from tickstream.sinks.frame import Piece, pieces_width
from tickstream.sinks.paint import fit, width_of

__all__ = ["HIDDEN", "TotalsLine"]

HIDDEN = "•••"
"""What stands for an amount that is hidden."""

_LEVELS = (
    ("value", "day", "day%", "gain", "gain%"),
    ("value", "day", "gain", "gain%"),
    ("value", "day", "gain"),
    ("day", "gain"),
    ("day",),
)
"""What is shown, from much room to little."""
_LABELS = {"day": "day ", "gain": "P/L "}


class TotalsLine:
    """Draws totals; an amount keeps the room that it once needed."""

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}

    def pieces(self, totals: Totals, room: int, *, hidden: bool = False, old: bool = False) -> list[Piece]:
        """The most of `totals` that fits into `room` columns; what is waited for where they are not known."""
        if totals.missing:
            return _missing_pieces(totals.missing, room)
        known = self._known(totals, hidden=hidden)
        for names in _LEVELS:
            pieces = [piece for name in names if name in known for piece in known[name]]
            if pieces_width(pieces) <= room:
                return [(text, "dim") for text, _ in pieces] if old else pieces
        return []

    def _known(self, totals: Totals, *, hidden: bool) -> dict[str, list[Piece]]:
        pieces: dict[str, list[Piece]] = {}
        if totals.value is not None:
            text = self._amount("value", HIDDEN if hidden else number_text(totals.value, 2))
            pieces["value"] = [("  ", ""), (f"{text} {totals.currency}", "bold")]
        gains = (("day", totals.day_gain, totals.day_percent), ("gain", totals.gain, totals.gain_percent))
        for name, gain, percent in gains:
            if gain is None:
                continue
            text = self._amount(name, HIDDEN if hidden else number_text(gain, 2, sign=True))
            pieces[name] = [("  ", ""), (_LABELS[name], "dim"), (text, tone_of(gain))]
            if percent is not None:
                cell = percent_cell(percent, tone_of(gain))
                pieces[f"{name}%"] = [(" ", ""), (self._amount(f"{name}%", cell.text), cell.tone)]
        return pieces

    def _amount(self, name: str, text: str) -> str:
        self._widths[name] = max(self._widths.get(name, 0), width_of(text))
        return fit(text, self._widths[name], left=False)


def _missing_pieces(missing: Sequence[str], room: int) -> list[Piece]:
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    for text in (f"  totals wait for {missing[0]}{more}", "  no totals yet"):
        if width_of(text) <= room:
            return [(text, "warn")]
    return []
