"""A terminal's screen as a picture, and the words that stand in one."""

from __future__ import annotations

import html
import io
import re
from collections import defaultdict

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

__all__ = ["drawn", "written"]

THEME = TerminalTheme(
    (27, 29, 35),
    (205, 208, 214),
    [(40, 43, 51), (224, 92, 99), (143, 184, 87), (214, 168, 74),
     (98, 150, 220), (176, 122, 205), (84, 176, 190), (205, 208, 214)],
    [(110, 115, 128), (240, 120, 126), (170, 208, 112), (232, 192, 104),
     (130, 176, 240), (200, 150, 226), (112, 200, 212), (240, 242, 246)],
)  # fmt: skip
# A page that shows the picture fetches nothing from elsewhere: the fonts are the reader's own.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*|<!--.*?-->", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "Fira Code, DejaVu Sans Mono, Menlo, Consolas"
)


def drawn(screen: str, columns: int, lines: int, title: str, name: str) -> str:
    """The picture of a screen, given with its styles as escape sequences."""
    console = Console(
        width=columns,
        height=lines,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    for line in screen.split("\n"):
        console.print(Text.from_ansi(line), no_wrap=True, crop=True, soft_wrap=True)
    return console.export_svg(title=title, theme=THEME, code_format=_FORMAT, unique_id=name)


def written(picture: str) -> str:
    """What can be read in a picture, a line a line."""
    lines: dict[int, str] = defaultdict(str)
    for line, text in re.findall(r'<text [^>]*-line-(\d+)\)">(.*?)</text>', picture):
        lines[int(line)] += html.unescape(text).replace("\xa0", " ") + " "
    return "\n".join(lines[line].rstrip() for line in sorted(lines))
