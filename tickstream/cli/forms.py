"""In which form `tickstream watch` prints, and what goes with each form and what does not."""

from __future__ import annotations

from collections.abc import Mapping

from tickstream.cli.arguments import on_a_terminal
from tickstream.errors import UsageError

__all__ = ["check_form", "printed_form", "template_of"]


def printed_form(asked: Mapping[str, bool], typed: frozenset[str]) -> str:
    """What is printed; what is typed wins over the environment, where words are for people alone."""
    wanted = [name for name, is_asked in asked.items() if is_asked]
    wanted = [name for name in wanted if name in typed or f"{name}_" in typed] or wanted
    if len(wanted) > 1 and "screen_reader" not in typed:
        wanted = [name for name in wanted if name != "screen_reader"]
    if len(wanted) > 1:
        one, other = (name.replace("_", "-") for name in wanted[:2])
        raise UsageError(f"--{one} and --{other} are two formats: give one of them")
    if wanted:
        return "words" if wanted == ["screen_reader"] else wanted[0]
    return "table" if on_a_terminal() else "plain"


def template_of(text: str) -> tuple[str, str]:
    """`bar` where a bar is named, else `template`; checked."""
    from tickstream.core.bars import BARS
    from tickstream.core.template import Template

    name, _, item = text.partition(":")
    if name in BARS:
        Template(item)
        return "bar", text
    if "{" not in text:
        raise UsageError(f"bad --format {text!r}: use '{{id}} {{price}}' or the like, or {', '.join(BARS)}")
    Template(text)
    return "template", text


def check_form(form: str, typed: frozenset[str], *, once: bool) -> None:
    """Refuse what was typed and would be ignored; the environment is for other commands too."""
    for name in ("sort", "fps", "position", "currency"):
        if form != "table" and name in typed:
            raise UsageError(f"--{name} is for the table, and this prints lines: leave it out")
    if once and "position" in typed:
        raise UsageError("--once knows no currencies, which --position needs: leave one of them out")
    if once and "screen_reader" in typed:
        raise UsageError(
            "--once is one look, and --screen-reader reads changes: leave one out, or use --for 30s"
        )
    if form not in ("table", "csv") and "columns" in typed:
        raise UsageError("--columns is for the table and for --csv: leave it out, or add --csv")
    if form != "json" and "events" in typed:
        raise UsageError("--events goes with --json: events are objects among the ticks")
    if once and "until" in typed:
        raise UsageError("--once ends by itself: leave it out, or --until")
    if once and "count" in typed:
        raise UsageError("--once prints a row a symbol, --count so many pushes: give one of them")
